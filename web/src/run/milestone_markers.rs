//! The markers of the time bar: what is worth a look, in lanes, gathered where they would fall on each other. A press
//! adds a marker or none; only where the bar gets another scale are they placed anew.

use std::rc::Rc;

use crate::engine::{History, MilestoneKind, Position};
use crate::run::places::Place;

/// How many markers a lane has room for side by side.
const PLACES: u64 = 120;
/// The shortest bar: a new run has somewhere to go.
const LENGTH_MIN: Position = 20;

/// What a lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// What a person did.
    Commands,
    /// Faults, and records lost.
    Faults,
    /// The ISR and leaders.
    Leaders,
    /// High watermarks.
    HighWatermarks,
    /// What clients got: acknowledgements, records, committed offsets.
    Clients,
}

impl Lane {
    /// All of them, from the top.
    pub const ALL: [Self; 5] = [Self::Commands, Self::Faults, Self::Leaders, Self::HighWatermarks, Self::Clients];

    /// Its name in tests, styles and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Faults => "faults",
            Self::Leaders => "leaders",
            Self::HighWatermarks => "high-watermarks",
            Self::Clients => "clients",
        }
    }

    /// Where a milestone belongs; none for a mere command: every command has its marker, whatever else it was.
    fn of(kind: MilestoneKind) -> Option<Self> {
        Some(match kind {
            MilestoneKind::Command => return None,
            MilestoneKind::Fault | MilestoneKind::Loss => Self::Faults,
            MilestoneKind::Isr | MilestoneKind::Election => Self::Leaders,
            MilestoneKind::HighWatermark => Self::HighWatermarks,
            MilestoneKind::Acknowledged
            | MilestoneKind::Read
            | MilestoneKind::OffsetCommitted
            | MilestoneKind::CommitAcknowledged
            | MilestoneKind::Other => Self::Clients,
        })
    }
}

/// One or several milestones of a lane that lie together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MilestoneMarker {
    /// Which place of the lane it has, from 0.
    place: u64,
    /// The kind of the first.
    pub kind: MilestoneKind,
    /// The position after each, in order.
    pub positions: Vec<Position>,
}

impl MilestoneMarker {
    /// The position after the first.
    pub fn first(&self) -> Position {
        self.positions.first().copied().unwrap_or(0)
    }

    /// The position after the last.
    pub fn last(&self) -> Position {
        self.positions.last().copied().unwrap_or(0)
    }

    /// The next one behind a position; behind the last, the first again.
    pub fn next_after(&self, position: Position) -> Position {
        let next = self.positions.partition_point(|at| *at <= position);
        self.positions.get(next).copied().unwrap_or_else(|| self.first())
    }
}

/// The markers of a branch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MilestoneMarkers {
    /// The markers of each lane, in order. A lane that no press has touched is the very same.
    pub lanes: Vec<Rc<Vec<MilestoneMarker>>>,
    /// How many moves the bar is long.
    pub length: Position,
}

/// Keeps the markers of the branch that is shown.
#[derive(Debug, Default)]
pub struct MilestoneMarkerCache {
    markers: MilestoneMarkers,
    /// The run and the branch.
    of: Option<(u32, u32)>,
    /// How many of its milestones and commands have their markers.
    placed: (usize, usize),
}

impl MilestoneMarkerCache {
    /// The markers of the branch at a place.
    pub fn of(&mut self, place: Place, history: &History) -> MilestoneMarkers {
        let length = line_length(history.len());
        let of = Some((place.run, place.branch));
        if self.of != of || self.markers.length != length {
            let lanes = Lane::ALL.map(|_| Rc::default()).to_vec();
            *self = Self { markers: MilestoneMarkers { lanes, length }, of, placed: (0, 0) };
        }
        let (milestones, commands) = (history.milestones(), history.commands());
        for milestone in milestones.iter().skip(self.placed.0) {
            if let Some(lane) = Lane::of(milestone.kind) {
                self.place(lane, milestone.kind, milestone.position);
            }
        }
        for placed in commands.iter().skip(self.placed.1) {
            self.place(Lane::Commands, MilestoneKind::Command, placed.at.saturating_add(1));
        }
        self.placed = (milestones.len(), commands.len());
        self.markers.clone()
    }

