//! Steps that are shown in a list. Those that the history does not keep are made again a stretch at a time, when the browser
//! has time for it.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::app::use_app;
use crate::engine::{CHECKPOINT_INTERVAL, Position, Step};
use crate::run::SharedSnapshot;

/// The wanted steps of the run that is shown, each as soon as it is made.
#[hook]
pub fn use_steps(wanted: &[Position], snapshot: &SharedSnapshot) -> Vec<(Position, Option<Rc<Step>>)> {
    let app = use_app();
    let update = use_force_update();
    let found: Vec<(Position, Option<Rc<Step>>)> =
        wanted.iter().map(|index| (*index, app.session.kept_step(*index))).collect();
    let missing = first_stretch(found.iter().filter(|(_, step)| step.is_none()).map(|(index, _)| *index).collect());
    use_effect_with((missing, snapshot.clone()), move |(missing, _)| {
        let missing = missing.clone();
        let timer = (!missing.is_empty()).then(|| {
            Timeout::new(0, move || {
                app.session.make_steps(&missing);
                update.force_update();
            })
        });
        move || drop(timer)
    });
    found
}

/// Those of the positions that lie behind the same checkpoint as the first of them, sorted.
fn first_stretch(mut positions: Vec<Position>) -> Vec<Position> {
    let stretch_of = |position: Position| position.saturating_sub(1) / CHECKPOINT_INTERVAL;
    let Some(first) = positions.first().map(|first| stretch_of(*first)) else { return positions };
    positions.retain(|position| stretch_of(*position) == first);
    positions.sort_unstable();
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_at_a_checkpoint() {
        let last = CHECKPOINT_INTERVAL;
        assert_eq!(first_stretch(vec![last + 1, last, 3, last + 2]), [last + 1, last + 2]);
        assert_eq!(first_stretch(vec![3, last, last + 1]), [3, last]);
    }
}
