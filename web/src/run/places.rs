//! Where a person was, so that one can always go back there: undo and redo are ways between places. Nothing is lost by
//! either, since every run and every branch stays.

use serde::{Deserialize, Serialize};

use crate::engine::Position;

/// A place: which run, which of its branches, how many moves came before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The run's number in the session.
    pub run: u32,
    /// The branch's number in the run.
    pub branch: u32,
    /// How many moves came before.
    pub position: Position,
}

/// What a person did: where it was done, and where that led.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Way {
    before: Place,
    after: Place,
}

/// What a person did, and what of it was undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    done: Vec<Way>,
    undone: Vec<Way>,
}

impl Places {
    /// Notes what a person did. What was undone before cannot be redone any more.
    pub fn did(&mut self, before: Place, after: Place) {
        if before != after {
            self.done.push(Way { before, after });
            self.undone.clear();
        }
    }

    /// What was done last began at another place, from which the person was led to where it was done.
    pub fn joined(&mut self, before: Place) {
        if let Some(way) = self.done.last_mut() {
            way.before = before;
        }
    }

    /// Where undoing leads. `None` where nothing is left to undo.
    pub fn undo(&mut self) -> Option<Place> {
        let way = self.done.pop()?;
        self.undone.push(way);
        Some(way.before)
    }

    /// Where redoing leads. `None` where nothing is left to redo.
    pub fn redo(&mut self) -> Option<Place> {
        let way = self.undone.pop()?;
        self.done.push(way);
        Some(way.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(position: Position) -> Place {
        Place { position, ..Place::default() }
    }

    #[test]
    fn what_was_done_is_undone_in_reverse_and_redone_until_something_else_is_done() {
        let mut places = Places::default();
        places.did(at(3), at(4));
        places.did(at(9), at(10));
        assert_eq!((places.undo(), places.undo(), places.undo()), (Some(at(9)), Some(at(3)), None));
        assert_eq!(places.redo(), Some(at(4)));
        places.did(at(5), at(6));
        assert_eq!(places.redo(), None);
        assert_eq!(places.undo(), Some(at(5)));
    }

    #[test]
    fn what_changed_nothing_is_not_noted() {
        let mut places = Places::default();
        places.did(at(3), at(3));
        assert_eq!(places.undo(), None);
    }
}
