//! One replica's log: what the page cache and the disk of one machine hold of one partition.
//!
//! Rooms by Kafka's own classes: [`Log`] is `UnifiedLog` with `LocalLog`, [`Segment`] is `LogSegment` with its
//! [`OffsetIndex`] and [`TimeIndex`], [`LeaderEpochCache`] is `LeaderEpochFileCache`, [`checkpoint`] the files a broker
//! keeps beside its logs, `retention` the pass of `UnifiedLog.deleteOldSegments`, [`compaction`] the `Cleaner`.
//!
//! What only a running process knows (the high watermark, replica states, who leads) is not here: a process crash keeps
//! all of a log, a machine crash loses what lies above [`Log::flushed_offset`]. Nothing here knows of brokers.

pub mod append;
pub mod checkpoint;
mod cleaned_transactions;
pub mod compaction;
pub mod epoch_cache;
mod loading;
mod lookup;
pub mod offset_index;
pub mod producer_state;
pub mod producer_state_manager;
pub mod replica_log;
mod retention;
pub mod segment;
pub mod time_index;
pub mod transaction_index;
mod transactions;
pub mod verification;

pub use append::{AppendError, AppendInfo, RefusedAppend, Verification};
pub use compaction::{Compaction, Dirtiness};
pub use epoch_cache::{EpochEntry, LeaderEpochCache};
pub use offset_index::{OffsetIndex, OffsetIndexEntry};
pub use producer_state::{AppendOrigin, ProducerStateEntry, ProducerStateError};
pub use producer_state_manager::{ProducerExpiration, ProducerStateManager};
pub use replica_log::{DeletedSegment, Log, OffsetLookup, Recovery, TimestampLookup};
pub use segment::{Segment, StoredBatch};
pub use time_index::{TimeIndex, TimestampOffset};
pub use transaction_index::{AbortedTxn, TransactionIndex};
pub use verification::VerificationGuard;

#[cfg(test)]
mod tests;
