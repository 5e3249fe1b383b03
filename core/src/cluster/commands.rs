//! What a person may do. Every command on every state gives a result or a named error.

use std::sync::Arc;

use super::Cluster;
use super::event::{Event, Message, Scheduled};
use super::node::ProcessState;
use crate::actor::Actor;
use crate::change::Change;
use crate::command::{Command, CommandError, SettingScope};
use crate::config::Roles;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::settings::{BrokerSettings, TopicSettings};
use crate::sim::Millis;
use crate::sim::queue::EventId;
use crate::step::Step;
use crate::wire::metadata::{
    AlterConfigsResource, AlterPartitionReassignmentsRequest, AlterableConfig, CreatableReplicaAssignment,
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest, DeleteTopicState, DeleteTopicsRequest,
    ElectLeadersRequest, ElectTopicPartitions, IncrementalAlterConfigsRequest, ReassignablePartition,
    ReassignableTopic,
};
use crate::wire::{ApiKey, Request};

/// At most so many events may be pending: a person who doubles an envelope again and again gets an error, not a dead page.
const PENDING_EVENTS_MAX: usize = 100_000;
/// The longest delay of an envelope, in milliseconds: a day.
const DELAY_MS_MAX: Millis = 86_400_000;

impl Cluster {
    /// Does what a person wants. On an error nothing has changed.
    pub fn apply(&mut self, command: &Command) -> Result<Step, CommandError> {
        if self.queue.len() > PENDING_EVENTS_MAX {
            return Err(CommandError::LimitReached { what: "pending events".into(), limit: PENDING_EVENTS_MAX as u64 });
        }
        if let Command::Choose { event } = command {
            let (at, _) = self.queue.find(*event).ok_or(CommandError::NoSuchEvent { event: *event })?;
            let scheduled = self.queue.remove(at, *event).ok_or(CommandError::NoSuchEvent { event: *event })?;
            let mut step = self.execute(scheduled);
            step.command = Some(command.clone());
            return Ok(step);
        }
        // A command is carried out on a copy of who it concerns, so that a refusal leaves no trace.
        let mut fx = Effects::default();
        let before = self.position;
        self.position += 1;
        match self.carry_out_command(command, &mut fx) {
            Ok(actor) => {
                let mut step = self.conclude(actor, None, fx);
                step.command = Some(command.clone());
                Ok(step)
            }
            Err(error) => {
                self.position = before;
                Err(error)
            }
        }
    }

