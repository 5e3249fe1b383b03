//! The order of the changes of partitions that leaders ask for (`AlterPartition`), and of those that the controller decides.
//!
//! A leader keeps what it proposes in a map by topic id and partition (`unsentIsrUpdates`) and groups it by topic id in another
//! one. Topic ids are random: which change of one request stands first in the metadata log is no fact of a recording. Nor is which
//! of two leaders was first to see that a follower is back, or lags: each looks for itself.
//!
//! What a broker's end or start changes the controller finds in a map by topic id, too (`BrokersToIsrs`): which topic stands first
//! is no fact, the order of one topic's partitions is.
//!
//! Nor is it whether a broker that starts has caught up by the heartbeat that first tells which of its directories are cordoned:
//! that is written before it is unfenced, or in the same decision after it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::observe::{counts, record_to_json};
use crate::cluster::Cluster;
use crate::metadata::MetadataRecord;
use crate::wire::Uuid;

/// What one leader's request, or one decision of the controller, changed of one partition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PartitionChange {
    /// The first offset of the batch that it lies in.
    batch: i64,
    /// When that batch was written.
    at_ms: i64,
    /// Who led the partition before, and so asked for the change. None: the controller decided it.
    leader: Option<i32>,
    /// The record in the words of recordings.
    record: Value,
}

