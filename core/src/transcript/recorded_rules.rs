//! Single rules as a real Kafka 4.3.1 showed them, each in a recording of a few steps.

use serde_json::{Value, json};

use super::{Transcript, Verdict, attempt};

/// Plays steps on one broker, with puppets beside it, and expects that every fact agrees.
fn agrees(puppets: &[i32], settings: &Value, steps: &Value) {
    let mut nodes = vec![json!({"id": 1, "roles": "broker,controller"})];
    nodes.extend(puppets.iter().map(|id| json!({"id": id, "roles": "puppet"})));
    let text = json!({"id": "x", "title": "x", "kind": "requests",
        "cluster": {"nodes": nodes, "settings": settings}, "steps": steps});
    let transcript = Transcript::from_json(&text.to_string()).expect("it is a transcript");
    let outcome = attempt(&transcript, 1, 300);
    assert_eq!((outcome.verdict, &outcome.differences), (Verdict::Agrees, &Vec::new()), "{:?}", outcome.not_compared);
    assert!(outcome.not_compared.is_empty(), "{:?}", outcome.not_compared);
}

fn request(api: &str, version: i16, body: Value, saw: Value) -> Value {
    json!({"do": "request", "to": 1, "port": "broker", "api": api, "version": version, "body": body, "saw": saw})
}

fn produce(topic: &str, records: Value, saw: Value) -> Value {
    let data = json!([{"name": topic, "partitionData": [{"index": 0, "records": {"records": records}}]}]);
    request("Produce", 11, json!({"acks": 1, "timeoutMs": 1000, "topicData": data}), saw)
}

fn create(topic: &str, replicas: Value, config: Value) -> Value {
    json!({"do": "create-topic", "topic": topic, "assignment": [replicas], "config": config, "saw": {"error": "NONE"}})
}

fn latest(topic: &str, offset: i64) -> Value {
    let topics =
        json!([{"name": topic, "partitions": [{"partitionIndex": 0, "currentLeaderEpoch": -1, "timestamp": -1}]}]);
    let body = json!({"replicaId": -1, "isolationLevel": 0, "topics": topics});
    request("ListOffsets", 7, body, json!({"error": "NONE", "offset": offset}))
}

fn follower_fetch(topic: &str, offset: i64, epoch: Value, error: &str) -> Value {
    let partition = json!({"partition": 0, "currentLeaderEpoch": -1, "fetchOffset": offset, "partitionMaxBytes": 1000});
    let body = json!({"maxWaitMs": 0, "minBytes": 0, "maxBytes": 1000, "isolationLevel": 0, "sessionId": 0,
        "sessionEpoch": -1, "topics": [{"topicId": format!("topicId:{topic}"), "partitions": [partition]}],
        "replicaState": {"replicaId": 2, "replicaEpoch": epoch}});
    request("Fetch", 17, body, json!({"error": error}))
}

#[test]
fn a_small_timestamp_is_decades_old_and_headers_count() {
    let upkeep = json!({"log.retention.check.interval.ms": 500, "log.initial.task.delay.ms": 300});
    let headers = json!([{"key": null, "value": "v", "timestamp": 5000, "headers": {"h": "xxxx"}}]);
    let size = json!({"0": [[0, 0, 76]]});
    agrees(
        &[],
        &upkeep,
        &json!([
            create("old", json!([1]), json!({"retention.ms": "-1"})),
            produce("old", headers, json!({"error": "NONE", "baseOffset": 0})),
            {"do": "observe", "saw": {"segments": [0], "batches of each segment [baseOffset, position, bytes]": size}},
            {"do": "alter-config", "type": "TOPIC", "name": "old", "set": {"retention.ms": "86400000000"}},
            {"do": "wait", "forMs": 2000},
            {"do": "observe", "saw": {"segments": [1], "earliest": 1, "latest": 1}},
        ]),
    );
}

