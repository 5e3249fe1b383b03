//! A static quorum becomes a dynamic one: `kraft.version` rises to 1 (`LeaderState.maybeAppendUpgradedKRaftVersion`, KIP-853).
//!
//! `controller.quorum.voters` does not say which directory a voter has its log in, nor which levels it supports. Each voter tells a new
//! leader of the static quorum so, once (`UpdateRaftVoter`). The leader keeps it in memory, and writes it down with the new level.
//!
//! | a leader's upgrade is | becomes   | when                                                                    |
//! |-----------------------|-----------|-------------------------------------------------------------------------|
//! | none                  | none      | the quorum was dynamic when it began to lead                            |
//! | gathering             | gathering | a voter says where it listens, its directory, and what it supports      |
//! | gathering             | requested | the level is asked for, and every voter has said that it supports it    |
//! | requested             | requested | the same level is asked for again                                       |

use super::control_records::QuorumControlRecord;
use super::state::EpochState;
use super::voter_set::{VoterNode, VoterSet};
use super::{ControllerDisk, Quorum};
use crate::change::Change;
use crate::effects::Effects;
use crate::sim::Millis;

/// What a leader of a static quorum knows about the way to a dynamic one (`KRaftVersionUpgrade`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum KRaftVersionUpgrade {
    /// The quorum was dynamic already.
    #[default]
    None,
    /// The voters, as they have told of themselves.
    Gathering(VoterSet),
    /// The level is written, committed or not.
    Requested(i16),
}

/// What the quorum's leader says about a new level of `kraft.version` (`KRaftVersionAccessor`).
#[derive(Clone, Copy, Debug)]
pub struct KRaftVersionAccessor<'a> {
    /// The level that the log says.
    written: i16,
    upgrade: &'a KRaftVersionUpgrade,
}

impl KRaftVersionAccessor<'_> {
    /// Of a quorum whose log says a level, and whose leader knows nothing of a way to another.
    #[cfg(test)]
    pub const fn of_log(level: i16) -> Self {
        Self { written: level, upgrade: &KRaftVersionUpgrade::None }
    }

    /// The level now, as far as the leader has written it.
    pub fn level(self) -> i16 {
        match self.upgrade {
            KRaftVersionUpgrade::Requested(level) => *level,
            KRaftVersionUpgrade::None | KRaftVersionUpgrade::Gathering(_) => self.written,
        }
    }

    /// Whether it may rise to a level, or is there already.
    ///
    /// # Errors
    /// Why it may not, in Kafka's words.
    pub fn check(self, level: i16) -> Result<(), String> {
        if level == self.level() {
            return Ok(());
        }
        match self.upgrade {
            KRaftVersionUpgrade::Gathering(voters) if voters.supports(level) => Ok(()),
            KRaftVersionUpgrade::Gathering(_) => Err(format!(
                "Invalid upgrade of kraft.version to KRAFT_VERSION_{level} because not all of the voters support it"
            )),
            KRaftVersionUpgrade::None | KRaftVersionUpgrade::Requested(_) => Err(format!(
                "Invalid upgrade of kraft.version from version KRAFT_VERSION_{} to KRAFT_VERSION_{level}",
                self.level()
            )),
        }
    }
}

impl Quorum {
    /// What it takes for a new level of `kraft.version`, asked of the leader.
    pub fn kraft_version<'a>(&'a self, disk: &ControllerDisk) -> KRaftVersionAccessor<'a> {
        const NONE: &KRaftVersionUpgrade = &KRaftVersionUpgrade::None;
        let upgrade = match &self.state {
            EpochState::Leader(leader) => &leader.kraft_version_upgrade,
            EpochState::Unattached { .. }
            | EpochState::Prospective(_)
            | EpochState::Candidate(_)
            | EpochState::Follower { .. }
            | EpochState::Resigned { .. } => NONE,
        };
        KRaftVersionAccessor { written: disk.log.quorum().kraft_version(), upgrade }
    }

    /// What a new leader knows: of a static quorum itself alone.
    pub(super) fn upgrade_of_new_leader(&self, disk: &ControllerDisk) -> KRaftVersionUpgrade {
        if disk.log.quorum().is_reconfigurable() {
            return KRaftVersionUpgrade::None;
        }
        KRaftVersionUpgrade::Gathering(self.voters.with_updated(&self.own_node()))
    }

    /// A voter of a static quorum has told of itself.
    pub(super) fn note_static_voter(&mut self, voter: &VoterNode) {
        if let EpochState::Leader(leader) = &mut self.state
            && let KRaftVersionUpgrade::Gathering(voters) = &mut leader.kraft_version_upgrade
        {
            *voters = voters.with_updated(voter);
        }
    }

    /// Writes a new level, and who votes from now on: from here on the log says it.
    pub fn upgrade_kraft_version(&mut self, disk: &mut ControllerDisk, level: i16, now: Millis, fx: &mut Effects) {
        let EpochState::Leader(leader) = &mut self.state else { return };
        let requested = KRaftVersionUpgrade::Requested(level);
        let KRaftVersionUpgrade::Gathering(voters) = std::mem::replace(&mut leader.kraft_version_upgrade, requested)
        else {
            return;
        };
        let records = vec![QuorumControlRecord::KRaftVersion { level }.to_record(), voters.to_record()];
        let types = ["KRAFT_VERSION", "KRAFT_VOTERS"].map(str::to_owned).to_vec();
        let offset = disk.log.append(self.epoch, now, true, records);
        fx.change(Change::MetadataAppended { node: self.member.node_id, offset, types });
        self.update_voters(disk, now, fx);
        self.note_high_watermark(disk, fx);
        self.complete_delayed_fetches(disk, fx);
    }

    /// What a majority has may have grown: the change is noted.
    pub(super) fn note_high_watermark(&mut self, disk: &ControllerDisk, fx: &mut Effects) {
        let known = self.high_watermark();
        if self.update_high_watermark(disk) {
            fx.change(Change::QuorumHighWatermarkMoved {
                node: self.member.node_id,
                from: known,
                to: self.high_watermark(),
            });
        }
    }
}
