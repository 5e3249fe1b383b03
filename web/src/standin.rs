//! A stand-in for the engine's history until it lands: one run, written down.

use std::sync::Arc;

use kafkascope_core::actor::Actor;
use kafkascope_core::change::Change;
use kafkascope_core::command::{Command, CommandError};
use kafkascope_core::config::*;
use kafkascope_core::explain::Explanation;
use kafkascope_core::sim::queue::EventId;
use kafkascope_core::step::{Position, Size, Step};
use kafkascope_core::view::*;
use kafkascope_core::wire::records::Record;
use kafkascope_core::wire::{ApiKey, TopicPartition};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedCommand {
    pub at: Position,
    pub command: Command,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scenario {
    pub version: u32,
    pub seed: u64,
    pub config: ClusterConfig,
    pub commands: Vec<PlacedCommand>,
    pub position: Position,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "error", rename_all = "kebab-case")]
pub enum ScenarioError {
    NotJson { reason: String },
}

impl Scenario {
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        serde_json::from_str(text).map_err(|e| ScenarioError::NotJson { reason: e.to_string() })
    }
    pub fn to_link(&self) -> String {
        format!("standin{}", self.position)
    }
    pub fn from_link(text: &str) -> Result<Self, ScenarioError> {
        let position = text.trim_start_matches("standin").parse().map_err(|_| ScenarioError::NotJson { reason: text.to_owned() })?;
        Ok(Self { position, ..presets()[0].scenario.clone() })
    }
}

pub struct Preset {
    pub id: &'static str,
    pub scenario: Scenario,
}

pub fn presets() -> Vec<Preset> {
    ["first-minute", "acks-one", "six-brokers"].map(preset).into()
}

