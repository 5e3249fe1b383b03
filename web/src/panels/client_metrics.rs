//! What a client tells of itself over JMX.

use yew::prelude::*;

use super::metrics::{cells, head};
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
                { head(i18n) }
                <tbody>{ for lines }</tbody>
            </table></div>
        </section>
    }
}

fn line(metric: ClientMetric, client: Actor, points: &[Point], mark: Option<u64>) -> Html {
    let name = metric.attribute(client);
    html! {
        <tr key={name}>
            <th scope="row"><code>{ name }</code></th>
            { cells(points, mark, text) }
        </tr>
    }
}

fn text(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1} ms"))
}
