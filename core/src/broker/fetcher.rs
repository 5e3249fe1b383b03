//! How a follower copies its leader: one fetcher for each leader, pulling again and again (`AbstractFetcherThread`,
//! `ReplicaFetcherThread`), and how it finds where to cut off what the leader does not have.
//!
//! | a partition is | becomes        | when                                                                     |
//! |----------------|----------------|--------------------------------------------------------------------------|
//! | `Fetching`     | `Delayed`      | its leader refused it, or could not be reached                            |
//! | `Fetching`     | `AskingLatest` | OFFSET_OUT_OF_RANGE: first the leader's end is asked for                  |
//! | `AskingLatest` | `AskingEarliest` | the leader's end is not below ours: then our end is below its start     |
//! | `AskingEpoch`  | `Fetching`     | (historical, KIP-101) the leader said where our last epoch ends           |
//! | any of these   | `Fetching`     | the answer was acted upon, or the delay is over                           |
//! | `Fetching`     | `Failed`       | its log refused what was fetched, or its own leader epoch is fenced        |
//! | any            | (begun anew)   | the metadata names another leader epoch                                   |

use std::collections::BTreeMap;

use super::lifecycle::LifecycleState;
use super::{Broker, Context, PendingRequest};
use crate::actor::Listener;
use crate::change::Change;
use crate::effects::BrokerTimer;
use crate::explain::{Explanation, TruncatedBy};
use crate::fetch_session_handler::{FetchRequestData, FetchSessionHandler};
use crate::flat_map::{Entry, FlatMap};
use crate::log::Log;
use crate::sim::Millis;
use crate::wire::hash_order::{sort_as_hash_map, topic_partition_hash};
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{
    EpochEndOffset, FetchPartition, FetchRequest, FetchResponse, ListOffsetsPartition, ListOffsetsRequest,
    ListOffsetsResponse, ListOffsetsTopic, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition, OffsetForLeaderTopic, PartitionData, ReplicaState,
};
use crate::wire::{ErrorCode, Request};

/// Pulls from one leader.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Fetcher {
    /// What it follows there.
    pub partitions: FlatMap<TopicIdPartition, FetchState>,
    /// Whether a fetch is open.
    is_open: bool,
    /// What the leader knows of it.
    session: FetchSessionHandler,
}

/// How far a partition is with its leader.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FetchState {
    /// The leader's epoch when this began.
    pub leader_epoch: i32,
    /// What it does.
    pub mode: FetchMode,
    /// From which offset the open fetch asks for it.
    asked_from: Option<i64>,
    /// The hash of its name, by which the fetcher's map is ordered.
    hash: i32,
}

/// As in the table at the head of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FetchMode {
    /// It is part of every fetch.
    Fetching,
    /// It is left out until then.
    Delayed(Millis),
    /// It waits to hear where the leader's log ends.
    AskingLatest,
    /// It waits to hear where the leader's log starts.
    AskingEarliest,
    /// It waits to hear where its last epoch ends at the leader.
    AskingEpoch,
    /// It is not fetched any more in this leader epoch (`failedPartitions`).
    Failed,
}

/// Where to cut, from the leader's answer about an epoch, and whether the follower then is done or must ask again
/// (`AbstractFetcherThread.getOffsetTruncationState`).
pub fn truncation_offset(log: &Log, leaders: &EpochEndOffset, high_watermark: i64) -> i64 {
    let log_end = log.log_end_offset();
    if leaders.end_offset < 0 {
        return high_watermark;
    }
    if leaders.epoch < 0 {
        return leaders.end_offset.min(log_end);
    }
    let (own_epoch, own_end) = log.epochs().end_offset_for(leaders.epoch, log_end);
    if own_end < 0 {
        // The leader's epoch is older than all of ours.
        leaders.end_offset.min(log_end)
    } else if own_epoch == leaders.epoch {
        own_end.min(leaders.end_offset).min(log_end)
    } else {
        // We do not know the leader's epoch: cut to the end of the last one that we share with it, and ask again.
        own_end.min(log_end)
    }
}

