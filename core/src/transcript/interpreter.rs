//! The one interpreter: turns the steps of a transcript into commands and requests, and lets virtual time pass between.

use std::collections::BTreeMap;

use crate::actor::{Actor, Port};
use crate::cluster::Cluster;
use crate::command::{Command, CommandError};
use crate::config::{ClusterConfig, Roles};
use crate::scenario::PlacedCommand;
use crate::step::{Position, Step};
use crate::view::{ClusterView, NodeState, NodeView};
use crate::wire::{ApiKey, Request};
use serde_json::Value;

use super::answers::Answer;
use super::compare::{Comparison, Difference, leaves, told_alike};
use super::format::{Transcript, TranscriptStep};
use super::names::Names;
use super::report::Observation;
use super::varies::{self, Variation};

/// How long a wait may take at most, in virtual milliseconds.
pub const PATIENCE_MS: u64 = 60_000;

/// Why a step cannot be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsayable {
    /// What cannot be said.
    pub what: String,
    /// Whether the cluster would have changed: then nothing after it can be compared.
    pub changes: bool,
}

impl Unsayable {
    /// A step that would have changed the cluster.
    pub fn deed(what: impl Into<String>) -> Self {
        Self { what: what.into(), changes: true }
    }

    /// A step that only looks.
    pub fn look(what: impl Into<String>) -> Self {
        Self { what: what.into(), changes: false }
    }
}

/// A request that a `send` left open.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// The probe that sent it.
    pub probe: u32,
}

/// A transcript being played.
#[derive(Clone)]
pub struct Player<'t> {
    pub(super) transcript: &'t Transcript,
    pub(super) cluster: Cluster,
    pub(super) names: Names,
    pub(super) varies: Vec<Variation>,
    pub(super) open: BTreeMap<String, OpenRequest>,
    /// What was done by hand, and after how many moves.
    pub(super) placed: Vec<PlacedCommand>,
    /// After how many moves each step of the transcript was over.
    pub(super) marks: Vec<(usize, Position)>,
    pub(super) differences: Vec<Difference>,
    pub(super) observations: Vec<Observation>,
    pub(super) compared: u32,
    pub(super) unsaid: BTreeMap<String, u32>,
    /// The step being played.
    pub(super) at: usize,
    /// The topic most lately named.
    pub(super) topic: String,
    /// Who led each partition before the last fault.
    pub(super) leaders_before_fault: BTreeMap<String, i32>,
    /// Where the metadata log ended at the last observation.
    pub(super) observed_to: i64,
    /// How long whoever plays waits before a fault.
    pub(super) hand_ms: u64,
    /// Where virtual time stands for whoever plays: the cluster's own clock moves only with its events.
    clock: u64,
    position: Position,
    next_probe: u32,
}

impl<'t> Player<'t> {
    /// A player at the start of a transcript.
    pub fn new(transcript: &'t Transcript, cluster: Cluster, hand_ms: u64) -> Self {
        let observed_to = cluster.metadata_end();
        let clock = cluster.now();
        Self {
            transcript,
            cluster,
            names: Names::default(),
            varies: varies::read(&transcript.varies),
            open: BTreeMap::new(),
            placed: Vec::new(),
            marks: Vec::new(),
            differences: Vec::new(),
            observations: Vec::new(),
            compared: 0,
            unsaid: BTreeMap::new(),
            at: 0,
            topic: String::new(),
            leaders_before_fault: BTreeMap::new(),
            observed_to,
            hand_ms,
            clock,
            position: 0,
            next_probe: 1,
        }
    }

    /// Plays every step.
    pub fn play(&mut self) {
        self.let_time_pass(self.time_needed_before());
        let mut spoilt_by: Option<String> = None;
        for (index, step) in self.transcript.steps.iter().enumerate() {
            self.at = index;
            if let Some(cause) = &spoilt_by {
                if step.verb != "note" {
                    *self.unsaid.entry(format!("after {cause}")).or_default() += step.facts().max(1);
                }
                continue;
            }
            if let Err(unsayable) = self.play_step(step) {
                *self.unsaid.entry(unsayable.what.clone()).or_default() += step.facts().max(1);
                if unsayable.changes {
                    spoilt_by = Some(format!("steps[{index}], {}", unsayable.what));
                }
            }
            self.marks.push((index, self.position));
        }
    }