#[test]
fn a_log_directory_is_told_with_the_bytes_of_its_logs() {
    let record = json!([{"key": null, "value": "v", "timestamp": 5000, "headers": {"h": "xxxx"}}]);
    let partition = |size: i64| {
        let partitions = json!([{"partitionIndex": 0, "partitionSize": size, "offsetLag": 0, "isFutureKey": false}]);
        json!({"error": "NONE", "results": [{"error": "NONE", "topics": [{"name": "sized", "partitions": partitions}],
            "isCordoned": false}]})
    };
    let of = |topics: Value, saw: Value| request("DescribeLogDirs", 5, json!({ "topics": topics }), saw);
    agrees(
        &[],
        &json!({}),
        &json!([
            create("sized", json!([1]), json!({})),
            of(Value::Null, partition(0)),
            produce("sized", record, json!({"error": "NONE", "baseOffset": 0})),
            of(Value::Null, partition(76)),
            of(json!([{"topic": "sized", "partitions": [0, 7]}, {"topic": "nope", "partitions": [0]}]), partition(76)),
            of(json!([]), json!({"error": "NONE", "results": [{"error": "NONE", "topics": []}]})),
        ]),
    );
}

#[test]
fn an_isr_is_told_without_epochs_before_version_3() {
    let alter = |isr: Value, partition_epoch: i32, error: &str| {
        let partition = json!({"partitionIndex": 0, "leaderEpoch": 0, "newIsr": isr, "leaderRecoveryState": 0,
            "partitionEpoch": partition_epoch});
        json!({"do": "request", "to": 1, "port": "controller", "api": "AlterPartition", "version": 2,
            "body": {"brokerId": 2, "brokerEpoch": "brokerEpoch:2",
                "topics": [{"topicId": "topicId:ap", "partitions": [partition]}]},
            "saw": {"topics": [{"partitions": [{"error": error}]}]}})
    };
    agrees(
        &[2, 3],
        &json!({}),
        &json!([
            create("ap", json!([2, 1, 3]), json!({})),
            alter(json!([1, 3]), 0, "INVALID_REQUEST"),
            alter(json!([2, 3]), 0, "NONE"),
            {"do": "observe", "saw": {"partitions": {"ap-0": {"isr": [2, 3], "partitionEpoch": 1}}}},
        ]),
    );
}

