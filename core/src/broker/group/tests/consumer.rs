//! Groups of the consumer protocol: whatever is asked in whatever order, nobody holds what another holds; another coordinator knows
//! as much; what cannot be written is taken back; protocols change and change back.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use proptest::prelude::*;

use super::Lab;
use crate::broker::group::state::partition_for;
use crate::broker::group::{Group, GroupCoordinator, KnownCluster};
use crate::effects::Effects;
use crate::metadata::image::{PartitionImage, TopicImage};
use crate::sim::random::{Purpose, Random};
use crate::wire::consumer_group::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ConsumerGroupTopicPartitions,
};
use crate::wire::consumer_protocol::{ConsumerSubscription, decode_assignment, encode_assignment};
use crate::wire::group::{
    JoinGroupProtocol, JoinGroupRequest, JoinGroupResponse, OffsetFetchRequest, OffsetFetchRequestGroup,
    SyncGroupRequest, SyncGroupRequestAssignment,
};
use crate::wire::records::Record;
use crate::wire::{ErrorCode, Request, Response, Topic, TopicPartition, Uuid};

/// A lab whose cluster has the topics `a` and `b`, with four and three partitions.
pub(super) fn lab() -> Lab {
    let mut lab = Lab::new();
    lab.settings.group_consumer_assignment_interval_ms = 0;
    lab.settings.group_initial_rebalance_delay_ms = 0;
    for (number, (name, partitions)) in [("a", 4), ("b", 3)].into_iter().enumerate() {
        let (id, name) = (Uuid(100 + number as u128), Topic::from(name));
        let partition = PartitionImage {
            replicas: vec![1],
            isr: vec![1],
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            elr: Vec::new(),
            last_known_elr: Vec::new(),
            leader: 1,
            leader_recovery_state: 0,
            leader_epoch: 0,
            partition_epoch: 0,
            directories: Vec::new(),
        };
        let partition = Rc::new(partition);
        let topic = TopicImage {
            name: name.clone(),
            partitions: (0..partitions).map(|index| (index, partition.clone())).collect(),
        };
        lab.image.topics.insert(id, Rc::new(topic));
        lab.image.topic_ids.insert(name, id);
    }
    lab
}

pub(super) fn heartbeat(
    member: &str,
    epoch: i32,
    topics: Option<&[&str]>,
    owned: Option<Vec<ConsumerGroupTopicPartitions>>,
) -> Request {
    Request::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest {
        group_id: "g".into(),
        member_id: member.into(),
        member_epoch: epoch,
        rebalance_timeout_ms: if epoch == 0 { 5_000 } else { -1 },
        subscribed_topic_names: topics.map(|topics| topics.iter().map(|topic| Topic::from(*topic)).collect()),
        topic_partitions: if epoch == 0 { Some(Vec::new()) } else { owned },
        ..ConsumerGroupHeartbeatRequest::default()
    })
}

