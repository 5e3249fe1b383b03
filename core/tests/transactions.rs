//! Transactions over several brokers, by hand-written requests: markers in every partition, a coordinator that dies, a
//! transaction that is open for too long.

use kafkascope_core::actor::Listener;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::Command;
use kafkascope_core::config::ClusterConfig;
use kafkascope_core::wire::{ApiKey, ErrorCode, Response, TopicPartition};
use serde_json::{Value, json};

const TOPIC: &str = "orders";
const ID: &str = "payments";

/// A cluster that is asked.
struct Lab {
    cluster: Cluster,
    next_probe: u32,
}

impl Lab {
    fn new(seed: u64) -> Self {
        let node = |id: i32, roles: &str| json!({"id": id, "roles": roles});
        let config = json!({
            "nodes": [node(1, "broker"), node(2, "broker"), node(3, "broker"), node(101, "controller")],
            "settings": {
                "transaction.state.log.num.partitions": "3", "offsets.topic.num.partitions": "3",
                "transaction.state.log.min.isr": "1", "broker.session.timeout.ms": "3000",
                "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
            },
            "topics": [{"name": TOPIC, "partitions": 3, "replicationFactor": 3}],
        });
        let config: ClusterConfig = serde_json::from_value(config).expect("a cluster");
        let mut lab = Self { cluster: Cluster::new(&config, seed).expect("it can be built"), next_probe: 1 };
        lab.until(|lab| lab.coordinator().is_some());
        lab
    }

    /// The coordinator, where somebody knows one.
    fn coordinator(&mut self) -> Option<i32> {
        let alive = self.alive();
        let answer = self.ask(alive, "FindCoordinator", None, json!({"keyType": 1, "coordinatorKeys": [ID]}))?;
        let found = answer.pointer("/coordinators/0")?.clone();
        (found["errorCode"] == "NONE").then(|| found["nodeId"].as_i64())?.and_then(|id| i32::try_from(id).ok())
    }

    fn alive(&self) -> i32 {
        let mut brokers = self.cluster.nodes().filter(|node| node.broker.is_some());
        brokers.next().map(|node| node.config.id).expect("a broker")
    }

    /// Sends a request and waits 5 s at most for its answer.
    fn ask(&mut self, to: i32, api: &str, version: Option<i16>, body: Value) -> Option<Value> {
        let probe = self.next_probe;
        self.next_probe += 1;
        let api: ApiKey = api.parse().expect("a request");
        let port = Listener::Broker;
        let command = Command::request(probe, (to, port), api, version, body);
        self.cluster.apply(&command).expect("it is sent");
        let deadline = self.cluster.now() + 5_000;
        while self.cluster.now() < deadline {
            let answer = self.cluster.probe_answer(probe);
            if let Some(answer) = answer.filter(|answer| answer.closed || answer.answered_at_ms.is_some()) {
                return answer.response.as_ref().map(Response::to_json);
            }
            self.cluster.step()?;
        }
        None
    }

    fn run(&mut self, ms: u64) {
        let deadline = self.cluster.now() + ms;
        while self.cluster.next_at().is_some_and(|at| at <= deadline) {
            self.cluster.step();
        }
    }

    /// Tries for a minute at most until something holds.
    fn until(&mut self, mut holds: impl FnMut(&mut Self) -> bool) {
        let deadline = self.cluster.now() + 60_000;
        while !holds(self) {
            assert!(self.cluster.now() < deadline, "it never held");
            self.run(100);
        }
    }

    fn init_producer_id(&mut self, timeout_ms: i32) -> (i64, i64) {
        let body = json!({"transactionalId": ID, "transactionTimeoutMs": timeout_ms});
        let mut producer = (-1, -1);
        self.until(|lab| {
            let Some(coordinator) = lab.coordinator() else { return false };
            let Some(answer) = lab.ask(coordinator, "InitProducerId", Some(5), body.clone()) else { return false };
            producer = (answer["producerId"].as_i64().unwrap_or(-1), answer["producerEpoch"].as_i64().unwrap_or(-1));
            answer["errorCode"] == "NONE"
        });
        producer
    }

    fn leader_of(&self, partition: i32) -> i32 {
        let image = self.cluster.image().and_then(|image| image.partition(TOPIC, partition));
        image.map_or(-1, |partition| partition.leader)
    }

    /// Produces one record as part of the transaction. Gives the error.
    fn produce(&mut self, partition: i32, (id, epoch): (i64, i64), sequence: i32) -> String {
        let records = json!({"records": [{"value": "paid"}], "producerId": id, "producerEpoch": epoch,
            "baseSequence": sequence, "transactional": true});
        let body = json!({"acks": -1, "timeoutMs": 5_000, "transactionalId": ID, "topicData": [
            {"name": TOPIC, "partitionData": [{"index": partition, "records": records}]}]});
        let leader = self.leader_of(partition);
        let answer = self.ask(leader, "Produce", Some(12), body).expect("an answer");
        let error = answer.pointer("/responses/0/partitionResponses/0/errorCode").and_then(Value::as_str);
        error.unwrap_or_default().to_owned()
    }

