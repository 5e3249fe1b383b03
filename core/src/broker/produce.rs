//! Produce: checks, the leader's append, and the wait for the ISR (`KafkaApis.handleProduceRequest`,
//! `ReplicaManager.appendRecords`).

use super::log_validator::{Produced, Refusal, named_once, validate};
use super::purgatory::{DelayedPartition, HeldBack, Operation, ProduceOrigin, produce_outcome};
use super::transaction::verification::Verified;
use super::transaction::verified_requests::refusal_of;
use super::{Broker, Context};
use crate::change::{Change, is_internal};
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::log::{AppendInfo, Log, RefusedAppend, Verification, VerificationGuard};
use crate::settings::TopicSettings;
use crate::sim::Millis;
use crate::wire::api::{LeaderIdAndEpoch, NodeEndpoint};
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceData, TopicProduceResponse,
};
use crate::wire::{ErrorCode, Response, Topic, TopicPartition, Uuid};

/// From this version on an answer names the leader that the requester should have asked (KIP-951).
const FIRST_VERSION_WITH_LEADERS: i16 = 10;
/// From this version on a produce request names topics by id.
const FIRST_VERSION_WITH_TOPIC_IDS: i16 = 13;

/// A client of this name may write to internal topics (`AdminUtils.ADMIN_CLIENT_ID`).
const ADMIN_CLIENT_ID: &str = "__admin_client";

/// Whether `acks` is a value that there is.
pub fn is_valid_acks(acks: i16) -> bool {
    matches!(acks, -1..=1)
}

/// What a produce request says of itself and its topic, as far as it is looked at before anybody asks who leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProduceCheck {
    /// Its `acks`.
    pub acks: i16,
    /// Whether it names a topic id that nobody knows.
    pub unknown_id: bool,
    /// Whether the partition exists.
    pub exists: bool,
    /// Whether the topic is one of Kafka's own.
    pub is_internal: bool,
}

/// Why a produce request is refused before anything else, in the order in which Kafka looks: the topic, then `acks`.
pub fn request_error(check: ProduceCheck) -> ErrorCode {
    if check.unknown_id {
        ErrorCode::UnknownTopicId
    } else if !check.exists {
        ErrorCode::UnknownTopicOrPartition
    } else if !is_valid_acks(check.acks) {
        ErrorCode::InvalidRequiredAcks
    } else if check.is_internal {
        ErrorCode::InvalidTopicException
    } else {
        ErrorCode::None
    }
}

/// Whether the answer waits for replicas: only with `acks=all`, and only if any partition was appended to
/// (`ReplicaManager.delayedProduceRequestRequired`).
pub fn waits_for_replicas(acks: i16, appended: usize) -> bool {
    acks == -1 && appended > 0
}

/// Whether a leader may append: with `acks=all` only if enough replicas are in sync. Checked before anything is written.
pub fn append_error(is_leader: bool, acks: i16, isr: usize, min_isr: usize) -> ErrorCode {
    if !is_leader {
        ErrorCode::NotLeaderOrFollower
    } else if acks == -1 && isr < min_isr {
        ErrorCode::NotEnoughReplicas
    } else {
        ErrorCode::None
    }
}

impl Broker {
    /// `Produce`.
    pub(super) fn produce(&mut self, cx: &mut Context, request_context: RequestContext, request: ProduceRequest) {
        // Seen on 4.3.1: records of null make the handler throw before anything is appended, and making the answer that would say
        // so throws again: no answer ever comes, and the connection stays open. Nobody looks at records for a partition that
        // there is none of.
        let has_null = |topic: &TopicProduceData| {
            let id = match request_context.version >= FIRST_VERSION_WITH_TOPIC_IDS {
                true => Some(&topic.topic_id),
                false => self.image.topic_ids.get(&topic.name),
            };
            let found = id.and_then(|id| self.image.topics.get(id));
            let exists = |index| found.is_some_and(|found| found.partitions.contains_key(index));
            topic.partition_data.iter().any(|data| data.records.is_none() && exists(&data.index))
        };
        if request.topic_data.iter().any(has_null) {
            return;
        }
        if let Some((request_context, request, verified)) = self.verify_produce(cx, request_context, request) {
            self.append_produced(cx, request_context, request, &verified);
        }
    }