    /// Gives a milestone its marker. In each lane they come in order.
    fn place(&mut self, lane: Lane, kind: MilestoneKind, position: Position) {
        let place = u64::from(position) * PLACES / u64::from(self.markers.length.max(1));
        let Some(markers) = self.markers.lanes.get_mut(lane as usize) else { return };
        let markers = Rc::make_mut(markers);
        match markers.last_mut().filter(|marker| marker.place == place) {
            Some(marker) => marker.positions.push(position),
            None => markers.push(MilestoneMarker { place, kind, positions: vec![position] }),
        }
    }
}

/// How many moves the bar is long: the next of 1, 2, 5, 10, 20, 50… that holds the branch. A bar that ends at a round number
/// keeps its markers in their places while one steps, and changes its scale only a few times in a run.
fn line_length(len: Position) -> Position {
    let len = len.max(LENGTH_MIN);
    let mut power: Position = 1;
    loop {
        for factor in [1, 2, 5] {
            match power.checked_mul(factor) {
                Some(round) if round >= len => return round,
                Some(_) => {}
                // No round number is as long.
                None => return len,
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return len,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Actor, Command, Size};
    use crate::run::tour::preset;

    #[test]
    fn the_bar_ends_at_the_next_round_number() {
        let lengths =
            [(0, 20), (20, 20), (21, 50), (51, 100), (101, 200), (2_000_000, 2_000_000), (2_000_001, 5_000_000)];
        for (len, length) in lengths {
            assert_eq!(line_length(len), length, "{len}");
        }
        assert_eq!(line_length(Position::MAX), Position::MAX);
    }

    fn run() -> History {
        let mut history = History::new(preset("first-minute").expect("a preset").scenario).expect("it runs");
        for _ in 0..20 {
            history.forward(Size::Message);
        }
        history
    }

    #[test]
    fn what_a_press_adds_is_what_all_at_once_would_be() {
        let mut history = run();
        let mut cache = MilestoneMarkerCache::default();
        let cut = Command::Cut { from: Actor::Node(1), to: Actor::Node(2), both: false };
        let heal = Command::Heal { from: Actor::Node(1), to: Actor::Node(2), both: false };
        let poll = Command::Poll { consumer: 1 };
        for press in 0..60 {
            if press % 10 == 3 {
                history
                    .act(if press % 20 == 3 { cut.clone() } else { heal.clone() })
                    .expect("links can be cut and healed");
            }
            if press % 10 == 6 {
                history.act(poll.clone()).expect("a consumer is there");
            }
            history.forward(Size::Message);
            let step_by_step = cache.of(Place::default(), &history);
            assert_eq!(step_by_step, MilestoneMarkerCache::default().of(Place::default(), &history));
            for lane in &step_by_step.lanes {
                let positions: Vec<Position> = lane.iter().flat_map(|marker| marker.positions.clone()).collect();
                assert!(positions.is_sorted_by(|one, other| one < other), "{positions:?}");
            }
        }
        let markers = cache.of(Place::default(), &history);
        let cut_at = history
            .commands()
            .iter()
            .rfind(|placed| placed.command == cut)
            .map(|placed| placed.at + 1)
            .expect("it was given");
        let has_cut = |lane: usize| markers.lanes[lane].iter().any(|marker| marker.positions.contains(&cut_at));
        assert!(has_cut(Lane::Commands as usize) && has_cut(Lane::Faults as usize), "{markers:?}");
    }

    #[test]
    fn a_lane_that_nothing_was_added_to_is_the_same() {
        let mut history = run();
        let mut cache = MilestoneMarkerCache::default();
        let before = cache.of(Place::default(), &history);
        history.step().expect("something is scheduled");
        let after = cache.of(Place::default(), &history);
        let same = before.lanes.iter().zip(&after.lanes).filter(|(one, other)| Rc::ptr_eq(one, other)).count();
        assert!(before.length != after.length || same >= 4, "{same}");
    }

    #[test]
    fn markers_at_one_place_are_gathered() {
        let mut cache = MilestoneMarkerCache {
            markers: MilestoneMarkers { lanes: Lane::ALL.map(|_| Rc::default()).to_vec(), length: 10_000 },
            ..MilestoneMarkerCache::default()
        };
        for position in 1..=10_000 {
            cache.place(Lane::HighWatermarks, MilestoneKind::HighWatermark, position);
        }
        let lane = &cache.markers.lanes[Lane::HighWatermarks as usize];
        assert!(lane.len() <= PLACES as usize + 1, "{}", lane.len());
        assert_eq!(lane.iter().map(|marker| marker.positions.len()).sum::<usize>(), 10_000);
        let first = &lane[0];
        assert_eq!(first.next_after(first.first()), first.positions[1]);
        assert_eq!(first.next_after(first.last()), first.first());
    }
}
