//! Makes a transcript's request bodies into ones that can be sent: names become values, `<now>` the time, and fields that
//! the engine's messages leave out go, where they say nothing.

use crate::sort::SharedSort;
use crate::wire::feature_levels::supported_features;
use crate::wire::{ApiKey, Message, MessageError, MessageProblem, Request};
use serde_json::{Map, Value};

use super::names::is_name;
use super::player::Player;
use super::verbs_raw::LAB_CLUSTER_ID;

/// A broker epoch that no broker of a recording has.
const NO_BROKER_EPOCH: i64 = 1 << 40;

impl Player<'_> {
    /// The body to send. The error says what in it cannot be resolved.
    pub(super) fn body(&mut self, api: &str, body: &Value) -> Result<Value, String> {
        let mut sent = self.resolved(body, body)?;
        fill_defaults(api, &mut sent);
        if let Ok(key) = api.parse::<ApiKey>() {
            drop_what_says_nothing(key, &mut sent);
        }
        Ok(sent)
    }

    fn resolved(&mut self, value: &Value, whole: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::Array(elements) => {
                let resolved: Result<Vec<Value>, String> =
                    elements.iter().map(|each| self.resolved(each, whole)).collect();
                Value::Array(resolved?)
            }
            Value::Object(fields) => {
                if let Some(batch) = fields.get("$batch") {
                    return self.resolved(batch, whole);
                }
                if let Some(topics) = fields.get("$subscription") {
                    return Ok(serde_json::json!({ "topics": sorted_topics(topics) }));
                }
                let mut resolved = Map::new();
                for (name, each) in fields {
                    let each = match (name.as_str(), each) {
                        ("headers", Value::Object(headers)) => &listed_headers(headers),
                        _ => each,
                    };
                    resolved.insert(name.clone(), self.resolved(each, whole)?);
                }
                Value::Object(resolved)
            }
            Value::String(text) => self.resolved_text(text, whole)?,
            other => other.clone(),
        })
    }

    /// The id that a topic has now, if it was deleted and made again and the recording names no second id of it: its recorder
    /// called both by the plain name.
    fn id_of_the_topic_made_again(&self, word: &str) -> Option<Value> {
        let topic = word.strip_prefix("topicId:").filter(|topic| !topic.contains('#'))?;
        let image = self.cluster.image()?;
        let current = image.topic_ids.get(topic)?;
        let known = self.names.known(word)?.as_str()?.to_owned();
        let is_gone = image.topic_ids.values().all(|id| id.to_string() != known);
        let second = format!("{word}#");
        let tells = |value: Option<&Value>| value.is_some_and(|value| mentions(value, &second));
        let mut steps = self.transcript.steps.iter();
        let is_mentioned =
            steps.any(|step| tells(step.saw.as_ref()) || step.arguments.values().any(|it| tells(Some(it))));
        (is_gone && !is_mentioned).then(|| Value::String(current.to_string()))
    }

    fn resolved_text(&mut self, text: &str, whole: &Value) -> Result<Value, String> {
        let (word, offset) = match text.split_once([' ']) {
            Some((word, rest)) if is_name(word) => (word, sum(rest)),
            _ => (text, Some(0)),
        };
        if is_name(word) {
            let value = match self.id_of_the_topic_made_again(word) {
                Some(id) => id,
                None => self.names.value_of(&self.cluster, word).ok_or_else(|| format!("{word}, not seen before"))?,
            };
            let offset = offset.ok_or_else(|| text.to_owned())?;
            let sum = || value.as_i64().unwrap_or(-1).checked_add(offset);
            return if offset == 0 { Ok(value) } else { sum().map(Value::from).ok_or_else(|| text.to_owned()) };
        }
        if let Some(rest) = text.strip_prefix("<now").and_then(|rest| rest.strip_suffix('>')) {
            let now = i64::try_from(self.cluster.now()).unwrap_or(i64::MAX);
            return sum(rest)
                .and_then(|offset| now.checked_add(offset))
                .map(Value::from)
                .ok_or_else(|| text.to_owned());
        }
        if text == "<clusterId>" || text == LAB_CLUSTER_ID {
            return Ok(Value::from(self.cluster.cluster_id()));
        }
        if text.starts_with("<all features") {
            return Ok(supported_features().map(|feature| feature.to_json()).collect());
        }
        if text == "not its broker epoch" {
            return Ok(Value::from(NO_BROKER_EPOCH));
        }
        if text == "<end of the log>" {
            return Ok(Value::from(self.cluster.metadata_end() - 1));
        }
        if let Some(rest) = text.strip_prefix("broker epoch") {
            let epoch = whole.get("brokerEpoch").cloned().unwrap_or_default();
            let epoch = self.resolved(&epoch, whole)?.as_i64().ok_or_else(|| text.to_owned())?;
            return sum(rest)
                .and_then(|offset| epoch.checked_add(offset))
                .map(Value::from)
                .ok_or_else(|| text.to_owned());
        }
        if text.starts_with('<') && text.ends_with('>') {
            return Err(text.to_owned());
        }
        Ok(Value::from(text))
    }
}

