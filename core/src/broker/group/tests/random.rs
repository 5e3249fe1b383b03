//! Whatever is asked in whatever order: nothing panics, generations only rise, nobody is answered twice.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::Lab;
use crate::broker::group::KnownCluster;
use crate::broker::group::state::partition_for;
use crate::effects::Effects;
use crate::wire::consumer_protocol::{ConsumerSubscription, encode_assignment};
use crate::wire::group::{
    HeartbeatRequest, JoinGroupProtocol, JoinGroupRequest, LeaveGroupRequest, MemberIdentity, OffsetCommitRequest,
    OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetFetchRequest, OffsetFetchRequestGroup,
    SyncGroupRequest, SyncGroupRequestAssignment,
};
use crate::wire::{ErrorCode, Request, Response, TopicPartition};

#[derive(Clone, Debug)]
enum Act {
    Join { group: u8, member: u8, instance: u8, protocols: u8, rebalance_ms: i32 },
    Sync { group: u8, member: u8, off: i32, with: u8 },
    Heartbeat { group: u8, member: u8, off: i32 },
    Leave { group: u8, member: u8, instance: u8 },
    Commit { group: u8, member: u8, off: i32, offset: i64 },
    Fetch { group: u8 },
    Wait(u64),
    LogIsSlow(bool),
    Finish(u8),
    Move { group: u8, epoch: i32 },
}

fn act() -> impl Strategy<Value = Act> {
    let off = prop_oneof![6 => Just(0), 1 => -2..2i32];
    prop_oneof![
        6 => (0..2u8, 0..6u8, 0..4u8, 0..3u8, prop_oneof![Just(0), Just(3_000), Just(-5), Just(i32::MAX)])
            .prop_map(|(group, member, instance, protocols, rebalance_ms)| Act::Join { group, member, instance, protocols, rebalance_ms }),
        4 => (0..2u8, 0..6u8, off.clone(), 0..6u8).prop_map(|(group, member, off, with)| Act::Sync { group, member, off, with }),
        2 => (0..2u8, 0..6u8, off.clone()).prop_map(|(group, member, off)| Act::Heartbeat { group, member, off }),
        1 => (0..2u8, 0..6u8, 0..4u8).prop_map(|(group, member, instance)| Act::Leave { group, member, instance }),
        2 => (0..2u8, 0..6u8, off, any::<i64>()).prop_map(|(group, member, off, offset)| Act::Commit { group, member, off, offset }),
        1 => (0..2u8).prop_map(|group| Act::Fetch { group }),
        4 => prop_oneof![0..10u64, 0..10_000u64].prop_map(Act::Wait),
        1 => any::<bool>().prop_map(Act::LogIsSlow),
        1 => (0..4u8).prop_map(Act::Finish),
        1 => (0..2u8, 0..5i32).prop_map(|(group, epoch)| Act::Move { group, epoch }),
    ]
}

/// The member ids that clients were given, the newest last.
fn known_ids(lab: &Lab) -> Vec<String> {
    let id = |response: &Response| match response {
        Response::JoinGroup(answer) if !answer.member_id.is_empty() => Some(answer.member_id.clone()),
        _ => None,
    };
    let mut ids: Vec<String> = lab.answers.values().flatten().filter_map(id).collect();
    ids.reverse();
    ids.dedup();
    ids
}