fn preset(id: &'static str) -> Preset {
    let brokers = if id == "six-brokers" { 6 } else { 3 };
    let node = |id, roles| NodeConfig { id, roles, rack: None, settings: Default::default() };
    let mut nodes: Vec<_> = (1..=brokers).map(|id| node(id, Roles::Broker)).collect();
    nodes.push(node(100, Roles::Controller));
    let consumer = ConsumerConfig {
        group: "readers".into(),
        topics: vec!["orders".into()],
        poll: PollMode::default(),
        commit: CommitMode::default(),
        settings: Default::default(),
    };
    let config = ClusterConfig {
        nodes,
        settings: Default::default(),
        topics: vec![TopicConfig {
            name: "orders".into(),
            partitions: 1,
            replication_factor: 3,
            assignment: vec![],
            settings: Default::default(),
        }],
        producers: vec![ProducerConfig::default()],
        consumers: vec![consumer],
        network: NetworkConfig::default(),
        start: Start::AtRest,
    };
    Preset { id, scenario: Scenario { version: 1, seed: 42, config, commands: vec![], position: 0 } }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    Fault,
    Election,
    Loss,
    Isr,
    HighWatermark,
    Acknowledged,
    Read,
    OffsetCommitted,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub position: Position,
    pub at_ms: u64,
    pub kind: MarkKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum WhyNot {
    HighWatermarkWaits { partition: TopicPartition, high_watermark: i64, isr: Vec<i32>, waiting_for: i32, its_end: i64, log_end: i64 },
}

pub struct BranchView {
    pub id: u32,
    pub from: Position,
    pub len: Position,
    pub is_current: bool,
}

pub struct Cluster {
    view: ClusterView,
}

impl Cluster {
    pub fn view(&self) -> ClusterView {
        self.view.clone()
    }
    pub fn now(&self) -> u64 {
        self.view.now_ms
    }
    pub fn digest(&self) -> u64 {
        self.view.now_ms
    }
    pub fn pending(&self, limit: usize) -> Vec<PendingView> {
        let pending = self.view.envelopes.iter().enumerate().map(|(i, e)| PendingView {
            event: e.event,
            at_ms: e.arrives_at_ms,
            actor: e.to,
            what: PendingKind::Deliver {
                from: e.from,
                to: e.to,
                api: e.api,
                is_response: e.is_response,
                summary: e.summary.clone(),
            },
            is_next: i == 0,
        });
        let timer = PendingView {
            event: EventId(999),
            at_ms: self.view.now_ms + 1300,
            actor: Actor::Node(2),
            what: PendingKind::Timer { timer: "heartbeat".into() },
            is_next: self.view.envelopes.is_empty(),
        };
        pending.chain([timer]).take(limit).collect()
    }
    pub fn why_not(&self) -> Vec<WhyNot> {
        let r = self.view.nodes[0].replicas.iter().find(|r| r.partition == tp());
        if r.is_none_or(|r| r.high_watermark == r.log_end_offset) {
            return vec![];
        }
        vec![WhyNot::HighWatermarkWaits { partition: tp(), high_watermark: 6, isr: vec![1, 2, 3], waiting_for: 3, its_end: 6, log_end: 7 }]
    }
    pub fn probe_answer(&self, _: u32) -> Option<serde_json::Value> {
        None
    }
}

fn tp() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

pub struct History {
    scenario: Scenario,
    moments: Vec<(ClusterView, Option<Arc<Step>>)>,
    cluster: Cluster,
    position: Position,
}

impl History {
    pub fn new(scenario: Scenario) -> Result<Self, ScenarioError> {
        let moments = script(&scenario);
        let position = scenario.position.min(moments.len() as u32 - 1);
        let cluster = Cluster { view: moments[position as usize].0.clone() };
        Ok(Self { scenario, moments, cluster, position })
    }
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }
    pub fn position(&self) -> Position {
        self.position
    }
    pub fn len(&self) -> Position {
        self.moments.len() as u32 - 1
    }
    pub fn current(&mut self) -> Option<Arc<Step>> {
        self.step_at(self.position)
    }
    pub fn step_at(&mut self, index: Position) -> Option<Arc<Step>> {
        self.moments.get(index as usize)?.1.clone()
    }
    pub fn forward(&mut self, _: Size) -> Option<Arc<Step>> {
        if self.position == self.len() {
            return None;
        }
        self.seek(self.position + 1);
        self.current()
    }
    pub fn back(&mut self, _: Size) -> bool {
        let can = self.position > 0;
        self.seek(self.position.saturating_sub(1));
        can
    }
    pub fn seek(&mut self, position: Position) {
        self.position = position.min(self.len());
        self.cluster = Cluster { view: self.moments[self.position as usize].0.clone() };
    }
    pub fn act(&mut self, command: Command) -> Result<Arc<Step>, CommandError> {
        match command {
            Command::Produce { .. } => self.forward(Size::Message).ok_or(CommandError::NothingPending {}),
            _ => Err(CommandError::NoSuchNode { node: 9 }),
        }
    }
    pub fn scenario(&self) -> Scenario {
        Scenario { position: self.position, ..self.scenario.clone() }
    }
    pub fn marks(&self) -> Vec<Mark> {
        let kind = |change: &Change| match change {
            Change::HighWatermarkMoved { as_leader: true, .. } => MarkKind::HighWatermark,
            Change::Acknowledged { .. } => MarkKind::Acknowledged,
            Change::RecordsRead { .. } => MarkKind::Read,
            Change::OffsetCommitted { .. } => MarkKind::OffsetCommitted,
            _ => MarkKind::Other,
        };
        let steps = self.moments.iter().filter_map(|(_, step)| step.as_ref());
        steps
            .flat_map(|s| {
                s.changes.iter().filter(|c| c.is_milestone()).map(move |c| Mark {
                    position: s.index,
                    at_ms: s.at_ms,
                    kind: kind(c),
                })
            })
            .collect()
    }
    pub fn causes(&mut self, index: Position, limit: usize) -> Vec<Arc<Step>> {
        let mut chain = Vec::new();
        let mut at = self.step_at(index).and_then(|s| s.cause);
        while let Some(step) = at.and_then(|i| self.step_at(i)) {
            at = step.cause;
            chain.push(step);
            if chain.len() == limit {
                break;
            }
        }
        chain
    }
    pub fn branches(&self) -> Vec<BranchView> {
        vec![BranchView { id: 0, from: 0, len: self.len(), is_current: true }]
    }
    pub fn switch(&mut self, _: u32) {}
}

