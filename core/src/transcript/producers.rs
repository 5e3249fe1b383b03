//! Recordings of Kafka's own producer, played by the engine's: what becomes of records that are told in words, transactions, and
//! settings that a producer is refused with.
//!
//! The producers, and the two consumers that read what they wrote, are ordered with the cluster; nothing of them happens
//! before a step that uses them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::format::{Transcript, TranscriptStep};
use super::player::{PATIENCE_MS, Player, Unsupported};
use crate::client::Producer;
use crate::client::producer::delivery::{Delivery, DeliveryStage};
use crate::cluster::Cluster;
use crate::command::{Command, CommandError};
use crate::config::{ClusterConfig, CommitMode, ConsumerConfig, PollMode, ProcessMode, ProducerConfig};
use crate::sim::random::{Purpose, Random};
use crate::transaction::TransactionManagerState;
use crate::wire::records::{Bytes, RecordBatch};
use crate::wire::{ErrorCode, TopicPartition};

/// Who sends where a recording says no more.
const BY_REAL_PRODUCER: &str = "the real producer";
/// The `transactional.id` that the producers of one recording share.
const TRANSACTIONAL_ID: &str = "t";
/// How long nothing must come before it is looked what consumers have read, in milliseconds.
const READ_WITHIN_MS: u64 = 1_500;

/// The producers of a recording, and who reads what they write.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordedProducers {
    /// By their names in the recording, or the number of the step that opens one.
    numbers: BTreeMap<String, u32>,
    /// What a producer with the settings of a step is refused with.
    refused: BTreeMap<usize, String>,
    /// The consumers by their isolation level.
    readers: BTreeMap<&'static str, u32>,
    /// How far each has been told of.
    read_to: BTreeMap<u32, i64>,
    /// The topic that transactions write to.
    topic: String,
}

/// The name of the producer that a step of this number opens.
fn opened_by(index: usize) -> String {
    format!("steps[{index}]")
}

fn is_by_real_producer(step: &TranscriptStep) -> bool {
    step.text("by") == Some(BY_REAL_PRODUCER) || step.verb == "open-producer"
}

/// Orders the producers and readers that a recording names.
pub(super) fn order(config: &mut ClusterConfig, transcript: &Transcript) -> RecordedProducers {
    let mut recorded = RecordedProducers::default();
    let created = transcript.steps.iter().find(|step| step.verb == "create-topic");
    recorded.topic = created.and_then(|step| step.text("topic")).unwrap_or_default().to_owned();
    for (index, step) in transcript.steps.iter().enumerate() {
        let (name, settings) = match step.text("producer") {
            Some(name) => {
                let id = ("transactional.id".to_owned(), TRANSACTIONAL_ID.to_owned());
                (name.to_owned(), BTreeMap::from([id]))
            }
            None if is_by_real_producer(step) => (opened_by(index), settings(step)),
            None => continue,
        };
        if recorded.numbers.contains_key(&name) {
            continue;
        }
        let ordered = ProducerConfig { settings };
        // Whether it can be made at all is seen on one that nobody uses.
        match Producer::new(1, &ordered, vec![1], Random::for_purpose(1, Purpose::Identity)) {
            Ok(_) => {
                config.producers.push(ordered);
                recorded.numbers.insert(name, u32::try_from(config.producers.len()).unwrap_or(u32::MAX));
            }
            Err(errors) => {
                let message = errors.iter().find_map(|error| match error {
                    CommandError::InvalidConfig { message } => Some(message.clone()),
                    _ => None,
                });
                recorded.refused.insert(index, message.unwrap_or_default());
            }
        }
    }
    let reads = transcript.steps.iter().any(|step| step.verb == "consume" && step.text("policy").is_none());
    if reads && recorded.numbers.values().next().is_some() {
        for isolation in ["read_uncommitted", "read_committed"] {
            config.consumers.push(reader(isolation, &recorded.topic));
            recorded.readers.insert(isolation, u32::try_from(config.consumers.len()).unwrap_or(u32::MAX));
        }
    }
    recorded
}

fn reader(isolation: &str, topic: &str) -> ConsumerConfig {
    let settings = [("auto.offset.reset", "earliest"), ("isolation.level", isolation)];
    ConsumerConfig {
        group: format!("reader-{isolation}"),
        topics: vec![topic.to_owned()],
        poll: PollMode::Continuous,
        commit: CommitMode::Manual,
        process: ProcessMode::AtOnce,
        writes: None,
        settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        is_down: true,
        ..ConsumerConfig::default()
    }
}

