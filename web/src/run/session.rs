//! The run that the page shows: the one place that holds a [`History`], moves it, and tells the page where it stands.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use yew::Callback;

use kafkascope_core::client::ProbeAnswer;
use kafkascope_core::lesson::{Answer, Lesson, Stuck};

use crate::engine::{
    Change, ClusterView, Command, CommandError, EventId, FoundViolation, History, Milestone, PendingView, Position,
    Scenario, ScenarioError, Size, Step, WhyNot,
};
use crate::run::lesson_session::{LessonSession, NotOpened};
use crate::run::progress::SavedProgress;
use crate::run::removed_records::{IsrNews, Removed, isr_news, removed};
use crate::run::tour::{FirstRunTour, FollowUp, Plan, plan, preset};

/// How many pending events the tray shows.
const PENDING_SHOWN_MAX: usize = 40;

/// One moment of a run, as the page draws it. Never changed: the next moment is another one.
#[derive(Debug)]
pub struct Snapshot {
    /// The cluster.
    pub view: ClusterView,
    /// The step that led here.
    pub step: Option<Arc<Step>>,
    /// How many moves came before.
    pub position: Position,
    /// How far this branch's future is known.
    pub len: Position,
    /// What may happen next.
    pub pending: Vec<PendingView>,
    /// The command that this run has recorded for the next step, if it has: it comes before anything that is pending.
    pub recorded: Option<Arc<Step>>,
    /// What a person might expect and has not happened.
    pub why_not: Vec<WhyNot>,
    /// The milestones of the branch.
    pub milestones: Vec<Milestone>,
    /// What must hold and was broken up to here.
    pub violations: Vec<FoundViolation>,
    /// What the step cut off logs.
    pub removed: Vec<Removed>,
    /// Leaders whose ISR is another one than at the moment that was shown before.
    pub isr_news: Vec<IsrNews>,
    /// Which ends of a record's tour were reached.
    pub tour: FirstRunTour,
    /// The run as a link's text.
    pub link: String,
    /// The lesson that is followed.
    pub lesson_session: Option<Rc<LessonSession>>,
}

/// What a lesson's buttons do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LessonAction {
    /// The beat's own commands.
    Press,
    /// On until the goals.
    Advance,
    /// The reference path.
    Solve,
    /// One more hint.
    Hint,
}

/// The moment that the page shows now. Two are the same where they are one and the same moment: comparing is cheap.
#[derive(Clone, Debug)]
pub struct SharedSnapshot(Rc<Snapshot>);

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

    /// The event that would happen next.
    pub fn next_event(&self) -> Option<EventId> {
        let next = self.pending.iter().find(|pending| pending.is_next).map(|pending| pending.event);
        next.filter(|_| self.recorded.is_none())
    }

    /// Nodes that are controllers and no brokers.
    pub fn controllers_only(&self) -> Vec<i32> {
        self.view.nodes.iter().filter(|node| !node.is_broker).map(|node| node.id).collect()
    }
}

