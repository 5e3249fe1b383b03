//! How a record finds its partition, and gets into a batch (`KafkaProducer.doSend`, `BuiltInPartitioner`).

use serde::Serialize;

use super::Producer;
use super::accumulator::buffer_bytes;
use crate::change::Change;
use crate::client::partitioner::{Sticky, in_metadata_order, murmur2, partition_for_key, to_positive};
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::records::{Bytes, Record};
use crate::wire::{ErrorCode, Topic, TopicPartition};

/// A record whose partition is not known yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Unassigned {
    pub(super) topic: Topic,
    /// What the application asked for.
    pub(super) partition: Option<i32>,
    pub(super) record: Record,
    /// The number of its delivery.
    pub(super) delivery: u64,
    /// Whether a transaction was open when the application sent it, where the producer has one.
    pub(super) is_in_transaction: bool,
    pub(super) since: Millis,
    /// The partition that a partitioner which deals in turn dealt it to, where it waits for memory since.
    pub(super) dealt_to: Option<i32>,
}

/// How a record found its partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partitioning {
    /// Its topic.
    pub topic: Topic,
    /// Its key, if it has one.
    pub key: Option<Bytes>,
    /// murmur2 of the key, where that chose.
    pub hash: Option<i32>,
    /// How many partitions the topic had, as the producer knew it.
    pub partitions: i32,
    /// The partition chosen.
    pub partition: i32,
    /// What chose it.
    pub by: PartitionedBy,
}

/// What chose a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartitionedBy {
    /// The key's hash.
    Key,
    /// The application named it.
    Application,
    /// The sticky partitioner (KIP-794).
    Sticky,
    /// `RoundRobinPartitioner`.
    RoundRobin,
    /// `DefaultPartitioner` as it was before 2.4, for a record without a key: the next partition in turn.
    DefaultPartitioner,
}

/// What `partitioner.class` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PartitionerClass {
    /// Nothing: the built-in partitioner.
    BuiltIn,
    /// `RoundRobinPartitioner`: looks at no key.
    RoundRobin,
    /// `DefaultPartitioner` of the versions before 2.4 (KIP-480): keys by their hash, records without a key in turn.
    Default,
}

impl PartitionerClass {
    fn of(class: &str) -> Self {
        match class {
            "" => Self::BuiltIn,
            "org.apache.kafka.clients.producer.internals.DefaultPartitioner" => Self::Default,
            _ => Self::RoundRobin,
        }
    }
}

/// What is left of `buffer.memory` while one record after the other gets its place. Summing up all batches for each record would take
/// long where there are many of both.
#[derive(Default)]
struct MemoryLeft {
    /// Whether a record waits for memory: it is the first to get what there is.
    is_awaited: bool,
    /// In bytes; counted when it is needed.
    available_bytes: Option<u64>,
}

impl Producer {
    /// Gives records whose topic is known their partition. The others wait for metadata, as `KafkaProducer.send` blocks.
    pub(super) fn assign_partitions(&mut self, now: Millis, fx: &mut Effects) {
        let mut memory = MemoryLeft::default();
        for unassigned in std::mem::take(&mut self.unassigned) {
            let known = self.metadata.topic(&unassigned.topic);
            let error = known.map_or(ErrorCode::None, |topic| topic.error);
            let expired = unassigned.since.saturating_add(self.settings.max_block_ms) <= now;
            if !error.is_none() && !error.is_retriable() {
                self.send_failed(&unassigned.topic, unassigned.partition, unassigned.delivery, error, fx);
            } else if known.is_some_and(|topic| match unassigned.partition {
                Some(partition) => topic.partitions.contains_key(&partition),
                None => !topic.partitions.is_empty(),
            }) {
                let Some(waiting) = self.accumulate(unassigned, &mut memory, now, fx) else { continue };
                memory.is_awaited = true;
                if expired { self.give_up_without_memory(waiting, fx) } else { self.unassigned.push_back(waiting) }
            } else if expired {
                // What `send` throws: a TimeoutException.
                let error = ErrorCode::RequestTimedOut;
                self.send_failed(&unassigned.topic, unassigned.partition, unassigned.delivery, error, fx);
            } else {
                // The topic, or just this partition, may be about to appear.
                self.metadata.need_topic(&unassigned.topic);
                self.unassigned.push_back(unassigned);
            }
        }
        self.accumulator.is_exhausted = memory.is_awaited && !self.unassigned.is_empty();
    }

