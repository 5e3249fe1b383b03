//! How one partition changes: who leads, who is in sync, who may be elected (`PartitionChangeBuilder`).
//!
//! A pure function of the partition as it is, what is wanted of it and who is alive. Log end offsets are nowhere in it:
//! the controller does not know them.

use crate::flat_map::FlatMap;
use crate::metadata::MetadataRecord;
use crate::metadata::image::{BrokerImage, PartitionImage};
use crate::wire::Uuid;
use crate::wire::hash_order::sort_as_hash_map;

/// No leader.
pub const NO_LEADER: i32 = -1;
/// In a record: the leader stays, and its epoch too.
const NO_LEADER_CHANGE: i32 = -2;
/// `LeaderRecoveryState.RECOVERED`.
pub const RECOVERED: i8 = 0;
/// `LeaderRecoveryState.RECOVERING`: after an unclean election.
pub const RECOVERING: i8 = 1;

/// What kind of election a change may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Election {
    /// The preferred leader if it can lead, else as `Online`.
    Preferred,
    /// Anyone who leads while it can, else the first of the replica list that may be elected cleanly.
    Online,
    /// As `Online`, but rather any living replica than none.
    Unclean,
}

/// A partition's change in the making. Fields that are not touched keep what the partition has.
#[derive(Clone)]
pub struct PartitionChange<'a> {
    partition: &'a PartitionImage,
    is_acceptable_leader: &'a dyn Fn(i32) -> bool,
    /// Effective `min.insync.replicas`: at most the number of replicas.
    pub min_isr: u32,
    /// Whether eligible leader replicas are on (KIP-966).
    pub elr_enabled: bool,
    /// What kind of election it may hold.
    pub election: Election,
    /// The ISR wanted.
    pub isr: Vec<i32>,
    /// The replicas wanted.
    pub replicas: Vec<i32>,
    /// The replicas to be removed.
    pub removing: Vec<i32>,
    /// The replicas to be added.
    pub adding: Vec<i32>,
    /// The recovery state wanted.
    pub leader_recovery_state: i8,
    /// Replicas that may have lost what they had: a broker that ended without warning.
    pub unclean_shutdown: Vec<i32>,
    elr: Vec<i32>,
    /// Registered brokers: new replicas get their directories. Without them, a change says nothing of directories.
    pub brokers: Option<&'a FlatMap<i32, BrokerImage>>,
}

/// Whom an election chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elected {
    /// The leader, [`NO_LEADER`] for none.
    pub leader: i32,
    /// Whether it may lack committed records.
    pub unclean: bool,
}

impl<'a> PartitionChange<'a> {
    /// Begins a change that changes nothing.
    pub fn of(
        partition: &'a PartitionImage,
        is_acceptable_leader: &'a dyn Fn(i32) -> bool,
        min_isr: u32,
        elr_enabled: bool,
    ) -> Self {
        Self {
            partition,
            is_acceptable_leader,
            min_isr,
            elr_enabled,
            election: Election::Online,
            isr: partition.isr.clone(),
            replicas: partition.replicas.clone(),
            removing: partition.removing_replicas.clone(),
            adding: partition.adding_replicas.clone(),
            leader_recovery_state: partition.leader_recovery_state,
            unclean_shutdown: Vec::new(),
            elr: partition.elr.clone(),
            brokers: None,
        }
    }

    /// The record of the change; `None` where nothing changes.
    pub fn build(mut self, topic_id: Uuid, partition_id: i32) -> Option<MetadataRecord> {
        self.complete_reassignment();
        self.choose_elr();
        let elected = self.elect();
        let before = self.partition;

        let mut leader = NO_LEADER_CHANGE;
        let mut leader_recovery_state = -1;
        let unclean = elected.unclean && elected.leader != before.leader;
        if elected.leader != before.leader {
            leader = elected.leader;
            if self.elr.contains(&elected.leader) {
                self.isr = vec![elected.leader];
                self.elr.retain(|replica| *replica != elected.leader);
            }
            if elected.unclean {
                self.isr = vec![elected.leader];
                if before.leader_recovery_state != RECOVERING {
                    leader_recovery_state = RECOVERING;
                }
            }
        } else if before.replicas.iter().any(|replica| !self.replicas.contains(replica)) {
            // A replica that is dropped may still believe in the old epoch: the leader's epoch rises though it stays.
            leader = before.leader;
        }
        if unclean || !self.elr_enabled {
            self.elr.clear();
        }
        // Without ELR the last member never leaves: who comes back first must be known to have been in sync.
        let isr_may_change = !self.isr.is_empty() || self.elr_enabled;
        let isr = (isr_may_change && (unclean || self.isr != before.isr)).then(|| self.isr.clone());
        let last_known_elr = self.last_known_leader(leader);
        if self.leader_recovery_state != before.leader_recovery_state {
            leader_recovery_state = self.leader_recovery_state;
        }

        let directories = self.directories();
        let changed = |now: &Vec<i32>, was: &Vec<i32>| (now != was).then(|| now.clone());
        let record = MetadataRecord::PartitionChangeRecord {
            partition_id,
            topic_id,
            leader,
            replicas: changed(&self.replicas, &before.replicas).filter(|replicas| !replicas.is_empty()),
            removing_replicas: changed(&self.removing, &before.removing_replicas),
            adding_replicas: changed(&self.adding, &before.adding_replicas),
            leader_recovery_state,
            eligible_leader_replicas: changed(&self.elr, &before.elr),
            last_known_elr,
            directories,
            isr,
        };
        (record != nothing(topic_id, partition_id)).then_some(record)
    }

