//! A quorum of nothing but voters, with a network between them that keeps order: elections, failover, truncation.

use std::collections::{BTreeMap, BTreeSet};

use super::quorum::{QuorumConfig, QuorumMember};
use super::{ControllerDisk, Quorum, Role};
use crate::actor::Endpoint;
use crate::effects::{ControllerTimer, Effects, Outgoing, RequestContext, Timer};
use crate::metadata::MetadataRecord;
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::wire::{Request, Response};

const LATENCY_MS: Millis = 2;
const CONFIG: QuorumConfig = QuorumConfig {
    election_timeout_ms: 1_000,
    fetch_timeout_ms: 2_000,
    election_backoff_max_ms: 1_000,
    request_timeout_ms: 2_000,
    retry_backoff_ms: 20,
};

enum Event {
    Request(i32, RequestContext, Request),
    Response(i32, i32, i32, Option<Response>),
    Fire(i32, Timer),
}

struct Lab {
    now: Millis,
    seed: u64,
    voters: Vec<i32>,
    nodes: BTreeMap<i32, Quorum>,
    disks: BTreeMap<i32, ControllerDisk>,
    queue: BTreeMap<(Millis, u64), Event>,
    timers: BTreeMap<(i32, Timer), (Millis, u64)>,
    numbers: u64,
    cut: BTreeSet<i32>,
    leaders: BTreeMap<i32, i32>,
}

impl Lab {
    fn new(voters: usize, seed: u64) -> Self {
        let voters: Vec<i32> = (1..).take(voters).collect();
        let mut lab = Self {
            now: 0,
            seed,
            nodes: BTreeMap::new(),
            disks: voters.iter().map(|voter| (*voter, ControllerDisk::default())).collect(),
            queue: BTreeMap::new(),
            timers: BTreeMap::new(),
            numbers: 0,
            cut: BTreeSet::new(),
            leaders: BTreeMap::new(),
            voters,
        };
        lab.voters.clone().into_iter().for_each(|voter| lab.start(voter));
        lab
    }

    fn start(&mut self, node_id: i32) {
        self.numbers += 1;
        let member = QuorumMember {
            node_id,
            cluster_id: "cluster".to_owned(),
            voters: self.voters.as_slice().into(),
            config: CONFIG,
        };
        let random = Random::for_purpose(self.seed + self.numbers, Purpose::Elections(node_id));
        let disk = self.disks.get_mut(&node_id).expect("it has a disk");
        let mut fx = Effects::default();
        let mut quorum = Quorum::start(member, random, disk, self.now, &mut fx);
        quorum.poll(disk, self.now, &mut fx);
        self.nodes.insert(node_id, quorum);
        self.apply(node_id, fx);
    }

    fn kill(&mut self, node: i32) {
        self.nodes.remove(&node);
        let dead: Vec<_> = self.timers.keys().filter(|(owner, _)| *owner == node).cloned().collect();
        for key in dead {
            let at = self.timers.remove(&key).expect("it is set");
            self.queue.remove(&at);
        }
        let others: Vec<i32> = self.nodes.keys().copied().collect();
        for other in others {
            self.with(other, |quorum, disk, now, fx| quorum.peer_gone(disk, node, now, fx));
        }
    }

    fn with(&mut self, node: i32, act: impl FnOnce(&mut Quorum, &mut ControllerDisk, Millis, &mut Effects)) {
        let (Some(quorum), Some(disk)) = (self.nodes.get_mut(&node), self.disks.get_mut(&node)) else { return };
        let mut fx = Effects::default();
        act(quorum, disk, self.now, &mut fx);
        quorum.poll(disk, self.now, &mut fx);
        self.apply(node, fx);
    }

    fn schedule(&mut self, at: Millis, event: Event) -> (Millis, u64) {
        self.numbers += 1;
        self.queue.insert((at, self.numbers), event);
        (at, self.numbers)
    }

