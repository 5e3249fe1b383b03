//! Envelopes on their links, at the place where virtual time puts them; where they meet they lie on each other as a stack.
//! From step to step they glide; what arrived glides to its end and fades.

use kafkascope_core::sort::SharedSort;
use std::rc::Rc;

use yew::prelude::*;

use super::focus::Focus;
use super::fonts::{measure, px};
use super::press::{on_click, on_key};
use crate::app::{Action, Selection, Window, use_app};
use crate::engine::EnvelopeView;
use crate::i18n::{I18n, use_i18n};
use crate::layout::{Font, Pill, Point, Rect, Scene, Stack, Track, shorten, stacks, wrap};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// What is drawn.
#[derive(Clone, PartialEq, Properties)]
pub struct EnvelopesProps {
    /// The plan.
    pub scene: Rc<Scene>,
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What a selection leaves lit.
    pub focus: Rc<Focus>,
}

/// An envelope of which only the name is told.
const SMALL_HEIGHT: f64 = 24.0;
/// From an envelope's edge to its words.
const PAD: f64 = 9.0;
/// How far the next of a stack looks out from under the one on top.
const PEEK: f64 = 3.0;

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

/// What an envelope says, as it fits.
struct PillText {
    title: String,
    summary: Vec<String>,
    size: Pill,
}

impl PillText {
    /// The name alone: `Fetch`.
    fn small(title: String, most: Pill) -> Self {
        let title = shorten(&title, Font::Api, most.w - 2.0 * PAD, &measure);
        let w = measure(Font::Api, &title) + 2.0 * PAD;
        Self { title, summary: Vec::new(), size: Pill { w, h: SMALL_HEIGHT } }
    }

