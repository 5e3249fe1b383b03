//! The state of the page around the run: what is open, how it is shown. One reducer, no effects.

use std::collections::BTreeSet;
use std::rc::Rc;

use yew::Reducible;

use crate::app::{Address, ConfigDraft, ConsoleEntry, ConsoleState, Outlook, Selection, SideTab, TourOffers};
use crate::engine::console::Outcome;
use crate::engine::{Actor, ApiKey, Listener, Size};
use crate::i18n::{Lang, LocalizedMessage};
use crate::run::SharedSnapshot;
use crate::run::recording::Opened;
use crate::run::tour::FollowUp;

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
}

impl Theme {
    /// Its name in the document and in storage.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::Light,
        }
    }
}

/// How fast Play goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// Time to read.
    Slow,
    /// Time to follow.
    #[default]
    Normal,
    /// Time to see.
    Fast,
}

impl Speed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Slow, Self::Normal, Self::Fast];

    /// Between two presses, in milliseconds.
    pub fn pause_ms(self) -> u32 {
        match self {
            Self::Slow => 2_000,
            Self::Normal => 800,
            Self::Fast => 160,
        }
    }

    /// How it is written on its button.
    pub fn label(self) -> &'static str {
        match self {
            Self::Slow => "½×",
            Self::Normal => "1×",
            Self::Fast => "5×",
        }
    }
}

/// What the middle shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The scene.
    #[default]
    Cluster,
    /// Replicas, segments and files of a broker.
    Log,
    /// A producer opened up: its records from `send()` to the callback.
    Producer,
    /// Consumer groups.
    Groups,
    /// Transactions, and what readers get of them.
    Transactions,
    /// The voters of the metadata log.
    Quorum,
    /// One broker opened up: the way of a request.
    Pipeline,
    /// Metrics by their JMX names.
    Metrics,
    /// How a key becomes a partition.
    Partitioning,
    /// Every setting.
    Settings,
    /// One request by hand.
    Lab,
    /// Kafka's command line tools.
    Console,
}

impl Tab {
    /// All of them, in the order in which they stand.
    pub const ALL: [Self; 12] = [
        Self::Cluster,
        Self::Log,
        Self::Producer,
        Self::Groups,
        Self::Transactions,
        Self::Quorum,
        Self::Pipeline,
        Self::Metrics,
        Self::Partitioning,
        Self::Settings,
        Self::Lab,
        Self::Console,
    ];

    /// The id of its button; its message's, too.
    pub fn id(self) -> &'static str {
        match self {
            Self::Cluster => "tab-cluster",
            Self::Log => "tab-log",
            Self::Producer => "tab-producer",
            Self::Groups => "tab-groups",
            Self::Transactions => "tab-transactions",
            Self::Quorum => "tab-quorum",
            Self::Pipeline => "tab-pipeline",
            Self::Metrics => "tab-metrics",
            Self::Partitioning => "tab-partitioning",
            Self::Settings => "tab-settings",
            Self::Lab => "tab-lab",
            Self::Console => "tab-console",
        }
    }
}

/// What lies over the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// The keys.
    Keys,
    /// A new cluster.
    NewCluster,
    /// A new cluster from property files.
    ConfigFiles,
    /// A record for a producer.
    Produce(u32),
    /// What can be done to an actor.
    Actor(Actor),
    /// What can be done to the link between two actors.
    Link(Actor, Actor),
    /// A message on its way, as JSON.
    Envelope(u64),
    /// Save and open runs.
    Files,
    /// What must hold.
    Invariants,
    /// All runs and their branches.
    Runs,
    /// What the scene's marks mean.
    Legend,
}

/// Something that takes long, and how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// How many moves were made.
    pub made: u32,
    /// Of how many.
    pub of: u32,
}

