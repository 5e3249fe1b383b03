//! The state of a transcript being played: the cluster, virtual time, open requests, names and what was compared so far.
//! Verbs build on it; it knows none of them.

use std::collections::BTreeMap;

use crate::actor::{Actor, Listener};
use crate::cluster::Cluster;
use crate::cluster::node::{Node, ProcessState};
use crate::command::{Command, CommandError};
use crate::config::Roles;
use crate::scenario::PlacedCommand;
use crate::step::{Position, Step};
use crate::view::{ClusterView, NodeState};
use crate::wire::ids::TopicIdPartition;
use crate::wire::{ApiKey, MessageProblem, Request, Topic, Uuid, restrict_to_version};
use serde_json::Value;

use super::answers::Answer;
use super::compare::{Comparison, Difference, Missing, leaves, restrict_to_recorded};
use super::consumers::RecordedConsumers;
use super::format::Transcript;
use super::names::Names;
use super::observation::Observation;
use super::producers::RecordedProducers;
use super::quorum_trace::QuorumTrace;
use super::varies::{self, Variation};
use super::verbs_groups::Groups;

/// How long a wait may take at most, in virtual milliseconds.
pub const PATIENCE_MS: u64 = 60_000;

/// What playing one transcript may take: one that asks for more is stopped there, within a second or two. The longest of the
/// recordings of this repository needs less than three quarters of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Virtual time, in milliseconds.
    pub time_ms: u64,
    /// Moves of the cluster.
    pub moves: Position,
    /// Bytes of the requests sent, written as JSON: what the cluster keeps in memory grows with them.
    pub sent_bytes: usize,
    /// Records that producers send: each is a command of its own, and those that wait are looked at with each.
    pub records: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time_ms: 1 << 40, moves: 100_000, sent_bytes: 1 << 23, records: 5_000 }
    }
}

/// Why a step cannot be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// What cannot be said.
    pub what: String,
    /// Whether the cluster would have changed: then nothing after it can be compared.
    pub changes: bool,
}

impl Unsupported {
    /// A step that would have changed the cluster.
    pub fn action(what: impl Into<String>) -> Self {
        Self { what: what.into(), changes: true }
    }

    /// A step that only looks.
    pub fn observation(what: impl Into<String>) -> Self {
        Self { what: what.into(), changes: false }
    }
}

/// A request that a `send` left open.
#[derive(Clone, Debug)]
pub struct InFlightRequest {
    /// The probe that sent it.
    pub probe: u32,
    /// Whether its answer was collected: another one does not come.
    pub is_collected: bool,
    /// When it was sent, in virtual milliseconds.
    pub sent_at: u64,
    /// On which connection, where the recording names it.
    pub connection: Option<String>,
}

/// Which log an observation tells of, beside the topic most lately named.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LooksAt {
    /// On which node; if it is not told, on the lowest-numbered that has one.
    pub(super) node: Option<i32>,
    /// Of which partition.
    pub(super) partition: i32,
}