impl PartitionChange {
    /// Whether this one and a later one might as well stand the other way round.
    fn is_free_of(&self, later: &Self, look_ms: i64) -> bool {
        let differs = |field: &str| self.record.get(field) != later.record.get(field);
        match (self.leader, later.leader) {
            (Some(one), Some(other)) => {
                let raced = one != other && (later.at_ms - self.at_ms).abs() <= look_ms;
                (differs("topicId") || differs("partitionId")) && (self.batch == later.batch || raced)
            }
            (None, None) => differs("topicId") && self.batch == later.batch,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// The changes from an offset on.
pub(super) fn partition_changes_since(cluster: &Cluster, from: i64) -> Vec<PartitionChange> {
    let batches = cluster.metadata_log().map(|log| log.batches()).unwrap_or_default();
    let mut leaders: BTreeMap<(Uuid, i32), i32> = BTreeMap::new();
    let mut found = Vec::new();
    for batch in batches {
        let records = MetadataRecord::all_of(batch).iter().map(|(_, record)| record).filter(|record| counts(record));
        let words = || records.clone().map(record_to_json).collect::<Vec<Value>>();
        let words = if batch.last_offset() >= from { words() } else { Vec::new() };
        let is_asked_for = words.iter().all(is_isr_change);
        for (at, record) in records.enumerate() {
            let (MetadataRecord::PartitionRecord { topic_id, partition_id, leader: next, .. }
            | MetadataRecord::PartitionChangeRecord { topic_id, partition_id, leader: next, .. }) = record
            else {
                continue;
            };
            let leader = leaders.entry((*topic_id, *partition_id)).or_insert(-1);
            if let Some(record) = words.get(at).filter(|record| is_change(record)).cloned() {
                let (batch, at_ms) = (batch.base_offset, batch.max_timestamp());
                found.push(PartitionChange { batch, at_ms, leader: is_asked_for.then_some(*leader), record });
            }
            if *next >= -1 {
                *leader = *next;
            }
        }
    }
    found
}

/// What was written, what a broker's start tells of its cordoned directories where it is recorded: before the broker is unfenced, or
/// after all that unfencing it changed.
pub(super) fn cordoned_as_recorded(recorded: &[Value], mut written: Vec<Value>) -> Vec<Value> {
    let tells = |record: Option<&Value>, broker: &Value| {
        let record = record?;
        let is_its = record.get("type")? == "BROKER_REGISTRATION_CHANGE_RECORD" && record.get("brokerId")? == broker;
        let is_cordoned = record.get("cordonedLogDirs").is_some_and(Value::is_array);
        let is_unfenced = record.get("fenced").and_then(Value::as_i64) == Some(-1);
        is_its.then_some((is_cordoned, is_unfenced))
    };
    let elects = |record: &Value| {
        let leader = record.get("leader").and_then(Value::as_i64);
        record.get("type").is_some_and(|kind| kind == "PARTITION_CHANGE_RECORD") && leader.is_some_and(|it| it >= 0)
    };
    for at in 0..written.len() {
        let Some(broker) = written.get(at).and_then(|record| record.get("brokerId")).cloned() else { continue };
        let in_two = tells(written.get(at), &broker) == Some((true, false))
            && tells(written.get(at + 1), &broker) == Some((false, true));
        if !in_two || tells(recorded.get(at), &broker) != Some((false, true)) {
            continue;
        }
        let elected = written.iter().skip(at + 2).take_while(|record| elects(record)).count();
        let reach = at + 1..=at + 1 + elected;
        let is_there = |to: &usize| tells(recorded.get(*to), &broker) == Some((true, false));
        if let Some(to) = reach.into_iter().find(is_there) {
            let cordoned = written.remove(at);
            written.insert(to, cordoned);
        }
    }
    written
}

fn is_change(record: &Value) -> bool {
    record.get("type").is_some_and(|kind| kind == "PARTITION_CHANGE_RECORD")
}

/// Whether `AlterPartition` may have written this record: an ISR changes, and perhaps a reassignment ends by it.
fn is_isr_change(record: &Value) -> bool {
    let tells = |field: &str| record.get(field).is_some_and(|value| !value.is_null());
    let ends = |field: &str| record.get(field).and_then(Value::as_array).is_some_and(Vec::is_empty);
    let is_kept = || !tells("replicas") && !tells("addingReplicas") && !tells("removingReplicas");
    let leader_stays = record.get("leader").and_then(Value::as_i64).is_none_or(|leader| leader < -1);
    is_change(record)
        && tells("isr")
        && ((is_kept() && leader_stays) || ends("addingReplicas") || ends("removingReplicas"))
}

/// What was written, the changes in the order in which they fit best to what is recorded in their place. Of what one leader asked
/// for in two requests, and of what the controller decided in two, the first stays the first. `look_ms` is how often a leader looks who lags.
pub(super) fn as_recorded(
    recorded: &[Value],
    written: &[Value],
    changes: &[PartitionChange],
    look_ms: i64,
    likeness: impl Fn(&Value, &Value) -> i64,
) -> Vec<Value> {
    // `written` has left some out, and tells other records.
    let mut rest = changes;
    let mut change_of = |record: &Value| {
        let at = rest.iter().position(|change| change.record == *record)?;
        let change = rest.get(at);
        rest = rest.get(at + 1..).unwrap_or_default();
        change
    };
    let mut left: Vec<(&Value, Option<&PartitionChange>)> =
        written.iter().map(|record| (record, change_of(record))).collect();
    let mut told = Vec::new();
    while !left.is_empty() {
        let may_be_first = |at: usize| {
            let Some((_, Some(later))) = left.get(at) else { return at == 0 };
            let before = left.iter().take(at);
            before.fold(true, |may, (_, each)| may && each.is_some_and(|each| each.is_free_of(later, look_ms)))
        };
        let in_reach = left.iter().take_while(|(_, change)| change.is_some()).count().max(1);
        let candidates = (0..in_reach).rev().filter(|at| may_be_first(*at));
        let fits = |at: &usize| recorded.get(told.len()).map(|recorded| likeness(recorded, left[*at].0));
        let best = candidates.max_by_key(fits).unwrap_or(0);
        told.push(left.remove(best).0.clone());
    }
    told
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(topic: &str, partition: i32, isr: &[i32]) -> Value {
        json!({"type": "PARTITION_CHANGE_RECORD", "topicId": topic, "partitionId": partition, "isr": isr})
    }

    /// Changes in these batches, each asked for by this leader at this time.
    fn asked<const N: usize>(records: &[Value; N], by: [(i64, i32, i64); N]) -> Vec<PartitionChange> {
        let changes = records.iter().zip(by);
        changes
            .map(|(record, (batch, leader, at_ms))| {
                let leader = Some(leader);
                PartitionChange { batch, at_ms, leader, record: record.clone() }
            })
            .collect()
    }

    fn told(recorded: &[Value], written: &[Value], changes: &[PartitionChange]) -> Vec<Value> {
        as_recorded(recorded, written, changes, 1_500, |recorded, record| {
            let fields = recorded.as_object().into_iter().flatten();
            fields.map(|(field, value)| i64::from(record.get(field) == Some(value))).sum()
        })
    }

    #[test]
    fn changes_of_one_request_stand_as_recorded_and_no_others() {
        let written =
            [change("x", 0, &[2, 3]), change("x", 1, &[2, 3]), change("y", 0, &[3]), change("x", 0, &[1, 2, 3])];
        let recorded =
            [change("y", 0, &[3]), change("x", 1, &[2, 3]), change("x", 0, &[2, 3]), change("x", 0, &[1, 2, 3])];
        let together = asked(&written, [(5, 2, 0), (5, 2, 0), (5, 2, 0), (9, 2, 9)]);
        assert_eq!(told(&recorded, &written, &together), recorded);
        // What one leader asked for one after the other has an order.
        let one_by_one = asked(&written, [(5, 2, 0), (6, 2, 0), (7, 2, 0), (9, 2, 9)]);
        assert_eq!(told(&recorded, &written, &one_by_one), written);
        // So has what is no such change.
        assert_eq!(told(&recorded, &written, &[]), written);
    }

    #[test]
    fn topics_of_one_decision_stand_as_recorded_but_not_the_partitions_of_a_topic() {
        let written = [change("x", 0, &[2]), change("x", 1, &[2]), change("y", 0, &[3])];
        let decided = |batches: [i64; 3]| {
            let changes = asked(&written, batches.map(|batch| (batch, 0, 0)));
            changes.into_iter().map(|each| PartitionChange { leader: None, ..each }).collect::<Vec<_>>()
        };
        let other_topic_first = [change("y", 0, &[3]), change("x", 0, &[2]), change("x", 1, &[2])];
        assert_eq!(told(&other_topic_first, &written, &decided([5, 5, 5])), other_topic_first);
        assert_eq!(told(&other_topic_first, &written, &decided([5, 5, 7])), written);
        let swapped = [change("x", 1, &[2]), change("x", 0, &[2]), change("y", 0, &[3])];
        assert_eq!(told(&swapped, &written, &decided([5, 5, 5])), written);
        // Nor does what a leader asked for pass what the controller decided.
        let mut mixed = decided([5, 5, 5]);
        mixed[2].leader = Some(2);
        assert_eq!(told(&other_topic_first, &written, &mixed), written);
    }

    #[test]
    fn two_leaders_race_but_not_over_one_partition_nor_for_long() {
        let written = [change("x", 0, &[2, 3]), change("x", 1, &[2, 3])];
        let recorded = [written[1].clone(), written[0].clone()];
        assert_eq!(told(&recorded, &written, &asked(&written, [(5, 2, 0), (6, 3, 1_500)])), recorded);
        assert_eq!(told(&recorded, &written, &asked(&written, [(5, 2, 0), (6, 3, 1_501)])), written);
        let of_one = [change("x", 0, &[2, 3]), change("x", 0, &[1, 2, 3])];
        let swapped = [of_one[1].clone(), of_one[0].clone()];
        assert_eq!(told(&swapped, &of_one, &asked(&of_one, [(5, 2, 0), (6, 3, 0)])), of_one);
        // What the controller wrote before, like it or not, is none of them.
        let alike = [change("y", 0, &[1]), written[0].clone(), written[1].clone()];
        let recorded_so = [alike[0].clone(), written[1].clone(), written[0].clone()];
        assert_eq!(told(&recorded_so, &alike, &asked(&written, [(5, 2, 0), (5, 2, 0)])), recorded_so);
        // Nothing passes what the controller wrote between them.
        let fenced = json!({"type": "BROKER_REGISTRATION_CHANGE_RECORD", "brokerId": 1, "fenced": 1});
        let between = [written[0].clone(), fenced.clone(), written[1].clone()];
        let recorded = [written[1].clone(), fenced, written[0].clone()];
        assert_eq!(told(&recorded, &between, &asked(&written, [(5, 2, 0), (7, 3, 0)])), between);
    }

    #[test]
    fn a_change_that_differs_still_differs() {
        let written = [change("x", 0, &[2, 3]), change("y", 0, &[2, 3])];
        let recorded = [change("y", 0, &[2, 3]), change("x", 0, &[1, 3])];
        let changes = asked(&written, [(5, 2, 0), (5, 2, 0)]);
        assert_eq!(told(&recorded, &written, &changes), [change("y", 0, &[2, 3]), change("x", 0, &[2, 3])]);
        // One too few, or one too many, stays so.
        assert_eq!(told(&recorded[..1], &written, &changes), [written[1].clone(), written[0].clone()]);
        assert_eq!(told(&recorded, &written[..1], &changes), written[..1]);
    }

    #[test]
    fn cordoned_directories_are_told_before_a_broker_is_unfenced_or_with_it() {
        let of = |broker: i32, fields: Value| {
            let mut record = json!({"type": "BROKER_REGISTRATION_CHANGE_RECORD", "brokerId": broker});
            for (field, value) in fields.as_object().into_iter().flatten() {
                record[field] = value.clone();
            }
            record
        };
        let (cordoned, unfenced) = (|id| of(id, json!({"cordonedLogDirs": []})), |id| of(id, json!({"fenced": -1})));
        let mut elected = change("x", 0, &[3]);
        elected["leader"] = json!(3);
        let written = vec![cordoned(3), unfenced(3), elected.clone(), change("x", 0, &[2, 3])];
        let together = vec![unfenced(3), elected.clone(), cordoned(3), change("x", 0, &[2, 3])];
        assert_eq!(cordoned_as_recorded(&together, written.clone()), together);
        assert_eq!(cordoned_as_recorded(&written, written.clone()), written);
        // Neither what another decision wrote lies between them, nor another broker's.
        let later = vec![unfenced(3), elected, change("x", 0, &[2, 3]), cordoned(3)];
        assert_eq!(cordoned_as_recorded(&later, written.clone()), written);
        let others = vec![unfenced(4), cordoned(4)];
        assert_eq!(cordoned_as_recorded(&others, written.clone()), written);
    }

    #[test]
    fn a_leader_that_changes_or_a_reassignment_that_begins_is_the_controllers_own() {
        assert!(is_isr_change(&change("x", 0, &[1])));
        let with = |fields: Value| {
            let mut record = change("x", 0, &[1]);
            for (field, value) in fields.as_object().into_iter().flatten() {
                record[field] = value.clone();
            }
            is_isr_change(&record)
        };
        assert!(with(json!({"leader": -2, "replicas": null})));
        assert!(with(json!({"leader": 3, "replicas": [3], "addingReplicas": [], "removingReplicas": []})));
        assert!(!with(json!({"leader": 1})));
        assert!(!with(json!({"addingReplicas": [3], "replicas": [1, 3]})));
        assert!(!with(json!({"isr": null})));
        assert!(!is_isr_change(&json!({"type": "BROKER_REGISTRATION_CHANGE_RECORD", "brokerId": 1})));
    }
}
