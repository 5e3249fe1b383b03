//! Brings the engine's answers into the shapes in which transcripts tell answers.

use crate::change::is_kafkas_own;
use crate::sort::SharedSort;
use crate::wire::{ErrorCode, Response};
use serde_json::{Map, Value, json};

/// What came of a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It was answered.
    Answered(Response),
    /// The connection was closed instead.
    Closed,
    /// Nobody listened where it was sent.
    Refused,
    /// Nothing came in the time allowed.
    Nothing,
}

impl Answer {
    /// The answer as JSON, in the words of transcripts.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Answered(response) => in_transcripts_words(response.to_json()),
            Self::Closed | Self::Refused => json!({ "closed": true }),
            Self::Nothing => Value::from("nothing"),
        }
    }

    /// The answer in the shape that `saw` has: whole; flat, as the fields of its only partition; or its error alone.
    pub fn shaped_like(&self, saw: &Value) -> Value {
        if let (Self::Refused, Some(_)) = (self, saw.get("exception")) {
            return json!({"exception": "ConnectException"});
        }
        let mut whole = self.to_json();
        let Self::Answered(response) = self else { return whole };
        if let (Some(words), Value::Object(_)) = (super::quorum_answers::response_to_json(response), saw) {
            return words;
        }
        match response {
            Response::Metadata(_) => {
                sort_as_recorded(&mut whole, "topics", "name", saw);
                name_topics_as_recorded(&mut whole, saw);
            }
            Response::ApiVersions(_) => format_features_as_recorded(&mut whole, saw),
            Response::ListOffsets(_) => sort_partitions_as_recorded(&mut whole, saw),
            Response::DescribeTransactions(_) => sort_described_as_recorded(&mut whole, saw),
            Response::ListTransactions(_) => sort_transactions(&mut whole, saw),
            Response::ElectLeaders(_) => sort_as_recorded(&mut whole, "replicaElectionResults", "topic", saw),
            Response::ConsumerGroupHeartbeat(_) => {
                sort_assignment_as_recorded(&mut whole, saw);
                count_assignment_as_recorded(&mut whole, saw);
            }
            _ => {}
        }
        match saw {
            // That an election is not needed is no error of the request.
            Value::String(_) if matches!(response, Response::ElectLeaders(_)) => first_error(&[&whole]),
            Value::String(_) => first_error(&chain(&whole)),
            // One error a level, the deepest last.
            Value::Array(recorded) if !recorded.is_empty() && recorded.iter().all(is_error_name) => {
                let mut errors = Vec::new();
                collect_errors(&whole, &mut errors);
                Value::from(errors.split_off(errors.len().saturating_sub(recorded.len())))
            }
            // The error of the whole, and how many there are.
            Value::Array(recorded) if matches!(recorded.as_slice(), [Value::String(_), Value::Number(_)]) => {
                let error = whole.get("errorCode").cloned().unwrap_or_default();
                let count = only_list(&whole).map_or(Value::Null, |(_, list)| Value::from(list.len()));
                Value::from(vec![error, count])
            }
            // How many there are.
            Value::Number(_) => only_list(&whole).map_or(Value::Null, |(_, list)| Value::from(list.len())),
            // The one list of the answer, as its reporter put it: sorted by name, it says nothing of the order.
            Value::Array(recorded) => {
                let mut list = only_list(&whole).map_or(Vec::new(), |(_, list)| list.clone());
                let name = |value: &Value| value.get("name").and_then(Value::as_str).map(str::to_owned);
                if recorded.iter().is_sorted_by_key(name) {
                    list.shared_sort_by_key(name);
                }
                Value::from(list)
            }
            Value::Object(fields) => {
                let tells_structure = fields
                    .keys()
                    .any(|field| whole.get(field).is_some_and(|value| value.is_array() || value.is_object()));
                if tells_structure { whole } else { flat(&whole) }
            }
            _ => whole,
        }
    }
}

/// Some lists come in the order of a set, and were told as they came or sorted by name. Where they are told sorted they say
/// nothing of the order.
fn sort_as_recorded(whole: &mut Value, list: &str, name: &str, saw: &Value) {
    let name = |each: &Value| each.get(name).or_else(|| each.get(0)).and_then(Value::as_str).map(str::to_owned);
    let recorded = saw.get(list).and_then(Value::as_array);
    if recorded.is_some_and(|recorded| recorded.iter().is_sorted_by_key(name))
        && let Some(list) = whole.get_mut(list).and_then(Value::as_array_mut)
    {
        list.shared_sort_by_key(name);
    }
}

