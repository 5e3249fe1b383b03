//! Members of consumer groups in cases that few clients meet.

use std::rc::Rc;

use super::Lab;
use super::consumer::{ask, heartbeat, lab};
use crate::broker::group::Group;
use crate::metadata::image::TopicImage;
use crate::wire::consumer_group::{
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    ConsumerGroupTopicPartitions,
};
use crate::wire::{ErrorCode, Request, Response, Uuid};

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

#[test]
fn who_brings_no_id_gets_one_as_topics_have_them() {
    let mut lab = lab();
    let Request::ConsumerGroupHeartbeat(request) = heartbeat("", 0, Some(&["a"]), None) else { panic!("no beat") };
    let id = lab.send_in(0, Request::ConsumerGroupHeartbeat(request));
    let Some(Response::ConsumerGroupHeartbeat(answer)) = lab.answer_within(id, 0) else { panic!("no answer") };
    let given = answer.member_id.expect("an id");
    assert!(Uuid::parse(&given).is_some() && !given.starts_with('-'), "{given}");
}

/// Of twenty partitions two members have ten each; a table of sixteen buckets begins with the sixteenth.
#[test]
fn partitions_are_described_in_the_order_of_a_hash_table() {
    let mut lab = lab();
    let topic = lab.image.topics.values().find(|topic| &*topic.name == "a").expect("a topic").clone();
    let partition = topic.partitions.values().next().expect("a partition").clone();
    let partitions = (0..20).map(|index| (index, partition.clone())).collect();
    let id = lab.image.topic_ids["a"];
    lab.image.topics.insert(id, Rc::new(TopicImage { name: "a".into(), partitions }));
    let subscribing = |assignor: &'static str| {
        move |request: &mut ConsumerGroupHeartbeatRequest| {
            request.subscribed_topic_names = Some(vec!["a".into()]);
            request.server_assignor = Some(assignor.to_owned());
        }
    };
    beat(&mut lab, "m1", 0, subscribing("range"));
    let epoch = beat(&mut lab, "m2", 0, subscribing("range")).member_epoch;
    let held = (0..10).collect();
    let owned = vec![ConsumerGroupTopicPartitions { topic_id: id, partitions: held }];
    let given_up = beat(&mut lab, "m1", 2, |request| request.topic_partitions = Some(owned.clone())).member_epoch;
    beat(&mut lab, "m1", given_up, |request| request.topic_partitions = Some(owned));
    beat(&mut lab, "m2", epoch, |_| {});
    let request = ConsumerGroupDescribeRequest { group_ids: vec!["g".into()], ..Default::default() };
    let Response::ConsumerGroupDescribe(answer) = lab.ask(Request::ConsumerGroupDescribe(request)) else {
        panic!("no description")
    };
    let member = answer.groups[0].members.iter().find(|member| member.member_id == "m2").expect("a member");
    let listed = [&member.assignment, &member.target_assignment].map(|each| &each.topic_partitions[0].partitions);
    assert_eq!(listed, [&[16, 17, 18, 19, 10, 11, 12, 13, 14, 15]; 2]);
}