#[test]
fn an_older_process_is_refused_only_while_the_broker_is_not_fenced_and_after_the_log_was_read() {
    let settings = json!({"broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500});
    agrees(
        &[2],
        &settings,
        &json!([
            create("st", json!([1, 2]), json!({})),
            produce("st", json!([{"key": "k", "value": "v"}]), json!({"error": "NONE"})),
            follower_fetch("st", 1, json!(1), "NOT_LEADER_OR_FOLLOWER"),
            follower_fetch("st", 9, json!(1), "OFFSET_OUT_OF_RANGE"),
            {"do": "pause", "node": 2},
            {"do": "wait", "until": "2 is fenced", "condition": {"fenced": [2]}},
            follower_fetch("st", 1, json!(1), "NONE"),
        ]),
    );
}

#[test]
fn a_lower_min_isr_does_not_move_the_high_watermark_of_who_hears_of_it() {
    let settings = json!({"broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500});
    agrees(
        &[2],
        &settings,
        &json!([
            create("hw", json!([1, 2]), json!({"min.insync.replicas": "2"})),
            {"do": "pause", "node": 2},
            {"do": "wait", "until": "2 is fenced", "condition": {"fenced": [2]}},
            produce("hw", json!([{"key": "k", "value": "v"}]), json!({"error": "NONE", "baseOffset": 0})),
            latest("hw", 0),
            {"do": "alter-config", "type": "TOPIC", "name": "hw", "set": {"min.insync.replicas": "1"}},
            {"do": "wait", "forMs": 3000},
            {"do": "observe", "saw": {"partitions": {"hw-0": {"isr": [1], "elr": [], "latestOffsetAtLeader": 0}}}},
            // The next append moves it.
            produce("hw", json!([{"key": "k", "value": "w"}]), json!({"error": "NONE", "baseOffset": 1})),
            latest("hw", 2),
        ]),
    );
}

#[test]
fn who_may_do_all_is_told_so_where_that_is_asked_for() {
    let metadata = |version, asked: Value, operations: Value| {
        let body = json!({"topics": [{"name": "ops"}], "allowAutoTopicCreation": false,
            "includeTopicAuthorizedOperations": asked, "includeClusterAuthorizedOperations": asked});
        request("Metadata", version, body, operations)
    };
    let operations_answer = |topic: i32, cluster: i32| json!({"topics": [{"topicAuthorizedOperations": topic}], "clusterAuthorizedOperations": cluster});
    let describe = json!({"includeClusterAuthorizedOperations": true});
    agrees(
        &[],
        &json!({}),
        &json!([
            create("ops", json!([1]), json!({})),
            metadata(9, json!(true), operations_answer(3576, 8096)),
            metadata(9, json!(false), operations_answer(i32::MIN, i32::MIN)),
            request("DescribeCluster", 0, describe, json!({"clusterAuthorizedOperations": 8096})),
            request(
                "Metadata",
                9,
                json!({"topics": [{"name": null}]}),
                json!({"topics": [{"error": "INVALID_REQUEST"}]})
            ),
        ]),
    );
}

#[test]
fn of_wrong_settings_in_one_bucket_of_a_hash_map_the_first_named_is_told() {
    let append = |name: &str| json!({"name": name, "configOperation": 2, "value": "0"});
    let alter = |kind: i8, name: &str, configs: Value, saw: Value| {
        let resource = json!({"resourceType": kind, "resourceName": name, "configs": configs});
        request("IncrementalAlterConfigs", 1, json!({"resources": [resource]}), json!({"responses": [saw]}))
    };
    let not_a_list = |name: &str| {
        json!({"error": "INVALID_CONFIG",
        "errorMessage": format!("Can't APPEND to key {name} because its type is not LIST.")})
    };
    let set = json!([{"name": "cleanup.policy", "configOperation": 0, "value": "compact"}]);
    let both = |one: &str, other: &str| json!([append(one), append(other)]);
    agrees(
        &[],
        &json!({}),
        &json!([
            create("cf", json!([1]), json!({})),
            alter(2, "cf", both("flush.messages", "delete.retention.ms"), not_a_list("flush.messages")),
            alter(2, "cf", both("delete.retention.ms", "flush.messages"), not_a_list("delete.retention.ms")),
            alter(
                32,
                "g",
                set.clone(),
                json!({"error": "INVALID_CONFIG",
                "errorMessage": "Unknown group config name: cleanup.policy"})
            ),
            alter(
                32,
                "",
                set.clone(),
                json!({"error": "INVALID_REQUEST",
                "errorMessage": "Default group resources are not allowed."})
            ),
            alter(
                16,
                "m",
                set.clone(),
                json!({"error": "INVALID_REQUEST",
                "errorMessage": "Unknown client metrics configuration: cleanup.policy"})
            ),
            alter(16, "m", json!([append("")]), not_a_list("")),
            alter(
                8,
                "x",
                set.clone(),
                json!({"error": "INVALID_REQUEST",
                "errorMessage": "Node id must be an integer, but it is: x"})
            ),
            alter(
                8,
                "2",
                set,
                json!({"error": "INVALID_REQUEST",
                "errorMessage": "Unexpected node id. Expected 1, but received 2"})
            ),
        ]),
    );
}

#[test]
fn a_request_that_gives_no_time_is_over_before_the_controller_takes_it_up() {
    let topic = json!({"name": "tm", "numPartitions": 1, "replicationFactor": 1});
    let reassignment = json!([{"name": "tm", "partitions": [{"partitionIndex": 0, "replicas": [1]}]}]);
    let timed_out = json!({"error": "REQUEST_TIMED_OUT", "responses": [{"name": "tm",
        "partitions": [{"partitionIndex": 0, "error": "REQUEST_TIMED_OUT"}]}]});
    let create_topics = |topics: Value, error: &str| {
        request("CreateTopics", 7, json!({"topics": topics, "timeoutMs": -2}), json!({"topics": [{"error": error}]}))
    };
    agrees(
        &[],
        &json!({}),
        &json!([
            create_topics(json!([topic]), "REQUEST_TIMED_OUT"),
            create_topics(json!([topic, topic]), "INVALID_REQUEST"),
            request("AlterPartitionReassignments", 1, json!({"timeoutMs": -1, "topics": reassignment}), timed_out),
            request(
                "ElectLeaders",
                2,
                json!({"electionType": 5, "topicPartitions": [], "timeoutMs": -1}),
                json!({"error": "NONE", "replicaElectionResults": []})
            ),
        ]),
    );
}

#[test]
fn what_is_named_twice_in_a_produce_counts_once_and_what_means_nothing_is_refused() {
    let data = |value: &str| json!({"index": 0, "records": {"records": [{"key": "k", "value": value}]}});
    let twice =
        json!([{"name": "tw", "partitionData": [data("a"), data("b")]}, {"name": "tw", "partitionData": [data("c")]}]);
    let fetch = |isolation: i8, version: i16, saw: Value| {
        let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000});
        let topic = if version < 13 {
            json!({"topic": "tw", "partitions": [partition]})
        } else {
            json!({"topicId": "topicId:tw", "partitions": [partition]})
        };
        let body = json!({"maxWaitMs": 0, "minBytes": 0, "maxBytes": 1000, "isolationLevel": isolation,
            "sessionId": 0, "sessionEpoch": -1, "topics": [topic]});
        request("Fetch", version, body, saw)
    };
    let unknown = "UNKNOWN_SERVER_ERROR";
    let many = json!({"topics": [{"name": "tw", "count": i32::MAX, "assignments": null}], "timeoutMs": 1000, "validateOnly": true});
    agrees(
        &[],
        &json!({}),
        &json!([
            create("tw", json!([1]), json!({})),
            request(
                "Produce",
                11,
                json!({"acks": 1, "timeoutMs": 1000, "topicData": twice}),
                json!({"responses": [{"name": "tw", "partitionResponses": [{"index": 0, "error": "NONE", "baseOffset": 0}]}]})
            ),
            fetch(
                0,
                12,
                json!({"error": "NONE", "responses": [{"partitions": [{"error": "NONE",
                "records": [{"records": [{"value": "c"}]}]}]}]})
            ),
            fetch(7, 12, json!({"error": unknown, "responses": [{"topic": "tw", "partitions": [{"error": unknown}]}]})),
            fetch(7, 17, json!({"error": unknown, "responses": []})),
            request("CreatePartitions", 3, many, json!({"results": [{"name": "tw", "error": unknown}]})),
        ]),
    );
}

#[test]
fn a_topic_made_again_may_go_by_the_plain_name_and_records_by_their_type() {
    let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1000});
    let fetch = json!({"maxWaitMs": 0, "minBytes": 0, "maxBytes": 1000, "isolationLevel": 0, "sessionId": 0,
        "sessionEpoch": -1, "topics": [{"topicId": "topicId:gone", "partitions": [partition]}]});
    let read =
        |watermark: i64| request("Fetch", 17, fetch.clone(), json!({"error": "NONE", "highWatermark": watermark}));
    agrees(
        &[],
        &json!({}),
        &json!([
            create("gone", json!([1]), json!({})),
            produce("gone", json!([{"key": "k", "value": "old"}]), json!({"error": "NONE"})),
            read(1),
            {"do": "observe", "saw": {"records": ["TOPIC_RECORD", "PARTITION_RECORD"]}},
            {"do": "delete-topic", "topic": "gone", "saw": "NONE"},
            {"do": "observe", "saw": {"records": ["REMOVE_TOPIC_RECORD"]}},
            create("gone", json!([1]), json!({})),
            read(0),
        ]),
    );
}

