//! Who leads the metadata log's quorum (`KafkaRaftClient`, `QuorumState`).
//!
//! Transitions, as in Kafka 4.3. What a single voter never meets is marked with `·`.
//!
//! | from          | to            | after                                                                              |
//! |---------------|---------------|------------------------------------------------------------------------------------|
//! | start         | `Unattached`  | `quorum-state` names no leader, or another one                                     |
//! | start         | `Resigned`    | `quorum-state` says that this very node led: its epoch must not be led twice       |
//! | `Unattached`  | `Prospective` | the election timeout; at once for the only voter                                   |
//! | `Resigned`    | `Prospective` | the election timeout; at once for the only voter                                   |
//! | `Prospective` | `Candidate`   | a majority grants the pre-vote; at once for the only voter. The epoch rises by one |
//! | `Candidate`   | `Leader`      | a majority grants the vote; at once for the only voter                             |
//! | `Candidate`   | `Prospective` | · the election is lost, after a backoff                                            |
//! | any           | `Unattached`  | · a higher epoch without a known leader is heard of                                |
//! | any           | `Follower`    | · a leader of this or a higher epoch is heard of                                   |
//! | `Follower`    | `Prospective` | · no successful fetch within `controller.quorum.fetch.timeout.ms`                  |
//! | `Leader`      | `Resigned`    | · no fetches from a majority within one and a half times that, or the process ends |
//!
//! A new leader appends a `LeaderChange` control record first and knows no high watermark until that record is on a
//! majority: records of earlier epochs are never committed by counting.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ControllerDisk;
use super::fetch::DelayedFetch;
use crate::metadata::MetadataRecord;
use crate::sim::Millis;
use crate::wire::records::Record;

/// The file `quorum-state` (version 0): what a voter must remember over a restart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuorumState {
    /// Always empty in 4.x.
    pub cluster_id: String,
    /// The leader of the epoch, -1 for unknown.
    pub leader_id: i32,
    /// The epoch.
    pub leader_epoch: i32,
    /// Who got this voter's vote in the epoch, -1 for nobody.
    pub voted_id: i32,
    /// Always 0.
    pub applied_offset: i64,
    /// The voters.
    pub current_voters: Vec<Voter>,
    /// The file's version.
    #[serde(rename = "data_version")]
    pub data_version: i16,
}

/// A voter as `quorum-state` and the `LeaderChange` record name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Voter {
    /// Its node id.
    pub voter_id: i32,
}

impl Default for QuorumState {
    fn default() -> Self {
        Self {
            cluster_id: String::new(),
            leader_id: -1,
            leader_epoch: 0,
            voted_id: -1,
            applied_offset: 0,
            current_voters: Vec::new(),
            data_version: 0,
        }
    }
}

impl QuorumState {
    /// The file's text.
    pub fn file_text(&self) -> String {
        crate::json::write_text(self)
    }
}

/// Where a node stands in the quorum (`EpochState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Knows an epoch but no leader.
    Unattached,
    /// Asks whether an election would have a chance (KIP-996).
    Prospective,
    /// Asks for votes in a new epoch.
    Candidate,
    /// Appends.
    Leader,
    /// Fetches from a leader.
    Follower,
    /// Led, and leads no more.
    Resigned,
}

/// An observer or follower as the leader knows it (`ReplicaState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObserverState {
    /// Its log end offset: the offset that it fetched from last.
    pub log_end_offset: i64,
    /// When it fetched last.
    pub last_fetch_ms: Millis,
}

/// A node's part in the quorum that a restart forgets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Quorum {
    pub(super) node_id: i32,
    role: Role,
    pub(super) epoch: i32,
    /// The offset of this epoch's `LeaderChange` record.
    epoch_start_offset: i64,
    high_watermark: Option<i64>,
    pub(super) observers: BTreeMap<i32, ObserverState>,
    pub(super) delayed: BTreeMap<u64, DelayedFetch>,
    pub(super) delayed_so_far: u64,
}

impl Quorum {
    /// Starts as the only voter: reads `quorum-state`, elects itself in a new epoch, appends the `LeaderChange` record.
    pub fn start(node_id: i32, disk: &mut ControllerDisk, now: Millis) -> Self {
        let led = disk.quorum_state.leader_id == node_id;
        let mut quorum = Self {
            node_id,
            role: if led { Role::Resigned } else { Role::Unattached },
            epoch: disk.quorum_state.leader_epoch.max(disk.log.last_epoch()),
            epoch_start_offset: 0,
            high_watermark: None,
            observers: BTreeMap::new(),
            delayed: BTreeMap::new(),
            delayed_so_far: 0,
        };
        quorum.become_prospective();
        quorum.become_candidate(disk);
        quorum.become_leader(disk, now);
        quorum
    }

    fn become_prospective(&mut self) {
        self.role = Role::Prospective;
    }

    fn become_candidate(&mut self, disk: &mut ControllerDisk) {
        self.role = Role::Candidate;
        self.epoch = self.epoch.saturating_add(1);
        // The vote must be on disk before it counts: a voter that forgets it could vote twice in one epoch.
        disk.quorum_state = QuorumState {
            leader_id: -1,
            leader_epoch: self.epoch,
            voted_id: self.node_id,
            current_voters: self.voters(),
            ..QuorumState::default()
        };
    }

    fn become_leader(&mut self, disk: &mut ControllerDisk, now: Millis) {
        self.role = Role::Leader;
        self.high_watermark = None;
        disk.quorum_state.leader_id = self.node_id;
        disk.quorum_state.voted_id = -1;
        let leader_change = Record {
            key: Some("LeaderChange".into()),
            value: Some(leader_change(self.node_id, &self.voters()).as_str().into()),
            ..Record::default()
        };
        self.epoch_start_offset = disk.log.append(self.epoch, now, true, vec![leader_change]);
        self.update_high_watermark(disk);
    }

    fn voters(&self) -> Vec<Voter> {
        vec![Voter { voter_id: self.node_id }]
    }

    /// Appends records in one batch as the leader and gives the offset of the first.
    pub fn append(&mut self, disk: &mut ControllerDisk, records: &[MetadataRecord], now: Millis) -> i64 {
        let records = records.iter().map(MetadataRecord::to_record).collect();
        let base_offset = disk.log.append(self.epoch, now, false, records);
        self.update_high_watermark(disk);
        base_offset
    }

    /// The end offset that a majority of the voters has: of one voter its own. It counts only above the start of the
    /// leader's own epoch (`LeaderState.maybeUpdateHighWatermark`).
    fn update_high_watermark(&mut self, disk: &ControllerDisk) {
        let majority = disk.log.end_offset();
        if self.role == Role::Leader && majority > self.epoch_start_offset && Some(majority) > self.high_watermark {
            self.high_watermark = Some(majority);
        }
    }

    /// Whether this node leads.
    pub fn is_leader(&self) -> bool {
        self.role == Role::Leader
    }

    /// Where this node stands.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The quorum's epoch.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// The high watermark, -1 for unknown.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark.unwrap_or(-1)
    }

    /// Observers by node id.
    pub fn observers(&self) -> &BTreeMap<i32, ObserverState> {
        &self.observers
    }
}

/// The `LeaderChange` record as `kafka-dump-log.sh` prints it.
fn leader_change(leader_id: i32, voters: &[Voter]) -> String {
    serde_json::json!({
        "version": 0,
        "leaderId": leader_id,
        "voters": voters,
        "grantingVoters": voters,
    })
    .to_string()
}
