//! The runs of the page: the one place that holds them, moves the one that is shown, and tells the page where it stands.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use yew::Callback;

use kafkascope_core::client::ProbeAnswer;
use kafkascope_core::lesson::{Answer, Entry, Lesson, Stuck};

use crate::engine::{
    ClusterView, Command, CommandError, History, Opening, Position, Scenario, ScenarioError, Scout, Size, Step,
};
use crate::run::lesson_session::{LessonSession, NotOpened};
use crate::run::milestone_markers::MilestoneMarkerCache;
use crate::run::places::{Place, Places};
use crate::run::progress::SavedProgress;
use crate::run::recording::Opened;
use crate::run::removed_records::{IsrDifference, isr_differences, removed};
use crate::run::runs::{Origin, Run, RunView};
use crate::run::saved_session::{SavedRun, SavedSession};
use crate::run::snapshot::{SharedSnapshot, Snapshot};
use crate::run::tour::{FIRST_PAGE, FirstRunTour, FollowUp, Plan, plan, preset};

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

/// The runs of the page, and which of them is shown.
pub struct Session {
    runs: RefCell<Vec<Run>>,
    current: Cell<usize>,
    places: RefCell<Places>,
    markers: RefCell<MilestoneMarkerCache>,
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
    /// Opens a session on runs, of which one is shown; there is at least one.
    pub fn of_runs(runs: Vec<Run>, current: usize, places: Places) -> Rc<Self> {
        let current = current.min(runs.len().saturating_sub(1));
        if let Some(run) = runs.get(current) {
            remember(&run.history);
        }
        Self::new(runs, current, places)
    }

    /// One on the first page's run that nobody sees.
    pub fn of_first_page() -> Option<Rc<Self>> {
        let run = Run::open(preset(FIRST_PAGE)?.scenario, Origin::First).ok()?;
        Some(Self::new(vec![run], 0, Places::default()))
    }

    fn new(runs: Vec<Run>, current: usize, places: Places) -> Rc<Self> {
        Rc::new(Self {
            runs: RefCell::new(runs),
            current: Cell::new(current),
            places: RefCell::new(places),
            markers: RefCell::default(),
            listener: RefCell::default(),
            shown: RefCell::default(),
        })
    }

    /// Keeps the run that is shown, of which this is the link, for as long as the tab is there, and which others there are.
    pub fn keep(&self, link: &str) {
        let (runs, current) = (self.runs.borrow(), self.current.get());
        let run = &runs[current];
        SavedRun::of(run, link).keep(number(current));
        SavedSession::of(number(runs.len()), number(current), &self.places.borrow(), run, link).keep();
    }

    /// Keeps the other runs: another one is shown now, and the one before may have gone on since it was kept.
    pub fn keep_others(&self) {
        let runs = self.runs.borrow();
        for (index, run) in runs.iter().enumerate().filter(|(index, _)| *index != self.current.get()) {
            SavedRun::of(run, &run.link()).keep(number(index));
        }
    }

    /// The lessons that were followed before the page was loaded anew, of whatever run.
    pub fn unfollowed(&self) -> Vec<String> {
        self.runs.borrow().iter().filter_map(|run| run.unfollowed.as_ref()).map(|(lesson, _)| lesson.clone()).collect()
    }

    /// Goes on with a lesson on each run on which it was followed before the page was loaded anew.
    pub fn follow_again(&self, lesson: &Rc<Lesson>) {
        for run in self.runs.borrow_mut().iter_mut() {
            let Some((_, saved)) = run.unfollowed.take_if(|(id, _)| *id == lesson.id) else { continue };
            run.lesson_session = LessonSession::of_saved(lesson.clone(), &saved).map(Rc::new);
        }
        self.publish();
    }

    /// Names who is told of every move.
    pub fn subscribe(&self, listener: Callback<SharedSnapshot>) {
        self.listener.replace(listener);
    }

    /// Does something with the run that is shown.
    fn with<R>(&self, act: impl FnOnce(&mut Run) -> R) -> R {
        act(&mut self.runs.borrow_mut()[self.current.get()])
    }