fn batch(offset: i64, epoch: i32) -> BatchView {
    let record = Record {
        offset_delta: 0,
        timestamp: 0,
        key: Some("K1".into()),
        value: Some(format!("order {offset}").as_str().into()),
        headers: vec![],
    };
    BatchView {
        base_offset: offset,
        last_offset: offset,
        leader_epoch: epoch,
        size_bytes: 78,
        producer_id: 1,
        base_sequence: offset as i32,
        records: vec![record],
    }
}

fn replica(partition: TopicPartition, node: i32, leader: i32, n: i64) -> ReplicaView {
    ReplicaView {
        partition,
        role: if node == leader { Role::Leader } else { Role::Follower },
        leader,
        leader_epoch: 2,
        partition_epoch: 4,
        log_start_offset: 0,
        log_end_offset: n,
        high_watermark: n,
        flushed_offset: 0,
        isr: vec![1, 2, 3],
        proposed_isr: None,
        followers: vec![],
        batches: (0..n).map(|o| batch(o, if o < 3 { 1 } else { 2 })).collect(),
        segments: vec![SegmentView { base_offset: 0, size_bytes: 78 * n as u64, offset_index: vec![(0, 0)], time_index: vec![], is_active: true }],
        leader_epochs: vec![(1, 0), (2, 3)],
        is_offline: false,
    }
}

fn script(scenario: &Scenario) -> Vec<(ClusterView, Option<Arc<Step>>)> {
    let config = &scenario.config;
    let brokers: Vec<i32> = config.nodes.iter().filter(|n| n.roles.is_broker()).map(|n| n.id).collect();
    let node = |n: &NodeConfig| NodeView {
        id: n.id,
        is_broker: n.roles.is_broker(),
        is_controller: n.roles.is_controller(),
        rack: n.rack.clone(),
        state: NodeState::Running,
        replicas: if n.roles.is_broker() {
            let mut replicas: Vec<_> = (0..3).map(|p| replica(TopicPartition::new("__consumer_offsets", p), n.id, 1 + p, 0)).collect();
            for topic in &config.topics {
                for p in 0..topic.partitions {
                    let leader = p % brokers.len() as i32;
                    let holds = (0..i32::from(topic.replication_factor)).any(|i| brokers[((leader + i) as usize) % brokers.len()] == n.id);
                    if holds {
                        replicas.push(replica(TopicPartition::new(topic.name.as_str(), p), n.id, brokers[leader as usize], 6));
                    }
                }
            }
            replicas
        } else {
            vec![]
        },
        metadata_offset: 29,
        broker_epoch: 5,
        controller: n.roles.is_controller().then(|| ControllerView {
            is_active: true,
            epoch: 1,
            log_end_offset: 29,
            high_watermark: 29,
            last_records: vec![],
            brokers: vec![],
        }),
        request_queue: vec![],
        purgatory: vec![],
        files: [("replication-offset-checkpoint".to_owned(), "0\n1\norders 0 6\n".to_owned())].into(),
    };
    let view = ClusterView {
        now_ms: 10_000,
        nodes: config.nodes.iter().map(node).collect(),
        partitions: vec![PartitionView {
            partition: tp(),
            leader: 1,
            leader_epoch: 2,
            partition_epoch: 4,
            replicas: vec![1, 2, 3],
            isr: vec![1, 2, 3],
            elr: vec![],
            last_known_elr: vec![],
            adding_replicas: vec![],
            removing_replicas: vec![],
        }],
        producers: (1..=config.producers.len() as u32)
            .map(|number| ProducerView {
                number,
                acks: "all".into(),
                accumulated: vec![],
                in_flight: vec![],
                acknowledged: 0,
                failed: 0,
                known_leaders: vec![(tp(), 1)],
                last_partitioning: None,
            })
            .collect(),
        consumers: (1..=config.consumers.len() as u32)
            .map(|number| ConsumerView {
                number,
                group: "readers".into(),
                member_id: "m".into(),
                generation: 1,
                coordinator: 2,
                assigned: vec![AssignedView { partition: tp(), position: 6, committed: 6 }],
                read: vec![],
                records_read: 6,
            })
            .collect(),
        groups: vec![GroupView {
            group: "readers".into(),
            coordinator: 2,
            state: "Stable".into(),
            generation: 1,
            members: vec!["consumer-1".into()],
            offsets: vec![(tp(), 6)],
        }],
        envelopes: vec![],
        cuts: vec![],
    };
    let mut run = Run { moments: vec![(view, None)], event: 10 };
    run.play();
    run.moments
}

