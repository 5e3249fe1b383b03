//! One thing that was compared, as a person reads it.

use serde_json::Value;

/// One thing that was compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// At which step of the transcript.
    pub step: usize,
    /// What of it: a path in `saw`, empty for all of it.
    pub path: String,
    /// What Kafka answered.
    pub kafka: Value,
    /// What the engine answered, as far as Kafka's answer is told; none where it cannot be compared.
    pub engine: Option<Value>,
    /// Whether they differ.
    pub differs: bool,
}
