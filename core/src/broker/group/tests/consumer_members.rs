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

#[test]
fn a_name_that_a_member_has_given_up_for_another_stays_its_own() {
    let mut lab = lab();
    let named = |name: &'static str| {
        move |request: &mut ConsumerGroupHeartbeatRequest| {
            request.instance_id = Some(name.to_owned());
            request.subscribed_topic_names = (request.member_epoch == 0).then(|| vec!["a".into()]);
        }
    };
    assert_eq!(beat(&mut lab, "m1", 0, named("i1")).error_code, ErrorCode::None);
    assert_eq!(beat(&mut lab, "m1", 0, named("i2")).error_code, ErrorCode::None);
    let refused = beat(&mut lab, "m2", 0, named("i1"));
    let message =
        "Static member m2 with instance id i1 cannot join the group because the instance id is owned by m1 member.";
    assert_eq!(
        (refused.error_code, refused.error_message.as_deref()),
        (ErrorCode::UnreleasedInstanceId, Some(message))
    );
    assert_eq!(beat(&mut lab, "m1", -1, named("i2")).error_code, ErrorCode::None);
    let refused = beat(&mut lab, "m2", 0, named("i1"));
    let message = "Member m1 is not a member of group g.";
    assert_eq!((refused.error_code, refused.error_message.as_deref()), (ErrorCode::UnknownMemberId, Some(message)));
    assert_eq!(beat(&mut lab, "m2", 0, named("i2")).error_code, ErrorCode::None);
}