/// Something that went wrong, kept so that it can be said in either language.
#[derive(Clone, Debug, PartialEq)]
pub enum Banner {
    /// The engine refused something and says why.
    Refused(LocalizedMessage),
    /// Something is no run that can be opened, and why.
    NotOpened(LocalizedMessage),
    /// A lesson could not go on and says why.
    Stuck(LocalizedMessage),
    /// The page could not do something: a message of the page's own.
    Failed(&'static str),
}

/// The page around the run.
#[derive(Clone, PartialEq)]
pub struct PageState {
    /// Where the run stands.
    pub snapshot: SharedSnapshot,
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub theme: Theme,
    /// How far a press of Forward or Back goes.
    pub size: Size,
    /// Whether Forward is pressed again and again.
    pub is_playing: bool,
    /// How fast.
    pub speed: Speed,
    /// What the middle shows.
    pub tab: Tab,
    /// What the right side shows below the headline.
    pub side: SideTab,
    /// The question that was asked here: its answer comes first. The name of a [`WhyNot`].
    ///
    /// [`WhyNot`]: crate::engine::WhyNot
    pub asked: Option<&'static str>,
    /// What is offered at the end of the tour.
    pub offers: TourOffers,
    /// What lies over the page.
    pub window: Option<Window>,
    /// Topics whose partitions are all shown.
    pub unfolded: Rc<BTreeSet<String>>,
    /// The actor that a person chose to look at, where one is shown at a time.
    pub chosen: Option<Actor>,
    /// What a person follows: the same in every tab.
    pub selection: Option<Rc<Selection>>,
    /// The request that is written by hand; none before one is.
    pub lab: Option<Rc<LabDraft>>,
    /// What was typed at the console; none before anything was.
    pub console: Option<Rc<ConsoleState>>,
    /// The property files that are written; none before any is.
    pub config: Option<Rc<ConfigDraft>>,
    /// What went wrong.
    pub banner: Option<Banner>,
    /// A short word of what was just done, such as that a link was copied.
    pub notice: Option<&'static str>,
    /// Whether the lessons are open, and which.
    pub lessons: LessonsPanel,
    /// What comes next that tells something new; none while it is being looked for.
    pub outlook: Option<Rc<Outlook>>,
    /// What is going on and takes long.
    pub work: Option<Work>,
}

/// A request as a person writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct LabDraft {
    /// Which request.
    pub api: ApiKey,
    /// `node.id` of who is asked.
    pub to: i32,
    /// At which listener.
    pub port: Listener,
    /// Its body, as it was typed.
    pub body: String,
    /// The probe that sent the last one.
    pub sent: Option<u32>,
    /// What is wrong with it.
    pub error: Option<LocalizedMessage>,
}

/// What the left side shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LessonsPanel {
    /// Nothing: the scene has the room.
    #[default]
    Closed,
    /// The list of lessons.
    List,
    /// The lesson that the run is played for.
    Lesson,
    /// The recording of a real Kafka that the run follows.
    Recording(Opened),
}

