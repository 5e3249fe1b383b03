//! Metrics by their JMX names: the value now, and its course over virtual time.

use std::rc::Rc;

use yew::prelude::*;

use super::client_metrics;
use crate::app::{Selection, use_app};
use crate::engine::{Actor, ErrorCode, Metric, MetricGroup, MetricKind, Milestone, Point, client_csv, csv, prometheus};
use crate::i18n::{I18n, use_i18n};
use crate::platform::browser;
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// The plot's width and height, in its own units.
const PLOT: (f64, f64) = (640.0, 150.0);
/// A sparkline's.
const SPARK: (f64, f64) = (120.0, 22.0);

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct MetricsProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What is followed.
    pub selection: Option<Rc<Selection>>,
}

/// A metric with its course.
#[derive(Clone, PartialEq)]
struct Row {
    metric: Metric,
    points: Vec<Point>,
}

/// The tab.
#[component]
pub fn MetricsTab(props: &MetricsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let chosen = use_state_eq(|| None::<Actor>);
    let open = use_state_eq(|| Metric::RequestQueueSize);
    let mark = use_state_eq(|| None::<u64>);
    let view = &props.snapshot.view;
    let selected = match props.selection.as_deref() {
        Some(Selection::Actor(actor @ (Actor::Node(_) | Actor::Producer(_) | Actor::Consumer(_)))) => Some(*actor),
        Some(Selection::Actor(_) | Selection::Partition(_) | Selection::Request(_)) | None => None,
    };
    let first = view.nodes.first().map(|node| Actor::Node(node.id));
    let Some(shown_of) = chosen.or(selected).or(first) else { return Html::default() };
    let rows = use_memo((props.snapshot.clone(), shown_of), |(_, shown_of)| {
        // A client tells other things than a node.
        let Actor::Node(id) = *shown_of else { return Vec::new() };
        let series = app.session.read(|history| history.metrics());
        let row = |metric: Metric| Row { metric, points: series.points(id, metric) };
        // What went well is no row of its own; the exports have it.
        let is_error = |metric: &Metric| !matches!(metric, Metric::ErrorsPerSec(_, ErrorCode::None));
        let errors = series.errors(id).into_iter().filter(is_error);
        Metric::all().into_iter().chain(errors).map(row).collect::<Vec<_>>()
    });
    let milestones = use_memo(props.snapshot.clone(), |snapshot| {
        let position = snapshot.position;
        app.session.read(|history| {
            let all = history.milestones().iter().filter(|milestone| milestone.position <= position);
            all.cloned().collect::<Vec<_>>()
        })
    });
    let nodes = view.nodes.iter().map(|node| Actor::Node(node.id));
    let producers = view.producers.iter().map(|each| Actor::Producer(each.number));
    let consumers = view.consumers.iter().map(|each| Actor::Consumer(each.number));
    let picks = nodes.chain(producers).chain(consumers).map(|actor| {
        let id = short(actor);
        let chosen = chosen.clone();
        let pick = Callback::from(move |_: MouseEvent| chosen.set(Some(actor)));
        html! { <button key={id.clone()} data-testid={format!("metrics-of-{id}")} aria-pressed={(shown_of == actor).to_string()} onclick={pick}>{ i18n.actor(actor) }</button> }
    });
    let go = {
        let app = app.clone();
        Callback::from(move |position: u32| app.session.seek(position))
    };
    let export_csv = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| {
            let text = app.session.read(|history| match shown_of {
                Actor::Node(id) => csv(&history.metrics(), id),
                client => client_csv(&history.metrics(), history.cluster(), client),
            });
            browser::download(&format!("kafkascope-metrics-{}.csv", short(shown_of)), "text/csv", &text);
        })
    };
    let export_prometheus = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| {
            let text = app.session.read(|history| prometheus(history.cluster(), &history.counters()));
            browser::download("kafkascope-metrics.prom", "text/plain", &text);
        })
    };
    let set_mark = {
        let (mark, now) = (mark.clone(), view.now_ms);
        Callback::from(move |_: MouseEvent| mark.set(Some(now)))
    };
    let groups = [MetricGroup::Requests, MetricGroup::Throughput, MetricGroup::Replication, MetricGroup::Controller];
    let tables = groups.into_iter().map(|group| {
        let of_group: Vec<&Row> = rows.iter().filter(|row| row.metric.group() == group).collect();
        let has_any = of_group.iter().any(|row| row.points.iter().any(|point| point.value.is_some()));
        html! {
            if has_any {
                <section key={group.name()} class="metric-group">
                    <h3>{ i18n.format(&format!("metrics-{}", group.name())) }</h3>
                    <div class="scroll"><table class="data">
                        { head(&i18n) }
                        <tbody>{ for of_group.into_iter().map(|row| line(row, *open, *mark, &open, &i18n)) }</tbody>
                    </table></div>
                </section>
            }
        }
    });
    let shown = rows.iter().find(|row| row.metric == *open);
    html! {
        <div class="tab-page metrics" data-testid="metrics-tab">
            <div class="segments" role="group" aria-label={i18n.format("broker-choice")}>{ for picks }</div>
            if let Some(row) = shown {
                { card(row, &milestones, &go, &i18n) }
            }
            <p class="metric-tools">
                <button data-testid="metrics-mark" onclick={set_mark}>{ i18n.format("metrics-mark") }</button>
                <button data-testid="metrics-csv" onclick={export_csv}>{ "CSV" }</button>
                <button data-testid="metrics-prometheus" onclick={export_prometheus}>{ "Prometheus" }</button>
                <span class="faint">{ mark.map_or_else(|| i18n.format("metrics-since-last"), |at| i18n.format_with("metrics-since", [("at", at.into())])) }</span>
            </p>
            if let Actor::Node(_) = shown_of {
                { siblings(tables) }
            } else {
                { client_metrics::table(&app, shown_of, *mark, &i18n) }
            }
        </div>
    }
}

