//! The metadata logs of all voters on one axis of offsets, and how far each broker has applied them.

use yew::prelude::*;

use super::super::fonts::{measure, px};
use super::super::press::on_click;
use super::super::replica::{TINTS, cell_of};
use super::standing;
use crate::engine::{BrokerLogView, Change, NodeView, QuorumRole, QuorumView, SnapshotView, VoterView};
use crate::i18n::{I18n, use_i18n};
use crate::layout::{Font, LogCell};
use crate::platform::siblings::siblings;
use crate::platform::use_size::use_size;
use crate::run::SharedSnapshot;

const PAD: f64 = 14.0;
const VOTER_ROW: f64 = 54.0;
const BROKER_ROW: f64 = 36.0;
const CELL_HEIGHT: f64 = 22.0;

/// The offsets that have a place in so much width: the newest.
fn shown_offsets(quorum: &QuorumView, width: f64) -> (std::ops::Range<i64>, f64) {
    let end = quorum.voters.iter().map(|voter| voter.log.end_offset).max().unwrap_or(0);
    let start = quorum.voters.iter().map(|voter| voter.log.start_offset).min().unwrap_or(0);
    let pitch = (measure(Font::Mono, &end.to_string()) + 8.0).max(24.0);
    let cells = ((width - 2.0 * PAD) / pitch).max(1.0) as i64;
    (start.max(end - cells).min(end)..end, pitch)
}

/// What is shown.
#[derive(Clone, PartialEq, Properties)]
pub struct LogsProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The quorum.
    pub quorum: QuorumView,
    /// The offset whose record is open.
    pub opened: Option<i64>,
    /// Opens the record at an offset of a voter's log.
    pub open: Callback<(i32, i64)>,
}

/// The logs, as wide as there is room.
#[component]
pub fn MetadataLogs(props: &LogsProps) -> Html {
    let i18n = use_i18n();
    let node = use_node_ref();
    let width = use_size(&node).map_or(600.0, |(w, _)| w).max(220.0);
    let LogsProps { snapshot, quorum, opened, .. } = props;
    let (axis, pitch) = shown_offsets(quorum, width);
    let x_of = |offset: i64| PAD + (offset.clamp(axis.start, axis.end) - axis.start) as f64 * pitch;
    let brokers: Vec<&NodeView> = snapshot.view.nodes.iter().filter(|node| node.is_broker).collect();
    let voters_height = quorum.voters.len() as f64 * VOTER_ROW;
    let height = voters_height + brokers.len() as f64 * BROKER_ROW + 12.0;
    let voters = quorum.voters.iter().enumerate().map(|(index, voter)| {
        let y = 6.0 + index as f64 * VOTER_ROW;
        let row = Row { y, width, pitch, first: axis.start, opened: *opened };
        voter_row(voter, &row, x_of, props, &i18n)
    });
    let broker_log = |id: i32| quorum.broker_logs.iter().find(|log| log.node == id);
    let brokers = brokers
        .into_iter()
        .enumerate()
        .map(|(index, broker)| {
            let y = 6.0 + voters_height + index as f64 * BROKER_ROW;
            broker_row(broker, broker_log(broker.id), (y, width, axis.start), x_of, &i18n)
        })
        .collect::<Vec<_>>();
    let leader =
        quorum.voters.iter().filter(|voter| voter.role == Some(QuorumRole::Leader)).max_by_key(|voter| voter.epoch);
    let line = leader.filter(|leader| leader.high_watermark >= 0).map(|leader| {
        html! { <path class="hw-through" d={format!("M{:.1} 4V{:.1}", x_of(leader.high_watermark), height - 4.0)} /> }
    });
    html! {
        <div ref={node}>
            <svg class="scene metadata-logs" viewBox={format!("0 0 {width:.0} {height:.0}")} width={px(width)} height={px(height)} role="group"
                aria-label={i18n.format("quorum-logs")} data-testid="metadata-logs">
                <rect class="frame" x="1" y="1" width={px(width - 2.0)} height={px(height - 2.0)} rx="10" />
                { siblings(line) }
                { siblings(voters) }
                { siblings(brokers) }
            </svg>
        </div>
    }
}

