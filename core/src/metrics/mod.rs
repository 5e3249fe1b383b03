//! What an operator would see of the cluster over JMX: each metric by its MBean's name, with its value now, and over virtual time.
//!
//! Every value is computed from the run. What a process counts dies with it, as it does in Kafka. The rates of Kafka's own
//! `OneMinuteRate` are moving averages that depend on when a thread ticked; here a rate is what was counted between two samples,
//! divided by the time between them.

mod clients;
mod counters;
mod export;
mod rebalances;
mod series;
#[cfg(test)]
mod tests;

use strum::VariantArray;

use crate::actor::Listener;
use crate::cluster::Cluster;
use crate::cluster::node::Node;
use crate::sim::Millis;
use crate::socket_server::channel::Place;
use crate::socket_server::metrics::{Histogram, RequestType, TypeMetrics};
use crate::wire::{ApiKey, ErrorCode};

pub use clients::{ClientMetric, client_csv, clients};
pub use counters::{Counters, NodeCounters};
pub use export::{csv, prometheus};
pub use rebalances::{MemberRebalance, ReadingPause, Rebalance, Rebalances};
pub use series::{MetricSeries, Point};

/// The request types of which each time is a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum Requests {
    /// Of producers.
    Produce,
    /// Of consumers.
    FetchConsumer,
    /// Of followers.
    FetchFollower,
}

/// A metric of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Requests that wait for a handler thread.
    RequestQueueSize,
    /// Answers that wait for their network threads.
    ResponseQueueSize,
    /// The share of their time in which network threads had nothing to do.
    NetworkProcessorAvgIdlePercent,
    /// The share of their time in which handler threads had nothing to do.
    RequestHandlerAvgIdlePercent,
    /// Connections that are open, of all network threads.
    ConnectionCount,
    /// Connections that were accepted.
    ConnectionCreationRate,
    /// Connections that were closed, at either end.
    ConnectionCloseRate,
    /// Requests of a type that were answered.
    RequestsPerSec(Requests),
    /// How long requests of a type were at a place.
    TimeMs(Requests, Place),
    /// How long requests of a type took from the request queue until the answer was sent.
    TotalTimeMs(Requests),
    /// For how long clients were throttled with the answers to requests of a type.
    ThrottleTimeMs(Requests),
    /// Errors of one kind in the answers to one API: `NONE` is one of them, as in Kafka. It is there once it was answered.
    ErrorsPerSec(ApiKey, ErrorCode),
    /// Produce requests in purgatory.
    ProduceNumDelayedOperations,
    /// Fetches in purgatory.
    FetchNumDelayedOperations,
    /// Entries on the watchers' lists of the produce purgatory: one for each partition that a request watches, also of those that
    /// have completed and are not purged.
    ProducePurgatorySize,
    /// The same of the fetch purgatory.
    FetchPurgatorySize,
    /// Bytes that producers brought.
    BytesInPerSec,
    /// Bytes that consumers were sent.
    BytesOutPerSec,
    /// Records that producers brought.
    MessagesInPerSec,
    /// Bytes that were fetched from leaders.
    ReplicationBytesInPerSec,
    /// Bytes that followers were sent.
    ReplicationBytesOutPerSec,
    /// Partitions that this broker leads and of which not all replicas are in sync.
    UnderReplicatedPartitions,
    /// Partitions that this broker leads with fewer replicas in sync than `min.insync.replicas`.
    UnderMinIsrPartitionCount,
    /// Partitions that this broker leads with just `min.insync.replicas` in sync.
    AtMinIsrPartitionCount,
    /// Partitions that this broker leads.
    LeaderCount,
    /// Replicas on this broker.
    PartitionCount,
    /// How often the ISR of a partition that this broker leads became smaller.
    IsrShrinksPerSec,
    /// How often the ISR of a partition that this broker leads became larger.
    IsrExpandsPerSec,
    /// How many records the follower that is furthest behind is behind its leader.
    MaxLag,
    /// 1 on the active controller.
    ActiveControllerCount,
    /// Partitions without a leader.
    OfflinePartitionsCount,
    /// Brokers that are registered and not fenced.
    ActiveBrokerCount,
    /// Brokers that are registered and fenced.
    FencedBrokerCount,
    /// Partitions whose leader is not the preferred one.
    PreferredReplicaImbalanceCount,
    /// Leaders elected from outside the ISR and the ELR.
    UncleanLeaderElectionsPerSec,
    /// Leaders elected from the ELR (KIP-966).
    ElectionFromEligibleLeaderReplicasPerSec,
}

