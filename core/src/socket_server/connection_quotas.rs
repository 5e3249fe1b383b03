//! What a listener allows its connections (`ConnectionQuotas`, `SocketServerConfigs`).
//!
//! Kafka counts connections by the address that they come from. Here every node, every client and the admin client has an address
//! of its own, and all hand-written requests come from one: a person's machine.

use super::SocketServer;
use super::channel::ChannelId;
use crate::actor::{Actor, Endpoint};
use crate::connection::CloseReason;
use crate::effects::IdleExpiry;
use crate::settings::BrokerSettings;

/// `socket.request.max.bytes` by default.
const DEFAULT_REQUEST_MAX_BYTES: i32 = 104_857_600;

/// The limits of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// `socket.request.max.bytes`.
    pub request_max_bytes: i32,
    /// When it closes connections on which nothing passes (`connections.max.idle.ms`).
    pub idle_expiry: IdleExpiry,
    /// `max.connections.per.ip`, which may change while the process runs.
    pub max_connections_per_ip: u32,
}

impl Limits {
    /// What a process is started with.
    pub fn of(settings: &BrokerSettings) -> Self {
        Self {
            request_max_bytes: settings.socket_request_max_bytes,
            idle_expiry: IdleExpiry::new(settings.connections_max_idle_ms),
            max_connections_per_ip: u32::try_from(settings.max_connections_per_ip).unwrap_or_default(),
        }
    }

    /// Whether a request of a node or a client may be too large: only under a lower limit than the default, which none of them
    /// reaches.
    pub(super) fn bounds_clients(&self) -> bool {
        self.request_max_bytes < DEFAULT_REQUEST_MAX_BYTES
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(&BrokerSettings::default())
    }
}

/// The address that a client's connections come from.
fn address(client: Endpoint) -> Actor {
    match client {
        Endpoint::Probe(_) => Actor::Probe(0),
        client => client.actor(),
    }
}

impl SocketServer {
    /// The same listener with these limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// What it allows its connections.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// `max.connections.per.ip` changed. Connections that there are stay, also those above the limit.
    pub fn set_max_connections_per_ip(&mut self, max: u32) {
        self.limits.max_connections_per_ip = max;
    }

    /// Whether a connection may be accepted, if it is a new one. The error is why it is closed as soon as it is
    /// (`TooManyConnectionsException`).
    pub fn check_quota(&self, id: &ChannelId) -> Result<(), CloseReason> {
        // Nobody reaches the default: counting is for those who lower it.
        let max = self.limits.max_connections_per_ip;
        if !self.mutes || max >= i32::MAX.cast_unsigned() || self.channels.contains_key(id) {
            return Ok(());
        }
        let own = address(id.client);
        let is_counted = |other: &&ChannelId| address(other.client) == own && !other.is_superseded_by(id);
        let count = self.channels.keys().filter(is_counted).count();
        if count < usize::try_from(max).unwrap_or(usize::MAX) {
            return Ok(());
        }
        Err(CloseReason::TooManyConnections { max })
    }
}