    pub(super) fn give_up_unassigned(&mut self, record: Unassigned, error: ErrorCode, fx: &mut Effects) {
        let partition = TopicPartition::new(record.topic, record.partition.unwrap_or(-1));
        self.fail(&partition, &[record.delivery], error, fx);
    }

    /// `send` throws an ApiException: an open transaction cannot commit any more (`KafkaProducer.doSend`).
    pub(super) fn send_failed(
        &mut self,
        topic: &Topic,
        partition: Option<i32>,
        delivery: u64,
        error: ErrorCode,
        fx: &mut Effects,
    ) {
        let partition = TopicPartition::new(topic.clone(), partition.unwrap_or(-1));
        self.fail(&partition, &[delivery], error, fx);
        self.batch_failed_transaction(error, fx);
    }

    /// What `send` throws where it finds no memory: a BufferExhaustedException, which is a TimeoutException.
    fn give_up_without_memory(&mut self, waiting: Unassigned, fx: &mut Effects) {
        let bytes = buffer_bytes(&waiting.record, self.settings.batch_size);
        let (producer, max_block_ms) = (self.number, self.settings.max_block_ms);
        let (total_bytes, available_bytes) = (self.settings.buffer_memory, self.available_memory());
        fx.replace_explanation(Explanation::ProducerBufferExhausted {
            producer,
            bytes,
            max_block_ms,
            total_bytes,
            available_bytes,
        });
        self.send_failed(&waiting.topic, waiting.partition, waiting.delivery, ErrorCode::RequestTimedOut, fx);
    }

    /// Chooses the partition and puts the record into its batch. Gives it back where it needs another batch and there is no
    /// memory for that, or somebody else waits for it.
    fn accumulate(
        &mut self,
        unassigned: Unassigned,
        memory: &mut MemoryLeft,
        now: Millis,
        fx: &mut Effects,
    ) -> Option<Unassigned> {
        let Unassigned { topic, partition, record, delivery, is_in_transaction, since, dealt_to } = unassigned;
        let known = self.metadata.topic(&topic)?;
        let partitions = i32::try_from(known.partitions.len()).unwrap_or(i32::MAX);
        let class = PartitionerClass::of(&self.settings.partitioner_class);
        // A partitioner of one's own is not asked to ignore keys.
        let looks_at_keys = match class {
            PartitionerClass::BuiltIn => !self.settings.partitioner_ignore_keys,
            PartitionerClass::RoundRobin => false,
            PartitionerClass::Default => true,
        };
        let key = record.key.clone().filter(|_| looks_at_keys);
        let hash = key.as_ref().map(|key| murmur2(key.as_slice())).filter(|_| partition.is_none());
        let (chosen, by) = match (partition, &key) {
            (Some(partition), _) => (partition, PartitionedBy::Application),
            (None, Some(key)) => (partition_for_key(key.as_slice(), partitions), PartitionedBy::Key),
            (None, None) => match class {
                PartitionerClass::BuiltIn => (self.sticky_partition(&topic), PartitionedBy::Sticky),
                PartitionerClass::RoundRobin => {
                    (dealt_to.unwrap_or_else(|| self.next_partition(&topic)), PartitionedBy::RoundRobin)
                }
                PartitionerClass::Default => {
                    // It begins with any number, so that producers that start together do not meet at one partition.
                    if !self.dealt.contains_key(&topic) {
                        let first = self.random.between(0, u64::from(u32::MAX));
                        let first = u32::try_from(first).unwrap_or_default().cast_signed();
                        self.dealt.insert(topic.clone(), first);
                    }
                    (dealt_to.unwrap_or_else(|| self.next_partition(&topic)), PartitionedBy::DefaultPartitioner)
                }
            },
        };
        let to = TopicPartition::new(topic.clone(), chosen);
        let batch_size = self.settings.batch_size;
        let room = self.accumulator.room_for(&to, &record, batch_size);
        if room.is_none() {
            let (producer, bytes) = (self.number, buffer_bytes(&record, batch_size));
            let available_bytes = *memory.available_bytes.get_or_insert_with(|| self.available_memory());
            if memory.is_awaited || u64::from(bytes) > available_bytes {
                self.deliveries.awaits_memory(delivery, fx.step);
                fx.explain(Explanation::ProducerAwaitsMemory { producer, bytes, available_bytes });
                let is_dealt = matches!(by, PartitionedBy::RoundRobin | PartitionedBy::DefaultPartitioner);
                let dealt_to = is_dealt.then_some(chosen);
                return Some(Unassigned { topic, partition, record, delivery, is_in_transaction, since, dealt_to });
            }
            memory.available_bytes = Some(available_bytes.saturating_sub(u64::from(bytes)));
        }
        fx.change(Change::Partitioned {
            producer: self.number,
            partition: to.clone(),
            key: record.key.as_ref().map(ToString::to_string),
            hash,
            partitions,
        });
        fx.explain(Explanation::RecordAccumulated { producer: self.number, partition: to.clone() });
        self.last_partitioning = Some(Partitioning {
            topic: topic.clone(),
            key: record.key.clone(),
            hash,
            partitions,
            partition: chosen,
            by,
        });
        self.deliveries.assigned(delivery, chosen, fx.step);
        if let Some(transaction) = &mut self.transaction {
            // The record is in the accumulator by then, and stays there although `send` throws.
            match is_in_transaction {
                true => transaction.add_partition(&to),
                false => {
                    let (producer, state) = (self.number, transaction.state().to_string());
                    fx.replace_explanation(Explanation::SendOutsideTransaction { producer, state });
                }
            }
        }
        let (bytes, is_full) = self.accumulator.append(&to, (record, delivery), room, now, &self.settings);
        if by == PartitionedBy::Sticky
            && self.sticky.get_mut(&topic).is_some_and(|sticky| sticky.appended(bytes, batch_size, is_full))
        {
            self.sticky.remove(&topic);
        }
        None
    }

