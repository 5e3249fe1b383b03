//! The states of a transactional producer and the calls that move it, as `KafkaProducer` names them.

use serde::Serialize;

/// Where a transactional producer stands (`TransactionManager.State`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::Display)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum TransactionManagerState {
    /// `initTransactions` was not called.
    Uninitialized,
    /// It waits for its id and epoch.
    Initializing,
    /// Between transactions.
    Ready,
    /// The application writes.
    InTransaction,
    /// It commits.
    CommittingTransaction,
    /// It aborts.
    AbortingTransaction,
    /// All that is left is to abort.
    AbortableError,
    /// Nothing can be done with this producer any more.
    FatalError,
}

/// A call of the application that moves a transaction (`KafkaProducer`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum TransactionCall {
    /// `initTransactions`: get an id and fence the producer that had it before.
    InitTransactions,
    /// `beginTransaction`.
    BeginTransaction,
    /// `send`, inside a transaction.
    Send,
    /// `sendOffsetsToTransaction`.
    SendOffsetsToTransaction,
    /// `commitTransaction`.
    CommitTransaction,
    /// `abortTransaction`.
    AbortTransaction,
}

impl TransactionCall {
    /// All of them, in the order in which an application calls them.
    pub const ALL: [Self; 6] = [
        Self::InitTransactions,
        Self::BeginTransaction,
        Self::Send,
        Self::SendOffsetsToTransaction,
        Self::CommitTransaction,
        Self::AbortTransaction,
    ];

    /// Its name as Kafka has it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
