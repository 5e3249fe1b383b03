//! The rules of the high watermark, as plain functions (`Partition.maybeIncrementLeaderHW`, `UnifiedLog.maybeUpdateHighWatermark`).

/// What a leader weighs about one other replica of the partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaProgress {
    /// Its log end offset as its last fetch said, -1 for unknown.
    pub log_end_offset: i64,
    /// Whether it counts: a member of the maximal ISR, or caught up by time and eligible to join.
    pub counts: bool,
}

/// How many members the ISR must have before anything is committed: `min.insync.replicas`, but not more than there are replicas.
pub fn effective_min_isr(min_insync_replicas: u32, replicas: usize) -> usize {
    usize::try_from(min_insync_replicas).unwrap_or(usize::MAX).min(replicas)
}

/// The leader's high watermark after its followers' progress; `None` if it stays.
///
/// It is the least log end offset of the leader and all that count. It stands still below the minimum ISR (KIP-966,
/// since 3.7), whatever `acks` the data came with, and it never goes back.
pub fn leader_high_watermark(
    old: i64,
    leader_end: i64,
    others: impl IntoIterator<Item = ReplicaProgress>,
    committed_isr: usize,
    effective_min_isr: usize,
) -> Option<i64> {
    if committed_isr < effective_min_isr {
        return None;
    }
    let least = others
        .into_iter()
        .filter(|other| other.counts)
        .fold(leader_end, |least, other| least.min(other.log_end_offset));
    (least > old).then_some(least)
}

/// A follower's high watermark after a fetch: the leader's, as the same answer carried it, but not past its own log's
/// end nor before its start. Unlike a leader's it may go back.
pub fn follower_high_watermark(leaders: i64, log_start: i64, log_end: i64) -> i64 {
    leaders.min(log_end).max(log_start)
}