    /// The partition whose turn it is (`RoundRobinPartitioner`, `DefaultPartitioner`): of those that have a leader, in the order of its metadata. Where
    /// nobody leads anything, the number itself counts.
    fn next_partition(&mut self, topic: &Topic) -> i32 {
        let turn = self.dealt.entry(topic.clone()).or_default();
        let place = to_positive(*turn);
        *turn = turn.wrapping_add(1);
        let Some(known) = self.metadata.topic(topic) else { return 0 };
        let place_among =
            |count: usize| i32::try_from(count).ok().and_then(|count| place.checked_rem(count)).unwrap_or(0);
        let led =
            known.partitions.iter().filter(|(_, known)| known.current_leader().is_some()).map(|(index, _)| *index);
        let all = u32::try_from(self.metadata.leaders().count()).unwrap_or(u32::MAX);
        let led = in_metadata_order(topic, led, all);
        if led.is_empty() {
            return place_among(known.partitions.len());
        }
        usize::try_from(place_among(led.len())).ok().and_then(|place| led.get(place)).copied().unwrap_or(0)
    }

    /// The partition that records without a key go to now.
    fn sticky_partition(&mut self, topic: &Topic) -> i32 {
        if let Some(sticky) = self.sticky.get(topic) {
            return sticky.partition;
        }
        let all = self.metadata.topic(topic).map(|topic| topic.partitions.clone()).unwrap_or_default();
        let waiting = |partition: i32| {
            let queue = self.accumulator.queues.get(&TopicPartition::new(topic.clone(), partition));
            queue.and_then(|queue| u64::try_from(queue.len()).ok()).unwrap_or(0)
        };
        let led: Vec<(i32, u64)> = all
            .iter()
            .filter(|(_, known)| known.current_leader().is_some())
            .map(|(index, _)| (*index, waiting(*index)))
            .collect();
        // Where nobody leads anything, any partition is as good as another.
        let any: Vec<(i32, u64)> = all.keys().map(|index| (*index, 0)).collect();
        let Some(sticky) = Sticky::draw(&mut self.random, if led.is_empty() { &any } else { &led }) else { return 0 };
        let partition = sticky.partition;
        self.sticky.insert(topic.clone(), sticky);
        partition
    }
}
