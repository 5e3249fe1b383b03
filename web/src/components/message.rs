//! A message on its way: all of it, as the protocol names it, and what can be done to it.

use yew::prelude::*;

use super::dialog::Dialog;
use crate::desk::use_desk;
use crate::engine::{Command, EventId};
use crate::session::Now;
use crate::state::Action;
use crate::words::use_words;

/// One press of the button delays by so many milliseconds.
const DELAY_MS: u64 = 100;

/// What can be done to what may happen next.
#[derive(Clone, PartialEq, Properties)]
pub struct EventActionsProps {
    /// The event.
    pub event: EventId,
    /// Whether it delivers a message: only a message can be lost, late or doubled.
    pub is_message: bool,
}

/// The buttons of an event. In a window they close it, so that one sees what came of it.
#[component]
pub fn EventActions(props: &EventActionsProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let event = props.event;
    let button = |name: &str, label: String, command: Command| {
        let desk = desk.clone();
        let press = Callback::from(move |_: MouseEvent| {
            if desk.act(command.clone()) {
                desk.page(Action::Close);
            }
        });
        html! { <button data-testid={format!("{name}-{}", event.0)} onclick={press}>{ label }</button> }
    };
    let choose = words.say(if props.is_message { "deliver-next" } else { "do-next" });
    html! {
        <div class="event-actions">
            { button("choose", choose, Command::Choose { event }) }
            if props.is_message {
                { button("drop", words.say("drop"), Command::Drop { event }) }
                { button("delay", words.say_with("delay", [("ms", DELAY_MS.into())]), Command::Delay { event, by_ms: DELAY_MS }) }
                { button("duplicate", words.say("duplicate"), Command::Duplicate { event }) }
            }
        </div>
    }
}

/// Which message.
#[derive(Clone, PartialEq, Properties)]
pub struct EnvelopeProps {
    /// The moment.
    pub now: Now,
    /// The event that will deliver it.
    pub event: u64,
}

/// The window of a message on its way.
#[component]
pub fn EnvelopeWindow(props: &EnvelopeProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let found = props.now.view.envelopes.iter().find(|envelope| envelope.event.0 == props.event);
    let Some(envelope) = found else {
        return html! { <Dialog title={words.say("envelope-gone")} testid="envelope-window">{ Html::default() }</Dialog> };
    };
    let body = desk.session.read(|history| history.cluster().envelope_body(envelope.event));
    let body = body.map(|body| serde_json::to_string_pretty(&body).unwrap_or_default());
    html! {
        <Dialog title={words.message_title(envelope.api, envelope.is_response)} testid="envelope-window">
            <p>{ format!("{} → {} · {}–{} ms", words.actor(envelope.from), words.actor(envelope.to), envelope.sent_at_ms, envelope.arrives_at_ms) }</p>
            <EventActions event={envelope.event} is_message={true} />
            <pre class="json">{ body }</pre>
        </Dialog>
    }
}
