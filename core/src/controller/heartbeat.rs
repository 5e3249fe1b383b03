//! Brokers' sessions and what a heartbeat does (`BrokerHeartbeatManager`, `BrokerHeartbeatTracker`).
//!
//! | now                   | the heartbeat says            | becomes                                                         |
//! |-----------------------|-------------------------------|-----------------------------------------------------------------|
//! | fenced                | wantShutDown                  | shutdown now; fenced once more in the log                       |
//! | fenced                | nothing, and has applied its own registration | unfenced                                        |
//! | fenced                | else                          | fenced                                                          |
//! | unfenced              | wantFence                     | fenced (with wantShutDown: shutdown now)                        |
//! | unfenced              | wantShutDown, leads something | controlled shutdown: its leaders move                           |
//! | unfenced              | wantShutDown, leads nothing   | shutdown now: fenced                                            |
//! | in controlled shutdown| anything                      | shutdown now, once it leads nothing and every other active broker has applied the moves |

use super::brokers_to_isrs::Concerned;
use super::cluster_control_manager::{ApiError, BrokerEvent, ClusterControlManager};
use crate::flat_map::FlatMap;
use crate::metadata::MetadataRecord;
use crate::sim::Millis;
use crate::wire::ErrorCode;
use crate::wire::hash_order::{java_long_hash, sort_as_concurrent_hash_map};
use crate::wire::metadata::{BrokerHeartbeatRequest, BrokerHeartbeatResponse};

/// What the active controller remembers of a broker beside the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BrokerHeartbeat {
    /// The registration that it belongs to.
    pub broker_epoch: i64,
    /// How far the broker has applied the metadata log: the last offset it applied, -1 for unknown.
    pub metadata_offset: i64,
    /// The offset of the last record that its controlled shutdown wrote, -1 outside one.
    pub controlled_shutdown_offset: i64,
    /// The offset of its registration's record: it may be above the broker epoch, where cleaning up after the process
    /// before came first in the same batch.
    pub registered_at: i64,
    /// Whether the cluster plays the broker: its session holds without messages.
    pub is_puppet: bool,
}

/// Sessions and what heartbeats said. Lost with the process: a new active controller gives every unfenced broker a new
/// session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Heartbeats {
    brokers: FlatMap<i32, BrokerHeartbeat>,
    /// The last contact by broker and broker epoch. A fenced broker that goes on sending heartbeats has a session too.
    contacts: FlatMap<i32, (i64, Millis)>,
}

/// What a broker may be to the controller (`BrokerControlState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerControlState {
    /// Clients are not sent to it and it is in no ISR.
    Fenced,
    /// It takes part.
    Unfenced,
    /// It gives its leaders away.
    ControlledShutdown,
    /// It may end.
    ShutdownNow,
}

impl Heartbeats {
    /// Takes note of a record that was appended at `offset`.
    pub fn replay(&mut self, record: &MetadataRecord, offset: i64) {
        match record {
            MetadataRecord::RegisterBrokerRecord { broker_id, broker_epoch, .. } => {
                let before = self.brokers.get(broker_id);
                // The same process registering again keeps its session, and nothing of what it said.
                let same_process = before.filter(|before| before.broker_epoch == *broker_epoch);
                let is_puppet = same_process.is_some_and(|before| before.is_puppet);
                if same_process.is_none() {
                    self.contacts.remove(broker_id);
                }
                let heartbeat = BrokerHeartbeat {
                    broker_epoch: *broker_epoch,
                    metadata_offset: -1,
                    controlled_shutdown_offset: -1,
                    registered_at: offset,
                    is_puppet,
                };
                self.brokers.insert(*broker_id, heartbeat);
            }
            MetadataRecord::BrokerRegistrationChangeRecord { broker_id, fenced, .. } => {
                if let Some(broker) = self.brokers.get_mut(broker_id) {
                    // Until its next heartbeat nobody knows how far it is.
                    broker.metadata_offset = -1;
                    if *fenced == 1 {
                        broker.controlled_shutdown_offset = -1;
                    }
                }
            }
            MetadataRecord::UnregisterBrokerRecord { broker_id, .. } => {
                self.brokers.remove(broker_id);
            }
            _ => {}
        }
    }

