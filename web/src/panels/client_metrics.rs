//! What a client tells of itself over JMX.

use yew::prelude::*;

use super::metrics::{SPARK, before, path};
use crate::app::AppContext;
use crate::engine::{Actor, ClientMetric, Point};
use crate::i18n::I18n;

/// The client's attributes with their course.
pub fn table(app: &AppContext, client: Actor, mark: Option<u64>, i18n: &I18n) -> Html {
    let (mbean, rows) = app.session.read(|history| {
        let series = history.metrics();
        let rows: Vec<(ClientMetric, Vec<Point>)> =
            ClientMetric::all().iter().map(|metric| (*metric, series.client_points(client, *metric))).collect();
        (ClientMetric::mbean(history.cluster(), client).unwrap_or_default(), rows)
    });
    let lines = rows.iter().map(|(metric, points)| line(*metric, client, points, mark));
    html! {
        <section class="metric-group" data-testid="client-metrics">
            <h3><code>{ mbean }</code></h3>
            <p class="faint">{ i18n.format("metrics-of-client") }</p>
            <div class="scroll"><table class="data">
                <thead><tr><th>{ i18n.format("metric") }</th><th>{ i18n.format("metric-was") }</th><th>{ i18n.format("metric-now") }</th><th>{ "Δ" }</th><th>{ i18n.format("metric-course") }</th></tr></thead>
                <tbody>{ for lines }</tbody>
            </table></div>
        </section>
    }
}

fn line(metric: ClientMetric, client: Actor, points: &[Point], mark: Option<u64>) -> Html {
    let name = metric.attribute(client);
    let (was, now) = (before(points, mark), points.last().and_then(|point| point.value));
    let delta = was.zip(now).map(|(was, now)| now - was).filter(|delta| delta.abs() > 0.000_1);
    let sign = if delta.is_some_and(|delta| delta > 0.0) { "+" } else { "" };
    html! {
        <tr key={name}>
            <th scope="row"><code>{ name }</code></th>
            <td>{ text(was) }</td>
            <td class={classes!(delta.is_some().then_some("changed"))}>{ text(now) }</td>
            <td>{ if delta.is_some() { format!("{sign}{}", text(delta)) } else { String::new() } }</td>
            <td><svg class="spark" viewBox={format!("0 0 {} {}", SPARK.0, SPARK.1)} aria-hidden="true"><path d={path(points, SPARK)} /></svg></td>
        </tr>
    }
}

fn text(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1} ms"))
}
