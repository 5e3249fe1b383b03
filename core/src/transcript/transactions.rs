//! Producer ids and transactions in recordings: what their recorders had asked before, what they waited for, and what they looked
//! at.

use serde_json::{Map, Value, json};

use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player};
use crate::actor::Listener;
use crate::broker::TRANSACTION_STATE_TOPIC;
use crate::view::transaction_key_and_value;
use crate::wire::TopicPartition;

/// How often a question is repeated at most, and how long is waited between, in milliseconds.
const TRIES: u32 = 60;
const TRY_EVERY_MS: u64 = 100;
/// The transactional id by which recorders found out that a coordinator works.
const ANOTHER_ID: &str = "warm";
/// The isolation levels that an observation tells of, by their numbers.
const ISOLATION_LEVELS: [(&str, i8); 2] = [("read_uncommitted", 0), ("read_committed", 1)];
/// What tells which partition keeps an id.
const STATE_PARTITIONS: &str = "partitionOfTransactionState";

impl Player<'_> {
    /// Where a recording's first question for a producer with a transactional id is answered with the id 5, its recorder had
    /// found the coordinator and used five ids.
    pub(super) fn use_producer_ids_before(&mut self) {
        let Some(used) = used_before(&self.transcript.steps) else { return };
        self.find_transaction_coordinator(ANOTHER_ID);
        for _ in 0..used {
            self.init_producer_id(None);
        }
        self.observed_to = self.cluster.metadata_end();
    }

    /// Waits until a coordinator of transactions can be named.
    fn find_transaction_coordinator(&mut self, id: &str) {
        let Ok(broker) = self.some_broker() else { return };
        for _ in 0..TRIES {
            let body = json!({"keyType": 1, "coordinatorKeys": [id]});
            let Ok(probe) = self.send(broker, Listener::Broker, "FindCoordinator", None, body) else { return };
            let answer = self.await_answer(probe, PATIENCE_MS).to_json();
            if answer.pointer("/coordinators/0/errorCode") == Some(&json!("NONE")) {
                break;
            }
            self.let_time_pass(TRY_EVERY_MS);
        }
        self.let_time_pass(TRY_EVERY_MS);
    }

    /// Asks for a producer id until one is given.
    fn init_producer_id(&mut self, id: Option<&str>) {
        let body =
            json!({"transactionalId": id, "transactionTimeoutMs": 60_000, "producerId": -1, "producerEpoch": -1});
        self.ask_until_given(&body, None);
    }

    fn ask_until_given(&mut self, body: &Value, version: Option<i16>) {
        let Ok(broker) = self.some_broker() else { return };
        for _ in 0..TRIES {
            let Ok(probe) = self.send(broker, Listener::Broker, "InitProducerId", version, body.clone()) else {
                return;
            };
            let answer = self.await_answer(probe, PATIENCE_MS).to_json();
            if answer.get("errorCode") == Some(&json!("NONE")) {
                return;
            }
            self.let_time_pass(TRY_EVERY_MS);
        }
    }

    /// Waits as told until a producer id is given: for the question that was asked last, or for another transactional id. False
    /// where something else is waited for.
    pub(super) fn wait_for_producer_id(&mut self, step: &TranscriptStep) -> bool {
        let Some(until) = step.text("until").filter(|until| until.contains("InitProducerId")) else { return false };
        if until.contains("another id") {
            self.init_producer_id(Some(ANOTHER_ID));
            return true;
        }
        let before = self.transcript.steps.iter().take(self.at).rev();
        let asked = before.filter(|step| step.text("api") == Some("InitProducerId")).find_map(|step| step.get("body"));
        let Some(body) = asked.cloned() else { return false };
        self.ask_until_given(&body, None);
        true
    }

    /// Compares a field that tells of transactions. False if it is no such field.
    pub(super) fn observe_transactions(&mut self, field: &str, expected: &Value) -> bool {
        match (field, expected) {
            ("listOffsetsLatest", Value::Object(levels)) => {
                let actual = self.latest_by_isolation(levels);
                self.compare_words(field, expected, &actual);
            }
            (STATE_PARTITIONS, Value::Object(ids)) => {
                let actual = self.state_partitions(ids);
                self.compare_words(field, expected, &actual);
            }
            ("records", Value::Array(records)) if records.iter().all(is_state_record) => {
                let actual = self.state_records(records);
                self.compare_words(field, expected, &actual);
            }
            _ => return false,
        }
        true
    }

    /// What ListOffsets tells as the end of the partition that is looked at.
    fn latest_by_isolation(&mut self, levels: &Map<String, Value>) -> Value {
        let (topic, partition) = (self.topic.clone(), self.looks_at.partition);
        let Some(leader) = self.leader_of(&topic, partition) else { return Value::Null };
        let mut latest = Map::new();
        for (name, level) in ISOLATION_LEVELS.into_iter().filter(|(name, _)| levels.contains_key(*name)) {
            let offset = self.latest_offset_at(&topic, partition, leader, level);
            latest.insert(name.to_owned(), offset);
        }
        Value::Object(latest)
    }

    /// Lets each id be used once, and sees which partition of `__transaction_state` keeps it.
    fn state_partitions(&mut self, ids: &Map<String, Value>) -> Value {
        if let Some((first, _)) = ids.iter().next() {
            self.find_transaction_coordinator(first);
        }
        ids.keys().for_each(|id| self.init_producer_id(Some(id)));
        let keeps = |id: &String| {
            let records = self.records_of_states();
            let of_id = records.iter().find(|(_, _, key, _)| id_in(key) == Some(id.as_str()));
            (id.clone(), json!(of_id.map(|(partition, ..)| *partition)))
        };
        ids.keys().map(keeps).collect::<Map<_, _>>().into()
    }

    /// The records of the ids that are told, in the partitions that are told.
    fn state_records(&self, recorded: &[Value]) -> Value {
        let is_recorded = |partition: i32, key: &Value| {
            recorded.iter().any(|record| record["partition"] == json!(partition) && id_in(&record["key"]) == id_in(key))
        };
        let records =
            self.records_of_states().into_iter().filter(|(partition, _, key, _)| is_recorded(*partition, key));
        let words = records.map(|(partition, offset, key, value)| {
            json!({"partition": partition, "offset": offset, "key": key, "value": value})
        });
        words.collect()
    }

    /// All records of `__transaction_state` in words: partition, offset, key, value.
    fn records_of_states(&self) -> Vec<(i32, i64, Value, Value)> {
        let image = self.cluster.image();
        let partitions = image.into_iter().flat_map(|image| {
            image.partitions().filter(|(name, _, _)| *name.topic == *TRANSACTION_STATE_TOPIC).collect::<Vec<_>>()
        });
        let mut records = Vec::new();
        for (name, _, partition) in partitions {
            records.extend(self.records_at(partition.leader, &name));
        }
        records
    }

    fn records_at(&self, leader: i32, name: &TopicPartition) -> Vec<(i32, i64, Value, Value)> {
        let node = self.cluster.node(leader);
        let stored = node.and_then(|node| node.disk.broker.logs.values().find(|stored| stored.name == *name));
        let batches = stored.into_iter().flat_map(|stored| stored.log.batches());
        let records = batches.flat_map(|batch| batch.records.iter().map(move |record| (batch.base_offset, record)));
        let records = records.filter_map(|(base, record)| {
            let (key, value) = transaction_key_and_value(record)?;
            let offset = base.saturating_add(i64::from(record.offset_delta));
            Some((name.partition, offset, key, value.unwrap_or_default()))
        });
        records.collect()
    }
}

