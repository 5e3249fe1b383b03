//! One producer opened up: where each record is between `send()` and its callback.

use std::rc::Rc;

use yew::prelude::*;

use super::ledger::Ledger;
use super::next::duration;
use crate::app::{AppContext, Selection, use_app};
use crate::controls::actor::transaction_actions;
use crate::engine::{
    Actor, Command, ProducerBatchStage, ProducerBatchView, ProducerTransactionView, ProducerView, SettingScope,
    TopicPartition, TransactionCall,
};
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct ProducerProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// The settings that decide what becomes of a record.
const SHOWN_SETTINGS: [&str; 12] = [
    "acks",
    "enable.idempotence",
    "transaction.timeout.ms",
    "linger.ms",
    "batch.size",
    "buffer.memory",
    "max.block.ms",
    "max.in.flight.requests.per.connection",
    "retries",
    "retry.backoff.ms",
    "request.timeout.ms",
    "delivery.timeout.ms",
];

/// The tab.
#[component]
pub fn ProducerTab(props: &ProducerProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let chosen = use_state_eq(|| None::<u32>);
    let view = &props.snapshot.view;
    let selected = match props.selection.as_deref() {
        Some(Selection::Actor(Actor::Producer(number))) => Some(*number),
        Some(Selection::Actor(_) | Selection::Partition(_) | Selection::Request(_)) | None => None,
    };
    let here = chosen.or(selected);
    let producer = view.producers.iter().find(|each| Some(each.number) == here).or(view.producers.first());
    let number = producer.map(|producer| producer.number);
    let settings = use_memo((props.snapshot.clone(), number), |(_, number)| {
        let scope = number.map(SettingScope::Producer);
        scope.map(|scope| app.session.read(|history| history.cluster().settings(&scope))).unwrap_or_default()
    });
    let Some(producer) = producer else { return html! { <p class="faint">{ i18n.format("no-producer") }</p> } };
    let number = producer.number;
    let picks = view.producers.iter().map(|each| {
        let (chosen, number) = (chosen.clone(), each.number);
        let pick = Callback::from(move |_: MouseEvent| chosen.set(Some(number)));
        let is_on = number == producer.number;
        html! { <button key={number} data-testid={format!("producer-{number}")} aria-pressed={is_on.to_string()} onclick={pick}>{ i18n.actor(Actor::Producer(number)) }</button> }
    });
    let value =
        |name: &str| settings.iter().find(|setting| setting.name == name).and_then(|setting| setting.value.clone());
    let batch_size = value("batch.size").and_then(|size| size.parse().ok()).unwrap_or(0u32);
    let listed = SHOWN_SETTINGS.into_iter().filter_map(|name| Some((name, value(name)?)));
    html! {
        <div class="tab-page producer" data-testid="producer-tab">
            if view.producers.len() > 1 {
                <div class="segments" role="group" aria-label={i18n.format("producers")}>{ for picks }</div>
            }
            <div class="plan">
                { waiting_for_metadata(producer, &i18n) }
                { identity(producer, &i18n) }
                { outcome(producer, &i18n) }
            </div>
            if let Some(transaction) = &producer.transaction {
                <TransactionSection producer={number} transaction={transaction.clone()} is_running={producer.is_running} />
            }
            <h3>{ i18n.format("producer-batches") }</h3>
            if producer.batches.is_empty() {
                <p class="faint">{ i18n.format("producer-no-batch") }</p>
            }
            { siblings(partitions(producer).into_iter().map(|partition| queue(producer, &partition, batch_size, view.now_ms, &i18n))) }
            <h3>{ i18n.format("ledger") }</h3>
            <Ledger snapshot={props.snapshot.clone()} producer={number} />
            <h3>{ i18n.format("producer-settings") }</h3>
            <dl class="producer-settings">
                { siblings(listed.map(|(name, value)| html! { <div key={name}><dt><code>{ name }</code></dt><dd>{ value }</dd></div> })) }
            </dl>
        </div>
    }
}

/// What the section of the transaction shows.
#[derive(Clone, PartialEq, Properties)]
struct TransactionProps {
    producer: u32,
    transaction: ProducerTransactionView,
    is_running: bool,
}

