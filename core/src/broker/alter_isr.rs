//! How the ISR changes: the leader proposes, the controller decides (`Partition.maybeShrinkIsr`, `maybeExpandIsr`,
//! `AlterPartitionManager`). At most one proposal a partition and one request a broker are open.

use std::rc::Rc;

use super::partition::IsrProposal;
use super::{Broker, Context, PendingRequest};
use crate::change::Change;
use crate::effects::BrokerTimer;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::hash_order::{
    sort_as_concurrent_hash_map, sort_as_immutable_hash_map, topic_id_partition_hash, topic_partition_hash, uuid_hash,
};
use crate::wire::ids::TopicIdPartition;
use crate::wire::metadata::{
    AlterPartitionData, AlterPartitionDataResponse, AlterPartitionRequest, AlterPartitionResponse, AlterPartitionTopic,
    BrokerState,
};
use crate::wire::{ErrorCode, Request};

/// How long a broker waits before it proposes again what the controller did not answer.
const RETRY_BACKOFF_MS: Millis = 50;
/// `controller.socket.timeout.ms`.
const TIMEOUT_MS: Millis = 30_000;

/// What a leader does with the controller's error about its proposal (`Partition.handleAlterPartitionError`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRefusal {
    /// It goes back to the ISR that was last committed; the proposal surely was not carried out.
    BackToCommitted,
    /// It keeps counting with the proposal until newer metadata says how things are.
    WaitForMetadata,
    /// It proposes the same again.
    Retry,
}

/// What follows an error.
pub fn after_refusal(error: ErrorCode) -> AfterRefusal {
    match error {
        ErrorCode::OperationNotAttempted | ErrorCode::IneligibleReplica => AfterRefusal::BackToCommitted,
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::UnknownTopicId
        | ErrorCode::FencedLeaderEpoch
        | ErrorCode::InvalidUpdateVersion
        | ErrorCode::InvalidRequest
        | ErrorCode::NewLeaderElected => AfterRefusal::WaitForMetadata,
        _ => AfterRefusal::Retry,
    }
}

/// Whether the controller's consent to a proposal still counts: not if it is of another leader epoch, nor if the leader
/// knows a newer partition epoch by now (`Partition.handleAlterPartitionUpdate`). Each pair is leader epoch, partition epoch.
pub fn consent_counts(answered: (i32, i32), known: (i32, i32)) -> bool {
    answered.0 == known.0 && answered.1 >= known.1
}

impl Broker {
    /// A follower fetched that may join the ISR: proposes that it does.
    pub(super) fn expand_isr(&mut self, cx: &mut Context, id: TopicIdPartition, isr: Vec<i32>) {
        self.propose(cx, id, isr, true);
        self.send_proposals(cx);
    }

    /// Time to look which followers lag: at one partition after the other, as the broker's map of them lists them. The
    /// first proposal is on its way at once; those after it wait for its answer and then go together.
    pub(super) fn maybe_shrink_isr(&mut self, cx: &mut Context) {
        let lag_max_ms = self.settings.replica_lag_time_max_ms;
        let lag_max_messages = self.settings.replica_lag_max_messages;
        cx.fx.set_timer(
            BrokerTimer::IsrExpiration,
            cx.now.saturating_add(self.settings.isr_expiration_interval_ms().max(1)),
        );
        let hashed = self.partitions.iter().map(|(id, partition)| (*id, topic_partition_hash(&partition.name)));
        let mut ids: Vec<(TopicIdPartition, i32)> = hashed.collect();
        sort_as_concurrent_hash_map(&mut ids, |(_, hash)| *hash);
        for (id, _) in ids {
            let log_end = cx.disk.log_end(&id);
            let Some(partition) = self.partitions.get(&id) else { continue };
            let Some(isr) = partition.isr_without_lagging(log_end, lag_max_ms, lag_max_messages, cx.now) else {
                continue;
            };
            let name = partition.name.clone();
            cx.fx.explain(Explanation::IsrShrinkProposed { node: self.id, partition: name });
            self.propose(cx, id, isr, false);
            self.send_proposals(cx);
        }
        cx.fx.explain(Explanation::IsrChecked { node: self.id });
        self.send_proposals(cx);
    }

    fn propose(&mut self, cx: &mut Context, id: TopicIdPartition, isr: Vec<i32>, expands: bool) {
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let from = partition.registration.isr.clone();
        let name = partition.name.clone();
        if let Some(leader) = partition.leader_mut() {
            cx.fx.change(Change::IsrProposed { node: self.id, partition: name, from, to: isr.clone() });
            leader.proposal = Some(IsrProposal { isr, expands, sent: false });
        }
    }

