//! What the controller does by itself: ended sessions, preferred leaders, unclean elections.
//!
//! Kafka looks at fixed intervals; here a timer is set only while there is something to look at, for the moment at which
//! Kafka's next look would be.

use super::cluster_control_manager::ApiError;
use super::heartbeat::fence;
use super::{Controller, ControllerDisk, elections};
use crate::effects::{ControllerTimer, Effects};
use crate::explain::Explanation;
use crate::metadata::MetadataRecord;
use crate::sim::Millis;

/// How soon a periodic task runs again that is not done yet (`PeriodicTaskControlManager`), in milliseconds.
const IMMEDIATE_PERIOD_MS: Millis = 10;
/// How soon one runs again that ended in an exception, in milliseconds.
const PERIOD_AFTER_ERROR_MS: Millis = 300_000;

/// Which timers are set, and for when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct ScheduledTimers {
    sessions: Option<Millis>,
    /// Before, no session is looked at: a look that found one that had ended is followed by the next one so soon, not at once.
    sessions_again_at: Millis,
    balance: Option<Millis>,
    /// Before, nothing is balanced: the last look ended in an exception.
    balance_again_at: Millis,
    unclean: Option<Millis>,
    /// The same of unclean elections.
    unclean_again_at: Millis,
    pub(super) snapshot_cleaning: Option<Millis>,
    /// Whether the image may have changed since there was nothing to elect, or something.
    pub(super) image_has_changed: bool,
}

impl Controller {
    /// A timer fired.
    pub fn handle_timer(&mut self, disk: &mut ControllerDisk, timer: &ControllerTimer, now: Millis, fx: &mut Effects) {
        let node = self.node_id;
        match timer {
            ControllerTimer::ElectionTimeout
            | ControllerTimer::FetchTimeout
            | ControllerTimer::CheckQuorum
            | ControllerTimer::BeginQuorumEpoch
            | ControllerTimer::AppendEntries
            | ControllerTimer::QuorumRetry
            | ControllerTimer::Shutdown
            | ControllerTimer::VoterChange => {
                self.quorum.handle_timer(disk, timer, now, fx);
                return;
            }
            ControllerTimer::Sessions => {
                self.timers.sessions = None;
                self.fence_one_stale_broker(disk, now, fx);
                fx.explain(Explanation::ControllerCheckedSessions { node });
            }
            ControllerTimer::Balance => {
                self.timers.balance = None;
                fx.explain(Explanation::ControllerBalanced { node });
                let records = self.election_candidates.balance(self.cluster());
                if self.append_unless_failed(disk, records, now, fx).is_err() {
                    self.timers.balance_again_at = now.saturating_add(PERIOD_AFTER_ERROR_MS);
                }
            }
            ControllerTimer::Unclean => {
                self.timers.unclean = None;
                fx.explain(Explanation::ControllerBalanced { node });
                let records = elections::elect_uncleanly(self.cluster());
                if self.append_unless_failed(disk, records, now, fx).is_err() {
                    self.timers.unclean_again_at = now.saturating_add(PERIOD_AFTER_ERROR_MS);
                }
            }
            ControllerTimer::Registration => {
                self.registration_timer(now, fx);
                return;
            }
            ControllerTimer::SnapshotCleaning => {
                self.timers.snapshot_cleaning = None;
                self.clean_snapshots(disk, now, fx);
                return;
            }
            ControllerTimer::Purgatory(number) => {
                self.quorum.expire_delayed_fetches(disk, *number, fx);
                return;
            }
        }
        self.arm_timers(now, fx);
    }

    /// One broker a look (`ReplicationControlManager.maybeFenceOneStaleBroker`): one that is heard of before the next
    /// is saved. A broker that was fenced already, because it shut down, is fenced once more when its session ends:
    /// Kafka does so too.
    fn fence_one_stale_broker(&mut self, disk: &mut ControllerDisk, now: Millis, fx: &mut Effects) {
        let timeout_ms = self.settings.broker_session_timeout_ms;
        let Some((broker, broker_epoch)) = self.heartbeats.take_expired(timeout_ms, now) else { return };
        self.timers.sessions_again_at = now.saturating_add(IMMEDIATE_PERIOD_MS);
        if self.image.brokers.get(&broker).is_none_or(|registered| registered.broker_epoch != broker_epoch) {
            return;
        }
        let mut records = Vec::new();
        let fenced = fence(self.cluster(), broker, &mut records).map(|()| records);
        match self.append_unless_failed(disk, fenced, now, fx) {
            Ok(()) => fx.explain(Explanation::ControllerFenced { node: self.node_id, broker }),
            Err(_) => self.timers.sessions_again_at = now.saturating_add(PERIOD_AFTER_ERROR_MS),
        }
    }

