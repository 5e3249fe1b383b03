//! One group and its members, as the coordinator keeps them in memory (`ClassicGroup`, `ClassicGroupMember`).

use std::collections::{BTreeMap, BTreeSet};

use super::state::{ClassicGroupState, MemberCheck};
use crate::change::Change;
use crate::effects::{Effects, RequestContext};
use crate::flat_map::FlatMap;
use crate::sim::Millis;
use crate::wire::consumer_protocol::{RawBytes, Unreadable, subscribed_topics_of};
use crate::wire::group::{
    DescribedGroup, DescribedGroupMember, JoinGroupProtocol, JoinGroupResponse, JoinGroupResponseMember, ListedGroup,
};
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::{ErrorCode, Topic, TopicPartition, Uuid};

/// The protocol type of consumers (`ConsumerProtocol.PROTOCOL_TYPE`).
const CONSUMER: &str = "consumer";
/// Where every client of the engine runs, as the coordinator sees it.
pub(super) const CLIENT_HOST: &str = "/127.0.0.1";

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CommittedOffset {
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: String,
    /// The topic that it was committed for: one of the same name that is made later is another.
    pub(crate) topic_id: Uuid,
    /// When it was committed.
    pub(crate) committed_at: i64,
    /// When it expires, where its commit said so (`retention_time_ms` of OffsetCommit's versions 2 to 4).
    pub(crate) expires_at: Option<i64>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Member {
    pub(super) id: String,
    pub(super) instance_id: Option<String>,
    pub(super) client_id: String,
    pub(super) rebalance_timeout_ms: i32,
    pub(super) session_timeout_ms: i32,
    /// The assignors it can work with, the preferred first.
    pub(super) protocols: Vec<JoinGroupProtocol>,
    pub(super) assignment: RawBytes,
    /// Its JoinGroup that waits.
    pub(super) awaiting_join: Option<RequestContext>,
    /// Its SyncGroup that waits.
    pub(super) awaiting_sync: Option<RequestContext>,
    /// Whether its first join still waits: then it does not know its id for sure and cannot send heartbeats.
    pub(super) is_new: bool,
}

/// What the group's one timer is for. The phases exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// It is not set.
    None,
    /// The group was empty: wait for more members, as long as they keep coming.
    InitialDelay {
        /// The delay that runs now.
        delay_ms: Millis,
        /// What may be added to it at most.
        remaining_ms: Millis,
    },
    /// The rebalance timeout of the join phase.
    Join,
    /// The rebalance timeout of the sync phase.
    Sync,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClassicGroup {
    /// `group.id`.
    pub id: String,
    /// Its partition of `__consumer_offsets`.
    pub(super) partition: i32,
    /// How it is.
    pub state: ClassicGroupState,
    pub(super) previous_state: ClassicGroupState,
    /// Its generation.
    pub generation: i32,
    pub(super) protocol_type: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) leader: Option<String>,
    pub(super) members: BTreeMap<String, Member>,
    /// Ids that were handed out and have not joined yet.
    pub(super) pending_members: BTreeSet<String>,
    /// Members that have not synced in this generation.
    pub(super) pending_syncs: BTreeSet<String>,
    /// Whether somebody came while the initial delay ran.
    pub(super) new_member_added: bool,
    pub(super) phase: Phase,
    /// Since when it is in its state; -1 for unknown.
    pub(super) current_state_since: i64,
    /// What its members want to read, as far as the coordinator could read that when the generation began: it keeps offsets
    /// from being deleted under them.
    pub(super) subscribed_topics: Option<BTreeSet<Topic>>,
    /// What is committed: only what all in-sync replicas have.
    pub(super) offsets: FlatMap<TopicPartition, CommittedOffset>,
}

