//! Names of topics and partitions.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::codec::{Message, MessageError, TextForm, read_text};

/// A topic's name. Cheap to clone.
pub type Topic = Rc<str>;

/// A topic's id (KIP-516): a topic that is deleted and created again under the same name gets another.
///
/// Written as Kafka writes a `Uuid`: 16 bytes in URL-safe base64 without padding.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
// What holds an id is not aligned to 16 bytes for it: WebAssembly's allocator gives 8, and cuts its memory to size for more.
#[repr(Rust, packed(8))]
pub struct Uuid(pub u128);

impl Uuid {
    /// `Uuid.ZERO_UUID`: no topic.
    pub const ZERO: Self = Self(0);
    /// `Uuid.METADATA_TOPIC_ID`: the topic `__cluster_metadata`.
    pub const METADATA: Self = Self(1);

    /// `Uuid.randomUuid`, and `kafka-storage random-uuid`: of random bits, as Java makes a UUID of version 4 of them. None begins with
    /// a hyphen, which tools would take for an option.
    pub fn random(mut bits: impl FnMut() -> u128) -> Self {
        loop {
            let version_4 = bits() & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
            let uuid = Self(version_4);
            if !uuid.to_string().starts_with('-') {
                return uuid;
            }
        }
    }

    /// Reads Kafka's written form.
    pub fn parse(text: &str) -> Option<Self> {
        use base64ct::{Base64UrlUnpadded, Encoding};
        let mut bytes = [0u8; 16];
        let decoded = Base64UrlUnpadded::decode(text.as_bytes(), &mut bytes).ok()?;
        (decoded.len() == 16).then(|| Self(u128::from_be_bytes(bytes)))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use base64ct::{Base64UrlUnpadded, Encoding};
        f.write_str(&Base64UrlUnpadded::encode_string(&self.0.to_be_bytes()))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Message for Uuid {
    fn to_json(&self) -> Value {
        Value::from(self.to_string())
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        let text = read_text(json)?;
        *self = Self::parse(text).ok_or_else(|| MessageError::malformed(text, TextForm::Uuid))?;
        Ok(())
    }
}

/// One partition of a topic, written `orders-0`. Ordered by the topic's name, then by the index.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Topic,
    /// The partition's index, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// Names a partition.
    pub fn new(topic: impl Into<Topic>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl Ord for TopicPartition {
    /// Names that are one and the same text in memory, as most are, are not compared letter by letter.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_topic =
            if Rc::ptr_eq(&self.topic, &other.topic) { Ordering::Equal } else { self.topic.cmp(&other.topic) };
        by_topic.then(self.partition.cmp(&other.partition))
    }
}

impl PartialOrd for TopicPartition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// A partition by its topic's id: what the disk and the replicas are keyed by, so that a recreated topic never meets its old log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicIdPartition {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partition's index, from 0.
    pub partition: i32,
}