    /// Appends what a periodic task has decided. An exception in one does not unseat the controller (`PeriodicControlTaskException`).
    fn append_unless_failed(
        &mut self,
        disk: &mut ControllerDisk,
        decided: Result<Vec<MetadataRecord>, ApiError>,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<(), ApiError> {
        self.append_records(disk, &decided?, now, fx);
        Ok(())
    }

    /// Appends what was decided in a puppet's name.
    pub(super) fn append_or_renounce(
        &mut self,
        disk: &mut ControllerDisk,
        decided: Result<Vec<MetadataRecord>, ApiError>,
        now: Millis,
        fx: &mut Effects,
    ) {
        match decided {
            Ok(records) => {
                self.append_records(disk, &records, now, fx);
            }
            Err(_) => self.renounce_for_fault(disk, now, fx),
        }
    }

    /// An exception that nobody expected: the event has no effect, and the active controller gives up its leadership
    /// (`QuorumController.handleEventException`).
    #[inline(never)]
    pub(super) fn renounce_for_fault(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        let (node, epoch) = (self.node_id, self.epoch());
        fx.replace_explanation(Explanation::ControllerRenounces { node, epoch });
        self.quorum.resign(disk, now, fx);
    }

    /// Sets each timer for when there will be something to do.
    pub(super) fn arm_timers(&mut self, now: Millis, fx: &mut Effects) {
        if !self.is_active() {
            // A standby decides nothing.
            arm(&mut self.timers.sessions, None, ControllerTimer::Sessions, fx);
            arm(&mut self.timers.balance, None, ControllerTimer::Balance, fx);
            arm(&mut self.timers.unclean, None, ControllerTimer::Unclean, fx);
            return;
        }
        let sessions = self.heartbeats.next_expiry(self.settings.broker_session_timeout_ms);
        let sessions = sessions.map(|at| at.max(now).max(self.timers.sessions_again_at));
        arm(&mut self.timers.sessions, sessions, ControllerTimer::Sessions, fx);
        if !std::mem::take(&mut self.timers.image_has_changed) {
            return;
        }
        let cluster = self.cluster();
        let balance_ms = self.settings.leader_imbalance_check_interval_seconds.saturating_mul(1_000);
        let candidates = &self.election_candidates;
        let balance = (self.settings.auto_leader_rebalance_enable && is_something(&candidates.balance(cluster)))
            .then(|| next_look(self.started_ms, balance_ms, now).max(self.timers.balance_again_at));
        let unclean_ms = self.settings.unclean_leader_election_interval_ms;
        let unclean = is_something(&elections::elect_uncleanly(cluster))
            .then(|| next_look(self.started_ms, unclean_ms, now).max(self.timers.unclean_again_at));
        arm(&mut self.timers.balance, balance, ControllerTimer::Balance, fx);
        arm(&mut self.timers.unclean, unclean, ControllerTimer::Unclean, fx);
    }
}

/// Whether a look would do something, be it to end in an exception.
fn is_something(decided: &Result<Vec<MetadataRecord>, ApiError>) -> bool {
    decided.as_ref().map_or(true, |records| !records.is_empty())
}

pub(super) fn arm(armed: &mut Option<Millis>, wanted: Option<Millis>, timer: ControllerTimer, fx: &mut Effects) {
    if *armed == wanted {
        return;
    }
    *armed = wanted;
    match wanted {
        Some(at) => fx.set_timer(timer, at),
        None => fx.stop_timer(timer),
    }
}

/// The first moment after `now` that is a multiple of the interval from the start.
fn next_look(started_ms: Millis, interval_ms: u64, now: Millis) -> Millis {
    let interval_ms = interval_ms.max(1);
    let looks = now.saturating_sub(started_ms) / interval_ms + 1;
    started_ms.saturating_add(looks.saturating_mul(interval_ms))
}
