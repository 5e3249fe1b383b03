//! What an actor knows of its connections to others (`ClusterConnectionStates`): which answers have asked for a pause, and which
//! nodes it has failed to reach.
//!
//! | a connection is | becomes     | when                                                                        |
//! |-----------------|-------------|-----------------------------------------------------------------------------|
//! | usable          | backing off | it has ended, or could not be made                                          |
//! | backing off     | usable      | `reconnect.backoff.ms` is over; each further failure doubles it, to its max |
//! | usable          | throttled   | an answer asks for a pause                                                  |
//! | throttled       | usable      | the pause is over                                                           |
//!
//! An answer sets the failures to zero.

use super::exponential_backoff::ExponentialBackoff;
use crate::actor::Endpoint;
use crate::connection::Purpose;
use crate::flat_map::FlatMap;
use crate::sim::Millis;

/// The connections of which there is anything to remember.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConnectionStates {
    states: FlatMap<(Endpoint, Purpose), ConnectionState>,
}

/// One connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct ConnectionState {
    /// Until when nothing may be sent, because an answer asked for a pause (`throttleUntilTimeMs`).
    throttled_until: Millis,
    /// Failures in a row (`failedAttempts`).
    failures: u32,
    /// Not to be made again before.
    reconnects_at: Millis,
}

impl ConnectionStates {
    /// An answer asks for a pause (`NetworkClient.maybeThrottle`). The end of a pause never moves back.
    pub fn throttle(&mut self, to: Endpoint, purpose: Purpose, until: Millis) {
        let state = self.states.entry((to, purpose)).or_default();
        state.throttled_until = state.throttled_until.max(until);
    }

    /// A connection has ended, or could not be made.
    pub fn disconnected(&mut self, to: Endpoint, purpose: Purpose, backoff: ExponentialBackoff, now: Millis) {
        if backoff == ExponentialBackoff::NONE {
            return;
        }
        let state = self.states.entry((to, purpose)).or_default();
        state.reconnects_at = now.saturating_add(backoff.after(state.failures));
        state.failures = state.failures.saturating_add(1);
    }

    /// An answer has come: the connection stands.
    pub fn answered(&mut self, to: Endpoint, purpose: Purpose, now: Millis) {
        let Some(state) = self.states.get_mut(&(to, purpose)) else { return };
        (state.failures, state.reconnects_at) = (0, 0);
        if state.throttled_until <= now {
            self.states.remove(&(to, purpose));
        }
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
