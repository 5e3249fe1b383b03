//! Who reads which partitions: computed by the group's leader, a client (`ConsumerPartitionAssignor`).

use std::collections::{BTreeMap, BTreeSet};

use crate::sort::SharedSort;
use crate::wire::{Topic, TopicPartition};

/// A member as an assignor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignorMember {
    /// Its id.
    pub member_id: String,
    /// Its name for life.
    pub group_instance_id: Option<String>,
    /// What it wants.
    pub topics: Vec<Topic>,
}

/// Partitions by member; every member is in it.
pub type Assignment = BTreeMap<String, Vec<TopicPartition>>;

/// `MemberInfo.compareTo`: static members come first, by their names for life; the others by member id.
fn sorted(members: &[AssignorMember]) -> Vec<&AssignorMember> {
    let mut sorted: Vec<&AssignorMember> = members.iter().collect();
    sorted.shared_sort_by(|a, b| {
        let key = |member: &AssignorMember| (member.group_instance_id.is_none(), member.group_instance_id.clone());
        key(a).cmp(&key(b)).then_with(|| a.member_id.cmp(&b.member_id))
    });
    sorted
}

fn nothing_yet(members: &[AssignorMember]) -> Assignment {
    members.iter().map(|member| (member.member_id.clone(), Vec::new())).collect()
}

fn wanted_topics(members: &[AssignorMember]) -> BTreeSet<Topic> {
    members.iter().flat_map(|member| member.topics.iter().cloned()).collect()
}

/// `RangeAssignor` without racks: topic by topic, a range of neighbours each; the first members get one more where it
/// does not come out even, which piles up over many topics. A topic without partitions is passed over.
pub fn range(members: &[AssignorMember], partitions: &BTreeMap<Topic, i32>) -> Assignment {
    let mut assignment = nothing_yet(members);
    let order = sorted(members);
    for topic in wanted_topics(members) {
        let count = partitions.get(&topic).copied().unwrap_or(0).max(0);
        let readers: Vec<&&AssignorMember> = order.iter().filter(|member| member.topics.contains(&topic)).collect();
        let Ok(many) = i32::try_from(readers.len()) else { continue };
        let mut next = 0;
        for (place, reader) in (0..many).zip(readers) {
            let share = count / many + i32::from(place < count % many);
            let range = (next..next + share).map(|index| TopicPartition::new(topic.clone(), index));
            assignment.entry(reader.member_id.clone()).or_default().extend(range);
            next += share;
        }
    }
    assignment
}

/// `RoundRobinAssignor`: all partitions are dealt out in a circle; a member that does not want the topic is passed over.
pub fn round_robin(members: &[AssignorMember], partitions: &BTreeMap<Topic, i32>) -> Assignment {
    let mut assignment = nothing_yet(members);
    let order = sorted(members);
    let mut circle = order.iter().cycle();
    for topic in wanted_topics(members) {
        for index in 0..partitions.get(&topic).copied().unwrap_or(0) {
            // Somebody wants the topic, else it would not be here: the circle comes to them.
            if let Some(member) = circle.by_ref().find(|member| member.topics.contains(&topic)) {
                let partition = TopicPartition::new(topic.clone(), index);
                assignment.entry(member.member_id.clone()).or_default().push(partition);
            }
        }
    }
    assignment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_and_round_robin_vector() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/assignors.json")).expect("JSON");
        let mut passed = 0;
        for case in vectors["cases"].as_array().expect("cases") {
            let assign = match case["assignor"].as_str() {
                Some("range") => range,
                Some("roundrobin") => round_robin,
                _ => continue,
            };
            let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
            let members: Vec<AssignorMember> = case["members"]
                .as_array()
                .expect("members")
                .iter()
                .map(|member| AssignorMember {
                    member_id: text(&member["member_id"]),
                    group_instance_id: member["group_instance_id"].as_str().map(str::to_owned),
                    topics: member["subscribed_topics"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|t| text(t).into())
                        .collect(),
                })
                .collect();
            let counts = case["topic_partition_counts"].as_object().expect("counts");
            let counts: BTreeMap<Topic, i32> =
                counts.iter().map(|(topic, n)| (topic.as_str().into(), n.as_i64().expect("a number") as i32)).collect();
            let got: BTreeMap<String, BTreeSet<String>> = assign(&members, &counts)
                .into_iter()
                .map(|(member, all)| (member, all.iter().map(ToString::to_string).collect()))
                .collect();
            let expected: BTreeMap<String, BTreeSet<String>> = case["expected_assignment"]
                .as_object()
                .expect("an assignment")
                .iter()
                .map(|(member, all)| (member.clone(), all.as_array().into_iter().flatten().map(text).collect()))
                .collect();
            assert_eq!(got, expected, "{}", case["id"]);
            passed += 1;
        }
        assert_eq!(passed, 24);
    }
}
