//! The engine in WebAssembly against the engine as native code.

use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use serde_json::Value;

use crate::browser::driver::{Failure, Outcome};
use crate::browser::page::Page;
use crate::digests::{DigestRun, digest_runs};

fn native(run: &DigestRun) -> Outcome<Vec<String>> {
    let failure = |what: String| Failure(format!("{}: {what}", run.name));
    let scenario = Scenario::from_json(&run.scenario).map_err(|error| failure(error.to_string()))?;
    let mut history = History::new(Scenario { position: 0, ..scenario }).map_err(|error| failure(error.to_string()))?;
    let steps = (0..run.steps).map_while(|_| history.step().map(|_| history.cluster().digest()));
    Ok(steps.map(|digest| format!("{digest:016x}")).collect())
}

/// The same scenario has the same digest after every step, natively and in WebAssembly.
pub fn digests_equal_native_ones(page: &mut Page<'_>) -> Outcome {
    page.open("", 1280, 800)?;
    page.wait_for_engine()?;
    let runs = digest_runs();
    assert!(runs.len() >= 3, "three runs at least are compared");
    for run in runs {
        assert!(run.steps >= 1_000, "{} is shorter than 1,000 steps", run.name);
        let there = page.run(
            "return window.kafkascope.digests(arguments[0], arguments[1])",
            &[Value::from(run.scenario.as_str()), Value::from(run.steps)],
        )?;
        let there: Vec<&str> = there.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let here = native(&run)?;
        assert_eq!(here.len(), there.len(), "{}: as many steps", run.name);
        let differs = here.iter().zip(&there).position(|(here, there)| here != there);
        assert_eq!(differs, None, "{}: the first step whose digest differs", run.name);
    }
    Ok(())
}
