//! `wait`: for a time, for a condition on what the controller's metadata says, or for what the next step tells.

use std::collections::BTreeMap;

use crate::cluster::Cluster;
use crate::command::Command;
use crate::metadata::image::PartitionImage;
use serde_json::{Map, Value, json};

use super::compare::range;
use super::format::TranscriptStep;
use super::observe::records_since;
use super::player::{PATIENCE_MS, Player, Unsupported};

/// How much later than it held a condition was seen by the recorder, who asked four times a second.
const POLL_MS: u64 = 120;

impl Player<'_> {
    /// Waits as told. False where only the next step tells how long.
    pub(super) fn wait_verb(&mut self, step: &TranscriptStep) -> Result<bool, Unsupported> {
        if let Some(ms) = step.natural("forMs").map_err(Unsupported::action)? {
            self.let_time_pass(ms);
            self.count_not_compared(step);
            return Ok(true);
        }
        if let Some(condition) = step.get("condition") {
            let condition =
                condition.as_object().ok_or_else(|| Unsupported::action(format!("condition {condition}")))?;
            let condition = Condition::read(condition, &self.topic, &self.leaders_before_fault)
                .map_err(|what| Unsupported::action(format!("condition {what}")))?;
            self.silence_or_hear_puppets(&condition);
            self.run_until(PATIENCE_MS, |cluster, step| {
                step.is_none_or(|step| !step.changes.is_empty()) && condition.holds(cluster)
            });
            // The recorder asked every now and then: what came of it had spread when it went on.
            self.let_metadata_spread();
            self.let_time_pass(POLL_MS);
            self.count_not_compared(step);
            return Ok(true);
        }
        if self.wait_for_producer_id(step) {
            self.count_not_compared(step);
            return Ok(true);
        }
        match step.saw.as_ref().and_then(|saw| saw.get("wrote")).and_then(Value::as_array) {
            Some(wrote) => self.wait_for_records(step, wrote.len()),
            None => {
                self.count_not_compared(step);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// To wait until a puppet is fenced says that it falls silent; until it is unfenced, that it is heard again.
    fn silence_or_hear_puppets(&mut self, condition: &Condition) {
        let recorded = condition.wanted.iter().filter_map(|wanted| match wanted {
            Wanted::Fenced(ids, fenced) => Some((ids, *fenced)),
            _ => None,
        });
        let puppets: Vec<i32> = self.puppets();
        let commands: Vec<Command> = recorded
            .flat_map(|(ids, fenced)| ids.iter().map(move |id| (*id, fenced)))
            .filter(|(id, _)| puppets.contains(id))
            .map(|(node, fenced)| if fenced { Command::Pause { node } } else { Command::Resume { node } })
            .collect();
        for command in commands {
            // One that is as wanted already stays so.
            let _refused = self.command(command);
        }
    }

    fn count_not_compared(&mut self, step: &TranscriptStep) {
        if let Some(saw) = &step.saw {
            self.cannot_say("wait", saw);
        }
    }

    /// Waits until `count` records were written to the metadata log, and compares them.
    fn wait_for_records(&mut self, step: &TranscriptStep, count: usize) {
        let (from, began) = (self.cluster.metadata_end(), self.cluster.now());
        self.run_until(PATIENCE_MS, |cluster, _| {
            cluster.metadata_end() > from && records_since(cluster, from).len() >= count
        });
        let took = self.cluster.now().saturating_sub(began);
        let written = Value::Array(records_since(&self.cluster, from));
        for (field, expected) in step.saw.as_ref().and_then(Value::as_object).into_iter().flatten() {
            match field.as_str() {
                "wrote" => self.compare_at("wrote", expected, &written),
                "afterMs" if expected.as_str().and_then(range).is_some() => {
                    self.compare_at("afterMs", expected, &json!(took))
                }
                _ => self.cannot_say(field, expected),
            }
        }
    }
}

/// What is waited for.
struct Condition {
    topic: String,
    partition: i32,
    wanted: Vec<Wanted>,
}

enum Wanted {
    Fenced(Vec<i32>, bool),
    InIsr(i32, bool),
    Leads(i32),
    LeadsNothing(i32),
    HasLeader(bool),
    LeaderChanged(bool, Option<i32>),
    IsrShrunk(bool),
    NoReassignment(bool),
}

impl Condition {
    fn read(fields: &Map<String, Value>, topic: &str, leaders: &BTreeMap<String, i32>) -> Result<Self, String> {
        let number = |value: &Value| value.as_i64().and_then(|id| i32::try_from(id).ok());
        let partition = fields.get("partition").and_then(number).unwrap_or(0);
        let before = leaders.get(&format!("{topic}-{partition}")).copied();
        let mut wanted = Vec::new();
        for (name, value) in fields {
            let id = || number(value).ok_or_else(|| format!("{name} {value}"));
            let ids = || -> Result<Vec<i32>, String> {
                let list = value.as_array().ok_or_else(|| format!("{name} {value}"))?;
                list.iter().map(|each| number(each).ok_or_else(|| format!("{name} {each}"))).collect()
            };
            let truth = value.as_bool().unwrap_or(true);
            wanted.push(match name.as_str() {
                "partition" => continue,
                "topic" => continue,
                "fenced" => Wanted::Fenced(ids()?, true),
                "unfenced" => Wanted::Fenced(ids()?, false),
                "inIsr" => Wanted::InIsr(id()?, true),
                "outOfIsr" => Wanted::InIsr(id()?, false),
                "leads" => Wanted::Leads(id()?),
                "leadsNothing" => Wanted::LeadsNothing(id()?),
                "hasLeader" => Wanted::HasLeader(truth),
                "leaderChanged" => Wanted::LeaderChanged(truth, before),
                "isrShrunk" => Wanted::IsrShrunk(truth),
                "noReassignment" => Wanted::NoReassignment(truth),
                other => return Err(other.to_owned()),
            });
        }
        let topic = fields.get("topic").and_then(Value::as_str).unwrap_or(topic).to_owned();
        Ok(Self { topic, partition, wanted })
    }

    fn holds(&self, cluster: &Cluster) -> bool {
        // Without an active controller nobody can say.
        let Some(image) = cluster.image() else { return false };
        let partition = image.partition(&self.topic, self.partition);
        let of_partition = |test: &dyn Fn(&PartitionImage) -> bool| partition.is_some_and(test);
        self.wanted.iter().all(|wanted| match wanted {
            Wanted::Fenced(ids, fenced) => {
                ids.iter().all(|id| image.brokers.get(id).is_some_and(|broker| broker.fenced == *fenced))
            }
            Wanted::InIsr(id, inside) => of_partition(&|partition| partition.isr.contains(id) == *inside),
            Wanted::Leads(id) => of_partition(&|partition| partition.leader == *id),
            Wanted::LeadsNothing(id) => image.partitions().all(|(_, _, partition)| partition.leader != *id),
            Wanted::HasLeader(truth) => of_partition(&|partition| (partition.leader >= 0) == *truth),
            Wanted::LeaderChanged(truth, before) => {
                of_partition(&|partition| (Some(partition.leader) != *before) == *truth)
            }
            Wanted::IsrShrunk(truth) => {
                of_partition(&|partition| (partition.isr.len() < partition.replicas.len()) == *truth)
            }
            Wanted::NoReassignment(truth) => {
                let none = image.partitions().all(|(_, _, partition)| {
                    partition.adding_replicas.is_empty() && partition.removing_replicas.is_empty()
                });
                none == *truth
            }
        })
    }
}
