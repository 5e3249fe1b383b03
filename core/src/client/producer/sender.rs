//! Sends batches and takes their answers (`Sender`).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::accumulator::Batch;
use super::delivery::DeliveryStage;
use super::transaction::Transaction;
use super::{PendingRequest, Producer};
use crate::actor::Listener;
use crate::change::Change;
use crate::client::metadata::{backoff_ms, is_stale_metadata};
use crate::effects::{Effects, Outgoing, ProducerTimer, Readiness};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::record_json::PartitionRecords;
use crate::wire::records::RecordBatch;
use crate::wire::replication::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceData,
};
use crate::wire::{ApiKey, ErrorCode, Request, TopicPartition};

/// The newest version of Produce that does not let partitions into a transaction (version 1 of transactions).
const PRODUCE_IN_TRANSACTION_1: i16 = 11;

impl Producer {
    /// `acks` as it goes over the wire.
    pub(crate) fn acks(&self) -> i16 {
        match self.settings.acks.as_str() {
            "0" => 0,
            "1" => 1,
            _ => -1,
        }
    }

    /// Gives up the batches that have waited for `delivery.timeout.ms`.
    pub(super) fn expire_batches(&mut self, now: Millis, fx: &mut Effects) {
        for (partition, batch) in self.accumulator.take_expired(now, self.settings.delivery_timeout_ms) {
            if let Some(transaction_manager) = &mut self.transaction_manager {
                transaction_manager.expired(&partition, batch.number);
            }
            self.fail(&partition, &batch.deliveries, ErrorCode::RequestTimedOut, fx);
            self.batch_failed_transaction(ErrorCode::RequestTimedOut, fx);
        }
    }

    /// Sends whatever may go now: one request a leader with the oldest batch of each of its partitions, and again while
    /// there is more.
    pub(super) fn send_batches(&mut self, now: Millis, fx: &mut Effects) {
        loop {
            let mut leaders = BTreeSet::new();
            for partition in self.accumulator.queues.keys() {
                match self.metadata.leader(partition) {
                    Some(known) if self.may_send(partition, known.epoch, now) => leaders.insert(known.leader),
                    Some(_) => continue,
                    None => {
                        self.metadata.need();
                        continue;
                    }
                };
            }
            leaders.retain(|node| self.not_before(*node, now).is_none());
            leaders.retain(|node| self.in_flight_to(*node) < self.settings.max_in_flight_requests_per_connection);
            leaders.retain(|node| self.makes_ready(*node, now, fx));
            if leaders.is_empty() {
                return;
            }
            for node in leaders {
                self.send_to(node, now, fx);
            }
        }
    }

    /// Whether the connection to a leader is ready; where there is none, it is opened. Until then batches wait in the accumulator, where
    /// more may join them (`Sender.sendProducerData` drops the nodes that are not ready).
    fn makes_ready(&mut self, node: i32, now: Millis, fx: &mut Effects) -> bool {
        let deadline = now.saturating_add(self.settings.request_timeout_ms);
        let readiness = self.requests.ready(fx, (node, Listener::Broker), ApiKey::Produce, deadline);
        if readiness == Readiness::Opened {
            fx.explain(Explanation::ProducerOpensConnection { producer: self.number, node });
        }
        readiness == Readiness::Ready
    }

    /// When it may send to a leader, where it may not now: an answer has asked for a pause, or the leader could not be reached. What is
    /// ready for it stays in the accumulator, where more may join it (`NetworkClient.ready`).
    fn not_before(&self, node: i32, now: Millis) -> Option<Millis> {
        self.requests.not_before(node, Listener::Broker, ApiKey::Produce, now)
    }

    fn may_send(&self, partition: &TopicPartition, leader_epoch: i32, now: Millis) -> bool {
        self.accumulator.ready_at(partition, leader_epoch, &self.settings) <= now && !self.is_held(partition)
    }

    /// Whether a partition's order forbids another batch now: with one request in flight a connection, behind any that is
    /// under way; an idempotent producer's sequence numbers say more (`RecordAccumulator.shouldStopDrainBatchesForPartition`).
    fn is_held(&self, partition: &TopicPartition) -> bool {
        if self.transaction.as_ref().is_some_and(|transaction| !transaction.may_send(partition)) {
            return true;
        }
        let first = self.accumulator.queues.get(partition).and_then(|queue| queue.front());
        if let (Some(transaction_manager), Some(first)) = (&self.transaction_manager, first)
            && !transaction_manager.may_send(partition, first.number)
        {
            return true;
        }
        let is_of_partition = |pending: &PendingRequest| match pending {
            PendingRequest::Produce(batches) => batches.iter().any(|(of, _)| of == partition),
            PendingRequest::Metadata | PendingRequest::InitProducerId | PendingRequest::Transaction(_) => false,
        };
        self.settings.max_in_flight_requests_per_connection == 1
            && self.requests.iter().any(|open| is_of_partition(&open.context))
    }