/// Partitions come in the order of a hash map, and were told as they came or sorted. Where they are told sorted they say nothing
/// of the order.
fn sort_partitions_as_recorded(whole: &mut Value, saw: &Value) {
    let index = |each: &Value| each.get("partitionIndex").and_then(Value::as_i64);
    let topics = whole.get_mut("topics").and_then(Value::as_array_mut).into_iter().flatten();
    for topic in topics {
        let recorded = saw.get("topics").and_then(Value::as_array).into_iter().flatten();
        let mut recorded = recorded.filter(|each| each.get("name") == topic.get("name"));
        let recorded = recorded.find_map(|each| each.get("partitions")?.as_array());
        if let Some(partitions) = topic.get_mut("partitions").and_then(Value::as_array_mut)
            && recorded.is_some_and(|recorded| recorded.len() > 1 && recorded.iter().is_sorted_by_key(index))
        {
            partitions.shared_sort_by_key(index);
        }
    }
}

/// The same of the partitions of a transaction, which are told by their numbers.
fn sort_described_as_recorded(whole: &mut Value, saw: &Value) {
    let states = whole.get_mut("transactionStates").and_then(Value::as_array_mut).into_iter().flatten();
    for (at, state) in states.enumerate() {
        let topics = state.get_mut("topics").and_then(Value::as_array_mut).into_iter().flatten();
        for (topic_at, topic) in topics.enumerate() {
            let recorded = saw.pointer(&format!("/transactionStates/{at}/topics/{topic_at}/partitions"));
            let is_sorted = recorded
                .and_then(Value::as_array)
                .is_some_and(|recorded| recorded.iter().is_sorted_by_key(|each| each.as_i64()));
            if let Some(partitions) = topic.get_mut("partitions").and_then(Value::as_array_mut).filter(|_| is_sorted) {
                partitions.shared_sort_by_key(Value::as_i64);
            }
        }
    }
}

/// The same of the partitions of a member's assignment, which stand as those of a hash map.
fn sort_assignment_as_recorded(whole: &mut Value, saw: &Value) {
    const TOPICS: &str = "/assignment/topicPartitions";
    let recorded = saw.pointer(TOPICS).and_then(Value::as_array).into_iter().flatten();
    let mut recorded = recorded.filter_map(|topic| topic.get("partitions")?.as_array());
    if !recorded.all(|partitions| partitions.iter().is_sorted_by_key(|each| each.as_i64())) {
        return;
    }
    for topic in whole.pointer_mut(TOPICS).and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(partitions) = topic.get_mut("partitions").and_then(Value::as_array_mut) {
            partitions.shared_sort_by_key(Value::as_i64);
        }
    }
}

/// The same of transactional ids.
fn sort_transactions(whole: &mut Value, saw: &Value) {
    let id = |each: &Value| each.get("transactionalId").and_then(Value::as_str).map(str::to_owned);
    let recorded = saw.get("transactionStates").and_then(Value::as_array);
    if recorded.is_some_and(|recorded| recorded.iter().is_sorted_by_key(id))
        && let Some(listed) = whole.get_mut("transactionStates").and_then(Value::as_array_mut)
    {
        listed.shared_sort_by_key(id);
    }
}

/// Topics may be told by their names alone; then Kafka's own are left out.
fn name_topics_as_recorded(whole: &mut Value, saw: &Value) {
    let recorded = saw.get("topics").and_then(Value::as_array);
    if !recorded.is_some_and(|recorded| !recorded.is_empty() && recorded.iter().all(Value::is_string)) {
        return;
    }
    if let Some(topics) = whole.get_mut("topics").and_then(Value::as_array_mut) {
        let names = topics.iter().filter_map(|topic| topic.get("name")?.as_str().map(str::to_owned));
        let mut names: Vec<String> = names.filter(|name| !is_kafkas_own(name)).collect();
        names.shared_sort_by_key(String::clone);
        *topics = names.into_iter().map(Value::from).collect();
    }
}

