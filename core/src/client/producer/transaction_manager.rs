//! A producer's id, epoch and sequence numbers (`TransactionManager`, its idempotent half; KIP-98, KIP-360).
//!
//! | state | on | becomes |
//! |---|---|---|
//! | `Uninitialized` | records wait to be sent | `Initializing`: InitProducerId is under way |
//! | `Initializing` | an answer with an id | `Ready` |
//! | `Initializing` | an error, a connection lost, time out | `Uninitialized`; where that may pass, asked again after a while |
//! | `Ready` | a sequence number is refused, or a batch given up that may be in the log | `Ready` with the next epoch; the sequence numbers of that partition begin at 0 again |
//! | `Ready` with the greatest epoch | the same | `Uninitialized`: another id |

use std::collections::{BTreeMap, BTreeSet};

use crate::client::metadata::backoff_ms;
use crate::flat_map::FlatMap;
use crate::log::producer_state::{decrement_sequence, increment_sequence};
use crate::sim::Millis;
use crate::wire::records::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID};
use crate::wire::transaction::InitProducerIdResponse;
use crate::wire::{ErrorCode, TopicPartition};

/// Who produces: an id that a broker gave, and how often it was renewed (`ProducerIdAndEpoch`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProducerIdAndEpoch {
    /// The id.
    pub producer_id: i64,
    /// The epoch.
    pub epoch: i16,
}

impl ProducerIdAndEpoch {
    /// No id.
    pub const NONE: Self = Self { producer_id: NO_PRODUCER_ID, epoch: NO_PRODUCER_EPOCH };
}

/// Where the manager stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdempotenceState {
    /// It has no id.
    Uninitialized,
    /// It has asked for one.
    Initializing,
    /// It has one.
    Ready(ProducerIdAndEpoch),
}

/// A batch that has its sequence numbers and is not done: in flight, or waiting to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct NumberedBatch {
    base_sequence: i32,
    records: i32,
    /// Whether its sequence number is another than it was sent with first.
    was_reset: bool,
}

impl NumberedBatch {
    fn last_sequence(self) -> i32 {
        increment_sequence(self.base_sequence, self.records.saturating_sub(1))
    }
}

/// What a producer knows of one partition (`TxnPartitionEntry`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SequencesOfPartition {
    /// With which id and epoch its batches are sent.
    id: ProducerIdAndEpoch,
    /// The sequence number that the next record gets.
    pub next_sequence: i32,
    /// That of the last record that was acknowledged; -1 for none.
    pub last_acked_sequence: i32,
    /// Batches under way by their number, which is their order.
    under_way: BTreeMap<u64, NumberedBatch>,
}

impl SequencesOfPartition {
    fn new(id: ProducerIdAndEpoch) -> Self {
        Self { id, next_sequence: 0, last_acked_sequence: -1, under_way: BTreeMap::new() }
    }

    /// Counts from 0 with another id or epoch; what is under way is numbered anew, in its order.
    fn start_at_beginning(&mut self, id: ProducerIdAndEpoch) {
        self.id = id;
        self.last_acked_sequence = -1;
        let mut sequence = 0;
        for batch in self.under_way.values_mut() {
            batch.base_sequence = sequence;
            batch.was_reset = true;
            sequence = increment_sequence(sequence, batch.records);
        }
        self.next_sequence = sequence;
    }

    fn is_next(&self, sequence: i32) -> bool {
        sequence.wrapping_sub(self.last_acked_sequence) == 1
    }
}

/// What a batch carries of its producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchSequence {
    pub(super) id: ProducerIdAndEpoch,
    pub(super) base_sequence: i32,
}

/// The ids and numbers of an idempotent producer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransactionManager {
    state: IdempotenceState,
    /// Failures in a row to get an id.
    failures: u32,
    /// Not to be asked for again before.
    not_before: Millis,
    partitions: FlatMap<TopicPartition, SequencesOfPartition>,
    /// Partitions of which a batch was given up that may be in the log all the same: with the sequence number that
    /// comes after it.
    unresolved: BTreeMap<TopicPartition, i32>,
    /// Partitions that need a new epoch.
    to_rewrite: BTreeSet<TopicPartition>,
}

impl TransactionManager {
    /// Nothing asked, nothing sent.
    pub(super) fn new() -> Self {
        Self {
            state: IdempotenceState::Uninitialized,
            failures: 0,
            not_before: 0,
            partitions: FlatMap::new(),
            unresolved: BTreeMap::new(),
            to_rewrite: BTreeSet::new(),
        }
    }

