//! DescribeGroups, ListGroups, DeleteGroups and OffsetDelete at the coordinator (`GroupCoordinatorShard`).

use std::collections::BTreeMap;

use super::classic::CommittedOffset;
use super::commits::in_table_order;
use super::context::{PendingAppend, Waiting};
use super::{CoordinatorAppend, Group, GroupCoordinator, records, state};
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::broker::topic_results;
use crate::effects::{Effects, RequestContext};
use crate::sim::Millis;
use crate::wire::group::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse, DescribeGroupsRequest, DescribeGroupsResponse,
    DescribedGroup, ListGroupsRequest, ListGroupsResponse, OffsetDeleteRequest, OffsetDeleteResponse,
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use crate::wire::hash_order::{
    in_timeline_map_order, java_string_hash, sort_as_hash_map, sort_as_hash_set_of, topic_partition_hash,
};
use crate::wire::{ErrorCode, Response, Topic, TopicPartition, Uuid, operations};

/// From this version on DescribeGroups tells what the requester may do.
const FIRST_DESCRIBE_VERSION_WITH_OPERATIONS: i16 = 3;
/// What a client may do with a group where nothing is forbidden: READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS and ALTER_CONFIGS,
/// as bits.
const ALL_GROUP_OPERATIONS: i32 = 0b1101_0100_1000;
/// From this version on a group that does not exist is an error.
const FIRST_DESCRIBE_VERSION_WITH_NOT_FOUND: i16 = 6;

/// Groups that shall be deleted, each once and in the order in which that is done: those of one partition of `__consumer_offsets`
/// after those of another, as Kafka's maps give them back (`GroupCoordinatorService.deleteGroups`,
/// `updateResponseAndGetNonErrorGroupList`).
fn in_order_of_deletion(named: &[String], partitions: i32) -> Vec<&String> {
    let ungrouped = by_partition(named, partitions).flat_map(|named| {
        let mut ids: Vec<&String> = Vec::with_capacity(named.len());
        for id in named {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        sort_as_hash_set_of(&mut ids, |id| java_string_hash(id));
        ids
    });
    ungrouped.collect()
}

/// Groups by the partition of `__consumer_offsets` that keeps them, in the order of Kafka's map of these (`groupsByTopicPartition`).
pub(super) fn by_partition<'i>(
    named: impl IntoIterator<Item = &'i String>,
    partitions: i32,
) -> impl Iterator<Item = Vec<&'i String>> {
    let mut groups: Vec<(TopicPartition, Vec<&String>)> = Vec::new();
    for id in named {
        let partition = TopicPartition::new(OFFSETS_TOPIC, state::partition_for(id, partitions));
        match groups.iter_mut().find(|(known, _)| *known == partition) {
            Some((_, ids)) => ids.push(id),
            None => groups.push((partition, vec![id])),
        }
    }
    sort_as_hash_map(&mut groups, |(partition, _)| topic_partition_hash(partition));
    groups.into_iter().map(|(_, ids)| ids)
}

impl GroupCoordinator {
    /// `DescribeGroups`.
    #[inline(never)]
    pub(super) fn describe_groups(
        &self,
        request: &DescribeGroupsRequest,
        version: i16,
        partitions: i32,
    ) -> DescribeGroupsResponse {
        let describe = |id: &String| {
            if !self.active.contains_key(&state::partition_for(id, partitions)) {
                let error_code = ErrorCode::NotCoordinator;
                return DescribedGroup { group_id: id.clone(), error_code, ..DescribedGroup::default() };
            }
            let asks_operations = request.include_authorized_operations && version >= 3;
            let authorized_operations = if asks_operations { operations::ON_GROUP } else { i32::MIN };
            if let Some(Group::Classic(group)) = self.committed_group(id) {
                return DescribedGroup { authorized_operations, ..group.described() };
            }
            let is_error = version >= FIRST_DESCRIBE_VERSION_WITH_NOT_FOUND;
            DescribedGroup {
                error_code: if is_error { ErrorCode::GroupIdNotFound } else { ErrorCode::None },
                error_message: is_error.then(|| match self.committed_group(id) {
                    Some(_) => format!("Group {id} is not a classic group."),
                    None => format!("Group {id} not found."),
                }),
                group_id: id.clone(),
                group_state: state::ClassicGroupState::Dead.name().to_owned(),
                authorized_operations: if is_error { i32::MIN } else { authorized_operations },
                ..DescribedGroup::default()
            }
        };
        let groups = by_partition(&request.groups, partitions).flatten();
        let mut groups: Vec<DescribedGroup> = groups.map(describe).collect();
        if request.include_authorized_operations && version >= FIRST_DESCRIBE_VERSION_WITH_OPERATIONS {
            for group in groups.iter_mut().filter(|group| group.error_code.is_none()) {
                group.authorized_operations = ALL_GROUP_OPERATIONS;
            }
        }
        DescribeGroupsResponse { groups, ..Default::default() }
    }

