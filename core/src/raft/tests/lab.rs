//! A quorum of nothing but voters, with a network between them that keeps order, watched from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::actor::{Endpoint, Listener};
use crate::change::Change;
use crate::connection;
use crate::connection::Connection;
use crate::effects::{ControllerTimer, Effects, IdleExpiry, Outgoing, RequestContext, Timer};
use crate::invariant::InvariantViolation;
use crate::invariant::quorum::{CheckedQuorum, SeenVoter};
use crate::metadata::MetadataRecord;
use crate::raft::state::EpochState;
use crate::raft::{ControllerDisk, Quorum, ReplicaKey, Role, SnapshotRetention, VoterNode, VoterSet};
use crate::raft::{QuorumConfig, QuorumMember};
use crate::settings::RaftProtocol;
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::wire::api_versions;
use crate::wire::feature_levels::FinalizedFeatures;
use crate::wire::quorum::LeaderEndpoint;
use crate::wire::{ApiKey, ErrorCode, Request, Response, Uuid};

const LATENCY_MS: Millis = 2;
pub(super) const CONFIG: QuorumConfig = QuorumConfig {
    election_timeout_ms: 1_000,
    fetch_timeout_ms: 2_000,
    election_backoff_max_ms: 1_000,
    request_timeout_ms: 2_000,
    retry_backoff_ms: 20,
    fetch_max_bytes: 1_048_576,
    fetch_snapshot_max_bytes: 1_048_576,
    pre_vote: true,
    auto_join: false,
    raft: RaftProtocol::KRaft,
    idle_expiry: IdleExpiry::NEVER,
};
/// The same of a quorum of Raft's paper.
pub(super) const TEXTBOOK: QuorumConfig = CONFIG.as_in_textbook();

enum Event {
    Request(i32, RequestContext, Request),
    Response(i32, i32, i32, Option<Response>),
    Fire(i32, Timer),
    /// Somebody starts a process again that ended by its own fault.
    Restart(i32),
}

/// How a quorum is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// A voter that starts again has forgotten for whom it voted.
    ForgetsItsVote,
    /// A voter votes for every candidate.
    VotesAgain,
    /// A leader counts as committed what earlier leaders wrote, before a record of its own is on a majority.
    CountsOldEpochs,
}

/// The directory of a node.
fn directory(node: i32) -> Uuid {
    Uuid(1_000 + u128::from(node.unsigned_abs()))
}

/// A node with its directory.
pub(super) fn key(id: i32) -> ReplicaKey {
    ReplicaKey { id, directory_id: directory(id) }
}

/// How many processes of one run may end by their own fault: it takes rare coincidences.
const FAULTS_MAX: u32 = 2;
/// How soon such a process is started again, in milliseconds.
const RESTARTS_AFTER_MS: Millis = 1_000;

/// The quorum, its disks and its network.
pub(super) struct Lab {
    pub(super) now: Millis,
    seed: u64,
    pub(super) voters: Vec<i32>,
    pub(super) config: QuorumConfig,
    pub(super) nodes: BTreeMap<i32, Quorum>,
    pub(super) disks: BTreeMap<i32, ControllerDisk>,
    queue: BTreeMap<(Millis, u64), Event>,
    timers: BTreeMap<(i32, Timer), (Millis, u64)>,
    numbers: u64,
    /// Nodes that nothing reaches and that reach nobody.
    pub(super) cut: BTreeSet<i32>,
    /// How many processes there were, by node.
    incarnations: BTreeMap<i32, u32>,
    pub(super) sabotage: Option<Sabotage>,
    /// Whether the log says who votes.
    is_dynamic: bool,
    /// Where nodes listen that listen elsewhere than by themselves.
    pub(super) endpoints: BTreeMap<i32, Vec<LeaderEndpoint>>,
    /// Directories of nodes whose disk was replaced.
    pub(super) directories: BTreeMap<i32, Uuid>,
    /// Nodes that were formatted for another cluster.
    pub(super) strangers: BTreeSet<i32>,
    /// Processes that have the node id of another, which listens elsewhere.
    pub(super) namesakes: BTreeMap<i32, i32>,
    /// Whether all nodes mean the same quorum. If not, nothing is promised.
    pub(super) is_one_quorum: bool,
    /// How many requests of each kind reached each node from another.
    pub(super) received: BTreeMap<(i32, ApiKey), u32>,
    /// What requests by hand were answered, in order.
    pub(super) answers: Vec<Response>,
    /// How many processes have ended by their own fault.
    ended_by_fault: u32,
    /// The last such process and its epoch.
    last_fault: Option<(i32, i32)>,
    /// How many faults there were, each counted once however often a process ended by it.
    faults: u32,
    /// When the last one did.
    last_fault_at: Millis,
    checker: CheckedQuorum,
    /// What was found that must never be.
    pub(super) violations: Vec<InvariantViolation>,
}