/// How a metric's raw numbers become its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The number as it is.
    Gauge,
    /// What is counted, by the time in which it was: per second.
    Rate,
    /// Milliseconds by how often: the mean of those that ended between two samples.
    Time,
    /// Busy milliseconds of threads: the share of their time in which they were idle.
    Idle,
}

/// Which part of a broker a metric measures: where the plan of the pipeline shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Group {
    /// The way of a request.
    Requests,
    /// What flows through the broker.
    Throughput,
    /// Replicas.
    Replication,
    /// What the controller watches.
    Controller,
}

impl Group {
    /// The kebab-case name.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What was read of a metric: a number, and by what it is divided.
pub type Raw = [i64; 2];

const MEASURED: [Place; 5] = [Place::RequestQueue, Place::Handler, Place::Remote, Place::ResponseQueue, Place::Sending];

impl Metric {
    /// All metrics, in the order in which they are shown, without those of errors ([`Self::errors_of`]).
    pub fn all() -> Vec<Self> {
        let of_type = |requests: &Requests| {
            let requests = *requests;
            let times = MEASURED.into_iter().map(move |place| Self::TimeMs(requests, place));
            let first = [Self::RequestsPerSec(requests), Self::TotalTimeMs(requests)];
            first.into_iter().chain(times).chain([Self::ThrottleTimeMs(requests)])
        };
        let first = [
            Self::RequestQueueSize,
            Self::ResponseQueueSize,
            Self::NetworkProcessorAvgIdlePercent,
            Self::RequestHandlerAvgIdlePercent,
            Self::ConnectionCount,
            Self::ConnectionCreationRate,
            Self::ConnectionCloseRate,
            Self::ProduceNumDelayedOperations,
            Self::FetchNumDelayedOperations,
            Self::ProducePurgatorySize,
            Self::FetchPurgatorySize,
        ];
        let last = [
            Self::BytesInPerSec,
            Self::BytesOutPerSec,
            Self::MessagesInPerSec,
            Self::ReplicationBytesInPerSec,
            Self::ReplicationBytesOutPerSec,
            Self::UnderReplicatedPartitions,
            Self::UnderMinIsrPartitionCount,
            Self::AtMinIsrPartitionCount,
            Self::LeaderCount,
            Self::PartitionCount,
            Self::IsrShrinksPerSec,
            Self::IsrExpandsPerSec,
            Self::MaxLag,
            Self::ActiveControllerCount,
            Self::OfflinePartitionsCount,
            Self::ActiveBrokerCount,
            Self::FencedBrokerCount,
            Self::PreferredReplicaImbalanceCount,
            Self::UncleanLeaderElectionsPerSec,
            Self::ElectionFromEligibleLeaderReplicasPerSec,
        ];
        first.into_iter().chain(Requests::VARIANTS.iter().flat_map(of_type)).chain(last).collect()
    }

    /// The metrics of the errors that a broker has answered since it was started.
    pub fn errors_of(node: &Node) -> impl Iterator<Item = Self> {
        let errors = node.server(Listener::Broker).metrics().errors();
        errors.map(|(api, error, _)| Self::ErrorsPerSec(api, error))
    }

