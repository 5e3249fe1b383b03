//! What the controller decides: whether an ISR may be as a leader wants it, and who leads.

use kafkascope_core::controller::alter_partition::validate_alter_partition;
use kafkascope_core::controller::brokers_to_isrs::Concerned;
use kafkascope_core::controller::cluster_control_manager::{BrokerEvent, ClusterControlManager};
use kafkascope_core::controller::heartbeat::Heartbeats;
use kafkascope_core::controller::partition_change::{Election, RECOVERING};
use kafkascope_core::controller::table_orders::TableOrders;
use kafkascope_core::flat_map::FlatMap;
use kafkascope_core::metadata::MetadataImage;
use kafkascope_core::metadata::image::{PartitionImage, TopicImage};
use kafkascope_core::raft::VoterSet;
use kafkascope_core::settings::BrokerSettings;
use kafkascope_core::wire::metadata::{AlterPartitionData, BrokerState};
use kafkascope_core::wire::{Topic, Uuid};
use serde_json::{Value, json};

use super::replication::{broker, image_of};
use super::{Check, expect, field, nodes, small};

const TOPIC: Uuid = Uuid(1);

/// Whether the controller takes an ISR.
pub(super) fn alter_partition_validation(case: &Value) -> Check {
    let partition = PartitionImage {
        leader: small(case, "given.controller_leader")?,
        leader_epoch: small(case, "given.controller_leader_epoch")?,
        partition_epoch: small(case, "given.controller_partition_epoch")?,
        ..image_of(&nodes(case, "given.replicas")?)
    };
    let isr = nodes(case, "given.new_isr")?;
    let mut image = image_with(partition.clone(), &isr);
    for id in nodes(case, "given.in_controlled_shutdown")? {
        image.brokers.entry(id).or_insert_with(|| broker(5)).in_controlled_shutdown = true;
    }
    for id in nodes(case, "given.fenced_brokers")? {
        image.brokers.entry(id).or_insert_with(|| broker(5)).fenced = true;
    }
    for id in nodes(case, "given.stale_broker_epoch_of")? {
        image.brokers.entry(id).or_insert_with(|| broker(5)).broker_epoch = 6;
    }
    let is_recovering = case["given"]["request_leader_recovery_state"] == json!("RECOVERING");
    let data = AlterPartitionData {
        partition_index: 0,
        leader_epoch: small(case, "given.request_leader_epoch")?,
        new_isr_with_epochs: isr.iter().map(|id| BrokerState { broker_id: *id, broker_epoch: 5 }).collect(),
        leader_recovery_state: if is_recovering { RECOVERING } else { 0 },
        partition_epoch: small(case, "given.request_partition_epoch")?,
        ..AlterPartitionData::default()
    };
    let settings = BrokerSettings::default();
    let orders = TableOrders::default();
    let cluster = ClusterControlManager {
        image: &image,
        settings: &settings,
        orders: &orders,
        node_id: 1,
        heartbeats: &Heartbeats::default(),
        static_voters: &VoterSet::default(),
    };
    let error = validate_alter_partition(cluster, small(case, "given.request_broker")?, Some(&partition), &data);
    Ok(expect(field(case, "expected.error")?.clone(), json!(error)))
}

/// Who leads after something happened to a broker, or after an election by hand.
pub(super) fn leader_election(case: &Value) -> Check {
    let given = field(case, "given")?;
    let replicas = nodes(case, "given.replicas")?;
    let before = PartitionImage {
        isr: nodes(case, "given.isr")?,
        elr: nodes(case, "given.elr")?,
        leader: small(case, "given.leader")?,
        leader_epoch: small(case, "given.leader_epoch")?,
        partition_epoch: given.get("partition_epoch").map_or(Ok(0), |_| small(case, "given.partition_epoch"))?,
        ..image_of(&replicas)
    };
    let (fenced, unfenced) = (nodes(case, "given.fenced")?, nodes(case, "given.unfenced")?);
    let mut image = image_with(before.clone(), &replicas);
    // Where a case says who is alive, or who comes back, nobody else is.
    let alive: Vec<i32> = ["given.alive", "given.alive_outside_isr"]
        .iter()
        .map(|path| nodes(case, path))
        .collect::<Result<Vec<_>, _>>()?
        .concat();
    for (id, broker) in &mut image.brokers {
        let is_dead = (!alive.is_empty() || !unfenced.is_empty()) && !alive.contains(id) && !fenced.contains(id);
        broker.fenced = is_dead;
    }
    if given.get("elr_enabled") == Some(&json!(true)) {
        image.features.insert("eligible.leader.replicas.version".into(), 1);
    }
    for (name, setting) in [
        ("min_insync_replicas", "min.insync.replicas"),
        ("unclean_leader_election_enable", "unclean.leader.election.enable"),
    ] {
        if let Some(value) = given.get(name) {
            let topic = image.configs.entry((2, "t".into())).or_default();
            topic.insert(setting.into(), value.to_string());
        }
    }
    let settings = BrokerSettings::default();
    let mut orders = TableOrders::default();
    orders.members.note(TOPIC, 0, &before, true);
    let cluster = ClusterControlManager {
        image: &image,
        settings: &settings,
        orders: &orders,
        node_id: 1,
        heartbeats: &Heartbeats::default(),
        static_voters: &VoterSet::default(),
    };
    let mut records = Vec::new();
    let leaving = fenced.iter().map(|id| (BrokerEvent::Leaves(*id), Concerned::InIsr(*id)));
    let returning = unfenced.iter().map(|id| (BrokerEvent::Returns(*id), Concerned::Leaderless));
    for (event, concerned) in leaving.chain(returning) {
        cluster.leader_and_isr_updates(event, concerned, &mut records).map_err(|error| error.code.to_string())?;
    }
    if given.get("election") == Some(&json!("PREFERRED")) {
        let record = cluster.change_partition(
            &image.topics[&TOPIC],
            (TOPIC, 0, &before),
            |replica| cluster.is_active(replica),
            |change| change.election = Election::Preferred,
        );
        records.extend(record.map_err(|error| error.code.to_string())?);
    }
    let mut after = image.clone();
    for record in &records {
        after.apply(record);
    }
    let after = after.partition("t", 0).cloned().ok_or("the partition is gone")?;
    let is_recovering = after.leader_recovery_state == RECOVERING;
    let actual = json!({
        "leader": after.leader,
        "isr": after.isr,
        "elr": after.elr,
        "leader_epoch": after.leader_epoch,
        "partition_epoch": after.partition_epoch,
        "leader_recovery_state": if is_recovering { "RECOVERING" } else { "RECOVERED" },
        "clean": !is_recovering,
        "change": !records.is_empty(),
    });
    let expected = field(case, "expected")?.as_object().ok_or("expected is no object")?;
    let actual: serde_json::Map<String, Value> =
        expected.keys().map(|name| (name.clone(), actual.get(name).cloned().unwrap_or_default())).collect();
    Ok(expect(expected.clone(), actual))
}

/// An image with one partition and these brokers, all alive.
fn image_with(partition: PartitionImage, brokers: &[i32]) -> MetadataImage {
    let mut image = MetadataImage::default();
    let everybody = brokers.iter().chain(&partition.replicas);
    image.brokers = everybody.map(|id| (*id, broker(5))).collect();
    let name = Topic::from("t");
    image.topic_ids.insert(name.clone(), TOPIC);
    let topic = TopicImage { name, partitions: FlatMap::from([(0, partition.into())]) };
    image.topics.insert(TOPIC, topic.into());
    image
}
