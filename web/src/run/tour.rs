//! The first minute's tour: which of its ends a run has reached, and what a curious person asks next.

use crate::engine::{Change, Command, History, Milestone, MilestoneKind, Position, Preset, WhyNot, presets};

/// Where a run first reached each end of a record's tour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstRunTour {
    /// The producer has its acknowledgement.
    pub acknowledged: Option<Position>,
    /// The application has the record.
    pub read: Option<Position>,
    /// The consumer knows its offset committed.
    pub committed: Option<Position>,
}

/// A tour is a matter of the first minute: a longer run is not searched for it.
const SEARCHED_STEPS_MAX: Position = 4_000;
/// How long the page speaks of a tour's end.
const SPOKEN_OF_STEPS: Position = 25;

impl FirstRunTour {
    /// Reads a run's milestones.
    pub fn of(milestones: &[Milestone]) -> Self {
        let early = || milestones.iter().take_while(|milestone| milestone.position <= SEARCHED_STEPS_MAX);
        let first = |kind| early().find(|milestone| milestone.kind == kind).map(|milestone| milestone.position);
        Self {
            acknowledged: first(MilestoneKind::Acknowledged),
            read: first(MilestoneKind::Read),
            committed: first(MilestoneKind::CommitAcknowledged),
        }
    }

    /// Where the tour was complete, if it is at this position.
    pub fn completed_at(&self, position: Position) -> Option<Position> {
        let last = self.acknowledged?.max(self.read?).max(self.committed?);
        (last <= position).then_some(last)
    }

    /// Whether the page speaks of the tour's end here: when it was just reached, and a while after.
    pub fn is_newly_done(&self, position: Position) -> bool {
        self.completed_at(position).is_some_and(|last| position <= last.saturating_add(SPOKEN_OF_STEPS))
    }
}

/// What a curious person asks after the tour. Each is one click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUp {
    /// What if the leader dies before the followers' second fetch?
    CrashLeader,
    /// What is different with `acks=1`?
    AcksOne,
    /// Why did the consumer not see the record as soon as it was in the log?
    NotEarlier,
}

impl FollowUp {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::CrashLeader, Self::AcksOne, Self::NotEarlier];

    /// Its name in tests and messages.
    pub fn id(self) -> &'static str {
        match self {
            Self::CrashLeader => "crash-leader",
            Self::AcksOne => "acks-one",
            Self::NotEarlier => "not-earlier",
        }
    }
}

/// What a follow-up does to the run.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// Go there.
    Seek(Position),
    /// Go there and do that.
    SeekAndAct(Position, Command),
    /// Begin another run.
    Load(&'static str),
}

/// Finds what a follow-up has to do in this run. `None` where the run has no such moment.
pub fn plan(follow_up: FollowUp, history: &mut History) -> Option<Plan> {
    match follow_up {
        FollowUp::AcksOne => Some(Plan::Load("acks-one")),
        FollowUp::CrashLeader => {
            let (at, leader) = second_fetch(history)?;
            Some(Plan::SeekAndAct(at - 1, Command::Crash { node: leader, machine: false }))
        }
        FollowUp::NotEarlier => reader_waits(history).map(Plan::Seek),
    }
}

/// Where the leader first learns from a follower's next fetch that it has the record, and who the leader is.
fn second_fetch(history: &mut History) -> Option<(Position, i32)> {
    let last = history.len().min(SEARCHED_STEPS_MAX);
    (1..=last).find_map(|at| {
        let step = history.step_at(at)?;
        step.changes.iter().find_map(|change| match change {
            Change::FollowerEndKnown { leader, partition, from, to, .. }
                if to > from && !partition.topic.starts_with("__") =>
            {
                Some((at, *leader))
            }
            _ => None,
        })
    })
}

/// Where a consumer waits for a record that is in the leader's log already: there the question is asked.
fn reader_waits(history: &History) -> Option<Position> {
    let last = history.len().min(SEARCHED_STEPS_MAX);
    let mut replay = history.replay(0, last);
    while let Some(step) = replay.next() {
        if replay.cluster().why_not().iter().any(|why| matches!(why, WhyNot::ConsumerWaits { .. })) {
            return Some(step.index);
        }
    }
    None
}

/// Whether a run is the one that the page opens on, however far it has gone.
pub fn is_first_page(history: &History) -> bool {
    let Some(first) = preset(FIRST_PAGE).map(|preset| preset.scenario) else { return false };
    let scenario = history.scenario();
    scenario.seed == first.seed && scenario.config == first.config
}

/// The preset that the page opens on.
pub const FIRST_PAGE: &str = "first-minute";

/// A preset by its id.
pub fn preset(id: &str) -> Option<Preset> {
    presets().into_iter().find(|preset| preset.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Size;

    fn first_minute() -> History {
        let preset = preset(FIRST_PAGE).expect("the page opens on it");
        History::new(preset.scenario).expect("a preset is a good scenario")
    }

    #[test]
    fn the_first_minute_reaches_every_end_of_the_tour() {
        let mut history = first_minute();
        let mut presses = 0;
        while FirstRunTour::of(history.milestones()).completed_at(history.position()).is_none() {
            assert!(history.forward(Size::Message), "the run ends before the tour does");
            presses += 1;
            assert!(presses < 60, "the tour takes too many presses: {:?}", history.milestones());
        }
        assert!(FirstRunTour::of(history.milestones()).is_newly_done(history.position()));
        for follow_up in FollowUp::ALL {
            assert!(plan(follow_up, &mut history).is_some(), "{follow_up:?} cannot be run");
        }
    }

    #[test]
    fn why_the_consumer_did_not_see_it_earlier_is_answered_about_the_consumer() {
        let mut history = first_minute();
        for _ in 0..60 {
            history.forward(Size::Message);
        }
        let Some(Plan::Seek(position)) = plan(FollowUp::NotEarlier, &mut history) else {
            panic!("the run has no such moment")
        };
        history.seek(position);
        let why_not = history.cluster().why_not();
        let waits =
            why_not.iter().any(|why| matches!(why, WhyNot::ConsumerWaits { position: 0, high_watermark: 0, .. }));
        assert!(waits, "{why_not:?}");
    }

    #[test]
    fn going_back_takes_the_tours_end_back() {
        let tour = FirstRunTour { acknowledged: Some(9), read: Some(11), committed: Some(14) };
        assert_eq!(tour.completed_at(13), None);
        assert_eq!(tour.completed_at(14), Some(14));
        assert!(!tour.is_newly_done(1_000));
    }
}
