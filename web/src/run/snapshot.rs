//! One moment of a run, as the page draws it.

use std::cell::OnceCell;
use std::ops::Deref;
use std::rc::Rc;

use crate::engine::{
    Change, Cluster, ClusterView, EventId, FoundViolation, Passed, PendingView, Position, Size, Step, WhyNot,
};
use crate::run::Place;
use crate::run::lesson_session::LessonSession;
use crate::run::milestone_markers::MilestoneMarkers;
use crate::run::recording::Opened;
use crate::run::removed_records::{IsrDifference, Removed};
use crate::run::tour::FirstRunTour;

/// How many pending events the scene and the tray show.
const PENDING_SHOWN_MAX: usize = 40;

/// One moment of a run. Never changed: the next moment is another one. What is costly and not always shown is made when it
/// is first asked for.
#[derive(Debug)]
pub struct Snapshot {
    /// Which run, which branch of it, how many moves came before.
    pub place: Place,
    /// The cluster as it is shown.
    pub view: ClusterView,
    /// The step that led here.
    pub step: Option<Rc<Step>>,
    /// How many moves came before.
    pub position: Position,
    /// How far this branch's future is known.
    pub len: Position,
    /// How many commands this branch has.
    pub commands: usize,
    /// The command that this run has recorded for the next step, if it has: it comes before anything that is pending.
    pub recorded: Option<Rc<Step>>,
    /// The markers of the time bar.
    pub markers: MilestoneMarkers,
    /// What must hold and was broken up to here.
    pub violations: Vec<FoundViolation>,
    /// What the step cut off logs.
    pub removed: Vec<Removed>,
    /// Leaders whose ISR is another one than at the moment that was shown before.
    pub isr_differences: Vec<IsrDifference>,
    /// Which ends of a record's tour were reached.
    pub tour: FirstRunTour,
    /// What was passed since the last stop: for messages and for milestones.
    pub(super) passed: [Option<Passed>; 2],
    /// The lesson that is followed.
    pub lesson_session: Option<Rc<LessonSession>>,
    /// The recording that the run follows.
    pub recording: Option<Opened>,
    pub(super) cluster: Cluster,
    pub(super) pending: OnceCell<Vec<PendingView>>,
    pub(super) why_not: OnceCell<Vec<WhyNot>>,
}

/// The moment that the page shows now. Two are the same where they are one and the same moment: comparing is cheap.
#[derive(Clone, Debug)]
pub struct SharedSnapshot(pub(super) Rc<Snapshot>);

impl PartialEq for SharedSnapshot {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for SharedSnapshot {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.0
    }
}

impl Snapshot {
    /// What the step changed.
    pub fn changes(&self) -> &[Change] {
        self.step.as_ref().map_or(&[], |step| &step.changes)
    }

    /// What may happen next.
    pub fn pending(&self) -> &[PendingView] {
        self.pending.get_or_init(|| self.cluster.pending(PENDING_SHOWN_MAX))
    }

    /// What a person might expect and has not happened.
    pub fn why_not(&self) -> &[WhyNot] {
        self.why_not.get_or_init(|| self.cluster.why_not())
    }

    /// The event that would happen next.
    pub fn next_event(&self) -> Option<EventId> {
        let next = self.pending().iter().find(|pending| pending.is_next).map(|pending| pending.event);
        next.filter(|_| self.recorded.is_none())
    }

    /// What was passed since the last stop of a person who goes by this size.
    pub fn passed(&self, size: Size) -> Option<&Passed> {
        match size {
            Size::Micro => None,
            Size::Message => self.passed[0].as_ref(),
            Size::Milestone => self.passed[1].as_ref(),
        }
    }

    /// Nodes that are controllers and no brokers.
    pub fn controllers_only(&self) -> Vec<i32> {
        self.view.nodes.iter().filter(|node| !node.is_broker).map(|node| node.id).collect()
    }
}
