//! Bytes that members of a group send each other through the coordinator, and the form that consumers give them
//! (`ConsumerProtocol`: `ConsumerProtocolSubscription`, `ConsumerProtocolAssignment`). To the coordinator they are bytes.

use std::fmt;
use std::rc::Rc;

use base64ct::{Base64, Encoding};
use serde_json::Value;

use super::binary::{Reader, put_bytes, put_length, put_nullable_text, put_text};
use super::codec::{Message, MessageError, TextForm, read_text};
use super::{Topic, TopicPartition};

/// The version that a 4.3 consumer writes.
const VERSION: i16 = 3;
/// What precedes bytes that are no printable text.
const BASE64_PREFIX: &str = "base64:";

/// Bytes as a message carries them. Written as text where all of it is printable ASCII, else as `base64:…`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawBytes(Rc<[u8]>);

impl RawBytes {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes in base64.
    pub fn to_base64(&self) -> String {
        Base64::encode_string(&self.0)
    }

    /// Reads base64.
    pub fn from_base64(text: &str) -> Option<Self> {
        Base64::decode_vec(text).ok().map(Self::from)
    }

    fn is_printable(&self) -> bool {
        self.0.iter().all(|byte| (32..=126).contains(byte))
    }
}

impl From<Vec<u8>> for RawBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&str> for RawBytes {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl fmt::Display for RawBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.0) {
            Ok(text) if self.is_printable() => f.write_str(text),
            Ok(_) | Err(_) => write!(f, "{BASE64_PREFIX}{}", self.to_base64()),
        }
    }
}

impl fmt::Debug for RawBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Base64 as a person wrote it.
fn decode(text: &str) -> Result<RawBytes, MessageError> {
    RawBytes::from_base64(text).ok_or_else(|| MessageError::malformed(text, TextForm::Base64))
}

/// Written as [`RawBytes`] says. A person may also write `{"$base64": "…"}`, or `{"$subscription": ["orders"]}` for the
/// bytes of a consumer that subscribes to these topics.
impl Message for RawBytes {
    fn to_json(&self) -> Value {
        Value::from(self.to_string())
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        *self = if let Some(base64) = json.get("$base64") {
            read_text(base64).and_then(decode).map_err(|error| error.in_field("$base64"))?
        } else if let Some((name, list)) = subscribed_topics(json) {
            let mut topics: Vec<Topic> = Vec::new();
            topics.read_json(list).map_err(|error| error.in_field(name))?;
            ConsumerSubscription { topics, ..Default::default() }.encode()
        } else {
            let text = read_text(json)?;
            text.strip_prefix(BASE64_PREFIX).map_or_else(|| Ok(Self::from(text)), decode)?
        };
        Ok(())
    }
}

fn subscribed_topics(json: &Value) -> Option<(&'static str, &Value)> {
    ["$subscription", "topics"].into_iter().find_map(|name| Some((name, json.get(name)?)))
}

/// `ConsumerProtocolSubscription`: what a consumer tells the group's leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerSubscription {
    /// The topics it wants.
    pub topics: Vec<Topic>,
    /// What its assignor adds.
    pub user_data: Option<RawBytes>,
    /// What it holds now (cooperative assignors).
    pub owned_partitions: Vec<TopicPartition>,
    /// In which generation it got them, -1 for none.
    pub generation_id: i32,
    /// Its rack.
    pub rack_id: Option<String>,
}

impl Default for ConsumerSubscription {
    fn default() -> Self {
        Self { topics: Vec::new(), user_data: None, owned_partitions: Vec::new(), generation_id: -1, rack_id: None }
    }
}

