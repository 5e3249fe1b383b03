//! Why something has *not* happened: the question a person asks most. Answered from the state, in keys that the page words.

mod quorum;

use serde::Serialize;

pub use quorum::Fenced;

use crate::actor::Actor;
use crate::broker::Broker;
use crate::broker::partition::Partition;
use crate::broker::purgatory::{Operation, ProduceOrigin};
use crate::change::is_kafkas_own;
use crate::client::Consumer;
use crate::cluster::Cluster;
use crate::sim::Millis;
use crate::sort::SharedSort;
use crate::wire::{ApiKey, ErrorCode, TopicPartition};

/// Something that a person might expect and that has not happened, with its reason. Serialised with its kebab-case name
/// under `why`; the page's message for it has the id `why-` and that name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "why", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
pub enum WhyNot {
    /// The high watermark stands still: it is the least log end in the ISR, and this member is last known there.
    HighWatermarkWaits {
        partition: TopicPartition,
        high_watermark: i64,
        isr: Vec<i32>,
        waiting_for: i32,
        its_end: i64,
        log_end: i64,
    },
    /// The high watermark stands still whatever is replicated: the ISR is below its minimum.
    BelowMinIsr { partition: TopicPartition, isr: Vec<i32>, min_isr: i64 },
    /// A follower has everything, and does not know yet that it is committed: that comes with its next fetch's answer.
    FollowerLearnsLater { node: i32, partition: TopicPartition, high_watermark: i64, leader_high_watermark: i64 },
    /// A producer has no acknowledgement: the high watermark has not passed its records.
    ProduceWaits { partition: TopicPartition, needs: i64, high_watermark: i64 },
    /// A consumer sees nothing new: it may read up to the high watermark only.
    ConsumerWaits { partition: TopicPartition, position: i64, high_watermark: i64, log_end: i64 },
    /// A consumer reads nothing: its last poll threw the error that a request was answered with.
    ConsumerThrew { consumer: u32, api: ApiKey, error: ErrorCode },
    /// A consumer reads nothing: its group's coordinator refused it for good (`MemberState.FATAL`).
    ConsumerFatal { consumer: u32, group: String },

    // --- the quorum ---
    /// The metadata log has no leader: fewer voters run than are a majority.
    TooFewVoters { running: Vec<i32>, voters: i64, majority: i64 },
    /// A voter leads and is not active yet: the first record of its epoch is not on a majority.
    LeaderNotActive { node: i32, epoch: i32, offset: i64 },
    /// A nominee has no majority yet: these have not answered.
    VotesMissing { node: i32, epoch: i32, is_pre_vote: bool, granted: i64, majority: i64, silent: Vec<i32> },
    /// A nominee can have no majority any more, and waits for its election timeout.
    ElectionLost { node: i32, epoch: i32, granted: i64, majority: i64 },
    /// Nobody asks for votes: this voter's election timeout ends first.
    ElectionTimeoutRuns { node: i32, left_ms: Millis },
    /// Nobody asks for votes: this voter still waits for a leader that is gone, and is the first to give it up.
    FetchTimeoutRuns { node: i32, leader: i32, left_ms: Millis },
    /// A voter is against a nominee: it voted for another in the epoch.
    VoteGivenToAnother { voter: i32, candidate: i32, epoch: i32, voted: i32 },
    /// A voter is against a nominee: its own log goes further, by its last epoch first and then by its end.
    VoteRefusedForLog { voter: i32, candidate: i32, epoch: i32, end: i64, candidate_epoch: i32, candidate_end: i64 },
    /// A voter is against an election: it has fetched from a leader and not missed it yet.
    VoterHasLeader { voter: i32, candidate: i32, leader: i32 },
    /// A controller is to vote, and has not told the leader yet what it supports.
    VoterVersionsAwaited { node: i32, voter: i32 },
    /// The record that names the voters is not committed: these of them have it. No other change begins before.
    VotersNotCommitted { node: i32, offset: i64, having: Vec<i32>, voters: i64, majority: i64 },

    // --- brokers, as the controller has them ---
    /// A broker is fenced: what it has applied of the metadata log, and where its registration is.
    BrokerFenced { node: i32, reason: Fenced, applied: i64, registered_at: i64 },
    /// A partition has no leader: nobody of its ISR and ELR is in service, and these others of its replicas are.
    NobodyMayLead { partition: TopicPartition, isr: Vec<i32>, elr: Vec<i32>, in_service: Vec<i32> },
}

