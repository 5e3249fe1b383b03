//! Connections from an endpoint to a listener.
//!
//! Kafka's clients open one connection to a node for each purpose: what a broker answers late on one does not hold up
//! another. On one connection a broker takes one request at a time.

use serde::Serialize;

use crate::actor::{Endpoint, Listener};
use crate::ranked_map::Ranked;
use crate::sim::Millis;
use crate::wire::ApiKey;

/// What a connection is for: which of the client's `NetworkClient`s, or which node id of it, owns it.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    strum::VariantNames,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Purpose {
    /// Records and metadata: a producer's, a consumer's, an admin client's, a replica fetcher's, a hand-written request's.
    #[default]
    Data,
    /// A consumer speaks to its group's coordinator on a connection of its own (node id `Integer.MAX_VALUE - id`), so that
    /// a heartbeat never waits behind a fetch.
    Coordinator,
    /// A broker's registration and heartbeats (`BrokerLifecycleManager`).
    Heartbeat,
    /// A controller's registration (`ControllerRegistrationManager`).
    ControllerRegistration,
    /// A broker's proposals for the ISR (`AlterPartitionManager`).
    AlterPartition,
    /// The ends of transactions, to the leaders of their partitions (`TransactionMarkerChannelManager`).
    TransactionMarkers,
    /// What a leader asks a transaction's coordinator (`AddPartitionsToTxnManager`).
    TransactionVerification,
    /// What a broker forwards for its clients (`ForwardingManager`).
    Forwarding,
    /// The quorum's own requests (`KafkaNetworkChannel`).
    Quorum,
}

impl Ranked for (Endpoint, Purpose) {
    /// By the endpoint, then by the purpose.
    #[inline]
    fn rank(&self) -> u128 {
        (self.0.rank() << u8::BITS) | u128::from(self.1 as u8)
    }
}

impl Purpose {
    /// The kebab-case name; the page's message for it has the id `connection-` and this name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }

    /// The connection on which Kafka's own clients send a request to a listener.
    pub const fn of(port: Listener, api: ApiKey) -> Self {
        match port {
            Listener::Broker => match api {
                ApiKey::JoinGroup
                | ApiKey::SyncGroup
                | ApiKey::Heartbeat
                | ApiKey::LeaveGroup
                | ApiKey::ConsumerGroupHeartbeat
                | ApiKey::OffsetCommit
                | ApiKey::OffsetFetch => Self::Coordinator,
                ApiKey::WriteTxnMarkers => Self::TransactionMarkers,
                ApiKey::AddPartitionsToTxn => Self::TransactionVerification,
                _ => Self::Data,
            },
            Listener::Controller => match api {
                ApiKey::BrokerRegistration | ApiKey::BrokerHeartbeat => Self::Heartbeat,
                ApiKey::ControllerRegistration => Self::ControllerRegistration,
                ApiKey::AlterPartition => Self::AlterPartition,
                ApiKey::Fetch
                | ApiKey::FetchSnapshot
                | ApiKey::Vote
                | ApiKey::BeginQuorumEpoch
                | ApiKey::EndQuorumEpoch
                | ApiKey::AppendEntries
                | ApiKey::UpdateRaftVoter
                | ApiKey::ApiVersions => Self::Quorum,
                _ => Self::Forwarding,
            },
        }
    }
}

/// Why a listener closes a connection of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::VariantNames, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum CloseReason {
    /// A request is larger than `socket.request.max.bytes` (`InvalidReceiveException`).
    RequestTooLarge {
        /// Its size.
        size_bytes: u32,
        /// The limit.
        max_bytes: i32,
    },
    /// The size of a request is below 0 (`InvalidReceiveException`).
    NegativeRequestSize {
        /// The size.
        size_bytes: i32,
    },
    /// A request cannot be parsed, or is none that the listener takes (`InvalidRequestException`).
    MalformedRequest,
    /// Nothing has passed on it for `connections.max.idle.ms`.
    Idle {
        /// That limit.
        idle_ms: Millis,
    },
    /// Its address has `max.connections.per.ip` connections already (`TooManyConnectionsException`).
    TooManyConnections {
        /// That limit.
        max: u32,
    },
}

impl CloseReason {
    /// The kebab-case name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

impl Serialize for CloseReason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One of an endpoint's connections to a listener.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// What it is for.
    pub purpose: Purpose,
    /// Counts the connections that the endpoint has had for this purpose: who closes one opens the next. Of hand-written
    /// requests it is the probe that opened it.
    pub number: u32,
}

impl Connection {
    /// The connection of a probe.
    pub const fn of_probe(probe: u32) -> Self {
        Self { purpose: Purpose::Data, number: probe }
    }

    /// Who opened it, of all that send on it.
    pub const fn opened_by(self, sender: Endpoint) -> Endpoint {
        match sender {
            Endpoint::Probe(_) => Endpoint::Probe(self.number),
            sender => sender,
        }
    }
}