    /// The name and what it is about, in up to two lines.
    fn whole(title: String, summary: &str, most: Pill) -> Self {
        let room = most.w - 2.0 * PAD;
        let lines = ((most.h - 26.0) / 12.0).floor().max(0.0) as usize;
        let title = shorten(&title, Font::Api, room, &measure);
        let summary = wrap(summary, Font::Summary, room, lines, &measure);
        let widths = summary.iter().map(|line| measure(Font::Summary, line));
        let w = widths.fold(measure(Font::Api, &title), f64::max) + 2.0 * PAD;
        let h = if summary.is_empty() { SMALL_HEIGHT } else { 26.0 + 12.0 * summary.len() as f64 };
        Self { title, summary, size: Pill { w, h: h.min(most.h) } }
    }
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
    let hovered = use_state_eq(|| None::<u64>);
    let scene = &props.scene;
    let all = drawn(&props.snapshot, moments.borrow().0.as_ref());
    let inset = scene.pill.h / 2.0 + 4.0;
    let tracks: Vec<Rc<Track>> =
        all.iter().map(|drawn| scene.track(drawn.envelope.from, drawn.envelope.to, inset)).collect();
    let next = props.snapshot.next_event();
    let is_next = |index: usize| next == Some(all[index].envelope.event) && !all[index].is_gone;
    let words = |index: usize| {
        let envelope = &all[index].envelope;
        let title = i18n.envelope_title(envelope);
        if is_next(index) {
            PillText::whole(title, &envelope.summary, scene.pill)
        } else {
            PillText::small(title, scene.pill)
        }
    };
    let words: Vec<PillText> = (0..all.len()).map(words).collect();
    let places: Vec<Rect> = all
        .iter()
        .zip(&tracks)
        .zip(&words)
        .map(|((drawn, track), words)| place(scene, track.at(drawn.part), words.size))
        .collect();
    let here: Vec<usize> = (0..all.len()).filter(|index| !all[*index].is_gone).collect();
    // The next one lies on top, then the first to arrive.
    let order = |index: usize| if is_next(here[index]) { 0 } else { index + 1 };
    let rects: Vec<Rect> = here.iter().map(|index| places[*index]).collect();
    let found = counted_stacks(rects, order, |stack| {
        let [top, rest @ ..] = stack else { return 0.0 };
        let others: Vec<&EnvelopeView> = rest.iter().map(|each| &all[here[*each]].envelope).collect();
        measure(Font::Api, &count_text(stack.len(), same_kind(&all[here[*top]].envelope, &others)))
    });
    let found: Vec<Stack> =
        found.into_iter().map(|stack| stack.into_iter().map(|index| here[index]).collect()).collect();
    let stack_of = |index: usize| found.iter().find(|stack| stack.contains(&index));
    let envelopes = (0..all.len()).map(|index| {
        let (drawn, track) = (&all[index], &tracks[index]);
        let stack = stack_of(index);
        let rank = stack.and_then(|stack| stack.iter().position(|each| *each == index)).unwrap_or(0);
        // Who lies under another lies where that one lies.
        let top = stack.map_or(index, |stack| stack[0]);
        let at = track.at(drawn.part);
        let peek = PEEK * rank.min(3) as f64;
        let aside = (places[top].center_x() - at.x + peek, places[top].y + places[top].h / 2.0 - at.y + peek);
        let others: Vec<&EnvelopeView> = stack.map(|stack| stack[1..].iter().map(|each| &all[*each].envelope).collect()).unwrap_or_default();
        let event = drawn.envelope.event;
        let on = (rank > 0, hovered.clone(), (is_next(index), stack.map_or(1, Vec::len)));
        let (is_under, hovered, (is_next, count)) = on;
        let selection = drawn.envelope.request.map(Selection::Request);
        let is_selected = selection.as_ref().is_some_and(|selection| props.focus.is_on(selection));
        let press = {
            let app = app.clone();
            Callback::from(move |()| match &selection {
                // Pressed again, what is selected opens.
                Some(selection) if !is_selected => app.page(Action::Select(Some(selection.clone()))),
                Some(_) | None => app.page(Action::Open(Window::Envelope(event.0))),
            })
        };
        let (enter, leave) = {
            let (enter, leave) = (hovered.clone(), hovered.clone());
            (Callback::from(move |_: MouseEvent| enter.set(Some(event.0))), Callback::from(move |_: MouseEvent| leave.set(None)))
        };
        let shown = if *hovered == Some(event.0) && !is_next {
            &PillText::whole(i18n.envelope_title(&drawn.envelope), &drawn.envelope.summary, scene.pill)
        } else {
            &words[index]
        };
        let style = format!("offset-path:path('{}');offset-distance:{:.2}%", track.d, drawn.part * 100.0);
        let class = classes!(
            "envelope",
            drawn.is_gone.then_some("gone"),
            is_next.then_some("next"),
            is_under.then_some("under"),
            is_selected.then_some("selected"),
            (!props.focus.has_envelope(&drawn.envelope)).then_some("dim"),
        );
        let count = if is_under { 1 } else { count };
        let label = label(&drawn.envelope, &others, &i18n);
        let body = html! {
            <g key={event.0} {class} {style} role="button" tabindex="-1" aria-hidden={drawn.is_gone.to_string()} aria-pressed={is_selected.to_string()}
                aria-label={label.clone()} data-testid={format!("envelope-{}", event.0)} onclick={on_click(&press)} onkeydown={on_key(&press)} onmouseenter={enter} onmouseleave={leave}>
                { pill(&drawn.envelope, shown, (count, same_kind(&drawn.envelope, &others)), aside, label) }
            </g>
        };
        (rank, body)
    });
    let mut envelopes: Vec<(usize, Html)> = envelopes.collect();
    // Those under another are drawn before it.
    envelopes.shared_sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    html! { <g class="envelopes">{ for envelopes.into_iter().map(|(_, envelope)| envelope) }</g> }
}

