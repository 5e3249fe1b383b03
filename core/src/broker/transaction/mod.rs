//! Producer ids and the transaction coordinator (`TransactionCoordinator`).

pub mod producer_ids;
mod requests;

use producer_ids::ProducerIdManager;

/// The coordinator of the transactional ids whose partition of `__transaction_state` this broker leads, and the source of its
/// producer ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransactionCoordinator {
    /// Gives out producer ids.
    pub producer_ids: ProducerIdManager,
}
