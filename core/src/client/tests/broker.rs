//! The made-up broker.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::rc::Rc;

use crate::broker::group::{GroupCoordinator, KnownCluster, find_coordinator};
use crate::effects::{BrokerTimer, Effects, Outgoing, ReceivedRequest, RequestContext};
use crate::metadata::MetadataImage;
use crate::metadata::image::{PartitionImage, TopicImage};
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::view::GroupView;
use crate::wire::api::NodeEndpoint;
use crate::wire::consumer_group::ConsumerGroupHeartbeatResponse;
use crate::wire::consumer_protocol::decode_assignment;
use crate::wire::feature_levels::TRANSACTION_VERSION;
use crate::wire::group::{HeartbeatResponse, JoinGroupResponse, OffsetCommitResponse, SyncGroupResponse};
use crate::wire::metadata::{
    ApiVersionsResponse, FinalizedFeatureKey, MetadataRequest, MetadataResponse, MetadataResponseBroker,
    MetadataResponsePartition, MetadataResponseTopic,
};
use crate::wire::record_json::PartitionRecords;
use crate::wire::records::RecordBatch;
use crate::wire::replication::{
    EpochEndOffsetResult, FetchRequest, FetchResponse, FetchableTopicResponse, ListOffsetsPartitionResponse,
    ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopicResponse, OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult, PartitionData, PartitionProduceResponse, ProduceRequest,
    ProduceResponse, TopicProduceResponse,
};
use crate::wire::transaction::{EndTxnResponse, InitProducerIdResponse};
use crate::wire::{ApiKey, ErrorCode, Request, Response, Topic, TopicPartition, Uuid};

/// One line about a request.
pub fn summary(request: &Request) -> String {
    match request {
        Request::Produce(produce) => {
            let partitions = produce.topic_data.iter().flat_map(|topic| {
                topic.partition_data.iter().map(move |data| {
                    let records = match &data.records {
                        Some(PartitionRecords::Batch(batch)) => batch.records.len(),
                        _ => 0,
                    };
                    format!("{}-{} {records}", topic.name, data.index)
                })
            });
            format!("Produce acks={} [{}]", produce.acks, partitions.collect::<Vec<_>>().join(", "))
        }
        Request::Fetch(fetch) => {
            let partitions = fetch
                .topics
                .iter()
                .flat_map(|topic| &topic.partitions)
                .map(|p| format!("{}@{}", p.partition, p.fetch_offset));
            format!("Fetch [{}]", partitions.collect::<Vec<_>>().join(", "))
        }
        Request::OffsetForLeaderEpoch(request) => {
            let partitions = request.topics.iter().flat_map(|topic| &topic.partitions);
            let asked =
                partitions.map(|p| format!("{} epoch {} of {}", p.partition, p.leader_epoch, p.current_leader_epoch));
            format!("OffsetForLeaderEpoch [{}]", asked.collect::<Vec<_>>().join(", "))
        }
        Request::OffsetCommit(commit) => {
            let partitions = commit.topics.iter().flat_map(|topic| &topic.partitions);
            let partitions = partitions.map(|p| format!("{}@{}", p.partition_index, p.committed_offset));
            let generation = commit.generation_id_or_member_epoch;
            format!("OffsetCommit generation={generation} [{}]", partitions.collect::<Vec<_>>().join(", "))
        }
        Request::JoinGroup(join) => format!("JoinGroup {}", if join.member_id.is_empty() { "new" } else { "known" }),
        Request::SyncGroup(sync) => {
            let partitions: Vec<usize> = sync
                .assignments
                .iter()
                .map(|each| decode_assignment(&each.assignment).map_or(0, |partitions| partitions.len()))
                .collect();
            format!("SyncGroup generation={} {partitions:?}", sync.generation_id)
        }
        Request::LeaveGroup(leave) => format!("LeaveGroup of {}", leave.members.len()),
        Request::ConsumerGroupHeartbeat(heartbeat) => {
            let mut line = format!("ConsumerGroupHeartbeat epoch={}", heartbeat.member_epoch);
            if let Some(topics) = &heartbeat.subscribed_topic_names {
                write!(line, " topics={topics:?}").expect("text");
            }
            if let Some(regex) = &heartbeat.subscribed_topic_regex {
                write!(line, " regex={regex:?}").expect("text");
            }
            if let Some(owned) = &heartbeat.topic_partitions {
                let owned: Vec<&Vec<i32>> = owned.iter().map(|topic| &topic.partitions).collect();
                write!(line, " owned={owned:?}").expect("text");
            }
            line
        }
        other => other.api().name().to_owned(),
    }
}

