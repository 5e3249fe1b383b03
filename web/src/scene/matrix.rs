//! Many brokers: a row for each partition, a column for each broker; in each cell the broker's part, how far its log goes and
//! how far it is committed.

use std::collections::{BTreeMap, BTreeSet};

use yew::prelude::*;

use super::belief::Belief;
use super::client::capitalised;
use super::emphasis::Emphasis;
use super::fonts::{measure, px};
use super::marks;
use super::press::{self, on_click, on_key};
use super::replica_shown::SceneContext;
use super::room::{actions_label, more, node_state, state_class};
use crate::app::{Action, Selection, Window, use_app};
use crate::engine::{Actor, NodeState, ReplicaView, TopicPartition};
use crate::i18n::use_i18n;
use crate::layout::{COLUMN_HEAD, Font, Rect, shorten, shorten_partition};
use crate::platform::siblings::siblings;
use kafkascope_core::sort::CollectOrdered;

/// A row: a partition, or the folded partitions of a topic.
#[derive(Clone, Debug, PartialEq)]
pub enum RowOf {
    /// One partition.
    Partition(TopicPartition),
    /// Those of a topic, and the one among them that changed: its cells are shown.
    Folded {
        /// The topic.
        topic: String,
        /// How many there are.
        count: usize,
        /// Which changed in this step.
        changed: Option<TopicPartition>,
    },
}

/// All that a row's drawing depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixRow {
    of: RowOf,
    name: String,
    label: String,
    cells: Vec<Option<Cell>>,
    is_selected: bool,
    is_dim: bool,
}

/// A replica in its cell.
#[derive(Clone, Debug, PartialEq)]
struct Cell {
    node: i32,
    belief: Belief,
    epoch: i32,
    end: i64,
    high_watermark: i64,
    /// The share of the longest log of the partition.
    end_share: f64,
    hw_share: f64,
    moved: [bool; 3],
    label: String,
    is_offline: bool,
    is_dim: bool,
}

/// The rows: partitions in their order, Kafka's own topics a line each until a person unfolds them.
pub fn rows_of(context: SceneContext<'_>, unfolded: &BTreeSet<String>, names_width: f64) -> Vec<MatrixRow> {
    let view = context.view;
    let mut all: BTreeMap<&TopicPartition, Vec<(i32, &ReplicaView)>> = BTreeMap::new();
    for node in view.nodes.iter().filter(|node| node.is_broker) {
        for replica in &node.replicas {
            all.entry(&replica.partition).or_default().push((node.id, replica));
        }
    }
    let brokers: Vec<i32> = view.nodes.iter().filter(|node| node.is_broker).map(|node| node.id).collect();
    let selected = context.focus.selection().and_then(Selection::partition);
    let is_folded = |partition: &TopicPartition| {
        partition.topic.starts_with("__") && !unfolded.contains(&*partition.topic) && selected != Some(partition)
    };
    let row = |of: RowOf, partition: Option<&TopicPartition>| {
        let replicas = partition.and_then(|partition| all.get(partition)).map_or(&[][..], Vec::as_slice);
        row_of(of, replicas, &brokers, names_width, context)
    };
    let mut rows: Vec<MatrixRow> = all
        .keys()
        .filter(|partition| !is_folded(partition))
        .map(|partition| row(RowOf::Partition((*partition).clone()), Some(partition)))
        .collect();
    let topics: BTreeSet<&str> = all.keys().filter(|each| is_folded(each)).map(|each| &*each.topic).collect_ordered();
    for topic in topics {
        let own = || all.iter().filter(|(each, _)| *each.topic == *topic && is_folded(each));
        let changed = own().find(|(partition, replicas)| {
            replicas.iter().any(|(node, _)| context.highlights.touches(*node, partition))
        });
        let changed = changed.map(|(partition, _)| (*partition).clone());
        let of = RowOf::Folded { topic: topic.to_owned(), count: own().count(), changed: changed.clone() };
        rows.push(row(of, changed.as_ref()));
    }
    rows
}

