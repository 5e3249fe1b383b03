//! FetchSnapshot: a leader serves pieces of its snapshots, a follower puts them together
//! (`KafkaRaftClient.handleFetchSnapshotRequest`, `handleFetchSnapshotResponse`).

use super::answers::Common;
use super::requests::FatalFault;
use super::snapshot::{FetchingSnapshot, OffsetAndEpoch, Snapshot};
use super::state::EpochState;
use super::{ControllerDisk, Quorum};
use crate::actor::Endpoint;
use crate::change::Change;
use crate::effects::{Effects, RequestContext};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::quorum::METADATA_TOPIC;
use crate::wire::snapshot::*;
use crate::wire::{ErrorCode, Response};

impl Quorum {
    /// Gives a piece of a snapshot. The broker of the same process is given it under any leader.
    #[inline(never)]
    pub fn handle_fetch_snapshot(
        &mut self,
        disk: &ControllerDisk,
        request_context: &RequestContext,
        request: &FetchSnapshotRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let (node, replica) = (self.member.node_id, request.replica_id);
        if request.cluster_id.as_ref().is_some_and(|other| *other != self.member.cluster_id) {
            self.refuse(request_context, ErrorCode::InconsistentClusterId, fx);
            let error_code = ErrorCode::InconsistentClusterId;
            let response = FetchSnapshotResponse { error_code, ..FetchSnapshotResponse::default() };
            return fx.answer(request_context, Response::FetchSnapshot(response));
        }
        let is_own = request_context.from == Endpoint::Broker(node);
        match has_one_partition(request) {
            Ok(true) => {}
            Ok(false) => {
                self.refuse(request_context, ErrorCode::InvalidRequest, fx);
                let error_code = ErrorCode::InvalidRequest;
                let response = FetchSnapshotResponse { error_code, ..FetchSnapshotResponse::default() };
                return fx.answer(request_context, Response::FetchSnapshot(response));
            }
            Err(FatalFault) => return self.halt(fx),
        }
        let (asked, snapshot) = match self.asked_snapshot(disk, request, is_own) {
            Ok(asked) => asked,
            Err(error) => {
                // Kafka 4.3 has an error for each reason, and then fails to write the answer that says it, which has no records:
                // what the requester sees is this.
                self.refuse(request_context, error, fx);
                let error_code = ErrorCode::UnknownServerError;
                let response = FetchSnapshotResponse { error_code, ..FetchSnapshotResponse::default() };
                return fx.answer(request_context, Response::FetchSnapshot(response));
            }
        };
        let max_bytes = i64::from(request.max_bytes.max(0));
        let (position, size) = (asked.position, snapshot.size_bytes());
        let to = position.saturating_add(max_bytes).min(size);
        fx.explain(Explanation::SnapshotPieceServed { node, replica, from: position, to, size });
        let partition = FetchSnapshotPartitionResponse {
            snapshot_id: snapshot.id().into(),
            current_leader: self.current_leader(),
            size,
            position,
            unaligned_records: snapshot.slice(position, max_bytes),
            ..FetchSnapshotPartitionResponse::default()
        };
        let topic = FetchSnapshotTopicResponse { name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
        let response = FetchSnapshotResponse {
            topics: vec![topic],
            node_endpoints: self.node_endpoints(),
            ..FetchSnapshotResponse::default()
        };
        fx.answer(request_context, Response::FetchSnapshot(response));
        let check_quorum_at = now.saturating_add(self.member.config.check_quorum_ms());
        if let EpochState::Leader(leader) = &mut self.state
            && !is_own
            && leader.heard_of(node, replica)
        {
            leader.check_quorum_at = check_quorum_at;
        }
    }

    /// The snapshot of which a piece is asked for. Errors in Kafka's order.
    fn asked_snapshot<'r, 'd>(
        &self,
        disk: &'d ControllerDisk,
        request: &'r FetchSnapshotRequest,
        is_own: bool,
    ) -> Result<(&'r FetchSnapshotPartition, &'d Snapshot), ErrorCode> {
        let asked = metadata_partition(request).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        if !is_own {
            self.validate_leader_only(asked.current_leader_epoch)?;
        }
        let id = OffsetAndEpoch::from(&asked.snapshot_id);
        let snapshot = disk.log.snapshot(id).filter(|_| id != OffsetAndEpoch::BOOTSTRAP);
        let snapshot = snapshot.ok_or(ErrorCode::SnapshotNotFound)?;
        if !(0..snapshot.size_bytes()).contains(&asked.position) {
            return Err(ErrorCode::PositionOutOfRange);
        }
        Ok((asked, snapshot))
    }

    /// The leader has told that this log needs a snapshot first.
    pub(super) fn begin_snapshot(&mut self, id: OffsetAndEpoch, fx: &mut Effects) {
        if let EpochState::Follower { fetching_snapshot, .. } = &mut self.state {
            *fetching_snapshot = Some(FetchingSnapshot::new(id));
        }
        let (node, end_offset, epoch) = (self.member.node_id, id.offset, id.epoch);
        fx.explain(Explanation::SnapshotNeeded { node, end_offset, epoch });
    }

    pub(super) fn fetch_snapshot_request(&self, fetching: &FetchingSnapshot) -> FetchSnapshotRequest {
        FetchSnapshotRequest {
            cluster_id: Some(self.member.cluster_id.clone()),
            replica_id: self.member.node_id,
            max_bytes: i32::try_from(self.member.config.fetch_snapshot_max_bytes).unwrap_or(i32::MAX),
            topics: request_topics(fetching, self.epoch),
        }
    }

    /// A piece has come. A whole snapshot takes the place of the log.
    pub(super) fn snapshot_answered(
        &mut self,
        disk: &mut ControllerDisk,
        from: i32,
        answer: &FetchSnapshotResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let node = self.member.node_id;
        let partition = answer.topics.first().and_then(|topic| topic.partitions.first());
        let Some(partition) = partition.filter(|_| answer.error_code.is_none()) else {
            // Whether the leader has the snapshot no more or leads no more, it cannot say; the fetch timeout ends this.
            self.back_off(from, now);
            return;
        };
        let (leader, epoch) = (partition.current_leader.leader_id, partition.current_leader.leader_epoch);
        let common = self.common_fields(partition.error_code, leader, epoch, &answer.node_endpoints);
        match self.handle_common(disk, from, common, now, fx) {
            Err(FatalFault) => return self.halt(fx),
            Ok(Common::Handled) => return,
            Ok(Common::Open) => {}
        }
        let fetch_timeout = self.leader_timeout_at(now);
        let max_bytes = i64::from(self.member.config.fetch_snapshot_max_bytes);
        let EpochState::Follower { fetch_timeout_at, fetching_snapshot, .. } = &mut self.state else { return };
        *fetch_timeout_at = fetch_timeout;
        let id = OffsetAndEpoch::from(&partition.snapshot_id);
        let awaited =
            fetching_snapshot.as_mut().filter(|awaited| awaited.id == id && awaited.position == partition.position);
        let Some(fetching) = awaited.filter(|_| partition.error_code.is_none()) else {
            // The next fetch says what there is instead.
            *fetching_snapshot = None;
            fx.explain(Explanation::SnapshotGivenUp { node, end_offset: id.offset, epoch: id.epoch });
            return;
        };
        let whole = fetching.take(partition.size, max_bytes, &partition.unaligned_records);
        let to = fetching.position;
        match whole {
            Some(snapshot) => {
                *fetching_snapshot = None;
                self.install_snapshot(disk, snapshot, fx);
                self.update_voters(disk, now, fx);
            }
            None => fx.explain(Explanation::SnapshotPieceFetched { node, to, size: partition.size }),
        }
    }

    fn install_snapshot(&mut self, disk: &mut ControllerDisk, snapshot: Snapshot, fx: &mut Effects) {
        let (node, from) = (self.member.node_id, disk.log.start_offset());
        let OffsetAndEpoch { offset, epoch } = snapshot.id();
        disk.log.install_snapshot(snapshot);
        fx.change(Change::SnapshotFetched { node, end_offset: offset, epoch });
        if from != offset {
            fx.change(Change::MetadataLogStartMoved { node, from, to: offset });
        }
        fx.explain(Explanation::SnapshotInstalled { node, end_offset: offset, epoch });
        // A snapshot is of committed records only.
        if self.high_watermark < Some(offset) {
            fx.change(Change::QuorumHighWatermarkMoved { node, from: self.high_watermark(), to: offset });
            self.high_watermark = Some(offset);
        }
        self.complete_delayed_fetches(disk, fx);
    }
}

/// What of a snapshot is asked for next.
pub fn request_topics(fetching: &FetchingSnapshot, current_leader_epoch: i32) -> Vec<FetchSnapshotTopic> {
    let partition = FetchSnapshotPartition {
        current_leader_epoch,
        snapshot_id: fetching.id.into(),
        position: fetching.position,
        ..FetchSnapshotPartition::default()
    };
    vec![FetchSnapshotTopic { name: METADATA_TOPIC.to_owned(), partitions: vec![partition] }]
}

/// The partition of the metadata log, wherever a request names it (`FetchSnapshotRequest.forTopicPartition`).
fn metadata_partition(request: &FetchSnapshotRequest) -> Option<&FetchSnapshotPartition> {
    let topics = request.topics.iter().filter(|topic| topic.name == METADATA_TOPIC);
    topics.flat_map(|topic| &topic.partitions).find(|asked| asked.partition == 0)
}

/// Kafka refuses a request that names several topics and does not name one partition in the first. It looks into that first topic
/// even where there is none, and for its first partition where the metadata log is not named: its thread does not survive either.
fn has_one_partition(request: &FetchSnapshotRequest) -> Result<bool, FatalFault> {
    let first = request.topics.first().ok_or(FatalFault)?;
    if request.topics.len() > 1 && first.partitions.len() != 1 {
        return Ok(false);
    }
    if metadata_partition(request).is_none() && first.partitions.is_empty() {
        return Err(FatalFault);
    }
    Ok(true)
}
