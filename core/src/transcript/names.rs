//! Names for what is random: a transcript writes `topicId:orders`, `brokerEpoch:2`, `member:1` where Kafka drew or counted.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::Cluster;
use crate::metadata::MetadataRecord;
use crate::sort::SharedSort;
use crate::wire::Uuid;
use serde_json::Value;

const KINDS: [&str; 9] =
    ["topicId", "brokerEpoch", "member", "session", "incarnation", "directory", "id", "node", "producerId"];

/// How names of members begin.
const MEMBER: &str = "member:";

/// What each name stands for in this run.
#[derive(Clone, Debug, Default)]
pub struct Names {
    known: BTreeMap<String, Value>,
    /// Sets of names that were given to values which nothing told apart: who is who is learnt later.
    interchangeable: Vec<BTreeSet<String>>,
}

/// Whether a text is a name.
pub fn is_name(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, rest)| {
        KINDS.contains(&kind) && !rest.is_empty() && rest.chars().all(|c| c.is_alphanumeric() || "#/._-".contains(c))
    })
}

impl Names {
    /// Kafka's answer holds `name` where ours holds `value`: true if that is the first time, or the same as before.
    pub fn meet(&mut self, cluster: &Cluster, name: &str, value: &Value) -> bool {
        if !self.known.contains_key(name)
            && let Some(existing) = look_up(cluster, name)
        {
            self.known.insert(name.to_owned(), existing);
        }
        if self.known.get(name).is_some_and(|known| known != value) && self.exchange(name, value) {
            return true;
        }
        match self.known.get(name) {
            Some(known) if known == value => true,
            // Ids of topics are named after the topic: one that was only validated and then created has two.
            Some(_) if ids_of_topic(cluster, name).contains(value) => {
                self.known.insert(name.to_owned(), value.clone());
                true
            }
            Some(_) => false,
            None if value.is_null() => false,
            // Members are numbered as they appear: two numbers are two members.
            None if name.starts_with(MEMBER) && self.is_named(value) => false,
            None => {
                self.known.insert(name.to_owned(), value.clone());
                true
            }
        }
    }

    /// What a name stands for, if that is known.
    pub fn known(&self, name: &str) -> Option<&Value> {
        self.known.get(name)
    }

