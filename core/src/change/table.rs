//! The table of all changes: how much each matters, and whom it concerns.
//!
//! It has a line for every change and no default, so that anyone who adds one has to decide. Step sizes, the marks on the time
//! bar, what counts as upkeep and what the page highlights are all read from here.

use serde::{Deserialize, Serialize};

use super::{Change, QuorumRole, is_kafkas_own};
use crate::actor::Actor;
use crate::wire::TopicPartition;

/// How far one press of Forward goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// Every event: each hop inside a broker, each timer.
    Micro,
    /// Each request or answer that moved something.
    #[default]
    Message,
    /// What a person would tell a colleague.
    Milestone,
}

/// How much a change matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Mere upkeep: a step with nothing else is no step of `message` size.
    Background,
    /// An attempt that failed: told once, and counted where it recurs.
    Failure,
    /// It moved something.
    News,
    /// A person would tell a colleague.
    Milestone(MilestoneKind),
}

/// What a milestone was; of several in a step, the first in this order is its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MilestoneKind {
    /// A process or a link failed or came back, or a broker was fenced.
    Fault,
    /// A leader was elected or lost.
    Election,
    /// Records were cut off or lost.
    Loss,
    /// The ISR or the eligible leaders changed.
    Isr,
    /// A high watermark advanced.
    HighWatermark,
    /// A record was acknowledged or given up.
    Acknowledged,
    /// The application got records.
    Read,
    /// A consumer knows that its offset is committed.
    CommitAcknowledged,
    /// A group's offset was committed.
    OffsetCommitted,
    /// A person's command that did none of the above.
    Command,
    /// Anything else.
    Other,
}

/// Whom a change concerns: what the page highlights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern<'a> {
    /// A process or client.
    Actor(Actor),
    /// Something of the replica of a partition on a node.
    Replica {
        /// The node.
        node: i32,
        /// The partition.
        partition: &'a TopicPartition,
        /// What of it.
        part: ReplicaPart,
    },
    /// What a leader knows of a follower: the follower has moved, the leader itself has not.
    Follower {
        /// The leader.
        leader: i32,
        /// The follower.
        follower: i32,
        /// The partition.
        partition: &'a TopicPartition,
    },
    /// A set of brokers became another one, for a partition, in the metadata log. Who came or went is concerned; the leader
    /// need not know it yet.
    Members {
        /// The partition.
        partition: &'a TopicPartition,
        /// The set before.
        from: &'a [i32],
        /// The set after.
        to: &'a [i32],
        /// Which set.
        of: Membership,
    },
    /// The leader of a partition became another one, in the metadata log: who led and who is to lead, -1 for nobody.
    /// Neither need know it yet.
    Leadership {
        /// The partition.
        partition: &'a TopicPartition,
        /// The leader before.
        from: i32,
        /// The leader after.
        to: i32,
    },
    /// A link, in one direction.
    Link {
        /// The sender's end.
        from: Actor,
        /// The receiver's end.
        to: Actor,
    },
    /// A consumer group.
    Group(&'a str),
    /// A topic as a whole.
    Topic(&'a str),
    /// Nobody in particular: a setting of the cluster or of the simulation.
    Nobody,
}

/// A set of brokers of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// The in-sync replicas.
    Isr,
    /// The eligible leader replicas (KIP-966).
    Elr,
    /// The replicas.
    Replicas,
}

/// What of a replica a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaPart {
    /// These offsets, first and last, and the log's end behind them.
    Appended(i64, i64),
    /// The record at this offset.
    Record(i64),
    /// The log end offset.
    End,
    /// The high watermark.
    HighWatermark,
    /// Whether it leads, whom it follows, which ISR it wants.
    Role,
    /// Its files: segments, indexes, checkpoints, the log start.
    Storage,
}

