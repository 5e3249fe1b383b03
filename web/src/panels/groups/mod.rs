//! Groups: who is in them, who reads what and how far behind, what runs out when, and what the last rebalance cost.

mod members;
mod positions;
mod rebalance;

use std::rc::Rc;

use yew::prelude::*;

use super::coordinator_log::CoordinatorLog;
use super::next::duration;
use crate::app::{Action, Selection, use_app};
use crate::engine::{Actor, ConsumerView, GroupDetailView, GroupView, MemberClientView, TopicPartition};
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct GroupsProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// What every part of the tab needs.
struct Shown<'a> {
    group: &'a GroupView,
    detail: &'a GroupDetailView,
    now_ms: u64,
    selection: Option<&'a Selection>,
    select: &'a Callback<Selection>,
    i18n: &'a I18n,
}

impl Shown<'_> {
    /// A member, by the consumer that it is, else by its id.
    fn member(&self, id: &str) -> String {
        let client = self.detail.clients.iter().find(|client| client.member == id);
        client.and_then(|client| client.consumer).map_or_else(|| id.to_owned(), |number| self.consumer(number))
    }

    fn consumer(&self, number: u32) -> String {
        self.i18n.actor(Actor::Consumer(number))
    }

    fn client(&self, id: &str) -> Option<&MemberClientView> {
        self.detail.clients.iter().find(|client| client.member == id)
    }

    /// A partition, to be followed.
    fn partition(&self, partition: &TopicPartition, class: Option<&'static str>) -> Html {
        let is_on = self.selection.and_then(Selection::partition) == Some(partition);
        let (select, followed) = (self.select.clone(), partition.clone());
        let press = Callback::from(move |_: MouseEvent| select.emit(Selection::Partition(followed.clone())));
        html! { <button key={partition.to_string()} class={classes!("partition", class)} aria-pressed={is_on.to_string()} onclick={press}>{ partition.to_string() }</button> }
    }

    /// How long until a moment.
    fn left(&self, at_ms: u64) -> String {
        duration(at_ms.saturating_sub(self.now_ms), self.i18n)
    }
}

/// The tab.
#[component]
pub fn Groups(props: &GroupsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let chosen = use_state_eq(|| None::<String>);
    let view = &props.snapshot.view;
    let selection = props.selection.as_deref();
    // The group of the consumer that is followed, unless a person has chosen another.
    let followed = view.consumers.iter().find(
        |consumer| matches!(selection, Some(Selection::Actor(Actor::Consumer(number))) if *number == consumer.number),
    );
    let wanted = (*chosen).as_ref().or(followed.map(|consumer| &consumer.group));
    let group = view.groups.iter().find(|group| Some(&group.group) == wanted).or(view.groups.first());
    let id = group.map(|group| group.group.clone());
    let detail = use_memo((props.snapshot.clone(), id.clone()), |(_, id)| {
        let id = id.as_ref()?;
        let detail = app.session.read(|history| history.cluster().group_detail(id))?;
        Some((detail, app.session.read(|history| history.last_rebalance(id))))
    });
    let (Some(group), Some((detail, rebalance))) = (group, &*detail) else {
        let key = if view.consumers.is_empty() { "no-group-no-consumer" } else { "no-group" };
        return html! { <div class="tab-page" data-testid="groups-tab"><p class="faint">{ i18n.format(key) }</p></div> };
    };
    let select = {
        let app = app.clone();
        Callback::from(move |selection: Selection| app.page(Action::Select(Some(selection))))
    };
    let picks = view.groups.iter().map(|each| {
        let (chosen, id) = (chosen.clone(), each.group.clone());
        let is_on = each.group == group.group;
        let pick = Callback::from(move |_: MouseEvent| chosen.set(Some(id.clone())));
        html! { <button key={each.group.clone()} data-testid={format!("pick-group-{}", each.group)} aria-pressed={is_on.to_string()} onclick={pick}>{ &each.group }</button> }
    });
    let shown = Shown { group, detail, now_ms: view.now_ms, selection, select: &select, i18n: &i18n };
    html! {
        <div class="tab-page groups" data-testid="groups-tab">
            if view.groups.len() > 1 {
                <div class="segments" role="group" aria-label={i18n.format("tab-groups")}>{ for picks }</div>
            }
            { facts(&shown) }
            <h3>{ i18n.format("group-members") }</h3>
            { members::members(&shown, rebalance.as_ref()) }
            <h3>{ i18n.format("group-positions") }</h3>
            { positions::positions(&shown) }
            { siblings(view.consumers.iter().filter(|consumer| consumer.group == group.group).map(|consumer| application(consumer, &i18n))) }
            <h3>{ i18n.format("group-timers") }</h3>
            { timers(&shown) }
            <h3>{ i18n.format("group-rebalance") }</h3>
            { rebalance::rebalance(&shown, rebalance.as_ref()) }
            <h3>{ i18n.format("group-log") }</h3>
            <CoordinatorLog key={group.group.clone()} log={detail.log.clone()} />
        </div>
    }
}