    fn end(&mut self, (id, epoch): (i64, i64), committed: bool) -> Value {
        let body = json!({"transactionalId": ID, "producerId": id, "producerEpoch": epoch, "committed": committed});
        let coordinator = self.coordinator().expect("a coordinator");
        self.ask(coordinator, "EndTxn", Some(5), body).expect("an answer")
    }

    fn state(&mut self) -> String {
        let Some(coordinator) = self.coordinator() else { return String::new() };
        let answer = self.ask(coordinator, "DescribeTransactions", None, json!({"transactionalIds": [ID]}));
        let state =
            answer.as_ref().and_then(|answer| answer.pointer("/transactionStates/0/transactionState")?.as_str());
        state.unwrap_or_default().to_owned()
    }

    /// Of each partition whether the last batch at its leader is a marker, with the producer epoch that it has.
    fn markers(&self) -> Vec<Option<i16>> {
        let marker = |partition: i32| {
            let name = TopicPartition::new(TOPIC, partition);
            let node = self.cluster.node(self.leader_of(partition))?;
            let stored = node.disk.broker.logs.values().find(|stored| stored.name == name)?;
            stored.log.batches().last().filter(|batch| batch.is_control).map(|batch| batch.producer_epoch)
        };
        (0..3).map(marker).collect()
    }
}

#[test]
fn a_commit_leaves_a_marker_in_every_partition_of_the_transaction() {
    for seed in 0..4 {
        let mut lab = Lab::new(seed);
        let producer = lab.init_producer_id(60_000);
        for partition in 0..3 {
            assert_eq!(lab.produce(partition, producer, 0), "NONE");
        }
        assert_eq!((lab.state().as_str(), lab.markers()), ("Ongoing", vec![None; 3]));
        let answer = lab.end(producer, true);
        assert_eq!((answer["errorCode"].as_str(), answer["producerEpoch"].as_i64()), (Some("NONE"), Some(1)));
        lab.until(|lab| lab.state() == "CompleteCommit");
        assert_eq!(lab.markers(), [Some(1); 3], "seed {seed}");
    }
}

#[test]
fn a_new_coordinator_sends_the_markers_that_are_missing() {
    for seed in 0..6 {
        let mut lab = Lab::new(seed);
        let producer = lab.init_producer_id(60_000);
        for partition in 0..3 {
            assert_eq!(lab.produce(partition, producer, 0), "NONE");
        }
        let coordinator = lab.coordinator().expect("a coordinator");
        assert_eq!(lab.end(producer, false)["errorCode"], "NONE");
        // The outcome is certain, and no marker needs to be written yet.
        lab.cluster.apply(&Command::Crash { node: coordinator, machine: false }).expect("it dies");
        lab.until(|lab| lab.state() == "CompleteAbort");
        assert_ne!(lab.coordinator(), Some(coordinator));
        assert_eq!(lab.markers(), [Some(1); 3], "seed {seed}");
    }
}

#[test]
fn a_leader_that_was_away_writes_its_marker_when_another_leads() {
    let mut lab = Lab::new(7);
    let producer = lab.init_producer_id(60_000);
    for partition in 0..3 {
        assert_eq!(lab.produce(partition, producer, 0), "NONE");
    }
    let coordinator = lab.coordinator().expect("a coordinator");
    let other = (0..3).map(|partition| lab.leader_of(partition)).find(|leader| *leader != coordinator);
    lab.cluster.apply(&Command::Crash { node: other.expect("another leader"), machine: false }).expect("it dies");
    assert_eq!(lab.end(producer, true)["errorCode"], "NONE");
    lab.until(|lab| lab.state() == "CompleteCommit");
    assert_eq!(lab.markers(), [Some(1); 3]);
}

#[test]
fn a_transaction_that_is_open_for_too_long_is_aborted_and_its_producer_fenced() {
    let mut lab = Lab::new(3);
    let producer = lab.init_producer_id(2_000);
    assert_eq!(lab.produce(1, producer, 0), "NONE");
    lab.run(1_500);
    assert_eq!(lab.state(), "Ongoing");
    lab.until(|lab| lab.state() == "CompleteAbort");
    assert_eq!(lab.produce(1, producer, 1), ErrorCode::InvalidProducerEpoch.name());
    assert_eq!(lab.end(producer, true)["errorCode"], "INVALID_TXN_STATE", "it ended the other way");
    let next = lab.init_producer_id(2_000);
    assert!(next.0 == producer.0 && next.1 > producer.1 + 1, "{next:?} after {producer:?}");
}