const PARTITION: PartitionImage = PartitionImage {
    replicas: Vec::new(),
    isr: Vec::new(),
    removing_replicas: Vec::new(),
    adding_replicas: Vec::new(),
    elr: Vec::new(),
    last_known_elr: Vec::new(),
    leader: -1,
    leader_recovery_state: 0,
    leader_epoch: 3,
    partition_epoch: 0,
    directories: Vec::new(),
};

/// One node with logs of its own. Faults are given by API: the next answers to it.
pub struct Broker {
    pub settings: BrokerSettings,
    pub coordinator: GroupCoordinator,
    /// What the group coordinator knows of the topics.
    image: MetadataImage,
    topics: BTreeMap<Topic, i32>,
    pub logs: BTreeMap<TopicPartition, Vec<Rc<RecordBatch>>>,
    pub log_start: i64,
    /// In which it leads everything: what it says of itself, and writes.
    pub leader_epoch: i32,
    /// Larger batches are refused.
    pub max_message_bytes: u32,
    /// The next answers of these kinds are errors; `None` closes the connection.
    pub faults: VecDeque<(ApiKey, Option<ErrorCode>)>,
    /// Requests of these kinds are not answered.
    pub silent: BTreeSet<ApiKey>,
    /// Partitions on whose committed offsets a transaction is open.
    pub unstable: BTreeSet<TopicPartition>,
    /// What it says of `transaction.version`.
    pub transaction_version: i16,
    /// Fetches that wait, until when.
    delayed: Vec<(RequestContext, FetchRequest, Millis)>,
}

impl Broker {
    pub fn new(topics: &[(&str, i32)]) -> Self {
        let mut coordinator = GroupCoordinator::new(1, Random::for_purpose(1, Purpose::Identity));
        let settings = BrokerSettings { group_initial_rebalance_delay_ms: 0, ..BrokerSettings::default() };
        for partition in 0..settings.offsets_topic_num_partitions {
            let image = MetadataImage::default();
            let known = KnownCluster {
                node: 1,
                partitions: settings.offsets_topic_num_partitions,
                settings: &settings,
                image: &image,
            };
            coordinator.load(partition, 0, std::iter::empty(), &known, 0, &mut Effects::default());
        }
        let mut broker = Self {
            settings,
            coordinator,
            image: MetadataImage::default(),
            topics: BTreeMap::new(),
            logs: BTreeMap::new(),
            log_start: 0,
            leader_epoch: 3,
            max_message_bytes: 1_048_588,
            faults: VecDeque::new(),
            silent: BTreeSet::new(),
            unstable: BTreeSet::new(),
            transaction_version: 0,
            delayed: Vec::new(),
        };
        topics.iter().for_each(|(name, partitions)| broker.create_topic(name, *partitions));
        broker
    }

    /// A topic, or more partitions for one.
    pub fn create_topic(&mut self, name: &str, partitions: i32) {
        let name = Topic::from(name);
        let next = Uuid(self.topics.len() as u128 + 100);
        let id = self.image.topic_ids.get(&name).copied().unwrap_or(next);
        let partition = |index| (index, Rc::new(PartitionImage { leader: 1, replicas: vec![1], ..PARTITION }));
        let topic = TopicImage { name: name.clone(), partitions: (0..partitions).map(partition).collect() };
        self.image.topics.insert(id, Rc::new(topic));
        self.image.topic_ids.insert(name.clone(), id);
        let version = i64::try_from(self.image.topics.len()).expect("few topics");
        self.coordinator.metadata_updated(version, true);
        self.topics.insert(name, partitions);
    }

    fn id_of(&self, name: &Topic) -> Uuid {
        self.image.topic_ids.get(name).copied().unwrap_or(Uuid::ZERO)
    }

    /// The group, as its coordinator has it.
    pub fn group(&self) -> GroupView {
        self.coordinator.views(1, &self.image).into_iter().next().expect("a group")
    }

    pub fn end_of(&self, partition: &TopicPartition) -> i64 {
        let last = self.logs.get(partition).and_then(|log| log.last());
        last.map_or(0, |batch| batch.next_offset())
    }

    pub fn append(&mut self, partition: &TopicPartition, batch: &RecordBatch) -> i64 {
        let base_offset = self.end_of(partition);
        let batch = RecordBatch { base_offset, partition_leader_epoch: self.leader_epoch, ..batch.clone() };
        self.logs.entry(partition.clone()).or_default().push(Rc::new(batch));
        base_offset
    }

