//! Clusters with ZooKeeper and with protocols of before: what of them the engine has by other names, and what such
//! recordings tell of brokers and logs.

use std::collections::BTreeSet;

use crate::sort::CollectOrdered;
use serde_json::{Map, Value, json};

use super::format::Kind;
use super::observe::STILL_MS;
use super::player::{PATIENCE_MS, Player};
use crate::actor::Listener;
use crate::cluster::Cluster;
use crate::view::BatchView;

/// The node that decides in place of the broker that ZooKeeper had made the controller.
const CONTROLLER: i32 = 9_000;
/// How often the recorder's brokers wrote their high watermarks down, in milliseconds.
const CHECKPOINT_MS: u64 = 200;
/// Which replicas truncated how when their leader changed: up to 0.10.2 to their high watermark (before KIP-101), up to
/// 2.6 by asking for the end of their epoch, since then when a fetch tells them (KIP-595).
const KIP_101: (u32, u32) = (0, 11);
const KIP_595: (u32, u32) = (2, 7);
/// One log's records.
const ENTRIES: &str = "entries [offset, value, leaderEpoch]";

/// The same cluster without ZooKeeper; none for a cluster that has none.
pub fn of_today(cluster: &Value) -> Option<Value> {
    let is_zookeeper = |node: &&Value| node.get("roles").and_then(Value::as_str) == Some("zookeeper");
    let nodes = cluster.get("nodes").and_then(Value::as_array)?;
    nodes.iter().find(is_zookeeper)?;
    let brokers = nodes.iter().filter(|node| !is_zookeeper(node)).cloned();
    let controller = json!({"id": CONTROLLER, "roles": "controller"});
    let mut settings = Map::from_iter([("replica.high.watermark.checkpoint.interval.ms".into(), json!(CHECKPOINT_MS))]);
    for (name, value) in cluster.get("settings").and_then(Value::as_object).into_iter().flatten() {
        match name.as_str() {
            "inter.broker.protocol.version" => {
                settings.insert("truncation".into(), json!(truncation(value.as_str().unwrap_or_default())));
            }
            // A broker whose session ended is gone, no matter who keeps the sessions.
            "zookeeper.session.timeout.ms" => {
                settings.insert("broker.session.timeout.ms".into(), value.clone());
            }
            "zookeeper tickTime" | "log.message.format.version" => {}
            _ => {
                settings.insert(name.clone(), value.clone());
            }
        }
    }
    Some(json!({"nodes": brokers.chain([controller]).collect::<Vec<_>>(), "settings": settings}))
}

fn truncation(version: &str) -> &'static str {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(u32::MAX));
    let version = (numbers.next().unwrap_or(u32::MAX), numbers.next().unwrap_or(0));
    if version < KIP_101 {
        "high-watermark"
    } else if version < KIP_595 {
        "leader-epoch"
    } else {
        "fetch"
    }
}

