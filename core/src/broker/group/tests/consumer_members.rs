//! Members of consumer groups in cases that few clients meet.

use super::Lab;
use super::consumer::{ask, heartbeat, lab};
use crate::broker::group::Group;
use crate::wire::consumer_group::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};
use crate::wire::{ErrorCode, Request};

fn beat(
    lab: &mut Lab,
    member: &str,
    epoch: i32,
    change: impl FnOnce(&mut ConsumerGroupHeartbeatRequest),
) -> ConsumerGroupHeartbeatResponse {
    let Request::ConsumerGroupHeartbeat(mut request) = heartbeat(member, epoch, None, None) else { panic!("no beat") };
    change(&mut request);
    ask(lab, Request::ConsumerGroupHeartbeat(request))
}

/// Two regular expressions that no topic matches: the member had nothing and is given nothing.
#[test]
fn who_wants_nothing_any_more_takes_a_step_in_its_epoch() {
    let mut lab = lab();
    let subscribing = |regex: &'static str| {
        move |request: &mut ConsumerGroupHeartbeatRequest| request.subscribed_topic_regex = Some(regex.to_owned())
    };
    assert_eq!(beat(&mut lab, "m1", 0, subscribing("foo.*")).member_epoch, 1);
    assert_eq!(beat(&mut lab, "m1", 1, subscribing("bar.*")).member_epoch, 1);
    let Some(Group::Consumer(group)) = lab.coordinator.groups().next() else { panic!("no consumer group") };
    assert_eq!((group.members["m1"].epoch, group.members["m1"].previous_epoch), (1, 1));
}
