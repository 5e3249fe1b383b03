//! One group opened up: who its members are, what its timers wait for, where it stands in each partition, and what its
//! coordinator has written down. Made when somebody looks at it: it is no part of the view of every step.

use serde::Serialize;

use super::coordinator_log::{CoordinatorLogView, group_log, leading};
use super::group::{GroupMemberView, group_view};
use crate::actor::Endpoint;
use crate::broker::group::{ClassicGroup, ConsumerGroup, Group};
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::client::Consumer;
use crate::cluster::Cluster;
use crate::cluster::event::Event;
use crate::effects::{BrokerTimer, ConsumerTimer, Timer};
use crate::sim::Millis;
use crate::wire::TopicPartition;

/// A group, looked at closely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupDetailView {
    /// `group.id`.
    pub group: String,
    /// Its coordinator.
    pub coordinator: i32,
    /// Of a classic group the member that assigns.
    pub leader: Option<String>,
    /// Who the members are, in the order of their ids.
    pub clients: Vec<MemberClientView>,
    /// What runs out next, the earliest first.
    pub timers: Vec<GroupTimerView>,
    /// Where the group stands in each partition that is assigned to it or that it has committed for.
    pub partitions: Vec<GroupPartitionView>,
    /// Its partition of `__consumer_offsets`; none while nobody leads that.
    pub log: Option<CoordinatorLogView>,
}

/// The client behind a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberClientView {
    /// The member's id.
    pub member: String,
    /// `client.id`.
    pub client_id: String,
    /// The consumer of this cluster that has this member id; none where it is somebody else's.
    pub consumer: Option<u32>,
}

/// A timer of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupTimerView {
    /// Its kebab-case name.
    pub timer: String,
    /// Whose, at the coordinator; none for one of the whole group or of a client.
    pub member: Option<String>,
    /// The consumer whose own timer it is.
    pub consumer: Option<u32>,
    /// When it fires, in milliseconds.
    pub at_ms: Millis,
}

/// Where a group stands in a partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupPartitionView {
    /// Which.
    pub partition: TopicPartition,
    /// The member that has it, as the coordinator knows.
    pub owner: Option<String>,
    /// The running consumers that take it for theirs, each with its position, -1 for one that does not know it yet. After a
    /// rebalance that one of them has not heard of it may be two.
    pub readers: Vec<(u32, i64)>,
    /// The next offset that the group would read, as it is committed.
    pub committed: Option<i64>,
    /// Its leader's log start offset; this and what follows is -1 while nobody leads it.
    pub log_start_offset: i64,
    /// Up to where transactions are decided.
    pub last_stable_offset: i64,
    /// Up to where records are committed.
    pub high_watermark: i64,
    /// The offset that the next record gets.
    pub log_end_offset: i64,
}

impl GroupPartitionView {
    /// How many records the group has still to read, as `kafka-consumer-groups` counts them: from what is committed to the high
    /// watermark. None where nothing is committed, or nobody leads the partition.
    pub fn lag(&self) -> Option<i64> {
        let committed = self.committed.filter(|_| self.high_watermark >= 0)?;
        Some(self.high_watermark.saturating_sub(committed).max(0))
    }
}

impl Cluster {
    /// A group as its coordinator has it; none where no coordinator knows it. Where several believe to be its coordinator, that of
    /// the newest leader epoch.
    pub fn group_detail(&self, id: &str) -> Option<GroupDetailView> {
        let found = self.nodes().filter_map(|node| {
            let broker = node.broker.as_ref()?;
            let group = broker.groups.groups().find(|group| group.id() == id)?;
            Some((node.config.id, broker, group))
        });
        let epoch = |partition: i32, node: i32| {
            let log = TopicPartition::new(OFFSETS_TOPIC, partition);
            leading(self, &log)
                .filter(|(leader, _, _)| leader.config.id == node)
                .map(|(_, _, found)| found.registration.leader_epoch)
        };
        let (node, broker, group) = found.max_by_key(|(node, _, group)| epoch(group.partition(), *node))?;
        let shown = group_view(group, node, &broker.image);
        let consumers: Vec<&Consumer> = self.consumers().filter(|consumer| consumer.group() == id).collect();
        let log = TopicPartition::new(OFFSETS_TOPIC, group.partition());
        Some(GroupDetailView {
            group: id.to_owned(),
            coordinator: node,
            leader: group.as_classic().and_then(ClassicGroup::leader).map(str::to_owned),
            clients: clients(group, &consumers),
            timers: timers(self, node, id, &consumers),
            partitions: partitions(self, &shown.assignments, &shown.offsets, &consumers),
            log: group_log(self, log, id),
        })
    }
}

