//! Every view of the page, as data: which run is open and what is pressed to get there. Screenshots are taken of them, and axe-core
//! looks through them.

use serde_json::json;

use kafkascope_core::command::Command;
use kafkascope_core::history::History;
use kafkascope_core::presets::{Order, presets};
use kafkascope_core::step::Size;

use super::driver::{Failure, Outcome};
use super::page::Page;
use super::runs;

/// A view.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Its name, as in the name of its pictures.
    pub name: &'static str,
    /// The run that is open.
    pub run: Run,
    /// What a person does there.
    pub moves: &'static [Move],
}

/// The run that a view shows.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// The page as it opens.
    First,
    /// The first-run tour after a number of presses.
    Tour(u32),
    /// The same, and its leader has crashed: a number of presses later.
    LeaderCrashed(u32),
    /// Nine brokers and thirty partitions, after a number of presses.
    Wide(u32),
    /// A group whose members share the partitions anew.
    Rebalanced,
    /// A producer that has just been told to pause.
    Throttled,
    /// A transaction whose commit has just been sent, after a number of presses.
    Committing(u32),
    /// Five controllers, whose leader has crashed: a number of presses later.
    Election(u32),
}

/// What a person does.
#[derive(Clone, Copy, Debug)]
pub enum Move {
    /// Presses a key.
    Key(&'static str),
    /// Clicks the first element that fits one of the selectors, which must come.
    Press(&'static str),
}

use Move::{Key, Press};

/// Every view.
pub const VIEWS: &[View] = &[
    view("first-page", Run::First, &[]),
    view("journey", Run::Tour(7), &[]),
    view("journey-done", Run::Tour(14), &[]),
    view("leader-crashed", Run::LeaderCrashed(6), &[]),
    view("log", Run::Tour(12), &[Press("[data-testid=tab-log]")]),
    view("producer", Run::Tour(9), &[Press("[data-testid=tab-producer]")]),
    view("groups", Run::Rebalanced, &[Press("[data-testid=tab-groups]")]),
    view("no-transaction", Run::Tour(4), &[Press("[data-testid=tab-transactions]")]),
    view("transactions", Run::Committing(0), &[Press("[data-testid=tab-transactions]")]),
    view("transactions-ending", Run::Committing(6), &[Press("[data-testid=tab-transactions]")]),
    view("quorum", Run::Tour(4), &[Press("[data-testid=tab-quorum]")]),
    view("quorum-election", Run::Election(6), &[Press("[data-testid=tab-quorum]")]),
    view("pipeline", Run::Tour(7), &[Press("[data-testid=tab-pipeline]")]),
    view("pipeline-throttled", Run::Throttled, &[Press("[data-testid=tab-pipeline]")]),
    view("metrics", Run::LeaderCrashed(6), &[Press("[data-testid=tab-metrics]")]),
    view("lab", Run::Tour(4), &[Press("[data-testid=tab-lab]")]),
    view("keys", Run::First, &[Key("?")]),
    view("legend", Run::Tour(7), &[Key("g")]),
    view("partitioning", Run::Tour(7), &[Press("[data-testid=tab-partitioning]")]),
    view("settings", Run::Tour(7), &[Press("[data-testid=tab-settings]")]),
    view("why", Run::Tour(7), &[Press("#side-why")]),
    view("cause", Run::Tour(7), &[Press("#side-cause")]),
    view("steps", Run::Tour(7), &[Press("#side-steps")]),
    view("new-cluster", Run::First, &[Key("n")]),
    view("produce", Run::First, &[Key("p")]),
    view("files", Run::Tour(4), &[Key("f")]),
    view("node", Run::Tour(7), &[Press("[data-testid^=node-]")]),
    view("link", Run::Tour(7), &[Press("[data-testid^=link-]")]),
    view(
        "envelope",
        Run::Tour(5),
        &[Press("[data-testid=next] .is-message .event-head"), Press("[data-testid=next] [data-testid^=open-]")],
    ),
    view("invariants", Run::Tour(4), &[Press("[data-testid=invariant-light]")]),
    view("lesson-list", Run::First, &[Key("o")]),
    view("lesson-sections", Run::First, &[Key("o"), Press("[data-testid=lessons-by-section]")]),
    view("lesson", Run::First, &[Key("o"), Press("[data-testid=lesson-replicate-and-commit]")]),
    view("recordings", Run::First, &[Key("o"), Press("[data-testid=lessons-real-kafka]")]),
    view(
        "recording",
        Run::First,
        &[
            Key("o"),
            Press("[data-testid=lessons-real-kafka]"),
            Press("[data-testid=recording-produce-acks]"),
            Press("[data-testid=recorded-2]"),
        ],
    ),
    view("nine-brokers", Run::Wide(12), &[]),
];

const fn view(name: &'static str, run: Run, moves: &'static [Move]) -> View {
    View { name, run, moves }
}

impl View {
    /// Opens the view, in a language and a theme, in a window of a size in CSS pixels.
    ///
    /// # Errors
    /// When the page does not come, or what is to be pressed does not.
    pub fn open(&self, page: &mut Page<'_>, (width, height): (u32, u32), lang: &str, theme: &str) -> Outcome {
        // Both are saved before the page opens: it is drawn in them from the start.
        page.open("recordings.json", width, height)?;
        page.run(
            "localStorage.clear(); sessionStorage.clear(); localStorage.setItem('kafkascope.lang', arguments[0]); localStorage.setItem('kafkascope.theme', arguments[1])",
            &[json!(lang), json!(theme)],
        )?;
        page.open(&self.run.address()?, width, height)?;
        page.wait_for("[data-testid=forward]")?;
        page.wait_for_engine()?;
        // A language that is not built in comes a little later than the page.
        page.wait_until(
            "the page speaks the language",
            |page| Ok(page.eval("document.documentElement.lang")? == lang),
        )?;
        for step in self.moves {
            match step {
                Key(key) => page.key(key)?,
                Press(css) => {
                    page.wait_for(css)?;
                    // As an event: what lies in the scene may be covered by what glides over it.
                    page.run(
                        "document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))",
                        &[json!(css)],
                    )?;
                }
            }
        }
        settled(page)
    }
}

/// Waits until what glides has arrived.
pub fn settled(page: &Page<'_>) -> Outcome {
    page.run(
        "await new Promise(done => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 350))",
        &[],
    )
    .map(|_| ())
}

impl Run {
    /// What follows the page's own address.
    fn address(self) -> Outcome<String> {
        let (order, presses) = match self {
            Self::First => return Ok(String::new()),
            Self::Rebalanced => return Ok(format!("#r={}", runs::rebalanced()?.scenario().to_link())),
            Self::Throttled => return Ok(format!("#r={}", runs::throttled()?.scenario().to_link())),
            Self::Committing(presses) => {
                let mut history = runs::committing()?;
                for _ in 0..presses {
                    history.forward(Size::Message);
                }
                return Ok(format!("#r={}", history.scenario().to_link()));
            }
            Self::Tour(presses) | Self::LeaderCrashed(presses) => (None, presses),
            Self::Election(presses) => (Some(Order { controllers: 5, ..Order::default() }), presses),
            Self::Wide(presses) => {
                (Some(Order { brokers: 9, partitions: 30, producers: 2, consumers: 3, ..Order::default() }), presses)
            }
        };
        let scenario = match order {
            Some(order) => order.scenario(7),
            None => presets().into_iter().next().ok_or("there is no preset")?.scenario,
        };
        let mut history = History::new(scenario).map_err(|error| Failure(error.to_string()))?;
        if matches!(self, Self::LeaderCrashed(_)) {
            for _ in 0..7 {
                history.forward(Size::Message);
            }
            let view = history.cluster().view();
            let orders = view.partitions.iter().find(|each| !each.partition.topic.starts_with("__"));
            let node = orders.map(|each| each.leader).ok_or("the cluster has no partition")?;
            history.act(Command::Crash { node, machine: false }).map_err(|error| Failure(format!("{error:?}")))?;
        }
        if matches!(self, Self::Election(_)) {
            let node = history.cluster().active_controller().ok_or("nobody leads the quorum")?;
            history.act(Command::Crash { node, machine: false }).map_err(|error| Failure(format!("{error:?}")))?;
        }
        for _ in 0..presses {
            history.forward(Size::Message);
        }
        Ok(format!("#r={}", history.scenario().to_link()))
    }
}