fn row_of(
    of: RowOf,
    replicas: &[(i32, &ReplicaView)],
    brokers: &[i32],
    names_width: f64,
    context: SceneContext<'_>,
) -> MatrixRow {
    let SceneContext { view, highlights, focus, i18n } = context;
    let longest = replicas.iter().map(|(_, replica)| replica.log_end_offset).max().unwrap_or(0).max(1) as f64;
    let cells = brokers.iter().map(|id| {
        let (node, replica) = replicas.iter().find(|(node, _)| node == id)?;
        let place = (*node, replica.partition.clone());
        let belief = Belief::of(*node, replica, view);
        let words = belief.words(replica.leader_epoch, i18n).into_iter().next().unwrap_or_default();
        Some(Cell {
            node: *node,
            belief,
            epoch: replica.leader_epoch,
            end: replica.log_end_offset,
            high_watermark: replica.high_watermark,
            end_share: replica.log_end_offset as f64 / longest,
            hw_share: replica.high_watermark as f64 / longest,
            moved: [
                highlights.roles.contains(&place),
                highlights.ends.contains(&place),
                highlights.high_watermarks.contains(&place),
            ],
            label: i18n.format_with(
                "replica-label",
                [
                    ("partition", replica.partition.to_string().into()),
                    ("node", (*node).into()),
                    ("role", words.into()),
                    ("end", replica.log_end_offset.into()),
                    ("hw", replica.high_watermark.into()),
                ],
            ),
            is_offline: replica.is_offline,
            is_dim: !focus.has_replica(*node, &replica.partition),
        })
    });
    let label = match &of {
        RowOf::Partition(partition) => partition.to_string(),
        RowOf::Folded { topic, count, .. } => {
            i18n.format_with("folded", [("topic", topic.clone().into()), ("count", (*count).into())])
        }
    };
    let shown = match &of {
        RowOf::Partition(partition) | RowOf::Folded { changed: Some(partition), .. } => Some(partition),
        RowOf::Folded { changed: None, .. } => None,
    };
    let room = names_width - 22.0;
    let name = match shown {
        Some(partition) => shorten_partition(&partition.topic, partition.partition, Font::Small, room, &measure),
        None => shorten(&label, Font::Small, room, &measure),
    };
    let is_selected = shown.is_some_and(|partition| focus.is_on(&Selection::Partition(partition.clone())));
    let is_dim = matches!(focus.selection(), Some(Selection::Partition(_))) && !is_selected;
    MatrixRow { name, label, cells: cells.collect(), is_selected, is_dim, of }
}

/// A row in its place.
#[derive(Clone, PartialEq, Properties)]
pub struct RowProps {
    /// The row.
    pub row: MatrixRow,
    /// From the names to the last column.
    pub rect: Rect,
    /// Width of the names.
    pub names: f64,
    /// Width of a column.
    pub column: f64,
}

/// A row. A press selects its partition, or unfolds its topic.
#[component]
pub fn Row(props: &RowProps) -> Html {
    let app = use_app();
    let Rect { x, y, w, h } = props.rect;
    let row = &props.row;
    let (testid, press) = match &row.of {
        RowOf::Partition(partition) => {
            (format!("row-{partition}"), press::select(Selection::Partition(partition.clone()), row.is_selected, &app))
        }
        RowOf::Folded { topic, .. } => {
            let name = topic.clone();
            (format!("row-{topic}"), Callback::from(move |()| app.page(Action::Fold(name.clone()))))
        }
    };
    let cells = row.cells.iter().enumerate().filter_map(|(index, cell)| {
        let rect = Rect { x: x + props.names + index as f64 * props.column, y, w: props.column, h };
        Some(cell_of(cell.as_ref()?, rect))
    });
    let is_open = matches!(row.of, RowOf::Folded { changed: Some(_), .. });
    let class = classes!(
        "matrix-row",
        "press",
        row.is_selected.then_some("selected"),
        row.is_dim.then_some("dim"),
        is_open.then_some("open"),
    );
    html! {
        <g {class} role="button" tabindex="-1" aria-pressed={row.is_selected.to_string()} aria-label={row.label.clone()} data-testid={testid}
            onclick={on_click(&press)} onkeydown={on_key(&press)}>
            <rect class="hit" x={px(x)} y={px(y)} width={px(w)} height={px(h)} rx="3" />
            <text class="faint" x={px(x + 8.0)} y={px(y + h / 2.0 + 4.0)}><title>{ &row.label }</title>{ &row.name }</text>
            { siblings(cells) }
        </g>
    }
}

fn cell_of(cell: &Cell, Rect { x, y, w, h }: Rect) -> Html {
    let [is_role_moved, is_end_moved, is_hw_moved] = cell.moved;
    let number = cell.end.to_string();
    let number_width = measure(Font::Mono, &number).max(14.0);
    let (left, right) = (x + 17.0, x + w - 8.0 - number_width);
    let length = (right - left).max(6.0);
    let (end, hw) = (left + length * cell.end_share, left + length * cell.hw_share);
    let class = classes!(
        "matrix-cell",
        cell.belief.class(),
        cell.is_offline.then_some("offline"),
        cell.is_dim.then_some("dim"),
    );
    let tint = format!("e{}", cell.epoch.rem_euclid(super::replica::TINTS));
    let sign = match cell.belief {
        Belief::Leads | Belief::Deposed | Belief::Elected => {
            cell.belief.crown(x + 4.0, y + h / 2.0 - 4.0, is_role_moved)
        }
        Belief::Follows => {
            html! { <circle class={classes!("follows", is_role_moved.then_some("highlighted"))} cx={px(x + 9.0)} cy={px(y + h / 2.0)} r="2.5" /> }
        }
        Belief::OutOfSync => {
            html! { <circle class={classes!("out-of-sync", is_role_moved.then_some("highlighted"))} cx={px(x + 9.0)} cy={px(y + h / 2.0)} r="3" /> }
        }
        Belief::Offline => {
            html! { <path class="gone-sign" d={format!("M{:.1} {:.1}l6 6m0 -6l-6 6", x + 6.0, y + h / 2.0 - 3.0)} /> }
        }
    };
    html! {
        <g key={cell.node} {class} role="img" aria-label={cell.label.clone()}>
            <title>{ &cell.label }</title>
            { sign }
            <rect class="track" x={px(left)} y={px(y + h / 2.0 - 3.0)} width={px(length)} height="6" rx="1.5" />
            <rect class={classes!("end", tint, is_end_moved.then_some("highlighted"))} x={px(left)} y={px(y + h / 2.0 - 3.0)} width={px(end - left)} height="6" rx="1.5" />
            <path class={classes!("hw-mark", is_hw_moved.then_some("highlighted"))} d={format!("M{hw:.1} {:.1}v12", y + h / 2.0 - 6.0)} />
            <text class={classes!("m", is_end_moved.then_some("highlighted"))} x={px(x + w - 5.0)} y={px(y + h / 2.0 + 4.0)} text-anchor="end">{ number }</text>
        </g>
    }
}

