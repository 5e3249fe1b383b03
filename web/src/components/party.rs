//! What can be done to a node or a client, and its links.

use yew::prelude::*;

use super::dialog::Dialog;
use super::scene::{Cut, node_state};
use crate::desk::use_desk;
use crate::engine::{Actor, Command, NodeState, NodeView};
use crate::session::Now;
use crate::state::{Action, Window};
use crate::words::use_words;

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
            let node = now.view.nodes.iter().find(|node| node.id == id);
            let state = node.map_or(NodeState::Down, |node| node.state);
            let rows = node.map(faults_of).unwrap_or_default().into_iter().map(|(testid, word, means, command)| {
                html! { <li>{ does(testid.to_owned(), words.say(word), command) }<p class="faint">{ words.say(means) }</p></li> }
            });
            html! {
                <>
                <p class="faint">{ node_state(state, &words) }</p>
                <ul class="faults">{ for rows }</ul>
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
            <LinksOf now={now.clone()} actor={props.actor} />
        </Dialog>
    }
}

/// A fault: its name in tests, its words, what it means, its command.
type Fault = (&'static str, &'static str, &'static str, Command);

/// How long a disk that a person makes slow needs for a write, in milliseconds.
const SLOW_DISK_MS: u64 = 500;

fn faults_of(node: &NodeView) -> Vec<Fault> {
    faults(node.id, node.state, node.is_broker, node.disk_write_ms > 0)
}

/// What a node in its state can be made to do.
fn faults(node: i32, state: NodeState, is_broker: bool, is_slow: bool) -> Vec<Fault> {
    let stop_means = if is_broker { "stop-means" } else { "stop-controller-means" };
    let start = ("start", "start-node", "start-means", Command::Start { node });
    let crash = ("crash", "crash-process", "crash-process-means", Command::Crash { node, machine: false });
    let power = ("crash-machine", "crash-machine", "crash-machine-means", Command::Crash { node, machine: true });
    let stop = ("stop", "stop-node", stop_means, Command::Stop { node });
    let pause = ("pause-node", "pause-node", "pause-means", Command::Pause { node });
    let resume = ("resume", "resume-node", "resume-means", Command::Resume { node });
    let disk = if !is_slow {
        ("slow-disk", "slow-disk", "slow-disk-means", Command::SlowDisk { node, by_ms: SLOW_DISK_MS })
    } else {
        ("quick-disk", "quick-disk", "quick-disk-means", Command::SlowDisk { node, by_ms: 0 })
    };
    let mut faults = match state {
        NodeState::Down => vec![start],
        NodeState::Paused => vec![resume, crash, power],
        NodeState::Puppet => return Vec::new(),
        NodeState::Starting | NodeState::Fenced | NodeState::Running | NodeState::Stopping => {
            vec![crash, power, stop, pause]
        }
    };
    faults.extend(is_broker.then_some(disk));
    faults
}

/// The links of a party: each can be cut and healed here, and opened.
#[component]
pub fn LinksOf(props: &PartyProps) -> Html {
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
        let state = Cut::of(view, from, to);
        let is_cut = state != Cut::Nothing;
        let (name, word, command) = if is_cut {
            ("heal", words.say("heal-link"), Command::Heal { from, to, both: true })
        } else {
            ("cut", words.say("cut-link"), Command::Cut { from, to, both: true })
        };
        let act = {
            let desk = desk.clone();
            Callback::from(move |_: MouseEvent| {
                desk.act(command.clone());
            })
        };
        let desk = desk.clone();
        let open = Callback::from(move |_: MouseEvent| desk.page(Action::Open(Window::Link(from, to))));
        html! {
            <li class={classes!(is_cut.then_some("is-cut"))}>
                <button class="quiet" data-testid={format!("open-link-{}", test_name(to))} onclick={open}>
                    { words.actor(to) }<small>{ is_cut.then(|| state.word(&words)) }</small>
                </button>
                <button data-testid={format!("{name}-{}", test_name(to))} onclick={act}>{ word }</button>
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Lang, Words};

    #[test]
    fn every_fault_is_named_and_says_what_it_means() {
        let states = [NodeState::Running, NodeState::Down, NodeState::Paused, NodeState::Puppet];
        for (_, word, means, _) in states.into_iter().flat_map(|state| {
            [faults(1, state, true, false), faults(1, state, true, true), faults(1, state, false, false)].concat()
        }) {
            for words in [Words::of(Lang::En), Words::of(Lang::Ko)] {
                assert!(words.find(word).is_some() && words.find(means).is_some(), "{word} {means}");
            }
        }
    }
}
