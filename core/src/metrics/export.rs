//! Metrics as text for other tools: CSV, and what Prometheus reads, under the names that the JMX exporter gives them.

use std::fmt::Write;

use crate::actor::Listener;

use super::{Counters, Kind, Metric, MetricSeries, Place, Requests};
use crate::cluster::Cluster;
use crate::socket_server::metrics::Histogram;
use strum::VariantArray;

/// `kafka.network:type=RequestMetrics,name=ErrorsPerSec,request=…,error=…`, under the exporter's name.
const ERRORS: &str = "kafka_network_requestmetrics_errors_total";

/// `kafka.network:type=RequestMetrics,name=RequestsPerSec,request=…,version=…`, under the exporter's name.
const REQUESTS: &str = "kafka_network_requestmetrics_requests_total";

/// The series of a process as CSV: a line a sample, a column a metric; errors that it has answered stand last.
pub fn csv(series: &MetricSeries, node: i32) -> String {
    let metrics: Vec<Metric> = Metric::all().into_iter().chain(series.errors(node)).collect();
    let columns: Vec<Vec<super::Point>> = metrics.iter().map(|metric| series.points(node, *metric)).collect();
    let mut text = String::from("position,virtual_time_ms");
    for metric in &metrics {
        let _ = write!(text, ",\"{}\"", metric.path());
    }
    text.push('\n');
    for (row, (position, at_ms)) in series.moments().enumerate() {
        let _ = write!(text, "{position},{at_ms}");
        for column in &columns {
            let value = column.get(row).and_then(|point| point.value);
            let _ = write!(text, ",{}", value.map(rounded).unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

/// All metrics as they are now, in Prometheus' text format. Names are those of the JMX exporter's example for Kafka: what is
/// counted ends in `_total`, of times there are the count and the quantiles.
pub fn prometheus(cluster: &Cluster, counters: &Counters) -> String {
    let mut text = String::new();
    for metric in Metric::all().into_iter().filter(|metric| !is_time(*metric) && !is_by_version(*metric)) {
        let (name, mut labels) = exported(metric);
        let mut lines = String::new();
        for node in cluster.nodes() {
            let Some([value, by]) = metric.read(cluster, node, &counters.of(node.config.id)) else { continue };
            labels.retain(|(label, _)| label != "instance");
            labels.push(("instance".to_owned(), node.config.id.to_string()));
            let value = match metric.kind() {
                Kind::Gauge | Kind::Rate => value.to_string(),
                Kind::Idle | Kind::Time => {
                    let raw = (cluster.now(), [value, by]);
                    let since_start = super::series::value_between(metric.kind(), Some((0, [0, 0])), raw);
                    since_start.map(rounded).unwrap_or_default()
                }
            };
            let _ = writeln!(lines, "{name}{} {value}", labelled(&labels));
        }
        if !lines.is_empty() {
            let kind = if metric.kind() == Kind::Rate { "counter" } else { "gauge" };
            let _ = write!(text, "# TYPE {name} {kind}\n{lines}");
        }
    }
    text.push_str(&requests(cluster));
    text.push_str(&times(cluster));
    text.push_str(&errors(cluster));
    text.push_str(&super::clients::prometheus(cluster));
    text
}

fn is_time(metric: Metric) -> bool {
    metric.kind() == Kind::Time
}

fn is_by_version(metric: Metric) -> bool {
    matches!(metric, Metric::RequestsPerSec(_))
}

/// Requests by type and version (`RequestsPerSec`): each is a metric once there was one.
fn requests(cluster: &Cluster) -> String {
    let mut lines = String::new();
    for requests in Requests::VARIANTS {
        for node in cluster.nodes() {
            let Some(metrics) = requests.metrics(node) else { continue };
            for (version, count) in &metrics.by_version {
                let labels = [
                    ("request".to_owned(), requests.name().to_owned()),
                    ("version".to_owned(), version.to_string()),
                    ("instance".to_owned(), node.config.id.to_string()),
                ];
                let _ = writeln!(lines, "{REQUESTS}{} {count}", labelled(&labels));
            }
        }
    }
    if lines.is_empty() { lines } else { format!("# TYPE {REQUESTS} counter\n{lines}") }
}

/// Errors in answers by request and error (`ErrorsPerSec`): each kind is a metric once it has been answered.
fn errors(cluster: &Cluster) -> String {
    let mut lines = String::new();
    for node in cluster.nodes() {
        for port in [Listener::Broker, Listener::Controller] {
            for (api, error, count) in node.server(port).metrics().errors() {
                let labels = [
                    ("request".to_owned(), api.name().to_owned()),
                    ("error".to_owned(), error.name().to_owned()),
                    ("listener".to_owned(), listener_name(port).to_owned()),
                    ("instance".to_owned(), node.config.id.to_string()),
                ];
                let _ = writeln!(lines, "{ERRORS}{} {count}", labelled(&labels));
            }
        }
    }
    if lines.is_empty() { lines } else { format!("# TYPE {ERRORS} counter\n{lines}") }
}

/// In Kafka the two listeners of a combined process count together; an operator of this one may want to tell them apart.
fn listener_name(port: Listener) -> &'static str {
    match port {
        Listener::Broker => "broker",
        Listener::Controller => "controller",
    }
}

/// Times with their quantiles.
fn times(cluster: &Cluster) -> String {
    let mut text = String::new();
    let timed: Vec<Metric> = Metric::all().into_iter().filter(|metric| is_time(*metric)).collect();
    for metric in timed.iter().filter(|metric| of_requests(**metric) == Some(Requests::Produce)) {
        let name = exported(*metric).0;
        let mut lines = String::new();
        for requests in Requests::VARIANTS {
            for node in cluster.nodes() {
                let Some(histogram) = histogram_of(node, *metric, *requests) else { continue };
                let mut labels = vec![
                    ("request".to_owned(), requests.name().to_owned()),
                    ("instance".to_owned(), node.config.id.to_string()),
                ];
                let _ = writeln!(lines, "{name}_count{} {}", labelled(&labels), histogram.count());
                for (quantile, thousandths) in
                    [("0.50", 500), ("0.75", 750), ("0.95", 950), ("0.99", 990), ("0.999", 999)]
                {
                    labels.push(("quantile".to_owned(), quantile.to_owned()));
                    let _ = writeln!(lines, "{name}{} {}", labelled(&labels), histogram.percentile(thousandths));
                    labels.pop();
                }
            }
        }
        if !lines.is_empty() {
            let _ = write!(text, "# TYPE {name} gauge\n{lines}");
        }
    }
    text
}

fn of_requests(metric: Metric) -> Option<Requests> {
    match metric {
        Metric::TimeMs(requests, _) | Metric::TotalTimeMs(requests) | Metric::ThrottleTimeMs(requests) => {
            Some(requests)
        }
        _ => None,
    }
}

fn histogram_of(node: &crate::cluster::node::Node, metric: Metric, requests: Requests) -> Option<Histogram<'_>> {
    let metrics = requests.metrics(node)?;
    match metric {
        Metric::TimeMs(_, Place::Socket) => None,
        Metric::TimeMs(_, place) => metrics.at(place),
        Metric::TotalTimeMs(_) => Some(metrics.total()),
        Metric::ThrottleTimeMs(_) => Some(metrics.throttle()),
        _ => None,
    }
}

/// The name and labels that the JMX exporter's example configuration for Kafka makes of an MBean's name, in lower case.
fn exported(metric: Metric) -> (String, Vec<(String, String)>) {
    let mbean = metric.mbean();
    let (domain, keys) = mbean.split_once(':').unwrap_or((&mbean, ""));
    let keys: Vec<(&str, &str)> = keys.split(',').filter_map(|key| key.split_once('=')).collect();
    let of = |wanted: &str| keys.iter().find(|(key, _)| *key == wanted).map_or("", |(_, value)| *value);
    // Where the MBean has no name, the value is an attribute of it.
    let (mut name, mut end) = (metric.name().to_owned(), "");
    if metric.kind() == Kind::Rate {
        name = name.trim_end_matches("PerSec").trim_end_matches("-rate").to_owned();
        end = "_total";
    }
    let name = format!("{domain}_{}_{name}{end}", of("type")).replace(['.', '-'], "_").to_lowercase();
    let labels = keys.iter().filter(|(key, value)| !["type", "name"].contains(key) && *value != "*");
    (name, labels.map(|(key, value)| (key.to_lowercase(), (*value).to_owned())).collect())
}

fn labelled(labels: &[(String, String)]) -> String {
    let inside: Vec<String> = labels.iter().map(|(key, value)| format!("{key}=\"{value}\"")).collect();
    if inside.is_empty() { String::new() } else { format!("{{{}}}", inside.join(",")) }
}

pub(super) fn rounded(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
