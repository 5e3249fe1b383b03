//! The swarm notices what is wrong.

use super::*;

#[test]
fn a_short_run_tries_every_kind_of_group() {
    let mut seen = Seen::default();
    if let Err(failure) = run_seed(1, 4_000, &mut seen) {
        panic!("{}", failure.report(4_000));
    }
    assert!(seen.assigned > 0 && seen.reconciled > 0 && seen.read > 0, "{seen:?}");
}
