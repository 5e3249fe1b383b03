//! The same run is the same at every step, whichever way one came there.

use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::step::{Position, Size};
use kafkascope_tests::digests::digest_runs;
use proptest::prelude::*;

/// The digests after every step.
fn digests(scenario: &str, steps: Position) -> Vec<u64> {
    let scenario = Scenario::from_json(scenario).expect("the run is valid");
    let mut history = History::new(scenario).expect("the run can be played");
    history.seek(0);
    let mut digests = vec![history.cluster().digest()];
    for position in 1..=steps {
        history.run_to(position);
        digests.push(history.cluster().digest());
    }
    digests
}

#[test]
fn the_same_scenario_twice_has_the_same_digest_after_every_step() {
    for run in digest_runs() {
        let (first, second) = (digests(&run.scenario, run.steps), digests(&run.scenario, run.steps));
        let parts = first.iter().zip(&second).position(|(one, other)| one != other);
        assert_eq!(parts, None, "{}: the digests part after this many steps", run.name);
    }
}

#[test]
fn another_seed_is_another_run() {
    let run = digest_runs().remove(0);
    let mut scenario = Scenario::from_json(&run.scenario).expect("the run is valid");
    let digest = |scenario: Scenario| {
        let mut history = History::new(Scenario { commands: Vec::new(), ..scenario }).expect("the run can be played");
        history.run_to(500);
        history.cluster().digest()
    };
    let first = digest(scenario.clone());
    scenario.seed += 1;
    assert_ne!(first, digest(scenario));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn seeking_equals_a_fresh_run(which in 0usize..3, places in prop::collection::vec(any::<prop::sample::Index>(), 1..6)) {
        let run = digest_runs().remove(which);
        let expected = digests(&run.scenario, run.steps);
        let scenario = Scenario::from_json(&run.scenario).expect("the run is valid");
        let mut history = History::new(scenario).expect("the run can be played");
        history.run_to(run.steps);
        for place in places {
            let position = place.index(expected.len());
            history.seek(Position::try_from(position).expect("it is small"));
            prop_assert_eq!(history.cluster().digest(), expected[position], "after seeking {}", position);
        }
    }
}

#[test]
fn back_and_forward_in_every_size_come_to_the_same_place() {
    for run in digest_runs() {
        let scenario = Scenario::from_json(&run.scenario).expect("the run is valid");
        let mut history = History::new(scenario).expect("the run can be played");
        history.run_to(run.steps);
        for size in [Size::Micro, Size::Message, Size::Milestone] {
            history.seek(run.steps / 2);
            if !history.forward(size) {
                continue;
            }
            let (there, digest) = (history.position(), history.cluster().digest());
            history.forward(size);
            assert!(history.back(size), "{}", run.name);
            assert_eq!((history.position(), history.cluster().digest()), (there, digest), "{} {size:?}", run.name);
        }
    }
}