    /// Appends what is produced, once the coordinators of its transactions have been heard.
    pub(super) fn append_produced(
        &mut self,
        cx: &mut Context,
        request_context: RequestContext,
        request: ProduceRequest,
        verified: &Verified,
    ) {
        let mut partitions = Vec::new();
        for topic in topics_once(request.topic_data) {
            self.produce_topic(cx, &request_context, request.acks, topic, verified, &mut partitions);
        }
        let failed = partitions.iter().any(|partition| !partition.answer().error_code.is_none());
        for partition in partitions.iter().filter(|partition| !partition.answer().error_code.is_none()) {
            let error = partition.answer().error_code;
            cx.fx.change(Change::Refused {
                node: self.id,
                api: request_context.api,
                to: request_context.from.actor(),
                error,
            });
        }
        let appended = partitions.iter().filter(|partition| partition.waits_for.is_some()).count();
        if failed && request.acks == 0 {
            self.explain_produce_error(cx, &partitions);
        }
        match request.acks {
            // Nobody waits for an answer; only an error is told, by closing the connection.
            0 if failed => cx.fx.close(&request_context),
            0 => cx.fx.no_answer(request_context),
            acks if waits_for_replicas(acks, appended) => {
                let timeout_ms = Millis::try_from(request.timeout_ms).unwrap_or(0);
                self.wait_for_replicas(cx, ProduceOrigin::Client(request_context), timeout_ms, partitions);
            }
            _ => self.answer_produce(cx, &ProduceOrigin::Client(request_context), partitions),
        }
    }

    fn produce_topic(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        acks: i16,
        topic: TopicProduceData,
        verified: &Verified,
        partitions: &mut Vec<DelayedPartition>,
    ) {
        let by_id = request_context.version >= FIRST_VERSION_WITH_TOPIC_IDS;
        let known = if by_id {
            self.image.topics.get(&topic.topic_id).map(|found| (topic.topic_id, found.name.clone()))
        } else {
            self.image.topic_ids.get(&topic.name).map(|id| (*id, topic.name.clone()))
        };
        let is_admin_client = request_context.client_id.as_deref() == Some(ADMIN_CLIENT_ID);
        for data in named_once(topic.partition_data, request_context.version, cx.now) {
            let index = data.index;
            let id =
                TopicIdPartition { topic_id: known.as_ref().map_or(topic.topic_id, |(id, _)| *id), partition: index };
            let exists = self.image.topics.get(&id.topic_id).is_some_and(|found| found.partitions.contains_key(&index));
            let error = request_error(ProduceCheck {
                acks,
                unknown_id: known.is_none() && by_id,
                exists,
                is_internal: known.as_ref().is_some_and(|(_, name)| is_internal(name)) && !is_admin_client,
            });
            // The form is looked at before `acks` is, and only where the partition exists.
            let invalid = data.invalid.filter(|_| exists);
            let result = match data.well_formed {
                // What its transaction's coordinator says comes before `acks` is looked at, and whether the topic is Kafka's own.
                Some(produced)
                    if matches!(
                        error,
                        ErrorCode::None | ErrorCode::InvalidRequiredAcks | ErrorCode::InvalidTopicException
                    ) =>
                {
                    let name = known.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
                    let name = TopicPartition::new(name, index);
                    match verified.errors.get(&name) {
                        Some(error) => Err(refusal_of(*error, request_context.version)),
                        None if !error.is_none() => Err(Refusal::early(error)),
                        None => self.check_and_append(cx, id, acks, produced, verified.guards.get(&name).copied()),
                    }
                }
                None if let Some(invalid) = &invalid => Err(invalid.clone()),
                Some(_) | None => Err(Refusal::early(error)),
            };
            let (waits_for, mut response) = self.produce_response(cx, id, index, result);
            let invalid = invalid.map(|refusal| self.produce_response(cx, id, index, Err(refusal)).1);
            if request_context.version >= FIRST_VERSION_WITH_LEADERS
                && response.error_code == ErrorCode::NotLeaderOrFollower
            {
                response.current_leader = self.known_leader(&id, response.error_code);
            }
            let waits_for = waits_for.filter(|_| acks == -1);
            // Up to version 12 the answer repeats the name, from 13 on the id.
            let (name, topic_id) =
                if by_id { (Topic::default(), id.topic_id) } else { (topic.name.clone(), Uuid::ZERO) };
            partitions.push(DelayedPartition { id, name, topic_id, waits_for, response, invalid });
        }
    }

