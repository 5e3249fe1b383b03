//! Stops, waits, branches, and runs that are opened in slices.

use super::repeats::Repeats;
use super::*;
use crate::actor::Actor;
use crate::change::{Change, Size};
use crate::explain::{Explanation, Routine};
use crate::presets::presets;

fn preset(id: &str) -> History {
    let preset = presets().into_iter().find(|preset| preset.id == id).expect("a preset");
    History::new(preset.scenario).expect("it runs")
}

/// The first page, with the leader of the record crashed right after the acknowledgement.
fn after_a_crash() -> History {
    let mut history = preset("first-minute");
    for _ in 0..10 {
        assert!(history.forward(Size::Message));
    }
    history.act(Command::Crash { node: 3, machine: false }).expect("it runs");
    history
}

#[test]
fn from_a_leaders_crash_to_the_acknowledgement_every_press_tells_something_new() {
    let mut history = preset("first-minute");
    let knows = |step: &Step| step.changes.iter().any(|change| matches!(change, Change::FollowerEndKnown { .. }));
    while !history.current().is_some_and(|step| knows(&step)) {
        assert!(history.step().is_some(), "a follower fetches again");
    }
    // Before the leader learns that a follower has the record.
    history.seek(history.position() - 1);
    history.act(Command::Crash { node: 3, machine: false }).expect("it runs");
    let mut seen: Vec<String> = Vec::new();
    let is_acknowledged = |history: &mut History| {
        let step = history.current().expect("a step led here");
        step.changes.iter().any(|change| matches!(change, Change::Acknowledged { .. }))
    };
    while !is_acknowledged(&mut history) {
        assert!(history.forward(Size::Message), "nothing is scheduled");
        let step = history.current().expect("a step led here");
        let wait = history.passed(Size::Message).filter(|passed| passed.is_wait);
        let tells = match wait {
            Some(wait) => format!("{} ms {:?}", wait.ms, wait.counts),
            None => format!("{:?}", step.explanation),
        };
        assert!(!seen.contains(&tells), "{tells} was told before: {seen:#?}");
        seen.push(tells);
    }
    assert!(seen.len() <= 17, "{} presses: {seen:#?}", seen.len());
}

#[test]
fn a_wait_counts_what_recurred() {
    let mut history = after_a_crash();
    let wait = loop {
        assert!(history.forward(Size::Message));
        match history.passed(Size::Message) {
            Some(passed) if passed.is_wait => break passed,
            Some(_) | None => {}
        }
    };
    let count = |wanted| wait.counts.iter().find(|(routine, _)| *routine == wanted).map_or(0, |(_, count)| *count);
    assert!(count(Routine::ConnectionRefused) > 1 && count(Routine::Heartbeat) > 1, "{wait:?}");
    let refused = (wait.first..=wait.last).filter(|at| {
        let step = history.step_at(*at).expect("it was made");
        matches!(step.explanation, Explanation::ConnectionRefused { .. })
    });
    assert_eq!(refused.count(), count(Routine::ConnectionRefused) as usize);
    // The next press tells what was waited for.
    assert!(history.forward(Size::Message));
    assert!(history.passed(Size::Message).is_none_or(|passed| !passed.is_wait));
}

#[test]
fn back_stops_where_forward_stopped() {
    for size in [Size::Micro, Size::Message, Size::Milestone] {
        let mut history = after_a_crash();
        let mut stops = Vec::new();
        for _ in 0..12 {
            assert!(history.forward(size));
            stops.push((history.position(), history.cluster().digest()));
        }
        for (position, digest) in stops.into_iter().rev().skip(1) {
            assert!(history.back(size));
            assert_eq!((history.position(), history.cluster().digest()), (position, digest), "{size:?}");
        }
    }
}

#[test]
fn forward_goes_the_same_way_again() {
    let mut history = after_a_crash();
    let start = history.position();
    let go = |history: &mut History| {
        let stop = |_| {
            history.forward(Size::Message);
            history.position()
        };
        (0..12).map(stop).collect::<Vec<_>>()
    };
    let first = go(&mut history);
    history.seek(start);
    assert_eq!(go(&mut history), first);
}

