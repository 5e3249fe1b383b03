//! The plan of a listener: its places in the order in which a request passes them.

use yew::prelude::*;

use super::{chip, label_of};
use crate::engine::{PipelineView, Place, ProcessorTask, RequestId, TransfersView};
use crate::i18n::I18n;
use crate::platform::siblings::siblings;

/// The plan.
pub fn plan(
    pipeline: &PipelineView,
    highlighted: Option<RequestId>,
    select: &Callback<RequestId>,
    i18n: &I18n,
) -> Html {
    let highlighted_place = highlighted
        .and_then(|highlighted| pipeline.requests.iter().find(|each| each.request == highlighted))
        .map(|each| each.place);
    let shown = |requests: Vec<RequestId>| -> Html {
        let chips = requests
            .into_iter()
            .map(|request| chip(request, label_of(pipeline, request, i18n), highlighted, select, i18n));
        html! { <div class="chips">{ for chips }</div> }
    };
    let at = |place: Place| -> Vec<RequestId> {
        let there = pipeline.requests.iter().filter(|each| each.place == place);
        there.map(|each| each.request).collect()
    };
    let place = |id: &'static str, of: &[Place], metrics: Vec<(&'static str, String)>, body: Html| {
        let is_highlighted = highlighted_place.is_some_and(|place| of.contains(&place));
        html! {
            <section key={id} class={classes!("pipeline-place", is_highlighted.then_some("lit"))} data-testid={id}>
                <h3>{ i18n.format(id) }</h3>
                { siblings(metrics.into_iter().map(|(name, value)| html! { <p class="metric"><code>{ name }</code><b>{ value }</b></p> })) }
                { body }
            </section>
        }
    };
    // The mean of all requests that were answered.
    let mean = |place: Place| -> String {
        let measured = pipeline.measured.iter().find(|each| each.place == place && each.count > 0);
        measured.map_or_else(
            || "–".to_owned(),
            |each| i18n.format_with("pipeline-mean", [("ms", tenths(each.ms, each.count).into())]),
        )
    };
    let muted = pipeline.connections.iter().filter(|connection| connection.is_muted).count();
    let connections = html! {
        <>
            <p>{ i18n.format_with("pipeline-connection-count", [("count", pipeline.connections.len().into()), ("muted", muted.into())]) }</p>
            { connection_list(pipeline, i18n) }
            { shown(at(Place::Socket)) }
        </>
    };
    let queue = pipeline.request_queue.len();
    let full = u32::try_from(queue).is_ok_and(|queue| queue >= pipeline.queued_max);
    let request_queue = html! {
        <>
            <div class={classes!("bar", full.then_some("full"))} aria-hidden="true"><i style={format!("width:{}%", share(queue, pipeline.queued_max))} /></div>
            if full {
                <p class="warn">{ i18n.format("pipeline-queue-full") }</p>
            }
            { shown(pipeline.request_queue.clone()) }
        </>
    };
    let busy = pipeline.handlers.iter().flatten().count();
    let handlers = (1..).zip(&pipeline.handlers).map(|(number, handler)| {
        let what = match handler {
            Some(request) => chip(*request, label_of(pipeline, *request, i18n), highlighted, select, i18n),
            None => html! { <span class="faint">{ i18n.format("pipeline-idle") }</span> },
        };
        html! { <li key={number} class={classes!("thread", handler.is_some().then_some("busy"))}><small>{ number }</small>{ what }</li> }
    });
    let waiting = at(Place::Remote).len();
    let responses: Vec<RequestId> = pipeline.processors.iter().flat_map(|each| each.responses.clone()).collect();
    let handlers = html! {
        <>
            <p>{ i18n.format_with("pipeline-busy", [("busy", busy.into()), ("all", pipeline.io_threads.into())]) }</p>
            <ol class="threads">{ for handlers }</ol>
        </>
    };
    let remote = html! {
        <>
            <p>{ i18n.format_with("pipeline-waiting", [("count", waiting.into())]) }</p>
            { shown(at(Place::Remote)) }
        </>
    };
    let queue_size = ("RequestQueueSize", format!("{queue} / {}", pipeline.queued_max));
    html! {
        <div class="plan" data-testid="pipeline-plan">
            { place("pipeline-connections", &[Place::Socket], Vec::new(), connections) }
            { place("pipeline-processors", &[], Vec::new(), processors(pipeline, i18n)) }
            { place("pipeline-request-queue", &[Place::RequestQueue], vec![queue_size, ("RequestQueueTimeMs", mean(Place::RequestQueue))], request_queue) }
            { place("pipeline-handlers", &[Place::Handler], vec![("LocalTimeMs", mean(Place::Handler))], handlers) }
            { place("pipeline-remote", &[Place::Remote], vec![("RemoteTimeMs", mean(Place::Remote))], remote) }
            { place("pipeline-responses", &[Place::ResponseQueue, Place::Sending], vec![("ResponseQueueSize", responses.len().to_string()), ("ResponseQueueTimeMs", mean(Place::ResponseQueue)), ("ResponseSendTimeMs", mean(Place::Sending))], html! { <>{ transfers(pipeline.transfers, i18n) }{ shown(responses) }{ shown(at(Place::Sending)) }</> }) }
        </div>
    }
}