#[test]
fn a_commit_to_no_topic_came_before_anybody_asked_for_the_coordinator() {
    let commit = json!({"groupId": "g", "generationIdOrMemberEpoch": -1, "memberId": "", "topics": [
        {"name": "nope", "partitions": [{"partitionIndex": 0, "committedOffset": 1}]}]});
    let refused = json!({"topics": [{"partitions": [{"error": "UNKNOWN_TOPIC_OR_PARTITION"}]}]});
    let none = json!({"coordinators": [{"key": "g", "nodeId": -1, "error": "COORDINATOR_NOT_AVAILABLE"}]});
    agrees(
        &[],
        &json!({}),
        &json!([
            request("OffsetCommit", 8, commit, refused),
            request("FindCoordinator", 4, json!({"keyType": 0, "coordinatorKeys": ["g"]}), none),
        ]),
    );
}

#[test]
fn what_befell_a_topic_under_each_of_its_ids_is_told() {
    let partitions = json!({"gone-0": {"leader": 1}});
    let told = |records: Value| json!({"do": "observe", "saw": {"partitions": partitions, "records": records}});
    let setting = json!([{"name": "min.insync.replicas", "configOperation": 0, "value": "1"}]);
    let of_all = json!([{"resourceType": 4, "resourceName": "", "configs": setting}]);
    agrees(
        &[],
        &json!({}),
        &json!([
            create("other", json!([1]), json!({})),
            create("gone", json!([1]), json!({})),
            {"do": "delete-topic", "topic": "gone", "saw": "NONE"},
            create("gone", json!([1]), json!({})),
            told(json!([
                "TOPIC_RECORD",
                "PARTITION_RECORD",
                "REMOVE_TOPIC_RECORD",
                "TOPIC_RECORD",
                "PARTITION_RECORD"
            ])),
            request(
                "IncrementalAlterConfigs",
                1,
                json!({"resources": of_all, "validateOnly": false}),
                json!({"responses": [{"error": "NONE"}]}),
            ),
            // What names no topic is of all of them.
            told(json!(["CONFIG_RECORD", "CLEAR_ELR_RECORD"])),
        ]),
    );
}