    /// A broker was heard of.
    pub fn touch(&mut self, broker: i32, broker_epoch: i64, now: Millis) {
        self.contacts.insert(broker, (broker_epoch, now));
    }

    /// When a broker was last heard of.
    pub fn last_contact(&self, broker: i32) -> Option<Millis> {
        self.contacts.get(&broker).map(|(_, at)| *at)
    }

    /// What is remembered of a broker.
    pub fn get(&self, broker: i32) -> Option<&BrokerHeartbeat> {
        self.brokers.get(&broker)
    }

    pub(super) fn get_mut(&mut self, broker: i32) -> Option<&mut BrokerHeartbeat> {
        self.brokers.get_mut(&broker)
    }

    /// Whether a broker gives its leaders away (`BrokerHeartbeatState.shuttingDown`).
    pub fn is_shutting_down(&self, broker: i32) -> bool {
        self.get(broker).is_some_and(|broker| broker.controlled_shutdown_offset >= 0)
    }

    fn is_puppet(&self, broker: i32) -> bool {
        self.get(broker).is_some_and(|broker| broker.is_puppet)
    }

    /// Whether a broker's session lives.
    pub fn has_valid_session(&self, broker: i32, broker_epoch: i64, timeout_ms: u64, now: Millis) -> bool {
        let lives = |at: Millis| self.is_puppet(broker) || now < at.saturating_add(timeout_ms);
        self.contacts.get(&broker).is_some_and(|(epoch, at)| *epoch == broker_epoch && lives(*at))
    }

    /// When the next session ends, if nobody is heard of.
    pub fn next_expiry(&self, timeout_ms: u64) -> Option<Millis> {
        let ends = self.contacts.iter().filter(|(broker, _)| !self.is_puppet(**broker));
        ends.map(|(_, (_, at))| at.saturating_add(timeout_ms)).min()
    }

    /// Takes out a session that has ended, if there is one: broker and broker epoch. Of several it is not the one that ended first, but
    /// the first one in the hash map of all (`BrokerHeartbeatTracker.maybeRemoveExpired`).
    pub fn take_expired(&mut self, timeout_ms: u64, now: Millis) -> Option<(i32, i64)> {
        let mut sessions: Vec<(i32, i64, Millis)> =
            self.contacts.iter().map(|(broker, (epoch, at))| (*broker, *epoch, *at)).collect();
        sort_as_concurrent_hash_map(&mut sessions, |(broker, epoch, _)| {
            broker.wrapping_mul(31).wrapping_add(java_long_hash(*epoch))
        });
        let has_ended =
            |(broker, _, at): &(i32, i64, Millis)| !self.is_puppet(*broker) && at.saturating_add(timeout_ms) <= now;
        let (broker, epoch, _) = sessions.into_iter().find(has_ended)?;
        self.contacts.remove(&broker);
        Some((broker, epoch))
    }

    /// How far the active broker that is furthest behind has applied the log.
    fn lowest_active_offset(&self, cluster: ClusterControlManager<'_>) -> i64 {
        let active = self.brokers.iter().filter(|(id, broker)| {
            broker.controlled_shutdown_offset < 0
                && !broker.is_puppet
                && cluster.image.brokers.get(id).is_some_and(|image| !image.fenced)
        });
        active.map(|(_, broker)| broker.metadata_offset).min().unwrap_or(i64::MAX)
    }
}

/// What a heartbeat brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeartbeatDecision {
    /// What to append.
    pub records: Vec<MetadataRecord>,
    /// What to answer.
    pub response: BrokerHeartbeatResponse,
    /// What the broker was.
    pub from: BrokerControlState,
    /// What it becomes.
    pub to: BrokerControlState,
}

