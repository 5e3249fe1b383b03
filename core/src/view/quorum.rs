//! The quorum of the metadata log: where each voter stands, what it waits for, who votes for whom, how far each log goes, and
//! whose requests wait at a controller. Made when somebody looks at it: it is no part of the view of every step.

use std::rc::Rc;

use serde::Serialize;

use super::network::RequestId;
use crate::actor::Actor;
use crate::change::QuorumRole;
use crate::cluster::Cluster;
use crate::cluster::node::Node;
use crate::config::Roles;
use crate::effects::RequestContext;
use crate::metadata::MetadataRecord;
use crate::raft::state::{EpochState, majority};
use crate::raft::{MetadataLog, OffsetAndEpoch, Quorum, QuorumControlRecord, Snapshot};
use crate::sim::Millis;
use crate::wire::ApiKey;
use crate::wire::records::RecordBatch;

/// How many records of a metadata log are shown at most: the newest.
const RECORDS_SHOWN_MAX: i64 = 256;

/// The quorum of the metadata log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuorumView {
    /// The controllers, by id: voters, and those that only watch.
    pub voters: Vec<VoterView>,
    /// The number of voters that are a majority.
    pub majority: u32,
    /// The metadata logs of brokers that are no controllers, by id.
    pub broker_logs: Vec<BrokerLogView>,
}

/// The metadata log on the disk of a broker that is no controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokerLogView {
    /// `node.id`.
    pub node: i32,
    /// Its first offset.
    pub start_offset: i64,
    /// The offset that the next record gets.
    pub end_offset: i64,
    /// Its snapshots, oldest first.
    pub snapshots: Vec<SnapshotView>,
}

/// A snapshot of the metadata log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotView {
    /// Where the records end that it stands for (exclusive).
    pub end_offset: i64,
    /// The epoch of the last of them.
    pub epoch: i32,
    /// The file's name.
    pub file: String,
    /// The file's size, in bytes.
    pub size_bytes: i64,
    /// How many metadata records are in it.
    pub records: i64,
}

impl SnapshotView {
    fn of(snapshot: &Snapshot) -> Self {
        let OffsetAndEpoch { offset, epoch } = snapshot.id();
        let batches = snapshot.batches().iter().filter(|batch| !batch.is_control);
        let records: usize = batches.map(|batch| batch.records.len()).sum();
        Self {
            end_offset: offset,
            epoch,
            file: snapshot.id().file_name(),
            size_bytes: snapshot.size_bytes(),
            records: i64::try_from(records).unwrap_or(i64::MAX),
        }
    }
}

/// A snapshot of which a part has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchingSnapshotView {
    /// Where the records end that it stands for (exclusive).
    pub end_offset: i64,
    /// The epoch of the last of them.
    pub epoch: i32,
    /// How many bytes are there.
    pub bytes: i64,
}

/// One controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VoterView {
    /// `node.id`.
    pub node: i32,
    /// Whether it votes; a controller that does not is an observer (KIP-853).
    pub is_voter: bool,
    /// Where it stands; none while the process is down.
    pub role: Option<QuorumRole>,
    /// Whether it is the active controller: it leads, and its epoch's first record is committed.
    pub is_active: bool,
    /// Its epoch; of a process that is down, what `quorum-state` holds.
    pub epoch: i32,
    /// The leader of the epoch that it knows, -1 for none.
    pub leader_id: i32,
    /// For whom it voted in the epoch, -1 for nobody.
    pub voted_id: i32,
    /// What it waits for before it does something by itself.
    pub timer: Option<QuorumTimerView>,
    /// The votes that it has asked for.
    pub election: Option<ElectionView>,
    /// Of a leader: what it knows of the others' logs, voters first.
    pub replicas: Vec<QuorumReplicaView>,
    /// Of a leader that resigned: voters that have not heard of it yet.
    pub unacknowledged: Vec<i32>,
    /// Its log.
    pub log: MetadataLogView,
    /// The snapshot that it is fetching in place of the log.
    pub fetching_snapshot: Option<FetchingSnapshotView>,
    /// The high watermark as it knows it, -1 for unknown.
    pub high_watermark: i64,
    /// Requests that wait at its controller.
    pub waiting: Vec<ControllerRequestView>,
}