    /// The MBean's name as JMX shows it; a pattern where several are added up.
    pub fn mbean(self) -> String {
        let of_requests = |name: &str, requests: Requests| {
            format!("kafka.network:type=RequestMetrics,name={name},request={}", requests.name())
        };
        let of_purgatory = |name: &str, operation: &str| {
            format!("kafka.server:type=DelayedOperationPurgatory,name={name},delayedOperation={operation}")
        };
        let named = |domain: &str, kind: &str, name: &str| format!("{domain}:type={kind},name={name}");
        match self {
            Self::RequestQueueSize | Self::ResponseQueueSize => named("kafka.network", "RequestChannel", self.name()),
            Self::NetworkProcessorAvgIdlePercent => named("kafka.network", "SocketServer", self.name()),
            Self::RequestHandlerAvgIdlePercent => named("kafka.server", "KafkaRequestHandlerPool", self.name()),
            // An MBean of each network thread, which has the value as an attribute.
            Self::ConnectionCount | Self::ConnectionCreationRate | Self::ConnectionCloseRate => {
                "kafka.server:type=socket-server-metrics,listener=*,networkProcessor=*".to_owned()
            }
            // Kafka has one for each version of the request: this is the pattern that finds them all.
            Self::RequestsPerSec(requests) => of_requests(self.name(), requests) + ",version=*",
            Self::TimeMs(requests, _) | Self::TotalTimeMs(requests) | Self::ThrottleTimeMs(requests) => {
                of_requests(self.name(), requests)
            }
            Self::ErrorsPerSec(api, error) => {
                let (name, api, error) = (self.name(), api.name(), error.name());
                format!("kafka.network:type=RequestMetrics,name={name},request={api},error={error}")
            }
            Self::ProduceNumDelayedOperations | Self::ProducePurgatorySize => of_purgatory(self.name(), "Produce"),
            Self::FetchNumDelayedOperations | Self::FetchPurgatorySize => of_purgatory(self.name(), "Fetch"),
            Self::BytesInPerSec
            | Self::BytesOutPerSec
            | Self::MessagesInPerSec
            | Self::ReplicationBytesInPerSec
            | Self::ReplicationBytesOutPerSec => named("kafka.server", "BrokerTopicMetrics", self.name()),
            Self::UnderReplicatedPartitions
            | Self::UnderMinIsrPartitionCount
            | Self::AtMinIsrPartitionCount
            | Self::LeaderCount
            | Self::PartitionCount
            | Self::IsrShrinksPerSec
            | Self::IsrExpandsPerSec => named("kafka.server", "ReplicaManager", self.name()),
            Self::MaxLag => "kafka.server:type=ReplicaFetcherManager,name=MaxLag,clientId=Replica".to_owned(),
            Self::ActiveControllerCount
            | Self::OfflinePartitionsCount
            | Self::ActiveBrokerCount
            | Self::FencedBrokerCount
            | Self::PreferredReplicaImbalanceCount => named("kafka.controller", "KafkaController", self.name()),
            Self::UncleanLeaderElectionsPerSec | Self::ElectionFromEligibleLeaderReplicasPerSec => {
                named("kafka.controller", "ControllerStats", self.name())
            }
        }
    }

    /// The MBean's name, with the attribute behind a blank where the MBean has many.
    pub fn path(self) -> String {
        let mbean = self.mbean();
        if mbean.contains("name=") { mbean } else { format!("{mbean} {}", self.name()) }
    }

    /// The value of the MBean's `name`, or the attribute's where the MBean has many.
    pub fn name(self) -> &'static str {
        match self {
            Self::RequestQueueSize => "RequestQueueSize",
            Self::ResponseQueueSize => "ResponseQueueSize",
            Self::NetworkProcessorAvgIdlePercent => "NetworkProcessorAvgIdlePercent",
            Self::RequestHandlerAvgIdlePercent => "RequestHandlerAvgIdlePercent",
            Self::ConnectionCount => "connection-count",
            Self::ConnectionCreationRate => "connection-creation-rate",
            Self::ConnectionCloseRate => "connection-close-rate",
            Self::RequestsPerSec(_) => "RequestsPerSec",
            Self::TimeMs(_, Place::Socket | Place::RequestQueue) => "RequestQueueTimeMs",
            Self::TimeMs(_, Place::Handler) => "LocalTimeMs",
            Self::TimeMs(_, Place::Remote) => "RemoteTimeMs",
            Self::TimeMs(_, Place::ResponseQueue) => "ResponseQueueTimeMs",
            Self::TimeMs(_, Place::Sending) => "ResponseSendTimeMs",
            Self::TotalTimeMs(_) => "TotalTimeMs",
            Self::ThrottleTimeMs(_) => "ThrottleTimeMs",
            Self::ErrorsPerSec(..) => "ErrorsPerSec",
            Self::ProduceNumDelayedOperations | Self::FetchNumDelayedOperations => "NumDelayedOperations",
            Self::ProducePurgatorySize | Self::FetchPurgatorySize => "PurgatorySize",
            Self::BytesInPerSec => "BytesInPerSec",
            Self::BytesOutPerSec => "BytesOutPerSec",
            Self::MessagesInPerSec => "MessagesInPerSec",
            Self::ReplicationBytesInPerSec => "ReplicationBytesInPerSec",
            Self::ReplicationBytesOutPerSec => "ReplicationBytesOutPerSec",
            Self::UnderReplicatedPartitions => "UnderReplicatedPartitions",
            Self::UnderMinIsrPartitionCount => "UnderMinIsrPartitionCount",
            Self::AtMinIsrPartitionCount => "AtMinIsrPartitionCount",
            Self::LeaderCount => "LeaderCount",
            Self::PartitionCount => "PartitionCount",
            Self::IsrShrinksPerSec => "IsrShrinksPerSec",
            Self::IsrExpandsPerSec => "IsrExpandsPerSec",
            Self::MaxLag => "MaxLag",
            Self::ActiveControllerCount => "ActiveControllerCount",
            Self::OfflinePartitionsCount => "OfflinePartitionsCount",
            Self::ActiveBrokerCount => "ActiveBrokerCount",
            Self::FencedBrokerCount => "FencedBrokerCount",
            Self::PreferredReplicaImbalanceCount => "PreferredReplicaImbalanceCount",
            Self::UncleanLeaderElectionsPerSec => "UncleanLeaderElectionsPerSec",
            Self::ElectionFromEligibleLeaderReplicasPerSec => "ElectionFromEligibleLeaderReplicasPerSec",
        }
    }

