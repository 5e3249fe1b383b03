//! The chain of causes of what a fault brought about ends at the person's command.

use std::rc::Rc;

use kafkascope_core::actor::{Actor, Endpoint};
use kafkascope_core::change::Change;
use kafkascope_core::command::Command;
use kafkascope_core::effects::{ControllerTimer, Timer};
use kafkascope_core::history::History;
use kafkascope_core::presets::{CONTROLLER, Order};
use kafkascope_core::scenario::Scenario;
use kafkascope_core::step::{ExecutedEvent, Position, Step};

/// The longest chain that a test follows.
const CHAIN_MAX: usize = 100_000;
/// The most moves in which something has to come about.
const MOVES_MAX: u32 = 200_000;

fn history() -> History {
    let config = Order { producers: 1, ..Order::default() }.config();
    History::new(Scenario::new(config, 42)).expect("a good cluster")
}

/// Runs until a step has a change.
fn run_until(history: &mut History, is_wanted: impl Fn(&Change) -> bool) -> Rc<Step> {
    for _ in 0..MOVES_MAX {
        let step = history.step().expect("something is always scheduled");
        if step.changes.iter().any(&is_wanted) {
            return step;
        }
    }
    panic!("it never came about");
}

/// The position of the first cause of all.
fn root(history: &mut History, index: Position) -> Rc<Step> {
    history.causes(index, CHAIN_MAX).pop().expect("the step itself")
}

#[test]
fn a_pause_is_at_the_root_of_the_fencing_that_follows() {
    let mut history = history();
    let command = Command::Pause { node: 3 };
    let pause = history.act(command.clone()).expect("it runs").index;
    let fenced = run_until(&mut history, |change| *change == Change::BrokerFenced { broker: 3 });
    let expected = ExecutedEvent::Timer {
        event: match fenced.event {
            Some(ExecutedEvent::Timer { event, .. }) => event,
            ref other => panic!("{other:?}"),
        },
        endpoint: Endpoint::Controller(CONTROLLER),
        timer: Timer::Controller(ControllerTimer::Sessions),
    };
    assert_eq!(fenced.event, Some(expected));
    let root = root(&mut history, fenced.index);
    assert_eq!((root.index, root.command.as_ref(), root.cause), (pause, Some(&command), None));
}

#[test]
fn a_cut_is_at_the_root_of_the_fencing_and_a_pause_after_it_is_not() {
    let mut history = history();
    let link = (Actor::Node(2), Actor::Node(CONTROLLER));
    let cut = history.act(Command::Cut { from: link.0, to: link.1, both: true }).expect("it holds").index;
    history.act(Command::Pause { node: 2 }).expect("it runs");
    history.act(Command::Pause { node: 3 }).expect("it runs");
    let fenced = run_until(&mut history, |change| *change == Change::BrokerFenced { broker: 2 });
    assert_eq!(root(&mut history, fenced.index).index, cut);
}

#[test]
fn a_fault_that_is_over_counts_until_something_is_heard_again() {
    let mut history = history();
    let pause = history.act(Command::Pause { node: 3 }).expect("it runs").index;
    run_until(&mut history, |change| *change == Change::BrokerFenced { broker: 3 });
    history.act(Command::Resume { node: 3 }).expect("it stands still");
    run_until(&mut history, |change| *change == Change::BrokerUnfenced { broker: 3 });
    let crash = history.act(Command::Crash { node: 3, machine: false }).expect("it runs").index;
    let fenced = run_until(&mut history, |change| *change == Change::BrokerFenced { broker: 3 });
    let root = root(&mut history, fenced.index).index;
    assert_eq!(root, crash);
    assert_ne!(root, pause);
}

#[test]
fn a_request_that_a_paused_process_held_keeps_its_sender_as_its_cause() {
    let mut history = history();
    // A request has arrived and waits for a handler thread when the process is stopped.
    let arrived = loop {
        let step = history.step().expect("something is always scheduled");
        if let Some(ExecutedEvent::Delivery { to: Endpoint::Broker(node), is_response: false, .. }) = step.event {
            history.act(Command::Pause { node }).expect("it runs");
            break (node, step.index);
        }
    };
    let (node, arrived) = arrived;
    let held = history.step().expect("the handler's turn");
    assert!(matches!(held.event, Some(ExecutedEvent::Handler { .. })), "{:?}", held.event);
    history.act(Command::Resume { node }).expect("it stands still");
    for _ in 0..MOVES_MAX {
        let step = history.step().expect("something is always scheduled");
        if let Some(ExecutedEvent::Handler { endpoint: Endpoint::Broker(of), request: Some(_), .. }) = step.event
            && of == node
        {
            assert_eq!(step.cause, Some(arrived));
            return;
        }
    }
    panic!("the request was never handled");
}
