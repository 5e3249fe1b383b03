//! What transcripts do not show: records, failures of the log, a move to another broker, static members.

use std::fmt::Write;

use expect_test::expect;

use super::Lab;
use crate::broker::group::state::partition_for;
use crate::broker::group::{GroupCoordinator, KnownCluster};
use crate::effects::{BrokerTimer, Effects};
use crate::sim::random::{Purpose, Random};
use crate::view::group_records;
use crate::wire::consumer_protocol::{ConsumerSubscription, encode_assignment};
use crate::wire::group::{
    DeleteGroupsRequest, DescribeGroupsRequest, HeartbeatRequest, JoinGroupProtocol, JoinGroupRequest,
    JoinGroupResponse, LeaveGroupRequest, ListGroupsRequest, MemberIdentity, OffsetCommitRequest,
    OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetFetchRequest, OffsetFetchRequestGroup,
    SyncGroupRequest, SyncGroupRequestAssignment,
};
use crate::wire::{ErrorCode, Request, Response, TopicPartition};

pub(super) fn join(member_id: &str, instance_id: Option<&str>) -> Request {
    Request::JoinGroup(JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 6_000,
        rebalance_timeout_ms: 60_000,
        member_id: member_id.into(),
        group_instance_id: instance_id.map(str::to_owned),
        protocols: vec![JoinGroupProtocol {
            name: "range".into(),
            metadata: ConsumerSubscription { topics: vec!["t".into()], ..Default::default() }.encode(),
        }],
        ..JoinGroupRequest::default()
    })
}

pub(super) fn sync(member_id: &str, generation_id: i32, assigned: &[(&str, i32)]) -> Request {
    let assignments = assigned.iter().map(|(member, partition)| SyncGroupRequestAssignment {
        member_id: (*member).to_owned(),
        assignment: encode_assignment(&[TopicPartition::new("t", *partition)]),
    });
    Request::SyncGroup(SyncGroupRequest {
        group_id: "g".into(),
        generation_id,
        member_id: member_id.into(),
        protocol_type: Some("consumer".into()),
        protocol_name: Some("range".into()),
        assignments: assignments.collect(),
        ..SyncGroupRequest::default()
    })
}

pub(super) fn commit(member_id: &str, generation: i32, offset: i64) -> Request {
    let partition = OffsetCommitRequestPartition { committed_offset: offset, ..Default::default() };
    Request::OffsetCommit(OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: generation,
        member_id: member_id.into(),
        topics: vec![OffsetCommitRequestTopic { name: "t".into(), partitions: vec![partition], ..Default::default() }],
        ..OffsetCommitRequest::default()
    })
}

pub(super) fn heartbeat(member_id: &str, generation_id: i32) -> Request {
    let (group_id, member_id) = ("g".into(), member_id.into());
    Request::Heartbeat(HeartbeatRequest { group_id, generation_id, member_id, group_instance_id: None })
}

fn committed(lab: &mut Lab) -> i64 {
    fetched(lab, false)
}

/// The offset that an OffsetFetch tells, -1 for none.
pub(super) fn fetched(lab: &mut Lab, require_stable: bool) -> i64 {
    let group = OffsetFetchRequestGroup { group_id: "g".into(), ..Default::default() };
    match lab.ask(Request::OffsetFetch(OffsetFetchRequest {
        groups: vec![group],
        require_stable,
        ..Default::default()
    })) {
        Response::OffsetFetch(answer) => {
            answer.groups[0].topics.first().map_or(-1, |topic| topic.partitions[0].committed_offset)
        }
        other => panic!("{other:?}"),
    }
}

fn commit_error(response: &Response) -> ErrorCode {
    match response {
        Response::OffsetCommit(answer) => answer.topics[0].partitions[0].error_code,
        other => panic!("{other:?}"),
    }
}

