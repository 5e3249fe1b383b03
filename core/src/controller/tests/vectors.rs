//! The oracle vectors that concern the controller.

use serde_json::Value;

use crate::controller::partition_change::{Election, PartitionChange};
use crate::metadata::image::PartitionImage;
use crate::wire::Uuid;

const VECTORS: &str = include_str!("../../../../tests/vectors/isr.json");

fn cases(kind: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(VECTORS).expect("JSON");
    let cases: Vec<Value> =
        vectors["cases"].as_array().expect("cases").iter().filter(|case| case["kind"] == kind).cloned().collect();
    assert!(!cases.is_empty());
    cases
}

fn ids(value: &Value) -> Vec<i32> {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

fn number<T: TryFrom<i64>>(value: &Value, default: T) -> T {
    value.as_i64().and_then(|number| T::try_from(number).ok()).unwrap_or(default)
}

#[test]
fn leaders_are_elected_as_the_vectors_say() {
    for case in cases("controller_leader_election") {
        let given = &case["given"];
        let before = PartitionImage {
            replicas: ids(&given["replicas"]),
            isr: ids(&given["isr"]),
            removing_replicas: vec![],
            adding_replicas: vec![],
            elr: ids(&given["elr"]),
            last_known_elr: vec![],
            leader: number(&given["leader"], -1),
            leader_recovery_state: 0,
            leader_epoch: number(&given["leader_epoch"], 0),
            partition_epoch: number(&given["partition_epoch"], 0),
            directories: Vec::new(),
        };
        let fenced = ids(&given["fenced"]);
        let alive = |id: i32| !fenced.contains(&id);
        let elr_enabled = given["elr_enabled"] == true;
        let min_isr = number(&given["min_insync_replicas"], 1);
        let mut change = PartitionChange::of(&before, &alive, min_isr, elr_enabled);
        change.isr.retain(|id| !fenced.contains(id));
        change.election = match (given["election"].as_str(), &given["unclean_leader_election_enable"]) {
            (Some("PREFERRED"), _) => Election::Preferred,
            (_, Value::Bool(true)) => Election::Unclean,
            _ => Election::Online,
        };
        let mut after = before.clone();
        let record = change.build(Uuid(1), 0);
        if let Some(record) = &record {
            after.merge(record);
        }
        for (name, expected) in case["expected"].as_object().expect("an object") {
            let got = match name.as_str() {
                "leader" => serde_json::json!(after.leader),
                "isr" => serde_json::json!(after.isr),
                "elr" => serde_json::json!(after.elr),
                "leader_epoch" => serde_json::json!(after.leader_epoch),
                "partition_epoch" => serde_json::json!(after.partition_epoch),
                "change" => serde_json::json!(record.is_some()),
                "clean" => serde_json::json!(after.leader_recovery_state == 0),
                "leader_recovery_state" if after.leader_recovery_state == 1 => serde_json::json!("RECOVERING"),
                other => panic!("{other}"),
            };
            assert_eq!(got, *expected, "{name} of {case}");
        }
    }
}
