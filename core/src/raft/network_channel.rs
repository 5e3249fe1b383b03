//! The nodes whose one connection still waits for an answer that is of no use any more, and when the quorum's network client
//! (`KafkaNetworkChannel`) notices that it never comes.
//!
//! With each new role the client of the quorum forgets what it asked in the old one (`RequestManager.resetAll`), its network
//! client does not: what it is asked to send to such a node waits, because `max.in.flight.requests.per.connection` is 1.
//! `NetworkClient` looks for requests that are out of time only where its poll returns: something is sent, an answer arrives,
//! or `controller.quorum.request.timeout.ms` have gone by since it began to wait. Then it closes their connections.

use std::collections::BTreeMap;

use crate::sim::Millis;
use crate::wire::ApiKey;

/// The requests that nobody waits for any more but the network client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NetworkChannel {
    /// Each node's open request, and when it is out of time.
    unanswered: BTreeMap<i32, (ApiKey, Millis)>,
    /// When the network client began to wait; 0 where no request is open.
    polls_since: Millis,
}

impl NetworkChannel {
    /// Requests in flight are forgotten by who sent them: to whom, what, and when each is out of time.
    pub fn abandon(&mut self, requests: impl IntoIterator<Item = (i32, ApiKey, Millis)>, now: Millis) {
        self.unanswered.extend(requests.into_iter().map(|(node, api, deadline)| (node, (api, deadline))));
        self.wake(now);
    }

    /// Something is sent or has arrived: the client's poll returns, and it waits anew.
    pub fn wake(&mut self, now: Millis) {
        self.polls_since = if self.unanswered.is_empty() { 0 } else { now };
    }

    /// The poll has returned, and what had arrived is read. Gives the nodes whose requests are out of time, each with the request:
    /// their connections are to be closed.
    pub fn take_expired(&mut self, now: Millis) -> Vec<(i32, ApiKey)> {
        let expired = self.unanswered.extract_if(.., |_, (_, deadline)| *deadline <= now);
        let expired = expired.map(|(node, (api, _))| (node, api)).collect();
        self.wake(now);
        expired
    }

    /// A node has answered after all, or its connection has ended. Whether one was waited for.
    pub fn take(&mut self, node: i32) -> bool {
        self.unanswered.remove(&node).is_some()
    }

    /// Whether a connection is taken by an old request.
    pub fn is_taken(&self, node: i32) -> bool {
        self.unanswered.contains_key(&node)
    }

    /// When the client's poll returns, where it has anything to notice: its timeout is that of a request.
    pub fn polls_until(&self, request_timeout_ms: Millis) -> Option<Millis> {
        let first = self.unanswered.values().map(|(_, deadline)| *deadline).min()?;
        let wait_ms = if first <= self.polls_since { 0 } else { request_timeout_ms };
        Some(self.polls_since.saturating_add(wait_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_noticed_where_the_poll_returns() {
        let mut channel = NetworkChannel::default();
        channel.abandon([(2, ApiKey::Fetch, 2_000), (3, ApiKey::Vote, 2_010)], 10);
        assert_eq!(channel.polls_until(2_000), Some(2_010));
        channel.wake(1_000);
        assert_eq!(channel.polls_until(2_000), Some(3_000), "it has begun to wait anew");
        channel.wake(2_005);
        assert_eq!(channel.polls_until(2_000), Some(2_005), "the first is out of time, and the poll returns");
        assert!(channel.is_taken(2) && channel.is_taken(3));
        assert_eq!(channel.take_expired(2_005), [(2, ApiKey::Fetch)]);
        assert!(!channel.is_taken(2) && channel.is_taken(3));
        assert!(channel.take(3) && !channel.take(3));
        assert_eq!(channel.polls_until(2_000), None);
    }
}
