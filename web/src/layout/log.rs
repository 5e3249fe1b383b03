//! One replica's log as a strip of cells: the tail where it is longer than the strip.

use crate::engine::{BatchView, ReplicaView};

/// One offset.
#[derive(Clone, Debug, PartialEq)]
pub struct LogCell {
    /// Its offset.
    pub offset: i64,
    /// The leader epoch of its batch; `None` where compaction removed the record.
    pub epoch: Option<i32>,
    /// Left edge.
    pub x: f64,
}

/// A strip.
#[derive(Clone, Debug, PartialEq)]
pub struct LogWindow {
    /// The cells, from the left.
    pub cells: Vec<LogCell>,
    /// Whether a cell `…` at the left stands for what does not fit.
    pub has_more: bool,
    /// Offsets that were cut off in this step, where they would stand: right of the log's end.
    pub removed: Vec<LogCell>,
    /// How many more were cut off than are drawn.
    pub removed_more: usize,
    /// Distance from cell to cell.
    pub pitch: f64,
    first: i64,
    end: i64,
}

impl LogWindow {
    /// Where the boundary before an offset is drawn. What lies before the strip is drawn at its left edge.
    pub fn x_of(&self, offset: i64) -> f64 {
        let left = if self.has_more { self.pitch } else { 0.0 };
        if offset < self.first {
            return left / 2.0;
        }
        left + (offset.min(self.end) - self.first) as f64 * self.pitch
    }

    /// Width of the log's own cells.
    pub fn width(&self) -> f64 {
        self.x_of(self.end)
    }

    /// Width of everything, with what was cut off.
    pub fn full_width(&self) -> f64 {
        self.width() + self.removed.len() as f64 * self.pitch
    }
}

/// Where in a strip each leader epoch begins: the epoch and its left edge.
pub fn epoch_starts(strip: &LogWindow) -> Vec<(i32, f64)> {
    let mut starts: Vec<(i32, f64)> = Vec::new();
    for cell in &strip.cells {
        let Some(epoch) = cell.epoch else { continue };
        if starts.last().is_none_or(|(last, _)| *last != epoch) {
            starts.push((epoch, cell.x));
        }
    }
    starts
}

/// An offset that was cut off, and the leader epoch of its batch where it is known.
pub type Cut = (i64, Option<i32>);

/// How many of the cells that were cut off are drawn at most: the log itself must still be seen.
const REMOVED_MAX: usize = 3;

/// Lays a replica's log out in at most `cells_max` cells, those that were cut off among them.
pub fn window(replica: &ReplicaView, cells_max: u32, pitch: f64, cut: &[Cut]) -> LogWindow {
    let (start, end) = (replica.log_start_offset, replica.log_end_offset);
    let shown = cut.len().min(REMOVED_MAX);
    let cells_max = i64::from(cells_max).saturating_sub(shown as i64).max(2);
    let has_more = end - start > cells_max;
    let first = if has_more { end - (cells_max - 1) } else { start.min(end) };
    let left = if has_more { pitch } else { 0.0 };
    let cells = (first..end).map(|offset| LogCell {
        offset,
        epoch: epoch_at(&replica.batches, offset),
        x: left + (offset - first) as f64 * pitch,
    });
    let cells: Vec<LogCell> = cells.collect();
    let width = left + (end - first) as f64 * pitch;
    let removed = cut[..shown].iter().enumerate().map(|(index, (offset, epoch))| LogCell {
        offset: *offset,
        epoch: *epoch,
        x: width + index as f64 * pitch,
    });
    LogWindow { cells, has_more, removed: removed.collect(), removed_more: cut.len() - shown, pitch, first, end }
}

/// The offsets that several replicas of a partition are drawn over, so that they compare by eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The first offset that has a place.
    pub first: i64,
    /// The offset after the last one.
    pub end: i64,
}

impl Axis {
    /// The axis of these replicas: the newest offsets of the longest log, as many as there are cells.
    pub fn of<'a>(replicas: impl Iterator<Item = &'a ReplicaView> + Clone, cells_max: u32) -> Self {
        let end = replicas.clone().map(|replica| replica.log_end_offset).max().unwrap_or(0);
        let start = replicas.map(|replica| replica.log_start_offset).min().unwrap_or(0);
        Self { first: start.max(end - i64::from(cells_max)).min(end), end }
    }

    /// How many offsets have a place.
    pub fn cells(&self) -> i64 {
        self.end - self.first
    }
}

