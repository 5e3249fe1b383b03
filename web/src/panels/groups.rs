//! Consumer groups: who is in them, who reads what, and how far behind.

use yew::prelude::*;

use std::rc::Rc;

use crate::app::{Action, Selection, use_app};
use crate::engine::{Actor, ClusterView, ConsumerView, GroupView, Role, TopicPartition};
use crate::i18n::{I18n, use_i18n};
use crate::run::SharedSnapshot;

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct GroupsProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// The four positions of one partition, as a group sees it.
#[derive(Clone, Debug, PartialEq)]
struct Lag {
    partition: TopicPartition,
    reader: Option<u32>,
    committed: Option<i64>,
    position: Option<i64>,
    high_watermark: i64,
    end: i64,
}

/// What a group's offsets, its members and the partitions' leaders say together.
fn lags(group: &GroupView, view: &ClusterView) -> Vec<Lag> {
    let members = || view.consumers.iter().filter(|consumer| consumer.group == group.group);
    let mut partitions: Vec<&TopicPartition> = group.offsets.iter().map(|(partition, _)| partition).collect();
    partitions.extend(members().flat_map(|consumer| consumer.assigned.iter().map(|assigned| &assigned.partition)));
    partitions.sort();
    partitions.dedup();
    partitions
        .into_iter()
        .map(|partition| {
            let leads =
                |replica: &&crate::engine::ReplicaView| replica.role == Role::Leader && replica.partition == *partition;
            let leader = view.nodes.iter().find_map(|node| node.replicas.iter().find(leads));
            let reading = members().find_map(|consumer| {
                let assigned = consumer.assigned.iter().find(|assigned| assigned.partition == *partition)?;
                Some((consumer.number, assigned.position))
            });
            let committed = group.offsets.iter().find(|(each, _)| each == partition).map(|(_, offset)| *offset);
            Lag {
                partition: partition.clone(),
                reader: reading.map(|(number, _)| number),
                committed,
                position: reading.map(|(_, position)| position).filter(|position| *position >= 0),
                high_watermark: leader.map_or(-1, |replica| replica.high_watermark),
                end: leader.map_or(-1, |replica| replica.log_end_offset),
            }
        })
        .collect()
}

/// The tab.
#[component]
pub fn Groups(props: &GroupsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let select = Callback::from(move |selection: Selection| app.page(Action::Select(Some(selection))));
    let selection = props.selection.as_deref();
    let view = &props.snapshot.view;
    html! {
        <div class="tab-page" data-testid="groups-tab">
            if view.groups.is_empty() {
                <p class="faint">{ i18n.format("no-group") }</p>
            }
            { for view.groups.iter().map(|group| one(group, view, selection, &select, &i18n)) }
        </div>
    }
}

fn one(
    group: &GroupView,
    view: &ClusterView,
    selection: Option<&Selection>,
    select: &Callback<Selection>,
    i18n: &I18n,
) -> Html {
    let rows = lags(group, view).into_iter().map(|lag| {
        let shown = |offset: Option<i64>| offset.map_or("—".to_owned(), |offset| offset.to_string());
        let behind = lag.committed.map(|committed| (lag.high_watermark - committed).max(0));
        let is_on = match selection {
            Some(Selection::Partition(partition)) => *partition == lag.partition,
            Some(Selection::Actor(Actor::Consumer(number))) => lag.reader == Some(*number),
            Some(Selection::Actor(_) | Selection::Request(_)) | None => false,
        };
        let (select, partition) = (select.clone(), lag.partition.clone());
        let press = Callback::from(move |_: MouseEvent| select.emit(Selection::Partition(partition.clone())));
        html! {
            <tr class={classes!(is_on.then_some("on"))}>
                <th scope="row"><button class="quiet" data-testid={format!("group-{}", lag.partition)} aria-pressed={is_on.to_string()} onclick={press}>
                    <code>{ lag.partition.to_string() }</code></button></th>
                <td>{ lag.reader.map(|number| i18n.actor(Actor::Consumer(number))) }</td>
                <td>{ shown(lag.committed) }</td><td>{ shown(lag.position) }</td>
                <td class="hw">{ lag.high_watermark }</td><td>{ lag.end }</td><td><b>{ shown(behind) }</b></td>
                <td>{ strip(&lag) }</td>
            </tr>
        }
    });
    html! {
        <section>
            <h3><code>{ &group.group }</code></h3>
            <p class="faint">{ i18n.format_with("group-line", [
                ("state", group.state.clone().into()),
                ("generation", group.generation.into()),
                ("members", group.members.len().into()),
                ("node", group.coordinator.into()),
            ]) }</p>
            <div class="scroll">
                <table class="data">
                    <thead><tr>
                        <th>{ i18n.format("partition") }</th><th>{ i18n.format("member") }</th><th>{ i18n.format("committed") }</th><th>{ "position" }</th>
                        <th>{ "HW" }</th><th>{ "LEO" }</th><th>{ "lag" }</th><th>{ i18n.format("group-positions") }</th>
                    </tr></thead>
                    <tbody>{ for rows }</tbody>
                </table>
            </div>
            { for view.consumers.iter().filter(|consumer| consumer.group == group.group).map(|consumer| application(consumer, i18n)) }
        </section>
    }
}

/// What the application of a consumer has in memory and has done, where it processes by hand.
fn application(consumer: &ConsumerView, i18n: &I18n) -> Html {
    let who = i18n.actor(Actor::Consumer(consumer.number));
    let done = consumer.processed.iter().map(|record| {
        let words =
            i18n.format_with("processed-times", [("offset", record.offset.into()), ("times", record.times.into())]);
        html! { <li><code>{ record.partition.to_string() }</code>{ " " }{ words }</li> }
    });
    html! {
        <>
        if consumer.in_hand > 0 {
            <p>{ i18n.format_with("in-hand", [("who", who.clone().into()), ("count", consumer.in_hand.into())]) }</p>
        }
        if !consumer.processed.is_empty() {
            <h4>{ who }{ " · " }{ i18n.format("processed-title") }</h4>
            <ul class="processed">{ for done }</ul>
        }
        </>
    }
}

/// The four positions on one strip: what is committed is full, what is read but not committed half, the rest empty.
fn strip(lag: &Lag) -> Html {
    const WIDTH: f64 = 150.0;
    let end = lag.end.max(1) as f64;
    let x = |offset: i64| (offset.max(0) as f64 / end * (WIDTH - 4.0)) + 2.0;
    let (committed, position) = (lag.committed.unwrap_or(0), lag.position.unwrap_or(0));
    html! {
        <svg class="lag" width="150" height="18" aria-hidden="true">
            <rect class="all" x="2" y="5" width={(WIDTH - 4.0).to_string()} height="8" />
            <rect class="read" x="2" y="5" width={(x(position) - 2.0).to_string()} height="8" />
            <rect class="committed" x="2" y="5" width={(x(committed) - 2.0).to_string()} height="8" />
            <path class="hw" d={format!("M{:.1} 1V17", x(lag.high_watermark))} />
        </svg>
    }
}