/// Whose metrics they are, in as few letters as a file's name and a test take.
fn short(actor: Actor) -> String {
    match actor {
        Actor::Node(id) => id.to_string(),
        Actor::Producer(number) => format!("producer-{number}"),
        Actor::Consumer(number) => format!("consumer-{number}"),
        Actor::Admin | Actor::Probe(_) => "admin".to_owned(),
    }
}

/// The words of a metric: its message's id ends in its name in kebab case.
fn word(metric: Metric) -> String {
    let mut kebab = String::new();
    for letter in metric.name().chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

/// What tells a metric apart from others of its name.
fn title(metric: Metric) -> Html {
    let tag = match metric {
        Metric::RequestsPerSec(requests)
        | Metric::TimeMs(requests, _)
        | Metric::TotalTimeMs(requests)
        | Metric::ThrottleTimeMs(requests) => Some(requests.name().to_owned()),
        Metric::ErrorsPerSec(api, error) => Some(format!("{} {}", api.name(), error.name())),
        Metric::ProduceNumDelayedOperations | Metric::ProducePurgatorySize => Some("Produce".to_owned()),
        Metric::FetchNumDelayedOperations | Metric::FetchPurgatorySize => Some("Fetch".to_owned()),
        _ => None,
    };
    html! { <><code>{ metric.name() }</code>if let Some(tag) = tag { <small>{ tag }</small> }</> }
}

/// A value as a person reads it.
fn text(metric: Metric, value: Option<f64>) -> String {
    let Some(value) = value else { return "–".to_owned() };
    match metric.kind() {
        MetricKind::Idle => format!("{:.0} %", value * 100.0),
        MetricKind::Time => format!("{value:.1} ms"),
        MetricKind::Rate => format!("{value:.1} /s"),
        MetricKind::Gauge => format!("{value:.0}"),
    }
}

/// The value before: at the mark, else at the sample before the last.
fn before(points: &[Point], mark: Option<u64>) -> Option<f64> {
    match mark {
        Some(mark) => points.iter().rev().find(|point| point.at_ms <= mark)?.value,
        None => points.iter().rev().nth(1)?.value,
    }
}

fn line(row: &Row, open: Metric, mark: Option<u64>, choose: &UseStateHandle<Metric>, i18n: &I18n) -> Html {
    let is_on = row.metric == open;
    let (choose, metric) = (choose.clone(), row.metric);
    let press = Callback::from(move |_: MouseEvent| choose.set(metric));
    html! {
        <tr key={row.metric.path()} class={classes!(is_on.then_some("on"))}>
            <th scope="row"><button class="quiet" aria-pressed={is_on.to_string()} aria-label={i18n.format_with("metric-plot", [("name", row.metric.path().into())])} onclick={press}>{ title(row.metric) }</button></th>
            { cells(&row.points, mark, |value| text(row.metric, value)) }
        </tr>
    }
}

/// What the columns of a table of metrics are called.
pub(super) fn head(i18n: &I18n) -> Html {
    let names = ["metric", "metric-was", "metric-now"].map(|name| i18n.format(name));
    let names = names.into_iter().chain(["Δ".to_owned(), i18n.format("metric-course")]);
    html! { <thead><tr>{ for names.map(|name| html! { <th>{ name }</th> }) }</tr></thead> }
}

/// The cells behind a metric's name: its value before, its value now, by how much it changed, and its course.
pub(super) fn cells(points: &[Point], mark: Option<u64>, text: impl Fn(Option<f64>) -> String) -> Html {
    let (was, now) = (before(points, mark), points.last().and_then(|point| point.value));
    let delta = was.zip(now).map(|(was, now)| now - was).filter(|delta| delta.abs() > 0.000_1);
    let sign = if delta.is_some_and(|delta| delta > 0.0) { "+" } else { "" };
    html! {
        <>
            <td>{ text(was) }</td>
            <td class={classes!(delta.is_some().then_some("changed"))}>{ text(now) }</td>
            <td>{ if delta.is_some() { format!("{sign}{}", text(delta)) } else { String::new() } }</td>
            <td><svg class="spark" viewBox={format!("0 0 {} {}", SPARK.0, SPARK.1)} aria-hidden="true"><path d={path(points, SPARK)} /></svg></td>
        </>
    }
}

/// The highest value of a course.
fn highest(points: &[Point]) -> f64 {
    points.iter().filter_map(|point| point.value).fold(0.0_f64, f64::max)
}

/// When the points begin, the time that they span, and the value at the top of the plot.
fn bounds(points: &[Point]) -> (f64, f64, f64) {
    let top = highest(points);
    let time = |point: Option<&Point>| point.map_or(0.0, |point| float(point.at_ms));
    let (first, last) = (time(points.first()), time(points.last()));
    (first, (last - first).max(1.0), if top > 0.0 { top } else { 1.0 })
}

#[expect(clippy::cast_precision_loss, reason = "a place on a plot")]
fn float(ms: u64) -> f64 {
    ms as f64
}

/// The points as a line that breaks where there is no value.
fn path(points: &[Point], (width, height): (f64, f64)) -> String {
    let (first, span, top) = bounds(points);
    let mut path = String::new();
    let mut draws = false;
    for point in points {
        let Some(value) = point.value else {
            draws = false;
            continue;
        };
        let x = (float(point.at_ms) - first) / span * width;
        let y = height - 2.0 - value / top * (height - 4.0);
        path.push_str(&format!("{}{x:.1} {y:.1}", if draws { "L" } else { "M" }));
        draws = true;
    }
    path
}

/// A metric at large: what it measures, where, its course, and what to do about it.
fn card(row: &Row, milestones: &[Milestone], go: &Callback<u32>, i18n: &I18n) -> Html {
    let (first, span, _) = bounds(&row.points);
    let top = highest(&row.points);
    let now = row.points.last().and_then(|point| point.value);
    let name = word(row.metric);
    let means = i18n.find(&format!("metric-{name}")).unwrap_or_default();
    let advice = i18n.find(&format!("metric-{name}-advice"));
    let x_of = |ms: u64| (float(ms) - first) / span * PLOT.0;
    let bar = PLOT.0 / float(u64::try_from(row.points.len().max(1)).unwrap_or(1));
    let hits = row.points.iter().map(|point| {
        let (go, position) = (go.clone(), point.position);
        let press = Callback::from(move |_: MouseEvent| go.emit(position));
        let said = i18n.format_with("metric-at", [("value", text(row.metric, point.value).into()), ("at", point.at_ms.into())]);
        html! { <rect class="hit" x={format!("{:.1}", x_of(point.at_ms) - bar / 2.0)} y="0" width={format!("{bar:.1}")} height={PLOT.1.to_string()} onclick={press}><title>{ said }</title></rect> }
    });
    let marks = milestones.iter().filter(|each| float(each.at_ms) >= first).map(|each| {
        html! { <path class="milestone" d={format!("M{x:.1} {} v8", PLOT.1, x = x_of(each.at_ms))} /> }
    });
    let described = i18n.format_with(
        "metric-plot-said",
        [
            ("name", row.metric.path().into()),
            ("now", text(row.metric, now).into()),
            ("top", text(row.metric, Some(top)).into()),
        ],
    );
    html! {
        <section class="metric-card" data-testid="metric-card" aria-live="polite">
            <h3><code>{ row.metric.path() }</code></h3>
            <p><b data-testid="metric-value">{ text(row.metric, now) }</b>{ " " }{ means }</p>
            if let Some(advice) = advice {
                <p class="faint">{ advice }</p>
            }
            <svg class="plot" role="img" aria-label={described} viewBox={format!("-2 -2 {} {}", PLOT.0 + 4.0, PLOT.1 + 12.0)} preserveAspectRatio="none">
                <path class="axis" d={format!("M0 {h} H{w}", h = PLOT.1, w = PLOT.0)} />
                <path class="course" d={path(&row.points, PLOT)} />
                { siblings(marks) }
                { siblings(hits) }
            </svg>
            <p class="plot-ends"><span>{ i18n.format_with("metric-from", [("at", row.points.first().map_or(0, |point| point.at_ms).into())]) }</span>
                <span>{ i18n.format_with("metric-top", [("top", text(row.metric, Some(top)).into())]) }</span>
                <span>{ i18n.format_with("metric-to", [("at", row.points.last().map_or(0, |point| point.at_ms).into())]) }</span></p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ApiKey;
    use crate::i18n::Lang;

    #[test]
    fn every_metric_says_in_both_languages_what_it_measures() {
        for i18n in [I18n::of(Lang::En), I18n::of(Lang::Ko)] {
            let error = Metric::ErrorsPerSec(ApiKey::Produce, ErrorCode::NotLeaderOrFollower);
            for metric in Metric::all().into_iter().chain([error]) {
                let id = format!("metric-{}", word(metric));
                assert!(i18n.find(&id).is_some(), "{:?}: {id}", i18n.lang());
            }
        }
    }

    #[test]
    fn a_course_breaks_where_there_is_no_value() {
        let point = |at_ms: u64, value: Option<f64>| Point { position: 1, at_ms, value };
        let points = [point(0, Some(0.0)), point(50, None), point(100, Some(2.0))];
        assert_eq!(path(&points, (100.0, 20.0)), "M0.0 18.0M100.0 2.0");
        assert_eq!(before(&points, None), None);
        assert_eq!(before(&points, Some(20)), Some(0.0));
    }
}
