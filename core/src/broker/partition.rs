//! One replica's running state (`kafka.cluster.Partition`): what a process knows and forgets when it dies.
//!
//! | state     | becomes    | when                                                                   |
//! |-----------|------------|------------------------------------------------------------------------|
//! | (none)    | `Follower` | the metadata log names this broker a replica, another one the leader    |
//! | (none)    | `Leader`   | the metadata log names this broker the leader                           |
//! | `Follower`| `Leader`   | the same, in a newer partition epoch                                    |
//! | `Leader`  | `Follower` | the metadata log names another leader, or none (-1)                     |
//! | any       | (none)     | the topic is deleted, or this broker is no replica any more             |

use std::rc::Rc;

use super::high_watermark::{ReplicaProgress, effective_min_isr, leader_high_watermark};
use super::isr::{FollowerState, can_join_isr, is_caught_up, is_eligible};
use crate::flat_map::FlatMap;
use crate::metadata::MetadataImage;
use crate::metadata::image::PartitionImage;
use crate::settings::TopicSettings;
use crate::sim::Millis;
use crate::wire::TopicPartition;
use crate::wire::ids::TopicIdPartition;

/// A replica of a partition on a running broker.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Partition {
    /// Its key on disk.
    pub id: TopicIdPartition,
    /// Its name.
    pub name: TopicPartition,
    /// What the metadata log says, as far as this broker has applied it, and for a leader what the controller answered
    /// to its proposals.
    pub registration: Rc<PartitionImage>,
    /// The topic's settings over the broker's defaults.
    pub settings: Rc<TopicSettings>,
    /// Offset after the last record known to be committed.
    pub high_watermark: i64,
    /// What this broker is to the partition.
    pub role: PartitionRole,
}

/// What a broker is to a partition.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum PartitionRole {
    /// It leads.
    Leader(LeaderState),
    /// It follows, or nobody leads.
    Follower,
}

/// What only a leader knows.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct LeaderState {
    /// Where its log ended when it began to lead in this epoch.
    pub epoch_start_offset: i64,
    /// Its followers, by broker.
    pub followers: FlatMap<i32, FollowerState>,
    /// The ISR it asked the controller for; at most one proposal is open.
    pub proposal: Option<IsrProposal>,
}

/// An open proposal of another ISR (`PendingPartitionChange`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IsrProposal {
    /// The ISR asked for.
    pub isr: Vec<i32>,
    /// Whether it adds a member. The new member then counts for the high watermark already; one that is to be removed
    /// still counts, because the controller may refuse.
    pub expands: bool,
    /// Whether it is on its way to the controller.
    pub sent: bool,
}

impl Partition {
    /// The leader's state, if this broker leads.
    pub fn leader(&self) -> Option<&LeaderState> {
        match &self.role {
            PartitionRole::Leader(leader) => Some(leader),
            PartitionRole::Follower => None,
        }
    }

    /// The leader's state to change, if this broker leads.
    pub fn leader_mut(&mut self) -> Option<&mut LeaderState> {
        match &mut self.role {
            PartitionRole::Leader(leader) => Some(leader),
            PartitionRole::Follower => None,
        }
    }

    /// Whether this broker leads.
    pub fn is_leader(&self) -> bool {
        matches!(self.role, PartitionRole::Leader(_))
    }

    /// Whether the metadata log says something new with a partition epoch: what a leader heard from the controller itself
    /// may be newer already.
    pub fn is_newer(&self, partition_epoch: i32) -> bool {
        partition_epoch > self.registration.partition_epoch
    }

    /// How many members the ISR needs.
    pub fn min_isr(&self) -> usize {
        effective_min_isr(self.settings.min_insync_replicas, self.registration.replicas.len())
    }

    /// Whether a broker is in the ISR or about to join it.
    pub fn is_in_maximal_isr(&self, broker: i32) -> bool {
        let joins = |leader: &LeaderState| {
            leader.proposal.as_ref().is_some_and(|proposal| proposal.expands && proposal.isr.contains(&broker))
        };
        self.registration.isr.contains(&broker) || self.leader().is_some_and(joins)
    }

    /// How many members the maximal ISR has.
    pub fn maximal_isr_len(&self) -> usize {
        let proposed = self.leader().and_then(|leader| leader.proposal.as_ref()).filter(|proposal| proposal.expands);
        proposed.map_or(self.registration.isr.len(), |proposal| proposal.isr.len())
    }

    /// The high watermark as its followers' progress now allows; `None` if it stays or this broker does not lead.
    pub fn next_high_watermark(
        &self,
        log_end: i64,
        image: &MetadataImage,
        lag_max_ms: Millis,
        now: Millis,
    ) -> Option<i64> {
        let leader = self.leader()?;
        let others = leader.followers.iter().map(|(id, follower)| ReplicaProgress {
            log_end_offset: follower.log_end_offset,
            counts: self.is_in_maximal_isr(*id)
                || (is_caught_up(follower.log_end_offset, log_end, follower.last_caught_up_ms, now, lag_max_ms)
                    && follower_is_eligible(*id, follower, image)),
        });
        leader_high_watermark(self.high_watermark, log_end, others, self.registration.isr.len(), self.min_isr())
    }

    /// The ISR with a follower that may join now; `None` if it may not.
    pub fn isr_with(&self, follower_id: i32, image: &MetadataImage) -> Option<Vec<i32>> {
        let leader = self.leader()?;
        // Most are in it.
        if self.registration.isr.contains(&follower_id) {
            return None;
        }
        let follower = leader.followers.get(&follower_id)?;
        let joins = leader.proposal.is_none()
            && can_join_isr(follower.log_end_offset, self.high_watermark, leader.epoch_start_offset)
            && follower_is_eligible(follower_id, follower, image);
        joins.then(|| self.registration.isr.iter().copied().chain([follower_id]).collect())
    }

    /// The ISR without the members that lag; `None` if none does, or while another proposal is with the controller
    /// (`Partition.maybeShrinkIsr`).
    pub fn isr_without_lagging(
        &self,
        log_end: i64,
        lag_max_ms: Millis,
        lag_max_messages: u64,
        now: Millis,
    ) -> Option<Vec<i32>> {
        if self.leader()?.proposal.is_some() {
            return None;
        }
        let lagging = self.lagging(log_end, lag_max_ms, lag_max_messages, now);
        let remaining = || self.registration.isr.iter().copied().filter(|member| !lagging.contains(member)).collect();
        (!lagging.is_empty()).then(remaining)
    }

    /// Members of the ISR that lag, by time or, where that historical setting is on, by messages.
    fn lagging(&self, log_end: i64, lag_max_ms: Millis, lag_max_messages: u64, now: Millis) -> Vec<i32> {
        let Some(leader) = self.leader() else { return Vec::new() };
        let lags = |follower: &FollowerState| {
            !is_caught_up(follower.log_end_offset, log_end, follower.last_caught_up_ms, now, lag_max_ms)
                || (lag_max_messages > 0
                    && log_end.saturating_sub(follower.log_end_offset.max(0)).unsigned_abs() > lag_max_messages)
        };
        let members = self.registration.isr.iter().copied();
        members.filter(|id| leader.followers.get(id).is_some_and(lags)).collect()
    }
}

fn follower_is_eligible(id: i32, follower: &FollowerState, image: &MetadataImage) -> bool {
    image.brokers.get(&id).is_some_and(|broker| {
        is_eligible(broker.fenced, broker.in_controlled_shutdown, follower.broker_epoch, broker.broker_epoch)
    })
}
