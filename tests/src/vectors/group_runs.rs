//! What the coordinator of a classic group makes of requests, each case as a short run: a group is led to the state that is given.

use serde_json::{Value, json};

use super::runs::{Cluster, answer, create_topic, request, send, wait};
use super::{Check, Outcome, field};

/// Members are gone after this long without a heartbeat.
const SESSION_TIMEOUT_MS: u64 = 6_000;
/// More than the answer of a healthy coordinator takes.
const SOON_MS: u64 = 500;
const OFFSETS: &str = "__consumer_offsets";

/// `classic_group_request`.
pub(super) fn group_request(case: &Value) -> Check {
    let given = field(case, "given")?;
    let expected = field(case, "expected")?;
    let field_of = |name: &str| given.get(name).and_then(Value::as_str);
    let mut settings = json!({"group.initial.rebalance.delay.ms": 0, "offsets.topic.num.partitions": 1});
    let mut steps = coordinator_on(&[1]);
    let mut cluster_is_replicated = false;
    match (field_of("request"), field_of("state"), field_of("event")) {
        (Some("Heartbeat"), Some(state), None) => {
            let generation = if given.get("generation_matches") == Some(&json!(false)) { 0 } else { 1 };
            steps.extend(group_in(state)?);
            steps.push(heartbeat("member:1", generation, &expected["error"]));
        }
        (Some("SyncGroup"), Some("CompletingRebalance"), None) => {
            // The assignment is written before anybody is answered: not as long as it is on the leader's disk alone.
            cluster_is_replicated = true;
            steps = coordinator_on(&[1, 2]);
            steps.extend(group_in("CompletingRebalance")?);
            steps.extend([json!({"do": "pause", "node": 2}), sync("s", "member:1", 1)]);
            let is_written_first = expected["assignment_written_to"] == json!(format!("{OFFSETS} before answering"));
            let early = if is_written_first { json!("nothing") } else { json!({"error": "NONE"}) };
            steps.push(answer("s", 2_000, &early));
            steps.push(json!({"do": "resume", "node": 2}));
            if is_written_first {
                steps.push(answer("s", 5_000, &json!({"error": "NONE", "assignment": "A"})));
            }
            steps.push(state_is(expected));
        }
        (Some("SyncGroup"), Some(state), None) => {
            steps.extend(group_in(state)?);
            steps.extend([sync("s", "member:1", 1), answer("s", SOON_MS, &json!({"error": expected["error"]}))]);
        }
        (Some("JoinGroup v4+"), None, None) => {
            let instance = if given["static"] == json!(true) { json!("i1") } else { Value::Null };
            let saw = json!({"error": expected["error"], "memberId": "member:1", "generationId": -1});
            steps.push(request(
                1,
                "JoinGroup",
                4,
                &join_body(given["member_id"].as_str().unwrap_or(""), &instance),
                &saw,
            ));
            if expected["returns"] == json!("generated member id; join again with it") {
                let saw = json!({"error": "NONE", "memberId": "member:1", "generationId": 1});
                steps.push(request(1, "JoinGroup", 4, &join_body("member:1", &instance), &saw));
            }
        }
        (Some("JoinGroup"), Some("Empty"), None) => {
            let delay = expected["initial_delay_ms"].as_u64().ok_or("expected.initial_delay_ms is no number")?;
            // The default.
            settings["group.initial.rebalance.delay.ms"] = Value::Null;
            steps.push(new_member(1));
            steps.extend([send("j", 1, "JoinGroup", 9, &join_body("member:1", &Value::Null)), state_is(expected)]);
            steps.push(answer("j", delay.saturating_sub(SOON_MS), &json!("nothing")));
            steps.push(answer("j", 2 * SOON_MS, &json!({"error": "NONE", "generationId": 1})));
        }
        (Some("JoinGroup"), Some("Stable"), None) => {
            steps.extend(stable_group_of_two());
            let member = if given["is_group_leader"] == json!(true) { "member:1" } else { "member:2" };
            steps.push(send("j", 1, "JoinGroup", 9, &join_body(member, &Value::Null)));
            if expected["rebalance"] == json!(true) {
                steps.extend([answer("j", SOON_MS, &json!("nothing")), state_is(expected)]);
            } else {
                steps.push(answer("j", SOON_MS, &json!({"error": "NONE", "generationId": 2, "memberId": member})));
                steps.push(state_is(&json!({"new_state": "Stable"})));
            }
        }
        (Some("LeaveGroup"), Some("Stable"), None) => {
            steps.extend(stable_group_of_two());
            let body = json!({"groupId": "g", "members": [{"memberId": "member:2"}]});
            steps.extend([request(1, "LeaveGroup", 5, &body, &json!({"error": "NONE"})), state_is(expected)]);
        }
        (None, None, Some("no heartbeat for session.timeout.ms")) => {
            steps.extend(stable_group_of_two());
            steps.extend([wait(SESSION_TIMEOUT_MS - 1_000), heartbeat("member:1", 2, &json!("NONE"))]);
            steps.push(members_are(&["member:1", "member:2"]));
            steps.extend([wait(2_000), state_is(expected)]);
            let members: &[&str] =
                if expected["member_removed"] == json!(true) { &["member:1"] } else { &["member:1", "member:2"] };
            steps.push(members_are(members));
        }
        (None, None, Some("static member rejoins within session.timeout.ms")) => {
            let is_static = json!("i1");
            let joined = json!({"error": "NONE", "generationId": 1, "memberId": "member:1"});
            steps.push(request(1, "JoinGroup", 9, &join_body("", &is_static), &joined));
            steps.extend([sync("s", "member:1", 1), answer("s", SOON_MS, &json!({"error": "NONE"}))]);
            steps.push(wait(1_000));
            let generation = if expected["rebalance"] == json!(false) { 1 } else { 2 };
            let again = json!({"error": "NONE", "generationId": generation, "memberId": "member:2"});
            steps.push(request(1, "JoinGroup", 9, &join_body("", &is_static), &again));
            steps.push(state_is(&json!({"new_state": "Stable"})));
        }
        _ => return Ok(Outcome::no_rule()),
    }
    let cluster = Cluster::single(settings);
    let cluster = if cluster_is_replicated { cluster.and("broker") } else { cluster };
    cluster.play(&steps, expected)
}