fn clients(group: &Group, consumers: &[&Consumer]) -> Vec<MemberClientView> {
    let client = |(member, client_id): (String, String)| {
        let own = consumers.iter().find(|consumer| consumer.is_running() && consumer.member_id() == member);
        MemberClientView { consumer: own.map(|consumer| consumer.number()), member, client_id }
    };
    let of_classic = |group: &ClassicGroup| {
        group.described().members.into_iter().map(|each| (each.member_id, each.client_id)).collect()
    };
    let of_consumer =
        |group: &ConsumerGroup| group.members().map(|each| (each.id.clone(), each.client_id.clone())).collect();
    let known: Vec<(String, String)> = match group {
        Group::Classic(group) => of_classic(group),
        Group::Consumer(group) => of_consumer(group),
    };
    known.into_iter().map(client).collect()
}

/// The timers of a group at its coordinator, and the heartbeats that its consumers are about to send.
fn timers(cluster: &Cluster, node: i32, group: &str, consumers: &[&Consumer]) -> Vec<GroupTimerView> {
    let mut timers = Vec::new();
    for (at_ms, _, event) in cluster.events() {
        let Event::Fire { endpoint, timer } = event else { continue };
        let (member, consumer) = match (endpoint, timer) {
            (Endpoint::Broker(at), Timer::Broker(timer)) if *at == node => match subject(timer, group) {
                Some(member) => (member, None),
                None => continue,
            },
            (Endpoint::Consumer(number), Timer::Consumer(ConsumerTimer::Heartbeat))
                if consumers.iter().any(|consumer| consumer.number() == *number) =>
            {
                (None, Some(*number))
            }
            _ => continue,
        };
        timers.push(GroupTimerView { timer: timer.name().to_owned(), member, consumer, at_ms });
    }
    timers
}

/// The member that a timer of this group is about; none within for one of the whole group, none at all for another timer.
fn subject(timer: &BrokerTimer, of: &str) -> Option<Option<String>> {
    match timer {
        BrokerTimer::GroupJoin(group) | BrokerTimer::GroupRegex(group) => (**group == *of).then_some(None),
        BrokerTimer::GroupSession(subject)
        | BrokerTimer::GroupRebalance(subject)
        | BrokerTimer::GroupMemberJoin(subject)
        | BrokerTimer::GroupMemberSync(subject) => {
            let (group, member) = &**subject;
            (group == of).then(|| Some(member.clone()))
        }
        BrokerTimer::Heartbeat
        | BrokerTimer::RegistrationTimeout
        | BrokerTimer::MetadataFetch
        | BrokerTimer::ReplicaFetch(_)
        | BrokerTimer::IsrExpiration
        | BrokerTimer::AlterPartition
        | BrokerTimer::HighWatermarkCheckpoint
        | BrokerTimer::LogCleanup
        | BrokerTimer::Purgatory(_)
        | BrokerTimer::ForwardRetry
        | BrokerTimer::SnapshotCleaning
        | BrokerTimer::TransactionAbort
        | BrokerTimer::TransactionalIdExpiration
        | BrokerTimer::TransactionMarkers
        | BrokerTimer::AddPartitionsToTxnRetry(_)
        | BrokerTimer::OffsetsExpiration(_) => None,
    }
}

fn partitions(
    cluster: &Cluster,
    members: &[GroupMemberView],
    offsets: &[(TopicPartition, i64)],
    consumers: &[&Consumer],
) -> Vec<GroupPartitionView> {
    let mut names: Vec<&TopicPartition> = offsets.iter().map(|(partition, _)| partition).collect();
    names.extend(members.iter().flat_map(|member| member.assigned.iter().chain(&member.revoking)));
    let running = || consumers.iter().filter(|consumer| consumer.is_running());
    names.extend(running().flat_map(|consumer| consumer.assigned().map(|(partition, _, _)| partition)));
    names.sort_unstable();
    names.dedup();
    let view = |partition: &TopicPartition| {
        let has =
            |member: &&GroupMemberView| member.assigned.contains(partition) || member.revoking.contains(partition);
        let reads = |consumer: &&Consumer| {
            let (_, position, _) = consumer.assigned().find(|(each, _, _)| *each == partition)?;
            Some((consumer.number(), position.unwrap_or(-1)))
        };
        let led = leading(cluster, partition);
        let of_log = |read: &dyn Fn(&crate::log::replica_log::Log, i64) -> i64| {
            led.map_or(-1, |(_, stored, found)| read(&stored.log, found.high_watermark))
        };
        GroupPartitionView {
            partition: partition.clone(),
            owner: members.iter().find(has).map(|member| member.member.clone()),
            readers: running().filter_map(reads).collect(),
            committed: offsets.iter().find(|(each, _)| each == partition).map(|(_, offset)| *offset),
            log_start_offset: of_log(&|log, _| log.log_start_offset()),
            last_stable_offset: of_log(&|log, high_watermark| log.last_stable_offset(high_watermark)),
            high_watermark: of_log(&|_, high_watermark| high_watermark),
            log_end_offset: of_log(&|log, _| log.log_end_offset()),
        }
    };
    names.into_iter().map(view).collect()
}