/// A transcript being played.
#[derive(Clone)]
pub struct Player<'t> {
    pub(super) transcript: &'t Transcript,
    pub(super) cluster: Cluster,
    pub(super) names: Names,
    pub(super) varies: Vec<Variation>,
    pub(super) open: BTreeMap<String, InFlightRequest>,
    /// What was done by hand, and after how many moves.
    pub(super) placed: Vec<PlacedCommand>,
    /// After how many moves each step of the transcript was over.
    pub(super) marks: Vec<(usize, Position)>,
    pub(super) differences: Vec<Difference>,
    pub(super) observations: Vec<Observation>,
    pub(super) compared: u32,
    pub(super) not_compared: BTreeMap<String, u32>,
    /// The step being played.
    pub(super) at: usize,
    /// The topic most lately named.
    pub(super) topic: String,
    /// Which log the observation under way tells of.
    pub(super) looks_at: LooksAt,
    /// Who led each partition before the last fault.
    pub(super) leaders_before_fault: BTreeMap<String, i32>,
    /// Where the metadata log ended at the last observation that told records of it.
    pub(super) observed_to: i64,
    /// Where the metadata log ended before the last step that may have written to it.
    pub(super) before_last_act: i64,
    /// Where it ended when `records` last told of it.
    pub(super) records_to: Option<i64>,
    /// What was seen of a voter among puppets.
    pub(super) quorum_trace: QuorumTrace,
    /// What is known of groups and their members.
    pub(super) groups: Groups,
    /// Consumers of the engine that play recorded ones.
    pub(super) consumers: RecordedConsumers,
    /// Producers of the engine that play recorded ones.
    pub(super) producers: RecordedProducers,
    /// Two nodes of which each is told under the other's name, if the recording names them by who leads.
    pub(super) recorded_for: Option<(i32, i32)>,
    /// What keeps all later steps from being compared, if anything does.
    pub(super) spoilt_by: Option<String>,
    /// The limit that was reached, if any: nothing is played after that.
    pub(super) stopped: Option<&'static str>,
    /// How long anyone who plays waits before a fault.
    pub(super) operator_delay_ms: u64,
    /// Where virtual time stands for anyone who plays: the cluster's own clock moves only with its events.
    clock: u64,
    /// Where it stood at the beginning.
    began_at: u64,
    position: Position,
    next_probe: u32,
    /// The connection that the next request is to be sent on, by the recording's name for it.
    pub(super) connection: Option<String>,
    /// The `client.id` of the next request, where the recording tells one.
    pub(super) client_id: Option<Topic>,
    /// When an answer on each named connection last asked its client to pause, and for how long, in milliseconds.
    pub(super) throttled: BTreeMap<String, (u64, u64)>,
    /// The probes that opened the connections that the recording names.
    connections: BTreeMap<String, u32>,
    /// The probes of which the connections are kept open.
    pub(super) kept_open: Vec<u32>,
    limits: Limits,
    sent_bytes: usize,
    sent_records: u32,
}

impl<'t> Player<'t> {
    /// A player at the start of a transcript.
    pub fn new(transcript: &'t Transcript, cluster: Cluster, operator_delay_ms: u64) -> Self {
        let observed_to = cluster.metadata_end();
        let clock = cluster.now();
        Self {
            transcript,
            names: Names::default(),
            varies: varies::read(&transcript.varies),
            open: BTreeMap::new(),
            placed: Vec::new(),
            marks: Vec::new(),
            differences: Vec::new(),
            observations: Vec::new(),
            compared: 0,
            not_compared: BTreeMap::new(),
            at: 0,
            topic: String::new(),
            looks_at: LooksAt::default(),
            leaders_before_fault: BTreeMap::new(),
            observed_to,
            before_last_act: observed_to,
            records_to: None,
            quorum_trace: QuorumTrace::begin(&cluster),
            groups: Groups::default(),
            consumers: RecordedConsumers::default(),
            producers: RecordedProducers::default(),
            recorded_for: None,
            spoilt_by: None,
            stopped: None,
            operator_delay_ms,
            cluster,
            clock,
            began_at: clock,
            position: 0,
            next_probe: 1,
            connection: None,
            client_id: None,
            throttled: BTreeMap::new(),
            connections: BTreeMap::new(),
            kept_open: Vec::new(),
            limits: Limits::default(),
            sent_bytes: 0,
            sent_records: 0,
        }
    }

    // --- time ---

    /// Plays within other limits.
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// After how many moves of the cluster we are.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// Where virtual time stands.
    pub(super) fn now(&self) -> u64 {
        self.clock.max(self.cluster.now())
    }

    /// Executes the next event. None once there is no event left, or a limit is reached.
    pub(super) fn step(&mut self) -> Option<Step> {
        if self.position >= self.limits.moves {
            self.stopped = Some("more moves than a transcript may take");
            return None;
        }
        self.quorum_trace.before_step(&self.cluster);
        let step = self.cluster.step()?;
        self.quorum_trace.after_step(&step);
        self.consumers.note(&step);
        self.position += 1;
        Some(step)
    }