    /// Where it stands.
    pub fn state(&self) -> IdempotenceState {
        self.state
    }

    /// The id that it has, or [`ProducerIdAndEpoch::NONE`].
    pub fn id(&self) -> ProducerIdAndEpoch {
        match self.state {
            IdempotenceState::Uninitialized | IdempotenceState::Initializing => ProducerIdAndEpoch::NONE,
            IdempotenceState::Ready(id) => id,
        }
    }

    /// A transactional producer has an id, or another epoch: every partition's numbers begin at 0 (`resetSequenceNumbers`).
    pub(super) fn renew(&mut self, id: ProducerIdAndEpoch) {
        *self = Self { state: IdempotenceState::Ready(id), ..Self::new() };
    }

    /// Nobody bumps an epoch inside a transaction: what is in doubt is aborted with it.
    pub(super) fn leave_unresolved(&mut self) {
        self.unresolved.clear();
        self.to_rewrite.clear();
    }

    /// The partitions that it has numbered batches for.
    pub fn partitions(&self) -> impl Iterator<Item = (&TopicPartition, &SequencesOfPartition)> {
        self.partitions.iter()
    }

    /// Whether it must ask for an id now.
    pub(super) fn wants_id(&self, now: Millis) -> bool {
        self.state == IdempotenceState::Uninitialized && self.not_before <= now
    }

    /// When it asks again by itself.
    pub(super) fn asks_at(&self) -> Option<Millis> {
        (self.state == IdempotenceState::Uninitialized).then_some(self.not_before)
    }

    /// Nobody can be asked before.
    pub(super) fn asks_not_before(&mut self, at: Millis) {
        self.not_before = at;
    }

    /// InitProducerId is under way.
    pub(super) fn asked(&mut self) {
        self.state = IdempotenceState::Initializing;
    }

    /// Nobody answered, or with an error that may pass.
    pub(super) fn ask_failed(&mut self, now: Millis, retry_backoff_ms: Millis) {
        self.state = IdempotenceState::Uninitialized;
        self.not_before = now.saturating_add(backoff_ms(retry_backoff_ms, self.failures));
        self.failures = self.failures.saturating_add(1);
    }

    /// An answer with an id.
    pub(super) fn answered(&mut self, answer: &InitProducerIdResponse) -> ProducerIdAndEpoch {
        let id = ProducerIdAndEpoch { producer_id: answer.producer_id, epoch: answer.producer_epoch };
        self.state = IdempotenceState::Ready(id);
        self.failures = 0;
        // Partitions whose epochs were used up begin with the new id.
        for partition in std::mem::take(&mut self.to_rewrite) {
            if let Some(known) = self.partitions.get_mut(&partition) {
                known.start_at_beginning(id);
            }
            self.unresolved.remove(&partition);
        }
        id
    }

    /// Whether the first waiting batch of a partition may be sent (`shouldStopDrainBatchesForPartition`). One that was sent
    /// before waits until it is the oldest that is not done, so that order is kept; a new one, until it is known what became
    /// of those that were given up.
    pub(super) fn may_send(&self, partition: &TopicPartition, number: u64) -> bool {
        if !matches!(self.state, IdempotenceState::Ready(_)) {
            return false;
        }
        let Some(known) = self.partitions.get(partition) else { return true };
        if known.under_way.contains_key(&number) {
            known.under_way.keys().next() == Some(&number)
        } else {
            known.under_way.is_empty() || !self.unresolved.contains_key(partition)
        }
    }

    /// The numbers that a batch is sent with: its own if it was sent before, else the next ones. None without an id.
    pub(super) fn number(&mut self, partition: &TopicPartition, number: u64, records: i64) -> Option<BatchSequence> {
        let IdempotenceState::Ready(id) = self.state else { return None };
        let known = self.partitions.entry(partition.clone()).or_insert_with(|| SequencesOfPartition::new(id));
        if known.id != id && known.under_way.is_empty() {
            known.start_at_beginning(id);
        }
        let records = i32::try_from(records).unwrap_or(i32::MAX);
        let base_sequence = match known.under_way.get(&number) {
            Some(batch) => batch.base_sequence,
            None => {
                let base_sequence = known.next_sequence;
                known.next_sequence = increment_sequence(base_sequence, records);
                known.under_way.insert(number, NumberedBatch { base_sequence, records, was_reset: false });
                base_sequence
            }
        };
        Some(BatchSequence { id: known.id, base_sequence })
    }