/// Where a row is drawn.
struct Row {
    y: f64,
    width: f64,
    pitch: f64,
    first: i64,
    opened: Option<i64>,
}

fn voter_row(voter: &VoterView, row: &Row, x_of: impl Fn(i64) -> f64, props: &LogsProps, i18n: &I18n) -> Html {
    let Row { y, width, pitch, first, opened } = *row;
    let cells_y = y + 20.0;
    let [is_end_moved, is_hw_moved] = moved(voter.node, &props.snapshot);
    let cells = voter.log.records_from(first).map(|record| {
        let cell = LogCell { offset: record.offset, epoch: Some(record.epoch), x: x_of(record.offset) };
        let (open, at) = (props.open.clone(), (voter.node, record.offset));
        let press = Callback::from(move |()| open.emit(at));
        let title = format!("offset {} · epoch {} · {}", record.offset, record.epoch, record.kind);
        let class = classes!("record", record.is_control.then_some("control"), (opened == Some(record.offset)).then_some("opened"));
        html! {
            <g key={record.offset} {class} data-testid={format!("cell-{}-{}", voter.node, record.offset)} onclick={on_click(&press)}>
                { cell_of(&cell, pitch, 0.0, cells_y, (CELL_HEIGHT, false), &title) }
            </g>
        }
    });
    let epochs = epoch_starts(voter, first).into_iter().map(|(epoch, offset)| {
        let d = format!("M{:.1} {:.1}v4", x_of(offset) + 0.5, cells_y + CELL_HEIGHT);
        html! { <path key={epoch} class={format!("epoch-start e{}", epoch.rem_euclid(TINTS))} {d}><title>{ format!("epoch {epoch}") }</title></path> }
    });
    let snapshots = snapshot_marks(&voter.log.snapshots, first, cells_y - 3.0, &x_of, i18n);
    let shown = |offset: i64| if offset < 0 { "–".to_owned() } else { offset.to_string() };
    let numbers = format!("LEO {} · HW {}", voter.log.end_offset, shown(voter.high_watermark));
    let name = i18n.format_with("controller-label", [("id", voter.node.into())]);
    let role = format!("{} · epoch {}", standing(voter, i18n), voter.epoch);
    let role_x = PAD + measure(Font::Part, &name) + 8.0;
    let has_room = role_x + measure(Font::SmallBold, &role) + measure(Font::SmallBold, &numbers) + 2.0 * PAD < width;
    let (end, hw) = (x_of(voter.log.end_offset), x_of(voter.high_watermark));
    html! {
        <g key={voter.node} class={classes!("replica", (voter.role == Some(QuorumRole::Leader)).then_some("leads"), voter.role.is_none().then_some("offline"))}
            role="img" aria-label={format!("{name}: {role}, {numbers}")}>
            <text class="part" x={px(PAD)} y={px(y + 13.0)}>{ name }</text>
            if has_room {
                <text class="role" x={px(role_x)} y={px(y + 13.0)}>{ role }</text>
            }
            <text class={classes!("leo", (is_end_moved || is_hw_moved).then_some("highlighted"))} x={px(width - PAD)} y={px(y + 13.0)} text-anchor="end">{ numbers }</text>
            { siblings(cells) }
            { siblings(epochs) }
            { log_start(voter.log.start_offset, first, x_of(voter.log.start_offset), cells_y, i18n) }
            { siblings(snapshots) }
            <path class="leo-line" d={format!("M{end:.1} {:.1}v{:.1}", cells_y - 2.0, CELL_HEIGHT + 4.0)} />
            if voter.high_watermark >= 0 {
                <g class={classes!("hw", is_hw_moved.then_some("highlighted"))}><path d={format!("M{hw:.1} {:.1}v{:.1}", cells_y - 3.0, CELL_HEIGHT + 6.0)} /></g>
            }
        </g>
    }
}