/// Fields that the generated messages of Kafka, which the recorder filled, begin with another value of than the engine's do where
/// a body leaves them out: numbers, and what may be null and begins with an empty text or list unless its schema says
/// `"default": "null"`.
const DEFAULTS: [(&str, &[&str], DefaultValue); 39] = [
    ("AddRaftVoter", &["clusterId"], DefaultValue::Text),
    ("AlterClientQuotas", &["entries", "entity", "entityName"], DefaultValue::Text),
    ("AlterConfigs", &["resources", "configs", "value"], DefaultValue::Text),
    ("BrokerHeartbeat", &["currentMetadataOffset"], DefaultValue::Number(0)),
    ("BrokerRegistration", &["rack"], DefaultValue::Text),
    ("CreatePartitions", &["topics", "assignments"], DefaultValue::List),
    ("CreateTopics", &["topics", "configs", "value"], DefaultValue::Text),
    ("CreateTopics", &["topics", "numPartitions"], DefaultValue::Number(0)),
    ("CreateTopics", &["topics", "replicationFactor"], DefaultValue::Number(0)),
    ("DeleteAcls", &["filters", "hostFilter"], DefaultValue::Text),
    ("DeleteAcls", &["filters", "principalFilter"], DefaultValue::Text),
    ("DeleteAcls", &["filters", "resourceNameFilter"], DefaultValue::Text),
    ("DeleteTopics", &["timeoutMs"], DefaultValue::Number(0)),
    ("DescribeAcls", &["hostFilter"], DefaultValue::Text),
    ("DescribeAcls", &["principalFilter"], DefaultValue::Text),
    ("DescribeAcls", &["resourceNameFilter"], DefaultValue::Text),
    ("DescribeClientQuotas", &["components", "match"], DefaultValue::Text),
    ("DescribeConfigs", &["resources", "configurationKeys"], DefaultValue::List),
    ("DescribeLogDirs", &["topics"], DefaultValue::List),
    ("ElectLeaders", &["topicPartitions"], DefaultValue::List),
    ("Fetch", &["topics", "partitions", "partitionMaxBytes"], DefaultValue::Number(0)),
    ("Heartbeat", &["generationId"], DefaultValue::Number(0)),
    ("IncrementalAlterConfigs", &["resources", "configs", "value"], DefaultValue::Text),
    ("InitProducerId", &["transactionalId"], DefaultValue::Text),
    ("JoinGroup", &["protocolType"], DefaultValue::Text),
    ("JoinGroup", &["rebalanceTimeoutMs"], DefaultValue::Number(-1)),
    ("JoinGroup", &["sessionTimeoutMs"], DefaultValue::Number(0)),
    ("ListOffsets", &["replicaId"], DefaultValue::Number(0)),
    ("Metadata", &["topics"], DefaultValue::List),
    ("Metadata", &["topics", "name"], DefaultValue::Text),
    ("OffsetCommit", &["topics", "partitions", "committedMetadata"], DefaultValue::Text),
    ("OffsetFetch", &["groups", "topics"], DefaultValue::List),
    ("OffsetFetch", &["topics"], DefaultValue::List),
    ("Produce", &["acks"], DefaultValue::Number(0)),
    ("Produce", &["timeoutMs"], DefaultValue::Number(0)),
    ("RemoveRaftVoter", &["clusterId"], DefaultValue::Text),
    ("SyncGroup", &["generationId"], DefaultValue::Number(0)),
    ("TxnOffsetCommit", &["topics", "partitions", "committedMetadata"], DefaultValue::Text),
    ("UpdateRaftVoter", &["clusterId"], DefaultValue::Text),
];

/// What a field begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DefaultValue {
    Text,
    List,
    Number(i64),
}

impl DefaultValue {
    fn to_json(self) -> Value {
        match self {
            Self::Text => Value::from(""),
            Self::List => Value::Array(Vec::new()),
            Self::Number(number) => Value::from(number),
        }
    }
}

fn fill_defaults(api: &str, body: &mut Value) {
    for (_, path, default) in DEFAULTS.iter().filter(|(of, ..)| *of == api) {
        fill_default(path, *default, body);
    }
}

