//! What recordings of wrongly configured quorums tell: nodes that were started with other voters than the rest, or formatted for another
//! cluster.

use serde_json::{Map, Value, json};

use super::compare::{is_placeholder, join};
use super::format::TranscriptStep;
use super::player::{Player, Unsupported};
use crate::actor::Listener;
use crate::cluster::node::ProcessState;
use crate::config::NodeConfig;

/// How long DescribeQuorum may take, in milliseconds.
const ANSWER_MS: u64 = 2_000;

/// Whether nodes say different things of the quorum: such a cluster need never come to rest.
pub(super) fn is_misconfigured(nodes: &[NodeConfig]) -> bool {
    nodes.iter().any(|node| node.cluster_id.is_some() || node.settings.contains_key("controller.quorum.voters"))
}

impl Player<'_> {
    /// `start` of `"1, 2, 3"`: they were started with the cluster. False where it names no such list.
    pub(super) fn start_with_the_cluster(&mut self, step: &TranscriptStep) -> bool {
        let ids = step.text("node").into_iter().flat_map(|list| list.split(',')).map(|id| id.trim().parse::<i32>());
        let Ok(ids) = ids.collect::<Result<Vec<i32>, _>>() else { return false };
        let is_started = |id: &i32| self.cluster.node(*id).is_some_and(|node| !node.config.is_down);
        if step.verb != "start" || ids.len() < 2 || !ids.iter().all(is_started) {
            return false;
        }
        for (node, expected) in step.saw.as_ref().and_then(Value::as_object).into_iter().flatten() {
            let id = node.parse().ok().filter(|id| ids.contains(id)).and_then(|id| self.cluster.node(id));
            match id.map(|node| (node.process, node.config.id)) {
                Some((process, id)) => {
                    let exit = self.quorum_trace.exit_code(id);
                    self.compare_words(node, expected, &json!({"alive": process != ProcessState::Down, "exit": exit}));
                }
                None => self.cannot_say(node, expected),
            }
        }
        true
    }

    /// `1 is told as the one of 1 and 2 that leads`: here it may be the other one.
    pub(super) fn note_who_leads(&mut self, step: &TranscriptStep) {
        let Some(text) = step.text("text") else { return };
        let Some((named, rest)) = text.split_once(" is told as the one of ") else { return };
        let Some((one, other)) = rest.strip_suffix(" that leads").and_then(|rest| rest.split_once(" and ")) else {
            return;
        };
        let ids = [named, one, other].map(str::parse::<i32>);
        let [Ok(named), Ok(one), Ok(other)] = ids else { return };
        let leads = |id: i32| {
            let node = self.cluster.node(id);
            node.and_then(|node| node.controller.as_ref())
                .is_some_and(|controller| controller.quorum().leader() == Some(id))
        };
        let silent = if named == one { other } else { one };
        if leads(silent) && !leads(named) {
            self.recorded_for = Some((named, silent));
        }
    }

    /// `observe` of one node of such a quorum: how its own DescribeQuorum is answered, and what it is. False where the step tells of
    /// something else.
    pub(super) fn observe_own_quorum(&mut self, step: &TranscriptStep) -> Result<bool, Unsupported> {
        let (Some(recorded), Some(saw)) = (step.small("node"), step.saw.as_ref().and_then(Value::as_object)) else {
            return Ok(false);
        };
        let Some(quorum) = saw.get("quorum").and_then(Value::as_object) else { return Ok(false) };
        let node = match self.recorded_for {
            Some((one, other)) if recorded == one => other,
            Some((one, other)) if recorded == other => one,
            _ => recorded,
        };
        self.compare_own_quorum(node, quorum)?;
        for (field, expected) in saw.iter().filter(|(field, _)| *field != "quorum") {
            let controller = self.cluster.node(node).and_then(|node| node.controller.as_ref());
            match (field.as_str(), controller) {
                _ if expected.as_str().is_some_and(is_placeholder) => {}
                ("state", Some(controller)) => {
                    let role = json!(format!("{:?}", controller.role()));
                    self.compare_words(field, expected, &role);
                }
                // What its log says in words.
                _ => self.cannot_say(field, expected),
            }
        }
        Ok(true)
    }

    fn compare_own_quorum(&mut self, node: i32, expected: &Map<String, Value>) -> Result<(), Unsupported> {
        let body = json!({"topics": [{"topicName": "__cluster_metadata", "partitions": [{"partitionIndex": 0}]}]});
        let probe =
            self.send(node, Listener::Controller, "DescribeQuorum", None, body).map_err(Unsupported::observation)?;
        let answer = self.await_answer(probe, ANSWER_MS).to_json();
        let partition = &answer["topics"][0]["partitions"][0];
        let ids = |of: &str| -> Value {
            let replicas = partition[of].as_array().into_iter().flatten();
            let mut ids: Vec<i64> = replicas.filter_map(|replica| replica["replicaId"].as_i64()).collect();
            ids.sort_unstable();
            json!(ids)
        };
        let leader = if partition["leaderId"] == json!(node) { "itself" } else { "another" };
        for (field, expected) in expected {
            let actual = match field.as_str() {
                "error" => partition["errorCode"].clone(),
                "thinksALeaderIs" => json!(leader),
                "voters" => ids("currentVoters"),
                "observers" => ids("observers"),
                _ => {
                    self.cannot_say(field, expected);
                    continue;
                }
            };
            self.compare_words(&join("quorum", field), expected, &actual);
        }
        Ok(())
    }
}
