//! The group coordinator (`GroupCoordinatorService`): groups of both protocols.
//!
//! It is memory on the broker that leads the group's partition of `__consumer_offsets`, and dies with it. What survives
//! are the records of that partition: the next leader replays them and goes on, with the same generation and members.
//! Nothing that a record must keep is answered before the record is on all in-sync replicas.

mod admin;
mod appends;
mod classic;
mod commits;
mod committed;
mod committed_answers;
pub(crate) mod consumer;
mod consumer_requests;
mod context;
mod find;
mod forgotten;
mod kind;
mod loading;
mod membership;
pub(crate) mod records;
mod requests;
mod retention;
pub mod state;
#[cfg(test)]
mod tests;
mod txn_offset_requests;
mod txn_offsets;

use std::collections::BTreeMap;

use crate::effects::{BrokerTimer, Effects, RequestContext};
use crate::explain::Explanation;
use crate::flat_map::FlatMap;
use crate::metadata::MetadataImage;
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::sim::random::Random;
use crate::wire::group::{
    HeartbeatResponse, JoinGroupResponse, LeaveGroupResponse, MemberIdentity, MemberResponse,
    OffsetCommitResponseTopic, OffsetDeleteResponse, OffsetDeleteResponseTopic, OffsetFetchRequest,
    OffsetFetchResponse, OffsetFetchResponseGroup, SyncGroupResponse,
};
use crate::wire::records::RecordBatch;
use crate::wire::{ErrorCode, Request, Response};

pub use classic::ClassicGroup;
use commits::TopicNaming;
pub use consumer::{ConsumerGroup, ConsumerGroupState, MemberState};
use context::{GroupContext, PendingAppends, Waiting};
pub use find::{KEY_TYPE_GROUP, KEY_TYPE_TRANSACTION, find_coordinator};
use forgotten::Forgotten;
pub use kind::Group;
pub(super) use requests::{FIRST_OFFSET_FETCH_VERSION_WITH_ERROR, tell_error_of_fetch};
use state::ClassicGroupState;
use txn_offsets::TxnOffsets;

/// How long a new member's first join may wait until it is taken for dead (`CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`).
const CLASSIC_NEW_MEMBER_JOIN_TIMEOUT_MS: Millis = 300_000;

/// Partitions of a request that the broker refused before its coordinator saw it: their results come first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedPartitions {
    /// Of an OffsetCommit.
    pub commits: Vec<OffsetCommitResponseTopic>,
    /// Of an OffsetDelete.
    pub deletes: Vec<OffsetDeleteResponseTopic>,
}

/// A batch that the broker is to append to a partition of `__consumer_offsets` with `acks=-1`. It says with
/// [`GroupCoordinator::append_done`] how that went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoordinatorAppend {
    /// Its number.
    pub id: u64,
    /// The partition of `__consumer_offsets`.
    pub partition: i32,
    /// The records.
    pub batch: RecordBatch,
}

/// What a coordinator decides by beside its groups: the broker's settings, and the cluster as far as the broker knows it.
#[derive(Clone, Copy, Debug)]
pub struct KnownCluster<'a> {
    /// `node.id`.
    pub node: i32,
    /// How many partitions `__consumer_offsets` counts for: see [`CoordinatorPartitions`](crate::broker::CoordinatorPartitions).
    pub partitions: i32,
    /// The broker's settings, as it was started.
    pub settings: &'a BrokerSettings,
    /// Topics, and what was set since.
    pub image: &'a MetadataImage,
}

/// A partition of `__consumer_offsets` that this broker leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ActivePartition {
    /// The leader epoch that it last became leader in.
    leader_epoch: i32,
    /// When it read the partition.
    loaded_at: Millis,
    /// Whether the next look for offsets that nobody needs is set.
    expires_offsets: bool,
    /// The last metadata that topics were new in, or the first that came since the partition was read
    /// (`GroupMetadataManager.lastMetadataImageWithNewTopics`).
    new_topics_at: Option<i64>,
}

