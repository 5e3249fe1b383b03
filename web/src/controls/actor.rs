//! What can be done to a node or a client, and its links.

use yew::prelude::*;

use crate::app::Dialog;
use crate::app::use_app;
use crate::app::{Action, Window};
use crate::controls::consumer::ConsumerCalls;
use crate::controls::perf_test::PerfTestForm;
use crate::engine::{Actor, Command, NodeState, NodeView, ProducerTransactionView, ProducerView, TransactionCall};
use crate::i18n::use_i18n;
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;
use crate::scene::capitalised;
use crate::scene::{Cut, node_state};

/// Which actor.
#[derive(Clone, PartialEq, Properties)]
pub struct ActorWindowProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The actor.
    pub actor: Actor,
}

/// The window of an actor.
#[component]
pub fn ActorWindow(props: &ActorWindowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let snapshot = &props.snapshot;
    let does = |testid: String, label: String, command: Command| {
        let app = app.clone();
        let press = Callback::from(move |_: MouseEvent| {
            app.act(command.clone());
            app.page(Action::Close);
        });
        html! { <button data-testid={testid} onclick={press}>{ label }</button> }
    };
    let own = match props.actor {
        Actor::Node(id) => {
            let node = snapshot.view.nodes.iter().find(|node| node.id == id);
            let state = node.map_or(NodeState::Down, |node| node.state);
            let rows = node.map(faults_of).unwrap_or_default().into_iter().map(|(testid, word, means, command)| {
                html! { <li>{ does(testid.to_owned(), i18n.format(word), command) }<p class="faint">{ i18n.format(means) }</p></li> }
            });
            html! {
                <>
                <p class="faint">{ node_state(state, &i18n) }</p>
                <ul class="faults">{ for rows }</ul>
                </>
            }
        }
        Actor::Consumer(consumer) => {
            let is_running = snapshot.view.consumers.iter().any(|each| each.number == consumer && each.is_running);
            let actions = consumer_actions(consumer, is_running);
            html! {
                <>
                <div class="buttons">
                    { siblings(actions.into_iter().map(|(word, command)| does(word.to_owned(), i18n.format(word), command))) }
                </div>
                <ConsumerCalls snapshot={snapshot.clone()} {consumer} />
                </>
            }
        }
        Actor::Producer(producer) => {
            let shown = snapshot.view.producers.iter().find(|each| each.number == producer);
            let actions = shown.map(producer_actions).unwrap_or_default();
            let app = app.clone();
            let open = Callback::from(move |_: MouseEvent| app.page(Action::Open(Window::Produce(producer))));
            html! {
                <>
                <div class="buttons">
                    if shown.is_some_and(|shown| shown.is_running) {
                        <button data-testid="produce" onclick={open}>{ i18n.format("produce") }</button>
                    }
                    { siblings(actions.into_iter().map(|(word, command)| does(word.to_owned(), i18n.format(word), command))) }
                </div>
                <PerfTestForm snapshot={snapshot.clone()} {producer} />
                </>
            }
        }
        Actor::Admin | Actor::Probe(_) => Html::default(),
    };
    html! {
        <Dialog title={capitalised(&i18n.actor(props.actor))} testid="actor-window">
            { own }
            <LinksOf snapshot={snapshot.clone()} actor={props.actor} />
        </Dialog>
    }
}

/// What a consumer can be made to do, by the words for it.
fn consumer_actions(consumer: u32, is_running: bool) -> Vec<(&'static str, Command)> {
    if !is_running {
        return vec![("start-consumer", Command::StartConsumer { consumer })];
    }
    vec![
        ("poll", Command::Poll { consumer }),
        ("process", Command::Process { consumer }),
        ("commit", Command::Commit { consumer }),
        ("close-consumer", Command::CloseConsumer { consumer }),
        ("crash-consumer", Command::CrashConsumer { consumer }),
    ]
}

/// What a producer's process can be made to do, by the words for it.
fn producer_actions(shown: &ProducerView) -> Vec<(&'static str, Command)> {
    let producer = shown.number;
    if !shown.is_running {
        return vec![("start-producer", Command::StartProducer { producer })];
    }
    let transaction = shown.transaction.as_ref().map(transaction_actions).unwrap_or_default();
    let transaction = transaction.into_iter().map(|(word, call)| (word, call(producer)));
    let close =
        (!shown.is_closing).then_some(("close-producer", Command::CloseProducer { producer, timeout_ms: None }));
    let end = close.into_iter().chain([("crash-producer", Command::CrashProducer { producer })]);
    transaction.chain(end).collect()
}

