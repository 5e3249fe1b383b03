//! What of a coordinator's groups is committed: requests that only read see nothing else (`CoordinatorRuntime`'s read operations, which
//! read its timelines at the last committed offset).
//!
//! A classic group is one thing that changes in place: only whether it is there is committed. Of a group of the consumer protocol all is.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::classic::CommittedOffset;
use super::context::Waiting;
use super::{Group, GroupCoordinator};
use crate::flat_map::FlatMap;
use crate::wire::TopicPartition;

impl GroupCoordinator {
    /// The groups that are committed, by id, each as it is committed.
    pub(super) fn committed_groups(&self) -> impl Iterator<Item = &Group> {
        let known = self.groups.keys().map(String::as_str).chain(self.forgotten_ids());
        let ids: BTreeSet<&str> = known.chain(self.pending.changed_groups()).collect();
        ids.into_iter().filter_map(|id| self.committed_group(id)).chain(self.strays.values())
    }

    /// One of them.
    pub(super) fn committed_group(&self, id: &str) -> Option<&Group> {
        let made_by = self.uncommitted.get(id).copied();
        let first_change = self.pending.first_change_of(id);
        if let Some((until, group)) = self.seen_forgotten(id)
            && first_change.is_none_or(|(change, _)| change >= until)
        {
            return Some(group);
        }
        match first_change {
            Some((change, before)) if made_by.is_none_or(|made_by| made_by > change) => before,
            None if made_by.is_none() => self.groups.get(id),
            Some(_) | None => None,
        }
    }

    /// The offsets that are committed in a group. They count from their own commit on, whatever else of the group is written.
    pub(super) fn committed_offsets(&self, id: &str) -> Option<&FlatMap<TopicPartition, CommittedOffset>> {
        let forgotten = || self.seen_forgotten(id).map(|(_, group)| group);
        let group = self.groups.get(id).or_else(forgotten).or_else(|| self.pending.first_change_of(id)?.1);
        group.map(Group::offsets)
    }

    /// The offsets of a group as they are written, be they committed or not.
    pub(super) fn written_offsets(&self, id: &str) -> Option<Cow<'_, FlatMap<TopicPartition, CommittedOffset>>> {
        let mut offsets = Cow::Borrowed(self.groups.get(id)?.offsets());
        for append in self.pending.open.values() {
            match &append.waiting {
                Waiting::Offsets { commits, .. } if append.group == id => {
                    offsets.to_mut().extend(commits.iter().cloned());
                }
                // There is a group of the name again, with what was committed since.
                Waiting::GroupsDeleted { groups, .. } if groups.iter().any(|group| group.id() == id) => {
                    offsets = Cow::Borrowed(self.groups.get(id)?.offsets());
                }
                Waiting::OffsetsDeleted { offsets: gone, .. } | Waiting::GroupsDeleted { offsets: gone, .. } => {
                    for (_, partition) in gone.iter().filter(|(group, _)| group == id) {
                        offsets.to_mut().remove(partition);
                    }
                }
                Waiting::Offsets { .. }
                | Waiting::Assignment { .. }
                | Waiting::StaticMember { .. }
                | Waiting::Creation { .. }
                | Waiting::Answer { .. }
                | Waiting::Written { .. }
                | Waiting::Nobody => {}
            }
        }
        Some(offsets)
    }

    /// What could not be written founded a group, if it was the first of it: the group was never there.
    pub(super) fn forget_unfounded(&mut self, id: &str, append: u64) {
        if self.uncommitted.get(id) == Some(&append) {
            self.uncommitted.remove(id);
            self.groups.remove(id);
        }
    }

    /// An append to a partition is committed, and with it the groups that were made before.
    pub(super) fn appends_committed(&mut self, partition: i32, up_to: u64) {
        self.hide_forgotten(partition, up_to);
        let groups = &self.groups;
        self.uncommitted.retain(|id, made_by| {
            *made_by > up_to || groups.get(id).is_some_and(|group| group.partition() != partition)
        });
    }
}