fn perform(lab: &mut Lab, act: Act) {
    let group_id = |group: u8| format!("group-{group}");
    let ids = known_ids(lab);
    let member_id = |member: u8| ids.get(usize::from(member)).cloned().unwrap_or_default();
    let instance_id = |instance: u8| (instance > 1).then(|| format!("i{instance}"));
    let views = lab.coordinator.views(1, &crate::metadata::MetadataImage::default());
    let generation = |group: u8, off: i32| {
        views.iter().find(|view| view.group == group_id(group)).map_or(0, |view| view.generation) + off
    };
    let request = match act {
        Act::Join { group, member, instance, protocols, rebalance_ms } => {
            let metadata = ConsumerSubscription { topics: vec!["t".into()], ..Default::default() }.encode();
            let names = ["range", "roundrobin"];
            let protocols = names
                .iter()
                .take(usize::from(protocols))
                .map(|name| JoinGroupProtocol { name: (*name).to_owned(), metadata: metadata.clone() });
            Request::JoinGroup(JoinGroupRequest {
                group_id: group_id(group),
                session_timeout_ms: 6_000,
                rebalance_timeout_ms: rebalance_ms,
                member_id: member_id(member),
                group_instance_id: instance_id(instance),
                protocols: protocols.collect(),
                ..JoinGroupRequest::default()
            })
        }
        Act::Sync { group, member, off, with } => Request::SyncGroup(SyncGroupRequest {
            group_id: group_id(group),
            generation_id: generation(group, off),
            member_id: member_id(member),
            assignments: (0..with)
                .map(|each| SyncGroupRequestAssignment {
                    member_id: member_id(each),
                    assignment: encode_assignment(&[TopicPartition::new("t", i32::from(each))]),
                })
                .collect(),
            ..SyncGroupRequest::default()
        }),
        Act::Heartbeat { group, member, off } => Request::Heartbeat(HeartbeatRequest {
            group_id: group_id(group),
            generation_id: generation(group, off),
            member_id: member_id(member),
            group_instance_id: None,
        }),
        Act::Leave { group, member, instance } => Request::LeaveGroup(LeaveGroupRequest {
            group_id: group_id(group),
            members: vec![MemberIdentity {
                member_id: member_id(member),
                group_instance_id: instance_id(instance),
                reason: None,
            }],
            ..Default::default()
        }),
        Act::Commit { group, member, off, offset } => Request::OffsetCommit(OffsetCommitRequest {
            group_id: group_id(group),
            generation_id_or_member_epoch: generation(group, off),
            member_id: member_id(member),
            topics: vec![OffsetCommitRequestTopic {
                name: "t".into(),
                partitions: vec![OffsetCommitRequestPartition { committed_offset: offset, ..Default::default() }],
                ..Default::default()
            }],
            ..OffsetCommitRequest::default()
        }),
        Act::Fetch { group } => Request::OffsetFetch(OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup { group_id: group_id(group), ..Default::default() }],
            require_stable: true,
            ..Default::default()
        }),
        Act::Wait(ms) => return lab.wait(ms),
        Act::LogIsSlow(is_slow) => {
            lab.log_is_slow = is_slow;
            return;
        }
        Act::Finish(how) => {
            let results = [
                Ok(()),
                Err(ErrorCode::NotEnoughReplicas),
                Err(ErrorCode::RequestTimedOut),
                Err(ErrorCode::NotLeaderOrFollower),
            ];
            return lab.finish_appends(results[usize::from(how)]);
        }
        Act::Move { group, epoch } => {
            let partition = partition_for(&group_id(group), 50);
            let mut fx = Effects::default();
            lab.coordinator.unload(partition, Some(epoch), lab.now, &mut fx);
            // Whatever was still to be replicated is: the worst that the next leader can find.
            let log = lab.log.get(&partition).cloned().unwrap_or_default();
            let (now, random) = (lab.now, lab.coordinator.is_active(partition));
            lab.unanswered.retain(|append| append.partition != partition);
            let known = KnownCluster {
                node: 1,
                partitions: lab.settings.offsets_topic_num_partitions,
                settings: &lab.settings,
                image: &lab.image,
            };
            lab.coordinator.load(partition, epoch, log.into_iter(), &known, now, &mut fx);
            assert!(lab.coordinator.is_active(partition) || random);
            return lab.apply_effects(fx, Vec::new());
        }
    };
    lab.send(request);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_panics_and_generations_rise(acts in prop::collection::vec(act(), 1..120)) {
        let mut lab = Lab::new();
        let mut generations: BTreeMap<String, i32> = BTreeMap::new();
        for act in acts {
            let moves = matches!(act, Act::Move { .. });
            perform(&mut lab, act);
            let views = lab.coordinator.views(1, &crate::metadata::MetadataImage::default());
            // A group of which the first record was not written is gone, and begins anew.
            generations.retain(|group, _| views.iter().any(|view| view.group == *group));
            for view in views {
                let before = generations.insert(view.group.clone(), view.generation).unwrap_or(0);
                // A generation whose record was not written is forgotten with its coordinator.
                prop_assert!(moves || view.generation >= before, "{} fell from {before}", view.group);
                // A new group that all have left before its delay ended still prepares.
                let fits = match view.state.as_str() {
                    "Empty" => view.members.is_empty(),
                    "PreparingRebalance" => true,
                    _ => !view.members.is_empty(),
                };
                prop_assert!(fits, "{:?}", view);
            }
        }
    }
}
