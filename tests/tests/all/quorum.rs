//! Clusters whose metadata log has several voters: they start, lose their active controller, and go on.

use kafkascope_core::actor::{Actor, Listener};
use kafkascope_core::change::{Change, QuorumRole};
use kafkascope_core::command::Command;
use kafkascope_core::config::{ClusterConfig, NodeConfig, Roles, Start};
use kafkascope_core::explain::Explanation;
use kafkascope_core::history::History;
use kafkascope_core::metadata::MetadataRecord;
use kafkascope_core::presets::Order;
use kafkascope_core::raft::MetadataLog;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::sim::Millis;
use kafkascope_core::view::{ControllerWait, PendingKind};
use kafkascope_core::wire::api::ApiKey;
use kafkascope_core::wire::{ErrorCode, Response};
use kafkascope_tests::swarm::unrest;

/// The usual cluster with these nodes.
fn cluster(nodes: Vec<NodeConfig>) -> ClusterConfig {
    ClusterConfig { nodes, ..Order::default().config() }
}

fn separate(voters: i32) -> ClusterConfig {
    let brokers = (1..=3).map(|id| NodeConfig::new(id, Roles::Broker));
    cluster(brokers.chain((0..voters).map(|number| NodeConfig::new(3_000 + number, Roles::Controller))).collect())
}

fn combined() -> ClusterConfig {
    cluster((1..=3).map(|id| NodeConfig::new(id, Roles::Combined)).collect())
}

struct Run(History);

impl Run {
    fn open(config: ClusterConfig, seed: u64) -> Self {
        Self(History::new(Scenario::new(config, seed)).expect("the cluster comes to rest"))
    }

    fn act(&mut self, command: Command) {
        self.0.act(command).expect("it can be done");
    }

    fn pass(&mut self, ms: Millis) {
        let until = self.0.cluster().now() + ms;
        while self.0.cluster().now() < until && self.0.step().is_some() {}
        self.check();
    }

    fn check(&self) {
        assert_eq!(self.0.violations(), []);
    }

    fn active(&self) -> Option<i32> {
        self.0.cluster().active_controller()
    }

    fn create(&mut self, topic: &str) {
        self.act(Command::CreateTopic {
            topic: topic.into(),
            partitions: 2,
            replication_factor: 3,
            assignment: Vec::new(),
            configs: Vec::new(),
        });
    }

    fn has(&self, topic: &str) -> bool {
        self.0.cluster().image().is_some_and(|image| image.topic_ids.contains_key(topic))
    }
}

#[test]
fn clusters_of_several_voters_start_and_rest() {
    for (name, config) in [("3", separate(3)), ("4", separate(4)), ("5", separate(5)), ("combined", combined())] {
        for seed in 1..4 {
            let mut run = Run::open(config.clone(), seed);
            assert!(run.active().is_some(), "{name}");
            run.pass(5_000);
            assert_eq!(unrest(run.0.cluster()), Vec::<String>::new(), "{name}, seed {seed}");
        }
    }
}

#[test]
fn another_controller_takes_over_and_carries_requests_out() {
    for config in [separate(3), combined()] {
        for seed in 1..6 {
            let mut run = Run::open(config.clone(), seed);
            let first = run.active().expect("one is active");
            run.act(Command::Crash { node: first, machine: false });
            run.create("late");
            run.pass(40_000);
            let second = run.active().unwrap_or_else(|| panic!("seed {seed}: nobody took over from {first}"));
            assert_ne!(first, second);
            assert!(run.has("late"), "seed {seed}: the request survives its controller");
            run.act(Command::Start { node: first });
            run.pass(40_000);
            assert_eq!(unrest(run.0.cluster()), Vec::<String>::new(), "seed {seed}");
        }
    }
}

#[test]
fn without_a_majority_nothing_is_decided_and_nothing_is_lost() {
    let mut run = Run::open(separate(3), 3);
    let active = run.active().expect("one is active");
    for node in (3_000..3_003).filter(|node| *node != active) {
        run.act(Command::Crash { node, machine: true });
    }
    run.create("stuck");
    run.pass(20_000);
    assert_eq!(run.active(), None, "a leader without a majority resigns");
    for node in (3_000..3_003).filter(|node| *node != active) {
        run.act(Command::Start { node });
    }
    run.pass(60_000);
    assert!(run.active().is_some() && run.has("orders"));
    assert_eq!(unrest(run.0.cluster()), Vec::<String>::new());
}