    pub fn handle(&mut self, received: ReceivedRequest, now: Millis, fx: &mut Effects) {
        let api = received.request.api();
        if let Some(place) = self.faults.iter().position(|(of, _)| *of == api) {
            match self.faults.remove(place) {
                Some((_, Some(error))) => {
                    let response = failure(&received.request, error, &self.topics);
                    return fx.answer(&received.request_context, response);
                }
                _ => return fx.close(&received.request_context),
            }
        }
        if self.silent.contains(&api) {
            return;
        }
        let request_context = received.request_context.clone();
        match &*received.request {
            Request::Metadata(request) => fx.answer(&request_context, Response::Metadata(self.metadata(request))),
            Request::Produce(request) => {
                let answer = self.produce(request);
                if request.acks != 0 {
                    fx.answer(&request_context, Response::Produce(answer));
                }
                self.complete_delayed(now, fx);
            }
            Request::ApiVersions(_) => {
                let level = self.transaction_version;
                let name = TRANSACTION_VERSION.to_owned();
                let feature = FinalizedFeatureKey { name, max_version_level: level, min_version_level: level };
                let finalized_features = vec![feature];
                let answer = ApiVersionsResponse { finalized_features, ..Default::default() };
                fx.answer(&request_context, Response::ApiVersions(answer));
            }
            Request::AddPartitionsToTxn(_) => {
                fx.answer(&request_context, Response::AddPartitionsToTxn(Default::default()));
            }
            Request::TxnOffsetCommit(_) => fx.answer(&request_context, Response::TxnOffsetCommit(Default::default())),
            Request::EndTxn(_) => fx.answer(&request_context, Response::EndTxn(Default::default())),
            Request::InitProducerId(_) => {
                let answer = InitProducerIdResponse { producer_id: 7, producer_epoch: 0, ..Default::default() };
                fx.answer(&request_context, Response::InitProducerId(answer));
            }
            Request::ListOffsets(request) => {
                fx.answer(&request_context, Response::ListOffsets(self.list_offsets(request)))
            }
            Request::OffsetForLeaderEpoch(request) => {
                fx.answer(&request_context, Response::OffsetForLeaderEpoch(self.epoch_ends(request)));
            }
            Request::Fetch(request) => {
                let until = now + u64::try_from(request.max_wait_ms).unwrap_or(0);
                self.delayed.push((request_context, request.clone(), until));
                self.complete_delayed(now, fx);
            }
            Request::FindCoordinator(request) => {
                let node = NodeEndpoint { node_id: 1, ..NodeEndpoint::default() };
                fx.answer(
                    &request_context,
                    Response::FindCoordinator(find_coordinator(request, 6, Some(50), |_| Some(node.clone()))),
                );
            }
            _ => {
                let known = KnownCluster {
                    node: 1,
                    partitions: self.settings.offsets_topic_num_partitions,
                    settings: &self.settings,
                    image: &self.image,
                };
                let appends =
                    self.coordinator.handle_request((received.request_context, *received.request), now, &known, fx);
                for append in appends {
                    self.coordinator.append_done(append.id, Ok(()), now, fx);
                }
                self.hold_back_unstable(fx);
            }
        }
    }

    fn hold_back_unstable(&self, fx: &mut Effects) {
        for outgoing in &mut fx.sends {
            let Outgoing::Response { response: Some(response), .. } = outgoing else { continue };
            let Response::OffsetFetch(answer) = &mut **response else { continue };
            for topic in answer.groups.iter_mut().flat_map(|group| &mut group.topics) {
                for each in &mut topic.partitions {
                    if self.unstable.contains(&TopicPartition::new(topic.name.clone(), each.partition_index)) {
                        each.error_code = ErrorCode::UnstableOffsetCommit;
                    }
                }
            }
        }
    }

    pub fn timer(&mut self, timer: &BrokerTimer, now: Millis, fx: &mut Effects) {
        if matches!(timer, BrokerTimer::Purgatory(_)) {
            return self.complete_delayed(now, fx);
        }
        let known = KnownCluster {
            node: 1,
            partitions: self.settings.offsets_topic_num_partitions,
            settings: &self.settings,
            image: &self.image,
        };
        for append in self.coordinator.handle_timer(timer, now, &known, fx) {
            self.coordinator.append_done(append.id, Ok(()), now, fx);
        }
    }

