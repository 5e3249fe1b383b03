//! Metrics over virtual time, at a bounded price: samples lie evenly, and where they become too many, every second one goes.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::clients::{self, ClientSamples};
use super::{Counters, Kind, Metric, Raw};
use crate::cluster::Cluster;
use crate::sim::Millis;
use crate::sort::CollectOrdered;
use crate::step::Position;

/// The shortest time between two samples, in milliseconds of virtual time.
const INTERVAL_MS_MIN: Millis = 100;
/// How many samples are kept at most.
const SAMPLES_MAX: usize = 1_024;

/// The metrics of a process.
#[derive(Clone, Debug, PartialEq)]
struct NodeSample {
    /// In the order of [`Metric::all`].
    values: Box<[Option<Raw>]>,
    /// Of the errors that it has answered.
    errors: Box<[(Metric, Raw)]>,
}

impl NodeSample {
    fn get(&self, metric: Metric) -> Option<Raw> {
        match metric {
            // What was not answered yet counts as none.
            Metric::ErrorsPerSec(..) if self.values.iter().any(Option::is_some) => {
                Some(self.errors.iter().find(|(each, _)| *each == metric).map_or([0, 1], |(_, raw)| *raw))
            }
            _ => {
                let at = Metric::all().iter().position(|each| *each == metric)?;
                self.values.get(at).copied().flatten()
            }
        }
    }
}

/// All metrics of all processes at one moment.
#[derive(Clone, Debug, PartialEq)]
struct Sample {
    position: Position,
    at_ms: Millis,
    /// By node.
    values: Rc<[(i32, NodeSample)]>,
    clients: Rc<ClientSamples>,
}

/// A metric's value between two samples, or at one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// After which move.
    pub position: Position,
    /// When, in milliseconds of virtual time.
    pub at_ms: Millis,
    /// The value; `None` where there is none: the process did not live, or nothing ended that could be timed.
    pub value: Option<f64>,
}

/// The samples of a line of moves.
#[derive(Clone, Debug)]
pub struct MetricSeries {
    samples: Vec<Sample>,
    interval_ms: Millis,
}

impl Default for MetricSeries {
    fn default() -> Self {
        Self { samples: Vec::new(), interval_ms: INTERVAL_MS_MIN }
    }
}

impl MetricSeries {
    /// Takes a sample, if it is time for one.
    pub fn observe(&mut self, cluster: &Cluster, counters: &Counters) {
        let now = cluster.now();
        let is_due = self.samples.last().is_none_or(|last| now >= last.at_ms + self.interval_ms);
        if !is_due {
            return;
        }
        if self.samples.len() == SAMPLES_MAX {
            let mut number = 0;
            self.samples.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.interval_ms *= 2;
        }
        self.samples.push(sample(cluster, counters));
    }

    /// The samples up to a position.
    pub fn until(&self, position: Position) -> Self {
        let samples = self.samples.iter().take_while(|sample| sample.position <= position).cloned().collect();
        Self { samples, interval_ms: self.interval_ms }
    }

    /// The same with a sample of this moment. One that is younger than the interval gives way to it: a rate of a few milliseconds
    /// would tell nothing.
    pub fn with_present(mut self, cluster: &Cluster, counters: &Counters) -> Self {
        if self.samples.len() > 1
            && self.samples.last().is_some_and(|last| cluster.now() < last.at_ms + self.interval_ms)
        {
            self.samples.pop();
        }
        self.samples.push(sample(cluster, counters));
        self
    }