impl Broker {
    /// Follows exactly the leaders that the metadata names now.
    pub(super) fn refresh_fetchers(&mut self, cx: &mut Context) {
        let mut wanted: BTreeMap<i32, BTreeMap<TopicIdPartition, (i32, i32)>> = BTreeMap::new();
        for (id, partition) in &self.partitions {
            let leader = partition.registration.leader;
            // A broker in controlled shutdown does not begin to follow where it is out of the ISR
            // (`ReplicaManager.applyLocalFollowersDelta`).
            let is_leaving =
                self.lifecycle.state == LifecycleState::Stopping && !partition.registration.isr.contains(&self.id);
            let is_known = leader >= 0 && self.image.brokers.contains_key(&leader);
            if !partition.is_leader() && is_known && !is_leaving {
                let hash = topic_partition_hash(&partition.name);
                wanted.entry(leader).or_default().insert(*id, (partition.registration.leader_epoch, hash));
            }
        }
        for (leader, fetcher) in &mut self.fetchers {
            let partitions = wanted.get(leader);
            fetcher.partitions.retain(|id, state| {
                partitions
                    .and_then(|partitions| partitions.get(id))
                    .is_some_and(|(epoch, _)| *epoch == state.leader_epoch)
            });
        }
        for (leader, partitions) in wanted {
            for (id, (leader_epoch, hash)) in partitions {
                let fetcher = self.fetchers.entry(leader).or_default();
                if let Entry::Vacant(place) = fetcher.partitions.entry(id) {
                    place.insert(FetchState { leader_epoch, mode: FetchMode::Fetching, asked_from: None, hash });
                    self.begin_following(cx, leader, id);
                }
            }
            self.fetch_replicas(cx, leader);
        }
    }

    /// What precedes the first fetch from a new leader: today nothing, in the historical ways a truncation.
    fn begin_following(&mut self, cx: &mut Context, leader: i32, id: TopicIdPartition) {
        let Some(partition) = self.partitions.get(&id) else { return };
        let high_watermark = partition.high_watermark;
        let Some(log) = cx.disk.log(&id) else { return };
        match self.settings.truncation.as_str() {
            "high-watermark" => self.truncate(cx, leader, id, high_watermark, TruncatedBy::HighWatermark),
            "leader-epoch" if log.latest_epoch().is_some() => self.ask_for_epoch_end(cx, leader, id),
            // A log without any epoch is from before KIP-101: its high watermark is all there is to go by.
            _ if log.latest_epoch().is_none() && log.log_end_offset() > high_watermark => {
                self.truncate(cx, leader, id, high_watermark, TruncatedBy::HighWatermark);
            }
            _ => {}
        }
    }