    /// Lets virtual time pass until `done`, at most so long. Tells whether it was done.
    pub(super) fn run_until(&mut self, limit_ms: u64, mut done: impl FnMut(&Cluster, Option<&Step>) -> bool) -> bool {
        let wanted = self.now().saturating_add(limit_ms);
        let deadline = wanted.min(self.began_at.saturating_add(self.limits.time_ms));
        if done(&self.cluster, None) {
            return true;
        }
        while self.cluster.next_at().is_some_and(|at| at <= deadline) {
            let Some(step) = self.step() else { break };
            if done(&self.cluster, Some(&step)) {
                self.clock = self.now();
                return true;
            }
        }
        if wanted > deadline && self.stopped.is_none() {
            self.stopped = Some("more virtual time than a transcript may take");
        }
        self.clock = deadline;
        false
    }

    /// Lets virtual time pass.
    pub(super) fn let_time_pass(&mut self, ms: u64) {
        self.run_until(ms, |_, _| false);
    }

    /// Lets virtual time pass until nothing has changed for so long: no log, no mark, no epoch, no metadata. At most a
    /// minute.
    pub(super) fn run_until_still(&mut self, still_ms: u64) {
        let mut last = Stillness::of(&self.cluster);
        let mut since = self.now();
        let deadline = since.saturating_add(PATIENCE_MS);
        while since.saturating_add(still_ms) > self.now() && self.cluster.now() < deadline {
            let until = since.saturating_add(still_ms).min(deadline);
            let moved = self.run_until(until.saturating_sub(self.now()), |cluster, step| {
                // While no controller is active, nobody can be asked what the metadata is.
                let is_observable = step.is_some_and(|step| !step.changes.is_empty()) && cluster.image().is_some();
                is_observable && Stillness::of(cluster) != last
            });
            if !moved {
                break;
            }
            last = Stillness::of(&self.cluster);
            since = self.cluster.now();
        }
    }

    // --- commands and requests ---

    /// Does something by hand, and remembers it for the scenario.
    pub(super) fn command(&mut self, command: Command) -> Result<Step, CommandError> {
        let step = self.cluster.apply(&command)?;
        self.consumers.note(&step);
        // What is done by hand is done at the time of the last event. Of a voter among puppets nothing may happen for long, and
        // that while begins only now.
        if self.voter_among_puppets().is_some() {
            self.clock = self.cluster.now();
        }
        self.placed.push(PlacedCommand { at: self.position, command });
        self.position += 1;
        Ok(step)
    }

    /// Sends a request by hand. The error says what the engine cannot say.
    pub(super) fn send(
        &mut self,
        to: i32,
        port: Listener,
        api: &str,
        version: Option<i16>,
        body: Value,
    ) -> Result<u32, String> {
        self.send_as(None, to, port, api, version, body)
    }

    /// The same in somebody's name.
    pub(super) fn send_as(
        &mut self,
        principal: Option<Topic>,
        to: i32,
        port: Listener,
        api: &str,
        version: Option<i16>,
        body: Value,
    ) -> Result<u32, String> {
        let key: ApiKey = api.parse().map_err(|_| format!("request {api}"))?;
        let mut body = body;
        let restricted = version.map_or(Ok(()), |version| restrict_to_version(key, version, &mut body));
        restricted.and_then(|()| Request::from_json(key, &body).map(drop)).map_err(|error| match &error.problem {
            MessageProblem::UnknownField { field, .. } => format!("{api} with {field}"),
            MessageProblem::MissingField { .. }
            | MessageProblem::WrongType { .. }
            | MessageProblem::OutOfRange { .. }
            | MessageProblem::UnknownValue { .. }
            | MessageProblem::NotInVersion { .. }
            | MessageProblem::Malformed { .. } => format!("{api}: {error}"),
        })?;
        self.sent_bytes = self.sent_bytes.saturating_add(body.to_string().len());
        if self.sent_bytes > self.limits.sent_bytes {
            self.stopped = Some("more bytes sent than a transcript may");
        }
        if let Some(limit) = self.stopped {
            return Err(limit.to_owned());
        }
        let probe = self.take_probe();
        let connection = self.connection.take().and_then(|name| {
            self.connections.get(&name).copied().or_else(|| {
                self.connections.insert(name, probe);
                None
            })
        });
        let command = Command::Request {
            probe,
            connection,
            to,
            port,
            api: key,
            version,
            principal,
            client_id: self.client_id.take(),
            body,
        };
        self.command(command).map_err(|error| format!("{api}: {error}"))?;
        Ok(probe)
    }