/// The settings of a step's producer. Partitioners go by their class's short name.
fn settings(step: &TranscriptStep) -> BTreeMap<String, String> {
    let configured = step.get("config").and_then(Value::as_object);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let whole = |name: &str, value: String| match name {
        "partitioner.class" if !value.contains('.') => format!("org.apache.kafka.clients.producer.{value}"),
        _ => value,
    };
    configured.into_iter().flatten().map(|(name, value)| (name.clone(), whole(name, text(value)))).collect()
}

/// What is sent, as a recording tells it: `one to warm up, then 20 of 100 bytes, back to back`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RecordPlan {
    warms_up: bool,
    count: u32,
    size_bytes: usize,
    key: Option<String>,
    gap_ms: u64,
}

impl RecordPlan {
    fn read(text: &str) -> Option<Self> {
        let (warms_up, rest) = match text.strip_prefix("one to warm up, then ") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut parts = rest.split(", ");
        let mut words = parts.next()?.split(' ').peekable();
        let count = match words.next()? {
            "one" => 1,
            number => number.parse().ok()?,
        };
        let mut plan = Self { warms_up, count, size_bytes: 10, key: None, gap_ms: 0 };
        while let Some(word) = words.next() {
            match word {
                "of" => match words.next()? {
                    "key" => plan.key = Some(words.next()?.to_owned()),
                    size => plan.size_bytes = size.parse().ok()?,
                },
                "bytes" => {}
                "without" => words.next().filter(|word| *word == "key").map(|_| ())?,
                _ => return None,
            }
        }
        for part in parts {
            plan.gap_ms = match part {
                "back to back" => 0,
                _ => part.strip_suffix(" ms apart")?.parse().ok()?,
            };
        }
        Some(plan)
    }
}