    /// How its raw numbers become its value.
    pub fn kind(self) -> Kind {
        match self {
            Self::NetworkProcessorAvgIdlePercent | Self::RequestHandlerAvgIdlePercent => Kind::Idle,
            Self::TimeMs(..) | Self::TotalTimeMs(_) | Self::ThrottleTimeMs(_) => Kind::Time,
            Self::ConnectionCreationRate
            | Self::ConnectionCloseRate
            | Self::RequestsPerSec(_)
            | Self::ErrorsPerSec(..)
            | Self::BytesInPerSec
            | Self::BytesOutPerSec
            | Self::MessagesInPerSec
            | Self::ReplicationBytesInPerSec
            | Self::ReplicationBytesOutPerSec
            | Self::IsrShrinksPerSec
            | Self::IsrExpandsPerSec
            | Self::UncleanLeaderElectionsPerSec
            | Self::ElectionFromEligibleLeaderReplicasPerSec => Kind::Rate,
            Self::RequestQueueSize
            | Self::ResponseQueueSize
            | Self::ConnectionCount
            | Self::ProduceNumDelayedOperations
            | Self::FetchNumDelayedOperations
            | Self::ProducePurgatorySize
            | Self::FetchPurgatorySize
            | Self::UnderReplicatedPartitions
            | Self::UnderMinIsrPartitionCount
            | Self::AtMinIsrPartitionCount
            | Self::LeaderCount
            | Self::PartitionCount
            | Self::MaxLag
            | Self::ActiveControllerCount
            | Self::OfflinePartitionsCount
            | Self::ActiveBrokerCount
            | Self::FencedBrokerCount
            | Self::PreferredReplicaImbalanceCount => Kind::Gauge,
        }
    }

    /// With which others it is shown.
    pub fn group(self) -> Group {
        match self {
            Self::RequestQueueSize
            | Self::ResponseQueueSize
            | Self::NetworkProcessorAvgIdlePercent
            | Self::RequestHandlerAvgIdlePercent
            | Self::ConnectionCount
            | Self::ConnectionCreationRate
            | Self::ConnectionCloseRate
            | Self::RequestsPerSec(_)
            | Self::TimeMs(..)
            | Self::TotalTimeMs(_)
            | Self::ThrottleTimeMs(_)
            | Self::ErrorsPerSec(..)
            | Self::ProduceNumDelayedOperations
            | Self::FetchNumDelayedOperations
            | Self::ProducePurgatorySize
            | Self::FetchPurgatorySize => Group::Requests,
            Self::BytesInPerSec
            | Self::BytesOutPerSec
            | Self::MessagesInPerSec
            | Self::ReplicationBytesInPerSec
            | Self::ReplicationBytesOutPerSec => Group::Throughput,
            Self::UnderReplicatedPartitions
            | Self::UnderMinIsrPartitionCount
            | Self::AtMinIsrPartitionCount
            | Self::LeaderCount
            | Self::PartitionCount
            | Self::IsrShrinksPerSec
            | Self::IsrExpandsPerSec
            | Self::MaxLag => Group::Replication,
            Self::ActiveControllerCount
            | Self::OfflinePartitionsCount
            | Self::ActiveBrokerCount
            | Self::FencedBrokerCount
            | Self::PreferredReplicaImbalanceCount
            | Self::UncleanLeaderElectionsPerSec
            | Self::ElectionFromEligibleLeaderReplicasPerSec => Group::Controller,
        }
    }

