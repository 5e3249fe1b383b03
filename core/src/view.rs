//! The one face through which everybody looks at a cluster: the page, the text view, lessons, oracles, the JS API.
//!
//! It names what is shown, in plain owned values. Anyone who draws never sees a private field of the engine.

mod broker;
mod client;
mod controller;
mod coordinator_log;
mod group;
mod group_detail;
pub(crate) mod group_records;
mod ledger;
mod network;
mod node;
mod pending;
mod pipeline;
mod quorum;
mod replica;
mod request_template;
mod settings;
mod summary;
mod transaction_records;
mod transactions;
mod unfinished;

use serde::Serialize;

use crate::actor::{Actor, Endpoint};
use crate::cluster::Cluster;
use crate::cluster::event::Event;
use crate::sim::Millis;

pub use crate::client::producer::PartitionedBy;
pub use crate::client::producer::delivery::DeliveryStage;
pub use broker::PurgatoryView;
pub use client::{
    AssignedView, ConsumerView, IdempotenceView, PartitioningView, PerfTestView, ProcessedView, ProducerBatchStage,
    ProducerBatchView, ProducerTransactionView, ProducerView, ReadRecordView, SubscriptionView,
};
pub use controller::{BrokerRegistrationView, ControllerView, PartitionView};
pub use coordinator_log::{CoordinatorLogView, CoordinatorRecord, CoordinatorRecordView};
pub use group::{GroupMemberView, GroupView};
pub use group_detail::{GroupDetailView, GroupPartitionView, GroupTimerView, MemberClientView};
pub use ledger::{GroupReading, LedgerFinding, LedgerRow, StoredCopy};
pub use network::{EnvelopeView, HeldView, RequestId};
pub use node::{NodeState, NodeView, RequestView};
pub use pending::{PendingKind, PendingView, TimerSubject};
pub use pipeline::{
    AnsweredView, ConnectionView, PipelineRequestView, PipelineView, PlaceSum, PlaceTime, ProcessorTask, ProcessorView,
    QuotaView, TransfersView,
};
pub use quorum::{
    BrokerLogView, ControllerRequestView, ControllerWait, ElectionView, FetchingSnapshotView, MetadataLogView,
    MetadataRecordView, QuorumReplicaView, QuorumTimer, QuorumTimerView, QuorumView, SnapshotView, VoterView,
};
pub use replica::{BatchView, FollowerView, ReplicaView, Role, SegmentView, StoredRecords};
pub use request_template::{REQUEST_TEMPLATES, RequestTemplate};
pub use settings::{SettingSource, SettingView};
pub(crate) use transaction_records::key_and_value as transaction_key_and_value;
pub use transactions::{
    AbortedTransactionView, OpenTransactionView, RecordFate, TransactionPartition, TransactionPartitionView,
    TransactionRecordView, TransactionState, TransactionView, TransactionsView,
};
pub use unfinished::Unfinished;

/// A whole cluster, as it is at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterView {
    /// Virtual time, in milliseconds.
    pub now_ms: Millis,
    /// What the clock showed when the run began, in milliseconds: 0 but where a run begins by the time of day.
    pub started_ms: Millis,
    /// The Kafka processes, by id.
    pub nodes: Vec<NodeView>,
    /// What the active controller's metadata log says of partitions, by topic and index: the cluster's truth, which no
    /// broker need know yet.
    pub partitions: Vec<PartitionView>,
    /// The producers.
    pub producers: Vec<ProducerView>,
    /// The consumers.
    pub consumers: Vec<ConsumerView>,
    /// Groups, as their coordinators have them.
    pub groups: Vec<GroupView>,
    /// What is on its way, in the order in which it will arrive.
    pub envelopes: Vec<EnvelopeView>,
    /// Cut directions.
    pub cuts: Vec<(Actor, Actor)>,
    /// What was sent into cut links and waits there, the oldest first: no sender knows.
    pub held: Vec<HeldView>,
}

impl ClusterView {
    /// How much virtual time has passed since the run began, in milliseconds.
    pub fn elapsed_ms(&self) -> Millis {
        self.now_ms.saturating_sub(self.started_ms)
    }
}

impl Cluster {
    /// The whole cluster as it is now.
    pub fn view(&self) -> ClusterView {
        ClusterView {
            now_ms: self.now(),
            started_ms: self.config().start.clock_ms(),
            nodes: self.nodes().map(|node| node::node_view(self, node)).collect(),
            partitions: self.image().map(controller::partition_views).unwrap_or_default(),
            producers: self
                .producers()
                .map(|producer| {
                    let application = self.application_of(Endpoint::Producer(producer.number()));
                    producer.view(self.now(), application.map(|(consumer, _)| consumer))
                })
                .collect(),
            consumers: self.consumers().map(|consumer| consumer.view()).collect(),
            groups: self
                .nodes()
                .filter_map(|node| node.broker.as_ref())
                .flat_map(|broker| broker.groups.views(broker.id, &broker.image))
                .collect(),
            envelopes: self
                .events()
                .filter_map(|(at, event, what)| match what {
                    Event::Deliver(envelope) => Some(network::envelope_view(self, event, at, envelope)),
                    Event::Handle { .. }
                    | Event::HandlerDone { .. }
                    | Event::ProcessorDone { .. }
                    | Event::ThrottleDone { .. }
                    | Event::Poll { .. }
                    | Event::Send { .. }
                    | Event::DiskDone { .. }
                    | Event::ConnectionSetupTimeout { .. }
                    | Event::Fire { .. } => None,
                })
                .collect(),
            cuts: self.cuts().collect(),
            held: self.held().map(|envelope| network::held_view(self, envelope)).collect(),
        }
    }
}
