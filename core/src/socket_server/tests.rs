//! One listener by itself: who waits where, and what is counted of it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::channel::Place;
use super::*;
use crate::connection::Connection;
use crate::wire::metadata::ApiVersionsRequest;
use crate::wire::{ApiKey, Response};

/// What happens at a listener that a test plays.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Arrives(Box<ReceivedRequest>),
    Take,
    HandlerDone(u32),
    ProcessorDone(u32),
    /// What a request waited for in purgatory has happened.
    Completes(RequestContext),
    ThrottleDone(ChannelId),
}

/// A listener with handlers that answer at once, or let a request wait.
struct Lab {
    server: SocketServer,
    costs: Costs,
    now: Millis,
    number: u64,
    events: BTreeMap<(Millis, u64), Event>,
    /// How long the request of this number waits for something else; none is answered by its handler.
    remote_ms: BTreeMap<i32, Millis>,
    /// For how long the request of this number is throttled.
    throttle_ms: BTreeMap<i32, Millis>,
    /// What network threads spent on answered requests.
    network_ms: Millis,
    /// What left, in order.
    sent: Vec<RequestContext>,
    /// By place: requests there, times the milliseconds that they were.
    occupancy: BTreeMap<Place, Millis>,
}

impl Lab {
    fn new(threads: Threads, costs: Costs) -> Self {
        Self {
            server: SocketServer::new(threads, true),
            costs,
            now: 0,
            number: 0,
            events: BTreeMap::new(),
            remote_ms: BTreeMap::new(),
            throttle_ms: BTreeMap::new(),
            sent: Vec::new(),
            network_ms: 0,
            occupancy: BTreeMap::new(),
        }
    }

    fn respond(&mut self, context: RequestContext, works: &mut Works) {
        let throttle_ms = self.throttle_ms.get(&context.correlation_id).copied().unwrap_or(0);
        self.server.respond(context, answer(), throttle_ms, &self.costs, self.now, works);
    }

    fn schedule(&mut self, at: Millis, event: Event) {
        self.number += 1;
        self.events.insert((at, self.number), event);
    }

    fn arrive(&mut self, at: Millis, client: u32, correlation_id: i32) {
        self.schedule(at, Event::Arrives(Box::new(request(client, correlation_id))));
    }

    fn apply_works(&mut self, works: Works) {
        for work in works {
            match work {
                Work::TakeRequest => self.schedule(self.now, Event::Take),
                Work::Processor { processor, until } => self.schedule(until, Event::ProcessorDone(processor)),
                Work::Throttle { channel, until } => self.schedule(until, Event::ThrottleDone(channel)),
                Work::NetworkTime { ms, .. } => self.network_ms += ms,
                Work::Send { to, .. } => self.sent.push(to),
                // Nobody is idle here, and nobody sends bytes.
                Work::Poll { .. } => {}
            }
        }
    }

    fn handle(&mut self, received: &ReceivedRequest, works: &mut Works) {
        let context = received.request_context.clone();
        let handling = self.server.handling(&context, self.now);
        self.server.handled(&handling, self.now, works);
        match self.remote_ms.get(&context.correlation_id) {
            Some(wait) => self.schedule(self.now + wait, Event::Completes(context)),
            None => self.respond(context, works),
        }
    }

    /// The next event; none when all is over.
    fn step(&mut self) -> Option<Arrival> {
        let ((at, _), event) = self.events.pop_first()?;
        for place in Place::all() {
            let there = self.count(*place);
            *self.occupancy.entry(*place).or_default() += there * (at - self.now);
        }
        self.now = at;
        let mut works = Works::new();
        let mut arrival = Arrival::Queued;
        match event {
            Event::Arrives(received) => arrival = self.server.receive(*received, &self.costs, at, &mut works),
            Event::Take => {
                if let Some(received) = self.server.take_request(&self.costs, at, &mut works) {
                    let until = at + self.costs.of_handling(&received.request);
                    if until > at {
                        let handler = self.server.occupy_handler(received, at);
                        self.schedule(until, Event::HandlerDone(handler));
                    } else {
                        self.handle(&received, &mut works);
                    }
                }
            }
            Event::HandlerDone(handler) => {
                let received = self.server.free_handler(handler, at).expect("it works on one");
                self.handle(&received, &mut works);
            }
            Event::ProcessorDone(processor) => {
                self.server.processor_done(processor, &self.costs, at, &mut works);
            }
            Event::Completes(context) => self.respond(context, &mut works),
            Event::ThrottleDone(channel) => {
                self.server.throttle_done(channel, &self.costs, at, &mut works);
            }
        }
        self.apply_works(works);
        Some(arrival)
    }

