//! Where replicas were placed: topics that a recording tells by their number, and what held for all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::sort::CollectOrdered;
use serde_json::{Map, Value, json};

use super::format::TranscriptStep;
use super::player::{Player, Unsupported};
use crate::metadata::image::PartitionImage;

/// Beginning of the facts about a topic that was created while a broker was fenced.
const OF_FENCED: &str = "the fenced broker ";

impl Player<'_> {
    /// `create-topic` of which the placement is told. False where the step tells nothing of it.
    pub(super) fn create_placed_topics(&mut self, step: &TranscriptStep) -> Result<bool, Unsupported> {
        let saw = step.saw.as_ref().and_then(Value::as_object);
        let (Some(saw), Some(partitions)) = (saw, step.number("partitions")) else { return Ok(false) };
        let held = saw.iter().find(|(field, _)| field.starts_with("held for all "));
        if let (Some((field, held)), Some(factors)) = (held, step.text("replicationFactor").and_then(parse_factors)) {
            let mut topics = Vec::new();
            for (number, factor) in factors.iter().enumerate() {
                let topic = format!("placed-{number}");
                self.create_placed(&topic, partitions, *factor)?;
                topics.push(topic);
            }
            let actual = self.held_for_all(&topics, held);
            self.compare_words(field, held, &actual);
            return Ok(true);
        }
        if !saw.keys().any(|field| field.starts_with(OF_FENCED)) {
            return Ok(false);
        }
        let topic = step.text("topic").unwrap_or_default().to_owned();
        self.create_placed(&topic, partitions, step.number("replicationFactor").unwrap_or(-1))?;
        let actual = self.of_fenced(&topic);
        self.compare_words("", &Value::Object(saw.clone()), &actual);
        Ok(true)
    }

    fn create_placed(&mut self, topic: &str, partitions: i64, factor: i64) -> Result<(), Unsupported> {
        let body = json!({"topics": [{"name": topic, "numPartitions": partitions, "replicationFactor": factor}],
            "timeoutMs": 30_000});
        self.ask(None, "CreateTopics", 7, &body)?;
        self.topic = topic.to_owned();
        Ok(())
    }

    fn placed(&self, topic: &str) -> Vec<&PartitionImage> {
        let Some(image) = self.cluster.image() else { return Vec::new() };
        let found = image.topic_ids.get(topic).and_then(|id| image.topics.get(id));
        found.map(|topic| topic.partitions.values().map(AsRef::as_ref).collect()).unwrap_or_default()
    }

    /// What held for all of these topics, in the words of recordings. What is told as a limit holds where it is kept.
    fn held_for_all(&self, topics: &[String], recorded: &Value) -> Value {
        let Some(image) = self.cluster.image() else { return Value::Null };
        let brokers: Vec<i32> = image.brokers.keys().copied().collect();
        let racks: BTreeMap<i32, Option<String>> =
            self.cluster.config().nodes.iter().map(|node| (node.id, node.rack.clone())).collect_ordered();
        let racks_of =
            |ids: &[i32]| ids.iter().map(|id| racks.get(id).cloned().flatten()).collect_ordered::<BTreeSet<_>>().len();
        let all_racks = racks_of(&brokers);
        let limit = |field: &str, actual: i64| {
            let recorded = recorded.get(field).and_then(Value::as_i64);
            json!(recorded.filter(|recorded| actual <= *recorded).unwrap_or(actual))
        };
        let all: Vec<Vec<&PartitionImage>> = topics.iter().map(|topic| self.placed(topic)).collect();
        let each = |test: &dyn Fn(&PartitionImage) -> bool| {
            !all.is_empty() && all.iter().all(|of| !of.is_empty() && of.iter().all(|partition| test(partition)))
        };
        let spread = |ids: &dyn Fn(&PartitionImage) -> Vec<i32>| {
            let of_topic = |of: &Vec<&PartitionImage>| {
                let mut counts: BTreeMap<i32, i64> = brokers.iter().map(|id| (*id, 0)).collect_ordered();
                for id in of.iter().flat_map(|partition| ids(partition)) {
                    *counts.entry(id).or_default() += 1;
                }
                counts.values().max().copied().unwrap_or(0) - counts.values().min().copied().unwrap_or(0)
            };
            all.iter().map(of_topic).max().unwrap_or(0)
        };
        let are_neighbours = |of: &Vec<&PartitionImage>| {
            let firsts = of.iter().take(brokers.len()).filter_map(|partition| partition.replicas.first());
            let places: Vec<usize> = firsts.filter_map(|id| brokers.iter().position(|each| each == id)).collect();
            places.windows(2).all(|pair| (pair[0] + 1) % brokers.len() == pair[1])
        };
        json!({
            "noReplicaTwiceInAPartition": each(&|it| it.replicas.iter().collect_ordered::<BTreeSet<&i32>>().len() == it.replicas.len()),
            "leaderIsFirst": each(&|it| it.replicas.first() == Some(&it.leader)),
            "isrIsReplicas": each(&|it| it.isr == it.replicas),
            "leadersDifferByAtMost": limit("leadersDifferByAtMost", spread(&|it| vec![it.leader])),
            "replicasPerBrokerDifferByAtMost":
                limit("replicasPerBrokerDifferByAtMost", spread(&|it| it.replicas.to_vec())),
            "neighbouringLeadersAreNeighbours": all.iter().all(are_neighbours),
            "everyPartitionOnMinRfRacksRacks": each(&|it| racks_of(&it.replicas) == it.replicas.len().min(all_racks)),
        })
    }

    fn of_fenced(&self, topic: &str) -> Value {
        let fenced =
            |id: &i32| self.cluster.image().and_then(|image| image.brokers.get(id)).is_some_and(|broker| broker.fenced);
        let placed = self.placed(topic);
        let any = |test: &dyn Fn(&PartitionImage) -> bool| json!(placed.iter().any(|partition| test(partition)));
        let facts = [
            ("leads", any(&|it| fenced(&it.leader))),
            ("is first replica", any(&|it| it.replicas.first().is_some_and(fenced))),
            ("has replicas", any(&|it| it.replicas.iter().any(fenced))),
            ("is in an ISR", any(&|it| it.isr.iter().any(fenced))),
        ];
        let facts: Map<String, Value> =
            facts.into_iter().map(|(fact, holds)| (format!("{OF_FENCED}{fact}"), holds)).collect();
        Value::Object(facts)
    }
}

/// `1, 2, 3 (six topics each)` are the replication factors of eighteen topics.
fn parse_factors(text: &str) -> Option<Vec<i64>> {
    let (factors, times) = text.split_once(" (")?;
    let times = super::prose::number_word(times.strip_suffix(" topics each)")?)?;
    let factors: Option<Vec<i64>> = factors.split(", ").map(|factor| factor.parse().ok()).collect();
    Some(factors?.into_iter().flat_map(|factor| std::iter::repeat_n(factor, times)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replication_factors_are_told_for_several_topics_each() {
        assert_eq!(parse_factors("1, 2 (three topics each)"), Some(vec![1, 1, 1, 2, 2, 2]));
        assert_eq!(parse_factors("3"), None);
    }
}