/// What can be done with a producer: its words, and its command for a producer's number.
pub type ProducerAction = (&'static str, fn(u32) -> Command);

/// What a transaction's state allows its application to call, by the words for it; nothing where an application does so by
/// itself.
pub fn transaction_actions(shown: &ProducerTransactionView) -> Vec<ProducerAction> {
    if shown.application.is_some() {
        return Vec::new();
    }
    let action = |call: &TransactionCall| -> Option<ProducerAction> {
        match call {
            TransactionCall::InitTransactions => {
                Some(("init-transactions", |producer| Command::InitTransactions { producer }))
            }
            TransactionCall::BeginTransaction => {
                Some(("begin-transaction", |producer| Command::BeginTransaction { producer }))
            }
            TransactionCall::CommitTransaction => {
                Some(("commit-transaction", |producer| Command::CommitTransaction { producer }))
            }
            TransactionCall::AbortTransaction => {
                Some(("abort-transaction", |producer| Command::AbortTransaction { producer }))
            }
            // These need to be told what; sending has a window of its own.
            TransactionCall::Send | TransactionCall::SendOffsetsToTransaction => None,
        }
    };
    shown.calls.iter().filter_map(action).collect()
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

/// The links of an actor: each can be cut and healed here, and opened.
#[component]
pub fn LinksOf(props: &ActorWindowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let view = &props.snapshot.view;
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
            ("heal", i18n.format("heal-link"), Command::Heal { from, to, both: true })
        } else {
            ("cut", i18n.format("cut-link"), Command::Cut { from, to, both: true })
        };
        let act = {
            let app = app.clone();
            Callback::from(move |_: MouseEvent| {
                app.act(command.clone());
            })
        };
        let app = app.clone();
        let open = Callback::from(move |_: MouseEvent| app.page(Action::Open(Window::Link(from, to))));
        html! {
            <li class={classes!(is_cut.then_some("is-cut"))}>
                <button class="quiet" data-testid={format!("open-link-{}", test_name(to))} onclick={open}>
                    { i18n.actor(to) }<small>{ is_cut.then(|| state.word(&i18n)) }</small>
                </button>
                <button data-testid={format!("{name}-{}", test_name(to))} onclick={act}>{ word }</button>
            </li>
        }
    });
    html! {
        <section>
            <h3>{ i18n.format("links") }</h3>
            <ul class="links">{ for rows }</ul>
        </section>
    }
}

/// An actor's name in tests.
pub fn test_name(actor: Actor) -> String {
    match actor {
        Actor::Node(id) => format!("node-{id}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::TransactionManagerState;
    use crate::i18n::{I18n, Lang};

    #[test]
    fn what_a_consumer_can_do_has_words() {
        for (word, _) in [consumer_actions(1, true), consumer_actions(1, false)].concat() {
            for i18n in [I18n::of(Lang::En), I18n::of(Lang::Ko)] {
                assert!(i18n.find(word).is_some(), "{word}");
            }
        }
    }

    #[test]
    fn what_a_producer_can_do_has_words() {
        let words = ["start-producer", "close-producer", "crash-producer", "send-offsets-to-transaction"];
        let shown = ProducerTransactionView {
            transactional_id: "t".to_owned(),
            state: TransactionManagerState::Ready,
            calls: TransactionCall::ALL.to_vec(),
            application: None,
            error: None,
            is_version_2: None,
            coordinator: -1,
            partitions: Vec::new(),
        };
        let calls = transaction_actions(&shown).into_iter().map(|(word, _)| word);
        for word in words.into_iter().chain(calls) {
            for i18n in [I18n::of(Lang::En), I18n::of(Lang::Ko)] {
                assert!(i18n.find(word).is_some(), "{word}");
            }
        }
    }

    #[test]
    fn every_fault_is_named_and_says_what_it_means() {
        let states = [NodeState::Running, NodeState::Down, NodeState::Paused, NodeState::Puppet];
        for (_, word, means, _) in states.into_iter().flat_map(|state| {
            [faults(1, state, true, false), faults(1, state, true, true), faults(1, state, false, false)].concat()
        }) {
            for i18n in [I18n::of(Lang::En), I18n::of(Lang::Ko)] {
                assert!(i18n.find(word).is_some() && i18n.find(means).is_some(), "{word} {means}");
            }
        }
    }
}