#[test]
fn a_deposed_controller_forgets_what_was_not_committed() {
    let mut run = Run::open(separate(3), 2);
    let old = run.active().expect("one is active");
    for node in (3_000..3_003).filter(|node| *node != old) {
        run.act(Command::Cut { from: Actor::Node(old), to: Actor::Node(node), both: true });
    }
    run.create("doomed");
    run.pass(15_000);
    let new = run.active().expect("the others elect one");
    assert_ne!(old, new);
    for node in (3_000..3_003).filter(|node| *node != old) {
        run.act(Command::Heal { from: Actor::Node(old), to: Actor::Node(node), both: true });
    }
    run.pass(60_000);
    let log = |node: i32| {
        let disk = &run.0.cluster().node(node).expect("it is there").disk.controller;
        disk.log.batches().to_vec()
    };
    assert_eq!(log(old), log(new));
    assert_eq!(unrest(run.0.cluster()), Vec::<String>::new());
}

#[test]
fn an_election_is_seen_as_it_stands() {
    let mut run = Run::open(separate(3), 1);
    let leader = run.active().expect("it is led");
    let before = run.0.cluster().quorum();
    assert_eq!((before.voters.len(), before.majority), (3, 2));
    let leads = before.voters.iter().find(|voter| voter.node == leader).expect("a voter");
    assert!(leads.is_active && leads.role == Some(QuorumRole::Leader) && leads.high_watermark == leads.log.end_offset);
    assert_eq!(leads.replicas.iter().filter(|replica| replica.is_voter).count(), 2, "the other voters");
    assert!(leads.log.records().any(|record| record.is_control && record.kind == "LeaderChange"));
    // Brokers, and the voters that follow, wait at the leader for what comes next.
    assert!(leads.waiting.iter().any(|waiting| matches!(waiting.waits_for, ControllerWait::Records { .. })));
    run.act(Command::Crash { node: leader, machine: false });
    let down = run.0.cluster().quorum();
    let gone = down.voters.iter().find(|voter| voter.node == leader).expect("a voter");
    assert_eq!((gone.role, gone.timer), (None, None));
    assert_eq!((gone.epoch, gone.leader_id), (leads.epoch, leader), "what quorum-state remembers");
    let mut seen = false;
    for _ in 0..5_000 {
        let quorum = run.0.cluster().quorum();
        for voter in &quorum.voters {
            assert!(voter.timer.is_none_or(|timer| timer.left_ms <= timer.longest_ms), "{voter:?}");
            let Some(election) = &voter.election else { continue };
            assert!(election.votes.contains(&(voter.node, Some(true))), "a nominee is for itself: {election:?}");
            seen |= !election.is_pre_vote && election.granted() < quorum.majority;
        }
        if run.active().is_some() || run.0.step().is_none() {
            break;
        }
    }
    assert!(
        seen && run.active().is_some_and(|active| active != leader),
        "a candidate waited for votes and was elected"
    );
}

#[test]
fn a_time_that_is_chosen_to_be_up_passes() {
    let mut run = Run::open(ClusterConfig { start: Start::Cold, ..separate(3) }, 1);
    let timer = run
        .0
        .cluster()
        .pending(1_000)
        .into_iter()
        .rfind(|event| matches!(&event.what, PendingKind::Timer { timer, .. } if timer == "election-timeout"));
    let timer = timer.expect("a voter waits");
    run.act(Command::Choose { event: timer.event });
    assert_eq!(run.0.cluster().now(), timer.at_ms);
    let Actor::Node(node) = timer.actor else { panic!("{timer:?} is a voter's") };
    let voter = run.0.cluster().quorum().voters.into_iter().find(|voter| voter.node == node).expect("a voter");
    assert_eq!(voter.role, Some(QuorumRole::Prospective), "it asks for votes at once");
    run.check();
}

