//! Snapshots that a controller makes, loads and deletes (`SnapshotGenerator`, `MetadataLoader`).

use super::timers::arm;
use super::{Controller, ControllerDisk};
use crate::change::Change;
use crate::effects::{ControllerTimer, Effects};
use crate::explain::Explanation;
use crate::raft::{OffsetAndEpoch, Snapshot, SnapshotLimits, SnapshotRetention};
use crate::sim::Millis;

impl Controller {
    /// Makes a snapshot of what is committed, where enough of that is new.
    pub(super) fn maybe_create_snapshot(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        let (from, to) = (self.counted_to, self.quorum.high_watermark().max(self.committed_to));
        if to < from {
            return;
        }
        self.counted_to = to;
        let new = disk.log.batches_between(from, to);
        if !self.snapshot_generator.replayed(new, SnapshotLimits::of(&self.settings), now) {
            return;
        }
        self.snapshot_generator.reset(now);
        // The active controller's image is ahead of what is committed.
        let snapshot = if self.replayed_to == to {
            disk.log.snapshot_of(to, &self.image, now)
        } else {
            disk.log.snapshot_of(to, &disk.log.image_at(to), now)
        };
        let Some(snapshot) = snapshot else { return };
        let OffsetAndEpoch { offset, epoch } = snapshot.id();
        if disk.log.add_snapshot(snapshot) {
            fx.change(Change::SnapshotCreated { node: self.node_id, end_offset: offset, epoch });
        }
    }

    /// Takes over what a snapshot says, in place of all that was replayed.
    pub(super) fn load_snapshot(&mut self, snapshot: &Snapshot, now: Millis, fx: &mut Effects) {
        let OffsetAndEpoch { offset, epoch } = snapshot.id();
        self.forget_replayed();
        for record in snapshot.records() {
            self.image.apply(record);
            self.note_replayed(record, offset.saturating_sub(1));
        }
        self.features_epoch = offset.saturating_sub(1);
        self.replayed_to = offset;
        self.counted_to = self.counted_to.max(offset);
        self.snapshot_generator.reset(now);
        fx.change(Change::SnapshotLoaded { node: self.node_id, end_offset: offset, epoch });
    }

    /// Deletes the snapshots that may go, and the log below the oldest that is left.
    #[inline(never)]
    pub(super) fn clean_snapshots(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        let node = self.node_id;
        if let Some(to) = disk.log.clean_noting(node, SnapshotRetention::of(&self.settings), now, fx) {
            fx.explain(Explanation::SnapshotsCleaned { node, to });
        }
    }

    pub(super) fn arm_snapshot_cleaning(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        let wanted = SnapshotRetention::of(&self.settings).next_look(&disk.log, self.started_ms, now);
        arm(&mut self.timers.snapshot_cleaning, wanted, ControllerTimer::SnapshotCleaning, fx);
    }
}