impl ClassicGroup {
    /// The ids of its members.
    pub fn member_ids(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// The member that computes the assignment.
    pub fn leader(&self) -> Option<&str> {
        self.leader.as_deref()
    }

    pub(super) fn new(id: &str, partition: i32) -> Self {
        Self {
            id: id.to_owned(),
            partition,
            state: ClassicGroupState::Empty,
            previous_state: ClassicGroupState::Empty,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            pending_members: BTreeSet::new(),
            pending_syncs: BTreeSet::new(),
            new_member_added: false,
            phase: Phase::None,
            current_state_since: -1,
            subscribed_topics: None,
            offsets: FlatMap::new(),
        }
    }

    /// Changes the state; every caller keeps to the table at the head of `state.rs`.
    pub(super) fn become_state(&mut self, to: ClassicGroupState, fx: &mut Effects) {
        debug_assert!(self.state.may_become(to), "{:?} may not become {to:?}", self.state);
        fx.change(Change::GroupStateChanged {
            group: self.id.clone(),
            from: self.state.name().to_owned(),
            to: to.name().to_owned(),
            generation: self.generation,
        });
        self.previous_state = self.state;
        self.state = to;
    }

    /// Whether nobody is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.state == ClassicGroupState::Empty
    }

    /// Whether it is nothing but committed offsets (`isSimpleGroup`).
    pub(super) fn is_simple(&self) -> bool {
        self.protocol_type.is_none() && self.is_empty() && self.pending_members.is_empty()
    }

    /// The requests of members that wait: to join, or for their assignment.
    pub(super) fn waiting_requests(&self) -> impl Iterator<Item = &RequestContext> {
        self.members.values().flat_map(|member| member.awaiting_join.iter().chain(&member.awaiting_sync))
    }

    pub(super) fn is_leader(&self, member: &str) -> bool {
        self.leader.as_deref() == Some(member)
    }

    /// The static member of this `group.instance.id`.
    pub(super) fn static_member(&self, instance_id: &str) -> Option<&str> {
        let mut members = self.members.values();
        members.find(|member| member.instance_id.as_deref() == Some(instance_id)).map(|member| member.id.as_str())
    }

    /// What is known of a request's member. With a `group.instance.id` that nobody has, it is not known at all.
    pub(super) fn check_member(&self, member: &str, instance_id: Option<&str>) -> MemberCheck {
        let owner = instance_id.map(|id| self.static_member(id));
        MemberCheck {
            is_known: self.members.contains_key(member) && owner != Some(None),
            owns_instance_id: owner.flatten().map(|owner| owner == member),
        }
    }

    /// How often each protocol is named by the members (`supportedProtocols`): a member that names one twice counts twice.
    fn named_protocols(&self) -> BTreeMap<&str, usize> {
        let mut named = BTreeMap::new();
        for protocol in self.members.values().flat_map(|member| &member.protocols) {
            *named.entry(protocol.name.as_str()).or_default() += 1;
        }
        named
    }

    /// Whether a protocol is named just as often as there are members (`candidateProtocols`).
    fn is_candidate(&self, named: &BTreeMap<&str, usize>, name: &str) -> bool {
        named.get(name).copied().unwrap_or(0) == self.members.len()
    }