impl Change {
    /// How much the change matters, and whom it concerns.
    #[expect(clippy::too_many_lines, reason = "a table with a line for every change")]
    pub fn traits(&self) -> (Weight, Concern<'_>) {
        use MilestoneKind as Kind;
        use Weight::{Background, Failure, Milestone, News};
        let actor = Concern::Actor;
        let node_of = |node: i32| Concern::Actor(Actor::Node(node));
        match self {
            // --- the log of a replica ---
            Self::Appended { node, partition, base_offset, last_offset, .. } => {
                (News, replica(*node, partition, ReplicaPart::Appended(*base_offset, *last_offset)))
            }
            Self::Truncated { node, partition, .. } | Self::UnflushedLost { node, partition, .. } => {
                (Milestone(Kind::Loss), replica(*node, partition, ReplicaPart::End))
            }
            Self::HighWatermarkMoved { node, partition, as_leader, .. } => {
                let is_milestone = *as_leader && !is_kafkas_own(&partition.topic);
                let weight = if is_milestone { Milestone(Kind::HighWatermark) } else { News };
                (weight, replica(*node, partition, ReplicaPart::HighWatermark))
            }
            Self::SegmentDeleted { node, partition, .. } => {
                (Milestone(Kind::Loss), replica(*node, partition, ReplicaPart::Storage))
            }
            Self::Compacted { node, partition, .. } => {
                (Milestone(Kind::Other), replica(*node, partition, ReplicaPart::Storage))
            }
            Self::LogStartMoved { node, partition, .. }
            | Self::SegmentRolled { node, partition, .. }
            | Self::Flushed { node, partition, .. }
            | Self::TimeIndexLookedUp { node, partition, .. }
            | Self::EpochStarted { node, partition, .. }
            | Self::DivergenceFound { node, partition, .. } => (News, replica(*node, partition, ReplicaPart::Storage)),
            Self::IndexLookedUp { node, partition, offset, .. } => {
                (News, replica(*node, partition, ReplicaPart::Record(*offset)))
            }
            Self::CheckpointWritten { node, .. } => (Background, node_of(*node)),

            // --- replication ---
            Self::FollowerEndKnown { leader, follower, partition, .. } => {
                (News, Concern::Follower { leader: *leader, follower: *follower, partition })
            }
            Self::FollowerCaughtUp { leader, follower, partition, .. } => {
                (Background, Concern::Follower { leader: *leader, follower: *follower, partition })
            }
            Self::BecameLeader { node, partition, .. }
            | Self::BecameFollower { node, partition, .. }
            | Self::IsrProposed { node, partition, .. } => (News, replica(*node, partition, ReplicaPart::Role)),
            Self::IsrChanged { partition, from, to, .. } => {
                (Milestone(Kind::Isr), Concern::Members { partition, from, to, of: Membership::Isr })
            }
            Self::ElrChanged { partition, from, to } => {
                (Milestone(Kind::Isr), Concern::Members { partition, from, to, of: Membership::Elr })
            }
            Self::ReplicasChanged { partition, from, to } => {
                (Milestone(Kind::Isr), Concern::Members { partition, from, to, of: Membership::Replicas })
            }
            Self::LeaderChanged { partition, from, to, .. } => {
                (Milestone(Kind::Election), Concern::Leadership { partition, from: *from, to: *to })
            }

            // --- a broker's request path ---
            Self::DelayedOperationWatched { node, .. } | Self::DelayedOperationCompleted { node, .. } => {
                (Background, node_of(*node))
            }
            Self::Refused { node, .. } => (Failure, node_of(*node)),

            // --- the control plane ---
            Self::MetadataAppended { node, .. } => (News, node_of(*node)),
            Self::MetadataApplied { node, .. }
            | Self::MetadataReplicated { node, .. }
            | Self::QuorumHighWatermarkMoved { node, .. } => (Background, node_of(*node)),
            Self::QuorumRoleChanged { node, to, .. } => {
                let weight = if *to == QuorumRole::Leader { Milestone(Kind::Election) } else { News };
                (weight, node_of(*node))
            }
            Self::VoteCast { node, .. } => (News, node_of(*node)),
            Self::VotersChanged { node, .. }
            | Self::SnapshotCreated { node, .. }
            | Self::SnapshotFetched { node, .. }
            | Self::SnapshotLoaded { node, .. }
            | Self::SnapshotDeleted { node, .. }
            | Self::MetadataLogStartMoved { node, .. } => (News, node_of(*node)),
            Self::MetadataTruncated { node, .. } => (Milestone(Kind::Loss), node_of(*node)),
            Self::BrokerRegistered { broker, .. } => (News, node_of(*broker)),
            Self::BrokerFenced { broker } | Self::BrokerUnfenced { broker } => {
                (Milestone(Kind::Fault), node_of(*broker))
            }
            Self::TopicCreated { topic, .. } | Self::TopicDeleted { topic } => {
                (Milestone(Kind::Other), Concern::Topic(topic))
            }
            Self::ConfigChanged { .. } => (News, Concern::Nobody),
            Self::FetchSessionClosed { consumer, .. } => (Background, actor(Actor::Consumer(*consumer))),
            Self::LogLevelChanged { node, .. } => (News, node_of(*node)),

            // --- processes and links ---
            Self::Crashed { node, .. }
            | Self::Started { node }
            | Self::ShutDown { node }
            | Self::Paused { node }
            | Self::Resumed { node }
            | Self::ShutdownRequested { node }
            | Self::DiskSlowed { node, .. } => (Milestone(Kind::Fault), node_of(*node)),
            Self::LinkCut { from, to } | Self::LinkHealed { from, to } => {
                (Milestone(Kind::Fault), Concern::Link { from: *from, to: *to })
            }
            Self::Dropped { from, to, .. } | Self::Delayed { from, to, .. } | Self::Duplicated { from, to, .. } => {
                (News, Concern::Link { from: *from, to: *to })
            }
            Self::ConnectionBroken { client, listener, .. } => (News, Concern::Link { from: *client, to: *listener }),
            // Who speaks seldom loses a connection again and again.
            Self::ConnectionClosed { node, client, .. } => {
                (Failure, Concern::Link { from: Actor::Node(*node), to: *client })
            }
            Self::ClientThrottled { client, .. } => (News, Concern::Actor(*client)),
            Self::TimedOut { from, .. } => (Failure, actor(*from)),

            // --- producers ---
            Self::Acknowledged { producer, .. } | Self::ProduceFailed { producer, .. } => {
                (Milestone(Kind::Acknowledged), actor(Actor::Producer(*producer)))
            }
            Self::Partitioned { producer, .. }
            | Self::BatchSent { producer, .. }
            | Self::ProducerIdAssigned { producer, .. } => (News, actor(Actor::Producer(*producer))),
            Self::RecordsAbandoned { producer, .. } => (Failure, actor(Actor::Producer(*producer))),
            Self::ProducerClosed { producer } => (Milestone(Kind::Fault), actor(Actor::Producer(*producer))),
            Self::Retried { producer, .. } | Self::BatchSplit { producer, .. } => {
                (Failure, actor(Actor::Producer(*producer)))
            }
            Self::TransactionCallTimedOut { producer, .. } => (Failure, actor(Actor::Producer(*producer))),
            Self::ProducerTransaction { producer, .. } | Self::RecordsAborted { producer, .. } => {
                (Milestone(Kind::Other), actor(Actor::Producer(*producer)))
            }
            Self::ProducerCrashed { producer } | Self::ProducerStarted { producer } => {
                (Milestone(Kind::Fault), actor(Actor::Producer(*producer)))
            }

            // --- consumers and groups ---
            Self::MetadataLearned { client } => (Background, actor(*client)),
            Self::RecordsRead { consumer, .. } => (Milestone(Kind::Read), actor(Actor::Consumer(*consumer))),
            Self::CommitAcknowledged { consumer, .. } => {
                (Milestone(Kind::CommitAcknowledged), actor(Actor::Consumer(*consumer)))
            }
            Self::DeserializationFailed { consumer, .. } => (Failure, actor(Actor::Consumer(*consumer))),
            Self::RecordsProcessed { consumer, .. } => (Milestone(Kind::Other), actor(Actor::Consumer(*consumer))),
            Self::ConsumerCrashed { consumer }
            | Self::ConsumerClosed { consumer }
            | Self::ConsumerStarted { consumer } => (Milestone(Kind::Fault), actor(Actor::Consumer(*consumer))),
            Self::Subscribed { consumer, .. }
            | Self::SubscribedToPattern { consumer, .. }
            | Self::Unsubscribed { consumer }
            | Self::PartitionsAssigned { consumer, .. }
            | Self::PartitionsPaused { consumer, .. }
            | Self::PartitionsResumed { consumer, .. }
            | Self::OffsetResetRequested { consumer, .. } => (News, actor(Actor::Consumer(*consumer))),
            Self::PartitionsRevoked { consumer, .. } => (News, actor(Actor::Consumer(*consumer))),
            Self::PartitionsLost { consumer, .. } => (Failure, actor(Actor::Consumer(*consumer))),
            Self::Assigned { consumer, .. } | Self::Reconciled { consumer, .. } => {
                (Milestone(Kind::Other), actor(Actor::Consumer(*consumer)))
            }
            Self::PositionMoved { consumer, .. } | Self::CoordinatorFound { consumer, .. } => {
                (News, actor(Actor::Consumer(*consumer)))
            }
            Self::OffsetCommitted { group, .. } => (Milestone(Kind::OffsetCommitted), Concern::Group(group)),
            Self::GroupStateChanged { group, .. }
            | Self::GroupEpochBumped { group, .. }
            | Self::MemberLeft { group, .. } => (News, Concern::Group(group)),
            Self::CoordinatorLoaded { node, .. } | Self::TransactionCoordinatorLoaded { node, .. } => {
                (News, node_of(*node))
            }
            Self::TransactionStateChanged { .. } => (News, Concern::Nobody),

            // --- the person ---
            Self::SettingChanged { .. } => (News, Concern::Nobody),
            Self::ProbeAnswered { probe, .. } | Self::ProbeDisconnected { probe, .. } => {
                (News, actor(Actor::Probe(*probe)))
            }
        }
    }

    /// The coarsest step size at which a person stops for it.
    pub fn size(&self) -> Size {
        match self.traits().0 {
            Weight::Background => Size::Micro,
            Weight::Failure | Weight::News => Size::Message,
            Weight::Milestone(_) => Size::Milestone,
        }
    }

    /// What kind of milestone it is; `None` for what a person would not tell a colleague.
    pub fn milestone(&self) -> Option<MilestoneKind> {
        match self.traits().0 {
            Weight::Background | Weight::Failure | Weight::News => None,
            Weight::Milestone(kind) => Some(kind),
        }
    }

    /// Whether a person would tell a colleague.
    pub fn is_milestone(&self) -> bool {
        self.milestone().is_some()
    }

    /// Whether it is mere upkeep.
    pub fn is_background(&self) -> bool {
        self.traits().0 == Weight::Background
    }
}

const fn replica(node: i32, partition: &TopicPartition, part: ReplicaPart) -> Concern<'_> {
    Concern::Replica { node, partition, part }
}
