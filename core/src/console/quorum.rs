//! `kafka-metadata-quorum`, `kafka-dump-log` and `kafka-broker-api-versions`.

use serde_json::{Value, json};

use super::options::Line;
use super::{Asks, Outcome, ToolOutput, address, exception, failed, print_error, printed};
use crate::actor::Listener;
use crate::cluster::Cluster;
use crate::cluster::node::Node;
use crate::command::Command;
use crate::metadata::MetadataRecord;
use crate::raft::{CONTROLLER_LISTENER, QuorumControlRecord};
use crate::wire::quorum::{DescribeQuorumPartitionResponse, QuorumReplicaState};
use crate::wire::records::{Bytes, Record};
use crate::wire::{ApiKey, ErrorCode, Response, Uuid, api_versions};

/// About how many records of the metadata log are printed at most: the newest.
const RECORDS_MAX: i64 = 200;

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let line = asks.line;
    if line.has("add-controller") {
        return add_controller(asks);
    }
    if line.has("remove-controller") {
        return remove_controller(asks);
    }
    if !line.has("describe") {
        return failed("kafka-metadata-quorum: error: too few arguments");
    }
    if line.has("--status") == line.has("--replication") {
        return failed("One of --status or --replication must be specified with describe sub-command");
    }
    if line.value("--bootstrap-controller").is_none()
        && let Err(outcome) = asks.broker("describeMetadataQuorum")
    {
        return outcome;
    }
    let Some(quorum) = leaders_answer(asks.cluster) else {
        return failed(
            "org.apache.kafka.common.errors.TimeoutException: Call(callName=describeMetadataQuorum) timed out",
        );
    };
    printed(if line.has("--status") { status(asks.cluster, &quorum) } else { replication(asks.cluster, &quorum) })
}

/// `add-controller`: who is added is what the property file says that `--command-config` names, with the directory that its disk
/// has.
fn add_controller(asks: &Asks<'_>) -> Outcome {
    let Some(name) = asks.line.value("--command-config") else {
        return failed(
            "You must supply the configuration file of the controller you are adding when using add-controller.",
        );
    };
    let Some(node) = named_node(asks.cluster, name) else {
        return failed(format!("java.nio.file.NoSuchFileException: {name}"));
    };
    if !node.config.roles.is_controller() {
        return failed("process.roles did not contain 'controller'");
    }
    let endpoints = node.controller_endpoints().into_iter();
    let listeners: Vec<Value> =
        endpoints.map(|each| json!({"name": each.name, "host": each.host, "port": each.port})).collect();
    let body = json!({
        "clusterId": asks.cluster.cluster_id(),
        "timeoutMs": 60_000,
        "voterId": node.config.id,
        "voterDirectoryId": node.disk.broker.directory_id.to_string(),
        "listeners": listeners,
    });
    sent(asks, ApiKey::AddRaftVoter, body)
}

fn remove_controller(asks: &Asks<'_>) -> Outcome {
    let Some(id) = asks.line.value("--controller-id") else {
        return failed("kafka-metadata-quorum: error: argument --controller-id/-i is required");
    };
    let Some(directory) = asks.line.value("--controller-directory-id") else {
        return failed("kafka-metadata-quorum: error: argument --controller-directory-id/-d is required");
    };
    let Ok(id) = id.parse::<i32>() else {
        let message = format!("argument --controller-id/-i: could not convert '{id}' to Integer");
        return failed(format!("kafka-metadata-quorum: error: {message}"));
    };
    if id < 0 {
        return failed(format!("Invalid negative --controller-id: {id}"));
    }
    if Uuid::parse(directory).is_none() {
        return failed(format!(
            "Failed to parse --controller-directory-id: Input string `{directory}` decoded as wrong"
        ));
    }
    let body = json!({
        "clusterId": asks.cluster.cluster_id(),
        "voterId": id,
        "voterDirectoryId": directory,
    });
    sent(asks, ApiKey::RemoveRaftVoter, body)
}

