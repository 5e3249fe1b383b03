//! Ways to look at a cluster that need its private parts: what is pending, the digest, the controller's truth.

use std::rc::Rc;

use super::Cluster;
use super::event::{Envelope, Event};
use super::node::Node;
use crate::actor::Actor;
use crate::client::{Admin, Consumer, ProbeAnswer, ProbeConnection, Producer};
use crate::digest::digest_of;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::raft::MetadataLog;
use crate::sim::Millis;
use crate::sim::queue::EventId;

impl Cluster {
    /// When the next event is due, in milliseconds.
    pub fn next_at(&self) -> Option<Millis> {
        self.queue.peek().map(|(at, _, _)| at)
    }

    /// What may happen next, in the order in which the scheduler would take it.
    pub fn events(&self) -> impl Iterator<Item = (Millis, EventId, &Event)> {
        self.queue.iter().map(|(at, id, scheduled)| (at, id, &scheduled.event))
    }

    /// The processes, by id.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().map(Rc::as_ref)
    }

    /// One process.
    pub fn node(&self, id: i32) -> Option<&Node> {
        self.nodes.get(&id).map(Rc::as_ref)
    }

    /// The producers, in order.
    pub fn producers(&self) -> impl Iterator<Item = &Producer> {
        self.producers.iter().map(Rc::as_ref)
    }

    /// The consumers, in order.
    pub fn consumers(&self) -> impl Iterator<Item = &Consumer> {
        self.consumers.iter().map(Rc::as_ref)
    }

    /// The admin client.
    pub fn admin(&self) -> &Admin {
        &self.admin
    }

    /// Cut directions.
    pub fn cuts(&self) -> impl Iterator<Item = (Actor, Actor)> {
        self.network.cuts()
    }

    /// The shortest and the longest time that a message takes in the simulated network, in milliseconds.
    pub fn latency(&self) -> (Millis, Millis) {
        self.network.latency()
    }

    /// Messages that wait in cut links, oldest first.
    pub fn held(&self) -> impl Iterator<Item = &Envelope> {
        self.undelivered.iter().filter_map(|held| match &held.scheduled.event {
            Event::Deliver(envelope) => Some(&**envelope),
            Event::Handle { .. }
            | Event::HandlerDone { .. }
            | Event::ProcessorDone { .. }
            | Event::ThrottleDone { .. }
            | Event::Poll { .. }
            | Event::Send { .. }
            | Event::DiskDone { .. }
            | Event::ConnectionSetupTimeout { .. }
            | Event::Fire { .. } => None,
        })
    }

    /// The answer to a hand-written request.
    pub fn probe_answer(&self, probe: u32) -> Option<&ProbeAnswer> {
        self.probes.answers.get(&probe)
    }

    /// A connection that a person opened with bytes.
    pub fn probe_connection(&self, probe: u32) -> Option<&ProbeConnection> {
        self.probes.connections.get(&probe)
    }

    /// The last request of each probe, with its answer.
    pub fn probe_answers(&self) -> impl Iterator<Item = (u32, &ProbeAnswer)> {
        self.probes.answers.iter().map(|(probe, answer)| (*probe, answer))
    }

    /// The controller that decides now; `None` while none does.
    pub fn active_controller(&self) -> Option<i32> {
        let active = self.nodes.values().filter_map(|node| Some((node, node.controller.as_ref()?)));
        let active = active.filter(|(_, controller)| controller.is_active());
        // A leader that was deposed and has not heard of it may think that it still is.
        active.max_by_key(|(_, controller)| controller.epoch()).map(|(node, _)| node.config.id)
    }

    /// What the active controller's metadata log says: the cluster's truth. While none is active, the last one's disk is
    /// not asked: nobody else could ask it either.
    pub fn image(&self) -> Option<&MetadataImage> {
        let node = self.node(self.active_controller()?)?;
        node.controller.as_ref().map(|controller| controller.image())
    }

    /// The metadata log from an offset on: offset and record.
    pub fn metadata_records(&self, from: i64) -> Vec<(i64, MetadataRecord)> {
        let records = self.metadata_log().map(|log| log.records_from(from));
        records.map(|records| records.map(|(offset, _, record)| (offset, record.clone())).collect()).unwrap_or_default()
    }

    /// Where the metadata log ends.
    pub fn metadata_end(&self) -> i64 {
        self.metadata_log().map_or(0, |log| log.end_offset())
    }

    /// The active controller's metadata log; while none is active, the one that has most.
    pub fn metadata_log(&self) -> Option<&MetadataLog> {
        let active = self.active_controller().and_then(|active| self.nodes.get(&active));
        let controllers = self.nodes.values().filter(|node| node.config.roles.is_controller());
        let most = || {
            controllers
                .max_by_key(|node| (node.disk.controller.log.last_epoch(), node.disk.controller.log.end_offset()))
        };
        active.or_else(most).map(|node| &node.disk.controller.log)
    }

    /// The voters of the metadata log's quorum: those that its longest log names last, else every controller.
    pub fn quorum_voters(&self) -> Vec<i32> {
        let named = self.metadata_log().and_then(|log| log.quorum().last_voters());
        named.map_or_else(|| self.controllers(), |(_, voters)| voters.ids())
    }

    /// A broker's registration epoch as the controller has it; -1 for none.
    pub fn broker_epoch(&self, broker: i32) -> i64 {
        self.image().and_then(|image| image.brokers.get(&broker)).map_or(-1, |broker| broker.broker_epoch)
    }

    /// A fingerprint of the whole value: equal values have equal digests, natively and in wasm.
    pub fn digest(&self) -> u64 {
        digest_of(self)
    }
}