    fn produce_response(
        &self,
        cx: &mut Context,
        id: TopicIdPartition,
        index: i32,
        result: Result<AppendInfo, Refusal>,
    ) -> (Option<i64>, PartitionProduceResponse) {
        let log_start_offset = cx.disk.log(&id).map_or(-1, Log::log_start_offset);
        match result {
            Ok(info) => {
                let response = PartitionProduceResponse {
                    index,
                    base_offset: info.first_offset,
                    log_append_time_ms: info.log_append_time_ms.unwrap_or(-1),
                    log_start_offset,
                    ..PartitionProduceResponse::default()
                };
                (Some(info.last_offset.saturating_add(1)), response)
            }
            Err(refusal) => {
                let response = PartitionProduceResponse {
                    index,
                    error_code: refusal.error,
                    log_start_offset: if refusal.knows_log_start { log_start_offset } else { -1 },
                    record_errors: refusal.record_errors,
                    error_message: refusal.message,
                    ..PartitionProduceResponse::default()
                };
                (None, response)
            }
        }
    }

    /// The leader that this broker knows, for the answer to a client that asked the wrong one (KIP-951).
    pub(super) fn known_leader(&self, id: &TopicIdPartition, error: ErrorCode) -> LeaderIdAndEpoch {
        let tells = matches!(error, ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch);
        let partition = self.image.topics.get(&id.topic_id).and_then(|topic| topic.partitions.get(&id.partition));
        match partition {
            Some(partition) if tells => {
                LeaderIdAndEpoch { leader_id: partition.leader, leader_epoch: partition.leader_epoch }
            }
            _ => LeaderIdAndEpoch::default(),
        }
    }