/// The coordinator of all groups whose partition of `__consumer_offsets` this broker leads.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct GroupCoordinator {
    node: i32,
    random: Random,
    /// Partitions of `__consumer_offsets` that this broker leads.
    active: BTreeMap<i32, ActivePartition>,
    groups: BTreeMap<String, Group>,
    /// Groups that a partition of `__consumer_offsets` keeps and another one would today, by both: it has got more partitions. They
    /// are listed and nobody finds them.
    strays: FlatMap<(i32, String), Group>,
    /// Consumer groups that it has forgotten without a record, by id.
    forgotten: FlatMap<String, Forgotten>,
    /// Requests to join or to sync that were told an error while their members go on waiting: nobody hears how they end.
    told: Vec<RequestContext>,
    /// Classic groups that no committed record has made yet. Who only reads sees what is committed (`TimelineHashMap`): these with
    /// the first append of their partition that has this number or a higher one.
    uncommitted: BTreeMap<String, u64>,
    /// Up to where the metadata log was applied.
    metadata_version: i64,
    pending: PendingAppends,
    /// Offsets of transactions that have not ended.
    txn_offsets: TxnOffsets,
}

impl GroupCoordinator {
    /// A coordinator of nothing yet. `random` makes member ids.
    pub fn new(node: i32, random: Random) -> Self {
        Self {
            node,
            random,
            active: BTreeMap::new(),
            groups: BTreeMap::new(),
            strays: FlatMap::new(),
            forgotten: FlatMap::new(),
            told: Vec::new(),
            uncommitted: BTreeMap::new(),
            metadata_version: 0,
            pending: PendingAppends::default(),
            txn_offsets: TxnOffsets::default(),
        }
    }

    /// More of the metadata log was applied (`onMetadataUpdate`).
    pub fn metadata_updated(&mut self, version: i64, has_new_topics: bool) {
        self.metadata_version = version;
        for partition in self.active.values_mut().filter(|each| has_new_topics || each.new_topics_at.is_none()) {
            partition.new_topics_at = Some(version);
        }
    }

    /// The last metadata that topics were new in, as the partition that keeps a group knows it.
    fn new_topics_at(&self, partition: i32) -> Option<i64> {
        self.active.get(&partition)?.new_topics_at
    }

    /// The partition of `__consumer_offsets` that keeps a group.
    pub fn partition_for(group: &str, partitions: i32) -> i32 {
        state::partition_for(group, partitions)
    }

    /// Answers a request, or lets it wait. The appends that come back are the broker's to make.
    pub fn handle_request(
        &mut self,
        received: (RequestContext, Request),
        now: Millis,
        known: &KnownCluster<'_>,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        self.handle(received, RefusedPartitions::default(), now, known, fx)
    }

    /// The same of a request of which the broker has refused some partitions.
    pub fn handle(
        &mut self,
        received: (RequestContext, Request),
        refused: RefusedPartitions,
        now: Millis,
        known: &KnownCluster<'_>,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let partition = group_of(&received.1).map(|group| state::partition_for(group, known.partitions));
        let appends = self.handle_unshaped(received, refused, now, known, fx);
        self.hand_over_forgotten();
        if let Some(partition) = partition {
            self.arm_expiration(partition, known, now, fx);
        }
        self.finish_answers(fx);
        appends
    }

