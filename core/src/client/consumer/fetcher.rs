//! Fetches, and records for the application (`Fetcher`, `FetchCollector`).

use std::collections::BTreeSet;
use std::rc::Rc;

use smallvec::SmallVec;

use super::aborted::without_aborted;
use super::subscription::Position;
use super::{Consumer, ConsumerRecord, PendingRequest, Poll, Thrown};
use crate::actor::Listener;
use crate::change::Change;
use crate::client::metadata::is_stale_metadata;
use crate::client::serialization::deserialize;
use crate::config::{CommitMode, PollMode, ProcessMode};
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::fetch_session_handler::FetchRequestData;
use crate::flat_map::FlatMap;
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::wire::ids::TopicIdPartition;
use crate::wire::records::{Bytes, RecordBatch};
use crate::wire::replication::{FetchPartition, FetchRequest, FetchResponse, PartitionData, READ_COMMITTED};
use crate::wire::{ApiKey, ErrorCode, Request, Topic, TopicPartition, Uuid};

/// How many records the application remembers.
const LAST_RECORDS_MAX: usize = 32;

/// What a fetch brought of one partition and no poll has returned yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fetched {
    partition: TopicPartition,
    /// The offset that was asked for: if the position is another by now, this is of no use.
    offset: i64,
    batches: Vec<Rc<RecordBatch>>,
}

impl Fetched {
    /// Of which partition.
    pub(super) fn partition(&self) -> &TopicPartition {
        &self.partition
    }
}

/// What one reading of a partition came to.
#[derive(Debug)]
struct Read {
    /// How many records the application got.
    taken: u32,
    /// Where the next poll goes on.
    position: i64,
    /// Whether there is a record whose bytes the deserializers cannot read.
    is_undecoded: bool,
}

impl Consumer {
    pub(super) fn isolation_level(&self) -> i8 {
        if self.settings.isolation_level == "read_committed" { READ_COMMITTED } else { 0 }
    }

    /// Asks every leader from whom no answer is awaited for the partitions of which nothing is in hand.
    pub(super) fn drive_fetches(&mut self, now: Millis, fx: &mut Effects) {
        let Poll::UntilRecords { has_fetched } = self.poll else { return };
        let is_manual = self.poll_mode == PollMode::Manual;
        if !self.may_read() || (is_manual && has_fetched) {
            return;
        }
        let in_hand: BTreeSet<&TopicPartition> =
            self.fetched.iter().map(|fetched| &fetched.partition).collect_ordered();
        let is_fetch = |pending: &PendingRequest| matches!(pending, PendingRequest::Fetch { .. });
        let asked: SmallVec<[i32; 16]> =
            self.requests.iter().filter(|open| is_fetch(&open.context)).map(|open| open.to).collect();
        let mut needs_metadata = false;
        let mut by_node: FlatMap<i32, Vec<(TopicPartition, i64, i32)>> = FlatMap::new();
        // A broker that has given records of which some are still in hand is not asked for others: its session would lose the
        // partitions that they are of.
        let mut has_given: SmallVec<[i32; 16]> = SmallVec::new();
        for (partition, assigned) in &mut self.assigned {
            let waits = assigned.awaits_metadata
                || assigned.is_pending_revocation
                || assigned.is_paused
                || assigned.awaits_validation
                || assigned.not_before > now;
            let Some(offset) = assigned.offset().filter(|_| !waits) else { continue };
            let usable = |(node, until): &(i32, Millis)| *until > now && self.metadata.knows_broker(*node);
            assigned.preferred = assigned.preferred.filter(usable);
            let Some(leader) = assigned.leader else {
                needs_metadata = true;
                continue;
            };
            // The replica that the leader named, as long as that lives.
            let node = assigned.preferred.map_or(leader.leader, |(node, _)| node);
            if let Some(at) = self.requests.reconnects_at(node, Listener::Broker, ApiKey::Fetch, now) {
                assigned.not_before = at;
            } else if in_hand.contains(partition) {
                has_given.push(node);
            } else if !asked.contains(&node) {
                by_node.entry(node).or_default().push((partition.clone(), offset, leader.epoch));
            }
        }
        if needs_metadata {
            self.metadata.need();
        }
        for (node, partitions) in by_node.into_iter().filter(|(node, _)| !has_given.contains(node)) {
            let request = self.fetch_request(node, &partitions);
            let partitions = partitions.into_iter().map(|(partition, offset, _)| (partition, offset)).collect();
            self.send(node, request, PendingRequest::Fetch { partitions }, now, fx);
            fx.explain(Explanation::ConsumerFetches { consumer: self.number, node });
            self.poll = Poll::UntilRecords { has_fetched: true };
        }
    }

