//! OffsetCommit and OffsetFetch at the coordinator (`OffsetMetadataManager`).

use super::classic::{ClassicGroup, CommittedOffset};
use super::consumer::{CommitCheckEpoch, ConsumerGroup};
use super::context::{GroupContext, Waiting};
use super::records::OffsetRecords;
use super::requests::FIRST_OFFSETS_VERSION_WITH_TOPIC_IDS;
use super::state::ClassicGroupState::{PreparingRebalance, Stable};
use super::state::{CommitCheck, metadata_length, validate_offset_commit, validate_offset_metadata};
use super::{Group, membership};
use crate::broker::topic_results;
use crate::change::Change;
use crate::effects::{Effects, RequestContext};
use crate::explain::Explanation;
use crate::flat_map::FlatMap;
use crate::settings::BrokerSettings;
use crate::wire::group::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse,
    OffsetCommitResponsePartition, OffsetCommitResponseTopic, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use crate::wire::hash_order::{in_timeline_map_order, java_string_hash};
use crate::wire::{ErrorCode, Response, Topic, TopicPartition, Uuid};

/// `OffsetCommitRequest.DEFAULT_RETENTION_TIME`: the broker's retention counts.
const BROKER_RETENTION: i64 = -1;

/// How a request names topics (`OffsetFetchRequest.useTopicIds`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TopicNaming {
    /// By their names.
    Names,
    /// By their ids, which the broker has looked up.
    Ids,
}

impl TopicNaming {
    /// How a version of OffsetCommit and OffsetFetch names them.
    pub(super) fn of(version: i16) -> Self {
        if version >= FIRST_OFFSETS_VERSION_WITH_TOPIC_IDS { Self::Ids } else { Self::Names }
    }

    /// Whether the broker found no name for the id of a topic. No topic has the id of zeros.
    fn is_unknown(self, topic: &OffsetFetchRequestTopics) -> bool {
        self == Self::Ids && topic.name.is_empty()
    }
}

/// What a commit depends on beside its group.
#[derive(Clone, Copy, Debug)]
pub(super) struct CommitConfig {
    /// `offset.metadata.max.bytes`.
    metadata_bytes_max: u64,
}

impl CommitConfig {
    pub(super) fn of(settings: &BrokerSettings) -> Self {
        Self { metadata_bytes_max: u64::try_from(settings.offset_metadata_max_bytes).unwrap_or(0) }
    }
}

/// The answer in which every partition has the same error, but for those that the broker refused already: they come first.
pub(super) fn commit_answer(
    request: &OffsetCommitRequest,
    error_code: ErrorCode,
    refused: Vec<OffsetCommitResponseTopic>,
) -> OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let results =
            partitions.map(|each| OffsetCommitResponsePartition { partition_index: each.partition_index, error_code });
        results_of(topic, results.collect())
    });
    OffsetCommitResponse { throttle_time_ms: 0, topics: topic_results::merge(refused, topics.collect()) }
}

fn results_of(
    topic: &OffsetCommitRequestTopic,
    partitions: Vec<OffsetCommitResponsePartition>,
) -> OffsetCommitResponseTopic {
    OffsetCommitResponseTopic { name: topic.name.clone(), topic_id: topic.topic_id, partitions }
}

/// An OffsetCommit: one record a partition, answered when they are replicated.
pub(super) fn commit(
    group: &mut ClassicGroup,
    request: &OffsetCommitRequest,
    request_context: RequestContext,
    refused: Vec<OffsetCommitResponseTopic>,
    config: CommitConfig,
    cx: &mut GroupContext,
) {
    let instance_id = request.group_instance_id.as_deref();
    let error = validate_offset_commit(&CommitCheck {
        state: group.state,
        generation: group.generation,
        request_generation: request.generation_id_or_member_epoch,
        names_member: !request.member_id.is_empty() || instance_id.is_some(),
        member: group.check_member(&request.member_id, instance_id),
    });
    if !error.is_none() {
        cx.fx.answer(&request_context, Response::OffsetCommit(commit_answer(request, error, refused)));
        return membership::refused(cx, &group.id, error);
    }
    // A commit shows that its member lives.
    if let (Stable | PreparingRebalance, Some(member)) = (group.state, group.members.get(&request.member_id)) {
        cx.renew_session(&group.id, member);
    }
    append_commit((&group.id, group.partition), request, request_context, refused, config, cx);
}

