//! A replica: its log as cells, with the log end offset, the high watermark and who reads where.

use std::rc::Rc;

use yew::prelude::*;

use super::isr::isr;
use super::readers::{Reader, reader_mark, readers};
use crate::engine::{ClusterView, ReplicaView, Role};
use crate::i18n::{I18n, use_i18n};
use crate::layout::{LogCell, LogWindow, Rect, beside_line, epoch_starts, window};
use crate::run::SharedSnapshot;
use crate::scene::highlights::Highlights;

/// A cell and the hair between two.
const PITCH: f64 = 30.0;
/// From the replica's top to its cells, and their height.
const CELLS_Y: f64 = 22.0;
const CELL_HEIGHT: f64 = 26.0;
/// The words `LEO 12` stand right of the last cell.
const LEO_WIDTH: f64 = 60.0;
/// In a log as narrow as this the ISR has its chips, and no word before them.
const NARROW: f64 = 270.0;
/// Tints for leader epochs go round: the number is told as well.
pub const TINTS: i32 = 5;

/// What is shown of a replica.
#[derive(Clone, PartialEq, Properties)]
pub struct ReplicaProps {
    /// On which broker.
    pub node: i32,
    /// The replica.
    pub replica: ReplicaView,
    /// Where.
    pub rect: Rect,
    /// What is highlighted.
    pub highlights: Rc<Highlights>,
    /// The moment: who reads from here.
    pub snapshot: SharedSnapshot,
}

/// A replica.
#[component]
pub fn Replica(props: &ReplicaProps) -> Html {
    let i18n = use_i18n();
    let Rect { x, y, w, .. } = props.rect;
    let replica = &props.replica;
    let cut_off = props.highlights.cut_off(props.node, &replica.partition);
    let strip = window(replica, ((w - LEO_WIDTH) / PITCH) as u32, PITCH, cut_off);
    let place = (props.node, replica.partition.clone());
    let belief = Belief::of(props.node, replica, &props.snapshot.view);
    let is_moved = props.highlights.roles.contains(&place);
    let is_leader = replica.role == Role::Leader;
    let cells = strip.cells.iter().map(|cell| {
        cell_of(cell, x, y + CELLS_Y, props.highlights.has_cell(props.node, &replica.partition, cell.offset), replica)
    });
    let end = x + strip.width();
    let is_empty = strip.cells.is_empty() && strip.removed.is_empty();
    let leo_x = if is_empty { end + PITCH * 2.0 } else { x + strip.full_width() };
    let hw = x + strip.x_of(replica.high_watermark);
    let readers = if is_leader { readers(&props.snapshot.view, &replica.partition, &strip) } else { Vec::new() };
    let marks: Vec<_> = readers.iter().map(Reader::span).collect();
    let label = beside_line(hw - x, replica.high_watermark.to_string().len(), &marks);
    let is_free = |at: f64| {
        let by_reader = marks.iter().any(|(from, to)| at + 16.0 > *from && at < *to);
        !by_reader && (at + 18.0 < label.x || at > label.x + label.w)
    };
    let epochs = epoch_starts(&strip).into_iter().filter(|(_, at)| is_free(*at)).map(|(epoch, at)| {
        html! {
            <text key={format!("epoch-{epoch}")} class={format!("epoch e{}", epoch.rem_euclid(TINTS))} x={(x + at + 1.0).to_string()}
                y={(y + CELLS_Y + CELL_HEIGHT + 14.0).to_string()}>{ format!("e{epoch}") }</text>
        }
    });
    html! {
        <g class={classes!("replica", is_leader.then_some("leads"), replica.is_offline.then_some("offline"), (!strip.removed.is_empty()).then_some("cut-short"))}
            data-testid={format!("replica-{}-{}", props.node, replica.partition)}>
            { crown(belief, x - 14.5, y + 3.5, is_moved) }
            <text class="part" x={x.to_string()} y={(y + 13.0).to_string()}>
                { replica.partition.to_string() }
                <tspan dx="8" class={classes!("role", belief.class(), is_moved.then_some("highlighted"))}>{ role_line(belief, replica, w > NARROW, &i18n) }</tspan>
            </text>
            if is_leader {
                { isr(props.node, replica, (x + w, y), w > NARROW && belief == Belief::Leads, &props.highlights) }
            }
            if strip.has_more {
                <g class="cell more"><rect x={x.to_string()} y={(y + CELLS_Y).to_string()} width={(PITCH - 1.0).to_string()} height={CELL_HEIGHT.to_string()} />
                <text class="m" x={(x + PITCH / 2.0).to_string()} y={(y + CELLS_Y + 16.0).to_string()} text-anchor="middle">{ "…" }</text></g>
            }
            if is_empty {
                <rect class="empty" x={x.to_string()} y={(y + CELLS_Y).to_string()} width={(PITCH * 2.0).to_string()} height={CELL_HEIGHT.to_string()} />
            }
            { for cells }
            { for epochs }
            { removed(&strip, x, y + CELLS_Y, &i18n) }
            <path class="leo-line" d={format!("M{end:.1} {:.1}v{:.1}", y + CELLS_Y - 3.0, CELL_HEIGHT + 6.0)} />
            <text class={classes!("leo", props.highlights.ends.contains(&place).then_some("highlighted"))} x={(leo_x + 7.0).to_string()} y={(y + CELLS_Y + 17.0).to_string()}>
                { format!("LEO {}", replica.log_end_offset) }
            </text>
            <g class={classes!("hw", props.highlights.high_watermarks.contains(&place).then_some("highlighted"))}>
                <path d={format!("M{hw:.1} {:.1}v{:.1}", y + CELLS_Y - 4.0, CELL_HEIGHT + 22.0)} />
                <text x={(x + label.x).to_string()} y={(y + CELLS_Y + CELL_HEIGHT + 16.0).to_string()}>
                    { format!("HW {}", replica.high_watermark) }
                </text>
            </g>
            { for readers.into_iter().map(|reader| reader_mark(&reader, x, y + CELLS_Y + CELL_HEIGHT, (hw - x, label))) }
        </g>
    }
}