impl Player<'_> {
    /// Whether the recording is of a cluster with ZooKeeper.
    pub(super) fn has_zookeeper(&self) -> bool {
        self.transcript.kind == Kind::ZooKeeper
    }

    /// Compares what a recording with ZooKeeper tells after something was done: the partition's state, once it is as told,
    /// logs, fetches. What is ZooKeeper's own is counted as what the engine cannot say.
    pub(super) fn observe_legacy_protocol(&mut self, saw: &Value) {
        let Some(fields) = saw.as_object() else { return self.cannot_say("saw", saw) };
        if let Some(state) = fields.get("state").and_then(|state| state.get("data")) {
            let topic = self.topic.clone();
            self.run_until(PATIENCE_MS, |cluster, step| {
                step.is_none_or(|step| !step.changes.is_empty())
                    && state_of(cluster, &topic).is_some_and(|found| found.is(state))
            });
            self.run_until_still(STILL_MS);
        }
        for (field, expected) in fields {
            match field.as_str() {
                "state" => {
                    let found = state_of(&self.cluster, &self.topic).map_or(Value::Null, |found| found.to_json());
                    self.compare_words("state", expected, &json!({ "data": found }));
                }
                "logs" => {
                    for (node, expected) in expected.as_object().into_iter().flatten() {
                        self.observe_old_log(node, expected);
                    }
                }
                field => match field.strip_prefix("fetchFrom").and_then(|node| node.parse().ok()) {
                    Some(node) => self.fetch_all_from(node, field, expected),
                    None => self.cannot_say(field, expected),
                },
            }
        }
    }

    fn observe_old_log(&mut self, node: &str, expected: &Value) {
        let view = self.view();
        let found = view.nodes.iter().find(|each| each.id.to_string() == *node);
        let name = format!("{}-0", self.topic);
        let recorded = found.and_then(|node| {
            let replica = node.replicas.iter().find(|replica| replica.partition.to_string() == name)?;
            Some((node, replica))
        });
        let Some((node_view, replica)) = recorded else {
            return self.compare_words(&format!("logs.{node}"), expected, &Value::Null);
        };
        let log = super::observe::log_to_json(node_view, replica, &name, expected);
        for (field, expected) in expected.as_object().into_iter().flatten() {
            let path = format!("logs.{node}.{field}");
            if field == ENTRIES {
                // A message of the old format does not tell its epoch.
                let tells_epoch = expected.pointer("/0/2").is_some_and(|epoch| !epoch.is_null());
                self.compare_words(&path, expected, &entries(&replica.batches, tells_epoch));
            } else if expected.is_null() {
                self.cannot_say(field, expected);
            } else {
                self.compare_words(&path, expected, &log[field.as_str()]);
            }
        }
    }

    fn fetch_all_from(&mut self, node: i32, field: &str, expected: &Value) {
        let body = json!({"replicaState": {"replicaId": -1, "replicaEpoch": -1}, "maxWaitMs": 0, "minBytes": 0, "topics": [{
            "topicId": format!("topicId:{}", self.topic),
            "partitions": [{"partition": 0, "currentLeaderEpoch": -1, "fetchOffset": 0, "lastFetchedEpoch": -1,
                "logStartOffset": -1, "partitionMaxBytes": 1_048_576}]}]});
        let probe =
            self.body("Fetch", &body).and_then(|body| self.send(node, Listener::Broker, "Fetch", Some(17), body));
        let Ok(probe) = probe else { return self.cannot_say(field, expected) };
        let answer = self.await_answer(probe, PATIENCE_MS).to_json();
        let partition = answer.pointer("/responses/0/partitions/0").cloned().unwrap_or_default();
        let batches = partition["records"].as_array().into_iter().flatten();
        let records = batches.flat_map(|batch| batch["records"].as_array().into_iter().flatten());
        let values: Vec<Value> = records.map(|record| record["value"].clone()).collect();
        let recorded = json!({
            "error": partition["errorCode"], "highWatermark": partition["highWatermark"], "values": values,
        });
        self.compare_words(field, expected, &recorded);
    }
}

/// What the controller has of a topic's first partition.
struct State {
    leader: i32,
    leader_epoch: i32,
    isr: Vec<i32>,
}

fn state_of(cluster: &Cluster, topic: &str) -> Option<State> {
    let image = cluster.image()?.partition(topic, 0)?;
    Some(State { leader: image.leader, leader_epoch: image.leader_epoch, isr: image.isr.clone() })
}

impl State {
    /// Whether it is as told: the order of the ISR says nothing.
    fn is(&self, recorded: &Value) -> bool {
        let isr =
            recorded["isr"].as_array().map(|isr| isr.iter().filter_map(Value::as_i64).collect_ordered::<BTreeSet<_>>());
        recorded["leader"] == json!(self.leader)
            && recorded["leader_epoch"] == json!(self.leader_epoch)
            && isr == Some(self.isr.iter().map(|id| i64::from(*id)).collect_ordered())
    }

    /// As the znode has it.
    fn to_json(&self) -> Value {
        json!({"leader": self.leader, "leader_epoch": self.leader_epoch, "isr": self.isr})
    }
}

fn entries(batches: &[BatchView], tells_epoch: bool) -> Value {
    let records = batches.iter().flat_map(|batch| batch.records.iter().map(move |record| (batch, record)));
    let recorded = records.map(|(batch, record)| {
        let epoch = tells_epoch.then_some(batch.leader_epoch);
        let value = record.value.as_ref().map(ToString::to_string);
        json!([batch.base_offset + i64::from(record.offset_delta), value, epoch])
    });
    recorded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_protocol_truncates_in_its_own_way() {
        assert_eq!(
            ["0.10.2", "0.11.0", "2.6", "2.7", "3.9", "nonsense"].map(truncation),
            ["high-watermark", "leader-epoch", "leader-epoch", "fetch", "fetch", "fetch"]
        );
    }

    #[test]
    fn a_controller_stands_in_for_zookeeper() {
        let recorded = json!({"nodes": [{"id": "zk11", "roles": "zookeeper"}, {"id": 1, "roles": "broker"}],
            "settings": {"zookeeper.session.timeout.ms": 6_000, "zookeeper tickTime": 2_000}});
        let expected = json!({"nodes": [{"id": 1, "roles": "broker"}, {"id": 9_000, "roles": "controller"}],
            "settings": {"replica.high.watermark.checkpoint.interval.ms": 200, "broker.session.timeout.ms": 6_000}});
        assert_eq!(of_today(&recorded), Some(expected.clone()));
        assert_eq!(of_today(&expected), None);
    }
}
