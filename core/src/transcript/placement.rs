//! What is told of where replicas are put: properties of many topics, and of brokers that are fenced.

use std::collections::{BTreeMap, BTreeSet};

use crate::metadata::image::PartitionImage;
use serde_json::{Map, Value, json};

use super::format::TranscriptStep;
use super::interpreter::{Player, Unsayable};

/// `18 topics` with a replication factor of `1, 2, 3 (six topics each)`: how many topics, and the factors in turn.
pub fn many_topics(step: &TranscriptStep) -> Option<(usize, Vec<i64>)> {
    let count = step.text("topic")?.strip_suffix(" topics")?.parse().ok()?;
    let (factors, _) = step.text("replicationFactor")?.split_once(" (")?;
    let factors: Option<Vec<i64>> = factors.split(", ").map(|factor| factor.parse().ok()).collect();
    Some((count, factors.filter(|factors| !factors.is_empty())?))
}

impl Player<'_> {
    /// Creates many topics and compares what holds for all of them.
    pub(super) fn create_many_topics(
        &mut self,
        step: &TranscriptStep,
        (count, factors): (usize, Vec<i64>),
    ) -> Result<(), Unsayable> {
        let partitions = step.number("partitions").ok_or_else(|| Unsayable::deed("create-topic in prose"))?;
        let each = count.div_ceil(factors.len());
        let mut topics = Vec::new();
        for (index, factor) in factors.iter().flat_map(|factor| std::iter::repeat_n(factor, each)).enumerate() {
            let name = format!("placed-{index}");
            let body = json!({"topics": [{"name": name, "numPartitions": partitions, "replicationFactor": factor}], "timeoutMs": 30_000});
            self.ask(None, "CreateTopics", 7, &body)?;
            topics.push(name);
        }
        let told = step.saw.as_ref().and_then(|saw| saw.as_object()?.iter().next());
        if let Some((held, expected)) = told
            && let Some(expected) = expected.as_object()
        {
            let layouts: Vec<Vec<PartitionImage>> = topics.iter().map(|topic| self.layout(topic)).collect();
            let actual = held_for_all(&layouts, expected, &self.racks());
            self.compare_at(held, &Value::Object(expected.clone()), &actual);
        }
        Ok(())
    }

    /// Compares a field that tells of the partitions of the topic most lately named and of fenced brokers. `None` if it is
    /// no such field.
    pub(super) fn placement_field(&self, field: &str) -> Option<Value> {
        let partitions = self.layout(&self.topic);
        let fenced = self.fenced();
        let any = |has: &dyn Fn(&PartitionImage) -> bool| json!(partitions.iter().any(has));
        Some(match field {
            "the fenced broker leads" => any(&|each| fenced.contains(&each.leader)),
            "the fenced broker is first replica" => {
                any(&|each| each.replicas.first().is_some_and(|id| fenced.contains(id)))
            }
            "the fenced broker has replicas" => any(&|each| each.replicas.iter().any(|id| fenced.contains(id))),
            "the fenced broker is in an ISR" | "isrHasFenced" => {
                any(&|each| each.isr.iter().any(|id| fenced.contains(id)))
            }
            "fencedIsLast" => any(&|each| each.replicas.last().is_some_and(|id| fenced.contains(id))),
            "sameSetOfReplicas" => {
                let brokers: BTreeSet<i32> = self.racks().into_keys().collect();
                json!(partitions.iter().all(|each| each.replicas.iter().copied().collect::<BTreeSet<_>>() == brokers))
            }
            _ => return None,
        })
    }

    fn layout(&self, topic: &str) -> Vec<PartitionImage> {
        let Some(image) = self.cluster.image() else { return Vec::new() };
        let topic = image.topic_ids.get(topic).and_then(|id| image.topics.get(id));
        topic.map(|topic| topic.partitions.values().cloned().collect()).unwrap_or_default()
    }

    fn fenced(&self) -> BTreeSet<i32> {
        let image = self.cluster.image().into_iter();
        image.flat_map(|image| image.brokers.iter().filter(|(_, broker)| broker.fenced).map(|(id, _)| *id)).collect()
    }

    /// Each broker with its rack.
    fn racks(&self) -> BTreeMap<i32, Option<String>> {
        let image = self.cluster.image().into_iter();
        image.flat_map(|image| image.brokers.iter().map(|(id, broker)| (*id, broker.rack.clone()))).collect()
    }
}

/// What holds for all topics, in the words of what was told. Where the recording tells how far counts differed at most, we
/// may stay below.
fn held_for_all(
    layouts: &[Vec<PartitionImage>],
    expected: &Map<String, Value>,
    racks: &BTreeMap<i32, Option<String>>,
) -> Value {
    let all = |holds: &dyn Fn(&PartitionImage) -> bool| json!(layouts.iter().flatten().all(holds));
    let at_most = |most: usize, told: &Value| {
        if told.as_u64().is_some_and(|told| most as u64 <= told) { told.clone() } else { json!(most) }
    };
    let spread = |ids: &dyn Fn(&PartitionImage) -> Vec<i32>| {
        let of_topic = |layout: &Vec<PartitionImage>| {
            let mut counts: BTreeMap<i32, usize> = racks.keys().map(|id| (*id, 0)).collect();
            for id in layout.iter().flat_map(ids) {
                *counts.entry(id).or_default() += 1;
            }
            counts.values().max().unwrap_or(&0) - counts.values().min().unwrap_or(&0)
        };
        layouts.iter().map(of_topic).max().unwrap_or(0)
    };
    let brokers: Vec<i32> = racks.keys().copied().collect();
    // On a ring of all brokers each leader is the next after the one before, in the first round: after as many partitions
    // as there are brokers Kafka shuffles them.
    let follows = |pair: &[PartitionImage]| {
        let place = |id: i32| brokers.iter().position(|broker| *broker == id).unwrap_or(0);
        (place(pair[0].leader) + 1) % brokers.len() == place(pair[1].leader)
    };
    let first_round = |layout: &[PartitionImage]| layout.iter().take(brokers.len()).cloned().collect::<Vec<_>>();
    let rack_count = racks.values().flatten().collect::<BTreeSet<_>>().len();
    let on_enough_racks = |each: &PartitionImage| {
        let used: BTreeSet<_> = each.replicas.iter().filter_map(|id| racks.get(id)).flatten().collect();
        used.len() == each.replicas.len().min(rack_count)
    };
    let facts = expected.iter().map(|(name, told)| {
        let actual = match name.as_str() {
            "noReplicaTwiceInAPartition" => {
                all(&|each| each.replicas.iter().collect::<BTreeSet<_>>().len() == each.replicas.len())
            }
            "leaderIsFirst" => all(&|each| each.replicas.first() == Some(&each.leader)),
            "isrIsReplicas" => all(&|each| each.isr == each.replicas),
            "leadersDifferByAtMost" => at_most(spread(&|each| vec![each.leader]), told),
            "replicasPerBrokerDifferByAtMost" => at_most(spread(&|each| each.replicas.clone()), told),
            "neighbouringLeadersAreNeighbours" => {
                json!(layouts.iter().all(|layout| first_round(layout).windows(2).all(follows)))
            }
            "everyPartitionOnMinRfRacksRacks" => all(&on_enough_racks),
            _ => Value::Null,
        };
        (name.clone(), actual)
    });
    Value::Object(facts.collect())
}