/// What a voter does by itself when a time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuorumTimer {
    /// It asks for votes, or gives up asking.
    Election,
    /// It gives up the leader.
    Fetch,
    /// It resigns.
    CheckQuorum,
}

/// A timer of a voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuorumTimerView {
    /// Which.
    pub timer: QuorumTimer,
    /// How long it has still to go, in milliseconds.
    pub left_ms: Millis,
    /// The longest that it can be set for, in milliseconds.
    pub longest_ms: Millis,
}

/// An election as its nominee sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ElectionView {
    /// Whether it only asks what the answer would be (KIP-996).
    pub is_pre_vote: bool,
    /// What each voter said; none for those who have said nothing.
    pub votes: Vec<(i32, Option<bool>)>,
}

impl ElectionView {
    /// How many are for it.
    pub fn granted(&self) -> u32 {
        self.count(Some(true))
    }

    /// How many are against it.
    pub fn refused(&self) -> u32 {
        self.count(Some(false))
    }

    fn count(&self, said: Option<bool>) -> u32 {
        u32::try_from(self.votes.iter().filter(|(_, vote)| *vote == said).count()).unwrap_or(u32::MAX)
    }
}

/// A replica of the metadata log as the leader knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuorumReplicaView {
    /// `node.id`.
    pub node: i32,
    /// Whether it is a voter.
    pub is_voter: bool,
    /// The offset that it fetched from last; none where it has not fetched in this epoch.
    pub log_end_offset: Option<i64>,
    /// How long ago it fetched last, in milliseconds.
    pub fetched_ago_ms: Option<Millis>,
    /// How long ago it last had all that the leader had, in milliseconds.
    pub caught_up_ago_ms: Option<Millis>,
}

/// A metadata log on a voter's disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataLogView {
    /// Its first offset.
    pub start_offset: i64,
    /// The offset that the next record gets.
    pub end_offset: i64,
    /// The epoch of the last record, 0 for an empty log.
    pub last_epoch: i32,
    /// The newest batches, oldest first: what they say is read where it is shown.
    #[serde(skip)]
    newest: Vec<Rc<RecordBatch>>,
    /// Its snapshots, oldest first.
    pub snapshots: Vec<SnapshotView>,
}

impl MetadataLogView {
    /// The newest records, oldest first.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = MetadataRecordView> {
        let first = self.end_offset.saturating_sub(RECORDS_SHOWN_MAX);
        self.records_from(first)
    }

    /// The newest of the newest records, from an offset on.
    pub fn records_from(&self, first: i64) -> impl DoubleEndedIterator<Item = MetadataRecordView> {
        let from = self.newest.partition_point(|batch| batch.last_offset() < first);
        let batches = self.newest[from..].iter();
        batches.flat_map(|batch| batch_records(batch)).filter(move |record| record.offset >= first)
    }
}

/// One record of the metadata log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataRecordView {
    /// Its offset.
    pub offset: i64,
    /// The epoch in which it was written.
    pub epoch: i32,
    /// Whether the quorum wrote it for itself.
    pub is_control: bool,
    /// `PARTITION_RECORD` and so on; of a control record the name that `kafka-dump-log` gives it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The content as JSON.
    pub data: String,
}

/// A request that waits at a controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControllerRequestView {
    /// Which.
    pub request: RequestId,
    /// Whose.
    pub from: Actor,
    /// What.
    pub api: ApiKey,
    /// What it waits for.
    pub waits_for: ControllerWait,
}

