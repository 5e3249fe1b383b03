//! Consumers on racks (KIP-881): the group's leader gives each what has a replica near it, and looks again when replicas move.

use super::*;
use crate::command::Command;
use crate::presets::Order;
use crate::wire::TopicPartition;

/// Two brokers on a rack each, a partition on each of them, and two consumers of one group: the first by id is on the second
/// broker's rack.
fn cluster() -> Cluster {
    let order = Order {
        brokers: 2,
        partitions: 2,
        consumers: 2,
        replication_factor: 1,
        min_insync_replicas: 1,
        racks: ["rack-a", "rack-b"].map(str::to_owned).to_vec(),
        ..Order::default()
    };
    let mut config = order.config();
    config.topics[0].assignment = vec![vec![1], vec![2]];
    for (consumer, rack) in config.consumers.iter_mut().zip(["rack-b", "rack-a"]) {
        consumer.settings.insert("client.rack".to_owned(), rack.to_owned());
        consumer.settings.insert("metadata.max.age.ms".to_owned(), "1000".to_owned());
    }
    let mut cluster = Cluster::new(&config, 11).expect("a good cluster");
    let until = cluster.now() + 20_000;
    run_to(&mut cluster, until);
    cluster
}

/// Which partition each consumer reads.
fn read(cluster: &Cluster) -> Vec<Vec<i32>> {
    let of =
        |number| cluster.consumer(number).expect("it is there").assigned().map(|(each, _, _)| each.partition).collect();
    [1, 2].map(of).to_vec()
}

#[test]
fn each_reads_what_is_near_it_also_after_replicas_have_moved() {
    let mut cluster = cluster();
    assert_eq!(read(&cluster), [[1], [0]]);
    for (index, to) in [(0, 2), (1, 1)] {
        let partition = TopicPartition::new("orders", index);
        cluster.apply(&Command::Reassign { partition, replicas: Some(vec![to]) }).expect("it is asked for");
    }
    let until = cluster.now() + 30_000;
    run_to(&mut cluster, until);
    assert_eq!(read(&cluster), [[0], [1]]);
}