impl Lab {
    pub(super) fn new(voters: usize, seed: u64) -> Self {
        Self::with(voters, seed, CONFIG)
    }

    pub(super) fn with(voters: usize, seed: u64, config: QuorumConfig) -> Self {
        let voters: Vec<i32> = (1..).take(voters).collect();
        let mut lab = Self {
            now: 0,
            seed,
            config,
            nodes: BTreeMap::new(),
            disks: voters.iter().map(|voter| (*voter, ControllerDisk::default())).collect(),
            queue: BTreeMap::new(),
            timers: BTreeMap::new(),
            numbers: 0,
            cut: BTreeSet::new(),
            incarnations: BTreeMap::new(),
            sabotage: None,
            is_dynamic: false,
            endpoints: BTreeMap::new(),
            directories: BTreeMap::new(),
            strangers: BTreeSet::new(),
            namesakes: BTreeMap::new(),
            is_one_quorum: true,
            received: BTreeMap::new(),
            answers: Vec::new(),
            faults: 0,
            last_fault: None,
            ended_by_fault: 0,
            last_fault_at: 0,
            checker: CheckedQuorum::default(),
            violations: Vec::new(),
            voters,
        };
        lab.voters.clone().into_iter().for_each(|voter| lab.start(voter));
        lab
    }

    /// Controllers of which only the first vote; the others watch until they are added.
    pub(super) fn dynamic(controllers: usize, voters: usize, seed: u64, config: QuorumConfig) -> Self {
        let mut lab = Self::with(0, seed, config);
        lab.is_dynamic = true;
        lab.voters = (1..).take(controllers).collect();
        let set: VoterSet = (1..).take(voters).map(|id| VoterNode::of(key(id))).collect();
        for node in lab.voters.clone() {
            let disk = lab.disks.entry(node).or_default();
            if set.get(node).is_some() {
                disk.log.format(set.clone());
            }
        }
        lab.voters.clone().into_iter().for_each(|node| lab.start(node));
        lab
    }

    /// Asks a node for something by hand; the answer comes into [`Self::answers`].
    pub(super) fn request(&mut self, node: i32, request: Request) {
        let api = request.api();
        let context = probe_context(api, api.version());
        self.schedule(self.now, Event::Request(node, context, request));
    }

    pub(super) fn start(&mut self, node_id: i32) {
        self.numbers += 1;
        *self.incarnations.entry(node_id).or_default() += 1;
        let is_dynamic = self.is_dynamic;
        let member = QuorumMember {
            node_id: self.namesakes.get(&node_id).copied().unwrap_or(node_id),
            cluster_id: if self.strangers.contains(&node_id) { "another" } else { "cluster" }.to_owned(),
            directory_id: self.directories.get(&node_id).copied().unwrap_or_else(|| directory(node_id)),
            endpoints: self.endpoints.get(&node_id).cloned().unwrap_or(VoterNode::of(key(node_id)).endpoints).into(),
            voters: Rc::new(if is_dynamic { VoterSet::default() } else { VoterSet::of_ids(&self.voters) }),
            bootstrap: self.voters.as_slice().into(),
            config: self.config,
        };
        let random = Random::for_purpose(self.seed + self.numbers, Purpose::Elections(node_id));
        let disk = self.disks.get_mut(&node_id).expect("it has a disk");
        if self.sabotage == Some(Sabotage::ForgetsItsVote) {
            disk.quorum_state.voted_id = -1;
        }
        let mut fx = Effects::at(self.now);
        let mut quorum = Quorum::start(member, random, disk, self.now, &mut fx);
        quorum.poll(disk, self.now, &mut fx);
        self.nodes.insert(node_id, quorum);
        self.apply(node_id, fx);
    }

    /// Starts a node that is no voter.
    pub(super) fn observe(&mut self, node: i32) {
        self.disks.insert(node, ControllerDisk::default());
        self.start(node);
    }

