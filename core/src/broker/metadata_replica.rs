//! The broker's replica of the metadata log (`KafkaRaftClient` of a node that is no voter): it fetches the log, or a snapshot of it,
//! makes snapshots of its own, and hands what is committed to [`super::metadata_cache`].
//!
//! A broker alone has its replica on its disk. The broker of a combined process reads the log of its own controller: it keeps
//! only what it has not applied yet, in memory, and leaves the snapshots to the controller.

use super::disk::BrokerDisk;
use super::{Broker, Context, PendingRequest};
use crate::actor::Listener;
use crate::change::Change;
use crate::effects::BrokerTimer;
use crate::explain::Explanation;
use crate::raft::fetch_snapshot::request_topics;
use crate::raft::{
    FetchingSnapshot, MetadataLog, OffsetAndEpoch, Snapshot, SnapshotGenerator, SnapshotLimits, SnapshotRetention,
};
use crate::sim::Millis;
use crate::wire::replication::{
    EpochEndOffset, FetchPartition, FetchRequest, FetchResponse, FetchTopic, ReplicaState, SnapshotId,
};
use crate::wire::snapshot::{FetchSnapshotRequest, FetchSnapshotResponse};
use crate::wire::{Request, Topic, Uuid};

/// How long an observer waits before it fetches the metadata log again after a failure, in milliseconds.
const METADATA_FETCH_BACKOFF_MS: u64 = 100;
/// `controller.quorum.request.timeout.ms`.
const METADATA_FETCH_TIMEOUT_MS: u64 = 2_000;
/// How long the controller may let a metadata fetch wait, in milliseconds.
pub const METADATA_FETCH_WAIT_MS: i32 = 500;

/// What a broker's process knows of the metadata log that it follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MetadataReplica {
    /// The epoch of the quorum's leader, as answers told it.
    leader_epoch: i32,
    /// Of a broker in a combined process: what it has fetched and not applied yet.
    unapplied: Option<MetadataLog>,
    /// What has come of the snapshot that it is fetching instead of the log.
    fetching_snapshot: Option<FetchingSnapshot>,
    snapshot_generator: SnapshotGenerator,
    started_ms: Millis,
    cleaning_at: Option<Millis>,
}

impl MetadataReplica {
    /// The replica of a process that starts. `log` is what its disk holds; with `shares_log` a controller of the same process
    /// has the log.
    pub(super) fn new(log: &MetadataLog, shares_log: bool, now: Millis) -> Self {
        Self {
            leader_epoch: log.last_epoch(),
            unapplied: shares_log.then(MetadataLog::default),
            fetching_snapshot: None,
            snapshot_generator: SnapshotGenerator::default(),
            started_ms: now,
            cleaning_at: None,
        }
    }
}

impl Broker {
    /// Its replica of the metadata log.
    pub fn metadata_log<'a>(&'a self, disk: &'a BrokerDisk) -> &'a MetadataLog {
        self.metadata_replica.unapplied.as_ref().unwrap_or(&disk.metadata_log)
    }

    fn metadata_log_mut<'a>(&'a mut self, disk: &'a mut BrokerDisk) -> &'a mut MetadataLog {
        self.metadata_replica.unapplied.as_mut().unwrap_or(&mut disk.metadata_log)
    }

    /// Asks for what follows in the metadata log, or in the snapshot that it fetches.
    pub(super) fn fetch_metadata(&mut self, cx: &mut Context) {
        let current_leader_epoch = self.metadata_replica.leader_epoch;
        let (request, pending) = match &self.metadata_replica.fetching_snapshot {
            Some(fetching) => {
                let request = FetchSnapshotRequest {
                    cluster_id: Some(self.cluster_id.clone()),
                    replica_id: self.id,
                    max_bytes: self.snapshot_max_bytes(),
                    topics: request_topics(fetching, current_leader_epoch),
                };
                (Request::FetchSnapshot(request), PendingRequest::FetchMetadataSnapshot)
            }
            None => {
                let log = self.metadata_log(cx.disk);
                let partition = FetchPartition {
                    fetch_offset: log.end_offset(),
                    current_leader_epoch,
                    last_fetched_epoch: log.last_epoch(),
                    high_watermark: self.metadata_offset,
                    ..FetchPartition::default()
                };
                let topic =
                    FetchTopic { topic: Topic::default(), topic_id: Uuid::METADATA, partitions: vec![partition] };
                let request = FetchRequest {
                    replica_state: ReplicaState { replica_id: self.id, replica_epoch: self.lifecycle.broker_epoch },
                    max_wait_ms: METADATA_FETCH_WAIT_MS,
                    topics: vec![topic],
                    ..FetchRequest::default()
                };
                (Request::Fetch(request), PendingRequest::FetchMetadata)
            }
        };
        let Some(voter) = self.lifecycle.metadata_source() else { return };
        let deadline = cx.now + METADATA_FETCH_TIMEOUT_MS;
        self.requests.send(cx.fx, voter, Listener::Controller, request, deadline, pending);
    }

