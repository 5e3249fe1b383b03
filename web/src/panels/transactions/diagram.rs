//! The states of a transactional id as a small diagram: where it is, and where it may go from there.

use yew::prelude::*;

use crate::engine::{TransactionState, TransactionView};
use crate::i18n::I18n;
use crate::platform::siblings::siblings;

/// A box's width and height.
const BOX: (f64, f64) = (114.0, 30.0);
/// From a box to the next one beside it and below it.
const PITCH: (f64, f64) = (124.0, 58.0);
/// Room at the left and above, for the way back and the loops.
const MARGIN: (f64, f64) = (14.0, 6.0);
/// The whole.
const SIZE: (f64, f64) = (390.0, 218.0);

/// All of them, from the top left to the bottom right.
pub(super) const STATES: [TransactionState; 8] = [
    TransactionState::Empty,
    TransactionState::Ongoing,
    TransactionState::PrepareCommit,
    TransactionState::PrepareEpochFence,
    TransactionState::PrepareAbort,
    TransactionState::CompleteCommit,
    TransactionState::Dead,
    TransactionState::CompleteAbort,
];

/// In which column and row a state stands.
fn cell(state: TransactionState) -> (f64, f64) {
    match state {
        TransactionState::Empty => (1.0, 0.0),
        TransactionState::Ongoing => (1.0, 1.0),
        TransactionState::PrepareCommit => (0.0, 2.0),
        TransactionState::PrepareEpochFence => (1.0, 2.0),
        TransactionState::PrepareAbort => (2.0, 2.0),
        TransactionState::CompleteCommit => (0.0, 3.0),
        TransactionState::Dead => (1.0, 3.0),
        TransactionState::CompleteAbort => (2.0, 3.0),
    }
}

/// The middle of a state's box.
fn middle(state: TransactionState) -> (f64, f64) {
    let (column, row) = cell(state);
    (MARGIN.0 + column * PITCH.0 + BOX.0 / 2.0, MARGIN.1 + row * PITCH.1 + BOX.1 / 2.0)
}

/// The way from one state to another: straight where nothing lies between, else around.
fn way(from: TransactionState, to: TransactionState) -> String {
    let ((x, y), (to_x, to_y)) = (middle(from), middle(to));
    let (half_width, half_height) = (BOX.0 / 2.0, BOX.1 / 2.0);
    if from == to {
        let right = x + half_width;
        return format!(
            "M{right} {} C{} {}, {} {}, {right} {}",
            y - 8.0,
            right + 24.0,
            y - 16.0,
            right + 24.0,
            y + 16.0,
            y + 8.0
        );
    }
    let ((column, row), (to_column, to_row)) = (cell(from), cell(to));
    let (rows, columns) = (to_row - row, to_column - column);
    if rows == 0.0 {
        let side = half_width * columns.signum();
        return format!("M{} {y} L{} {to_y}", x + side, to_x - side);
    }
    // From the last row to the first, and down past other states: along the outer edge.
    if columns == 0.0 && rows.abs() > 1.0 {
        let lane = x + half_width + 5.0;
        return format!("M{} {y} L{lane} {y} L{lane} {to_y} L{} {to_y}", x + half_width, to_x + half_width);
    }
    if rows <= -3.0 {
        let side = half_width * columns.signum();
        let lane = if columns > 0.0 { 5.0 } else { SIZE.0 - 7.0 };
        return format!("M{} {y} L{lane} {y} L{lane} {to_y} L{} {to_y}", x - side, to_x - side);
    }
    if rows >= 2.0 {
        return format!("M{} {y} L{to_x} {y} L{to_x} {}", x + half_width * columns.signum(), to_y - half_height);
    }
    let (leave, arrive) = (y + half_height * rows.signum(), to_y - half_height * rows.signum());
    format!("M{:.1} {leave} L{:.1} {arrive}", x + columns * 24.0, to_x - columns.clamp(-1.0, 1.0) * 24.0)
}

/// The diagram.
pub(super) fn state_diagram(transaction: &TransactionView, i18n: &I18n) -> Html {
    let now = transaction.state;
    let all = STATES.iter().flat_map(|from| STATES.iter().map(move |to| (*from, *to)));
    // The usual way is always there; whence one may go from here, is lit.
    let edges = all.clone().filter(|(from, to)| *from != now && from != to && is_usual(*from, *to));
    let reachable = all.filter(|(from, to)| *from == now && from.may_become(*to));
    let edge = |class: &'static str| {
        move |(from, to): (TransactionState, TransactionState)| {
            let head = if class == "lit" { "url(#txn-head-lit)" } else { "url(#txn-head)" };
            html! { <path class={class} d={way(from, to)} marker-end={head} /> }
        }
    };
    let boxes = STATES.iter().map(|state| {
        let (x, y) = middle(*state);
        let class = classes!(
            "txn-box",
            (*state == now).then_some("now"),
            (transaction.pending_state == Some(*state)).then_some("pending"),
            now.may_become(*state).then_some("next"),
        );
        html! {
            <g key={state.name()} {class}>
                <rect x={(x - BOX.0 / 2.0).to_string()} y={(y - BOX.1 / 2.0).to_string()} width={BOX.0.to_string()} height={BOX.1.to_string()} rx="6" />
                <text x={x.to_string()} y={(y + 4.0).to_string()} text-anchor="middle">{ state.name() }</text>
            </g>
        }
    });
    let next: Vec<&str> = transaction.next_states().map(TransactionState::name).collect();
    let label = i18n.format_with("txn-diagram", [("state", now.name().into()), ("next", next.join(", ").into())]);
    let head = |id: &'static str| html! { <marker {id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" /></marker> };
    html! {
        <svg class="txn-diagram" viewBox={format!("0 0 {} {}", SIZE.0, SIZE.1)} role="img" aria-label={label} data-testid="txn-diagram">
            <defs>{ head("txn-head") }{ head("txn-head-lit") }</defs>
            { siblings(edges.map(edge("usual"))) }
            { siblings(reachable.map(edge("lit"))) }
            { siblings(boxes) }
        </svg>
    }
}

/// What a transaction passes in most runs.
fn is_usual(from: TransactionState, to: TransactionState) -> bool {
    use TransactionState::{
        CompleteAbort, CompleteCommit, Empty, Ongoing, PrepareAbort, PrepareCommit, PrepareEpochFence,
    };
    matches!(
        (from, to),
        (Empty, Ongoing)
            | (Ongoing, PrepareCommit | PrepareAbort | PrepareEpochFence)
            | (PrepareEpochFence, PrepareAbort)
            | (PrepareCommit, CompleteCommit)
            | (PrepareAbort, CompleteAbort)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_transition_of_the_table_has_a_way_within_the_picture() {
        for from in STATES {
            for to in STATES.into_iter().filter(|to| from.may_become(*to)) {
                let way = way(from, to);
                let numbers =
                    way.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').filter(|part| !part.is_empty());
                for number in numbers {
                    let number: f64 = number.parse().expect("a number");
                    assert!((0.0..=SIZE.0).contains(&number), "{} → {}: {way}", from.name(), to.name());
                }
            }
        }
    }

    #[test]
    fn no_two_states_share_a_place() {
        for (at, one) in STATES.iter().enumerate() {
            assert!(STATES[at + 1..].iter().all(|other| cell(*one) != cell(*other)));
        }
    }
}