impl Player<'_> {
    /// A step of a producer of Kafka's own. `None` where it is of something else.
    pub(super) fn producer_verb(&mut self, step: &TranscriptStep) -> Option<Result<(), Unsupported>> {
        if let Some(number) = step.text("producer").and_then(|name| self.producers.numbers.get(name)) {
            return Some(self.transaction_verb(step, *number));
        }
        if step.verb == "consume" && step.text("policy").is_none() && !self.producers.readers.is_empty() {
            return Some(self.read_verb(step));
        }
        is_by_real_producer(step).then(|| self.by_real_producer(step))
    }

    // --- records told in words ---

    fn by_real_producer(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let Some(saw) = step.saw.clone() else { return Err(Unsupported::action("produce by the real producer")) };
        if step.verb == "open-producer" {
            let actual = match self.producers.refused.get(&self.at) {
                None => json!("accepted"),
                // What its constructor finds comes wrapped.
                Some(message) if message.starts_with("delivery.timeout.ms") => {
                    json!({"exception": "KafkaException", "message": "Failed to construct kafka producer"})
                }
                Some(message) => json!({"exception": "ConfigException", "message": message}),
            };
            self.compare_at("", &saw, &actual);
            return Ok(());
        }
        let Some(number) = self.producers.numbers.get(&opened_by(self.at)).copied() else {
            return Err(Unsupported::action("produce with settings that are refused"));
        };
        if let Some(expected) = saw.get("partitionByKeyAndCount").and_then(Value::as_object) {
            self.send_each_key(number, expected);
            return Ok(());
        }
        let plan = match step.text("records") {
            Some(text) => RecordPlan::read(text).ok_or_else(|| Unsupported::action(format!("records \"{text}\"")))?,
            None => RecordPlan {
                warms_up: false,
                count: 1,
                size_bytes: 10,
                key: step.text("key").map(str::to_owned),
                gap_ms: 0,
            },
        };
        let partition = step.number("partition").and_then(|number| i32::try_from(number).ok());
        if plan.warms_up {
            let one = RecordPlan { count: 1, ..plan.clone() };
            let _ = self.send_planned(number, &one, partition);
        }
        let before = self.batches_of_topic();
        let sent = self.send_planned(number, &plan, partition);
        let deliveries: Vec<Delivery> =
            self.cluster.producer(number).map(|producer| producer.deliveries().cloned().collect()).unwrap_or_default();
        let new = deliveries.iter().skip(usize::from(plan.warms_up));
        let actual = match sent {
            Err(error) => exception_of_call(&error, None),
            Ok(()) => self.observed_deliveries(new, &before),
        };
        self.compare_words("", &saw, &actual);
        Ok(())
    }

    /// Sends what is told, and waits until every callback was called.
    fn send_planned(&mut self, number: u32, plan: &RecordPlan, partition: Option<i32>) -> Result<(), CommandError> {
        for _ in 0..plan.count {
            if !self.may_send_record(plan.size_bytes) {
                return Ok(());
            }
            let command = Command::Produce {
                producer: number,
                topic: self.topic.as_str().into(),
                partition,
                key: plan.key.as_deref().map(Bytes::from),
                value: Some(Bytes::from("x".repeat(plan.size_bytes).as_str())),
                headers: Vec::new(),
            };
            self.command(command)?;
            self.let_time_pass(plan.gap_ms);
        }
        self.wait_for_callbacks(number);
        Ok(())
    }

    fn wait_for_callbacks(&mut self, number: u32) {
        self.run_until(PATIENCE_MS, |cluster, _| {
            let producer = cluster.producer(number);
            producer.is_none_or(|producer| producer.deliveries().all(|delivery| delivery.stage.is_final()))
        });
    }

    /// The batches of the topic most lately named: by partition, each with its base offset.
    fn batches_of_topic(&self) -> BTreeMap<(i32, i64), RecordBatch> {
        let mut batches = BTreeMap::new();
        for node in self.cluster.nodes() {
            let Some(broker) = &node.broker else { continue };
            let led = broker.partitions.iter().filter(|(_, each)| *each.name.topic == self.topic && each.is_leader());
            for (id, partition) in led {
                let all = node.disk.broker.log(id).into_iter().flat_map(|log| log.batches());
                batches.extend(all.map(|batch| ((partition.name.partition, batch.base_offset), (**batch).clone())));
            }
        }
        batches
    }

    fn observed_deliveries<'d>(
        &self,
        deliveries: impl Iterator<Item = &'d Delivery>,
        before: &BTreeMap<(i32, i64), RecordBatch>,
    ) -> Value {
        let deliveries: Vec<&Delivery> = deliveries.collect();
        let failed = deliveries.iter().find_map(|delivery| match delivery.stage {
            DeliveryStage::Failed { error } => Some(error),
            _ => None,
        });
        if let (Some(error), [_]) = (failed, &deliveries[..]) {
            return json!({"exception": exception(error)});
        }
        let batches: Vec<RecordBatch> = self
            .batches_of_topic()
            .into_iter()
            .filter(|(at, batch)| !before.contains_key(at) && !batch.is_control)
            .map(|(_, batch)| batch)
            .collect();
        let counts: Vec<usize> = batches.iter().map(|batch| batch.records.len()).collect();
        let sequences: Vec<Option<i32>> =
            batches.iter().map(|batch| Some(batch.base_sequence).filter(|sequence| *sequence >= 0)).collect();
        let partitions: BTreeSet<i32> = deliveries.iter().map(|delivery| delivery.partition).collect();
        json!({
            "records": counts.iter().sum::<usize>(),
            "batches": counts,
            "baseSequences": sequences,
            "batchSizesInLog": counts,
            "distinctPartitions": partitions.len(),
            "partition": partitions.first(),
        })
    }

    /// One record of each key to each topic `kN`, which has N partitions.
    fn send_each_key(&mut self, number: u32, expected: &Map<String, Value>) {
        for (key, by_count) in expected {
            for (count, partition) in by_count.as_object().into_iter().flatten() {
                let command = Command::Produce {
                    producer: number,
                    topic: format!("k{count}").as_str().into(),
                    partition: None,
                    key: Some(Bytes::from(key.as_str())),
                    value: Some("v".into()),
                    headers: Vec::new(),
                };
                let path = format!("partitionByKeyAndCount.{key}.{count}");
                if self.command(command).is_err() {
                    self.cannot_say(&path, partition);
                    continue;
                }
                self.wait_for_callbacks(number);
                let last = self.cluster.producer(number).and_then(|producer| producer.deliveries().last());
                let chosen = last.map(|delivery| delivery.partition);
                self.compare_at(&path, partition, &json!(chosen));
            }
        }
    }

    // --- transactions ---

    fn transaction_verb(&mut self, step: &TranscriptStep, number: u32) -> Result<(), Unsupported> {
        if step.verb == "produce" {
            return self.produce_in_transaction(step, number);
        }
        if step.verb == "sendOffsets" {
            return self.send_offsets_verb(step, number);
        }
        let command = match step.verb.as_str() {
            "initTransactions" => Command::InitTransactions { producer: number },
            "begin" => Command::BeginTransaction { producer: number },
            "commit" => Command::CommitTransaction { producer: number },
            "abort" => Command::AbortTransaction { producer: number },
            other => return Err(Unsupported::action(other)),
        };
        let error_before = self.cluster.producer(number).and_then(|producer| producer.transaction()?.error());
        let actual = match self.command(command) {
            Err(error) => exception_of_call(&error, error_before),
            Ok(_) => {
                self.run_until(PATIENCE_MS, |cluster, _| !is_moving(cluster, number));
                match self.cluster.producer(number).and_then(|producer| producer.transaction()?.error()) {
                    Some(error) => json!({"exception": exception(error)}),
                    None => json!("done"),
                }
            }
        };
        if let Some(saw) = step.saw.clone() {
            self.compare_at("", &saw, &actual);
        }
        Ok(())
    }

    fn produce_in_transaction(&mut self, step: &TranscriptStep, number: u32) -> Result<(), Unsupported> {
        self.topic = self.producers.topic.clone();
        let state_before = self.cluster.producer(number).and_then(|producer| Some(producer.transaction()?.state()));
        let command = Command::Produce {
            producer: number,
            topic: self.topic.as_str().into(),
            partition: step.number("partition").and_then(|partition| i32::try_from(partition).ok()),
            key: step.text("key").map(Bytes::from),
            value: step.text("value").map(Bytes::from),
            headers: Vec::new(),
        };
        self.command(command).map_err(|error| Unsupported::action(format!("produce: {error}")))?;
        let actual = if state_before == Some(TransactionManagerState::InTransaction) {
            self.wait_for_callbacks(number);
            match self.cluster.producer(number).and_then(|producer| producer.deliveries().last()).map(|last| last.stage)
            {
                Some(DeliveryStage::Acknowledged { offset }) => json!({"offset": offset}),
                Some(DeliveryStage::Failed { error }) => json!({"exception": exception(error)}),
                _ => Value::Null,
            }
        } else {
            // `send` waits for metadata, and throws then.
            self.run_until(PATIENCE_MS, |cluster, _| {
                cluster.producer(number).is_none_or(|producer| {
                    producer.deliveries().all(|delivery| delivery.stage != DeliveryStage::AwaitsMetadata)
                })
            });
            json!({"exception": "IllegalStateException"})
        };
        if let Some(saw) = step.saw.clone() {
            self.compare_at("", &saw, &actual);
        }
        Ok(())
    }

    /// `sendOffsetsToTransaction` with an offset that no consumer of the engine stands at: its request, made by hand.
    fn send_offsets_verb(&mut self, step: &TranscriptStep, number: u32) -> Result<(), Unsupported> {
        let id = self.cluster.producer(number).and_then(|producer| Some(producer.transaction_manager()?.id()));
        let id = id.ok_or_else(|| Unsupported::action("sendOffsets without an id"))?;
        let group = step.text("group").unwrap_or_default().to_owned();
        let to = self.some_broker()?;
        self.find_coordinator_of(&group, to)?;
        let body = json!({
            "transactionalId": TRANSACTIONAL_ID, "groupId": group, "producerId": id.producer_id, "producerEpoch": id.epoch,
            "generationId": -1, "memberId": "", "topics": [{"name": step.text("topic"), "partitions": [
                {"partitionIndex": 0, "committedOffset": step.number("offset"), "committedMetadata": ""}]}],
        });
        let answer = self.request_in_short(to, "TxnOffsetCommit", 5, &body)?;
        let error = answer.pointer("/topics/0/partitions/0/errorCode").cloned().unwrap_or_default();
        let actual = if error == json!("NONE") { json!("done") } else { json!({"exception": error}) };
        if let Some(saw) = step.saw.clone() {
            self.compare_at("", &saw, &actual);
        }
        Ok(())
    }

    // --- who reads it ---

    /// `consume`: what each consumer has got since the last look, and where it stands.
    fn read_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let Some(saw) = step.saw.clone() else { return Err(Unsupported::observation("consume")) };
        let readers = self.producers.readers.clone();
        for consumer in readers.values() {
            if self.cluster.consumer(*consumer).is_some_and(|consumer| !consumer.is_running()) {
                let started = self.command(Command::StartConsumer { consumer: *consumer });
                started.map_err(|error| Unsupported::action(format!("consume: {error}")))?;
                let number = *consumer;
                self.run_until(PATIENCE_MS, |cluster, _| {
                    cluster.consumer(number).is_some_and(|consumer| consumer.is_settled())
                });
            }
        }
        self.let_time_pass(READ_WITHIN_MS);
        let mut actual = Map::new();
        for (isolation, number) in readers {
            let Some(consumer) = self.cluster.consumer(number) else { continue };
            let from = self.producers.read_to.get(&number).copied().unwrap_or(0);
            let new = consumer.last_records().filter(|record| record.offset >= from);
            let value = |bytes: &Option<Bytes>| bytes.as_ref().map(ToString::to_string);
            let records: Vec<Value> = new.map(|record| json!([record.offset, value(&record.value)])).collect();
            let at = TopicPartition::new(self.producers.topic.as_str(), 0);
            let position = consumer.assigned().find(|(name, ..)| **name == at).and_then(|(_, position, _)| position);
            actual.insert(isolation.to_owned(), json!({"records": records, "position": position}));
            self.producers.read_to.insert(number, position.unwrap_or(from));
        }
        self.compare_at("", &saw, &Value::Object(actual));
        Ok(())
    }
}

