//! Requests to begin from for anyone who writes one by hand, filled from the cluster: real ids, epochs, groups, members and
//! sessions, addressed to who would answer them.

use serde_json::{Value, json};

use super::{PartitionView, Role};
use crate::actor::Listener;
use crate::change::is_kafkas_own;
use crate::cluster::Cluster;
use crate::wire::{ApiKey, Response, Uuid};

/// A request to begin from.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestTemplate {
    /// Who would answer it: `node.id`.
    pub to: i32,
    /// At which listener.
    pub port: Listener,
    /// Its body, with Kafka's own field names.
    pub body: Value,
}

/// The requests that there is a template for.
pub const REQUEST_TEMPLATES: [ApiKey; 22] = [
    ApiKey::Metadata,
    ApiKey::Fetch,
    ApiKey::Produce,
    ApiKey::ListOffsets,
    ApiKey::OffsetForLeaderEpoch,
    ApiKey::FindCoordinator,
    ApiKey::JoinGroup,
    ApiKey::Heartbeat,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::DescribeCluster,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::AlterPartition,
    ApiKey::InitProducerId,
    ApiKey::AddPartitionsToTxn,
    ApiKey::AddOffsetsToTxn,
    ApiKey::TxnOffsetCommit,
    ApiKey::EndTxn,
    ApiKey::WriteTxnMarkers,
    ApiKey::DescribeTransactions,
    ApiKey::ListTransactions,
];

/// What templates are filled with.
struct Facts<'a> {
    cluster: &'a Cluster,
    /// The first partition of an application's topic, as the controller has it.
    partition: Option<PartitionView>,
    group: String,
    /// The group's coordinator, generation and first member, where a coordinator knows it.
    coordinator: Option<i32>,
    generation: i32,
    member: String,
    transaction: Transaction,
}

/// A transactional id, as its coordinator has it; one that nobody has where no coordinator knows any.
struct Transaction {
    coordinator: Option<i32>,
    id: String,
    producer_id: i64,
    producer_epoch: i16,
}

impl Transaction {
    fn of(cluster: &Cluster) -> Self {
        let brokers = cluster.nodes().filter_map(|node| Some((node.config.id, node.broker.as_ref()?)));
        let mut known = brokers.filter_map(|(id, broker)| Some((id, broker.transactions.transactions().next()?)));
        match known.next() {
            Some((node, metadata)) => Self {
                coordinator: Some(node),
                id: metadata.transactional_id.clone(),
                producer_id: metadata.current.producer_id,
                producer_epoch: metadata.current.producer_epoch,
            },
            None => Self { coordinator: None, id: "payments".to_owned(), producer_id: 0, producer_epoch: 0 },
        }
    }
}

impl Cluster {
    /// A request to begin from. `None` for one that has no template.
    pub fn request_template(&self, api: ApiKey) -> Option<RequestTemplate> {
        if !REQUEST_TEMPLATES.contains(&api) {
            return None;
        }
        let facts = Facts::of(self);
        let (to, port) = facts.target(api);
        Some(RequestTemplate { to, port, body: facts.body(api, to) })
    }
}

impl<'a> Facts<'a> {
    fn of(cluster: &'a Cluster) -> Self {
        let view = cluster.view();
        let partition = view.partitions.iter().find(|each| !is_kafkas_own(&each.partition.topic)).cloned();
        let group = view.groups.first();
        let name = group.map(|group| group.group.clone());
        let of_consumer = || view.consumers.first().map(|consumer| consumer.group.clone());
        Self {
            cluster,
            partition,
            group: name.or_else(of_consumer).unwrap_or_else(|| "readers".to_owned()),
            coordinator: group.map(|group| group.coordinator),
            generation: group.map_or(-1, |group| group.generation),
            transaction: Transaction::of(cluster),
            member: group.and_then(|group| group.members.first().cloned()).unwrap_or_default(),
        }
    }