    /// One request to a leader. As in Kafka, once a leader gets a request for one partition's sake the others' oldest
    /// batches go with it, lingered or not, up to `max.request.size`.
    fn send_to(&mut self, node: i32, now: Millis, fx: &mut Effects) {
        let mut total_bytes = 0u32;
        let mut batches = Vec::new();
        let partitions: Vec<TopicPartition> = self.accumulator.queues.keys().cloned().collect();
        for partition in partitions {
            let Some(known) = self.metadata.leader(&partition).filter(|known| known.leader == node) else { continue };
            let Some(first) = self.accumulator.queues.get(&partition).and_then(|queue| queue.front()) else { continue };
            let backs_off = first.attempts > 0 && !self.may_send(&partition, known.epoch, now);
            let size_bytes = total_bytes.saturating_add(first.size_bytes);
            if backs_off || self.is_held(&partition) {
                continue;
            }
            if !batches.is_empty() && size_bytes > self.settings.max_request_size {
                break;
            }
            let Some(mut batch) = self.accumulator.drain(&partition) else { continue };
            batch.attempts = batch.attempts.saturating_add(1);
            batch.leader_epoch = known.epoch;
            total_bytes = total_bytes.saturating_add(batch.size_bytes);
            let (producer, records) = (self.number, batch.record_count());
            for delivery in &batch.deliveries {
                self.deliveries.reached(*delivery, DeliveryStage::InFlight { node }, fx.step);
            }
            fx.change(Change::BatchSent { producer, partition: partition.clone(), records, leader: node });
            let sends = Explanation::ProducerSends { producer, partition: partition.clone(), leader: node, records };
            if batches.is_empty() {
                fx.explain(sends);
            }
            batches.push((partition, batch));
        }
        if batches.is_empty() {
            return;
        }
        let request = self.produce_request(&batches);
        let deadline = now.saturating_add(self.settings.request_timeout_ms);
        if self.acks() != 0 {
            let is_old = self.transaction.as_ref().and_then(Transaction::is_version_2) == Some(false);
            let version = if is_old { PRODUCE_IN_TRANSACTION_1 } else { request.api().version() };
            let (to, sent) = ((node, Listener::Broker), PendingRequest::Produce(batches));
            self.requests.send_in_version(fx, to, version, request, deadline, sent);
            return;
        }
        // Nobody will answer: sent is done.
        self.requests.send(fx, node, Listener::Broker, request, deadline, PendingRequest::Produce(Vec::new()));
        if let Some(Outgoing::Request { header, .. }) = fx.sends.last() {
            self.requests.take(header.correlation_id);
        }
        for (partition, batch) in batches {
            self.acknowledge(&partition, -1, &batch.deliveries, fx);
        }
    }

    fn produce_request(&mut self, batches: &[(TopicPartition, Batch)]) -> Request {
        let mut topics: BTreeMap<&str, TopicProduceData> = BTreeMap::new();
        for (partition, batch) in batches {
            let topic = topics.entry(&partition.topic).or_insert_with(|| TopicProduceData {
                name: partition.topic.clone(),
                topic_id: self.metadata.id_of(&partition.topic),
                partition_data: Vec::new(),
            });
            let mut records = RecordBatch::of(batch.records.iter().cloned());
            records.compression = batch.compression;
            records.compressed_percent = batch.compressed_percent;
            let transaction_manager = self.transaction_manager.as_mut();
            if let Some(sequence) =
                transaction_manager.and_then(|known| known.number(partition, batch.number, batch.record_count()))
            {
                records.producer_id = sequence.id.producer_id;
                records.producer_epoch = sequence.id.epoch;
                records.base_sequence = sequence.base_sequence;
                records.is_transactional = self.transaction.is_some();
            }
            let records = Rc::new(records);
            let records = Some(PartitionRecords::Batch(records));
            topic.partition_data.push(PartitionProduceData { index: partition.partition, records });
        }
        Request::Produce(ProduceRequest {
            transactional_id: self.transaction.as_ref().map(|transaction| transaction.transactional_id().to_owned()),
            acks: self.acks(),
            timeout_ms: i32::try_from(self.settings.request_timeout_ms).unwrap_or(i32::MAX),
            topic_data: topics.into_values().collect(),
        })
    }