    fn fetch_request(&mut self, node: i32, partitions: &[(TopicPartition, i64, i32)]) -> Request {
        let int = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let mut known = self.metadata.by_topic();
        let partition_max_bytes = int(self.settings.max_partition_fetch_bytes);
        let wanted = partitions.iter().map(|(partition, offset, epoch)| {
            let asked = FetchPartition {
                partition: partition.partition,
                current_leader_epoch: *epoch,
                fetch_offset: *offset,
                partition_max_bytes,
                ..FetchPartition::default()
            };
            (TopicIdPartition { topic_id: known.topic_id(partition), partition: partition.partition }, asked)
        });
        let data = self.fetch_sessions.entry(node).or_default().build(wanted.collect());
        self.fetch_of(data)
    }

    /// Tells every broker that it fetched from that its session ends, so that the broker need not keep it until it is evicted
    /// (`maybeCloseFetchSessions`). A broker that cannot be reached is not told.
    pub(super) fn close_fetch_sessions(&mut self, now: Millis, fx: &mut Effects) {
        for (node, mut session) in std::mem::take(&mut self.fetch_sessions) {
            let is_unavailable = self.requests.reconnects_at(node, Listener::Broker, ApiKey::Fetch, now).is_some();
            if is_unavailable || !self.metadata.knows_broker(node) {
                continue;
            }
            let data = session.close();
            if data.session_id != 0 {
                fx.change(Change::FetchSessionClosed { consumer: self.number, node });
            }
            let request = self.fetch_of(data);
            self.send(node, request, PendingRequest::Fetch { partitions: Vec::new() }, now, fx);
        }
    }

    /// `createFetchRequest`.
    fn fetch_of(&self, data: FetchRequestData) -> Request {
        let int = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let FetchRequestData { session_id, session_epoch, topics, forgotten_topics_data } = data;
        Request::Fetch(FetchRequest {
            max_wait_ms: i32::try_from(self.settings.fetch_max_wait_ms).unwrap_or(i32::MAX),
            min_bytes: int(self.settings.fetch_min_bytes),
            max_bytes: int(self.settings.fetch_max_bytes),
            isolation_level: self.isolation_level(),
            session_id,
            session_epoch,
            topics,
            forgotten_topics_data,
            rack_id: self.settings.client_rack.clone(),
            ..FetchRequest::default()
        })
    }

    pub(super) fn fetch_answered(
        &mut self,
        from: i32,
        asked: &[(TopicPartition, i64)],
        answer: &FetchResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        let before = self.fetched.len();
        let counts = self.fetch_sessions.get_mut(&from).is_some_and(|session| session.handle_response(answer));
        let is_of_session = matches!(
            answer.error_code,
            ErrorCode::FetchSessionIdNotFound
                | ErrorCode::InvalidFetchSessionEpoch
                | ErrorCode::FetchSessionTopicIdError
                | ErrorCode::InconsistentTopicId
        );
        // The answer mostly tells of the partitions in the order of the request.
        let answered =
            || answer.responses.iter().flat_map(|topic| topic.partitions.iter().map(|each| (topic.topic_id, each)));
        let (mut in_order, mut is_in_order) = (answered(), true);
        let mut topic_id: Option<(&Topic, Uuid)> = None;
        for (partition, offset) in asked {
            let id = match topic_id.filter(|(topic, _)| Rc::ptr_eq(topic, &partition.topic)) {
                Some((_, id)) => id,
                None => self.metadata.id_of(&partition.topic),
            };
            topic_id = Some((&partition.topic, id));
            let is_of_it = |(topic_id, each): &(Uuid, &PartitionData)| {
                *topic_id == id && each.partition_index == partition.partition
            };
            let next = in_order.next().filter(|_| is_in_order).filter(is_of_it);
            is_in_order = next.is_some();
            let result = next.or_else(|| answered().find(is_of_it)).map(|(_, each)| each);
            let is_current = self.assigned.get(partition).is_some_and(|it| it.position == Position::At(*offset));
            match result.filter(|_| counts) {
                Some(result) if is_current => self.partition_fetched(from, partition, *offset, result, now, fx),
                // An incremental answer leaves out what has nothing new.
                None if is_current && counts => {}
                // The error of a whole answer is that of every partition in it. One of the session heals with the next fetch.
                None if is_current && !answer.error_code.is_none() && !is_of_session => {
                    self.partitions_failed(std::slice::from_ref(partition), now);
                }
                // The application has gone elsewhere meanwhile.
                _ => self.fetch_again(),
            }
        }
        if self.fetched.len() == before {
            fx.explain(Explanation::ConsumerReadNothing { consumer: self.number, node: from });
        }
    }