/// Where a log starts, if that is not at the beginning: a bracket, open to the right.
fn log_start(start: i64, first: i64, x: f64, y: f64, i18n: &I18n) -> Html {
    if start <= 0 || start < first {
        return Html::default();
    }
    let d = format!("M{:.1} {:.1}h-4v{:.1}h4", x, y - 2.0, CELL_HEIGHT + 4.0);
    let title = i18n.format_with("quorum-log-start", [("offset", start.into())]);
    html! { <path class="log-start" {d}><title>{ title }</title></path> }
}

/// Snapshots where they end: each a flag that stands on the axis.
fn snapshot_marks<'s>(
    snapshots: &'s [SnapshotView],
    first: i64,
    y: f64,
    x_of: &'s impl Fn(i64) -> f64,
    i18n: &'s I18n,
) -> impl Iterator<Item = Html> + 's {
    snapshots.iter().filter(move |snapshot| snapshot.end_offset >= first).map(move |snapshot| {
        let d = format!("M{:.1} {:.1}v-7h-8v5h8", x_of(snapshot.end_offset), y);
        let title = i18n.format_with("quorum-snapshot", [("file", snapshot.file.clone().into())]);
        html! {
            <path key={snapshot.file.clone()} class="snapshot-mark" data-testid={format!("snapshot-{}", snapshot.end_offset)} {d}><title>{ title }</title></path>
        }
    })
}

/// How far a broker has applied the log: a line up to there, from where its own log starts.
fn broker_row(
    broker: &NodeView,
    log: Option<&BrokerLogView>,
    (y, width, first): (f64, f64, i64),
    x_of: impl Fn(i64) -> f64,
    i18n: &I18n,
) -> Html {
    let name = i18n.format_with("broker-label", [("id", broker.id.into())]);
    let at = broker.metadata_offset;
    let words = match at {
        0.. => i18n.format_with("quorum-applied", [("offset", at.into())]),
        _ => super::super::node_state(broker.state, i18n),
    };
    let position = (at >= 0).then(|| {
        let (x, from) = (x_of(at), x_of(log.map_or(0, |log| log.start_offset)));
        html! { <><path class="applied" d={format!("M{from:.1} {:.1}H{x:.1}", y + 24.0)} /><path class="applied-to" d={format!("M{x:.1} {:.1}v10", y + 19.0)} /></> }
    });
    html! {
        <g key={format!("broker-{}", broker.id)} class="applies" role="img" aria-label={format!("{name}: {words}")}>
            <text class="part" x={px(PAD)} y={px(y + 13.0)}>{ name }</text>
            <text class="leo" x={px(width - PAD)} y={px(y + 13.0)} text-anchor="end">{ words }</text>
            { siblings(position) }
            { siblings(log.into_iter().flat_map(|log| snapshot_marks(&log.snapshots, first, y + 22.0, &x_of, i18n))) }
        </g>
    }
}

/// Where each epoch begins among the offsets that are shown.
fn epoch_starts(voter: &VoterView, first: i64) -> Vec<(i32, i64)> {
    let mut starts: Vec<(i32, i64)> = Vec::new();
    for record in voter.log.records_from(first) {
        if starts.last().is_none_or(|(epoch, _)| *epoch != record.epoch) {
            starts.push((record.epoch, record.offset));
        }
    }
    starts
}

/// Whether a step moved a node's log end, and its high watermark.
fn moved(id: i32, snapshot: &SharedSnapshot) -> [bool; 2] {
    let changes = snapshot.step.as_ref().map(|step| step.changes.as_slice()).unwrap_or_default();
    let end = changes.iter().any(|change| {
        matches!(change, Change::MetadataAppended { node, .. } | Change::MetadataReplicated { node, .. } | Change::MetadataTruncated { node, .. } if *node == id)
    });
    let hw =
        changes.iter().any(|change| matches!(change, Change::QuorumHighWatermarkMoved { node, .. } if *node == id));
    [end, hw]
}
