//! What is shown of a replica: everything that its drawing depends on and nothing else, so that a replica that did not change
//! is not drawn again.

use super::belief::Belief;
use super::focus::Focus;
use super::fonts::measure;
use super::highlights::Highlights;
use super::isr::{IsrShown, isr_of};
use super::readers::{Reader, readers};
use crate::app::Selection;
use crate::engine::{Bytes, ClusterView, ReplicaView, Role, TopicPartition};
use crate::i18n::I18n;
use crate::layout::{Font, Label, LogCell, LogWindow, batch_at, beside_line, epoch_starts, shorten_partition, window};

/// From what a moment's scene is drawn.
#[derive(Clone, Copy)]
pub struct SceneContext<'a> {
    /// The cluster.
    pub view: &'a ClusterView,
    /// What is amber.
    pub highlights: &'a Highlights,
    /// What a selection leaves lit.
    pub focus: &'a Focus,
    /// The words.
    pub i18n: &'a I18n,
}

/// A replica in its room.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaShown {
    /// On which broker.
    pub node: i32,
    /// Of which partition.
    pub partition: TopicPartition,
    /// All that the drawing says, for who hears it and for who points at it.
    pub label: String,
    /// The partition's name as it fits.
    pub name: String,
    /// The broker's part as it fits, and where.
    pub role: String,
    /// From the left edge.
    pub role_x: f64,
    /// What the broker takes itself to be.
    pub belief: Belief,
    /// Whether it leads, as it believes.
    pub is_leader: bool,
    /// Whether its process is gone.
    pub is_offline: bool,
    /// The leader's ISR.
    pub isr: Option<IsrShown>,
    /// The log.
    pub strip: LogWindow,
    /// What each cell says when it is pointed at.
    pub titles: Vec<String>,
    /// Offsets that this step appended.
    pub highlighted: Vec<i64>,
    /// Log end offset.
    pub end: i64,
    /// High watermark.
    pub high_watermark: i64,
    /// Where its words stand.
    pub hw_label: Label,
    /// Leader epochs, each where it begins.
    pub epochs: Vec<(i32, f64)>,
    /// Who reads here.
    pub readers: Vec<Reader>,
    /// Whether role, log end or high watermark changed.
    pub moved: [bool; 3],
    /// Whether its partition is selected.
    pub is_selected: bool,
    /// Whether something else is.
    pub is_dim: bool,
}

/// A cell and the hair between two, at least.
const PITCH_MIN: f64 = 28.0;
/// Between words of one line.
const GAP: f64 = 8.0;

impl ReplicaShown {
    /// What is shown of a replica in so much width.
    pub fn of(node: i32, replica: &ReplicaView, width: f64, context: SceneContext<'_>) -> Self {
        let SceneContext { view, highlights, focus, i18n } = context;
        let partition = &replica.partition;
        let place = (node, partition.clone());
        let belief = Belief::of(node, replica, view);
        let is_leader = replica.role == Role::Leader;
        let leo_width = measure(Font::Small, &format!("LEO {}", replica.log_end_offset)) + 12.0;
        let pitch = PITCH_MIN.max(measure(Font::Mono, &(replica.log_end_offset - 1).to_string()) + 8.0);
        let cut_off = highlights.cut_off(node, partition);
        let strip = window(replica, ((width - leo_width) / pitch).max(1.0) as u32, pitch, cut_off);
        let readers = if is_leader { readers(view, partition, &strip, i18n) } else { Vec::new() };
        let marks: Vec<_> = readers.iter().map(Reader::span).collect();
        let words = measure(Font::SmallBold, &format!("HW {}", replica.high_watermark));
        let hw_label = beside_line(strip.x_of(replica.high_watermark), words, width, &marks);
        let is_free = |at: f64, w: f64| {
            let by_reader = marks.iter().any(|(from, to)| at + w > *from && at < *to);
            !by_reader && (at + w < hw_label.x - 2.0 || at > hw_label.x + hw_label.w + 2.0)
        };
        let starts = epoch_starts(&strip).into_iter();
        let epochs = starts.filter(|(epoch, at)| is_free(*at, measure(Font::SmallBold, &format!("e{epoch}")) + 2.0));
        let isr = is_leader.then(|| isr_of(node, replica, highlights));
        let head = Head::of(replica, belief, isr.as_ref().map_or(0.0, |isr| isr.width + GAP), width, i18n);
        let isr = isr.map(|isr| isr.named(head.is_isr_named));
        Self {
            node,
            label: label(node, replica, belief, context),
            partition: partition.clone(),
            name: head.name,
            role: head.role,
            role_x: head.role_x,
            belief,
            is_leader,
            is_offline: replica.is_offline,
            isr,
            titles: strip.cells.iter().map(|cell| cell_title(cell, replica)).collect(),
            highlighted: strip
                .cells
                .iter()
                .map(|cell| cell.offset)
                .filter(|offset| highlights.has_cell(node, partition, *offset))
                .collect(),
            epochs: epochs.collect(),
            strip,
            end: replica.log_end_offset,
            high_watermark: replica.high_watermark,
            hw_label,
            readers,
            moved: [
                highlights.roles.contains(&place),
                highlights.ends.contains(&place),
                highlights.high_watermarks.contains(&place),
            ],
            is_selected: focus.is_on(&Selection::Partition(partition.clone())),
            is_dim: !focus.has_replica(node, partition),
        }
    }
}