    /// What the process would tell now; `None` where it does not live, or has not the role that the metric is of.
    pub fn read(self, cluster: &Cluster, node: &Node, counters: &NodeCounters) -> Option<Raw> {
        let one = |value: usize| Some([i64::try_from(value).unwrap_or(i64::MAX), 1]);
        let counted = |value: u64| Some([i64::try_from(value).unwrap_or(i64::MAX), 1]);
        if self.group() == Group::Controller {
            return self.read_controller(node, counters);
        }
        let broker = node.broker.as_ref()?;
        let server = node.server(Listener::Broker);
        let led = || broker.partitions.values().filter(|partition| partition.is_leader());
        match self {
            Self::RequestQueueSize => one(server.request_queue().len()),
            Self::ResponseQueueSize => {
                one(server.processors().iter().map(|processor| processor.responses().count()).sum())
            }
            Self::NetworkProcessorAvgIdlePercent => {
                let busy: Millis = server.processors().iter().map(|thread| thread.busy_ms(cluster.now())).sum();
                Some([raw(busy), i64::from(server.threads().network)])
            }
            Self::RequestHandlerAvgIdlePercent => {
                let busy: Millis = server.handlers().iter().map(|thread| thread.busy_ms(cluster.now())).sum();
                Some([raw(busy), i64::from(server.threads().io)])
            }
            Self::ConnectionCount => counted(server.accepted().saturating_sub(server.closed())),
            Self::ConnectionCreationRate => counted(server.accepted()),
            Self::ConnectionCloseRate => counted(server.closed()),
            Self::RequestsPerSec(requests) => {
                counted(requests.metrics(node).map_or(0, |metrics| metrics.total().count()))
            }
            Self::TimeMs(requests, place) => {
                Some(requests.metrics(node).and_then(|metrics| metrics.at(place)).map_or([0, 0], time))
            }
            Self::TotalTimeMs(requests) => Some(requests.metrics(node).map_or([0, 0], |metrics| time(metrics.total()))),
            Self::ThrottleTimeMs(requests) => {
                Some(requests.metrics(node).map_or([0, 0], |metrics| time(metrics.throttle())))
            }
            Self::ErrorsPerSec(api, error) => {
                let mut errors = server.metrics().errors();
                counted(errors.find(|each| (each.0, each.1) == (api, error)).map_or(0, |(_, _, count)| count))
            }
            Self::ProduceNumDelayedOperations => counted(broker.purgatory.produce_lists().delayed()),
            Self::FetchNumDelayedOperations => counted(broker.purgatory.fetch_lists().delayed()),
            Self::ProducePurgatorySize => counted(broker.purgatory.produce_lists().size()),
            Self::FetchPurgatorySize => counted(broker.purgatory.fetch_lists().size()),
            Self::BytesInPerSec => counted(counters.bytes_in),
            Self::MessagesInPerSec => counted(counters.messages_in),
            Self::ReplicationBytesInPerSec => counted(counters.replication_bytes_in),
            Self::BytesOutPerSec => counted(bytes_out(node, RequestType::FetchConsumer)),
            Self::ReplicationBytesOutPerSec => counted(bytes_out(node, RequestType::FetchFollower)),
            Self::UnderReplicatedPartitions => {
                one(led().filter(|led| led.registration.isr.len() < led.registration.replicas.len()).count())
            }
            Self::UnderMinIsrPartitionCount => {
                one(led().filter(|led| led.registration.isr.len() < led.min_isr()).count())
            }
            Self::AtMinIsrPartitionCount => {
                one(led().filter(|led| led.registration.isr.len() == led.min_isr()).count())
            }
            Self::LeaderCount => one(led().count()),
            Self::PartitionCount => one(broker.partitions.len()),
            Self::IsrShrinksPerSec => counted(counters.isr_shrinks),
            Self::IsrExpandsPerSec => counted(counters.isr_expands),
            Self::MaxLag => Some([max_lag(cluster, node), 1]),
            Self::ActiveControllerCount
            | Self::OfflinePartitionsCount
            | Self::ActiveBrokerCount
            | Self::FencedBrokerCount
            | Self::PreferredReplicaImbalanceCount
            | Self::UncleanLeaderElectionsPerSec
            | Self::ElectionFromEligibleLeaderReplicasPerSec => None,
        }
    }