    /// Sends every proposal that is not on its way, in one request, unless one is open. They are listed as
    /// `unsentIsrUpdates`, a map by topic id and partition, gives them back, and then grouped by topic (`buildRequest`): the
    /// order that the controller writes them in.
    #[inline(never)]
    pub(super) fn send_proposals(&mut self, cx: &mut Context) {
        if self.requests.iter().any(|open| open.context == PendingRequest::AlterPartition) {
            return;
        }
        let own_epoch = self.lifecycle.broker_epoch;
        let mut unsent: Vec<(TopicIdPartition, AlterPartitionData)> = Vec::new();
        for (id, partition) in &mut self.partitions {
            let registration = &partition.registration;
            let data = AlterPartitionData {
                partition_index: id.partition,
                leader_epoch: registration.leader_epoch,
                leader_recovery_state: 0,
                partition_epoch: registration.partition_epoch,
                ..AlterPartitionData::default()
            };
            let Some(leader) = partition.leader_mut() else { continue };
            let Some(proposal) = leader.proposal.as_mut().filter(|proposal| !proposal.sent) else { continue };
            proposal.sent = true;
            let new_isr_with_epochs = proposal
                .isr
                .iter()
                .map(|broker_id| BrokerState {
                    broker_id: *broker_id,
                    broker_epoch: leader
                        .followers
                        .get(broker_id)
                        .map_or(own_epoch, |follower| follower.broker_epoch.unwrap_or(-1)),
                })
                .collect();
            unsent.push((*id, AlterPartitionData { new_isr_with_epochs, ..data }));
        }
        sort_as_concurrent_hash_map(&mut unsent, |(id, _)| topic_id_partition_hash(id));
        let mut topics: Vec<AlterPartitionTopic> = Vec::new();
        for (TopicIdPartition { topic_id, .. }, data) in unsent {
            match topics.iter_mut().find(|topic| topic.topic_id == topic_id) {
                Some(topic) => topic.partitions.push(data),
                None => topics.push(AlterPartitionTopic { topic_id, partitions: vec![data] }),
            }
        }
        let topics = sort_as_immutable_hash_map(topics, |topic| uuid_hash(topic.topic_id));
        if !topics.is_empty() {
            let request = AlterPartitionRequest { broker_id: self.id, broker_epoch: own_epoch, topics };
            self.send_to_controller(cx, Request::AlterPartition(request), TIMEOUT_MS, PendingRequest::AlterPartition);
        }
    }

    #[inline(never)]
    pub(super) fn isr_answered(&mut self, cx: &mut Context, answer: &AlterPartitionResponse) {
        if !answer.error_code.is_none() {
            return self.isr_unanswered(cx);
        }
        for topic in &answer.topics {
            for data in &topic.partitions {
                let id = TopicIdPartition { topic_id: topic.topic_id, partition: data.partition_index };
                self.partition_isr_answered(cx, id, data);
                // One partition's future is completed after the other (`DefaultAlterPartitionManager.handleAlterPartitionResponse`).
                self.complete_touched(cx);
            }
        }
        self.send_proposals(cx);
    }

    fn partition_isr_answered(&mut self, cx: &mut Context, id: TopicIdPartition, data: &AlterPartitionDataResponse) {
        let node = self.id;
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let name = partition.name.clone();
        let known_epoch = partition.registration.partition_epoch;
        let known_leader_epoch = partition.registration.leader_epoch;
        let Some(leader) = partition.leader_mut() else { return };
        if data.error_code.is_none() {
            let counts = consent_counts((data.leader_epoch, data.partition_epoch), (known_leader_epoch, known_epoch));
            if !counts || leader.proposal.is_none() {
                return;
            }
            leader.proposal = None;
            let registration = Rc::make_mut(&mut partition.registration);
            registration.isr.clone_from(&data.isr);
            registration.partition_epoch = data.partition_epoch;
            registration.leader_recovery_state = data.leader_recovery_state;
            cx.fx.explain(Explanation::IsrAnswered { node, partition: name });
            self.advance_high_watermark(cx, id);
            return;
        }
        cx.fx.explain(Explanation::IsrRefused { node, partition: name, error: data.error_code });
        match after_refusal(data.error_code) {
            AfterRefusal::BackToCommitted => leader.proposal = None,
            AfterRefusal::WaitForMetadata => {}
            AfterRefusal::Retry => {
                if let Some(proposal) = &mut leader.proposal {
                    proposal.sent = false;
                }
                cx.fx.set_timer(BrokerTimer::AlterPartition, cx.now + RETRY_BACKOFF_MS);
            }
        }
    }

    /// The controller did not answer: everything is proposed again.
    pub(super) fn isr_unanswered(&mut self, cx: &mut Context) {
        for partition in self.partitions.values_mut() {
            if let Some(proposal) = partition.leader_mut().and_then(|leader| leader.proposal.as_mut()) {
                proposal.sent = false;
            }
        }
        cx.fx.set_timer(BrokerTimer::AlterPartition, cx.now + RETRY_BACKOFF_MS);
    }
}
