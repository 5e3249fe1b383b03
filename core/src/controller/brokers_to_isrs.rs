//! Which broker is in the ISR and in the ELR of which partitions (`BrokersToIsrs`, `BrokersToElrs`). A broker's partitions of a topic
//! stand in the order in which it came to them: in that order the controller decides about them when the broker goes.

use super::partition_change::NO_LEADER;
use crate::flat_map::FlatMap;
use crate::metadata::image::PartitionImage;
use crate::wire::Uuid;

/// By broker and topic the partitions.
type Members = FlatMap<i32, FlatMap<Uuid, Vec<i32>>>;

/// The partitions that an event at a broker concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concerned {
    /// Those that have the broker in their ISR (`partitionsWithBrokerInIsr`).
    InIsr(i32),
    /// Those that have it in their ELR (`partitionsWithBrokerInElr`).
    InElr(i32),
    /// Those that nobody leads (`partitionsWithNoLeader`).
    Leaderless,
}

/// Brokers, and where they are members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BrokersToIsrs {
    /// Partitions that nobody leads have `NO_LEADER` in their ISR too.
    isrs: Members,
    elrs: Members,
}

impl BrokersToIsrs {
    /// Notes what a partition is now. Nobody is a member yet of one that is new.
    pub fn note(&mut self, topic_id: Uuid, partition_id: i32, partition: &PartitionImage, is_new: bool) {
        let nobody = (partition.leader == NO_LEADER).then_some(NO_LEADER);
        let isr = partition.isr.iter().copied().chain(nobody);
        for (members, now) in [(&mut self.isrs, isr.collect::<Vec<i32>>()), (&mut self.elrs, partition.elr.clone())] {
            if is_new {
                add(members, (topic_id, partition_id), &now);
            } else {
                update(members, (topic_id, partition_id), &now);
            }
        }
    }

    /// Nobody is in the ELR of a topic any more; of any topic, where none is named.
    pub fn clear_elrs(&mut self, topic_id: Option<&Uuid>) {
        match topic_id {
            Some(topic_id) => remove_topic(&mut self.elrs, topic_id),
            None => self.elrs.clear(),
        }
    }

    /// A topic is gone.
    pub fn remove_topic(&mut self, topic_id: &Uuid) {
        remove_topic(&mut self.isrs, topic_id);
        remove_topic(&mut self.elrs, topic_id);
    }

    /// The concerned partitions of a topic, in the order in which the broker came to them.
    pub fn of_topic(&self, concerned: Concerned, topic_id: &Uuid) -> &[i32] {
        let (members, broker) = match concerned {
            Concerned::InIsr(broker) => (&self.isrs, broker),
            Concerned::InElr(broker) => (&self.elrs, broker),
            Concerned::Leaderless => (&self.isrs, NO_LEADER),
        };
        members.get(&broker).and_then(|topics| topics.get(topic_id)).map_or(&[], Vec::as_slice)
    }
}

/// Only who was no member before goes to the end of its list.
fn update(members: &mut Members, (topic_id, partition): (Uuid, i32), now: &[i32]) {
    for (broker, topics) in members.iter_mut() {
        if let Some(partitions) = topics.get_mut(&topic_id)
            && !now.contains(broker)
        {
            partitions.retain(|known| *known != partition);
            if partitions.is_empty() {
                topics.remove(&topic_id);
            }
        }
    }
    let is_member = |broker: &i32| {
        let partitions = members.get(broker).and_then(|topics| topics.get(&topic_id));
        partitions.is_some_and(|partitions| partitions.contains(&partition))
    };
    let joining: Vec<i32> = now.iter().copied().filter(|broker| !is_member(broker)).collect();
    add(members, (topic_id, partition), &joining);
}

fn add(members: &mut Members, (topic_id, partition): (Uuid, i32), joining: &[i32]) {
    for broker in joining {
        members.entry(*broker).or_default().entry(topic_id).or_default().push(partition);
    }
}

fn remove_topic(members: &mut Members, topic_id: &Uuid) {
    for topics in members.values_mut() {
        topics.remove(topic_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_back_comes_last() {
        let (mut members, topic) = (Members::new(), Uuid(7));
        let mut set = |partition: i32, isr: &[i32]| {
            update(&mut members, (topic, partition), isr);
            let of = |broker: i32| members.get(&broker).and_then(|topics| topics.get(&topic)).cloned();
            (of(1), of(2))
        };
        set(0, &[1, 2]);
        assert_eq!(set(1, &[1, 2]), (Some(vec![0, 1]), Some(vec![0, 1])));
        assert_eq!(set(0, &[2]), (Some(vec![1]), Some(vec![0, 1])));
        assert_eq!(set(0, &[2, 1]), (Some(vec![1, 0]), Some(vec![0, 1])));
        set(1, &[]);
        assert_eq!(set(0, &[]), (None, None));
    }
}