/// How records were sent: what the kernel did by itself, and what the CPU had to copy.
fn transfers(transfers: TransfersView, i18n: &I18n) -> Html {
    let zero_copy = [("bytes", transfers.zero_copy_bytes.into())];
    let copied = [
        ("bytes", transfers.encrypted_bytes.into()),
        ("copied", transfers.copied_bytes.into()),
        ("copies", transfers.copies.into()),
    ];
    html! {
        <>
            if transfers.zero_copy_bytes > 0 {
                <p data-testid="pipeline-zero-copy">{ i18n.format_with("pipeline-zero-copy", zero_copy) }</p>
            }
            if transfers.encrypted_bytes > 0 {
                <p data-testid="pipeline-copied">{ i18n.format_with("pipeline-copied", copied) }</p>
            }
        </>
    }
}

/// A mean with one decimal.
fn tenths(ms: u64, count: u64) -> String {
    let tenths = ms.saturating_mul(10) / count.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn share(queue: usize, max: u32) -> usize {
    (queue * 100).checked_div(usize::try_from(max).unwrap_or(usize::MAX)).unwrap_or(100).min(100)
}

/// Who is connected: to which network thread, and whether anything is read from it.
fn connection_list(pipeline: &PipelineView, i18n: &I18n) -> Html {
    let rows = pipeline.connections.iter().enumerate().map(|(index, connection)| {
        let purpose = i18n.format(&format!("connection-{}", connection.purpose.name()));
        let unread =
            (connection.unread > 0).then(|| i18n.format_with("pipeline-unread", [("count", connection.unread.into())]));
        html! {
            <li key={index} class={classes!(connection.is_muted.then_some("muted"))}>
                { i18n.actor(connection.client) }<small>{ purpose }</small>
                if connection.is_encrypted {
                    <small data-testid="pipeline-encrypted">{ i18n.format("pipeline-encrypted") }</small>
                }
                if let Some(until) = connection.throttled_until_ms {
                    <em data-testid="pipeline-throttled">{ i18n.format_with("pipeline-muted-until", [("at", until.into())]) }</em>
                } else if connection.is_muted {
                    <em>{ i18n.format("pipeline-muted") }</em>
                }
                if let Some(unread) = unread {
                    <b>{ unread }</b>
                }
            </li>
        }
    });
    html! { <ul class="connections">{ for rows }</ul> }
}

fn processors(pipeline: &PipelineView, i18n: &I18n) -> Html {
    let rows = pipeline.processors.iter().enumerate().map(|(number, processor)| {
        let (class, what) = match processor.task {
            ProcessorTask::Idle => (None, i18n.format("pipeline-idle")),
            ProcessorTask::Reads { from, api } => {
                let values = [("api", api.name().into()), ("from", i18n.actor(from).into())];
                (Some("busy"), i18n.format_with("processor-reads", values))
            }
            ProcessorTask::Blocked { from, api } => {
                let values = [("api", api.name().into()), ("from", i18n.actor(from).into())];
                (Some("blocked"), i18n.format_with("processor-blocked", values))
            }
            ProcessorTask::Sends { to } => {
                (Some("busy"), i18n.format_with("processor-sends", [("to", i18n.actor(to).into())]))
            }
        };
        let connections = i18n.format_with("processor-connections", [("count", processor.connections.into())]);
        html! { <li key={number} class={classes!("thread", class)}><small>{ number }</small><span>{ what }</span><small>{ connections }</small></li> }
    });
    html! { <ol class="threads" start="0">{ for rows }</ol> }
}
