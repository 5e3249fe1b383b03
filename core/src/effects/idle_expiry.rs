//! When connections are closed on which nothing passes.

use smallvec::SmallVec;

use super::exponential_backoff::ExponentialBackoff;
use super::in_flight::InFlightRequests;
use super::{Effects, Outgoing, Timer};
use crate::actor::{Actor, Endpoint, Listener};
use crate::connection::Purpose;
use crate::explain::Explanation;
use crate::sim::Millis;

/// The limit of an endpoint's own connections, or of those to a listener (`Selector.IdleExpiryManager`).
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

    /// A client's or a listener's: some thread of it polls all the time. A negative limit is none.
    pub fn new(max_idle_ms: i64) -> Self {
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

impl<K> InFlightRequests<K> {
    /// The timer fires when the first connection is idle for too long.
    pub(super) fn watch_idle(&mut self, fx: &mut Effects) {
        if self.watches_idle {
            return;
        }
        if let Some(first) = self.connections.expiries(self.idle_expiry).map(|(_, at)| at).min() {
            self.watches_idle = true;
            fx.set_timer(Timer::IdleConnections, first);
        }
    }

    /// Closes the connections on which nothing has passed for `connections.max.idle.ms`, also where a request waits for its answer
    /// (`Selector.maybeCloseOldestConnection`), says so, and sets the timer for the next. Gives them, as node, listener and purpose:
    /// whose they are, `client`, is to do as if they had been closed at the other end. Call when [`Timer::IdleConnections`] fires.
    pub fn close_idle(
        &mut self,
        fx: &mut Effects,
        client: Actor,
        now: Millis,
    ) -> SmallVec<[(i32, Listener, Purpose); 2]> {
        let expired = self.connections.expiries(self.idle_expiry).filter(|(_, at)| *at <= now);
        let expired: SmallVec<[(Endpoint, Purpose); 2]> = expired.map(|(connection, _)| connection).collect();
        let idle_ms = self.idle_expiry.max_idle_ms.unwrap_or_default();
        let mut closed = SmallVec::new();
        for (from, purpose) in expired {
            self.connections.disconnected(from, purpose, ExponentialBackoff::NONE, now);
            fx.sends.push(Outgoing::Disconnect { from, purpose });
            if let Some((node, port)) = from.listener() {
                fx.explain(Explanation::ClientClosesIdleConnection { client, node, idle_ms });
                closed.push((node, port, purpose));
            }
        }
        fx.explain(Explanation::NoConnectionIdle { client });
        self.watches_idle = false;
        self.watch_idle(fx);
        closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::metadata::{ApiVersionsResponse, MetadataRequest};
    use crate::wire::{Request, Response};

    const BROKER: (i32, Listener, Purpose) = (1, Listener::Broker, Purpose::Data);

    /// An endpoint with an open request, on a connection that was ready at 10 ms.
    fn asking(expiry: IdleExpiry) -> (InFlightRequests<&'static str>, Effects) {
        let mut requests = InFlightRequests::new(expiry);
        let mut fx = Effects::at(0);
        requests.send(&mut fx, 1, Listener::Broker, Request::Metadata(MetadataRequest::default()), 5_000, "asked");
        let answer = Response::ApiVersions(ApiVersionsResponse::default());
        requests.answered(&mut Effects::at(10), 0, &answer, 10);
        (requests, fx)
    }

    #[test]
    fn a_connection_goes_once_more_than_its_time_has_passed_since_anything_did() {
        let (mut requests, fx) = asking(IdleExpiry::new(1_000));
        assert!(fx.timers.contains(&(Timer::IdleConnections, Some(1_001))), "{:?}", fx.timers);
        let mut early = Effects::at(1_001);
        assert!(requests.close_idle(&mut early, Actor::Admin, 1_001).is_empty(), "the answer of 10 ms counts");
        assert_eq!(early.timers.as_slice(), [(Timer::IdleConnections, Some(1_011))]);
        let mut due = Effects::at(1_011);
        assert_eq!(requests.close_idle(&mut due, Actor::Admin, 1_011).as_slice(), [BROKER]);
        assert!(matches!(due.sends[..], [Outgoing::Disconnect { purpose: Purpose::Data, .. }]), "{:?}", due.sends);
        assert!(due.timers.is_empty(), "nothing is left to be watched");
        // What was open on it is lost, as if the other end had closed it.
        let lost = requests.take_all_on(1, Listener::Broker, Purpose::Data, ExponentialBackoff::NONE, 1_011);
        assert_eq!(lost.iter().map(|open| open.context).collect::<Vec<_>>(), ["asked"]);
    }

    #[test]
    fn a_node_looks_later_and_a_negative_limit_is_none() {
        let (_, fx) = asking(IdleExpiry::of_node(1_000, 30_000));
        assert!(fx.timers.contains(&(Timer::IdleConnections, Some(31_001))), "{:?}", fx.timers);
        let (_, fx) = asking(IdleExpiry::new(-1));
        assert!(fx.timers.iter().all(|(timer, _)| *timer != Timer::IdleConnections), "{:?}", fx.timers);
    }
}