    /// Counts a record that a producer is to send. False where a transcript may not send so many, or so much.
    pub(super) fn may_send_record(&mut self, size_bytes: usize) -> bool {
        self.sent_records = self.sent_records.saturating_add(1);
        self.sent_bytes = self.sent_bytes.saturating_add(size_bytes);
        if self.sent_records > self.limits.records {
            self.stopped = Some("more records sent than a transcript may");
        } else if self.sent_bytes > self.limits.sent_bytes {
            self.stopped = Some("more bytes sent than a transcript may");
        }
        self.stopped.is_none()
    }

    /// The number of the next probe.
    pub(super) fn take_probe(&mut self) -> u32 {
        let probe = self.next_probe;
        self.next_probe += 1;
        probe
    }

    /// Waits for a probe's answer.
    pub(super) fn await_answer(&mut self, probe: u32, limit_ms: u64) -> Answer {
        self.run_until(limit_ms, |cluster, _| {
            cluster.probe_answer(probe).is_some_and(|answer| answer.answered_at_ms.is_some() || answer.closed)
        });
        match self.cluster.probe_answer(probe) {
            Some(answer) if answer.closed => {
                let node = self.cluster.node(answer.to);
                let listens = node.is_some_and(|node| node.process != ProcessState::Down && node.listens(answer.port));
                if listens { Answer::Closed } else { Answer::Refused }
            }
            Some(answer) if answer.answered_at_ms.is_some() => {
                answer.response.clone().map_or(Answer::Closed, Answer::Answered)
            }
            _ => Answer::Nothing,
        }
    }

    // --- looking ---

    /// The cluster as it is.
    pub(super) fn view(&self) -> ClusterView {
        self.cluster.view()
    }

    /// Whom an admin client would ask: the lowest-numbered broker that runs, is no puppet and is not cut off; else any that
    /// runs.
    pub(super) fn some_broker(&self) -> Result<i32, Unsupported> {
        let reached = self.brokers_in_reach().into_iter().min();
        reached.or(self.running_brokers().min()).ok_or_else(|| Unsupported::action("no broker that runs"))
    }

    fn running_brokers(&self) -> impl Iterator<Item = i32> {
        let nodes = self.cluster.nodes().filter(|node| node.config.roles.is_broker());
        nodes.filter(|node| is_up(node)).map(|node| node.config.id)
    }

    /// Brokers that run and that nothing parts from the controller: they are given to an admin client to begin with.
    pub(super) fn brokers_in_reach(&self) -> Vec<i32> {
        let controllers =
            self.cluster.nodes().filter(|node| node.config.roles.is_controller()).map(|node| node.config.id);
        let controllers: Vec<i32> = controllers.collect();
        let is_cut = |one: i32, other: i32| {
            let (one, other) = (Actor::Node(one), Actor::Node(other));
            self.cluster.cuts().any(|cut| cut == (one, other) || cut == (other, one))
        };
        self.running_brokers().filter(|id| controllers.iter().any(|controller| !is_cut(*id, *controller))).collect()
    }

    /// The nodes that are played by hand.
    pub(super) fn puppets(&self) -> Vec<i32> {
        let nodes = &self.cluster.config().nodes;
        nodes.iter().filter(|node| node.roles == Roles::Puppet).map(|node| node.id).collect()
    }

    /// Who leads a partition, as the metadata log says.
    pub(super) fn leader_of(&self, topic: &str, partition: i32) -> Option<i32> {
        self.cluster.image()?.partition(topic, partition).map(|image| image.leader).filter(|leader| *leader >= 0)
    }

    /// Waits until every process that runs knows all of the metadata log: an admin client's next call comes later than that.
    pub(super) fn let_metadata_spread(&mut self) {
        self.run_until(1_000, |cluster, step| {
            if step.is_some_and(|step| step.changes.is_empty()) {
                return false;
            }
            let end = cluster.metadata_end();
            let mut running = cluster.nodes().filter(|node| is_up(node)).filter_map(|node| node.broker.as_ref());
            running.all(|broker| broker.metadata_offset >= end)
        });
    }

