//! The metadata log: one partition, its batches cheap to share with anyone who fetches them, and beside them the snapshots
//! that take the place of its beginning (`KafkaRaftLog`).

use std::rc::Rc;

use super::snapshot::{OffsetAndEpoch, Snapshot, SnapshotRetention};
use super::voter_set::{QuorumHistory, VoterSet};
use crate::change::Change;
use crate::effects::Effects;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::sim::Millis;
use crate::wire::records::{Record, RecordBatch};

/// The folder `__cluster_metadata-0`: log and snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MetadataLog {
    /// Where the log starts, and the epoch of what lay before: the id of a snapshot, or nothing.
    start: OffsetAndEpoch,
    batches: Vec<Rc<RecordBatch>>,
    /// The size of the segment. What lies below the log's start is still in it: no segment goes that is written to.
    segment_bytes: i64,
    /// Snapshots, oldest first.
    snapshots: Vec<Rc<Snapshot>>,
    /// What control records say of the quorum itself.
    quorum: QuorumHistory,
}

impl MetadataLog {
    /// The offset that the next record gets.
    pub fn end_offset(&self) -> i64 {
        self.batches.last().map_or(self.start.offset, |batch| batch.next_offset())
    }

    /// Where the log starts.
    pub fn start_offset(&self) -> i64 {
        self.start.offset
    }

    /// The epoch of the last record, of the log or of the snapshot before it; 0 where there is none.
    pub fn last_epoch(&self) -> i32 {
        self.batches.last().map_or(self.start.epoch, |batch| batch.partition_leader_epoch)
    }

    /// The epoch of the record at an offset, also of the last one below the log's start; `None` where nothing is known of it.
    pub fn epoch_at(&self, offset: i64) -> Option<i32> {
        if offset >= 0 && offset.saturating_add(1) == self.start.offset {
            return Some(self.start.epoch);
        }
        let batch = self.batches_from(offset).first().filter(|batch| batch.base_offset <= offset)?;
        Some(batch.partition_leader_epoch)
    }

    /// All batches, oldest first.
    pub fn batches(&self) -> &[Rc<RecordBatch>] {
        &self.batches
    }

    /// Appends one batch as the leader of an epoch; gives the offset of its first record. Nothing is appended, and the
    /// end offset given, without records.
    pub fn append(&mut self, epoch: i32, now: Millis, is_control: bool, records: Vec<Record>) -> i64 {
        let base_offset = self.end_offset();
        if records.is_empty() {
            return base_offset;
        }
        let timestamp = i64::try_from(now).unwrap_or(i64::MAX);
        let records = records.into_iter().map(|record| Record { timestamp, ..record });
        let batch = RecordBatch { base_offset, partition_leader_epoch: epoch, is_control, ..RecordBatch::of(records) };
        self.push(Rc::new(batch));
        base_offset
    }

    /// Appends what a leader sent. What the log has already is passed over.
    pub fn append_as_follower(&mut self, batches: &[Rc<RecordBatch>]) {
        for batch in batches {
            if batch.base_offset == self.end_offset() {
                self.push(Rc::clone(batch));
            }
        }
    }

    fn push(&mut self, batch: Rc<RecordBatch>) {
        self.segment_bytes = self.segment_bytes.saturating_add(i64::from(batch.size_bytes()));
        self.quorum.replay(&batch, None);
        self.batches.push(batch);
    }

    /// Cuts off what the leader does not have, which has `epoch` up to `end_offset`; gives the end offset
    /// (`RaftLog.truncateToEndOffset`).
    pub fn truncate_to_end_offset(&mut self, epoch: i32, end_offset: i64) -> i64 {
        let (own_epoch, own_end) = self.end_of_epoch(epoch);
        self.truncate_to(if own_epoch == epoch { own_end.min(end_offset) } else { own_end })
    }

    /// Cuts off what lies at an offset and behind it; gives the end offset.
    pub fn truncate_to(&mut self, to: i64) -> i64 {
        let kept = self.batches.partition_point(|batch| batch.next_offset() <= to);
        let bytes: i64 = self.batches.drain(kept..).map(|batch| i64::from(batch.size_bytes())).sum();
        self.segment_bytes = self.segment_bytes.saturating_sub(bytes);
        self.quorum.truncate_new(self.end_offset());
        self.end_offset()
    }

    /// Where the first of these batches begins that is of another epoch than what the log has there.
    pub fn conflict_with(&self, batches: &[Rc<RecordBatch>]) -> Option<i64> {
        let conflicts = |batch: &&Rc<RecordBatch>| {
            self.epoch_at(batch.base_offset).is_some_and(|epoch| epoch != batch.partition_leader_epoch)
        };
        batches.iter().find(conflicts).map(|batch| batch.base_offset)
    }