impl ConsumerSubscription {
    /// The bytes of a JoinGroup's metadata.
    pub fn encode(&self) -> RawBytes {
        let mut out = Vec::new();
        out.extend(VERSION.to_be_bytes());
        put_length(&mut out, self.topics.len());
        self.topics.iter().for_each(|topic| put_text(&mut out, topic));
        put_bytes(&mut out, self.user_data.as_ref().map(RawBytes::as_slice));
        put_partitions(&mut out, &self.owned_partitions);
        out.extend(self.generation_id.to_be_bytes());
        put_nullable_text(&mut out, self.rack_id.as_deref());
        RawBytes::from(out)
    }

    /// Reads metadata of any version; `None` where it is not of this form.
    pub fn decode(bytes: &RawBytes) -> Option<Self> {
        Self::read(bytes).ok()
    }

    /// The same, with why it cannot be read (`ConsumerProtocol.deserializeConsumerProtocolSubscription`).
    ///
    /// # Errors
    /// Where it is not of this form.
    pub fn read(bytes: &RawBytes) -> Result<Self, Unreadable> {
        let mut input = ProtocolReader(Reader::new(bytes.as_slice()));
        let version = input.version()?;
        let topics = (0..input.count()?).map(|_| input.name()).collect::<Result<_, _>>()?;
        let user_data = input.user_data()?;
        let owned_partitions = if version >= 1 { input.partitions()? } else { Vec::new() };
        let generation_id = if version >= 2 { input.int()? } else { -1 };
        let rack_id = if version >= 3 { input.nullable_text()? } else { None };
        Ok(Self { topics, user_data, owned_partitions, generation_id, rack_id })
    }
}

/// Why bytes are not of the form that consumers give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// They end where a number should stand, or their version is negative (`SchemaException`).
    Malformed,
    /// A length in them cannot be right: an exception that nobody expects.
    WrongLength,
}

/// Reads what consumers write as the classes do that Kafka generates for it.
struct ProtocolReader<'a>(Reader<'a>);

impl ProtocolReader<'_> {
    /// The version (`ConsumerProtocol.checkSubscriptionVersion`, `checkAssignmentVersion`).
    fn version(&mut self) -> Result<i16, Unreadable> {
        self.0.short().filter(|version| *version >= 0).ok_or(Unreadable::Malformed)
    }

    fn int(&mut self) -> Result<i32, Unreadable> {
        self.0.int().ok_or(Unreadable::Malformed)
    }

    /// How many elements a list has.
    fn count(&mut self) -> Result<usize, Unreadable> {
        let count = usize::try_from(self.int()?).map_err(|_| Unreadable::WrongLength)?;
        if count > self.0.remaining() { Err(Unreadable::WrongLength) } else { Ok(count) }
    }

    fn nullable_text(&mut self) -> Result<Option<String>, Unreadable> {
        let length = self.0.short().ok_or(Unreadable::Malformed)?;
        let Ok(length) = usize::try_from(length) else { return Ok(None) };
        let text = self.0.take(length).ok_or(Unreadable::WrongLength)?;
        Ok(Some(String::from_utf8_lossy(text).into_owned()))
    }

    /// The name of a topic.
    fn name(&mut self) -> Result<Topic, Unreadable> {
        self.nullable_text()?.map(Topic::from).ok_or(Unreadable::WrongLength)
    }

    fn user_data(&mut self) -> Result<Option<RawBytes>, Unreadable> {
        let Ok(length) = usize::try_from(self.int()?) else { return Ok(None) };
        let data = self.0.take(length).ok_or(Unreadable::WrongLength)?;
        Ok(Some(RawBytes::from(data.to_vec())))
    }

    fn partitions(&mut self) -> Result<Vec<TopicPartition>, Unreadable> {
        let mut partitions = Vec::new();
        for _ in 0..self.count()? {
            let topic = self.name()?;
            for _ in 0..self.count()? {
                partitions.push(TopicPartition::new(topic.clone(), self.int()?));
            }
        }
        Ok(partitions)
    }
}