pub(super) fn joined(response: Option<Response>) -> JoinGroupResponse {
    match response {
        Some(Response::JoinGroup(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

/// A group of one that is stable in generation 1, and its member.
pub(super) fn stable() -> (Lab, String) {
    let mut lab = Lab::new();
    let first = joined(Some(lab.ask(join("", None))));
    assert_eq!(first.error_code, ErrorCode::MemberIdRequired);
    let id = lab.send(join(&first.member_id, None));
    let answer = joined(lab.answer_within(id, 3_000));
    assert_eq!((answer.error_code, answer.generation_id), (ErrorCode::None, 1));
    lab.ask(sync(&first.member_id, 1, &[(&first.member_id, 0)]));
    (lab, first.member_id)
}

pub(super) fn first_join_gives_an_id() {
    stable();
}

pub(super) fn commit_elsewhere() -> ErrorCode {
    let mut lab = Lab::new();
    lab.coordinator = GroupCoordinator::new(2, Random::for_purpose(2, Purpose::Identity));
    commit_error(&lab.ask(commit("", -1, 1)))
}

pub(super) fn leaders_sync_is_written_first() {
    let mut lab = Lab::new();
    let member = joined(Some(lab.ask(join("", None)))).member_id;
    lab.send(join(&member, None));
    lab.wait(3_000);
    lab.log_is_slow = true;
    let id = lab.send(sync(&member, 1, &[(&member, 0)]));
    assert_eq!(lab.answers.get(&id), None);
    assert_eq!(lab.coordinator.views(1, &crate::metadata::MetadataImage::default())[0].state, "CompletingRebalance");
    lab.finish_appends(Ok(()));
    assert!(lab.answers.contains_key(&id));
    assert_eq!(lab.coordinator.views(1, &crate::metadata::MetadataImage::default())[0].state, "Stable");
}

pub(super) fn two_members() -> (Lab, String, String) {
    let (mut lab, leader) = stable();
    let other = joined(Some(lab.ask(join("", None)))).member_id;
    lab.send(join(&other, None));
    lab.send(join(&leader, None));
    lab.ask(sync(&leader, 2, &[(&leader, 0), (&other, 1)]));
    lab.ask(sync(&other, 2, &[]));
    assert_eq!(lab.coordinator.views(1, &crate::metadata::MetadataImage::default())[0].state, "Stable");
    (lab, leader, other)
}

/// What a member is told that still speaks of the generation before.
pub(super) fn heartbeat_of_an_old_generation() -> ErrorCode {
    let (mut lab, member) = stable();
    match lab.ask(heartbeat(&member, 0)) {
        Response::Heartbeat(answer) => answer.error_code,
        other => panic!("{other:?}"),
    }
}

/// Where an empty group stands while it waits for more members than its first.
pub(super) fn state_after_the_first_join() -> String {
    let mut lab = Lab::new();
    let member = joined(Some(lab.ask(join("", None)))).member_id;
    lab.send(join(&member, None));
    lab.coordinator.views(1, &crate::metadata::MetadataImage::default())[0].state.clone()
}

pub(super) fn state_after_a_member_leaves() -> String {
    let (mut lab, _, other) = two_members();
    let members = vec![MemberIdentity { member_id: other, ..MemberIdentity::default() }];
    lab.ask(Request::LeaveGroup(LeaveGroupRequest { group_id: "g".into(), members, ..Default::default() }));
    lab.coordinator.views(1, &crate::metadata::MetadataImage::default())[0].state.clone()
}

pub(super) fn state_after_a_session_ends() -> String {
    let (mut lab, leader, _) = two_members();
    lab.wait(4_000);
    lab.ask(heartbeat(&leader, 2));
    lab.wait(3_000);
    lab.coordinator.views(1, &crate::metadata::MetadataImage::default())[0].state.clone()
}

/// Whether a static member that comes back under another id starts a rebalance.
pub(super) fn static_member_rebalances() -> bool {
    let mut lab = Lab::new();
    let id = lab.send(join("", Some("i1")));
    let first = joined(lab.answer_within(id, 3_000));
    lab.ask(sync(&first.member_id, 1, &[(&first.member_id, 0)]));
    let again = joined(Some(lab.ask(join("", Some("i1")))));
    assert_ne!(first.member_id, again.member_id);
    assert_eq!((again.leader.as_str(), again.skip_assignment), (again.member_id.as_str(), true));
    let fenced = Request::Heartbeat(HeartbeatRequest {
        group_id: "g".into(),
        generation_id: 1,
        member_id: first.member_id,
        group_instance_id: Some("i1".into()),
    });
    assert!(matches!(lab.ask(fenced), Response::Heartbeat(answer) if answer.error_code == ErrorCode::FencedInstanceId));
    // It sees its old assignment when it syncs.
    let Response::SyncGroup(synced) = lab.ask(sync(&again.member_id, 1, &[])) else { panic!("no sync") };
    assert_eq!(synced.assignment, encode_assignment(&[TopicPartition::new("t", 0)]));
    again.generation_id != 1
}

/// Two members, two votes: `sticky` stands before `range` in a `HashMap`, whoever came first.
#[test]
fn of_protocols_with_as_many_votes_the_one_that_a_hash_map_gives_first_is_chosen() {
    for preferences in [[["range", "sticky"], ["sticky", "range"]], [["sticky", "range"], ["range", "sticky"]]] {
        let mut lab = Lab::new();
        let mut ids = Vec::new();
        for names in preferences {
            let with_protocols = |member_id: &str| match join(member_id, None) {
                Request::JoinGroup(mut request) => {
                    let metadata = request.protocols.remove(0).metadata;
                    let protocol = |name: &str| JoinGroupProtocol { name: name.into(), metadata: metadata.clone() };
                    request.protocols = names.into_iter().map(protocol).collect();
                    Request::JoinGroup(request)
                }
                other => other,
            };
            let member = joined(Some(lab.ask(with_protocols("")))).member_id;
            ids.push(lab.send(with_protocols(&member)));
        }
        for id in ids {
            let answer = joined(lab.answer_within(id, 10_000));
            assert_eq!((answer.error_code, answer.protocol_name.as_deref()), (ErrorCode::None, Some("sticky")));
        }
    }
}

/// Kafka throws an `IllegalStateException` here; the id it gave goes on waiting.
#[test]
fn who_waits_with_an_id_of_its_own_is_no_static_member() {
    let mut lab = Lab::new();
    let member = joined(Some(lab.ask(join("", None)))).member_id;
    let refused = joined(Some(lab.ask(join(&member, Some("i1")))));
    assert_eq!((refused.error_code, refused.member_id.as_str()), (ErrorCode::UnknownServerError, ""));
    let id = lab.send(join(&member, None));
    assert_eq!(joined(lab.answer_within(id, 3_000)).error_code, ErrorCode::None);
}

#[test]
fn a_groups_records_and_changes() {
    let (mut lab, member) = stable();
    lab.ask(commit(&member, 1, 7));
    let members = vec![MemberIdentity { member_id: member.clone(), ..MemberIdentity::default() }];
    lab.ask(Request::LeaveGroup(LeaveGroupRequest { group_id: "g".into(), members, ..Default::default() }));
    let mut text = String::new();
    for change in &lab.changes {
        writeln!(text, "{change}").expect("text");
    }
    for record in lab.log[&partition_for("g", 50)].iter().flat_map(|batch| &batch.records) {
        let record = group_records::to_readable(record);
        let bytes = |bytes: &Option<_>| bytes.as_ref().map_or("null".to_owned(), ToString::to_string);
        writeln!(text, "{} = {}", bytes(&record.key), bytes(&record.value)).expect("text");
    }
    let text = text.replace(&member, "<member>");
    expect![[r#"
        {"change":"group-state-changed","group":"g","from":"Empty","to":"PreparingRebalance","generation":0}
        {"change":"group-state-changed","group":"g","from":"PreparingRebalance","to":"CompletingRebalance","generation":1}
        {"change":"group-state-changed","group":"g","from":"CompletingRebalance","to":"Stable","generation":1}
        {"change":"offset-committed","group":"g","partition":{"topic":"t","partition":0},"from":-1,"to":7}
        {"change":"member-left","group":"g","member":"<member>","expired":false}
        {"change":"group-state-changed","group":"g","from":"Stable","to":"PreparingRebalance","generation":1}
        {"change":"group-state-changed","group":"g","from":"PreparingRebalance","to":"Empty","generation":2}
        {"type":"2","data":{"group":"g"}} = {"version":"3","data":{"protocolType":"","generation":0,"protocol":null,"leader":null,"currentStateTimestamp":0,"members":[]}}
        {"type":"2","data":{"group":"g"}} = {"version":"3","data":{"protocolType":"consumer","generation":1,"protocol":"range","leader":"<member>","currentStateTimestamp":3000,"members":[{"memberId":"<member>","groupInstanceId":null,"clientId":"probe","clientHost":"/127.0.0.1","rebalanceTimeout":60000,"sessionTimeout":6000,"subscription":{"topics":["t"],"userData":null,"ownedPartitions":[],"generationId":-1,"rackId":null},"assignment":"AAMAAAABAAF0AAAAAQAAAAD/////"}]}}
        {"type":"1","data":{"group":"g","topic":"t","partition":0}} = {"version":"4","data":{"offset":7,"leaderEpoch":-1,"metadata":"","commitTimestamp":3000}}
        {"type":"2","data":{"group":"g"}} = {"version":"3","data":{"protocolType":"consumer","generation":2,"protocol":null,"leader":null,"currentStateTimestamp":3000,"members":[]}}
    "#]].assert_eq(&text);
}

#[test]
fn a_commit_counts_when_it_is_replicated_and_not_before() {
    let (mut lab, member) = stable();
    lab.log_is_slow = true;
    let id = lab.send(commit(&member, 1, 5));
    assert_eq!((committed(&mut lab), lab.answers.get(&id)), (-1, None));
    assert_eq!(fetched(&mut lab, true), 5, "who wants stable offsets is answered when they are committed");
    lab.finish_appends(Ok(()));
    assert_eq!(commit_error(lab.answers[&id].as_ref().expect("an answer")), ErrorCode::None);
    assert_eq!(committed(&mut lab), 5);

    let id = lab.send(commit(&member, 1, 6));
    lab.finish_appends(Err(ErrorCode::NotEnoughReplicas));
    assert_eq!(commit_error(lab.answers[&id].as_ref().expect("an answer")), ErrorCode::CoordinatorNotAvailable);
    assert_eq!(committed(&mut lab), 5);

    let id = lab.send(commit(&member, 1, 7));
    let late = lab.unanswered.clone();
    lab.finish_appends(Err(ErrorCode::RequestTimedOut));
    assert_eq!(commit_error(lab.answers[&id].as_ref().expect("an answer")), ErrorCode::CoordinatorNotAvailable);
    assert_eq!(committed(&mut lab), 5);
    // It was in the log all the same, and counts when it is replicated after all.
    lab.unanswered = late;
    lab.finish_appends(Ok(()));
    assert_eq!(committed(&mut lab), 7);
}

#[test]
fn an_assignment_that_cannot_be_written_starts_the_rebalance_anew() {
    let mut lab = Lab::new();
    let member = joined(Some(lab.ask(join("", None)))).member_id;
    lab.send(join(&member, None));
    lab.wait(3_000);
    lab.log_is_slow = true;
    let id = lab.send(sync(&member, 1, &[(&member, 0)]));
    lab.finish_appends(Err(ErrorCode::NotLeaderOrFollower));
    let answer = lab.answers[&id].clone();
    assert!(matches!(answer, Some(Response::SyncGroup(answer)) if answer.error_code == ErrorCode::NotCoordinator));
    assert_eq!(lab.coordinator.views(1, &crate::metadata::MetadataImage::default())[0].state, "PreparingRebalance");
}

#[test]
fn the_group_moves_with_its_partition() {
    let (mut lab, member) = stable();
    lab.ask(commit(&member, 1, 7));
    lab.log_is_slow = true;
    let waiting = lab.send(commit(&member, 1, 8));
    let partition = partition_for("g", 50);
    let mut fx = Effects::default();
    lab.coordinator.unload(partition, Some(1), lab.now, &mut fx);
    lab.apply_effects(fx, Vec::new());
    assert_eq!(commit_error(lab.answers[&waiting].as_ref().expect("an answer")), ErrorCode::NotCoordinator);
    assert_eq!(lab.timers.len(), 0);
    assert_eq!(commit_error(&lab.ask(commit(&member, 1, 9))), ErrorCode::NotCoordinator);

    // Another broker: only what was replicated is in its log.
    let mut log = lab.log[&partition].clone();
    log.pop();
    let mut other = Lab::new();
    other.coordinator = GroupCoordinator::new(2, Random::for_purpose(2, Purpose::Identity));
    let mut fx = Effects::default();
    let known = KnownCluster {
        node: 1,
        partitions: other.settings.offsets_topic_num_partitions,
        settings: &other.settings,
        image: &other.image,
    };
    other.coordinator.load(partition, 1, log.into_iter(), &known, 50_000, &mut fx);
    other.now = 50_000;
    other.apply_effects(fx, Vec::new());
    assert_eq!(committed(&mut other), 7);
    let view = &other.coordinator.views(2, &crate::metadata::MetadataImage::default())[0];
    assert_eq!((view.state.as_str(), view.generation, view.coordinator), ("Stable", 1, 2));
    let response = other.ask(heartbeat(&member, 1));
    assert!(matches!(response, Response::Heartbeat(response) if response.error_code.is_none()));
    // A silent member expires there as anywhere.
    other.wait(6_000);
    assert_eq!(other.coordinator.views(2, &crate::metadata::MetadataImage::default())[0].state, "Empty");
}

#[test]
fn what_is_refused_before_the_group_is_looked_at() {
    let (mut lab, _) = stable();
    let error = |response: Response| match response {
        Response::JoinGroup(answer) => answer.error_code,
        Response::Heartbeat(answer) => answer.error_code,
        other => panic!("{other:?}"),
    };
    let with = |change: &dyn Fn(&mut JoinGroupRequest)| {
        let Request::JoinGroup(mut request) = join("", None) else { panic!("no join") };
        change(&mut request);
        Request::JoinGroup(request)
    };
    assert_eq!(error(lab.ask(with(&|join| join.group_id.clear()))), ErrorCode::InvalidGroupId);
    assert_eq!(error(lab.ask(with(&|join| join.session_timeout_ms = 5_999))), ErrorCode::InvalidSessionTimeout);
    assert_eq!(error(lab.ask(with(&|join| join.session_timeout_ms = -1))), ErrorCode::InvalidSessionTimeout);
    assert_eq!(
        error(lab.ask(with(&|join| join.protocol_type = "connect".into()))),
        ErrorCode::InconsistentGroupProtocol
    );
    assert_eq!(error(lab.ask(with(&|join| join.protocols.clear()))), ErrorCode::InconsistentGroupProtocol);
    let elsewhere = with(&|join| {
        join.group_id = "nobody".into();
        join.member_id = "me".into();
    });
    assert_eq!(error(lab.ask(elsewhere)), ErrorCode::UnknownMemberId);
}

#[test]
fn a_group_that_comes_again_before_its_tombstone_is_replicated_keeps_its_timers() {
    let (mut lab, member) = stable();
    let members = vec![MemberIdentity { member_id: member, ..MemberIdentity::default() }];
    lab.ask(Request::LeaveGroup(LeaveGroupRequest { group_id: "g".into(), members, ..LeaveGroupRequest::default() }));
    lab.log_is_slow = true;
    // Nobody is in it and it has committed nothing: it goes.
    let expiration = BrokerTimer::OffsetsExpiration(partition_for("g", lab.settings.offsets_topic_num_partitions));
    lab.timers.insert(expiration, lab.now);
    lab.fire_one_by(lab.now);
    assert_eq!((lab.unanswered.len(), lab.coordinator.groups().count()), (1, 0));
    let again = joined(Some(lab.ask(join("", None)))).member_id;
    let id = lab.send(join(&again, None));
    lab.finish_appends(Ok(()));
    let answer = joined(lab.answer_within(id, 3_000));
    assert_eq!((answer.error_code, answer.generation_id), (ErrorCode::None, 1));
}

#[test]
fn a_group_that_no_record_was_written_of_is_seen_with_the_next_one() {
    let mut lab = Lab::new();
    let mut too_long = match commit("", -1, 4) {
        Request::OffsetCommit(request) => request,
        other => panic!("{other:?}"),
    };
    too_long.topics[0].partitions[0].committed_metadata = Some("m".repeat(5_000));
    let Response::OffsetCommit(answer) = lab.ask(Request::OffsetCommit(too_long)) else { panic!("another answer") };
    assert_eq!(answer.topics[0].partitions[0].error_code, ErrorCode::OffsetMetadataTooLarge);
    let listed = |lab: &mut Lab| match lab.ask(Request::ListGroups(ListGroupsRequest::default())) {
        Response::ListGroups(answer) => answer.groups.len(),
        other => panic!("{other:?}"),
    };
    let described = |lab: &mut Lab| {
        let request = DescribeGroupsRequest { groups: vec!["g".into()], ..DescribeGroupsRequest::default() };
        match lab.ask(Request::DescribeGroups(request)) {
            Response::DescribeGroups(answer) => answer.groups[0].group_state.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((listed(&mut lab), described(&mut lab).as_str()), (0, "Dead"));
    lab.ask(commit("", -1, 5));
    assert_eq!((listed(&mut lab), described(&mut lab).as_str()), (1, "Empty"));
}

#[test]
fn what_only_reads_sees_what_is_committed() {
    let states = |lab: &mut Lab| match lab.ask(Request::ListGroups(ListGroupsRequest::default())) {
        Response::ListGroups(answer) => answer
            .groups
            .into_iter()
            .map(|group| format!("{} {}", group.group_id, group.group_state))
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let mut lab = Lab::new();
    lab.log_is_slow = true;
    lab.send(commit("", -1, 5));
    assert_eq!(states(&mut lab), [""; 0], "no record has made it yet");
    let late = lab.unanswered.clone();
    lab.finish_appends(Err(ErrorCode::RequestTimedOut));
    assert_eq!(states(&mut lab), [""; 0], "nor has one that is late");
    lab.unanswered = late;
    lab.finish_appends(Ok(()));
    assert_eq!(states(&mut lab), ["g Empty"]);

    lab.send(Request::DeleteGroups(DeleteGroupsRequest { groups_names: vec!["g".into()] }));
    assert_eq!((states(&mut lab), committed(&mut lab)), (vec!["g Empty".to_owned()], 5), "it goes with its tombstone");
    let late = lab.unanswered.clone();
    lab.finish_appends(Err(ErrorCode::RequestTimedOut));
    assert_eq!((states(&mut lab), committed(&mut lab)), (vec!["g Empty".to_owned()], 5));
    lab.unanswered = late;
    lab.finish_appends(Ok(()));
    assert_eq!((states(&mut lab), committed(&mut lab)), (Vec::new(), -1));
}