    /// The batches from the one that holds `offset`, up to `max_bytes` but at least one.
    pub fn read(&self, offset: i64, max_bytes: u32) -> Vec<Rc<RecordBatch>> {
        let mut room = max_bytes;
        let mut read = Vec::new();
        for batch in self.batches_from(offset) {
            let size = batch.size_bytes();
            if !read.is_empty() && size > room {
                break;
            }
            room = room.saturating_sub(size);
            read.push(Rc::clone(batch));
        }
        read
    }

    /// The largest epoch not above the one asked for, and where it ends (`endOffsetForEpoch`): what lay before the log's start
    /// where the log has none so old.
    pub fn end_of_epoch(&self, epoch: i32) -> (i32, i64) {
        let after = self.batches.partition_point(|batch| batch.partition_leader_epoch <= epoch);
        match self.batches[..after].last() {
            Some(batch) => (batch.partition_leader_epoch, batch.next_offset()),
            None => (self.start.epoch, self.start.offset),
        }
    }

    /// The metadata records from `offset` on with their offsets and epochs. Control records are left out.
    pub fn records_from(&self, offset: i64) -> impl Iterator<Item = (i64, i32, &MetadataRecord)> + '_ {
        let records = self.batches_from(offset).iter().flat_map(move |batch| {
            let epoch = batch.partition_leader_epoch;
            let at = |delta: i32| batch.base_offset.saturating_add(i64::from(delta));
            MetadataRecord::all_of(batch).iter().map(move |(delta, record)| (at(*delta), epoch, record))
        });
        records.skip_while(move |(at, _, _)| *at < offset)
    }

    /// What control records say of the quorum itself.
    pub fn quorum(&self) -> &QuorumHistory {
        &self.quorum
    }

    /// What `kafka-storage format` writes where it is told the first voters: the snapshot 0-0.
    pub fn format(&mut self, voters: VoterSet) {
        self.quorum = QuorumHistory::bootstrap(voters);
        let records = self.quorum.snapshot_records(0);
        let snapshot = Snapshot::of(OffsetAndEpoch::BOOTSTRAP, &MetadataImage::default(), records, 0, 0);
        self.snapshots = vec![Rc::new(snapshot)];
    }

    // --- snapshots ---

    /// Snapshots, oldest first.
    pub fn snapshots(&self) -> &[Rc<Snapshot>] {
        &self.snapshots
    }

    /// A snapshot by its id.
    pub fn snapshot(&self, id: OffsetAndEpoch) -> Option<&Rc<Snapshot>> {
        self.snapshots.iter().find(|snapshot| snapshot.id() == id)
    }

    /// The snapshot that somebody must load who has replayed the log up to `next` (exclusive) and may go on to `committed_to`: who
    /// begins, and who needs what the log has no more (`KafkaRaftClient.updateListenersProgress`).
    pub fn snapshot_to_load(&self, next: i64, committed_to: i64) -> Option<&Rc<Snapshot>> {
        let latest = self.snapshots.last().filter(|_| next == 0 || next < self.start.offset)?;
        (next < latest.id().offset && latest.id().offset <= committed_to).then_some(latest)
    }

    /// The snapshot that a replica needs which asks for records from `offset` on and has records up to `epoch`; `None` where the
    /// log will do (`ReplicatedLog.validateOffsetAndEpoch`). An empty log is always given the newest snapshot, unless that is the
    /// one of the first start, whose content the first leader writes into the log.
    pub fn snapshot_for(&self, offset: i64, epoch: i32) -> Option<OffsetAndEpoch> {
        let (earliest, latest) = (self.snapshots.first()?.id(), self.snapshots.last()?.id());
        if offset == 0 && latest != OffsetAndEpoch::BOOTSTRAP {
            return Some(latest);
        }
        let is_needed = (offset, self.start.offset) != (0, 0)
            && (offset < self.start.offset
                || (offset == self.start.offset && epoch != earliest.epoch)
                || epoch < earliest.epoch);
        is_needed.then_some(latest)
    }

    /// The id that a snapshot up to an offset has; `None` where the log has nothing before it.
    pub fn snapshot_id(&self, offset: i64) -> Option<OffsetAndEpoch> {
        self.epoch_at(offset.checked_sub(1)?).map(|epoch| OffsetAndEpoch { offset, epoch })
    }

    /// Keeps a snapshot of this node's own (`createNewSnapshot`). Gives whether it is new: one that lies below the log's start or
    /// is there already is not.
    pub fn add_snapshot(&mut self, snapshot: Snapshot) -> bool {
        let is_new = snapshot.id().offset >= self.start.offset && self.snapshot(snapshot.id()).is_none();
        if is_new {
            self.snapshots.push(Rc::new(snapshot));
        }
        is_new
    }

    /// Keeps a snapshot that a leader sent: it takes the place of the whole log (`truncateToLatestSnapshot`).
    pub fn install_snapshot(&mut self, snapshot: Snapshot) {
        self.start = snapshot.id();
        self.batches.clear();
        self.segment_bytes = 0;
        self.quorum = snapshot.quorum();
        self.snapshots = vec![Rc::new(snapshot)];
    }

    /// Forgets what lies below an offset, snapshots too: for who keeps only what it has not replayed yet.
    pub fn forget_before(&mut self, offset: i64) {
        if let Some(id) = self.snapshot_id(offset) {
            self.delete_before(id);
            self.snapshots.clear();
        }
    }

    /// The batches between two offsets, both at the border of a batch.
    pub fn batches_between(&self, from: i64, to: i64) -> &[Rc<RecordBatch>] {
        // Mostly there is nothing new.
        if self.batches.last().is_none_or(|batch| batch.last_offset() < from) {
            return &[];
        }
        let batches = self.batches_from(from);
        &batches[..batches.partition_point(|batch| batch.next_offset() <= to)]
    }

    /// A snapshot of what the log says up to an offset; `None` where the log has nothing before it. `image` is what the records up
    /// to there build.
    pub fn snapshot_of(&self, offset: i64, image: &MetadataImage, now: Millis) -> Option<Snapshot> {
        let id = self.snapshot_id(offset)?;
        let last = self.batches_from(offset.saturating_sub(1)).first().and_then(|batch| batch.records.last());
        let quorum = self.quorum.snapshot_records(offset);
        Some(Snapshot::of(id, image, quorum, last.map_or(0, |record| record.timestamp), now))
    }

    /// What the log says up to an offset: the newest snapshot below it, and the records that follow.
    pub fn image_at(&self, offset: i64) -> MetadataImage {
        let snapshot = self.snapshots.iter().rev().find(|snapshot| snapshot.id().offset <= offset);
        let (mut image, from) =
            snapshot.map_or_else(Default::default, |snapshot| (snapshot.image(), snapshot.id().offset));
        let records = self.records_from(from).take_while(|(at, _, _)| *at < offset);
        records.for_each(|(_, _, record)| image.apply(record));
        image
    }

    /// When the oldest snapshot may go that a newer one has taken the place of: at once where log and snapshots are too large,
    /// later where it will be too old; `None` where neither comes to pass.
    pub fn cleanable_at(&self, retention: SnapshotRetention) -> Option<Millis> {
        let [oldest, _, ..] = self.snapshots.as_slice() else { return None };
        if retention.bytes >= 0 && self.size_bytes() > retention.bytes {
            return Some(0);
        }
        let expires_at = oldest.last_contained_log_timestamp().saturating_add(retention.ms).saturating_add(1);
        (retention.ms >= 0).then(|| Millis::try_from(expires_at).unwrap_or(0))
    }

    /// Deletes snapshots that a newer one has taken the place of, and the records that they stand for (`KafkaRaftLog.maybeClean`).
    /// Gives the deleted snapshots, oldest first.
    pub fn clean(&mut self, retention: SnapshotRetention, now: Millis) -> Vec<OffsetAndEpoch> {
        let mut deleted = Vec::new();
        while self.cleanable_at(retention).is_some_and(|at| at <= now)
            && let [oldest, next, ..] = self.snapshots.as_slice()
        {
            let next = next.id();
            deleted.push(oldest.id());
            self.delete_before(next);
            self.snapshots.remove(0);
        }
        deleted
    }

    /// Cleans as [`Self::clean`] does, and notes what went. Gives where the log starts now, if anything did.
    pub fn clean_noting(
        &mut self,
        node: i32,
        retention: SnapshotRetention,
        now: Millis,
        fx: &mut Effects,
    ) -> Option<i64> {
        let from = self.start.offset;
        let deleted = self.clean(retention, now);
        for OffsetAndEpoch { offset, epoch } in &deleted {
            fx.change(Change::SnapshotDeleted { node, end_offset: *offset, epoch: *epoch });
        }
        let to = self.start.offset;
        if deleted.is_empty() {
            return None;
        }
        fx.change(Change::MetadataLogStartMoved { node, from, to });
        Some(to)
    }

    /// The size of log and snapshots together.
    fn size_bytes(&self) -> i64 {
        let snapshots: i64 = self.snapshots.iter().map(|snapshot| snapshot.size_bytes()).sum();
        self.segment_bytes.saturating_add(snapshots)
    }

    fn delete_before(&mut self, id: OffsetAndEpoch) {
        let deleted = self.batches.partition_point(|batch| batch.next_offset() <= id.offset);
        self.batches.drain(..deleted);
        self.start = self.start.max(id);
        self.quorum.truncate_old(self.start.offset);
    }

    fn batches_from(&self, offset: i64) -> &[Rc<RecordBatch>] {
        let from = self.batches.partition_point(|batch| batch.last_offset() < offset);
        &self.batches[from..]
    }
}
