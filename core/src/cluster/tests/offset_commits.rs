//! How long a commit of offsets waits for replicas.

use serde_json::json;

use super::*;
use crate::actor::Listener;
use crate::change::Change;
use crate::command::Command;
use crate::presets::Order;
use crate::step::Step;
use crate::wire::ApiKey;

/// After how long a commit is refused of which the other replicas of `__consumer_offsets` hear nothing.
fn refused_after(timeout_ms: Option<&str>) -> Millis {
    let mut config = Order::default().config();
    let timeout = timeout_ms.map(|value| ("offsets.commit.timeout.ms".to_owned(), value.to_owned()));
    config.settings.extend(timeout);
    config.settings.insert("offsets.topic.num.partitions".to_owned(), "1".to_owned());
    let mut cluster = Cluster::new(&config, 7).expect("it comes to rest");
    let find = json!({"keyType": 0, "coordinatorKeys": ["g"]});
    cluster
        .apply(&Command::request(1, (1, Listener::Broker), ApiKey::FindCoordinator, None, find))
        .expect("it is sent");
    pass(&mut cluster, 3_000);
    let image = cluster.image().expect("a controller is active");
    let leader = image.partition("__consumer_offsets", 0).expect("it was created").leader;
    for node in cluster.nodes().map(|node| node.config.id).filter(|node| *node != leader).collect::<Vec<_>>() {
        let (from, to) = (Actor::Node(node), Actor::Node(leader));
        cluster.apply(&Command::Cut { from, to, both: true }).expect("it is whole");
    }
    let begun = cluster.now();
    let topics = json!([{"name": "orders", "partitions": [{"partitionIndex": 0, "committedOffset": 1}]}]);
    let commit = json!({"groupId": "g", "generationIdOrMemberEpoch": -1, "memberId": "", "topics": topics});
    let to = (leader, Listener::Broker);
    cluster.apply(&Command::request(2, to, ApiKey::OffsetCommit, Some(9), commit)).expect("it is sent");
    let steps = pass(&mut cluster, 8_000);
    let answered = |step: &&Step| step.changes.iter().any(|change| matches!(change, Change::ProbeAnswered { .. }));
    steps.iter().find(answered).map_or(0, |step| step.at_ms - begun)
}

#[test]
fn a_commit_waits_for_its_replicas_for_five_seconds_or_as_long_as_is_set() {
    let (by_default, as_set) = (refused_after(None), refused_after(Some("700")));
    assert!((5_000..5_100).contains(&by_default), "{by_default}");
    assert!((700..800).contains(&as_set), "{as_set}");
}
