//! Which timers of an endpoint are set, and which events they are in the queue.

use std::hash::{Hash, Hasher};

use crate::effects::Timer;
use crate::sim::Millis;
use crate::sim::queue::EventId;

/// When a timer is due, and the event that it is.
pub(super) type Due = (Millis, EventId);

/// An endpoint's timers that are set. They are few and come and go at every step: they stand in no order, so that none has to move for
/// another, and what is alike does not depend on it.
#[derive(Clone, Debug, Default)]
pub(super) struct SetTimers {
    /// What is equal of equal timers, and mostly differs between others: compared first.
    marks: Vec<u64>,
    set: Vec<(Timer, Due)>,
}

/// A hash of a timer that takes no time.
#[derive(Default)]
struct Mark(u64);

impl Hasher for Mark {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = self.0.rotate_left(8).wrapping_mul(3) ^ value;
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }

    fn write_i32(&mut self, value: i32) {
        self.write_u64(u64::from(value.cast_unsigned()));
    }
}

fn mark_of(timer: &Timer) -> u64 {
    let mut mark = Mark::default();
    timer.hash(&mut mark);
    mark.finish()
}

impl SetTimers {
    fn position(&self, mark: u64, timer: &Timer) -> Option<usize> {
        (0..self.marks.len()).find(|at| self.marks[*at] == mark && self.set[*at].0 == *timer)
    }

    /// Whether a timer is set.
    pub(super) fn is_set(&self, timer: &Timer) -> bool {
        self.position(mark_of(timer), timer).is_some()
    }

    /// Sets a timer. Gives when it was due before, if it was set.
    pub(super) fn set(&mut self, timer: Timer, due: Due) -> Option<Due> {
        let mark = mark_of(&timer);
        match self.position(mark, &timer) {
            Some(at) => Some(std::mem::replace(&mut self.set[at].1, due)),
            None => {
                self.marks.push(mark);
                self.set.push((timer, due));
                None
            }
        }
    }

    /// Takes a timer out, which is stopped or fires. Gives when it was due, if it was set.
    pub(super) fn take(&mut self, timer: &Timer) -> Option<Due> {
        let at = self.position(mark_of(timer), timer)?;
        self.marks.swap_remove(at);
        Some(self.set.swap_remove(at).1)
    }

    fn sorted(&self) -> Vec<&(Timer, Due)> {
        let mut sorted: Vec<_> = self.set.iter().collect();
        sorted.sort_unstable();
        sorted
    }
}

impl PartialEq for SetTimers {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl Hash for SetTimers {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sorted().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::digest_of;

    #[test]
    fn in_which_order_timers_were_set_makes_no_difference() {
        let timers = [(Timer::RequestTimeout, (7, EventId(1))), (Timer::IdleConnections, (5, EventId(2)))];
        let (mut one, mut other) = (SetTimers::default(), SetTimers::default());
        timers.iter().cloned().for_each(|(timer, due)| assert_eq!(one.set(timer, due), None));
        timers.iter().rev().cloned().for_each(|(timer, due)| assert_eq!(other.set(timer, due), None));
        assert_eq!(one, other);
        assert_eq!(digest_of(&one), digest_of(&other));
        assert_eq!(one.set(Timer::RequestTimeout, (9, EventId(3))), Some((7, EventId(1))), "it was moved");
        assert_ne!(one, other);
        assert_ne!(digest_of(&one), digest_of(&other));
        assert_eq!(one.take(&Timer::IdleConnections), Some((5, EventId(2))));
        assert!(one.is_set(&Timer::RequestTimeout) && !one.is_set(&Timer::IdleConnections));
        assert_eq!(one.take(&Timer::IdleConnections), None);
    }
}
