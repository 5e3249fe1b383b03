//! A controller with brokers that only register, send heartbeats and let their ISRs grow.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::actor::Endpoint;
use crate::change::Change;
use crate::controller::{Controller, ControllerDisk, ControllerStart};
use crate::effects::{ControllerTimer, Effects, Outgoing, ReceivedRequest, RequestContext};
use crate::metadata::MetadataRecord;
use crate::raft::VoterSet;
use crate::raft::voter_set::endpoint;
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::sim::random::{Purpose, Random};
use crate::wire::feature_levels::supported_features;
use crate::wire::metadata::*;
use crate::wire::{Request, Response, Uuid};

pub const CLUSTER_ID: &str = "kafkascope";
const CONTROLLER: i32 = 9;

#[derive(Default)]
struct FakeBroker {
    running: bool,
    paused: bool,
    registered: bool,
    incarnation: u128,
    rack: Option<String>,
    epoch: i64,
    /// The epoch that a clean end wrote down.
    clean_epoch: i64,
}

/// The controller, its disk, its timers and some brokers.
pub struct Lab {
    pub controller: Controller,
    pub disk: ControllerDisk,
    pub now: Millis,
    pub settings: BrokerSettings,
    pub changes: Vec<Change>,
    pub cuts: BTreeSet<(i32, i32)>,
    timers: BTreeMap<ControllerTimer, Millis>,
    brokers: BTreeMap<i32, FakeBroker>,
    incarnations: u128,
    correlation_id: i32,
    reported_end: i64,
}

impl Lab {
    pub fn new(settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let settings = BrokerSettings::with(&settings).expect("known settings");
        let mut disk = ControllerDisk::default();
        let mut fx = Effects::default();
        let start = ControllerStart {
            node_id: CONTROLLER,
            settings: Rc::new(settings.clone()),
            cluster_id: CLUSTER_ID.to_owned(),
            directory_id: Uuid::ZERO,
            endpoints: [endpoint(CONTROLLER)].into(),
            bootstrap: [CONTROLLER].into(),
            voters: Rc::new(VoterSet::of_ids(&[CONTROLLER])),
            random: Random::for_purpose(1, Purpose::Actor(9)),
            quorum_random: Random::for_purpose(1, Purpose::Elections(CONTROLLER)),
        };
        let controller = Controller::start(start, &mut disk, 0, &mut fx);
        let mut lab = Self {
            controller,
            disk,
            now: 0,
            settings,
            changes: Vec::new(),
            cuts: BTreeSet::new(),
            timers: BTreeMap::new(),
            brokers: BTreeMap::new(),
            incarnations: 1_000,
            correlation_id: 0,
            reported_end: 0,
        };
        lab.take(fx);
        lab
    }

    fn take(&mut self, fx: Effects) -> Vec<(RequestContext, Option<Response>)> {
        for (timer, at) in fx.timers {
            let timer = ControllerTimer::try_from(timer).expect("a controller's own timer");
            match at {
                Some(at) => self.timers.insert(timer, at),
                None => self.timers.remove(&timer),
            };
        }
        self.changes.extend(fx.changes);
        let sends = fx.sends.into_iter();
        sends
            .filter_map(|sent| match sent {
                Outgoing::Response { to, response, .. } => Some((to, response.map(|response| *response))),
                Outgoing::Request { .. } | Outgoing::NoResponse { .. } | Outgoing::Disconnect { .. } => None,
            })
            .collect()
    }

    /// Sends a request and gives the answers that it set free.
    pub fn send(&mut self, from: Endpoint, request: Request) -> Vec<Response> {
        self.correlation_id += 1;
        let api = request.api();
        let request_context = RequestContext {
            from,
            incarnation: 0,
            correlation_id: self.correlation_id,
            api,
            version: api.version(),
            principal: None,
            connection: crate::connection::Connection::default(),
            client_id: None,
            size_bytes: 0,
            thread_ms: 0,
        };
        let mut fx = Effects::default();
        let received = ReceivedRequest { request_context, request: Box::new(request) };
        self.controller.handle_request(&mut self.disk, received, self.now, &mut fx);
        self.take(fx).into_iter().filter_map(|(_, response)| response).collect()
    }

    /// Sends a request as the admin client and gives its answer.
    pub fn ask(&mut self, request: Request) -> Response {
        self.ask_as(Endpoint::Admin, request)
    }

    /// The same as somebody else.
    pub fn ask_as(&mut self, from: Endpoint, request: Request) -> Response {
        let api = request.api();
        let answers = self.send(from, request);
        answers.into_iter().rfind(|answer| answer.api() == api).expect("an answer")
    }

