//! The assignors, held to what Kafka's own computed.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn partition(text: &str) -> TopicPartition {
    let (topic, index) = text.rsplit_once('-').expect("a partition");
    TopicPartition::new(topic, index.parse().expect("a number"))
}

#[test]
fn every_vector() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/assignors.json")).expect("JSON");
    let mut passed = 0;
    for case in vectors["cases"].as_array().expect("cases") {
        let assignor = case["assignor"].as_str().and_then(Assignor::named).expect("an assignor");
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        let members: Vec<AssignorMember> = case["members"]
            .as_array()
            .expect("members")
            .iter()
            .map(|member| {
                let list = |of: &str| member[of].as_array().into_iter().flatten().map(text).collect::<Vec<String>>();
                let owned: Vec<TopicPartition> = list("previously_owned").iter().map(|text| partition(text)).collect();
                let generation = member["owned_generation"].as_i64().and_then(|number| i32::try_from(number).ok());
                let is_eager = assignor == Assignor::Sticky;
                AssignorMember {
                    member_id: text(&member["member_id"]),
                    group_instance_id: member["group_instance_id"].as_str().map(str::to_owned),
                    topics: list("subscribed_topics").into_iter().map(Topic::from).collect(),
                    user_data: generation.and_then(|generation| assignor.user_data(Some((generation, &owned)))),
                    owned_partitions: if is_eager { Vec::new() } else { owned },
                    generation_id: generation.filter(|_| !is_eager),
                    rack_id: None,
                }
            })
            .collect();
        let counts = case["topic_partition_counts"].as_object().expect("counts");
        let counts: BTreeMap<Topic, i32> =
            counts.iter().map(|(topic, n)| (topic.as_str().into(), n.as_i64().expect("a number") as i32)).collect();
        let got: BTreeMap<String, BTreeSet<String>> = assignor
            .assign(&members, &counts, &PartitionRacks::new())
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
    assert_eq!(passed, 45);
}