fn answered(response: Option<Response>) -> ConsumerGroupHeartbeatResponse {
    match response {
        Some(Response::ConsumerGroupHeartbeat(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

pub(super) fn ask(lab: &mut Lab, request: Request) -> ConsumerGroupHeartbeatResponse {
    answered(Some(lab.ask(request)))
}

/// What each member holds or has still to give up, as a client that believes every answer.
type Held = BTreeMap<String, (i32, Vec<ConsumerGroupTopicPartitions>)>;

/// Every member beats and does what it is told, until nothing changes any more.
fn settle(lab: &mut Lab, held: &mut Held) {
    for _ in 0..12 {
        for (member, (epoch, owned)) in held.iter_mut() {
            let answer = ask(lab, heartbeat(member, *epoch, None, Some(owned.clone())));
            assert_eq!(answer.error_code, ErrorCode::None, "{member}");
            *epoch = answer.member_epoch;
            if let Some(assignment) = answer.assignment {
                *owned = assignment.topic_partitions;
            }
        }
    }
}

fn join(lab: &mut Lab, held: &mut Held, member: &str, topics: &[&str]) {
    let answer = ask(lab, heartbeat(member, 0, Some(topics), None));
    assert_eq!(answer.error_code, ErrorCode::None);
    let owned = answer.assignment.map(|assignment| assignment.topic_partitions).unwrap_or_default();
    held.insert(member.to_owned(), (answer.member_epoch, owned));
}

fn sizes(held: &Held) -> Vec<usize> {
    held.values().map(|(_, owned)| owned.iter().map(|topic| topic.partitions.len()).sum()).collect()
}

#[test]
fn members_share_all_partitions_and_come_to_rest() {
    let (mut lab, mut held) = (lab(), Held::new());
    for member in ["m1", "m2", "m3"] {
        join(&mut lab, &mut held, member, &["a", "b"]);
    }
    settle(&mut lab, &mut held);
    let mut shares = sizes(&held);
    shares.sort_unstable();
    assert_eq!(shares, [2, 2, 3]);
    assert_eq!(lab.coordinator.views(1, &lab.image)[0].state, "Stable");
    // Who wants only one topic gets only that, and nothing is left over.
    join(&mut lab, &mut held, "m4", &["b"]);
    settle(&mut lab, &mut held);
    assert_eq!(sizes(&held).iter().sum::<usize>(), 7);
    assert!(held["m4"].1.iter().all(|topic| topic.topic_id == Uuid(101)));
}

#[test]
fn another_coordinator_knows_the_group_from_its_records() {
    let (mut lab, mut held) = (lab(), Held::new());
    join(&mut lab, &mut held, "m1", &["a", "b"]);
    join(&mut lab, &mut held, "m2", &["a"]);
    ask(&mut lab, heartbeat("m1", held["m1"].0, None, None));
    let partition = partition_for("g", lab.settings.offsets_topic_num_partitions);
    let mut other = GroupCoordinator::new(2, Random::for_purpose(2, Purpose::Identity));
    let log = lab.log[&partition].clone();
    let known = KnownCluster {
        node: 2,
        partitions: lab.settings.offsets_topic_num_partitions,
        settings: &lab.settings,
        image: &lab.image,
    };
    other.load(partition, 1, log.into_iter(), &known, lab.now, &mut Effects::default());
    let groups = |coordinator: &GroupCoordinator| coordinator.groups().cloned().collect::<Vec<Group>>();
    assert_eq!(groups(&other), groups(&lab.coordinator));
}

#[test]
fn what_cannot_be_written_is_taken_back() {
    let (mut lab, mut held) = (lab(), Held::new());
    join(&mut lab, &mut held, "m1", &["a"]);
    let before: Vec<Group> = lab.coordinator.groups().cloned().collect();
    lab.log_is_slow = true;
    let id = lab.send(heartbeat("m2", 0, Some(&["a"]), None));
    assert!(!lab.answers.contains_key(&id), "it is answered when its records are replicated");
    lab.finish_appends(Err(ErrorCode::NotEnoughReplicas));
    assert_eq!(answered(lab.answers[&id].clone()).error_code, ErrorCode::CoordinatorNotAvailable);
    assert_eq!(lab.coordinator.groups().cloned().collect::<Vec<Group>>(), before);
}

#[test]
fn an_epoch_without_a_member_is_an_error_of_the_server() {
    let mut lab = lab();
    join(&mut lab, &mut Held::new(), "m", &["a"]);
    let mut fetched = |member_id: Option<&str>, member_epoch| {
        let member_id = member_id.map(str::to_owned);
        let group = OffsetFetchRequestGroup { group_id: "g".into(), member_id, member_epoch, topics: None };
        let request = OffsetFetchRequest { groups: vec![group], ..OffsetFetchRequest::default() };
        match lab.ask(Request::OffsetFetch(request)) {
            Response::OffsetFetch(answer) => answer.groups[0].error_code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(fetched(None, -1), ErrorCode::None);
    assert_eq!(fetched(None, 2), ErrorCode::UnknownServerError);
    assert_eq!(fetched(Some(""), 2), ErrorCode::UnknownMemberId);
}

#[test]
fn a_full_group_takes_nobody_in() {
    let (mut lab, mut held) = (lab(), Held::new());
    lab.settings.group_consumer_max_size = 1;
    join(&mut lab, &mut held, "m1", &["a"]);
    let answer = ask(&mut lab, heartbeat("m2", 0, Some(&["a"]), None));
    assert_eq!(answer.error_code, ErrorCode::GroupMaxSizeReached);
    assert_eq!(ask(&mut lab, heartbeat("m1", held["m1"].0, None, None)).error_code, ErrorCode::None);
}

#[test]
fn topics_of_a_regular_expression_are_found_after_the_request() {
    let mut lab = lab();
    let with = |regex: &str, epoch: i32| {
        let Request::ConsumerGroupHeartbeat(request) = heartbeat("m1", epoch, None, None) else { unreachable!() };
        let subscribed_topic_regex = (epoch == 0).then(|| regex.to_owned());
        Request::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatRequest { subscribed_topic_regex, ..request })
    };
    assert_eq!(ask(&mut lab, with("(", 0)).error_code, ErrorCode::InvalidRegularExpression);
    let joined = ask(&mut lab, with("[ab]", 0));
    assert_eq!(joined.assignment.map(|assignment| assignment.topic_partitions.len()), Some(0));
    // Who it is and what it holds: a new group has a target already, of its first epoch and for nobody.
    let key_types = |lab: &Lab| -> Vec<i16> {
        let records = lab.log.values().flatten().flat_map(|batch| &batch.records);
        let key = |record: &Record| record.key.as_ref().and_then(|key| key.as_slice().first_chunk::<2>().copied());
        records.filter_map(key).map(i16::from_be_bytes).collect()
    };
    assert_eq!(key_types(&lab), [5, 8]);
    lab.wait(1);
    let beaten = ask(&mut lab, with("", joined.member_epoch));
    assert_eq!(beaten.assignment.map(|assignment| assignment.topic_partitions.len()), Some(2));
}

pub(super) fn classic_join(member: &str) -> Request {
    Request::JoinGroup(JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 6_000,
        rebalance_timeout_ms: 60_000,
        member_id: member.into(),
        protocols: vec![JoinGroupProtocol {
            name: "range".into(),
            metadata: ConsumerSubscription { topics: vec!["a".into()], ..Default::default() }.encode(),
        }],
        ..JoinGroupRequest::default()
    })
}

pub(super) fn joined(response: Response) -> JoinGroupResponse {
    match response {
        Response::JoinGroup(answer) => answer,
        other => panic!("{other:?}"),
    }
}

pub(super) fn sync(member: &str, generation_id: i32, assigned: &[TopicPartition]) -> Request {
    let assignment = encode_assignment(assigned);
    Request::SyncGroup(SyncGroupRequest {
        group_id: "g".into(),
        generation_id,
        member_id: member.into(),
        protocol_type: Some("consumer".into()),
        protocol_name: Some("range".into()),
        assignments: vec![SyncGroupRequestAssignment { member_id: member.into(), assignment }],
        ..SyncGroupRequest::default()
    })
}

#[test]
fn a_classic_group_is_upgraded_and_taken_back() {
    let mut lab = lab();
    let old = joined(lab.ask(classic_join(""))).member_id;
    let id = lab.send(classic_join(&old));
    lab.answer_within(id, 10).expect("it has joined");
    let all: Vec<TopicPartition> = (0..4).map(|each| TopicPartition::new("a", each)).collect();
    lab.ask(sync(&old, 1, &all));
    // A member of the consumer protocol joins: the group is one of that protocol now, and the classic member in it.
    let new = ask(&mut lab, heartbeat("m1", 0, Some(&["a"]), None));
    assert_eq!((new.error_code, new.member_epoch), (ErrorCode::None, 2));
    assert_eq!(lab.coordinator.views(1, &lab.image)[0].group_type, "consumer");
    // The classic member joins again, gives two up, and is told what is left.
    let again = joined(lab.ask(classic_join(&old)));
    let Response::SyncGroup(left) = lab.ask(sync(&old, again.generation_id, &[])) else { panic!("no sync") };
    assert_eq!(decode_assignment(&left.assignment).map(|partitions| partitions.len()), Some(2));
    let gained = ask(&mut lab, heartbeat("m1", new.member_epoch, None, None));
    assert_eq!(gained.assignment.map(|assignment| assignment.topic_partitions[0].partitions.len()), Some(2));
    // It leaves: only the classic member is left, and the group is a classic one again.
    ask(&mut lab, heartbeat("m1", -1, None, None));
    let view = &lab.coordinator.views(1, &lab.image)[0];
    assert_eq!((view.group_type.as_str(), view.state.as_str()), ("classic", "PreparingRebalance"));
    assert_eq!(view.members, [old]);
}

#[derive(Clone, Debug)]
enum Act {
    Join(u8, bool),
    Beat(u8, i32, u8),
    Leave(u8),
    Wait(u64),
    LogIsSlow(bool),
    Finish(bool),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0..4u8, any::<bool>()).prop_map(|(member, both)| Act::Join(member, both)),
        8 => (0..4u8, prop_oneof![8 => Just(0), 1 => -1..2i32], 0..3u8).prop_map(|(m, off, owns)| Act::Beat(m, off, owns)),
        1 => (0..4u8).prop_map(Act::Leave),
        2 => prop_oneof![0..10u64, 0..10_000u64].prop_map(Act::Wait),
        1 => any::<bool>().prop_map(Act::LogIsSlow),
        1 => any::<bool>().prop_map(Act::Finish),
    ]
}

/// Nobody holds, or has still to give up, what another one holds.
fn one_owner_each(lab: &Lab) {
    for view in lab.coordinator.views(1, &lab.image) {
        let mut owned = BTreeSet::new();
        for member in &view.assignments {
            for partition in member.assigned.iter().chain(&member.revoking) {
                assert!(owned.insert(partition.clone()), "{partition} has two owners: {view:?}");
            }
        }
        let targets: Vec<&TopicPartition> =
            view.assignments.iter().filter_map(|member| member.target.as_ref()).flatten().collect();
        let distinct: BTreeSet<&TopicPartition> = targets.iter().copied().collect();
        assert_eq!(targets.len(), distinct.len(), "a partition is in two targets: {view:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_partition_has_one_owner_and_epochs_rise(acts in prop::collection::vec(act(), 1..100)) {
        let mut lab = lab();
        let mut epoch = 0;
        for act in acts {
            let views = lab.coordinator.views(1, &lab.image);
            let known = |name: &str| {
                let members = views.iter().flat_map(|view| &view.assignments);
                members.clone().find(|member| member.member == name).cloned()
            };
            match act {
                Act::Join(member, both) => {
                    let topics: &[&str] = if both { &["a", "b"] } else { &["a"] };
                    lab.send(heartbeat(&format!("m{member}"), 0, Some(topics), None));
                }
                Act::Beat(member, off, owns) => {
                    let name = format!("m{member}");
                    let member = known(&name);
                    let at = member.as_ref().and_then(|member| member.epoch).unwrap_or(1) + off;
                    let assigned = member.map(|member| member.assigned).unwrap_or_default();
                    let owned = match owns {
                        0 => None,
                        1 => Some(Vec::new()),
                        _ => Some(by_topic(&assigned)),
                    };
                    lab.send(heartbeat(&name, at.max(1), None, owned));
                }
                Act::Leave(member) => {
                    lab.send(heartbeat(&format!("m{member}"), -1, None, None));
                }
                Act::Wait(ms) => lab.wait(ms),
                Act::LogIsSlow(is_slow) => lab.log_is_slow = is_slow,
                Act::Finish(is_written) => {
                    // Kafka's log refuses an append at once, before another is tried.
                    let fails = !is_written && lab.unanswered.len() == 1;
                    lab.finish_appends(if fails { Err(ErrorCode::NotEnoughReplicas) } else { Ok(()) });
                    if fails {
                        epoch = 0;
                    }
                }
            }
            one_owner_each(&lab);
            let now = lab.coordinator.views(1, &lab.image).first().map_or(0, |view| view.generation);
            prop_assert!(now >= epoch || now == 0, "the group epoch fell from {epoch} to {now}");
            epoch = now;
        }
    }
}

fn by_topic(partitions: &[TopicPartition]) -> Vec<ConsumerGroupTopicPartitions> {
    let mut topics: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        let id = if &*partition.topic == "a" { Uuid(100) } else { Uuid(101) };
        topics.entry(id).or_default().push(partition.partition);
    }
    let topics = topics.into_iter();
    topics.map(|(topic_id, partitions)| ConsumerGroupTopicPartitions { topic_id, partitions }).collect()
}
