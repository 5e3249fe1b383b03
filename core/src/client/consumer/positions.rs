//! Where a consumer reads on: what its group has committed, what `auto.offset.reset` says, or where its application wants to
//! (`OffsetFetcher`, `SubscriptionState`).

use std::collections::BTreeMap;

use super::subscription::Position;
use super::{Consumer, PendingRequest, Poll};
use crate::actor::Listener;
use crate::change::Change;
use crate::command::CommandError;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::settings::OffsetReset;
use crate::sim::Millis;
use crate::wire::replication::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic};
use crate::wire::{ApiKey, ErrorCode, Request, TopicPartition};

/// ListOffsets' timestamp for the end.
const LATEST_TIMESTAMP: i64 = -1;
/// ListOffsets' timestamp for the start.
const EARLIEST_TIMESTAMP: i64 = -2;

impl Consumer {
    /// Finds out where to read on: the committed offset, else what `auto.offset.reset` says.
    pub(super) fn drive_positions(&mut self, now: Millis, fx: &mut Effects) {
        if !self.may_read() {
            return;
        }
        self.validate_positions(now, fx);
        self.fetch_committed(now, fx);
        self.list_offsets(now, fx);
        let all_known = self.has_its_partitions() && self.assigned.values().all(|assigned| assigned.offset().is_some());
        if self.poll == Poll::UntilPositioned && all_known {
            self.poll = Poll::Away;
        }
    }

    pub(super) fn position_known(&mut self, partition: &TopicPartition, offset: i64, fx: &mut Effects) {
        let Some(assigned) = self.assigned.get_mut(partition) else { return };
        let from = assigned.offset().unwrap_or(-1);
        assigned.position = Position::At(offset);
        let (consumer, partition) = (self.number, partition.clone());
        if from != offset {
            fx.change(Change::PositionMoved { consumer, partition: partition.clone(), from, to: offset });
        }
        fx.explain(Explanation::ConsumerKnowsPosition { consumer, partition, offset });
    }

    /// No valid offset: the policy decides, or the application gets a `NoOffsetForPartitionException`.
    pub(super) fn reset_position(&mut self, partition: &TopicPartition, api: ApiKey, fx: &mut Effects) {
        let reset = self.settings.offset_reset();
        if reset == OffsetReset::None {
            return self.throw(api, ErrorCode::OffsetOutOfRange, fx);
        }
        if let Some(assigned) = self.assigned.get_mut(partition) {
            assigned.position = Position::AwaitsReset(reset);
            assigned.offset_epoch = -1;
            assigned.leader = None;
            assigned.awaits_validation = false;
        }
    }

