//! What the scene has to hold, read from the cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::controllers::ControllersShown;
use super::fonts::measure;
use super::matrix::{MatrixRow, rows_of};
use super::replica_shown::SceneContext;
use crate::app::Selection;
use crate::engine::{ClusterView, TopicPartition};
use crate::layout::{Demand, Font, Form, Pane, Shown, fold, matrix_height, room_height, rows};
use kafkascope_core::sort::CollectOrdered;

/// The width of a client's card.
const CARD_WIDTH: f64 = 152.0;

/// What the brokers show.
pub enum Brokers {
    /// Rooms, by broker.
    Rooms(BTreeMap<i32, Shown>),
    /// The rows of a matrix.
    Matrix(Vec<MatrixRow>),
}

/// What the scene has to hold in a pane, and what the brokers show.
pub fn plan(
    context: SceneContext<'_>,
    controllers: &ControllersShown,
    unfolded: &BTreeSet<String>,
    pane: Pane,
    form: Form,
) -> (Demand, Brokers) {
    let view = context.view;
    let nodes = || view.nodes.iter().filter(|node| node.is_broker);
    let names_width = names_width(view);
    let brokers = match form {
        Form::Rooms => {
            let selected = context.focus.selection().and_then(Selection::partition);
            let rows = rows(nodes().flat_map(|node| &node.replicas), unfolded, selected);
            let shown = |node: &crate::engine::NodeView| {
                fold(&node.replicas, |partition| context.highlights.touches(node.id, partition), &rows)
            };
            Brokers::Rooms(nodes().map(|node| (node.id, shown(node))).collect_ordered())
        }
        Form::Matrix => Brokers::Matrix(rows_of(context, unfolded, names_width)),
    };
    let height = |id: &i32| match &brokers {
        Brokers::Rooms(shown) => shown.get(id).map_or(0.0, |shown| room_height(shown.whole.len(), shown.folds.len())),
        Brokers::Matrix(rows) => matrix_height(rows.len(), pane),
    };
    let demand = Demand {
        pane,
        form,
        brokers: nodes().map(|node| (node.id, height(&node.id))).collect(),
        producers: view.producers.iter().map(|producer| producer.number).collect(),
        consumers: view.consumers.iter().map(|consumer| consumer.number).collect(),
        controllers: view.nodes.iter().filter(|node| node.is_controller).map(|node| node.id).collect(),
        card_width: CARD_WIDTH,
        controllers_width: controllers.words_width(),
        chip_width: controllers.chip_width(),
        names_width,
    };
    (demand, brokers)
}

/// How wide the names of a matrix's rows are.
fn names_width(view: &ClusterView) -> f64 {
    let names: BTreeSet<&TopicPartition> =
        view.nodes.iter().flat_map(|node| &node.replicas).map(|replica| &replica.partition).collect_ordered();
    let names = names.into_iter().filter(|partition| !partition.topic.starts_with("__"));
    let widest = names.map(|partition| measure(Font::Small, &partition.to_string())).fold(0.0, f64::max);
    (widest + 26.0).clamp(104.0, 190.0)
}
