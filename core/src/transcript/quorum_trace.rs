//! What a recording with puppets remembers of a voter while it is played: where it stood when, what it asked the puppets for,
//! and whether its process ended by itself.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::actor::Endpoint;
use crate::change::{Change, QuorumRole};
use crate::cluster::Cluster;
use crate::cluster::event::{Event, Message};
use crate::sort::{CollectOrdered, SharedSort};
use crate::step::Step;
use crate::wire::{ApiKey, Request};

/// A voter's role in an epoch, and since when.
#[derive(Clone, Copy, Debug)]
struct RoleAt {
    node: i32,
    role: QuorumRole,
    epoch: i32,
    at_ms: u64,
}

/// How many requests are remembered. A recording tells a few dozen; a cluster whose elections never end sends more than
/// anybody can compare.
const REACHED_MAX: usize = 300;

/// A request that reached a puppet.
#[derive(Clone, Debug)]
struct Reached {
    from: i32,
    to: i32,
    words: Value,
}

/// What was seen of the voters so far.
#[derive(Clone, Debug, Default)]
pub(super) struct QuorumTrace {
    roles: Vec<RoleAt>,
    reached: Vec<Reached>,
    /// Processes that ended by themselves.
    failed: BTreeSet<i32>,
}

impl QuorumTrace {
    /// Begins with where every voter stands.
    pub(super) fn begin(cluster: &Cluster) -> Self {
        let at_ms = cluster.now();
        let controllers = cluster.nodes().filter_map(|node| Some((node.config.id, node.controller.as_ref()?)));
        let roles = controllers.map(|(node, controller)| {
            let (role, epoch) = (controller.role(), controller.epoch());
            RoleAt { node, role, epoch, at_ms }
        });
        Self { roles: roles.collect(), ..Self::default() }
    }

    /// Looks at what the next event brings to a puppet.
    pub(super) fn before_step(&mut self, cluster: &Cluster) {
        let Some((_, _, Event::Deliver(envelope))) = cluster.events().next() else { return };
        let (Endpoint::Controller(from), Endpoint::Controller(to)) = (envelope.from, envelope.to) else { return };
        let Message::Request { header, request } = &envelope.message else { return };
        // Recorded is what a voter says once its connection is ready.
        if request.api() == ApiKey::ApiVersions {
            return;
        }
        if self.reached.len() < REACHED_MAX && cluster.node(to).is_some_and(|node| node.config.is_puppet()) {
            let words = request_to_json(request, header.request_api_version);
            self.reached.push(Reached { from, to, words });
        }
    }

    /// Takes in what a step changed.
    pub(super) fn after_step(&mut self, step: &Step) {
        for change in &step.changes {
            match change {
                Change::QuorumRoleChanged { node, to, epoch, .. } => {
                    self.roles.push(RoleAt { node: *node, role: *to, epoch: *epoch, at_ms: step.at_ms });
                }
                Change::Crashed { node, .. } => {
                    self.failed.insert(*node);
                }
                _ => {}
            }
        }
    }

    /// A process was started.
    pub(super) fn started(&mut self, node: i32) {
        self.failed.remove(&node);
    }

    /// The exit code of a process that ended by itself; null while it runs.
    pub(super) fn exit_code(&self, node: i32) -> Value {
        if self.failed.contains(&node) { json!(1) } else { Value::Null }
    }

    /// Where a voter stood, each role in its epoch once: from the first that is told, as many as are told.
    pub(super) fn states(&self, node: i32, recorded: &[Value]) -> Value {
        let mut known = BTreeSet::new();
        let of_node = self.roles.iter().filter(|at| at.node == node);
        let states = of_node.map(|at| format!("{:?} {}", at.role, at.epoch));
        let seen = states.filter(|state| known.insert(state.clone())).map(Value::from).collect();
        as_many_as_recorded(seen, recorded)
    }

    /// Where a voter stood last.
    pub(super) fn last_role(&self, node: i32) -> Value {
        let last = self.roles.iter().rev().find(|at| at.node == node);
        json!(last.map(|at| format!("{:?}", at.role)))
    }

    /// For how long a voter led that resigned then.
    pub(super) fn resigned_after_ms(&self, node: i32) -> Value {
        let of_node: Vec<&RoleAt> = self.roles.iter().filter(|at| at.node == node).collect();
        let resigned = of_node.iter().position(|at| at.role == QuorumRole::Resigned);
        let led = resigned.and_then(|resigned| {
            let led = of_node[..resigned].iter().rev().find(|at| at.role == QuorumRole::Leader)?;
            Some(of_node[resigned].at_ms.saturating_sub(led.at_ms))
        });
        json!(led)
    }

