//! What the scene has to hold, read from the cluster.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::ClusterView;
use crate::layout::{Demand, Shown, fold, room_height};
use crate::scene::highlights::Highlights;

/// What the scene has to hold, and what each broker's room shows.
pub fn plan(
    view: &ClusterView,
    highlights: &Highlights,
    unfolded: &BTreeSet<String>,
) -> (Demand, BTreeMap<i32, Shown>) {
    let brokers = || view.nodes.iter().filter(|node| node.is_broker);
    let shown: BTreeMap<i32, Shown> = brokers()
        .map(|node| (node.id, fold(&node.replicas, |partition| highlights.touches(node.id, partition), unfolded)))
        .collect();
    let height = |id: &i32| shown.get(id).map_or(0.0, |shown| room_height(shown.whole.len(), shown.folds.len()));
    let demand = Demand {
        brokers: brokers().map(|node| (node.id, height(&node.id))).collect(),
        producers: view.producers.iter().map(|producer| producer.number).collect(),
        consumers: view.consumers.iter().map(|consumer| consumer.number).collect(),
        controllers: view.nodes.iter().filter(|node| node.is_controller).map(|node| node.id).collect(),
    };
    (demand, shown)
}