    pub(super) fn kill(&mut self, node: i32) {
        self.nodes.remove(&node);
        let dead: Vec<_> = self.timers.keys().filter(|(owner, _)| *owner == node).cloned().collect();
        for key in dead {
            let at = self.timers.remove(&key).expect("it is set");
            self.queue.remove(&at);
        }
        let others: Vec<i32> = self.nodes.keys().copied().collect();
        for other in others {
            self.act(other, |quorum, disk, now, fx| {
                quorum.disconnected(disk, node, connection::Purpose::Quorum, now, fx)
            });
        }
    }

    pub(super) fn act(&mut self, node: i32, act: impl FnOnce(&mut Quorum, &mut ControllerDisk, Millis, &mut Effects)) {
        let (Some(quorum), Some(disk)) = (self.nodes.get_mut(&node), self.disks.get_mut(&node)) else { return };
        let mut fx = Effects::at(self.now);
        if self.sabotage == Some(Sabotage::VotesAgain) && !quorum.is_leader() {
            quorum.voted = None;
        }
        act(quorum, disk, self.now, &mut fx);
        if let (Some(Sabotage::CountsOldEpochs), EpochState::Leader(leader)) = (self.sabotage, &mut quorum.state) {
            leader.epoch_start_offset = -1;
        }
        quorum.poll(disk, self.now, &mut fx);
        self.apply(node, fx);
    }

    fn schedule(&mut self, at: Millis, event: Event) -> (Millis, u64) {
        self.numbers += 1;
        self.queue.insert((at, self.numbers), event);
        (at, self.numbers)
    }

    fn apply(&mut self, node: i32, fx: Effects) {
        if fx.halts {
            // A voter may have voted for itself, lost, followed, and started again as a candidate in the very epoch that its last record
            // is of; and a node may hear of a leader from one that does not know where it listens. Kafka's thread survives neither.
            // What starts again with the same file ends again in the same epoch, until the others have gone on: that is one fault.
            let fault = self.nodes.get(&node).map(|quorum| (node, quorum.epoch()));
            self.faults += u32::from(self.last_fault != fault);
            self.last_fault = fault;
            self.ended_by_fault += 1;
            self.last_fault_at = self.now;
            let may_again = self.is_dynamic || self.faults <= FAULTS_MAX;
            assert!(may_again, "seed {}: node {node} ended by a fault again", self.seed);
            self.kill(node);
            self.schedule(self.now + RESTARTS_AFTER_MS, Event::Restart(node));
            return;
        }
        for outgoing in fx.sends {
            let at = self.now + LATENCY_MS;
            match outgoing {
                Outgoing::NoResponse { .. } | Outgoing::Disconnect { .. } => {}
                Outgoing::Request { to, header, request, .. } => {
                    let (to, _) = to.listener().expect("a node is asked");
                    let request_context = RequestContext {
                        from: Endpoint::Controller(node),
                        incarnation: 0,
                        correlation_id: header.correlation_id,
                        api: request.api(),
                        version: header.request_api_version,
                        principal: None,
                        connection: Connection::default(),
                        client_id: None,
                        size_bytes: 0,
                        thread_ms: 0,
                    };
                    self.schedule(at, Event::Request(to, request_context, *request));
                }
                Outgoing::Response { to, response, .. } => {
                    let response = response.map(|response| *response);
                    let Some((requester, _)) = to.from.listener() else {
                        self.answers.extend(response);
                        continue;
                    };
                    self.schedule(at, Event::Response(requester, node, to.correlation_id, response));
                }
            }
        }
        for (timer, at) in fx.timers {
            if let Some(before) = self.timers.remove(&(node, timer.clone())) {
                self.queue.remove(&before);
            }
            if let Some(at) = at {
                let set = self.schedule(at.max(self.now), Event::Fire(node, timer.clone()));
                self.timers.insert((node, timer), set);
            }
        }
        self.check_invariants(node);
    }

