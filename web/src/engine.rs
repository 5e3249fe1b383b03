//! The one door to the engine: what the page uses of it, by name.

pub use kafkascope_core::actor::{Actor, Endpoint, Listener};
pub use kafkascope_core::change::{Change, Concern, Membership, MilestoneKind, QuorumRole, ReplicaPart};
pub use kafkascope_core::cluster::Cluster;
pub use kafkascope_core::command::{Command, CommandError, SettingScope};
pub use kafkascope_core::console;
#[cfg(test)]
pub use kafkascope_core::explain::Routine;
pub use kafkascope_core::history::{
    Ahead, BranchView, CHECKPOINT_INTERVAL, History, Milestone, Opening, Passed, Replay, SavedHistory, Scout, StepEntry,
};
pub use kafkascope_core::invariant::{FoundViolation, InvariantViolation};
pub use kafkascope_core::json;
pub use kafkascope_core::metrics::{
    ClientMetric, Group as MetricGroup, Kind as MetricKind, MemberRebalance, Metric, Point, ReadingPause, Rebalance,
    client_csv, csv, prometheus,
};
pub use kafkascope_core::presets::{self, Preset, presets};
pub use kafkascope_core::properties;
pub use kafkascope_core::scenario::{Scenario, ScenarioError};
pub use kafkascope_core::settings::Effect;
pub use kafkascope_core::sim::queue::EventId;
pub use kafkascope_core::socket_server::channel::Place;
pub use kafkascope_core::step::{ExecutedEvent, Position, Size, Step};
pub use kafkascope_core::transaction::TransactionCall;
#[cfg(test)]
pub use kafkascope_core::transaction::TransactionManagerState;
pub use kafkascope_core::view::*;
pub use kafkascope_core::why::WhyNot;
pub use kafkascope_core::wire::ErrorCode;
pub use kafkascope_core::wire::client_quotas::QuotaType;
pub use kafkascope_core::wire::records::{Bytes, Header};
pub use kafkascope_core::wire::{ApiKey, Response, TopicPartition};
