//! How the quorum's leader answers fetches of the metadata log (`KafkaRaftClient.handleFetchRequest`).

use std::collections::BTreeMap;

use super::state::EpochState;
use super::{ControllerDisk, Quorum, ReplicaKey};
use crate::actor::Endpoint;
use crate::change::Change;
use crate::effects::{ControllerTimer, Effects, RequestContext};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::api::{LeaderIdAndEpoch, NodeEndpoint};
use crate::wire::replication::{
    EpochEndOffset, FetchPartition, FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData, SnapshotId,
};
use crate::wire::{ApiKey, ErrorCode, Response, Uuid};

/// How long the leader may let a fetch wait, in milliseconds (`MAX_FETCH_WAIT_MS`).
pub(super) const MAX_WAIT_MS: i32 = 500;

/// A fetch that waits for the log to grow or the high watermark to rise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DelayedFetch {
    request_context: RequestContext,
    replica_id: i32,
    /// Whether the broker of the same process asks: it reads this log under any leader.
    is_own: bool,
    fetch: FetchPartition,
}

impl Quorum {
    /// Answers a fetch, or lets it wait until there is something new or its time is up.
    pub fn handle_fetch(
        &mut self,
        disk: &ControllerDisk,
        request_context: RequestContext,
        request: FetchRequest,
        now: Millis,
        fx: &mut Effects,
    ) {
        let node = self.member.node_id;
        let replica_id = request.replica(request_context.version);
        let addressed = self.check_cluster_id(request.cluster_id.as_deref());
        let fetch = match addressed.and_then(|()| only_metadata_partition(&request)) {
            Ok(fetch) => fetch,
            Err(error_code) => {
                self.refuse(&request_context, error_code, fx);
                let response = FetchResponse { error_code, ..FetchResponse::default() };
                fx.answer(&request_context, Response::Fetch(response));
                return;
            }
        };
        let is_own = request_context.from == Endpoint::Broker(node);
        let checked = self.check_fetch(&fetch, request.max_wait_ms);
        if let Err(error) = checked.or_else(|error| if is_own { Ok(()) } else { Err(error) }) {
            self.refuse(&request_context, error, fx);
            fx.answer(&request_context, self.fetch_error(error, disk.log.start_offset()));
            return;
        }
        let is_valid_fetch = is_valid(&self.read(disk, &fetch));
        if is_valid_fetch && replica_id == node && !is_own {
            // A leader does not follow itself: Kafka's own thread takes it for an error that nobody foresaw.
            self.refuse(&request_context, ErrorCode::UnknownServerError, fx);
            fx.answer(&request_context, self.fetch_error(ErrorCode::UnknownServerError, disk.log.start_offset()));
            return;
        }
        if replica_id >= 0 && !is_own && is_valid_fetch {
            let replica = ReplicaKey { id: replica_id, directory_id: fetch.replica_directory_id };
            self.replica_fetched(disk, replica, fetch.fetch_offset, now, fx);
        }
        let data = self.read(disk, &fetch);
        if is_worth_answering(&data, &fetch) || request.max_wait_ms == 0 {
            if data.snapshot_id != SnapshotId::default() {
                let SnapshotId { end_offset, epoch } = data.snapshot_id;
                fx.explain(Explanation::SnapshotOffered { node, replica: replica_id, end_offset, epoch });
            }
            fx.explain(Explanation::MetadataFetchAnswered { node, broker: replica_id });
            fx.answer(&request_context, self.fetch_answer(data));
            return;
        }
        fx.explain(Explanation::MetadataFetchWaits { node, broker: replica_id });
        fx.change(Change::DelayedOperationWatched { node, api: ApiKey::Fetch, from: request_context.from.actor() });
        let number = self.delayed_so_far;
        self.delayed_so_far = self.delayed_so_far.saturating_add(1);
        self.delayed.insert(number, DelayedFetch { request_context, replica_id, is_own, fetch });
        let wait_ms = u64::try_from(request.max_wait_ms).unwrap_or(0);
        fx.set_timer(ControllerTimer::Purgatory(number), now.saturating_add(wait_ms));
    }