/// Three controllers and three brokers that make a snapshot after few bytes, and keep only the newest.
fn with_snapshots() -> ClusterConfig {
    let mut config = separate(3);
    let settings = [
        ("metadata.log.max.record.bytes.between.snapshots", "1500"),
        ("metadata.max.retention.bytes", "1"),
        ("controller.quorum.fetch.snapshot.max.bytes", "500"),
    ];
    config.settings.extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
    config
}

#[test]
fn every_node_makes_snapshots_and_loads_the_newest_when_it_starts_again() {
    let mut run = Run::open(with_snapshots(), 1);
    (0..8).for_each(|number| {
        run.create(&format!("t{number}"));
        run.pass(500);
    });
    run.pass(130_000);
    let starts = |run: &Run| -> Vec<i64> {
        let quorum = run.0.cluster().quorum();
        let voters = quorum.voters.iter().map(|voter| (voter.log.start_offset, &voter.log.snapshots));
        let brokers = quorum.broker_logs.iter().map(|log| (log.start_offset, &log.snapshots));
        voters
            .chain(brokers)
            .inspect(|(start, snapshots)| {
                assert_eq!(snapshots.iter().map(|snapshot| snapshot.end_offset).collect::<Vec<_>>(), [*start]);
            })
            .map(|(start, _)| start)
            .collect()
    };
    assert!(starts(&run).iter().all(|start| *start > 0), "only the newest snapshot is left: {:?}", starts(&run));
    for node in [1, 3_000, 3_001, 3_002] {
        run.act(Command::Crash { node, machine: false });
        run.act(Command::Start { node });
        run.pass(20_000);
    }
    assert!(run.active().is_some() && (0..8).all(|number| run.has(&format!("t{number}"))));
    assert_eq!(unrest(run.0.cluster()), Vec::<String>::new());
    let images: Vec<_> =
        run.0.cluster().nodes().filter_map(|node| node.broker.as_ref()).map(|broker| &broker.image).collect();
    assert!(images.windows(2).all(|pair| pair[0] == pair[1]) && images.len() == 3);
}

#[test]
fn a_broker_that_was_away_too_long_gets_the_snapshot_in_pieces() {
    let mut run = Run::open(with_snapshots(), 2);
    run.act(Command::Crash { node: 3, machine: false });
    (0..20).for_each(|number| {
        run.create(&format!("t{number}"));
        run.pass(300);
    });
    run.pass(130_000);
    run.act(Command::Start { node: 3 });
    let mut pieces = 0;
    let mut fetched = false;
    for _ in 0..20_000 {
        let Some(step) = run.0.step() else { break };
        pieces += u32::from(matches!(step.explanation, Explanation::SnapshotPieceFetched { node: 3, .. }));
        fetched |= step.changes.iter().any(|change| matches!(change, Change::SnapshotFetched { node: 3, .. }));
    }
    assert!(fetched && pieces > 2, "{pieces} pieces came");
    run.pass(20_000);
    assert_eq!(unrest(run.0.cluster()), Vec::<String>::new());
}