    /// Who would answer.
    fn target(&self, api: ApiKey) -> (i32, Listener) {
        let brokers = || self.cluster.nodes().filter(|node| node.config.roles.is_broker());
        let first = brokers().find(|node| node.broker.is_some()).or_else(|| brokers().next());
        let first = first.map_or(1, |node| node.config.id);
        let leader = self.partition.as_ref().map(|partition| partition.leader).filter(|leader| *leader >= 0);
        match api {
            ApiKey::AlterPartition => {
                let controllers = self.cluster.nodes().filter(|node| node.config.roles.is_controller());
                let any = controllers.map(|node| node.config.id).next();
                (self.cluster.active_controller().or(any).unwrap_or(first), Listener::Controller)
            }
            ApiKey::Fetch | ApiKey::Produce | ApiKey::ListOffsets | ApiKey::OffsetForLeaderEpoch => {
                (leader.unwrap_or(first), Listener::Broker)
            }
            ApiKey::JoinGroup | ApiKey::Heartbeat | ApiKey::OffsetCommit | ApiKey::OffsetFetch => {
                (self.coordinator.unwrap_or(first), Listener::Broker)
            }
            ApiKey::WriteTxnMarkers => (leader.unwrap_or(first), Listener::Broker),
            ApiKey::InitProducerId
            | ApiKey::AddPartitionsToTxn
            | ApiKey::AddOffsetsToTxn
            | ApiKey::EndTxn
            | ApiKey::DescribeTransactions
            | ApiKey::ListTransactions => (self.transaction.coordinator.unwrap_or(first), Listener::Broker),
            ApiKey::TxnOffsetCommit => (self.coordinator.unwrap_or(first), Listener::Broker),
            _ => (first, Listener::Broker),
        }
    }

    /// The body of a request about a transaction; empty for any other.
    fn transaction_body(&self, api: ApiKey) -> Value {
        let Transaction { id, producer_id, producer_epoch, .. } = &self.transaction;
        let (topic, index) = (self.topic(), self.index());
        match api {
            ApiKey::InitProducerId => json!({
                "transactionalId": id, "transactionTimeoutMs": 60_000, "producerId": -1, "producerEpoch": -1,
            }),
            ApiKey::AddPartitionsToTxn => json!({"transactions": [{
                "transactionalId": id, "producerId": producer_id, "producerEpoch": producer_epoch, "verifyOnly": false,
                "topics": [{"name": topic, "partitions": [index]}],
            }]}),
            ApiKey::AddOffsetsToTxn => json!({
                "transactionalId": id, "producerId": producer_id, "producerEpoch": producer_epoch, "groupId": self.group,
            }),
            ApiKey::TxnOffsetCommit => json!({
                "transactionalId": id, "groupId": self.group, "producerId": producer_id, "producerEpoch": producer_epoch,
                "topics": [{"name": topic, "partitions": [
                    {"partitionIndex": index, "committedOffset": self.high_watermark()},
                ]}],
            }),
            ApiKey::EndTxn => json!({
                "transactionalId": id, "producerId": producer_id, "producerEpoch": producer_epoch, "committed": true,
            }),
            ApiKey::WriteTxnMarkers => json!({"markers": [{
                "producerId": producer_id, "producerEpoch": producer_epoch, "transactionResult": false,
                "topics": [{"name": topic, "partitionIndexes": [index]}], "coordinatorEpoch": 0, "transactionVersion": 2,
            }]}),
            ApiKey::DescribeTransactions => json!({"transactionalIds": [id]}),
            ApiKey::ListTransactions => json!({"stateFilters": [], "producerIdFilters": [], "durationFilter": -1}),
            _ => json!({}),
        }
    }

    fn topic(&self) -> String {
        self.partition.as_ref().map_or_else(|| "orders".to_owned(), |each| each.partition.topic.to_string())
    }

    fn topic_id(&self) -> String {
        let image = self.cluster.image();
        let id = image.and_then(|image| image.topic_ids.get(self.topic().as_str()).copied());
        id.unwrap_or(Uuid::ZERO).to_string()
    }

    fn index(&self) -> i32 {
        self.partition.as_ref().map_or(0, |each| each.partition.partition)
    }

    fn leader_epoch(&self) -> i32 {
        self.partition.as_ref().map_or(-1, |each| each.leader_epoch)
    }

    /// The high watermark at the leader: up to where a consumer may read and commit.
    fn high_watermark(&self) -> i64 {
        let Some(wanted) = &self.partition else { return 0 };
        let view = self.cluster.view();
        let replicas = view.nodes.iter().flat_map(|node| &node.replicas);
        let leader = replicas
            .filter(|replica| replica.role == Role::Leader && replica.partition == wanted.partition)
            .map(|replica| replica.high_watermark)
            .max();
        leader.unwrap_or(0).max(0)
    }

    /// The session that a hand-written fetch has used last at a broker: its id and its next epoch.
    fn session(&self, broker: i32) -> Option<(i32, i32)> {
        let sessions = self.cluster.node(broker)?.broker.as_ref()?.fetch_sessions();
        let answers = self.cluster.probe_answers().map(|(_, answer)| answer).filter(|answer| answer.to == broker);
        let fetched = answers.filter_map(|answer| match &answer.response {
            Some(Response::Fetch(fetched)) => Some((answer.sent_at_ms, fetched.session_id)),
            Some(_) | None => None,
        });
        let open = fetched.filter_map(|(at, id)| Some((at, id, sessions.expected_epoch(id)?)));
        open.max_by_key(|(at, _, _)| *at).map(|(_, id, epoch)| (id, epoch))
    }

