//! Metrics against what the run itself shows.

use std::collections::BTreeMap;

use super::*;
use crate::actor::Actor;
use crate::command::{Command, SettingScope};
use crate::config::{ClusterConfig, NetworkConfig, NodeConfig, Roles, Start, TopicConfig};
use crate::history::History;
use crate::presets;
use crate::scenario::Scenario;

fn history() -> History {
    History::new(presets::first_minute()).expect("it runs")
}

fn of(history: &History, node: i32, metric: Metric) -> Option<Raw> {
    let cluster = history.cluster();
    metric.read(cluster, cluster.node(node).expect("it is there"), &history.counters().of(node))
}

fn forward(history: &mut History, steps: u32) {
    for _ in 0..steps {
        history.step();
    }
}

#[test]
fn every_metric_is_named_once() {
    let mut names: Vec<String> = Metric::all().into_iter().map(Metric::path).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(names.contains(&"kafka.network:type=RequestMetrics,name=LocalTimeMs,request=FetchFollower".to_owned()));
}

#[test]
fn a_crash_is_seen_in_the_metrics_of_the_others() {
    let mut history = history();
    forward(&mut history, 300);
    let leader = (1..=3).find(|node| of(&history, *node, Metric::LeaderCount) == Some([1, 1]));
    let leader = leader.expect("somebody leads orders");
    assert_eq!(of(&history, leader, Metric::UnderReplicatedPartitions), Some([0, 1]));
    history.act(Command::Crash { node: leader, machine: false }).expect("it runs");
    assert_eq!(of(&history, leader, Metric::LeaderCount), None, "what a process counts dies with it");
    let other = (1..=3).find(|node| *node != leader).expect("two are left");
    while of(&history, other, Metric::UnderReplicatedPartitions) != Some([1, 1])
        && of(&history, 6 - other - leader, Metric::UnderReplicatedPartitions) != Some([1, 1])
    {
        assert!(history.cluster().now() < 60_000, "nobody notices");
        forward(&mut history, 1);
    }
}

#[test]
fn series_are_the_same_after_going_back_and_on_a_branch() {
    let mut history = history();
    forward(&mut history, 2_000);
    let there = history.metrics().points(1, Metric::RequestsPerSec(Requests::FetchFollower));
    assert!(there.len() > 20, "{} samples", there.len());
    history.seek(700);
    let then = history.metrics().points(1, Metric::RequestsPerSec(Requests::FetchFollower));
    let past = then.len() - 2;
    assert_eq!(then[..past], there[..past], "the past is as it was");
    let counters = history.counters();
    history
        .act(Command::Set { scope: SettingScope::Network, name: "latency.ms.max".into(), value: "9".into() })
        .expect("set");
    forward(&mut history, 500);
    let branch = history.metrics().points(1, Metric::RequestsPerSec(Requests::FetchFollower));
    assert_eq!(branch[..past], then[..past], "a branch has the past of where it left");
    history.seek(700);
    assert_eq!(history.counters(), counters);
}

#[test]
fn overload_shows_where_it_is() {
    let mut history = history();
    forward(&mut history, 300);
    let leader = (1..=3).find(|node| of(&history, *node, Metric::LeaderCount) == Some([1, 1])).expect("a leader");
    let (sum, count) = (|raw: Raw| raw[0], |raw: Raw| raw[1]);
    let queue_time = Metric::TimeMs(Requests::FetchFollower, Place::RequestQueue);
    let before = of(&history, leader, queue_time).expect("it lives");
    assert_eq!(sum(before), 0, "nothing waits while nothing takes time");
    let price =
        Command::Set { scope: SettingScope::Pipeline(leader), name: "handler.request.ms".into(), value: "400".into() };
    history.act(price).expect("set");
    let set = |name: &str, value: &str| Command::Set {
        scope: SettingScope::Broker(leader),
        name: name.into(),
        value: value.into(),
    };
    for threads in ["4", "2", "1"] {
        history.act(set("num.io.threads", threads)).expect("set");
        forward(&mut history, 400);
    }
    forward(&mut history, 1_500);
    let after = of(&history, leader, queue_time).expect("it lives");
    assert!(count(after) > count(before) && sum(after) > 0, "{after:?}");
    let idle = history.metrics().points(leader, Metric::RequestHandlerAvgIdlePercent);
    let last: Vec<f64> = idle.iter().rev().filter_map(|point| point.value).take(10).collect();
    assert!(last.iter().sum::<f64>() / 10.0 < 0.25, "{last:?}");
}