    /// A fetch acknowledges what lies below its offset, as the answer to AppendEntries does. What a majority has is committed; requests
    /// that wait for that are answered.
    pub(super) fn replica_fetched(
        &mut self,
        disk: &ControllerDisk,
        replica: ReplicaKey,
        from: i64,
        now: Millis,
        fx: &mut Effects,
    ) {
        let (node, check_quorum_ms) = (self.member.node_id, self.member.config.check_quorum_ms());
        let EpochState::Leader(leader) = &mut self.state else { return };
        if leader.fetched(node, replica, from, disk.log.end_offset(), now) {
            leader.check_quorum_at = now.saturating_add(check_quorum_ms);
        }
        let known = self.high_watermark();
        if self.update_high_watermark(disk) {
            fx.change(Change::QuorumHighWatermarkMoved { node, from: known, to: self.high_watermark() });
            self.complete_delayed_fetches(disk, fx);
        }
    }

    /// Who leads no more refuses the fetches that wait.
    pub(super) fn refuse_delayed(&mut self, fx: &mut Effects) {
        let (own, others) = std::mem::take(&mut self.delayed).into_iter().partition(|(_, delayed)| delayed.is_own);
        self.delayed = own;
        let others: BTreeMap<u64, DelayedFetch> = others;
        for (number, delayed) in others {
            fx.stop_timer(ControllerTimer::Purgatory(number));
            fx.answer(&delayed.request_context, self.fetch_error(ErrorCode::NotLeaderOrFollower, 0));
        }
    }

    /// The replica whose fetch waits under a number; -1 where a client's does.
    pub fn delayed_replica(&self, number: u64) -> Option<i32> {
        self.delayed.get(&number).map(|delayed| delayed.replica_id)
    }

    /// Whose fetches wait, and from which offset on they ask.
    pub fn delayed_fetches(&self) -> impl Iterator<Item = (i64, &RequestContext)> {
        self.delayed.values().map(|delayed| (delayed.fetch.fetch_offset, &delayed.request_context))
    }

    /// Answers the fetches for which an append or a newer high watermark brought something.
    pub fn complete_delayed_fetches(&mut self, disk: &ControllerDisk, fx: &mut Effects) {
        let ready: Vec<u64> = self
            .delayed
            .iter()
            .filter(|(_, delayed)| is_worth_answering(&self.read(disk, &delayed.fetch), &delayed.fetch))
            .map(|(number, _)| *number)
            .collect();
        for number in ready {
            fx.stop_timer(ControllerTimer::Purgatory(number));
            self.answer_one(disk, number, false, fx);
        }
    }

    /// A fetch has waited enough. Gives `false` where the number is none of ours.
    pub fn expire_delayed_fetches(&mut self, disk: &ControllerDisk, number: u64, fx: &mut Effects) -> bool {
        let broker = self.delayed.get(&number).map(|delayed| delayed.replica_id);
        if let Some(broker) = broker {
            fx.explain(Explanation::MetadataFetchWaitedEnough { node: self.member.node_id, broker });
            self.answer_one(disk, number, true, fx);
        }
        broker.is_some()
    }

    fn answer_one(&mut self, disk: &ControllerDisk, number: u64, timed_out: bool, fx: &mut Effects) {
        if let Some(delayed) = self.delayed.remove(&number) {
            let to = delayed.request_context.from.actor();
            fx.change(Change::DelayedOperationCompleted {
                node: self.member.node_id,
                api: ApiKey::Fetch,
                to,
                timed_out,
            });
            fx.answer(&delayed.request_context, self.fetch_answer(self.read(disk, &delayed.fetch)));
        }
    }

    /// A fetcher that does not know the leader's epoch asks with an older one (0 at first) and learns it from the answer.
    fn check_fetch(&self, fetch: &FetchPartition, max_wait_ms: i32) -> Result<(), ErrorCode> {
        let nonsense = max_wait_ms < 0
            || fetch.fetch_offset < 0
            || fetch.last_fetched_epoch < 0
            || fetch.current_leader_epoch < 0
            || fetch.last_fetched_epoch > fetch.current_leader_epoch;
        if nonsense { Err(ErrorCode::InvalidRequest) } else { self.validate_leader_only(fetch.current_leader_epoch) }
    }

