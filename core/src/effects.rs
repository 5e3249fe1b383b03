//! What a party's state machine takes in and gives back. Nothing is performed by the machines themselves: the cluster
//! carries effects out, so that a party can only ever touch its own state.

use std::collections::BTreeMap;

use crate::actor::{Actor, Port};
use crate::change::Change;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::{ApiKey, Request, RequestHeader, Response};

/// A request as it reaches a process, with all that is needed to answer it later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inbound {
    /// Where the answer goes.
    pub asker: Asker,
    /// The body.
    pub request: Request,
}

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asker {
    /// Who asked.
    pub from: Actor,
    /// Which incarnation of the asker: a process that was started again does not get its predecessor's answers.
    pub incarnation: u32,
    /// At which listener.
    pub port: Port,
    /// The asker's number for the request.
    pub correlation_id: i32,
    /// Which request.
    pub api: ApiKey,
    /// In which version.
    pub version: i16,
}

/// What reaches a party, its own requests to process apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// An answer to a request that this party sent to a node.
    Answer {
        /// The node that answered.
        from: i32,
        /// The party's number for the request.
        correlation_id: i32,
        /// The answer.
        response: Response,
    },
    /// The connection to a node broke: open requests to it will not be answered.
    PeerGone {
        /// The node.
        node: i32,
    },
    /// A timer fired.
    Timer(Timer),
}

/// Every timer there is. A party has at most one of each; setting it again moves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Timer {
    /// Any party: the earliest open request has run out of time.
    RequestTimeout,

    /// Broker: send the next heartbeat, or register.
    BrokerHeartbeat,
    /// Broker: fetch the metadata log again after a failure.
    MetadataFetch,
    /// Broker: fetch from this leader again after a failure.
    ReplicaFetch(i32),
    /// Broker: look whether followers lag (`replica.lag.time.max.ms` / 2).
    IsrExpiration,
    /// Broker: propose an ISR again after a failure.
    AlterPartition,
    /// Broker: write `replication-offset-checkpoint` (`replica.high.watermark.checkpoint.interval.ms`).
    HighWatermarkCheckpoint,
    /// Broker: retention, compaction and the other log checkpoints.
    LogCleanup,
    /// Broker: a request in purgatory has waited enough. The number is the broker's own.
    Purgatory(u64),
    /// Broker: forward an admin request or create an internal topic again.
    ForwardRetry,
    /// Group coordinator: the join phase of a group ends.
    GroupJoin(String),
    /// Group coordinator: a member's session ends. Group and member.
    GroupSession(String, String),

    /// Controller: look whose session ran out.
    ControllerSessions,
    /// Controller: look for leaders to restore (`leader.imbalance.check.interval.seconds`).
    ControllerBalance,
    /// Controller: look for a leader for partitions without one, where unclean election is allowed.
    ControllerUnclean,

    /// Producer: a partition's batch has lingered.
    ProducerLinger,
    /// Producer: try again after an error.
    ProducerRetry,
    /// Client: refresh metadata.
    ClientMetadata,
    /// Consumer: the application's next poll, or the next attempt of what the consumer was doing.
    ConsumerPoll,
    /// Consumer: the next group heartbeat.
    ConsumerHeartbeat,
    /// Consumer: auto commit.
    ConsumerAutoCommit,
    /// Admin: try again.
    AdminRetry,
}

/// What a party wants done, gathered while it handles one input.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// Messages to send, in order.
    pub sends: Vec<Outgoing>,
    /// Timers to set (`Some`, absolute virtual time) or to stop (`None`), in order.
    pub timers: Vec<(Timer, Option<Millis>)>,
    /// What changed, in order.
    pub changes: Vec<Change>,
    /// What happened. The last one set wins; `None` means that nobody would notice.
    pub explanation: Option<Explanation>,
    /// The process ends now, of its own will (controlled shutdown finished).
    pub exits: bool,
}

/// A message that leaves a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A request to a node.
    Request {
        /// The node.
        to: i32,
        /// At which listener.
        port: Port,
        /// The header.
        header: RequestHeader,
        /// The body.
        request: Request,
    },
    /// An answer. `None` closes the connection instead (what a failed `acks=0` produce does).
    Response {
        /// To whom.
        to: Asker,
        /// The answer.
        response: Option<Response>,
    },
}

