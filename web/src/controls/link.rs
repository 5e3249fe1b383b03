//! A link between two actors: each direction can be cut, and what is on it can be lost, late or doubled.

use yew::prelude::*;

use crate::app::Action;
use crate::app::Dialog;
use crate::app::use_app;
use crate::controls::envelope::EventActions;
use crate::engine::{Actor, Command};
use crate::i18n::{I18n, use_i18n};
use crate::run::SharedSnapshot;
use crate::scene::Cut;

/// Which link.
#[derive(Clone, PartialEq, Properties)]
pub struct LinkProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// One of its ends.
    pub one: Actor,
    /// The other.
    pub other: Actor,
}

/// The window of a link.
#[component]
pub fn Link(props: &LinkProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let (one, other) = (props.one, props.other);
    let state = Cut::of(&props.snapshot.view, one, other);
    let buttons = cures(one, other, state, &i18n).into_iter().map(|(testid, label, command)| {
        let app = app.clone();
        let press = Callback::from(move |_: MouseEvent| {
            if app.act(command.clone()) {
                app.page(Action::Close);
            }
        });
        html! { <button data-testid={testid} onclick={press}>{ label }</button> }
    });
    let title = i18n.format_with("link-title", [("one", i18n.actor(one).into()), ("other", i18n.actor(other).into())]);
    html! {
        <Dialog {title} testid="link-window">
            <ul class="ways">
                { way(one, other, matches!(state, Cut::There | Cut::Both), &i18n) }
                { way(other, one, matches!(state, Cut::Back | Cut::Both), &i18n) }
            </ul>
            <div class="buttons">{ for buttons }</div>
            <p class="faint means">{ i18n.format("link-means") }</p>
            <Messages ..props.clone() />
        </Dialog>
    }
}

/// What can be done to a link, worst first: its name in tests, its words, its command.
fn cures(one: Actor, other: Actor, state: Cut, i18n: &I18n) -> Vec<(&'static str, String, Command)> {
    let way = |from: Actor, to: Actor| {
        i18n.format_with("cut-one-way", [("from", i18n.actor(from).into()), ("to", i18n.actor(to).into())])
    };
    let both = ("cut-both", i18n.format("cut-both"), Command::Cut { from: one, to: other, both: true });
    let there = ("cut-there", way(one, other), Command::Cut { from: one, to: other, both: false });
    let back = ("cut-back", way(other, one), Command::Cut { from: other, to: one, both: false });
    let heal = ("heal", i18n.format("heal-link"), Command::Heal { from: one, to: other, both: true });
    match state {
        Cut::Nothing => vec![both, there, back],
        Cut::There => vec![heal, back],
        Cut::Back => vec![heal, there],
        Cut::Both => vec![heal],
    }
}

/// One direction, and whether it works.
fn way(from: Actor, to: Actor, is_cut: bool, i18n: &I18n) -> Html {
    let state = if is_cut { i18n.format("link-cut") } else { i18n.format("link-works") };
    html! {
        <li class={classes!(is_cut.then_some("is-cut"))}>
            <span>{ format!("{} → {}", i18n.actor(from), i18n.actor(to)) }</span><b>{ state }</b>
        </li>
    }
}

/// What is on the link: on its way, and stuck in the cut.
#[component]
fn Messages(props: &LinkProps) -> Html {
    let i18n = use_i18n();
    let view = &props.snapshot.view;
    let is_here = |from: Actor, to: Actor| [(props.one, props.other), (props.other, props.one)].contains(&(from, to));
    let line = |from: Actor, to: Actor, title: String, summary: &str, when: String| {
        html! {
            <div class="message-line">
                <time>{ when }</time>
                <span><b>{ title }</b><span>{ format!("{} → {}", i18n.actor(from), i18n.actor(to)) }</span><code>{ summary }</code></span>
            </div>
        }
    };
    let moving = view.envelopes.iter().filter(|envelope| is_here(envelope.from, envelope.to)).map(|envelope| {
        let title = i18n.envelope_title(envelope);
        let when = format!("+{} ms", envelope.arrives_at_ms.saturating_sub(view.now_ms));
        html! {
            <li key={envelope.event.0}>
                { line(envelope.from, envelope.to, title, &envelope.summary, when) }
                <EventActions event={envelope.event} is_message={true} is_window={false} />
            </li>
        }
    });
    let held = view.held.iter().filter(|held| is_here(held.from, held.to)).map(|held| {
        let title = i18n.held_title(held);
        html! { <li class="held">{ line(held.from, held.to, title, &held.summary, i18n.format("held")) }</li> }
    });
    let all: Vec<Html> = moving.chain(held).collect();
    html! {
        <section>
            <h3>{ i18n.format("on-this-link") }</h3>
            if all.is_empty() {
                <p class="faint">{ i18n.format("nothing-on-link") }</p>
            }
            <ul class="messages" data-testid="link-messages">{ for all }</ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn each_state_of_a_link_offers_what_changes_it() {
        let i18n = I18n::of(Lang::En);
        let names = |state| -> Vec<&str> {
            cures(Actor::Node(1), Actor::Node(2), state, &i18n).into_iter().map(|(name, _, _)| name).collect()
        };
        assert_eq!(names(Cut::Nothing), ["cut-both", "cut-there", "cut-back"]);
        assert_eq!(names(Cut::There), ["heal", "cut-back"]);
        assert_eq!(names(Cut::Both), ["heal"]);
    }
}
