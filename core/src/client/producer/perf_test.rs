//! An application that sends records at a rate, as `kafka-producer-perf-test` does (`ProducerPerformance`).
//!
//! | a test     | becomes   | when                                                                     |
//! |------------|-----------|--------------------------------------------------------------------------|
//! | (none)     | running   | a person starts it; its first record is sent at once                     |
//! | running    | running   | the next record is due, and `send()` of the one before has returned      |
//! | running    | (none)    | all records are sent, another test begins, or the producer ends          |
//!
//! The throughput is a target (`ThroughputThrottler`): a producer held up in `send()` sends what is due as soon as it
//! goes on.

use super::Producer;
use crate::command::CommandError;
use crate::effects::{Effects, ProducerTimer};
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::wire::Topic;
use crate::wire::records::Bytes;

/// The most records a second: more than a step each millisecond can be followed with.
const THROUGHPUT_MAX: u32 = 100_000;
/// The most records of a test.
const NUM_RECORDS_MAX: u32 = 1_000_000;
/// The most bytes of a value.
const RECORD_SIZE_MAX: u32 = 1_048_576;
/// The most keys.
const KEYS_MAX: u32 = 100_000;

/// What is sent, and how fast.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PerfTestOptions {
    /// The topic.
    pub topic: Topic,
    /// How many records (`--num-records`).
    pub num_records: u32,
    /// How many bytes each value has (`--record-size`).
    pub record_size: u32,
    /// How many records a second (`--throughput`).
    pub throughput: u32,
    /// How many keys, in turn; 0 for records without a key.
    pub keys: u32,
}

/// A test that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PerfTest {
    options: PerfTestOptions,
    started_at: Millis,
    sent: u32,
}

impl PerfTest {
    /// When a record is due, in milliseconds: its share of a second after the first.
    fn due_at(&self, record: u32) -> Millis {
        let after = u64::from(record).saturating_mul(1_000) / u64::from(self.options.throughput.max(1));
        self.started_at.saturating_add(after)
    }

    /// When the next record is due.
    fn next_at(&self) -> Millis {
        self.due_at(self.sent)
    }

    fn is_done(&self) -> bool {
        self.sent >= self.options.num_records
    }

    /// The next record: its key, and a value of the size asked for.
    fn record(&self) -> (Option<Bytes>, Bytes) {
        let key = (self.options.keys > 0).then(|| format!("key-{}", self.sent % self.options.keys.max(1)));
        let size = usize::try_from(self.options.record_size).unwrap_or(usize::MAX);
        let mut value = self.sent.to_string().into_bytes();
        value.resize(size, b'.');
        (key.map(|key| Bytes::from(key.as_str())), Bytes::from(value))
    }
}

/// What is wrong with the options of a test.
fn check(options: &PerfTestOptions) -> Result<(), CommandError> {
    let bounds = [
        ("throughput", options.throughput, 1, THROUGHPUT_MAX),
        ("numRecords", options.num_records, 1, NUM_RECORDS_MAX),
        ("recordSize", options.record_size, 1, RECORD_SIZE_MAX),
        ("keys", options.keys, 0, KEYS_MAX),
    ];
    match bounds.into_iter().find(|(_, value, least, most)| value < least || value > most) {
        Some((name, value, least, most)) => Err(CommandError::BadValue {
            name: name.to_owned(),
            value: value.to_string(),
            expected: format!("{least}..{most}"),
        }),
        None => Ok(()),
    }
}

impl Producer {
    /// Begins to send records at a rate, in place of a test that is under way.
    ///
    /// # Errors
    /// Where an option is out of its bounds, or the first record cannot be sent.
    pub fn start_perf_test(
        &mut self,
        options: PerfTestOptions,
        now: Millis,
        fx: &mut Effects,
    ) -> Result<(), CommandError> {
        check(&options)?;
        let before = self.perf_test.replace(PerfTest { options, started_at: now, sent: 0 });
        // What is wrong with the first record shows here, and nothing has changed.
        if let Err(error) = self.send_due(1, now, fx) {
            self.perf_test = before;
            return Err(error);
        }
        self.set_perf_test_timer(now, fx);
        Ok(())
    }

    /// How far a test is that is under way: what it does, and how many records it has sent.
    pub fn perf_test(&self) -> Option<(&PerfTestOptions, u32)> {
        self.perf_test.as_ref().map(|test| (&test.options, test.sent))
    }

    /// The next record of a test is due.
    pub(super) fn continue_perf_test(&mut self, now: Millis, fx: &mut Effects) {
        if self.send_due(u32::MAX, now, fx).is_err() {
            self.perf_test = None;
        }
        self.set_perf_test_timer(now, fx);
    }

    /// Sends what is due, at most `most` records, unless `send()` has not returned.
    fn send_due(&mut self, most: u32, now: Millis, fx: &mut Effects) -> Result<(), CommandError> {
        let Some(mut test) = self.perf_test.take() else { return Ok(()) };
        let before = test.sent;
        let changes = fx.changes.len();
        while !test.is_done() && test.sent - before < most && test.next_at() <= now && self.unassigned.is_empty() {
            let (key, value) = test.record();
            self.produce(&test.options.topic, None, key, Some(value), Vec::new(), now, fx)?;
            test.sent += 1;
        }
        // Nobody looks at each single record: the step says how many there were.
        fx.changes.truncate(changes);
        let (producer, records) = (self.number, test.sent - before);
        let (sent, num_records) = (test.sent, test.options.num_records);
        fx.replace_explanation(match records {
            0 => Explanation::PerfTestHeldUp { producer, sent, num_records },
            _ => Explanation::PerfTestSent { producer, records, sent, num_records },
        });
        if !test.is_done() {
            self.perf_test = Some(test);
        }
        Ok(())
    }

    fn set_perf_test_timer(&self, now: Millis, fx: &mut Effects) {
        match &self.perf_test {
            // Not in the same millisecond: one that is held up looks again in the next.
            Some(test) => fx.set_timer(ProducerTimer::PerfTest, test.next_at().max(now.saturating_add(1))),
            None => fx.stop_timer(ProducerTimer::PerfTest),
        }
    }
}
