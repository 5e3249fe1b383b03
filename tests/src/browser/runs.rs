//! Runs that views and cases begin with, made by the engine itself: a group that was rebalanced, transactions by hand.

use kafkascope_core::actor::Listener;
use kafkascope_core::change::Change;
use kafkascope_core::command::Command;
use kafkascope_core::history::History;
use kafkascope_core::presets::{Order, TOPIC};
use kafkascope_core::wire::{ApiKey, Response, TopicPartition};
use serde_json::{Value, json};

use super::driver::{Failure, Outcome};

/// The transactional id of the runs.
pub const TRANSACTIONAL_ID: &str = "payments";

/// So much virtual time is waited for anything at most, in milliseconds.
const WAIT_MS_MAX: u64 = 120_000;

fn act(history: &mut History, command: Command) -> Outcome {
    history.act(command).map(|_| ()).map_err(|error| Failure(format!("{error:?}")))
}

fn until(history: &mut History, mut holds: impl FnMut(&History) -> bool) -> Outcome {
    let deadline = history.cluster().now().saturating_add(WAIT_MS_MAX);
    while !holds(history) {
        if history.cluster().now() > deadline || history.step().is_none() {
            return Err(Failure("what a run waits for never came".to_owned()));
        }
    }
    Ok(())
}

fn wait(history: &mut History, ms: u64) -> Outcome {
    let at = history.cluster().now().saturating_add(ms);
    until(history, |history| history.cluster().now() >= at)
}

fn has_members(history: &History, wanted: usize) -> bool {
    let groups = history.cluster().view().groups;
    groups.iter().any(|group| group.state == "Stable" && group.members.len() == wanted)
}

fn produce(history: &mut History, partition: i32, value: &str) -> Outcome {
    let value = Some(value.into());
    let (topic, partition) = (TOPIC.into(), Some(partition));
    act(history, Command::Produce { producer: 1, topic, partition, key: None, value, headers: Vec::new() })
}

/// A group of two consumers and three partitions, which have read something. One of the two was closed and is started again:
/// its join is still on its way.
pub fn joining() -> Outcome<History> {
    let order = Order { partitions: 3, consumers: 2, ..Order::default() };
    let mut history = History::new(order.scenario(7)).map_err(|error| Failure(error.to_string()))?;
    until(&mut history, |history| has_members(history, 2))?;
    for (partition, value) in [(0, "a"), (0, "b"), (1, "c"), (2, "d"), (2, "e"), (2, "f")] {
        produce(&mut history, partition, value)?;
    }
    wait(&mut history, 1_000)?;
    act(&mut history, Command::CloseConsumer { consumer: 2 })?;
    until(&mut history, |history| has_members(history, 1))?;
    wait(&mut history, 1_000)?;
    act(&mut history, Command::StartConsumer { consumer: 2 })?;
    Ok(history)
}

/// The same, a little after the two share the partitions again; new records have just been produced.
pub fn rebalanced() -> Outcome<History> {
    let mut history = joining()?;
    until(&mut history, |history| has_members(history, 2))?;
    wait(&mut history, 700)?;
    for (partition, value) in [(0, "g"), (1, "h"), (1, "i")] {
        produce(&mut history, partition, value)?;
    }
    wait(&mut history, 12)?;
    Ok(history)
}

/// Requests by hand, one after the other.
struct Lab {
    history: History,
    next_probe: u32,
}

impl Lab {
    fn send(&mut self, to: i32, api: &str, version: i16, body: Value) -> Outcome<u32> {
        let probe = self.next_probe;
        self.next_probe = probe.saturating_add(1);
        let api: ApiKey = api.parse().map_err(|_| Failure(format!("{api} is no request")))?;
        let (port, version) = (Listener::Broker, Some(version));
        act(&mut self.history, Command::request(probe, (to, port), api, version, body))?;
        Ok(probe)
    }

    fn ask(&mut self, to: i32, api: &str, version: i16, body: Value) -> Outcome<Value> {
        let probe = self.send(to, api, version, body)?;
        let answered = |history: &History| {
            history.cluster().probe_answer(probe).is_some_and(|answer| answer.answered_at_ms.is_some())
        };
        until(&mut self.history, answered)?;
        let answer = self.history.cluster().probe_answer(probe).and_then(|answer| answer.response.as_ref());
        Ok(answer.map(Response::to_json).unwrap_or_default())
    }