    /// Sends the next fetch to a leader, if none is open and anything can be fetched.
    fn fetch_replicas(&mut self, cx: &mut Context, leader: i32) {
        let Some(fetcher) = self.fetchers.get_mut(&leader) else { return };
        if fetcher.partitions.is_empty() {
            if !fetcher.is_open {
                self.fetchers.remove(&leader);
                cx.fx.stop_timer(BrokerTimer::ReplicaFetch(leader));
            }
            return;
        }
        if fetcher.is_open {
            return;
        }
        let mut wanted: Vec<(TopicIdPartition, FetchPartition)> = Vec::with_capacity(fetcher.partitions.len());
        let mut wakes_at: Option<Millis> = None;
        let says_epoch = self.settings.truncation == "fetch";
        let partition_max_bytes = i32::try_from(self.settings.replica_fetch_max_bytes).unwrap_or(i32::MAX);
        // A fetcher keeps its partitions in a hash map's order.
        let mut in_order: Vec<_> =
            fetcher.partitions.iter_mut().filter(|(_, state)| state.mode != FetchMode::Failed).collect();
        sort_as_hash_map(&mut in_order, |(_, state)| state.hash);
        for (id, state) in in_order {
            match state.mode {
                FetchMode::Delayed(until) if until > cx.now => {
                    wakes_at = Some(wakes_at.map_or(until, |earlier| earlier.min(until)));
                    continue;
                }
                FetchMode::Delayed(_) => state.mode = FetchMode::Fetching,
                FetchMode::Fetching => {}
                FetchMode::AskingLatest | FetchMode::AskingEarliest | FetchMode::AskingEpoch | FetchMode::Failed => {
                    continue;
                }
            }
            let Some(log) = cx.disk.log(id) else { continue };
            state.asked_from = Some(log.log_end_offset());
            let partition = FetchPartition {
                partition: id.partition,
                current_leader_epoch: state.leader_epoch,
                fetch_offset: log.log_end_offset(),
                last_fetched_epoch: if says_epoch { log.latest_epoch().unwrap_or(-1) } else { -1 },
                log_start_offset: log.log_start_offset(),
                partition_max_bytes,
                ..FetchPartition::default()
            };
            wanted.push((*id, partition));
        }
        if let Some(at) = wakes_at {
            cx.fx.set_timer(BrokerTimer::ReplicaFetch(leader), at);
        }
        // What it fetches no more the leader is told even where nothing else is wanted.
        if !fetcher.session.has_anything_to_say(!wanted.is_empty()) {
            return;
        }
        fetcher.is_open = true;
        let FetchRequestData { session_id, session_epoch, topics, forgotten_topics_data } =
            fetcher.session.build(wanted);
        let request = FetchRequest {
            replica_state: ReplicaState { replica_id: self.id, replica_epoch: self.lifecycle.broker_epoch },
            max_wait_ms: i32::try_from(self.settings.replica_fetch_wait_max_ms).unwrap_or(i32::MAX),
            min_bytes: i32::try_from(self.settings.replica_fetch_min_bytes).unwrap_or(i32::MAX),
            max_bytes: i32::try_from(self.settings.replica_fetch_response_max_bytes).unwrap_or(i32::MAX),
            session_id,
            session_epoch,
            topics,
            forgotten_topics_data,
            ..FetchRequest::default()
        };
        let deadline = cx.now.saturating_add(self.settings.replica_socket_timeout_ms);
        self.requests.send(
            cx.fx,
            leader,
            Listener::Broker,
            Request::Fetch(request),
            deadline,
            PendingRequest::FetchReplicas,
        );
    }

    pub(super) fn replicas_fetched(&mut self, cx: &mut Context, leader: i32, answer: &FetchResponse) {
        let Some(fetcher) = self.fetchers.get_mut(&leader) else { return };
        fetcher.is_open = false;
        cx.fx.stop_timer(BrokerTimer::ReplicaFetch(leader));
        let counts = fetcher.session.handle_response(answer);
        for topic in answer.responses.iter().filter(|_| counts) {
            for data in &topic.partitions {
                let id = TopicIdPartition { topic_id: topic.topic_id, partition: data.partition_index };
                self.partition_fetched(cx, leader, id, data);
            }
        }
        cx.fx.explain(Explanation::FollowerFetchedNothing { node: self.id, leader });
        self.fetch_replicas(cx, leader);
    }

