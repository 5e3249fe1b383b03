//! The recorded runs of a real cluster, as far as the controller's records go: faults are played on brokers that do
//! nothing but live, and what the controller writes is compared with what Kafka's wrote.

use serde_json::{Value, json};

use super::lab::Lab;
use crate::metadata::MetadataRecord;
use crate::wire::metadata::*;
use crate::wire::{Request, Response};

macro_rules! transcript {
    ($name:literal) => {
        serde_json::from_str(include_str!(concat!("../../../../tests/transcripts/", $name, ".json"))).expect("JSON")
    };
}

/// Fields that the transcripts do not tell, or tell by a name.
const UNTOLD: [&str; 9] = [
    "topicId",
    "incarnationId",
    "brokerEpoch",
    "logDirs",
    "order",
    "directories",
    "isMigratingZkBroker",
    "endPoints",
    "features",
];

/// Requests that are sent as they stand.
const PLAYED: [&str; 4] = ["AlterPartition", "AlterPartitionReassignments", "CreateTopics", "ElectLeaders"];

struct Player {
    lab: Lab,
    transcript: Value,
    compared: u32,
    topics: Vec<String>,
}

impl Player {
    fn play(transcript: Value) -> u32 {
        let mut settings: Vec<(String, String)> = Vec::new();
        for (name, value) in transcript["cluster"]["settings"].as_object().expect("settings") {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if name != "replica.selector.class" {
                settings.push((name.clone(), value));
            }
        }
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut player = Self { lab: Lab::new(&settings), transcript, compared: 0, topics: Vec::new() };
        for node in player.transcript["cluster"]["nodes"].as_array().expect("nodes").clone() {
            let (id, rack) = (int(&node["id"]), node["rack"].as_str());
            match node["roles"].as_str() {
                Some("broker" | "broker,controller") => player.lab.start(id, rack),
                Some("puppet") => player.lab.adopt(id, rack),
                _ => {}
            }
        }
        player.lab.new_records();
        for (at, step) in player.transcript["steps"].as_array().expect("steps").clone().iter().enumerate() {
            player.step(at, step);
        }
        player.compared
    }