fn fill_default(path: &[&str], default: DefaultValue, value: &mut Value) {
    match (path, value) {
        (_, Value::Array(elements)) => elements.iter_mut().for_each(|each| fill_default(path, default, each)),
        ([field], Value::Object(fields)) => {
            fields.entry(*field).or_insert_with(|| default.to_json());
        }
        ([field, rest @ ..], Value::Object(fields)) => {
            if let Some(inner) = fields.get_mut(*field) {
                fill_default(rest, default, inner);
            }
        }
        _ => {}
    }
}

/// Whether any text in a value begins so.
fn mentions(value: &Value, beginning: &str) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|each| mentions(each, beginning)),
        Value::Object(fields) => fields.values().any(|each| mentions(each, beginning)),
        Value::String(text) => text.starts_with(beginning),
        _ => false,
    }
}

/// The topics of a subscription as `ConsumerProtocol.serializeSubscription` writes them, which recorded them: sorted.
fn sorted_topics(topics: &Value) -> Value {
    let mut sorted: Vec<&Value> = topics.as_array().into_iter().flatten().collect();
    sorted.shared_sort_by_key(|topic| topic.as_str());
    serde_json::json!(sorted)
}

/// A record's headers, which transcripts tell as an object, one after another.
fn listed_headers(headers: &Map<String, Value>) -> Value {
    headers.iter().map(|(key, value)| serde_json::json!({"key": key, "value": value})).collect()
}

/// ` - 120000` and the like; nothing is 0.
fn sum(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0);
    }
    let (sign, number) = text.split_once(' ')?;
    let number: i64 = number.trim().parse().ok()?;
    match sign {
        "+" => Some(number),
        "-" => number.checked_neg(),
        _ => None,
    }
}

/// Takes out fields that the engine's message does not have, as long as their value asks for nothing.
fn drop_what_says_nothing(api: ApiKey, body: &mut Value) {
    while let Err(MessageError { problem: MessageProblem::UnknownField { field, .. }, .. }) =
        Request::from_json(api, body)
    {
        if !remove(body, &field) {
            return;
        }
    }
}

/// Removes a field wherever its value asks for nothing. False if there was no such place.
fn remove(value: &mut Value, field: &str) -> bool {
    match value {
        Value::Object(fields) => {
            if fields.get(field).is_some_and(|value| asks_for_nothing(field, value)) {
                fields.shift_remove(field);
                return true;
            }
            fields.values_mut().filter_map(|each| remove(each, field).then_some(())).count() > 0
        }
        Value::Array(elements) => elements.iter_mut().filter_map(|each| remove(each, field).then_some(())).count() > 0,
        _ => false,
    }
}

fn asks_for_nothing(field: &str, value: &Value) -> bool {
    match (field, value) {
        // Where a node listens changes nothing in a cluster without addresses.
        ("listeners", _) => true,
        (_, Value::Null | Value::Bool(false)) => true,
        (_, Value::Array(elements)) => elements.is_empty(),
        (_, Value::String(text)) => text.is_empty(),
        (_, Value::Number(number)) => number.as_i64() == Some(-1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read() {
        assert_eq!((sum(""), sum(" - 120000"), sum(" + 1"), sum(" x")), (Some(0), Some(-120_000), Some(1), None));
    }

    #[test]
    fn topics_of_a_subscription_are_sorted() {
        assert_eq!(sorted_topics(&serde_json::json!(["t1", "nope"])), serde_json::json!(["nope", "t1"]));
    }

    #[test]
    fn what_is_left_out_is_empty_and_what_is_null_stays_null() {
        let mut body = serde_json::json!({"resources": [{"configs": [{"name": "a"}, {"name": "b", "value": null}]}]});
        fill_defaults("IncrementalAlterConfigs", &mut body);
        let filled =
            serde_json::json!({"resources": [{"configs": [{"name": "a", "value": ""}, {"name": "b", "value": null}]}]});
        assert_eq!(body, filled);
        let mut body = serde_json::json!({"electionType": 0});
        fill_defaults("ElectLeaders", &mut body);
        assert_eq!(body, serde_json::json!({"electionType": 0, "topicPartitions": []}));
        let mut body = serde_json::json!({"topics": [{"name": "t"}]});
        fill_defaults("DeleteTopics", &mut body);
        assert_eq!(body, serde_json::json!({"topics": [{"name": "t"}], "timeoutMs": 0}));
    }

    #[test]
    fn only_a_field_that_asks_for_nothing_is_left_out() {
        let mut body = serde_json::json!({"brokerId": 7, "brokerEpoch": 1, "offlineLogDirs": []});
        drop_what_says_nothing(ApiKey::BrokerHeartbeat, &mut body);
        assert!(body.get("offlineLogDirs").is_none());
        let mut body = serde_json::json!({"brokerId": 7, "features": []});
        drop_what_says_nothing(ApiKey::BrokerRegistration, &mut body);
        assert!(body.get("features").is_some());
    }
}
