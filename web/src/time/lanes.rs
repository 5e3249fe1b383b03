//! The markers of the time bar, a lane for each kind. One that is pointed at says what it was; a click goes there.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::app::use_app;
use crate::engine::Position;
use crate::i18n::use_i18n;
use crate::platform::siblings::siblings;
use crate::run::milestone_markers::{Lane, MilestoneMarker, MilestoneMarkers};

/// How many milestones of a marker are listed; the others are counted.
const LISTED_MAX: usize = 3;

/// What the lanes show.
#[derive(Clone, PartialEq, Properties)]
pub struct LanesProps {
    /// The markers.
    pub markers: MilestoneMarkers,
}

/// A marker by its lane and its number in it.
type Pointed = (usize, usize);

/// The lanes. The list of steps has the same for keyboards and screen readers.
#[component]
pub fn Lanes(props: &LanesProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let pointed = use_state_eq(|| None::<Pointed>);
    let markers = &props.markers;
    let on_over = {
        let pointed = pointed.clone();
        Callback::from(move |event: MouseEvent| pointed.set(marker_of(&event)))
    };
    let on_leave = {
        let pointed = pointed.clone();
        Callback::from(move |_: MouseEvent| pointed.set(None))
    };
    let on_click = {
        let (app, markers) = (app.clone(), markers.clone());
        Callback::from(move |event: MouseEvent| {
            let found = marker_of(&event).and_then(|(lane, at)| markers.lanes.get(lane)?.get(at).cloned());
            if let Some(marker) = found {
                let here = app.session.place().position;
                app.session.seek(marker.next_after(here));
            }
        })
    };
    let tooltip = pointed.and_then(|(lane, at)| markers.lanes.get(lane)?.get(at).cloned());
    let tooltip = tooltip.map(|marker| {
        let steps = marker.positions.iter().take(LISTED_MAX).filter_map(|at| Some((*at, app.session.step_at(*at)?)));
        let lines: Vec<Html> = steps
            .map(|(at, step)| html! { <p key={at}><b>{ i18n.format("step") }{ format!(" {at}") }</b>{ " " }{ i18n.step(&step.explanation) }</p> })
            .collect();
        let more = marker.positions.len().saturating_sub(LISTED_MAX);
        let x = percent(marker.first(), markers.length);
        let side = if x > 50.0 { "from-right" } else { "from-left" };
        html! {
            <div class={classes!("mark-told", side)} style={format!("--x:{x:.2}%")} data-testid="mark-told">
                { siblings(lines) }
                if more > 0 { <p class="faint">{ i18n.format_with("marks-more", [("count", more.into())]) }</p> }
            </div>
        }
    });
    let lanes = Lane::ALL.into_iter().enumerate().map(|(number, lane)| {
        let of_lane = markers.lanes.get(number).cloned().unwrap_or_default();
        html! { <LaneOf key={lane.name()} {number} {lane} markers={of_lane} length={markers.length} /> }
    });
    html! {
        <div class="lanes" aria-hidden="true" data-testid="lanes" onmouseover={on_over} onmouseleave={on_leave} onclick={on_click}>
            { siblings(lanes) }
            { siblings(tooltip) }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LaneProps {
    number: usize,
    lane: Lane,
    markers: Rc<Vec<MilestoneMarker>>,
    length: Position,
}

/// One lane. Where no press has added a marker to it, it is not made again.
#[component]
fn LaneOf(props: &LaneProps) -> Html {
    let i18n = use_i18n();
    let markers = props.markers.iter().enumerate().map(|(at, marker)| {
        let count = marker.positions.len();
        let middle = marker.first() + (marker.last() - marker.first()) / 2;
        html! {
            <i key={marker.first()} class={classes!("mark", (count > 1).then_some("many"))} data-mark={format!("{} {at}", props.number)}
                style={format!("left:{:.2}%", percent(middle, props.length))}>
                if count > 1 { { count } }
            </i>
        }
    });
    let name = props.lane.name();
    html! {
        <div class={format!("lane lane-{name}")} data-testid={format!("lane-{name}")}>
            <span class="lane-name">{ i18n.format(&format!("lane-{name}")) }</span>
            <span class="lane-marks">{ for markers }</span>
        </div>
    }
}

/// How far along the bar a position is, in per cent.
pub fn percent(position: Position, length: Position) -> f64 {
    f64::from(position) / f64::from(length.max(1)) * 100.0
}

/// The marker that an event is about.
fn marker_of(event: &MouseEvent) -> Option<Pointed> {
    let element: Element = event.target()?.dyn_into().ok()?;
    let name = element.get_attribute("data-mark")?;
    let (lane, at) = name.split_once(' ')?;
    Some((lane.parse().ok()?, at.parse().ok()?))
}