    fn step(&mut self, at: usize, step: &Value) {
        let lab = &mut self.lab;
        match step["do"].as_str().expect("a verb") {
            "create-topic" => {
                let topic = step["topic"].as_str().expect("a name");
                let assignment: Vec<Vec<i32>> =
                    serde_json::from_value(step["assignment"].clone()).expect("an assignment");
                let assignment: Vec<&[i32]> = assignment.iter().map(Vec::as_slice).collect();
                let configs = step["config"].as_object().cloned().unwrap_or_default();
                let configs: Vec<(&str, &str)> =
                    configs.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("text"))).collect();
                let answer = lab.create(topic, &assignment, &configs);
                assert_eq!(answer.topics[0].error_code.name(), step["saw"]["error"], "step {at}");
                self.topics.push(topic.to_owned());
            }
            "crash" => lab.crash(int(&step["node"])),
            "pause" => lab.pause(int(&step["node"]), true),
            "resume" => {
                lab.pause(int(&step["node"]), false);
                lab.run(1_000);
            }
            "stop" => lab.stop(int(&step["node"])),
            "start" => {
                let rack = self.transcript["cluster"]["nodes"].as_array().expect("nodes").iter();
                let rack = rack.clone().find(|node| node["id"] == step["node"]).and_then(|node| node["rack"].as_str());
                lab.start(int(&step["node"]), rack);
            }
            "wait" => self.wait(step),
            "cut" => {
                let (from, to) = (int(&step["from"]), int(&step["to"]));
                lab.cuts.extend([(from, to), (to, from)]);
            }
            "heal" => {
                lab.cuts.clear();
                lab.run(1_000);
            }
            "alter-config" => {
                let sets = step["set"].as_object().expect("settings").iter();
                let configs = sets.map(|(name, value)| AlterableConfig {
                    name: name.clone(),
                    config_operation: i8::from(value.is_null()),
                    value: value.as_str().map(str::to_owned),
                });
                let resource = AlterConfigsResource {
                    resource_type: 2,
                    resource_name: step["name"].as_str().expect("a name").to_owned(),
                    configs: configs.collect(),
                };
                let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
                lab.ask(Request::IncrementalAlterConfigs(request));
            }
            "elect" => self.elect(at, step),
            "reassign" => self.reassign(at, step),
            "request" if PLAYED.contains(&step["api"].as_str().unwrap_or_default()) => self.request(at, step),
            "observe" => self.observe(at, &step["saw"]),
            _ => {}
        }
    }

    fn elect(&mut self, at: usize, step: &Value) {
        let topic = step["topic"].as_str().expect("a name");
        let partitions: Vec<i32> = serde_json::from_value(step["partitions"].clone()).expect("partitions");
        let request = ElectLeadersRequest {
            election_type: i8::from(step["type"] == "UNCLEAN"),
            topic_partitions: Some(vec![ElectTopicPartitions { topic: topic.into(), partitions }]),
            ..ElectLeadersRequest::default()
        };
        let Response::ElectLeaders(answer) = self.lab.ask(Request::ElectLeaders(request)) else { panic!() };
        for result in &answer.replica_election_results[0].partition_result {
            let saw = &step["saw"][format!("{topic}-{}", result.partition_id)];
            assert_eq!(result.error_code.name(), saw, "step {at}");
            self.compared += 1;
        }
    }

    fn reassign(&mut self, at: usize, step: &Value) {
        let partition = ReassignablePartition {
            partition_index: int(&step["partition"]),
            replicas: serde_json::from_value(step["replicas"].clone()).expect("replicas"),
        };
        let name = step["topic"].as_str().expect("a name").into();
        let topic = ReassignableTopic { name, partitions: vec![partition] };
        let request = AlterPartitionReassignmentsRequest { topics: vec![topic], ..Default::default() };
        let answer = self.lab.ask(Request::AlterPartitionReassignments(request));
        let Response::AlterPartitionReassignments(answer) = answer else { panic!() };
        if let Some(saw) = step["saw"].as_str() {
            assert_eq!(answer.responses[0].partitions[0].error_code.name(), saw, "step {at}");
            self.compared += 1;
        }
    }

    /// A puppet falls silent or is heard again where the transcript waits for it.
    fn wait(&mut self, step: &Value) {
        let puppets = self.transcript["cluster"]["nodes"].as_array().expect("nodes").iter();
        let puppets: Vec<Value> =
            puppets.filter(|node| node["roles"] == "puppet").map(|node| node["id"].clone()).collect();
        let ids_of = |what: &str| step["condition"][what].as_array().cloned().unwrap_or_default().into_iter();
        for id in ids_of("fenced").filter(|id| puppets.contains(id)) {
            self.lab.silence(int(&id));
        }
        for id in ids_of("unfenced").filter(|id| puppets.contains(id)) {
            self.lab.hear(int(&id));
        }
        self.lab.run(step["forMs"].as_u64().unwrap_or(6_000));
    }

    /// A request as it stands in the transcript; its answer without what says nothing.
    fn request(&mut self, at: usize, step: &Value) {
        let mut body = step["body"].clone();
        self.resolve(&mut body);
        let api = step["api"].as_str().expect("an API").parse().expect("a known API");
        let request = Request::from_json(api, &body).expect("a request");
        let mut answer = self.lab.ask(request).to_json();
        tidy(&mut answer);
        if step["api"] == "CreateTopics" {
            self.compare_created(at, &answer["topics"], &step["saw"]);
            return;
        }
        let mut saw = step["saw"].clone();
        self.resolve(&mut saw);
        assert_eq!(answer, saw, "step {at}");
        self.compared += 1;
    }

    /// Several results are told by name and error, sorted.
    fn compare_created(&mut self, at: usize, answer: &Value, saw: &Value) {
        let mut results = answer.as_array().expect("results").clone();
        results.sort_by_key(|result| result["name"].as_str().map(str::to_owned));
        let saw = saw.as_array().cloned().unwrap_or_else(|| vec![saw.clone()]);
        assert_eq!(results.len(), saw.len(), "step {at}");
        for (result, saw) in results.iter().zip(saw) {
            for (field, saw) in saw.as_object().expect("fields") {
                if field != "topicId" || saw == "AAAAAAAAAAAAAAAAAAAAAA" {
                    assert_eq!(result[field], *saw, "step {at} {field}");
                    self.compared += 1;
                }
            }
        }
    }

    /// Puts ids in the place of their names.
    fn resolve(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                let image = self.lab.controller.image();
                if let Some(id) = text.strip_prefix("topicId:").and_then(|name| image.topic_ids.get(name)) {
                    *value = json!(id);
                } else if let Some(rest) = text.strip_prefix("brokerEpoch:") {
                    let (broker, less) = rest.split_once(" - ").unwrap_or((rest, "0"));
                    let broker: i32 = broker.parse().expect("a broker");
                    let less: i64 = less.parse().expect("a number");
                    *value = json!(image.brokers[&broker].broker_epoch - less);
                }
            }
            Value::Object(fields) => fields.values_mut().for_each(|value| self.resolve(value)),
            Value::Array(items) => items.iter_mut().for_each(|value| self.resolve(value)),
            _ => {}
        }
    }

    fn observe(&mut self, at: usize, saw: &Value) {
        self.lab.run(2_000);
        let new = self.lab.new_records();
        match &saw["records"] {
            Value::Array(_) if saw["partitions"].is_null() => {}
            Value::Array(saw) => {
                // What other topics went through meanwhile is not told.
                let named = |topic: &&String| {
                    let id = json!(format!("topicId:{topic}"));
                    saw.iter().any(|record| record["topicId"] == id || record["resourceName"] == **topic)
                };
                let others: Vec<&String> = self.topics.iter().filter(|topic| !named(topic)).collect();
                let of_step = new.iter().filter(|record| !others.iter().any(|topic| self.is_of(record, topic)));
                let of_step: Vec<MetadataRecord> = of_step.cloned().collect();
                self.compare(at, &of_step, saw);
            }
            Value::Object(by_topic) => {
                for (topic, saw) in by_topic {
                    let topic = topic.trim_start_matches("of ").to_owned();
                    let of_topic: Vec<MetadataRecord> = new
                        .iter()
                        .filter(|record| self.is_of(record, &topic) || is_of_broker(record))
                        .cloned()
                        .collect();
                    self.compare(at, &of_topic, saw.as_array().expect("records"));
                }
            }
            _ => {}
        }
        for (name, saw) in saw["partitions"].as_object().into_iter().flatten() {
            let (topic, index) = name.rsplit_once('-').expect("topic-partition");
            let partition = self.lab.controller.image().partition(topic, index.parse().expect("an index"));
            let partition = partition.expect("the partition");
            let sorted = |list: &Vec<i32>| {
                let mut list = list.clone();
                list.sort_unstable();
                list
            };
            let got = json!({
                "leader": partition.leader,
                "leaderEpoch": partition.leader_epoch,
                "partitionEpoch": partition.partition_epoch,
                "replicas": partition.replicas,
                "isr": sorted(&partition.isr),
                "elr": partition.elr,
                "lastKnownElr": partition.last_known_elr,
                "recovering": partition.leader_recovery_state,
            });
            for (field, mut expected) in saw.as_object().expect("fields").clone() {
                if field == "isr" {
                    expected = json!(sorted(&serde_json::from_value(expected).expect("ids")));
                }
                if self.varies() && field == "partitionEpoch" {
                    continue;
                }
                if let Some(got) = got.get(&field) {
                    assert_eq!(*got, expected, "step {at}, {name} {field}");
                    self.compared += 1;
                }
            }
        }
    }

    fn varies(&self) -> bool {
        self.transcript["varies"].as_array().is_some_and(|varies| !varies.is_empty())
    }

    fn is_of(&self, record: &MetadataRecord, topic: &str) -> bool {
        let id = self.lab.controller.image().topic_ids.get(topic);
        match record {
            MetadataRecord::TopicRecord { name, .. } => &**name == topic,
            MetadataRecord::ConfigRecord { resource_name, .. } => resource_name == topic,
            MetadataRecord::ClearElrRecord { topic_name } => topic_name == topic,
            MetadataRecord::PartitionRecord { topic_id, .. }
            | MetadataRecord::PartitionChangeRecord { topic_id, .. } => Some(topic_id) == id,
            _ => false,
        }
    }

    fn compare(&mut self, at: usize, got: &[MetadataRecord], saw: &[Value]) {
        let got: Vec<Value> = got.iter().map(record_json).collect();
        let saw: Vec<Value> = saw.iter().map(|record| without_unrecorded(record.clone())).collect();
        // Which of two that were killed together is fenced first is chance, and so is which of two followers is back
        // first, and where the note on cordoned directories stands.
        let by_chance = |records: &[Value]| {
            let only_isr = |record: &&Value| {
                record["type"] != "PARTITION_CHANGE_RECORD"
                    || ["leader", "lastKnownElr", "eligibleLeaderReplicas"]
                        .iter()
                        .any(|name| record.get(name).is_some())
            };
            let records = records.iter().filter(only_isr);
            let mut lines: Vec<String> = records.map(Value::to_string).collect();
            lines.sort();
            lines
        };
        if self.varies() {
            assert_eq!(by_chance(&got), by_chance(&saw), "step {at}");
        } else {
            assert_eq!(got, saw, "step {at}");
        }
        self.compared += u32::try_from(saw.len()).expect("few");
    }
}