/// Gathers envelopes into stacks. One on top grows by the words that count those under it, and may so meet others.
fn counted_stacks(
    mut rects: Vec<Rect>,
    order: impl Fn(usize) -> usize,
    width_of_count: impl Fn(&[usize]) -> f64,
) -> Vec<Stack> {
    let bare = rects.clone();
    let mut found = stacks(&rects, &order);
    // It settles in a few rounds: words grow slowly.
    for _ in 0..4 {
        for stack in found.iter().filter(|stack| stack.len() > 1) {
            let (top, more) = (stack[0], width_of_count(stack) + PEEK);
            rects[top] = Rect { x: bare[top].x - more / 2.0, w: bare[top].w + more, ..bare[top] };
        }
        let again = stacks(&rects, &order);
        if again == found {
            break;
        }
        found = again;
    }
    found
}

/// How many lie on each other: of one kind, or of several.
fn count_text(count: usize, is_same: bool) -> String {
    match count {
        1 => String::new(),
        _ if is_same => format!(" × {count}"),
        _ => format!(" + {}", count - 1),
    }
}

/// Where an envelope lies: on its way, and wholly within the scene.
fn place(scene: &Scene, at: Point, size: Pill) -> Rect {
    let half = size.w / 2.0 + 2.0;
    let x = at.x.clamp(half, (scene.width - half).max(half));
    size.around(Point { x, ..at }, 0.0)
}

fn same_kind(envelope: &EnvelopeView, others: &[&EnvelopeView]) -> bool {
    others.iter().all(|other| other.api == envelope.api && other.is_response == envelope.is_response)
}

/// All that an envelope says, and what lies under it.
fn label(envelope: &EnvelopeView, others: &[&EnvelopeView], i18n: &I18n) -> String {
    let one = |envelope: &EnvelopeView| {
        let title = i18n.envelope_title(envelope);
        let ways = format!("{title}, {} → {}", i18n.actor(envelope.from), i18n.actor(envelope.to));
        if envelope.summary.is_empty() { ways } else { format!("{ways}, {}", envelope.summary) }
    };
    std::iter::once(envelope).chain(others.iter().copied()).map(one).collect::<Vec<_>>().join("\n")
}

/// A request has corners, an answer is round at its ends; a connection that breaks is a mark.
pub fn shape(envelope: Kind, Pill { w, h }: Pill) -> Html {
    match envelope {
        Kind::Request => {
            html! { <rect class="shape" x={px(-w / 2.0)} y={px(-h / 2.0)} width={px(w)} height={px(h)} rx="4" /> }
        }
        Kind::Answer => {
            html! { <rect class="shape" x={px(-w / 2.0)} y={px(-h / 2.0)} width={px(w)} height={px(h)} rx={px((h / 2.0).min(14.0))} /> }
        }
        Kind::Broken => html! {
            <g class="broken"><circle class="shape" r="11" /><path d="M-7 0h4m6 0h4M-2.5 -4.5l2 9m3 -9l2 9" /></g>
        },
    }
}

/// What kind of envelope it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request.
    Request,
    /// An answer.
    Answer,
    /// The news that a connection is closed.
    Broken,
}

fn pill(
    envelope: &EnvelopeView,
    words: &PillText,
    (count, is_same): (usize, bool),
    aside: (f64, f64),
    label: String,
) -> Html {
    let kind = match (envelope.request, envelope.is_response) {
        (None, _) => Kind::Broken,
        (Some(_), true) => Kind::Answer,
        (Some(_), false) => Kind::Request,
    };
    let counted = count_text(count, is_same);
    let more = measure(Font::Api, &counted);
    let size = Pill { w: words.size.w + more, ..words.size };
    let (left, top) = (-size.w / 2.0 + PAD, -size.h / 2.0);
    let lines = words.summary.iter().enumerate().map(|(index, line)| {
        html! { <text class="m" x={px(left)} y={px(top + 29.0 + index as f64 * 12.0)}>{ line }</text> }
    });
    html! {
        <g class="aside" style={format!("transform:translate({:.1}px,{:.1}px)", aside.0, aside.1)}>
            <title>{ label }</title>
            { shape(kind, size) }
            if kind != Kind::Broken {
                <text class="api" x={px(left)} y={px(if words.summary.is_empty() { 4.0 } else { top + 16.0 })}>{ &words.title }<tspan class="count">{ counted }</tspan></text>
                { siblings(lines) }
            }
        </g>
    }
}