    /// Tries another voter, or the same again, after a while. A snapshot of which only a part has come is given up: who answers
    /// next may have another.
    pub(super) fn metadata_fetch_failed(&mut self, cx: &mut Context) {
        self.metadata_replica.fetching_snapshot = None;
        self.lifecycle.lost_quorum_leader();
        cx.fx.set_timer(BrokerTimer::MetadataFetch, cx.now + METADATA_FETCH_BACKOFF_MS);
    }

    /// Takes over what the leader sent: cuts off what the leader does not have, begins to fetch a snapshot, or appends and applies
    /// what is committed.
    pub(super) fn metadata_fetched(&mut self, cx: &mut Context, answer: &FetchResponse) {
        let Some(data) = answer.responses.first().and_then(|topic| topic.partitions.first()) else {
            return self.metadata_fetch_failed(cx);
        };
        // The answer, be it a refusal, says who leads the quorum in which epoch.
        let known = self.metadata_replica.leader_epoch;
        let leader_epoch = data.current_leader.leader_epoch;
        self.metadata_replica.leader_epoch = known.max(leader_epoch);
        let is_newer = leader_epoch >= known && self.lifecycle.learn_quorum_leader(data.current_leader.leader_id);
        if is_newer {
            self.controller_found(cx);
        }
        if leader_epoch > known || (is_newer && !data.error_code.is_none()) {
            return self.fetch_metadata(cx);
        }
        if !answer.error_code.is_none() || !data.error_code.is_none() {
            return self.metadata_fetch_failed(cx);
        }
        if data.diverging_epoch != EpochEndOffset::default() {
            // What was never committed has vanished with the leader that wrote it.
            let EpochEndOffset { epoch, end_offset } = data.diverging_epoch;
            self.metadata_log_mut(cx.disk).truncate_to_end_offset(epoch, end_offset);
            cx.fx.explain(Explanation::BrokerFetchedNoMetadata { node: self.id });
        } else if data.snapshot_id != SnapshotId::default() {
            let id = OffsetAndEpoch::from(&data.snapshot_id);
            self.metadata_replica.fetching_snapshot = Some(FetchingSnapshot::new(id));
            cx.fx.explain(Explanation::SnapshotNeeded { node: self.id, end_offset: id.offset, epoch: id.epoch });
        } else {
            self.metadata_log_mut(cx.disk).append_as_follower(&data.records);
            self.apply_metadata(cx, data.high_watermark);
        }
        self.fetch_metadata(cx);
    }

    /// A piece of a snapshot has come. A whole one takes the place of the log.
    #[inline(never)]
    pub(super) fn metadata_snapshot_fetched(&mut self, cx: &mut Context, answer: &FetchSnapshotResponse) {
        let max_bytes = i64::from(self.snapshot_max_bytes());
        let partition = answer.topics.first().and_then(|topic| topic.partitions.first());
        let partition = partition.filter(|partition| answer.error_code.is_none() && partition.error_code.is_none());
        let fetching = self.metadata_replica.fetching_snapshot.as_mut();
        let (Some(partition), Some(fetching)) = (partition, fetching) else {
            return self.snapshot_given_up(cx);
        };
        if fetching.id != OffsetAndEpoch::from(&partition.snapshot_id) || fetching.position != partition.position {
            return self.snapshot_given_up(cx);
        }
        let whole = fetching.take(partition.size, max_bytes, &partition.unaligned_records);
        let (node, to) = (self.id, fetching.position);
        match whole {
            Some(snapshot) => {
                self.metadata_replica.fetching_snapshot = None;
                self.install_snapshot(cx, snapshot);
            }
            None => cx.fx.explain(Explanation::SnapshotPieceFetched { node, to, size: partition.size }),
        }
        self.fetch_metadata(cx);
    }