    /// Whether a member with these protocols can be in the group: all must have one in common.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[JoinGroupProtocol]) -> bool {
        if self.state == ClassicGroupState::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let named = self.named_protocols();
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols.iter().any(|protocol| self.is_candidate(&named, &protocol.name))
    }

    /// Takes a member in. The first becomes the leader.
    pub(super) fn add(&mut self, member: Member, protocol_type: &str) {
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.to_owned());
        }
        self.leader.get_or_insert_with(|| member.id.clone());
        self.pending_members.remove(&member.id);
        self.members.insert(member.id.clone(), member);
    }

    /// Drops a member, or an id that was handed out. Where the leader goes, another becomes it.
    pub(super) fn remove(&mut self, member: &str) -> Option<Member> {
        self.pending_members.remove(member);
        self.pending_syncs.remove(member);
        let removed = self.members.remove(member);
        if self.is_leader(member) {
            self.leader = self.members.keys().next().cloned();
        }
        removed
    }

    /// Another id takes a member's place, with all that the member holds (`replaceStaticMember`). Where the old one has not synced yet,
    /// it is still waited for under its old id. Gives the JoinGroup and the SyncGroup that it had open.
    pub(super) fn replace_static_member(&mut self, old_id: &str, new_id: &str) -> Option<[Option<RequestContext>; 2]> {
        let mut member = self.members.remove(old_id)?;
        let open = [member.awaiting_join.take(), member.awaiting_sync.take()];
        new_id.clone_into(&mut member.id);
        member.is_new = false;
        self.members.insert(new_id.to_owned(), member);
        if self.is_leader(old_id) {
            self.leader = Some(new_id.to_owned());
        }
        Some(open)
    }

    pub(super) fn has_all_joined(&self) -> bool {
        self.pending_members.is_empty() && self.members.values().all(|member| member.awaiting_join.is_some())
    }

    /// A leader that has not joined again loses its post to one that has. False if nobody has.
    pub(super) fn elect_joined_leader(&mut self) -> bool {
        let has_joined = |member: &Member| member.awaiting_join.is_some();
        if self.leader.as_ref().and_then(|leader| self.members.get(leader)).is_some_and(has_joined) {
            return true;
        }
        match self.members.values().find(|member| has_joined(member)) {
            Some(member) => {
                self.leader = Some(member.id.clone());
                true
            }
            None => false,
        }
    }

    /// The longest rebalance timeout among the members.
    pub(super) fn rebalance_timeout_ms(&self) -> Millis {
        let longest = self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0);
        Millis::try_from(longest).unwrap_or(0)
    }

    /// Each member votes for the first of its protocols that is a candidate; the most votes win (`ClassicGroup.selectProtocol`). Of
    /// several with as many it is the one that the `HashMap` of the votes gives first. None where a member has none to vote for: Kafka
    /// throws an IllegalArgumentException then.
    pub(super) fn select_protocol(&self) -> Option<String> {
        let named = self.named_protocols();
        let mut votes: BTreeMap<&str, u32> = BTreeMap::new();
        for member in self.members.values() {
            let mut names = member.protocols.iter().map(|protocol| protocol.name.as_str());
            *votes.entry(names.find(|name| self.is_candidate(&named, name))?).or_default() += 1;
        }
        let most = votes.values().max()?;
        let mut names: Vec<&str> = votes.keys().copied().collect();
        sort_as_hash_map(&mut names, |name| java_string_hash(name));
        names.into_iter().find(|name| votes[name] == *most).map(str::to_owned)
    }

    /// Begins the next generation, or the one in which nobody is left (`initNextGeneration`). False where no protocol can be
    /// chosen: then only the number of the generation has moved.
    pub(super) fn next_generation(&mut self, fx: &mut Effects) -> bool {
        self.generation = self.generation.saturating_add(1);
        if self.members.is_empty() {
            self.protocol = None;
            self.subscribed_topics = self.is_consumer_group().then(BTreeSet::new);
            self.become_state(ClassicGroupState::Empty, fx);
        } else {
            let Some(protocol) = self.select_protocol() else { return false };
            self.protocol = Some(protocol);
            let Ok(topics) = self.compute_subscribed_topics() else { return false };
            self.subscribed_topics = topics;
            self.become_state(ClassicGroupState::CompletingRebalance, fx);
        }
        self.pending_syncs.clear();
        true
    }

    /// Whether its members are consumers (`usesConsumerGroupProtocol`).
    pub(super) fn is_consumer_group(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER)
    }

    /// `ClassicGroup.computeSubscribedTopics`: `None` where members are no consumers or their metadata is malformed.
    ///
    /// # Errors
    /// Where Kafka throws an exception that nobody expects.
    pub(super) fn compute_subscribed_topics(&self) -> Result<Option<BTreeSet<Topic>>, Unreadable> {
        if !self.is_consumer_group() {
            return Ok(None);
        }
        if self.members.is_empty() {
            return Ok(Some(BTreeSet::new()));
        }
        let Some(protocol) = self.protocol.as_deref() else { return Ok(None) };
        let mut topics = Some(BTreeSet::new());
        for member in self.members.values() {
            match subscribed_topics_of(&member.metadata(Some(protocol))) {
                Ok(named) => topics.iter_mut().for_each(|topics| topics.extend(named.iter().cloned())),
                Err(Unreadable::Malformed) => topics = None,
                Err(error @ Unreadable::WrongLength) => return Err(error),
            }
        }
        Ok(topics)
    }

    /// Whether members read a topic; of consumers that nobody could ask, they do.
    pub(super) fn is_subscribed_to(&self, topic: &Topic) -> bool {
        self.subscribed_topics.as_ref().map_or_else(|| self.is_consumer_group(), |topics| topics.contains(topic))
    }

    /// Why offsets are not told to a member, if so (`ClassicGroup.validateOffsetFetch`).
    pub(super) fn validate_fetch(&self, _member_id: Option<&str>, _epoch: i32) -> ErrorCode {
        match self.state {
            ClassicGroupState::Dead => ErrorCode::GroupIdNotFound,
            ClassicGroupState::Empty
            | ClassicGroupState::Stable
            | ClassicGroupState::PreparingRebalance
            | ClassicGroupState::CompletingRebalance => ErrorCode::None,
        }
    }

    /// Why its offsets may not be deleted, if so (`ClassicGroup.validateOffsetDelete`).
    pub(super) fn validate_offset_delete(&self) -> ErrorCode {
        match self.state {
            ClassicGroupState::Dead => ErrorCode::GroupIdNotFound,
            ClassicGroupState::Empty => ErrorCode::None,
            ClassicGroupState::Stable
            | ClassicGroupState::PreparingRebalance
            | ClassicGroupState::CompletingRebalance
                if self.is_consumer_group() =>
            {
                ErrorCode::None
            }
            ClassicGroupState::Stable
            | ClassicGroupState::PreparingRebalance
            | ClassicGroupState::CompletingRebalance => ErrorCode::NonEmptyGroup,
        }
    }

    /// Why it may not be deleted, if so (`ClassicGroup.validateDeleteGroup`).
    pub(super) fn validate_delete(&self) -> ErrorCode {
        match self.state {
            ClassicGroupState::Dead => ErrorCode::GroupIdNotFound,
            ClassicGroupState::Empty => ErrorCode::None,
            ClassicGroupState::Stable
            | ClassicGroupState::PreparingRebalance
            | ClassicGroupState::CompletingRebalance => ErrorCode::NonEmptyGroup,
        }
    }

    /// What DescribeGroups tells of it; what members told their leader only while it is stable.
    pub fn described(&self) -> DescribedGroup {
        let is_stable = self.state == ClassicGroupState::Stable;
        let protocol = self.protocol.as_deref().filter(|_| is_stable);
        let member = |member: &Member| DescribedGroupMember {
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: CLIENT_HOST.to_owned(),
            member_metadata: member.metadata(protocol),
            member_assignment: member.assignment.clone(),
        };
        DescribedGroup {
            group_id: self.id.clone(),
            group_state: self.state.name().to_owned(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            protocol_data: protocol.unwrap_or_default().to_owned(),
            members: self.members.values().map(member).collect(),
            ..DescribedGroup::default()
        }
    }

    /// What ListGroups tells of it.
    pub(super) fn listed(&self) -> ListedGroup {
        ListedGroup {
            group_id: self.id.clone(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            group_state: self.state.name().to_owned(),
            group_type: "classic".to_owned(),
        }
    }

    /// The members as the leader needs them to compute an assignment.
    fn listed_members(&self) -> Vec<JoinGroupResponseMember> {
        self.members
            .values()
            .map(|member| JoinGroupResponseMember {
                member_id: member.id.clone(),
                group_instance_id: member.instance_id.clone(),
                metadata: member.metadata(self.protocol.as_deref()),
            })
            .collect()
    }

    /// What a join of this generation is answered.
    pub(super) fn join_answer(&self, member: &str) -> JoinGroupResponse {
        JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            member_id: member.to_owned(),
            members: if self.is_leader(member) { self.listed_members() } else { Vec::new() },
            ..JoinGroupResponse::default()
        }
    }
}

impl Member {
    /// What it said for the assignor that was chosen.
    pub(super) fn metadata(&self, protocol: Option<&str>) -> RawBytes {
        let chosen = self.protocols.iter().find(|own| Some(own.name.as_str()) == protocol);
        chosen.map(|own| own.metadata.clone()).unwrap_or_default()
    }

    /// Whether silence is no fault: a member that waits for an answer of ours cannot send heartbeats. But a new one may
    /// have died while its join waits, and nobody would know.
    pub(super) fn may_be_silent(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }
}
