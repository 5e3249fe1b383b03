//! The application around a consumer as a process: what it holds in memory, what it has done, how it ends.

use std::collections::VecDeque;

use super::membership::Membership;
use super::{Consumer, ConsumerRecord, Poll, own_member_id};
use crate::change::Change;
use crate::command::CommandError;
use crate::config::CommitMode;
use crate::effects::{Effects, InFlightRequests};
use crate::sim::Millis;
use crate::wire::TopicPartition;

/// So many processed records are remembered.
const PROCESSED_MAX: usize = 1_024;

/// A record that was processed, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProcessedRecord {
    /// From which partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// How often this application has processed it: more than once where it was read again.
    pub times: u32,
}

/// What an application that processes records by hand has in memory, and what it has done to the world outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Processing {
    /// Records that polls returned and that are not processed: lost with the process.
    in_hand: VecDeque<(TopicPartition, i64)>,
    /// Effects outside Kafka, which no crash takes back.
    processed: VecDeque<ProcessedRecord>,
}

impl Processing {
    /// A poll returned records.
    pub(super) fn hold(&mut self, records: &[ConsumerRecord]) {
        self.in_hand.extend(records.iter().map(|record| (record.partition.clone(), record.offset)));
    }

    fn count(&mut self, partition: &TopicPartition, offset: i64) {
        let is_it = |each: &&mut ProcessedRecord| each.offset == offset && each.partition == *partition;
        if let Some(known) = self.processed.iter_mut().find(is_it) {
            known.times = known.times.saturating_add(1);
            return;
        }
        if self.processed.len() >= PROCESSED_MAX {
            self.processed.pop_front();
        }
        self.processed.push_back(ProcessedRecord { partition: partition.clone(), offset, times: 1 });
    }
}

impl Consumer {
    /// The application has processed what it holds.
    pub fn process(&mut self, fx: &mut Effects) -> Result<(), CommandError> {
        if self.processing.in_hand.is_empty() {
            return Err(CommandError::NothingToProcess { consumer: self.number });
        }
        let mut run: Option<(TopicPartition, i64, i64)> = None;
        for (partition, offset) in std::mem::take(&mut self.processing.in_hand) {
            self.processing.count(&partition, offset);
            run = match run {
                Some((of, from, to)) if of == partition && to.saturating_add(1) == offset => Some((of, from, offset)),
                before => {
                    self.processed_run(before, fx);
                    Some((partition, offset, offset))
                }
            };
        }
        self.processed_run(run, fx);
        Ok(())
    }

    fn processed_run(&self, run: Option<(TopicPartition, i64, i64)>, fx: &mut Effects) {
        if let Some((partition, from, to)) = run {
            fx.change(Change::RecordsProcessed { consumer: self.number, partition, from, to });
        }
    }

    /// The application closes the consumer (`KafkaConsumer.close`): one that commits by itself does so once more, then it
    /// leaves its group.
    pub fn close(&mut self, now: Millis, fx: &mut Effects) {
        if self.commit_mode == CommitMode::Auto {
            self.auto_commit(now, fx);
        }
        if !self.membership.member_id.is_empty() {
            if self.membership.generation >= 0 {
                self.revoke(self.owned(), fx);
            }
            self.leave("the consumer is being closed", now, fx);
        }
    }

    /// The process is gone, and with it all that was in its memory.
    pub fn die(&mut self) {
        self.is_running = false;
        self.incarnation = self.incarnation.wrapping_add(1);
        self.metadata.forget();
        self.requests = InFlightRequests::default();
        self.poll = Poll::NotStarted;
        self.thrown = None;
        let (seed, incarnation) = (self.id_seed, self.incarnation);
        let own_id = || own_member_id(seed, incarnation);
        self.membership = Membership::after(&self.membership, &self.settings, own_id);
        self.assigned.clear();
        self.fetched.clear();
        self.commit = None;
        self.next_auto_commit_at = 0;
        self.poll_timer_at = None;
        self.processing.in_hand.clear();
    }

    /// Whether its process runs.
    pub fn is_running(&self) -> bool {
        self.is_running
    }

    /// How many processes it has had before this one.
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// How many records the application holds that it has not processed.
    pub fn in_hand(&self) -> i64 {
        i64::try_from(self.processing.in_hand.len()).unwrap_or(i64::MAX)
    }

    /// The records that the application has processed, also in its earlier processes; at most 1,024.
    pub fn processed(&self) -> impl Iterator<Item = &ProcessedRecord> {
        self.processing.processed.iter()
    }
}