    fn snapshot_given_up(&mut self, cx: &mut Context) {
        if let Some(given_up) = self.metadata_replica.fetching_snapshot.take() {
            let OffsetAndEpoch { offset, epoch } = given_up.id;
            cx.fx.explain(Explanation::SnapshotGivenUp { node: self.id, end_offset: offset, epoch });
        }
        self.metadata_fetch_failed(cx);
    }

    fn install_snapshot(&mut self, cx: &mut Context, snapshot: Snapshot) {
        let node = self.id;
        let OffsetAndEpoch { offset, epoch } = snapshot.id();
        let log = self.metadata_log_mut(cx.disk);
        let from = log.start_offset();
        log.install_snapshot(snapshot);
        // The broker of a combined process has no log of its own that this would be the beginning of.
        if self.metadata_replica.unapplied.is_none() {
            cx.fx.change(Change::SnapshotFetched { node, end_offset: offset, epoch });
            if from != offset {
                cx.fx.change(Change::MetadataLogStartMoved { node, from, to: offset });
            }
            cx.fx.explain(Explanation::SnapshotInstalled { node, end_offset: offset, epoch });
        }
        self.apply_metadata(cx, offset);
    }

    /// Applies what is committed, and makes a snapshot where one is due.
    fn apply_metadata(&mut self, cx: &mut Context, high_watermark: i64) {
        let replayed = self.publish_metadata(cx, high_watermark);
        if let Some(unapplied) = &mut self.metadata_replica.unapplied {
            return unapplied.forget_before(self.metadata_offset);
        }
        let limits = SnapshotLimits::of(&self.settings);
        if self.metadata_replica.snapshot_generator.replayed(&replayed, limits, cx.now) {
            self.create_snapshot(cx);
        }
        self.arm_snapshot_cleaning(cx);
    }

    fn create_snapshot(&mut self, cx: &mut Context) {
        self.metadata_replica.snapshot_generator.reset(cx.now);
        let log = &mut cx.disk.metadata_log;
        let Some(snapshot) = log.snapshot_of(self.metadata_offset, &self.image, cx.now) else { return };
        let OffsetAndEpoch { offset, epoch } = snapshot.id();
        if log.add_snapshot(snapshot) {
            cx.fx.change(Change::SnapshotCreated { node: self.id, end_offset: offset, epoch });
        }
    }

    /// A snapshot was loaded: the next one is so much further away.
    pub(super) fn snapshot_loaded(&mut self, now: Millis) {
        self.metadata_replica.snapshot_generator.reset(now);
    }

    /// Deletes the snapshots that may go, and the log below the oldest that is left.
    #[inline(never)]
    pub(super) fn clean_snapshots(&mut self, cx: &mut Context) {
        self.metadata_replica.cleaning_at = None;
        let node = self.id;
        if let Some(to) = cx.disk.metadata_log.clean_noting(node, SnapshotRetention::of(&self.settings), cx.now, cx.fx)
        {
            cx.fx.explain(Explanation::SnapshotsCleaned { node, to });
        }
        self.arm_snapshot_cleaning(cx);
    }

    fn arm_snapshot_cleaning(&mut self, cx: &mut Context) {
        let replica = &mut self.metadata_replica;
        let wanted = SnapshotRetention::of(&self.settings).next_look(&cx.disk.metadata_log, replica.started_ms, cx.now);
        if replica.cleaning_at == wanted {
            return;
        }
        replica.cleaning_at = wanted;
        match wanted {
            Some(at) => cx.fx.set_timer(BrokerTimer::SnapshotCleaning, at),
            None => cx.fx.stop_timer(BrokerTimer::SnapshotCleaning),
        }
    }

    /// `controller.quorum.fetch.snapshot.max.bytes`.
    fn snapshot_max_bytes(&self) -> i32 {
        i32::try_from(self.settings.controller_quorum_fetch_snapshot_max_bytes).unwrap_or(i32::MAX)
    }
}
