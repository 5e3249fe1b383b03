//! The application around a producer as a process: it is closed or dies, and is started again.

use std::collections::{BTreeMap, VecDeque};

use super::Producer;
use super::accumulator::Accumulator;
use super::delivery::DeliveryStage;
use super::transaction::Transaction;
use super::transaction_manager::TransactionManager;
use crate::change::Change;
use crate::client::request_latency::RequestLatency;
use crate::command::CommandError;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::flat_map::FlatMap;
use crate::sim::Millis;
use crate::transaction::TransactionManagerState;
use crate::wire::TopicPartition;

/// An application that waits in `close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Closing {
    /// When its patience is over, in milliseconds; it has no end where that is none.
    until: Option<Millis>,
    /// Whether it is over, or there is nothing left to do.
    is_done: bool,
}

impl Producer {
    /// Its process is started again. It knows nothing of the one before: not the records that it had accepted, nor its
    /// transaction.
    pub fn start(&mut self, now: Millis, fx: &mut Effects) {
        self.is_running = true;
        self.run(now, fx);
    }

    /// The application closes it (`KafkaProducer.close`), and waits this time in milliseconds at most; as long as it
    /// takes if none is given.
    ///
    /// # Errors
    /// Where it has been closed before.
    pub fn close(&mut self, timeout_ms: Option<Millis>, now: Millis, fx: &mut Effects) -> Result<(), CommandError> {
        self.check_open()?;
        self.perf_test = None;
        self.closing = Some(Closing { until: timeout_ms.map(|ms| now.saturating_add(ms)), is_done: false });
        // What is in the accumulator lingers no longer.
        self.accumulator.is_closed = true;
        self.run(now, fx);
        Ok(())
    }

    /// `IllegalStateException`: nothing can be done with a producer that has been closed.
    pub(super) fn check_open(&self) -> Result<(), CommandError> {
        match self.closing {
            Some(_) => Err(CommandError::ProducerClosing { producer: self.number }),
            None => Ok(()),
        }
    }

    /// Whether its application has closed it and it is done: its process ends.
    pub fn is_closed(&self) -> bool {
        self.closing.is_some_and(|closing| closing.is_done)
    }

    /// Whether its application has closed it, and waits.
    pub fn is_closing(&self) -> bool {
        self.closing.is_some()
    }

    /// When the time of its `close` is over, in milliseconds.
    pub(super) fn closed_at(&self) -> Option<Millis> {
        self.closing.filter(|closing| !closing.is_done).and_then(|closing| closing.until)
    }

    /// The end of a producer that is being closed (`Sender.run`): when everything is answered, an open transaction is aborted;
    /// then it is done. Where its time is over first, what is left has failed.
    pub(super) fn drive_closing(&mut self, now: Millis, fx: &mut Effects) {
        let Some(closing) = self.closing.filter(|closing| !closing.is_done) else { return };
        let is_over = closing.until.is_some_and(|until| until <= now);
        let is_idle = !self.has_batches() && self.requests.iter().next().is_none();
        if !is_over && is_idle && self.abort_open_transaction(now, fx) {
            return;
        }
        if !is_idle && !is_over {
            return;
        }
        let abandoned = self.abandon_all(fx);
        self.closing = Some(Closing { is_done: true, ..closing });
        fx.change(Change::ProducerClosed { producer: self.number });
        fx.replace_explanation(Explanation::ProducerIsClosed { producer: self.number, abandoned });
    }

    /// Whether a transaction is open still, which is now being aborted.
    fn abort_open_transaction(&mut self, now: Millis, fx: &mut Effects) -> bool {
        let state = self.transaction.as_ref().map(Transaction::state);
        if matches!(state, Some(TransactionManagerState::InTransaction | TransactionManagerState::AbortableError)) {
            self.abort_transaction(fx);
            self.drive_transaction(now, fx);
        }
        match self.transaction.as_ref().map(Transaction::state) {
            Some(
                TransactionManagerState::Initializing
                | TransactionManagerState::InTransaction
                | TransactionManagerState::AbortableError
                | TransactionManagerState::CommittingTransaction
                | TransactionManagerState::AbortingTransaction,
            ) => true,
            Some(
                TransactionManagerState::Uninitialized
                | TransactionManagerState::Ready
                | TransactionManagerState::FatalError,
            )
            | None => false,
        }
    }

    /// Nothing that is not done is done any more (`abortIncompleteBatches`). Gives how many records those are.
    fn abandon_all(&mut self, fx: &mut Effects) -> i64 {
        let mut abandoned: BTreeMap<TopicPartition, Vec<u64>> = BTreeMap::new();
        for waiting in std::mem::take(&mut self.unassigned) {
            let partition = TopicPartition::new(waiting.topic, waiting.partition.unwrap_or(-1));
            abandoned.entry(partition).or_default().push(waiting.delivery);
        }
        for (partition, batch) in self.accumulator.take_all() {
            abandoned.entry(partition).or_default().extend(batch.deliveries);
        }
        for (_, partition, batch) in self.sent_batches() {
            abandoned.entry(partition.clone()).or_default().extend(&batch.deliveries);
        }
        let mut all: i64 = 0;
        for (partition, deliveries) in abandoned {
            for delivery in &deliveries {
                self.deliveries.reached(*delivery, DeliveryStage::Abandoned, fx.step);
            }
            let records = i64::try_from(deliveries.len()).unwrap_or(i64::MAX);
            all = all.saturating_add(records);
            fx.change(Change::RecordsAbandoned { producer: self.number, partition, records });
        }
        self.failed = self.failed.saturating_add(all);
        self.requests = self.requests.restarted();
        self.request_latency = RequestLatency::default();
        all
    }

    /// The process is gone, and with it all that was in its memory.
    pub fn die(&mut self) {
        self.is_running = false;
        self.closing = None;
        self.perf_test = None;
        self.incarnation = self.incarnation.wrapping_add(1);
        self.metadata.forget();
        self.requests = self.requests.restarted();
        self.request_latency = RequestLatency::default();
        self.unassigned = VecDeque::new();
        self.sticky = FlatMap::new();
        self.dealt = FlatMap::new();
        self.accumulator = Accumulator::default();
        self.transaction_manager = self.settings.enable_idempotence.then(TransactionManager::new);
        self.transaction = self.transaction.take().map(|before| Transaction::new(before.transactional_id()));
        self.deliveries.forget();
        self.linger_at = None;
        self.retry_at = None;
    }

    /// Whether its process runs.
    pub fn is_running(&self) -> bool {
        self.is_running
    }

    /// How many processes it has had before this one.
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }
}
