//! The oracle's tables.

use serde_json::Value;

use crate::broker::group::state::{
    ClassicGroupState, CommitCheck, MemberCheck, partition_for, rejoin_rebalances, validate_heartbeat,
    validate_offset_commit, validate_offset_metadata, validate_sync,
};
use crate::wire::ErrorCode;
use crate::wire::hash_order::java_string_hash;

fn state(value: &Value) -> ClassicGroupState {
    value.as_str().expect("a state").parse().expect("a state of Kafka's")
}

#[test]
fn every_group_hash_vector() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../../tests/vectors/group_hash.json")).expect("JSON");
    let cases = vectors["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 18);
    for case in cases {
        let group = case["group_id"].as_str().expect("a group");
        assert_eq!(case["java_string_hash_code"], java_string_hash(group), "{}", case["id"]);
        for (partitions, expected) in case["coordinator_partition_for_num_offsets_partitions"].as_object().expect("all")
        {
            assert_eq!(*expected, partition_for(group, partitions.parse().expect("a number")), "{}", case["id"]);
        }
    }
}

/// The commit that a vector gives; what it leaves out cannot matter.
fn commit_check(given: &Value) -> CommitCheck {
    let number = |field: &str| given[field].as_i64().map_or(-1, |number| number as i32);
    CommitCheck {
        state: state(&given["group_state"]),
        generation: number("group_generation"),
        request_generation: number("request_generation"),
        names_member: given["member_id"] != "",
        member: MemberCheck {
            is_known: given["member_known"].as_bool().unwrap_or(false),
            owns_instance_id: given["mapped_to_other_member"].as_bool().map(|mapped| !mapped),
        },
    }
}

#[test]
fn every_vector_of_commits_transitions_and_requests() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../../tests/vectors/produce_fetch.json")).expect("JSON");
    let mut passed = [0, 0, 0];
    for case in vectors["cases"].as_array().expect("cases") {
        let (given, expected, id) = (&case["given"], &case["expected"], &case["id"]);
        match case["kind"].as_str().expect("a kind") {
            "offset_commit_classic" => {
                let error = if given["broker_is_coordinator"] == false {
                    super::coordinator::commit_elsewhere()
                } else {
                    let size = |name: &str| given[name].as_u64().unwrap_or(0);
                    match validate_offset_commit(&commit_check(given)) {
                        ErrorCode::None => {
                            validate_offset_metadata(size("metadata_bytes"), size("offset_metadata_max_bytes"))
                        }
                        error => error,
                    }
                };
                assert_eq!(expected["error"], error.name(), "{id}");
                passed[0] += 1;
            }
            "classic_group_transition" => {
                let valid = state(&given["from_state"]).may_become(state(&given["to_state"]));
                assert_eq!(expected["valid"], valid, "{id}");
                passed[1] += 1;
            }
            "classic_group_request" => {
                match (given["request"].as_str().or(given["event"].as_str()), given["state"].as_str()) {
                    (Some("Heartbeat"), _) if given["generation_matches"] == false => {
                        let error = super::coordinator::heartbeat_of_an_old_generation();
                        assert_eq!(expected["error"], error.name(), "{id}");
                    }
                    (Some("Heartbeat"), _) => {
                        assert_eq!(expected["error"], validate_heartbeat(state(&given["state"])).name(), "{id}");
                    }
                    (Some("SyncGroup"), Some("PreparingRebalance")) => {
                        assert_eq!(expected["error"], validate_sync(state(&given["state"])).name(), "{id}");
                    }
                    (Some("SyncGroup"), _) => super::coordinator::leaders_sync_is_written_first(),
                    (Some("JoinGroup v4+"), _) => {
                        assert_eq!(expected["error"], ErrorCode::MemberIdRequired.name(), "{id}");
                        super::coordinator::first_join_gives_an_id();
                    }
                    (Some("JoinGroup"), Some("Empty")) => {
                        assert_eq!(expected["new_state"], super::coordinator::state_after_the_first_join(), "{id}");
                    }
                    (Some("JoinGroup"), _) => {
                        let is_leader = given["is_group_leader"] == true;
                        let rebalance = rejoin_rebalances(state(&given["state"]), is_leader, false);
                        assert_eq!(expected["rebalance"], rebalance, "{id}");
                    }
                    (Some("LeaveGroup"), _) => {
                        assert_eq!(expected["new_state"], super::coordinator::state_after_a_member_leaves(), "{id}");
                    }
                    (Some("no heartbeat for session.timeout.ms"), _) => {
                        assert_eq!(expected["new_state"], super::coordinator::state_after_a_session_ends(), "{id}");
                    }
                    (Some("static member rejoins within session.timeout.ms"), _) => {
                        assert_eq!(expected["rebalance"], super::coordinator::static_member_rebalances(), "{id}");
                    }
                    other => panic!("{id}: {other:?}"),
                }
                passed[2] += 1;
            }
            _ => {}
        }
    }
    assert_eq!(passed, [8, 13, 12]);
}