/// The topics that a member's metadata names. A coordinator reads any version as the first one
/// (`ClassicGroup.computeSubscribedTopics`).
///
/// # Errors
/// Where they cannot be read.
pub fn subscribed_topics_of(metadata: &RawBytes) -> Result<Vec<Topic>, Unreadable> {
    let mut input = ProtocolReader(Reader::new(metadata.as_slice()));
    input.0.short().ok_or(Unreadable::Malformed)?;
    let topics = (0..input.count()?).map(|_| input.name()).collect::<Result<_, _>>()?;
    input.user_data()?;
    Ok(topics)
}

/// `ConsumerProtocolAssignment`: what a member is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsumerAssignment {
    /// Its partitions.
    pub partitions: Vec<TopicPartition>,
    /// What the assignor adds.
    pub user_data: Option<RawBytes>,
}

impl ConsumerAssignment {
    /// Reads an assignment of any version; `None` where it is not of this form. No bytes at all are no partitions.
    pub fn decode(bytes: &RawBytes) -> Option<Self> {
        Self::read(bytes).ok()
    }

    /// The same, with why it cannot be read (`ConsumerProtocol.deserializeConsumerProtocolAssignment`).
    ///
    /// # Errors
    /// Where it is not of this form.
    pub fn read(bytes: &RawBytes) -> Result<Self, Unreadable> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut input = ProtocolReader(Reader::new(bytes.as_slice()));
        input.version()?;
        let partitions = input.partitions()?;
        let user_data = input.user_data()?;
        Ok(Self { partitions, user_data })
    }
}

/// The bytes of a SyncGroup's assignment, as a 4.3 consumer writes them.
pub fn encode_assignment(partitions: &[TopicPartition]) -> RawBytes {
    encode_assignment_like(None, partitions)
}

/// The bytes of an assignment in the version in which its member wrote its subscription, up to the newest that there is
/// (`ConsumerProtocol.deserializeVersion`, `checkAssignmentVersion`).
pub fn encode_assignment_like(subscription: Option<&RawBytes>, partitions: &[TopicPartition]) -> RawBytes {
    let version = subscription.and_then(|bytes| Reader::new(bytes.as_slice()).short());
    let mut out = Vec::new();
    out.extend(version.unwrap_or(VERSION).min(VERSION).to_be_bytes());
    put_partitions(&mut out, partitions);
    put_bytes(&mut out, None);
    RawBytes::from(out)
}

/// The partitions of an assignment; `None` where it is not of this form.
pub fn decode_assignment(bytes: &RawBytes) -> Option<Vec<TopicPartition>> {
    ConsumerAssignment::decode(bytes).map(|assignment| assignment.partitions)
}

/// Partitions by topic, in the order in which the topics first come.
pub(crate) fn put_partitions(out: &mut Vec<u8>, partitions: &[TopicPartition]) {
    let mut topics: Vec<(&Topic, Vec<i32>)> = Vec::new();
    for each in partitions {
        match topics.iter_mut().find(|(topic, _)| **topic == each.topic) {
            Some((_, indexes)) => indexes.push(each.partition),
            None => topics.push((&each.topic, vec![each.partition])),
        }
    }
    put_length(out, topics.len());
    for (topic, indexes) in topics {
        put_text(out, topic);
        put_length(out, indexes.len());
        indexes.iter().for_each(|index| out.extend(index.to_be_bytes()));
    }
}

