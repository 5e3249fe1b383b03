//! What keeps a cluster from being at rest although nothing seems to happen.

use super::ClusterView;
use super::node::NodeState;
use crate::wire::ApiKey;

/// Something that is not at rest. The page's message for it has the id `unfinished-` and its kebab-case name.
#[derive(Clone, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Unfinished {
    /// Directions that are cut.
    CutLinks(usize),
    /// Messages that wait in cut links.
    HeldMessages(usize),
    /// Nodes that do not run, or not yet, or stand still.
    Nodes(Vec<i32>),
    /// Requests other than fetches that wait in purgatory.
    WaitingRequests(usize),
    /// Records that a producer has and nobody has acknowledged or refused.
    UnsentRecords(i64),
}

impl Unfinished {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

impl ClusterView {
    /// All that is not at rest; a cluster of which this gives nothing is, as long as only heartbeats and empty fetches pass.
    pub fn unfinished(&self) -> Vec<Unfinished> {
        let stopped: Vec<i32> = self
            .nodes
            .iter()
            .filter(|node| !matches!(node.state, NodeState::Running | NodeState::Puppet))
            .map(|node| node.id)
            .collect();
        let purgatories = self.nodes.iter().flat_map(|node| &node.purgatory);
        let waiting = purgatories.filter(|waiting| waiting.api != ApiKey::Fetch).count();
        let unsent: i64 = self
            .producers
            .iter()
            .flat_map(|producer| producer.accumulated.iter().chain(&producer.in_flight))
            .map(|(_, count)| *count)
            .sum();
        [
            (!self.cuts.is_empty()).then_some(Unfinished::CutLinks(self.cuts.len())),
            (!self.held.is_empty()).then_some(Unfinished::HeldMessages(self.held.len())),
            (!stopped.is_empty()).then_some(Unfinished::Nodes(stopped)),
            (waiting > 0).then_some(Unfinished::WaitingRequests(waiting)),
            (unsent > 0).then_some(Unfinished::UnsentRecords(unsent)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
