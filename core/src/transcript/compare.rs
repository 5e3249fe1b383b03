//! Compares what a real Kafka answered with what the engine answers, field by field.
//!
//! Only what the transcript tells is compared. A field that Kafka's answer has and the engine's lacks is a difference.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::Cluster;
use crate::sort::SharedSort;
use serde_json::{Map, Value};

use super::names::{Names, is_name};
use super::verbs_raw::LAB_CLUSTER_ID;

/// A field in which the engine is not like Kafka.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which step of the transcript, from 0, as in `steps[3]`.
    pub step: usize,
    /// The step's verb.
    pub verb: String,
    /// Where in `saw`.
    pub path: String,
    /// What Kafka answered.
    pub expected: String,
    /// What the engine answers.
    pub got: String,
}

/// Words of transcripts beside an answer's own fields.
const REMARKS: [&str; 2] = ["after", "afterMs"];

/// What to make of a field that was told and is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The engine's record lacks it: a difference.
    Differs,
    /// The player has no word for it: it cannot be compared.
    Unsupported,
}

/// One comparison under way.
pub struct Comparison<'a> {
    /// The cluster, which knows what some names stand for.
    pub cluster: &'a Cluster,
    /// What the names stand for.
    pub names: &'a mut Names,
    /// Single facts compared.
    pub compared: u32,
    /// Single facts that the engine cannot say, by field.
    pub not_compared: BTreeMap<String, u32>,
    /// What differs: path, expected, got.
    pub differences: Vec<(String, String, String)>,
    missing: Missing,
}

/// How many single facts a value tells.
pub fn leaves(value: &Value) -> u32 {
    match value {
        Value::Object(fields) => fields.values().map(leaves).sum::<u32>().max(1),
        Value::Array(elements) => elements.iter().map(leaves).sum::<u32>().max(1),
        _ => 1,
    }
}

impl<'a> Comparison<'a> {
    /// A comparison in which nothing was compared yet.
    pub fn new(cluster: &'a Cluster, names: &'a mut Names, missing: Missing) -> Self {
        Self { cluster, names, compared: 0, not_compared: BTreeMap::new(), differences: Vec::new(), missing }
    }

    /// Counts everything in `expected` as what the engine cannot say.
    pub fn cannot_say(&mut self, field: &str, expected: &Value) {
        *self.not_compared.entry(field.to_owned()).or_default() += leaves(expected);
    }

    /// Notes a difference.
    pub fn differs(&mut self, path: &str, expected: &Value, got: &Value) {
        self.compared += 1;
        self.differences.push((path.to_owned(), expected.to_string(), got.to_string()));
    }

    /// Compares a value and all that is in it.
    pub fn compare(&mut self, path: &str, expected: &Value, actual: &Value) {
        match (expected, actual) {
            // Two records of different types have no field in common.
            (Value::Object(fields), Value::Object(others)) if are_of_different_types(fields, others) => {
                self.compared += leaves(expected);
                self.differences.push((path.to_owned(), expected.to_string(), actual.to_string()));
            }
            (Value::Object(fields), Value::Object(_)) => {
                for (field, expected) in fields {
                    match get(actual, field) {
                        // Addresses are the recorder's; a cluster of values has none.
                        Some(_) if is_address(expected) => self.cannot_say(field, expected),
                        Some(actual) => self.compare(&join(path, field), expected, actual),
                        None => self.lacks(path, field, expected),
                    }
                }
                if fields.is_empty() {
                    self.compared += 1;
                }
            }
            (Value::Array(elements), Value::Array(others)) => self.compare_lists(path, elements, others),
            // A batch may be told as its first offset, its last and its epoch.
            (Value::Array(elements), Value::Object(fields))
                if elements.len() == 3 && fields.contains_key("lastOffset") =>
            {
                let recorded: Vec<Value> =
                    ["baseOffset", "lastOffset", "leaderEpoch"].map(|name| fields[name].clone()).into();
                self.compare_elements(path, elements, &recorded);
            }
            // A list may stand for the fields of an object, in order; a number for the node it names.
            (Value::Array(elements), Value::Object(fields)) if elements.len() == fields.len() => {
                for (index, (expected, actual)) in elements.iter().zip(fields.values()).enumerate() {
                    self.compare(&format!("{path}[{index}]"), expected, actual);
                }
            }
            (Value::Number(_), Value::Object(fields)) if fields.contains_key("nodeId") => {
                self.compare_leaf(path, expected, &fields["nodeId"]);
            }
            // Some reports count a list instead of telling it.
            (Value::Number(number), Value::Array(others)) => {
                let count = Value::from(others.len());
                self.compare_leaf(path, &Value::Number(number.clone()), &count);
            }
            _ => self.compare_leaf(path, expected, actual),
        }
    }