    fn check_invariants(&mut self, node: i32) {
        let Some(quorum) = self.nodes.get(&node) else { return };
        let seen = SeenVoter {
            node,
            incarnation: self.incarnations[&node],
            epoch: quorum.epoch(),
            voted: quorum.voted(),
            leads: quorum.is_leader(),
            high_watermark: quorum.high_watermark(),
            log: &self.disks[&node].log,
            voters: quorum.voters(),
        };
        self.violations.extend(self.checker.observe(seen, |node| self.disks.get(&node).map(|disk| &disk.log)));
        if self.sabotage.is_none() && self.is_one_quorum {
            assert_eq!(self.violations, [], "seed {}, at {} ms", self.seed, self.now);
        }
    }

    /// Whether a process ends by a fault again and again: the leader of the last epoch is no voter any more, and nobody knows where it
    /// listens. With its vote somebody else might win.
    pub(super) fn is_in_crash_loop(&self) -> bool {
        self.is_dynamic && self.ended_by_fault > FAULTS_MAX && self.now - self.last_fault_at <= 2 * RESTARTS_AFTER_MS
    }

    pub(super) fn step(&mut self) {
        let Some(((at, _), event)) = self.queue.pop_first() else {
            // Only a leader that is the only voter waits for nothing.
            assert!(self.nodes.values().all(Quorum::is_leader), "seed {}: nothing is scheduled", self.seed);
            return;
        };
        self.now = self.now.max(at);
        match event {
            Event::Request(to, request_context, request) => {
                let requester = request_context.from.listener().map_or(-1, |(requester, _)| requester);
                if self.cut.contains(&to) || self.cut.contains(&requester) {
                    return;
                }
                if !self.nodes.contains_key(&to) {
                    self.act(requester, |quorum, disk, now, fx| {
                        quorum.disconnected(disk, to, connection::Purpose::Quorum, now, fx)
                    });
                    return;
                }
                if requester >= 0 {
                    *self.received.entry((to, request.api())).or_default() += 1;
                }
                self.act(to, |quorum, disk, now, fx| match request {
                    Request::Vote(request) => quorum.handle_vote(disk, &request_context, &request, now, fx),
                    Request::BeginQuorumEpoch(request) => {
                        quorum.handle_begin_quorum_epoch(disk, &request_context, &request, now, fx);
                    }
                    Request::EndQuorumEpoch(request) => {
                        quorum.handle_end_quorum_epoch(disk, &request_context, &request, now, fx);
                    }
                    Request::Fetch(request) => quorum.handle_fetch(disk, request_context, request, now, fx),
                    Request::FetchSnapshot(request) => {
                        quorum.handle_fetch_snapshot(disk, &request_context, &request, now, fx);
                    }
                    Request::AppendEntries(request) => {
                        assert!(quorum.takes_entries(&request_context, &request), "it has no business there");
                        quorum.handle_append_entries(disk, &request_context, &request, now, fx);
                    }
                    Request::AddRaftVoter(request) => {
                        quorum.handle_add_voter(disk, &request_context, &request, now, fx);
                    }
                    Request::RemoveRaftVoter(request) => {
                        quorum.handle_remove_voter(disk, &request_context, &request, now, fx);
                    }
                    Request::UpdateRaftVoter(request) => {
                        quorum.handle_update_voter(disk, &request_context, &request, now, fx);
                    }
                    Request::ApiVersions(request) => {
                        let features = FinalizedFeatures { levels: &BTreeMap::new(), kraft_version: 0, epoch: 0 };
                        let version = request_context.version;
                        let answer = api_versions::answer(&request, version, Listener::Controller, features);
                        fx.answer(&request_context, Response::ApiVersions(answer));
                    }
                    other => panic!("voters do not send {:?}", other.api()),
                });
            }
            Event::Response(requester, from, correlation_id, response) => {
                if self.cut.contains(&requester) || self.cut.contains(&from) {
                    return;
                }
                let response = response.expect("no connection is closed");
                self.act(requester, |quorum, disk, now, fx| {
                    quorum.handle_answer(disk, from, correlation_id, response, now, fx);
                });
            }
            Event::Restart(node) => {
                if !self.nodes.contains_key(&node) {
                    self.start(node);
                }
            }
            Event::Fire(node, timer) => {
                self.timers.remove(&(node, timer.clone()));
                self.act(node, |quorum, disk, now, fx| match timer {
                    Timer::RequestTimeout => quorum.give_up_requests(disk, now, fx),
                    Timer::Controller(ControllerTimer::Purgatory(number)) => {
                        quorum.expire_delayed_fetches(disk, number, fx);
                    }
                    Timer::Controller(timer) => {
                        quorum.handle_timer(disk, &timer, now, fx);
                    }
                    other => panic!("a voter does not set {other:?}"),
                });
            }
        }
    }

