//! A message on its way: all of it, as the protocol names it, and what can be done to it.

use yew::prelude::*;

use crate::app::{Action, Dialog, Window, use_app};
use crate::engine::{Command, EventId};
use crate::i18n::use_i18n;
use crate::run::SharedSnapshot;

/// How long one press of the button delays an envelope.
const DELAY_MS: u64 = 100;

/// What can be done to what may happen next.
#[derive(Clone, PartialEq, Properties)]
pub struct EventActionsProps {
    /// The event.
    pub event: EventId,
    /// Whether it delivers a message: only a message can be lost, late or doubled.
    pub is_message: bool,
    /// Whether the message is open in its window already.
    pub is_window: bool,
}

/// The buttons of an event. In a window they close it, so that one sees what came of it.
#[component]
pub fn EventActions(props: &EventActionsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let event = props.event;
    let button = |name: &str, label: String, command: Command| {
        let app = app.clone();
        let press = Callback::from(move |_: MouseEvent| {
            if app.act(command.clone()) {
                app.page(Action::Close);
            }
        });
        html! { <button data-testid={format!("{name}-{}", event.0)} onclick={press}>{ label }</button> }
    };
    let open = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.page(Action::Open(Window::Envelope(event.0))))
    };
    let can_be_chosen = app.session.read(|history| history.cluster().can_be_chosen(event));
    let choose = i18n.format(if props.is_message { "deliver-next" } else { "do-next" });
    html! {
        <div class="event-actions">
            if can_be_chosen {
                { button("choose", choose, Command::Choose { event }) }
            } else {
                <p class="faint" data-testid={format!("behind-{}", event.0)}>{ i18n.format("behind-on-its-connection") }</p>
            }
            if props.is_message && !props.is_window {
                <button data-testid={format!("open-{}", event.0)} onclick={open}>{ i18n.format("open-message") }</button>
            }
            if props.is_message {
                { button("drop", i18n.format("drop"), Command::Drop { event }) }
                { button("delay", i18n.format_with("delay", [("ms", DELAY_MS.into())]), Command::Delay { event, by_ms: DELAY_MS }) }
                { button("duplicate", i18n.format("duplicate"), Command::Duplicate { event }) }
            }
        </div>
    }
}

/// Which message.
#[derive(Clone, PartialEq, Properties)]
pub struct EnvelopeProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// The event that will deliver it.
    pub event: u64,
}

/// The window of a message on its way.
#[component]
pub fn EnvelopeWindow(props: &EnvelopeProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let found = props.snapshot.view.envelopes.iter().find(|envelope| envelope.event.0 == props.event);
    let Some(envelope) = found else {
        return html! { <Dialog title={i18n.format("envelope-gone")} testid="envelope-window">{ Html::default() }</Dialog> };
    };
    let body = app.session.read(|history| history.cluster().envelope_body(envelope.event));
    let body = body.map(|body| serde_json::to_string_pretty(&body).unwrap_or_default());
    let started_ms = props.snapshot.view.started_ms;
    let since_start = |at_ms: u64| at_ms.saturating_sub(started_ms);
    html! {
        <Dialog title={i18n.envelope_title(envelope)} testid="envelope-window">
            <p>{ format!("{} → {} · {}–{} ms", i18n.actor(envelope.from), i18n.actor(envelope.to), since_start(envelope.sent_at_ms), since_start(envelope.arrives_at_ms)) }</p>
            <EventActions event={envelope.event} is_message={true} is_window={true} />
            <pre class="json" tabindex="0">{ body }</pre>
        </Dialog>
    }
}