impl WhyNot {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// Whether it is about the quorum of the metadata log.
    pub fn is_of_quorum(&self) -> bool {
        match self {
            Self::TooFewVoters { .. }
            | Self::LeaderNotActive { .. }
            | Self::VotesMissing { .. }
            | Self::ElectionLost { .. }
            | Self::ElectionTimeoutRuns { .. }
            | Self::FetchTimeoutRuns { .. }
            | Self::VoteGivenToAnother { .. }
            | Self::VoteRefusedForLog { .. }
            | Self::VoterHasLeader { .. }
            | Self::VoterVersionsAwaited { .. }
            | Self::VotersNotCommitted { .. } => true,
            Self::HighWatermarkWaits { .. }
            | Self::BelowMinIsr { .. }
            | Self::FollowerLearnsLater { .. }
            | Self::ProduceWaits { .. }
            | Self::ConsumerWaits { .. }
            | Self::ConsumerThrew { .. }
            | Self::ConsumerFatal { .. }
            | Self::BrokerFenced { .. }
            | Self::NobodyMayLead { .. } => false,
        }
    }

    /// The kebab-case names of all reasons.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

impl Cluster {
    /// What has not happened, and why; the most telling first. Kafka's own topics are left out.
    pub fn why_not(&self) -> Vec<WhyNot> {
        let mut found = self.why_no_controller();
        found.extend(self.why_voters_stay());
        found.extend(self.why_fenced());
        found.extend(self.why_leaderless());
        for node in self.nodes() {
            let Some(broker) = &node.broker else { continue };
            for partition in broker.partitions.values().filter(|partition| !is_kafkas_own(&partition.name.topic)) {
                let log_end = node.disk.broker.log_end(&partition.id);
                if !partition.is_leader() {
                    found.extend(self.why_follower(broker.id, partition, log_end));
                } else if !self.is_superseded(broker, partition) {
                    found.extend(why_high_watermark(partition, log_end));
                    found.extend(self.why_consumers(partition, log_end));
                }
            }
            for waiting in broker.purgatory.iter() {
                // What coordinators append has no producer that waits.
                if let Operation::Produce { origin: ProduceOrigin::Client(_), partitions, .. } = &waiting.operation {
                    found.extend(partitions.iter().filter_map(|delayed| {
                        let partition = broker.partitions.get(&delayed.id)?;
                        Some(WhyNot::ProduceWaits {
                            partition: partition.name.clone(),
                            needs: delayed.waits_for.filter(|_| !is_kafkas_own(&partition.name.topic))?,
                            high_watermark: partition.high_watermark,
                        })
                    }));
                }
            }
        }
        found.extend(self.consumers().filter_map(why_no_poll));
        found.shared_sort_by_key(order);
        found
    }

    fn why_follower(&self, node: i32, partition: &Partition, log_end: i64) -> Option<WhyNot> {
        let leader = self.node(partition.registration.leader)?.broker.as_ref()?;
        let leaders = leader.partitions.get(&partition.id).filter(|leaders| leaders.is_leader())?;
        if self.is_superseded(leader, leaders) {
            return None;
        }
        let leaders = leaders.high_watermark;
        (partition.high_watermark < leaders && log_end >= leaders).then(|| WhyNot::FollowerLearnsLater {
            node,
            partition: partition.name.clone(),
            high_watermark: partition.high_watermark,
            leader_high_watermark: leaders,
        })
    }

    /// Whether another broker leads the partition, or a topic of the same name that was created since, by newer metadata: a
    /// leader that has not heard of it yet speaks for nobody.
    fn is_superseded(&self, broker: &Broker, leader: &Partition) -> bool {
        let newer = self.nodes().filter_map(|node| node.broker.as_ref());
        let mut newer = newer.filter(|other| other.metadata_offset > broker.metadata_offset);
        newer.any(|other| {
            let same = other.partitions.get(&leader.id);
            let same = same.or_else(|| other.partitions.values().find(|partition| partition.name == leader.name));
            same.is_some_and(Partition::is_leader)
        })
    }

