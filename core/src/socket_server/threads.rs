//! The threads of a listener: network threads (`Processor`) and handler threads (`KafkaRequestHandler`).

use std::collections::VecDeque;

use super::channel::ChannelId;
use crate::effects::ReceivedRequest;
use crate::sim::Millis;

/// A network thread (`Processor`).
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Processor {
    /// Channels that have something to be read, in the order in which it came.
    pub(super) readable: VecDeque<ChannelId>,
    /// Channels of which the answer is ready: the response queue.
    pub(super) responses: VecDeque<ChannelId>,
    /// What it does.
    pub(super) task: Option<Task>,
    /// Since when it does it.
    pub(super) since: Millis,
    /// Until when; what only room in the queue ends has no end.
    pub(super) until: Option<Millis>,
    /// How long it was busy before, in milliseconds.
    pub(super) busy_ms: Millis,
}

/// What a network thread does.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Task {
    /// It reads a request.
    Read(ChannelId, Box<ReceivedRequest>),
    /// It has read a request and finds the request queue full.
    Blocked(ChannelId, Box<ReceivedRequest>),
    /// It sends an answer.
    Send(ChannelId),
}

impl Processor {
    /// What it does; `None` where it is idle.
    pub fn task(&self) -> Option<&Task> {
        self.task.as_ref()
    }

    /// The answers that wait for it.
    pub fn responses(&self) -> impl Iterator<Item = &ChannelId> {
        self.responses.iter()
    }

    /// How long it was busy until now, in milliseconds.
    pub fn busy_ms(&self, now: Millis) -> Millis {
        self.busy_ms + if self.task.is_some() { now.saturating_sub(self.since) } else { 0 }
    }

    pub(super) fn begin(&mut self, task: Task, now: Millis, until: Option<Millis>) {
        self.task = Some(task);
        self.since = now;
        self.until = until;
    }

    pub(super) fn end(&mut self, now: Millis) -> Option<Task> {
        self.busy_ms = self.busy_ms(now);
        self.task.take()
    }
}

/// A handler thread (`KafkaRequestHandler`).
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Handler {
    /// What it works on.
    pub(super) request: Option<ReceivedRequest>,
    /// Since when.
    pub(super) since: Millis,
    /// How long it was busy before, in milliseconds.
    pub(super) busy_ms: Millis,
}

impl Handler {
    /// What it works on; `None` where it is idle.
    pub fn request(&self) -> Option<&ReceivedRequest> {
        self.request.as_ref()
    }

    /// How long it was busy until now, in milliseconds.
    pub fn busy_ms(&self, now: Millis) -> Millis {
        self.busy_ms + if self.request.is_some() { now.saturating_sub(self.since) } else { 0 }
    }
}
