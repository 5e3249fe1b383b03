//! The admin client behind the page's own buttons (`KafkaAdminClient`): it asks any live broker, which passes on to the
//! controller what only that can do.

use std::collections::VecDeque;
use std::hash::Hash;

use super::metadata::{Metadata, backoff_ms};
use crate::actor::{Actor, Listener};
use crate::change::Change;
use crate::connection::Purpose;
use crate::digest::DigestHasher;
use crate::effects::{AdminTimer, Answered, Effects, ExponentialBackoff, IdleExpiry, InFlightRequests, Input};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::wire::config_resource::BROKER;
use crate::wire::{ErrorCode, Request, Response};

/// `request.timeout.ms`.
const REQUEST_TIMEOUT_MS: Millis = 30_000;
/// `default.api.timeout.ms`: all attempts together.
const API_TIMEOUT_MS: Millis = 60_000;
/// `retry.backoff.ms`.
const RETRY_BACKOFF_MS: Millis = 100;
/// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
const RECONNECT_BACKOFF: ExponentialBackoff = ExponentialBackoff { initial_ms: 50, max_ms: 1_000 };
/// `connections.max.idle.ms`.
const CONNECTIONS_MAX_IDLE_MS: i64 = 300_000;
/// How many answers are kept.
const ANSWERS_MAX: usize = 16;

/// A request of a person, until it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Call {
    request: Request,
    called_at: Millis,
    failures: u32,
    not_before: Millis,
}

/// How a request went.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AdminAnswer {
    /// What was asked.
    pub request: Request,
    /// When, in milliseconds.
    pub called_at_ms: Millis,
    /// When it was answered or given up, in milliseconds.
    pub answered_at_ms: Millis,
    /// The answer; none if it was given up.
    pub response: Option<Response>,
    /// The first error in the answer; `REQUEST_TIMED_OUT` if it was given up.
    pub error: ErrorCode,
}

/// The admin client.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Admin {
    /// Only says whom to ask: its bootstrap list.
    metadata: Metadata,
    requests: InFlightRequests<Call>,
    waiting: VecDeque<Call>,
    answers: VecDeque<AdminAnswer>,
    retry_at: Option<Millis>,
}

impl Admin {
    /// Hashes what can still act, without the answers that are kept to be shown.
    pub fn hash_behavior(&self, hasher: &mut DigestHasher) {
        let Self { metadata, requests, waiting, answers: _, retry_at } = self;
        (metadata, requests, waiting, retry_at).hash(hasher);
    }

    /// An admin client that knows these brokers.
    pub fn new(bootstrap: Vec<i32>, mut random: Random) -> Self {
        Self {
            metadata: Metadata::new(bootstrap, &mut random),
            requests: InFlightRequests::new(IdleExpiry::new(CONNECTIONS_MAX_IDLE_MS)),
            waiting: VecDeque::new(),
            answers: VecDeque::new(),
            retry_at: None,
        }
    }

    /// Sends a request to some broker, and to others until one answers.
    pub fn send(&mut self, request: Request, now: Millis, fx: &mut Effects) {
        self.waiting.push_back(Call { request, called_at: now, failures: 0, not_before: now });
        self.run(now, fx);
    }

    /// An answer, the end of a peer, or a timer.
    #[inline(never)]
    pub fn handle(&mut self, input: Input<AdminTimer>, now: Millis, fx: &mut Effects) {
        match input {
            Input::Answer { from, correlation_id, response } => {
                match self.requests.answered(fx, correlation_id, &response, now) {
                    Answered::Request(open) => self.answered(open.context, *response, now, fx),
                    Answered::ApiVersions => {
                        fx.explain(Explanation::ConnectionReady { client: Actor::Admin, node: from });
                    }
                    Answered::Late => fx.explain(Explanation::LateAnswer { to: Actor::Admin, api: response.api() }),
                }
            }
            Input::Disconnected { node, port, purpose } => self.lost(node, port, purpose, now),
            Input::RequestTimeout => {
                for expired in self.requests.take_expired(fx, |_| RECONNECT_BACKOFF, now) {
                    let to = Actor::Node(expired.to);
                    fx.change(Change::TimedOut { from: Actor::Admin, to, api: expired.api });
                    fx.explain(Explanation::RequestGivenUp { actor: Actor::Admin, to, api: expired.api });
                    self.again(expired.context, now);
                }
            }
            Input::IdleConnections => {
                for (node, port, purpose) in self.requests.close_idle(fx, Actor::Admin, now) {
                    self.lost(node, port, purpose, now);
                }
            }
            Input::Timer(AdminTimer::Retry) => self.retry_at = None,
        }
        self.run(now, fx);
        fx.explain(Explanation::Nothing);
    }

