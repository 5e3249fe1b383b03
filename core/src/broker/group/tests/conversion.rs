//! Groups that change their protocol, in cases that few clients meet.

use super::Lab;
use super::consumer::{ask, classic_join, heartbeat, joined, lab, sync};
use crate::wire::consumer_protocol::RawBytes;
use crate::wire::{ErrorCode, Request};

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
    let malformed = "Cannot upgrade classic group g to consumer group because the embedded consumer protocol is malformed.";
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