    fn handle_unshaped(
        &mut self,
        (request_context, mut request): (RequestContext, Request),
        refused: RefusedPartitions,
        now: Millis,
        known: &KnownCluster<'_>,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let partitions = known.partitions;
        match &mut request {
            Request::OffsetFetch(request) => {
                let naming = TopicNaming::of(request_context.version);
                let answer = self.fetch_offsets(request, naming, partitions, fx);
                fx.answer(&request_context, Response::OffsetFetch(answer));
                return Vec::new();
            }
            Request::DescribeGroups(request) => {
                let answer = self.describe_groups(request, request_context.version, partitions);
                fx.answer(&request_context, Response::DescribeGroups(answer));
                return Vec::new();
            }
            Request::ListGroups(request) => {
                fx.answer(&request_context, Response::ListGroups(self.list_groups(request)));
                return Vec::new();
            }
            Request::ConsumerGroupDescribe(request) => {
                let answer = self.consumer_group_describe(request, known);
                fx.answer(&request_context, Response::ConsumerGroupDescribe(answer));
                return Vec::new();
            }
            Request::ConsumerGroupHeartbeat(request) => {
                return self.consumer_group_heartbeat(request, request_context, known, now, fx);
            }
            Request::DeleteGroups(request) => return self.delete_groups(request, request_context, partitions, now, fx),
            // Up to version 2 one member leaves.
            Request::LeaveGroup(request) if request_context.version < 3 => {
                let member_id = std::mem::take(&mut request.member_id);
                request.members = vec![MemberIdentity { member_id, ..MemberIdentity::default() }];
            }
            // Version 0 has one timeout for both (`JoinGroupRequest.maybeOverrideRebalanceTimeout`).
            Request::JoinGroup(request) if request_context.version == 0 => {
                request.rebalance_timeout_ms = request.session_timeout_ms;
            }
            _ => {}
        }
        let Some(id) = group_of(&request).map(str::to_owned) else {
            // Not a request for a coordinator: the broker's mistake, which the requester must not wait for.
            fx.close(&request_context);
            return Vec::new();
        };
        let refusal = self.refusal(&request, &id, request_context.version, known);
        if !refusal.is_none() {
            if let Request::JoinGroup(_) = &request
                && refusal == ErrorCode::UnknownMemberId
                && self.groups.get(&id).is_some_and(|group| group.as_consumer().is_some())
            {
                self.forget(&id, fx);
            }
            if let Some(answer) = refuse(&request, refusal, refused.commits) {
                fx.answer(&request_context, answer);
            }
            fx.explain(Explanation::CoordinatorRefuses { node: self.node, group: id, error: refusal });
            return Vec::new();
        }
        if let Request::OffsetDelete(request) = &request {
            return self.delete_offsets(request, request_context, refused.deletes, now, fx);
        }
        let mut founding = None;
        if let Some(Group::Consumer(group)) = self.groups.get(&id) {
            match &request {
                Request::OffsetCommit(commit) => {
                    let config = commits::CommitConfig::of(known.settings);
                    let mut cx = GroupContext::new(self.node, now, fx, &mut self.pending);
                    commits::commit_to_consumer_group(group, commit, request_context, refused.commits, config, &mut cx);
                    return cx.appends;
                }
                Request::JoinGroup(_) if group.members.is_empty() => {
                    founding = self.replace_empty_consumer_group(&id, now, fx);
                }
                _ => return self.classic_request_to_consumer_group(&request, request_context, known, now, fx),
            }
        }
        let is_new = !self.groups.contains_key(&id);
        if is_new {
            self.uncommitted.insert(id.clone(), self.pending.next_id());
            founding = Some((Vec::new(), None));
        }
        let partition = state::partition_for(&id, partitions);
        let new = |id: &String| Group::Classic(Box::new(ClassicGroup::new(id, partition)));
        let group = self.groups.entry(id).or_insert_with_key(new);
        let Some(group) = group.as_classic_mut() else { return Vec::new() };
        let initial_delay_ms = known.settings.group_initial_rebalance_delay_ms;
        let new = GroupContext::new(self.node, now, fx, &mut self.pending);
        let mut cx = GroupContext { initial_delay_ms, ..new };
        match request {
            Request::JoinGroup(request) => {
                let max_size = known.settings.group_max_size;
                membership::join(group, request, request_context.clone(), self.random.id(), max_size, &mut cx);
                if cx.has_thrown {
                    membership::refuse_joined(group, &request_context, &mut cx);
                }
                if let Some((mut written, replaced)) = founding.filter(|_| cx.appends.is_empty()) {
                    written.push(records::founded_group(group, now));
                    cx.append(group, written, Waiting::Creation { request_context, replaced });
                }
            }
            Request::SyncGroup(request) => membership::sync(group, request, request_context, &mut cx),
            Request::Heartbeat(request) => membership::heartbeat(group, &request, &request_context, &mut cx),
            Request::LeaveGroup(request) => membership::leave(group, request, request_context, &mut cx),
            Request::OffsetCommit(request) => {
                let config = commits::CommitConfig::of(known.settings);
                commits::commit(group, &request, request_context, refused.commits, config, &mut cx);
            }
            _ => {}
        }
        cx.appends
    }