    /// Something other than records came of a fetch: a poll by hand asks once more.
    pub(super) fn fetch_again(&mut self) {
        if let Poll::UntilRecords { has_fetched } = &mut self.poll {
            *has_fetched = false;
        }
    }

    /// A poll by hand is over when its fetches have brought nothing, or there is nothing to fetch because all is paused.
    fn end_vain_poll(&mut self) {
        let Poll::UntilRecords { has_fetched } = self.poll else { return };
        let is_paused = |partition| self.assigned.get(partition).is_some_and(|assigned| assigned.is_paused);
        let all_is_paused =
            self.has_its_partitions() && !self.assigned.is_empty() && self.assigned.keys().all(is_paused);
        let has_nothing = self.fetched.iter().all(|fetched| is_paused(fetched.partition()));
        if (has_fetched || all_is_paused)
            && has_nothing
            && self.poll_mode == PollMode::Manual
            && !self.is_open(|pending| matches!(pending, PendingRequest::Fetch { .. }))
        {
            self.poll = Poll::Away;
        }
    }

    fn partition_fetched(
        &mut self,
        from: i32,
        partition: &TopicPartition,
        offset: i64,
        result: &PartitionData,
        now: Millis,
        fx: &mut Effects,
    ) {
        let Some(assigned) = self.assigned.get_mut(partition) else { return };
        let error = result.error_code;
        if error.is_none() {
            assigned.failures = 0;
            if result.preferred_read_replica >= 0 && result.preferred_read_replica != from {
                let until = now.saturating_add(self.settings.metadata_max_age_ms);
                assigned.preferred = Some((result.preferred_read_replica, until));
                self.fetch_again();
            }
            if !result.records.is_empty() {
                let batches = match self.isolation_level() {
                    READ_COMMITTED => without_aborted(&result.records, &result.aborted_transactions),
                    _ => result.records.clone(),
                };
                self.fetched.push_back(Fetched { partition: partition.clone(), offset, batches });
            }
            return;
        }
        fx.replace_explanation(Explanation::ConsumerRecovers { consumer: self.number, api: ApiKey::Fetch, error });
        self.fetch_again();
        let Some(assigned) = self.assigned.get_mut(partition) else { return };
        if error == ErrorCode::OffsetOutOfRange {
            // A follower may just not be that far: the leader's word counts.
            if assigned.preferred.take().is_some_and(|(node, _)| node == from) {
                return;
            }
            return self.reset_position(partition, ApiKey::Fetch, fx);
        }
        assigned.preferred = None;
        let is_newer = self.metadata.learn_leader(partition, &result.current_leader);
        if is_newer {
            return;
        }
        if is_stale_metadata(error) || error == ErrorCode::OffsetNotAvailable {
            self.partitions_failed(std::slice::from_ref(partition), now);
        } else if let Some(assigned) = self.assigned.get_mut(partition) {
            assigned.back_off(now, self.settings.retry_backoff_ms);
        }
    }

