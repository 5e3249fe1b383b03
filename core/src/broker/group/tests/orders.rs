//! In which order the records and answers of a coordinator stand, where Kafka's is that of a hash table.

use std::collections::BTreeMap;

use super::Lab;
use super::consumer::{ask, heartbeat, lab};
use crate::broker::group::records::{self, GroupRecord};
use crate::broker::group::state::{metadata_length, validate_offset_metadata};
use crate::effects::Effects;
use crate::wire::consumer_group::{ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest};
use crate::wire::group::{
    DeleteGroupsRequest, ListGroupsRequest, OffsetCommitRequest, OffsetCommitRequestPartition,
    OffsetCommitRequestTopic, OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use crate::wire::{ErrorCode, Request, Response, TopicPartition, Uuid};

/// Commits offsets of so many partitions of `t` from outside a group.
fn commit(lab: &mut Lab, group: &str, partitions: i32) {
    let partition = |partition_index| OffsetCommitRequestPartition { partition_index, ..Default::default() };
    let partitions = (0..partitions).map(partition).collect();
    let topic = OffsetCommitRequestTopic { name: "t".into(), partitions, ..Default::default() };
    lab.ask(Request::OffsetCommit(OffsetCommitRequest {
        group_id: group.into(),
        generation_id_or_member_epoch: -1,
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    }));
}

/// What is written from one place of the log on: groups, and partitions of their offsets.
fn written(lab: &Lab, since: usize) -> Vec<String> {
    let batches = lab.log.values().flatten().skip(since);
    let read = batches.flat_map(|batch| batch.records.iter().filter_map(records::read));
    let told = read.map(|record| match record {
        GroupRecord::OffsetCommit { group, partition, .. } => format!("{group} {}", partition.partition),
        GroupRecord::GroupMetadata { group, .. } => group,
        GroupRecord::ConsumerGroup { record, .. } => format!("{record:?}"),
    });
    told.collect()
}

#[test]
fn groups_and_their_offsets_are_deleted_in_the_order_of_hash_tables() {
    let mut lab = Lab::new();
    lab.settings.offsets_topic_num_partitions = 1;
    commit(&mut lab, "group-a", 3);
    commit(&mut lab, "group-b", 1);
    let since = lab.log.values().flatten().count();
    let groups_names = ["group-a", "group-b", "nobody", "group-a"].map(str::to_owned).to_vec();
    let Response::DeleteGroups(answer) = lab.ask(Request::DeleteGroups(DeleteGroupsRequest { groups_names })) else {
        panic!("no deletion")
    };
    let listed: Vec<&str> = answer.results.iter().map(|result| result.group_id.as_str()).collect();
    assert_eq!(listed.len(), 3);
    let place = |id: &str| listed.iter().position(|listed| *listed == id);
    assert!(place("group-b") < place("group-a"), "{listed:?}");
    assert_eq!(written(&lab, since), ["group-b 0", "group-b", "group-a 2", "group-a 0", "group-a 1", "group-a"]);
}

#[test]
fn all_offsets_of_a_topic_are_told_in_the_order_of_a_hash_table() {
    let mut lab = Lab::new();
    let mut told = |partitions: i32| {
        commit(&mut lab, "g", partitions);
        let groups = vec![OffsetFetchRequestGroup { group_id: "g".into(), ..Default::default() }];
        match lab.ask(Request::OffsetFetch(OffsetFetchRequest { groups, ..Default::default() })) {
            Response::OffsetFetch(answer) => {
                answer.groups[0].topics[0].partitions.iter().map(|each| each.partition_index).collect::<Vec<i32>>()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([told(2), told(3), told(4)], [vec![0, 1], vec![2, 0, 1], vec![2, 0, 1, 3]]);
}

#[test]
fn regular_expressions_are_written_in_the_order_of_a_hash_table() {
    let mut lab = lab();
    for (member, regex) in [("m1", "x.*"), ("m2", "y.*")] {
        let Request::ConsumerGroupHeartbeat(request) = heartbeat(member, 0, None, None) else { panic!("no beat") };
        let subscribed_topic_regex = Some(regex.to_owned());
        let request = ConsumerGroupHeartbeatRequest { subscribed_topic_regex, ..request };
        ask(&mut lab, Request::ConsumerGroupHeartbeat(request));
    }
    let since = lab.log.values().flatten().count();
    lab.wait(1);
    let resolved = written(&lab, since);
    let place = |regex: &str| resolved.iter().position(|record| record.contains(regex));
    assert!(place("y.*").is_some() && place("y.*") < place("x.*"), "{resolved:?}");
}

#[test]
fn assignors_are_listed_in_the_order_of_a_hash_set() {
    for configured in ["uniform,range", "range,uniform"] {
        let mut lab = lab();
        lab.settings.group_consumer_assignors = configured.to_owned();
        let Request::ConsumerGroupHeartbeat(mut request) = heartbeat("m1", 0, Some(&["a"]), None) else {
            panic!("no beat")
        };
        request.server_assignor = Some("mine".into());
        let message = ask(&mut lab, Request::ConsumerGroupHeartbeat(request)).error_message;
        let expected = "ServerAssignor mine is not supported. Supported assignors: uniform, range.";
        assert_eq!(message.as_deref(), Some(expected));
    }
}

#[test]
fn groups_without_an_id_are_described_first() {
    let mut lab = lab();
    let group_ids = vec!["x".to_owned(), String::new()];
    let request = ConsumerGroupDescribeRequest { group_ids, ..ConsumerGroupDescribeRequest::default() };
    let Response::ConsumerGroupDescribe(answer) = lab.ask(Request::ConsumerGroupDescribe(request)) else {
        panic!("no description")
    };
    let described: Vec<&str> = answer.groups.iter().map(|group| group.group_id.as_str()).collect();
    assert_eq!(described, ["", "x"]);
}

#[test]
fn a_filter_of_types_has_no_blanks() {
    let mut lab = Lab::new();
    commit(&mut lab, "g", 1);
    let mut listed = |states: &str, types: &str| {
        let (states_filter, types_filter) = (vec![states.to_owned()], vec![types.to_owned()]);
        match lab.ask(Request::ListGroups(ListGroupsRequest { states_filter, types_filter })) {
            Response::ListGroups(answer) => answer.groups.len(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((listed(" empty", "CLASSIC"), listed("Empty", " classic")), (1, 0));
}

/// The limit of 4096 is one of UTF-16 code units: this text has three bytes a unit.
#[test]
fn what_is_said_beside_an_offset_is_measured_in_utf_16() {
    let checked = |metadata: String| validate_offset_metadata(metadata_length(&metadata), 4_096);
    let metadata = |count: usize| checked("\u{20ac}".repeat(count));
    assert_eq!((metadata(4_096), metadata(4_097)), (ErrorCode::None, ErrorCode::OffsetMetadataTooLarge));
    assert_eq!(checked("\u{1f600}".repeat(2_049)), ErrorCode::OffsetMetadataTooLarge);
}

#[test]
fn offsets_of_a_deleted_topic_go_for_the_log_and_for_each_transaction() {
    let mut lab = Lab::new();
    lab.settings.offsets_topic_num_partitions = 1;
    commit(&mut lab, "g", 2);
    let (mut pending, mut another) = (None, None);
    for group in lab.coordinator.groups.values_mut() {
        pending = group.offsets().get(&TopicPartition::new("t", 0)).cloned();
        another.clone_from(&pending);
        another.iter_mut().for_each(|offset| offset.topic_id = Uuid(8));
        // The second partition's is left over from another topic of the name.
        let offset = another.clone().expect("an offset");
        group.offsets_mut().insert(TopicPartition::new("t", 1), offset);
    }
    let pending = pending.expect("an offset");
    for producer in [1, 2] {
        lab.coordinator.txn_offsets.replay(0, producer, "g", TopicPartition::new("t", 0), pending.clone());
    }
    let since = lab.log.values().flatten().count();
    let appends = lab.coordinator.topics_deleted(&BTreeMap::from([("t".into(), Uuid(7))]), 0);
    lab.apply_effects(Effects::default(), appends);
    assert_eq!(written(&lab, since), ["g 0", "g 0", "g 0"]);
    let fetched = |lab: &mut Lab, topic_id: Uuid| {
        let topics = vec![OffsetFetchRequestTopics { name: "t".into(), topic_id, partition_indexes: vec![1] }];
        let groups = vec![OffsetFetchRequestGroup { group_id: "g".into(), topics: Some(topics), ..Default::default() }];
        match lab.ask(Request::OffsetFetch(OffsetFetchRequest { groups, ..Default::default() })) {
            Response::OffsetFetch(answer) => answer.groups[0].topics[0].partitions[0].committed_offset,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([Uuid(8), Uuid(7), Uuid::ZERO].map(|id| fetched(&mut lab, id)), [0, -1, 0]);
}
