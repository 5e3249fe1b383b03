//! The marks of the time bar, a lane for each kind. One that is pointed at says what it was; a click goes there.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::app::use_app;
use crate::engine::Position;
use crate::i18n::use_i18n;
use crate::run::marks::{Lane, Mark, Marks};

/// So many milestones of a mark are told; the others are counted.
const TOLD_MAX: usize = 3;

/// What the lanes show.
#[derive(Clone, PartialEq, Properties)]
pub struct LanesProps {
    /// The marks.
    pub marks: Marks,
}

/// A mark by its lane and its number in it.
type Pointed = (usize, usize);

/// The lanes. The list of steps has the same for keyboards and screen readers.
#[component]
pub fn Lanes(props: &LanesProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let pointed = use_state_eq(|| None::<Pointed>);
    let marks = &props.marks;
    let on_over = {
        let pointed = pointed.clone();
        Callback::from(move |event: MouseEvent| pointed.set(mark_of(&event)))
    };
    let on_leave = {
        let pointed = pointed.clone();
        Callback::from(move |_: MouseEvent| pointed.set(None))
    };
    let on_click = {
        let (app, marks) = (app.clone(), marks.clone());
        Callback::from(move |event: MouseEvent| {
            let found = mark_of(&event).and_then(|(lane, at)| marks.lanes.get(lane)?.get(at).cloned());
            if let Some(mark) = found {
                let here = app.session.place().position;
                app.session.seek(mark.next_after(here));
            }
        })
    };
    let told = pointed.and_then(|(lane, at)| marks.lanes.get(lane)?.get(at).cloned());
    let told = told.map(|mark| {
        let steps = mark.positions.iter().take(TOLD_MAX).filter_map(|at| Some((*at, app.session.step_at(*at)?)));
        let lines: Vec<Html> = steps
            .map(|(at, step)| html! { <p key={at}><b>{ i18n.format("step") }{ format!(" {at}") }</b>{ " " }{ i18n.step(&step.explanation) }</p> })
            .collect();
        let more = mark.positions.len().saturating_sub(TOLD_MAX);
        let x = percent(mark.first(), marks.length);
        let side = if x > 50.0 { "from-right" } else { "from-left" };
        html! {
            <div class={classes!("mark-told", side)} style={format!("--x:{x:.2}%")} data-testid="mark-told">
                { for lines }
                if more > 0 { <p class="faint">{ i18n.format_with("marks-more", [("count", more.into())]) }</p> }
            </div>
        }
    });
    let lanes = Lane::ALL.into_iter().enumerate().map(|(number, lane)| {
        let of_lane = marks.lanes.get(number).cloned().unwrap_or_default();
        html! { <LaneOf key={lane.name()} {number} {lane} marks={of_lane} length={marks.length} /> }
    });
    html! {
        <div class="lanes" aria-hidden="true" data-testid="lanes" onmouseover={on_over} onmouseleave={on_leave} onclick={on_click}>
            { for lanes }
            { told }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LaneProps {
    number: usize,
    lane: Lane,
    marks: Rc<Vec<Mark>>,
    length: Position,
}

/// One lane. Where no press has added a mark to it, it is not made again.
#[component]
fn LaneOf(props: &LaneProps) -> Html {
    let i18n = use_i18n();
    let marks = props.marks.iter().enumerate().map(|(at, mark)| {
        let count = mark.positions.len();
        let middle = mark.first() + (mark.last() - mark.first()) / 2;
        html! {
            <i key={mark.first()} class={classes!("mark", (count > 1).then_some("many"))} data-mark={format!("{} {at}", props.number)}
                style={format!("left:{:.2}%", percent(middle, props.length))}>
                if count > 1 { { count } }
            </i>
        }
    });
    let name = props.lane.name();
    html! {
        <div class={format!("lane lane-{name}")} data-testid={format!("lane-{name}")}>
            <span class="lane-name">{ i18n.format(&format!("lane-{name}")) }</span>
            <span class="lane-marks">{ for marks }</span>
        </div>
    }
}

/// How far along the bar a position is, in per cent.
pub fn percent(position: Position, length: Position) -> f64 {
    f64::from(position) / f64::from(length.max(1)) * 100.0
}

/// The mark that an event is about.
fn mark_of(event: &MouseEvent) -> Option<Pointed> {
    let element: Element = event.target()?.dyn_into().ok()?;
    let name = element.get_attribute("data-mark")?;
    let (lane, at) = name.split_once(' ')?;
    Some((lane.parse().ok()?, at.parse().ok()?))
}