    /// The answer to a Produce.
    pub(super) fn answered(
        &mut self,
        batches: Vec<(TopicPartition, Batch)>,
        answer: &ProduceResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let missing = PartitionProduceResponse { error_code: ErrorCode::UnknownServerError, ..Default::default() };
        for (partition, batch) in batches {
            let id = self.metadata.id_of(&partition.topic);
            let topics = answer.responses.iter().filter(|topic| topic.name == partition.topic || topic.topic_id == id);
            let mut results = topics.flat_map(|topic| &topic.partition_responses);
            let result = results.find(|result| result.index == partition.partition).unwrap_or(&missing);
            match result.error_code {
                // A duplicate is in the log: that is success.
                ErrorCode::None | ErrorCode::DuplicateSequenceNumber => {
                    if let Some(transaction_manager) = &mut self.transaction_manager {
                        transaction_manager.completed(&partition, batch.number);
                    }
                    self.acknowledge(&partition, result.base_offset, &batch.deliveries, fx);
                }
                error => {
                    self.metadata.learn_leader(&partition, &result.current_leader);
                    self.retry_or_fail(partition, batch, error, now, fx);
                }
            }
        }
    }

    fn acknowledge(&mut self, partition: &TopicPartition, offset: i64, deliveries: &[u64], fx: &mut Effects) {
        let records = count(deliveries);
        for (delivery, after) in deliveries.iter().zip(0i64..) {
            let offset = if offset < 0 { offset } else { offset.saturating_add(after) };
            self.deliveries.reached(*delivery, DeliveryStage::Acknowledged { offset }, fx.step);
        }
        self.acknowledged = self.acknowledged.saturating_add(records);
        let (producer, partition) = (self.number, partition.clone());
        fx.change(Change::Acknowledged { producer, partition: partition.clone(), offset, records });
        fx.explain(Explanation::ProducerAcknowledged { producer, partition, offset });
    }

    /// Counts records as given up, and tells the application.
    pub(super) fn fail(&mut self, partition: &TopicPartition, deliveries: &[u64], error: ErrorCode, fx: &mut Effects) {
        self.failed = self.failed.saturating_add(count(deliveries));
        for delivery in deliveries {
            self.deliveries.reached(*delivery, DeliveryStage::Failed { error }, fx.step);
        }
        let (producer, partition) = (self.number, partition.clone());
        fx.change(Change::ProduceFailed { producer, partition: partition.clone(), error });
        fx.explain(Explanation::ProducerGivesUp { producer, partition, error });
    }

    /// A batch was not taken: it goes back to its place, to be sent again after a while, or is given up.
    pub(super) fn retry_or_fail(
        &mut self,
        partition: TopicPartition,
        mut batch: Batch,
        error: ErrorCode,
        now: Millis,
        fx: &mut Effects,
    ) {
        if is_stale_metadata(error) {
            self.metadata.want();
        }
        let in_time = batch.created_at.saturating_add(self.settings.delivery_timeout_ms) > now;
        let is_divisible = error == ErrorCode::MessageTooLarge && batch.record_count() > 1;
        if is_divisible && in_time {
            match self.split(&partition, batch, fx) {
                Ok(()) => return,
                Err(unsplit) => batch = unsplit,
            }
        }
        let has_attempts = batch.attempts <= self.settings.retries;
        let may_retry = match &mut self.transaction_manager {
            _ if !in_time || !has_attempts => false,
            Some(known) => known.can_retry(&partition, batch.number, error, self.transaction.is_some()),
            None => error.is_retriable(),
        };
        if !may_retry {
            // What the application hears of a batch out of time is a TimeoutException.
            let is_late = !in_time && (is_divisible || error.is_retriable());
            match &mut self.transaction_manager {
                Some(transaction_manager) if is_late => transaction_manager.expired(&partition, batch.number),
                Some(known) if self.transaction.is_some() => {
                    known.failed_in_transaction(&partition, batch.number, has_attempts)
                }
                Some(known) => known.failed(&partition, batch.number, error, has_attempts),
                None => {}
            }
            let error = if is_late { ErrorCode::RequestTimedOut } else { error };
            self.fail(&partition, &batch.deliveries, error, fx);
            self.batch_failed_transaction(error, fx);
            return;
        }
        let failures = batch.attempts.saturating_sub(1);
        batch.not_before = now.saturating_add(backoff_ms(self.settings.retry_backoff_ms, failures));
        fx.change(Change::Retried { producer: self.number, partition: partition.clone(), error });
        fx.explain(Explanation::ProducerRetries { producer: self.number, partition: partition.clone(), error });
        for delivery in &batch.deliveries {
            self.deliveries.reached(*delivery, DeliveryStage::Accumulated, fx.step);
        }
        self.accumulator.put_back(&partition, batch, self.transaction_manager.is_some());
    }