    /// Looks into the history of the run that is shown.
    pub fn read<R>(&self, look: impl FnOnce(&History) -> R) -> R {
        look(&self.runs.borrow()[self.current.get()].history)
    }

    /// A step of this run that the history keeps: it is not made again.
    pub fn kept_step(&self, position: Position) -> Option<Rc<Step>> {
        self.read(|history| history.kept_step(position).cloned())
    }

    /// A step of this run, made again if it has to be.
    pub fn step_at(&self, position: Position) -> Option<Rc<Step>> {
        self.with(|run| run.history.step_at(position))
    }

    /// Makes steps again and keeps them. They are sorted and close together.
    pub fn make_steps(&self, wanted: &[Position]) {
        self.with(|run| run.history.make_steps(wanted));
    }

    /// What a hand-written request got, if it has an answer.
    pub fn answer(&self, probe: u32) -> Option<ProbeAnswer> {
        self.read(|history| history.cluster().probe_answer(probe).cloned())
    }

    /// The seed of the run.
    pub fn seed(&self) -> u64 {
        self.read(History::seed)
    }

    /// The run as a link's text.
    pub fn link(&self) -> String {
        self.with(|run| run.link())
    }

    /// All runs.
    pub fn runs(&self) -> Vec<RunView> {
        let runs = self.runs.borrow();
        runs.iter().enumerate().map(|(index, run)| run.view(number(index), index == self.current.get())).collect()
    }

    /// How many runs there are.
    pub fn run_count(&self) -> usize {
        self.runs.borrow().len()
    }

    /// Where we are.
    pub fn place(&self) -> Place {
        let run = number(self.current.get());
        self.read(|history| Place { run, branch: history.branch_number(), position: history.position() })
    }

    /// Where the run stands.
    pub fn now(&self) -> SharedSnapshot {
        let place = self.place();
        self.with(|run| {
            let history = &mut run.history;
            let step = history.current();
            let position = history.position();
            let view = history.cluster().view();
            SharedSnapshot(Rc::new(Snapshot {
                isr_differences: self.isr_differences(&view, place),
                removed: removed(history),
                view,
                place,
                position,
                len: history.len(),
                commands: history.commands().len(),
                recorded: history.step_at(position + 1).filter(|step| step.command.is_some()),
                markers: self.markers.borrow_mut().of(place, history),
                violations: history.violations().iter().filter(|found| found.position <= position).cloned().collect(),
                tour: FirstRunTour::of(history.milestones()),
                passed: [Size::Message, Size::Milestone].map(|size| history.passed(size)),
                lesson_session: run.lesson_session.clone(),
                recording: run.recording.clone(),
                cluster: history.cluster().clone(),
                pending: OnceCell::new(),
                why_not: OnceCell::new(),
                step,
            }))
        })
    }

    /// Differences since the last published snapshot, where the run went on from there. Published twice, a snapshot
    /// keeps its own.
    fn isr_differences(&self, view: &ClusterView, place: Place) -> Vec<IsrDifference> {
        match &*self.shown.borrow() {
            Some(shown) if shown.place == place => shown.isr_differences.clone(),
            Some(shown) if shown.place.run == place.run && shown.position < place.position => {
                isr_differences(&shown.view, view)
            }
            _ => Vec::new(),
        }
    }

    /// One press of Forward. `false` where nothing is scheduled any more.
    pub fn forward(&self, size: Size) -> bool {
        let before = self.place().position;
        let moved = self.with(|run| run.history.forward(size));
        self.observe(before);
        self.publish();
        moved
    }

    /// One press of Back. `false` at the start.
    pub fn back(&self, size: Size) -> bool {
        let moved = self.with(|run| run.history.back(size));
        self.publish();
        moved
    }

    /// Goes to a position of this branch, as far as its future is known.
    pub fn seek(&self, position: Position) {
        self.with(|run| run.history.seek(position));
        self.publish();
    }

    /// Runs on to a position, or goes back to it.
    pub fn run_to(&self, position: Position) {
        self.with(|run| run.history.run_to(position));
        self.publish();
    }