fn is_of_broker(record: &MetadataRecord) -> bool {
    matches!(
        record,
        MetadataRecord::RegisterBrokerRecord { .. } | MetadataRecord::BrokerRegistrationChangeRecord { .. }
    )
}

fn int(value: &Value) -> i32 {
    value.as_i64().and_then(|number| i32::try_from(number).ok()).expect("a number")
}

fn record_json(record: &MetadataRecord) -> Value {
    let json = record.to_json();
    let mut fields = serde_json::Map::new();
    fields.insert("type".to_owned(), json["type"].clone());
    fields.extend(json["data"].as_object().expect("fields").clone());
    if record.kind() == "PARTITION_RECORD" {
        fields.remove("leaderRecoveryState");
    }
    without_unrecorded(Value::Object(fields))
}

fn without_unrecorded(mut record: Value) -> Value {
    if let Some(fields) = record.as_object_mut() {
        fields.retain(|name, _| !UNTOLD.contains(&name.as_str()));
        if let Some(isr) = fields.get_mut("isr").and_then(Value::as_array_mut) {
            isr.sort_by_key(Value::as_i64);
        }
        // The order of fields is no matter.
        fields.sort_keys();
    }
    record
}

/// `errorCode` is told as `error`; what says nothing is left out.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(error) = fields.remove("errorCode") {
                fields.insert("error".to_owned(), error);
            }
            fields.remove("throttleTimeMs");
            fields.retain(|name, value| !(name == "errorMessage" && value.is_null()));
            fields.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