    /// Virtual time passes: brokers send heartbeats, timers fire.
    pub fn run(&mut self, ms: Millis) {
        let until = self.now + ms;
        while self.now < until {
            self.now += 100;
            self.fire();
            for id in self.brokers.keys().copied().collect::<Vec<_>>() {
                if (self.now + id as u64 * 10) % self.settings.broker_heartbeat_interval_ms < 100 {
                    self.beat(id, false);
                }
            }
            self.grow_isrs();
        }
    }

    fn fire(&mut self) {
        while let Some((timer, _)) = self.timers.iter().find(|(_, at)| **at <= self.now) {
            let timer = timer.clone();
            self.timers.remove(&timer);
            let mut fx = Effects::default();
            self.controller.handle_timer(&mut self.disk, &timer, self.now, &mut fx);
            self.take(fx);
        }
    }

    fn beat(&mut self, id: i32, want_shut_down: bool) -> bool {
        let offset = self.disk.log.end_offset() - 1;
        let reaches = !self.cuts.contains(&(id, CONTROLLER));
        let Some(broker) = self.brokers.get(&id).filter(|broker| reaches && broker.running && !broker.paused) else {
            return false;
        };
        if !broker.registered {
            return self.register(id);
        }
        let request = BrokerHeartbeatRequest {
            broker_id: id,
            broker_epoch: broker.epoch,
            current_metadata_offset: offset,
            want_fence: false,
            want_shut_down,
            cordoned_log_dirs: (offset >= broker.epoch).then(Vec::new),
        };
        match self.send(Endpoint::Broker(id), Request::BrokerHeartbeat(request)).pop() {
            Some(Response::BrokerHeartbeat(answer)) => answer.should_shut_down,
            other => panic!("{other:?}"),
        }
    }

    fn register(&mut self, id: i32) -> bool {
        let broker = &self.brokers[&id];
        let request = BrokerRegistrationRequest {
            broker_id: id,
            cluster_id: CLUSTER_ID.to_owned(),
            incarnation_id: Uuid(broker.incarnation),
            rack: broker.rack.clone(),
            log_dirs: vec![Uuid(1_000_000 + id as u128)],
            features: supported_features().collect(),
            previous_broker_epoch: broker.clean_epoch,
            ..BrokerRegistrationRequest::default()
        };
        if let Some(Response::BrokerRegistration(answer)) =
            self.send(Endpoint::Broker(id), Request::BrokerRegistration(request)).pop()
            && answer.error_code.is_none()
        {
            let broker = self.brokers.get_mut(&id).expect("it is there");
            (broker.registered, broker.epoch, broker.clean_epoch) = (true, answer.broker_epoch, -1);
        }
        false
    }

    /// Leaders ask for every live replica to be in sync, one after the other.
    fn grow_isrs(&mut self) {
        while let Some(request) = self.next_growth() {
            let end_before = self.disk.log.end_offset();
            self.send(Endpoint::Broker(request.broker_id), Request::AlterPartition(request));
            if self.disk.log.end_offset() == end_before {
                // Refused: a real leader would try again later.
                return;
            }
        }
    }

    fn next_growth(&self) -> Option<AlterPartitionRequest> {
        let image = self.controller.image();
        let runs = |id: &i32| self.brokers.get(id).is_some_and(|broker| broker.registered && !broker.paused);
        let active = |id: &i32| image.brokers.get(id).is_some_and(|b| !b.fenced && !b.in_controlled_shutdown);
        for (name, topic_id, partition) in image.partitions() {
            let leader = partition.leader;
            let mut replicas = partition.replicas.clone();
            replicas.sort_unstable();
            let joins = replicas.iter().find(|id| {
                !partition.isr.contains(id) && runs(id) && active(id) && !self.cuts.contains(&(**id, leader))
            });
            let asks = runs(&leader) && !self.cuts.contains(&(leader, CONTROLLER));
            if let (true, Some(joins)) = (asks, joins) {
                let mut isr = partition.isr.clone();
                isr.push(*joins);
                isr.sort_unstable();
                let members = isr.iter().map(|id| BrokerState { broker_id: *id, broker_epoch: -1 });
                let data = AlterPartitionData {
                    partition_index: name.partition,
                    leader_epoch: partition.leader_epoch,
                    new_isr_with_epochs: members.collect(),
                    leader_recovery_state: 0,
                    partition_epoch: partition.partition_epoch,
                    ..AlterPartitionData::default()
                };
                return Some(AlterPartitionRequest {
                    broker_id: leader,
                    broker_epoch: self.brokers[&leader].epoch,
                    topics: vec![AlterPartitionTopic { topic_id, partitions: vec![data] }],
                });
            }
        }
        None
    }