    /// Runs on towards a position by at most `moves` moves, and publishes nothing yet. `true` when it is there, or can
    /// go no farther.
    pub fn run_on(&self, position: Position, moves: u32) -> bool {
        self.with(|run| {
            let stop = run.history.position().saturating_add(moves).min(position);
            run.history.run_to(stop);
            run.history.position() >= position || run.history.position() < stop
        })
    }

    /// Tells what running on has led to.
    pub fn arrive(&self, before: Position) {
        self.observe(before);
        self.publish();
    }

    /// What looks ahead from here.
    pub fn scout(&self, size: Size) -> Scout {
        self.read(|history| history.scout(size))
    }

    /// Shows a run where it stands. `false` where there is none of this number.
    pub fn show_run(&self, run: u32) -> bool {
        let index = usize::try_from(run).ok().filter(|index| *index < self.runs.borrow().len());
        let Some(index) = index else { return false };
        self.current.set(index);
        self.publish();
        true
    }

    /// Goes to a place of any run and branch. `false` where there is none such.
    pub fn go(&self, place: Place) -> bool {
        let index = usize::try_from(place.run).ok().filter(|index| *index < self.runs.borrow().len());
        let Some(index) = index else { return false };
        self.current.set(index);
        let is_there = self.with(|run| run.history.show(place.branch, place.position));
        self.publish();
        is_there
    }

    /// Goes back to where the person acted last. `false` where nothing is left to undo.
    pub fn undo(&self) -> bool {
        let place = self.places.borrow_mut().undo();
        place.is_some_and(|place| self.go(place))
    }

    /// Goes to where what was undone had led. `false` where nothing is left to redo.
    pub fn redo(&self) -> bool {
        let place = self.places.borrow_mut().redo();
        place.is_some_and(|place| self.go(place))
    }

    /// Does what a person asks for. In the past, another future begins here.
    pub fn act(&self, command: Command) -> Result<Rc<Step>, CommandError> {
        let before = self.place();
        let step = self.with(|run| run.history.act(command))?;
        self.read(remember);
        self.did(before);
        self.observe(before.position);
        self.publish();
        Ok(step)
    }

    fn did(&self, before: Place) {
        let after = self.place();
        self.places.borrow_mut().did(before, after);
    }

    /// Opens another run beside this one. A bad scenario opens none.
    pub fn load(&self, scenario: Scenario, origin: Origin) -> Result<(), ScenarioError> {
        self.begin(Run::open(scenario, origin)?);
        Ok(())
    }

    /// Opens a run that was opened in slices beside this one.
    pub fn load_opened(&self, opening: Opening, origin: Origin) {
        self.begin(Run::new(opening.into_history(), origin));
    }

    /// Opens a run in place of this one.
    pub fn replace(&self, history: History, origin: Origin) {
        remember(&history);
        self.with(|run| *run = Run::new(history, origin));
        self.markers.replace(MilestoneMarkerCache::default());
        self.publish();
    }

    /// Opens the run that a recording became, beside this one.
    pub fn open_recording(&self, opening: Opening, opened: Opened) {
        let origin = Origin::Recording(opened.0.transcript.title.clone());
        self.begin(Run { recording: Some(opened), ..Run::new(opening.into_history(), origin) });
    }

    /// Opens a lesson beside this run.
    pub fn open_lesson(&self, lesson: Rc<Lesson>) -> Result<(), NotOpened> {
        let (lesson_session, history) = LessonSession::open(lesson)?;
        self.begin(Run::of_lesson(history, lesson_session));
        Ok(())
    }

    /// Goes on with a lesson where it was left, beside this run. `false` where that cannot be read any more.
    pub fn resume_lesson(&self, lesson: Rc<Lesson>, saved_progress: &SavedProgress) -> bool {
        let Some((lesson_session, history)) = LessonSession::resume(lesson, saved_progress) else { return false };
        self.begin(Run::of_lesson(history, lesson_session));
        true
    }

