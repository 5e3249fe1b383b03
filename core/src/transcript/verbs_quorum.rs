//! What recordings of the metadata quorum tell of a voter among puppets: where it stands, its file `quorum-state`, its log,
//! what it sent, whether its process lives.

use serde_json::{Map, Value, json};

use super::compare::is_placeholder;
use super::format::TranscriptStep;
use super::observe::has_all_of;
use super::player::{PATIENCE_MS, Player, Unsupported};
use crate::cluster::Cluster;
use crate::cluster::node::ProcessState;

/// How much later than an answer the recorder looked at the voter.
const LOOKS_AFTER_MS: u64 = 100;

/// So often it is looked whether a voter is as told: a cluster whose elections never end changes without end.
const LOOKS_MAX: usize = 30;

impl Player<'_> {
    /// The voter that a recording with puppets is about; none where it is about another kind of cluster.
    pub(super) fn voter_among_puppets(&self) -> Option<i32> {
        let nodes = &self.cluster.config().nodes;
        let has_puppets = nodes.iter().any(|node| node.puppet.is_some());
        let mut voters = nodes.iter().filter(|node| node.roles.is_controller() && !node.is_puppet());
        voters.next().filter(|_| has_puppets).map(|node| node.id)
    }

    /// `observe` of a voter. Where nothing tells how long to wait the recorder waited until it was as told.
    pub(super) fn observe_voter(&mut self, node: i32, step: &TranscriptStep) -> Result<(), Unsupported> {
        let Some(saw) = &step.saw else { return Ok(()) };
        let node = step.small("node").unwrap_or(node);
        let waited = self.at.checked_sub(1).is_some_and(|before| self.transcript.steps[before].verb == "wait");
        if !waited && step.later_ms == 0 {
            self.run_until_voter_is(node, saw, &step.note);
        }
        match saw {
            Value::String(text) if is_placeholder(text) => self.cannot_say("observe", saw),
            Value::Array(recorded) => {
                let sent = self.quorum_trace.sent(node, named_node(&step.note, "to node "), recorded);
                self.compare(saw, &sent);
            }
            Value::Object(fields) => self.compare_voter("", node, fields),
            _ => return Err(Unsupported::observation("observe")),
        }
        Ok(())
    }

    /// Compares what is told of a voter, field by field.
    pub(super) fn compare_voter(&mut self, path: &str, node: i32, fields: &Map<String, Value>) {
        for (field, expected) in fields {
            match self.observed_of_voter(node, field, expected) {
                Some(actual) => self.compare_words(&super::compare::join(path, field), expected, &actual),
                None => self.cannot_say(field, expected),
            }
        }
    }

    /// Compares where a voter stood after a request, told beside its answer.
    pub(super) fn compare_after(&mut self, node: i32, recorded: &Value) {
        self.let_time_pass(LOOKS_AFTER_MS);
        match recorded.as_object() {
            Some(fields) => self.compare_voter("after", node, fields),
            None => self.cannot_say("after", recorded),
        }
    }

    /// Waits until a voter is as told, as far as that is told in what changes.
    fn run_until_voter_is(&mut self, node: i32, saw: &Value, note: &str) {
        let waits_for =
            |field: &str| matches!(field, "state" | "quorumState" | "states" | "log") || field.starts_with("sent");
        let deadline = self.now().saturating_add(PATIENCE_MS);
        for _ in 0..LOOKS_MAX {
            let is_as_recorded = match saw {
                Value::Object(fields) => {
                    fields.iter().filter(|(field, _)| waits_for(field)).all(|(field, expected)| {
                        self.observed_of_voter(node, field, expected).is_none_or(|actual| has_all_of(&actual, expected))
                    })
                }
                Value::Array(recorded) => {
                    has_all_of(&self.quorum_trace.sent(node, named_node(note, "to node "), recorded), saw)
                }
                _ => true,
            };
            let left = deadline.saturating_sub(self.now());
            if is_as_recorded
                || left == 0
                || !self.run_until(left, |_, step| step.is_some_and(|it| !it.changes.is_empty()))
            {
                return;
            }
        }
    }

    /// A field that is told of a voter; none where the engine has no such thing.
    fn observed_of_voter(&self, node: i32, field: &str, expected: &Value) -> Option<Value> {
        let recorded = expected.as_array().map_or(&[][..], Vec::as_slice);
        let process = self.cluster.node(node)?;
        Some(match field {
            // Of a process that ended, what it said last.
            "state" => match &process.controller {
                Some(controller) => json!(format!("{:?}", controller.role())),
                None => self.quorum_trace.last_role(node),
            },
            "leaderIs" => json!(process.controller.as_ref().map(|controller| controller.quorum().leader())),
            "quorumState" => quorum_state(&self.cluster, node)?,
            "log" => metadata_log(&self.cluster, node)?,
            "processAlive" => json!(process.process != ProcessState::Down),
            "exit" => self.quorum_trace.exit_code(node),
            "states" => self.quorum_trace.states(node, recorded),
            "resignedAfterMs" => self.quorum_trace.resigned_after_ms(node),
            "sent" => {
                let note = &self.transcript.steps[self.at].note;
                self.quorum_trace.sent(node, named_node(note, "to node "), recorded)
            }
            _ => {
                let to: i32 = field.strip_prefix("sentTo")?.parse().ok()?;
                // What reaches a node that never answers hangs on which of its requests the one connection is busy with.
                let receiver = self.cluster.node(to)?.config.puppet?;
                if receiver == crate::config::PuppetVoter::default() {
                    return None;
                }
                self.quorum_trace.sent(node, Some(to), recorded)
            }
        })
    }
}

/// The number after such words in a note.
fn named_node(note: &str, words: &str) -> Option<i32> {
    let (_, rest) = note.split_once(words)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The file `quorum-state`, as far as recordings tell it.
fn quorum_state(cluster: &Cluster, node: i32) -> Option<Value> {
    let file = &cluster.node(node)?.disk.controller.quorum_state;
    Some(json!({"leaderId": file.leader_id, "leaderEpoch": file.leader_epoch, "votedId": file.voted_id}))
}

/// The batches of a voter's metadata log.
fn metadata_log(cluster: &Cluster, node: i32) -> Option<Value> {
    let batches = cluster.node(node)?.disk.controller.log.batches().iter();
    let words = batches.map(|batch| {
        let mut words = json!({
            "baseOffset": batch.base_offset,
            "lastOffset": batch.last_offset(),
            "leaderEpoch": batch.partition_leader_epoch,
            "count": batch.records.len(),
        });
        if batch.is_control {
            words["control"] = json!(true);
        }
        words
    });
    Some(words.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_a_node() {
        assert_eq!(named_node("what node 1 sent to node 2, in order", "to node "), Some(2));
        assert_eq!(named_node("candidate again", "to node "), None);
    }
}
