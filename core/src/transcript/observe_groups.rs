//! What observations tell of groups: their description, and the records of `__consumer_offsets`.

use serde_json::{Map, Value, json};

use super::player::Player;
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::wire::records::Bytes;

impl Player<'_> {
    /// What an observation tells of a group of the consumer protocol, asked at once. False if it tells nothing of one.
    pub(super) fn observe_group(&mut self, saw: &Map<String, Value>) -> bool {
        if !saw.contains_key("groupState") {
            return false;
        }
        let group = self.groups.named.clone();
        let Ok(to) = self.node_of(None) else { return false };
        let Ok(answer) = self.request_in_short(to, "ConsumerGroupDescribe", 1, &json!({"groupIds": [group]})) else {
            return false;
        };
        let mut actual = answer.pointer("/groups/0").cloned().unwrap_or_default();
        let members = actual.get("members").and_then(Value::as_array).into_iter().flatten();
        let epochs: Map<String, Value> = members
            .filter_map(|member| {
                Some((member.get("memberId")?.as_str()?.to_owned(), member.get("memberEpoch")?.clone()))
            })
            .collect();
        actual["memberEpochs"] = Value::Object(epochs);
        self.compare_words("", &Value::Object(saw.clone()), &actual);
        true
    }

    /// In which partition of `__consumer_offsets` each group has its records.
    pub(super) fn observe_partitions_of_groups(&mut self, groups: &Map<String, Value>) {
        let records = self.offsets_records();
        for (group, expected) in groups {
            let of_group = records.iter().find(|record| is_of_group(record, group));
            let partition = of_group.map_or(Value::Null, |record| record["partition"].clone());
            self.compare_at(&format!("partitionOfConsumerOffsets.{group}"), expected, &partition);
        }
    }

    /// The records of the group most lately named. False if an observation does not tell any of them.
    pub(super) fn observe_group_records(&mut self, expected: &[Value]) -> bool {
        if !expected.iter().all(|record| record.get("partition").is_some() && record.get("key").is_some()) {
            return false;
        }
        let group = self.groups.named.clone();
        let records = self.offsets_records().into_iter().filter(|record| is_of_group(record, &group)).collect();
        self.compare_at("records", &Value::Array(expected.to_vec()), &Value::Array(records));
        true
    }

    /// All records of `__consumer_offsets` in words, as the leaders of its partitions have them.
    fn offsets_records(&self) -> Vec<Value> {
        let view = self.view();
        let json = |bytes: &Option<Bytes>| {
            bytes.as_ref().and_then(|bytes| serde_json::from_slice(bytes.as_slice()).ok()).unwrap_or(Value::Null)
        };
        let mut records = Vec::new();
        for node in &view.nodes {
            let led = node.replicas.iter().filter(|replica| *replica.partition.topic == *OFFSETS_TOPIC);
            for replica in led {
                let partition = replica.partition.partition;
                if self.leader_of(OFFSETS_TOPIC, partition) != Some(node.id) {
                    continue;
                }
                for batch in &replica.batches {
                    let readable = batch.records.iter().map(|record| replica.to_readable(record));
                    for (offset, record) in (batch.base_offset..).zip(readable) {
                        records.push(json!({"partition": partition, "offset": offset,
                            "key": json(&record.key), "value": json(&record.value)}));
                    }
                }
            }
        }
        records
    }
}

/// Whether a record of `__consumer_offsets` is of a group.
fn is_of_group(record: &Value, group: &str) -> bool {
    let data = record.pointer("/key/data");
    data.and_then(|data| data.get("group").or_else(|| data.get("groupId"))?.as_str()) == Some(group)
}
