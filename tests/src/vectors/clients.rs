//! What clients compute: hashes of keys and groups, assignments.

use std::collections::BTreeMap;

use kafkascope_core::broker::group::state;
use kafkascope_core::client::assignor::{Assignor, AssignorMember, PartitionRacks, RebalanceProtocol};
use kafkascope_core::client::partitioner;
use kafkascope_core::wire::hash_order::java_string_hash;
use kafkascope_core::wire::{Topic, TopicPartition};
use serde_json::{Value, json};

use super::{Check, Outcome, all, expect, field, integer, text};

/// A key's hash and its partition.
pub(super) fn murmur2(_: &str, case: &Value) -> Check {
    let key = bytes(text(case, "key_hex")?)?;
    let hash = partitioner::murmur2(&key);
    let mut outcomes = vec![
        expect(integer(case, "murmur2_signed_i32")?, hash),
        expect(integer(case, "to_positive")?, partitioner::to_positive(hash)),
    ];
    for (partitions, partition) in by_count(case, "partition_for_num_partitions")? {
        outcomes.push(expect(partition, partitioner::partition_for_key(&key, partitions)));
    }
    Ok(all(outcomes))
}

/// A group's partition of `__consumer_offsets`.
pub(super) fn group_hash(_: &str, case: &Value) -> Check {
    let group = text(case, "group_id")?;
    let mut outcomes = vec![expect(integer(case, "java_string_hash_code")?, java_string_hash(group))];
    for (partitions, partition) in by_count(case, "coordinator_partition_for_num_offsets_partitions")? {
        outcomes.push(expect(partition, state::partition_for(group, partitions)));
    }
    Ok(all(outcomes))
}

/// On which racks each partition has replicas, where a case says so.
fn partition_racks(case: &Value) -> Result<PartitionRacks, String> {
    let Some(racks) = case.get("partition_racks") else { return Ok(PartitionRacks::new()) };
    let racks = racks.as_object().ok_or("partition_racks is no object")?;
    let of_partition = |(partition, racks): (&String, &Value)| {
        let (topic, index) = partition.rsplit_once('-').ok_or("partition_racks names no partition")?;
        let index = index.parse().map_err(|_| "partition_racks names no partition")?;
        let racks = racks.as_array().ok_or("the racks of a partition are no list")?;
        let racks = racks.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok((TopicPartition::new(topic, index), racks))
    };
    racks.iter().map(of_partition).collect()
}

/// Who reads what.
pub(super) fn assignors(kind: &str, case: &Value) -> Check {
    let Some(assignor) = Assignor::named(kind) else { return Ok(Outcome::no_rule()) };
    let mut partitions: BTreeMap<Topic, i32> = BTreeMap::new();
    for (topic, count) in
        field(case, "topic_partition_counts")?.as_object().ok_or("topic_partition_counts is no object")?
    {
        let count = count.as_i64().and_then(|count| i32::try_from(count).ok());
        partitions.insert(Topic::from(topic.as_str()), count.ok_or("a count is no number")?);
    }
    let members = field(case, "members")?.as_array().ok_or("members is no list")?;
    let members: Result<Vec<AssignorMember>, String> = members
        .iter()
        .map(|member| {
            let topics = field(member, "subscribed_topics")?.as_array().ok_or("subscribed_topics is no list")?;
            let owned = owned_partitions(member)?;
            let generation = member.get("owned_generation").and_then(Value::as_i64);
            let generation = generation.and_then(|generation| i32::try_from(generation).ok());
            // A sticky member owns nothing when it joins: what it had is in its user data.
            let is_eager = assignor.rebalance_protocol() == RebalanceProtocol::Eager;
            Ok(AssignorMember {
                member_id: text(member, "member_id")?.to_owned(),
                group_instance_id: member.get("group_instance_id").and_then(Value::as_str).map(str::to_owned),
                topics: topics.iter().filter_map(Value::as_str).map(Topic::from).collect(),
                user_data: generation.and_then(|generation| assignor.user_data(Some((generation, &owned)))),
                owned_partitions: if is_eager { Vec::new() } else { owned },
                generation_id: generation.filter(|_| !is_eager),
                rack_id: member.get("rack").and_then(Value::as_str).map(str::to_owned),
            })
        })
        .collect();
    let assignment = assignor.assign(&members?, &partitions, &partition_racks(case)?);
    let actual: serde_json::Map<String, Value> = assignment
        .into_iter()
        .map(|(member, partitions)| (member, sorted(partitions.iter().map(ToString::to_string).collect())))
        .collect();
    let expected = field(case, "expected_assignment")?.as_object().ok_or("expected_assignment is no object")?;
    let expected: serde_json::Map<String, Value> = expected
        .iter()
        .map(|(member, partitions)| {
            let partitions = partitions.as_array().into_iter().flatten().filter_map(Value::as_str);
            (member.clone(), sorted(partitions.map(str::to_owned).collect()))
        })
        .collect();
    Ok(expect(expected, actual))
}

fn owned_partitions(member: &Value) -> Result<Vec<TopicPartition>, String> {
    let Some(owned) = member.get("previously_owned") else { return Ok(Vec::new()) };
    let owned = owned.as_array().ok_or("previously_owned is no list")?;
    let partition = |text: &Value| {
        let (topic, index) = text.as_str()?.rsplit_once('-')?;
        Some(TopicPartition::new(topic, index.parse().ok()?))
    };
    owned.iter().map(|text| partition(text).ok_or_else(|| format!("previously_owned has {text}"))).collect()
}

fn sorted(mut partitions: Vec<String>) -> Value {
    partitions.sort();
    json!(partitions)
}

/// Expected partitions by number of partitions.
fn by_count(case: &Value, path: &str) -> Result<Vec<(i32, i64)>, String> {
    let object = field(case, path)?.as_object().ok_or_else(|| format!("{path} is no object"))?;
    object
        .iter()
        .map(|(count, partition)| {
            let count = count.parse().map_err(|_| format!("{path} has {count}"))?;
            Ok((count, partition.as_i64().ok_or_else(|| format!("{path}.{count} is no number"))?))
        })
        .collect()
}

fn bytes(hex: &str) -> Result<Vec<u8>, String> {
    let pairs =
        (0..hex.len()).step_by(2).map(|at| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    pairs.collect::<Option<Vec<u8>>>().ok_or_else(|| format!("key_hex is {hex}"))
}