/// What a request at a controller waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ControllerWait {
    /// Its answer is written: it leaves once the log is committed up to this offset (exclusive).
    Committed {
        /// The offset.
        offset: i64,
    },
    /// A fetch waits for what comes from this offset on, or for a newer high watermark.
    Records {
        /// The offset.
        from: i64,
    },
}

impl Cluster {
    /// The quorum of the metadata log as it is now.
    pub fn quorum(&self) -> QuorumView {
        let voting = self.quorum_voters();
        let voters: Vec<VoterView> = self
            .nodes()
            .filter(|node| node.config.roles.is_controller())
            .map(|node| voter_view(node, voting.contains(&node.config.id), self.now()))
            .collect();
        let brokers = self.nodes().filter(|node| matches!(node.config.roles, Roles::Broker));
        QuorumView {
            majority: u32::try_from(majority(voting.len())).unwrap_or(u32::MAX),
            voters,
            broker_logs: brokers.map(broker_log_view).collect(),
        }
    }
}

fn voter_view(node: &Node, is_voter: bool, now: Millis) -> VoterView {
    let disk = &node.disk.controller;
    let controller = node.controller.as_ref();
    let quorum = controller.map(|controller| controller.quorum());
    let state = quorum.map(|quorum| StateView::of(quorum, now));
    let state = state.unwrap_or_default();
    let known = |id: Option<i32>| id.unwrap_or(-1);
    let committed = controller.into_iter().flat_map(|controller| controller.uncommitted_answers());
    let committed = committed.map(|(offset, context)| waiting(context, ControllerWait::Committed { offset }));
    let fetches = quorum.into_iter().flat_map(|quorum| quorum.delayed_fetches());
    let fetches = fetches.map(|(from, context)| waiting(context, ControllerWait::Records { from }));
    VoterView {
        node: node.config.id,
        is_voter,
        role: quorum.map(|quorum| quorum.role()),
        is_active: controller.is_some_and(|controller| controller.is_active()),
        epoch: quorum.map_or(disk.quorum_state.leader_epoch, |quorum| quorum.epoch()),
        leader_id: quorum.map_or(disk.quorum_state.leader_id, |quorum| known(quorum.leader())),
        voted_id: quorum.map_or(disk.quorum_state.voted_id, |quorum| known(quorum.voted())),
        timer: state.timer,
        election: state.election,
        replicas: state.replicas,
        unacknowledged: state.unacknowledged,
        log: log_view(&disk.log),
        fetching_snapshot: state.fetching_snapshot,
        high_watermark: quorum.map_or(-1, |quorum| quorum.high_watermark()),
        waiting: committed.chain(fetches).collect(),
    }
}

fn broker_log_view(node: &Node) -> BrokerLogView {
    let log = &node.disk.broker.metadata_log;
    BrokerLogView {
        node: node.config.id,
        start_offset: log.start_offset(),
        end_offset: log.end_offset(),
        snapshots: log.snapshots().iter().map(|snapshot| SnapshotView::of(snapshot)).collect(),
    }
}

fn waiting(context: &RequestContext, waits_for: ControllerWait) -> ControllerRequestView {
    ControllerRequestView { request: RequestId::of(context), from: context.from.actor(), api: context.api, waits_for }
}

/// What of a voter depends on where it stands.
#[derive(Default)]
struct StateView {
    timer: Option<QuorumTimerView>,
    election: Option<ElectionView>,
    replicas: Vec<QuorumReplicaView>,
    unacknowledged: Vec<i32>,
    fetching_snapshot: Option<FetchingSnapshotView>,
}

