//! What a person may do. Every command on every state gives a result or a named error.

use std::rc::Rc;

use super::Cluster;
use super::event::{Event, Message};
use crate::actor::{Actor, Endpoint};
use crate::change::Change;
use crate::client::ProbeSender;
use crate::client::producer::perf_test::PerfTestOptions;
use crate::command::{Command, CommandError, SettingScope};
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::settings::{BrokerSettings, OffsetReset, TopicSettings, broker_key, check_value, group_key, topic_key};
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::socket_server::costs::COSTS;
use crate::step::{Size, Step};
use crate::transaction::TransactionCall;
use crate::wire::metadata::{
    AlterConfigsResource, AlterPartitionReassignmentsRequest, AlterableConfig, CreatableReplicaAssignment,
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest, DeleteTopicState, DeleteTopicsRequest,
    ElectLeadersRequest, ElectTopicPartitions, IncrementalAlterConfigsRequest, ReassignablePartition,
    ReassignableTopic,
};
use crate::wire::{ApiKey, Request};

/// The limit of pending events: a person who doubles an envelope again and again gets an error, not a dead page.
const PENDING_EVENTS_MAX: usize = 100_000;
/// The longest delay of an envelope, in milliseconds: a day.
pub(crate) const DELAY_MS_MAX: Millis = 86_400_000;

/// A step that was a person's command. Whatever came of it, a person wants to find it again.
fn commanded(step: Step, command: &Command) -> Step {
    Step { command: Some(command.clone()), size: Size::Milestone, ..step }
}

impl Cluster {
    /// Does what a person wants. On an error nothing has changed.
    pub fn apply(&mut self, command: &Command) -> Result<Step, CommandError> {
        if self.queue.len() > PENDING_EVENTS_MAX {
            return Err(CommandError::LimitReached { what: "pending events".into(), limit: PENDING_EVENTS_MAX as u64 });
        }
        if let Command::Choose { event } = command {
            let (at, _) = self.queue.find(*event).ok_or(CommandError::NoSuchEvent { event: *event })?;
            let scheduled = self.queue.remove(at, *event).ok_or(CommandError::NoSuchEvent { event: *event })?;
            if let Event::Deliver(envelope) = &scheduled.event
                && !self.is_next_on_its_connection(*event, envelope)
            {
                self.queue.reinsert(at, *event, scheduled);
                return Err(CommandError::BehindOnItsConnection { event: *event });
            }
            // Choosing a deadline lets time pass: what was due before comes late.
            let is_poll = matches!(&scheduled.event, Event::Poll { .. });
            if is_poll || matches!(&scheduled.event, Event::Fire { timer, .. } if timer.is_deadline()) {
                self.now = self.now.max(at);
            }
            return Ok(commanded(self.execute(*event, scheduled), command));
        }
        // A command is carried out on a copy of who it concerns, so that a refusal leaves no trace.
        let before = self.position;
        self.position += 1;
        let mut fx = Effects { step: self.position, now: self.now, ..Effects::default() };
        match self.apply_command(command, &mut fx) {
            Ok(endpoint) => {
                if let Some(endpoint) = endpoint {
                    self.apply_effects(endpoint, &mut fx);
                    self.wake_application(endpoint);
                }
                Ok(commanded(self.finish_step(endpoint.map(Endpoint::actor), None, None, &mut fx), command))
            }
            Err(error) => {
                self.position = before;
                Err(error)
            }
        }
    }