    /// A text with what its names stand for in their places, as in `Member member:1 is not a member of group g.`
    pub fn spelled_out<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut spelled = Cow::Borrowed(text);
        if !KINDS.iter().any(|kind| text.contains(kind)) {
            return spelled;
        }
        // Of `member:1` and `member:12` the longer one is meant where it stands.
        let mut names: Vec<(&String, &Value)> = self.known.iter().filter(|(name, _)| text.contains(*name)).collect();
        names.shared_sort_by_key(|(name, _)| Reverse(name.len()));
        for (name, value) in names {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            spelled = Cow::Owned(spelled.replace(name, &value));
        }
        spelled
    }

    /// Notes names that were given to values which nothing told apart.
    pub fn may_be_exchanged(&mut self, names: BTreeSet<String>) {
        if names.len() > 1 {
            self.interchangeable.push(names);
        }
    }

    /// Gives a name the value of another one that it was never told apart from. False if there is none.
    fn exchange(&mut self, name: &str, value: &Value) -> bool {
        let has_it = |other: &&String| *other != name && self.known.get(*other) == Some(value);
        let mut sets = self.interchangeable.iter().filter(|set| set.contains(name));
        let Some(other) = sets.find_map(|set| set.iter().find(has_it)).cloned() else { return false };
        if let Some(own) = self.known.insert(name.to_owned(), value.clone()) {
            self.known.insert(other, own);
        }
        self.becomes_distinct(name);
        true
    }

    /// From here on it is known what a name stands for.
    fn becomes_distinct(&mut self, name: &str) {
        self.interchangeable.iter_mut().for_each(|set| {
            set.remove(name);
        });
        self.interchangeable.retain(|set| set.len() > 1);
    }

    /// The names in a value that stand for nothing yet.
    pub fn unknown_names<'v>(&self, value: &'v Value) -> Vec<&'v str> {
        match value {
            Value::Object(fields) => fields.values().flat_map(|each| self.unknown_names(each)).collect(),
            Value::Array(elements) => elements.iter().flat_map(|each| self.unknown_names(each)).collect(),
            Value::String(text) if is_name(text) && !self.known.contains_key(text) => vec![text],
            _ => Vec::new(),
        }
    }

    /// Whether a member has a name already.
    fn is_named(&self, value: &Value) -> bool {
        self.known.iter().any(|(name, known)| name.starts_with(MEMBER) && known == value)
    }

    /// What a request is to hold where the transcript has `name`.
    pub fn value_of(&mut self, cluster: &Cluster, name: &str) -> Option<Value> {
        if let Some(known) = self.known.get(name).cloned() {
            self.becomes_distinct(name);
            return Some(known);
        }
        let value = look_up(cluster, name).or_else(|| self.invent(cluster, name))?;
        self.known.insert(name.to_owned(), value.clone());
        Some(value)
    }

    /// A value for a name that stands for nothing in the cluster: a topic id that nobody has, an incarnation of our own,
    /// a broker epoch that is not the current one.
    fn invent(&self, cluster: &Cluster, name: &str) -> Option<Value> {
        let (kind, rest) = name.split_once(':')?;
        match kind {
            "topicId" | "incarnation" | "directory" | "id" => Some(Value::String(invented_id(name).to_string())),
            "brokerEpoch" => {
                let (broker, _) = broker_and_registration(rest)?;
                // A broker that never registered has no epoch at all.
                let latest = registrations(cluster, broker).last().copied().unwrap_or(0);
                let prefixes = [format!("brokerEpoch:{broker}/"), format!("brokerEpoch:{broker}#")];
                let is_first = !self.known.keys().any(|known| prefixes.iter().any(|prefix| known.starts_with(prefix)));
                // Registrations are counted from before the transcript begins, so the first name met is the current one.
                Some(Value::from(if is_first { latest } else { latest + 1_000_000 }))
            }
            _ => None,
        }
    }
}

/// What a name stands for according to the cluster itself.
fn look_up(cluster: &Cluster, name: &str) -> Option<Value> {
    let (kind, rest) = name.split_once(':')?;
    match kind {
        "topicId" => {
            let time: usize = rest.split_once('#').map_or(1, |(_, time)| time.parse().unwrap_or(1));
            ids_of_topic(cluster, name).get(time.checked_sub(1)?).cloned()
        }
        "brokerEpoch" => {
            let (broker, time) = broker_and_registration(rest)?;
            registrations(cluster, broker).get(time.checked_sub(1)?).map(|epoch| Value::from(*epoch))
        }
        _ => None,
    }
}

/// The ids that a topic has had, by `topicId:orders` or `topicId:orders#2`.
fn ids_of_topic(cluster: &Cluster, name: &str) -> Vec<Value> {
    let topic = name.strip_prefix("topicId:").unwrap_or_default();
    let topic = topic.split_once('#').map_or(topic, |(topic, _)| topic);
    let records = cluster.metadata_records(0).into_iter();
    let ids = records.filter_map(|(_, record)| match record {
        MetadataRecord::TopicRecord { name, topic_id } if *name == *topic => Some(topic_id),
        _ => None,
    });
    ids.map(|id| Value::String(id.to_string())).collect()
}

/// `2` is broker 2's first registration, `2#2` and `2/2` its second.
fn broker_and_registration(text: &str) -> Option<(i32, usize)> {
    match text.split_once(['#', '/']) {
        Some((broker, time)) => Some((broker.parse().ok()?, time.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    }
}

fn registrations(cluster: &Cluster, broker: i32) -> Vec<i64> {
    let records = cluster.metadata_records(0);
    let of_broker = records.iter().filter_map(|(_, record)| match record {
        MetadataRecord::RegisterBrokerRecord { broker_id, broker_epoch, .. } if *broker_id == broker => {
            Some(*broker_epoch)
        }
        _ => None,
    });
    let mut epochs: Vec<i64> = of_broker.collect();
    epochs.dedup();
    epochs
}

/// FNV-1a, so that an invented id is the same in every run.
fn invented_id(name: &str) -> Uuid {
    let hash = name.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    });
    Uuid(hash)
}