    /// Whether this node leads the epoch that a requester thinks it leads (`validateLeaderOnlyRequest`).
    pub(super) fn validate_leader_only(&self, epoch: i32) -> Result<(), ErrorCode> {
        if epoch < self.epoch {
            Err(ErrorCode::FencedLeaderEpoch)
        } else if epoch > self.epoch {
            Err(ErrorCode::UnknownLeaderEpoch)
        } else if !self.is_leader() {
            Err(ErrorCode::NotLeaderOrFollower)
        } else {
            Ok(())
        }
    }

    /// What a fetch brings now: records up to the log's end, since even a voter must fetch what is not yet committed.
    fn read(&self, disk: &ControllerDisk, fetch: &FetchPartition) -> PartitionData {
        let mut data = PartitionData {
            high_watermark: self.high_watermark(),
            log_start_offset: disk.log.start_offset(),
            current_leader: self.current_leader(),
            ..PartitionData::default()
        };
        if let Some(snapshot_id) = disk.log.snapshot_for(fetch.fetch_offset, fetch.last_fetched_epoch) {
            data.snapshot_id = snapshot_id.into();
            return data;
        }
        let at_the_very_start = fetch.fetch_offset == 0 && disk.log.start_offset() == 0;
        let (epoch, end_offset) = disk.log.end_of_epoch(fetch.last_fetched_epoch);
        if !at_the_very_start && (epoch != fetch.last_fetched_epoch || end_offset < fetch.fetch_offset) {
            data.diverging_epoch = EpochEndOffset { epoch, end_offset };
        } else {
            data.records = disk.log.read(fetch.fetch_offset, self.member.config.fetch_max_bytes);
        }
        data
    }

    /// An answer of this node, with the place of the leader that it knows (KIP-853).
    fn fetch_answer(&self, data: PartitionData) -> Response {
        let topic = FetchableTopicResponse {
            topic_id: Uuid::METADATA,
            partitions: vec![data],
            ..FetchableTopicResponse::default()
        };
        let at = self.node_endpoints().into_iter();
        let node_endpoints =
            at.map(|at| NodeEndpoint { node_id: at.node_id, host: at.host, port: at.port, ..NodeEndpoint::default() });
        Response::Fetch(FetchResponse {
            responses: vec![topic],
            node_endpoints: node_endpoints.collect(),
            ..FetchResponse::default()
        })
    }

    pub(super) fn current_leader(&self) -> LeaderIdAndEpoch {
        LeaderIdAndEpoch { leader_id: self.leader.unwrap_or(-1), leader_epoch: self.epoch }
    }

    fn fetch_error(&self, error_code: ErrorCode, log_start_offset: i64) -> Response {
        self.fetch_answer(PartitionData {
            error_code,
            log_start_offset,
            current_leader: self.current_leader(),
            ..PartitionData::default()
        })
    }
}

/// Whether the requester's log is a beginning of this one.
fn is_valid(data: &PartitionData) -> bool {
    data.diverging_epoch == EpochEndOffset::default() && data.snapshot_id == SnapshotId::default()
}

/// Records, a divergence, a snapshot, or a high watermark that the requester does not know yet (KIP-1166).
fn is_worth_answering(data: &PartitionData, fetch: &FetchPartition) -> bool {
    !data.records.is_empty() || !is_valid(data) || fetch.high_watermark < data.high_watermark
}

fn only_metadata_partition(request: &FetchRequest) -> Result<FetchPartition, ErrorCode> {
    match request.topics.as_slice() {
        [topic] if topic.topic_id == Uuid::METADATA => match topic.partitions.as_slice() {
            [partition] if partition.partition == 0 => Ok(partition.clone()),
            _ => Err(ErrorCode::InvalidRequest),
        },
        _ => Err(ErrorCode::InvalidRequest),
    }
}
