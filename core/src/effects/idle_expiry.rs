//! When an endpoint closes connections of its own on which nothing passes.

use crate::sim::Millis;

/// The limit of an endpoint's own connections (`Selector.IdleExpiryManager`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdleExpiry {
    /// `connections.max.idle.ms`, in milliseconds; `None` for no limit.
    max_idle_ms: Option<Millis>,
    /// How long it sleeps meanwhile (`Selector.poll`) before it looks, in milliseconds.
    poll_ms: Millis,
}

impl IdleExpiry {
    /// No limit.
    pub const NEVER: Self = Self { max_idle_ms: None, poll_ms: 0 };

    /// A client's: some thread of it polls all the time. A negative limit is none.
    pub fn of_client(max_idle_ms: i64) -> Self {
        Self { max_idle_ms: Millis::try_from(max_idle_ms).ok(), poll_ms: 0 }
    }

    /// A node's own channels: their threads sleep up to `poll_ms` while they have nothing to send. The listener at the other end,
    /// which has the same limit where the nodes have the same settings, has closed the connection by then.
    pub fn of_node(max_idle_ms: i64, poll_ms: Millis) -> Self {
        Self { max_idle_ms: Millis::try_from(max_idle_ms).ok(), poll_ms }
    }

    /// The limit, in milliseconds.
    pub fn max_idle_ms(self) -> Option<Millis> {
        self.max_idle_ms
    }

    /// When a connection is closed on which something passed last at `last_active`; `None` for never. Not before more time than the
    /// limit has passed.
    pub fn expires_at(self, last_active: Millis) -> Option<Millis> {
        let idle_ms = self.max_idle_ms?.saturating_add(self.poll_ms).saturating_add(1);
        Some(last_active.saturating_add(idle_ms))
    }
}
