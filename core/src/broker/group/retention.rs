//! Offsets that nobody needs any more go after `offsets.retention.minutes`, and with the last of them a group without members
//! (`GroupCoordinatorShard.cleanupGroupMetadata`).

use super::classic::{ClassicGroup, CommittedOffset};
use super::commits::in_table_order;
use super::context::{PendingAppend, Waiting};
use super::state::ClassicGroupState::{CompletingRebalance, Dead, Empty, PreparingRebalance, Stable};
use super::{CoordinatorAppend, Group, GroupCoordinator, KnownCluster, records};
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::effects::{BrokerTimer, Effects};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::TopicPartition;
use crate::wire::hash_order::{in_timeline_map_order, java_string_hash};

const MS_PER_MINUTE: u64 = 60_000;

/// From when on the time counts after which an offset goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiration {
    /// The offsets stay.
    Never,
    /// From its commit on.
    SinceCommit,
    /// Of all alike, from this time on.
    Since(i64),
}

impl ClassicGroup {
    /// `ClassicGroup.offsetExpirationCondition`.
    fn expiration(&self) -> Expiration {
        match self.state {
            // Nobody ever joined: a consumer that assigns partitions to itself commits there.
            Empty | Stable | PreparingRebalance | CompletingRebalance | Dead if self.protocol_type.is_none() => {
                Expiration::SinceCommit
            }
            Empty if self.current_state_since >= 0 => Expiration::Since(self.current_state_since),
            Empty => Expiration::SinceCommit,
            Stable if self.is_consumer_group() && self.subscribed_topics.is_some() => Expiration::SinceCommit,
            Stable | PreparingRebalance | CompletingRebalance | Dead => Expiration::Never,
        }
    }
}

impl Group {
    fn expiration(&self) -> Expiration {
        match self {
            Self::Classic(group) => group.expiration(),
            Self::Consumer(_) => Expiration::SinceCommit,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Classic(group) => group.is_empty(),
            Self::Consumer(group) => group.members.is_empty(),
        }
    }

    /// The offsets whose time has run out; those of topics that members read never do.
    fn expired_offsets(&self, now_ms: i64, retention_ms: i64) -> Vec<TopicPartition> {
        let expiration = self.expiration();
        let has_expired = |partition: &TopicPartition, committed: &CommittedOffset| {
            let since = match expiration {
                Expiration::Never => return false,
                Expiration::SinceCommit => committed.committed_at,
                Expiration::Since(since) => since,
            };
            // A time of its own goes before the broker's (`OffsetExpirationConditionImpl.isOffsetExpired`).
            let expires_at = committed.expires_at.unwrap_or_else(|| since.saturating_add(retention_ms));
            !self.is_subscribed_to(&partition.topic) && now_ms >= expires_at
        };
        let mut partitions = in_table_order(self.offsets().keys());
        partitions
            .retain(|partition| self.offsets().get(*partition).is_some_and(|offset| has_expired(partition, offset)));
        partitions.into_iter().cloned().collect()
    }
}

impl GroupCoordinator {
    /// Sets the next look at a partition's groups, if there are any and none is set: one interval after another since the partition
    /// was read.
    pub(super) fn arm_expiration(&mut self, partition: i32, known: &KnownCluster<'_>, now: Millis, fx: &mut Effects) {
        let Some(active) = self.active.get_mut(&partition) else { return };
        if active.expires_offsets || self.groups.values().all(|group| group.partition() != partition) {
            return;
        }
        active.expires_offsets = true;
        let interval = known.settings.offsets_retention_check_interval_ms.max(1);
        let looks = now.saturating_sub(active.loaded_at) / interval + 1;
        let at = active.loaded_at.saturating_add(looks.saturating_mul(interval));
        fx.set_timer(BrokerTimer::OffsetsExpiration(partition), at);
    }

    /// Looks through the groups of a partition of `__consumer_offsets`, and sets the next look.
    pub(super) fn expire_offsets(
        &mut self,
        partition: i32,
        known: &KnownCluster<'_>,
        now: Millis,
        fx: &mut Effects,
    ) -> Vec<CoordinatorAppend> {
        let Some(active) = self.active.get_mut(&partition) else { return Vec::new() };
        active.expires_offsets = false;
        let retention = known.settings.offsets_retention_minutes.saturating_mul(MS_PER_MINUTE);
        let retention_ms = i64::try_from(retention).unwrap_or(i64::MAX);
        let now_ms = i64::try_from(now).unwrap_or(i64::MAX);
        let mut written = Vec::new();
        let (mut offsets, mut empty) = (Vec::new(), Vec::new());
        let of_partition = self.groups.values().filter(|group| group.partition() == partition);
        for id in in_timeline_map_order(of_partition.map(Group::id), |id| java_string_hash(id)) {
            let Some(group) = self.groups.get(id) else { continue };
            let pending = self.txn_offsets.partitions_of(id);
            let mut expired = group.expired_offsets(now_ms, retention_ms);
            // What a transaction has written again stays until it has ended.
            expired.retain(|partition| !pending.contains(partition));
            written.extend(expired.iter().map(|offset| records::offset_tombstone(id, offset, now)));
            if expired.len() == group.offsets().len() && pending.is_empty() && group.is_empty() {
                written.append(&mut group.tombstones(now));
                empty.push(id.to_owned());
            }
            offsets.extend(expired.into_iter().map(|offset| (id.to_owned(), offset)));
        }
        let groups: Vec<Group> = empty.iter().filter_map(|id| self.groups.remove(id)).collect();
        self.arm_expiration(partition, known, now, fx);
        if written.is_empty() {
            return Vec::new();
        }
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        fx.explain(Explanation::CoordinatorExpires {
            node: self.node,
            partition: TopicPartition { topic: OFFSETS_TOPIC.into(), partition },
            offsets: count(offsets.len()),
            groups: count(groups.len()),
        });
        let waiting = Waiting::GroupsDeleted { groups, offsets, request_context: None };
        vec![self.pending.append(PendingAppend { partition, group: String::new(), waiting }, written)]
    }
}
