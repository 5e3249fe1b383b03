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

/// Where a mark is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Painted {
    kind: MilestoneKind,
    x: f64,
}

/// Thins the marks out to what can be told apart.
fn painted(milestones: &[Milestone], len: Position) -> Vec<Painted> {
    let whole = f64::from(len.max(1));
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
    let part = f64::from(snapshot.position) / f64::from(snapshot.len.max(1));
    let formatted =
        i18n.format_with("scrubber-value", [("step", snapshot.position.into()), ("of", snapshot.len.into())]);
    let milestones = painted(&snapshot.milestones, snapshot.len);
    html! {
        <div class="scrubber" style={format!("--part:{part:.4}")}>
            <div class="line"></div>
            <div class="marks" aria-hidden="true">
                { for milestones.iter().map(|mark| html! {
                    <i class={class_of(mark.kind)} style={format!("left:{:.2}%", mark.x * WIDTH / 10.0)}></i>
                }) }
            </div>
            <input type="range" data-testid="scrubber" min="0" max={snapshot.len.max(1).to_string()} step="1"
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
    fn marks_that_cannot_be_told_apart_are_painted_once() {
        let mark = |position| Milestone { position, at_ms: 0, kind: MilestoneKind::HighWatermark };
        let milestones: Vec<Milestone> = (0..10_000).map(mark).collect();
        let painted = painted(&milestones, 10_000);
        assert!(painted.len() <= 251, "{}", painted.len());
        assert_eq!(painted.first().map(|mark| mark.x), Some(0.0));
        assert_eq!(painted.last().map(|mark| mark.x), Some(1.0));
    }
}
