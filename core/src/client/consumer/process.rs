//! The application around a consumer as a process: what it holds in memory, what it has done, how it ends.

use std::collections::{BTreeMap, VecDeque};

use super::membership::Membership;
use super::subscription::Position;
use super::{Consumer, ConsumerRecord, Poll, own_member_id};
use crate::change::Change;
use crate::client::producer::transaction::ConsumedOffsets;
use crate::client::request_latency::RequestLatency;
use crate::command::CommandError;
use crate::config::{CommitMode, PollMode, ProcessMode};
use crate::effects::Effects;
use crate::flat_map::FlatMap;
use crate::sim::{self, Millis};
use crate::wire::TopicPartition;

/// How many processed records of a partition are remembered.
const PROCESSED_MAX: usize = 256;

/// A record that was processed, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProcessedRecord {
    /// From which partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// How often this application has processed it: more than once where it was read again.
    pub times: u32,
    /// The step in which it did so last.
    pub at: sim::Position,
}

/// How often a record was processed, and in which step last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Processed {
    times: u32,
    at: sim::Position,
}

/// What an application that processes records by hand has in memory, and what it has done to the world outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Processing {
    /// Records that polls returned and that are not processed: lost with the process.
    in_hand: VecDeque<ConsumerRecord>,
    /// Effects outside Kafka, which no crash takes back.
    processed: FlatMap<TopicPartition, BTreeMap<i64, Processed>>,
}

impl Processing {
    /// A poll returned records.
    pub(super) fn hold(&mut self, records: &[ConsumerRecord]) {
        self.in_hand.extend(records.iter().cloned());
    }

    pub(super) fn count(&mut self, partition: &TopicPartition, offset: i64, at: sim::Position) {
        let of_partition = self.processed.entry(partition.clone()).or_default();
        let known = of_partition.entry(offset).or_insert(Processed { times: 0, at });
        *known = Processed { times: known.times.saturating_add(1), at };
        if of_partition.len() > PROCESSED_MAX {
            of_partition.pop_first();
        }
    }
}

impl Consumer {
    /// The application has processed what it holds.
    pub fn process(&mut self, fx: &mut Effects) -> Result<(), CommandError> {
        // Its records would be gone without a result.
        if self.is_of_application {
            return Err(CommandError::ProcessesByItself { consumer: self.number });
        }
        if self.processing.in_hand.is_empty() {
            return Err(CommandError::NothingToProcess { consumer: self.number });
        }
        self.take_in_hand(fx);
        Ok(())
    }

    /// Gives the records that the application holds; they count as processed.
    pub fn take_in_hand(&mut self, fx: &mut Effects) -> Vec<ConsumerRecord> {
        let taken = Vec::from(std::mem::take(&mut self.processing.in_hand));
        let mut run: Option<(TopicPartition, i64, i64)> = None;
        for ConsumerRecord { partition, offset, .. } in &taken {
            self.processing.count(partition, *offset, fx.step);
            run = match run {
                Some((of, from, to)) if of == *partition && to.saturating_add(1) == *offset => {
                    Some((of, from, *offset))
                }
                before => {
                    self.processed_run(before, fx);
                    Some((partition.clone(), *offset, *offset))
                }
            };
        }
        self.processed_run(run, fx);
        taken
    }

    /// What the application has got, with the member that it is in its group, for a transaction to commit.
    pub fn consumed_offsets(&self) -> Option<ConsumedOffsets> {
        let offsets = self.all_consumed();
        (!offsets.is_empty()).then(|| ConsumedOffsets {
            group: self.group.clone(),
            member_id: self.committing_member(),
            generation: self.membership.generation,
            group_instance_id: Some(self.settings.group_instance_id.clone()).filter(|id| !id.is_empty()),
            offsets,
        })
    }

    /// Whether its positions are committed when its application is done with what it read.
    pub fn commits_with_application(&self) -> bool {
        self.commit_mode == CommitMode::AfterPoll
    }

    /// Whether a commit is under way that the application waits for.
    pub fn is_committing(&self) -> bool {
        self.commit.is_some()
    }

    /// The application is done with what it read: it polls again, if it does so by itself.
    pub fn go_on(&mut self, now: Millis, fx: &mut Effects) {
        if self.poll_mode == PollMode::Continuous {
            self.poll = Poll::UntilRecords { has_fetched: false };
        }
        self.run(now, fx);
    }

    /// The application forgets what it read after the last commit: it reads it again.
    pub fn rewind(&mut self, now: Millis, fx: &mut Effects) {
        self.processing.in_hand.clear();
        self.fetched.clear();
        for assigned in self.assigned.values_mut() {
            assigned.position = Position::AwaitsCommitted;
        }
        self.go_on(now, fx);
    }

    fn processed_run(&self, run: Option<(TopicPartition, i64, i64)>, fx: &mut Effects) {
        if let Some((partition, from, to)) = run {
            fx.change(Change::RecordsProcessed { consumer: self.number, partition, from, to });
        }
    }

    /// The application closes the consumer (`KafkaConsumer.close`): one that commits by itself does so once more, then it
    /// leaves its group, and closes its fetch sessions.
    pub fn close(&mut self, now: Millis, fx: &mut Effects) {
        if self.commit_mode == CommitMode::Auto {
            self.auto_commit(now, fx);
        }
        if self.subscription.is_auto_assigned() && !self.membership.member_id.is_empty() {
            self.leave_for_good("the consumer is being closed", now, fx);
        }
        self.close_fetch_sessions(now, fx);
    }

    /// The process is gone, and with it all that was in its memory.
    pub fn die(&mut self) {
        self.is_running = false;
        self.incarnation = self.incarnation.wrapping_add(1);
        self.metadata.forget();
        self.requests = self.requests.restarted();
        self.fetch_latency = RequestLatency::default();
        self.fetch_sessions = FlatMap::new();
        self.poll = Poll::NotStarted;
        self.subscription = self.initial_subscription.clone();
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

    /// Whether a record that was returned counts as processed.
    pub fn processes_at_once(&self) -> bool {
        self.process_mode == ProcessMode::AtOnce && !self.is_of_application
    }

    /// The records that the application has processed, also in its earlier processes; at most 256 of a partition.
    pub fn processed(&self) -> impl Iterator<Item = ProcessedRecord> {
        self.processing.processed.iter().flat_map(|(partition, records)| {
            records.iter().map(|(offset, Processed { times, at })| ProcessedRecord {
                partition: partition.clone(),
                offset: *offset,
                times: *times,
                at: *at,
            })
        })
    }
}