    fn apply(&mut self, node: i32, fx: Effects) {
        for outgoing in fx.sends {
            let at = self.now + LATENCY_MS;
            match outgoing {
                Outgoing::Request { to, header, request } => {
                    let (to, _) = to.listener().expect("a node is asked");
                    let request_context = RequestContext {
                        from: Endpoint::Controller(node),
                        incarnation: 0,
                        correlation_id: header.correlation_id,
                        api: request.api(),
                        version: header.request_api_version,
                    };
                    self.schedule(at, Event::Request(to, request_context, request));
                }
                Outgoing::Response { to, response } => {
                    let (asker, _) = to.from.listener().expect("a node asked");
                    self.schedule(at, Event::Response(asker, node, to.correlation_id, response));
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
        let Some(quorum) = self.nodes.get(&node) else { return };
        if quorum.is_leader() {
            let first = *self.leaders.entry(quorum.epoch()).or_insert(node);
            assert_eq!(first, node, "epoch {} has two leaders", quorum.epoch());
        }
    }

    fn step(&mut self) {
        let ((at, _), event) = self.queue.pop_first().expect("something is scheduled");
        self.now = self.now.max(at);
        match event {
            Event::Request(to, request_context, request) => {
                let (asker, _) = request_context.from.listener().expect("a node asked");
                if self.cut.contains(&to) || self.cut.contains(&asker) {
                    return;
                }
                if !self.nodes.contains_key(&to) {
                    self.with(asker, |quorum, disk, now, fx| quorum.peer_gone(disk, to, now, fx));
                    return;
                }
                self.with(to, |quorum, disk, now, fx| match request {
                    Request::Vote(request) => quorum.handle_vote(disk, &request_context, &request, now, fx),
                    Request::BeginQuorumEpoch(request) => {
                        quorum.handle_begin_quorum_epoch(disk, &request_context, &request, now, fx);
                    }
                    Request::EndQuorumEpoch(request) => {
                        quorum.handle_end_quorum_epoch(disk, &request_context, &request, now, fx);
                    }
                    Request::Fetch(request) => quorum.handle_fetch(disk, request_context, request, now, fx),
                    other => panic!("voters do not send {:?}", other.api()),
                });
            }
            Event::Response(asker, from, correlation_id, response) => {
                if self.cut.contains(&asker) || self.cut.contains(&from) {
                    return;
                }
                let response = response.expect("no connection is closed");
                self.with(asker, |quorum, disk, now, fx| {
                    quorum.handle_answer(disk, from, correlation_id, response, now, fx);
                });
            }
            Event::Fire(node, timer) => {
                self.timers.remove(&(node, timer.clone()));
                self.with(node, |quorum, disk, now, fx| match timer {
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

    fn run(&mut self, ms: Millis) {
        let until = self.now + ms;
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            self.step();
        }
        self.now = until;
    }

    fn leader(&self) -> Option<i32> {
        let leaders = self.nodes.iter().filter(|(node, quorum)| quorum.is_leader() && !self.cut.contains(node));
        leaders.max_by_key(|(_, quorum)| quorum.epoch()).map(|(node, _)| *node)
    }

    /// Runs until somebody leads whose epoch's first record is committed.
    fn elect(&mut self) -> i32 {
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

    fn roles(&self) -> Vec<(i32, Role, i32)> {
        self.nodes.iter().map(|(node, quorum)| (*node, quorum.role(), quorum.epoch())).collect()
    }

    fn append(&mut self, leader: i32) -> i64 {
        let mut offset = -1;
        self.with(leader, |quorum, disk, now, fx| {
            offset = quorum.append(disk, &[MetadataRecord::NoOpRecord {}], now);
            quorum.complete_delayed_fetches(disk, fx);
        });
        offset
    }

    fn ends(&self) -> Vec<i64> {
        self.disks.values().map(|disk| disk.log.end_offset()).collect()
    }
}

#[test]
fn the_only_voter_leads_at_once() {
    let lab = Lab::new(1, 1);
    assert_eq!(lab.roles(), [(1, Role::Leader, 1)]);
    assert!(lab.nodes[&1].is_leader_change_committed());
}

#[test]
fn every_size_of_quorum_elects_a_leader_that_all_follow() {
    for voters in 2..=9 {
        for seed in 0..6 {
            let mut lab = Lab::new(voters, seed);
            let leader = lab.elect();
            lab.run(3_000);
            assert_eq!(lab.leader(), Some(leader), "it is not unseated: {:?}", lab.roles());
            let followers = lab.nodes.values().filter(|quorum| quorum.role() == Role::Follower).count();
            assert_eq!(followers, voters - 1, "{:?}", lab.roles());
        }
    }
}

#[test]
fn what_a_majority_has_is_committed_and_reaches_everybody() {
    let mut lab = Lab::new(3, 7);
    let leader = lab.elect();
    let offset = lab.append(leader);
    lab.run(50);
    assert!(lab.nodes.values().all(|quorum| quorum.high_watermark() == offset + 1), "{:?}", lab.ends());
}

#[test]
fn the_death_of_a_leader_is_noticed_within_the_fetch_timeout_and_survived() {
    for seed in 0..20 {
        let mut lab = Lab::new(3, seed);
        let leader = lab.elect();
        let epoch = lab.nodes[&leader].epoch();
        let offset = lab.append(leader);
        lab.run(50);
        let died_at = lab.now;
        lab.kill(leader);
        let next = lab.elect();
        assert!(next != leader && lab.nodes[&next].epoch() > epoch);
        assert!(lab.now - died_at < 10_000, "seed {seed}: {} ms", lab.now - died_at);
        assert!(lab.nodes[&next].high_watermark() > offset, "what was committed stays");
        lab.start(leader);
        lab.run(5_000);
        assert_eq!(lab.nodes[&leader].role(), Role::Follower, "seed {seed}: {:?}", lab.roles());
    }
}

#[test]
fn a_leader_without_a_majority_resigns_and_its_uncommitted_records_vanish() {
    let mut lab = Lab::new(3, 3);
    let old = lab.elect();
    lab.run(1_000);
    lab.cut.insert(old);
    let lost = lab.append(old);
    lab.run(CONFIG.check_quorum_ms() + 1_000);
    assert_ne!(lab.nodes[&old].role(), Role::Leader, "{:?}", lab.roles());
    let new = lab.elect();
    assert_ne!(new, old);
    lab.append(new);
    lab.run(100);
    lab.cut.clear();
    lab.run(10_000);
    let leader = lab.leader().expect("somebody leads");
    let log = |node: i32| lab.disks[&node].log.batches().to_vec();
    assert_eq!(log(old), log(leader), "the logs are equal from {lost} on, too");
}

#[test]
fn a_voter_that_comes_back_does_not_unseat_a_leader() {
    let mut lab = Lab::new(3, 11);
    let leader = lab.elect();
    let epoch = lab.nodes[&leader].epoch();
    let cut_off = lab.voters.iter().copied().find(|voter| *voter != leader).expect("there is another");
    lab.run(500);
    lab.cut.insert(cut_off);
    lab.run(20_000);
    assert_eq!(lab.nodes[&cut_off].epoch(), epoch, "pre-votes raise no epoch (KIP-996): {:?}", lab.roles());
    lab.cut.clear();
    lab.run(5_000);
    assert_eq!((lab.leader(), lab.nodes[&leader].epoch()), (Some(leader), epoch));
    assert_eq!(lab.nodes[&cut_off].role(), Role::Follower);
}

#[test]
fn a_voter_that_restarts_votes_for_nobody_else_in_the_epoch() {
    let mut lab = Lab::new(3, 5);
    lab.run(900);
    let mut disk = ControllerDisk::default();
    disk.quorum_state.leader_epoch = 4;
    disk.quorum_state.voted_id = 2;
    lab.disks.insert(1, disk);
    lab.kill(1);
    lab.start(1);
    assert_eq!((lab.nodes[&1].epoch(), lab.nodes[&1].voted()), (4, Some(2)));
    assert_eq!(lab.nodes[&1].role(), Role::Unattached);
}