/// The transaction as this producer knows it, and what its application may call now.
#[component]
fn TransactionSection(props: &TransactionProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let TransactionProps { producer, transaction, is_running } = props;
    let actions = if *is_running { transaction_actions(transaction) } else { Vec::new() };
    let calls = actions.into_iter().map(|(word, command)| {
        let (app, command) = (app.clone(), command(*producer));
        let press = Callback::from(move |_: MouseEvent| {
            app.act(command.clone());
        });
        html! { <button key={word} data-testid={word} onclick={press}>{ i18n.format(word) }</button> }
    });
    let sends_offsets = transaction.calls.contains(&TransactionCall::SendOffsetsToTransaction);
    let consumers = props.consumers(&app, sends_offsets && *is_running && transaction.application.is_none());
    let offsets = consumers.into_iter().map(|consumer| {
        let (app, producer) = (app.clone(), *producer);
        let press = Callback::from(move |_: MouseEvent| {
            app.act(Command::SendOffsetsToTransaction { producer, consumer });
        });
        let word = i18n.format_with("send-offsets-to-transaction", [("consumer", consumer.into())]);
        html! { <button key={consumer} data-testid={format!("send-offsets-{consumer}")} onclick={press}>{ word }</button> }
    });
    let version = match transaction.is_version_2 {
        Some(true) => i18n.format("transaction-version-2"),
        Some(false) => i18n.format("transaction-version-1"),
        None => i18n.format("transaction-version-unknown"),
    };
    let coordinator = match transaction.coordinator {
        ..0 => i18n.format("transaction-no-coordinator"),
        node => i18n.format_with("transaction-coordinator", [("node", node.into())]),
    };
    let partitions = transaction.partitions.iter().map(|partition| {
        html! { <code key={partition.to_string()} class="chip">{ partition.to_string() }</code> }
    });
    html! {
        <section class="pipeline-place" data-testid="producer-transaction">
            <h3>{ i18n.format("producer-transaction") }</h3>
            <p><code>{ &transaction.transactional_id }</code>{ " · " }<b data-testid="transaction-state">{ transaction.state.to_string() }</b></p>
            if let Some(error) = transaction.error {
                <p class="warn">{ i18n.format_with("transaction-error", [("error", error.name().into())]) }</p>
            }
            <p class="faint">{ version }{ " " }{ coordinator }</p>
            if let Some(consumer) = transaction.application {
                <p>{ i18n.format_with("transaction-of-application", [("consumer", consumer.into())]) }</p>
            }
            <p class="chips">{ for partitions }</p>
            <div class="buttons">{ siblings(calls) }{ siblings(offsets) }</div>
        </section>
    }
}

impl TransactionProps {
    /// The consumers whose positions can be committed with the transaction now.
    fn consumers(&self, app: &AppContext, may_send: bool) -> Vec<u32> {
        if !may_send {
            return Vec::new();
        }
        app.session.read(|history| {
            let running = history.cluster().consumers().filter(|consumer| consumer.is_running());
            running.filter(|consumer| consumer.consumed_offsets().is_some()).map(|consumer| consumer.number()).collect()
        })
    }
}

/// The first place: records whose partition waits for metadata.
fn waiting_for_metadata(producer: &ProducerView, i18n: &I18n) -> Html {
    let leaders = producer.known_leaders.iter().map(|(partition, leader)| {
        let text = if *leader < 0 { format!("{partition} → –") } else { format!("{partition} → {leader}") };
        html! { <code key={partition.to_string()} class="chip">{ text }</code> }
    });
    html! {
        <section class="pipeline-place">
            <h3>{ "send()" }</h3>
            <p>{ i18n.format_with("producer-unassigned", [("records", producer.unassigned.into())]) }</p>
            <p data-testid="producer-memory">{ i18n.format_with("producer-memory", [
                ("available", producer.available_memory.into()),
                ("total", producer.buffer_memory.into()),
            ]) }</p>
            <p class="faint">{ i18n.format("producer-known-leaders") }</p>
            <p class="chips">{ for leaders }</p>
        </section>
    }
}

