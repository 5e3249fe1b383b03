//! What members of classic groups are told where requests come at odd times.

use super::Lab;
use crate::broker::group::GroupCoordinator;
use super::coordinator::{join, joined, sync};
use crate::sim::random::{Purpose, Random};
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