    pub(super) fn play_step(&mut self, step: &TranscriptStep) -> Result<(), Unsayable> {
        if let Some(topic) = step.text("topic") {
            self.topic = topic.to_owned();
        }
        self.let_time_pass(step.later_ms);
        match step.verb.as_str() {
            "note" => match step.saw {
                Some(_) => Err(Unsayable::deed("note")),
                None => Ok(()),
            },
            "request" => self.request_verb(step),
            "send" => self.send_verb(step),
            "answer" => self.answer_verb(step),
            "produce" => self.produce_verb(step),
            "repeat" => self.repeat_verb(step),
            "create-topic" => self.create_topic_verb(step),
            "delete-topic" => self.delete_topic_verb(step),
            "create-partitions" => self.create_partitions_verb(step),
            "alter-config" => self.alter_config_verb(step),
            "elect" => self.elect_verb(step),
            "reassign" => self.reassign_verb(step),
            "delete-records" => self.delete_records_verb(step),
            "start" | "stop" | "crash" | "pause" | "resume" => self.process_verb(step),
            "cut" => self.cut_verb(step),
            "heal" => self.heal_verb(),
            "wait" => self.wait_verb(step),
            "observe" => self.observe_verb(step),
            // These only look; the engine has no words for what they see.
            "records" | "consume" | "describe-cluster" | "describe-quorum" | "describe-topic" => {
                Err(Unsayable::look(step.verb.as_str()))
            }
            "files" => self.files_verb(step),
            other => Err(Unsayable::deed(other)),
        }
    }

    /// A timestamp like `<now - 120000>` must not lie before time began.
    fn time_needed_before(&self) -> u64 {
        let ages = self.transcript.steps.iter().filter_map(|step| step.get("body")).flat_map(ages_in);
        ages.max().map_or(0, |age| age + 1_000)
    }

    // --- time ---

    /// Executes the next event.
    pub(super) fn step(&mut self) -> Option<Step> {
        let step = self.cluster.step()?;
        self.position += 1;
        Some(step)
    }