    fn run(&mut self) {
        while self.step().is_some() {}
    }

    fn count(&self, place: Place) -> Millis {
        let unread = self.server.channels().map(|(_, channel)| channel.unread.len()).sum::<usize>();
        let of_place = |(_, channel): &(&ChannelId, &KafkaChannel)| {
            channel.request.as_ref().is_some_and(|request| request.times.place() == place)
        };
        let in_process = self.server.channels().filter(of_place).count();
        let unread = if place == Place::Socket { unread } else { 0 };
        Millis::try_from(in_process + unread).expect("few")
    }

    fn total_ms(&self, place: Place) -> Millis {
        let times = self.server.metrics().by_type().filter_map(|(_, metrics)| metrics.at(place));
        times.map(|histogram| histogram.sum()).sum()
    }
}

fn request(client: u32, correlation_id: i32) -> ReceivedRequest {
    let request_context = RequestContext {
        from: Endpoint::Producer(client),
        incarnation: 0,
        correlation_id,
        api: ApiKey::ApiVersions,
        version: 3,
        principal: None,
        connection: Connection::default(),
        client_id: None,
        size_bytes: 0,
        thread_ms: 0,
    };
    let request = Box::new(Request::ApiVersions(ApiVersionsRequest::default()));
    ReceivedRequest { request_context, request }
}

fn answer() -> Answer {
    Answer::Response(Box::new(Response::default_of(ApiKey::ApiVersions)))
}

const THREADS: Threads = Threads { network: 1, io: 1, queued_max: 2 };

fn costs(network_ms: Millis, handler_ms: Millis) -> Costs {
    Costs { network_ms, handler_ms, ..Costs::default() }
}

#[test]
fn a_connection_is_muted_until_its_request_is_answered_and_others_are_not() {
    let mut lab = Lab::new(THREADS, Costs::default());
    lab.remote_ms.insert(1, 100);
    for (client, correlation_id) in [(1, 1), (1, 2), (2, 3)] {
        lab.arrive(0, client, correlation_id);
    }
    assert_eq!(lab.step(), Some(Arrival::Queued));
    assert_eq!(lab.step(), Some(Arrival::Muted));
    assert_eq!(lab.step(), Some(Arrival::Queued));
    lab.run();
    let order: Vec<i32> = lab.sent.iter().map(|to| to.correlation_id).collect();
    assert_eq!(order, [3, 1, 2]);
    let answered: Vec<_> = lab.server.metrics().answered().map(|answered| answered.times).collect();
    assert_eq!((answered[1].at(Place::Remote, 0), answered[1].total(0)), (100, 100));
    // Kafka does not count the time that the second one lay in the socket.
    assert_eq!((answered[2].at(Place::Socket, 0), answered[2].total(0)), (100, 0));
}

#[test]
fn a_quota_keeps_a_connection_muted_behind_the_answer() {
    let mut lab = Lab::new(Threads { queued_max: 9, ..THREADS }, costs(2, 1));
    lab.throttle_ms.insert(1, 100);
    for (at, client, correlation_id) in [(0, 1, 1), (20, 1, 2), (20, 2, 3)] {
        lab.arrive(at, client, correlation_id);
    }
    while lab.now < 20 {
        lab.step();
    }
    // Read in 2 ms, handled in 1 ms: from 3 ms on it is throttled, and its answer left at 5 ms.
    assert_eq!(lab.sent.len(), 1);
    let is_throttled = |lab: &Lab| lab.server.channels().any(|(_, channel)| channel.throttled_until == Some(103));
    assert!(is_throttled(&lab));
    lab.run();
    let order: Vec<i32> = lab.sent.iter().map(|to| to.correlation_id).collect();
    assert_eq!(order, [1, 3, 2], "another connection is read meanwhile");
    assert_eq!(lab.now, 108, "read from 103 ms on");
    assert!(!is_throttled(&lab));
    assert_eq!(lab.network_ms, 3 * 4);
    let throttled: Vec<_> = lab.server.metrics().by_type().map(|(_, metrics)| metrics.throttle()).collect();
    assert_eq!((throttled[0].count(), throttled[0].sum()), (3, 100));
}