    /// `ListGroups`: filters know no case. Only those of states may have blanks around them (`GroupMetadataManager.listGroups`).
    #[inline(never)]
    pub(super) fn list_groups(&self, request: &ListGroupsRequest) -> ListGroupsResponse {
        let has_state = |state: &str| {
            let filter = &request.states_filter;
            filter.is_empty() || filter.iter().any(|each| each.trim().eq_ignore_ascii_case(state))
        };
        let has_type = |group_type: &str| {
            let filter = &request.types_filter;
            filter.is_empty() || filter.iter().any(|each| each.eq_ignore_ascii_case(group_type))
        };
        let listed = self.committed_groups().map(Group::listed);
        let groups = listed.filter(|group| has_state(&group.group_state) && has_type(&group.group_type));
        ListGroupsResponse { groups: groups.collect(), ..ListGroupsResponse::default() }
    }

    /// `DeleteGroups`: of a group that may go its offsets go first. Answered when all records are replicated.
    #[inline(never)]
    pub(super) fn delete_groups(
        &mut self,
        request: &DeleteGroupsRequest,
        request_context: RequestContext,
        partitions: i32,
        now: Millis,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let mut results: Vec<DeletableGroupResult> = Vec::new();
        let mut by_partition: BTreeMap<i32, Vec<String>> = BTreeMap::new();
        for id in in_order_of_deletion(&request.groups_names, partitions) {
            let partition = state::partition_for(id, partitions);
            let error_code = if self.active.contains_key(&partition) {
                self.groups.get(id).map_or(ErrorCode::GroupIdNotFound, Group::validate_delete)
            } else {
                ErrorCode::NotCoordinator
            };
            if error_code.is_none() {
                by_partition.entry(partition).or_default().push(id.clone());
            }
            results.push(DeletableGroupResult { group_id: id.clone(), error_code });
        }
        let response = Response::DeleteGroups(DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() });
        if by_partition.is_empty() {
            fx.answer(&request_context, response);
            return Vec::new();
        }
        let last = by_partition.keys().next_back().copied();
        let mut request_context = Some((request_context, response));
        let mut appends = Vec::new();
        for (partition, groups) in by_partition {
            let mut written = Vec::new();
            for group in groups.iter().filter_map(|id| self.groups.get(id)) {
                let offsets = in_table_order(group.offsets().keys()).into_iter();
                written.extend(offsets.map(|offset| records::offset_tombstone(group.id(), offset, now)));
                let pending = self.txn_offsets.partitions_of(group.id());
                let pending = in_table_order(&pending).into_iter();
                let pending = pending.filter(|partition| !group.offsets().contains_key(*partition));
                written.extend(pending.map(|partition| records::offset_tombstone(group.id(), partition, now)));
                written.append(&mut group.tombstones(now));
            }
            let request_context = request_context.take_if(|_| Some(partition) == last);
            let groups = groups.iter().filter_map(|id| self.groups.remove(id)).collect();
            let waiting = Waiting::GroupsDeleted { groups, offsets: Vec::new(), request_context };
            let pending = PendingAppend { partition, group: String::new(), waiting };
            appends.push(self.pending.append(pending, written));
        }
        appends
    }

    /// `OffsetDelete`: what members read stays. `refused` is what the broker answered already.
    #[inline(never)]
    pub(super) fn delete_offsets(
        &mut self,
        request: &OffsetDeleteRequest,
        request_context: RequestContext,
        refused: Vec<OffsetDeleteResponseTopic>,
        now: Millis,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let group = self.groups.get(&request.group_id);
        let error_code = group.map_or(ErrorCode::GroupIdNotFound, Group::validate_offset_delete);
        let (Some(group), true) = (group, error_code.is_none()) else {
            let response = OffsetDeleteResponse { error_code, ..OffsetDeleteResponse::default() };
            fx.answer(&request_context, Response::OffsetDelete(response));
            return Vec::new();
        };
        let mut topics = Vec::with_capacity(request.topics.len());
        let mut offsets = Vec::new();
        let pending = self.txn_offsets.partitions_of(group.id());
        for topic in &request.topics {
            let is_subscribed = group.is_subscribed_to(&topic.name);
            let error_code = if is_subscribed { ErrorCode::GroupSubscribedToTopic } else { ErrorCode::None };
            let results = topic
                .partitions
                .iter()
                .map(|each| OffsetDeleteResponsePartition { partition_index: each.partition_index, error_code });
            topics.push(OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: results.collect() });
            if !is_subscribed {
                let each = topic.partitions.iter();
                let named = each.map(|each| TopicPartition::new(topic.name.clone(), each.partition_index));
                let is_known = |each: &TopicPartition| group.offsets().contains_key(each) || pending.contains(each);
                offsets.extend(named.filter(is_known));
            }
        }
        let topics = topic_results::merge(refused, topics);
        let response = Response::OffsetDelete(OffsetDeleteResponse { topics, ..OffsetDeleteResponse::default() });
        if offsets.is_empty() {
            fx.answer(&request_context, response);
            return Vec::new();
        }
        let id = group.id().to_owned();
        let written = offsets.iter().map(|offset| records::offset_tombstone(&id, offset, now)).collect();
        let offsets = offsets.into_iter().map(|offset| (id.clone(), offset)).collect();
        let waiting = Waiting::OffsetsDeleted { offsets, request_context: Some((request_context, response)) };
        let pending = PendingAppend { partition: group.partition(), group: id, waiting };
        vec![self.pending.append(pending, written)]
    }

    /// Topics were deleted: every group forgets what it committed for them, and what is pending there of a transaction. An offset may
    /// have a tombstone for both (`OffsetMetadataManager.onTopicsDeleted`).
    pub fn topics_deleted(&mut self, topics: &BTreeMap<Topic, Uuid>, now: Millis) -> Vec<CoordinatorAppend> {
        let mut appends = Vec::new();
        let partitions: Vec<i32> = self.active.keys().copied().collect();
        for partition in partitions {
            let mut offsets: Vec<(String, TopicPartition)> = Vec::new();
            let groups = self.groups.values().filter(|group| group.partition() == partition);
            let groups = groups.filter(|group| !group.offsets().is_empty());
            for id in in_timeline_map_order(groups.map(Group::id), |id| java_string_hash(id)) {
                let Some(group) = self.groups.get(id) else { continue };
                for (topic, topic_id) in topics {
                    // What was committed for another topic of the name stays.
                    let is_meant = |offset: &CommittedOffset| [Uuid::ZERO, *topic_id].contains(&offset.topic_id);
                    let of_topic = in_table_order(group.offsets().keys().filter(|each| each.topic == *topic));
                    let meant = of_topic.into_iter().filter(|each| group.offsets().get(*each).is_some_and(is_meant));
                    offsets.extend(meant.map(|each| (id.to_owned(), each.clone())));
                }
            }
            offsets.extend(self.txn_offsets.pending_of_topics(partition, topics));
            if offsets.is_empty() {
                continue;
            }
            let written = offsets.iter().map(|(group, offset)| records::offset_tombstone(group, offset, now)).collect();
            let waiting = Waiting::OffsetsDeleted { offsets, request_context: None };
            let pending = PendingAppend { partition, group: String::new(), waiting };
            appends.push(self.pending.append(pending, written));
        }
        appends
    }

    /// Tombstones of offsets are replicated, or not.
    pub(super) fn offsets_deleted(
        &mut self,
        offsets: Vec<(String, TopicPartition)>,
        request_context: Option<(RequestContext, Response)>,
        error: ErrorCode,
        fx: &mut Effects,
    ) {
        if error.is_none() {
            for (group, offset) in offsets {
                // What a transaction has committed and not ended goes with it.
                self.txn_offsets.forget(&group, &offset);
                if let Some(group) = self.groups.get_mut(&group) {
                    group.offsets_mut().remove(&offset);
                }
            }
        }
        if let Some((request_context, response)) = request_context {
            fx.answer(&request_context, if error.is_none() { response } else { deletion_failed(response, error) });
        }
    }

    /// Tombstones of groups are replicated, or not: then the groups are there again. Another of the same name that came meanwhile stays
    /// as it is, with its timers.
    pub(super) fn groups_deleted(&mut self, groups: Vec<Group>, error: ErrorCode, fx: &mut Effects) {
        for group in groups {
            if self.groups.contains_key(group.id()) {
                continue;
            }
            if error.is_none() {
                group.deleted(fx);
            } else {
                self.groups.insert(group.id().to_owned(), group);
            }
        }
    }
}

/// The answer to a deletion that could not be written.
pub(super) fn deletion_failed(response: Response, error_code: ErrorCode) -> Response {
    match response {
        Response::OffsetDelete(_) => Response::OffsetDelete(OffsetDeleteResponse { error_code, ..Default::default() }),
        Response::DeleteGroups(mut answer) => {
            let deleted = answer.results.iter_mut().filter(|result| result.error_code.is_none());
            deleted.for_each(|result| result.error_code = error_code);
            Response::DeleteGroups(answer)
        }
        other => other,
    }
}
