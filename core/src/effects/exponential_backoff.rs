//! How long to wait after failures.

use crate::sim::Millis;

/// Waits that double with each failure in a row, up to a bound (`ExponentialBackoff`), in milliseconds. Kafka draws each from 80 to
/// 120 per cent of this, to part those that failed together; here latencies part them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExponentialBackoff {
    /// After the first failure.
    pub initial_ms: Millis,
    /// At most, unless the first is longer.
    pub max_ms: Millis,
}

impl ExponentialBackoff {
    /// Before a broker's channels to the controller, to transaction coordinators and to leaders that get markers connect again.
    pub const OF_BROKER_CHANNELS: Self = Self { initial_ms: 50, max_ms: 50 };
    /// Before the quorum's channel does (`KafkaRaftManager.buildNetworkClient`).
    pub const OF_QUORUM: Self = Self { initial_ms: 50, max_ms: 500 };
    /// Before a follower's fetcher does, whose own backoff is enough (`BrokerBlockingSender`).
    pub const NONE: Self = Self { initial_ms: 0, max_ms: 0 };

    /// The delay after this number of consecutive failures.
    pub fn after(self, failures: u32) -> Millis {
        self.initial_ms.saturating_mul(1 << failures.min(20)).min(self.max_ms.max(self.initial_ms))
    }
}