    /// A field that was told is not there. One with a space in its name is no field of Kafka but a remark.
    fn lacks(&mut self, path: &str, field: &str, expected: &Value) {
        if self.missing == Missing::Unsupported || field.contains(' ') || REMARKS.contains(&field) {
            return self.cannot_say(field, expected);
        }
        self.compared += leaves(expected);
        self.differences.push((join(path, field), expected.to_string(), "no such field".to_owned()));
    }

    /// What Kafka lists in the order of a hash table, in the order in which it fits best to what was told: members of a group,
    /// access rules. What has a name already is looked for first.
    fn in_recorded_order(&mut self, expected: &[Value], actual: &[Value]) -> Vec<Value> {
        let mut left: Vec<&Value> = actual.iter().collect();
        let mut order: Vec<usize> = (0..expected.len()).collect();
        order.shared_sort_by_key(|index| self.names.unknown_names(&expected[*index]).len());
        let mut placed = vec![Value::Null; expected.len()];
        let mut undecided = BTreeSet::new();
        for index in order {
            let differing = |each: &Value| {
                let mut names = self.names.clone();
                let mut trial = Comparison::new(self.cluster, &mut names, self.missing);
                trial.compare("", &expected[index], each);
                trial.differences.len()
            };
            let differences: Vec<usize> = left.iter().map(|each| differing(each)).collect();
            let best = (0..left.len()).min_by_key(|at| differences[*at]);
            if let Some(best) = best {
                let alike = differences.iter().filter(|count| **count == differences[best]).count();
                let names = self.names.unknown_names(&expected[index]);
                if alike > 1 || (left.len() == 1 && !undecided.is_empty()) {
                    undecided.extend(names.into_iter().map(str::to_owned));
                }
                placed[index] = left.remove(best).clone();
            }
        }
        self.names.may_be_exchanged(undecided);
        placed
    }

    fn compare_lists(&mut self, path: &str, expected: &[Value], actual: &[Value]) {
        let last = path.rsplit('.').next().unwrap_or(path);
        if expected.len() != actual.len() {
            self.differs(path, &Value::from(expected), &Value::from(actual));
        } else if expected.is_empty() {
            self.compared += 1;
        } else if matches!(last, "isr" | "isrNodes" | "elr") {
            // The order of an ISR says nothing.
            let (mut expected, mut actual) = (expected.to_vec(), actual.to_vec());
            expected.shared_sort_by_key(Value::to_string);
            actual.shared_sort_by_key(Value::to_string);
            self.compare_elements(path, &expected, &actual);
        } else if lists_a_hash_table(last) && !(last == "entries" && expected.iter().all(is_altered_quota)) {
            // Kafka lists members, their topics, producers, access rules and quotas in the order of hash tables.
            let actual = self.in_recorded_order(expected, actual);
            self.compare_elements(path, expected, &actual);
        } else if matches!(last, "groups" | "results") && expected.iter().all(|each| each.get("groupId").is_some()) {
            // A coordinator goes through the partitions of its groups in the order of a hash table; recorded as asked or sorted.
            let by_name = |value: &Value| value.get("groupId").map(Value::to_string);
            let (mut expected, mut actual) = (expected.to_vec(), actual.to_vec());
            expected.shared_sort_by_key(by_name);
            actual.shared_sort_by_key(by_name);
            self.compare_elements(path, &expected, &actual);
        } else if all_have(expected, "partitions", &["committedOffset", "lowWatermark", "partitionSize", "isFutureKey"])
        {
            // Committed offsets, low watermarks and sizes of logs are kept in hash tables by topic and partition; recorded as asked or sorted.
            let (mut expected, mut actual) = (expected.to_vec(), actual.to_vec());
            let key = |value: &Value| {
                let index = value.get("partitionIndex").and_then(Value::as_i64);
                (value.get("name").map(Value::to_string), index)
            };
            expected.shared_sort_by_key(key);
            actual.shared_sort_by_key(key);
            self.compare_elements(path, &expected, &actual);
        } else if last == "responses" && expected.iter().all(is_deleted_topic) {
            // Topics that are deleted go by their random ids.
            let actual = self.in_recorded_order(expected, actual);
            self.compare_elements(path, expected, &actual);
        } else if last == "resultsByTransaction" {
            // The transactions of one request are answered as they come to an end; recorded as asked.
            let by_id = |value: &Value| value.get("transactionalId").map(Value::to_string);
            let (mut expected, mut actual) = (expected.to_vec(), actual.to_vec());
            expected.shared_sort_by_key(by_id);
            actual.shared_sort_by_key(by_id);
            self.compare_elements(path, &expected, &actual);
        } else if last == "resultsByPartition" {
            // Whether a transaction has partitions is answered in the order of a hash map or as asked.
            let by_index = |value: &Value| value.get("partitionIndex").and_then(Value::as_i64);
            let (mut expected, mut actual) = (expected.to_vec(), actual.to_vec());
            expected.shared_sort_by_key(by_index);
            actual.shared_sort_by_key(by_index);
            self.compare_elements(path, &expected, &actual);
        } else if last == "responses" && expected.iter().all(|each| each.get("partitionResponses").is_some()) {
            // A leader answers in the order of a hash map; recorded in that order or as asked.
            let actual = self.in_recorded_order(expected, actual);
            self.compare_elements(path, expected, &actual);
        } else if last == "partitionResponses" {
            // A leader answers in the order of a hash map whose keys have the topic's random id in them.
            let by_index = |value: &Value| value.get("index").and_then(Value::as_i64);
            let (mut expected, mut actual) = (expected.to_vec(), actual.to_vec());
            expected.shared_sort_by_key(by_index);
            actual.shared_sort_by_key(by_index);
            self.compare_elements(path, &expected, &actual);
        } else {
            self.compare_elements(path, expected, actual);
        }
    }

