//! A link between two parties: each direction can be cut, and what is on it can be lost, late or doubled.

use yew::prelude::*;

use super::dialog::Dialog;
use super::message::EventActions;
use super::scene::Cut;
use crate::desk::use_desk;
use crate::engine::{Actor, Command};
use crate::session::Now;
use crate::state::Action;
use crate::words::{Words, use_words};

/// Which link.
#[derive(Clone, PartialEq, Properties)]
pub struct LinkProps {
    /// The moment.
    pub now: Now,
    /// One of its ends.
    pub one: Actor,
    /// The other.
    pub other: Actor,
}

/// The window of a link.
#[component]
pub fn Link(props: &LinkProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let (one, other) = (props.one, props.other);
    let state = Cut::of(&props.now.view, one, other);
    let buttons = cures(one, other, state, &words).into_iter().map(|(testid, label, command)| {
        let desk = desk.clone();
        let press = Callback::from(move |_: MouseEvent| {
            if desk.act(command.clone()) {
                desk.page(Action::Close);
            }
        });
        html! { <button data-testid={testid} onclick={press}>{ label }</button> }
    });
    let title = words.say_with("link-title", [("one", words.actor(one).into()), ("other", words.actor(other).into())]);
    html! {
        <Dialog {title} testid="link-window">
            <ul class="ways">
                { way(one, other, matches!(state, Cut::There | Cut::Both), &words) }
                { way(other, one, matches!(state, Cut::Back | Cut::Both), &words) }
            </ul>
            <div class="buttons">{ for buttons }</div>
            <p class="faint means">{ words.say("link-means") }</p>
            <Messages ..props.clone() />
        </Dialog>
    }
}

/// What can be done to a link, worst first: its name in tests, its words, its command.
fn cures(one: Actor, other: Actor, state: Cut, words: &Words) -> Vec<(&'static str, String, Command)> {
    let way = |from: Actor, to: Actor| {
        words.say_with("cut-one-way", [("from", words.actor(from).into()), ("to", words.actor(to).into())])
    };
    let both = ("cut-both", words.say("cut-both"), Command::Cut { from: one, to: other, both: true });
    let there = ("cut-there", way(one, other), Command::Cut { from: one, to: other, both: false });
    let back = ("cut-back", way(other, one), Command::Cut { from: other, to: one, both: false });
    let heal = ("heal", words.say("heal-link"), Command::Heal { from: one, to: other, both: true });
    match state {
        Cut::Nothing => vec![both, there, back],
        Cut::There => vec![heal, back],
        Cut::Back => vec![heal, there],
        Cut::Both => vec![heal],
    }
}

/// One direction, and whether it works.
fn way(from: Actor, to: Actor, is_cut: bool, words: &Words) -> Html {
    let state = if is_cut { words.say("link-cut") } else { words.say("link-works") };
    html! {
        <li class={classes!(is_cut.then_some("is-cut"))}>
            <span>{ format!("{} → {}", words.actor(from), words.actor(to)) }</span><b>{ state }</b>
        </li>
    }
}

/// What is on the link: on its way, and stuck in the cut.
#[component]
fn Messages(props: &LinkProps) -> Html {
    let words = use_words();
    let view = &props.now.view;
    let is_here = |from: Actor, to: Actor| [(props.one, props.other), (props.other, props.one)].contains(&(from, to));
    let line = |from: Actor, to: Actor, title: String, summary: &str, when: String| {
        html! {
            <div class="message-line">
                <time>{ when }</time>
                <span><b>{ title }</b><span>{ format!("{} → {}", words.actor(from), words.actor(to)) }</span><code>{ summary }</code></span>
            </div>
        }
    };
    let moving = view.envelopes.iter().filter(|envelope| is_here(envelope.from, envelope.to)).map(|envelope| {
        let title = words.message_title(envelope.api, envelope.is_response);
        let when = format!("+{} ms", envelope.arrives_at_ms.saturating_sub(view.now_ms));
        html! {
            <li key={envelope.event.0}>
                { line(envelope.from, envelope.to, title, &envelope.summary, when) }
                <EventActions event={envelope.event} is_message={true} />
            </li>
        }
    });
    let held = view.held.iter().filter(|held| is_here(held.from, held.to)).map(|held| {
        let title = words.message_title(held.api, held.is_response);
        html! { <li class="held">{ line(held.from, held.to, title, &held.summary, words.say("held")) }</li> }
    });
    let all: Vec<Html> = moving.chain(held).collect();
    html! {
        <section>
            <h3>{ words.say("on-this-link") }</h3>
            if all.is_empty() {
                <p class="faint">{ words.say("nothing-on-link") }</p>
            }
            <ul class="messages" data-testid="link-messages">{ for all }</ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    #[test]
    fn each_state_of_a_link_offers_what_changes_it() {
        let words = Words::of(Lang::En);
        let names = |state| -> Vec<&str> {
            cures(Actor::Node(1), Actor::Node(2), state, &words).into_iter().map(|(name, _, _)| name).collect()
        };
        assert_eq!(names(Cut::Nothing), ["cut-both", "cut-there", "cut-back"]);
        assert_eq!(names(Cut::There), ["heal", "cut-back"]);
        assert_eq!(names(Cut::Both), ["heal"]);
    }
}