/// What Forward promises, held to what one sees who looks ahead: it stops at what is new or, where that has a wait before it,
/// at the wait's end, and writes nothing down that was not pressed for.
#[test]
fn forward_stops_at_what_is_ahead_or_at_the_end_of_the_wait_before_it() {
    for size in [Size::Message, Size::Milestone] {
        let mut history = after_a_crash();
        let mut waits = 0;
        for _ in 0..30 {
            let (here, now) = (history.position(), history.cluster().now());
            let ahead = history.scout(size).go_on(u32::MAX).expect("it was looked to its end");
            let patience = if size == Size::Message { 10_000 } else { 60_000 };
            let is_late = size == Size::Message && ahead.at_ms >= now + 1_000 && ahead.position > here + 1;
            assert!(history.forward(size), "nothing is scheduled");
            assert_eq!(history.len(), history.position(), "only what was pressed for is written down");
            match ahead.change {
                Some(_) if ahead.at_ms <= now + patience => {
                    let stop = ahead.position - u32::from(is_late);
                    assert_eq!((history.position(), history.cluster().position()), (stop, stop));
                    waits += u32::from(is_late);
                    let next = history.clone().step();
                    assert!(!is_late || next.as_deref() == ahead.change.as_ref(), "what was waited for comes next");
                }
                Some(_) | None => assert!(history.cluster().now() >= now + patience, "the patience was over too soon"),
            }
        }
        assert!(size == Size::Milestone || waits > 0, "the run has no wait");
    }
}

#[test]
fn a_failure_that_recurs_is_told_once() {
    let mut history = preset("first-minute");
    let mut repeats = Repeats::default();
    let change = |error| Change::Retried { producer: 1, partition: TopicPartition::new("orders", 0), error };
    let cut =
        history.act(Command::Cut { from: Actor::Node(1), to: Actor::Node(2), both: true }).expect("it can be cut");
    let step = |changes| Step { changes, size: Size::Message, command: None, ..(*cut).clone() };
    let not_leader = crate::wire::ErrorCode::NotLeaderOrFollower;
    assert!(!repeats.observe(&step(vec![change(not_leader)])));
    assert!(repeats.observe(&step(vec![change(not_leader)])));
    assert!(!repeats.observe(&step(vec![change(crate::wire::ErrorCode::RequestTimedOut)])), "another failure is news");
    assert!(!repeats.observe(&cut), "a command is news");
    assert!(!repeats.observe(&step(vec![change(not_leader)])), "after it, it is news again");
}

#[test]
fn what_is_said_to_be_ahead_comes() {
    let mut history = after_a_crash();
    for _ in 0..12 {
        let (position, digest) = (history.position(), history.cluster().digest());
        let ahead = history.scout(Size::Message).go_on(u32::MAX).expect("it was looked to its end");
        assert_eq!((history.position(), history.cluster().digest()), (position, digest), "looking moves nothing");
        let Some(change) = ahead.change else { break };
        assert_eq!(ahead.before.position() + 1, ahead.position);
        history.run_to(ahead.position);
        assert_eq!(history.current().as_deref(), Some(&change));
    }
}

#[test]
fn looking_in_slices_finds_the_same() {
    let history = after_a_crash();
    let at_once = history.scout(Size::Milestone).go_on(u32::MAX).expect("it was looked to its end");
    let mut scout = history.scout(Size::Milestone);
    let in_slices = std::iter::repeat_with(|| scout.go_on(7)).flatten().next().expect("it ends");
    assert_eq!((in_slices.position, in_slices.change), (at_once.position, at_once.change));
}

#[test]
fn a_run_that_is_opened_in_slices_is_the_same_run() {
    let mut history = after_a_crash();
    for _ in 0..8 {
        history.forward(Size::Message);
    }
    history.act(Command::Start { node: 3 }).expect("it is down");
    history.forward(Size::Message);
    let scenario = history.scenario();
    let mut opening = Opening::new(scenario.clone()).expect("a good cluster");
    let mut slices = 0;
    while !opening.go_on(50).expect("its commands are good") {
        slices += 1;
        assert_eq!(opening.progress().1, scenario.moves());
    }
    assert!(slices > 2, "{slices}");
    let opened = opening.into_history();
    assert_eq!(opened.scenario(), scenario);
    assert_eq!(opened.cluster().digest(), history.cluster().digest());
}