    fn partition_fetched(&mut self, cx: &mut Context, leader: i32, id: TopicIdPartition, data: &PartitionData) {
        let state = self.fetchers.get_mut(&leader).and_then(|fetcher| fetcher.partitions.get_mut(&id));
        let Some(state) = state.filter(|state| state.mode == FetchMode::Fetching) else { return };
        // An answer to what was asked before a truncation, or before the partition was given up and taken up again, says
        // nothing any more: only one to the present offset and epoch counts.
        let log_at = cx.disk.logs.position(&id);
        let end = log_at.map(|at| cx.disk.logs.at(at).log.log_end_offset());
        if state.asked_from.take().is_none_or(|asked| Some(asked) != end) {
            return;
        }
        let leader_epoch = state.leader_epoch;
        match data.error_code {
            ErrorCode::None => {}
            ErrorCode::OffsetOutOfRange => return self.ask_for_range(cx, leader, id, -1),
            error => {
                if let Some(partition) = self.partitions.get(&id) {
                    let partition = partition.name.clone();
                    cx.fx.explain(Explanation::FollowerRefused { node: self.id, leader, partition, error });
                }
                // The answer is to the epoch that this replica still has (`onPartitionFenced`): only news of the leader helps.
                if error == ErrorCode::FencedLeaderEpoch {
                    return self.set_mode(leader, &id, FetchMode::Failed);
                }
                return self.delay_partition(cx, leader, id);
            }
        }
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        if partition.is_leader() || partition.registration.leader_epoch != leader_epoch {
            return;
        }
        let Some(log) = log_at.map(|at| &cx.disk.logs.at(at).log) else { return };
        if data.diverging_epoch.epoch >= 0 {
            cx.fx.change(Change::DivergenceFound {
                node: self.id,
                partition: partition.name.clone(),
                leader_epoch: data.diverging_epoch.epoch,
                end_offset: data.diverging_epoch.end_offset,
            });
            let to = truncation_offset(log, &data.diverging_epoch, partition.high_watermark);
            return self.truncate(cx, leader, id, to, TruncatedBy::LeaderEpoch);
        }
        let appended = match self.append_fetched(cx, id, leader_epoch, &data.records) {
            Ok(appended) => appended,
            Err(refused) => return self.log_refused(cx, leader, id, refused),
        };
        self.follow_leaders_offsets(cx, leader, id, data, appended);
    }

    /// A fetch got no answer: everything followed there waits a while.
    pub(super) fn replica_fetch_failed(&mut self, cx: &mut Context, leader: i32) {
        let until = cx.now.saturating_add(self.settings.replica_fetch_backoff_ms);
        if let Some(fetcher) = self.fetchers.get_mut(&leader) {
            fetcher.is_open = false;
            fetcher.session.handle_error();
            for state in fetcher.partitions.values_mut().filter(|state| state.mode == FetchMode::Fetching) {
                state.mode = FetchMode::Delayed(until);
            }
        }
        self.fetch_replicas(cx, leader);
    }

    pub(super) fn delay_partition(&mut self, cx: &mut Context, leader: i32, id: TopicIdPartition) {
        let until = cx.now.saturating_add(self.settings.replica_fetch_backoff_ms);
        if let Some(state) = self.fetchers.get_mut(&leader).and_then(|fetcher| fetcher.partitions.get_mut(&id)) {
            state.mode = FetchMode::Delayed(until);
            self.fetch_replicas(cx, leader);
        }
    }

    pub(super) fn fetch_again(&mut self, cx: &mut Context, leader: i32) {
        cx.fx.explain(Explanation::FollowerFetchesAgain { node: self.id, leader });
        self.fetch_replicas(cx, leader);
    }

    pub(super) fn set_mode(&mut self, leader: i32, id: &TopicIdPartition, mode: FetchMode) {
        if let Some(state) = self.fetchers.get_mut(&leader).and_then(|fetcher| fetcher.partitions.get_mut(id)) {
            state.mode = mode;
        }
    }

    /// Asks where the leader's log ends (-1) or starts (-2).
    fn ask_for_range(&mut self, cx: &mut Context, leader: i32, id: TopicIdPartition, timestamp: i64) {
        let Some(partition) = self.partitions.get(&id) else { return };
        let request = ListOffsetsRequest {
            replica_id: self.id,
            topics: vec![ListOffsetsTopic {
                name: partition.name.topic.clone(),
                partitions: vec![ListOffsetsPartition {
                    partition_index: id.partition,
                    current_leader_epoch: partition.registration.leader_epoch,
                    timestamp,
                }],
            }],
            ..ListOffsetsRequest::default()
        };
        let mode = if timestamp == -1 { FetchMode::AskingLatest } else { FetchMode::AskingEarliest };
        self.set_mode(leader, &id, mode);
        let deadline = cx.now.saturating_add(self.settings.replica_socket_timeout_ms);
        let pending = PendingRequest::FindLeadersRange(id);
        self.requests.send(cx.fx, leader, Listener::Broker, Request::ListOffsets(request), deadline, pending);
    }