/// The line above the log: name, role and ISR share its width.
struct Head {
    name: String,
    role: String,
    role_x: f64,
    is_isr_named: bool,
}

impl Head {
    fn of(replica: &ReplicaView, belief: Belief, isr: f64, width: f64, i18n: &I18n) -> Self {
        let TopicPartition { topic, .. } = &replica.partition;
        let index = replica.partition.partition;
        let whole = replica.partition.to_string();
        let named = measure(Font::Part, &whole);
        let forms = belief.words(replica.leader_epoch, i18n);
        let room = width - isr;
        let of_role = |role: &String| measure(Font::SmallBold, role);
        let role =
            forms.iter().find(|role| named + GAP + of_role(role) <= room).or(forms.last()).cloned().unwrap_or_default();
        let left = room - GAP - of_role(&role);
        let name = if named <= left { whole } else { shorten_partition(topic, index, Font::Part, left, &measure) };
        let role_x = measure(Font::Part, &name) + GAP;
        let word = measure(Font::Small, "ISR") + 6.0;
        let is_isr_named = role_x + of_role(&role) + GAP + word <= room;
        Self { name, role_x, is_isr_named, role }
    }
}

/// A replica in a sentence.
fn label(node: i32, replica: &ReplicaView, belief: Belief, context: SceneContext<'_>) -> String {
    let i18n = context.i18n;
    let role = belief.words(replica.leader_epoch, i18n).into_iter().next().unwrap_or_default();
    i18n.format_with(
        "replica-label",
        [
            ("partition", replica.partition.to_string().into()),
            ("node", node.into()),
            ("role", role.into()),
            ("end", replica.log_end_offset.into()),
            ("hw", replica.high_watermark.into()),
        ],
    )
}

/// What a cell says when it is pointed at: its record.
pub fn cell_title(cell: &LogCell, replica: &ReplicaView) -> String {
    let Some(epoch) = cell.epoch else { return format!("offset {}", cell.offset) };
    let record = batch_at(&replica.batches, cell.offset).and_then(|batch| {
        batch.records.iter().find(|record| batch.base_offset + i64::from(record.offset_delta) == cell.offset)
    });
    let shown = |bytes: &Option<Bytes>| bytes.as_ref().map_or("null".to_owned(), ToString::to_string);
    let record = record.map(|record| replica.to_readable(record));
    let record = record.map(|record| format!("\nkey {}\nvalue {}", shown(&record.key), shown(&record.value)));
    format!("offset {} · leader epoch {epoch}{}", cell.offset, record.unwrap_or_default())
}
