//! What an actor knows of its connections to others (`ClusterConnectionStates`, `ApiVersions`): which are ready, which answers have
//! asked for a pause, and which nodes it has failed to reach.
//!
//! | a connection is       | becomes               | when                                                                        |
//! |-----------------------|-----------------------|-----------------------------------------------------------------------------|
//! | disconnected          | checking API versions | something is to be sent on it: ApiVersions goes first, the rest waits       |
//! | checking API versions | ready                 | ApiVersions is answered: what has waited leaves, in its order               |
//! | any                   | backing off           | it has ended, or could not be made; what has waited is lost                 |
//! | backing off           | disconnected          | `reconnect.backoff.ms` is over; each further failure doubles it, to its max |
//! | ready                 | throttled             | an answer asks for a pause                                                  |
//! | throttled             | ready                 | the pause is over                                                           |
//! | checking, ready       | backing off           | nothing has passed on it for `connections.max.idle.ms`                      |
//!
//! An answer sets the failures to zero.

use super::exponential_backoff::ExponentialBackoff;
use super::idle_expiry::IdleExpiry;
use crate::actor::Endpoint;
use crate::connection::Purpose;
use crate::ranked_map::RankedMap;
use crate::sim::Millis;
use crate::wire::{Request, RequestHeader};

/// The connections of which there is anything to remember.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConnectionStates {
    states: RankedMap<(Endpoint, Purpose), NodeConnectionState>,
}

/// One connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct NodeConnectionState {
    state: ConnectionState,
    /// Until when nothing may be sent, because an answer asked for a pause (`throttleUntilTimeMs`).
    throttled_until: Millis,
    /// Failures in a row (`failedAttempts`).
    failures: u32,
    /// Not to be made again before.
    reconnects_at: Millis,
    /// When it was last begun to be made (`lastConnectAttemptMs`), 0 where never.
    connected_at: Millis,
    /// When something was sent or came on it last (`lruConnections`).
    last_active: Millis,
}

/// How much a node has to do for a client, as far as the client knows (`NetworkClient.leastLoadedNode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeLoad {
    /// Its connection is ready.
    Ready {
        /// How many requests are in flight on it.
        in_flight: usize,
    },
    /// It is being connected to.
    Connecting,
    /// It may be connected to.
    CanConnect {
        /// When that was last tried, in milliseconds; 0 where never.
        tried_at: Millis,
    },
    /// Nothing may be sent to it before a time, in milliseconds.
    Unavailable {
        /// Until when.
        until: Millis,
    },
}

/// Whether requests may leave on a connection (`ConnectionState`; whether TCP has it open is the network's to know).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum ConnectionState {
    /// There is none.
    #[default]
    Disconnected,
    /// ApiVersions is on its way (`CONNECTING`, `CHECKING_API_VERSIONS`).
    CheckingApiVersions {
        /// The number of that request.
        correlation_id: i32,
        /// When it is given up, in milliseconds.
        deadline: Millis,
        /// What leaves once it is answered, in this order.
        unsent: Vec<UnsentRequest>,
    },
    /// The peer has said which versions it speaks (`READY`).
    Ready,
}

/// A request that waits for its connection to be ready (`UnsentRequests`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnsentRequest {
    /// The header.
    pub header: RequestHeader,
    /// The body.
    pub request: Box<Request>,
}

impl ConnectionStates {
    /// An answer asks for a pause (`NetworkClient.maybeThrottle`). The end of a pause never moves back.
    pub fn throttle(&mut self, to: Endpoint, purpose: Purpose, until: Millis) {
        let state = self.states.get_or_insert_with((to, purpose), NodeConnectionState::default);
        state.throttled_until = state.throttled_until.max(until);
    }

    /// A connection has ended, or could not be made: what has waited for it is lost.
    pub fn disconnected(&mut self, to: Endpoint, purpose: Purpose, backoff: ExponentialBackoff, now: Millis) {
        let state = self.states.get_or_insert_with((to, purpose), NodeConnectionState::default);
        state.state = ConnectionState::Disconnected;
        if backoff == ExponentialBackoff::NONE {
            return;
        }
        state.reconnects_at = now.saturating_add(backoff.after(state.failures));
        state.failures = state.failures.saturating_add(1);
    }

    /// An answer has come: the connection stands.
    pub fn answered(&mut self, to: Endpoint, purpose: Purpose, now: Millis) {
        let Some(state) = self.states.get_mut(&(to, purpose)) else { return };
        (state.failures, state.reconnects_at, state.last_active) = (0, 0, now);
        if state.throttled_until <= now && state.state == ConnectionState::Disconnected {
            self.states.remove(&(to, purpose));
        }
    }

    /// Whether requests may leave on a connection.
    pub fn is_ready(&self, to: Endpoint, purpose: Purpose) -> bool {
        self.states.get(&(to, purpose)).is_some_and(|state| state.state == ConnectionState::Ready)
    }

    /// Whether somebody has to ask for the API versions before anything else may be sent on a connection.
    pub fn is_disconnected(&self, to: Endpoint, purpose: Purpose) -> bool {
        self.states.get(&(to, purpose)).is_none_or(|state| state.state == ConnectionState::Disconnected)
    }

    /// What a node has to do, where `in_flight` requests are in flight on its connection.
    pub fn load(&self, to: Endpoint, purpose: Purpose, in_flight: usize, now: Millis) -> NodeLoad {
        if let Some(until) = self.not_before(to, purpose, now) {
            return NodeLoad::Unavailable { until };
        }
        match self.states.get(&(to, purpose)) {
            None => NodeLoad::CanConnect { tried_at: 0 },
            Some(state) => match state.state {
                ConnectionState::Disconnected => NodeLoad::CanConnect { tried_at: state.connected_at },
                ConnectionState::CheckingApiVersions { .. } => NodeLoad::Connecting,
                ConnectionState::Ready => NodeLoad::Ready { in_flight },
            },
        }
    }