    fn metadata(&self, request: &MetadataRequest) -> MetadataResponse {
        let named = |id: Uuid| self.topics.keys().find(|name| self.id_of(name) == id).cloned();
        let asked: Vec<Topic> = match &request.topics {
            Some(topics) => {
                topics.iter().filter_map(|asked| asked.name.clone().or_else(|| named(asked.topic_id))).collect()
            }
            None => self.topics.keys().cloned().collect(),
        };
        let topics = asked.into_iter().map(|name| {
            let Some(count) = self.topics.get(&name) else {
                let error_code = ErrorCode::UnknownTopicOrPartition;
                return MetadataResponseTopic { name: Some(name), error_code, ..Default::default() };
            };
            let partitions = (0..*count).map(|partition_index| MetadataResponsePartition {
                partition_index,
                leader_id: 1,
                leader_epoch: self.leader_epoch,
                ..Default::default()
            });
            MetadataResponseTopic {
                topic_id: self.id_of(&name),
                is_internal: name.starts_with("__"),
                name: Some(name),
                partitions: partitions.collect(),
                ..Default::default()
            }
        });
        MetadataResponse {
            brokers: vec![MetadataResponseBroker { node_id: 1, ..Default::default() }],
            topics: topics.collect(),
            ..Default::default()
        }
    }

    fn produce(&mut self, request: &ProduceRequest) -> ProduceResponse {
        let mut responses = Vec::new();
        for topic in &request.topic_data {
            let mut partition_responses = Vec::new();
            for data in &topic.partition_data {
                let Some(PartitionRecords::Batch(batch)) = &data.records else { continue };
                if batch.size_bytes() > self.max_message_bytes {
                    let (index, error_code) = (data.index, ErrorCode::MessageTooLarge);
                    partition_responses.push(PartitionProduceResponse { index, error_code, ..Default::default() });
                    continue;
                }
                let base_offset = self.append(&TopicPartition::new(topic.name.clone(), data.index), batch);
                partition_responses.push(PartitionProduceResponse {
                    index: data.index,
                    base_offset,
                    ..Default::default()
                });
            }
            let (name, topic_id) = (topic.name.clone(), topic.topic_id);
            responses.push(TopicProduceResponse { name, topic_id, partition_responses });
        }
        ProduceResponse { responses, ..ProduceResponse::default() }
    }

    fn list_offsets(&self, request: &ListOffsetsRequest) -> ListOffsetsResponse {
        let topics = request.topics.iter().map(|topic| ListOffsetsTopicResponse {
            name: topic.name.clone(),
            partitions: topic
                .partitions
                .iter()
                .map(|each| {
                    let end = self.end_of(&TopicPartition::new(topic.name.clone(), each.partition_index));
                    let offset = if each.timestamp == -2 { self.log_start } else { end };
                    let partition_index = each.partition_index;
                    ListOffsetsPartitionResponse { partition_index, offset, ..Default::default() }
                })
                .collect(),
        });
        ListOffsetsResponse { throttle_time_ms: 0, topics: topics.collect() }
    }

    fn epoch_ends(&self, request: &OffsetForLeaderEpochRequest) -> OffsetForLeaderEpochResponse {
        let topics = request.topics.iter().map(|topic| OffsetForLeaderTopicResult {
            topic: topic.topic.clone(),
            partitions: topic
                .partitions
                .iter()
                .map(|asked| {
                    let log = self.logs.get(&TopicPartition::new(topic.topic.clone(), asked.partition));
                    let is_within = |batch: &&Rc<RecordBatch>| batch.partition_leader_epoch <= asked.leader_epoch;
                    let last = log.into_iter().flatten().rev().find(is_within);
                    let partition = asked.partition;
                    let unknown = EpochEndOffsetResult { partition, ..Default::default() };
                    last.map_or(unknown, |last| EpochEndOffsetResult {
                        error_code: ErrorCode::None,
                        partition,
                        leader_epoch: last.partition_leader_epoch,
                        end_offset: last.next_offset(),
                    })
                })
                .collect(),
        });
        OffsetForLeaderEpochResponse { topics: topics.collect(), ..Default::default() }
    }

