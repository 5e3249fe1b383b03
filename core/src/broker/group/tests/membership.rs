//! What members of classic groups are told where requests come at odd times.

use super::Lab;
use super::coordinator::{heartbeat, join, joined, stable, sync};
use crate::broker::group::records::{self, GroupRecord};
use crate::broker::group::state::partition_for;
use crate::broker::group::{Group, GroupCoordinator, KnownCluster};
use crate::effects::Effects;
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

/// A stable group of the static member `i1`, which leads it, and of `i2`, which has not synced.
fn half_synced() -> (Lab, String, String) {
    let mut lab = Lab::new();
    let waiting = ["i1", "i2"].map(|instance| lab.send(join("", Some(instance))));
    lab.wait(9_000);
    let [first, second] = waiting.map(|id| joined(lab.answers[&id].clone()));
    let (leader, follower) = if first.leader == first.member_id { (first, second) } else { (second, first) };
    lab.ask(sync(&leader.member_id, 1, &[(&leader.member_id, 0)]));
    (lab, leader.member_id, follower.member_id)
}

fn state(lab: &Lab) -> String {
    lab.coordinator.views(1, &crate::metadata::MetadataImage::default())[0].state.clone()
}

/// Keeps members alive that long, and tells how the group is then.
fn beat_on(lab: &mut Lab, members: &[&str], ms: u64) -> String {
    for _ in 0..ms / 1_000 {
        lab.wait(1_000);
        for member in members {
            lab.ask(heartbeat(member, 1));
        }
    }
    state(lab)
}

#[test]
fn who_has_not_synced_is_waited_for_under_the_id_that_it_had_then() {
    let (mut lab, leader, follower) = half_synced();
    let again = ["i1", "i2"].map(|instance| static_of(&lab, instance) == follower);
    let instance = if again[0] { "i1" } else { "i2" };
    let new = joined(Some(lab.ask(join("", Some(instance))))).member_id;
    assert_eq!(synced(&lab.ask(sync(&new, 1, &[]))), ErrorCode::None);
    assert_eq!(beat_on(&mut lab, &[&leader, &new], 50_000), "Stable");
    assert_eq!(beat_on(&mut lab, &[&leader, &new], 11_000), "PreparingRebalance");
}

/// Whose a name is.
fn static_of(lab: &Lab, instance: &str) -> String {
    let group = lab.coordinator.groups().next().and_then(Group::as_classic).expect("a classic group");
    group.static_member(instance).expect("a static member").to_owned()
}

#[test]
fn a_static_member_whose_return_cannot_be_written_has_its_old_id_again() {
    let mut lab = Lab::new();
    let id = lab.send(join("", Some("i1")));
    let first = joined(lab.answer_within(id, 3_000)).member_id;
    lab.ask(sync(&first, 1, &[(&first, 0)]));
    lab.log_is_slow = true;
    let id = lab.send(join("", Some("i1")));
    lab.finish_appends(Err(ErrorCode::NotEnoughReplicas));
    let refused = joined(lab.answers[&id].clone());
    assert_eq!((refused.error_code, refused.generation_id), (ErrorCode::CoordinatorNotAvailable, 1));
    assert_eq!((refused.member_id.as_str(), &refused.leader, refused.members.len()), ("", &first, 0));
    assert_eq!((static_of(&lab, "i1"), beat_on(&mut lab, &[&first], 9_000).as_str()), (first, "Stable"));
}

/// What the records of a group say of when it came into its state.
#[test]
fn a_record_says_since_when_its_group_is_as_it_is() {
    let mut lab = Lab::new();
    let id = lab.send(join("", Some("i1")));
    let first = joined(lab.answer_within(id, 3_000)).member_id;
    lab.wait(1_000);
    lab.ask(sync(&first, 1, &[(&first, 0)]));
    lab.wait(1_000);
    lab.ask(join("", Some("i1")));
    let records = lab.log.values().flatten().flat_map(|batch| batch.records.iter().filter_map(records::read));
    let since = records.filter_map(|record| match record {
        GroupRecord::GroupMetadata { value, .. } => value.map(|value| value.current_state_timestamp),
        GroupRecord::OffsetCommit { .. } | GroupRecord::ConsumerGroup { .. } => None,
    });
    // It is founded; the leader's sync finds it where the join phase ended; a static member comes back to one that is stable.
    assert_eq!(since.collect::<Vec<_>>(), [0, 3_000, 4_000]);
}

#[test]
fn a_group_that_is_too_large_by_now_begins_to_rebalance_when_it_is_loaded() {
    let (lab, ..) = half_synced();
    let log = lab.log.values().next().expect("records").clone();
    let loaded = |max_size: u32| {
        let mut other = elsewhere();
        other.settings.group_max_size = max_size;
        let known = KnownCluster { node: 1, partitions: 50, settings: &other.settings, image: &other.image };
        let mut fx = Effects::default();
        other.coordinator.load(partition_for("g", 50), 1, log.clone().into_iter(), &known, 50_000, &mut fx);
        state(&other)
    };
    assert_eq!([loaded(2), loaded(1)], ["Stable", "PreparingRebalance"]);
}