    /// The directories of other replicas than before: those that stay keep theirs (`DirectoryId.createAssignmentMap`).
    fn directories(&self) -> Option<Vec<Uuid>> {
        let before = self.partition;
        let brokers = self.brokers.filter(|_| self.replicas != before.replicas && !self.replicas.is_empty())?;
        let directory = |replica: &i32| {
            let at = before.replicas.iter().position(|each| each == replica);
            let kept = at.and_then(|at| before.directories.get(at)).copied();
            kept.unwrap_or_else(|| brokers.get(replica).map_or(Uuid::ZERO, BrokerImage::default_directory))
        };
        Some(self.replicas.iter().map(directory).collect())
    }

    /// Whom an election would choose now.
    pub fn elect(&self) -> Elected {
        let clean = |leader| Elected { leader, unclean: false };
        if self.election == Election::Preferred
            && let Some(preferred) = self.replicas.first()
            && self.may_be_elected(*preferred)
        {
            return clean(*preferred);
        }
        if self.may_be_elected(self.partition.leader) {
            return clean(self.partition.leader);
        }
        if let Some(leader) = self.replicas.iter().find(|replica| self.may_be_elected(**replica)) {
            return clean(*leader);
        }
        if let Some(leader) = self.electable_last_known_leader() {
            return Elected { leader, unclean: true };
        }
        if self.election == Election::Unclean
            && let Some(leader) = self.replicas.iter().find(|replica| (self.is_acceptable_leader)(**replica))
        {
            return Elected { leader: *leader, unclean: true };
        }
        clean(NO_LEADER)
    }

    /// In the ISR, or in the ELR of a partition without ISR; and alive.
    fn may_be_elected(&self, replica: i32) -> bool {
        let in_sync = self.isr.contains(&replica) || (self.isr.is_empty() && self.elr.contains(&replica));
        in_sync && (self.is_acceptable_leader)(replica)
    }

    /// KIP-966's balanced recovery: nobody is known to have everything, but this one led last.
    fn electable_last_known_leader(&self) -> Option<i32> {
        if !self.elr_enabled || !self.isr.is_empty() || !self.elr.is_empty() {
            return None;
        }
        match self.partition.last_known_elr.as_slice() {
            [leader] if (self.is_acceptable_leader)(*leader) => Some(*leader),
            _ => None,
        }
    }

    /// A reassignment is complete when all that it adds are in sync (`PartitionReassignmentReplicas`). One that adds fewer
    /// than it removes waits for every replica that stays: it would end with a smaller ISR than it has now.
    fn complete_reassignment(&mut self) {
        if self.adding.is_empty() && self.removing.is_empty() {
            return;
        }
        let stays = |replica: &&i32| !self.removing.contains(replica);
        let isr: Vec<i32> = self.isr.iter().filter(stays).copied().collect();
        let replicas: Vec<i32> = self.replicas.iter().filter(stays).copied().collect();
        if !self.removing.is_empty() && (isr.is_empty() || replicas.is_empty()) {
            return;
        }
        let all_in_sync = |wanted: &[i32]| wanted.iter().all(|replica| isr.contains(replica));
        let shrinks = self.adding.len() < self.removing.len();
        if !all_in_sync(&self.adding) || (shrinks && !all_in_sync(&replicas)) {
            return;
        }
        self.isr = isr;
        self.replicas = replicas;
        self.removing.clear();
        self.adding.clear();
    }

    /// Who left the ISR while it was, or became, smaller than `min.insync.replicas` has every committed record: the high
    /// watermark does not move below it.
    fn choose_elr(&mut self) {
        if !self.elr_enabled {
            return;
        }
        if u32::try_from(self.isr.len()).unwrap_or(u32::MAX) >= self.min_isr {
            self.elr.clear();
            return;
        }
        self.elr.extend(&self.partition.isr);
        self.elr.sort_unstable();
        self.elr.dedup();
        // Kafka collects them in a hash set.
        sort_as_hash_map(&mut self.elr, |replica| *replica);
        self.elr.retain(|replica| !self.isr.contains(replica) && !self.unclean_shutdown.contains(replica));
    }

    /// `lastKnownElr` holds the broker that led when the partition lost its leader; only a record that names a leader takes it
    /// back (`maybeUpdateLastKnownLeader`).
    fn last_known_leader(&self, leader: i32) -> Option<Vec<i32>> {
        let before = self.partition;
        if !self.elr_enabled {
            return None;
        }
        if leader == NO_LEADER && before.last_known_elr.is_empty() {
            return Some(vec![before.leader]);
        }
        (leader >= 0 && !before.last_known_elr.is_empty()).then(Vec::new)
    }
}

fn nothing(topic_id: Uuid, partition_id: i32) -> MetadataRecord {
    MetadataRecord::PartitionChangeRecord {
        partition_id,
        topic_id,
        isr: None,
        leader: NO_LEADER_CHANGE,
        replicas: None,
        removing_replicas: None,
        adding_replicas: None,
        leader_recovery_state: -1,
        eligible_leader_replicas: None,
        last_known_elr: None,
        directories: None,
    }
}