    fn fetch(&self, request: &FetchRequest) -> (FetchResponse, bool) {
        let mut is_ready = false;
        let mut responses = Vec::new();
        for topic in &request.topics {
            let name = self.topics.keys().find(|name| self.id_of(name) == topic.topic_id).cloned().unwrap_or("".into());
            let partitions = topic.partitions.iter().map(|asked| {
                let partition = TopicPartition::new(name.clone(), asked.partition);
                let (end, from) = (self.end_of(&partition), asked.fetch_offset);
                let mut data =
                    PartitionData { partition_index: asked.partition, high_watermark: end, ..Default::default() };
                if asked.current_leader_epoch != self.leader_epoch {
                    let is_behind = asked.current_leader_epoch < self.leader_epoch;
                    data.error_code =
                        if is_behind { ErrorCode::FencedLeaderEpoch } else { ErrorCode::UnknownLeaderEpoch };
                } else if from < self.log_start || from > end {
                    data.error_code = ErrorCode::OffsetOutOfRange;
                }
                let log = self.logs.get(&partition).into_iter().flatten();
                data.records = log.filter(|batch| batch.next_offset() > from).cloned().collect();
                is_ready |= !data.records.is_empty() || !data.error_code.is_none();
                data
            });
            responses.push(FetchableTopicResponse {
                topic_id: topic.topic_id,
                partitions: partitions.collect(),
                ..Default::default()
            });
        }
        (FetchResponse { responses, ..FetchResponse::default() }, is_ready)
    }

    fn complete_delayed(&mut self, now: Millis, fx: &mut Effects) {
        for (request_context, request, until) in std::mem::take(&mut self.delayed) {
            let (response, is_ready) = self.fetch(&request);
            if is_ready || until <= now {
                fx.answer(&request_context, Response::Fetch(response));
            } else {
                self.delayed.push((request_context, request, until));
            }
        }
        if let Some(next) = self.delayed.iter().map(|(_, _, until)| *until).min() {
            fx.set_timer(BrokerTimer::Purgatory(0), next);
        }
    }
}

/// The answer that says nothing but an error.
fn failure(request: &Request, error_code: ErrorCode, topics: &BTreeMap<Topic, i32>) -> Response {
    match request {
        Request::Produce(request) => Response::Produce(request.error_response(error_code, None)),
        Request::Fetch(request) => {
            let responses = request.topics.iter().map(|topic| FetchableTopicResponse {
                topic: topic.topic.clone(),
                topic_id: topic.topic_id,
                partitions: topic
                    .partitions
                    .iter()
                    .map(|each| PartitionData { partition_index: each.partition, error_code, ..Default::default() })
                    .collect(),
            });
            Response::Fetch(FetchResponse { responses: responses.collect(), ..Default::default() })
        }
        Request::Metadata(_) => {
            let topics = topics.keys().map(|name| MetadataResponseTopic {
                name: Some(name.clone()),
                error_code,
                ..Default::default()
            });
            Response::Metadata(MetadataResponse { topics: topics.collect(), ..Default::default() })
        }
        Request::FindCoordinator(request) => {
            let mut answer = find_coordinator(request, 6, None, |_| None);
            answer.coordinators.iter_mut().for_each(|each| each.error_code = error_code);
            Response::FindCoordinator(answer)
        }
        Request::JoinGroup(_) => Response::JoinGroup(JoinGroupResponse { error_code, ..Default::default() }),
        Request::SyncGroup(_) => Response::SyncGroup(SyncGroupResponse { error_code, ..Default::default() }),
        Request::Heartbeat(_) => Response::Heartbeat(HeartbeatResponse { error_code, throttle_time_ms: 0 }),
        Request::OffsetCommit(request) => {
            let mut answer = OffsetCommitResponse::default();
            for topic in &request.topics {
                let partitions =
                    topic.partitions.iter().map(|each| crate::wire::group::OffsetCommitResponsePartition {
                        partition_index: each.partition_index,
                        error_code,
                    });
                answer.topics.push(crate::wire::group::OffsetCommitResponseTopic {
                    name: topic.name.clone(),
                    topic_id: topic.topic_id,
                    partitions: partitions.collect(),
                });
            }
            Response::OffsetCommit(answer)
        }
        Request::OffsetFetch(request) => {
            let groups = request.groups.iter().map(|group| crate::wire::group::OffsetFetchResponseGroup {
                group_id: group.group_id.clone(),
                error_code,
                topics: Vec::new(),
            });
            Response::OffsetFetch(crate::wire::group::OffsetFetchResponse {
                groups: groups.collect(),
                ..Default::default()
            })
        }
        Request::ConsumerGroupHeartbeat(_) => {
            Response::ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse { error_code, ..Default::default() })
        }
        Request::InitProducerId(_) => {
            Response::InitProducerId(InitProducerIdResponse { error_code, ..Default::default() })
        }
        Request::EndTxn(_) => Response::EndTxn(EndTxnResponse { error_code, ..Default::default() }),
        _ => Response::ListOffsets(ListOffsetsResponse::default()),
    }
}