#[test]
fn records_are_written_as_a_real_controller_wrote_them() {
    let transcripts: Vec<(&str, Value)> = vec![
        ("random-faults-1", transcript!("random-faults-1")),
        ("random-faults-100", transcript!("random-faults-100")),
        ("random-faults-200", transcript!("random-faults-200")),
        ("random-faults-300", transcript!("random-faults-300")),
        ("random-faults-400", transcript!("random-faults-400")),
        ("elect-leaders-by-hand", transcript!("elect-leaders-by-hand")),
        ("reassignment-step-by-step", transcript!("reassignment-step-by-step")),
        ("controlled-shutdown-against-kill", transcript!("controlled-shutdown-against-kill")),
        ("leader-choice-follows-replica-list", transcript!("leader-choice-follows-replica-list")),
        ("below-min-insync-replicas", transcript!("below-min-insync-replicas")),
        ("automatic-leader-rebalance", transcript!("automatic-leader-rebalance")),
        ("puppet-alter-partition", transcript!("puppet-alter-partition")),
        ("admin-create-topics", transcript!("admin-create-topics")),
        ("all-replicas-lost-crash", transcript!("all-replicas-lost-crash")),
        ("unclean-election-by-hand-and-by-setting", transcript!("unclean-election-by-hand-and-by-setting")),
    ];
    let mut compared = 0;
    let mut failed = Vec::new();
    for (name, transcript) in transcripts {
        match std::panic::catch_unwind(|| Player::play(transcript)) {
            Ok(count) => compared += count,
            Err(_) => failed.push(name),
        }
    }
    assert!(failed.is_empty(), "{failed:?} differ");
    assert!(compared > 500, "only {compared} compared");
}
