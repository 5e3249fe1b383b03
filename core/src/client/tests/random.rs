//! Whatever the network and the broker do: nothing panics, and no record is lost count of.

use proptest::prelude::*;

use super::World;
use crate::actor::Endpoint;
use crate::config::{CommitMode, ConsumerConfig, PollMode, ProcessMode};
use crate::effects::{Effects, ReceivedRequest, RequestContext};
use crate::wire::group::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use crate::wire::{ApiKey, ErrorCode, Request};

/// Commits for group `g` from outside it, before anybody has joined.
pub fn manual_commit(world: &mut World, offset: i64) {
    let partition = OffsetCommitRequestPartition { committed_offset: offset, ..Default::default() };
    let request = Request::OffsetCommit(OffsetCommitRequest {
        group_id: "g".into(),
        topics: vec![OffsetCommitRequestTopic { name: "t".into(), partitions: vec![partition], ..Default::default() }],
        ..OffsetCommitRequest::default()
    });
    let api = request.api();
    let request_context = RequestContext {
        from: Endpoint::Probe(1),
        incarnation: 0,
        correlation_id: 0,
        api,
        version: api.version(),
        principal: None,
        connection: crate::connection::Connection::default(),
        client_id: None,
        size_bytes: 0,
        thread_ms: 0,
    };
    let received = ReceivedRequest { request_context, request: Box::new(request) };
    world.broker.handle(received, world.now, &mut Effects::default());
}

#[derive(Clone, Debug)]
enum Act {
    Produce { key: bool, partition: Option<i32>, bytes: u8 },
    Poll(u32),
    Commit(u32),
    AddConsumer { poll: PollMode, commit: CommitMode },
    Kill(u32),
    Fault(ApiKey, Option<ErrorCode>),
    CreateTopic(i32),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    use ErrorCode::{
        CoordinatorNotAvailable, FencedLeaderEpoch, IllegalGeneration, LeaderNotAvailable, MessageTooLarge,
        NotCoordinator, NotEnoughReplicas, NotLeaderOrFollower, OffsetOutOfRange, RebalanceInProgress, RequestTimedOut,
        UnknownMemberId, UnknownServerError, UnknownTopicId,
    };
    let api = prop::sample::select(vec![
        ApiKey::Produce,
        ApiKey::Fetch,
        ApiKey::Metadata,
        ApiKey::FindCoordinator,
        ApiKey::JoinGroup,
        ApiKey::SyncGroup,
        ApiKey::Heartbeat,
        ApiKey::OffsetCommit,
        ApiKey::OffsetFetch,
        ApiKey::ListOffsets,
    ]);
    let error = prop::option::of(prop::sample::select(vec![
        CoordinatorNotAvailable,
        FencedLeaderEpoch,
        IllegalGeneration,
        LeaderNotAvailable,
        MessageTooLarge,
        NotCoordinator,
        NotEnoughReplicas,
        NotLeaderOrFollower,
        OffsetOutOfRange,
        RebalanceInProgress,
        RequestTimedOut,
        UnknownMemberId,
        UnknownServerError,
        UnknownTopicId,
    ]));
    let poll = prop_oneof![Just(PollMode::Continuous), Just(PollMode::Manual)];
    let commit = prop_oneof![Just(CommitMode::AfterPoll), Just(CommitMode::Auto), Just(CommitMode::Manual)];
    prop_oneof![
        4 => (any::<bool>(), prop::option::of(0..5i32), any::<u8>())
            .prop_map(|(key, partition, bytes)| Act::Produce { key, partition, bytes }),
        1 => (1..4u32).prop_map(Act::Poll),
        1 => (1..4u32).prop_map(Act::Commit),
        1 => (poll, commit).prop_map(|(poll, commit)| Act::AddConsumer { poll, commit }),
        1 => (1..4u32).prop_map(Act::Kill),
        4 => (api, error).prop_map(|(api, error)| Act::Fault(api, error)),
        1 => (1..4i32).prop_map(Act::CreateTopic),
        4 => prop_oneof![0..10u64, 0..2_000u64, 0..200_000u64].prop_map(Act::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn clients_bear_everything(acts in prop::collection::vec(act(), 1..40), acks in prop::sample::select(vec!["all", "1", "0"])) {
        let mut world = World::new(&[("t", 2)]);
        world.add_producer(&[("acks", acks), ("batch.size", "300")]);
        let mut produced = 0;
        let mut added = 0;
        for act in acts {
            match act {
                Act::Produce { key, partition, bytes } => {
                    world.produce(1, partition, key.then_some("k"), &"x".repeat(usize::from(bytes)));
                    produced += 1;
                }
                Act::Poll(number) if world.consumers.contains_key(&number) => {
                    world.poll(number);
                }
                Act::Commit(number) if world.consumers.contains_key(&number) => {
                    world.with_consumer(number, |consumer, now, fx| {
                        let _ = consumer.commit(now, fx);
                    });
                }
                Act::AddConsumer { poll, commit } if added < 3 => {
                    added += 1;
                    let (group, topics) = ("g".to_owned(), vec!["t".to_owned()]);
                    let settings = [("auto.offset.reset".to_owned(), "earliest".to_owned())].into();
                    world.add_consumer(&ConsumerConfig { group, topics, poll, commit, process: ProcessMode::AtOnce, writes: None, settings, ..ConsumerConfig::default() });
                }
                Act::Kill(number) => {
                    world.consumers.remove(&number);
                    added = 3;
                }
                Act::Fault(api, error) => world.broker.faults.push_back((api, error)),
                Act::CreateTopic(partitions) => world.broker.create_topic("t", partitions),
                Act::Wait(ms) => world.wait(ms),
                _ => {}
            }
        }
        // In the end everything works again: all records are acknowledged or given up, and read by anyone who polls.
        world.broker.faults.clear();
        world.wait(400_000);
        let view = world.producers[&1].view(0, None);
        prop_assert_eq!(view.acknowledged + view.failed, produced);
        prop_assert!(view.accumulated.is_empty() && view.in_flight.is_empty());
        for partition in world.consumers.values().flat_map(|consumer| consumer.view().assigned) {
            prop_assert!(partition.position <= world.broker.end_of(&partition.partition));
        }
    }
}