    fn apply_command(&mut self, command: &Command, fx: &mut Effects) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        match command {
            Command::Produce { producer, topic, partition, key, value, headers } => {
                let number = *producer;
                let producer = self.running_producer(number)?;
                producer.produce(topic, *partition, key.clone(), value.clone(), headers.clone(), now, fx)?;
                let has_thrown = matches!(
                    fx.explanation,
                    Some(Explanation::SendOutsideTransaction { .. } | Explanation::TransactionIsToAbort { .. })
                );
                if has_thrown {
                    return Ok(Some(Endpoint::Producer(number)));
                }
                fx.replace_explanation(Explanation::PersonProduces { producer: number, topic: topic.to_string() });
                Ok(Some(Endpoint::Producer(number)))
            }
            Command::ProducerPerfTest { producer, topic, num_records, record_size, throughput, keys } => {
                let options = PerfTestOptions {
                    topic: topic.clone(),
                    num_records: *num_records,
                    record_size: *record_size,
                    throughput: *throughput,
                    keys: *keys,
                };
                self.perf_test(*producer, options, fx)
            }
            Command::InitTransactions { producer } => {
                self.call_producer(*producer, TransactionCall::InitTransactions, fx)
            }
            Command::BeginTransaction { producer } => {
                self.call_producer(*producer, TransactionCall::BeginTransaction, fx)
            }
            Command::SendOffsetsToTransaction { producer, consumer } => self.send_offsets(*producer, *consumer, fx),
            Command::CommitTransaction { producer } => {
                self.call_producer(*producer, TransactionCall::CommitTransaction, fx)
            }
            Command::AbortTransaction { producer } => {
                self.call_producer(*producer, TransactionCall::AbortTransaction, fx)
            }
            Command::CrashProducer { producer } => self.crash_producer(*producer, fx),
            Command::CloseProducer { producer, timeout_ms } => self.close_producer(*producer, *timeout_ms, fx),
            Command::StartProducer { producer } => self.start_producer(*producer, fx),
            Command::Poll { consumer } => {
                let number = *consumer;
                self.running_consumer(number)?.poll(now, fx)?;
                fx.replace_explanation(Explanation::PersonPolls { consumer: number });
                Ok(Some(Endpoint::Consumer(number)))
            }
            Command::Commit { consumer } => {
                let number = *consumer;
                self.running_consumer(number)?.commit(now, fx)?;
                fx.replace_explanation(Explanation::PersonCommits { consumer: number });
                Ok(Some(Endpoint::Consumer(number)))
            }
            Command::Process { consumer } => {
                self.running_consumer(*consumer)?.process(fx)?;
                fx.replace_explanation(Explanation::PersonProcesses { consumer: *consumer });
                Ok(Some(Endpoint::Consumer(*consumer)))
            }
            Command::Seek { consumer, partition, offset } => self.seek(*consumer, partition, *offset, fx),
            Command::SeekToBeginning { consumer, partitions } => {
                self.seek_to(*consumer, partitions, OffsetReset::Earliest, fx)
            }
            Command::SeekToEnd { consumer, partitions } => self.seek_to(*consumer, partitions, OffsetReset::Latest, fx),
            Command::PausePartitions { consumer, partitions } => self.pause_partitions(*consumer, partitions, true, fx),
            Command::ResumePartitions { consumer, partitions } => {
                self.pause_partitions(*consumer, partitions, false, fx)
            }
            Command::Subscribe { consumer, topics, pattern } => {
                self.subscribe(*consumer, topics, pattern.as_deref(), fx)
            }
            Command::Unsubscribe { consumer } => self.subscribe(*consumer, &[], None, fx),
            Command::Assign { consumer, partitions } => self.assign(*consumer, partitions, fx),
            Command::CrashConsumer { consumer } => self.crash_consumer(*consumer, fx),
            Command::CloseConsumer { consumer } => self.close_consumer(*consumer, fx),
            Command::StartConsumer { consumer } => self.start_consumer(*consumer, fx),
            Command::Crash { node, machine } => self.crash(*node, *machine, fx),
            Command::Start { node } => self.start(*node, fx),
            Command::Stop { node } => self.stop(*node, fx),
            Command::Pause { node } => self.pause(*node, fx),
            Command::Resume { node } => self.resume(*node, fx),
            Command::SlowDisk { node, by_ms } => self.slow_disk(*node, *by_ms, fx),
            Command::Cut { from, to, both } => self.cut_link(*from, *to, *both, fx),
            Command::Heal { from, to, both } => self.heal_link(*from, *to, *both, fx),
            // Handled before anything else, because it executes an event.
            Command::Choose { event } => Err(CommandError::NoSuchEvent { event: *event }),
            Command::Drop { event } => {
                let (at, from, to, api) = self.find_envelope(*event)?;
                self.silence.disturb(from, to, self.position);
                fx.change(Change::Dropped { from, to, api });
                self.break_connection(*event, at, fx);
                fx.explain(Explanation::PersonDrops { from, to, api });
                Ok(None)
            }
            Command::Delay { event, by_ms } => {
                if *by_ms == 0 || *by_ms > DELAY_MS_MAX {
                    return Err(CommandError::BadValue {
                        name: "byMs".into(),
                        value: by_ms.to_string(),
                        expected: format!("1..{DELAY_MS_MAX}"),
                    });
                }
                let (at, from, to, api) = self.find_envelope(*event)?;
                self.hold_up(*event, at, *by_ms);
                self.silence.disturb(from, to, self.position);
                fx.change(Change::Delayed { from, to, api, by_ms: *by_ms });
                fx.explain(Explanation::PersonDelays { from, to, api, by_ms: *by_ms });
                Ok(None)
            }
            Command::Duplicate { event } => {
                let (at, from, to, api) = self.find_envelope(*event)?;
                self.duplicate(*event, at);
                fx.change(Change::Duplicated { from, to, api });
                fx.explain(Explanation::PersonDuplicates { from, to, api });
                Ok(None)
            }
            Command::Set { scope, name, value } => self.set(scope, name, value, fx),
            Command::CreateTopic { topic, partitions, replication_factor, assignment, configs } => {
                let assignments = (0i32..)
                    .zip(assignment)
                    .map(|(partition_index, replicas)| CreatableReplicaAssignment {
                        partition_index,
                        broker_ids: replicas.clone(),
                    })
                    .collect();
                let configs = configs
                    .iter()
                    .map(|(name, value)| CreatableTopicConfig { name: name.clone(), value: Some(value.clone()) })
                    .collect();
                let manual = !assignment.is_empty();
                let topic = CreatableTopic {
                    name: topic.clone(),
                    num_partitions: if manual { -1 } else { *partitions },
                    replication_factor: if manual { -1 } else { *replication_factor },
                    assignments,
                    configs,
                };
                let request = CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() };
                Ok(self.administer(Request::CreateTopics(request), fx))
            }
            Command::DeleteTopic { topic } => {
                let topics = vec![DeleteTopicState { name: Some(topic.clone()), ..DeleteTopicState::default() }];
                let request = DeleteTopicsRequest { topics, ..DeleteTopicsRequest::default() };
                Ok(self.administer(Request::DeleteTopics(request), fx))
            }
            Command::Elect { partition, unclean } => {
                let request = ElectLeadersRequest {
                    election_type: i8::from(*unclean),
                    topic_partitions: Some(vec![ElectTopicPartitions {
                        topic: partition.topic.clone(),
                        partitions: vec![partition.partition],
                    }]),
                    ..ElectLeadersRequest::default()
                };
                Ok(self.administer(Request::ElectLeaders(request), fx))
            }
            Command::Reassign { partition, replicas } => {
                let request = AlterPartitionReassignmentsRequest {
                    topics: vec![ReassignableTopic {
                        name: partition.topic.clone(),
                        partitions: vec![ReassignablePartition {
                            partition_index: partition.partition,
                            replicas: replicas.clone(),
                        }],
                    }],
                    ..AlterPartitionReassignmentsRequest::default()
                };
                Ok(self.administer(Request::AlterPartitionReassignments(request), fx))
            }
            Command::Request { probe, connection, to, port, api, version, principal, client_id, body } => {
                let connection = connection.unwrap_or(*probe);
                let sender = ProbeSender { principal: principal.clone(), client_id: client_id.clone() };
                self.check_probe_connection(*probe, connection)?;
                self.probe(*probe, connection, *to, *port, *api, *version, sender, body, fx)
            }
            Command::SendBytes { probe, to, port, bytes } => self.send_bytes(*probe, *to, *port, bytes, fx),
            Command::CloseConnection { probe } => self.close_probe_connection(*probe, fx),
        }
    }

    fn administer(&mut self, request: Request, fx: &mut Effects) -> Option<Endpoint> {
        let api = request.api();
        Rc::make_mut(&mut self.admin).send(request, self.now, fx);
        fx.replace_explanation(Explanation::PersonAdministers { api });
        Some(Endpoint::Admin)
    }

    pub(super) fn check_node(&self, node: i32) -> Result<(), CommandError> {
        if self.nodes.contains_key(&node) { Ok(()) } else { Err(CommandError::NoSuchNode { node }) }
    }

    fn find_envelope(&self, event: EventId) -> Result<(Millis, Actor, Actor, ApiKey), CommandError> {
        let (at, scheduled) = self.queue.find(event).ok_or(CommandError::NoSuchEvent { event })?;
        match &scheduled.event {
            // What lies in a socket is on no link any more.
            Event::Deliver(envelope) if envelope.has_arrived => Err(CommandError::NotAnEnvelope { event }),
            Event::Deliver(envelope) => Ok((at, envelope.from.actor(), envelope.to.actor(), envelope.message.api())),
            Event::Handle { .. }
            | Event::HandlerDone { .. }
            | Event::ProcessorDone { .. }
            | Event::ThrottleDone { .. }
            | Event::Poll { .. }
            | Event::Send { .. }
            | Event::DiskDone { .. }
            | Event::ConnectionSetupTimeout { .. }
            | Event::Fire { .. } => Err(CommandError::NotAnEnvelope { event }),
        }
    }

    #[inline(never)]
    fn set(
        &mut self,
        scope: &SettingScope,
        name: &str,
        value: &str,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let noted = |fx: &mut Effects| {
            fx.change(Change::SettingChanged { name: name.to_owned(), value: value.to_owned() });
            fx.replace_explanation(Explanation::PersonSets { name: name.to_owned(), value: value.to_owned() });
        };
        match scope {
            SettingScope::Topic(topic) => {
                check_value(topic_key(name), name, value, TopicSettings::default().set(name, value))?;
                noted(fx);
                Ok(self.alter_configs(2, topic.clone(), name, value, fx))
            }
            SettingScope::Broker(id) => {
                self.check_node(*id)?;
                check_value(broker_key(name), name, value, BrokerSettings::default().set(name, value))?;
                noted(fx);
                Ok(self.alter_configs(4, id.to_string(), name, value, fx))
            }
            SettingScope::Brokers => {
                check_value(broker_key(name), name, value, BrokerSettings::default().set(name, value))?;
                noted(fx);
                Ok(self.alter_configs(4, String::new(), name, value, fx))
            }
            SettingScope::Group(group) => {
                let unknown = Err(CommandError::NoSuchSetting { name: name.to_owned() });
                check_value(group_key(name), name, value, unknown)?;
                noted(fx);
                Ok(self.alter_configs(32, group.clone(), name, value, fx))
            }
            SettingScope::Producer(number) => {
                let producer = self.producer_mut(*number).ok_or(CommandError::NoSuchProducer { producer: *number })?;
                producer.set(name, value)?;
                noted(fx);
                Ok(None)
            }
            SettingScope::Consumer(number) => {
                let consumer = self.consumer_mut(*number).ok_or(CommandError::NoSuchConsumer { consumer: *number })?;
                consumer.set(name, value)?;
                noted(fx);
                Ok(None)
            }
            SettingScope::Pipeline(id) => {
                self.set_cost(*id, name, value)?;
                noted(fx);
                Ok(None)
            }
            SettingScope::Network => {
                self.set_network(name, value)?;
                noted(fx);
                Ok(None)
            }
        }
    }

    fn set_cost(&mut self, id: i32, name: &str, value: &str) -> Result<(), CommandError> {
        let refused = |greatest: u64| CommandError::BadValue {
            name: name.into(),
            value: value.into(),
            expected: format!("0..{greatest}"),
        };
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        let known = COSTS.into_iter().find(|(cost, _)| *cost == name);
        let (_, greatest) = known.ok_or_else(|| CommandError::NoSuchSetting { name: name.to_owned() })?;
        let value = value.trim().parse::<u64>().map_err(|_| refused(greatest))?;
        node.costs.set(name, value).unwrap_or(Ok(())).map_err(refused)
    }

    fn set_network(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
        let (min, max) = self.network.latency();
        let milliseconds =
            value.trim().parse::<Millis>().ok().filter(|value| *value <= DELAY_MS_MAX).ok_or_else(|| {
                CommandError::BadValue {
                    name: name.into(),
                    value: value.into(),
                    expected: format!("0..{DELAY_MS_MAX}"),
                }
            })?;
        match name {
            "latency.ms.min" => self.network.set_latency(milliseconds, max.max(milliseconds)),
            "latency.ms.max" => self.network.set_latency(min.min(milliseconds), milliseconds),
            _ => return Err(CommandError::NoSuchSetting { name: name.to_owned() }),
        }
        Ok(())
    }

    fn alter_configs(
        &mut self,
        resource_type: i8,
        resource_name: String,
        name: &str,
        value: &str,
        fx: &mut Effects,
    ) -> Option<Endpoint> {
        let request = IncrementalAlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type,
                resource_name,
                configs: vec![AlterableConfig {
                    name: name.to_owned(),
                    config_operation: 0,
                    value: Some(value.to_owned()),
                }],
            }],
            ..IncrementalAlterConfigsRequest::default()
        };
        Rc::make_mut(&mut self.admin).send(Request::IncrementalAlterConfigs(request), self.now, fx);
        Some(Endpoint::Admin)
    }

    /// What an envelope says, for who wants to look inside before deciding.
    pub fn message(&self, event: EventId) -> Option<&Message> {
        match &self.queue.find(event)?.1.event {
            Event::Deliver(envelope) => Some(&envelope.message),
            Event::Handle { .. }
            | Event::HandlerDone { .. }
            | Event::ProcessorDone { .. }
            | Event::ThrottleDone { .. }
            | Event::Poll { .. }
            | Event::Send { .. }
            | Event::DiskDone { .. }
            | Event::ConnectionSetupTimeout { .. }
            | Event::Fire { .. } => None,
        }
    }
}