    /// Lets virtual time pass until `done`, at most so long. Tells whether it was done.
    pub(super) fn run_until(&mut self, limit_ms: u64, mut done: impl FnMut(&Cluster, Option<&Step>) -> bool) -> bool {
        let deadline = self.clock.max(self.cluster.now()) + limit_ms;
        if done(&self.cluster, None) {
            return true;
        }
        while self.cluster.next_at().is_some_and(|at| at <= deadline) {
            let Some(step) = self.step() else { break };
            if done(&self.cluster, Some(&step)) {
                self.clock = self.clock.max(self.cluster.now());
                return true;
            }
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
        let mut since = self.clock.max(self.cluster.now());
        let deadline = since + PATIENCE_MS;
        while since + still_ms > self.clock.max(self.cluster.now()) && self.cluster.now() < deadline {
            let until = (since + still_ms).min(deadline);
            let moved = self.run_until(until.saturating_sub(self.clock.max(self.cluster.now())), |cluster, step| {
                step.is_some_and(|step| !step.changes.is_empty()) && Stillness::of(cluster) != last
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
        self.placed.push(PlacedCommand { at: self.position, command });
        self.position += 1;
        Ok(step)
    }

    /// Sends a request by hand. The error says what the engine cannot say.
    pub(super) fn send(
        &mut self,
        to: i32,
        port: Port,
        api: &str,
        version: Option<i16>,
        body: Value,
    ) -> Result<u32, String> {
        let key: ApiKey = api.parse().map_err(|_| format!("request {api}"))?;
        Request::from_json(key, &body).map_err(|error| format!("{api}: {error}"))?;
        let probe = self.next_probe;
        self.next_probe += 1;
        let command = Command::Request { probe, to, port, api: key, version, body };
        self.command(command).map_err(|error| format!("{api}: {error}"))?;
        Ok(probe)
    }

    /// Waits for a probe's answer.
    pub(super) fn await_answer(&mut self, probe: u32, limit_ms: u64) -> Answer {
        self.run_until(limit_ms, |cluster, _| {
            cluster.probe_answer(probe).is_some_and(|answer| answer.answered_at_ms.is_some() || answer.closed)
        });
        match self.cluster.probe_answer(probe) {
            Some(answer) if answer.closed => Answer::Closed,
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

    /// The lowest-numbered broker that runs and is no puppet: whom an admin client would ask.
    pub(super) fn some_broker(&self) -> Result<i32, Unsayable> {
        let view = self.view();
        let running = view.nodes.iter().filter(|node| node.is_broker && is_up(node));
        running.map(|node| node.id).min().ok_or_else(|| Unsayable::deed("no broker that runs"))
    }

    /// Whether a broker runs that nothing parts from the controller: only such a one is given to an admin client to begin
    /// with.
    pub(super) fn has_way_to_controller(&self) -> bool {
        let view = self.view();
        let controllers: Vec<i32> =
            view.nodes.iter().filter(|node| node.controller.is_some()).map(|node| node.id).collect();
        let is_cut = |one: i32, other: i32| {
            let (one, other) = (Actor::Node(one), Actor::Node(other));
            view.cuts.contains(&(one, other)) || view.cuts.contains(&(other, one))
        };
        let mut running = view.nodes.iter().filter(|node| node.is_broker && is_up(node));
        running.any(|node| controllers.iter().any(|controller| !is_cut(node.id, *controller)))
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
            cluster
                .view()
                .nodes
                .iter()
                .filter(|node| node.is_broker && is_up(node))
                .all(|node| node.metadata_offset >= end)
        });
    }

    // --- reporting ---

    /// Compares what Kafka answered with what we have.
    pub(super) fn compare(&mut self, expected: &Value, actual: &Value) {
        self.compare_at("", expected, actual);
    }

    /// Compares one part of what Kafka answered.
    pub(super) fn compare_at(&mut self, path: &str, expected: &Value, actual: &Value) {
        let mut comparison = Comparison::new(&self.cluster, &mut self.names);
        comparison.compare(path, expected, actual);
        let (compared, unsaid, differences) = (comparison.compared, comparison.unsaid, comparison.differences);
        self.compared += compared;
        for (field, count) in unsaid {
            *self.unsaid.entry(field).or_default() += count;
        }
        self.observations.push(Observation {
            step: self.at,
            path: path.to_owned(),
            kafka: expected.clone(),
            engine: (compared > 0).then(|| told_alike(expected, actual)),
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
        *self.unsaid.entry(field.to_owned()).or_default() += leaves(expected);
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
pub(super) fn is_up(node: &NodeView) -> bool {
    matches!(node.state, NodeState::Running | NodeState::Fenced)
}

/// How far back `<now - …>` reaches anywhere in a body.
fn ages_in(body: &Value) -> Vec<u64> {
    match body {
        Value::Object(fields) => fields.values().flat_map(ages_in).collect(),
        Value::Array(elements) => elements.iter().flat_map(ages_in).collect(),
        Value::String(text) => {
            text.strip_prefix("<now - ").and_then(|rest| rest.strip_suffix('>')?.parse().ok()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What must stand still before an observation is made.
#[derive(PartialEq)]
struct Stillness {
    nodes: Vec<(i32, NodeState)>,
    replicas: Vec<(i32, String, i32, i64, i64, i64)>,
    partitions: Vec<(String, i32, i32, i32)>,
    metadata: i64,
}

impl Stillness {
    fn of(cluster: &Cluster) -> Self {
        let view = cluster.view();
        let replicas = view.nodes.iter().flat_map(|node| {
            node.replicas.iter().map(|replica| {
                let (leo, mark) = (replica.log_end_offset, replica.high_watermark);
                (node.id, replica.partition.to_string(), replica.leader_epoch, replica.log_start_offset, leo, mark)
            })
        });
        Self {
            replicas: replicas.collect(),
            nodes: view.nodes.iter().map(|node| (node.id, node.state)).collect(),
            partitions: view
                .partitions
                .iter()
                .map(|each| (each.partition.to_string(), each.leader, each.leader_epoch, each.partition_epoch))
                .collect(),
            metadata: super::observe::end_of_what_counts(cluster),
        }
    }
}

/// The cluster that a transcript asks for.
pub fn cluster_config(transcript: &Transcript) -> Result<ClusterConfig, String> {
    super::order::read(&transcript.cluster)
}
