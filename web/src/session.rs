//! The run that the page shows: the one place that holds a [`History`], moves it, and tells the page where it stands.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use yew::Callback;

use kafkascope_core::client::ProbeAnswer;
use kafkascope_core::lesson::{Answer, Lesson, Stuck};

use crate::aftermath::{IsrNews, Removed, isr_news, removed};
use crate::course::{Course, NotOpened};
use crate::engine::{
    Change, ClusterView, Command, CommandError, EventId, FoundBreach, History, Mark, PendingView, Position, Scenario,
    ScenarioError, Size, Step, WhyNot,
};
use crate::journey::{FollowUp, Journey, Plan, plan, preset};
use crate::progress::Stand;

/// How many pending events the tray shows.
const PENDING_SHOWN_MAX: usize = 40;
/// How many links of the chain of causes are shown.
const CAUSES_SHOWN_MAX: usize = 6;

/// One moment of a run, as the page draws it. Never changed: the next moment is another one.
#[derive(Debug)]
pub struct Moment {
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
    /// The steps that led to this one, nearest first.
    pub causes: Vec<Arc<Step>>,
    /// The milestones of the branch.
    pub marks: Vec<Mark>,
    /// What must hold and was broken up to here.
    pub breaches: Vec<FoundBreach>,
    /// What the step cut off logs.
    pub removed: Vec<Removed>,
    /// Leaders whose ISR is another one than at the moment that was shown before.
    pub isr_news: Vec<IsrNews>,
    /// Which ends of a record's journey were reached.
    pub journey: Journey,
    /// The run as a link's text.
    pub link: String,
    /// The lesson that is followed.
    pub course: Option<Rc<Course>>,
}

/// What a lesson's buttons do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
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
pub struct Now(Rc<Moment>);

impl PartialEq for Now {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Now {
    type Target = Moment;

    fn deref(&self) -> &Moment {
        &self.0
    }
}

impl Moment {
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
    course: RefCell<Option<Rc<Course>>>,
    listener: RefCell<Callback<Now>>,
    /// The moment that was told last: what is quietly another way since, is news.
    shown: RefCell<Option<Now>>,
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
            course: RefCell::default(),
            listener: RefCell::default(),
            shown: RefCell::default(),
        }))
    }

    /// Names who is told of every move.
    pub fn tell(&self, listener: Callback<Now>) {
        self.listener.replace(listener);
    }

    /// Looks into the history.
    pub fn read<R>(&self, look: impl FnOnce(&History) -> R) -> R {
        look(&self.history.borrow())
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
    pub fn now(&self) -> Now {
        let mut history = self.history.borrow_mut();
        let step = history.current();
        let position = history.position();
        let view = history.cluster().view();
        Now(Rc::new(Moment {
            isr_news: self.isr_news(&view, position),
            removed: removed(&mut history),
            view,
            position,
            len: history.len(),
            pending: history.cluster().pending(PENDING_SHOWN_MAX),
            recorded: history.step_at(position + 1).filter(|step| step.command.is_some()),
            why_not: history.cluster().why_not(),
            // The first of the chain is the step itself.
            causes: history.causes(position, CAUSES_SHOWN_MAX + 1).into_iter().skip(1).collect(),
            marks: history.marks().to_vec(),
            breaches: history.breaches().iter().filter(|found| found.position <= position).cloned().collect(),
            journey: Journey::of(history.marks()),
            link: history.scenario().to_link(),
            course: self.course.borrow().clone(),
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
        let (course, history) = Course::open(lesson)?;
        remember(&history);
        self.replace(history, Some(Rc::new(course)));
        Ok(())
    }

    /// Goes on with a lesson where it was left. `false` where that cannot be read any more.
    pub fn resume_lesson(&self, lesson: Rc<Lesson>, stand: &Stand) -> bool {
        let Some((course, history)) = Course::resume(lesson, stand) else { return false };
        remember(&history);
        self.replace(history, Some(Rc::new(course)));
        true
    }

    /// Does what a lesson's button says.
    pub fn lead(&self, lead: Lead) -> Result<(), Stuck> {
        let Some(mut course) = self.course.borrow_mut().take() else { return Ok(()) };
        let following = Rc::make_mut(&mut course);
        let done = {
            let mut history = self.history.borrow_mut();
            match lead {
                Lead::Press => following.press(&mut history),
                Lead::Advance => following.advance(&mut history),
                Lead::Solve => following.solve(&mut history),
                Lead::Hint => {
                    following.hints += 1;
                    Ok(())
                }
            }
        };
        self.course.replace(Some(course));
        remember(&self.history.borrow());
        self.publish();
        done
    }

    /// The learner answers a question.
    pub fn predict(&self, beat: &str, question: &str, answer: Answer) {
        if let Some(course) = self.course.borrow_mut().as_mut() {
            Rc::make_mut(course).choose(beat, question, answer);
        }
        self.publish();
    }

    fn replace(&self, history: History, course: Option<Rc<Course>>) {
        self.shown.replace(None);
        self.history.replace(history);
        self.course.replace(course);
        self.publish();
    }

    /// Lets the lesson see what happened since a position.
    fn observe(&self, before: Position) {
        if let Some(course) = self.course.borrow_mut().as_mut() {
            Rc::make_mut(course).observe(&mut self.history.borrow_mut(), before);
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
        let now = self.now();
        self.shown.replace(Some(now.clone()));
        listener.emit(now);
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
