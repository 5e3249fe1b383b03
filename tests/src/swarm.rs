//! Many seeds, many faults: after every step, what must always hold is looked at.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::step::{Position, Size};

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
    while history.position() < moves {
        let quiet = chaos.number(1, 50);
        let command = (quiet <= 40).then(|| chaos.command(history.cluster()));
        let before = history.scenario();
        // A panic is the worst breach of all: it is reported like the others, with the way there.
        let moved = catch_unwind(AssertUnwindSafe(|| {
            if let Some(command) = command {
                let _refused = history.act(command);
            }
            for _ in 0..quiet {
                if !history.breaches().is_empty() || history.forward(Size::Micro).is_none() {
                    break;
                }
            }
        }));
        match moved {
            Ok(()) => {
                if let Some(found) = history.breaches().first() {
                    let what = serde_json::to_string(&found.breach).unwrap_or_default();
                    return Err(breach(history.scenario(), found.position, what));
                }
            }
            Err(_) => return Err(breach(before.clone(), before.position, "panic".into())),
        }
        if history.position() == before.position {
            break;
        }
    }
    Ok(())
}
