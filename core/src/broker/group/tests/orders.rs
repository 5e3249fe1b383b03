//! In which order the records and answers of a coordinator stand, where Kafka's is that of a hash table.

use super::Lab;
use super::consumer::{ask, heartbeat, lab};
use crate::broker::group::records::{self, GroupRecord};
use crate::wire::consumer_group::ConsumerGroupHeartbeatRequest;
use crate::wire::group::{
    DeleteGroupsRequest, OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
    OffsetFetchRequest, OffsetFetchRequestGroup,
};
use crate::wire::{Request, Response};

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