/// The run that the page shows.
pub struct Session {
    history: RefCell<History>,
    lesson_session: RefCell<Option<Rc<LessonSession>>>,
    listener: RefCell<Callback<SharedSnapshot>>,
    /// The moment that was told last: what is quietly another way since, is news.
    shown: RefCell<Option<SharedSnapshot>>,
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Session {
    /// Opens a run.
    pub fn open(scenario: Scenario) -> Result<Rc<Self>, ScenarioError> {
        let history = History::new(scenario)?;
        remember(&history);
        Ok(Rc::new(Self {
            history: RefCell::new(history),
            lesson_session: RefCell::default(),
            listener: RefCell::default(),
            shown: RefCell::default(),
        }))
    }

    /// Names who is told of every move.
    pub fn subscribe(&self, listener: Callback<SharedSnapshot>) {
        self.listener.replace(listener);
    }

    /// Looks into the history.
    pub fn read<R>(&self, look: impl FnOnce(&History) -> R) -> R {
        look(&self.history.borrow())
    }

    /// A step of this run that the history keeps: it is not made again.
    pub fn kept_step(&self, position: Position) -> Option<Arc<Step>> {
        self.history.borrow().kept_step(position).cloned()
    }

    /// Makes steps again and keeps them. They are sorted and close together.
    pub fn make_steps(&self, wanted: &[Position]) {
        self.history.borrow_mut().make_steps(wanted);
    }

    /// What a hand-written request got, if it has an answer.
    pub fn answer(&self, probe: u32) -> Option<ProbeAnswer> {
        self.history.borrow().cluster().probe_answer(probe).cloned()
    }

    /// The seed of the run.
    pub fn seed(&self) -> u64 {
        self.history.borrow().scenario().seed
    }

    /// Where the run stands.
    pub fn now(&self) -> SharedSnapshot {
        let mut history = self.history.borrow_mut();
        let step = history.current();
        let position = history.position();
        let view = history.cluster().view();
        SharedSnapshot(Rc::new(Snapshot {
            isr_news: self.isr_news(&view, position),
            removed: removed(&mut history),
            view,
            position,
            len: history.len(),
            pending: history.cluster().pending(PENDING_SHOWN_MAX),
            recorded: history.step_at(position + 1).filter(|step| step.command.is_some()),
            why_not: history.cluster().why_not(),
            milestones: history.milestones().to_vec(),
            violations: history.violations().iter().filter(|found| found.position <= position).cloned().collect(),
            tour: FirstRunTour::of(history.milestones()),
            link: history.scenario().to_link(),
            lesson_session: self.lesson_session.borrow().clone(),
            step,
        }))
    }

    /// News since the moment that was told last, where the run went on from there. Told twice, a moment is as it was.
    fn isr_news(&self, view: &ClusterView, position: Position) -> Vec<IsrNews> {
        match &*self.shown.borrow() {
            Some(shown) if shown.position < position => isr_news(&shown.view, view),
            Some(shown) if shown.position == position => shown.isr_news.clone(),
            _ => Vec::new(),
        }
    }

    /// One press of Forward. `false` where nothing is scheduled any more.
    pub fn forward(&self, size: Size) -> bool {
        let before = self.history.borrow().position();
        let moved = self.history.borrow_mut().forward(size).is_some();
        self.observe(before);
        self.publish();
        moved
    }

    /// One press of Back. `false` at the start.
    pub fn back(&self, size: Size) -> bool {
        let moved = self.history.borrow_mut().back(size);
        self.publish();
        moved
    }

    /// Goes to a position of this branch, as far as its future is known.
    pub fn seek(&self, position: Position) {
        self.history.borrow_mut().seek(position);
        self.publish();
    }

    /// Runs on to a position, or goes back to it.
    pub fn run_to(&self, position: Position) {
        self.history.borrow_mut().run_to(position);
        self.publish();
    }

    /// Does what a person asks for. In the past, another future begins here.
    pub fn act(&self, command: Command) -> Result<Arc<Step>, CommandError> {
        let before = self.history.borrow().position();
        let step = self.history.borrow_mut().act(command)?;
        remember(&self.history.borrow());
        self.observe(before);
        self.publish();
        Ok(step)
    }

    /// Opens another run in place of this one. A bad scenario leaves this one untouched.
    pub fn load(&self, scenario: Scenario) -> Result<(), ScenarioError> {
        let history = History::new(scenario)?;
        remember(&history);
        self.replace(history, None);
        Ok(())
    }

    /// Opens a lesson in place of this run.
    pub fn open_lesson(&self, lesson: Rc<Lesson>) -> Result<(), NotOpened> {
        let (lesson_session, history) = LessonSession::open(lesson)?;
        remember(&history);
        self.replace(history, Some(Rc::new(lesson_session)));
        Ok(())
    }

    /// Goes on with a lesson where it was left. `false` where that cannot be read any more.
    pub fn resume_lesson(&self, lesson: Rc<Lesson>, saved_progress: &SavedProgress) -> bool {
        let Some((lesson_session, history)) = LessonSession::resume(lesson, saved_progress) else { return false };
        remember(&history);
        self.replace(history, Some(Rc::new(lesson_session)));
        true
    }

    /// Does what a lesson's button says.
    pub fn act_on_lesson(&self, action: LessonAction) -> Result<(), Stuck> {
        let Some(mut lesson_session) = self.lesson_session.borrow_mut().take() else { return Ok(()) };
        let following = Rc::make_mut(&mut lesson_session);
        let done = {
            let mut history = self.history.borrow_mut();
            match action {
                LessonAction::Press => following.press(&mut history),
                LessonAction::Advance => following.advance(&mut history),
                LessonAction::Solve => following.solve(&mut history),
                LessonAction::Hint => {
                    following.hints += 1;
                    Ok(())
                }
            }
        };
        self.lesson_session.replace(Some(lesson_session));
        remember(&self.history.borrow());
        self.publish();
        done
    }

    /// The learner answers a question.
    pub fn predict(&self, beat: &str, question: &str, answer: Answer) {
        if let Some(lesson_session) = self.lesson_session.borrow_mut().as_mut() {
            Rc::make_mut(lesson_session).choose(beat, question, answer);
        }
        self.publish();
    }

    fn replace(&self, history: History, lesson_session: Option<Rc<LessonSession>>) {
        self.shown.replace(None);
        self.history.replace(history);
        self.lesson_session.replace(lesson_session);
        self.publish();
    }

    /// Lets the lesson see what happened since a position.
    fn observe(&self, before: Position) {
        if let Some(lesson_session) = self.lesson_session.borrow_mut().as_mut() {
            Rc::make_mut(lesson_session).observe(&mut self.history.borrow_mut(), before);
        }
    }

    /// Runs what a curious person asks next. `false` where this run has no such moment.
    pub fn follow_up(&self, follow_up: FollowUp) -> bool {
        let plan = plan(follow_up, &mut self.history.borrow_mut());
        match plan {
            Some(Plan::Seek(position)) => self.seek(position),
            Some(Plan::SeekAndAct(position, command)) => {
                self.history.borrow_mut().seek(position);
                return self.act(command).is_ok();
            }
            Some(Plan::Load(id)) => return preset(id).is_some_and(|preset| self.load(preset.scenario).is_ok()),
            None => return false,
        }
        true
    }

    fn publish(&self) {
        let listener = self.listener.borrow().clone();
        let snapshot = self.now();
        self.shown.replace(Some(snapshot.clone()));
        listener.emit(snapshot);
    }
}

thread_local! {
    /// The run as it was when something last was done to it: what is left to copy when everything else has failed.
    static BLACK_BOX: RefCell<Option<Scenario>> = const { RefCell::new(None) };
}

fn remember(history: &History) {
    BLACK_BOX.with(|kept| kept.replace(Some(history.scenario())));
}

/// The run that was last remembered, as JSON.
pub fn remembered() -> Option<String> {
    BLACK_BOX.with(|kept| kept.try_borrow().ok()?.as_ref().map(Scenario::to_json))
}