    /// A broker process starts and settles.
    pub fn start(&mut self, id: i32, rack: Option<&str>) {
        self.incarnations += 1;
        let clean_epoch = self.brokers.get(&id).map_or(-1, |broker| broker.clean_epoch);
        let broker = FakeBroker {
            running: true,
            incarnation: self.incarnations,
            rack: rack.map(str::to_owned),
            clean_epoch,
            ..FakeBroker::default()
        };
        self.brokers.insert(id, broker);
        self.run(2 * self.settings.broker_heartbeat_interval_ms);
    }

    pub fn stop(&mut self, id: i32) {
        for _ in 0..100 {
            if self.beat(id, true) {
                break;
            }
            self.run(100);
        }
        let broker = self.brokers.get_mut(&id).expect("it is there");
        (broker.running, broker.registered, broker.clean_epoch) = (false, false, broker.epoch);
        // Nothing is said until the session ends.
        self.run(self.settings.broker_session_timeout_ms + 500);
    }

    /// Brokers that exist only in the controller's mind.
    pub fn adopt(&mut self, id: i32, rack: Option<&str>) {
        let mut fx = Effects::default();
        self.controller.adopt_puppet(&mut self.disk, id, rack.map(str::to_owned), self.now, &mut fx);
        self.take(fx);
    }

    pub fn silence(&mut self, id: i32) {
        let mut fx = Effects::default();
        self.controller.silence_puppet(id, self.now, &mut fx);
        self.take(fx);
    }

    pub fn hear(&mut self, id: i32) {
        let mut fx = Effects::default();
        self.controller.hear_puppet(&mut self.disk, id, self.now, &mut fx);
        self.take(fx);
    }

    pub fn crash(&mut self, id: i32) {
        let broker = self.brokers.get_mut(&id).expect("it is there");
        (broker.running, broker.registered) = (false, false);
    }

    pub fn runs(&self, id: i32) -> bool {
        self.brokers.get(&id).is_some_and(|broker| broker.running)
    }

    pub fn pause(&mut self, id: i32, paused: bool) {
        self.brokers.get_mut(&id).expect("it is there").paused = paused;
    }

    pub fn create(&mut self, topic: &str, assignment: &[&[i32]], configs: &[(&str, &str)]) -> CreateTopicsResponse {
        let assignments = (0..).zip(assignment).map(|(partition_index, replicas)| CreatableReplicaAssignment {
            partition_index,
            broker_ids: replicas.to_vec(),
        });
        let configs = configs
            .iter()
            .map(|(name, value)| CreatableTopicConfig { name: (*name).to_owned(), value: Some((*value).to_owned()) });
        let topic = CreatableTopic {
            name: topic.into(),
            assignments: assignments.collect(),
            configs: configs.collect(),
            ..CreatableTopic::default()
        };
        match self.ask(Request::CreateTopics(CreateTopicsRequest { topics: vec![topic], ..Default::default() })) {
            Response::CreateTopics(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// The records since it was asked last.
    pub fn new_records(&mut self) -> Vec<MetadataRecord> {
        let from = std::mem::replace(&mut self.reported_end, self.disk.log.end_offset());
        self.disk.log.records_from(from).map(|(_, _, record)| record.clone()).collect()
    }

    /// The new records as lines: the type, then the fields that say something.
    pub fn trace(&mut self) -> String {
        self.new_records().iter().map(line).collect()
    }
}

fn line(record: &MetadataRecord) -> String {
    let json = record.to_json();
    let mut fields = json["data"].as_object().expect("an object").clone();
    for (name, silent) in [
        ("topicId", None),
        ("incarnationId", None),
        ("logDirs", None),
        ("rack", Some(serde_json::Value::Null)),
        ("leaderRecoveryState", None),
        ("partitionEpoch", None),
        ("removingReplicas", Some(serde_json::json!([]))),
        ("addingReplicas", Some(serde_json::json!([]))),
    ] {
        let is_change = record.kind() == "PARTITION_CHANGE_RECORD";
        if !is_change && silent.is_none_or(|silent| fields.get(name) == Some(&silent)) || name == "topicId" {
            fields.remove(name);
        }
    }
    let kind = record.kind().trim_end_matches("_RECORD");
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{kind} {}\n", fields.join(" "))
}
