//! Tests of the room as a whole: against recordings of a real Kafka, and against a model.

mod appends;
mod model;
mod producers;
mod transcripts;

use crate::settings::TopicSettings;
use crate::wire::records::{Record, RecordBatch};

/// A topic's settings, the given ones changed.
fn settings(changes: &[(&str, &str)]) -> TopicSettings {
    let mut settings = TopicSettings::default();
    for (name, value) in changes {
        settings.set(name, value).expect("the setting is valid");
    }
    settings
}

fn record(key: &str, value: Option<&str>, timestamp: i64) -> Record {
    Record { timestamp, key: Some(key.into()), value: value.map(Into::into), ..Record::default() }
}

fn batch(key: &str, value: &str, timestamp: i64) -> RecordBatch {
    RecordBatch::of([record(key, Some(value), timestamp)])
}
