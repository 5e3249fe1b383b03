//! Groups that change their protocol, in cases that few clients meet.

use super::Lab;
use super::consumer::{ask, classic_join, heartbeat, joined, lab, sync};
use crate::broker::group::Group;
use crate::wire::consumer_protocol::RawBytes;
use crate::wire::group::{
    DeleteGroupsRequest, HeartbeatRequest, ListGroupsRequest, OffsetCommitRequest, OffsetCommitRequestPartition,
    OffsetCommitRequestTopic, OffsetFetchRequest, OffsetFetchRequestGroup,
};
use crate::wire::{ErrorCode, Request, Response};

/// A classic group whose leader has assigned these bytes to itself.
fn classic_group_with(assignment: &[u8]) -> Lab {
    let mut lab = lab();
    let member = joined(lab.ask(classic_join(""))).member_id;
    let id = lab.send(classic_join(&member));
    lab.answer_within(id, 10).expect("it has joined");
    let Request::SyncGroup(mut assigning) = sync(&member, 1, &[]) else { panic!("no sync") };
    assigning.assignments[0].assignment = RawBytes::from(assignment.to_vec());
    lab.ask(Request::SyncGroup(assigning));
    lab
}

#[test]
fn an_upgrade_tells_two_kinds_of_nonsense_apart() {
    let malformed =
        "Cannot upgrade classic group g to consumer group because the embedded consumer protocol is malformed.";
    for (assignment, error, message) in [
        (b"a".as_slice(), ErrorCode::GroupIdNotFound, Some(malformed)),
        (b"abc", ErrorCode::GroupIdNotFound, Some(malformed)),
        (b"abcdefgh", ErrorCode::UnknownServerError, None),
        (&[0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0], ErrorCode::GroupIdNotFound, Some(malformed)),
    ] {
        let answer = ask(&mut classic_group_with(assignment), heartbeat("m1", 0, Some(&["a"]), None));
        assert_eq!((answer.error_code, answer.error_message.as_deref()), (error, message), "{assignment:?}");
    }
}

/// A group of the consumer protocol that has offsets and no members any more.
fn empty_consumer_group() -> Lab {
    let mut lab = lab();
    assert_eq!(ask(&mut lab, heartbeat("m1", 0, Some(&["a"]), None)).member_epoch, 2);
    let partition = OffsetCommitRequestPartition { committed_offset: 7, ..Default::default() };
    let topic = OffsetCommitRequestTopic { name: "a".into(), partitions: vec![partition], ..Default::default() };
    lab.ask(Request::OffsetCommit(OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: 2,
        member_id: "m1".into(),
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    }));
    ask(&mut lab, heartbeat("m1", -1, None, None));
    lab
}

/// What is committed, at last or as far as it is stable.
fn committed(lab: &mut Lab, require_stable: bool) -> Option<i64> {
    let groups = vec![OffsetFetchRequestGroup { group_id: "g".into(), ..Default::default() }];
    match lab.ask(Request::OffsetFetch(OffsetFetchRequest { groups, require_stable, ..Default::default() })) {
        Response::OffsetFetch(answer) => {
            answer.groups[0].topics.first().map(|topic| topic.partitions[0].committed_offset)
        }
        other => panic!("{other:?}"),
    }
}

fn listed(lab: &mut Lab) -> usize {
    match lab.ask(Request::ListGroups(ListGroupsRequest::default())) {
        Response::ListGroups(answer) => answer.groups.len(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_empty_consumer_group_is_forgotten_where_a_stranger_joins_it_with_an_id() {
    let mut lab = empty_consumer_group();
    let written = lab.log.values().flatten().count();
    let refused = joined(lab.ask(classic_join("x")));
    assert_eq!((refused.error_code, refused.member_id.as_str()), (ErrorCode::UnknownMemberId, "x"));
    assert_eq!(lab.log.values().flatten().count(), written, "nothing is written");
    // Who only reads sees it still; nobody else does.
    assert_eq!((listed(&mut lab), committed(&mut lab, false), committed(&mut lab, true)), (1, Some(7), None));
    let Response::DeleteGroups(deleted) =
        lab.ask(Request::DeleteGroups(DeleteGroupsRequest { groups_names: vec!["g".into()] }))
    else {
        panic!("no deletion")
    };
    assert_eq!(deleted.results[0].error_code, ErrorCode::GroupIdNotFound);
    // Another group of the name begins anew, and has the offsets.
    assert_eq!(ask(&mut lab, heartbeat("m1", 0, Some(&["a"]), None)).member_epoch, 2);
    assert_eq!((listed(&mut lab), committed(&mut lab, true)), (1, Some(7)));
}

/// It comes back under its own id, where most come back under another.
#[test]
fn a_static_member_that_takes_the_group_back_stays_in_it() {
    let mut lab = lab();
    let Request::ConsumerGroupHeartbeat(mut joining) = heartbeat("m1", 0, Some(&["a"]), None) else {
        panic!("no beat")
    };
    joining.instance_id = Some("i1".into());
    assert_eq!(ask(&mut lab, Request::ConsumerGroupHeartbeat(joining)).member_epoch, 2);
    let Request::JoinGroup(mut again) = classic_join("m1") else { panic!("no join") };
    again.group_instance_id = Some("i1".into());
    let answer = joined(lab.ask_in(5, Request::JoinGroup(again)));
    assert_eq!((answer.error_code, answer.generation_id, answer.member_id.as_str()), (ErrorCode::None, 2, "m1"));
    lab.wait(1);
    let Response::Heartbeat(beaten) = lab.ask(Request::Heartbeat(HeartbeatRequest {
        group_id: "g".into(),
        generation_id: 2,
        member_id: "m1".into(),
        group_instance_id: Some("i1".into()),
    })) else {
        panic!("no heartbeat")
    };
    assert_eq!(beaten.error_code, ErrorCode::None);
    let Some(Group::Classic(group)) = lab.coordinator.groups().next() else { panic!("no classic group") };
    assert_eq!((group.protocol.as_deref(), group.members["m1"].session_timeout_ms), (Some("range"), 6_000));
}

#[test]
fn a_classic_group_in_the_place_of_an_empty_consumer_group_is_founded_with_its_tombstones() {
    let mut lab = empty_consumer_group();
    let written = lab.log.values().flatten().count();
    lab.log_is_slow = true;
    assert_eq!(joined(lab.ask(classic_join(""))).error_code, ErrorCode::MemberIdRequired);
    let batches: Vec<_> = lab.log.values().flatten().skip(written).collect();
    assert_eq!(batches.len(), 1);
    let keys = batches[0].records.iter().map(|record| {
        let key = record.key.as_ref().and_then(|key| key.as_slice().first_chunk::<2>().copied());
        (key.map(i16::from_be_bytes), record.value.is_some())
    });
    // The target's, the older form of metadata, and the group's tombstone; then the classic group.
    assert!(keys.eq([(Some(6), false), (Some(4), false), (Some(3), false), (Some(2), true)]));
    // Until that is written, who only reads sees the group as it was; if it cannot be written, it is there again.
    assert_eq!((listed(&mut lab), committed(&mut lab, true)), (1, Some(7)));
    lab.finish_appends(Err(ErrorCode::NotEnoughReplicas));
    assert!(lab.coordinator.groups().all(|group| group.as_consumer().is_some()));
    lab.log_is_slow = false;
    lab.ask(classic_join(""));
    assert_eq!(committed(&mut lab, true), Some(7));
    assert!(lab.coordinator.groups().all(|group| group.as_classic().is_some()));
}
