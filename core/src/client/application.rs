//! An application that reads, processes and writes: for each record that its consumer polls it sends one with its producer.
//!
//! With a `transactional.id` the results and the positions are committed in one transaction (`sendOffsetsToTransaction`);
//! else the application waits until its results are acknowledged, and commits its positions then.
//!
//! | Phase        | What is so                                         | Action   | Next phase   |
//! |--------------|----------------------------------------------------|----------|--------------|
//! | any          | `initTransactions` was not called                  | `Init`   | `Reading`    |
//! | `Reading`    | a poll returned records, the producer is ready     | `Write`  | `Writing`    |
//! | `Writing`    | the transaction is committed                       | `GoOn`   | `Reading`    |
//! | `Writing`    | no transaction; every result is acknowledged       | `Commit` | `Committing` |
//! | `Writing`    | no transaction; a result failed                    | `Rewind` | `Reading`    |
//! | `Committing` | `commitSync` is done                               | `GoOn`   | `Reading`    |
//! | any          | the transaction cannot commit                      | `Abort`  | `Aborting`   |
//! | `Aborting`   | the transaction is aborted                         | `Rewind` | `Reading`    |
//! | any          | the producer cannot go on (it is fenced, say)      | `End`    | `Reading`    |

use super::{Consumer, Producer};
use crate::config::WritesConfig;
use crate::transaction::{TransactionCall, TransactionManagerState};
use crate::wire::Topic;

/// How far the application is with what it polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Reading,
    Writing,
    Committing,
    Aborting,
}

/// What the application does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It calls `initTransactions`.
    Init,
    /// It processes what it polled, sends the results and, in a transaction, the positions, and commits.
    Write,
    /// It commits its positions (`commitSync`).
    Commit,
    /// It polls again.
    GoOn,
    /// It aborts the transaction.
    Abort,
    /// It makes the call again that timed out.
    Retry(TransactionCall),
    /// It forgets what it read after the last commit, and reads it again.
    Rewind,
    /// Its process ends.
    End,
}

impl Action {
    /// Whether it is the producer that acts; else it is the consumer.
    pub fn is_of_producer(self) -> bool {
        match self {
            Self::Init | Self::Write | Self::Abort | Self::Retry(_) => true,
            Self::Commit | Self::GoOn | Self::Rewind | Self::End => false,
        }
    }
}

/// The loop around a consumer and a producer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Application {
    producer: u32,
    topic: Topic,
    phase: Phase,
    /// How many records of its producer had failed when it began to write.
    failed_before: i64,
}

impl Application {
    /// An application that has read nothing.
    pub fn new(config: &WritesConfig) -> Self {
        let topic = Topic::from(config.topic.as_str());
        Self { producer: config.producer, topic, phase: Phase::Reading, failed_before: 0 }
    }

    /// The number of its producer.
    pub fn producer(&self) -> u32 {
        self.producer
    }

    /// The topic that it writes to.
    pub fn topic(&self) -> &Topic {
        &self.topic
    }

    /// What it does now, if anything.
    pub fn next_action(&self, consumer: &Consumer, producer: &Producer) -> Option<Action> {
        if !consumer.is_running() || !producer.is_running() {
            return None;
        }
        let transaction = producer.transaction();
        if let Some(call) = transaction.and_then(|transaction| transaction.timed_out_call()) {
            return Some(Action::Retry(call));
        }
        match transaction.map(|transaction| transaction.state()) {
            Some(TransactionManagerState::Uninitialized) => Some(Action::Init),
            Some(TransactionManagerState::FatalError) => Some(Action::End),
            Some(TransactionManagerState::AbortableError) => Some(Action::Abort),
            Some(
                TransactionManagerState::Initializing
                | TransactionManagerState::InTransaction
                | TransactionManagerState::CommittingTransaction
                | TransactionManagerState::AbortingTransaction,
            ) => None,
            Some(TransactionManagerState::Ready) => match self.phase {
                Phase::Reading => (consumer.in_hand() > 0).then_some(Action::Write),
                Phase::Writing | Phase::Committing => Some(Action::GoOn),
                Phase::Aborting => Some(Action::Rewind),
            },
            None => match self.phase {
                Phase::Reading => (consumer.in_hand() > 0).then_some(Action::Write),
                Phase::Writing if producer.has_records() => None,
                Phase::Writing if producer.failed() > self.failed_before => Some(Action::Rewind),
                Phase::Writing => Some(Action::Commit),
                Phase::Committing => (!consumer.is_committing()).then_some(Action::GoOn),
                Phase::Aborting => Some(Action::Rewind),
            },
        }
    }

    /// It did so.
    pub fn performed(&mut self, action: Action, producer: &Producer) {
        self.phase = match action {
            // It is where it was.
            Action::Retry(_) => return,
            Action::Init | Action::GoOn | Action::Rewind | Action::End => Phase::Reading,
            Action::Write => {
                self.failed_before = producer.failed();
                Phase::Writing
            }
            Action::Commit => Phase::Committing,
            Action::Abort => Phase::Aborting,
        };
    }

    /// Its process is gone.
    pub fn die(&mut self) {
        self.phase = Phase::Reading;
    }
}