/// The same in a group of the consumer protocol (`ConsumerGroup.validateOffsetCommit`).
#[inline(never)]
pub(super) fn commit_to_consumer_group(
    group: &ConsumerGroup,
    request: &OffsetCommitRequest,
    request_context: RequestContext,
    refused: Vec<OffsetCommitResponseTopic>,
    config: CommitConfig,
    cx: &mut GroupContext,
) {
    let (member, instance_id) = (request.member_id.as_str(), request.group_instance_id.as_deref());
    let (epoch, version) = (request.generation_id_or_member_epoch, request_context.version);
    let error = match group.validate_commit(member, instance_id, epoch, Some(version)) {
        Ok(CommitCheckEpoch::Any) => ErrorCode::None,
        // An older epoch will do for what the member had in it; one partition that it had not refuses all.
        Ok(CommitCheckEpoch::AssignedBy(epoch)) => {
            let named = request.topics.iter().flat_map(|topic| topic.partitions.iter().map(move |each| (topic, each)));
            let checked = named
                .filter(|(_, each)| config.validate_metadata(each).is_none())
                .map(|(topic, each)| group.validate_commit_of(member, topic.topic_id, each.partition_index, epoch));
            checked.into_iter().find(|error| !error.is_none()).unwrap_or(ErrorCode::None)
        }
        Err(error) => error,
    };
    if !error.is_none() {
        cx.fx.answer(&request_context, Response::OffsetCommit(commit_answer(request, error, refused)));
        return membership::refused(cx, &group.id, error);
    }
    append_commit((&group.id, group.partition), request, request_context, refused, config, cx);
}

impl CommitConfig {
    fn validate_metadata(self, partition: &OffsetCommitRequestPartition) -> ErrorCode {
        let length = metadata_length(partition.committed_metadata.as_deref().unwrap_or_default());
        validate_offset_metadata(length, self.metadata_bytes_max)
    }
}

/// Writes what a commit that may be made says.
fn append_commit(
    (group, group_partition): (&str, i32),
    request: &OffsetCommitRequest,
    request_context: RequestContext,
    refused: Vec<OffsetCommitResponseTopic>,
    config: CommitConfig,
    cx: &mut GroupContext,
) {
    let mut topics = Vec::with_capacity(request.topics.len());
    let mut commits = Vec::new();
    let now_ms = i64::try_from(cx.now).unwrap_or(i64::MAX);
    let expires_at =
        (request.retention_time_ms != BROKER_RETENTION).then(|| now_ms.wrapping_add(request.retention_time_ms));
    for topic in &request.topics {
        let mut results = Vec::with_capacity(topic.partitions.len());
        commits.reserve(topic.partitions.len());
        for each in &topic.partitions {
            let error_code = config.validate_metadata(each);
            results.push(OffsetCommitResponsePartition { partition_index: each.partition_index, error_code });
            if !error_code.is_none() {
                continue;
            }
            let offset = CommittedOffset {
                offset: each.committed_offset,
                leader_epoch: each.committed_leader_epoch,
                metadata: each.committed_metadata.clone().unwrap_or_default(),
                // The record's version that holds such a time has no id.
                topic_id: if expires_at.is_some() { Uuid::ZERO } else { topic.topic_id },
                committed_at: now_ms,
                expires_at,
            };
            commits.push((TopicPartition::new(topic.name.clone(), each.partition_index), offset));
        }
        topics.push(results_of(topic, results));
    }
    let topics = topic_results::merge(refused, topics);
    let response = Response::OffsetCommit(OffsetCommitResponse { throttle_time_ms: 0, topics });
    let Some((partition, offset)) = commits.first() else { return cx.fx.answer(&request_context, response) };
    cx.fx.explain(Explanation::CoordinatorAppendsCommit {
        node: cx.node,
        group: group.to_owned(),
        partition: partition.clone(),
        offset: offset.offset,
    });
    let mut records = OffsetRecords::of(group, cx.now);
    let records = commits.iter().map(|(partition, offset)| records.commit(partition, offset)).collect();
    let waiting = Waiting::Offsets { commits, request_context: Some((request_context, response)) };
    cx.append_to(group, group_partition, records, waiting);
}

/// A commit's records are replicated: now they count.
pub(super) fn committed(group: &mut Group, commits: Vec<(TopicPartition, CommittedOffset)>, fx: &mut Effects) {
    let id = group.id().to_owned();
    let offsets = group.offsets_mut();
    for (partition, offset) in commits {
        let to = offset.offset;
        let from = offsets.insert(partition.clone(), offset).map_or(-1, |before| before.offset);
        fx.change(Change::OffsetCommitted { group: id.clone(), partition, from, to });
    }
}