    /// Why a request is refused before its group is looked at, if it is.
    fn refusal(&self, request: &Request, id: &str, version: i16, known: &KnownCluster<'_>) -> ErrorCode {
        let settings = known.settings;
        // From version 5 on a SyncGroup has to say which protocol its member follows.
        if let Request::SyncGroup(sync) = request
            && version >= 5
            && (sync.protocol_type.is_none() || sync.protocol_name.is_none())
        {
            return ErrorCode::InconsistentGroupProtocol;
        }
        // Only commits may be of the group without a name: consumers without a group once used it.
        if id.is_empty() && !matches!(request, Request::OffsetCommit(_)) {
            return ErrorCode::InvalidGroupId;
        }
        if let Request::JoinGroup(join) = request {
            let session_ms = u64::try_from(join.session_timeout_ms).unwrap_or(0);
            let range = settings.group_min_session_timeout_ms..=settings.group_max_session_timeout_ms;
            if !range.contains(&session_ms) {
                return ErrorCode::InvalidSessionTimeout;
            }
        }
        if !self.active.contains_key(&state::partition_for(id, known.partitions)) {
            return ErrorCode::NotCoordinator;
        }
        // An empty consumer group counts as none where a classic one is joined.
        let is_known = self.groups.contains_key(id);
        let is_joinable = self.groups.get(id).is_some_and(|group| match group {
            Group::Classic(_) => true,
            Group::Consumer(group) => !group.members.is_empty(),
        });
        match request {
            Request::JoinGroup(join) if !is_joinable && !join.member_id.is_empty() => ErrorCode::UnknownMemberId,
            Request::JoinGroup(_) => ErrorCode::None,
            Request::OffsetCommit(commit) if !is_known && commit.generation_id_or_member_epoch >= 0 => {
                if version >= 9 {
                    ErrorCode::GroupIdNotFound
                } else {
                    ErrorCode::IllegalGeneration
                }
            }
            Request::OffsetCommit(_) | Request::OffsetDelete(_) => ErrorCode::None,
            _ if !is_known => ErrorCode::UnknownMemberId,
            _ => ErrorCode::None,
        }
    }

    fn fetch_offsets(
        &self,
        request: &OffsetFetchRequest,
        naming: TopicNaming,
        partitions: i32,
        fx: &mut Effects,
    ) -> OffsetFetchResponse {
        let groups = request.groups.iter().map(|asked| {
            if self.active.contains_key(&state::partition_for(&asked.group_id, partitions)) {
                let group = asked.group_id.clone();
                fx.explain(Explanation::CoordinatorAnswersOffsets { node: self.node, group });
                let id = &asked.group_id;
                if !request.require_stable {
                    return commits::fetch((self.committed_group(id), self.committed_offsets(id)), asked, naming);
                }
                // Who wants only stable offsets is no reader: they are told what is written, once that is committed.
                let written = self.written_offsets(id);
                let mut answer = commits::fetch((self.groups.get(id), written.as_deref()), asked, naming);
                self.txn_offsets.mark_unstable(&mut answer);
                return answer;
            }
            let (group_id, error_code) = (asked.group_id.clone(), ErrorCode::NotCoordinator);
            let group = group_id.clone();
            fx.explain(Explanation::CoordinatorRefuses { node: self.node, group, error: error_code });
            OffsetFetchResponseGroup { group_id, error_code, topics: Vec::new() }
        });
        OffsetFetchResponse { groups: groups.collect(), ..OffsetFetchResponse::default() }
    }