#[test]
fn new_partitions_are_measured_by_the_first_of_a_hash_table() {
    let reassign = json!({"do": "reassign", "topic": "ex", "partition": 0, "replicas": [2, 1], "saw": "NONE"});
    let grow = |ids: Value, error: &str| {
        let topic = json!({"name": "ex", "count": 4, "assignments": [{"brokerIds": ids}]});
        let body = json!({"topics": [topic], "timeoutMs": 5000, "validateOnly": true});
        request("CreatePartitions", 3, body, json!({"results": [{"error": error}]}))
    };
    agrees(
        &[2],
        &json!({}),
        &json!([
            {"do": "create-topic", "topic": "ex", "assignment": [[1], [1], [2]], "config": {}, "saw": {"error": "NONE"}},
            reassign,
            grow(json!([1, 2]), "INVALID_REPLICA_ASSIGNMENT"),
            grow(json!([1]), "NONE"),
        ]),
    );
}

#[test]
fn a_fetch_of_any_epoch_below_zero_says_nothing_of_it() {
    let fetch = |epoch: i32, error: &str| {
        let partition =
            json!({"partition": 0, "currentLeaderEpoch": epoch, "fetchOffset": 9, "partitionMaxBytes": 1000});
        let body = json!({"maxWaitMs": 0, "minBytes": 0, "maxBytes": 1000, "isolationLevel": 0, "sessionId": 0,
            "sessionEpoch": -1, "topics": [{"topicId": "topicId:ne", "partitions": [partition]}]});
        request("Fetch", 17, body, json!({"error": error}))
    };
    agrees(
        &[],
        &json!({}),
        &json!([
            create("ne", json!([1]), json!({})),
            fetch(-5, "OFFSET_OUT_OF_RANGE"),
            fetch(1, "UNKNOWN_LEADER_EPOCH"),
        ]),
    );
}

