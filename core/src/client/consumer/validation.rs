//! Whether a partition's leader still has what a consumer has read (`SubscriptionState.maybeValidatePosition`, KIP-320).
//!
//! | position      | becomes         | when                                                                                     |
//! |---------------|-----------------|------------------------------------------------------------------------------------------|
//! | valid         | to be validated | its leader or leader epoch is another, and the epoch of the last record before it is known |
//! | to be validated | valid         | the epoch ends at it or behind it in the leader's log                                    |
//! | to be validated | valid, earlier | the epoch ends before it: what was read behind that was truncated since                  |
//! | to be validated | to be reset   | the leader knows neither the epoch nor an earlier one                                    |
//!
//! Without `auto.offset.reset` the last two throw a `LogTruncationException` instead. A position that is to be validated is not
//! fetched from, and what came for it is dropped.

use std::collections::BTreeMap;

use super::subscription::Position;
use super::{Consumer, PendingRequest};
use crate::actor::Listener;
use crate::client::metadata::KnownLeader;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::settings::OffsetReset;
use crate::sim::Millis;
use crate::wire::replication::{
    EpochEndOffsetResult, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderPartition,
    OffsetForLeaderTopic,
};
use crate::wire::{ApiKey, ErrorCode, Request, TopicPartition};

/// The `replicaId` of who is no replica.
const CONSUMER_REPLICA_ID: i32 = -1;

/// A position as it was when its leader was asked about it (`FetchPosition`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ValidatedPosition {
    partition: TopicPartition,
    offset: i64,
    /// The leader epoch of the last record before it.
    offset_epoch: i32,
    leader: KnownLeader,
}

impl Consumer {
    /// Notices who leads now, and asks new leaders where the epochs end that were read last.
    pub(super) fn validate_positions(&mut self, now: Millis, fx: &mut Effects) {
        self.notice_leaders();
        let open = self.requests.iter().filter_map(|open| match &open.context {
            PendingRequest::OffsetForLeaderEpoch { positions } => Some(positions),
            _ => None,
        });
        let asked: Vec<ValidatedPosition> = open.flatten().cloned().collect();
        let mut by_leader: BTreeMap<i32, Vec<ValidatedPosition>> = BTreeMap::new();
        for (partition, assigned) in &mut self.assigned {
            let (Position::At(offset), Some(leader)) = (assigned.position, assigned.leader) else { continue };
            if !assigned.awaits_validation || assigned.not_before > now {
                continue;
            }
            let offset_epoch = assigned.offset_epoch;
            let position = ValidatedPosition { partition: partition.clone(), offset, offset_epoch, leader };
            if asked.contains(&position) {
                continue;
            }
            let api = ApiKey::OffsetForLeaderEpoch;
            match self.requests.reconnects_at(leader.leader, Listener::Broker, api, now) {
                Some(at) => assigned.not_before = at,
                None => by_leader.entry(leader.leader).or_default().push(position),
            }
        }
        for (node, positions) in by_leader {
            let request = request_about(&positions);
            self.send(node, request, PendingRequest::OffsetForLeaderEpoch { positions }, now, fx);
            fx.explain(Explanation::ConsumerValidatesPositions { consumer: self.number, node });
        }
    }

    /// Takes over from the metadata who leads the partitions. A leader that is not known leaves the one before.
    fn notice_leaders(&mut self) {
        let mut known = self.metadata.by_topic();
        for (partition, assigned) in &mut self.assigned {
            if !matches!(assigned.position, Position::At(_)) {
                continue;
            }
            let Some(leader) = known.leader(partition) else { continue };
            if assigned.leader != Some(leader) {
                assigned.leader = Some(leader);
                assigned.preferred = None;
                assigned.awaits_validation = assigned.offset_epoch >= 0;
                if assigned.awaits_validation {
                    assigned.not_before = 0;
                }
            }
        }
    }

