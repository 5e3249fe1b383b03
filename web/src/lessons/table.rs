//! A table of a lesson that the engine fills, row by row, while the page goes on.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use kafkascope_core::lesson::Table;
use kafkascope_core::measure::{Measured, Measurement};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::i18n::use_i18n;
use crate::lessons::panel::{line, prose};
use crate::platform::siblings::siblings;
use crate::platform::slices::work_for_a_slice;

/// A slice of a measurement lasts about so long, in milliseconds.
const SLICE_MS: f64 = 12.0;
/// How many steps are made before the clock is looked at again: with thousands of partitions one alone takes
/// milliseconds.
const STEPS_PER_LOOK: u32 = 1;

/// What the table needs.
#[derive(Clone, PartialEq, Properties)]
pub struct MeasuredTableProps {
    /// What is measured.
    pub table: Table,
    /// What it is called.
    pub title: String,
    /// What to say under it once it is full.
    pub text: String,
}

/// The rows that are measured so far.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rows(Vec<Measured>);

enum RowsAction {
    Begin,
    Row(Measured),
}

impl Reducible for Rows {
    type Action = RowsAction;

    fn reduce(self: Rc<Self>, action: RowsAction) -> Rc<Self> {
        match action {
            RowsAction::Begin => Rc::default(),
            RowsAction::Row(row) => Self(self.0.iter().cloned().chain([row]).collect()).into(),
        }
    }
}

/// The table, and the button that fills it.
#[component]
pub fn MeasuredTable(props: &MeasuredTableProps) -> Html {
    let i18n = use_i18n();
    let rows = use_reducer_eq(Rows::default);
    let is_running = use_state_eq(|| false);
    // Leaving the lesson stops the measurement.
    let is_wanted = use_memo((), |()| Cell::new(true));
    {
        let is_wanted = is_wanted.clone();
        use_effect_with((), move |()| move || is_wanted.set(false));
    }
    let Table { measure, sizes } = props.table.clone();
    let fill = {
        let (rows, is_running, sizes) = (rows.dispatcher(), is_running.clone(), sizes.clone());
        Callback::from(move |_: MouseEvent| {
            let (rows, is_running, is_wanted, sizes) =
                (rows.clone(), is_running.clone(), is_wanted.clone(), sizes.clone());
            rows.dispatch(RowsAction::Begin);
            is_running.set(true);
            spawn_local(async move {
                for size in sizes {
                    // The sizes were checked when the lesson was read.
                    let Ok(mut measurement) = Measurement::new(measure, size) else { continue };
                    let measured = loop {
                        let measured = work_for_a_slice(SLICE_MS, || measurement.go_on(STEPS_PER_LOOK));
                        if measured.is_some() || !is_wanted.get() {
                            break measured;
                        }
                        TimeoutFuture::new(0).await;
                    };
                    if !is_wanted.get() {
                        return;
                    }
                    rows.dispatch(RowsAction::Row(measured.unwrap_or_default()));
                    TimeoutFuture::new(0).await;
                }
                is_running.set(false);
            });
        })
    };
    let columns = measure.columns();
    let cell = |number: Option<i64>| {
        number.map_or_else(|| "–".to_owned(), |number| i18n.format_with("measure-figure", [("number", number.into())]))
    };
    let listed = sizes.iter().enumerate().map(|(at, size)| {
        let measured = rows.0.get(at);
        let is_next = *is_running && at == rows.0.len();
        let cells = (1..columns.len()).map(|column| {
            let text = match measured {
                Some(row) => cell(row.get(column).copied().flatten()),
                None if is_next => "…".to_owned(),
                None => "?".to_owned(),
            };
            html! { <td>{ text }</td> }
        });
        html! { <tr key={*size} data-testid={format!("measured-{size}")} data-measured={measured.is_some().to_string()}><th scope="row">{ cell(Some(i64::from(*size))) }</th>{ siblings(cells) }</tr> }
    });
    let is_full = rows.0.len() == sizes.len();
    let button = if is_full { "measure-again" } else { "measure-fill" };
    html! {
        <div class="measured">
            <div class="scroll">
                <table class="data" data-testid="measured">
                    <caption>{ line(&props.title) }</caption>
                    <thead><tr>{ for columns.iter().map(|column| html! { <th scope="col">{ i18n.format(&format!("measure-{column}")) }</th> }) }</tr></thead>
                    <tbody aria-live="polite">{ for listed }</tbody>
                </table>
            </div>
            <button data-testid="measure" disabled={*is_running} onclick={fill}>{ i18n.format(if *is_running { "measure-running" } else { button }) }</button>
            if is_full {
                { prose(&props.text) }
            }
        </div>
    }
}