    /// A batch is too large for the topic: it is sent again in parts of at most `batch.size` bytes, and a part that is still too large
    /// in halves. That is no attempt less, and there is no pause.
    fn split(&mut self, partition: &TopicPartition, batch: Batch, fx: &mut Effects) -> Result<(), Batch> {
        let (number, records, deliveries) = (batch.number, batch.record_count(), batch.deliveries.clone());
        let is_idempotent = self.transaction_manager.is_some();
        let parts = self.accumulator.split_and_reenqueue(partition, batch, self.settings.batch_size, is_idempotent)?;
        if let Some(transaction_manager) = &mut self.transaction_manager {
            transaction_manager.split(partition, number, &parts);
        }
        for delivery in &deliveries {
            self.deliveries.reached(*delivery, DeliveryStage::Accumulated, fx.step);
        }
        let (producer, parts) = (self.number, i64::try_from(parts.len()).unwrap_or(i64::MAX));
        fx.change(Change::BatchSplit { producer, partition: partition.clone(), records, parts });
        fx.explain(Explanation::ProducerSplitsBatch { producer, partition: partition.clone(), records, parts });
        Ok(())
    }

    /// A batch of the transaction failed, or a `send` (`TransactionManager.maybeTransitionToErrorState`): it cannot commit any
    /// more.
    pub(super) fn batch_failed_transaction(&mut self, error: ErrorCode, fx: &mut Effects) {
        let Some(transaction) = &mut self.transaction else { return };
        match error {
            ErrorCode::ClusterAuthorizationFailed
            | ErrorCode::TransactionalIdAuthorizationFailed
            | ErrorCode::ProducerFenced
            | ErrorCode::UnsupportedVersion
            | ErrorCode::InvalidProducerIdMapping => self.transaction_is_over(error, fx),
            _ => {
                let is_completing = transaction.is_completing();
                self.transaction_is_to_abort(error, !is_completing, fx);
            }
        }
    }

    /// Sets the two timers for the next time at which something is to be done without an answer.
    pub(super) fn set_timers(&mut self, now: Millis, fx: &mut Effects) {
        let (mut linger_at, mut retry_at) = (None, None);
        let earlier = |at: &mut Option<Millis>, other: Millis| *at = Some(at.map_or(other, |at| at.min(other)));
        for (partition, queue) in &self.accumulator.queues {
            let Some(first) = queue.front() else { continue };
            let leader = self.metadata.leader(partition);
            let ready_at =
                leader.map_or(Millis::MAX, |known| self.accumulator.ready_at(partition, known.epoch, &self.settings));
            if first.attempts == 0 && leader.is_some() && ready_at > now {
                earlier(&mut linger_at, ready_at);
                continue;
            }
            // A batch that is ready and was not sent goes when an answer makes way. But no batch waits longer than this.
            earlier(&mut retry_at, first.created_at.saturating_add(self.settings.delivery_timeout_ms));
            if ready_at > now {
                earlier(&mut retry_at, ready_at);
            }
            if let Some(until) = leader.and_then(|known| self.not_before(known.leader, now)) {
                earlier(&mut retry_at, until);
            }
        }
        // A transactional producer asks for its id when it is told to.
        let has_records = !self.unassigned.is_empty() || !self.accumulator.queues.is_empty();
        let has_records = has_records && self.transaction.is_none();
        if let Some(asks_at) =
            self.transaction_manager.as_ref().and_then(|known| known.asks_at()).filter(|_| has_records)
        {
            earlier(&mut retry_at, asks_at);
        }
        if let Some(asks_at) = self.transaction_asks_at().filter(|at| *at > now) {
            earlier(&mut retry_at, asks_at);
        }
        if let Some(until) = self.transaction().and_then(Transaction::blocks_until) {
            earlier(&mut retry_at, until);
        }
        if let Some(closed_at) = self.closed_at() {
            earlier(&mut retry_at, closed_at);
        }
        for waiting in &self.unassigned {
            earlier(&mut retry_at, waiting.since.saturating_add(self.settings.max_block_ms));
        }
        move_timer(&mut self.linger_at, linger_at, ProducerTimer::Linger, fx);
        move_timer(&mut self.retry_at, retry_at, ProducerTimer::Retry, fx);
    }
}

fn count(deliveries: &[u64]) -> i64 {
    i64::try_from(deliveries.len()).unwrap_or(i64::MAX)
}

fn move_timer(set: &mut Option<Millis>, wanted: Option<Millis>, timer: ProducerTimer, fx: &mut Effects) {
    if *set != wanted {
        *set = wanted;
        fx.timers.push((timer.into(), wanted));
    }
}