/// The answer with the same error in every partition of a commit that could not be written, also in those that had nothing to write.
pub(super) fn commit_failed(mut response: Response, error: ErrorCode) -> Response {
    if let Response::OffsetCommit(commit) = &mut response {
        let partitions = commit.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
        let was_taken = |error: ErrorCode| error.is_none() || error == ErrorCode::OffsetMetadataTooLarge;
        partitions.filter(|each| was_taken(each.error_code)).for_each(|each| each.error_code = error);
    }
    response
}

/// Partitions that something is kept of, in the order of Kafka's tables by topic and then by partition
/// (`OffsetMetadataManager.Offsets`, `OpenTransactions`). They come sorted, as if they had been committed one after the other.
pub(super) fn in_table_order<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Vec<&'a TopicPartition> {
    let mut topics: Vec<(&Topic, Vec<&TopicPartition>)> = Vec::new();
    for partition in partitions {
        match topics.last_mut() {
            Some((topic, of_topic)) if **topic == partition.topic => of_topic.push(partition),
            Some(_) | None => topics.push((&partition.topic, vec![partition])),
        }
    }
    let topics = in_timeline_map_order(topics, |(topic, _)| java_string_hash(topic));
    topics.flat_map(|(_, of_topic)| in_timeline_map_order(of_topic, |partition| partition.partition)).collect()
}

/// One group of an OffsetFetch. A group that nobody knows has nothing committed; that is no error.
pub(super) fn fetch(
    (group, offsets): (Option<&Group>, Option<&FlatMap<TopicPartition, CommittedOffset>>),
    request: &OffsetFetchRequestGroup,
    naming: TopicNaming,
) -> OffsetFetchResponseGroup {
    let error_code = match group {
        Some(Group::Classic(group)) => group.validate_fetch(request.member_id.as_deref(), request.member_epoch),
        Some(Group::Consumer(group)) => group.validate_fetch(request.member_id.as_deref(), request.member_epoch),
        None => ErrorCode::None,
    };
    if !error_code.is_none() {
        let group_id = request.group_id.clone();
        return OffsetFetchResponseGroup { group_id, error_code, topics: Vec::new() };
    }
    // A topic of the same name that was made later has not the offsets of the one before (`isMismatchedTopicId`).
    let is_of = |offset: &&CommittedOffset, topic_id: Uuid| {
        offset.topic_id == Uuid::ZERO || topic_id == Uuid::ZERO || offset.topic_id == topic_id
    };
    let known = |partition: &TopicPartition| offsets.and_then(|offsets| offsets.get(partition));
    let one = |partition: &TopicPartition, topic_id: Uuid| match known(partition).filter(|known| is_of(known, topic_id))
    {
        Some(offset) => OffsetFetchResponsePartitions {
            partition_index: partition.partition,
            committed_offset: offset.offset,
            committed_leader_epoch: offset.leader_epoch,
            metadata: Some(offset.metadata.clone()),
            error_code: ErrorCode::None,
        },
        None => OffsetFetchResponsePartitions {
            partition_index: partition.partition,
            metadata: Some(String::new()),
            ..OffsetFetchResponsePartitions::default()
        },
    };
    let mut topics: Vec<OffsetFetchResponseTopics> = Vec::new();
    match &request.topics {
        Some(asked) => topics.extend(asked.iter().filter(|topic| !naming.is_unknown(topic)).map(|topic| {
            OffsetFetchResponseTopics {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partitions: topic
                    .partition_indexes
                    .iter()
                    .map(|index| one(&TopicPartition::new(topic.name.clone(), *index), topic.topic_id))
                    .collect(),
            }
        })),
        None => {
            for partition in in_table_order(offsets.iter().flat_map(|offsets| offsets.keys())) {
                match topics.last_mut().filter(|topic| topic.name == partition.topic) {
                    Some(topic) => topic.partitions.push(one(partition, Uuid::ZERO)),
                    None => topics.push(OffsetFetchResponseTopics {
                        name: partition.topic.clone(),
                        topic_id: Uuid::ZERO,
                        partitions: vec![one(partition, Uuid::ZERO)],
                    }),
                }
            }
        }
    }
    // Topics by an id that nobody knows come last.
    for topic in request.topics.iter().flatten().filter(|topic| naming.is_unknown(topic)) {
        let refused = topic.partition_indexes.iter().map(|index| OffsetFetchResponsePartitions {
            partition_index: *index,
            metadata: Some(String::new()),
            error_code: ErrorCode::UnknownTopicId,
            ..OffsetFetchResponsePartitions::default()
        });
        topics.push(OffsetFetchResponseTopics {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions: refused.collect(),
        });
    }
    OffsetFetchResponseGroup { group_id: request.group_id.clone(), error_code: ErrorCode::None, topics }
}
