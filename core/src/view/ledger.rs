//! The delivery ledger: what became of each record that a producer was given, from `send()` to what consumers' applications
//! did with it.
//!
//! A record is looked for in the leader's log as it is, by key, value and time stamp: two records that are alike in all
//! three are told apart by nothing, and each counts the copies of both.

use std::collections::BTreeMap;

use serde::Serialize;

use super::transactions::RecordFate;
use crate::broker::partition::Partition;
use crate::client::producer::delivery::{Delivery, DeliveryStage};
use crate::cluster::Cluster;
use crate::log::Log;
use crate::step::Position;
use crate::wire::TopicPartition;
use crate::wire::records::{Bytes, TimestampType};

/// A record in the log of its partition's leader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredCopy {
    /// Its offset.
    pub offset: i64,
    /// Whether it is below the high watermark.
    pub is_below_high_watermark: bool,
    /// What becomes of it.
    pub fate: RecordFate,
}

/// What a group did with a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupReading {
    /// `group.id`.
    pub group: String,
    /// How often applications of the group have processed it, all copies together.
    pub times: u32,
    /// The step in which one did so last; none where none did.
    pub processed_at: Option<Position>,
    /// Whether the group has committed an offset above every copy.
    pub is_committed: bool,
}

/// What is remarkable about a record.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, strum::VariantArray, strum::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum LedgerFinding {
    /// It was acknowledged, and is not in the log.
    Lost,
    /// It is in the log more than once.
    StoredTwice,
    /// Its callback got an error, or none, and it is in the log all the same.
    StoredUnacknowledged,
    /// Some group has processed it more than once.
    ProcessedTwice,
    /// Some group has committed past it, and never processed it.
    PassedOver,
}

impl LedgerFinding {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] =
        [Self::Lost, Self::PassedOver, Self::StoredTwice, Self::ProcessedTwice, Self::StoredUnacknowledged];

    /// Its kebab-case name.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerRow {
    /// Whose: the producer's number.
    pub producer: u32,
    /// The how-many-eth record of it.
    pub number: u64,
    /// Where it was sent; the partition is -1 while none was chosen.
    pub partition: TopicPartition,
    /// Its key.
    pub key: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// How far the producer is with it.
    pub stage: DeliveryStage,
    /// How often its batch was sent.
    pub attempts: u32,
    /// The step in which `send()` was called.
    pub sent_at: Position,
    /// The step in which the stage was reached.
    pub reached_at: Position,
    /// Where it is in the leader's log.
    pub copies: Vec<StoredCopy>,
    /// What the groups did with it that read its partition.
    pub readings: Vec<GroupReading>,
    /// What is remarkable about it.
    pub findings: Vec<LedgerFinding>,
}

/// What a group has done in a partition.
#[derive(Debug, Default)]
struct GroupProgress {
    committed: i64,
    /// By offset: how often, and in which step last.
    processed: BTreeMap<i64, (u32, Position)>,
}

type Progress = BTreeMap<TopicPartition, BTreeMap<String, GroupProgress>>;

impl Cluster {
    /// What became of the records that the producers were given last, in the order in which each was given them.
    pub fn ledger(&self) -> Vec<LedgerRow> {
        let progress = self.progress();
        let mut logs = BTreeMap::new();
        let rows =
            self.producers().flat_map(|producer| producer.deliveries().map(move |each| (producer.number(), each)));
        rows.map(|(producer, delivery)| {
            let partition = TopicPartition::new(delivery.topic.clone(), delivery.partition);
            let log = logs.entry(partition.clone()).or_insert_with(|| self.leaders_log(&partition));
            let groups = progress.get(&partition);
            row(producer, delivery, partition, log.as_ref().map(|(replica, log)| (*replica, *log)), groups)
        })
        .collect()
    }

    /// What each group has processed and committed.
    fn progress(&self) -> Progress {
        let mut progress = Progress::new();
        for consumer in self.consumers() {
            for record in consumer.processed() {
                let groups = progress.entry(record.partition).or_default();
                let of_group = groups.entry(consumer.group().to_owned()).or_default();
                let known = of_group.processed.entry(record.offset).or_default();
                *known = (known.0.saturating_add(record.times), known.1.max(record.at));
            }
        }
        for broker in self.nodes().filter_map(|node| node.broker.as_ref()) {
            for group in broker.groups.groups() {
                for (partition, offset) in group.committed_offsets() {
                    let groups = progress.entry(partition.clone()).or_default();
                    groups.entry(group.id().to_owned()).or_default().committed = offset;
                }
            }
        }
        progress
    }

    /// The log of a partition at its leader, as the active controller names it; while there is none, the longest one of a
    /// running broker.
    fn leaders_log(&self, partition: &TopicPartition) -> Option<(&Partition, &Log)> {
        let replicas = self.nodes().filter_map(|node| {
            let broker = node.broker.as_ref()?;
            let known = broker.partitions.iter().find(|(_, known)| known.name == *partition);
            known.and_then(|(id, known)| Some((known, node.disk.broker.log(id)?)))
        });
        replicas
            .max_by_key(|(replica, log)| (replica.is_leader(), replica.registration.leader_epoch, log.log_end_offset()))
    }
}