/// What a broker takes itself to be for a partition, beside what the controller's log says of it. The two part whenever
/// news is still on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belief {
    /// It leads, and that is so.
    Leads,
    /// It takes itself for the leader, and another one was elected.
    Deposed,
    /// It was elected, and does not know yet.
    Elected,
    /// It follows.
    Follows,
    /// It follows and is not in the ISR.
    OutOfSync,
    /// It is nothing to the partition now.
    Offline,
}

impl Belief {
    fn of(node: i32, replica: &ReplicaView, view: &ClusterView) -> Self {
        let truth = view.partitions.iter().find(|each| each.partition == replica.partition);
        let is_elected = truth.is_none_or(|truth| truth.leader == node);
        let is_in_sync = truth.is_none_or(|truth| truth.isr.contains(&node));
        match replica.role {
            Role::Leader if is_elected => Self::Leads,
            Role::Leader => Self::Deposed,
            Role::Follower if truth.is_some() && is_elected => Self::Elected,
            Role::Follower if is_in_sync => Self::Follows,
            Role::Follower => Self::OutOfSync,
            Role::Offline => Self::Offline,
        }
    }

    fn class(self) -> Option<&'static str> {
        match self {
            Self::Deposed | Self::OutOfSync => Some("stale"),
            Self::Elected => Some("elected"),
            Self::Leads | Self::Follows | Self::Offline => None,
        }
    }
}

fn role_line(belief: Belief, replica: &ReplicaView, is_wide: bool, i18n: &I18n) -> String {
    let epoch = [("epoch", replica.leader_epoch.into())];
    match belief {
        Belief::Leads if is_wide => i18n.format_with("leader-epoch", epoch),
        Belief::Leads => i18n.format_with("leader-epoch-short", epoch),
        Belief::Deposed => i18n.format_with("leader-deposed", epoch),
        Belief::Elected => i18n.format("follower-elected"),
        Belief::Follows => i18n.format("follower"),
        Belief::OutOfSync => i18n.format("follower-out-of-sync"),
        Belief::Offline => i18n.format("offline"),
    }
}