    pub(super) fn run(&mut self, ms: Millis) {
        let until = self.now + ms;
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.step();
        }
        self.now = until;
    }

    pub(super) fn leader(&self) -> Option<i32> {
        let leaders = self.nodes.iter().filter(|(node, quorum)| quorum.is_leader() && !self.cut.contains(node));
        leaders.max_by_key(|(_, quorum)| quorum.epoch()).map(|(node, _)| *node)
    }

    /// Runs until somebody leads whose epoch's first record is committed.
    pub(super) fn elect(&mut self) -> i32 {
        let until = self.now + 30_000;
        loop {
            if let Some(leader) = self.leader()
                && self.nodes[&leader].is_leader_change_committed()
            {
                return leader;
            }
            assert!(self.now < until, "nobody was elected in 30 s: {:?}", self.roles());
            self.step();
        }
    }

    pub(super) fn roles(&self) -> Vec<(i32, Role, i32)> {
        self.nodes.iter().map(|(node, quorum)| (*node, quorum.role(), quorum.epoch())).collect()
    }

    /// Appends a setting, of which there are not many: what the log says is less than it holds.
    pub(super) fn append(&mut self, leader: i32) -> i64 {
        self.numbers += 1;
        let record = MetadataRecord::ConfigRecord {
            resource_type: 4,
            resource_name: String::new(),
            name: format!("setting.{}", self.numbers % 5),
            value: Some(self.numbers.to_string()),
        };
        let mut offset = -1;
        self.act(leader, |quorum, disk, now, fx| {
            offset = quorum.append(disk, std::slice::from_ref(&record), now);
            quorum.replicate(disk, now, fx);
        });
        offset
    }

    /// Asks a node something by hand: gives what it refused it for, if it did, and the answer.
    pub(super) fn ask(&mut self, node: i32, request: Request) -> (Option<ErrorCode>, Response) {
        let api = request.api();
        let context = probe_context(api, api.version());
        let (quorum, disk) = (self.nodes.get_mut(&node).expect("it runs"), self.disks.get_mut(&node).expect("a disk"));
        let mut fx = Effects::at(self.now);
        match request {
            Request::FetchSnapshot(request) => {
                quorum.handle_fetch_snapshot(disk, &context, &request, self.now, &mut fx);
            }
            other => panic!("{:?} is asked otherwise", other.api()),
        }
        let refused = fx.changes.iter().find_map(|change| match change {
            Change::Refused { error, .. } => Some(*error),
            _ => None,
        });
        let is_to_probe =
            |outgoing: &Outgoing| matches!(outgoing, Outgoing::Response { to, .. } if to.from == Endpoint::Probe(1));
        let at = fx.sends.iter().position(is_to_probe).expect("it answers at once");
        let Outgoing::Response { response: Some(response), .. } = fx.sends.remove(at) else { panic!("no answer") };
        self.apply(node, fx);
        (refused, *response)
    }

    /// A node makes a snapshot of all that it knows to be committed.
    pub(super) fn snapshot(&mut self, node: i32) {
        self.act(node, |quorum, disk, now, _| {
            let committed = quorum.high_watermark().min(disk.log.end_offset());
            if committed >= disk.log.start_offset()
                && let Some(snapshot) = disk.log.snapshot_of(committed, &disk.log.image_at(committed), now)
            {
                disk.log.add_snapshot(snapshot);
            }
        });
    }

    /// A node deletes all snapshots but the newest, and the log below that.
    pub(super) fn clean(&mut self, node: i32) {
        self.act(node, |_, disk, now, _| {
            disk.log.clean(SnapshotRetention { bytes: 0, ms: -1 }, now);
        });
    }

    pub(super) fn ends(&self) -> Vec<i64> {
        self.disks.values().map(|disk| disk.log.end_offset()).collect()
    }
}

/// The context of a probe's request.
pub(super) fn probe_context(api: ApiKey, version: i16) -> RequestContext {
    RequestContext {
        from: Endpoint::Probe(1),
        incarnation: 0,
        correlation_id: 0,
        api,
        version,
        principal: None,
        connection: Connection::default(),
        client_id: None,
        size_bytes: 0,
        thread_ms: 0,
    }
}