#[test]
fn the_levels_of_loggers_are_the_processs_and_are_told_where_it_is_asked() {
    let alter = |port: &str, name: &str, configs: Value, saw: Value| {
        let resource = json!({"resourceType": 8, "resourceName": name, "configs": configs});
        let body = json!({"resources": [resource], "validateOnly": false});
        json!({"do": "request", "to": 1, "port": port, "api": "IncrementalAlterConfigs", "version": 1, "body": body,
            "saw": {"responses": [saw]}})
    };
    let set = |name: &str, level: &str| json!([{"name": name, "configOperation": 0, "value": level}]);
    let logger_is = |name: &str, level: &str| {
        let resource = json!({"resourceType": 8, "resourceName": "1", "configurationKeys": [name]});
        let config = json!({"name": name, "value": level, "readOnly": false, "configSource": 6, "isSensitive": false,
            "synonyms": [], "configType": 0, "documentation": ""});
        let result = json!({"error": "NONE", "resourceType": 8, "resourceName": "1", "configs": [config]});
        let body = json!({"resources": [resource], "includeSynonyms": true, "includeDocumentation": false});
        request("DescribeConfigs", 4, body, json!({"results": [result]}))
    };
    let done = json!({"error": "NONE", "resourceType": 8, "resourceName": "1"});
    let refused = |name: &str, message: &str| json!({"error": "INVALID_REQUEST", "errorMessage": message, "resourceType": 8, "resourceName": name});
    let old = json!({"resources": [{"resourceType": 8, "resourceName": "1", "configs": []}], "validateOnly": false});
    let old = json!({"do": "request", "to": 1, "port": "controller", "api": "AlterConfigs", "version": 2, "body": old,
        "saw": {"responses": [refused("1", "Unexpected resource type BROKER_LOGGER.")]}});
    agrees(
        &[],
        &json!({}),
        &json!([
            logger_is("root", "INFO"),
            logger_is("kafka.server.KafkaApis", "INFO"),
            alter("broker", "1", set("kafka.server.KafkaApis", "DEBUG"), done.clone()),
            logger_is("kafka.server.KafkaApis", "DEBUG"),
            // The same process listens at both.
            alter("controller", "1", set("root", "ERROR"), done),
            logger_is("root", "ERROR"),
            logger_is("kafka.server.ReplicaManager", "ERROR"),
            alter("controller", "7", json!([]), refused("7", "Unexpected node id. Expected 1, but received 7")),
            alter("controller", "x", json!([]), refused("x", "Node id must be an integer, but it is: x")),
            old,
            {"do": "crash", "node": 1},
            {"do": "start", "node": 1},
            {"do": "wait", "forMs": 3000},
            logger_is("root", "INFO"),
        ]),
    );
}

#[test]
fn who_may_not_change_loggers_is_told_so_before_anything_else() {
    let resource = json!({"resourceType": 8, "resourceName": "nope", "configs": []});
    let body = json!({"resources": [resource], "validateOnly": false});
    let saw =
        json!({"responses": [{"error": "CLUSTER_AUTHORIZATION_FAILED", "resourceType": 8, "resourceName": "nope"}]});
    let request = json!({"do": "request", "to": 1, "port": "broker", "api": "IncrementalAlterConfigs", "version": 1,
        "body": body, "saw": saw});
    let settings = json!({"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:admin"});
    agrees(&[], &settings, &json!([request]));
}
