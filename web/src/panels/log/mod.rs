//! One broker's disk: its replicas, one of them opened up, its checkpoint files.

mod segments;

use yew::prelude::*;

use std::rc::Rc;

use crate::app::Action;
use crate::app::Selection;
use crate::app::use_app;
use crate::engine::{Actor, NodeView, ReplicaView, Role, TopicPartition};
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;
use crate::scene::PartitionOnAxis;
use segments::Segments;

/// Which broker.
#[derive(Clone, PartialEq, Properties)]
pub struct LogProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The actor that a person chose.
    pub chosen: Option<Actor>,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// The tab.
#[component]
pub fn LogTab(props: &LogProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    // A choice outlives the next step here: who reads a log wants to see it grow.
    let kept = use_state_eq(|| None::<i32>);
    let brokers: Vec<&NodeView> = props.snapshot.view.nodes.iter().filter(|node| node.is_broker).collect();
    let selected = match props.selection.as_deref() {
        Some(Selection::Actor(actor)) => Some(*actor),
        Some(Selection::Partition(_) | Selection::Request(_)) | None => None,
    };
    let wanted = match props.chosen.or(selected) {
        Some(Actor::Node(id)) => Some(id),
        _ => *kept,
    };
    let broker = brokers.iter().find(|node| Some(node.id) == wanted).or(brokers.first());
    let picks = brokers.iter().map(|node| {
        let (app, kept, id) = (app.clone(), kept.clone(), node.id);
        let is_on = broker.is_some_and(|broker| broker.id == id);
        let pick = Callback::from(move |_: MouseEvent| {
            kept.set(Some(id));
            app.page(Action::Choose(Actor::Node(id)));
        });
        html! { <button data-testid={format!("log-node-{id}")} aria-pressed={is_on.to_string()} onclick={pick}>{ i18n.actor(Actor::Node(id)) }</button> }
    });
    let Some(broker) = broker else { return html! { <p class="faint tab-page">{ i18n.format("no-broker") }</p> } };
    let replica = shown(broker, props.selection.as_deref().and_then(Selection::partition));
    let open = {
        let app = app.clone();
        Callback::from(move |partition: TopicPartition| {
            app.page(Action::Select(Some(Selection::Partition(partition))));
        })
    };
    html! {
        <div class="tab-page" data-testid="log-tab">
            <div class="segments" role="group" aria-label={i18n.format("broker-choice")}>{ for picks }</div>
            { replicas(broker, replica, &open, &i18n) }
            if let Some(replica) = replica {
                <h3>{ i18n.format_with("replicas-of", [("partition", replica.partition.to_string().into())]) }</h3>
                <PartitionOnAxis snapshot={props.snapshot.clone()} partition={replica.partition.clone()} />
            }
            if let Some(replica) = replica {
                <Segments replica={replica.clone()} />
            }
            { files(broker, replica, &i18n) }
        </div>
    }
}

/// The replica that is opened up: the selected one, else the first of a topic that a person made.
fn shown<'a>(broker: &'a NodeView, opened: Option<&TopicPartition>) -> Option<&'a ReplicaView> {
    let of = |partition: &TopicPartition| broker.replicas.iter().find(|replica| replica.partition == *partition);
    let first = || broker.replicas.iter().find(|replica| !replica.partition.topic.starts_with("__"));
    opened.and_then(of).or_else(first).or(broker.replicas.first())
}

fn replicas(broker: &NodeView, opened: Option<&ReplicaView>, open: &Callback<TopicPartition>, i18n: &I18n) -> Html {
    let row = |replica: &ReplicaView| {
        let is_on = opened.is_some_and(|opened| opened.partition == replica.partition);
        let (open, partition) = (open.clone(), replica.partition.clone());
        let press = Callback::from(move |_: MouseEvent| open.emit(partition.clone()));
        html! {
            <tr class={classes!(is_on.then_some("on"))}>
                <th scope="row"><button class="quiet" data-testid={format!("open-log-{}", replica.partition)} aria-pressed={is_on.to_string()} onclick={press}>
                    <code>{ replica.partition.to_string() }</code></button></th>
                <td>{ role(replica.role, i18n) }</td>
                <td>{ replica.leader_epoch }</td>
                <td>{ replica.log_start_offset }</td>
                <td class="hw">{ replica.high_watermark }</td>
                <td>{ replica.log_end_offset }</td>
                <td>{ replica.flushed_offset }</td>
                <td><code>{ replica.isr.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ") }</code></td>
            </tr>
        }
    };
    html! {
        <div class="scroll">
            <table class="data">
                <thead><tr>
                    <th>{ i18n.format("partition") }</th><th>{ i18n.format("role") }</th><th>{ "leader epoch" }</th><th>{ "log start" }</th>
                    <th>{ "HW" }</th><th>{ "LEO" }</th><th>{ i18n.format("flushed-to") }</th><th>{ "ISR" }</th>
                </tr></thead>
                <tbody>{ for broker.replicas.iter().map(row) }</tbody>
            </table>
        </div>
    }
}

/// The checkpoint files as text: the broker's own, and that of the opened replica. Those of other folders would only be more.
fn files(broker: &NodeView, opened: Option<&ReplicaView>, i18n: &I18n) -> Html {
    let folder = opened.map(|replica| format!("{}/", replica.partition)).unwrap_or_default();
    let shown = broker.files.iter().filter(|(name, _)| !name.contains('/') || name.starts_with(&folder));
    let shown: Vec<Html> = shown
        .map(|(name, text)| {
            html! {
                <details key={name.clone()} class="file" data-testid={format!("file-{name}")}><summary><code>{ name }</code></summary><pre tabindex="0">{ text }</pre></details>
            }
        })
        .collect();
    html! {
        <section>
            <h3>{ i18n.format("checkpoint-files") }</h3>
            if shown.is_empty() {
                <p class="faint">{ i18n.format("no-files") }</p>
            }
            { siblings(shown) }
        </section>
    }
}

fn role(role: Role, i18n: &I18n) -> String {
    match role {
        Role::Leader => i18n.format("leader"),
        Role::Follower => i18n.format("follower"),
        Role::Offline => i18n.format("offline"),
    }
}