    /// A leader said where epochs end.
    #[inline(never)]
    pub(super) fn epoch_ends_answered(
        &mut self,
        from: i32,
        asked: &[ValidatedPosition],
        answer: &OffsetForLeaderEpochResponse,
        now: Millis,
        fx: &mut Effects,
    ) {
        fx.explain(Explanation::ConsumerValidatedPositions { consumer: self.number, node: from });
        for position in asked {
            let topics = answer.topics.iter().filter(|topic| topic.topic == position.partition.topic);
            let mut results = topics.flat_map(|topic| &topic.partitions);
            let result = results.find(|result| result.partition == position.partition.partition);
            match result {
                Some(result) if result.error_code.is_none() => self.complete_validation(position, result, fx),
                Some(result) => self.validation_failed(position, result.error_code, now, fx),
                None => {}
            }
        }
    }

    /// `maybeCompleteValidation`.
    fn complete_validation(&mut self, asked: &ValidatedPosition, end: &EpochEndOffsetResult, fx: &mut Effects) {
        let is_unknown = end.end_offset < 0 || end.leader_epoch < 0;
        let has_policy = self.settings.offset_reset() != OffsetReset::None;
        let (consumer, partition) = (self.number, asked.partition.clone());
        let Some(assigned) = self.assigned.get_mut(&partition).filter(|assigned| assigned.is_at(asked)) else { return };
        if !is_unknown && end.end_offset >= asked.offset {
            assigned.awaits_validation = false;
            return;
        }
        if !has_policy {
            return self.throw(ApiKey::OffsetForLeaderEpoch, ErrorCode::OffsetOutOfRange, fx);
        }
        let (from, end_offset) = (asked.offset, end.end_offset);
        if is_unknown {
            fx.replace_explanation(Explanation::ConsumerLostEpoch { consumer, partition: partition.clone(), from });
            return self.reset_position(&partition, ApiKey::OffsetForLeaderEpoch, fx);
        }
        assigned.awaits_validation = false;
        assigned.offset_epoch = end.leader_epoch;
        fx.replace_explanation(Explanation::ConsumerFoundTruncation {
            consumer,
            partition: partition.clone(),
            from,
            end_offset,
        });
        self.position_known(&partition, end_offset, fx);
    }

    /// A leader could not say where an epoch ends: it is asked again after a while, or another one is.
    fn validation_failed(&mut self, asked: &ValidatedPosition, error: ErrorCode, now: Millis, fx: &mut Effects) {
        let (consumer, api) = (self.number, ApiKey::OffsetForLeaderEpoch);
        fx.replace_explanation(Explanation::ConsumerRecovers { consumer, api, error });
        if error == ErrorCode::TopicAuthorizationFailed {
            return self.throw(api, error, fx);
        }
        self.ask_again(std::slice::from_ref(asked), now);
    }

    /// Positions are asked about again after a while.
    pub(super) fn ask_again(&mut self, asked: &[ValidatedPosition], now: Millis) {
        self.metadata.want();
        for position in asked {
            if let Some(assigned) = self.assigned.get_mut(&position.partition) {
                assigned.not_before = now.saturating_add(self.settings.retry_backoff_ms);
            }
        }
    }
}

impl super::subscription::Assigned {
    /// Whether it is where its leader was asked about it, and waits for what that says.
    fn is_at(&self, asked: &ValidatedPosition) -> bool {
        self.awaits_validation
            && self.position == Position::At(asked.offset)
            && self.offset_epoch == asked.offset_epoch
            && self.leader == Some(asked.leader)
    }
}

fn request_about(positions: &[ValidatedPosition]) -> Request {
    let mut topics: Vec<OffsetForLeaderTopic> = Vec::new();
    for position in positions {
        let one = OffsetForLeaderPartition {
            partition: position.partition.partition,
            current_leader_epoch: position.leader.epoch,
            leader_epoch: position.offset_epoch,
        };
        match topics.last_mut().filter(|topic| topic.topic == position.partition.topic) {
            Some(topic) => topic.partitions.push(one),
            None => {
                let topic = position.partition.topic.clone();
                topics.push(OffsetForLeaderTopic { topic, partitions: vec![one] });
            }
        }
    }
    Request::OffsetForLeaderEpoch(OffsetForLeaderEpochRequest { replica_id: CONSUMER_REPLICA_ID, topics })
}