/// `offset_commit_classic` to a broker that does not lead the group's partition.
pub(super) fn commit_to_another_broker(expected: &Value) -> Check {
    let partitions = json!([{"partitionIndex": 0, "committedOffset": 5, "committedMetadata": ""}]);
    let body = json!({
        "groupId": "g", "generationIdOrMemberEpoch": -1, "memberId": "", "topics": [{"name": "t", "partitions": partitions}],
    });
    let result = json!([{"partitionIndex": 0, "error": expected["error"]}]);
    let saw = json!({"topics": [{"name": "t", "partitions": result}]});
    let mut steps = vec![create_topic("t", &[1], &json!({}))];
    steps.extend(coordinator_on(&[1]));
    steps.push(request(2, "OffsetCommit", 9, &body, &saw));
    Cluster::single(json!({"offsets.topic.num.partitions": 1})).and("broker").play(&steps, expected)
}

/// Has the groups kept by these nodes.
fn coordinator_on(replicas: &[i32]) -> Vec<Value> {
    let find = json!({"keyType": 0, "coordinatorKeys": ["g"]});
    let coordinators = json!([{"key": "g", "error": "NONE", "nodeId": 1}]);
    vec![
        create_topic(OFFSETS, replicas, &json!({})),
        wait(3_000),
        request(1, "FindCoordinator", 6, &find, &json!({ "coordinators": coordinators })),
    ]
}

