//! The application around a producer as a process: it dies, and is started again.

use std::collections::VecDeque;

use super::Producer;
use super::accumulator::Accumulator;
use super::transaction::Transaction;
use super::transaction_manager::TransactionManager;
use crate::effects::{Effects, InFlightRequests};
use crate::flat_map::FlatMap;
use crate::sim::Millis;

impl Producer {
    /// Its process is started again. It knows nothing of the one before: not the records that it had accepted, nor its
    /// transaction.
    pub fn start(&mut self, now: Millis, fx: &mut Effects) {
        self.is_running = true;
        self.run(now, fx);
    }

    /// The process is gone, and with it all that was in its memory.
    pub fn die(&mut self) {
        self.is_running = false;
        self.incarnation = self.incarnation.wrapping_add(1);
        self.metadata.forget();
        self.requests = InFlightRequests::default();
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