    fn compare_elements(&mut self, path: &str, expected: &[Value], actual: &[Value]) {
        for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
            self.compare(&format!("{path}[{index}]"), expected, actual);
        }
    }

    fn compare_leaf(&mut self, path: &str, expected: &Value, actual: &Value) {
        self.compared += 1;
        if !self.matches(expected, actual) {
            self.differences.push((path.to_owned(), expected.to_string(), actual.to_string()));
        }
    }

    /// Whether a value that is no object is as told.
    pub fn matches(&mut self, expected: &Value, actual: &Value) -> bool {
        if expected == actual {
            return true;
        }
        let Some(text) = expected.as_str() else { return false };
        if is_name(text) {
            return self.names.meet(self.cluster, text, actual);
        }
        match actual {
            // An admin client tells the one error that has no words of its own by its exception.
            Value::String(actual) if text == "UnknownServerException" => actual == "UNKNOWN_SERVER_ERROR",
            // The clusters of the lab have one id, the engine's have their own.
            Value::String(actual) => fits(&self.names.spelled_out(text).replace(LAB_CLUSTER_ID, "<clusterId>"), actual),
            Value::Number(number) => {
                let number = number.as_i64().unwrap_or(i64::MIN);
                text.parse() == Ok(number)
                    || range(text).is_some_and(|(low, high)| (low..=high).contains(&number))
                    || fits(text, &number.to_string())
            }
            _ => is_placeholder(text),
        }
    }
}

/// A field of an answer by the transcript's word for it.
pub fn get<'v>(actual: &'v Value, field: &str) -> Option<&'v Value> {
    let other = match field {
        "error" => "errorCode",
        "topicConfigError" => "topicConfigErrorCode",
        "partitionError" => "partitionErrorCode",
        _ => field,
    };
    actual.get(field).or_else(|| actual.get(other))
}

/// Of an answer what the other one tells: the same fields in the same order.
pub fn restrict_to_recorded(expected: &Value, actual: &Value) -> Value {
    match (expected, actual) {
        (Value::Object(fields), Value::Object(_)) => {
            let recorded = fields.iter().filter_map(|(field, expected)| {
                Some((field.clone(), restrict_to_recorded(expected, get(actual, field)?)))
            });
            Value::Object(recorded.collect())
        }
        (Value::Array(elements), Value::Array(others)) if elements.len() == others.len() => {
            elements.iter().zip(others).map(|(expected, actual)| restrict_to_recorded(expected, actual)).collect()
        }
        _ => actual.clone(),
    }
}