/// The leader's mark: full where the broker leads, hollow where it is elected and does not know, or is deposed and does
/// not know.
fn crown(belief: Belief, x: f64, y: f64, is_highlighted: bool) -> Html {
    let class = match belief {
        Belief::Leads => "full",
        Belief::Deposed => "deposed",
        Belief::Elected => "elected",
        Belief::Follows | Belief::OutOfSync | Belief::Offline => return Html::default(),
    };
    html! { <path class={classes!("crown", class, is_highlighted.then_some("highlighted"))} d={format!("M{x:.1} {:.1}v-7l2.25 2.75l2.25 -3.75l2.25 3.75l2.25 -2.75v7z", y + 8.5)} /> }
}

/// What was cut off in this step, struck out where it stood, and an arrow back to where the log ends now.
fn removed(strip: &LogWindow, x: f64, y: f64, i18n: &I18n) -> Html {
    if strip.removed.is_empty() {
        return Html::default();
    }
    let cells = strip.removed.iter().enumerate().map(|(index, cell)| {
        let at = x + cell.x;
        let is_last = index + 1 == strip.removed.len();
        let text = if is_last && strip.removed_more > 0 { "…".to_owned() } else { cell.offset.to_string() };
        let tint = cell.epoch.map(|epoch| format!("e{}", epoch.rem_euclid(TINTS)));
        let epoch = cell.epoch.map_or("?".to_owned(), |epoch| epoch.to_string());
        html! {
            <g key={format!("removed-{}", cell.offset)} class={classes!("cell", "removed", tint)}>
                <title>{ i18n.format_with("cell-removed", [("offset", cell.offset.into()), ("epoch", epoch.into())]) }</title>
                <rect x={(at + 1.0).to_string()} y={(y + 0.75).to_string()} width={(PITCH - 3.0).to_string()} height={(CELL_HEIGHT - 1.5).to_string()} />
                <text class="m" x={(at + PITCH / 2.0 - 0.5).to_string()} y={(y + 17.0).to_string()} text-anchor="middle">{ text }</text>
                <path d={format!("M{:.1} {:.1}h{:.1}", at - 0.5, y + CELL_HEIGHT / 2.0, PITCH)} />
            </g>
        }
    });
    let (from, to) = (x + strip.full_width() - 2.0, x + strip.width() + 1.5);
    html! {
        <g data-testid="removed">
            { for cells }
            <path class="cut-back" d={format!("M{from:.1} {:.1}v3.5M{from:.1} {:.1}H{to:.1}m3.5 -2.5l-3.5 2.5l3.5 2.5", y - 3.5, y - 3.5)} />
        </g>
    }
}

fn cell_of(cell: &LogCell, x: f64, y: f64, is_highlighted: bool, replica: &ReplicaView) -> Html {
    let tint = cell.epoch.map(|epoch| format!("e{}", epoch.rem_euclid(TINTS)));
    let class = classes!("cell", tint, is_highlighted.then_some("highlighted"), cell.epoch.is_none().then_some("gone"));
    let at = x + cell.x;
    html! {
        <g key={cell.offset} {class}>
            <title>{ cell_title(cell, replica) }</title>
            <rect x={at.to_string()} y={y.to_string()} width={(PITCH - 1.0).to_string()} height={CELL_HEIGHT.to_string()} />
            <text class="m" x={(at + PITCH / 2.0 - 0.5).to_string()} y={(y + 17.0).to_string()} text-anchor="middle">{ cell.offset }</text>
        </g>
    }
}

fn cell_title(cell: &LogCell, replica: &ReplicaView) -> String {
    let Some(epoch) = cell.epoch else { return format!("offset {}", cell.offset) };
    let within = |batch: &&crate::engine::BatchView| (batch.base_offset..=batch.last_offset).contains(&cell.offset);
    let batch = replica.batches.iter().find(within);
    let record = batch.and_then(|batch| {
        batch.records.iter().find(|record| batch.base_offset + i64::from(record.offset_delta) == cell.offset)
    });
    let shown = |bytes: &Option<crate::engine::Bytes>| bytes.as_ref().map_or("null".to_owned(), ToString::to_string);
    let record = record.map(|record| format!("\nkey {}\nvalue {}", shown(&record.key), shown(&record.value)));
    format!("offset {} · leader epoch {epoch}{}", cell.offset, record.unwrap_or_default())
}