    fn body(&self, api: ApiKey, to: i32) -> Value {
        let (topic, topic_id, index, leader_epoch) = (self.topic(), self.topic_id(), self.index(), self.leader_epoch());
        match api {
            ApiKey::Metadata => json!({"topics": [{"name": topic}], "allowAutoTopicCreation": false}),
            ApiKey::Fetch => match self.session(to) {
                // Within a session only what is to be another way is named: nothing asks for what is new.
                Some((session_id, session_epoch)) => json!({
                    "maxWaitMs": 500, "minBytes": 1, "sessionId": session_id, "sessionEpoch": session_epoch, "topics": [],
                }),
                None => json!({
                    "maxWaitMs": 500, "minBytes": 1, "sessionId": 0, "sessionEpoch": 0,
                    "topics": [{"topicId": topic_id, "partitions": [
                        {"partition": index, "currentLeaderEpoch": leader_epoch, "fetchOffset": 0, "partitionMaxBytes": 1_048_576},
                    ]}],
                }),
            },
            ApiKey::Produce => json!({
                "acks": -1, "timeoutMs": 30_000,
                "topicData": [{"name": topic, "topicId": topic_id, "partitionData": [
                    {"index": index, "records": {"records": [{"key": "K1", "value": "by hand"}]}},
                ]}],
            }),
            ApiKey::ListOffsets => json!({
                "replicaId": -1,
                "topics": [{"name": topic, "partitions": [
                    {"partitionIndex": index, "currentLeaderEpoch": leader_epoch, "timestamp": -1},
                ]}],
            }),
            ApiKey::OffsetForLeaderEpoch => json!({
                "replicaId": -1,
                "topics": [{"topic": topic, "partitions": [
                    {"partition": index, "currentLeaderEpoch": leader_epoch, "leaderEpoch": leader_epoch.max(0)},
                ]}],
            }),
            ApiKey::FindCoordinator => json!({"keyType": 0, "coordinatorKeys": [self.group]}),
            ApiKey::JoinGroup => json!({
                "groupId": self.group, "sessionTimeoutMs": 45_000, "rebalanceTimeoutMs": 300_000, "memberId": "",
                "protocolType": "consumer", "protocols": [{"name": "range", "metadata": {"topics": [topic]}}],
            }),
            ApiKey::Heartbeat => {
                json!({"groupId": self.group, "generationId": self.generation, "memberId": self.member})
            }
            ApiKey::OffsetCommit => json!({
                "groupId": self.group, "generationIdOrMemberEpoch": self.generation, "memberId": self.member,
                "topics": [{"name": topic, "topicId": topic_id, "partitions": [
                    {"partitionIndex": index, "committedOffset": self.high_watermark(), "committedLeaderEpoch": leader_epoch},
                ]}],
            }),
            ApiKey::OffsetFetch => json!({"groups": [{"groupId": self.group, "topics": null}], "requireStable": false}),
            ApiKey::DescribeCluster => json!({"includeFencedBrokers": true}),
            ApiKey::CreateTopics => json!({
                "topics": [{"name": self.new_topic(), "numPartitions": 2, "replicationFactor": self.brokers().min(3)}],
                "timeoutMs": 30_000, "validateOnly": false,
            }),
            ApiKey::DeleteTopics => json!({"topics": [{"name": topic}], "timeoutMs": 30_000}),
            ApiKey::AlterPartition => {
                let (leader, isr, partition_epoch) = match &self.partition {
                    Some(each) => (each.leader, each.isr.clone(), each.partition_epoch),
                    None => (to, vec![to], 0),
                };
                let member = |id: &i32| json!({"brokerId": id, "brokerEpoch": self.cluster.broker_epoch(*id)});
                json!({
                    "brokerId": leader, "brokerEpoch": self.cluster.broker_epoch(leader),
                    "topics": [{"topicId": topic_id, "partitions": [{
                        "partitionIndex": index, "leaderEpoch": leader_epoch, "partitionEpoch": partition_epoch,
                        "newIsrWithEpochs": isr.iter().map(member).collect::<Vec<_>>(),
                    }]}],
                })
            }
            other => self.transaction_body(other),
        }
    }

    fn brokers(&self) -> usize {
        self.cluster.nodes().filter(|node| node.config.roles.is_broker()).count()
    }

    /// A name that no topic has.
    fn new_topic(&self) -> String {
        let is_free =
            |name: &String| self.cluster.image().is_none_or(|image| !image.topic_ids.contains_key(name.as_str()));
        let numbered = (2..).map(|number| format!("payments-{number}"));
        std::iter::once("payments".to_owned()).chain(numbered).find(is_free).unwrap_or_default()
    }
}
