//! A run that is being opened: its way is made again, in slices, so that its progress can be shown.

use serde::{Deserialize, Serialize};

use super::History;
use crate::scenario::{PlacedCommand, Scenario, ScenarioError};
use crate::step::Position;

/// A run with every branch of it, as it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedHistory {
    /// Its first branch, as a link's text: the cluster, and what was done there.
    link: String,
    /// How far the first branch was explored.
    len: Position,
    /// The branches that left another one, in the order of their numbers.
    forks: Vec<SavedFork>,
    /// The branch that was shown, and where on it the person stood.
    shown: (u32, Position),
}

/// A branch that left another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedFork {
    /// The branch that it left, and the position there.
    from: (u32, Position),
    /// What was done since.
    commands: Vec<PlacedCommand>,
    /// How far it was explored.
    len: Position,
}

/// One branch that has to be made again.
#[derive(Clone, Debug)]
struct Way {
    from: Option<(u32, Position)>,
    commands: Vec<PlacedCommand>,
    len: Position,
}

/// A run that is being opened.
#[derive(Clone, Debug)]
pub struct Opening {
    history: History,
    /// Its branches, each before those that leave it.
    ways: Vec<Way>,
    /// How many of them are made.
    opened: usize,
    /// How many commands of the one that is being made were given.
    given: usize,
    /// The branch that is shown when the run is open, and where the person stands.
    shown: (u32, Position),
    /// How many moves were made, and have to be made.
    made: Position,
    moves: Position,
}

impl History {
    /// The run with every branch of it, to be saved and opened again.
    pub fn save(&self) -> SavedHistory {
        let first = &self.branches[0];
        let scenario = Scenario { commands: first.commands.clone(), position: 0, ..self.seed_scenario.clone() };
        let forks = self.branches.iter().filter_map(|branch| {
            let from = branch.parent?;
            let commands = branch.commands.iter().filter(|placed| placed.at >= from.1).cloned().collect();
            Some(SavedFork { from, commands, len: branch.len() })
        });
        SavedHistory {
            link: scenario.to_link(),
            len: first.len(),
            forks: forks.collect(),
            shown: (self.branch_number(), self.position()),
        }
    }
}

impl Opening {
    /// Begins to open a run.
    pub fn new(scenario: Scenario) -> Result<Self, ScenarioError> {
        let way = Way { from: None, commands: scenario.commands.clone(), len: scenario.moves() };
        let shown = (0, scenario.position);
        Self::of_ways(scenario, vec![way], shown)
    }

    /// Begins to open a run that was saved with its branches.
    pub fn of_saved(saved: SavedHistory) -> Result<Self, ScenarioError> {
        let scenario = Scenario::from_link(&saved.link)?;
        let first = Way { from: None, commands: scenario.commands.clone(), len: saved.len.max(scenario.moves()) };
        let mut ways = vec![first];
        for SavedFork { from, commands, len } in saved.forks {
            // A branch leaves one that is there, with a command, where that one goes on.
            let parent = usize::try_from(from.0).ok().and_then(|parent| ways.get(parent));
            let begins = commands.first().is_some_and(|placed| placed.at == from.1);
            let is_sorted = commands.is_sorted_by(|one, next| one.at < next.at);
            if !begins || !is_sorted || parent.is_none_or(|parent| parent.len <= from.1) {
                return Err(ScenarioError::BadLink { reason: "a branch leaves nowhere".into() });
            }
            ways.push(Way { from: Some(from), commands, len });
        }
        Self::of_ways(scenario, ways, saved.shown)
    }

    fn of_ways(scenario: Scenario, ways: Vec<Way>, shown: (u32, Position)) -> Result<Self, ScenarioError> {
        let moves = ways.iter().map(|way| way.len - way.from.map_or(0, |(_, position)| position.min(way.len)));
        let moves = moves.fold(0, Position::saturating_add);
        Ok(Self { history: History::at_start(scenario)?, ways, opened: 0, given: 0, shown, made: 0, moves })
    }

    /// Makes at most `moves` moves, beside those that lead to where a branch leaves another one. `true` when the run is
    /// open; an error where a command is refused.
    pub fn go_on(&mut self, moves: u32) -> Result<bool, ScenarioError> {
        let mut left = moves.max(1);
        while self.opened < self.ways.len() {
            let before = self.history.position();
            let is_made = self.go_on_with_way(before.saturating_add(left))?;
            let made = self.history.position() - before;
            self.made = self.made.saturating_add(made);
            left = left.saturating_sub(made);
            if !is_made {
                return Ok(false);
            }
            self.opened += 1;
            self.given = 0;
            if let Some((branch, position)) = self.ways.get(self.opened).and_then(|way| way.from) {
                self.history.show(branch, position);
            }
            if left == 0 && self.opened < self.ways.len() {
                return Ok(false);
            }
        }
        self.history.show(self.shown.0, self.shown.1);
        Ok(true)
    }

    /// Goes on with the branch that is being made, to a position at most. `true` when it is made.
    fn go_on_with_way(&mut self, limit: Position) -> Result<bool, ScenarioError> {
        let Some(way) = self.ways.get(self.opened) else { return Ok(true) };
        while let Some(placed) = way.commands.get(self.given) {
            self.history.run_to(placed.at.min(limit));
            if self.history.position() >= limit {
                return Ok(false);
            }
            self.history.act(placed.command.clone()).map_err(|reason| ScenarioError::CommandRefused {
                index: self.given as u64,
                at: placed.at,
                reason,
            })?;
            self.given += 1;
        }
        let here = self.history.position();
        self.history.run_to(way.len.min(limit).max(here));
        Ok(self.history.position() >= way.len || self.history.position() < limit)
    }

    /// How many moves were made, of how many.
    pub fn progress(&self) -> (Position, Position) {
        (self.made, self.moves)
    }

    /// The run, as far as it was made.
    pub fn into_history(self) -> History {
        self.history
    }
}
