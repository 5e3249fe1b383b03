//! What may happen next. A person may overrule the scheduler: another event first, an envelope lost, late or twice.

use yew::prelude::*;

use crate::app::NowProps;
use crate::controls::envelope::EventActions;
use crate::engine::{PendingKind, PendingView};
use crate::i18n::{I18n, use_i18n};

/// So many are shown before one asks for all.
const SHOWN: usize = 6;

/// The tray.
#[component]
pub fn Next(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let open = use_state_eq(|| None::<u64>);
    let all = use_state_eq(|| false);
    let pending = &props.snapshot.pending;
    let shown = if *all { pending.len() } else { SHOWN.min(pending.len()) };
    let rows = pending[..shown].iter().map(|event| {
        let id = event.event.0;
        let is_open = *open == Some(id);
        let toggle = {
            let open = open.clone();
            Callback::from(move |_: MouseEvent| open.set((!is_open).then_some(id)))
        };
        let is_next = event.is_next && props.snapshot.recorded.is_none();
        row(event, props.snapshot.view.now_ms, (is_open, is_next), toggle, &i18n)
    });
    let more = pending.len() - shown;
    let show_all = Callback::from(move |_: MouseEvent| all.set(true));
    html! {
        <section>
            <h2>{ i18n.format("next") }</h2>
            <ul class="next" data-testid="next">
                if let Some(step) = props.snapshot.recorded.as_ref() {
                    <li key="recorded" class="event is-next recorded" data-testid="recorded"><span>{ i18n.format("recorded") }</span>{ i18n.step(&step.explanation) }</li>
                }
                { for rows }
            </ul>
            if pending.is_empty() {
                <p class="faint">{ i18n.format("nothing-pending") }</p>
            }
            if more > 0 {
                <button class="quiet" data-testid="next-all" onclick={show_all}>{ i18n.format_with("next-more", [("count", more.into())]) }</button>
            }
        </section>
    }
}

fn row(
    event: &PendingView,
    now_ms: u64,
    (is_open, is_next): (bool, bool),
    toggle: Callback<MouseEvent>,
    i18n: &I18n,
) -> Html {
    let id = event.event.0;
    let after = event.at_ms.saturating_sub(now_ms);
    let (title, detail) = describe(event, i18n);
    let class = classes!("event", is_next.then_some("is-next"), is_open.then_some("is-open"));
    html! {
        <li key={id} {class}>
            <button class="event-head" data-testid={format!("pending-{id}")} aria-expanded={is_open.to_string()} onclick={toggle}>
                <time>{ format!("+{after} ms") }</time>
                <span class="event-what"><b>{ title }</b><span>{ detail }</span></span>
                <span class="dots" aria-hidden="true">{ "⋯" }</span>
            </button>
            if is_open {
                <EventActions event={event.event} is_message={matches!(event.what, PendingKind::Deliver { .. })} />
            }
        </li>
    }
}

/// An event in a few words: what, and between whom or about what.
pub fn describe(event: &PendingView, i18n: &I18n) -> (String, String) {
    match &event.what {
        PendingKind::Deliver { from, to, api, is_response, summary } => {
            let title = i18n.message_title(*api, *is_response);
            (title, joined(&format!("{} → {}", i18n.actor(*from), i18n.actor(*to)), summary))
        }
        PendingKind::Handle { node, from, api, summary } => {
            let who = i18n.format_with("handles", [("node", (*node).into()), ("api", api.name().into())]);
            (who, joined(&i18n.actor(*from), summary))
        }
        PendingKind::Timer { timer } => {
            let name = i18n.find(&format!("timer-{timer}")).unwrap_or_else(|| timer.replace('-', " "));
            (name, i18n.actor(event.actor))
        }
    }
}

fn joined(who: &str, summary: &str) -> String {
    if summary.is_empty() { who.to_owned() } else { format!("{who} · {summary}") }
}