fn row(
    producer: u32,
    delivery: &Delivery,
    partition: TopicPartition,
    log: Option<(&Partition, &Log)>,
    groups: Option<&BTreeMap<String, GroupProgress>>,
) -> LedgerRow {
    let copies = log.map(|(replica, log)| copies(delivery, replica, log)).unwrap_or_default();
    let readings: Vec<GroupReading> =
        groups.into_iter().flatten().map(|(group, progress)| reading(group, progress, &copies)).collect();
    let text = |bytes: &Option<Bytes>| bytes.as_ref().map(ToString::to_string);
    let findings = findings(delivery, &copies, &readings, log, groups);
    LedgerRow {
        producer,
        number: delivery.number,
        partition,
        key: text(&delivery.key),
        value: text(&delivery.value),
        stage: delivery.stage,
        attempts: delivery.attempts,
        sent_at: delivery.sent_at,
        reached_at: delivery.reached_at,
        copies,
        readings,
        findings,
    }
}

fn copies(delivery: &Delivery, replica: &Partition, log: &Log) -> Vec<StoredCopy> {
    let mut copies = Vec::new();
    for batch in log.batches().filter(|batch| !batch.is_control) {
        let is_stamped = batch.timestamp_type == TimestampType::LogAppendTime;
        for record in &batch.records {
            let is_it = (is_stamped || record.timestamp == delivery.timestamp)
                && record.value == delivery.value
                && record.key == delivery.key;
            if is_it {
                let offset = batch.base_offset.saturating_add(i64::from(record.offset_delta));
                copies.push(StoredCopy {
                    offset,
                    is_below_high_watermark: offset < replica.high_watermark,
                    fate: RecordFate::of(batch, log),
                });
            }
        }
    }
    copies
}

fn reading(group: &str, progress: &GroupProgress, copies: &[StoredCopy]) -> GroupReading {
    let processed = copies.iter().filter_map(|copy| progress.processed.get(&copy.offset));
    let (times, processed_at) =
        processed.fold((0u32, None), |(times, at), each| (times.saturating_add(each.0), at.max(Some(each.1))));
    let is_committed = copies.iter().map(|copy| copy.offset).max().is_some_and(|last| last < progress.committed);
    GroupReading { group: group.to_owned(), times, processed_at, is_committed }
}

fn findings(
    delivery: &Delivery,
    copies: &[StoredCopy],
    readings: &[GroupReading],
    log: Option<(&Partition, &Log)>,
    groups: Option<&BTreeMap<String, GroupProgress>>,
) -> Vec<LedgerFinding> {
    let mut findings = Vec::new();
    let kept = copies.iter().filter(|copy| copy.fate != RecordFate::Aborted);
    // What retention or compaction took away is not lost.
    let is_removed = |offset: i64| {
        log.is_none_or(|(_, log)| offset < log.log_start_offset() || log.cleaned_offset().is_some_and(|to| offset < to))
    };
    match delivery.stage {
        DeliveryStage::Acknowledged { offset } if copies.is_empty() && !is_removed(offset) => {
            findings.push(LedgerFinding::Lost);
        }
        DeliveryStage::Failed { .. } | DeliveryStage::Abandoned | DeliveryStage::Forgotten if !copies.is_empty() => {
            findings.push(LedgerFinding::StoredUnacknowledged);
        }
        DeliveryStage::AwaitsMetadata
        | DeliveryStage::AwaitsMemory
        | DeliveryStage::Accumulated
        | DeliveryStage::InFlight { .. }
        | DeliveryStage::Acknowledged { .. }
        | DeliveryStage::Failed { .. }
        | DeliveryStage::Aborted
        | DeliveryStage::Abandoned
        | DeliveryStage::Forgotten => {}
    }
    if kept.count() > 1 {
        findings.push(LedgerFinding::StoredTwice);
    }
    if readings.iter().any(|reading| reading.times > 1) {
        findings.push(LedgerFinding::ProcessedTwice);
    }
    let passes_over = |(_, progress): (&String, &GroupProgress)| {
        // Only of what came after the first record that it did process is it known that it was to be processed.
        let first = progress.processed.keys().next().copied().unwrap_or(i64::MAX);
        let is_passed = |copy: &StoredCopy| {
            copy.fate != RecordFate::Aborted
                && copy.offset > first
                && copy.offset < progress.committed
                && !progress.processed.contains_key(&copy.offset)
        };
        copies.iter().any(is_passed)
    };
    if groups.into_iter().flatten().any(passes_over) {
        findings.push(LedgerFinding::PassedOver);
    }
    findings
}