/// Decides about a heartbeat (`ReplicationControlManager.processBrokerHeartbeat`).
pub fn process_heartbeat(
    cluster: ClusterControlManager<'_>,
    heartbeats: &Heartbeats,
    request: &BrokerHeartbeatRequest,
) -> Result<HeartbeatDecision, ApiError> {
    check_broker_epoch(cluster, request.broker_id, request.broker_epoch)?;
    let broker = request.broker_id;
    let stale = || ApiError::bare(ErrorCode::StaleBrokerEpoch);
    let heartbeat = heartbeats.get(broker).ok_or_else(stale)?;
    let fenced = cluster.image.brokers.get(&broker).is_none_or(|broker| broker.fenced);
    let is_caught_up = request.current_metadata_offset >= heartbeat.registered_at;

    use BrokerControlState::*;
    let from = match (heartbeat.controlled_shutdown_offset >= 0, fenced) {
        (true, _) => ControlledShutdown,
        (false, true) => Fenced,
        (false, false) => Unfenced,
    };
    let to = match from {
        Fenced if request.want_shut_down => ShutdownNow,
        Fenced if !request.want_fence && is_caught_up => Unfenced,
        Fenced => Fenced,
        Unfenced if request.want_fence && request.want_shut_down => ShutdownNow,
        Unfenced if request.want_fence => Fenced,
        Unfenced if request.want_shut_down && cluster.has_leaderships(broker) => ControlledShutdown,
        Unfenced if request.want_shut_down => ShutdownNow,
        Unfenced => Unfenced,
        ControlledShutdown | ShutdownNow => {
            let others_know = heartbeat.controlled_shutdown_offset <= heartbeats.lowest_active_offset(cluster);
            if !cluster.has_leaderships(broker) && others_know { ShutdownNow } else { ControlledShutdown }
        }
    };
    let mut records = Vec::new();
    if from != to {
        match to {
            Fenced | ShutdownNow => fence(cluster, broker, &mut records)?,
            Unfenced => unfence(cluster, broker, &mut records)?,
            ControlledShutdown => begin_controlled_shutdown(cluster, broker, &mut records)?,
        }
    }
    let response = BrokerHeartbeatResponse {
        is_caught_up,
        is_fenced: matches!(to, Fenced | ShutdownNow),
        should_shut_down: to == ShutdownNow,
        ..BrokerHeartbeatResponse::default()
    };
    Ok(HeartbeatDecision { records, response, from, to })
}

/// Refuses a broker that is not registered, or was registered anew since (`checkBrokerEpoch`).
pub fn check_broker_epoch(cluster: ClusterControlManager<'_>, broker: i32, broker_epoch: i64) -> Result<(), ApiError> {
    match cluster.image.brokers.get(&broker) {
        Some(registered) if registered.broker_epoch == broker_epoch => Ok(()),
        Some(registered) => Err(ApiError::new(
            ErrorCode::StaleBrokerEpoch,
            format!("Expected broker epoch {}, but got broker epoch {broker_epoch}", registered.broker_epoch),
        )),
        None => Err(ApiError::new(
            ErrorCode::StaleBrokerEpoch,
            format!("No broker registration found for broker id {broker}"),
        )),
    }
}

/// Records of fencing: the broker leaves ISRs and leaderships first, so that nobody is sent to a leader that is fenced.
pub fn fence(
    cluster: ClusterControlManager<'_>,
    broker: i32,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let Some(registered) = cluster.image.brokers.get(&broker) else {
        return Ok(());
    };
    cluster.leader_and_isr_updates(BrokerEvent::Leaves(broker), Concerned::InIsr(broker), records)?;
    records.push(registration_change(broker, registered.broker_epoch, 1, 0));
    Ok(())
}

/// Records of unfencing: the broker may lead now whatever has no leader.
pub fn unfence(
    cluster: ClusterControlManager<'_>,
    broker: i32,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let Some(registered) = cluster.image.brokers.get(&broker) else {
        return Ok(());
    };
    records.push(registration_change(broker, registered.broker_epoch, -1, 0));
    cluster.leader_and_isr_updates(BrokerEvent::Returns(broker), Concerned::Leaderless, records)
}

fn begin_controlled_shutdown(
    cluster: ClusterControlManager<'_>,
    broker: i32,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let Some(registered) = cluster.image.brokers.get(&broker) else {
        return Ok(());
    };
    if !registered.in_controlled_shutdown {
        records.push(registration_change(broker, registered.broker_epoch, 0, 1));
    }
    cluster.leader_and_isr_updates(BrokerEvent::Leaves(broker), Concerned::InIsr(broker), records)
}

fn registration_change(broker_id: i32, broker_epoch: i64, fenced: i8, in_controlled_shutdown: i8) -> MetadataRecord {
    MetadataRecord::BrokerRegistrationChangeRecord {
        broker_id,
        broker_epoch,
        fenced,
        in_controlled_shutdown,
        cordoned_log_dirs: None,
    }
}