impl Effects {
    /// Answers a request.
    pub fn answer(&mut self, to: &Asker, response: Response) {
        self.sends.push(Outgoing::Response { to: to.clone(), response: Some(response) });
    }

    /// Closes the connection that a request came on.
    pub fn close(&mut self, to: &Asker) {
        self.sends.push(Outgoing::Response { to: to.clone(), response: None });
    }

    /// Sets a timer, or moves it.
    pub fn set_timer(&mut self, timer: Timer, at: Millis) {
        self.timers.push((timer, Some(at)));
    }

    /// Stops a timer.
    pub fn stop_timer(&mut self, timer: Timer) {
        self.timers.push((timer, None));
    }

    /// Notes a change.
    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Says what happened, unless something more telling was said before.
    pub fn explain(&mut self, explanation: Explanation) {
        self.explanation.get_or_insert(explanation);
    }

    /// Says what happened, in place of anything said before.
    pub fn explain_rather(&mut self, explanation: Explanation) {
        self.explanation = Some(explanation);
    }
}

/// A party's open requests: numbers them, finds them again, and says which ran out of time.
///
/// `K` is what the party wants to remember about a request until its answer comes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OpenRequests<K> {
    next_correlation_id: i32,
    open: BTreeMap<i32, OpenRequest<K>>,
    /// When [`Timer::RequestTimeout`] fires, if it is set: never after the earliest deadline.
    timer_at: Option<Millis>,
}

/// One open request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OpenRequest<K> {
    /// The node asked.
    pub to: i32,
    /// Which request.
    pub api: ApiKey,
    /// When it is given up, in milliseconds.
    pub deadline: Millis,
    /// What the party remembers.
    pub context: K,
}

impl<K> Default for OpenRequests<K> {
    fn default() -> Self {
        Self { next_correlation_id: 0, open: BTreeMap::new(), timer_at: None }
    }
}

impl<K> OpenRequests<K> {
    /// Sends a request in the version that the cluster's own nodes speak, and remembers it until its answer, its
    /// peer's end or `deadline`.
    pub fn send(&mut self, fx: &mut Effects, to: i32, port: Port, request: Request, deadline: Millis, context: K) {
        let correlation_id = self.next_correlation_id;
        self.next_correlation_id = self.next_correlation_id.wrapping_add(1) & i32::MAX;
        let api = request.api();
        if self.timer_at.is_none_or(|at| deadline < at) {
            self.timer_at = Some(deadline);
            fx.set_timer(Timer::RequestTimeout, deadline);
        }
        self.open.insert(correlation_id, OpenRequest { to, api, deadline, context });
        let header = RequestHeader {
            request_api_key: api.key(),
            request_api_version: api.version(),
            correlation_id,
            client_id: None,
        };
        fx.sends.push(Outgoing::Request { to, port, header, request });
    }

    /// The request that an answer belongs to; `None` if it was given up.
    pub fn take(&mut self, correlation_id: i32) -> Option<OpenRequest<K>> {
        self.open.remove(&correlation_id)
    }

    /// Gives up every request to a node that is gone.
    pub fn take_all_to(&mut self, node: i32) -> Vec<OpenRequest<K>> {
        let gone: Vec<i32> = self.open.iter().filter(|(_, open)| open.to == node).map(|(id, _)| *id).collect();
        gone.into_iter().filter_map(|id| self.open.remove(&id)).collect()
    }

    /// Gives up every request whose time has come, and sets the timer for the next. Call when
    /// [`Timer::RequestTimeout`] fires.
    pub fn take_expired(&mut self, fx: &mut Effects, now: Millis) -> Vec<OpenRequest<K>> {
        let due: Vec<i32> = self.open.iter().filter(|(_, open)| open.deadline <= now).map(|(id, _)| *id).collect();
        let expired = due.into_iter().filter_map(|id| self.open.remove(&id)).collect();
        let next = self.open.values().map(|open| open.deadline).min();
        self.timer_at = next;
        if let Some(next) = next {
            fx.set_timer(Timer::RequestTimeout, next);
        }
        expired
    }

    /// Open requests, in the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = &OpenRequest<K>> {
        self.open.values()
    }

    /// Whether a request to this node is open.
    pub fn has_open_to(&self, node: i32) -> bool {
        self.open.values().any(|open| open.to == node)
    }
}
