//! What can be done to a node, a client, a link or a message on its way.

use yew::prelude::*;

use super::dialog::Dialog;
use super::scene::node_state;
use crate::desk::use_desk;
use crate::engine::{Actor, Command, NodeState};
use crate::session::Now;
use crate::state::{Action, Window};
use crate::words::{Words, use_words};

/// Which party.
#[derive(Clone, PartialEq, Properties)]
pub struct PartyProps {
    /// The moment.
    pub now: Now,
    /// The party.
    pub actor: Actor,
}

/// The window of a party.
#[component]
pub fn Party(props: &PartyProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let now = &props.now;
    let does = |testid: String, label: String, command: Command| {
        let desk = desk.clone();
        let press = Callback::from(move |_: MouseEvent| {
            desk.act(command.clone());
            desk.page(Action::Close);
        });
        html! { <button data-testid={testid} onclick={press}>{ label }</button> }
    };
    let own = match props.actor {
        Actor::Node(id) => {
            let state = now.view.nodes.iter().find(|node| node.id == id).map_or(NodeState::Down, |node| node.state);
            let buttons = faults(id, state)
                .into_iter()
                .map(|(testid, word, command)| does(testid.to_owned(), word(&words), command));
            html! {
                <>
                <p class="faint">{ node_state(state, &words) }</p>
                <div class="buttons">{ for buttons }</div>
                </>
            }
        }
        Actor::Consumer(consumer) => html! {
            <div class="buttons">
                { does("poll".to_owned(), words.say("poll"), Command::Poll { consumer }) }
                { does("commit".to_owned(), words.say("commit"), Command::Commit { consumer }) }
            </div>
        },
        Actor::Producer(producer) => {
            let open = Callback::from(move |_: MouseEvent| desk.page(Action::Open(Window::Produce(producer))));
            html! { <div class="buttons"><button data-testid="produce" onclick={open}>{ words.say("produce") }</button></div> }
        }
        Actor::Admin | Actor::Probe(_) => Html::default(),
    };
    html! {
        <Dialog title={words.actor(props.actor)} testid="party">
            { own }
            <Links now={now.clone()} actor={props.actor} />
        </Dialog>
    }
}

/// A fault: its name in tests, its words, its command.
type Fault = (&'static str, fn(&Words) -> String, Command);

/// What a node in a state can be made to do.
fn faults(node: i32, state: NodeState) -> Vec<Fault> {
    let start: Fault = ("start", |words| words.say("start-node"), Command::Start { node });
    let crash: Fault = ("crash", |words| words.say("crash-process"), Command::Crash { node, machine: false });
    let power: Fault = ("crash-machine", |words| words.say("crash-machine"), Command::Crash { node, machine: true });
    let stop: Fault = ("stop", |words| words.say("stop-node"), Command::Stop { node });
    let pause: Fault = ("pause-node", |words| words.say("pause-node"), Command::Pause { node });
    let resume: Fault = ("resume", |words| words.say("resume-node"), Command::Resume { node });
    match state {
        NodeState::Down => vec![start],
        NodeState::Paused => vec![resume, crash, power],
        NodeState::Puppet => vec![],
        _ => vec![crash, power, stop, pause],
    }
}

/// The links of a party: each can be cut and healed.
#[component]
fn Links(props: &PartyProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let view = &props.now.view;
    let from = props.actor;
    let nodes = view.nodes.iter().map(|node| Actor::Node(node.id));
    let producers = view.producers.iter().map(|each| Actor::Producer(each.number));
    let consumers = view.consumers.iter().map(|each| Actor::Consumer(each.number));
    // Clients speak to nodes only.
    let is_node = matches!(from, Actor::Node(_));
    let others = nodes.chain(producers.chain(consumers).filter(|_| is_node)).filter(|other| *other != from);
    let rows = others.map(|to| {
        let is_cut = view.cuts.contains(&(from, to)) || view.cuts.contains(&(to, from));
        let command =
            if is_cut { Command::Heal { from, to, both: true } } else { Command::Cut { from, to, both: true } };
        let (name, word) = if is_cut { ("heal", words.say("heal-link")) } else { ("cut", words.say("cut-link")) };
        let desk = desk.clone();
        let press = Callback::from(move |_: MouseEvent| {
            desk.act(command.clone());
        });
        html! {
            <li class={classes!(is_cut.then_some("is-cut"))}>
                <span>{ words.actor(to) }</span>
                <button data-testid={format!("{name}-{}", test_name(to))} onclick={press}>{ word }</button>
            </li>
        }
    });
    html! {
        <section>
            <h3>{ words.say("links") }</h3>
            <ul class="links">{ for rows }</ul>
        </section>
    }
}

/// A party's name in tests.
pub fn test_name(actor: Actor) -> String {
    match actor {
        Actor::Node(id) => format!("node-{id}"),
        other => other.to_string(),
    }
}

/// Which message.
#[derive(Clone, PartialEq, Properties)]
pub struct EnvelopeProps {
    /// The moment.
    pub now: Now,
    /// The event that will deliver it.
    pub event: u64,
}

/// The window of a message on its way: all of it, as the protocol names it.
#[component]
pub fn EnvelopeWindow(props: &EnvelopeProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let found = props.now.view.envelopes.iter().find(|envelope| envelope.event.0 == props.event);
    let Some(envelope) = found else {
        return html! { <Dialog title={words.say("envelope-gone")} testid="envelope-window">{ Html::default() }</Dialog> };
    };
    let title = if envelope.is_response {
        words.say_with("answer-to", [("api", envelope.api.name().into())])
    } else {
        envelope.api.name().to_owned()
    };
    let event = envelope.event;
    let does = |testid: &'static str, label: String, command: Command| {
        let desk = desk.clone();
        let press = Callback::from(move |_: MouseEvent| {
            desk.act(command.clone());
            desk.page(Action::Close);
        });
        html! { <button data-testid={testid} onclick={press}>{ label }</button> }
    };
    let body = envelope.body.as_ref().map(|body| serde_json::to_string_pretty(body).unwrap_or_default());
    html! {
        <Dialog {title} testid="envelope-window">
            <p>{ format!("{} → {} · {}–{} ms", words.actor(envelope.from), words.actor(envelope.to), envelope.sent_at_ms, envelope.arrives_at_ms) }</p>
            <div class="buttons">
                { does("choose", words.say("deliver-next"), Command::Choose { event }) }
                { does("drop", words.say("drop"), Command::Drop { event }) }
                { does("delay", words.say_with("delay", [("ms", 100.into())]), Command::Delay { event, by_ms: 100 }) }
                { does("duplicate", words.say("duplicate"), Command::Duplicate { event }) }
            </div>
            <pre class="json">{ body }</pre>
        </Dialog>
    }
}
