//! What comes next that tells something new: what Forward's neighbour says before it is pressed.

use crate::engine::{Ahead, PendingView, Position, Size};
use crate::run::Place;

/// What was found ahead, and for whom it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Where it was looked from.
    from: Place,
    /// How far the branch was known then, with its commands: what is done in between makes another future.
    commands: usize,
    /// For which step size.
    size: Size,
    /// What was found.
    pub found: Found,
}

/// What was found ahead.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Something new.
    Change {
        /// The position after it.
        position: Position,
        /// Virtual time, in milliseconds.
        at_ms: u64,
        /// The event, as it is told beforehand. `None` for a command that the run has recorded.
        event: Option<PendingView>,
    },
    /// Nothing, as far as was looked.
    Nothing {
        /// Virtual time there, in milliseconds.
        until_ms: u64,
    },
}

impl Outlook {
    /// What was found by looking ahead from a place.
    pub fn new(from: Place, commands: usize, size: Size, ahead: &Ahead) -> Self {
        let found = match &ahead.change {
            Some(step) => Found::Change {
                position: ahead.position,
                at_ms: ahead.at_ms,
                event: if step.command.is_some() { None } else { ahead.before.pending(1).into_iter().next() },
            },
            None => Found::Nothing { until_ms: ahead.at_ms },
        };
        Self { from, commands, size, found }
    }

    /// Whether it still holds at a place: nothing was done since, and what was found is still ahead.
    pub fn holds(&self, place: Place, commands: usize, size: Size) -> bool {
        let is_same = self.from.run == place.run && self.from.branch == place.branch && self.size == size;
        let is_ahead = match &self.found {
            Found::Change { position, .. } => *position > place.position,
            // Farther on, one sees farther.
            Found::Nothing { .. } => self.from.position == place.position,
        };
        is_same && is_ahead && self.commands == commands && self.from.position <= place.position
    }
}