#[test]
fn a_full_queue_stops_the_network_thread() {
    let mut lab = Lab::new(THREADS, costs(0, 10));
    for client in 1..=6 {
        lab.arrive(0, client, i32::try_from(client).expect("small"));
    }
    let arrivals: Vec<Option<Arrival>> = (0..6).map(|_| lab.step()).collect();
    let (queued, full, busy) = (Arrival::Queued, Arrival::QueueFull, Arrival::ProcessorBusy);
    assert_eq!(arrivals, [queued, queued, full, busy, busy, busy].map(Some));
    // The handler thread takes the first: the blocked one comes into the queue, and the next is read and blocks again.
    lab.step();
    assert_eq!(lab.server.request_queue().len(), 2);
    assert!(
        matches!(lab.server.processors()[0].task(), Some(Task::Blocked(id, _)) if id.client == Endpoint::Producer(4))
    );
    lab.run();
    assert_eq!((lab.sent.len(), lab.now), (6, 60));
    assert_eq!(lab.server.handlers()[0].busy_ms(60), 60);
    assert!(lab.server.processors()[0].busy_ms(60) > 0, "a blocked network thread is not idle");
}

#[test]
fn connections_are_dealt_round_robin_and_one_that_ended_loses_its_answer() {
    let mut lab = Lab::new(Threads { network: 3, ..THREADS }, Costs::default());
    for client in 1..=4 {
        lab.arrive(0, client, 1);
    }
    lab.run();
    let processors: Vec<u32> = lab.server.channels().map(|(_, channel)| channel.processor).collect();
    assert_eq!(processors, [0, 1, 2, 0]);
    let id = ChannelId::of(&request(1, 1).request_context);
    assert!(lab.server.closed_by_client(id, true));
    assert!(!lab.server.closed_by_client(id, true), "it is gone");
    let mut again = request(1, 2);
    again.request_context.connection.number = 1;
    let mut works = Works::new();
    lab.server.receive(again, &Costs::default(), 5, &mut works);
    let of_first: Vec<u32> = (lab.server.channels().filter(|(id, _)| id.client == Endpoint::Producer(1)))
        .map(|(id, _)| id.connection.number)
        .collect();
    assert_eq!(of_first, [1]);
    // What was under way on the old one has nowhere to go.
    works.clear();
    lab.server.respond(request(1, 1).request_context, answer(), 0, &Costs::default(), 6, &mut works);
    assert!(works.is_empty());
}

/// Of two requests on one connection the first waits for somebody else, and the second has not been read.
fn one_under_way_and_one_unread() -> Lab {
    let mut lab = Lab::new(THREADS, Costs::default());
    lab.remote_ms.insert(1, 50);
    lab.arrive(0, 1, 1);
    lab.arrive(1, 1, 2);
    for _ in 0..3 {
        lab.step();
    }
    lab
}

#[test]
fn what_came_before_a_client_closed_its_connection_is_read_and_answered() {
    let mut lab = one_under_way_and_one_unread();
    assert!(lab.server.closed_by_client(ChannelId::of(&request(1, 1).request_context), false));
    assert_eq!(lab.server.channels().count(), 1, "one request is under way, another unread");
    lab.run();
    assert_eq!((lab.sent.len(), lab.server.channels().count()), (2, 0));
}

#[test]
fn a_reset_connection_loses_what_was_not_read() {
    let mut lab = one_under_way_and_one_unread();
    assert!(lab.server.closed_by_client(ChannelId::of(&request(1, 1).request_context), true));
    lab.run();
    assert_eq!((lab.sent.len(), lab.server.channels().count()), (0, 0));
}

