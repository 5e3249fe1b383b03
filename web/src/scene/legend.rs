//! What the scene's marks mean, drawn with the marks themselves.

use yew::prelude::*;

use super::belief::Belief;
use super::envelopes::{Kind, shape};
use super::marks;
use super::replica::cell_of;
use crate::app::Dialog;
use crate::i18n::use_i18n;
use crate::layout::{LogCell, Pill};

/// The size of a sample.
const WIDTH: f64 = 74.0;
const HEIGHT: f64 = 30.0;

fn cells(count: i64, epoch: impl Fn(i64) -> i32, is_highlighted: impl Fn(i64) -> bool) -> Html {
    let cells = (0..count).map(|offset| {
        let cell = LogCell { offset, epoch: Some(epoch(offset)), x: offset as f64 * 22.0 };
        cell_of(&cell, 22.0, 4.0, 4.0, (20.0, is_highlighted(offset)), "")
    });
    html! { <>{ for cells }</> }
}

/// The marks, each with the message that says what it means.
fn samples() -> Vec<(&'static str, Html)> {
    let pill = |kind: Kind, class: &'static str| {
        html! { <g class={classes!("envelope", class)} transform="translate(37 15)">{ shape(kind, Pill { w: 58.0, h: 22.0 }) }</g> }
    };
    let line = |class: &'static str, extra: Html| {
        html! { <g class="links"><g class={class}><path d="M4 15H70" />{ extra }</g></g> }
    };
    let chip = |class: &'static str| {
        html! { <g class="isr"><g class={classes!("member", class)}><rect x="27" y="6" width="20" height="18" rx="9" /><text class="m" x="37" y="19" text-anchor="middle">{ "2" }</text></g></g> }
    };
    let reader = |class: &'static str| {
        html! { <g class={classes!("reader", class)}><path d="M20 8l4.5 8h-9z" /><text x="30" y="19">{ "c1" }</text></g> }
    };
    vec![
        (
            "legend-leads",
            html! { <g transform="translate(30 10) scale(1.3)">{ Belief::Leads.crown(0.0, 0.0, false) }</g> },
        ),
        (
            "legend-elected",
            html! { <g transform="translate(30 10) scale(1.3)">{ Belief::Elected.crown(0.0, 0.0, false) }</g> },
        ),
        ("legend-epochs", html! { <>{ cells(3, |offset| i32::from(offset > 1), |_| false) }</> }),
        ("legend-epoch-name", html! { <text class="epoch e0" x="28" y="19">{ "e0" }</text> }),
        ("legend-changed", cells(2, |_| 0, |offset| offset == 1)),
        ("legend-hw", html! { <g class="hw"><path d="M18 3v24" /><text x="24" y="24">{ "HW 3" }</text></g> }),
        (
            "legend-leo",
            html! { <><path class="leo-line" d="M14 4v22" /><text class="leo" x="21" y="19">{ "LEO 5" }</text></> },
        ),
        ("legend-isr", chip("")),
        ("legend-isr-leaves", chip("leaves")),
        ("legend-isr-enters", chip("enters")),
        ("legend-position", reader("")),
        ("legend-committed", reader("committed")),
        ("legend-request", pill(Kind::Request, "")),
        ("legend-answer", pill(Kind::Answer, "")),
        ("legend-next", pill(Kind::Request, "next")),
        ("legend-broken", pill(Kind::Broken, "")),
        (
            "legend-link",
            html! { <g class="links">{ line("standing", Html::default()) }<g class="link"><circle class="knob" cx="37" cy="15" r="4" /></g></g> },
        ),
        ("legend-trail", html! { <g class="links"><path class="trail" d="M4 15H70" /></g> }),
        (
            "legend-cut",
            line(
                "cut",
                html! { <><circle cx="37" cy="15" r="9" /><path class="cross" d="M32.5 10.5l9 9m0 -9l-9 9" /></> },
            ),
        ),
        ("legend-paused", marks::pause(34.0, 9.0)),
        ("legend-slow-disk", marks::disk(30.0, 8.0)),
        (
            "legend-down",
            html! { <g class="room is-down"><rect class="frame" x="8" y="4" width="58" height="22" rx="6" /></g> },
        ),
    ]
}

/// The legend as a window, where it has no place over the scene.
#[component]
pub fn LegendWindow() -> Html {
    let i18n = use_i18n();
    html! { <Dialog title={i18n.format("legend")} testid="legend-window"><Legend /></Dialog> }
}

/// The legend's list.
#[component]
pub fn Legend() -> Html {
    let i18n = use_i18n();
    let rows = samples().into_iter().map(|(word, sample)| {
        html! {
            <li key={word}>
                <svg class="scene" viewBox={format!("0 0 {WIDTH} {HEIGHT}")} width={WIDTH.to_string()} height={HEIGHT.to_string()} aria-hidden="true">{ sample }</svg>
                <span>{ i18n.format(word) }</span>
            </li>
        }
    });
    html! {
        <ul class="legend" tabindex="0" data-testid="legend" aria-label={i18n.format("legend")}>{ for rows }</ul>
    }
}