/// All that the head of a column depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnShown {
    id: i32,
    name: String,
    line: String,
    state: NodeState,
    disk_write_ms: u64,
    waits: usize,
    emphasis: Emphasis,
}

impl ColumnShown {
    /// What is shown of a broker above its column.
    pub fn of(node: &crate::engine::NodeView, context: SceneContext<'_>) -> Self {
        let i18n = context.i18n;
        let actor = Actor::Node(node.id);
        let state = node_state(node.state, i18n);
        Self {
            id: node.id,
            name: capitalised(&i18n.actor(actor)),
            line: node.rack.as_ref().map_or(state.clone(), |rack| format!("{rack} · {state}")),
            state: node.state,
            disk_write_ms: node.disk_write_ms,
            waits: node.purgatory.len(),
            emphasis: Emphasis::of(actor, context),
        }
    }
}

/// A column in its place.
#[derive(Clone, PartialEq, Properties)]
pub struct ColumnProps {
    /// The broker.
    pub shown: ColumnShown,
    /// The whole column.
    pub rect: Rect,
}

/// A column: the broker's head, and the frame behind its cells.
#[component]
pub fn Column(props: &ColumnProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let Rect { x, y, w, h } = props.rect;
    let shown = &props.shown;
    let actor = Actor::Node(shown.id);
    let is_selected = shown.emphasis.is_selected;
    let select = press::select(Selection::Actor(actor), is_selected, &app);
    let open = press::open(Window::Actor(actor), &app);
    let signs = (shown.state == NodeState::Paused, 0);
    let is_short = measure(Font::Name, &shown.name) > w - 38.0;
    let class = classes!("room", "column", state_class(shown.state), shown.emphasis.classes());
    let name = if is_short { shown.id.to_string() } else { shown.name.clone() };
    let sign_x = x + w - 44.0;
    html! {
        <g {class}>
            <rect class="frame" x={px(x + 1.5)} y={px(y)} width={px(w - 3.0)} height={px(h)} rx="7" />
            <g class="head press" role="button" tabindex="-1" data-testid={format!("select-{}", shown.id)} aria-pressed={is_selected.to_string()}
                aria-label={format!("{}: {}", shown.name, shown.line)} onclick={on_click(&select)} onkeydown={on_key(&select)}>
                <title>{ format!("{}: {}", shown.name, shown.line) }</title>
                <rect class="hit" x={px(x + 3.0)} y={px(y + 3.0)} width={px(w - 34.0)} height={px(COLUMN_HEAD - 5.0)} rx="5" />
                <text class="name" x={px(x + 9.0)} y={px(y + 20.0)}>{ name }</text>
                { marks::of_node(sign_x + 16.0, y + 20.0, signs, &i18n) }
                if shown.disk_write_ms > 0 {
                    <g class="slow-disk" data-testid="slow-disk"><title>{ i18n.format_with("disk-is-slow", [("ms", shown.disk_write_ms.into())]) }</title>{ marks::disk(sign_x - 2.0, y + 9.0) }</g>
                }
                if shown.waits > 0 {
                    <g><title>{ i18n.format_with("purgatory-count", [("count", shown.waits.into())]) }</title>{ marks::hourglass(x + w - 40.0, y + 10.0) }</g>
                }
            </g>
            { more(Rect { x: x + w - 30.0, y: y + 3.0, w: 26.0, h: COLUMN_HEAD - 5.0 }, &format!("node-{}", shown.id), &actions_label(&shown.name, &i18n), "⋯", &open) }
        </g>
    }
}

/// Where a row stands under the heads of the columns.
pub fn row_rect(names: Rect, right: f64, height: f64, index: usize) -> Rect {
    Rect { x: names.x, y: names.y + COLUMN_HEAD + index as f64 * height, w: right - names.x, h: height }
}