#[test]
fn a_closed_connection_loses_what_was_sent_on_it() {
    let mut lab = one_under_way_and_one_unread();
    let mut works = Works::new();
    lab.server.respond(request(1, 1).request_context, Answer::Close, 0, &Costs::default(), 2, &mut works);
    assert!(matches!(works.as_slice(), [Work::Send { response: None, .. }]));
    assert_eq!(lab.server.channels().count(), 0);
}

#[test]
fn thread_pools_change_while_requests_are_under_way() {
    let mut lab = Lab::new(Threads { network: 2, io: 1, queued_max: 9 }, costs(0, 10));
    for client in 1..=4 {
        lab.arrive(0, client, 1);
    }
    for _ in 0..5 {
        lab.step();
    }
    let mut works = Works::new();
    lab.server.resize(2, 3, &mut works);
    assert_eq!(works.as_slice(), [Work::TakeRequest, Work::TakeRequest], "two more handler threads begin");
    lab.apply_works(works);
    let mut works = Works::new();
    lab.server.resize(1, 3, &mut works);
    let closed = works.iter().filter(|work| matches!(work, Work::Send { response: None, .. })).count();
    assert_eq!(closed, 2, "the connections of the second network thread are closed");
    lab.run();
    assert_eq!(lab.sent.len(), 2, "the others are answered");
}

/// Who sends when, and how long what is asked waits elsewhere.
fn arrivals() -> impl Strategy<Value = Vec<(u32, Millis, Option<Millis>)>> {
    prop::collection::vec((1u32..6, 0u64..12, prop::option::of(1u64..40)), 1..60)
}

proptest! {
    /// Every request is answered once, in the order of its connection, its times add up, and Little's law holds at every
    /// place: what an onlooker sees there over time is what the requests were there together.
    #[test]
    fn a_listener_loses_nothing_reorders_nothing_and_counts_right(
        arrivals in arrivals(),
        (network, io, queued_max) in (1u32..4, 1u32..4, 1u32..5),
        (network_ms, handler_ms) in (0u64..4, 0u64..15),
    ) {
        let mut lab = Lab::new(Threads { network, io, queued_max }, costs(network_ms, handler_ms));
        let mut at = 0;
        let mut asked: Vec<(u32, i32)> = Vec::new();
        for (correlation_id, (client, later, remote)) in (1..).zip(arrivals) {
            at += later;
            lab.arrive(at, client, correlation_id);
            lab.remote_ms.extend(remote.map(|wait| (correlation_id, wait)));
            asked.push((client, correlation_id));
        }
        while lab.step().is_some() {
            let server = &lab.server;
            prop_assert!(server.request_queue().len() <= usize::try_from(queued_max).expect("small"));
            let busy = server.handlers().iter().filter(|handler| handler.request().is_some()).count();
            prop_assert!(busy <= usize::try_from(io).expect("small"));
            let idle = busy < usize::try_from(io).expect("small");
            let takes = lab.events.values().filter(|event| **event == Event::Take).count();
            prop_assert!(!idle || server.request_queue().is_empty() || takes > 0, "a handler thread sleeps beside work");
        }
        for client in 1..6 {
            let of_client = |all: &[(u32, i32)]| -> Vec<i32> {
                all.iter().filter(|(of, _)| *of == client).map(|(_, number)| *number).collect()
            };
            let sent: Vec<(u32, i32)> = lab.sent.iter().map(|to| match to.from {
                Endpoint::Producer(number) => (number, to.correlation_id),
                other => panic!("{other:?} asked nothing"),
            }).collect();
            prop_assert_eq!(of_client(&sent), of_client(&asked));
        }
        for answered in lab.server.metrics().answered() {
            let places: Millis =
                Place::all().iter().filter(|place| **place != Place::Socket).map(|place| answered.times.at(*place, 0)).sum();
            prop_assert_eq!(places, answered.times.total(0));
        }
        for place in Place::all().iter().filter(|place| **place != Place::Socket) {
            prop_assert_eq!(lab.occupancy.get(place).copied().unwrap_or(0), lab.total_ms(*place), "{:?}", place);
        }
    }
}
