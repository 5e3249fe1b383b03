//! Some thousand hostile inputs of every kind. More of them: `cargo xtask mutate --inputs 1000000`.

use std::collections::BTreeSet;
use std::time::Duration;

use kafkascope_tests::mutator::{Mutator, Outcome};

const INPUTS: u64 = 3_000;
/// Tests run without optimisation and beside others: the command measures, this only finds what is endless or nearly so.
const TIME_MAX: Duration = Duration::from_secs(20);

#[test]
fn hostile_input_is_played_or_refused_with_its_place() {
    let mutator = Mutator::new(1, TIME_MAX).expect("the repository has its own files");
    let mut seen = BTreeSet::new();
    for number in 0..INPUTS {
        match mutator.check(number) {
            Ok(outcome) => _ = seen.insert((mutator.kind(number), outcome)),
            Err(failure) => panic!("{failure}"),
        }
    }
    // Mutations that are all refused, or none, try nothing.
    let kinds: BTreeSet<_> = seen.iter().map(|(kind, _)| *kind).collect();
    for kind in kinds {
        for outcome in [Outcome::Played, Outcome::Refused] {
            assert!(seen.contains(&(kind, outcome)), "no {kind:?} was {outcome:?}");
        }
    }
}