    fn why_consumers(&self, partition: &Partition, log_end: i64) -> Option<WhyNot> {
        if log_end <= partition.high_watermark {
            return None;
        }
        let mut assigned = self.consumers().flat_map(|consumer| consumer.assigned());
        let waits =
            assigned.any(|(name, position, _)| *name == partition.name && position == Some(partition.high_watermark));
        waits.then(|| WhyNot::ConsumerWaits {
            partition: partition.name.clone(),
            position: partition.high_watermark,
            high_watermark: partition.high_watermark,
            log_end,
        })
    }
}

fn why_no_poll(consumer: &Consumer) -> Option<WhyNot> {
    let number = consumer.number();
    if consumer.is_fatal() {
        return Some(WhyNot::ConsumerFatal { consumer: number, group: consumer.group().to_owned() });
    }
    let (api, error) = consumer.thrown()?;
    Some(WhyNot::ConsumerThrew { consumer: number, api, error })
}

fn why_high_watermark(partition: &Partition, log_end: i64) -> Option<WhyNot> {
    let leader = partition.leader()?;
    if partition.high_watermark >= log_end {
        return None;
    }
    let isr = partition.registration.isr.clone();
    if isr.len() < partition.min_isr() {
        let min_isr = i64::try_from(partition.min_isr()).unwrap_or(i64::MAX);
        return Some(WhyNot::BelowMinIsr { partition: partition.name.clone(), isr, min_isr });
    }
    // One that has caught up lately counts before it is in the ISR; nobody who has everything is waited for.
    let behind = leader.followers.iter().filter(|(_, follower)| follower.log_end_offset < log_end);
    let (waiting_for, follower) =
        behind.min_by_key(|(id, follower)| (!partition.is_in_maximal_isr(**id), follower.log_end_offset, **id))?;
    Some(WhyNot::HighWatermarkWaits {
        partition: partition.name.clone(),
        high_watermark: partition.high_watermark,
        isr,
        waiting_for: *waiting_for,
        its_end: follower.log_end_offset,
        log_end,
    })
}

fn order(why: &WhyNot) -> u8 {
    match why {
        WhyNot::TooFewVoters { .. } | WhyNot::LeaderNotActive { .. } => 0,
        WhyNot::ElectionTimeoutRuns { .. } | WhyNot::FetchTimeoutRuns { .. } => 0,
        WhyNot::VotesMissing { .. } | WhyNot::ElectionLost { .. } => 1,
        WhyNot::VoteGivenToAnother { .. } | WhyNot::VoteRefusedForLog { .. } | WhyNot::VoterHasLeader { .. } => 2,
        WhyNot::VoterVersionsAwaited { .. } | WhyNot::VotersNotCommitted { .. } => 2,
        WhyNot::NobodyMayLead { .. } => 3,
        WhyNot::BelowMinIsr { .. } => 4,
        WhyNot::HighWatermarkWaits { .. } => 5,
        WhyNot::ProduceWaits { .. } => 6,
        WhyNot::ConsumerWaits { .. } | WhyNot::ConsumerThrew { .. } | WhyNot::ConsumerFatal { .. } => 7,
        WhyNot::FollowerLearnsLater { .. } => 8,
        WhyNot::BrokerFenced { .. } => 9,
    }
}

/// Who a person would call the waiting actor, for the highlight on the scene.
pub fn waiting_actor(why: &WhyNot) -> Option<Actor> {
    match why {
        WhyNot::HighWatermarkWaits { waiting_for, .. } => Some(Actor::Node(*waiting_for)),
        WhyNot::FollowerLearnsLater { node, .. }
        | WhyNot::LeaderNotActive { node, .. }
        | WhyNot::VotesMissing { node, .. }
        | WhyNot::ElectionLost { node, .. }
        | WhyNot::ElectionTimeoutRuns { node, .. }
        | WhyNot::FetchTimeoutRuns { node, .. }
        | WhyNot::VotersNotCommitted { node, .. }
        | WhyNot::BrokerFenced { node, .. } => Some(Actor::Node(*node)),
        WhyNot::ConsumerThrew { consumer, .. } | WhyNot::ConsumerFatal { consumer, .. } => {
            Some(Actor::Consumer(*consumer))
        }
        WhyNot::VoterVersionsAwaited { voter, .. } => Some(Actor::Node(*voter)),
        WhyNot::VoteGivenToAnother { candidate, .. }
        | WhyNot::VoteRefusedForLog { candidate, .. }
        | WhyNot::VoterHasLeader { candidate, .. } => Some(Actor::Node(*candidate)),
        WhyNot::TooFewVoters { .. } | WhyNot::NobodyMayLead { .. } => None,
        WhyNot::BelowMinIsr { .. } | WhyNot::ProduceWaits { .. } | WhyNot::ConsumerWaits { .. } => None,
    }
}
