//! AppendEntries, the message of textbook Raft (Ongaro & Ousterhout, "In Search of an Understandable Consensus Algorithm", Figure 2).
//!
//! **Kafka has no such request.** Its key lies outside of Kafka's range, ApiVersions does not list it, and no listener takes it but that of a
//! controller that is set to be a textbook's voter (the setting `raft`). The fields are the paper's: a *term* is what Kafka calls an
//! epoch, an *index* is the offset of a record, and indexes are inclusive where Kafka's end offsets are not.

use std::rc::Rc;

use super::ErrorCode;
use super::message::message;
use super::records::RecordBatch;
use super::replication::SnapshotId;

message! {
    /// `AppendEntries`: a leader sends what a follower lacks; without entries it is a heartbeat.
    pub struct AppendEntriesRequest {
        /// The leader's term.
        pub term: i32 = 0,
        /// The leader.
        pub leader_id: i32 = -1,
        /// The index of the record that precedes the entries, -1 where none does.
        pub prev_log_index: i64 = -1,
        /// The term of that record, 0 where there is none.
        pub prev_log_term: i32 = 0,
        /// The entries; none in a heartbeat.
        pub entries: Vec<Rc<RecordBatch>> = Vec::new(),
        /// The index of the last committed record, -1 where none is known.
        pub leader_commit: i64 = -1,
        /// The snapshot to fetch, where the leader's log has no more what comes next: what the paper does with InstallSnapshot (§7).
        pub snapshot_id: SnapshotId = SnapshotId::default(),
    }
    /// The answer to `AppendEntries`.
    pub struct AppendEntriesResponse {
        /// Why it was not even looked at; the paper knows no authorization.
        pub error_code: ErrorCode = ErrorCode::None,
        /// The follower's term.
        pub term: i32 = 0,
        /// Whether the follower had the record that precedes the entries, and has the entries now.
        pub success: bool = false,
        /// Where it had not: its last term up to the one of that record.
        pub conflict_term: i32 = -1,
        /// The first index after the records of that term in its log.
        pub conflict_index: i64 = -1,
    }
}

impl AppendEntriesRequest {
    /// The offset behind the last entry; behind the record that precedes them where there are none.
    pub fn end_offset(&self) -> i64 {
        self.entries.last().map_or_else(|| self.prev_log_index.saturating_add(1), |batch| batch.next_offset())
    }
}