    /// Where the leaders are that an answer names.
    pub(super) fn endpoints<'a>(&self, leaders: impl Iterator<Item = &'a LeaderIdAndEpoch>) -> Vec<NodeEndpoint> {
        let mut ids: Vec<i32> = leaders.map(|leader| leader.leader_id).filter(|id| *id >= 0).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
            .filter_map(|node_id| {
                let broker = self.image.brokers.get(&node_id)?;
                Some(NodeEndpoint {
                    node_id,
                    host: format!("broker-{node_id}"),
                    rack: broker.rack.clone(),
                    ..NodeEndpoint::default()
                })
            })
            .collect()
    }

    fn check_and_append(
        &mut self,
        cx: &mut Context,
        id: TopicIdPartition,
        acks: i16,
        produced: Produced,
        guard: Option<VerificationGuard>,
    ) -> Result<AppendInfo, Refusal> {
        let partition = self.partitions.get(&id).ok_or(Refusal::early(ErrorCode::NotLeaderOrFollower))?;
        let error = append_error(partition.is_leader(), acks, partition.registration.isr.len(), partition.min_isr());
        if !error.is_none() {
            let knows_log_start = error == ErrorCode::NotEnoughReplicas;
            return Err(Refusal { knows_log_start, ..Refusal::early(error) });
        }
        validate(&produced, &partition.settings, &partition.name, cx.now)?;
        let (partition, leader_epoch) = (partition.name.clone(), partition.registration.leader_epoch);
        let verification = match produced.batch.is_transactional && self.verifies_transactions() {
            true => Verification::Required(guard),
            false => Verification::NotRequired,
        };
        let info = self.append_to_log(cx, id, |log, leader_epoch, settings, now| {
            log.append_from_client(produced.batch, verification, leader_epoch, settings, now)
        })?;
        let (node, base, last) = (self.id, info.first_offset, info.last_offset);
        if info.is_duplicate {
            cx.fx.explain(Explanation::LeaderFoundDuplicate { node, partition, base_offset: base, last_offset: last });
            return Ok(info);
        }
        let is_committed = self.partitions.get(&id).is_some_and(|partition| partition.high_watermark > last);
        cx.fx.explain(match acks {
            0 => Explanation::LeaderAppendedSilently {
                node,
                partition,
                base_offset: base,
                last_offset: last,
                leader_epoch,
            },
            1 => Explanation::LeaderAppendedAnswers {
                node,
                partition,
                base_offset: base,
                last_offset: last,
                leader_epoch,
            },
            _ if is_committed => Explanation::LeaderAppendedCommits {
                node,
                partition,
                base_offset: base,
                last_offset: last,
                leader_epoch,
            },
            _ => {
                Explanation::LeaderAppendedWaits { node, partition, base_offset: base, last_offset: last, leader_epoch }
            }
        });
        Ok(info)
    }

    /// Appends a checked batch of a partition that this broker leads, as `append` does it, unless its producer's state does
    /// not allow it.
    pub(super) fn append_to_log(
        &mut self,
        cx: &mut Context,
        id: TopicIdPartition,
        append: impl FnOnce(&mut Log, i32, &TopicSettings, Millis) -> Result<AppendInfo, RefusedAppend>,
    ) -> Result<AppendInfo, Refusal> {
        self.remove_expired_producers(cx, &id);
        let (Some(partition), Some(log)) = (self.partitions.get(&id), cx.disk.log_mut(&id)) else {
            return Err(Refusal::early(ErrorCode::KafkaStorageError));
        };
        let leader_epoch = partition.registration.leader_epoch;
        let appended = append(log, leader_epoch, &partition.settings, cx.now);
        // A segment may have been begun for a batch that is refused after all.
        let rolled = appended.as_ref().map_or_else(|refused| refused.rolled, |info| info.rolled);
        if let Some(base_offset) = rolled {
            cx.fx.change(Change::SegmentRolled { node: self.id, partition: partition.name.clone(), base_offset });
        }
        let info = appended.map_err(|refused| Refusal::late(refused.error.code()))?;
        if info.is_duplicate {
            // What is there already is looked at like an append (`Partition.appendRecordsToLeader`).
            self.touch_log_end(id);
            self.advance_high_watermark(cx, id);
            return Ok(info);
        }
        cx.fx.change(Change::Appended {
            node: self.id,
            partition: partition.name.clone(),
            base_offset: info.first_offset,
            last_offset: info.last_offset,
            leader_epoch,
            as_leader: true,
        });
        if let Some(to) = info.flushed_to {
            cx.fx.change(Change::Flushed { node: self.id, partition: partition.name.clone(), to });
        }
        self.touch_log_end(id);
        // An ISR of one commits at once.
        self.advance_high_watermark(cx, id);
        Ok(info)
    }

    /// Parks an append, unless it is committed already.
    pub(super) fn wait_for_replicas(
        &mut self,
        cx: &mut Context,
        origin: ProduceOrigin,
        timeout_ms: Millis,
        mut partitions: Vec<DelayedPartition>,
    ) {
        self.try_complete_produce(&mut partitions);
        if partitions.iter().all(|partition| partition.waits_for.is_none()) {
            return self.answer_produce(cx, &origin, partitions);
        }
        if let ProduceOrigin::Client(request_context) = &origin {
            cx.fx.change(Change::DelayedOperationWatched {
                node: self.id,
                api: request_context.api,
                from: request_context.from.actor(),
            });
        }
        self.purgatory.watch(cx.fx, cx.now + timeout_ms, Operation::Produce { origin, partitions });
    }

    /// Decides what can be decided of a waiting append.
    pub(super) fn try_complete_produce(&self, partitions: &mut [DelayedPartition]) {
        for delayed in partitions {
            let Some(required) = delayed.waits_for else { continue };
            let outcome = match self.partitions.get(&delayed.id) {
                // It has gone from this broker, or altogether (`ReplicaManager.getPartitionOrError`).
                None => {
                    let topic = self.image.topics.get(&delayed.id.topic_id);
                    let is_known = topic.is_some_and(|topic| topic.partitions.numbered(delayed.id.partition).is_some());
                    Some(if is_known { ErrorCode::NotLeaderOrFollower } else { ErrorCode::UnknownTopicOrPartition })
                }
                Some(partition) => produce_outcome(
                    partition.is_leader(),
                    required,
                    partition.high_watermark,
                    partition.maximal_isr_len(),
                    partition.min_isr(),
                ),
            };
            if let Some(error) = outcome {
                delayed.waits_for = None;
                delayed.response.error_code = error;
                if error == ErrorCode::NotLeaderOrFollower {
                    delayed.response.current_leader = self.known_leader(&delayed.id, error);
                }
            }
        }
    }

    /// Says which partition a produce failed for, and whether its records are in the log all the same.
    fn explain_produce_error(&self, cx: &mut Context, partitions: &[DelayedPartition]) {
        let Some(failed) = partitions.iter().find(|partition| !partition.answer().error_code.is_none()) else { return };
        let (node, error) = (self.id, failed.answer().error_code);
        let known = self.image.topics.get(&failed.id.topic_id).map(|topic| topic.name.clone());
        // A topic that is not known, and was given by its id, has no other name.
        let given = || if failed.name.is_empty() { failed.topic_id.to_string().into() } else { failed.name.clone() };
        let partition = TopicPartition::new(known.unwrap_or_else(given), failed.response.index);
        cx.fx.explain(if failed.response.base_offset >= 0 {
            Explanation::ProduceFailedAfterAppend { node, partition, error }
        } else {
            Explanation::ProduceRefused { node, partition, error }
        });
    }

    pub(super) fn answer_produce(
        &mut self,
        cx: &mut Context,
        origin: &ProduceOrigin,
        partitions: Vec<DelayedPartition>,
    ) {
        match origin {
            ProduceOrigin::Coordinator(append_id) => {
                let error = partitions.first().map_or(ErrorCode::None, |partition| partition.response.error_code);
                let result = if error.is_none() { Ok(()) } else { Err(error) };
                self.groups.append_done(*append_id, result, cx.now, cx.fx);
            }
            ProduceOrigin::CoordinatorWrite { request_context, held_back } => {
                self.go_on_with_held_back(cx, request_context, HeldBack::clone(held_back), &partitions);
            }
            ProduceOrigin::TxnOffsets(append_id) => {
                let error = partitions.first().map_or(ErrorCode::None, |partition| partition.response.error_code);
                self.groups.txn_offsets_appended(*append_id, error, cx.fx);
            }
            ProduceOrigin::TransactionState(append_id) => {
                let error = partitions.first().map_or(ErrorCode::None, |partition| partition.response.error_code);
                let result = if error.is_none() { Ok(()) } else { Err(error) };
                self.with_transactions(cx, |transactions, cx| transactions.append_done(*append_id, result, cx));
            }
            ProduceOrigin::TxnMarker { request, producer_id, result } => {
                self.marker_replicated(cx, *request, *producer_id, *result, partitions);
            }
            ProduceOrigin::LateTxnMarker { producer_id, result } => {
                for partition in &partitions {
                    self.end_transaction_of_group(cx, *producer_id, *result, partition);
                }
            }
            ProduceOrigin::Client(request_context) => {
                self.explain_produce_error(cx, &partitions);
                let node_endpoints =
                    self.endpoints(partitions.iter().map(|partition| &partition.response.current_leader));
                let mut responses: Vec<TopicProduceResponse> = Vec::new();
                for partition in partitions {
                    let same = |topic: &&mut TopicProduceResponse| {
                        topic.name == partition.name && topic.topic_id == partition.topic_id
                    };
                    match responses.iter_mut().find(same) {
                        Some(topic) => topic.partition_responses.push(partition.into_answer()),
                        None => responses.push(TopicProduceResponse {
                            name: partition.name.clone(),
                            topic_id: partition.topic_id,
                            partition_responses: vec![partition.into_answer()],
                        }),
                    }
                }
                let response = ProduceResponse { responses, node_endpoints, ..ProduceResponse::default() };
                cx.fx.answer(request_context, Response::Produce(response));
            }
        }
    }
}

/// Topics, each once: what is said of one in two places is put together.
pub(super) fn topics_once(named: Vec<TopicProduceData>) -> Vec<TopicProduceData> {
    let mut kept: Vec<TopicProduceData> = Vec::with_capacity(named.len());
    for topic in named {
        match kept.iter_mut().find(|known| known.name == topic.name && known.topic_id == topic.topic_id) {
            Some(known) => known.partition_data.extend(topic.partition_data),
            None => kept.push(topic),
        }
    }
    kept
}