    /// The application reads on from an offset (`seek`). Nothing is asked of anybody: the next fetch shows whether it is there.
    pub fn seek(
        &mut self,
        partition: &TopicPartition,
        offset: i64,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<(), CommandError> {
        if offset < 0 {
            return Err(CommandError::NegativeOffset { offset });
        }
        self.check_assigned(std::slice::from_ref(partition))?;
        if let Some(assigned) = self.assigned.get_mut(partition) {
            let from = assigned.offset().unwrap_or(-1);
            assigned.go_to(Position::At(offset));
            if from != offset {
                let (consumer, partition) = (self.number, partition.clone());
                fx.change(Change::PositionMoved { consumer, partition, from, to: offset });
            }
        }
        self.poll_on();
        self.run(now, fx);
        Ok(())
    }

    /// The application reads on from the start or the end of partitions, of all if none is named (`seekToBeginning`,
    /// `seekToEnd`): where that is is asked at the next poll.
    pub fn seek_to(
        &mut self,
        partitions: &[TopicPartition],
        reset: OffsetReset,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<(), CommandError> {
        let partitions = if partitions.is_empty() { self.owned() } else { partitions.to_vec() };
        self.check_assigned(&partitions)?;
        for partition in &partitions {
            if let Some(assigned) = self.assigned.get_mut(partition) {
                assigned.go_to(Position::AwaitsReset(reset));
            }
        }
        if !partitions.is_empty() {
            fx.change(Change::OffsetResetRequested { consumer: self.number, partitions });
        }
        self.poll_on();
        self.run(now, fx);
        Ok(())
    }

    fn list_offsets(&mut self, now: Millis, fx: &mut Effects) {
        let is_awaited = |position: Position| matches!(position, Position::AwaitsReset(_));
        if !self.assigned.values().any(|assigned| is_awaited(assigned.position)) {
            return;
        }
        let open = self.requests.iter().filter_map(|open| match &open.context {
            PendingRequest::ListOffsets { partitions } => Some(partitions),
            _ => None,
        });
        let asked: Vec<(TopicPartition, OffsetReset)> = open.flatten().cloned().collect();
        let mut by_leader: BTreeMap<i32, Vec<(TopicPartition, i32, OffsetReset)>> = BTreeMap::new();
        for (partition, assigned) in &mut self.assigned {
            let Position::AwaitsReset(reset) = assigned.position else { continue };
            let waits = assigned.awaits_metadata || assigned.not_before > now;
            if waits || asked.iter().any(|(asked, for_reset)| asked == partition && *for_reset == reset) {
                continue;
            }
            match self.metadata.leader(partition) {
                Some(known) => {
                    if let Some(at) =
                        self.requests.reconnects_at(known.leader, Listener::Broker, ApiKey::ListOffsets, now)
                    {
                        assigned.not_before = at;
                        continue;
                    }
                    by_leader.entry(known.leader).or_default().push((partition.clone(), known.epoch, reset));
                }
                None => self.metadata.need(),
            }
        }
        for (leader, partitions) in by_leader {
            let mut topics: Vec<ListOffsetsTopic> = Vec::new();
            for (partition, epoch, reset) in &partitions {
                let one = ListOffsetsPartition {
                    partition_index: partition.partition,
                    current_leader_epoch: *epoch,
                    timestamp: timestamp_of(*reset, now),
                };
                match topics.last_mut().filter(|topic| topic.name == partition.topic) {
                    Some(topic) => topic.partitions.push(one),
                    None => topics.push(ListOffsetsTopic { name: partition.topic.clone(), partitions: vec![one] }),
                }
            }
            let request = ListOffsetsRequest {
                isolation_level: self.isolation_level(),
                topics,
                timeout_ms: i32::try_from(self.settings.request_timeout_ms).unwrap_or(i32::MAX),
                ..ListOffsetsRequest::default()
            };
            let partitions = partitions.into_iter().map(|(partition, _, reset)| (partition, reset)).collect();
            self.send(leader, Request::ListOffsets(request), PendingRequest::ListOffsets { partitions }, now, fx);
        }
    }

    pub(super) fn offsets_listed(
        &mut self,
        asked: &[(TopicPartition, OffsetReset)],
        answer: &ListOffsetsResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        for (partition, reset) in asked {
            let Some(assigned) = self.assigned.get_mut(partition) else { continue };
            // It may have been sought to another place meanwhile.
            if assigned.position != Position::AwaitsReset(*reset) {
                continue;
            }
            let topics = answer.topics.iter().filter(|topic| topic.name == partition.topic);
            let mut results = topics.flat_map(|topic| &topic.partitions);
            let result = results.find(|result| result.partition_index == partition.partition);
            match result.filter(|result| result.error_code.is_none() && result.offset >= 0) {
                Some(result) => {
                    assigned.failures = 0;
                    // It was read from nowhere, so there is nothing to validate.
                    assigned.offset_epoch = -1;
                    assigned.leader = self.metadata.leader(partition);
                    self.metadata.update_last_seen_epoch(partition, result.leader_epoch);
                    self.position_known(partition, result.offset, fx);
                }
                None => {
                    let error = result.map_or(ErrorCode::UnknownServerError, |result| result.error_code);
                    self.partitions_failed(std::slice::from_ref(partition), now);
                    let (consumer, api) = (self.number, ApiKey::ListOffsets);
                    fx.explain(Explanation::ConsumerRecovers { consumer, api, error });
                }
            }
        }
    }
}

/// What ListOffsets is asked for.
fn timestamp_of(reset: OffsetReset, now: Millis) -> i64 {
    match reset {
        // With `none` nothing waits for this.
        OffsetReset::Latest | OffsetReset::None => LATEST_TIMESTAMP,
        OffsetReset::Earliest => EARLIEST_TIMESTAMP,
        OffsetReset::ByDuration(age_ms) => i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(age_ms).max(0),
    }
}