    fn carry_out_command(&mut self, command: &Command, fx: &mut Effects) -> Result<Option<Actor>, CommandError> {
        let now = self.now;
        match command {
            Command::Produce { producer, topic, partition, key, value, headers } => {
                let number = *producer;
                let producer = self.producer_mut(number).ok_or(CommandError::NoSuchProducer { producer: number })?;
                producer.produce(topic, *partition, key.clone(), value.clone(), headers.clone(), now, fx)?;
                fx.explain_rather(Explanation::PersonProduces { producer: number, topic: topic.to_string() });
                Ok(Some(Actor::Producer(number)))
            }
            Command::Poll { consumer } => {
                let number = *consumer;
                self.consumer_mut(number).ok_or(CommandError::NoSuchConsumer { consumer: number })?.poll(now, fx);
                fx.explain_rather(Explanation::PersonPolls { consumer: number });
                Ok(Some(Actor::Consumer(number)))
            }
            Command::Commit { consumer } => {
                let number = *consumer;
                let consumer = self.consumer_mut(number).ok_or(CommandError::NoSuchConsumer { consumer: number })?;
                consumer.commit(now, fx)?;
                fx.explain_rather(Explanation::PersonCommits { consumer: number });
                Ok(Some(Actor::Consumer(number)))
            }
            Command::Crash { node, machine } => self.crash(*node, *machine, fx),
            Command::Start { node } => self.start(*node, fx),
            Command::Stop { node } => self.stop(*node, fx),
            Command::Pause { node } => self.pause(*node, fx),
            Command::Resume { node } => self.resume(*node, fx),
            Command::Cut { from, to, both } => {
                self.check_link(*from, *to)?;
                let mut done = self.cut(*from, *to, fx);
                if *both {
                    done |= self.cut(*to, *from, fx);
                }
                fx.explain(Explanation::PersonCuts { from: *from, to: *to });
                if done { Ok(None) } else { Err(CommandError::AlreadyCut { from: *from, to: *to }) }
            }
            Command::Heal { from, to, both } => {
                self.check_link(*from, *to)?;
                let mut done = self.heal(*from, *to, fx);
                if *both {
                    done |= self.heal(*to, *from, fx);
                }
                fx.explain(Explanation::PersonHeals { from: *from, to: *to });
                if done { Ok(None) } else { Err(CommandError::NotCut { from: *from, to: *to }) }
            }
            // Handled before anything else, because it executes an event.
            Command::Choose { event } => Err(CommandError::NoSuchEvent { event: *event }),
            Command::Drop { event } => {
                let (at, from, to, api) = self.find_envelope(*event)?;
                self.queue.remove(at, *event);
                fx.change(Change::Dropped { from, to, api });
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
                if let Some(scheduled) = self.queue.remove(at, *event) {
                    self.queue.reinsert(at.saturating_add(*by_ms), *event, scheduled);
                }
                fx.change(Change::Delayed { from, to, api, by_ms: *by_ms });
                fx.explain(Explanation::PersonDelays { from, to, api, by_ms: *by_ms });
                Ok(None)
            }
            Command::Duplicate { event } => {
                let (at, from, to, api) = self.find_envelope(*event)?;
                if let Some((_, scheduled)) = self.queue.find(*event) {
                    let copy = scheduled.clone();
                    self.queue.push(at, copy);
                }
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
                let by_hand = !assignment.is_empty();
                let topic = CreatableTopic {
                    name: topic.clone(),
                    num_partitions: if by_hand { -1 } else { *partitions },
                    replication_factor: if by_hand { -1 } else { *replication_factor },
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
            Command::Request { probe, to, port, api, version, body } => {
                self.probe(*probe, *to, *port, *api, *version, body, fx)
            }
        }
    }

    fn administer(&mut self, request: Request, fx: &mut Effects) -> Option<Actor> {
        let api = request.api();
        Arc::make_mut(&mut self.admin).send(request, self.now, fx);
        fx.explain_rather(Explanation::PersonAdministers { api });
        Some(Actor::Admin)
    }

    pub(super) fn check_node(&self, node: i32) -> Result<(), CommandError> {
        if self.nodes.contains_key(&node) { Ok(()) } else { Err(CommandError::NoSuchNode { node }) }
    }

    fn crash(&mut self, id: i32, machine: bool, fx: &mut Effects) -> Result<Option<Actor>, CommandError> {
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process == ProcessState::Down {
            return Err(CommandError::NotRunning { node: id });
        }
        fx.change(Change::Crashed { node: id, machine });
        if machine {
            for (partition, from, to) in node.disk.broker.crash_machine() {
                fx.change(Change::UnflushedLost { node: id, partition, from, to });
            }
            fx.explain(Explanation::PersonCrashesMachine { node: id });
        } else {
            fx.explain(Explanation::PersonCrashesProcess { node: id });
        }
        self.bury(id);
        Ok(None)
    }

    fn start(&mut self, id: i32, fx: &mut Effects) -> Result<Option<Actor>, CommandError> {
        let now = self.now;
        let (cluster_id, controllers) = (self.cluster_id.clone(), self.controllers());
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process != ProcessState::Down || node.config.roles == Roles::Puppet {
            return Err(CommandError::AlreadyRunning { node: id });
        }
        fx.change(Change::Started { node: id });
        node.start(&cluster_id, &controllers, now, fx);
        fx.explain_rather(Explanation::PersonStarts { node: id });
        Ok(Some(Actor::Node(id)))
    }

    fn stop(&mut self, id: i32, fx: &mut Effects) -> Result<Option<Actor>, CommandError> {
        let now = self.now;
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process != ProcessState::Running {
            return Err(CommandError::NotRunning { node: id });
        }
        match &mut node.broker {
            Some(broker) => {
                if !broker.stop(&mut node.disk.broker, now, fx) {
                    return Err(CommandError::AlreadyStopping { node: id });
                }
                fx.explain_rather(Explanation::PersonShutsDown { node: id });
                Ok(Some(Actor::Node(id)))
            }
            // A controller alone has no leaders to hand over.
            None => {
                fx.change(Change::ShutDown { node: id });
                fx.explain(Explanation::PersonShutsDown { node: id });
                self.bury(id);
                Ok(None)
            }
        }
    }

    fn pause(&mut self, id: i32, fx: &mut Effects) -> Result<Option<Actor>, CommandError> {
        if self.nodes.get(&id).is_some_and(|node| node.config.roles == Roles::Puppet) {
            return self.silence_puppet(id, true, fx);
        }
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process != ProcessState::Running {
            return Err(CommandError::NotRunning { node: id });
        }
        node.process = ProcessState::Paused;
        fx.change(Change::Paused { node: id });
        fx.explain(Explanation::PersonPauses { node: id });
        Ok(None)
    }

    fn resume(&mut self, id: i32, fx: &mut Effects) -> Result<Option<Actor>, CommandError> {
        if self.nodes.get(&id).is_some_and(|node| node.config.roles == Roles::Puppet) {
            return self.silence_puppet(id, false, fx);
        }
        let now = self.now;
        let node = self.node_mut(id).ok_or(CommandError::NoSuchNode { node: id })?;
        if node.process != ProcessState::Paused {
            return Err(CommandError::NotPaused { node: id });
        }
        node.process = ProcessState::Running;
        let held = std::mem::take(&mut node.held);
        fx.change(Change::Resumed { node: id });
        fx.explain(Explanation::PersonResumes { node: id });
        for scheduled in held {
            match scheduled {
                // A timer is set again, so that its owner may still stop it.
                Scheduled { event: Event::Fire { actor, timer }, .. } => self.set_timer(actor, timer, Some(now)),
                scheduled => {
                    self.queue.push(now, scheduled);
                }
            }
        }
        Ok(None)
    }

    /// A puppet's heartbeats stop, or go on.
    fn silence_puppet(&mut self, id: i32, silent: bool, fx: &mut Effects) -> Result<Option<Actor>, CommandError> {
        let now = self.now;
        let Some(active) = self.active_controller() else { return Err(CommandError::NotRunning { node: id }) };
        let node = self.node_mut(active).ok_or(CommandError::NoSuchNode { node: active })?;
        if let Some(controller) = &mut node.controller {
            if silent {
                controller.silence_puppet(id, now, fx);
            } else {
                controller.hear_puppet(&mut node.disk.controller, id, now, fx);
            }
        }
        fx.change(if silent { Change::Paused { node: id } } else { Change::Resumed { node: id } });
        fx.explain_rather(if silent {
            Explanation::PersonPauses { node: id }
        } else {
            Explanation::PersonResumes { node: id }
        });
        Ok(Some(Actor::Node(active)))
    }

    fn check_link(&self, from: Actor, to: Actor) -> Result<(), CommandError> {
        if from == to {
            return Err(CommandError::SameParty { party: from });
        }
        for party in [from, to] {
            let count = |parties: usize| u32::try_from(parties).unwrap_or(u32::MAX);
            match party {
                Actor::Node(id) => self.check_node(id)?,
                Actor::Producer(number) if number == 0 || number > count(self.producers.len()) => {
                    return Err(CommandError::NoSuchProducer { producer: number });
                }
                Actor::Consumer(number) if number == 0 || number > count(self.consumers.len()) => {
                    return Err(CommandError::NoSuchConsumer { consumer: number });
                }
                Actor::Producer(_) | Actor::Consumer(_) | Actor::Admin | Actor::Probe(_) => {}
            }
        }
        Ok(())
    }

    fn cut(&mut self, from: Actor, to: Actor, fx: &mut Effects) -> bool {
        let is_new = self.network.cut(from, to);
        if is_new {
            fx.change(Change::LinkCut { from, to });
        }
        is_new
    }

    fn heal(&mut self, from: Actor, to: Actor, fx: &mut Effects) -> bool {
        let was_cut = self.network.heal(from, to);
        if was_cut {
            fx.change(Change::LinkHealed { from, to });
            let on_this_link = |scheduled: &Scheduled| matches!(&scheduled.event, Event::Deliver(envelope) if envelope.from == from && envelope.to == to);
            let (again, kept): (Vec<Scheduled>, Vec<Scheduled>) =
                std::mem::take(&mut self.undelivered).into_iter().partition(on_this_link);
            self.undelivered = kept;
            for scheduled in again {
                let at = self.network.arrival(from, to, self.now);
                self.queue.push(at, scheduled);
            }
        }
        was_cut
    }

    fn find_envelope(&self, event: EventId) -> Result<(Millis, Actor, Actor, ApiKey), CommandError> {
        let (at, scheduled) = self.queue.find(event).ok_or(CommandError::NoSuchEvent { event })?;
        match &scheduled.event {
            Event::Deliver(envelope) => Ok((at, envelope.from, envelope.to, envelope.message.api())),
            Event::Handle { .. } | Event::Fire { .. } => Err(CommandError::NotAnEnvelope { event }),
        }
    }

    fn set(
        &mut self,
        scope: &SettingScope,
        name: &str,
        value: &str,
        fx: &mut Effects,
    ) -> Result<Option<Actor>, CommandError> {
        let noted = |fx: &mut Effects| {
            fx.change(Change::SettingChanged { name: name.to_owned(), value: value.to_owned() });
            fx.explain_rather(Explanation::PersonSets { name: name.to_owned(), value: value.to_owned() });
        };
        match scope {
            SettingScope::Topic(topic) => {
                TopicSettings::default().set(name, value)?;
                noted(fx);
                Ok(self.alter_configs(2, topic.clone(), name, value, fx))
            }
            SettingScope::Broker(id) => {
                self.check_node(*id)?;
                BrokerSettings::default().set(name, value)?;
                noted(fx);
                Ok(self.alter_configs(4, id.to_string(), name, value, fx))
            }
            SettingScope::Brokers => {
                BrokerSettings::default().set(name, value)?;
                noted(fx);
                Ok(self.alter_configs(4, String::new(), name, value, fx))
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
            SettingScope::Network => {
                self.set_network(name, value)?;
                noted(fx);
                Ok(None)
            }
        }
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
    ) -> Option<Actor> {
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
        Arc::make_mut(&mut self.admin).send(Request::IncrementalAlterConfigs(request), self.now, fx);
        Some(Actor::Admin)
    }

    /// What an envelope says, for who wants to look inside before deciding.
    pub fn message(&self, event: EventId) -> Option<&Message> {
        match &self.queue.find(event)?.1.event {
            Event::Deliver(envelope) => Some(&envelope.message),
            Event::Handle { .. } | Event::Fire { .. } => None,
        }
    }
}
