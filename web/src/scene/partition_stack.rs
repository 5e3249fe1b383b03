//! One partition, large: its replicas under each other on one axis of offsets, so that log ends, high watermarks and epochs
//! compare by eye.

use yew::prelude::*;

use super::belief::Belief;
use super::focus::Focus;
use super::fonts::{measure, px};
use super::highlights::Highlights;
use super::replica::{TINTS, cell_of};
use super::replica_shown::{SceneContext, cell_title};
use crate::engine::{Actor, TopicPartition};
use crate::i18n::use_i18n;
use crate::layout::{Axis, Font, LogWindow, Rect, first_that_fits, window_on};
use crate::platform::siblings::siblings;
use crate::platform::use_size::use_size;
use crate::run::SharedSnapshot;

const HEAD: f64 = 34.0;
const ROW: f64 = 56.0;
const CELL_HEIGHT: f64 = 22.0;
const PAD: f64 = 18.0;

/// All that the drawing of a partition depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct StackShown {
    partition: TopicPartition,
    name: String,
    axis: Axis,
    pitch: f64,
    replicas: Vec<Replica>,
}

#[derive(Clone, Debug, PartialEq)]
struct Replica {
    node: i32,
    name: String,
    role: String,
    numbers: String,
    belief: Belief,
    strip: LogWindow,
    titles: Vec<String>,
    highlighted: Vec<i64>,
    end: i64,
    high_watermark: i64,
    moved: [bool; 3],
    epochs: Vec<(i32, f64)>,
    is_offline: bool,
    label: String,
}

impl StackShown {
    /// What is shown of a partition in so much width; `None` where no broker has a replica.
    pub fn of(partition: &TopicPartition, width: f64, context: SceneContext<'_>) -> Option<Self> {
        let SceneContext { view, highlights, i18n, .. } = context;
        let replicas = view.nodes.iter().filter_map(|node| {
            let replica = node.replicas.iter().find(|replica| replica.partition == *partition)?;
            Some((node.id, replica))
        });
        let replicas: Vec<_> = replicas.collect();
        if replicas.is_empty() {
            return None;
        }
        let inner = width - 2.0 * PAD;
        let longest = replicas.iter().map(|(_, replica)| replica.log_end_offset).max().unwrap_or(0);
        let pitch = (measure(Font::Mono, &longest.to_string()) + 8.0).max(24.0);
        let axis = Axis::of(replicas.iter().map(|(_, replica)| *replica), (inner / pitch).max(1.0) as u32);
        let rows = replicas.into_iter().map(|(node, replica)| {
            let place = (node, partition.clone());
            let belief = Belief::of(node, replica, view);
            let strip = window_on(axis, replica, pitch);
            let highlighted = strip.cells.iter().map(|cell| cell.offset);
            let name = super::client::capitalised(&i18n.actor(Actor::Node(node)));
            let numbers = format!("LEO {} · HW {}", replica.log_end_offset, replica.high_watermark);
            let words = belief.words(replica.leader_epoch, i18n);
            let room = inner - measure(Font::Part, &name) - measure(Font::SmallBold, &numbers) - 24.0;
            let label = [
                ("partition", partition.to_string().into()),
                ("node", node.into()),
                ("role", words.first().cloned().unwrap_or_default().into()),
                ("end", replica.log_end_offset.into()),
                ("hw", replica.high_watermark.into()),
            ];
            Replica {
                node,
                role: first_that_fits(&words, Font::SmallBold, room, &measure),
                label: i18n.format_with("replica-label", label),
                name,
                numbers,
                belief,
                titles: strip.cells.iter().map(|cell| cell_title(cell, replica)).collect(),
                highlighted: highlighted.filter(|offset| highlights.has_cell(node, partition, *offset)).collect(),
                epochs: crate::layout::epoch_starts(&strip),
                strip,
                end: replica.log_end_offset,
                high_watermark: replica.high_watermark,
                moved: [
                    highlights.roles.contains(&place),
                    highlights.ends.contains(&place),
                    highlights.high_watermarks.contains(&place),
                ],
                is_offline: replica.is_offline,
            }
        });
        Some(Self { name: partition.to_string(), partition: partition.clone(), axis, pitch, replicas: rows.collect() })
    }

    /// How high it is.
    pub fn height(&self) -> f64 {
        HEAD + self.replicas.len() as f64 * ROW + 10.0
    }
}

/// Which partition.
#[derive(Clone, PartialEq, Properties)]
pub struct AxisProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The partition.
    pub partition: TopicPartition,
}