pub(crate) fn read_partitions(input: &mut Reader<'_>) -> Option<Vec<TopicPartition>> {
    let mut partitions = Vec::new();
    for _ in 0..input.length()? {
        let topic: Topic = input.text()?.into();
        for _ in 0..input.length()? {
            partitions.push(TopicPartition::new(topic.clone(), input.int()?));
        }
    }
    Some(partitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_has_the_bytes_that_a_4_3_consumer_sends() {
        let subscription = ConsumerSubscription { topics: vec!["t".into()], ..Default::default() };
        let bytes = subscription.encode();
        assert_eq!(bytes.to_string(), "base64:AAMAAAABAAF0/////wAAAAD///////8=");
        assert_eq!(ConsumerSubscription::decode(&bytes), Some(subscription));
        assert_eq!(ConsumerSubscription::decode(&RawBytes::from("A")), None);
    }

    #[test]
    fn a_coordinator_reads_a_subscription_as_version_0_and_tells_two_kinds_of_nonsense_apart() {
        use Unreadable::{Malformed, WrongLength};
        let read = |bytes: &[u8]| subscribed_topics_of(&RawBytes::from(bytes.to_vec()));
        let topics = Ok(vec![Topic::from("a")]);
        let good = [0, 9, 0, 0, 0, 1, 0, 1, b'a', 0xff, 0xff, 0xff, 0xff, 7];
        assert_eq!((read(&good), read(&good[..13])), (topics.clone(), topics));
        for (length, why) in [(0, Malformed), (1, Malformed), (5, Malformed), (7, Malformed), (8, WrongLength)] {
            assert_eq!(read(&good[..length]), Err(why), "{length} bytes");
        }
        assert_eq!(read(&good[..12]), Err(Malformed));
        assert_eq!(read(&[0, 0, 0xff, 0xff, 0xff, 0xff]), Err(WrongLength), "no topics at all");
        assert_eq!(read(&[0, 0, 0, 0, 0, 9]), Err(WrongLength), "more topics than bytes");
        assert_eq!(read(&[0, 0, 0, 0, 0, 1, 0xff, 0xff]), Err(WrongLength), "no name");
        assert_eq!(read(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 5]), Err(WrongLength), "less data than it says");
    }

    #[test]
    fn two_kinds_of_nonsense_are_told_apart_in_any_part() {
        use Unreadable::{Malformed, WrongLength};
        let assigned = |bytes: &[u8]| ConsumerAssignment::read(&RawBytes::from(bytes.to_vec())).map(|_| ());
        let good = [0, 9, 0, 0, 0, 1, 0, 1, b'a', 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0];
        assert_eq!((assigned(&[]), assigned(&good)), (Ok(()), Ok(())));
        let cut = [(1, Malformed), (3, Malformed), (8, WrongLength), (11, Malformed), (15, Malformed), (19, Malformed)];
        for (length, why) in cut {
            assert_eq!(assigned(&good[..length]), Err(why), "{length} bytes");
        }
        assert_eq!(assigned(b"abcdefgh"), Err(WrongLength), "more topics than bytes");
        assert_eq!(assigned(&[0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]), Err(Malformed), "a negative version");
        let subscribed = |bytes: &[u8]| ConsumerSubscription::read(&RawBytes::from(bytes.to_vec())).map(|_| ());
        let good = [0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
        assert_eq!((subscribed(&good), subscribed(&good[..12])), (Ok(()), Err(Malformed)));
        let too_many = [0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 3];
        assert_eq!(subscribed(&too_many), Err(WrongLength));
    }

    #[test]
    fn an_assignment_comes_back_as_it_was() {
        let partitions = vec![TopicPartition::new("t", 0), TopicPartition::new("t", 2), TopicPartition::new("u", 1)];
        assert_eq!(decode_assignment(&encode_assignment(&partitions)), Some(partitions));
        assert_eq!(decode_assignment(&RawBytes::default()), Some(Vec::new()));
    }

    #[test]
    fn bytes_are_read_in_every_written_form() {
        let read = |json: Value| {
            let mut bytes = RawBytes::default();
            bytes.read_json(&json).expect("bytes");
            bytes
        };
        assert_eq!(read(serde_json::json!("A")), RawBytes::from("A"));
        assert_eq!(read(serde_json::json!({"$base64": "QQ=="})), RawBytes::from("A"));
        assert_eq!(read(serde_json::json!("base64:AAE=")), RawBytes::from(vec![0, 1]));
        assert_eq!(read(serde_json::json!({"$subscription": ["t"]})).as_slice()[..2], [0, 3]);
    }
}
