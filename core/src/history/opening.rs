//! A run that is being opened: its way is made again, in slices, so that whoever shows it can show how far it is.

use super::History;
use crate::scenario::{PlacedCommand, Scenario, ScenarioError};
use crate::step::Position;

/// A run that is being opened.
#[derive(Clone, Debug)]
pub struct Opening {
    history: History,
    /// All of its commands, in order.
    commands: Vec<PlacedCommand>,
    /// How many of them were given.
    given: usize,
    /// Where the person stands when it is open.
    position: Position,
    /// How many moves have to be made.
    moves: Position,
}

impl Opening {
    /// Begins to open a run.
    pub fn new(scenario: Scenario) -> Result<Self, ScenarioError> {
        let (commands, position, moves) = (scenario.commands.clone(), scenario.position, scenario.moves());
        Ok(Self { history: History::at_start(scenario)?, commands, given: 0, position, moves })
    }

    /// Makes at most so many moves. `true` when it is open; an error where a command is refused.
    pub fn go_on(&mut self, moves: u32) -> Result<bool, ScenarioError> {
        let limit = self.history.position().saturating_add(moves.max(1));
        while let Some(placed) = self.commands.get(self.given) {
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
        self.history.run_to(self.position.min(limit).max(here));
        let is_open = self.history.position() >= self.position || self.history.position() < limit;
        if is_open {
            self.history.seek(self.position);
        }
        Ok(is_open)
    }

    /// How many moves were made, of how many.
    pub fn progress(&self) -> (Position, Position) {
        (self.history.position(), self.moves)
    }

    /// The run, as far as it was made.
    pub fn into_history(self) -> History {
        self.history
    }
}
