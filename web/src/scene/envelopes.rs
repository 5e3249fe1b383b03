//! Envelopes on their links, at the place where virtual time puts them. From step to step they glide; what arrived
//! glides to its end and fades.

use kafkascope_core::sort::SharedSort;
use std::rc::Rc;

use yew::prelude::*;

use super::press::{on_click, on_key};
use crate::app::use_app;
use crate::app::{Action, Window};
use crate::engine::EnvelopeView;
use crate::i18n::{I18n, use_i18n};
use crate::layout::{Scene, cut, spread};
use crate::run::SharedSnapshot;

/// What is drawn.
#[derive(Clone, PartialEq, Properties)]
pub struct EnvelopesProps {
    /// The plan.
    pub scene: Rc<Scene>,
    /// The moment.
    pub snapshot: SharedSnapshot,
}

/// How much of its way an envelope has made.
fn part_of(envelope: &EnvelopeView, now_ms: u64) -> f64 {
    let whole = envelope.arrives_at_ms.saturating_sub(envelope.sent_at_ms).max(1);
    (now_ms.saturating_sub(envelope.sent_at_ms) as f64 / whole as f64).clamp(0.0, 1.0)
}

/// An envelope that is drawn.
struct Drawn {
    envelope: EnvelopeView,
    part: f64,
    is_gone: bool,
}

/// The envelopes of this moment, and those of the moment before that are gone: at their end when time went on, at their
/// beginning when it went back.
fn drawn(snapshot: &SharedSnapshot, before: Option<&SharedSnapshot>) -> Vec<Drawn> {
    let here = snapshot.view.envelopes.iter().map(|envelope| Drawn {
        part: part_of(envelope, snapshot.view.now_ms),
        envelope: envelope.clone(),
        is_gone: false,
    });
    let is_here = |envelope: &EnvelopeView| snapshot.view.envelopes.iter().any(|each| each.event == envelope.event);
    // Only neighbours glide: after a leap there is nothing to follow.
    let near = before.filter(|before| before.position.abs_diff(snapshot.position) <= 40);
    let gone = near.into_iter().flat_map(|before| {
        let part = if before.position < snapshot.position { 1.0 } else { 0.0 };
        before.view.envelopes.iter().filter(|envelope| !is_here(envelope)).map(move |envelope| Drawn {
            envelope: envelope.clone(),
            part,
            is_gone: true,
        })
    });
    let mut all: Vec<Drawn> = here.chain(gone).collect();
    // In one order always, so that the browser keeps each element and lets it glide.
    all.shared_sort_by_key(|drawn| drawn.envelope.event);
    all
}

/// The envelopes.
#[component]
pub fn Envelopes(props: &EnvelopesProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let moments = use_mut_ref(|| (None::<SharedSnapshot>, props.snapshot.clone()));
    {
        let mut moments = moments.borrow_mut();
        if moments.1 != props.snapshot {
            let last = std::mem::replace(&mut moments.1, props.snapshot.clone());
            moments.0 = Some(last);
        }
    }
    let all = drawn(&props.snapshot, moments.borrow().0.as_ref());
    let inset = props.scene.pill.h / 2.0 + 4.0;
    let tracks: Vec<_> =
        all.iter().map(|drawn| props.scene.track(drawn.envelope.from, drawn.envelope.to, inset)).collect();
    let points: Vec<_> = all.iter().zip(&tracks).map(|(drawn, track)| track.at(drawn.part)).collect();
    let here: Vec<usize> = (0..all.len()).filter(|index| !all[*index].is_gone).collect();
    let mut aside = vec![0.0; all.len()];
    let moved = spread(&props.scene, &here.iter().map(|index| points[*index]).collect::<Vec<_>>());
    for (index, aside_by) in here.into_iter().zip(moved) {
        aside[index] = aside_by;
    }
    let next = props.snapshot.next_event();
    let envelopes = all.iter().zip(&tracks).zip(aside).map(|((drawn, track), aside)| {
        let style = format!("offset-path:path('{}');offset-distance:{:.2}%", track.d, drawn.part * 100.0);
        let event = drawn.envelope.event;
        let open = {
            let app = app.clone();
            Callback::from(move |()| app.page(Action::Open(Window::Envelope(event.0))))
        };
        let class = classes!(
            "envelope",
            drawn.is_gone.then_some("gone"),
            (next == Some(event)).then_some("next"),
            drawn.envelope.is_response.then_some("answer"),
        );
        html! {
            <g key={event.0} {class} {style} role="button" tabindex={if drawn.is_gone { "-1" } else { "0" }} aria-hidden={drawn.is_gone.to_string()}
                aria-label={label(&drawn.envelope, &i18n)} data-testid={format!("envelope-{}", event.0)} onclick={on_click(&open)} onkeydown={on_key(&open)}>
                { pill(&drawn.envelope, &props.scene, aside, &i18n) }
            </g>
        }
    });
    html! { <g class="envelopes">{ for envelopes }</g> }
}

fn label(envelope: &EnvelopeView, i18n: &I18n) -> String {
    format!(
        "{}, {} → {}, {}",
        i18n.message_title(envelope.api, envelope.is_response),
        i18n.actor(envelope.from),
        i18n.actor(envelope.to),
        envelope.summary
    )
}

fn pill(envelope: &EnvelopeView, scene: &Scene, aside: f64, i18n: &I18n) -> Html {
    let (w, h) = (scene.pill.w, scene.pill.h);
    let is_small = h < 30.0;
    let text =
        if is_small { envelope.api.name().to_owned() } else { i18n.message_title(envelope.api, envelope.is_response) };
    let fits = |text: &str, most: f64, em: f64| cut(text, (most / em) as usize);
    html! {
        <g class="aside" style={format!("transform:translate({aside:.1}px,0)")}>
            <title>{ label(envelope, i18n) }</title>
            <rect x={(-w / 2.0).to_string()} y={(-h / 2.0).to_string()} width={w.to_string()} height={h.to_string()} rx="6" />
            if is_small {
                <text class="api" text-anchor="middle" y="4">{ fits(&text, w - 8.0, 6.6) }</text>
            } else {
                <text class="api" x={(10.0 - w / 2.0).to_string()} y={if envelope.summary.is_empty() { "4" } else { "-3" }}>{ fits(&text, w - 16.0, 6.9) }</text>
                <text class="m" x={(10.0 - w / 2.0).to_string()} y="11">{ fits(&envelope.summary, w - 16.0, 6.4) }</text>
            }
        </g>
    }
}
