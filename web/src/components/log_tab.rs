//! One broker's disk: its replicas, their segments, its checkpoint files.

use yew::prelude::*;

use crate::desk::use_desk;
use crate::engine::{Actor, NodeView, ReplicaView, Role};
use crate::session::Now;
use crate::state::Action;
use crate::words::{Words, use_words};

/// Which broker.
#[derive(Clone, PartialEq, Properties)]
pub struct LogProps {
    /// The moment.
    pub now: Now,
    /// The party that a person chose.
    pub chosen: Option<Actor>,
}

/// The tab.
#[component]
pub fn LogTab(props: &LogProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    // A choice outlives the next step here: who reads a log wants to see it grow.
    let kept = use_state_eq(|| None::<i32>);
    let brokers: Vec<&NodeView> = props.now.view.nodes.iter().filter(|node| node.is_broker).collect();
    let wanted = match props.chosen {
        Some(Actor::Node(id)) => Some(id),
        _ => *kept,
    };
    let broker = brokers.iter().find(|node| Some(node.id) == wanted).or(brokers.first());
    let picks = brokers.iter().map(|node| {
        let (desk, kept, id) = (desk.clone(), kept.clone(), node.id);
        let is_on = broker.is_some_and(|broker| broker.id == id);
        let pick = Callback::from(move |_: MouseEvent| {
            kept.set(Some(id));
            desk.page(Action::Choose(Actor::Node(id)));
        });
        html! { <button data-testid={format!("log-node-{id}")} aria-pressed={is_on.to_string()} onclick={pick}>{ words.actor(Actor::Node(id)) }</button> }
    });
    let Some(broker) = broker else { return html! { <p class="faint">{ words.say("no-broker") }</p> } };
    html! {
        <div class="tab-page" data-testid="log-tab">
            <div class="segments" role="group" aria-label={words.say("broker-choice")}>{ for picks }</div>
            { replicas(broker, &words) }
            { segments(broker, &words) }
            <h3>{ words.say("checkpoint-files") }</h3>
            { for broker.files.iter().map(|(name, text)| html! {
                <details class="file" data-testid={format!("file-{name}")}><summary><code>{ name }</code></summary><pre>{ text }</pre></details>
            }) }
            if broker.files.is_empty() {
                <p class="faint">{ words.say("no-files") }</p>
            }
        </div>
    }
}

fn replicas(broker: &NodeView, words: &Words) -> Html {
    let row = |replica: &ReplicaView| {
        html! {
            <tr>
                <th scope="row"><code>{ replica.partition.to_string() }</code></th>
                <td>{ role(replica.role, words) }</td>
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
                    <th>{ words.say("partition") }</th><th>{ words.say("role") }</th><th>{ "leader epoch" }</th><th>{ "log start" }</th>
                    <th>{ "HW" }</th><th>{ "LEO" }</th><th>{ words.say("flushed") }</th><th>{ "ISR" }</th>
                </tr></thead>
                <tbody>{ for broker.replicas.iter().map(row) }</tbody>
            </table>
        </div>
    }
}

fn segments(broker: &NodeView, words: &Words) -> Html {
    let rows = broker.replicas.iter().filter(|replica| replica.log_end_offset > 0).flat_map(|replica| {
        replica.segments.iter().map(move |segment| {
            html! {
                <tr>
                    <td><code>{ format!("{}/{:020}.log", replica.partition, segment.base_offset) }</code></td>
                    <td>{ segment.size_bytes }</td>
                    <td>{ segment.offset_index.len() }</td>
                    <td>{ segment.time_index.len() }</td>
                    <td>{ if segment.is_active { words.say("active") } else { String::new() } }</td>
                </tr>
            }
        })
    });
    html! {
        <>
        <h3>{ words.say("segments") }</h3>
        <div class="scroll">
            <table class="data">
                <thead><tr><th>{ words.say("file") }</th><th>{ words.say("bytes") }</th><th>{ ".index" }</th><th>{ ".timeindex" }</th><th></th></tr></thead>
                <tbody>{ for rows }</tbody>
            </table>
        </div>
        </>
    }
}

fn role(role: Role, words: &Words) -> String {
    match role {
        Role::Leader => words.say("leader"),
        Role::Follower => words.say("follower"),
        Role::Offline => words.say("offline"),
    }
}
