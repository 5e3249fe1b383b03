//! The engine's own runs as what a lesson is played on.

use super::moves::Stage;
use crate::cluster::Cluster;
use crate::command::{Command, CommandError};
use crate::history::History;
use crate::step::{Size, Step};
use crate::view::ClusterView;

/// So many moves of a smaller size are made before a press of Forward gives up.
const MOVES_MAX: u32 = 100_000;

impl Stage for Cluster {
    fn view(&self) -> ClusterView {
        Self::view(self)
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
    fn view(&self) -> ClusterView {
        self.cluster().view()
    }

    fn act(&mut self, command: &Command) -> Result<Vec<Step>, CommandError> {
        Ok(vec![(*Self::act(self, command.clone())?).clone()])
    }

    fn forward(&mut self, size: Size) -> Vec<Step> {
        let from = self.position();
        Self::forward(self, size);
        (from + 1..=self.position()).filter_map(|index| Some((*self.step_at(index)?).clone())).collect()
    }
}
