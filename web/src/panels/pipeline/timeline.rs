//! Where a request's time went: each place as a part of one bar.

use yew::prelude::*;

use super::chip;
use crate::engine::{PipelineView, PlaceTime, RequestId};
use crate::i18n::I18n;

/// How many answered requests are listed.
const ANSWERED_MAX: usize = 12;

/// Requests that are under way, then the last that were answered.
pub fn requests(
    pipeline: &PipelineView,
    highlighted: Option<RequestId>,
    select: &Callback<RequestId>,
    i18n: &I18n,
) -> Html {
    let now = pipeline.requests.iter().map(|request| {
        let label = format!("{} · {}", request.api.name(), i18n.actor(request.from));
        let place = i18n.format(&format!("place-{}", request.place.name()));
        row(request.request, label, place, &request.times, (highlighted, select), i18n)
    });
    let answered = pipeline.answered.iter().take(ANSWERED_MAX).map(|request| {
        let label = format!("{} · {}", request.request_type, i18n.actor(request.from));
        let at = i18n
            .format_with("pipeline-answered-at", [("at", request.sent_at_ms.into()), ("ms", request.total_ms.into())]);
        row(request.request, label, at, &request.times, (highlighted, select), i18n)
    });
    html! {
        <section class="request-times" data-testid="request-times">
            <h3>{ i18n.format("pipeline-under-way") }</h3>
            if pipeline.requests.is_empty() {
                <p class="faint">{ i18n.format("pipeline-nothing-under-way") }</p>
            }
            <ul>{ for now }</ul>
            <h3>{ i18n.format_with("pipeline-answered", [("count", pipeline.answered_count.into())]) }</h3>
            <ul>{ for answered }</ul>
        </section>
    }
}

fn row(
    request: RequestId,
    label: String,
    where_or_when: String,
    times: &[PlaceTime],
    (highlighted, select): (Option<RequestId>, &Callback<RequestId>),
    i18n: &I18n,
) -> Html {
    let total: u64 = times.iter().map(|time| time.ms).sum();
    let parts = times.iter().filter(|time| time.ms > 0);
    let said: Vec<String> = parts
        .clone()
        .map(|time| format!("{} {} ms", i18n.format(&format!("place-{}", time.place.name())), time.ms))
        .collect();
    let bars = parts.map(|time| {
        let share = time.ms * 1_000 / total.max(1);
        let name = i18n.format(&format!("place-{}", time.place.name()));
        html! { <i class={format!("at-{}", time.place.name())} style={format!("flex-grow:{share}")} title={format!("{name} {} ms", time.ms)} /> }
    });
    html! {
        <li>
            { chip(request, label, highlighted, select, i18n) }
            <small>{ where_or_when }</small>
            if total > 0 {
                <div class="times" aria-hidden="true">{ for bars }</div>
                <small class="said">{ said.join(" · ") }</small>
            }
        </li>
    }
}
