//! What clients tell of themselves over JMX: MBeans with attributes, where brokers have an MBean for each value.

use super::{MetricSeries, Point, Raw};
use crate::actor::Actor;
use crate::client::request_latency::RequestLatency;
use crate::cluster::Cluster;
use crate::wire::Topic;

/// An attribute of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::VariantArray)]
pub enum ClientMetric {
    /// How long its requests took until they were answered, in the mean of the last minute: a producer's Produce, a consumer's Fetch.
    LatencyAvg,
    /// The longest of them.
    LatencyMax,
}

impl ClientMetric {
    /// All of them.
    pub fn all() -> &'static [Self] {
        <Self as strum::VariantArray>::VARIANTS
    }

    /// The MBean of a client, as JMX shows it; none of what is no client.
    pub fn mbean(cluster: &Cluster, client: Actor) -> Option<String> {
        let (domain, kind) = bean(client)?;
        let (client_id, _) = of(cluster, client)?;
        Some(format!("{domain}:type={kind},client-id={client_id}"))
    }

    /// The attribute's name: a consumer speaks of its fetches.
    pub fn attribute(self, client: Actor) -> &'static str {
        match (self, client) {
            (Self::LatencyAvg, Actor::Consumer(_)) => "fetch-latency-avg",
            (Self::LatencyMax, Actor::Consumer(_)) => "fetch-latency-max",
            (Self::LatencyAvg, _) => "request-latency-avg",
            (Self::LatencyMax, _) => "request-latency-max",
        }
    }

    /// What a client would tell now: milliseconds, by what they are divided. None where nothing was answered lately.
    pub fn read(self, cluster: &Cluster, client: Actor) -> Option<Raw> {
        let (_, latency) = of(cluster, client)?;
        let int = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let now = cluster.now();
        match self {
            Self::LatencyAvg => {
                let (sum, count) = latency.sum_and_count(now);
                (count > 0).then(|| [int(sum), int(count)])
            }
            Self::LatencyMax => latency.max(now).map(|max| [int(max), 1]),
        }
    }
}

/// The domain and type of a client's MBean.
fn bean(client: Actor) -> Option<(&'static str, &'static str)> {
    match client {
        Actor::Producer(_) => Some(("kafka.producer", "producer-metrics")),
        Actor::Consumer(_) => Some(("kafka.consumer", "consumer-fetch-manager-metrics")),
        _ => None,
    }
}

fn of(cluster: &Cluster, client: Actor) -> Option<(Topic, &RequestLatency)> {
    match client {
        Actor::Producer(number) => {
            cluster.producer(number).map(|producer| (producer.client_id(), producer.request_latency()))
        }
        Actor::Consumer(number) => {
            cluster.consumer(number).map(|consumer| (consumer.client_id(), consumer.fetch_latency()))
        }
        _ => None,
    }
}

/// The clients of a cluster that have such metrics.
pub fn clients(cluster: &Cluster) -> impl Iterator<Item = Actor> {
    let producers = cluster.producers().map(|producer| Actor::Producer(producer.number()));
    producers.chain(cluster.consumers().map(|consumer| Actor::Consumer(consumer.number())))
}

/// What all clients tell at one moment.
pub(super) type ClientSamples = Box<[(Actor, [Option<Raw>; 2])]>;

pub(super) fn sample(cluster: &Cluster) -> ClientSamples {
    let [avg, max] = [ClientMetric::LatencyAvg, ClientMetric::LatencyMax];
    clients(cluster).map(|client| (client, [avg.read(cluster, client), max.read(cluster, client)])).collect()
}

impl MetricSeries {
    /// An attribute of a client over time.
    pub fn client_points(&self, client: Actor, metric: ClientMetric) -> Vec<Point> {
        let value_of = |samples: &ClientSamples| {
            let (_, values) = samples.iter().find(|(each, _)| *each == client)?;
            let [value, by] = match metric {
                ClientMetric::LatencyAvg => values[0],
                ClientMetric::LatencyMax => values[1],
            }?;
            Some(mean(value, by))
        };
        self.client_samples()
            .map(|(position, at_ms, samples)| Point { position, at_ms, value: value_of(samples) })
            .collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "what is shown needs no more than 52 bits")]
pub(super) fn mean(value: i64, by: i64) -> f64 {
    value as f64 / by.max(1) as f64
}

/// All clients' attributes as they are now, in Prometheus' text format, under the names that the JMX exporter makes of them.
pub(super) fn prometheus(cluster: &Cluster) -> String {
    let mut text = String::new();
    for (is_producer, metric) in
        [true, false].into_iter().flat_map(|kind| ClientMetric::all().iter().map(move |each| (kind, *each)))
    {
        let mut lines = String::new();
        let mut name = String::new();
        for client in clients(cluster).filter(|client| matches!(client, Actor::Producer(_)) == is_producer) {
            let (Some((domain, kind)), Some((client_id, _))) = (bean(client), of(cluster, client)) else { continue };
            let Some([value, by]) = metric.read(cluster, client) else { continue };
            name = format!("{domain}_{kind}_{}", metric.attribute(client)).replace(['.', '-'], "_");
            lines.push_str(&format!(
                "{name}{{client_id=\"{client_id}\"}} {}\n",
                super::export::rounded(mean(value, by))
            ));
        }
        if !lines.is_empty() {
            text.push_str(&format!("# TYPE {name} gauge\n{lines}"));
        }
    }
    text
}

/// A client's attributes as CSV: a line a sample.
pub fn client_csv(series: &MetricSeries, cluster: &Cluster, client: Actor) -> String {
    let mbean = ClientMetric::mbean(cluster, client).unwrap_or_default();
    let columns: Vec<Vec<Point>> =
        ClientMetric::all().iter().map(|metric| series.client_points(client, *metric)).collect();
    let names = ClientMetric::all().iter().map(|metric| format!(",\"{mbean}:{}\"", metric.attribute(client)));
    let mut text = format!("position,virtual_time_ms{}\n", names.collect::<String>());
    for (row, (position, at_ms)) in series.moments().enumerate() {
        let values = columns.iter().map(|column| column.get(row).and_then(|point| point.value));
        let values = values.map(|value| format!(",{}", value.map(super::export::rounded).unwrap_or_default()));
        text.push_str(&format!("{position},{at_ms}{}\n", values.collect::<String>()));
    }
    text
}