/// Whether elements have one of these fields, or are topics with such partitions. What was not the same in each run is left out, so
/// that a partition may be told by its number alone.
fn all_have(elements: &[Value], partitions: &str, fields: &[&str]) -> bool {
    let has = |value: &Value| fields.iter().any(|field| value.get(*field).is_some());
    let has_one = |inner: &[Value]| {
        inner.iter().any(has) && inner.iter().all(|each| has(each) || each.get("partitionIndex").is_some())
    };
    let inner: Option<Vec<&Vec<Value>>> =
        elements.iter().map(|element| element.get(partitions)?.as_array().filter(|inner| !inner.is_empty())).collect();
    let are_topics = inner.is_some_and(|inner| inner.into_iter().any(|inner| has_one(inner)));
    are_topics || has_one(elements)
}

/// Whether an element of an answer tells of a topic that was deleted, and of nothing else.
fn is_deleted_topic(element: &Value) -> bool {
    let only = |fields: &Map<String, Value>| {
        fields.keys().all(|field| matches!(field.as_str(), "name" | "topicId" | "error" | "errorMessage"))
    };
    element.get("name").is_some() && element.as_object().is_some_and(only)
}

/// Whether an element of an answer tells what came of changed quotas: those stand in the order of a hash table whose keys have nothing
/// random.
fn is_altered_quota(element: &Value) -> bool {
    element.get("entity").is_some() && element.get("values").is_none()
}

/// Whether Kafka lists what this field holds in the order of a hash table, whose keys are random or have no meaning.
fn lists_a_hash_table(field: &str) -> bool {
    matches!(
        field,
        "members"
            | "topicPartitions"
            | "activeProducers"
            | "resultsByTopicV3AndBelow"
            | "acls"
            | "matchingAcls"
            | "resources"
            | "entries"
            | "entity"
            | "values"
            | "configResources"
    )
}

fn are_of_different_types(expected: &Map<String, Value>, actual: &Map<String, Value>) -> bool {
    let of = |fields: &Map<String, Value>| fields.get("type").and_then(Value::as_str).map(str::to_owned);
    of(expected).zip(of(actual)).is_some_and(|(expected, actual)| expected != actual)
}

/// An address of the recorder's, or a list of its listeners.
fn is_address(value: &Value) -> bool {
    let is_listener = |text: &str| {
        let address = text.split_once("://").map(|(_, address)| address);
        !text.contains(' ') && address.is_some_and(|address| address.starts_with("127.0.0."))
    };
    value.as_str().is_some_and(|text| text.starts_with("127.0.0.") || text.split(',').all(is_listener))
}

/// The path of a field.
pub fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

/// Whether a text is nothing but a `<placeholder>`.
pub fn is_placeholder(text: &str) -> bool {
    text.starts_with('<') && text.ends_with('>') && text.matches('<').count() == 1
}

/// Whether a text is as told, where `<time>` and the like stand for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some((literal, after)) = rest.split_once('<') {
        let Some((_, after)) = after.split_once('>') else { break };
        pieces.push(literal);
        rest = after;
    }
    if pieces.is_empty() {
        return pattern == text;
    }
    let Some(mut left) = text.strip_prefix(pieces[0]) else { return false };
    for piece in &pieces[1..] {
        match left.find(piece) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    left.ends_with(rest)
}

