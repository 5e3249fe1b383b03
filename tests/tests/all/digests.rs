//! The runs by which native and WebAssembly builds are compared are worth comparing.

use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use kafkascope_tests::digests::digest_runs;

#[test]
fn there_are_three_of_a_thousand_steps_in_which_something_happens() {
    let runs = digest_runs();
    assert!(runs.len() >= 3);
    for run in runs {
        assert!(run.steps >= 1_000, "{}", run.name);
        let scenario = Scenario::from_json(&run.scenario).expect("the run is valid");
        assert!(scenario.commands.len() >= 10, "{}: {} commands", run.name, scenario.commands.len());
        let mut history = History::new(scenario).expect("the run can be played");
        history.run_to(run.steps);
        assert_eq!(history.position(), run.steps, "{}", run.name);
        assert!(history.milestones().len() >= 10, "{}: {} milestones", run.name, history.milestones().len());
    }
}
