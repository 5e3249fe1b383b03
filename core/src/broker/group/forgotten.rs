//! A consumer group that its coordinator forgets without a record.
//!
//! Who joins an empty one with the classic protocol and an id of its own is told that nobody knows it. By then Kafka has taken the group
//! out of its table, to make a classic one of it, and as there is nothing to write nothing puts it back
//! (`GroupMetadataManager.maybeDeleteEmptyConsumerGroup`). What is committed in the group is kept elsewhere, and is there for the next
//! group of the name.

use super::{Group, GroupCoordinator};
use crate::effects::{BrokerTimer, Effects};

/// Such a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Forgotten {
    /// As it was.
    group: Group,
    /// Who only reads still sees it until the first append of its partition with this number or a higher one is committed; none
    /// where that has been.
    seen_until: Option<u64>,
}

impl GroupCoordinator {
    /// Forgets a group.
    pub(super) fn forget(&mut self, id: &str, fx: &mut Effects) {
        let Some(group) = self.groups.remove(id) else { return };
        fx.stop_timer(BrokerTimer::group_regex(id));
        group.clone().deleted(fx);
        let seen_until = Some(self.pending.next_id());
        self.forgotten.insert(id.to_owned(), Forgotten { group, seen_until });
    }

    /// A forgotten group that who only reads still sees, with the append that ends that.
    pub(super) fn seen_forgotten(&self, id: &str) -> Option<(u64, &Group)> {
        let forgotten = self.forgotten.get(id)?;
        Some((forgotten.seen_until?, &forgotten.group))
    }

    /// The ids of forgotten groups.
    pub(super) fn forgotten_ids(&self) -> impl Iterator<Item = &str> {
        self.forgotten.keys().map(String::as_str)
    }

    /// Where there is another group by the name of a forgotten one, it has the offsets.
    pub(super) fn hand_over_forgotten(&mut self) {
        for (id, forgotten) in &mut self.forgotten {
            let Some(group) = self.groups.get_mut(id) else { continue };
            for (partition, offset) in std::mem::take(forgotten.group.offsets_mut()) {
                group.offsets_mut().entry(partition).or_insert(offset);
            }
        }
        self.drop_forgotten();
    }

    /// An append to a partition is committed: nobody sees groups any more that were forgotten before.
    pub(super) fn hide_forgotten(&mut self, partition: i32, up_to: u64) {
        for forgotten in self.forgotten.values_mut() {
            if forgotten.group.partition() == partition {
                forgotten.seen_until = forgotten.seen_until.filter(|until| *until > up_to);
            }
        }
        self.drop_forgotten();
    }

    /// Another broker coordinates the groups of a partition.
    pub(super) fn unload_forgotten(&mut self, partition: i32) {
        self.forgotten.retain(|_, forgotten| forgotten.group.partition() != partition);
    }

    fn drop_forgotten(&mut self) {
        self.forgotten.retain(|_, forgotten| forgotten.seen_until.is_some() || !forgotten.group.offsets().is_empty());
    }
}