/// An assignment may be told by how many partitions are in it.
fn count_assignment_as_recorded(whole: &mut Value, saw: &Value) {
    if saw.get("assignment").is_some_and(Value::is_string)
        && let Some(topics) = whole.pointer("/assignment/topicPartitions").and_then(Value::as_array)
    {
        let count: usize = topics.iter().filter_map(|topic| topic.get("partitions")?.as_array()).map(Vec::len).sum();
        whole["assignment"] = json!(format!("{count} partitions"));
    }
}

fn is_error_name(value: &Value) -> bool {
    value.as_str().is_some_and(|text| ErrorCode::from_name(text).is_some())
}

/// Every error of an answer, outer ones first.
fn collect_errors(value: &Value, errors: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            errors.extend(fields.get("errorCode").cloned());
            fields.values().for_each(|field| collect_errors(field, errors));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect_errors(element, errors)),
        _ => {}
    }
}

/// Features may be told as lists, or as one level a name.
fn format_features_as_recorded(whole: &mut Value, saw: &Value) {
    for list in ["supportedFeatures", "finalizedFeatures"] {
        sort_as_recorded(whole, list, "name", saw);
        if saw.get(list).is_some_and(Value::is_object)
            && let Some(features) = whole.get_mut(list)
        {
            let level = |each: &Value| {
                let level = each.get("maxVersionLevel").or_else(|| each.get("maxVersion"))?;
                Some((each.get("name")?.as_str()?.to_owned(), level.clone()))
            };
            *features = Value::Object(features.as_array().into_iter().flatten().filter_map(level).collect());
        }
    }
}

/// Adds to every batch and record the fields that transcripts name differently.
pub(super) fn in_transcripts_words(value: Value) -> Value {
    match value {
        Value::Array(elements) => elements.into_iter().map(in_transcripts_words).collect(),
        Value::Object(fields) => {
            let mut fields: Map<String, Value> =
                fields.into_iter().map(|(name, value)| (name, in_transcripts_words(value))).collect();
            let number = |name: &str| fields.get(name).and_then(Value::as_i64);
            if let (Some(base), Some(delta)) = (number("baseOffset"), number("lastOffsetDelta")) {
                let epoch = fields.get("partitionLeaderEpoch").cloned().unwrap_or_default();
                let count = fields.get("records").and_then(Value::as_array).map_or(0, Vec::len);
                let transactional = fields.get("isTransactional").cloned().unwrap_or_default();
                fields.insert("lastOffset".into(), (base + delta).into());
                fields.insert("leaderEpoch".into(), epoch);
                fields.insert("count".into(), count.into());
                fields.insert("transactional".into(), transactional);
                let is_control = fields.get("isControl") == Some(&Value::Bool(true));
                fields.insert("control".into(), is_control.into());
                for record in fields.get_mut("records").and_then(Value::as_array_mut).into_iter().flatten() {
                    let delta = record.get("offsetDelta").and_then(Value::as_i64);
                    if let (Some(record), Some(delta)) = (record.as_object_mut(), delta) {
                        record.insert("offset".into(), (base + delta).into());
                        if let Some(kind) = record.get("key").and_then(marker_kind).filter(|_| is_control) {
                            record.insert("controlType".into(), kind.into());
                        }
                    }
                }
            }
            Value::Object(fields)
        }
        other => other,
    }
}

/// How a transaction ended, by the key of its marker: a version and a type of two bytes each.
fn marker_kind(key: &Value) -> Option<&'static str> {
    match key.as_str()?.as_bytes() {
        [0, 0, 0, 0] => Some("ABORT"),
        [0, 0, 0, 1] => Some("COMMIT"),
        _ => None,
    }
}

/// The answer, its only topic, its only partition: as far as there is only one.
fn chain(whole: &Value) -> Vec<&Value> {
    let mut chain = vec![whole];
    while let Some((_, list)) = chain.last().and_then(|last| only_list(last)) {
        match list.as_slice() {
            [only] if only.is_object() => chain.push(only),
            _ => break,
        }
    }
    chain
}