    /// A metric of a process over time.
    pub fn points(&self, node: i32, metric: Metric) -> Vec<Point> {
        let at = Metric::all().iter().position(|each| *each == metric);
        let raw_of = |sample: &Sample| {
            let (_, of_node) = sample.values.iter().find(|(id, _)| *id == node)?;
            match at {
                Some(at) => of_node.values.get(at).copied().flatten(),
                None => of_node.get(metric),
            }
        };
        let mut before: Option<(Millis, Raw)> = None;
        let mut points = Vec::with_capacity(self.samples.len());
        for sample in &self.samples {
            let raw = raw_of(sample);
            let value = raw.and_then(|raw| value_between(metric.kind(), before, (sample.at_ms, raw)));
            points.push(Point { position: sample.position, at_ms: sample.at_ms, value });
            before = raw.map(|raw| (sample.at_ms, raw));
        }
        points
    }

    /// The last sample up to a position: the moment and a metric of a process then, as it was read.
    pub fn raw_before(&self, position: Position, node: i32, metric: Metric) -> Option<(Millis, Raw)> {
        let found = self.samples.partition_point(|sample| sample.position <= position);
        let sample = self.samples.get(found.checked_sub(1)?)?;
        let (_, of_node) = sample.values.iter().find(|(id, _)| *id == node)?;
        of_node.get(metric).map(|raw| (sample.at_ms, raw))
    }

    /// The metrics of the errors that a process has answered, also before it was started anew.
    pub fn errors(&self, node: i32) -> BTreeSet<Metric> {
        let of_node = self.samples.iter().flat_map(|sample| sample.values.iter()).filter(|(id, _)| *id == node);
        of_node.flat_map(|(_, of_node)| of_node.errors.iter().map(|(metric, _)| *metric)).collect_ordered()
    }

    /// What clients told, and when.
    pub(super) fn client_samples(&self) -> impl Iterator<Item = (Position, Millis, &ClientSamples)> {
        self.samples.iter().map(|sample| (sample.position, sample.at_ms, &*sample.clients))
    }

    /// When the samples were taken, and after which moves.
    pub fn moments(&self) -> impl Iterator<Item = (Position, Millis)> {
        self.samples.iter().map(|sample| (sample.position, sample.at_ms))
    }
}

fn sample(cluster: &Cluster, counters: &Counters) -> Sample {
    let all = Metric::all();
    let values = cluster.nodes().map(|node| {
        let id = node.config.id;
        let of_node = counters.of(id);
        let errors = Metric::errors_of(node).filter_map(|metric| Some((metric, metric.read(cluster, node, &of_node)?)));
        let values = all.iter().map(|metric| metric.read(cluster, node, &of_node)).collect();
        (id, NodeSample { values, errors: errors.collect() })
    });
    Sample {
        position: cluster.position(),
        at_ms: cluster.now(),
        values: values.collect(),
        clients: Rc::new(clients::sample(cluster)),
    }
}

/// A metric's value from what was read before and what is read now. A count that is smaller than before is another process's: it
/// began at 0.
pub(super) fn value_between(kind: Kind, before: Option<(Millis, Raw)>, (now, raw): (Millis, Raw)) -> Option<f64> {
    let [value, by] = raw;
    let (since, [old, old_by]) = match before {
        Some((since, old)) if old[0] <= value && (kind != Kind::Time || old[1] <= by) => (since, old),
        Some((since, _)) => (since, [0, 0]),
        None if kind == Kind::Gauge => (now, [0, 0]),
        None => return None,
    };
    let elapsed = now.saturating_sub(since);
    match kind {
        Kind::Gauge => Some(as_float(value)),
        Kind::Rate if elapsed > 0 => Some(as_float(value - old) * 1_000.0 / as_float(millis(elapsed))),
        Kind::Time if by > old_by => Some(as_float(value - old) / as_float(by - old_by)),
        Kind::Idle if elapsed > 0 && by > 0 => {
            Some((1.0 - as_float(value - old) / as_float(millis(elapsed).saturating_mul(by))).clamp(0.0, 1.0))
        }
        Kind::Rate | Kind::Time | Kind::Idle => None,
    }
}

fn millis(ms: Millis) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "what is shown needs no more than 52 bits")]
fn as_float(value: i64) -> f64 {
    value as f64
}