/// Lays a replica's log out on an axis that it shares with others.
pub fn window_on(axis: Axis, replica: &ReplicaView, pitch: f64) -> LogWindow {
    let first = replica.log_start_offset.max(axis.first);
    let cells = (first..replica.log_end_offset).map(|offset| LogCell {
        offset,
        epoch: epoch_at(&replica.batches, offset),
        x: (offset - axis.first) as f64 * pitch,
    });
    LogWindow {
        cells: cells.collect(),
        has_more: false,
        removed: Vec::new(),
        removed_more: 0,
        pitch,
        first: axis.first,
        end: axis.end,
    }
}

/// The batch in which an offset lies, if there is one: batches are in order.
pub fn batch_at(batches: &[BatchView], offset: i64) -> Option<&BatchView> {
    let index = batches.partition_point(|batch| batch.base_offset <= offset).checked_sub(1)?;
    Some(&batches[index]).filter(|batch| offset <= batch.last_offset)
}

/// The leader epoch in which an offset was written, if the batches have it.
pub fn epoch_at(batches: &[BatchView], offset: i64) -> Option<i32> {
    let batch = batch_at(batches, offset)?;
    let delta = offset - batch.base_offset;
    let kept = batch.records.is_empty() || batch.records.iter().any(|record| i64::from(record.offset_delta) == delta);
    kept.then_some(batch.leader_epoch)
}

#[cfg(test)]
mod tests {
    use super::super::fold::tests::replica;
    use super::*;
    use crate::engine::Role;

    #[test]
    fn a_short_log_is_whole() {
        let strip = window(&replica("orders", 0, Role::Leader, 3), 8, 30.0, &[]);
        assert!(!strip.has_more);
        assert_eq!(
            strip.cells.iter().map(|cell| (cell.offset, cell.x)).collect::<Vec<_>>(),
            [(0, 0.0), (1, 30.0), (2, 60.0)]
        );
        assert_eq!((strip.x_of(0), strip.x_of(3), strip.width()), (0.0, 90.0, 90.0));
    }

    #[test]
    fn a_long_log_shows_its_tail() {
        let strip = window(&replica("orders", 0, Role::Leader, 100), 8, 30.0, &[]);
        assert!(strip.has_more);
        assert_eq!(strip.cells.first().map(|cell| (cell.offset, cell.x)), Some((93, 30.0)));
        assert_eq!(strip.width(), 240.0);
        // A high watermark that fell out of the strip stands in the middle of its `…`.
        assert_eq!(strip.x_of(20), 15.0);
    }

    #[test]
    fn an_empty_log_has_no_cells() {
        let strip = window(&replica("orders", 0, Role::Leader, 0), 8, 30.0, &[]);
        assert!(strip.cells.is_empty());
        assert_eq!(strip.width(), 0.0);
    }

    #[test]
    fn what_was_cut_off_stands_behind_the_end() {
        let cut: Vec<Cut> = (3..8).map(|offset| (offset, Some(1))).collect();
        let strip = window(&replica("orders", 0, Role::Follower, 3), 8, 30.0, &cut);
        assert_eq!(
            strip.removed.iter().map(|cell| (cell.offset, cell.x)).collect::<Vec<_>>(),
            [(3, 90.0), (4, 120.0), (5, 150.0)]
        );
        assert_eq!((strip.width(), strip.full_width(), strip.removed_more), (90.0, 180.0, 2));
        let long = window(&replica("orders", 0, Role::Follower, 100), 8, 30.0, &cut);
        assert_eq!(long.full_width(), 240.0);
    }

    #[test]
    fn replicas_on_one_axis_have_equal_offsets_at_equal_places() {
        let replicas = [replica("orders", 0, Role::Leader, 20), replica("orders", 0, Role::Follower, 17)];
        let axis = Axis::of(replicas.iter(), 8);
        assert_eq!((axis.first, axis.end), (12, 20));
        let [leader, follower] = replicas.each_ref().map(|replica| window_on(axis, replica, 24.0));
        let x = |window: &LogWindow, offset| window.cells.iter().find(|cell| cell.offset == offset).map(|cell| cell.x);
        assert_eq!(x(&leader, 16), Some(96.0));
        assert_eq!(x(&leader, 16), x(&follower, 16));
        assert_eq!(x(&follower, 17), None);
        assert_eq!(leader.x_of(17), follower.x_of(17));
    }
}