fn id_in(key: &Value) -> Option<&str> {
    key.pointer("/data/transactionalId")?.as_str()
}

/// Whether a record that is told is one of `__transaction_state`.
fn is_state_record(record: &Value) -> bool {
    record.get("key").and_then(id_in).is_some()
}

/// How many producer ids were used before a recording began: its first producer with a transactional id is given the next one,
/// and nothing was waited for before.
fn used_before(steps: &[TranscriptStep]) -> Option<i64> {
    for step in steps {
        let asks_for_coordinator = step.text("api") == Some("FindCoordinator")
            && step.get("body").and_then(|body| body.get("keyType")) == Some(&json!(1));
        let waits = step.text("until").is_some_and(|until| until.contains("InitProducerId"));
        let looks = step.saw.as_ref().is_some_and(|saw| saw.get(STATE_PARTITIONS).is_some());
        if asks_for_coordinator || waits || looks {
            return None;
        }
        if step.text("api") == Some("InitProducerId") {
            let is_transactional = step.get("body")?.get("transactionalId")?.is_string();
            return step.saw.as_ref().filter(|_| is_transactional)?.get("producerId")?.as_i64().filter(|id| *id >= 0);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    fn used(steps: &Value) -> Option<i64> {
        let text = json!({"id": "x", "title": "x", "kind": "requests", "steps": steps}).to_string();
        used_before(&Transcript::from_json(&text).expect("it is a transcript").steps)
    }

    #[test]
    fn ids_that_a_recording_does_not_give_were_given_before() {
        let init = |id: &Value, given: i64| json!({"do": "request", "api": "InitProducerId", "body": {"transactionalId": id}, "saw": {"producerId": given}});
        assert_eq!(used(&json!([init(&json!("x"), 5), init(&json!("y"), 6)])), Some(5));
        assert_eq!(used(&json!([init(&Value::Null, 5)])), None, "no coordinator is needed");
        assert_eq!(used(&json!([init(&json!("x"), -1), init(&json!("x"), 0)])), None, "it was refused");
        let asks = json!({"do": "request", "api": "FindCoordinator", "body": {"keyType": 1}});
        assert_eq!(used(&json!([asks, init(&json!("x"), 5)])), None);
    }
}
