//! The run as a line: where we are, how far its future is known, and what is worth a look, painted by kind.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::use_app;
use crate::engine::{Milestone, MilestoneKind, Position};
use crate::i18n::use_i18n;
use crate::run::SharedSnapshot;

/// The line is painted this wide; the browser stretches it.
const WIDTH: f64 = 1_000.0;
/// Marks that would fall on each other are painted once: so many places a kind.
const PLACES: f64 = 250.0;

/// The shortest line: a new run has somewhere to go.
const LENGTH_MIN: Position = 20;

/// How many moves the line is long: the next of 1, 2, 5, 10, 20, 50… that holds the branch. A line that ends at a round number keeps its marks in
/// their places while one steps, and changes its scale only a few times in a run.
fn line_length(len: Position) -> Position {
    let len = len.max(LENGTH_MIN);
    let mut power: Position = 1;
    loop {
        for factor in [1, 2, 5] {
            match power.checked_mul(factor) {
                Some(round) if round >= len => return round,
                Some(_) => {}
                // No round number is as long.
                None => return len,
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return len,
        }
    }
}

/// Where a mark is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Painted {
    kind: MilestoneKind,
    x: f64,
}

/// Thins the marks out to what can be told apart.
fn painted(milestones: &[Milestone], length: Position) -> Vec<Painted> {
    let whole = f64::from(length.max(1));
    let mut painted: Vec<Painted> = Vec::new();
    for mark in milestones {
        let place = (f64::from(mark.position) / whole * PLACES).round() / PLACES;
        let new = Painted { kind: mark.kind, x: place };
        if !painted.iter().rev().take(8).any(|each| *each == new) {
            painted.push(new);
        }
    }
    painted
}

/// What the line shows.
#[derive(Clone, PartialEq, Properties)]
pub struct ScrubberProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
}

/// The line.
#[component]
pub fn Scrubber(props: &ScrubberProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let snapshot = &props.snapshot;
    let seek = Callback::from(move |event: InputEvent| {
        let input = event.target_unchecked_into::<HtmlInputElement>();
        if let Ok(position) = input.value().parse() {
            app.session.seek(position);
        }
    });
    let length = line_length(snapshot.len);
    let part = f64::from(snapshot.position) / f64::from(length);
    let known = f64::from(snapshot.len) / f64::from(length);
    let formatted =
        i18n.format_with("scrubber-value", [("step", snapshot.position.into()), ("of", snapshot.len.into())]);
    let milestones = painted(&snapshot.milestones, length);
    html! {
        <div class="scrubber" style={format!("--part:{part:.4};--known:{known:.4}")}>
            <div class="line"></div>
            <div class="marks" aria-hidden="true">
                { for milestones.iter().map(|mark| html! {
                    <i class={class_of(mark.kind)} style={format!("left:{:.2}%", mark.x * WIDTH / 10.0)}></i>
                }) }
            </div>
            <input type="range" data-testid="scrubber" min="0" max={length.to_string()} step="1"
                value={snapshot.position.to_string()} aria-label={i18n.format("scrubber")} aria-valuetext={formatted} oninput={seek} />
        </div>
    }
}

fn class_of(kind: MilestoneKind) -> &'static str {
    match kind {
        MilestoneKind::HighWatermark => "m-hw",
        MilestoneKind::Acknowledged => "m-ack",
        MilestoneKind::Read => "m-read",
        MilestoneKind::OffsetCommitted | MilestoneKind::CommitAcknowledged => "m-commit",
        MilestoneKind::Isr => "m-isr",
        MilestoneKind::Election => "m-leader",
        MilestoneKind::Fault | MilestoneKind::Loss => "m-fault",
        MilestoneKind::Command => "m-command",
        MilestoneKind::Other => "m-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_ends_at_the_next_round_number() {
        let lengths =
            [(0, 20), (20, 20), (21, 50), (51, 100), (101, 200), (2_000_000, 2_000_000), (2_000_001, 5_000_000)];
        for (len, length) in lengths {
            assert_eq!(line_length(len), length, "{len}");
        }
        assert_eq!(line_length(Position::MAX), Position::MAX);
    }

    #[test]
    fn marks_stay_in_their_places_while_one_steps() {
        let mark = Milestone { position: 30, at_ms: 0, kind: MilestoneKind::HighWatermark };
        let place = |len| painted(std::slice::from_ref(&mark), line_length(len));
        assert_eq!(place(60), place(99));
        assert_ne!(place(60), place(101));
    }

    #[test]
    fn marks_that_cannot_be_told_apart_are_painted_once() {
        let mark = |position| Milestone { position, at_ms: 0, kind: MilestoneKind::HighWatermark };
        let milestones: Vec<Milestone> = (0..10_000).map(mark).collect();
        let painted = painted(&milestones, 10_000);
        assert!(painted.len() <= 251, "{}", painted.len());
        assert_eq!(painted.first().map(|mark| mark.x), Some(0.0));
        assert_eq!(painted.last().map(|mark| mark.x), Some(1.0));
    }
}
