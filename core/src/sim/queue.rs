//! The event queue: what may happen next, ordered by (virtual time, sequence number).

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::Millis;

/// Names one scheduled event for its whole life. Sequence numbers rise and are never reused, so they break ties of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub u64);

/// Events by the time they are due. Two events of the same moment happen in the order in which they were scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventQueue<T> {
    /// What is due first stands last, where it is taken out. Shared with the clones until one of them changes it.
    due: Rc<Vec<Due<T>>>,
    next_id: u64,
}

/// An event with its place in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Due<T> {
    at: Millis,
    id: EventId,
    event: T,
}

impl<T: Hash> Hash for EventQueue<T> {
    /// As a map by time and id would.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.due.len());
        self.due.iter().rev().for_each(|due| due.hash(state));
        self.next_id.hash(state);
    }
}

impl<T> Default for EventQueue<T> {
    fn default() -> Self {
        Self { due: Rc::default(), next_id: 0 }
    }
}

impl<T: Clone> EventQueue<T> {
    /// Schedules an event and names it.
    pub fn push(&mut self, at: Millis, event: T) -> EventId {
        let id = EventId(self.next_id);
        self.next_id += 1;
        // It is the last of its moment: no other has so high a number.
        let place = self.due.partition_point(|due| due.at > at);
        Rc::make_mut(&mut self.due).insert(place, Due { at, id, event });
        id
    }

    /// Takes out the event that is due first.
    pub fn pop(&mut self) -> Option<(Millis, EventId, T)> {
        Rc::make_mut(&mut self.due).pop().map(|due| (due.at, due.id, due.event))
    }

    /// The event that is due first.
    pub fn peek(&self) -> Option<(Millis, EventId, &T)> {
        self.iter().next()
    }

    /// All events, in the order in which they are due.
    pub fn iter(&self) -> impl Iterator<Item = (Millis, EventId, &T)> {
        self.due.iter().rev().map(|due| (due.at, due.id, &due.event))
    }

    /// Finds an event by its name. Linear: only a person's choice asks for it.
    pub fn find(&self, id: EventId) -> Option<(Millis, &T)> {
        self.due.iter().find(|due| due.id == id).map(|due| (due.at, &due.event))
    }

    /// Takes out one event by its name and due time.
    pub fn remove(&mut self, at: Millis, id: EventId) -> Option<T> {
        let place = self.place(at, id);
        self.due.get(place).filter(|due| due.id == id)?;
        Some(Rc::make_mut(&mut self.due).remove(place).event)
    }

    /// Puts an event back under its old name at a new time.
    pub fn reinsert(&mut self, at: Millis, id: EventId, event: T) {
        let place = self.place(at, id);
        Rc::make_mut(&mut self.due).insert(place, Due { at, id, event });
    }

    /// Where an event of this name and time stands, or would.
    fn place(&self, at: Millis, id: EventId) -> usize {
        // Both in one number: one comparison.
        let rank = |at: Millis, id: EventId| (u128::from(at) << u64::BITS) | u128::from(id.0);
        let wanted = rank(at, id);
        self.due.partition_point(|due| rank(due.at, due.id) > wanted)
    }

    /// Drops every event for which `keep` says no.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        Rc::make_mut(&mut self.due).retain(|due| keep(&due.event));
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