/// The recording `metadata-snapshots`, whose steps are told in prose: one combined node with a topic after the other (thirty, which
/// the recording's offsets tell), stopped and started, and a new broker.
#[test]
fn snapshots_come_where_those_of_a_real_controller_came() {
    let mut config = cluster(vec![NodeConfig::new(1, Roles::Combined), NodeConfig::new(4, Roles::Broker)]);
    config.nodes[1].is_down = true;
    config.topics.clear();
    config.consumers.clear();
    config.producers.clear();
    let settings =
        [("metadata.log.max.record.bytes.between.snapshots", "2000"), ("metadata.max.idle.interval.ms", "0")];
    config.settings.extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut run = Run::open(config, 1);
    let create = |run: &mut Run, numbers: std::ops::Range<u32>| {
        for number in numbers {
            run.act(Command::CreateTopic {
                topic: format!("t{number:02}").into(),
                partitions: 1,
                replication_factor: 1,
                assignment: Vec::new(),
                configs: Vec::new(),
            });
            run.pass(500);
        }
    };
    fn log(run: &Run) -> &MetadataLog {
        &run.0.cluster().node(1).expect("it is configured").disk.controller.log
    }
    let snapshots = |run: &Run| -> Vec<(i64, i32)> {
        log(run).snapshots().iter().map(|snapshot| (snapshot.id().offset, snapshot.id().epoch)).collect()
    };
    let bytes = |run: &Run| -> u32 { log(run).batches().iter().map(|batch| batch.size_bytes()).sum() };
    assert_eq!((log(&run).end_offset(), snapshots(&run)), (14, vec![]));
    create(&mut run, 0..8);
    assert_eq!((log(&run).end_offset(), bytes(&run), snapshots(&run)), (30, 2_526, vec![(30, 1)]));
    create(&mut run, 8..21);
    assert_eq!((log(&run).end_offset(), bytes(&run), snapshots(&run)), (56, 4_684, vec![(30, 1), (56, 1)]));
    let newest = log(&run).snapshots().last().expect("there are two");
    let kinds: Vec<&str> = newest.records().map(MetadataRecord::kind).collect();
    let (beginning, topics) = kinds.split_at(8);
    assert_eq!(beginning[..6], ["FEATURE_LEVEL_RECORD"; 6]);
    assert_eq!(beginning[6..], ["REGISTER_BROKER_RECORD", "REGISTER_CONTROLLER_RECORD"]);
    let (end, topics) = topics.split_last().expect("there are topics");
    assert_eq!((*end, topics.len()), ("CONFIG_RECORD", 2 * 21));
    assert!(topics.chunks(2).all(|pair| pair == ["TOPIC_RECORD", "PARTITION_RECORD"]));

    create(&mut run, 21..30);
    run.act(Command::Stop { node: 1 });
    run.pass(10_000);
    assert_eq!(snapshots(&run), [(30, 1), (56, 1), (105, 1)]);
    run.act(Command::Start { node: 1 });
    run.pass(10_000);
    run.act(Command::Start { node: 4 });
    run.pass(10_000);
    let new = &run.0.cluster().node(4).expect("it is configured").disk.broker.metadata_log;
    let its_snapshots: Vec<_> = new.snapshots().iter().map(|snapshot| snapshot.id().offset).collect();
    assert_eq!((log(&run).start_offset(), new.start_offset(), its_snapshots), (0, 141, vec![141]));

    // The snapshot of 56, from its beginning, beyond its end, before its beginning; another; in another epoch of the leader.
    let pieces = [(56, 2, 0), (56, 2, 1_000_000), (56, 2, -1), (57, 2, 0), (56, 3, 0)];
    for (probe, (end_offset, leader_epoch, position)) in (1..).zip(pieces) {
        let body = serde_json::json!({
            "clusterId": null, "replicaId": 9, "maxBytes": 300,
            "topics": [{"name": "__cluster_metadata", "partitions": [{
                "partition": 0, "currentLeaderEpoch": leader_epoch, "position": position,
                "snapshotId": {"endOffset": end_offset, "epoch": 1},
            }]}],
        });
        run.act(Command::request(probe, (1, Listener::Controller), ApiKey::FetchSnapshot, None, body));
        run.pass(500);
    }
    let answer = |probe| match run.0.cluster().probe_answer(probe).and_then(|answer| answer.response.clone()) {
        Some(Response::FetchSnapshot(answer)) => answer,
        other => panic!("{probe} was answered with {other:?}"),
    };
    let first = answer(1);
    let piece = &first.topics[0].partitions[0];
    assert_eq!((first.error_code, piece.error_code), (ErrorCode::None, ErrorCode::None));
    assert_eq!((piece.snapshot_id.end_offset, piece.snapshot_id.epoch), (56, 1));
    assert_eq!((piece.current_leader.leader_id, piece.current_leader.leader_epoch), (1, 2));
    assert_eq!((piece.size, piece.position), (3_135, 0), "to the byte");
    for probe in 2..=5 {
        assert_eq!(answer(probe).error_code, ErrorCode::UnknownServerError, "{:?}", pieces[probe as usize - 1]);
    }
}