/// The node of a property file, by the name that it has when it is exported.
fn named_node<'c>(cluster: &'c Cluster, name: &str) -> Option<&'c Node> {
    let name = name.rsplit('/').next().unwrap_or(name);
    cluster.node(name.strip_prefix("server-")?.strip_suffix(".properties")?.parse().ok()?)
}

/// To the controller that is named, which the client leaves for the active one, or to a broker, which hands it on.
fn sent(asks: &Asks<'_>, api: ApiKey, body: Value) -> Outcome {
    if asks.line.value("--bootstrap-controller").is_none() {
        return match asks.broker(api.name()) {
            Ok(node) => asks.request(node.config.id, api, body),
            Err(outcome) => outcome,
        };
    }
    let Some(active) = asks.cluster.active_controller() else {
        return failed(format!("Timed out waiting for a node assignment. Call: {}", api.name()));
    };
    let (probe, port) = (asks.probe, Listener::Controller);
    let command = Command::request(probe, (active, port), api, None, body);
    Outcome::Sent { before: Vec::new(), command: Box::new(command) }
}

/// What `add-controller` and `remove-controller` print of the answer.
pub fn answered(cluster: &Cluster, line: &Line, error: ErrorCode, message: Option<&str>) -> ToolOutput {
    if !error.is_none() {
        return print_error(exception(error, message));
    }
    let added = line.value("--command-config").and_then(|name| named_node(cluster, name));
    let printed = match added.filter(|_| line.has("add-controller")) {
        Some(node) => {
            let (id, directory) = (node.config.id, node.disk.broker.directory_id);
            let endpoints = node.controller_endpoints().into_iter();
            let endpoints: Vec<String> =
                endpoints.map(|each| format!("{}://{}:{}", each.name, each.host, each.port)).collect();
            format!("Added controller {id} with directory id {directory} and endpoints: {}", endpoints.join(","))
        }
        None => {
            let value = |name: &str| line.value(name).unwrap_or_default();
            let (id, directory) = (value("--controller-id"), value("--controller-directory-id"));
            format!("Removed  KRaft controller {id} with directory id {directory}")
        }
    };
    ToolOutput { stdout: vec![printed], stderr: Vec::new() }
}

/// What the quorum's leader tells: a broker hands the question over to it.
fn leaders_answer(cluster: &Cluster) -> Option<DescribeQuorumPartitionResponse> {
    let node = cluster.node(cluster.active_controller()?)?;
    let response = node.controller.as_ref()?.describe_quorum(&node.disk.controller, cluster.now());
    let Response::DescribeQuorum(response) = response else { return None };
    response.topics.into_iter().next()?.partitions.into_iter().next()
}

/// A voter of a static quorum is told without a directory.
fn directory(cluster: &Cluster, id: i32, is_voter: bool) -> Uuid {
    let own = cluster.node(id).map(|node| node.disk.broker.directory_id);
    if is_voter && !is_dynamic(cluster) { Uuid::ZERO } else { own.unwrap_or(Uuid::ZERO) }
}

/// Whether the log says who votes.
fn is_dynamic(cluster: &Cluster) -> bool {
    let leader = cluster.active_controller().and_then(|id| cluster.node(id));
    leader.is_some_and(|node| node.disk.controller.log.quorum().is_reconfigurable())
}

