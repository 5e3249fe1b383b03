//! Random clusters and random commands, drawn from a seed: what swarms and properties let happen to the engine.

mod clients;

use std::collections::BTreeMap;

use kafkascope_core::actor::{Actor, Listener};
use kafkascope_core::cluster::Cluster;
use kafkascope_core::cluster::node::Node;
use kafkascope_core::command::{Command, SettingScope};
use kafkascope_core::config::{
    ClusterConfig, CommitMode, ConsumerConfig, NetworkConfig, NodeConfig, PollMode, ProcessMode, ProducerConfig, Roles,
    Start, TopicConfig, WritesConfig,
};
use kafkascope_core::sim::random::{Purpose, Random};
use kafkascope_core::view::{ClusterView, EnvelopeView, NodeState, NodeView};
use kafkascope_core::wire::records::Bytes;
use kafkascope_core::wire::{ApiKey, Topic, TopicPartition};
use serde_json::json;

pub(crate) use clients::end_or_start;

/// The topics that random clusters have, with the replicas of each partition.
pub const TOPICS: [(&str, &[&[i32]]); 3] =
    [("orders", &[&[1, 2, 3], &[2, 3, 1]]), ("payments", &[&[2, 3], &[3, 1]]), (UNCLEAN_TOPIC, &[&[1, 2]])];
/// The topic whose leaders may be elected from outside the ISR.
pub const UNCLEAN_TOPIC: &str = "audit";
/// The topic whose segments are small.
const ROLLING_TOPIC: &str = "orders";
/// Topics that are created and deleted on the way, with their settings: one is compacted, one loses old segments.
const PASSING_TOPICS: [(&str, &[(&str, &str)]); 3] = [
    ("extra-1", &[]),
    (
        "extra-2",
        &[("cleanup.policy", "compact"), ("internal.segment.bytes", "300"), ("min.cleanable.dirty.ratio", "0.01")],
    ),
    ("extra-3", &[("retention.bytes", "100"), ("internal.segment.bytes", "150")]),
];
/// The consumer whose application processes records when it is told to.
const MANUAL_PROCESSING_CONSUMER: u32 = 2;
/// The consumer and the producer of the application that copies what it reads, and the topic that it writes to.
const APPLICATION_CONSUMER: u32 = 3;
const APPLICATION_PRODUCER: u32 = 3;
const COPIES_TOPIC: &str = "payments";
/// The interval in records at which a producer is made to send some at a rate.
const PERF_TEST_EACH: u64 = 25;
/// The producer whose transactions a person moves.
const MANUAL_PRODUCER: u32 = 4;
/// How many probes send requests by hand, each over a connection of its own.
const PROBES: u64 = 8;

/// A source of clusters and commands.
pub struct Chaos {
    random: Random,
    produced: u64,
    /// Whether the first node that goes down is started only at the end: it falls behind what the others keep of the metadata log.
    leaves_one_down: bool,
    left_down: Option<i32>,
}

impl Chaos {
    /// The source that belongs to a seed.
    pub fn new(seed: u64) -> Self {
        // A purpose that no actor of a cluster has: what is drawn here shifts nothing there.
        Self {
            random: Random::for_purpose(seed, Purpose::Actor(900_000)),
            produced: 0,
            leaves_one_down: false,
            left_down: None,
        }
    }

    /// Whether a node stays down to the end of the run.
    pub fn leaves_one_down(&self) -> bool {
        self.leaves_one_down
    }

    /// A number within bounds.
    pub fn number(&mut self, min: u64, max: u64) -> u64 {
        self.random.between(min, max)
    }