    /// The sequence number of a batch's first record, where it has one.
    pub fn base_sequence(&self, partition: &TopicPartition, number: u64) -> Option<i32> {
        self.partitions.get(partition)?.under_way.get(&number).map(|batch| batch.base_sequence)
    }

    /// A batch is in the log (`handleCompletedBatch`).
    pub(super) fn completed(&mut self, partition: &TopicPartition, number: u64) {
        let Some(known) = self.partitions.get_mut(partition) else { return };
        if let Some(batch) = known.under_way.remove(&number) {
            known.last_acked_sequence = known.last_acked_sequence.max(batch.last_sequence());
        }
    }

    /// A batch was split: its parts, by their numbers and how many records each has, share its sequence numbers.
    pub(super) fn split(&mut self, partition: &TopicPartition, number: u64, parts: &[(u64, i64)]) {
        let Some(known) = self.partitions.get_mut(partition) else { return };
        let Some(whole) = known.under_way.remove(&number) else { return };
        let mut base_sequence = whole.base_sequence;
        for (part, records) in parts {
            let records = i32::try_from(*records).unwrap_or(i32::MAX);
            known.under_way.insert(*part, NumberedBatch { base_sequence, records, was_reset: false });
            base_sequence = increment_sequence(base_sequence, records);
        }
    }

    /// Whether a batch may be sent again after an error (`canRetry`). Where its sequence number was refused although it is
    /// the next one, the broker has forgotten, or lost, what came before: then another epoch is begun.
    /// In a transaction nothing is begun: it is aborted.
    pub(super) fn can_retry(
        &mut self,
        partition: &TopicPartition,
        number: u64,
        error: ErrorCode,
        is_transactional: bool,
    ) -> bool {
        if error != ErrorCode::OutOfOrderSequenceNumber {
            return error.is_retriable();
        }
        let is_unresolved = self.unresolved.contains_key(partition);
        let known = self.partitions.get(partition);
        let batch = known.and_then(|known| known.under_way.get(&number));
        let is_later = known
            .zip(batch)
            .is_some_and(|(known, batch)| !is_unresolved && (batch.was_reset || !known.is_next(batch.base_sequence)));
        if !is_later && is_transactional {
            return false;
        }
        if !is_later {
            self.to_rewrite.insert(partition.clone());
        }
        true
    }

    /// A batch of a transaction is abandoned. With `adjusts`, the broker has said that it is not in the log: those behind it
    /// move up (`adjustSequencesDueToFailedBatch`).
    pub(super) fn failed_in_transaction(&mut self, partition: &TopicPartition, number: u64, adjusts: bool) {
        let Some(known) = self.partitions.get_mut(partition) else { return };
        let Some(failed) = known.under_way.remove(&number).filter(|_| adjusts) else { return };
        known.next_sequence = decrement_sequence(known.next_sequence, failed.records);
        for batch in known.under_way.range_mut(number..).map(|(_, batch)| batch) {
            batch.base_sequence = decrement_sequence(batch.base_sequence, failed.records);
            batch.was_reset = true;
        }
    }

    /// A batch is given up (`handleFailedBatch`). With `adjusts`, the broker has said that it is not in the log, so those
    /// behind it need other numbers: another epoch.
    pub(super) fn failed(&mut self, partition: &TopicPartition, number: u64, error: ErrorCode, adjusts: bool) {
        let known = self.partitions.get_mut(partition);
        if known.and_then(|known| known.under_way.remove(&number)).is_some()
            && (adjusts || error == ErrorCode::OutOfOrderSequenceNumber)
        {
            self.to_rewrite.insert(partition.clone());
        }
    }

    /// A batch that was sent is given up for its time: nobody knows whether it is in the log (`markSequenceUnresolved`).
    pub(super) fn expired(&mut self, partition: &TopicPartition, number: u64) {
        let Some(known) = self.partitions.get_mut(partition) else { return };
        if let Some(batch) = known.under_way.remove(&number) {
            let next = increment_sequence(batch.last_sequence(), 1);
            let unresolved = self.unresolved.entry(partition.clone()).or_insert(next);
            *unresolved = next.max(*unresolved);
        }
    }