    /// `AbstractFetcherThread.fetchOffsetAndTruncate`: our end was outside the leader's log.
    #[inline(never)]
    pub(super) fn leaders_range_found(
        &mut self,
        cx: &mut Context,
        leader: i32,
        id: TopicIdPartition,
        answer: &ListOffsetsResponse,
    ) {
        let state = self.fetchers.get(&leader).and_then(|fetcher| fetcher.partitions.get(&id));
        let Some(mode) = state.map(|state| state.mode) else { return };
        let found = answer.topics.first().and_then(|topic| topic.partitions.first());
        let Some(found) = found.filter(|found| found.error_code.is_none()) else {
            return self.delay_partition(cx, leader, id);
        };
        let log_end = cx.disk.log_end(&id);
        match mode {
            FetchMode::AskingLatest if found.offset < log_end => {
                self.truncate(cx, leader, id, found.offset, TruncatedBy::LeaderLogEnd);
            }
            FetchMode::AskingLatest => return self.ask_for_range(cx, leader, id, -2),
            FetchMode::AskingEarliest if found.offset > log_end => self.start_over(cx, leader, id, found.offset),
            FetchMode::Failed => return,
            FetchMode::AskingEarliest | FetchMode::AskingEpoch | FetchMode::Fetching | FetchMode::Delayed(_) => {}
        }
        self.set_mode(leader, &id, FetchMode::Fetching);
        self.fetch_replicas(cx, leader);
    }

    /// KIP-101's own form: asks the leader where our last epoch ends there.
    fn ask_for_epoch_end(&mut self, cx: &mut Context, leader: i32, id: TopicIdPartition) {
        let (Some(partition), Some(log)) = (self.partitions.get(&id), cx.disk.log(&id)) else { return };
        let request = OffsetForLeaderEpochRequest {
            replica_id: self.id,
            topics: vec![OffsetForLeaderTopic {
                topic: partition.name.topic.clone(),
                partitions: vec![OffsetForLeaderPartition {
                    partition: id.partition,
                    current_leader_epoch: partition.registration.leader_epoch,
                    leader_epoch: log.latest_epoch().unwrap_or(-1),
                }],
            }],
        };
        self.set_mode(leader, &id, FetchMode::AskingEpoch);
        let deadline = cx.now.saturating_add(self.settings.replica_socket_timeout_ms);
        let pending = PendingRequest::FindEpochEnd(id);
        self.requests.send(cx.fx, leader, Listener::Broker, Request::OffsetForLeaderEpoch(request), deadline, pending);
    }

    /// Before KIP-279 the follower cut to the offset that the leader named, whatever epoch it was of: after two quick
    /// changes of leader the logs could stay different.
    #[inline(never)]
    pub(super) fn epoch_end_found(
        &mut self,
        cx: &mut Context,
        leader: i32,
        id: TopicIdPartition,
        answer: &OffsetForLeaderEpochResponse,
    ) {
        let found = answer.topics.first().and_then(|topic| topic.partitions.first());
        let Some(found) = found.filter(|found| found.error_code.is_none()) else {
            return self.delay_partition(cx, leader, id);
        };
        let high_watermark = self.partitions.get(&id).map_or(0, |partition| partition.high_watermark);
        let (to, by) = match found.end_offset {
            ..0 => (high_watermark, TruncatedBy::HighWatermark),
            end => (end, TruncatedBy::LeaderEpoch),
        };
        self.truncate(cx, leader, id, to, by);
        self.set_mode(leader, &id, FetchMode::Fetching);
        self.fetch_replicas(cx, leader);
    }
}
