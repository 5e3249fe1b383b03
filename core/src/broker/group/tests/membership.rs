//! What members of classic groups are told where requests come at odd times.

use super::Lab;
use super::coordinator::{join, joined, stable, sync};
use crate::broker::group::GroupCoordinator;
use crate::sim::random::{Purpose, Random};
use crate::wire::group::{LeaveGroupRequest, MemberIdentity};
use crate::wire::{ErrorCode, Request, Response};

fn synced(response: &Response) -> ErrorCode {
    match response {
        Response::SyncGroup(answer) => answer.error_code,
        other => panic!("{other:?}"),
    }
}

/// The first join of a group waits: its group has no protocol to differ from.
#[test]
fn who_syncs_before_there_is_a_protocol_is_told_of_the_rebalance() {
    let mut lab = Lab::new();
    let member = joined(Some(lab.ask(join("", None)))).member_id;
    lab.send(join(&member, None));
    assert_eq!(synced(&lab.ask(sync(&member, 0, &[]))), ErrorCode::RebalanceInProgress);
    let Request::SyncGroup(mut of_another_type) = sync(&member, 0, &[]) else { panic!("no sync") };
    of_another_type.protocol_type = Some("connect".into());
    assert_eq!(synced(&lab.ask(Request::SyncGroup(of_another_type))), ErrorCode::InconsistentGroupProtocol);
}

/// A lab whose broker coordinates nothing.
fn elsewhere() -> Lab {
    let mut lab = Lab::new();
    lab.coordinator = GroupCoordinator::new(2, Random::for_purpose(2, Purpose::Identity));
    lab
}

#[test]
fn who_joins_elsewhere_is_told_without_its_id() {
    let answer = joined(Some(elsewhere().ask(join("me", None))));
    assert_eq!((answer.error_code, answer.member_id.as_str()), (ErrorCode::NotCoordinator, ""));
}

#[test]
fn the_session_timeout_of_a_join_is_looked_at_before_its_coordinator() {
    let Request::JoinGroup(mut request) = join("me", None) else { panic!("no join") };
    request.session_timeout_ms = 1;
    let answer = joined(Some(elsewhere().ask(Request::JoinGroup(request))));
    assert_eq!((answer.error_code, answer.member_id.as_str()), (ErrorCode::InvalidSessionTimeout, "me"));
}

#[test]
fn a_static_leader_that_comes_back_in_an_old_version_is_told_of_its_old_self() {
    let mut lab = Lab::new();
    let id = lab.send_in(7, join("", Some("i1")));
    let first = joined(lab.answer_within(id, 3_000));
    lab.ask(sync(&first.member_id, 1, &[(&first.member_id, 0)]));
    let again = joined(Some(lab.ask_in(8, join("", Some("i1")))));
    assert_eq!((again.error_code, again.generation_id), (ErrorCode::None, 1));
    assert_ne!(again.member_id, first.member_id);
    assert_eq!((again.leader, again.members.len(), again.skip_assignment), (first.member_id, 0, false));
    // From version 9 on it is told that it leads, and that there is nothing to do.
    let newest = joined(Some(lab.ask_in(9, join("", Some("i1")))));
    assert_eq!((newest.leader, newest.members.len(), newest.skip_assignment), (newest.member_id, 1, true));
}

fn leave(member_id: &str) -> Request {
    let members = vec![MemberIdentity { member_id: member_id.into(), ..MemberIdentity::default() }];
    Request::LeaveGroup(LeaveGroupRequest { group_id: "g".into(), members, ..LeaveGroupRequest::default() })
}

/// Kafka completes only its join (`GroupMetadataManager.removeCurrentMemberFromClassicGroup`).
#[test]
fn the_sync_of_a_member_that_leaves_is_never_answered() {
    let (mut lab, leader) = stable();
    let other = joined(Some(lab.ask(join("", None)))).member_id;
    lab.send(join(&other, None));
    lab.send(join(&leader, None));
    let waiting = lab.send(sync(&other, 2, &[]));
    lab.ask(leave(&other));
    let again = lab.send(join(&leader, None));
    let generation = joined(lab.answer_within(again, 60_000)).generation_id;
    lab.ask(sync(&leader, generation, &[(&leader, 0)]));
    assert_eq!((generation, lab.answers.get(&waiting)), (3, None));
}

#[test]
fn an_id_that_expires_ends_the_delay_of_a_new_group() {
    let mut lab = Lab::new();
    lab.settings.group_min_session_timeout_ms = 1_000;
    let Request::JoinGroup(mut never_used) = join("", None) else { panic!("no join") };
    never_used.session_timeout_ms = 3_000;
    lab.ask(Request::JoinGroup(never_used));
    lab.wait(1_500);
    let id = lab.send_in(3, join("", None));
    // Its delay would last until 4.5 s.
    let answer = joined(lab.answer_within(id, 1_500));
    assert_eq!((answer.error_code, answer.generation_id, lab.now), (ErrorCode::None, 1, 3_000));
}

#[test]
fn an_id_that_leaves_does_not_end_the_delay_of_a_new_group() {
    let mut lab = Lab::new();
    let never_used = joined(Some(lab.ask(join("", None)))).member_id;
    let id = lab.send_in(3, join("", None));
    lab.ask(leave(&never_used));
    assert_eq!(lab.answer_within(id, 2_999), None);
    assert_eq!(joined(lab.answer_within(id, 1)).generation_id, 1);
}