    /// A timer of a group fired.
    pub fn handle_timer(
        &mut self,
        timer: &BrokerTimer,
        now: Millis,
        known: &KnownCluster<'_>,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let (id, expired) = match timer {
            BrokerTimer::GroupJoin(id) => (id.as_ref(), None),
            BrokerTimer::GroupSession(member) => (member.0.as_str(), Some(&member.1)),
            BrokerTimer::OffsetsExpiration(partition) => return self.expire_offsets(*partition, known, now, fx),
            _ => return self.consumer_group_timer(timer, known, now, fx),
        };
        let group = match self.groups.get_mut(id) {
            Some(Group::Classic(group)) => group,
            Some(Group::Consumer(_)) => return self.consumer_group_timer(timer, known, now, fx),
            None => return Vec::new(),
        };
        let initial_delay_ms = known.settings.group_initial_rebalance_delay_ms;
        let new = GroupContext::new(self.node, now, fx, &mut self.pending);
        let mut cx = GroupContext { initial_delay_ms, ..new };
        match expired {
            Some(member) => membership::session_ended(group, member, &mut cx),
            None => cx.phase_ended(group),
        }
        let appends = cx.appends;
        self.finish_answers(fx);
        appends
    }

    /// The groups of this coordinator, by id.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// Whether this broker coordinates the groups of a partition of `__consumer_offsets`.
    pub fn is_active(&self, partition: i32) -> bool {
        self.active.contains_key(&partition)
    }
}

/// The group that a request is about.
fn group_of(request: &Request) -> Option<&str> {
    match request {
        Request::JoinGroup(request) => Some(&request.group_id),
        Request::SyncGroup(request) => Some(&request.group_id),
        Request::Heartbeat(request) => Some(&request.group_id),
        Request::LeaveGroup(request) => Some(&request.group_id),
        Request::OffsetCommit(request) => Some(&request.group_id),
        Request::OffsetDelete(request) => Some(&request.group_id),
        Request::ConsumerGroupHeartbeat(request) => Some(&request.group_id),
        _ => None,
    }
}

/// The answer that says nothing but an error.
fn refuse(request: &Request, error_code: ErrorCode, refused: Vec<OffsetCommitResponseTopic>) -> Option<Response> {
    Some(match request {
        Request::JoinGroup(request) => {
            // What its write throws is told without the member (`CoordinatorOperationExceptionHelper`).
            let member_id = match error_code {
                ErrorCode::NotCoordinator => String::new(),
                _ => request.member_id.clone(),
            };
            Response::JoinGroup(JoinGroupResponse { error_code, member_id, ..JoinGroupResponse::default() })
        }
        Request::SyncGroup(_) => Response::SyncGroup(SyncGroupResponse { error_code, ..SyncGroupResponse::default() }),
        Request::Heartbeat(_) => Response::Heartbeat(HeartbeatResponse { error_code, throttle_time_ms: 0 }),
        // Of a group that does not exist everybody has left already.
        Request::LeaveGroup(request) if error_code == ErrorCode::UnknownMemberId => {
            let members = request.members.iter().map(|member| MemberResponse {
                member_id: member.member_id.clone(),
                group_instance_id: member.group_instance_id.clone(),
                error_code,
            });
            Response::LeaveGroup(LeaveGroupResponse { members: members.collect(), ..LeaveGroupResponse::default() })
        }
        Request::LeaveGroup(_) => {
            Response::LeaveGroup(LeaveGroupResponse { error_code, ..LeaveGroupResponse::default() })
        }
        Request::OffsetCommit(request) => Response::OffsetCommit(commits::commit_answer(request, error_code, refused)),
        Request::OffsetDelete(_) => {
            Response::OffsetDelete(OffsetDeleteResponse { error_code, ..OffsetDeleteResponse::default() })
        }
        _ => return None,
    })
}