/// What a person, or the run, does to the page.
pub enum Action {
    /// The run moved.
    Moved(SharedSnapshot),
    /// Another language.
    Lang(Lang),
    /// More texts of the language are here.
    TextsCame,
    /// Other colours.
    Theme(Theme),
    /// Another step size.
    Size(Size),
    /// Play or pause.
    Play(bool),
    /// Another speed.
    Speed(Speed),
    /// Another tab.
    Tab(Tab),
    /// Another tab of the right side.
    Side(SideTab),
    /// A question is asked here: why something has not happened.
    Ask(&'static str),
    /// An offer at the end of the tour was taken.
    TakeOffer(FollowUp),
    /// The offers are wanted no more.
    DismissOffers,
    /// Opens a window.
    Open(Window),
    /// Closes the window.
    Close,
    /// Folds or unfolds a topic.
    Fold(String),
    /// Looks at an actor.
    Choose(Actor),
    /// Follows something, or nothing any more.
    Select(Option<Selection>),
    /// A request is written by hand.
    Lab(LabDraft),
    /// The console's lines, after one was typed or all were cleared.
    Console(ConsoleState),
    /// A lesson typed a line at the console, which printed something.
    Typed(String, Outcome),
    /// Property files are written.
    Config(ConfigDraft),
    /// Says what went wrong.
    Fail(Banner),
    /// Takes note of what went wrong.
    Dismiss,
    /// Says what was done.
    Notice(Option<&'static str>),
    /// Another run was begun, beside which this is shown.
    Begun(LessonsPanel),
    /// Opens or closes the lessons.
    Lessons(LessonsPanel),
    /// What was found ahead.
    Outlook(Outlook),
    /// Something that takes long begins, goes on, or is over.
    Work(Option<Work>),
    /// Looks at the run as an address says.
    Look(Address),
}

impl PageState {
    /// How the run is looked at, as the address says it.
    pub fn address(&self, run: String) -> Address {
        let lesson_session = self.snapshot.lesson_session.as_ref();
        let lesson = lesson_session.map(|lesson_session| {
            let beat = lesson_session.beat().map(|beat| beat.id.clone()).unwrap_or_default();
            (lesson_session.lesson.id.clone(), beat)
        });
        let selection = self.selection.as_deref().cloned();
        Address { run: Some(run), size: self.size, tab: self.tab, side: self.side, selection, lesson }
    }
}

impl Reducible for PageState {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            Action::Moved(snapshot) => {
                // What changed is looked at first: a choice lasts until something happens elsewhere.
                next.chosen = None;
                next.asked = None;
                // What went wrong is over once something else went on.
                next.banner = None;
                if snapshot.lesson_session.is_none() {
                    next.offers.observe(snapshot.tour, snapshot.position);
                }
                // A run brings the panel along of what it is played for.
                let is_other = snapshot.place.run != next.snapshot.place.run;
                let brings_lesson =
                    snapshot.lesson_session.is_some() && (is_other || next.snapshot.lesson_session.is_none());
                if brings_lesson {
                    next.lessons = LessonsPanel::Lesson;
                } else if is_other {
                    next.lessons = snapshot.recording.clone().map_or(LessonsPanel::Closed, LessonsPanel::Recording);
                }
                next.outlook =
                    next.outlook.filter(|outlook| outlook.holds(snapshot.place, snapshot.commands, next.size));
                next.snapshot = snapshot;
            }
            Action::Lang(lang) => next.lang = lang,
            Action::Theme(theme) => next.theme = theme,
            Action::Size(size) => {
                next.size = size;
                next.outlook = None;
            }
            Action::Play(is_playing) => next.is_playing = is_playing,
            Action::Speed(speed) => next.speed = speed,
            Action::Tab(tab) => next.tab = tab,
            Action::Side(side) => next.side = side,
            Action::Ask(why) => {
                next.side = SideTab::Why;
                next.asked = Some(why);
            }
            Action::TakeOffer(follow_up) => next.offers.take(follow_up),
            Action::DismissOffers => next.offers.dismiss(),
            Action::Open(window) => {
                next.is_playing = false;
                next.window = Some(window);
            }
            Action::Close => next.window = None,
            Action::Fold(topic) => {
                let mut unfolded = (*next.unfolded).clone();
                if !unfolded.remove(&topic) {
                    unfolded.insert(topic);
                }
                next.unfolded = Rc::new(unfolded);
            }
            Action::Choose(actor) => next.chosen = Some(actor),
            Action::Select(selection) => next.selection = selection.map(Rc::new),
            Action::Fail(banner) => {
                next.is_playing = false;
                next.banner = Some(banner);
            }
            Action::Lab(draft) => next.lab = Some(Rc::new(draft)),
            Action::Console(console) => next.console = Some(Rc::new(console)),
            Action::Typed(line, outcome) => {
                let console = next.console.unwrap_or_default();
                let entry = ConsoleEntry { line, probe: console.next_probe(), outcome };
                next.console = Some(Rc::new(console.with(entry)));
            }
            Action::Config(draft) => next.config = Some(Rc::new(draft)),
            Action::Dismiss => next.banner = None,
            // Whoever draws looks up what is here.
            Action::TextsCame => {}
            Action::Notice(notice) => next.notice = notice,
            Action::Begun(panel) => {
                next.offers.close();
                next.banner = None;
                next.lessons = panel;
            }
            Action::Lessons(panel) => next.lessons = panel,
            Action::Outlook(outlook) => next.outlook = Some(Rc::new(outlook)),
            Action::Work(work) => next.work = work,
            Action::Look(Address { run: _, size, tab, side, selection, lesson: _ }) => {
                (next.size, next.tab, next.side) = (size, tab, side);
                next.selection = selection.map(Rc::new);
                next.outlook = None;
            }
        }
        next.into()
    }
}
