//! A rate over samples (`Rate`, `SampledStat`, `WindowedSum`): what was recorded in the last windows, by the time that they span.

use crate::sim::Millis;

/// Over which time a rate is taken (`MetricConfig`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuotaWindow {
    /// `quota.window.num`: how many samples are kept.
    pub samples: u32,
    /// `quota.window.size.seconds`, in milliseconds: how long a sample is.
    pub sample_ms: Millis,
}

/// What was recorded in one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Sample {
    start_ms: Millis,
    last_event_ms: Millis,
    value: i64,
}

impl Sample {
    const fn begun(now: Millis) -> Self {
        Self { start_ms: now, last_event_ms: now, value: 0 }
    }
}

/// What was recorded lately. Values are whole numbers; who reads the rate knows their unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rate {
    samples: Vec<Sample>,
    /// The sample that is being recorded.
    current: u32,
}

/// The sum of what was recorded, and the time that it is divided by, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The sum.
    pub sum: i64,
    /// The time.
    pub window_ms: Millis,
}

impl Rate {
    /// Records a value. One that is negative takes back what was recorded.
    pub fn record(&mut self, window: QuotaWindow, value: i64, now: Millis) {
        if self.samples.is_empty() {
            self.samples.push(Sample::begun(now));
        }
        let is_complete =
            self.current_sample().is_some_and(|sample| now.saturating_sub(sample.start_ms) >= window.sample_ms);
        if is_complete {
            self.advance(window, now);
        }
        if let Some(sample) = self.current_sample() {
            sample.value = sample.value.saturating_add(value);
            sample.last_event_ms = now;
        }
    }

    fn current_sample(&mut self) -> Option<&mut Sample> {
        self.samples.get_mut(usize::try_from(self.current).ok()?)
    }

    /// Begins the next sample, in place of the oldest where there is one more than counts: samples that overlap the window are kept.
    fn advance(&mut self, window: QuotaWindow, now: Millis) {
        self.current = self.current.wrapping_add(1) % window.samples.saturating_add(1).max(1);
        match self.current_sample() {
            Some(sample) => *sample = Sample::begun(now),
            None => self.samples.push(Sample::begun(now)),
        }
    }

    /// What was recorded, and in what time: windows that are missing count as empty ones.
    pub fn measure(&mut self, window: QuotaWindow, now: Millis) -> Measured {
        let expires_after = u64::from(window.samples).saturating_mul(window.sample_ms);
        for sample in &mut self.samples {
            if now.saturating_sub(sample.last_event_ms) >= expires_after {
                *sample = Sample::begun(now);
            }
        }
        let sum = self.samples.iter().fold(0_i64, |sum, sample| sum.saturating_add(sample.value));
        let oldest = self.samples.iter().map(|sample| sample.start_ms).min().unwrap_or(now);
        let elapsed = now.saturating_sub(oldest);
        let full = elapsed.checked_div(window.sample_ms).unwrap_or(0);
        let missing = u64::from(window.samples.saturating_sub(1)).saturating_sub(full);
        let window_ms = elapsed.saturating_add(missing.saturating_mul(window.sample_ms));
        Measured { sum, window_ms: window_ms.max(1) }
    }

    /// When something was recorded last, in milliseconds.
    pub fn last_recorded_ms(&self) -> Millis {
        self.samples.iter().map(|sample| sample.last_event_ms).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: QuotaWindow = QuotaWindow { samples: 11, sample_ms: 1_000 };

    #[test]
    fn a_first_value_is_spread_over_the_windows_before_it() {
        let mut rate = Rate::default();
        rate.record(WINDOW, 60_105, 5_000);
        assert_eq!(rate.measure(WINDOW, 5_000), Measured { sum: 60_105, window_ms: 10_000 });
        assert_eq!(rate.measure(WINDOW, 5_300), Measured { sum: 60_105, window_ms: 10_300 });
        assert_eq!(rate.measure(WINDOW, 7_300).window_ms, 10_300, "two windows are there, eight are missing");
    }

    #[test]
    fn old_samples_expire_and_what_is_taken_back_does_not_count() {
        let mut rate = Rate::default();
        for second in 0..30 {
            rate.record(WINDOW, 100, second * 1_000);
        }
        let measured = rate.measure(WINDOW, 29_000);
        assert_eq!(measured, Measured { sum: 1_100, window_ms: 10_000 }, "the last eleven, over ten seconds");
        rate.record(WINDOW, -100, 29_000);
        assert_eq!(rate.measure(WINDOW, 29_000).sum, 1_000);
        assert_eq!(rate.measure(WINDOW, 60_000), Measured { sum: 0, window_ms: 10_000 });
    }
}