impl StateView {
    fn of(quorum: &Quorum, now: Millis) -> Self {
        let config = quorum.config();
        let timer = |timer: QuorumTimer, at: Millis| {
            let longest_ms = match timer {
                QuorumTimer::Election => config.election_timeout_ms.saturating_mul(2),
                QuorumTimer::Fetch => config.fetch_timeout_ms,
                QuorumTimer::CheckQuorum => config.check_quorum_ms(),
            };
            Some(QuorumTimerView { timer, left_ms: at.saturating_sub(now), longest_ms })
        };
        match quorum.state() {
            EpochState::Unattached { election_at } => {
                Self { timer: timer(QuorumTimer::Election, *election_at), ..Self::default() }
            }
            EpochState::Prospective(election) | EpochState::Candidate(election) => Self {
                timer: timer(QuorumTimer::Election, election.election_at),
                election: Some(ElectionView {
                    is_pre_vote: matches!(quorum.state(), EpochState::Prospective(_)),
                    votes: election.votes.iter().map(|(voter, vote)| (*voter, *vote)).collect(),
                }),
                ..Self::default()
            },
            EpochState::Leader(leader) => {
                let ago = |at: Option<Millis>| at.map(|at| now.saturating_sub(at));
                let all = (leader.voters.iter().map(|(node, state)| ((node, state), true)))
                    .chain(leader.observers.iter().map(|(key, state)| ((&key.id, state), false)));
                // It does not fetch from itself.
                let others = all.filter(|((node, _), _)| Some(**node) != quorum.leader());
                let replicas = others.map(|((node, state), is_voter)| QuorumReplicaView {
                    node: *node,
                    is_voter,
                    log_end_offset: state.log_end_offset,
                    fetched_ago_ms: ago(state.last_fetch_ms),
                    caught_up_ago_ms: ago(state.last_caught_up_ms),
                });
                let others = leader.voters.len() > 1;
                // A textbook's leader never resigns for it.
                let is_checked = leader.check_quorum_at < Millis::MAX;
                Self {
                    timer: timer(QuorumTimer::CheckQuorum, leader.check_quorum_at).filter(|_| others && is_checked),
                    replicas: replicas.collect(),
                    ..Self::default()
                }
            }
            EpochState::Follower { fetch_timeout_at, fetching_snapshot, .. } => Self {
                timer: timer(
                    if quorum.is_pushed_to() { QuorumTimer::Election } else { QuorumTimer::Fetch },
                    *fetch_timeout_at,
                ),
                fetching_snapshot: fetching_snapshot.as_ref().map(|fetching| FetchingSnapshotView {
                    end_offset: fetching.id.offset,
                    epoch: fetching.id.epoch,
                    bytes: fetching.position,
                }),
                ..Self::default()
            },
            EpochState::Resigned { election_at, unacknowledged, .. } => Self {
                timer: timer(QuorumTimer::Election, *election_at),
                unacknowledged: unacknowledged.iter().copied().collect(),
                ..Self::default()
            },
        }
    }
}

fn log_view(log: &MetadataLog) -> MetadataLogView {
    let first = log.end_offset().saturating_sub(RECORDS_SHOWN_MAX);
    let from = log.batches().partition_point(|batch| batch.last_offset() < first);
    MetadataLogView {
        start_offset: log.start_offset(),
        end_offset: log.end_offset(),
        last_epoch: log.last_epoch(),
        snapshots: log.snapshots().iter().map(|snapshot| SnapshotView::of(snapshot)).collect(),
        newest: log.batches()[from..].to_vec(),
    }
}

fn batch_records(batch: &RecordBatch) -> impl DoubleEndedIterator<Item = MetadataRecordView> + '_ {
    let control = batch.records.iter().filter(|_| batch.is_control).filter_map(|record| {
        let control = QuorumControlRecord::read(record)?;
        Some((record.offset_delta, control.kind().to_owned(), control.data().to_string()))
    });
    let metadata = MetadataRecord::all_of(batch).iter();
    let metadata = metadata.map(|(delta, record)| (*delta, record.kind().to_owned(), record.data().to_string()));
    control.chain(metadata).map(|(delta, kind, data)| MetadataRecordView {
        offset: batch.base_offset.saturating_add(i64::from(delta)),
        epoch: batch.partition_leader_epoch,
        is_control: batch.is_control,
        kind,
        data,
    })
}
