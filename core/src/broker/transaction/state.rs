//! Where a transactional id stands (`TransactionState`), and how a transaction ends.
//!
//! | state                | may become           | when                                                                  |
//! |----------------------|----------------------|-----------------------------------------------------------------------|
//! | `Empty`              | `Empty`              | a producer initialises itself again                                   |
//! |                      | `Ongoing`            | a partition, or a group's offsets, come into the transaction          |
//! |                      | `PrepareAbort`       | an abort of nothing (transaction version 2)                           |
//! |                      | `Dead`               | nobody has used the id for `transactional.id.expiration.ms`           |
//! | `Ongoing`            | `Ongoing`            | another partition comes in                                            |
//! |                      | `PrepareCommit`, `PrepareAbort` | the producer ends it; after its timeout the coordinator aborts it |
//! |                      | `PrepareEpochFence`  | the coordinator is about to abort it: pending only, never written     |
//! | `PrepareCommit`      | `CompleteCommit`     | every partition has its marker                                        |
//! | `PrepareAbort`       | `CompleteAbort`      | every partition has its marker                                        |
//! | `CompleteCommit`, `CompleteAbort` | `Empty`, `Ongoing`, `PrepareAbort`, `Dead` | as `Empty` does                    |
//! | `Dead`, `PrepareEpochFence` | nothing       | the id is forgotten; `PrepareAbort` takes the fence's place           |
//!
//! A change is prepared first, then written to `__transaction_state`, and takes place when that record is replicated. While
//! one is prepared nobody else may prepare another: `CONCURRENT_TRANSACTIONS`.

use strum::VariantArray;

/// Where a transactional id stands, as in the table at the head.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr, strum::EnumString, VariantArray,
)]
#[expect(missing_docs, reason = "the table at the head says it")]
pub enum TransactionState {
    Empty,
    Ongoing,
    PrepareCommit,
    PrepareAbort,
    CompleteCommit,
    CompleteAbort,
    Dead,
    PrepareEpochFence,
}

impl TransactionState {
    /// Kafka's name of it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Its number in a record of `__transaction_state`.
    pub fn id(self) -> i8 {
        match self {
            Self::Empty => 0,
            Self::Ongoing => 1,
            Self::PrepareCommit => 2,
            Self::PrepareAbort => 3,
            Self::CompleteCommit => 4,
            Self::CompleteAbort => 5,
            Self::Dead => 6,
            Self::PrepareEpochFence => 7,
        }
    }

    /// The state with a number.
    pub fn from_id(id: i8) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|state| state.id() == id)
    }

    /// Whether it may become another (`TransactionState.VALID_PREVIOUS_STATES`).
    pub fn may_become(self, to: Self) -> bool {
        match to {
            Self::Empty | Self::Dead => matches!(self, Self::Empty | Self::CompleteCommit | Self::CompleteAbort),
            Self::Ongoing => matches!(self, Self::Ongoing | Self::Empty | Self::CompleteCommit | Self::CompleteAbort),
            Self::PrepareCommit | Self::PrepareEpochFence => self == Self::Ongoing,
            Self::PrepareAbort => matches!(
                self,
                Self::Ongoing | Self::PrepareEpochFence | Self::Empty | Self::CompleteCommit | Self::CompleteAbort
            ),
            Self::CompleteCommit => self == Self::PrepareCommit,
            Self::CompleteAbort => self == Self::PrepareAbort,
        }
    }

    /// Whether an id in this state may be forgotten.
    pub fn is_expiration_allowed(self) -> bool {
        matches!(self, Self::Empty | Self::CompleteCommit | Self::CompleteAbort)
    }
}

/// How a transaction ends (`TransactionResult`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionResult {
    /// Its records count.
    Commit,
    /// They do not.
    Abort,
}

impl TransactionResult {
    /// As requests say it.
    pub fn of(committed: bool) -> Self {
        if committed { Self::Commit } else { Self::Abort }
    }

    /// The state in which a transaction waits for its markers.
    pub fn prepare_state(self) -> TransactionState {
        match self {
            Self::Commit => TransactionState::PrepareCommit,
            Self::Abort => TransactionState::PrepareAbort,
        }
    }
}

/// What the cluster and a producer agree on (`TransactionVersion`, the feature `transaction.version`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransactionVersion {
    /// As before Kafka 4.
    #[default]
    Tv0,
    /// Records of `__transaction_state` have tagged fields (KIP-915).
    Tv1,
    /// The epoch rises with every end, and a produce adds its partitions itself (KIP-890).
    Tv2,
}

impl TransactionVersion {
    /// The version of a feature level.
    pub fn of_level(level: i16) -> Self {
        match level {
            ..=0 => Self::Tv0,
            1 => Self::Tv1,
            2.. => Self::Tv2,
        }
    }

    /// Its feature level.
    pub fn level(self) -> i8 {
        match self {
            Self::Tv0 => 0,
            Self::Tv1 => 1,
            Self::Tv2 => 2,
        }
    }

    /// Whether the epoch rises with every end of a transaction.
    pub fn supports_epoch_bump(self) -> bool {
        self == Self::Tv2
    }

    /// The version of the values in `__transaction_state`.
    pub fn log_value_version(self) -> i16 {
        if self == Self::Tv0 { 0 } else { 1 }
    }
}
