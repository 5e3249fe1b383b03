//! Whether a cluster without faults has come to rest.

use kafkascope_core::actor::Listener;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::cluster::node::Node;
use kafkascope_core::sim::Millis;
use kafkascope_core::view::NodeState;

/// No request is under way for longer: every timeout that a client has is over by then.
const UNDER_WAY_MS_MAX: u64 = 120_000;

/// A disk that is busy for longer has not caught up, in milliseconds.
const DISK_BUSY_MS_MAX: Millis = 500;

/// How long the busiest disk still writes what it was given, in milliseconds: while it was slow, at that pace, also where it is
/// quick now. Nobody's requests are handled there before.
pub fn disks_busy_ms(cluster: &Cluster) -> Millis {
    let busy_ms = |node: &Node| node.slow_disk.free_at(cluster.now()).saturating_sub(cluster.now());
    cluster.nodes().map(busy_ms).max().unwrap_or(0)
}

/// What is not at rest: empty where every broker runs, every partition is led with its whole ISR, every group is stable and
/// every request is answered.
pub fn unrest(cluster: &Cluster) -> Vec<String> {
    let view = cluster.view();
    let mut found = Vec::new();
    if cluster.active_controller().is_none() {
        found.push("no controller is active".to_owned());
    }
    for node in view.nodes.iter().filter(|node| node.state != NodeState::Running) {
        found.push(format!("node {} is {:?}", node.id, node.state));
    }
    for partition in &view.partitions {
        let sorted = |ids: &[i32]| {
            let mut ids = ids.to_vec();
            ids.sort_unstable();
            ids
        };
        let name = &partition.partition;
        if partition.leader < 0 {
            let registered = cluster
                .image()
                .and_then(|image| image.topics.get(image.topic_ids.get(&name.topic)?)?.partitions.get(&name.partition));
            found.push(match registered {
                Some(known) => {
                    format!("{name} has no leader (ELR {:?}, last known leader {:?})", known.elr, known.last_known_elr)
                }
                None => format!("{name} has no leader"),
            });
        }
        if sorted(&partition.isr) != sorted(&partition.replicas) {
            found.push(format!("{name} has the ISR {:?} of {:?}", partition.isr, partition.replicas));
        }
        if !partition.adding_replicas.is_empty() || !partition.removing_replicas.is_empty() {
            let (isr, replicas) = (&partition.isr, &partition.replicas);
            let (adding, removing) = (&partition.adding_replicas, &partition.removing_replicas);
            found.push(format!(
                "the reassignment of {name} has not ended: ISR {isr:?} of {replicas:?}, adding {adding:?}, removing {removing:?}"
            ));
        }
    }
    for producer in &view.producers {
        let waiting = producer.accumulated.iter().chain(&producer.in_flight).filter(|(_, count)| *count > 0);
        found.extend(waiting.map(|(name, count)| format!("producer {}: {count} of {name} wait", producer.number)));
    }
    for group in view.groups.iter().filter(|group| group.state != "Stable") {
        found.push(format!("group {} is {}", group.group, group.state));
    }
    let open = cluster.admin().open_calls();
    if open > 0 {
        found.push(format!("the admin client waits for {open} answers"));
    }
    let busy_ms = disks_busy_ms(cluster);
    if busy_ms > DISK_BUSY_MS_MAX {
        found.push(format!("a disk is busy for {busy_ms} ms"));
    }
    for (probe, answer) in cluster.probe_answers().filter(|(_, answer)| answer.answered_at_ms.is_none()) {
        // A request to a machine that failed gets no answer: a request written by hand has no time-out.
        if cluster.node(answer.to).is_some_and(|node| node.incarnation != answer.incarnation) {
            continue;
        }
        found.push(format!("probe {probe} waits for its answer to {}", answer.api.name()));
    }
    let nodes: Vec<i32> = view.nodes.iter().map(|node| node.id).collect();
    for port in [Listener::Broker, Listener::Controller] {
        let pipelines = nodes.iter().filter_map(|node| cluster.pipeline(*node, port));
        for (node, request) in pipelines.flat_map(|all| all.requests.into_iter().map(move |each| (all.node, each))) {
            let ms: u64 = request.times.iter().map(|time| time.ms).sum();
            if ms > UNDER_WAY_MS_MAX {
                let (api, from, place) = (request.api.name(), request.from, request.place);
                found.push(format!("{api} of {from} is under way at node {node} for {ms} ms ({place:?})"));
            }
        }
    }
    found
}