    /// Asks again until the answer is no error. Gives the answer.
    fn ask_until(&mut self, to: i32, (api, version): (&str, i16), body: &Value, error: &str) -> Outcome<Value> {
        for _ in 0..100 {
            let answer = self.ask(to, api, version, body.clone())?;
            if answer.pointer(error).and_then(Value::as_str) == Some("NONE") {
                return Ok(answer);
            }
            wait(&mut self.history, 100)?;
        }
        Err(Failure(format!("{api} is never answered without an error")))
    }

    fn produce(&mut self, partition: i32, values: &[&str], producer: Option<(i64, i64, i32)>) -> Outcome {
        let (id, epoch, sequence) = producer.unwrap_or((-1, -1, -1));
        let records: Vec<Value> = values.iter().map(|value| json!({"value": value})).collect();
        let records = json!({"records": records, "producerId": id, "producerEpoch": epoch, "baseSequence": sequence,
            "transactional": producer.is_some()});
        let body = json!({"acks": -1, "timeoutMs": 5_000, "transactionalId": producer.map(|_| TRANSACTIONAL_ID),
            "topicData": [{"name": TOPIC, "partitionData": [{"index": partition, "records": records}]}]});
        let name = TopicPartition::new(TOPIC, partition);
        let view = self.history.cluster().view();
        let leader = view.partitions.iter().find(|each| each.partition == name).map(|each| each.leader);
        let leader = leader.ok_or("the partition is not there")?;
        let error = "/responses/0/partitionResponses/0/errorCode";
        self.ask_until(leader, ("Produce", 12), &body, error).map(|_| ())
    }
}

/// A producer sends more than its quota allows: it has just been told to pause.
pub fn throttled() -> Outcome<History> {
    let history = History::new(Order::default().scenario(7)).map_err(|error| Failure(error.to_string()))?;
    let mut lab = Lab { history, next_probe: 1 };
    let body = json!({"entries": [{"entity": [{"entityType": "client-id", "entityName": null}],
        "ops": [{"key": "producer_byte_rate", "value": 10_000, "remove": false}]}], "validateOnly": false});
    lab.ask_until(1, ("AlterClientQuotas", 1), &body, "/entries/0/errorCode")?;
    let load = Command::ProducerPerfTest {
        producer: 1,
        topic: "orders".into(),
        num_records: 1_000,
        record_size: 1_000,
        throughput: 100,
        keys: 0,
    };
    lab.history.act(load).map_err(|error| Failure(format!("{error:?}")))?;
    while let Some(step) = lab.history.step() {
        if step.changes.iter().any(|change| matches!(change, Change::ClientThrottled { .. })) {
            return Ok(lab.history);
        }
    }
    Err(Failure("nobody was throttled".to_owned()))
}

/// A transaction was committed and one aborted; a third is open in two partitions, and its commit has just been sent.
pub fn committing() -> Outcome<History> {
    let order = Order { partitions: 2, ..Order::default() };
    let history = History::new(order.scenario(7)).map_err(|error| Failure(error.to_string()))?;
    let mut lab = Lab { history, next_probe: 1 };
    let body = json!({"keyType": 1, "coordinatorKeys": [TRANSACTIONAL_ID]});
    let found = lab.ask_until(1, ("FindCoordinator", 4), &body, "/coordinators/0/errorCode")?;
    let coordinator = found.pointer("/coordinators/0/nodeId").and_then(Value::as_i64);
    let coordinator = coordinator.and_then(|id| i32::try_from(id).ok()).ok_or("there is no coordinator")?;
    let body = json!({"transactionalId": TRANSACTIONAL_ID, "transactionTimeoutMs": 60_000});
    let begun = lab.ask_until(coordinator, ("InitProducerId", 5), &body, "/errorCode")?;
    let id = begun["producerId"].as_i64().ok_or("there is no producer id")?;
    for (epoch, values, committed) in [(0, vec!["paid"], true), (1, vec!["wrong", "twice"], false)] {
        lab.produce(0, &values, Some((id, epoch, 0)))?;
        let body = json!({"transactionalId": TRANSACTIONAL_ID, "producerId": id, "producerEpoch": epoch,
            "committed": committed});
        lab.ask_until(coordinator, ("EndTxn", 5), &body, "/errorCode")?;
        wait(&mut lab.history, 500)?;
    }
    lab.produce(0, &["refund"], Some((id, 2, 0)))?;
    lab.produce(1, &["receipt"], Some((id, 2, 0)))?;
    lab.produce(0, &["no transaction"], None)?;
    wait(&mut lab.history, 50)?;
    let body = json!({"transactionalId": TRANSACTIONAL_ID, "producerId": id, "producerEpoch": 2, "committed": true});
    lab.send(coordinator, "EndTxn", 5, body)?;
    Ok(lab.history)
}