fn status(cluster: &Cluster, quorum: &DescribeQuorumPartitionResponse) -> Vec<String> {
    let leader = quorum.current_voters.iter().find(|voter| voter.replica_id == quorum.leader_id);
    let end = leader.map_or(0, |leader| leader.log_end_offset);
    let caught_up = leader.map_or(0, |leader| leader.last_caught_up_timestamp);
    let followers: Vec<&QuorumReplicaState> =
        quorum.current_voters.iter().filter(|voter| voter.replica_id != quorum.leader_id).collect();
    let lag = followers.iter().map(|voter| end - voter.log_end_offset).max().unwrap_or(0);
    let slowest = followers.iter().map(|voter| voter.last_caught_up_timestamp).min();
    let lag_ms = match slowest {
        None => 0,
        Some(moment) if moment < 0 => -1,
        Some(moment) => caught_up - moment,
    };
    let voter = |voter: &QuorumReplicaState| {
        let endpoint = controller_endpoint(cluster, voter.replica_id);
        let id = voter.replica_id;
        if is_dynamic(cluster) {
            let directory = directory(cluster, id, true);
            return format!("{{\"id\": {id}, \"directoryId\": \"{directory}\", \"endpoints\": [\"{endpoint}\"]}}");
        }
        format!("{{\"id\": {id}, \"endpoints\": [\"{endpoint}\"]}}")
    };
    let observer = |observer: &QuorumReplicaState| {
        let id = observer.replica_id;
        format!("{{\"id\": {id}, \"directoryId\": \"{}\"}}", directory(cluster, id, false))
    };
    let voters: Vec<String> = quorum.current_voters.iter().map(voter).collect();
    let observers: Vec<String> = quorum.observers.iter().map(observer).collect();
    vec![
        format!("ClusterId:              {}", cluster.cluster_id()),
        format!("LeaderId:               {}", quorum.leader_id),
        format!("LeaderEpoch:            {}", quorum.leader_epoch),
        format!("HighWatermark:          {}", quorum.high_watermark),
        format!("MaxFollowerLag:         {lag}"),
        format!("MaxFollowerLagTimeMs:   {lag_ms}"),
        format!("CurrentVoters:          [{}]", voters.join(", ")),
        format!("CurrentObservers:       [{}]", observers.join(", ")),
    ]
}

/// `NAME://host:port` of a controller.
fn controller_endpoint(cluster: &Cluster, id: i32) -> String {
    let Some(node) = cluster.node(id) else { return String::new() };
    let configured = &node.settings.configured;
    let names = configured.get("controller.listener.names").map_or(CONTROLLER_LISTENER, String::as_str);
    let mut listeners = configured.get("listeners").into_iter().flat_map(|all| all.split(','));
    let is_controllers =
        |entry: &&str| names.split(',').any(|name| entry.trim().starts_with(&format!("{}://", name.trim())));
    listeners.find(is_controllers).map(|entry| entry.trim().to_owned()).unwrap_or_default()
}

fn replication(cluster: &Cluster, quorum: &DescribeQuorumPartitionResponse) -> Vec<String> {
    let end = quorum
        .current_voters
        .iter()
        .find(|voter| voter.replica_id == quorum.leader_id)
        .map_or(0, |it| it.log_end_offset);
    let row = |replica: &QuorumReplicaState, status: &str, is_voter: bool| {
        [
            replica.replica_id.to_string(),
            directory(cluster, replica.replica_id, is_voter).to_string(),
            replica.log_end_offset.to_string(),
            (end - replica.log_end_offset).to_string(),
            replica.last_fetch_timestamp.to_string(),
            replica.last_caught_up_timestamp.to_string(),
            status.to_owned(),
        ]
    };
    let header =
        ["NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status"];
    let mut rows = vec![header.map(str::to_owned)];
    let (leader, followers): (Vec<_>, Vec<_>) =
        quorum.current_voters.iter().partition(|voter| voter.replica_id == quorum.leader_id);
    rows.extend(leader.into_iter().map(|voter| row(voter, "Leader", true)));
    rows.extend(followers.into_iter().map(|voter| row(voter, "Follower", true)));
    rows.extend(quorum.observers.iter().map(|observer| row(observer, "Observer", false)));
    table(&rows)
}

/// `ToolsUtils.prettyPrintTable`: columns as wide as their widest cell, a tab behind each.
fn table<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    rows.iter().map(|row| row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}\t")).collect()).collect()
}