/// Who the producer is, for the partitions' memory of it.
fn identity(producer: &ProducerView, i18n: &I18n) -> Html {
    let Some(known) = &producer.idempotence else {
        return html! {
            <section class="pipeline-place">
                <h3>{ i18n.format("producer-identity") }</h3>
                <p>{ i18n.format("producer-not-idempotent") }</p>
            </section>
        };
    };
    let said = if known.producer_id >= 0 {
        i18n.format_with("producer-id-line", [("id", known.producer_id.into()), ("epoch", known.epoch.into())])
    } else if known.is_asked {
        i18n.format("producer-id-asked")
    } else {
        i18n.format("producer-id-none")
    };
    let rows = known.sequences.iter().map(|(partition, next, acknowledged)| {
        let acknowledged = if *acknowledged < 0 { "–".to_owned() } else { acknowledged.to_string() };
        html! {
            <tr key={partition.to_string()}>
                <th scope="row"><code>{ partition.to_string() }</code></th><td>{ acknowledged }</td><td>{ *next }</td>
            </tr>
        }
    });
    html! {
        <section class="pipeline-place">
            <h3>{ i18n.format("producer-identity") }</h3>
            <p data-testid="producer-id">{ said }</p>
            if !known.sequences.is_empty() {
                <table class="data">
                    <thead><tr>
                        <th>{ i18n.format("partition") }</th>
                        <th>{ i18n.format("producer-last-acknowledged") }</th>
                        <th>{ i18n.format("producer-next-sequence") }</th>
                    </tr></thead>
                    <tbody>{ for rows }</tbody>
                </table>
            }
        </section>
    }
}

/// What became of records.
fn outcome(producer: &ProducerView, i18n: &I18n) -> Html {
    html! {
        <section class="pipeline-place">
            <h3>{ i18n.format("producer-callbacks") }</h3>
            <p>{ i18n.format_with("producer-outcome-acknowledged", [("records", producer.acknowledged.into())]) }</p>
            <p class={classes!((producer.failed > 0).then_some("warn"))}>{ i18n.format_with("producer-outcome-failed", [("records", producer.failed.into())]) }</p>
        </section>
    }
}

fn partitions(producer: &ProducerView) -> Vec<TopicPartition> {
    let mut partitions: Vec<TopicPartition> = producer.batches.iter().map(|batch| batch.partition.clone()).collect();
    partitions.dedup();
    partitions
}

/// The batches of one partition, the oldest first.
fn queue(producer: &ProducerView, partition: &TopicPartition, batch_size: u32, now_ms: u64, i18n: &I18n) -> Html {
    let batches = producer.batches.iter().filter(|batch| batch.partition == *partition);
    html! {
        <section key={partition.to_string()} class="producer-queue">
            <h4><code>{ partition.to_string() }</code></h4>
            <ol>{ for batches.map(|each| batch(each, batch_size, now_ms, i18n)) }</ol>
        </section>
    }
}

fn batch(batch: &ProducerBatchView, batch_size: u32, now_ms: u64, i18n: &I18n) -> Html {
    let left = |until_ms: u64| duration(until_ms.saturating_sub(now_ms), i18n);
    let (class, said) = match batch.stage {
        ProducerBatchStage::Lingers { until_ms } => {
            ("lingers", i18n.format_with("producer-batch-lingers", [("left", left(until_ms).into())]))
        }
        ProducerBatchStage::Ready => ("ready", i18n.format("producer-batch-ready")),
        ProducerBatchStage::BacksOff { until_ms } => {
            ("backs-off", i18n.format_with("producer-batch-backs-off", [("left", left(until_ms).into())]))
        }
        ProducerBatchStage::InFlight { node } => {
            ("in-flight", i18n.format_with("producer-batch-in-flight", [("node", node.into())]))
        }
    };
    let filled = f64::from(batch.size_bytes) / f64::from(batch_size.max(1));
    html! {
        <li key={batch.number} class={classes!("producer-batch", class)} data-testid="producer-batch">
            <b>{ said }</b>
            <span>{ i18n.format_with("producer-batch-line", [
                ("records", batch.records.into()), ("bytes", batch.size_bytes.into()), ("attempts", batch.attempts.into()),
            ]) }</span>
            if let Some(sequence) = batch.base_sequence {
                <span>{ i18n.format_with("producer-batch-sequence", [("sequence", sequence.into())]) }</span>
            }
            <span class="faint">{ i18n.format_with("producer-batch-expires", [("left", left(batch.expires_ms).into())]) }</span>
            <progress max="1" value={filled.min(1.0).to_string()} aria-label={i18n.format("producer-batch-filled")} />
        </li>
    }
}
