//! Whom a node of the quorum may ask, and when it gives up waiting (`RequestManager`).
//!
//! A request that is out of time is forgotten here alone: `NetworkClient` notices it where its poll returns, often one timeout later,
//! and until then what is sent to the same node waits behind it (`NetworkChannel`).

use super::ControllerDisk;
use super::poll::Unsent;
use super::quorum::{PendingRequest, Quorum};
use super::state::EpochState;
use crate::actor::{Actor, Endpoint, Listener};
use crate::change::Change;
use crate::connection::Purpose;
use crate::effects::{Effects, ExponentialBackoff, Outgoing};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::ApiKey;

impl Quorum {
    /// When a connection to a node may be made again that has ended or could not be made; `None` for now.
    pub(super) fn reconnects_at(&self, node: i32, now: Millis) -> Option<Millis> {
        let at = self.requests.reconnects_at(node, Listener::Controller, ApiKey::Vote, now);
        at.filter(|_| !self.is_textbook())
    }

    /// Whether a node may be asked something (`RequestManager.isReady`). Whether an old request still takes the connection to it, is
    /// not looked at: what is to be sent then waits.
    pub(super) fn is_ready(&self, node: i32, now: Millis) -> bool {
        let is_over = |until: Option<&Millis>| until.is_none_or(|until| *until <= now);
        is_over(self.backing_off.get(&node)) && !self.requests.iter().any(|open| open.to == node)
    }

    /// A node that failed is left alone for `controller.quorum.retry.backoff.ms`, and until a connection to it may be made again.
    pub(super) fn back_off(&mut self, node: i32, now: Millis) {
        let retries_at = now.saturating_add(self.retry_backoff_ms());
        let reconnects_at = self.reconnects_at(node, now).unwrap_or(0);
        self.backing_off.insert(node, retries_at.max(reconnects_at));
    }

    /// Any server that may be asked (`findReadyBootstrapServer`): the first one from a random one on. A voter is among its own: it
    /// learns nothing of itself, at once, and asks `leader` then, where that one may be asked.
    pub(super) fn any_ready(&mut self, leader: Option<i32>, now: Millis) -> Option<i32> {
        let servers = self.member.bootstrap.clone();
        let last = u64::try_from(servers.len()).ok()?.checked_sub(1)?;
        let first = if last == 0 { 0 } else { usize::try_from(self.random.between(0, last)).ok()? };
        for node in servers.iter().cycle().skip(first).take(servers.len()).copied() {
            if node == self.member.node_id {
                if leader.is_some() {
                    return leader;
                }
            } else if self.is_ready(node, now) {
                return Some(node);
            }
        }
        None
    }

    /// When the first request is out of time that has left.
    pub(super) fn times_out_at(&self) -> Option<Millis> {
        let has_left = |node: i32| self.requests.is_ready(node, Listener::Controller, ApiKey::Vote);
        let asked = self.requests.iter().filter_map(|open| self.times_out.get(&open.to).filter(|_| has_left(open.to)));
        asked.copied().chain(self.unsent_fetch.map(|unsent| unsent.times_out_at)).min()
    }

    /// Forgets what was asked and is out of time. It still takes the connection that it was sent on.
    pub(super) fn forget_timed_out(&mut self, now: Millis, fx: &mut Effects) {
        let actor = Actor::Node(self.member.node_id);
        let has_left = |node: i32| self.requests.is_ready(node, Listener::Controller, ApiKey::Vote);
        let is_due = |node: i32| self.times_out.get(&node).is_some_and(|at| *at <= now) && has_left(node);
        let due: Vec<i32> = self.requests.iter().map(|open| open.to).filter(|node| is_due(*node)).collect();
        for node in due {
            self.times_out.remove(&node);
            for open in self.requests.forget_to(node, Listener::Controller) {
                let to = Actor::Node(open.to);
                fx.change(Change::TimedOut { from: actor, to, api: open.api });
                fx.explain(Explanation::RequestGivenUp { actor, to, api: open.api });
                self.network.abandon([(open.to, open.api, open.deadline)], now);
                if open.context == PendingRequest::ApiVersions {
                    self.new_voter_unreachable(open.to, fx);
                }
                self.has_leader_timed_out |= self.follows(node);
            }
        }
        if let Some(Unsent { to, times_out_at }) = self.unsent_fetch
            && times_out_at <= now
        {
            self.unsent_fetch = None;
            self.has_leader_timed_out |= self.follows(to);
        }
    }

    fn follows(&self, node: i32) -> bool {
        matches!(self.state, EpochState::Follower { .. }) && self.leader == Some(node)
    }

    /// Requests of this node have run out of time before they could leave, or those of who does not use `NetworkClient`.
    #[inline(never)]
    pub fn give_up_requests(&mut self, disk: &ControllerDisk, now: Millis, fx: &mut Effects) {
        let actor = Actor::Node(self.member.node_id);
        if !self.is_textbook() {
            self.forget_timed_out(now, fx);
        }
        for open in self.requests.take_expired(fx, |_| ExponentialBackoff::OF_QUORUM, now) {
            let to = Actor::Node(open.to);
            fx.change(Change::TimedOut { from: actor, to, api: open.api });
            fx.explain(Explanation::RequestGivenUp { actor, to, api: open.api });
            self.back_off(open.to, now);
            if open.context == PendingRequest::ApiVersions {
                self.new_voter_unreachable(open.to, fx);
            }
        }
        self.poll(disk, now, fx);
    }

    /// The poll of the network client returns: it closes the connections on which an old request is out of time. What has waited
    /// behind it fails.
    pub(super) fn close_expired(&mut self, now: Millis, fx: &mut Effects) {
        for (node, api) in self.network.take_expired(now) {
            fx.explain(Explanation::QuorumConnectionTimedOut { node: self.member.node_id, to: node, api });
            let (peer, purpose) = (Endpoint::Controller(node), Purpose::Quorum);
            fx.sends.push(Outgoing::Disconnect { from: peer, purpose });
            self.requests.take_all_on(node, Listener::Controller, purpose, ExponentialBackoff::OF_QUORUM, now);
            self.unsent_fetch = self.unsent_fetch.filter(|unsent| unsent.to != node);
            if let Some(at) = self.reconnects_at(node, now) {
                let until = self.backing_off.entry(node).or_default();
                *until = at.max(*until);
            }
        }
    }
}
