//! The run as a line: where we are, how far its future is known, and what is worth a look, painted by kind.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::desk::use_desk;
use crate::engine::{Mark, MarkKind, Position};
use crate::session::Now;
use crate::words::use_words;

/// The line is painted this wide; the browser stretches it.
const WIDTH: f64 = 1_000.0;
/// Marks that would fall on each other are painted once: so many places a kind.
const PLACES: f64 = 250.0;

/// Where a mark is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Painted {
    kind: MarkKind,
    x: f64,
}

/// Thins the marks out to what can be told apart.
fn painted(marks: &[Mark], len: Position) -> Vec<Painted> {
    let whole = f64::from(len.max(1));
    let mut painted: Vec<Painted> = Vec::new();
    for mark in marks {
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
    pub now: Now,
}

/// The line.
#[component]
pub fn Scrubber(props: &ScrubberProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let now = &props.now;
    let seek = Callback::from(move |event: InputEvent| {
        let input = event.target_unchecked_into::<HtmlInputElement>();
        if let Ok(position) = input.value().parse() {
            desk.session.seek(position);
        }
    });
    let part = f64::from(now.position) / f64::from(now.len.max(1));
    let said = words.say_with("scrubber-value", [("step", now.position.into()), ("of", now.len.into())]);
    let marks = painted(&now.marks, now.len);
    html! {
        <div class="scrubber" style={format!("--part:{part:.4}")}>
            <div class="line"></div>
            <div class="marks" aria-hidden="true">
                { for marks.iter().map(|mark| html! {
                    <i class={class_of(mark.kind)} style={format!("left:{:.2}%", mark.x * WIDTH / 10.0)}></i>
                }) }
            </div>
            <input type="range" data-testid="scrubber" min="0" max={now.len.max(1).to_string()} step="1"
                value={now.position.to_string()} aria-label={words.say("scrubber")} aria-valuetext={said} oninput={seek} />
        </div>
    }
}

fn class_of(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::HighWatermark => "m-hw",
        MarkKind::Acknowledged => "m-ack",
        MarkKind::Read => "m-read",
        MarkKind::OffsetCommitted | MarkKind::CommitAcknowledged => "m-commit",
        MarkKind::Isr => "m-isr",
        MarkKind::Election => "m-leader",
        MarkKind::Fault | MarkKind::Loss => "m-fault",
        MarkKind::Command => "m-command",
        MarkKind::Other => "m-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_cannot_be_told_apart_are_painted_once() {
        let mark = |position| Mark { position, at_ms: 0, kind: MarkKind::HighWatermark };
        let marks: Vec<Mark> = (0..10_000).map(mark).collect();
        let painted = painted(&marks, 10_000);
        assert!(painted.len() <= 251, "{}", painted.len());
        assert_eq!(painted.first().map(|mark| mark.x), Some(0.0));
        assert_eq!(painted.last().map(|mark| mark.x), Some(1.0));
    }
}