    /// ApiVersions is on its way on a new connection, which is begun to be made at `now`.
    pub fn checks_api_versions(
        &mut self,
        (to, purpose): (Endpoint, Purpose),
        correlation_id: i32,
        deadline: Millis,
        now: Millis,
    ) {
        let state = self.states.get_or_insert_with((to, purpose), NodeConnectionState::default);
        (state.connected_at, state.last_active) = (now, now);
        state.state = ConnectionState::CheckingApiVersions { correlation_id, deadline, unsent: Vec::new() };
    }

    /// Keeps a request until its connection is ready; gives it back where it may leave now.
    pub fn keep_until_ready(
        &mut self,
        to: Endpoint,
        purpose: Purpose,
        request: UnsentRequest,
        now: Millis,
    ) -> Option<UnsentRequest> {
        let Some(state) = self.states.get_mut(&(to, purpose)) else { return Some(request) };
        match &mut state.state {
            ConnectionState::CheckingApiVersions { unsent, .. } => {
                unsent.push(request);
                None
            }
            ConnectionState::Disconnected | ConnectionState::Ready => {
                state.last_active = now;
                Some(request)
            }
        }
    }

    /// The connections that there are, and when each is idle for too long.
    pub fn expiries(&self, expiry: IdleExpiry) -> impl Iterator<Item = ((Endpoint, Purpose), Millis)> {
        let there_are = self.states.iter().filter(|(_, state)| state.state != ConnectionState::Disconnected);
        there_are.filter_map(move |(connection, state)| Some((*connection, expiry.expires_at(state.last_active)?)))
    }

    /// ApiVersions was answered: gives the connection and what may leave on it now. `None` where the answer is another request's.
    pub fn api_versions_answered(
        &mut self,
        answered: i32,
        now: Millis,
    ) -> Option<((Endpoint, Purpose), Vec<UnsentRequest>)> {
        let is_asked = |state: &NodeConnectionState| match &state.state {
            ConnectionState::CheckingApiVersions { correlation_id, .. } => *correlation_id == answered,
            ConnectionState::Disconnected | ConnectionState::Ready => false,
        };
        let (connection, state) = self.states.iter_mut().find(|(_, state)| is_asked(state))?;
        (state.failures, state.reconnects_at, state.last_active) = (0, 0, now);
        match std::mem::replace(&mut state.state, ConnectionState::Ready) {
            ConnectionState::CheckingApiVersions { unsent, .. } => Some((*connection, unsent)),
            ConnectionState::Disconnected | ConnectionState::Ready => None,
        }
    }

    /// Connections on which ApiVersions is on its way, and until when they are waited for.
    pub fn checking(&self) -> impl Iterator<Item = ((Endpoint, Purpose), Millis)> {
        self.states.iter().filter_map(|(connection, state)| match &state.state {
            ConnectionState::CheckingApiVersions { deadline, .. } => Some((*connection, *deadline)),
            ConnectionState::Disconnected | ConnectionState::Ready => None,
        })
    }

    /// When a connection may be made again that has ended or could not be made; `None` where it may be used or made now.
    pub fn reconnects_at(&self, to: Endpoint, purpose: Purpose, now: Millis) -> Option<Millis> {
        self.states.get(&(to, purpose)).map(|state| state.reconnects_at).filter(|at| *at > now)
    }

    /// When something may be sent on a connection; `None` for now.
    pub fn not_before(&self, to: Endpoint, purpose: Purpose, now: Millis) -> Option<Millis> {
        let state = self.states.get(&(to, purpose))?;
        Some(state.throttled_until.max(state.reconnects_at)).filter(|at| *at > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Listener;

    #[test]
    fn each_failure_doubles_the_wait_and_an_answer_ends_it() {
        let (broker, data) = (Endpoint::server(2, Listener::Broker), Purpose::Data);
        let backoff = ExponentialBackoff { initial_ms: 50, max_ms: 1_000 };
        let mut states = ConnectionStates::default();
        assert_eq!(states.reconnects_at(broker, data, 0), None);
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..7 {
            states.disconnected(broker, data, backoff, now);
            let at = states.reconnects_at(broker, data, now).expect("it backs off");
            waits.push(at - now);
            now = at;
        }
        assert_eq!(waits, [50, 100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!(states.reconnects_at(broker, data, now), None, "the wait is over");
        assert_eq!(
            states.reconnects_at(broker, Purpose::Coordinator, 0),
            None,
            "another connection to the same broker"
        );
        states.answered(broker, data, now);
        states.disconnected(broker, data, backoff, now);
        assert_eq!(states.reconnects_at(broker, data, now), Some(now + 50));
    }

    #[test]
    fn a_pause_and_a_backoff_are_both_waited_for() {
        let (broker, data) = (Endpoint::server(2, Listener::Broker), Purpose::Data);
        let mut states = ConnectionStates::default();
        states.throttle(broker, data, 500);
        states.throttle(broker, data, 300);
        assert_eq!((states.not_before(broker, data, 100), states.reconnects_at(broker, data, 100)), (Some(500), None));
        states.disconnected(broker, data, ExponentialBackoff::OF_BROKER_CHANNELS, 480);
        assert_eq!(states.not_before(broker, data, 490), Some(530));
        states.answered(broker, data, 600);
        assert_eq!(states, ConnectionStates::default());
    }
}