/// The only field of an answer that lists what it answers about.
fn only_list(value: &Value) -> Option<(&str, &Vec<Value>)> {
    let object = value.as_object()?;
    // An OffsetFetch is answered by topic or by group: the list of the other form is empty.
    let is_by_group = object.contains_key("groups");
    let mut lists = object.iter().filter_map(|(name, value)| {
        let list = value.as_array()?;
        let is_aside = matches!(name.as_str(), "nodeEndpoints" | "records" | "recordErrors" | "abortedTransactions")
            || (is_by_group && name == "topics" && list.is_empty());
        (!is_aside && list.iter().all(Value::is_object)).then_some((name.as_str(), list))
    });
    let first = lists.next()?;
    match lists.next() {
        None => Some(first),
        // `Metadata` lists the cluster's brokers beside what was asked for.
        Some(second) if first.0 == "brokers" && lists.next().is_none() => Some(second),
        Some(_) => None,
    }
}

/// The fields of a chain in one object. An outer field comes before an inner one of its name; the error is the first that is one.
fn flat(whole: &Value) -> Value {
    let chain = chain(whole);
    let mut merged = Map::new();
    for object in chain.iter().filter_map(|value| value.as_object()) {
        for (name, value) in object {
            merged.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    if merged.contains_key("errorCode") {
        merged.insert("errorCode".into(), first_error(&chain));
    }
    Value::Object(merged)
}

fn first_error(chain: &[&Value]) -> Value {
    let errors = chain.iter().filter_map(|value| value.get("errorCode"));
    let mut errors = errors.skip_while(|error| error.as_str() == Some("NONE"));
    errors.next().cloned().unwrap_or_else(|| Value::from("NONE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_one_partition_may_be_told_as_its_fields() {
        let whole = json!({"errorCode": "NONE", "sessionId": 0, "responses": [{"topicId": "x", "partitions": [
            {"partitionIndex": 0, "errorCode": "OFFSET_OUT_OF_RANGE", "records": [{"baseOffset": 3}]}]}]});
        let flat = flat(&whole);
        assert_eq!(flat["errorCode"], "OFFSET_OUT_OF_RANGE");
        assert_eq!(flat["partitionIndex"], 0);
        assert_eq!(flat["records"][0]["baseOffset"], 3);
    }

    #[test]
    fn the_brokers_of_a_metadata_answer_are_not_what_was_asked_for() {
        let topics = json!([{"name": "a b", "errorCode": "INVALID_TOPIC_EXCEPTION", "partitions": []}]);
        let whole = json!({"brokers": [{"nodeId": 1}], "topics": topics});
        assert_eq!(flat(&whole)["errorCode"], "INVALID_TOPIC_EXCEPTION");
        assert_eq!(flat(&json!({"errorCode": "NONE", "brokers": [{"brokerId": 4}]}))["brokerId"], 4);
    }

    #[test]
    fn topics_told_sorted_are_compared_sorted() {
        let topics = || json!({"topics": [{"name": "two"}, {"name": "three"}]});
        let mut whole = topics();
        sort_as_recorded(&mut whole, "topics", "name", &topics());
        assert_eq!(whole, topics(), "told as they came");
        sort_as_recorded(&mut whole, "topics", "name", &json!({"topics": [{"name": "three"}, {"name": "two"}]}));
        assert_eq!(whole["topics"][0]["name"], "three");
    }

    #[test]
    fn features_are_told_by_name_or_in_order() {
        let answer = || {
            json!({"finalizedFeatures": [
            {"name": "b", "maxVersionLevel": 2, "minVersionLevel": 2}, {"name": "a", "maxVersionLevel": 1}]})
        };
        let mut whole = answer();
        format_features_as_recorded(&mut whole, &json!({"finalizedFeatures": {"b": 2}}));
        assert_eq!(whole["finalizedFeatures"], json!({"b": 2, "a": 1}));
        let mut whole = answer();
        format_features_as_recorded(&mut whole, &json!({"finalizedFeatures": [["a", 1, 1], ["b", 2, 2]]}));
        assert_eq!(whole["finalizedFeatures"][0]["name"], "a");
    }

    #[test]
    fn batches_get_the_words_of_transcripts() {
        let recorded = in_transcripts_words(
            json!([{"baseOffset": 4, "lastOffsetDelta": 2, "partitionLeaderEpoch": 1, "records": []}]),
        );
        assert_eq!(recorded[0]["lastOffset"], 6);
        assert_eq!(recorded[0]["leaderEpoch"], 1);
    }
}
