//! A broker that is asked for more than its one handler thread can do, by producers that send at a rate.

use super::*;
use crate::actor::Listener;
use crate::command::{Command, SettingScope};
use crate::presets::Order;
use crate::socket_server::SocketServer;
use crate::socket_server::channel::Place;

/// Who leads the only partition.
const LEADER: i32 = 1;
/// How many producers there are, each with a connection of its own.
const PRODUCERS: u32 = 8;
/// How long a handler thread needs for a request, in milliseconds: it can do 200 a second.
const HANDLER_MS: u64 = 5;
/// How long is measured, in milliseconds.
const WINDOW_MS: Millis = 20_000;

/// What was measured at a place.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    /// Requests there, added up over the milliseconds that they were there: what an observer of the place counts.
    request_ms: u64,
    /// What the requests that were answered say they spent there, in milliseconds.
    spent_ms: u64,
}

/// What was measured of a broker.
struct Window {
    places: Vec<(Place, Measured)>,
    answered: u64,
    busy_ms: Millis,
}

fn server(cluster: &Cluster) -> &SocketServer {
    cluster.node(LEADER).expect("it is there").server(Listener::Broker)
}

/// How many requests are at a place.
fn at(server: &SocketServer, place: Place) -> usize {
    let unread = |unread: usize| if place == Place::Socket { unread } else { 0 };
    let channels = server.channels().map(|(_, channel)| {
        let is_there = channel.request.as_ref().is_some_and(|request| request.times.place() == place);
        usize::from(is_there) + unread(channel.unread.len())
    });
    channels.sum()
}

fn busy_ms(server: &SocketServer, now: Millis) -> Millis {
    server.handlers().iter().map(|handler| handler.busy_ms(now)).sum()
}

/// A broker on which each producer aims at `throughput` records a second, each of them a request, after it has settled.
fn loaded(throughput: u32) -> Cluster {
    let order =
        Order { brokers: 1, producers: PRODUCERS, replication_factor: 1, min_insync_replicas: 1, ..Order::default() };
    let mut config = order.config();
    config.settings.insert("num.io.threads".to_owned(), "1".to_owned());
    for producer in &mut config.producers {
        producer.settings.insert("linger.ms".to_owned(), "0".to_owned());
        producer.settings.insert("batch.size".to_owned(), "0".to_owned());
    }
    let mut cluster = Cluster::new(&config, 3).expect("a good cluster");
    for (name, value) in [("handler.request.ms", HANDLER_MS), ("network.request.ms", 1)] {
        let scope = SettingScope::Pipeline(LEADER);
        let command = Command::Set { scope, name: name.to_owned(), value: value.to_string() };
        cluster.apply(&command).expect("it is a cost");
    }
    for producer in 1..=PRODUCERS {
        let command = Command::ProducerPerfTest {
            producer,
            topic: "orders".into(),
            num_records: 1_000_000,
            record_size: 50,
            throughput,
            keys: 0,
        };
        cluster.apply(&command).expect("it runs");
    }
    let settled = cluster.now() + 10_000;
    while cluster.next_at().is_some_and(|at| at < settled) {
        cluster.step();
    }
    cluster
}

fn measure(cluster: &mut Cluster) -> Window {
    let mut places: Vec<(Place, Measured)> = Place::all().iter().map(|place| (*place, Measured::default())).collect();
    let (from, until) = (cluster.now(), cluster.now() + WINDOW_MS);
    let (answered_before, busy_before) = (server(cluster).metrics().count(), busy_ms(server(cluster), from));
    let mut now = from;
    while let Some(next) = cluster.next_at().filter(|next| *next <= until) {
        for (place, measured) in &mut places {
            measured.request_ms += at(server(cluster), *place) as u64 * next.saturating_sub(now);
        }
        now = now.max(next);
        let seen = server(cluster).metrics().count();
        cluster.step();
        let metrics = server(cluster).metrics();
        let new = usize::try_from(metrics.count() - seen).expect("few at once");
        for request in metrics.answered().rev().take(new) {
            for (place, measured) in &mut places {
                measured.spent_ms += request.times.at(*place, now);
            }
        }
    }
    let answered = server(cluster).metrics().count() - answered_before;
    let busy_ms = busy_ms(server(cluster), now) - busy_before;
    Window { places, answered, busy_ms }
}

impl Window {
    /// How long a request was at a place on average, in milliseconds.
    fn mean_ms(&self, place: Place) -> f64 {
        let measured = self.places.iter().find(|(each, _)| *each == place).map(|(_, measured)| measured.spent_ms);
        measured.unwrap_or_default() as f64 / self.answered as f64
    }
}

#[test]
fn one_handler_thread_that_is_asked_for_too_much_is_never_idle_and_requests_queue() {
    let calm = measure(&mut loaded(5));
    let overloaded = measure(&mut loaded(100));
    let idle = |window: &Window| 1.0 - window.busy_ms as f64 / WINDOW_MS as f64;
    assert!(idle(&calm) > 0.5 && idle(&overloaded) < 0.01, "{} and {}", idle(&calm), idle(&overloaded));
    let queued = [calm.mean_ms(Place::RequestQueue), overloaded.mean_ms(Place::RequestQueue)];
    // All producers of the calm broker send in the same millisecond, so some wait there, too.
    assert!(queued[1] > 2.0 * queued[0] && queued[1] > 4.0 * HANDLER_MS as f64, "{queued:?}");
}

/// L = λW: how many are at a place on average, is how many come in a time, by how long each stays.
#[test]
fn littles_law_holds_at_every_place() {
    for throughput in [5, 20, 100] {
        let window = measure(&mut loaded(throughput));
        assert!(window.answered > 500, "{} requests", window.answered);
        for (place, measured) in &window.places {
            let (l, lambda_w) = (measured.request_ms, measured.spent_ms);
            let most = l.max(lambda_w).max(100);
            assert!(l.abs_diff(lambda_w) * 50 <= most, "{throughput}/s, {place:?}: {l} and {lambda_w} request ms");
        }
    }
}