/// What the group is and how it is.
fn facts(shown: &Shown<'_>) -> Html {
    let Shown { group, detail, i18n, .. } = shown;
    let is_classic = group.assignment_epoch.is_none();
    let row = |word: &str, value: String| html! { <div><dt>{ i18n.format(word) }</dt><dd>{ value }</dd></div> };
    let assignor = group.assignor.clone().unwrap_or_else(|| "–".to_owned());
    let leader = detail.leader.as_deref().map_or_else(|| "–".to_owned(), |leader| shown.member(leader));
    html! {
        <section class="group-facts" data-testid="group-facts" aria-live="polite">
            <h3><code>{ &group.group }</code>{ ": " }<b>{ &group.state }</b></h3>
            <p>{ i18n.format(&format!("group-state-{}", group.state.to_lowercase())) }</p>
            <dl class="marks-line">
                { row("group-field-protocol", i18n.format(if is_classic { "group-is-classic" } else { "group-is-consumer" })) }
                if let Some(assignment_epoch) = group.assignment_epoch {
                    { row("group-field-epoch", group.generation.to_string()) }
                    { row("group-field-assignment-epoch", assignment_epoch.to_string()) }
                } else {
                    { row("group-field-generation", group.generation.to_string()) }
                }
                { row("group-field-assignor", assignor) }
                if is_classic {
                    { row("group-field-leader", leader) }
                }
                { row("group-field-coordinator", i18n.actor(Actor::Node(group.coordinator))) }
            </dl>
        </section>
    }
}

/// What runs out next.
fn timers(shown: &Shown<'_>) -> Html {
    let Shown { detail, i18n, .. } = shown;
    if detail.timers.is_empty() {
        return html! { <p class="faint">{ i18n.format("group-no-timer") }</p> };
    }
    let rows = detail.timers.iter().map(|timer| {
        let member = timer.member.as_deref().map(|member| shown.member(member));
        let who = member.or(timer.consumer.map(|number| shown.consumer(number)));
        html! {
            <tr>
                <th scope="row">{ i18n.format(&format!("timer-{}", timer.timer)) }</th>
                <td>{ shown.left(timer.at_ms) }</td>
                <td class="wraps">{ who.unwrap_or_else(|| shown.group.group.clone()) }</td>
                <td>{ i18n.actor(timer.consumer.map_or(Actor::Node(detail.coordinator), Actor::Consumer)) }</td>
            </tr>
        }
    });
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={i18n.format("group-timers")}>
            <table class="data" data-testid="group-timers">
                <thead><tr>
                    <th scope="col">{ i18n.format("group-timer") }</th><th scope="col">{ i18n.format("group-timer-left") }</th>
                    <th scope="col">{ i18n.format("group-timer-about") }</th><th scope="col">{ i18n.format("group-timer-of") }</th>
                </tr></thead>
                <tbody>{ for rows }</tbody>
            </table>
        </div>
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn every_state_of_both_kinds_of_group_has_its_words() {
        let classic = ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"];
        for lang in [Lang::En, Lang::Ko] {
            let i18n = I18n::of(lang);
            for state in classic.into_iter().chain(["Assigning", "Reconciling"]) {
                let key = format!("group-state-{}", state.to_lowercase());
                assert!(i18n.find(&key).is_some(), "{lang:?}: {key}");
            }
        }
    }
}