    /// What the sender does before it sends (`maybeResolveSequences`, `bumpIdempotentEpochAndResetIdIfNeeded`). The id with
    /// its new epoch, if one was begun.
    pub(super) fn resolve(&mut self) -> Option<ProducerIdAndEpoch> {
        for partition in self.unresolved.keys().cloned().collect::<Vec<_>>() {
            let known = self.partitions.get(&partition);
            if known.is_some_and(|known| !known.under_way.is_empty()) {
                continue;
            }
            // Where all that came later was acknowledged, what was given up is in the log.
            if known.is_some_and(|known| !known.is_next(known.next_sequence)) {
                self.to_rewrite.insert(partition.clone());
            }
            self.unresolved.remove(&partition);
        }
        if self.to_rewrite.is_empty() {
            return None;
        }
        let IdempotenceState::Ready(id) = self.state else { return None };
        let Some(epoch) = id.epoch.checked_add(1) else {
            self.state = IdempotenceState::Uninitialized;
            return None;
        };
        let id = ProducerIdAndEpoch { epoch, ..id };
        self.state = IdempotenceState::Ready(id);
        for partition in std::mem::take(&mut self.to_rewrite) {
            if let Some(known) = self.partitions.get_mut(&partition) {
                known.start_at_beginning(id);
            }
            self.unresolved.remove(&partition);
        }
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> (TransactionManager, TopicPartition) {
        let mut manager = TransactionManager::new();
        manager.asked();
        let answer = InitProducerIdResponse { producer_id: 9, producer_epoch: 0, ..InitProducerIdResponse::default() };
        manager.answered(&answer);
        (manager, TopicPartition::new("orders", 0))
    }

    fn sent(manager: &mut TransactionManager, to: &TopicPartition, number: u64, records: i64) -> (i16, i32) {
        let numbered = manager.number(to, number, records).expect("it has an id");
        (numbered.id.epoch, numbered.base_sequence)
    }

    #[test]
    fn a_batch_keeps_its_numbers_when_it_is_sent_again() {
        let (mut manager, to) = ready();
        assert_eq!([0, 1, 2].map(|number| sent(&mut manager, &to, number, 3)), [(0, 0), (0, 3), (0, 6)]);
        assert_eq!(sent(&mut manager, &to, 1, 3), (0, 3));
        // Batch 0 goes first again; then the next; a new one may follow.
        assert!(manager.may_send(&to, 0) && !manager.may_send(&to, 1) && manager.may_send(&to, 3));
        manager.completed(&to, 0);
        assert!(manager.may_send(&to, 1));
    }

    #[test]
    fn a_later_batch_that_is_refused_waits_for_the_one_before_it_and_the_next_one_gets_another_epoch() {
        let (mut manager, to) = ready();
        sent(&mut manager, &to, 0, 2);
        sent(&mut manager, &to, 1, 2);
        assert!(manager.can_retry(&to, 1, ErrorCode::OutOfOrderSequenceNumber, false));
        assert_eq!(manager.resolve(), None, "its predecessor is not acknowledged: it is only early");
        assert!(manager.can_retry(&to, 0, ErrorCode::OutOfOrderSequenceNumber, false));
        assert_eq!(manager.resolve(), Some(ProducerIdAndEpoch { producer_id: 9, epoch: 1 }));
        assert_eq!((sent(&mut manager, &to, 0, 2), sent(&mut manager, &to, 1, 2)), ((1, 0), (1, 2)));
    }

    #[test]
    fn what_is_given_up_in_doubt_holds_new_batches_until_it_is_resolved() {
        let (mut manager, to) = ready();
        sent(&mut manager, &to, 0, 1);
        sent(&mut manager, &to, 1, 1);
        manager.expired(&to, 0);
        assert!(!manager.may_send(&to, 2));
        assert_eq!(manager.resolve(), None);
        manager.completed(&to, 1);
        assert_eq!(manager.resolve(), None, "the batch after it was taken, so it is in the log");
        assert_eq!(sent(&mut manager, &to, 2, 1), (0, 2));

        manager.expired(&to, 2);
        assert_eq!(manager.resolve().map(|id| id.epoch), Some(1), "nothing after it tells");
        assert_eq!(sent(&mut manager, &to, 3, 1), (1, 0));
    }

    #[test]
    fn without_an_id_nothing_is_sent_and_the_greatest_epoch_needs_another_id() {
        let (mut manager, to) = ready();
        sent(&mut manager, &to, 0, 1);
        manager.state = IdempotenceState::Ready(ProducerIdAndEpoch { producer_id: 9, epoch: i16::MAX });
        manager.failed(&to, 0, ErrorCode::InvalidRecord, true);
        assert_eq!((manager.resolve(), manager.state()), (None, IdempotenceState::Uninitialized));
        assert!(!manager.may_send(&to, 1) && manager.number(&to, 1, 1).is_none());
        assert!(manager.wants_id(0));
        manager.asked();
        manager.ask_failed(50, 100);
        assert!(!manager.wants_id(149) && manager.wants_id(150));
    }
}