    fn answered(&mut self, call: Call, response: Response, now: Millis, fx: &mut Effects) {
        let error = first_error(&response);
        if error == ErrorCode::NotController {
            // The broker that passed it on did not know of a new controller yet.
            return self.again(call, now);
        }
        fx.explain(Explanation::AdminAnswered { api: response.api(), error });
        self.remember(call, Some(response), error, now);
    }

    fn remember(&mut self, call: Call, response: Option<Response>, error: ErrorCode, now: Millis) {
        if self.answers.len() >= ANSWERS_MAX {
            self.answers.pop_front();
        }
        let Call { request, called_at, .. } = call;
        self.answers.push_back(AdminAnswer { request, called_at_ms: called_at, answered_at_ms: now, response, error });
    }

    fn lost(&mut self, node: i32, port: Listener, purpose: Purpose, now: Millis) {
        for lost in self.requests.take_all_on(node, port, purpose, RECONNECT_BACKOFF, now) {
            self.again(lost.context, now);
        }
    }

    fn again(&mut self, mut call: Call, now: Millis) {
        call.not_before = now.saturating_add(backoff_ms(RETRY_BACKOFF_MS, call.failures));
        call.failures = call.failures.saturating_add(1);
        self.waiting.push_back(call);
    }

    fn run(&mut self, now: Millis, fx: &mut Effects) {
        for call in std::mem::take(&mut self.waiting) {
            if call.called_at.saturating_add(API_TIMEOUT_MS) <= now {
                fx.explain(Explanation::AdminAnswered { api: call.request.api(), error: ErrorCode::RequestTimedOut });
                self.remember(call, None, ErrorCode::RequestTimedOut, now);
                continue;
            }
            if call.not_before > now {
                self.waiting.push_back(call);
                continue;
            }
            let api = call.request.api();
            let load = |node| self.requests.load(node, Listener::Broker, api, now);
            if let Some(node) = addressee(&call.request).or_else(|| self.metadata.next_node(load)) {
                let deadline = now.saturating_add(REQUEST_TIMEOUT_MS);
                self.requests.send(fx, node, Listener::Broker, call.request.clone(), deadline, call);
            } else {
                // All are left alone for a while, or none is known.
                match self.metadata.any_node_at(load) {
                    Some(at) => self.waiting.push_back(Call { not_before: at, ..call }),
                    None => self.again(call, now),
                }
            }
        }
        let wanted = self.waiting.iter().map(|call| call.not_before).min();
        if self.retry_at != wanted {
            self.retry_at = wanted;
            fx.timers.push((AdminTimer::Retry.into(), wanted));
        }
    }

    /// The last answers, newest last.
    pub fn answers(&self) -> impl Iterator<Item = &AdminAnswer> {
        self.answers.iter()
    }

    /// How many calls have neither an answer nor been given up: on their way, or waiting to be sent again.
    pub fn open_calls(&self) -> usize {
        self.requests.iter().count() + self.waiting.len()
    }
}

/// A broker changes its own settings only: anyone who wants to change them asks that one.
fn addressee(request: &Request) -> Option<i32> {
    let Request::IncrementalAlterConfigs(request) = request else { return None };
    request.resources.iter().find(|resource| resource.resource_type == BROKER)?.resource_name.parse().ok()
}