    /// Follows a lesson on the run that is shown: as it was left there or, where that is not known, as far as the run itself
    /// shows. `false` where the run is not one of the lesson's.
    pub fn follow_lesson(&self, lesson: Rc<Lesson>, saved_progress: Option<&SavedProgress>) -> bool {
        let resumed = saved_progress.and_then(|saved| LessonSession::resume(lesson.clone(), saved));
        let lesson_session = match resumed {
            Some((lesson_session, _)) => Some(lesson_session),
            None => self.with(|run| LessonSession::catch_up(lesson, &run.history)),
        };
        let Some(lesson_session) = lesson_session else { return false };
        self.with(|run| {
            run.origin = Origin::Lesson(lesson_session.lesson.id.clone());
            run.lesson_session = Some(Rc::new(lesson_session));
        });
        self.publish();
        true
    }

    /// Shows a new run beside the others.
    fn begin(&self, run: Run) {
        remember(&run.history);
        let before = self.place();
        let index = {
            let mut runs = self.runs.borrow_mut();
            runs.push(run);
            runs.len() - 1
        };
        self.current.set(index);
        self.shown.replace(None);
        self.did(before);
        self.publish();
    }

    /// Does what a lesson's button says.
    pub fn act_on_lesson(&self, action: LessonAction) -> Result<(), Stuck> {
        let before = self.place();
        let done = self.with(|run| {
            let Some(lesson_session) = &mut run.lesson_session else { return Ok(()) };
            let (following, history) = (Rc::make_mut(lesson_session), &mut run.history);
            match action {
                LessonAction::Press => following.press(history),
                LessonAction::Advance => following.advance(history),
                LessonAction::Solve => following.solve(history),
                LessonAction::Hint => {
                    following.hints += 1;
                    Ok(())
                }
            }
        });
        self.read(remember);
        self.did(before);
        self.publish();
        done
    }

    /// What a lesson's button is going to write beside the cluster.
    pub fn lesson_entries(&self, action: LessonAction) -> Vec<Entry> {
        let solves = match action {
            LessonAction::Press => false,
            LessonAction::Solve => true,
            LessonAction::Advance | LessonAction::Hint => return Vec::new(),
        };
        self.with(|run| run.lesson_session.as_ref().map(|lesson| lesson.entries(solves)).unwrap_or_default())
    }

    /// Something was written beside the cluster: the lesson may have asked for it.
    pub fn wrote(&self, entry: &Entry) {
        let reaches_goal = self.with(|run| {
            let Some(lesson_session) = &mut run.lesson_session else { return false };
            Rc::make_mut(lesson_session).write(&run.history, entry)
        });
        if reaches_goal {
            self.publish();
        }
    }

    /// The learner answers a question.
    pub fn predict(&self, beat: &str, question: &str, answer: Answer) {
        self.with(|run| {
            if let Some(lesson_session) = &mut run.lesson_session {
                Rc::make_mut(lesson_session).choose(beat, question, answer);
            }
        });
        self.publish();
    }

    /// Lets the lesson see what happened since a position.
    fn observe(&self, before: Position) {
        self.with(|run| {
            if let Some(lesson_session) = &mut run.lesson_session {
                Rc::make_mut(lesson_session).observe(&mut run.history, before);
            }
        });
    }

    /// Runs what a curious person asks next. `false` where this run has no such moment.
    pub fn follow_up(&self, follow_up: FollowUp) -> bool {
        let plan = self.with(|run| plan(follow_up, &mut run.history));
        match plan {
            Some(Plan::Seek(position)) => self.seek(position),
            Some(Plan::SeekAndAct(position, command)) => {
                let before = self.place();
                self.with(|run| run.history.seek(position));
                let is_done = self.act(command).is_ok();
                // One way back, to where the offer was taken.
                if is_done {
                    self.places.borrow_mut().joined(before);
                }
                return is_done;
            }
            Some(Plan::Load(id)) => {
                let origin = Origin::Preset(id.to_owned());
                return preset(id).is_some_and(|preset| self.load(preset.scenario, origin).is_ok());
            }
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

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
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
