//! The event queue: what may happen next, ordered by (virtual time, sequence number).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Millis;

/// Names one scheduled event for its whole life. Sequence numbers rise and are never reused, so they break ties of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub u64);

/// Events by the time they are due. Two events of the same moment happen in the order in which they were scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventQueue<T> {
    /// Shared with the clones until one of them changes it.
    due: Arc<BTreeMap<(Millis, EventId), T>>,
    next_id: u64,
}

impl<T> Default for EventQueue<T> {
    fn default() -> Self {
        Self { due: Arc::default(), next_id: 0 }
    }
}

impl<T: Clone> EventQueue<T> {
    /// Schedules an event and names it.
    pub fn push(&mut self, at: Millis, event: T) -> EventId {
        let id = EventId(self.next_id);
        self.next_id += 1;
        Arc::make_mut(&mut self.due).insert((at, id), event);
        id
    }

    /// Takes out the event that is due first.
    pub fn pop(&mut self) -> Option<(Millis, EventId, T)> {
        Arc::make_mut(&mut self.due).pop_first().map(|((at, id), event)| (at, id, event))
    }

    /// The event that is due first.
    pub fn peek(&self) -> Option<(Millis, EventId, &T)> {
        self.due.first_key_value().map(|((at, id), event)| (*at, *id, event))
    }

    /// All events, in the order in which they are due.
    pub fn iter(&self) -> impl Iterator<Item = (Millis, EventId, &T)> {
        self.due.iter().map(|((at, id), event)| (*at, *id, event))
    }

    /// Finds an event by its name. Linear: only a person's choice asks for it.
    pub fn find(&self, id: EventId) -> Option<(Millis, &T)> {
        self.due.iter().find(|((_, each), _)| *each == id).map(|((at, _), event)| (*at, event))
    }

    /// Takes out one event by its name and due time.
    pub fn remove(&mut self, at: Millis, id: EventId) -> Option<T> {
        Arc::make_mut(&mut self.due).remove(&(at, id))
    }

    /// Puts an event back under its old name at a new time.
    pub fn reinsert(&mut self, at: Millis, id: EventId, event: T) {
        Arc::make_mut(&mut self.due).insert((at, id), event);
    }

    /// Drops every event for which `keep` says no.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        Arc::make_mut(&mut self.due).retain(|_, event| keep(event));
    }

    /// How many events are scheduled.
    pub fn len(&self) -> usize {
        self.due.len()
    }

    /// Whether nothing at all is scheduled.
    pub fn is_empty(&self) -> bool {
        self.due.is_empty()
    }
}
