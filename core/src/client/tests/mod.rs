//! Clients against a broker made up for the test: one node that leads everything and coordinates every group.

mod broker;
mod consumer;
mod consumer_group;
mod cooperative;
mod owners;
mod producer;
mod random;
mod requests;
mod subscription;
mod validation;

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Consumer, Producer};
use crate::actor::{Endpoint, Listener};
use crate::config::{ConsumerConfig, ProducerConfig};
use crate::connection;
use crate::effects::{Effects, Input, Outgoing, ReceivedRequest, RequestContext, Timer};
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::wire::{Request, Response};

use broker::Broker;

/// How long a message takes, in milliseconds.
const LATENCY_MS: Millis = 1;

#[derive(Clone, Debug)]
enum Event {
    ToBroker(ReceivedRequest),
    ToClient(Endpoint, Input<Timer>),
    Timer(Endpoint, Timer),
}

/// A request that a client sent.
pub(super) struct Sent {
    pub at: Millis,
    pub by: Endpoint,
    pub purpose: connection::Purpose,
    pub request: Request,
}

/// Clients, the broker, and a clock; what happens is written down.
pub(super) struct World {
    pub now: Millis,
    queue: BTreeMap<(Millis, u64), Event>,
    sequence: u64,
    pub broker: Broker,
    pub producers: BTreeMap<u32, Producer>,
    pub consumers: BTreeMap<u32, Consumer>,
    trace: String,
    pub sent: Vec<Sent>,
}

impl World {
    pub fn new(topics: &[(&str, i32)]) -> Self {
        Self {
            now: 0,
            queue: BTreeMap::new(),
            sequence: 0,
            broker: Broker::new(topics),
            producers: BTreeMap::new(),
            consumers: BTreeMap::new(),
            trace: String::new(),
            sent: Vec::new(),
        }
    }

    pub fn add_producer(&mut self, settings: &[(&str, &str)]) {
        let number = u32::try_from(self.producers.len()).expect("few") + 1;
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let random = Random::for_purpose(1, Purpose::Actor(number.into()));
        let producer = Producer::new(number, &ProducerConfig { settings }, vec![1], random).expect("a producer");
        self.producers.insert(number, producer);
    }

    pub fn add_consumer(&mut self, config: &ConsumerConfig) {
        let number = u32::try_from(self.consumers.len()).expect("few") + 1;
        let random = Random::for_purpose(1, Purpose::Actor((100 + number).into()));
        let mut consumer = Consumer::new(number, config, vec![1], random).expect("a consumer");
        let mut fx = Effects::default();
        consumer.start(self.now, &mut fx);
        self.consumers.insert(number, consumer);
        self.apply_effects(Endpoint::Consumer(number), fx);
    }

    /// Lets an application do something.
    pub fn with_producer(&mut self, number: u32, act: impl FnOnce(&mut Producer, Millis, &mut Effects)) {
        let mut fx = Effects::default();
        act(self.producers.get_mut(&number).expect("a producer"), self.now, &mut fx);
        self.apply_effects(Endpoint::Producer(number), fx);
    }

    /// Lets an application do something.
    pub fn with_consumer<R>(&mut self, number: u32, act: impl FnOnce(&mut Consumer, Millis, &mut Effects) -> R) -> R {
        let mut fx = Effects::default();
        let done = act(self.consumers.get_mut(&number).expect("a consumer"), self.now, &mut fx);
        self.apply_effects(Endpoint::Consumer(number), fx);
        done
    }

    /// An application polls once.
    pub fn poll(&mut self, number: u32) {
        self.with_consumer(number, |consumer, now, fx| consumer.poll(now, fx)).expect("a subscription");
    }

    pub fn produce(&mut self, number: u32, partition: Option<i32>, key: Option<&str>, value: &str) {
        self.with_producer(number, |producer, now, fx| {
            let (key, value) = (key.map(Into::into), Some(value.into()));
            producer.produce(&"t".into(), partition, key, value, Vec::new(), now, fx).expect("a good record");
        });
    }

    fn push(&mut self, at: Millis, event: Event) {
        self.sequence += 1;
        self.queue.insert((at, self.sequence), event);
    }