    fn read_controller(self, node: &Node, counters: &NodeCounters) -> Option<Raw> {
        let controller = node.controller.as_ref()?;
        let image = controller.image();
        let count = |value: usize| Some([i64::try_from(value).unwrap_or(i64::MAX), 1]);
        let partitions = || image.partitions().map(|(_, _, partition)| partition);
        match self {
            Self::ActiveControllerCount => count(usize::from(controller.is_active())),
            Self::OfflinePartitionsCount => count(partitions().filter(|partition| partition.leader < 0).count()),
            Self::ActiveBrokerCount => count(image.brokers.values().filter(|broker| !broker.fenced).count()),
            Self::FencedBrokerCount => count(image.brokers.values().filter(|broker| broker.fenced).count()),
            Self::PreferredReplicaImbalanceCount => {
                let is_away = |preferred: Option<&i32>, leader: i32| preferred.is_some_and(|id| *id != leader);
                count(partitions().filter(|each| is_away(each.replicas.first(), each.leader)).count())
            }
            Self::UncleanLeaderElectionsPerSec => Some([raw(counters.unclean_elections), 1]),
            Self::ElectionFromEligibleLeaderReplicasPerSec => Some([raw(counters.eligible_elections), 1]),
            _ => None,
        }
    }
}

impl Requests {
    /// The value of the `request` tag.
    pub fn name(self) -> &'static str {
        self.request_type().name()
    }

    fn request_type(self) -> RequestType {
        match self {
            Self::Produce => RequestType::Api(ApiKey::Produce),
            Self::FetchConsumer => RequestType::FetchConsumer,
            Self::FetchFollower => RequestType::FetchFollower,
        }
    }

    /// What a broker's listener has counted of them.
    pub fn metrics(self, node: &Node) -> Option<&TypeMetrics> {
        of_type(node, self.request_type())
    }
}

fn of_type(node: &Node, wanted: RequestType) -> Option<&TypeMetrics> {
    let mut all = node.server(Listener::Broker).metrics().by_type();
    all.find(|(request_type, _)| *request_type == wanted).map(|(_, metrics)| metrics)
}

fn bytes_out(node: &Node, fetches: RequestType) -> u64 {
    of_type(node, fetches).map_or(0, TypeMetrics::bytes_out)
}

fn raw(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn time(histogram: Histogram<'_>) -> Raw {
    [raw(histogram.sum()), raw(histogram.count())]
}

/// How far the replica that is furthest behind its leader is, in records: what its fetcher knows from the leader's last answer is
/// the leader's high watermark; an onlooker may compare with the leader's log.
fn max_lag(cluster: &Cluster, node: &Node) -> i64 {
    let Some(broker) = node.broker.as_ref() else { return 0 };
    let lag = |id: &crate::wire::ids::TopicIdPartition, leader: i32| {
        let own = node.disk.broker.logs.get(id)?.log.log_end_offset();
        let leaders = cluster.node(leader)?.disk.broker.logs.get(id)?.log.log_end_offset();
        Some(leaders - own)
    };
    let followed = broker.partitions.iter().filter(|(_, partition)| !partition.is_leader());
    followed.filter_map(|(id, partition)| lag(id, partition.registration.leader)).max().unwrap_or(0).max(0)
}

/// A metric as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricView {
    /// Which.
    pub metric: Metric,
    /// Its value: since the process was started, where it is a rate, a time or a share.
    pub value: Option<f64>,
}
