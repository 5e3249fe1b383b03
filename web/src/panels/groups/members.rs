//! The members of a group: who they are, and what they had, have and are to have.

use yew::prelude::*;

use super::Shown;
use crate::app::Selection;
use crate::engine::{Actor, GroupMemberView, MemberRebalance, Rebalance, TopicPartition};

/// The members.
pub(super) fn members(shown: &Shown<'_>, rebalance: Option<&Rebalance>) -> Html {
    let i18n = shown.i18n;
    if shown.group.assignments.is_empty() {
        return html! { <p class="faint">{ i18n.format("group-no-member") }</p> };
    }
    let all = shown.group.assignments.iter().map(|member| {
        let moved = rebalance.and_then(|rebalance| rebalance.members.iter().find(|each| each.member == member.member));
        one(shown, member, moved)
    });
    html! { <ul class="members" data-testid="group-members">{ for all }</ul> }
}

fn one(shown: &Shown<'_>, member: &GroupMemberView, moved: Option<&MemberRebalance>) -> Html {
    let i18n = shown.i18n;
    let client = shown.client(&member.member);
    let consumer = client.and_then(|client| client.consumer);
    let name = match consumer {
        Some(number) => {
            let selected = Selection::Actor(Actor::Consumer(number));
            let is_on = shown.selection == Some(&selected);
            let select = shown.select.clone();
            let press = Callback::from(move |_: MouseEvent| select.emit(selected.clone()));
            html! { <button data-testid={format!("member-consumer-{number}")} aria-pressed={is_on.to_string()} onclick={press}>{ shown.consumer(number) }</button> }
        }
        None => html! { <span>{ i18n.format("group-foreign-member") }</span> },
    };
    let leads = shown.detail.leader.as_deref() == Some(member.member.as_str());
    let row = |word: &str, value: Html| html! { <div><dt>{ i18n.format(word) }</dt><dd>{ value }</dd></div> };
    let chips = |partitions: &[TopicPartition], class: Option<&'static str>| {
        if partitions.is_empty() {
            return html! { <span class="faint">{ i18n.format("group-no-partition") }</span> };
        }
        html! { <span class="chips">{ for partitions.iter().map(|each| shown.partition(each, class)) }</span> }
    };
    let speaks_classic = member.speaks_classic && member.epoch.is_some();
    html! {
        <li key={member.member.clone()} class="group-member">
            <h4>{ name }if leads { <small class="tag">{ i18n.format("group-leads") }</small> }</h4>
            <dl class="member-facts">
                { row("group-member-id", html! { <code>{ &member.member }</code> }) }
                if let Some(client) = client {
                    { row("group-client-id", html! { <code>{ &client.client_id }</code> }) }
                }
                if let Some(instance) = &member.instance_id {
                    { row("group-instance-id", html! { <code>{ instance }</code> }) }
                }
                if let Some(epoch) = member.epoch {
                    { row("group-member-epoch", html! { { epoch } }) }
                }
                if let Some(state) = &member.state {
                    { row("group-member-state", html! { <b>{ state }</b> }) }
                }
                if speaks_classic {
                    { row("group-member-speaks", html! { { i18n.format("group-is-classic") } }) }
                }
                { row("group-member-holds", chips(&member.assigned, None)) }
                if !member.revoking.is_empty() {
                    { row("group-member-revoking", chips(&member.revoking, Some("goes"))) }
                }
                if let Some(target) = &member.target {
                    { row("group-member-target", chips(target, None)) }
                }
            </dl>
            if let Some(moved) = moved {
                { change(moved, shown) }
            }
        </li>
    }
}

/// What the last rebalance made of a member, in a line.
pub(super) fn change(moved: &MemberRebalance, shown: &Shown<'_>) -> Html {
    let i18n = shown.i18n;
    let (revoked, gained) = (moved.revoked(), moved.gained());
    let names = |partitions: &Option<Vec<TopicPartition>>| match partitions {
        None => i18n.format("group-not-member"),
        Some(partitions) if partitions.is_empty() => i18n.format("group-no-partition"),
        Some(partitions) => partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let is_over = moved.after.is_some() || shown.group.state == "Stable" || shown.group.state == "Empty";
    if !is_over {
        return html! { <p class="moved">{ i18n.format_with("group-before", [("before", names(&moved.before).into())]) }</p> };
    }
    html! {
        <p class="moved">
            <span>{ names(&moved.before) }{ " → " }{ names(&moved.after) }</span>
            if !revoked.is_empty() {
                <span class="goes">{ i18n.format_with("group-revoked", [("partitions", join(&revoked).into())]) }</span>
            }
            if !gained.is_empty() {
                <span class="comes">{ i18n.format_with("group-gained", [("partitions", join(&gained).into())]) }</span>
            }
            if revoked.is_empty() && gained.is_empty() {
                <span class="faint">{ i18n.format("group-unchanged") }</span>
            }
        </p>
    }
}

fn join(partitions: &[TopicPartition]) -> String {
    partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
