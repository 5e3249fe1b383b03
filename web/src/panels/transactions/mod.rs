//! Transactions: where each transactional id stands, what its end still waits for, and what readers of the partitions get.

mod diagram;
mod readers;

use std::rc::Rc;

use yew::prelude::*;

use super::coordinator_log::CoordinatorLog;
use super::next::duration;
use super::offset_axis::axis_keys;
use crate::app::{Action, AppContext, Selection, Tab, use_app};
use crate::engine::{Actor, TopicPartition, TransactionState, TransactionView};
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;
use diagram::state_diagram;
use readers::readers;

/// What is drawn on the partitions' axes, and the messages of its names.
const KEYS: [(&str, &str); 5] = [
    ("committed", "txn-axis-both"),
    ("held", "txn-axis-held"),
    ("aborted", "txn-axis-aborted"),
    ("lso", "axis-lso"),
    ("hw", "axis-hw"),
];

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct TransactionsProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// The tab.
#[component]
pub fn TransactionsTab(props: &TransactionsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let chosen = use_state_eq(|| None::<String>);
    let now_ms = props.snapshot.view.now_ms;
    let view = use_memo(props.snapshot.clone(), |_| app.session.read(|history| history.cluster().transactions()));
    let selected = props.selection.as_deref().and_then(Selection::partition);
    let transaction = view
        .transactions
        .iter()
        .find(|each| Some(&each.transactional_id) == (*chosen).as_ref())
        .or(view.transactions.first());
    let picks = view.transactions.iter().map(|each| {
        let (chosen, id) = (chosen.clone(), each.transactional_id.clone());
        let is_on = Some(each) == transaction;
        let pick = Callback::from(move |_: MouseEvent| chosen.set(Some(id.clone())));
        html! { <button key={each.transactional_id.clone()} data-testid={format!("pick-transaction-{}", each.transactional_id)} aria-pressed={is_on.to_string()} onclick={pick}>{ &each.transactional_id }</button> }
    });
    // What is followed stands first.
    let followed = view.partitions.iter().filter(|each| Some(&each.partition) == selected);
    let others = view.partitions.iter().filter(|each| Some(&each.partition) != selected);
    html! {
        <div class="tab-page transactions" data-testid="transactions-tab">
            if view.transactions.len() > 1 {
                <div class="segments" role="group" aria-label={i18n.format("tab-transactions")}>{ for picks }</div>
            }
            if let Some(transaction) = transaction {
                { one(transaction, now_ms, selected, &app, &i18n) }
            } else {
                { nothing(&app, &i18n) }
            }
            <h3>{ i18n.format("txn-partitions") }</h3>
            if view.partitions.is_empty() {
                <p class="faint">{ i18n.format("txn-no-partition") }</p>
            } else {
                <p>{ i18n.format("txn-readers-mean") }</p>
                { axis_keys(&KEYS, &i18n) }
            }
            { siblings(followed.chain(others).map(|each| readers(each, selected, &app, &i18n))) }
        </div>
    }
}

/// No transactional id is known: how to make one.
fn nothing(app: &AppContext, i18n: &I18n) -> Html {
    let open = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.page(Action::Tab(Tab::Lab)))
    };
    html! {
        <section data-testid="no-transaction">
            <p>{ i18n.format("no-transaction") }</p>
            <button data-testid="open-lab" onclick={open}>{ i18n.format("txn-open-lab") }</button>
        </section>
    }
}

/// One transactional id.
fn one(
    transaction: &TransactionView,
    now_ms: u64,
    selected: Option<&TopicPartition>,
    app: &AppContext,
    i18n: &I18n,
) -> Html {
    let row = |word: &str, value: String| html! { <div><dt>{ i18n.format(word) }</dt><dd>{ value }</dd></div> };
    let state = transaction.state.name();
    let timeout = match transaction.timeout_ms {
        Some(ms) => i18n.format_with("group-ms", [("ms", ms.into())]),
        None => i18n.format("txn-no-timeout"),
    };
    let next: Vec<&str> = transaction.next_states().map(TransactionState::name).collect();
    let next = if next.is_empty() { "–".to_owned() } else { next.join(", ") };
    html! {
        <section class="transaction" data-testid="transaction">
            <h3 aria-live="polite"><code>{ &transaction.transactional_id }</code>{ ": " }<b data-testid="txn-state">{ state }</b></h3>
            <p>{ i18n.format(&format!("txn-state-{}", state.to_lowercase())) }</p>
            if let Some(pending) = transaction.pending_state {
                <p class="warn" data-testid="txn-pending">{ i18n.format_with(pending_key(transaction), [("state", pending.name().into())]) }</p>
            }
            { deadline(transaction, now_ms, i18n) }
            <div class="transaction-top">
                { state_diagram(transaction, i18n) }
                <dl class="marks-line">
                    { row("txn-producer-id", transaction.producer_id.to_string()) }
                    { row("txn-epoch", transaction.producer_epoch.to_string()) }
                    { row("txn-version", format!("TV{}", transaction.transaction_version)) }
                    { row("txn-timeout", timeout) }
                    { row("group-field-coordinator", i18n.actor(Actor::Node(transaction.coordinator))) }
                    { row("txn-next", next) }
                </dl>
            </div>
            { partitions(transaction, selected, app, i18n) }
            <h4>{ i18n.format("txn-log") }</h4>
            <CoordinatorLog key={transaction.transactional_id.clone()} log={transaction.log.clone()} />
        </section>
    }
}