/// A partition's replicas on one axis, as wide as there is room.
#[component]
pub fn PartitionOnAxis(props: &AxisProps) -> Html {
    let i18n = use_i18n();
    let node = use_node_ref();
    let width = use_size(&node).map_or(600.0, |(w, _)| w).max(220.0);
    let highlights = Highlights::at(&props.snapshot);
    let context =
        SceneContext { view: &props.snapshot.view, highlights: &highlights, focus: &Focus::default(), i18n: &i18n };
    let stack = StackShown::of(&props.partition, width - 2.0, context).map(|shown| {
        let (w, h) = (width, shown.height() + 2.0);
        let rect = Rect { x: 1.0, y: 1.0, w: width - 2.0, h: shown.height() };
        html! { <svg class="scene on-axis" viewBox={format!("0 0 {w:.0} {h:.0}")} width={px(w)} height={px(h)}><PartitionStack {shown} {rect} /></svg> }
    });
    html! { <div ref={node}>{ stack }</div> }
}

/// A partition in its place.
#[derive(Clone, PartialEq, Properties)]
pub struct StackProps {
    /// The partition.
    pub shown: StackShown,
    /// Where.
    pub rect: Rect,
}

/// A partition's replicas on one axis.
#[component]
pub fn PartitionStack(props: &StackProps) -> Html {
    let Rect { x, y, w, .. } = props.rect;
    let shown = &props.shown;
    let left = x + PAD;
    let rows = shown.replicas.iter().enumerate().map(|(index, replica)| {
        let top = y + HEAD + index as f64 * ROW;
        row(replica, shown, left, top, w - 2.0 * PAD)
    });
    let height = shown.height();
    // The high watermark of the leader runs through all of them.
    let leader = shown.replicas.iter().find(|replica| replica.belief == Belief::Leads);
    let line = leader.map(|leader| {
        let at = left + leader.strip.x_of(leader.high_watermark);
        html! { <path class="hw-through" d={format!("M{at:.1} {:.1}V{:.1}", y + HEAD, y + height - 10.0)} /> }
    });
    html! {
        <g class="partition-stack" data-testid={format!("stack-{}", shown.partition)}>
            <rect class="frame" x={px(x)} y={px(y)} width={px(w)} height={px(height)} rx="10" />
            <text class="name" x={px(left)} y={px(y + 22.0)}>{ &shown.name }</text>
            { siblings(line) }
            { siblings(rows) }
        </g>
    }
}

fn row(replica: &Replica, shown: &StackShown, x: f64, y: f64, w: f64) -> Html {
    let [is_role_moved, is_end_moved, is_hw_moved] = replica.moved;
    let cells_y = y + 20.0;
    let cells = replica.strip.cells.iter().zip(&replica.titles).map(|(cell, title)| {
        cell_of(cell, shown.pitch, x, cells_y, (CELL_HEIGHT, replica.highlighted.contains(&cell.offset)), title)
    });
    let hw = x + replica.strip.x_of(replica.high_watermark);
    let end = x + replica.strip.x_of(replica.end);
    let role_x = x + measure(Font::Part, &replica.name) + 8.0;
    let epochs = replica.epochs.iter().map(|(epoch, at)| {
        html! { <path key={*epoch} class={format!("epoch-start e{}", epoch.rem_euclid(TINTS))} d={format!("M{:.1} {:.1}v4", x + at + 0.5, cells_y + CELL_HEIGHT)}><title>{ format!("leader epoch {epoch}") }</title></path> }
    });
    let class = classes!(
        "replica",
        (replica.belief == Belief::Leads).then_some("leads"),
        replica.is_offline.then_some("offline")
    );
    html! {
        <g key={replica.node} {class} role="img" aria-label={replica.label.clone()}>
            { replica.belief.crown(x - 14.0, y + 4.0, is_role_moved) }
            <text class="part" x={px(x)} y={px(y + 13.0)}>{ &replica.name }</text>
            <text class={classes!("role", replica.belief.class(), is_role_moved.then_some("highlighted"))} x={px(role_x)} y={px(y + 13.0)}>{ &replica.role }</text>
            <text class={classes!("leo", (is_end_moved || is_hw_moved).then_some("highlighted"))} x={px(x + w)} y={px(y + 13.0)} text-anchor="end">{ &replica.numbers }</text>
            <rect class="axis" x={px(x)} y={px(cells_y)} width={px(shown.axis.cells() as f64 * shown.pitch)} height={px(CELL_HEIGHT)} />
            { siblings(cells) }
            { siblings(epochs) }
            <path class="leo-line" d={format!("M{end:.1} {:.1}v{:.1}", cells_y - 2.0, CELL_HEIGHT + 4.0)} />
            <g class={classes!("hw", is_hw_moved.then_some("highlighted"))}><path d={format!("M{hw:.1} {:.1}v{:.1}", cells_y - 3.0, CELL_HEIGHT + 6.0)} /></g>
        </g>
    }
}