    // --- reporting ---

    /// Compares what Kafka answered with what we have.
    pub(super) fn compare(&mut self, expected: &Value, actual: &Value) {
        self.compare_at("", expected, actual);
    }

    /// Compares one part of what Kafka answered. A field that the engine's answer lacks is a difference.
    pub(super) fn compare_at(&mut self, path: &str, expected: &Value, actual: &Value) {
        self.compare_where(Missing::Differs, path, expected, actual);
    }

    /// Compares what is told in this player's own words: what it has no word for is counted as unsupported.
    pub(super) fn compare_words(&mut self, path: &str, expected: &Value, actual: &Value) {
        self.compare_where(Missing::Unsupported, path, expected, actual);
    }

    fn compare_where(&mut self, missing: Missing, path: &str, expected: &Value, actual: &Value) {
        let mut comparison = Comparison::new(&self.cluster, &mut self.names, missing);
        comparison.compare(path, expected, actual);
        let (compared, not_compared, differences) =
            (comparison.compared, comparison.not_compared, comparison.differences);
        self.compared += compared;
        for (field, count) in not_compared {
            *self.not_compared.entry(field).or_default() += count;
        }
        self.observations.push(Observation {
            step: self.at,
            path: path.to_owned(),
            kafka: expected.clone(),
            engine: (compared > 0).then(|| restrict_to_recorded(expected, actual)),
            differs: !differences.is_empty(),
        });
        let verb = self.transcript.steps[self.at].verb.clone();
        let named = differences.into_iter().map(|(path, expected, got)| Difference {
            step: self.at,
            verb: verb.clone(),
            path,
            expected,
            got,
        });
        self.differences.extend(named);
    }

    /// Counts a part of what Kafka answered as what the engine cannot say.
    pub(super) fn cannot_say(&mut self, field: &str, expected: &Value) {
        *self.not_compared.entry(field.to_owned()).or_default() += leaves(expected);
        self.observations.push(Observation {
            step: self.at,
            path: field.to_owned(),
            kafka: expected.clone(),
            engine: None,
            differs: false,
        });
    }
}

/// Whether a process runs, is not paused and is no puppet.
pub(super) fn is_up(node: &Node) -> bool {
    matches!(NodeState::of(node), NodeState::Running | NodeState::Fenced)
}

/// What must stand still before an observation is made. It is looked at after most events, so it is read off the cluster
/// itself: its view shows far more.
#[derive(PartialEq)]
struct Stillness {
    nodes: Vec<(i32, NodeState)>,
    /// Of each log: leader epoch, log start, log end, high watermark.
    replicas: Vec<(i32, TopicIdPartition, i32, i64, i64, i64)>,
    /// Of each partition: leader, leader epoch, partition epoch.
    partitions: Vec<(Uuid, i32, i32, i32, i32)>,
    metadata: i64,
}

impl Stillness {
    fn of(cluster: &Cluster) -> Self {
        let replicas = cluster.nodes().flat_map(|node| {
            let disk = &node.disk.broker;
            disk.logs.iter().map(|(id, stored)| {
                let partition = node.broker.as_ref().and_then(|broker| broker.partitions.get(id));
                let leader_epoch = partition.map_or(-1, |partition| partition.registration.leader_epoch);
                let checkpointed = disk.high_watermarks.get(id).copied().unwrap_or(0);
                let high_watermark = partition.map_or(checkpointed, |partition| partition.high_watermark);
                let log = &stored.log;
                (node.config.id, *id, leader_epoch, log.log_start_offset(), log.log_end_offset(), high_watermark)
            })
        });
        let topics = cluster.image().into_iter().flat_map(|image| image.topics.iter());
        let partitions = topics.flat_map(|(id, topic)| {
            topic
                .partitions
                .iter()
                .map(|(index, known)| (*id, *index, known.leader, known.leader_epoch, known.partition_epoch))
        });
        Self {
            nodes: cluster.nodes().map(|node| (node.config.id, NodeState::of(node))).collect(),
            replicas: replicas.collect(),
            partitions: partitions.collect(),
            metadata: super::observe::end_of_what_counts(cluster),
        }
    }
}
