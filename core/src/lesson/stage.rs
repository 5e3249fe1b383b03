//! The engine's own runs as what a lesson is played on.

use std::rc::Rc;

use super::moves::Stage;
use crate::cluster::Cluster;
use crate::command::{Command, CommandError};
use crate::history::History;
use crate::step::{Position, Size, Step};

/// How many moves of a smaller size are made before a press of Forward gives up.
const MOVES_MAX: u32 = 100_000;

/// How many steps of one press of Forward a lesson looks at.
const OBSERVED_STEPS_MAX: Position = 2_000;

impl Stage for Cluster {
    fn cluster(&self) -> &Cluster {
        self
    }

    fn act(&mut self, command: &Command) -> Result<Vec<Step>, CommandError> {
        Ok(vec![self.apply(command)?])
    }

    fn forward(&mut self, size: Size) -> Vec<Step> {
        let mut steps = Vec::new();
        for _ in 0..MOVES_MAX {
            let Some(step) = self.step() else { break };
            let stops = step.size >= size;
            steps.push(step);
            if stops {
                break;
            }
        }
        steps
    }
}

impl Stage for History {
    fn cluster(&self) -> &Cluster {
        Self::cluster(self)
    }

    fn act(&mut self, command: &Command) -> Result<Vec<Step>, CommandError> {
        Ok(vec![(*Self::act(self, command.clone())?).clone()])
    }

    fn forward(&mut self, size: Size) -> Vec<Step> {
        let before = self.position();
        Self::forward(self, size);
        steps_since(self, before)
    }
}

/// The steps from a position to the present one. A press over a cluster at rest may go very far: the last are
/// given, since making again what is long ago would take too long.
pub fn steps_since(history: &History, before: Position) -> Vec<Step> {
    let now = history.position();
    let first = now.saturating_sub(OBSERVED_STEPS_MAX).max(before) + 1;
    history.steps_between(first, now).into_iter().map(Rc::unwrap_or_clone).collect()
}