/// Whether a call that moves the transaction is under way.
fn is_moving(cluster: &Cluster, number: u32) -> bool {
    let state = cluster.producer(number).and_then(Producer::transaction);
    state.is_some_and(|transaction| match transaction.state() {
        TransactionManagerState::Initializing
        | TransactionManagerState::CommittingTransaction
        | TransactionManagerState::AbortingTransaction => true,
        TransactionManagerState::Uninitialized
        | TransactionManagerState::Ready
        | TransactionManagerState::InTransaction
        | TransactionManagerState::AbortableError
        | TransactionManagerState::FatalError => false,
    })
}

/// What a call throws that the producer refuses. Once a transaction has failed it throws why.
fn exception_of_call(error: &CommandError, failed_by: Option<ErrorCode>) -> Value {
    match (failed_by, error) {
        (Some(error), _) => json!({"exception": exception(error)}),
        (None, CommandError::BadRecord { reason }) if reason.starts_with("Invalid partition") => {
            json!({"exception": "IllegalArgumentException", "message": reason})
        }
        (None, CommandError::BadRecord { reason }) => {
            json!({"exception": "RecordTooLargeException", "message": reason})
        }
        (None, _) => json!({"exception": "IllegalStateException"}),
    }
}

/// The exception of Kafka's client that stands for an error.
fn exception(error: ErrorCode) -> String {
    match error {
        ErrorCode::MessageTooLarge => "RecordTooLargeException".to_owned(),
        ErrorCode::RequestTimedOut => "TimeoutException".to_owned(),
        error => {
            let words = error.name().split('_').map(|word| {
                let mut letters = word.chars();
                let first = letters.next().map(String::from).unwrap_or_default();
                first + &letters.as_str().to_lowercase()
            });
            words.collect::<String>() + "Exception"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read_from_words() {
        let plan = |text| RecordPlan::read(text).map(|plan| (plan.warms_up, plan.count, plan.size_bytes, plan.gap_ms));
        assert_eq!(plan("one to warm up, then 20 of 100 bytes, back to back"), Some((true, 20, 100, 0)));
        assert_eq!(plan("one to warm up, then 6 of 10 bytes, 250 ms apart"), Some((true, 6, 10, 250)));
        assert_eq!(plan("40 of 100 bytes without key"), Some((false, 40, 100, 0)));
        assert_eq!(plan("one of 3000 bytes"), Some((false, 1, 3000, 0)));
        assert_eq!(RecordPlan::read("20 of key a, back to back").and_then(|plan| plan.key), Some("a".to_owned()));
        assert_eq!(RecordPlan::read("10 of 500 bytes, one batch of about 5000"), None);
        assert_eq!(RecordPlan::read("3000, numbered").map(|plan| plan.count), None);
    }

    #[test]
    fn exceptions_have_the_names_of_kafkas_client() {
        assert_eq!(exception(ErrorCode::ProducerFenced), "ProducerFencedException");
        assert_eq!(exception(ErrorCode::MessageTooLarge), "RecordTooLargeException");
    }
}
