//! Verbs of faults: `start`, `stop`, `crash`, `pause`, `resume`, `cut`, `heal`.

use crate::actor::Actor;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::command::Command;
use crate::view::NodeState;
use crate::wire::{ApiKey, ErrorCode};
use serde_json::{Value, json};

use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player, Unsupported};

/// A real process takes seconds to come up: what was under way before is over by then, and what its coming set off too.
const BOOT_STILL_MS: u64 = 700;

/// A real process takes a while to end after it has given up its leaders.
const EXIT_MS: u64 = 2_000;

impl Player<'_> {
    pub(super) fn process_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        if self.start_with_the_cluster(step) {
            return Ok(());
        }
        let several = step.get("nodes").and_then(Value::as_array).into_iter().flatten();
        let several: Vec<i32> = several.filter_map(|id| i32::try_from(id.as_i64()?).ok()).collect();
        if step.verb == "start" && !several.is_empty() {
            return self.start_several(step, several);
        }
        let recorded = step.get("node").map_or_else(|| "nobody".to_owned(), ToString::to_string);
        let by_role = || self.node_by_role(step.text("node")?);
        let node = step
            .small("node")
            .or_else(by_role)
            .ok_or_else(|| Unsupported::action(format!("{} of {recorded}", step.verb)))?;
        let command = match step.verb.as_str() {
            "start" => Command::Start { node },
            "stop" => Command::Stop { node },
            "crash" => Command::Crash { node, machine: false },
            "pause" => Command::Pause { node },
            _ => Command::Resume { node },
        };
        match command {
            Command::Start { .. } => self.run_until_still(BOOT_STILL_MS),
            Command::Resume { .. } => {}
            _ => {
                self.let_time_pass(self.operator_delay_ms);
                self.note_leaders();
                self.note_coordinator();
            }
        }
        self.command(command.clone()).map_err(|error| Unsupported::action(format!("{}: {error}", step.verb)))?;
        match command {
            Command::Start { .. } => {
                self.quorum_trace.started(node);
                self.wait_until_started(node);
            }
            Command::Stop { .. } => {
                let exited = self.run_until(PATIENCE_MS, |cluster, step| {
                    step.is_none_or(|step| !step.changes.is_empty()) && state(cluster, node) == Some(NodeState::Down)
                });
                if !exited {
                    // The lab waits so long, and kills the process then.
                    let kill = Command::Crash { node, machine: false };
                    self.command(kill).map_err(|error| Unsupported::action(format!("kill: {error}")))?;
                }
                self.let_time_pass(EXIT_MS);
                if let Some(saw) = &step.saw {
                    let file = self.cluster.node(node).map(|node| node.disk.controller.quorum_state.file_text());
                    self.compare_words("", saw, &json!({ "exited": exited, "quorum-state": file }));
                }
                return Ok(());
            }
            _ => {}
        }
        self.observe_after_fault(step);
        Ok(())
    }

    fn start_several(&mut self, step: &TranscriptStep, nodes: Vec<i32>) -> Result<(), Unsupported> {
        self.run_until_still(BOOT_STILL_MS);
        for node in &nodes {
            let command = Command::Start { node: *node };
            self.command(command).map_err(|error| Unsupported::action(format!("start: {error}")))?;
        }
        for node in nodes {
            self.wait_until_started(node);
        }
        self.observe_after_fault(step);
        Ok(())
    }

    fn observe_after_fault(&mut self, step: &TranscriptStep) {
        match &step.saw {
            Some(saw) if self.has_zookeeper() => self.observe_legacy_protocol(saw),
            Some(Value::Object(fields)) if let Some(node) = self.voter_among_puppets() => {
                self.compare_voter("", step.small("node").unwrap_or(node), fields);
            }
            Some(Value::Object(fields)) if step.small("node").is_some() && fields.contains_key("fencedAfterMs") => {
                self.compare_fenced_after(step.small("node").unwrap_or(-1), fields);
            }
            Some(saw) => self.cannot_say(&step.verb, saw),
            None => {}
        }
    }

    /// Waits until the controller fences a broker, and compares how long that took.
    fn compare_fenced_after(&mut self, node: i32, fields: &serde_json::Map<String, Value>) {
        let began = self.cluster.now();
        self.run_until(PATIENCE_MS, |cluster, step| {
            step.is_some_and(|step| !step.changes.is_empty())
                && cluster.image().and_then(|image| image.brokers.get(&node)).is_some_and(|broker| broker.fenced)
        });
        let took = self.cluster.now().saturating_sub(began);
        self.compare_words("", &Value::Object(fields.clone()), &json!({ "fencedAfterMs": took }));
    }

    /// A started broker is ready when the controller has unfenced it. Nobody waits for one that an exception keeps from
    /// registering: it would end first.
    fn wait_until_started(&mut self, node: i32) {
        let is_impossible = |change: &Change| {
            let (api, error) = (ApiKey::BrokerRegistration, ErrorCode::UnknownServerError);
            matches!(change, Change::Refused { api: of, error: with, .. } if *of == api && *with == error)
        };
        self.run_until(PATIENCE_MS, |cluster, step| {
            if step.is_some_and(|step| step.changes.is_empty()) {
                return false;
            }
            if step.is_some_and(|step| step.changes.iter().any(is_impossible)) {
                return true;
            }
            let is_broker = cluster.node(node).is_some_and(|node| node.config.roles.is_broker());
            let is_unfenced =
                cluster.image().and_then(|image| image.brokers.get(&node)).is_some_and(|broker| !broker.fenced);
            state(cluster, node) == Some(NodeState::Running) && (!is_broker || is_unfenced)
        });
    }

    pub(super) fn cut_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let end = |name: &str| step.small(name).or_else(|| self.node_by_role(step.text(name)?));
        let (Some(from), Some(to)) = (end("from"), end("to")) else {
            return Err(Unsupported::action("cut of what is no node"));
        };
        let both = match step.get("both") {
            None => true,
            Some(recorded) => recorded.as_bool().ok_or_else(|| Unsupported::action(format!("cut, both {recorded}")))?,
        };
        if !self.view().cuts.is_empty() {
            // Links that are cut in a row are cut together.
        } else {
            self.let_time_pass(self.operator_delay_ms);
            self.note_leaders();
        }
        let command = Command::Cut { from: Actor::Node(from), to: Actor::Node(to), both };
        self.command(command).map_err(|error| Unsupported::action(format!("cut: {error}")))?;
        self.observe_after_fault(step);
        Ok(())
    }

    /// Heals everything that is cut.
    pub(super) fn heal_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        for (from, to) in self.view().cuts {
            let command = Command::Heal { from, to, both: false };
            self.command(command).map_err(|error| Unsupported::action(format!("heal: {error}")))?;
        }
        self.observe_after_fault(step);
        Ok(())
    }

    /// Remembers who leads what before a fault.
    fn note_leaders(&mut self) {
        let partitions = self.view().partitions;
        self.leaders_before_fault =
            partitions.into_iter().map(|each| (each.partition.to_string(), each.leader)).collect();
    }
}

fn state(cluster: &Cluster, node: i32) -> Option<NodeState> {
    cluster.node(node).map(NodeState::of)
}