/// Leads the group to a state. Its leader is `member:1`, in generation 1.
fn group_in(state: &str) -> Result<Vec<Value>, String> {
    let joined = json!({"error": "NONE", "generationId": 1, "leader": "member:1"});
    let mut steps = vec![new_member(1)];
    if state != "Empty" {
        steps.push(request(1, "JoinGroup", 9, &join_body("member:1", &Value::Null), &joined));
    }
    match state {
        "Empty" | "CompletingRebalance" => {}
        "Stable" => steps.extend(synced()),
        "PreparingRebalance" => {
            steps.extend(synced());
            steps.extend([new_member(2), send("other", 1, "JoinGroup", 9, &join_body("member:2", &Value::Null))]);
        }
        other => return Err(format!("given.state is {other}")),
    }
    steps.push(state_is(&json!({ "new_state": state })));
    Ok(steps)
}

/// A stable group in generation 2, led by `member:1`.
fn stable_group_of_two() -> Vec<Value> {
    let joined = json!({"error": "NONE", "generationId": 1, "leader": "member:1"});
    let again = json!({"error": "NONE", "generationId": 2, "leader": "member:1"});
    let mut steps = vec![new_member(1)];
    steps.push(request(1, "JoinGroup", 9, &join_body("member:1", &Value::Null), &joined));
    steps.extend(synced());
    steps.extend([new_member(2), send("other", 1, "JoinGroup", 9, &join_body("member:2", &Value::Null))]);
    steps.push(request(1, "JoinGroup", 9, &join_body("member:1", &Value::Null), &again));
    steps.push(answer("other", SOON_MS, &again));
    for (name, member) in [("second", "member:2"), ("first", "member:1")] {
        steps.push(sync(name, member, 2));
    }
    steps.extend(["first", "second"].map(|name| answer(name, SOON_MS, &json!({"error": "NONE"}))));
    steps.push(state_is(&json!({"new_state": "Stable"})));
    steps
}

/// The first member has its assignment in generation 1.
fn synced() -> [Value; 2] {
    [sync("synced", "member:1", 1), answer("synced", SOON_MS, &json!({"error": "NONE"}))]
}

/// A member gets its id.
fn new_member(number: u32) -> Value {
    let saw = json!({"error": "MEMBER_ID_REQUIRED", "memberId": format!("member:{number}")});
    request(1, "JoinGroup", 9, &join_body("", &Value::Null), &saw)
}

fn join_body(member: &str, instance: &Value) -> Value {
    json!({
        "groupId": "g", "sessionTimeoutMs": SESSION_TIMEOUT_MS, "rebalanceTimeoutMs": 60_000, "memberId": member,
        "groupInstanceId": instance, "protocolType": "consumer",
        "protocols": [{"name": "range", "metadata": {"$subscription": ["t"]}}],
    })
}

/// Member 1 leads and gives everybody something.
fn sync(name: &str, member: &str, generation: i32) -> Value {
    let assignments = match member {
        "member:1" => json!([{"memberId": "member:1", "assignment": "A"}]),
        _ => json!([]),
    };
    let body = json!({
        "groupId": "g", "generationId": generation, "memberId": member, "protocolType": "consumer",
        "protocolName": "range", "assignments": assignments,
    });
    send(name, 1, "SyncGroup", 5, &body)
}

fn heartbeat(member: &str, generation: i32, error: &Value) -> Value {
    let body = json!({"groupId": "g", "generationId": generation, "memberId": member});
    request(1, "Heartbeat", 4, &body, &json!({ "error": error }))
}

/// The state that is expected of the group.
fn state_is(expected: &Value) -> Value {
    let groups = json!([{"error": "NONE", "groupState": expected["new_state"]}]);
    request(1, "DescribeGroups", 6, &json!({"groups": ["g"]}), &json!({ "groups": groups }))
}

fn members_are(members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({ "memberId": member })).collect();
    let groups = json!([{"error": "NONE", "members": members}]);
    request(1, "DescribeGroups", 6, &json!({"groups": ["g"]}), &json!({ "groups": groups }))
}