#[test]
fn a_branch_says_what_it_began_with_and_is_shown_where_one_wants() {
    let mut history = after_a_crash();
    for _ in 0..6 {
        history.forward(Size::Message);
    }
    let (there, digest) = (history.position(), history.cluster().digest());
    history.seek(5);
    history.act(Command::Crash { node: 1, machine: false }).expect("it runs");
    let branches = history.branches();
    assert_eq!(branches.len(), 2);
    assert_eq!((branches[0].from, &branches[0].began_with), (None, &None));
    assert_eq!(branches[1].from, Some((0, 5)));
    assert_eq!(branches[1].began_with, Some(Explanation::PersonCrashesProcess { node: 1 }));
    assert!(history.show(0, there));
    assert_eq!((history.branch_number(), history.cluster().digest()), (0, digest));
    assert!(!history.show(7, 0));
    assert_eq!(history.position(), there);
}

#[test]
fn a_saved_run_is_opened_with_all_of_its_branches() {
    let mut history = after_a_crash();
    let acted_at = history.position() - 1;
    for _ in 0..6 {
        history.forward(Size::Message);
    }
    // Another future, and one that leaves that one.
    history.seek(acted_at);
    history.act(Command::Pause { node: 3 }).expect("it runs");
    for _ in 0..4 {
        history.forward(Size::Message);
    }
    history.seek(acted_at + 3);
    history.act(Command::Crash { node: 2, machine: true }).expect("it runs");
    history.forward(Size::Message);
    history.show(1, acted_at + 2);
    let saved: SavedHistory = crate::json::read_text(&crate::json::write_text(&history.save())).expect("it is read");
    for slice in [1, 7, u32::MAX] {
        let mut opening = Opening::of_saved(saved.clone()).expect("it opens");
        while !opening.go_on(slice).expect("nothing is refused") {}
        let (made, of) = opening.progress();
        assert_eq!(made, of, "in slices of {slice}");
        let again = opening.into_history();
        assert_eq!(again.branches(), history.branches(), "in slices of {slice}");
        assert_eq!((again.branch_number(), again.position()), (1, acted_at + 2));
        assert_eq!(again.cluster().digest(), history.cluster().digest());
        assert_eq!(again.save(), saved);
    }
}

#[test]
fn a_branch_that_leaves_nowhere_is_refused() {
    let mut history = after_a_crash();
    history.seek(history.position() - 1);
    history.act(Command::Pause { node: 3 }).expect("it runs");
    let text = crate::json::write_text(&history.save());
    assert!(text.contains("\"from\":[0,"), "{text}");
    let saved: SavedHistory =
        crate::json::read_text(&text.replace("\"from\":[0,", "\"from\":[1,")).expect("it is read");
    assert!(matches!(Opening::of_saved(saved), Err(ScenarioError::BadLink { .. })));
}

#[test]
fn steps_that_were_asked_for_stay_kept_however_far_apart_they_are() {
    let mut history = preset("first-minute");
    history.run_to(3 * CHECKPOINT_INTERVAL);
    let wanted: Vec<Position> = (1..=history.len()).step_by(100).chain([history.len()]).collect();
    for stretch in wanted.chunk_by(|left, right| (left - 1) / CHECKPOINT_INTERVAL == (right - 1) / CHECKPOINT_INTERVAL)
    {
        history.make_steps(stretch);
    }
    let missing: Vec<Position> = wanted.into_iter().filter(|index| history.kept_step(*index).is_none()).collect();
    assert!(missing.is_empty(), "made, and not kept: {missing:?}");
}

#[test]
fn a_step_that_is_asked_for_is_the_one_that_was_made() {
    let mut history = preset("first-minute");
    let mut made = Vec::new();
    while history.len() < CHECKPOINT_INTERVAL + 700 {
        made.push(history.step().expect("a cluster always has something to do"));
    }
    assert_eq!(history.steps_between(1, history.len()), made);
    for index in [1, 2, 700, CHECKPOINT_INTERVAL, CHECKPOINT_INTERVAL + 1, history.len()] {
        assert_eq!(history.step_at(index).as_ref(), made.get(index as usize - 1), "{index}");
    }
    // What is asked for behind the present is made from there.
    history.seek(100);
    assert_eq!(history.step_at(101).as_ref(), made.get(100));
    assert_eq!((history.step_at(0), history.step_at(history.len() + 1)), (None, None));
}

#[test]
fn a_branch_keeps_no_step_of_the_way_that_it_left() {
    let mut history = preset("first-minute");
    history.run_to(900);
    history.step_at(300);
    history.seek(200);
    history.act(Command::Crash { node: 3, machine: true }).expect("it runs");
    let kept: Vec<Position> = (1..=900).filter(|index| history.kept_step(*index).is_some()).collect();
    assert_eq!(kept, (1..=201).collect::<Vec<Position>>(), "the steps up to the one asked for, and the command");
}