    /// A poll returns what is in hand, at most `max.poll.records`. False if there is nothing.
    pub(super) fn deliver(&mut self, now: Millis, fx: &mut Effects) -> bool {
        if !matches!(self.poll, Poll::UntilRecords { .. }) {
            return false;
        }
        let mut left = self.settings.max_poll_records;
        let before = self.records_read;
        let mut undecoded = None;
        let mut paused = Vec::new();
        while left > 0
            && let Some(fetched) = self.fetched.pop_front()
        {
            let assigned = self.assigned.get(&fetched.partition).filter(|it| !it.is_pending_revocation);
            if assigned.is_some_and(|it| it.is_paused) {
                paused.push(fetched);
                continue;
            }
            let valid = assigned.filter(|it| !it.awaits_validation);
            let is_current = valid.and_then(|it| it.offset()) == Some(fetched.offset);
            if !is_current {
                continue;
            }
            let Read { taken, position, is_undecoded } = self.read_from(&fetched, left, fx);
            left -= taken.min(left);
            if is_undecoded {
                undecoded = Some((fetched.partition.clone(), position));
                left = 0;
            }
            if fetched.batches.last().is_some_and(|last| position < last.next_offset()) {
                // The next poll goes on from here.
                self.fetched.push_front(Fetched { offset: position, ..fetched });
            }
        }
        // What is paused stays, behind what is not.
        self.fetched.extend(paused);
        if self.records_read == before {
            if let Some((partition, offset)) = undecoded {
                self.cannot_deserialize(partition, offset, fx);
                return false;
            }
            self.end_vain_poll();
            return false;
        }
        if self.is_of_application {
            // It works with what it got, and polls when that is done.
            self.drive_fetches(now, fx);
            self.poll = Poll::Away;
            return true;
        }
        if self.poll_mode == PollMode::Manual {
            self.poll = Poll::Away;
        } else {
            // Before a poll returns it sends the next fetches, so that they are under way while the application works.
            self.drive_fetches(now, fx);
        }
        if self.commit_mode == CommitMode::AfterPoll {
            self.begin_commit(now);
            self.drive_commit(now, fx);
        }
        true
    }

    /// Hands at most `most` records of a partition to the application. Records before the position are passed over (a
    /// batch comes whole), and so are Kafka's own. It stops before a record whose bytes it cannot read.
    fn read_from(&mut self, fetched: &Fetched, most: u32, fx: &mut Effects) -> Read {
        let nothing = Read { taken: 0, position: fetched.offset, is_undecoded: false };
        let Some(assigned) = self.assigned.get_mut(&fetched.partition) else { return nothing };
        let of_key = |bytes: &Bytes| deserialize(&self.settings.key_deserializer, bytes);
        let of_value = |bytes: &Bytes| deserialize(&self.settings.value_deserializer, bytes);
        let mut is_undecoded = false;
        let (mut position, mut read) = (fetched.offset, Vec::new());
        let mut taken = 0;
        'batches: for batch in &fetched.batches {
            for record in &batch.records {
                let offset = batch.base_offset.saturating_add(i64::from(record.offset_delta));
                if offset < position || batch.is_control {
                    continue;
                }
                if taken >= most {
                    break 'batches;
                }
                let (key, value) = (record.key.as_ref().map(of_key), record.value.as_ref().map(of_value));
                if key == Some(None) || value == Some(None) {
                    is_undecoded = true;
                    break 'batches;
                }
                read.push(ConsumerRecord {
                    partition: fetched.partition.clone(),
                    offset,
                    key: key.flatten(),
                    value: value.flatten(),
                });
                position = offset.saturating_add(1);
                assigned.offset_epoch = batch.partition_leader_epoch;
                taken += 1;
            }
            position = position.max(batch.next_offset());
        }
        assigned.position = Position::At(position);
        let (consumer, partition, from) = (self.number, fetched.partition.clone(), fetched.offset);
        if let (Some(first), Some(last)) = (read.first(), read.last()) {
            let (from, to) = (first.offset, last.offset);
            fx.change(Change::RecordsRead { consumer, partition: partition.clone(), from, to });
            fx.replace_explanation(Explanation::ConsumerRead { consumer, partition: partition.clone(), from, to });
        }
        if position != from {
            fx.change(Change::PositionMoved { consumer, partition, from, to: position });
        }
        self.records_read = self.records_read.saturating_add(i64::from(taken));
        if self.process_mode == ProcessMode::Manual || self.is_of_application {
            self.processing.hold(&read);
        } else {
            for record in &read {
                self.processing.count(&record.partition, record.offset, fx.step);
            }
        }
        for record in read {
            if self.last_records.len() >= LAST_RECORDS_MAX {
                self.last_records.pop_front();
            }
            self.last_records.push_back(record);
        }
        Read { taken, position, is_undecoded }
    }

    /// A poll that would begin with a record that cannot be read throws (`RecordDeserializationException`): the position
    /// stays, and the next poll meets the same record.
    fn cannot_deserialize(&mut self, partition: TopicPartition, offset: i64, fx: &mut Effects) {
        let consumer = self.number;
        self.thrown = Some(Thrown::Deserialization);
        if self.poll_mode == PollMode::Manual {
            self.poll = Poll::Away;
        }
        fx.change(Change::DeserializationFailed { consumer, partition: partition.clone(), offset });
        fx.replace_explanation(Explanation::ConsumerCannotDeserialize { consumer, partition, offset });
    }
}