#[test]
fn exports_name_and_number_every_metric() {
    let mut history = history();
    forward(&mut history, 800);
    let text = csv(&history.metrics(), 1);
    let columns = 2 + Metric::all().len() + history.metrics().errors(1).len();
    let mut lines = text.lines();
    let header = lines.next().expect("a header");
    assert_eq!(header.matches("\"kafka.").count() + 2, columns);
    assert!(lines.clone().count() > 5);
    assert!(lines.all(|line| line.split(',').count() == columns));
    let text = prometheus(history.cluster(), &history.counters());
    for line in [
        "# TYPE kafka_network_requestchannel_requestqueuesize gauge",
        "kafka_controller_kafkacontroller_activebrokercount{instance=",
        "kafka_server_brokertopicmetrics_messagesin_total{instance=\"1\"}",
        "kafka_network_requestmetrics_totaltimems{request=\"FetchFollower\",instance=",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn errors_are_counted_by_request_and_error() {
    let mut history = history();
    forward(&mut history, 300);
    let body = serde_json::json!({"acks": 1, "timeoutMs": 1000, "topicData": [
        {"name": "nowhere", "partitionData": [{"index": 0, "records": {"records": [{"value": "v"}]}}]}]});
    let request = Command::request(1, (1, Listener::Broker), ApiKey::Produce, Some(11), body);
    history.act(request).expect("it is sent");
    while history.cluster().probe_answer(1).is_none_or(|answer| answer.answered_at_ms.is_none()) {
        forward(&mut history, 1);
    }
    let errors = history.cluster().node(1).expect("it is there").server(Listener::Broker).metrics().errors();
    let of_produce: Vec<_> = errors.filter(|(api, ..)| *api == ApiKey::Produce).collect();
    assert_eq!(of_produce, [(ApiKey::Produce, ErrorCode::UnknownTopicOrPartition, 1)]);
    let exported = prometheus(history.cluster(), &history.counters());
    let line =
        "errors_total{request=\"Produce\",error=\"UNKNOWN_TOPIC_OR_PARTITION\",listener=\"broker\",instance=\"1\"} 1";
    assert!(exported.contains(line), "{exported}");
}

#[test]
fn errors_are_counted_by_request_and_kind() {
    let mut history = history();
    forward(&mut history, 300);
    let body = serde_json::json!({"topics": [{"name": "orders", "numPartitions": 1, "replicationFactor": 1}]});
    let (broker, version) = ((1, Listener::Broker), None);
    let metric = Metric::ErrorsPerSec(ApiKey::CreateTopics, ErrorCode::TopicAlreadyExists);
    for probe in 1..=3 {
        history.act(Command::request(probe, broker, ApiKey::CreateTopics, version, body.clone())).expect("it is sent");
        forward(&mut history, 300);
    }
    assert_eq!(of(&history, 1, metric), Some([3, 1]));
    let series = history.metrics();
    assert!(series.errors(1).contains(&metric), "{:?}", series.errors(1));
    assert!(series.errors(2).iter().all(|other| *other != metric), "another broker's");
    let points = series.points(1, metric);
    assert_eq!(points.iter().filter(|point| point.value.is_some_and(|value| value > 0.0)).count(), 3, "{points:?}");
    let name = "kafka.network:type=RequestMetrics,name=ErrorsPerSec,request=CreateTopics,error=TOPIC_ALREADY_EXISTS";
    assert!(csv(&series, 1).lines().next().is_some_and(|head| head.contains(name)));
    let line = "kafka_network_requestmetrics_errors_total{request=\"CreateTopics\",error=\"TOPIC_ALREADY_EXISTS\"";
    assert!(prometheus(history.cluster(), &history.counters()).contains(line));
}

#[test]
fn clients_tell_how_long_their_requests_took() {
    let mut history = history();
    forward(&mut history, 2_000);
    let cluster = history.cluster();
    let (producer, consumer) = (Actor::Producer(1), Actor::Consumer(1));
    let bean = "kafka.producer:type=producer-metrics,client-id=";
    assert!(ClientMetric::mbean(cluster, producer).is_some_and(|mbean| mbean.starts_with(bean)));
    assert_eq!(ClientMetric::LatencyMax.attribute(consumer), "fetch-latency-max");
    let [fetched, fetches] = ClientMetric::LatencyAvg.read(cluster, consumer).expect("it has fetched");
    let max = ClientMetric::LatencyMax.read(cluster, consumer).expect("it has fetched")[0];
    assert!(fetches > 1 && fetched / fetches <= max, "{fetched} of {fetches}, {max}");
    // A fetch that finds nothing waits for fetch.max.wait.ms.
    assert!((500..600).contains(&max), "{max}");
    let series = history.metrics();
    let points = series.client_points(consumer, ClientMetric::LatencyMax);
    assert_eq!(points.len(), series.moments().count());
    assert!(points.iter().any(|point| point.value.is_some()));
    assert!(
        client_csv(&series, cluster, consumer).lines().next().is_some_and(|head| head.contains("fetch-latency-avg"))
    );
    let text = prometheus(cluster, &history.counters());
    assert!(text.contains("# TYPE kafka_consumer_consumer_fetch_manager_metrics_fetch_latency_max gauge"), "{text}");
}

/// What a Kafka 4.3.1 showed over JMX, in this order: ten fetches of three partitions whose time is up, a record for the first
/// partition, another fetch that waits, and a record for the second partition. No fetch wants any byte of a partition, so that
/// none is completed by it.
#[test]
fn purgatory_size_counts_entries_of_watchers_and_not_requests() {
    let config = ClusterConfig {
        nodes: vec![NodeConfig::new(1, Roles::Broker), NodeConfig::new(9, Roles::Controller)],
        settings: [("offsets.topic.replication.factor".to_owned(), "1".to_owned())].into(),
        topics: vec![TopicConfig {
            name: "t".into(),
            partitions: 3,
            replication_factor: 1,
            assignment: Vec::new(),
            settings: BTreeMap::new(),
        }],
        producers: Vec::new(),
        consumers: Vec::new(),
        network: NetworkConfig::default(),
        start: Start::AtRest,
    };
    let mut history = History::new(Scenario::new(config, 1)).expect("it runs");
    let mut probe = 0;
    let mut ask = |history: &mut History, api: &str, version: i16, body: serde_json::Value, ms: u64| {
        probe += 1;
        let request = serde_json::json!({
            "command": "request", "probe": probe, "to": 1, "api": api, "version": version, "body": body
        });
        history.act(serde_json::from_value(request).expect("a command")).expect("it is sent");
        let until = history.cluster().now() + ms;
        while history.cluster().now() < until {
            forward(history, 1);
        }
    };
    let sizes = |history: &History| {
        [Metric::FetchNumDelayedOperations, Metric::FetchPurgatorySize]
            .map(|metric| of(history, 1, metric).expect("it runs")[0])
    };
    let fetch = |max_wait_ms: i32, first_offset: i64| {
        let partitions = [first_offset, 0, 0].into_iter().zip(0..3);
        let partitions = partitions
            .map(|(offset, partition)| serde_json::json!({"partition": partition, "fetchOffset": offset, "partitionMaxBytes": 0}))
            .collect::<Vec<_>>();
        serde_json::json!({"maxWaitMs": max_wait_ms, "minBytes": 1, "topics": [{"topic": "t", "partitions": partitions}]})
    };
    let produce = |partition: i32| {
        serde_json::json!({"acks": 1, "timeoutMs": 3000, "topicData": [{"name": "t", "partitionData": [
            {"index": partition, "records": {"records": [{"key": "k", "value": "v"}]}}
        ]}]})
    };
    for _ in 0..10 {
        ask(&mut history, "Fetch", 11, fetch(200, 0), 300);
    }
    assert_eq!(sizes(&history), [0, 30]);
    ask(&mut history, "Produce", 11, produce(0), 300);
    assert_eq!(sizes(&history), [0, 20]);
    ask(&mut history, "Fetch", 11, fetch(9_000, 1), 300);
    assert_eq!(sizes(&history), [1, 23]);
    ask(&mut history, "Produce", 11, produce(1), 300);
    assert_eq!(sizes(&history), [1, 13]);
}

/// Lets events happen until something is so.
fn until(history: &mut History, mut is_so: impl FnMut(&History) -> bool) {
    for _ in 0..100_000 {
        if is_so(history) {
            return;
        }
        history.step();
    }
    panic!("it never came about");
}

#[test]
fn connections_are_counted_as_they_are_opened_and_closed() {
    let mut history = history();
    forward(&mut history, 300);
    let read = |history: &History, metric| of(history, 1, metric).expect("it lives")[0];
    let (open, closed) = (read(&history, Metric::ConnectionCount), read(&history, Metric::ConnectionCloseRate));
    assert!(open > 0 && closed == 0, "{open} {closed}");
    history.act(Command::Crash { node: 2, machine: false }).expect("it runs");
    until(&mut history, |history| read(history, Metric::ConnectionCloseRate) > closed);
    let created = read(&history, Metric::ConnectionCreationRate);
    assert_eq!(read(&history, Metric::ConnectionCount), created - read(&history, Metric::ConnectionCloseRate));
    assert!(read(&history, Metric::ConnectionCount) < open, "the dead broker's connection is gone");
    history.act(Command::Start { node: 2 }).expect("it starts");
    until(&mut history, |history| read(history, Metric::ConnectionCreationRate) > created);
}

#[test]
fn an_election_from_the_elr_is_no_unclean_one() {
    let mut history = history();
    forward(&mut history, 300);
    let set = |scope, name: &str, value: &str| Command::Set { scope, name: name.into(), value: value.into() };
    history.act(set(SettingScope::Topic("orders".into()), "min.insync.replicas", "2")).expect("set");
    let leader_of = |history: &History| {
        let image = history.cluster().image().expect("a controller is active");
        image.partition("orders", 0).expect("it is there").leader
    };
    let is_down = |history: &History, node: i32| history.cluster().node(node).is_some_and(|node| node.broker.is_none());
    let mut stopped = Vec::new();
    while let leader @ 0.. = leader_of(&history) {
        // Who has ended cleanly stays eligible.
        history.act(Command::Stop { node: leader }).expect("it runs");
        stopped.push(leader);
        until(&mut history, |history| leader_of(history) != leader && is_down(history, leader));
    }
    assert_eq!(stopped.len(), 3);
    let controller = history.cluster().active_controller().expect("one is active");
    let read = |history: &History, metric| of(history, controller, metric).expect("it lives")[0];
    // The ISR held two when the second one ended: that one has all that was committed.
    history.act(Command::Start { node: stopped[1] }).expect("it starts");
    until(&mut history, |history| leader_of(history) == stopped[1]);
    assert_eq!(read(&history, Metric::ElectionFromEligibleLeaderReplicasPerSec), 1);
    assert_eq!(read(&history, Metric::UncleanLeaderElectionsPerSec), 0);
    // The first one that ended may not have: it leads only where that is allowed.
    history.act(Command::Stop { node: stopped[1] }).expect("it runs");
    until(&mut history, |history| leader_of(history) < 0 && is_down(history, stopped[1]));
    history.act(set(SettingScope::Topic("orders".into()), "unclean.leader.election.enable", "true")).expect("set");
    history.act(Command::Start { node: stopped[0] }).expect("it starts");
    until(&mut history, |history| leader_of(history) == stopped[0]);
    assert_eq!(read(&history, Metric::ElectionFromEligibleLeaderReplicasPerSec), 1);
    assert_eq!(read(&history, Metric::UncleanLeaderElectionsPerSec), 1);
}
