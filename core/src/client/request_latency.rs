//! How long a client's requests took until they were answered (`Avg`, `Max`, `SampledStat`): over the last two windows of
//! `metrics.sample.window.ms`.

use crate::sim::Millis;

/// `metrics.sample.window.ms` as clients have it by default.
const WINDOW_MS: Millis = 30_000;
/// `metrics.num.samples` as clients have it by default.
const SAMPLES: Millis = 2;
/// One more is kept: a sample that overlaps the windows counts.
const KEPT: usize = 3;

/// What was recorded in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Sample {
    start_ms: Millis,
    last_event_ms: Millis,
    sum_ms: Millis,
    count: u64,
    max_ms: Millis,
}

/// The latencies of a client's requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestLatency {
    samples: [Sample; KEPT],
    current: u8,
}

impl RequestLatency {
    /// A request was answered after `latency_ms`.
    pub(super) fn record(&mut self, latency_ms: Millis, now: Millis) {
        let current = usize::from(self.current) % KEPT;
        let is_complete =
            self.samples[current].count > 0 && now.saturating_sub(self.samples[current].start_ms) >= WINDOW_MS;
        let current = if is_complete { (current + 1) % KEPT } else { current };
        self.current = u8::try_from(current).unwrap_or(0);
        let sample = &mut self.samples[current];
        if is_complete || sample.count == 0 {
            *sample = Sample { start_ms: now, ..Sample::default() };
        }
        sample.last_event_ms = now;
        sample.sum_ms = sample.sum_ms.saturating_add(latency_ms);
        sample.count += 1;
        sample.max_ms = sample.max_ms.max(latency_ms);
    }

    fn recent(&self, now: Millis) -> impl Iterator<Item = &Sample> {
        let counts =
            move |sample: &&Sample| sample.count > 0 && now.saturating_sub(sample.last_event_ms) < SAMPLES * WINDOW_MS;
        self.samples.iter().filter(counts)
    }

    /// All of them together, in milliseconds, and how many there were (`request-latency-avg`).
    pub fn sum_and_count(&self, now: Millis) -> (Millis, u64) {
        let add = |(sum, count): (Millis, u64), sample: &Sample| (sum + sample.sum_ms, count + sample.count);
        self.recent(now).fold((0, 0), add)
    }

    /// The longest, in milliseconds (`request-latency-max`); none where none was recorded lately.
    pub fn max(&self, now: Millis) -> Option<Millis> {
        self.recent(now).map(|sample| sample.max_ms).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_two_windows_counts_no_more() {
        let mut latency = RequestLatency::default();
        assert_eq!((latency.sum_and_count(0), latency.max(0)), ((0, 0), None));
        latency.record(10, 1_000);
        latency.record(4, 20_000);
        assert_eq!((latency.sum_and_count(20_000), latency.max(20_000)), ((14, 2), Some(10)));
        latency.record(6, 31_000);
        assert_eq!((latency.sum_and_count(31_000), latency.max(31_000)), ((20, 3), Some(10)));
        assert_eq!(
            (latency.sum_and_count(80_000), latency.max(80_000)),
            ((6, 1), Some(6)),
            "the first window is too old"
        );
        assert_eq!((latency.sum_and_count(91_000), latency.max(91_000)), ((0, 0), None));
        latency.record(7, 200_000);
        assert_eq!((latency.sum_and_count(200_000), latency.max(200_000)), ((7, 1), Some(7)));
    }
}