    /// What a voter asked of one puppet, or of all, in order, each once and of the kinds that are told: from the first that
    /// is told, as many as are told.
    pub(super) fn sent(&self, from: i32, to: Option<i32>, recorded: &[Value]) -> Value {
        let kinds: BTreeSet<&str> = recorded.iter().filter_map(|each| each.get("api")?.as_str()).collect_ordered();
        let tells_receiver = recorded.iter().any(|each| each.get("to").is_some());
        let (mut seen, mut known) = (Vec::new(), BTreeSet::new());
        let of_both = self.reached.iter().filter(|each| each.from == from && to.is_none_or(|to| each.to == to));
        for each in of_both.filter(|each| each.words["api"].as_str().is_some_and(|api| kinds.contains(api))) {
            let mut words = each.words.clone();
            if tells_receiver {
                words["to"] = json!(each.to);
            }
            if known.insert(words.to_string()) {
                seen.push(words);
            }
        }
        if tells_receiver {
            // What is sent to several at once arrives in any order.
            seen.shared_sort_by_key(|words| words["to"].as_i64());
        }
        as_many_as_recorded(seen, recorded)
    }
}

/// How many elections may have been lost before the one that is told.
const LOST_ELECTIONS_MAX: i64 = 8;

/// From the first that is told on, as many as are told. An election that was lost before the one that is told only makes its
/// epochs higher: they count from the epoch before it.
fn as_many_as_recorded(seen: Vec<Value>, recorded: &[Value]) -> Value {
    let from_first = |seen: &[Value]| -> Vec<Value> {
        let is_first = |value: &Value| recorded.first().is_some_and(|first| super::observe::has_all_of(value, first));
        let from = seen.iter().position(is_first).unwrap_or(0);
        seen.iter().skip(from).take(recorded.len()).cloned().collect()
    };
    let agrees = |chosen: &[Value]| {
        chosen.len() == recorded.len()
            && chosen.iter().zip(recorded).all(|(seen, recorded)| super::observe::has_all_of(seen, recorded))
    };
    let lower = |lost: i64| seen.iter().map(|value| with_lower_epochs(value, lost)).collect::<Vec<Value>>();
    let later = (1..=LOST_ELECTIONS_MAX).map(|lost| from_first(&lower(lost)));
    let as_it_is = from_first(&seen);
    let chosen = if agrees(&as_it_is) { None } else { later.into_iter().find(|chosen| agrees(chosen)) };
    Value::Array(chosen.unwrap_or(as_it_is))
}

/// A role in its epoch ("Candidate 2"), or a request, with epochs that are lower.
fn with_lower_epochs(value: &Value, by: i64) -> Value {
    match value {
        Value::String(words) => {
            let lower = words.rsplit_once(' ').and_then(|(role, epoch)| Some((role, epoch.parse::<i64>().ok()? - by)));
            lower.map_or_else(|| value.clone(), |(role, epoch)| Value::from(format!("{role} {epoch}")))
        }
        Value::Object(fields) => {
            let mut fields = fields.clone();
            for name in ["replicaEpoch", "leaderEpoch"] {
                if let Some(epoch) = fields.get_mut(name)
                    && let Some(number) = epoch.as_i64()
                {
                    *epoch = json!(number - by);
                }
            }
            Value::Object(fields)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.clone(),
    }
}

/// A request with the fields of its one partition beside its own, without what names the receiver.
fn request_to_json(request: &Request, version: i16) -> Value {
    let api = request.api();
    let body = request.to_json();
    let mut words = Map::from_iter([("api".to_owned(), json!(api.name())), ("version".to_owned(), json!(version))]);
    let partition = body.pointer("/topics/0/partitions/0").and_then(Value::as_object);
    for (name, value) in partition.into_iter().flatten() {
        let value = match (api, name.as_str()) {
            (ApiKey::EndQuorumEpoch, "preferredCandidates") => {
                let ids = value.as_array().into_iter().flatten().map(|each| each["candidateId"].clone());
                Value::Array(ids.collect())
            }
            _ => value.clone(),
        };
        words.insert(name.clone(), value);
    }
    Value::Object(words)
}