/// The first error that an answer names, at whatever depth.
fn first_error(response: &Response) -> ErrorCode {
    let mut errors: Vec<ErrorCode> = Vec::new();
    match response {
        Response::CreateTopics(answer) => errors.extend(answer.topics.iter().map(|each| each.error_code)),
        Response::DeleteTopics(answer) => errors.extend(answer.responses.iter().map(|each| each.error_code)),
        Response::AlterConfigs(answer) => errors.extend(answer.responses.iter().map(|each| each.error_code)),
        Response::IncrementalAlterConfigs(answer) => {
            errors.extend(answer.responses.iter().map(|each| each.error_code));
        }
        Response::ElectLeaders(answer) => {
            errors.push(answer.error_code);
            let partitions = answer.replica_election_results.iter().flat_map(|topic| &topic.partition_result);
            errors.extend(partitions.map(|each| each.error_code));
        }
        Response::AlterPartitionReassignments(answer) => {
            errors.push(answer.error_code);
            let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
            errors.extend(partitions.map(|each| each.error_code));
        }
        Response::CreatePartitions(answer) => errors.extend(answer.results.iter().map(|each| each.error_code)),
        Response::ListPartitionReassignments(answer) => errors.push(answer.error_code),
        Response::UnregisterBroker(answer) => errors.push(answer.error_code),
        Response::CreateAcls(answer) => errors.extend(answer.results.iter().map(|each| each.error_code)),
        Response::DeleteAcls(answer) => errors.extend(answer.filter_results.iter().map(|each| each.error_code)),
        Response::DescribeAcls(answer) => errors.push(answer.error_code),
        Response::AlterClientQuotas(answer) => errors.extend(answer.entries.iter().map(|each| each.error_code)),
        Response::DescribeClientQuotas(answer) => errors.push(answer.error_code),
        Response::UpdateFeatures(answer) => errors.push(answer.error_code),
        Response::DescribeCluster(answer) => errors.push(answer.error_code),
        Response::DeleteRecords(answer) => {
            let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
            errors.extend(partitions.map(|each| each.error_code));
        }
        Response::Metadata(answer) => errors.extend(answer.topics.iter().map(|each| each.error_code)),
        _ => {}
    }
    errors.into_iter().find(|error| !error.is_none()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::{Outgoing, api_versions_answers};
    use crate::sim::random::Purpose;
    use crate::wire::cluster_admin::DescribeClusterRequest;
    use crate::wire::metadata::{CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse};

    fn asked(fx: &Effects) -> Vec<(i32, i32)> {
        let one = |outgoing: &Outgoing| match outgoing {
            Outgoing::Request { to, header, .. } => Some((to.listener()?.0, header.correlation_id)),
            Outgoing::Response { .. } | Outgoing::NoResponse { .. } | Outgoing::Disconnect { .. } => None,
        };
        fx.sends.iter().filter_map(one).collect()
    }

    #[test]
    fn a_dead_broker_is_passed_over_and_sixteen_answers_are_kept() {
        let mut admin = Admin::new(vec![1, 2], Random::for_purpose(1, Purpose::Actor(9)));
        let mut fx = Effects::default();
        admin.send(Request::CreateTopics(CreateTopicsRequest::default()), 10, &mut fx);
        let (first, _) = asked(&fx)[0];
        let opens = api_versions_answers(&mut fx).into_iter().next();
        admin.handle(opens.expect("ApiVersions goes first"), 12, &mut fx);
        assert_eq!(asked(&fx), [(first, 1)]);
        let mut fx = Effects::default();
        admin.handle(
            Input::Disconnected { node: first, port: Listener::Broker, purpose: crate::connection::Purpose::Data },
            20,
            &mut fx,
        );
        assert_eq!(asked(&fx), []);
        assert!(fx.timers.contains(&(AdminTimer::Retry.into(), Some(120))));
        admin.handle(Input::Timer(AdminTimer::Retry), 120, &mut fx);
        for opens in api_versions_answers(&mut fx) {
            admin.handle(opens, 122, &mut fx);
        }
        let (second, correlation_id) = asked(&fx)[0];
        assert_ne!(first, second);
        let result = CreatableTopicResult { error_code: ErrorCode::TopicAlreadyExists, ..Default::default() };
        let response = Response::CreateTopics(CreateTopicsResponse { topics: vec![result], throttle_time_ms: 0 });
        admin.handle(
            Input::Answer { from: second, correlation_id, response: Box::new(response.clone()) },
            130,
            &mut fx,
        );
        let answer = admin.answers().next().expect("an answer");
        assert_eq!((answer.error, answer.answered_at_ms), (ErrorCode::TopicAlreadyExists, 130));

        for _ in 0..20 {
            let mut fx = Effects::default();
            admin.send(Request::DescribeCluster(DescribeClusterRequest::default()), 200, &mut fx);
            for opens in api_versions_answers(&mut fx) {
                admin.handle(opens, 202, &mut fx);
            }
            let (from, correlation_id) = asked(&fx)[0];
            admin.handle(Input::Answer { from, correlation_id, response: Box::new(response.clone()) }, 210, &mut fx);
        }
        assert_eq!(admin.answers().count(), ANSWERS_MAX);
    }

    #[test]
    fn after_a_minute_it_gives_up() {
        let mut admin = Admin::new(Vec::new(), Random::for_purpose(1, Purpose::Actor(9)));
        let mut fx = Effects::default();
        admin.send(Request::DescribeCluster(DescribeClusterRequest::default()), 0, &mut fx);
        admin.handle(Input::Timer(AdminTimer::Retry), 60_000, &mut fx);
        let answer = admin.answers().next().expect("an answer");
        assert_eq!((answer.error, &answer.response), (ErrorCode::RequestTimedOut, &None));
    }
}