/// `kafka-dump-log --cluster-metadata-decoder` of the metadata log of the controller that is active, or has most.
pub fn dump_log(asks: &Asks<'_>) -> Outcome {
    if !asks.line.has("--cluster-metadata-decoder") {
        return failed("Missing required argument \"[files]\"");
    }
    let cluster = asks.cluster;
    let controllers = cluster.nodes().filter(|node| node.config.roles.is_controller());
    let active = cluster.active_controller().and_then(|id| cluster.node(id));
    let Some(node) = active.or_else(|| controllers.max_by_key(|node| node.disk.controller.log.end_offset())) else {
        return printed(Vec::new());
    };
    let log = &node.disk.controller.log;
    let file = asks.line.value("--files").unwrap_or("__cluster_metadata-0/00000000000000000000.log");
    let mut lines = vec![format!("Dumping {file}"), format!("Log starting offset: {}", log.start_offset())];
    let from = (log.end_offset() - RECORDS_MAX).max(0);
    let mut next_position = 0u64;
    for batch in log.batches() {
        let (position, size) = (next_position, batch.size_bytes());
        next_position = next_position.saturating_add(u64::from(size));
        if batch.last_offset() < from {
            continue;
        }
        let (base, last, count) = (batch.base_offset, batch.last_offset(), batch.records.len());
        let (epoch, is_control) = (batch.partition_leader_epoch, batch.is_control);
        let time = |record: &Record| record.timestamp;
        let created = batch.records.iter().map(time).max().unwrap_or(-1);
        lines.push(format!(
            "baseOffset: {base} lastOffset: {last} count: {count} baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 \
             partitionLeaderEpoch: {epoch} isTransactional: false isControl: {is_control} deleteHorizonMs: OptionalLong.empty \
             position: {position} CreateTime: {created} size: {size} magic: 2 compresscodec: none crc: {} isvalid: true",
            batch.crc()
        ));
        for record in &batch.records {
            let offset = base.saturating_add(i64::from(record.offset_delta));
            let bytes = |field: &Option<Bytes>| {
                field.as_ref().map_or(-1, |bytes| i64::try_from(bytes.len()).unwrap_or(i64::MAX))
            };
            let begins = format!(
                "| offset: {offset} CreateTime: {} keySize: {} valueSize: {} sequence: -1 headerKeys: []",
                time(record),
                bytes(&record.key),
                bytes(&record.value)
            );
            let words = if is_control {
                QuorumControlRecord::read(record).map(|control| {
                    // The tool has a colon behind this one only.
                    let colon = if matches!(control, QuorumControlRecord::LeaderChange { .. }) { ":" } else { "" };
                    format!("{}{colon} {}", control.kind(), crate::json::write_text(&control.data()))
                })
            } else {
                let record = MetadataRecord::from_record(record);
                record.map(|record| format!("payload: {}", crate::json::write_text(&record.to_json())))
            };
            lines.push(format!("{begins} {}", words.unwrap_or_default()));
        }
    }
    printed(lines)
}

/// `kafka-broker-api-versions`: what each broker that is alive understands.
pub fn api_versions(asks: &Asks<'_>) -> Outcome {
    let (_, image) = match asks.image("describeCluster") {
        Ok(asked) => asked,
        Err(outcome) => return outcome,
    };
    let mut lines = Vec::new();
    for (id, broker) in image.brokers.iter().filter(|(_, broker)| !broker.fenced) {
        let Some(node) = asks.cluster.node(*id) else { continue };
        let rack = broker.rack.as_deref().unwrap_or("null");
        lines.push(format!("{} (id: {id} rack: {rack} isFenced: false) -> (", address(node)));
        let apis: Vec<String> = api_versions::listed(Listener::Broker)
            .map(|api| {
                format!("\t{}({}): {} to {} [usable: {}]", api.name, api.key, api.min_listed(), api.max, api.max)
            })
            .collect();
        lines.extend(apis.join(",\n").split('\n').map(str::to_owned));
        lines.push(")".to_owned());
    }
    printed(lines)
}