/// What a prepared state still waits for: markers first, where its end needs them.
fn pending_key(transaction: &TransactionView) -> &'static str {
    if transaction.is_ending() && !transaction.partitions.is_empty() {
        "txn-pending-markers-first"
    } else {
        "txn-pending"
    }
}

/// How long the transaction may be open yet; or that it is open for longer than it may.
fn deadline(transaction: &TransactionView, now_ms: u64, i18n: &I18n) -> Html {
    let Some(at_ms) = transaction.times_out_ms() else { return Html::default() };
    if at_ms >= now_ms {
        let left = duration(at_ms - now_ms, i18n);
        return html! { <p data-testid="txn-deadline">{ i18n.format_with("txn-times-out", [("left", left.into())]) }</p> };
    }
    let over = i18n.format_with("txn-hangs", [("ms", (now_ms - at_ms).into())]);
    let check = transaction
        .abort_check_ms
        .map(|at| i18n.format_with("txn-abort-check", [("left", duration(at.saturating_sub(now_ms), i18n).into())]));
    html! { <p class="bad" data-testid="txn-deadline">{ over }{ " " }{ check }</p> }
}

/// The partitions in it, or those that wait for its marker.
fn partitions(transaction: &TransactionView, selected: Option<&TopicPartition>, app: &AppContext, i18n: &I18n) -> Html {
    let is_ending = transaction.is_ending();
    let title = if is_ending { "txn-pending-markers" } else { "txn-in-it" };
    let rows = transaction.partitions.iter().map(|each| {
        let leader = match (each.leader < 0, is_ending) {
            (true, _) => i18n.format("txn-no-leader"),
            (false, true) => i18n.format_with("txn-marker-at", [("node", each.leader.into())]),
            (false, false) => i18n.format_with("txn-led-by", [("node", each.leader.into())]),
        };
        html! { <li key={each.partition.to_string()}>{ follow(&each.partition, selected, app) }{ " " }{ leader }</li> }
    });
    html! {
        <>
        <h4>{ i18n.format(title) }</h4>
        if transaction.partitions.is_empty() {
            <p class="faint">{ i18n.format(if is_ending { "txn-all-markers" } else { "txn-none-in-it" }) }</p>
        } else {
            <ul class="txn-list" data-testid="txn-partitions">{ for rows }</ul>
        }
        </>
    }
}

/// A partition, to be followed.
fn follow(partition: &TopicPartition, selected: Option<&TopicPartition>, app: &AppContext) -> Html {
    let is_on = selected == Some(partition);
    let (app, followed) = (app.clone(), partition.clone());
    let press = Callback::from(move |_: MouseEvent| {
        app.page(Action::Select(Some(Selection::Partition(followed.clone()))));
    });
    html! { <button class="partition" data-testid={format!("follow-{partition}")} aria-pressed={is_on.to_string()} onclick={press}>{ partition.to_string() }</button> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::RecordFate;
    use crate::i18n::Lang;

    #[test]
    fn every_state_and_every_fate_has_its_words() {
        for lang in [Lang::En, Lang::Ko] {
            let i18n = I18n::of(lang);
            let states = diagram::STATES.iter().map(|state| format!("txn-state-{}", state.name().to_lowercase()));
            for key in states.chain(RecordFate::names().map(|name| format!("txn-fate-{name}"))) {
                assert!(i18n.find(&key).is_some(), "{lang:?}: {key}");
            }
        }
    }
}
