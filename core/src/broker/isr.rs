//! When a follower is in sync, and what a leader therefore proposes (`Replica`, `Partition.maybeShrinkIsr`,
//! `Partition.maybeExpandIsr`). Plain functions: the leader calls them, the oracles too.

use crate::sim::Millis;

/// What a leader knows of one follower (`ReplicaState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FollowerState {
    /// Its log end offset: the offset of its last fetch. -1 for unknown.
    pub log_end_offset: i64,
    /// Where its log starts, as its last fetch said. -1 for unknown.
    pub log_start_offset: i64,
    /// When it last fetched, in milliseconds.
    pub last_fetch_ms: Millis,
    /// The leader's own log end offset at that moment. -1 for unknown.
    pub leader_end_at_last_fetch: i64,
    /// The last moment at which it surely had everything, in milliseconds.
    pub last_caught_up_ms: Millis,
    /// Its registration's epoch as its last fetch said; `None` before its first.
    pub broker_epoch: Option<i64>,
}

impl Default for FollowerState {
    fn default() -> Self {
        Self {
            log_end_offset: -1,
            log_start_offset: -1,
            last_fetch_ms: 0,
            leader_end_at_last_fetch: -1,
            last_caught_up_ms: 0,
            broker_epoch: None,
        }
    }
}

impl FollowerState {
    /// Notes a fetch from `fetch_offset`. A follower that stands where the leader's log ended at the previous fetch was
    /// caught up at that fetch: so one that is always a batch behind, but keeps pace, stays in sync.
    pub fn note_fetch(&mut self, fetch_offset: i64, log_start_offset: i64, leader_end: i64, now: Millis) {
        let caught_up = if fetch_offset >= leader_end {
            now
        } else if self.leader_end_at_last_fetch >= 0 && fetch_offset >= self.leader_end_at_last_fetch {
            self.last_fetch_ms
        } else {
            self.last_caught_up_ms
        };
        self.last_caught_up_ms = self.last_caught_up_ms.max(caught_up);
        self.log_end_offset = fetch_offset;
        self.log_start_offset = log_start_offset;
        self.leader_end_at_last_fetch = leader_end;
        self.last_fetch_ms = now;
    }

    /// What is left of it when leadership begins anew (`Replica.resetReplicaState`). A broker that was not the leader
    /// forgets everything; members of the ISR get their full time to fetch again.
    pub fn reset(&mut self, is_new_leader: bool, in_isr: bool, leader_end: i64, now: Millis) {
        let time = if in_isr { now } else { 0 };
        if is_new_leader {
            *self = Self { last_caught_up_ms: time, ..Self::default() };
        } else {
            self.leader_end_at_last_fetch = leader_end;
            self.last_fetch_ms = time;
            self.last_caught_up_ms = time;
        }
    }
}

/// Whether a follower is in sync: it stands at the leader's end, or was caught up not longer ago than `replica.lag.time.max.ms`.
pub fn is_caught_up(
    follower_end: i64,
    leader_end: i64,
    last_caught_up_ms: Millis,
    now: Millis,
    lag_max_ms: Millis,
) -> bool {
    follower_end == leader_end || now.saturating_sub(last_caught_up_ms) <= lag_max_ms
}

/// Whether a follower outside the ISR is far enough to join: it has everything below the high watermark and has reached
/// the current leader's epoch.
pub fn can_join_isr(follower_end: i64, high_watermark: i64, leader_epoch_start: i64) -> bool {
    follower_end >= high_watermark && follower_end >= leader_epoch_start
}

/// Whether the controller would take a broker into an ISR, as far as the leader's metadata says: registered, neither
/// fenced nor shutting down, and the process that fetches is the registered one (KIP-903). -1 stands for a follower
/// that does not say its epoch.
pub fn is_eligible(fenced: bool, in_controlled_shutdown: bool, fetched_with: Option<i64>, registered: i64) -> bool {
    !fenced && !in_controlled_shutdown && fetched_with.is_some_and(|epoch| epoch == -1 || epoch == registered)
}
