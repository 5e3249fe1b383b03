//! The coordinator alone: real Kafka's transcripts, the oracle's vectors, failures of the log, random requests.

mod consumer;
mod consumer_members;
mod conversion;
mod coordinator;
mod membership;
mod orders;
mod random;
mod transcripts;
mod vectors;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{CoordinatorAppend, GroupCoordinator, KnownCluster};
use crate::actor::Endpoint;
use crate::effects::{BrokerTimer, Effects, Outgoing, RequestContext};
use crate::metadata::MetadataImage;
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::wire::records::RecordBatch;
use crate::wire::{ErrorCode, Request, Response};

/// A coordinator with a clock, timers, and a log that takes everything at once unless told otherwise.
pub(super) struct Lab {
    pub coordinator: GroupCoordinator,
    pub settings: BrokerSettings,
    pub image: MetadataImage,
    pub now: Millis,
    pub timers: BTreeMap<BrokerTimer, Millis>,
    /// Answers by correlation id; none is a closed connection.
    pub answers: BTreeMap<i32, Option<Response>>,
    pub changes: Vec<String>,
    /// Appends that nobody has answered yet.
    pub unanswered: Vec<CoordinatorAppend>,
    pub log_is_slow: bool,
    pub log: BTreeMap<i32, Vec<Rc<RecordBatch>>>,
    next_id: i32,
}

impl Lab {
    pub fn new() -> Self {
        let mut lab = Self {
            coordinator: GroupCoordinator::new(1, Random::for_purpose(1, Purpose::Identity)),
            settings: BrokerSettings::default(),
            image: MetadataImage::default(),
            now: 0,
            timers: BTreeMap::new(),
            answers: BTreeMap::new(),
            changes: Vec::new(),
            unanswered: Vec::new(),
            log_is_slow: false,
            log: BTreeMap::new(),
            next_id: 0,
        };
        for partition in 0..lab.settings.offsets_topic_num_partitions {
            let mut fx = Effects::default();
            let known = KnownCluster {
                node: 1,
                partitions: lab.settings.offsets_topic_num_partitions,
                settings: &lab.settings,
                image: &lab.image,
            };
            lab.coordinator.load(partition, 0, std::iter::empty(), &known, 0, &mut fx);
        }
        lab
    }

    /// Sends a request; its answer will be found under the number given back.
    pub fn send(&mut self, request: Request) -> i32 {
        let version = request.api().version();
        self.send_in(version, request)
    }

    /// The same in a version of the request.
    pub fn send_in(&mut self, version: i16, request: Request) -> i32 {
        self.next_id += 1;
        let correlation_id = self.next_id;
        let api = request.api();
        let from = Endpoint::Probe(1);
        let request_context = RequestContext {
            from,
            incarnation: 0,
            correlation_id,
            api,
            version,
            principal: None,
            connection: crate::connection::Connection::default(),
            client_id: Some("probe".into()),
            size_bytes: 0,
            thread_ms: 0,
        };
        let mut fx = Effects::default();
        let received = (request_context, request);
        let known = KnownCluster {
            node: 1,
            partitions: self.settings.offsets_topic_num_partitions,
            settings: &self.settings,
            image: &self.image,
        };
        let appends = self.coordinator.handle_request(received, self.now, &known, &mut fx);
        self.apply_effects(fx, appends);
        correlation_id
    }

    /// Sends a request whose answer must come at once.
    pub fn ask(&mut self, request: Request) -> Response {
        let id = self.send(request);
        self.answers.get(&id).cloned().flatten().expect("an answer at once")
    }

    /// The same of a version of the request.
    pub fn ask_in(&mut self, version: i16, request: Request) -> Response {
        let id = self.send_in(version, request);
        self.answers.get(&id).cloned().flatten().expect("an answer at once")
    }

    pub fn apply_effects(&mut self, fx: Effects, appends: Vec<CoordinatorAppend>) {
        for outgoing in fx.sends {
            if let Outgoing::Response { to, response, .. } = outgoing {
                let twice = self.answers.insert(to.correlation_id, response.map(|response| *response));
                assert_eq!(twice, None, "answered twice");
            }
        }
        for (timer, at) in fx.timers {
            let timer = BrokerTimer::try_from(timer).expect("a broker's own timer");
            match at {
                Some(at) => self.timers.insert(timer, at),
                None => self.timers.remove(&timer),
            };
        }
        self.changes.extend(fx.changes.iter().map(|change| serde_json::to_string(change).expect("JSON")));
        for append in appends {
            self.log.entry(append.partition).or_default().push(Rc::new(append.batch.clone()));
            self.unanswered.push(append);
        }
        if !self.log_is_slow {
            self.finish_appends(Ok(()));
        }
    }

    pub fn finish_appends(&mut self, result: Result<(), ErrorCode>) {
        for append in std::mem::take(&mut self.unanswered) {
            let mut fx = Effects::default();
            self.coordinator.append_done(append.id, result, self.now, &mut fx);
            self.apply_effects(fx, Vec::new());
        }
    }

    /// Fires the first timer that is due by then. False if there is none, and then it is that time.
    pub fn fire_one_by(&mut self, until: Millis) -> bool {
        let first = self.timers.iter().min_by_key(|(_, at)| **at).map(|(timer, at)| (timer.clone(), *at));
        match first.filter(|(_, at)| *at <= until) {
            Some((timer, at)) => {
                self.timers.remove(&timer);
                self.now = self.now.max(at);
                let mut fx = Effects::default();
                let known = KnownCluster {
                    node: 1,
                    partitions: self.settings.offsets_topic_num_partitions,
                    settings: &self.settings,
                    image: &self.image,
                };
                let appends = self.coordinator.handle_timer(&timer, self.now, &known, &mut fx);
                self.apply_effects(fx, appends);
                true
            }
            None => {
                self.now = self.now.max(until);
                false
            }
        }
    }

    pub fn wait(&mut self, ms: Millis) {
        let until = self.now + ms;
        while self.fire_one_by(until) {}
    }

    /// The answer, if it comes in that time; then the time is when it came.
    pub fn answer_within(&mut self, id: i32, ms: Millis) -> Option<Response> {
        let until = self.now + ms;
        while !self.answers.contains_key(&id) && self.fire_one_by(until) {}
        self.answers.get(&id).cloned().flatten()
    }
}