    fn apply_effects(&mut self, endpoint: Endpoint, fx: Effects) {
        let actor = endpoint.actor();
        for change in &fx.changes {
            let change = serde_json::to_string(change).expect("JSON");
            writeln!(self.trace, "{:<6} {actor}: {change}", self.now).expect("text");
        }
        for outgoing in fx.sends {
            match outgoing {
                Outgoing::Request { header, purpose, request, .. } => {
                    let (at, by, request_of) = (self.now, endpoint, (*request).clone());
                    self.sent.push(Sent { at, by, purpose, request: request_of });
                    writeln!(self.trace, "{:<6} {actor} -> {}", self.now, broker::summary(&request)).expect("text");
                    let request_context = RequestContext {
                        from: endpoint,
                        incarnation: 0,
                        correlation_id: header.correlation_id,
                        api: request.api(),
                        version: header.request_api_version,
                        principal: None,
                        connection: connection::Connection::default(),
                        client_id: None,
                        size_bytes: 0,
                        thread_ms: 0,
                    };
                    self.push(self.now + LATENCY_MS, Event::ToBroker(ReceivedRequest { request_context, request }));
                }
                Outgoing::Response { to, response, .. } => self.answer(&to, response.map(|response| *response)),
                Outgoing::NoResponse { .. } | Outgoing::Disconnect { .. } => {}
            }
        }
        for (timer, at) in fx.timers {
            self.queue.retain(|_, event| !matches!(event, Event::Timer(of, set) if *of == endpoint && *set == timer));
            if let Some(at) = at {
                self.push(at, Event::Timer(endpoint, timer));
            }
        }
    }

    fn answer(&mut self, to: &RequestContext, response: Option<Response>) {
        let input = match response {
            Some(response) => {
                Input::Answer { from: 1, correlation_id: to.correlation_id, response: Box::new(response) }
            }
            None => Input::Disconnected {
                node: 1,
                port: Listener::Broker,
                purpose: connection::Purpose::of(Listener::Broker, to.api),
            },
        };
        self.push(self.now + LATENCY_MS, Event::ToClient(to.from, input));
    }

    /// One event. False if nothing is due by then; then it is that time.
    pub fn step(&mut self, until: Millis) -> bool {
        let Some((&(at, sequence), _)) = self.queue.first_key_value().filter(|((at, _), _)| *at <= until) else {
            self.now = self.now.max(until);
            return false;
        };
        let Some(event) = self.queue.remove(&(at, sequence)) else { return false };
        self.now = self.now.max(at);
        let mut fx = Effects::default();
        match event {
            Event::ToBroker(received) => {
                self.broker.handle(received, self.now, &mut fx);
                self.apply_effects(Endpoint::Broker(1), fx);
            }
            Event::Timer(Endpoint::Broker(_), timer) => {
                let timer = timer.try_into().expect("a broker's own timer");
                self.broker.timer(&timer, self.now, &mut fx);
                self.apply_effects(Endpoint::Broker(1), fx);
            }
            Event::ToClient(actor, input) => self.input(actor, input),
            Event::Timer(actor, timer) => self.input(actor, Input::Timer(timer)),
        }
        true
    }

    fn input(&mut self, actor: Endpoint, input: Input<Timer>) {
        let mut fx = Effects::default();
        match actor {
            Endpoint::Producer(number) => {
                if let Some(producer) = self.producers.get_mut(&number) {
                    producer.handle(input.for_role().expect("its own timer"), self.now, &mut fx);
                }
            }
            Endpoint::Consumer(number) => {
                if let Some(consumer) = self.consumers.get_mut(&number) {
                    consumer.handle(input.for_role().expect("its own timer"), self.now, &mut fx);
                }
            }
            _ => {}
        }
        self.apply_effects(actor, fx);
    }

    pub fn wait(&mut self, ms: Millis) {
        let until = self.now + ms;
        while self.step(until) {}
    }

    /// What was written down since the last time.
    pub fn take_trace(&mut self) -> String {
        std::mem::take(&mut self.trace)
    }
}