/// `3000 to 3100`, `between 3500 and 6500`, `0 .. 9`.
pub fn range(text: &str) -> Option<(i64, i64)> {
    let text = text.strip_prefix("between ").unwrap_or(text);
    let (low, high) = [" to ", " and ", " .. "].iter().find_map(|word| text.split_once(word))?;
    Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Compared, not compared and differing.
    fn compared(missing: Missing, expected: &Value, actual: &Value) -> (u32, u32, usize) {
        let (config, _) = crate::transcript::order::read(&json!({"nodes": [{"id": 1, "roles": "broker,controller"}]}))
            .expect("it is a cluster");
        let cluster = Cluster::new(&config, 1).expect("it is a cluster");
        let mut names = Names::default();
        let mut comparison = Comparison::new(&cluster, &mut names, missing);
        comparison.compare("", expected, actual);
        (comparison.compared, comparison.not_compared.values().sum(), comparison.differences.len())
    }

    #[test]
    fn sizes_of_logs_are_compared_by_topic_and_partition_though_one_is_left_out() {
        let topic = |name: &str, partitions: Value| json!({"name": name, "partitions": partitions});
        let size = |partition: i32, size: i32| json!({"partitionIndex": partition, "partitionSize": size});
        let told = json!({"topics": [topic("b", json!([{"partitionIndex": 1}, size(0, 5)])), topic("a", json!([size(0, 7)]))]});
        let ours = |first: i32| json!({"topics": [topic("a", json!([size(0, 7)])), topic("b", json!([size(0, first), size(1, 9)]))]});
        assert_eq!(compared(Missing::Differs, &told, &ours(5)).2, 0);
        assert_eq!(compared(Missing::Differs, &told, &ours(6)).2, 1);
    }

    #[test]
    fn a_field_that_the_engine_lacks_differs_but_a_word_of_the_player_cannot_be_said() {
        let (recorded, ours) = (json!({"leader": 1, "moon": {"full": true, "new": false}}), json!({"leader": 1}));
        assert_eq!(compared(Missing::Differs, &recorded, &ours), (3, 0, 1));
        assert_eq!(compared(Missing::Unsupported, &recorded, &ours), (1, 2, 0));
        assert_eq!(compared(Missing::Differs, &json!({"what it said": 1, "after": "3 s"}), &ours), (0, 2, 0));
    }

    #[test]
    fn members_stand_in_any_order_and_are_told_apart() {
        let recorded =
            json!({"members": [{"memberId": "member:1", "host": "a"}, {"memberId": "member:2", "host": "b"}]});
        let ours = json!({"members": [{"memberId": "y", "host": "b"}, {"memberId": "x", "host": "a"}]});
        assert_eq!(compared(Missing::Differs, &recorded, &ours).2, 0);
        let twice = json!({"members": [{"memberId": "x", "host": "b"}, {"memberId": "x", "host": "a"}]});
        assert_eq!(compared(Missing::Differs, &recorded, &twice).2, 1, "two names are two members");
        let bound = json!([{"memberId": "member:2"}, recorded]);
        let later = json!([{"memberId": "x"}, ours]);
        assert!(compared(Missing::Differs, &bound, &later).2 > 0, "member 2 is x, whose host is a");
    }

    #[test]
    fn members_that_nothing_told_apart_may_turn_out_to_be_each_other() {
        let member = |name: &str| json!({"memberId": name, "metadata": ""});
        let listed = |names: [&str; 2]| json!({"members": names.map(member)});
        let recorded = |second: &str| json!([listed(["member:1", "member:2"]), {"memberId": second}]);
        let ours = |second: &str| json!([listed(["x", "y"]), {"memberId": second}]);
        assert_eq!(compared(Missing::Differs, &recorded("member:1"), &ours("x")).2, 0);
        assert_eq!(compared(Missing::Differs, &recorded("member:1"), &ours("y")).2, 0, "member 1 is y");
        let back = |last: &str| json!([recorded("member:1"), {"memberId": last}]);
        let actual = json!([ours("y"), {"memberId": "x"}]);
        assert_eq!(compared(Missing::Differs, &back("member:2"), &actual).2, 0);
        assert_eq!(compared(Missing::Differs, &back("member:1"), &actual).2, 1, "what was told apart stays so");
    }

    #[test]
    fn groups_stand_in_any_order_each_with_what_is_its_own() {
        let recorded = json!({"groups": [{"groupId": "a", "error": "NONE"}, {"groupId": "b", "error": "X"}]});
        let ours = |of_a: &str| json!({"groups": [{"groupId": "b", "error": "X"}, {"groupId": "a", "error": of_a}]});
        assert_eq!(compared(Missing::Differs, &recorded, &ours("NONE")).2, 0);
        assert_eq!(compared(Missing::Differs, &recorded, &ours("X")).2, 1);
    }

    #[test]
    fn records_of_different_types_differ_once() {
        let (recorded, ours) = (json!({"type": "A", "x": 1, "y": 2}), json!({"type": "B", "z": 1}));
        assert_eq!(compared(Missing::Differs, &recorded, &ours), (3, 0, 1));
    }

    #[test]
    fn a_placeholder_stands_for_anything() {
        assert!(fits("Timestamp <time> of [<time>, <time>]", "Timestamp 5 of [-1, 10]"));
        assert!(!fits("Timestamp <time> of", "Timestamp 5 in"));
        assert!(fits("<varies>", ""));
        assert!(!fits("plain", "plainer"));
    }

    #[test]
    fn ranges_are_told_in_three_ways() {
        assert_eq!(range("3000 to 3100"), Some((3000, 3100)));
        assert_eq!(range("between 1 and 2"), Some((1, 2)));
        assert_eq!(range("0 .. 9"), Some((0, 9)));
        assert_eq!(range("NONE"), None);
    }

    #[test]
    fn facts_are_counted_singly() {
        let saw = serde_json::json!({"a": 1, "b": [], "c": {"d": [1, 2]}});
        assert_eq!(leaves(&saw), 4);
    }
}