    /// One of several.
    fn one_of<'v, T>(&mut self, values: &'v [T]) -> Option<&'v T> {
        let last = u64::try_from(values.len()).ok()?.checked_sub(1)?;
        values.get(usize::try_from(self.number(0, last)).ok()?)
    }

    /// Three or four brokers. The metadata log has three or five voters, seldom one: on nodes of their own, or on those of brokers.
    fn nodes(&mut self) -> Vec<NodeConfig> {
        let brokers = i32::try_from(self.number(3, 4)).unwrap_or(3);
        let (voters, are_combined) = match self.number(0, 9) {
            0 => (9..=9, false),
            1..=3 => (7..=9, false),
            4..=5 => (1..=3, true),
            6..=7 => (5..=9, false),
            _ => (1..=5, true),
        };
        let ids = (1..=brokers).chain(voters.clone().filter(|id| *id > brokers));
        let roles = |id: &i32| match (voters.contains(id), are_combined) {
            (true, true) => Roles::Combined,
            (true, false) => Roles::Controller,
            (false, _) => Roles::Broker,
        };
        ids.map(|id| NodeConfig::new(id, roles(&id))).collect()
    }

    /// A small cluster with impatient timeouts, so that much happens in few steps.
    pub fn cluster(&mut self, settings: &BTreeMap<String, String>) -> ClusterConfig {
        let mut nodes = self.nodes();
        let min_isr = self.number(1, 2);
        let segment_bytes = self.number(300, 2_000);
        let mut merged: BTreeMap<String, String> = [
            ("replica.lag.time.max.ms", "900"),
            ("replica.fetch.wait.max.ms", "150"),
            ("replica.fetch.backoff.ms", "100"),
            ("broker.session.timeout.ms", "800"),
            ("broker.heartbeat.interval.ms", "200"),
            ("controller.quorum.election.timeout.ms", "300"),
            ("controller.quorum.election.backoff.max.ms", "200"),
            // A fetch may wait for half a second: a follower must bear that.
            ("controller.quorum.fetch.timeout.ms", "700"),
            ("controller.quorum.request.timeout.ms", "700"),
            ("replica.high.watermark.checkpoint.interval.ms", "300"),
            ("log.flush.offset.checkpoint.interval.ms", "1000"),
            ("auto.leader.rebalance.enable", "false"),
            ("offsets.topic.num.partitions", "1"),
            ("transaction.state.log.num.partitions", "1"),
            ("log.retention.check.interval.ms", "2000"),
            ("log.cleaner.backoff.ms", "2000"),
            ("log.initial.task.delay.ms", "500"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let mut controllers: Vec<String> =
            nodes.iter().filter(|node| node.roles.is_controller()).map(|node| node.id.to_string()).collect();
        if segment_bytes.is_multiple_of(2) && controllers.len() > 1 {
            // The voters may change. Sometimes one or two controllers only watch at first.
            let watching = segment_bytes / 2 % 3;
            controllers.truncate(controllers.len() - usize::try_from(watching).unwrap_or(0));
            if segment_bytes.is_multiple_of(10) {
                // Who does not vote asks for it, also after it was removed.
                let joins = ("controller.quorum.auto.join.enable".to_owned(), "true".to_owned());
                let all = nodes.iter_mut().filter(|node| node.roles.is_controller());
                all.for_each(|node| node.settings.extend([joins.clone()]));
            }
            merged.insert("initial.controllers".into(), controllers.join(","));
        }
        if !segment_bytes.is_multiple_of(4) {
            // Snapshots of the metadata log twice as often as a partition rolls a segment, in pieces; old ones go at the first look.
            let small = [
                ("metadata.log.max.record.bytes.between.snapshots", segment_bytes / 2),
                ("controller.quorum.fetch.snapshot.max.bytes", segment_bytes / 2),
                ("metadata.max.retention.bytes", 1),
            ];
            merged.extend(small.map(|(name, value)| (name.to_owned(), value.to_string())));
            self.leaves_one_down = segment_bytes.is_multiple_of(5);
        }
        merged.insert("min.insync.replicas".into(), min_isr.to_string());
        merged.extend(settings.clone());
        let topic = |name: &str, assignment: &[&[i32]]| TopicConfig {
            name: name.into(),
            partitions: i32::try_from(assignment.len()).unwrap_or(1),
            replication_factor: i16::try_from(assignment[0].len()).unwrap_or(1),
            assignment: assignment.iter().map(|replicas| replicas.to_vec()).collect(),
            settings: match name {
                UNCLEAN_TOPIC => [("unclean.leader.election.enable".to_owned(), "true".to_owned())].into(),
                ROLLING_TOPIC => [("internal.segment.bytes".to_owned(), segment_bytes.to_string())].into(),
                _ => BTreeMap::new(),
            },
        };
        let consumer = |commit, process| ConsumerConfig {
            group: "readers".into(),
            topics: TOPICS.iter().map(|(name, _)| (*name).to_owned()).collect(),
            poll: PollMode::Continuous,
            commit,
            process,
            writes: None,
            settings: [("auto.offset.reset".to_owned(), "earliest".to_owned())].into(),
            ..ConsumerConfig::default()
        };
        // It copies what it reads, in transactions; another producer may fence its own.
        let application = ConsumerConfig {
            group: "copiers".into(),
            topics: vec![TOPICS[0].0.to_owned()],
            writes: Some(WritesConfig { producer: APPLICATION_PRODUCER, topic: COPIES_TOPIC.to_owned() }),
            ..consumer(CommitMode::AfterPoll, ProcessMode::AtOnce)
        };
        let transactional_id = if segment_bytes.is_multiple_of(3) { "copier" } else { "by-hand" };
        let transactional = |id: &str| ProducerConfig {
            settings: [
                ("transactional.id", id),
                ("transaction.timeout.ms", "6000"),
                ("request.timeout.ms", "1500"),
                ("delivery.timeout.ms", "4000"),
                ("retry.backoff.ms", "50"),
                ("linger.ms", "0"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        };
        let producer = |acks: &str| ProducerConfig {
            settings: [("acks", acks), ("linger.ms", "0"), ("request.timeout.ms", "1500"), ("retry.backoff.ms", "50")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        ClusterConfig {
            nodes,
            settings: merged,
            topics: TOPICS.iter().map(|(name, assignment)| topic(name, assignment)).collect(),
            producers: vec![producer("all"), producer("1"), transactional("copier"), transactional(transactional_id)],
            consumers: vec![
                consumer(CommitMode::AfterPoll, ProcessMode::AtOnce),
                consumer(CommitMode::Auto, ProcessMode::Manual),
                application,
            ],
            network: NetworkConfig { latency_ms_min: 1, latency_ms_max: self.number(1, 12) },
            start: Start::AtRest,
        }
    }

    /// Something that may be done to a cluster as it is. It is mostly possible; what is not is refused by name.
    pub fn command(&mut self, cluster: &Cluster) -> Command {
        let view = cluster.view();
        match self.number(0, 121) {
            0..=34 => self.produce(&view),
            35..=51 => self.process(&view),
            52..=62 => self.link(&view),
            63..=74 => self.envelope(&view).unwrap_or_else(|| self.produce(&view)),
            75..=78 => self.pending(cluster).unwrap_or_else(|| self.produce(&view)),
            79..=82 => self.elect(),
            83..=86 => self.reassign(&view),
            87..=88 => self.disk(&view),
            89..=91 => self.set(),
            92..=93 => self.topic(&view),
            94..=97 => self.voter(cluster).unwrap_or_else(|| self.request(&view)),
            98..=105 => self.consumer_call(&view),
            106..=107 => Command::Process { consumer: MANUAL_PROCESSING_CONSUMER },
            108..=110 => self.consumer_process(&view),
            _ => self.transaction(&view),
        }
    }

    /// What ends all faults of a cluster: dead processes start, paused ones go on, links work, disks are quick.
    pub fn healing(view: &ClusterView) -> Vec<Command> {
        let mut commands: Vec<Command> =
            view.cuts.iter().map(|(from, to)| Command::Heal { from: *from, to: *to, both: false }).collect();
        let ended = view.consumers.iter().filter(|consumer| !consumer.is_running);
        commands.extend(ended.map(|consumer| Command::StartConsumer { consumer: consumer.number }));
        // An application's producer is started with its consumer.
        let ended = view.producers.iter().filter(|producer| !producer.is_running);
        let ended = ended.filter(|producer| producer.number != APPLICATION_PRODUCER);
        commands.extend(ended.map(|producer| Command::StartProducer { producer: producer.number }));
        for node in &view.nodes {
            if node.disk_write_ms > 0 {
                commands.push(Command::SlowDisk { node: node.id, by_ms: 0 });
            }
            match node.state {
                NodeState::Down => commands.push(Command::Start { node: node.id }),
                NodeState::Paused => commands.push(Command::Resume { node: node.id }),
                NodeState::Starting
                | NodeState::Fenced
                | NodeState::Running
                | NodeState::Stopping
                | NodeState::Puppet => {}
            }
        }
        commands
    }

    /// One of the partitions that are there from the start.
    fn partition(&mut self) -> TopicPartition {
        let (topic, assignment) = self.one_of(&TOPICS).copied().unwrap_or(TOPICS[0]);
        let last = u64::try_from(assignment.len()).unwrap_or(1).saturating_sub(1);
        TopicPartition::new(topic, i32::try_from(self.number(0, last)).unwrap_or(0))
    }

    fn consumer(&mut self) -> u32 {
        u32::try_from(self.number(1, 3)).unwrap_or(1)
    }

    /// Creates one of the passing topics, or deletes it if it is there.
    fn topic(&mut self, view: &ClusterView) -> Command {
        let (topic, settings) = self.one_of(&PASSING_TOPICS).copied().unwrap_or(PASSING_TOPICS[0]);
        let is_there = view.partitions.iter().any(|partition| &*partition.partition.topic == topic);
        let topic = Topic::from(topic);
        if is_there {
            return Command::DeleteTopic { topic };
        }
        Command::CreateTopic {
            topic,
            partitions: i32::try_from(self.number(1, 3)).unwrap_or(1),
            replication_factor: i16::try_from(self.number(1, 3)).unwrap_or(1),
            assignment: Vec::new(),
            configs: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }

    /// A request by hand to anyone who leads: it deletes records or asks for offsets.
    fn request(&mut self, view: &ClusterView) -> Command {
        let asked = self.partition();
        let known = view.partitions.iter().find(|partition| partition.partition == asked);
        let to = known.map(|partition| partition.leader).filter(|leader| *leader >= 0).unwrap_or(1);
        let (topic, partition) = (&*asked.topic, asked.partition);
        let (api, body) = if self.number(0, 1) == 0 {
            let offset = if self.number(0, 1) == 0 { -1 } else { i64::try_from(self.number(0, 20)).unwrap_or(0) };
            let partitions = json!([{"partitionIndex": partition, "offset": offset}]);
            (ApiKey::DeleteRecords, json!({"topics": [{"name": topic, "partitions": partitions}], "timeoutMs": 2000}))
        } else {
            let timestamp =
                if self.number(0, 1) == 0 { -1 } else { i64::try_from(self.number(0, view.now_ms)).unwrap_or(0) };
            let partitions = json!([{"partitionIndex": partition, "timestamp": timestamp}]);
            (ApiKey::ListOffsets, json!({"replicaId": -1, "topics": [{"name": topic, "partitions": partitions}]}))
        };
        let probe = u32::try_from(self.number(1, PROBES)).unwrap_or(1);
        Command::request(probe, (to, Listener::Broker), api, None, body)
    }

    /// Where the voters may change, one is added, removed or updated: the leader is asked, or a broker, which hands it on.
    fn voter(&mut self, cluster: &Cluster) -> Option<Command> {
        let is_dynamic = |node: &&Node| !node.settings.initial_controllers.is_empty();
        let controllers: Vec<&Node> =
            cluster.nodes().filter(is_dynamic).filter(|node| node.config.roles.is_controller()).collect();
        let active = cluster.active_controller()?;
        let node = *self.one_of(&controllers)?;
        let id = node.config.id;
        let mut body = json!({"voterId": id, "voterDirectoryId": node.disk.broker.directory_id.to_string()});
        let voters = cluster.quorum_voters();
        let is_voter = voters.contains(&id);
        // One of two voters that leads, removes itself and dies before the other knows leaves nobody who can be elected: it is no
        // voter any more, and the other, whose log is shorter, needs its vote. Kafka has no way out of that.
        if voters.len() == 2 && id == active {
            return None;
        }
        // Who is updated names another port, and goes back to its own by itself when it is started again.
        let is_updated = is_voter && self.number(0, 4) == 0;
        let api = match (is_voter, is_updated) {
            (true, true) => ApiKey::UpdateRaftVoter,
            (true, false) => ApiKey::RemoveRaftVoter,
            (false, _) => ApiKey::AddRaftVoter,
        };
        if api != ApiKey::RemoveRaftVoter {
            let port = if is_updated { 9_094 } else { 9_093 };
            body["listeners"] = json!([{"name": "CONTROLLER", "host": format!("controller-{id}"), "port": port}]);
        }
        if is_updated {
            let leads = cluster.node(active)?.controller.as_ref()?;
            body["currentLeaderEpoch"] = json!(leads.quorum().epoch());
            body["kRaftVersionFeature"] = json!({"minSupportedVersion": 0, "maxSupportedVersion": 1});
        }
        let by_broker = !is_updated && self.number(0, 3) == 0;
        let (to, port) = if by_broker { (1, Listener::Broker) } else { (active, Listener::Controller) };
        let probe = u32::try_from(self.number(1, PROBES)).unwrap_or(1);
        Some(Command::request(probe, (to, port), api, None, body))
    }

    fn produce(&mut self, view: &ClusterView) -> Command {
        self.produced += 1;
        let mut passing: Vec<Topic> =
            view.partitions.iter().map(|partition| partition.partition.topic.clone()).collect();
        passing.retain(|topic| PASSING_TOPICS.iter().any(|(name, _)| **topic == **name));
        let passing = self.one_of(&passing).cloned().filter(|_| self.number(0, 2) == 0);
        let topic = passing.unwrap_or_else(|| self.partition().topic);
        if self.produced.is_multiple_of(PERF_TEST_EACH) {
            return Command::ProducerPerfTest {
                producer: 1,
                topic,
                num_records: 30,
                record_size: 100,
                throughput: 200,
                keys: 3,
            };
        }
        Command::Produce {
            // Mostly with `acks=all`: those records must never be lost.
            producer: match self.number(0, 9) {
                0..=1 => 2,
                2 => MANUAL_PRODUCER,
                _ => 1,
            },
            topic,
            partition: None,
            key: Some(Bytes::from(format!("k{}", self.produced % 5).as_str())),
            value: Some(Bytes::from(format!("v{}", self.produced).as_str())),
            headers: Vec::new(),
        }
    }

    /// Crashes, stops, pauses; but rather brings back who is away.
    fn process(&mut self, view: &ClusterView) -> Command {
        let is = |states: &'static [NodeState]| move |node: &&NodeView| states.contains(&node.state);
        let ids = |states| -> Vec<i32> { view.nodes.iter().filter(is(states)).map(|node| node.id).collect() };
        let (down, paused) = (ids(&[NodeState::Down]), ids(&[NodeState::Paused]));
        let up = ids(&[NodeState::Running, NodeState::Fenced, NodeState::Starting]);
        let returns = self.number(0, 9) < 5;
        if self.leaves_one_down && self.left_down.is_none() {
            self.left_down = down.first().copied();
        }
        let left_down = self.left_down;
        let may_start = |node: &i32| returns && Some(*node) != left_down;
        if let Some(node) = self.one_of(&down).copied().filter(may_start) {
            return Command::Start { node };
        }
        if let Some(node) = self.one_of(&paused).copied().filter(|_| returns) {
            return Command::Resume { node };
        }
        let node = self.one_of(&up).copied().unwrap_or(1);
        // Machines lose what is not flushed: never the majority of them at once, or nothing can be promised.
        let brokers = view.nodes.iter().filter(|node| node.is_broker).count();
        let is_minority = 2 * (down.len() + 1) < brokers;
        match self.number(0, 9) {
            0..=1 if is_minority => Command::Crash { node, machine: true },
            0..=5 => Command::Crash { node, machine: false },
            6 => Command::Stop { node },
            _ => Command::Pause { node },
        }
    }

    /// Slows a disk, but rather makes a slow one fast again.
    fn disk(&mut self, view: &ClusterView) -> Command {
        let slow: Vec<i32> = view.nodes.iter().filter(|node| node.disk_write_ms > 0).map(|node| node.id).collect();
        match self.one_of(&slow) {
            Some(node) => Command::SlowDisk { node: *node, by_ms: 0 },
            None => {
                let nodes: Vec<i32> = view.nodes.iter().map(|node| node.id).collect();
                Command::SlowDisk { node: self.one_of(&nodes).copied().unwrap_or(1), by_ms: self.number(1, 500) }
            }
        }
    }

    fn link(&mut self, view: &ClusterView) -> Command {
        let heals = self.number(0, 9) < 6;
        if let Some((from, to)) = self.one_of(&view.cuts).copied().filter(|_| heals) {
            return Command::Heal { from, to, both: false };
        }
        let nodes: Vec<i32> = view.nodes.iter().map(|node| node.id).collect();
        let (from, to) = (self.one_of(&nodes).copied().unwrap_or(1), self.one_of(&nodes).copied().unwrap_or(2));
        Command::Cut { from: Actor::Node(from), to: Actor::Node(to), both: self.number(0, 1) == 0 }
    }

    fn envelope(&mut self, view: &ClusterView) -> Option<Command> {
        let events: Vec<_> = view.envelopes.iter().map(|envelope| envelope.event).collect();
        let event = *self.one_of(&events)?;
        // A request by hand is sent once, and nobody tells its probe that it got lost.
        let is_of_probe = |envelope: &&EnvelopeView| {
            envelope.event == event && [envelope.from, envelope.to].iter().any(|actor| matches!(actor, Actor::Probe(_)))
        };
        let is_probe = view.envelopes.iter().any(|envelope| is_of_probe(&envelope));
        Some(match self.number(0, 2) {
            0 if !is_probe => Command::Drop { event },
            1 => Command::Delay { event, by_ms: self.number(1, 2_000) },
            _ => Command::Duplicate { event },
        })
    }

    /// Overrules the scheduler.
    fn pending(&mut self, cluster: &Cluster) -> Option<Command> {
        let events: Vec<_> = cluster.pending(32).into_iter().map(|pending| pending.event).collect();
        Some(Command::Choose { event: *self.one_of(&events)? })
    }

    fn elect(&mut self) -> Command {
        let unclean = self.number(0, 3) == 0;
        Command::Elect { partition: self.partition(), unclean }
    }

    /// Moves a partition to other brokers, sometimes to more or fewer; or takes that back.
    fn reassign(&mut self, view: &ClusterView) -> Command {
        let mut brokers: Vec<i32> = view.nodes.iter().filter(|node| node.is_broker).map(|node| node.id).collect();
        for at in (1..brokers.len()).rev() {
            let other = usize::try_from(self.number(0, at as u64)).unwrap_or(0);
            brokers.swap(at, other);
        }
        brokers.truncate(usize::try_from(self.number(2, 3)).unwrap_or(3));
        let cancels = self.number(0, 5) == 0;
        Command::Reassign { partition: self.partition(), replicas: (!cancels).then_some(brokers) }
    }

    fn set(&mut self) -> Command {
        let topic = |name: &str| SettingScope::Topic(name.to_owned());
        let orders = TOPICS[0].0;
        let (scope, name, value) = match self.number(0, 6) {
            0..=1 => (topic(orders), "min.insync.replicas", self.number(1, 2).to_string()),
            2 => (topic(orders), "segment.ms", self.number(500, 5_000).to_string()),
            3 => (topic("payments"), "flush.messages", self.number(1, 3).to_string()),
            4 => (topic(UNCLEAN_TOPIC), "unclean.leader.election.enable", (self.number(0, 3) > 0).to_string()),
            5 => (SettingScope::Network, "latency.ms.max", self.number(1, 12).to_string()),
            _ => (SettingScope::Consumer(1), "fetch.max.wait.ms", self.number(100, 600).to_string()),
        };
        Command::Set { scope, name: name.to_owned(), value }
    }
}
