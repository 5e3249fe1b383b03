//! What lies over the scene: the selection in words, nearer and farther, the legend.

use yew::prelude::*;

use super::client::capitalised;
use super::legend::Legend;
use crate::app::{Action, Selection, Window, Zoom, use_app};
use crate::engine::EnvelopeView;
use crate::i18n::use_i18n;
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// What is said of the selection.
#[derive(Clone, PartialEq, Properties)]
pub struct ToolsProps {
    /// What is selected, if that is there.
    pub selection: Option<Selection>,
    /// What the request that is selected says, while it is on its way.
    pub envelope: Option<EnvelopeView>,
}

/// The message of a selected request, while one is on its way.
pub fn envelope_of(selection: Option<&Selection>, snapshot: &SharedSnapshot) -> Option<EnvelopeView> {
    let Some(Selection::Request(request)) = selection else { return None };
    snapshot.view.envelopes.iter().find(|envelope| envelope.request == Some(*request)).cloned()
}

/// The tools.
#[component]
pub fn Tools(props: &ToolsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let is_legend_open = use_state_eq(|| false);
    let toggle = {
        let is_open = is_legend_open.clone();
        Callback::from(move |_: MouseEvent| is_open.set(!*is_open))
    };
    let close_legend = {
        let is_open = is_legend_open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && *is_open {
                // What is selected stays.
                event.prevent_default();
                event.stop_propagation();
                is_open.set(false);
            }
        })
    };
    let zoom = |zoom: Zoom| {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.zoom(zoom))
    };
    html! {
        <div class="scene-tools" onkeydown={close_legend}>
            { selected(props, &app, &i18n) }
            <div class="zoom" role="group" aria-label={i18n.format("zoom")}>
                <button data-testid="zoom-out" aria-label={i18n.format("zoom-out")} title={i18n.format("zoom-out")} onclick={zoom(Zoom::Out)}>{ "−" }</button>
                <button data-testid="zoom-fit" aria-label={i18n.format("zoom-fit")} title={i18n.format("zoom-fit")} onclick={zoom(Zoom::Fit)}>{ "⤢" }</button>
                <button data-testid="zoom-in" aria-label={i18n.format("zoom-in")} title={i18n.format("zoom-in")} onclick={zoom(Zoom::In)}>{ "+" }</button>
                <button data-testid="legend-open" aria-expanded={is_legend_open.to_string()} onclick={toggle}>{ i18n.format("legend") }</button>
            </div>
            if *is_legend_open {
                <Legend />
            }
        </div>
    }
}

/// What is selected, with what can be done about it.
fn selected(props: &ToolsProps, app: &crate::app::AppContext, i18n: &crate::i18n::I18n) -> Html {
    let Some(selection) = &props.selection else { return Html::default() };
    let (words, window) = match (selection, &props.envelope) {
        (Selection::Partition(partition), _) => (partition.to_string(), None),
        (Selection::Actor(actor), _) => (capitalised(&i18n.actor(*actor)), Some(Window::Actor(*actor))),
        (Selection::Request(_), Some(envelope)) => {
            let title = i18n.envelope_title(envelope);
            let way = format!("{title}, {} → {}", i18n.actor(envelope.from), i18n.actor(envelope.to));
            let words = if envelope.summary.is_empty() { way } else { format!("{way}, {}", envelope.summary) };
            (words, Some(Window::Envelope(envelope.event.0)))
        }
        (Selection::Request(request), None) => {
            (i18n.format_with("request-waits", [("who", i18n.actor(request.from.actor()).into())]), None)
        }
    };
    let open = window.map(|window| {
        let app = app.clone();
        let open = Callback::from(move |_: MouseEvent| app.page(Action::Open(window.clone())));
        html! { <button data-testid="selection-open" onclick={open}>{ i18n.format("selection-open") }</button> }
    });
    let clear = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.page(Action::Select(None)))
    };
    html! {
        <div class="selected-line" data-testid="selection" role="status">
            <b>{ words }</b>
            { siblings(open) }
            <button class="quiet" data-testid="selection-clear" aria-label={i18n.format("selection-clear")} title={i18n.format("selection-clear")} onclick={clear}>{ "✕" }</button>
        </div>
    }
}