struct Run {
    moments: Vec<(ClusterView, Option<Arc<Step>>)>,
    event: u64,
}

impl Run {
    fn step(&mut self, ms: u64, actor: Actor, explanation: Explanation, changes: Vec<Change>, edit: impl FnOnce(&mut ClusterView)) {
        let mut view = self.moments.last().map(|(v, _)| v.clone()).unwrap_or_else(|| unreachable!());
        view.now_ms += ms;
        let arrived = view.envelopes.iter().position(|e| e.arrives_at_ms <= view.now_ms);
        if let Some(at) = arrived {
            view.envelopes.remove(at);
        }
        edit(&mut view);
        let index = self.moments.len() as u32;
        let size = if changes.iter().any(Change::is_milestone) { Size::Milestone } else { Size::Message };
        let step = Step {
            index,
            at_ms: view.now_ms,
            actor: Some(actor),
            cause: (index > 1).then(|| index - 1),
            command: None,
            changes,
            explanation,
            size,
        };
        self.moments.push((view, Some(Arc::new(step))));
    }
    fn send(&mut self, from: Actor, to: Actor, api: ApiKey, is_response: bool, ms: u64, summary: &str, records: i64) {
        self.event += 1;
        let event = EventId(self.event);
        if let Some((view, _)) = self.moments.last_mut() {
            view.envelopes.push(EnvelopeView {
                event,
                from,
                to,
                is_response,
                api,
                sent_at_ms: view.now_ms,
                arrives_at_ms: view.now_ms + ms,
                summary: summary.into(),
                records,
                body: Some(serde_json::json!({"replicaId": 2, "maxWaitMs": 500})),
            });
            view.envelopes.sort_by_key(|e| e.arrives_at_ms);
        }
    }
    fn play(&mut self) {
        use Actor::{Consumer, Node, Producer};
        fn edit(node: usize, f: impl Fn(&mut ReplicaView)) -> impl FnOnce(&mut ClusterView) {
            move |view| {
                if let Some(r) = view.nodes[node - 1].replicas.iter_mut().find(|r| r.partition == tp()) {
                    f(r);
                }
            }
        }
        let appended = |node, as_leader| Change::Appended { node, partition: tp(), base_offset: 6, last_offset: 6, leader_epoch: 2, as_leader };
        self.step(0, Producer(1), Explanation::RecordAccumulated { producer: 1, partition: tp() }, vec![Change::Partitioned { producer: 1, partition: tp(), key: Some("K1".into()), hash: Some(-12345), partitions: 1 }], |v| {
            v.producers[0].accumulated = vec![(tp(), 1)];
        });
        self.step(5, Producer(1), Explanation::ProducerSends { producer: 1, partition: tp(), leader: 1, records: 1 }, vec![Change::BatchSent { producer: 1, partition: tp(), records: 1, leader: 1 }], |v| {
            v.producers[0].accumulated.clear();
            v.producers[0].in_flight = vec![(tp(), 1)];
        });
        self.send(Producer(1), Node(1), ApiKey::Produce, false, 4, "orders-0 1 record", 1);
        self.send(Node(2), Node(100), ApiKey::BrokerHeartbeat, false, 24, "", 0);
        self.step(4, Node(1), Explanation::LeaderAppendedWaits { node: 1, partition: tp(), base_offset: 6, last_offset: 6, leader_epoch: 2 }, vec![appended(1, true)], edit(1, |r| {
            r.batches.push(batch(6, 2));
            r.log_end_offset = 7;
        }));
        self.send(Node(1), Node(2), ApiKey::Fetch, true, 3, "orders-0 6", 1);
        self.send(Node(1), Node(3), ApiKey::Fetch, true, 5, "orders-0 6", 1);
        for (node, ms) in [(2, 3), (3, 2)] {
            self.step(ms, Node(node), Explanation::FollowerAppended { node, leader: 1, partition: tp(), last_offset: 6 }, vec![appended(node, false)], edit(node as usize, |r| {
                r.batches.push(batch(6, 2));
                r.log_end_offset = 7;
            }));
            self.send(Node(node), Node(1), ApiKey::Fetch, false, 4, "orders-0 from 7", 0);
        }
        self.step(2, Node(1), Explanation::FetchFromFollower { node: 1, follower: 2, partition: tp(), offset: 7 }, vec![Change::FollowerEndKnown { leader: 1, follower: 2, partition: tp(), from: 6, to: 7 }, Change::FollowerCaughtUp { leader: 1, follower: 2, partition: tp(), from_ms: 9200, to_ms: 10016 }], |_| {});
        self.step(2, Node(1), Explanation::FetchMovedHighWatermark { node: 1, follower: 3, partition: tp(), offset: 7, high_watermark: 7 }, vec![Change::FollowerEndKnown { leader: 1, follower: 3, partition: tp(), from: 6, to: 7 }, Change::HighWatermarkMoved { node: 1, partition: tp(), from: 6, to: 7, as_leader: true }], edit(1, |r| r.high_watermark = 7));
        self.send(Node(1), Producer(1), ApiKey::Produce, true, 3, "orders-0 offset 6", 0);
        self.send(Node(1), Consumer(1), ApiKey::Fetch, true, 5, "orders-0 6", 1);
        self.send(Node(1), Node(2), ApiKey::Fetch, true, 6, "HW 7", 0);
        self.step(3, Producer(1), Explanation::ProducerAcknowledged { producer: 1, partition: tp(), offset: 6 }, vec![Change::Acknowledged { producer: 1, partition: tp(), offset: 6, records: 1 }], |v| {
            v.producers[0].in_flight.clear();
            v.producers[0].acknowledged = 1;
        });
        self.step(2, Consumer(1), Explanation::ConsumerRead { consumer: 1, partition: tp(), from: 6, to: 7 }, vec![Change::RecordsRead { consumer: 1, partition: tp(), from: 6, to: 7 }, Change::PositionMoved { consumer: 1, partition: tp(), from: 6, to: 7 }], |v| {
            v.consumers[0].assigned[0].position = 7;
        });
        self.send(Consumer(1), Node(2), ApiKey::OffsetCommit, false, 4, "orders-0 7", 0);
        self.step(1, Node(2), Explanation::FollowerLearnedHighWatermark { node: 2, leader: 1, partition: tp(), high_watermark: 7 }, vec![Change::HighWatermarkMoved { node: 2, partition: tp(), from: 6, to: 7, as_leader: false }], edit(2, |r| r.high_watermark = 7));
        self.send(Node(2), Node(1), ApiKey::Fetch, false, 4, "orders-0 from 7", 0);
        let offsets = TopicPartition::new("__consumer_offsets", 1);
        self.step(3, Node(2), Explanation::CoordinatorAppendsCommit { node: 2, group: "readers".into(), partition: tp(), offset: 7 }, vec![Change::Appended { node: 2, partition: offsets, base_offset: 0, last_offset: 0, leader_epoch: 2, as_leader: true }, Change::OffsetCommitted { group: "readers".into(), partition: tp(), from: 6, to: 7 }], |v| {
            v.consumers[0].assigned[0].committed = 7;
            let r = &mut v.nodes[1].replicas[1];
            r.batches.push(batch(0, 2));
            r.log_end_offset = 1;
        });
    }
}
