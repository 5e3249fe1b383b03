//! Protocol messages are written and read under Kafka's names, and what cannot be read is told with its place.

use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::{Command, CommandError};
use kafkascope_core::config::ClusterConfig;
use kafkascope_core::wire::codec::{JsonType, TextForm};
use kafkascope_core::wire::{ApiKey, MessageError, MessageProblem, Request, Response, Uuid};
use serde_json::{Value, json};
use strum::VariantArray;

/// Reads a message and writes it again.
type Rewrite<'a> = &'a dyn Fn(&Value) -> Result<Value, MessageError>;

/// Small numbers from a seed (`java.util.Random`'s constants).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(11);
        self.0 >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next()).unwrap_or(0) % end
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        let at = self.below(items.len());
        items[at].clone()
    }
}

/// The message with another value at one place, if it may be there.
fn with(message: &Value, at: &str, value: Value, rewrite: Rewrite<'_>) -> Result<Value, MessageError> {
    let mut changed = message.clone();
    *changed.pointer_mut(at).expect("the place is there") = value;
    rewrite(&changed)
}

/// What the items of a list, or the value of a field that may be null, could be.
fn candidates() -> Vec<Value> {
    let batch = json!({
        "baseOffset": 7, "lastOffsetDelta": 1, "partitionLeaderEpoch": 3, "producerId": -1, "producerEpoch": -1,
        "baseSequence": -1, "isTransactional": false, "isControl": false, "timestampType": "LogAppendTime",
        "sentTimestamps": [5, 6], "deleteHorizonMs": 9,
        "records": [
            {"offsetDelta": 0, "timestamp": 8, "key": "k", "value": {"hex": "ff00"}},
            {"offsetDelta": 1, "timestamp": 8, "key": null, "value": null, "headers": [{"key": "h", "value": "v"}]},
        ],
    });
    let hand_made = json!({"records": [{"key": "k", "value": null, "timestamp": 3}], "producerId": 4, "corrupt": true});
    let record = json!({"offsetDelta": 3, "timestamp": -1, "key": "k", "value": "v"});
    let header = json!({"key": "h", "value": null});
    vec![
        batch,
        hand_made,
        json!({}),
        record,
        header,
        json!([]),
        json!(0),
        json!("text"),
        json!("AAAAAAAAAAAAAAAAAAAAAQ"),
        json!(true),
    ]
}

/// Fills every place of a message with something else that may be there. The errors say what that is.
fn fill(message: &mut Value, at: &str, random: &mut Random, rewrite: Rewrite<'_>) {
    let place = message.pointer(at).expect("the place is there").clone();
    match place {
        Value::Object(fields) => fields.keys().for_each(|name| fill(message, &format!("{at}/{name}"), random, rewrite)),
        Value::Array(_) => {
            let count = random.below(3);
            let lists = candidates().into_iter().map(|item| Value::Array(vec![item; count]));
            let mut accepted = lists.filter_map(|list| with(message, at, list, rewrite).ok());
            *message = accepted.next().unwrap_or_else(|| panic!("{at}: no list"));
            for index in 0..count {
                fill(message, &format!("{at}/{index}"), random, rewrite);
            }
        }
        Value::Null => {
            let accepted: Vec<Value> =
                candidates().into_iter().filter_map(|value| with(message, at, value, rewrite).ok()).collect();
            assert!(!accepted.is_empty(), "{at} is always null");
            *message = random.pick(&accepted);
            if !message.pointer(at).is_none_or(Value::is_null) && random.below(2) == 0 {
                fill(message, at, random, rewrite);
            }
        }
        Value::Number(_) => {
            let (min, max) = match with(message, at, json!(i64::MIN), rewrite).map_err(|error| error.problem) {
                Err(MessageProblem::OutOfRange { min, max, .. }) => (min, max),
                Err(other) => panic!("{at}: {other:?}"),
                Ok(_) => (i64::MIN, i64::MAX),
            };
            if max < i64::MAX {
                let above = with(message, at, json!(max + 1), rewrite).expect_err("it is above the range");
                assert!(matches!(above.problem, MessageProblem::OutOfRange { .. }), "{at}: {above}");
            }
            let number = random.pick(&[min, max, -1, 0, 7]).max(min);
            *message = with(message, at, json!(number), rewrite).unwrap_or_else(|error| panic!("{at}: {error}"));
        }
        Value::Bool(flag) => *message = with(message, at, json!(!flag), rewrite).expect("a boolean"),
        Value::String(_) => {
            let text = random.pick(&["orders", "", "a b", "$%&"]);
            let text = match with(message, at, json!(text), rewrite).map_err(|error| error.problem) {
                Ok(_) => text.to_owned(),
                Err(MessageProblem::UnknownValue { expected, .. }) => random.pick(&expected),
                Err(MessageProblem::Malformed { expected: TextForm::Uuid, .. }) => {
                    Uuid(u128::from(random.next()) << 64 | u128::from(random.next())).to_string()
                }
                Err(MessageProblem::Malformed { expected: TextForm::Hexadecimal, .. }) => "00ff".to_owned(),
                Err(other) => panic!("{at}: {other:?}"),
            };
            *message = with(message, at, json!(text), rewrite).unwrap_or_else(|error| panic!("{at}: {error}"));
        }
    }
}

#[test]
fn every_message_is_read_as_it_was_written() {
    for api in ApiKey::VARIANTS.iter().copied() {
        let requests = |json: &Value| Request::from_json(api, json).map(|request| request.to_json());
        let responses = |json: &Value| Response::from_json(api, json).map(|response| response.to_json());
        assert_eq!(Request::from_json(api, &json!({})), Ok(Request::default_of(api)), "{api:?}");
        assert_eq!(Response::from_json(api, &json!({})), Ok(Response::default_of(api)), "{api:?}");
        for rewrite in [&requests as Rewrite<'_>, &responses] {
            let default = rewrite(&json!({})).expect("all fields have a default");
            assert_eq!(rewrite(&default).as_ref(), Ok(&default), "{api:?}");
            for seed in 0..12 {
                let mut message = default.clone();
                fill(&mut message, "", &mut Random(seed), rewrite);
                assert_eq!(rewrite(&message).as_ref(), Ok(&message), "{api:?}");
            }
        }
    }
}

fn refused(api: ApiKey, body: Value) -> (String, MessageProblem) {
    let error = Request::from_json(api, &body).expect_err("it is refused");
    (error.at, error.problem)
}

fn wrong_type(at: &str, found: JsonType, expected: JsonType) -> (String, MessageProblem) {
    (at.to_owned(), MessageProblem::WrongType { found, expected })
}

#[test]
fn an_unknown_field_is_refused_at_its_place_with_those_that_there_are() {
    let (at, problem) = refused(ApiKey::Produce, json!({"topicData": [{}, {"name": "t", "partitonData": []}]}));
    assert_eq!(at, "topicData[1].partitonData");
    let expected = ["name", "topicId", "partitionData"].map(str::to_owned).to_vec();
    assert_eq!(problem, MessageProblem::UnknownField { field: "partitonData".to_owned(), expected });
    // Rust's own spelling is none of Kafka's names.
    assert_eq!(refused(ApiKey::Produce, json!({"topic_data": []})).0, "topic_data");
    let batch = json!({"records": [], "compresion": "gzip"});
    let body = json!({"topicData": [{"partitionData": [{"records": [batch]}]}]});
    assert_eq!(refused(ApiKey::Produce, body).0, "topicData[0].partitionData[0].records[0].compresion");
}

#[test]
fn a_number_outside_of_its_types_range_is_refused() {
    let out = |at: &str, found: &str, min: i64, max: i64| {
        (at.to_owned(), MessageProblem::OutOfRange { found: found.to_owned(), min, max })
    };
    assert_eq!(refused(ApiKey::Produce, json!({"acks": 70_000})), out("acks", "70000", -32_768, 32_767));
    assert_eq!(
        refused(ApiKey::Produce, json!({"topicData": [{"partitionData": [{}, {"index": -2_147_483_649_i64}]}]})),
        out("topicData[0].partitionData[1].index", "-2147483649", i32::MIN.into(), i32::MAX.into())
    );
    let offset = json!({"topics": [{"partitions": [{"fetchOffset": u64::MAX}]}]});
    let at = "topics[0].partitions[0].fetchOffset";
    assert_eq!(refused(ApiKey::Fetch, offset), out(at, "18446744073709551615", i64::MIN, i64::MAX));
    assert_eq!(refused(ApiKey::Fetch, json!({"isolationLevel": 128})), out("isolationLevel", "128", -128, 127));
}

#[test]
fn a_value_of_another_type_is_refused() {
    use JsonType::{Array, Boolean, Fraction, Integer, Null, Object, String};
    assert_eq!(refused(ApiKey::Produce, json!([])), wrong_type("", Array, Object));
    assert_eq!(refused(ApiKey::Produce, json!({"acks": "all"})), wrong_type("acks", String, Integer));
    assert_eq!(refused(ApiKey::Produce, json!({"acks": 1.5})), wrong_type("acks", Fraction, Integer));
    assert_eq!(refused(ApiKey::Produce, json!({"topicData": null})), wrong_type("topicData", Null, Array));
    assert_eq!(refused(ApiKey::Produce, json!({"topicData": [true]})), wrong_type("topicData[0]", Boolean, Object));
    assert_eq!(refused(ApiKey::JoinGroup, json!({"groupId": null})), wrong_type("groupId", Null, String));
    let records = json!({"topicData": [{"partitionData": [{"records": {"records": [{"key": 5}]}}]}]});
    let at = "topicData[0].partitionData[0].records.records[0].key";
    assert_eq!(refused(ApiKey::Produce, records), wrong_type(at, Integer, String));
}

#[test]
fn names_forms_and_needed_fields_are_checked() {
    let malformed = |at: &str, found: &str, expected: TextForm| {
        (at.to_owned(), MessageProblem::Malformed { found: found.to_owned(), expected })
    };
    let topic = json!({"topics": [{"topicId": "orders"}]});
    assert_eq!(refused(ApiKey::Fetch, topic), malformed("topics[0].topicId", "orders", TextForm::Uuid));
    let join = json!({"protocols": [{"metadata": {"$base64": "?"}}]});
    let at = "protocols[0].metadata.$base64";
    assert_eq!(refused(ApiKey::JoinGroup, join), malformed(at, "?", TextForm::Base64));
    let value = json!({"topicData": [{"partitionData": [{"records": {"records": [{"value": {"hex": "0"}}]}}]}]});
    let at = "topicData[0].partitionData[0].records.records[0].value.hex";
    assert_eq!(refused(ApiKey::Produce, value), malformed(at, "0", TextForm::Hexadecimal));
    let batch = json!({"topicData": [{"partitionData": [{"records": {}}]}]});
    let missing = MessageProblem::MissingField { field: "records".to_owned() };
    let at = "topicData[0].partitionData[0].records.records".to_owned();
    assert_eq!(refused(ApiKey::Produce, batch), (at, missing));
    let error = Response::from_json(ApiKey::Fetch, &json!({"errorCode": "OUT_OF_PAPER"})).expect_err("no such code");
    assert!(
        matches!(&error.problem, MessageProblem::UnknownValue { found, expected }
            if found == "OUT_OF_PAPER" && expected.contains(&"OFFSET_OUT_OF_RANGE".to_owned())),
        "{error}"
    );
    assert_eq!(error.at, "errorCode");
}

#[test]
fn a_command_that_cannot_be_read_says_where() {
    let cluster = json!({"nodes": [{"id": 1, "roles": "broker"}, {"id": 2, "roles": "controller"}]});
    let cluster: ClusterConfig = serde_json::from_value(cluster).expect("a cluster");
    let mut cluster = Cluster::new(&cluster, 1).expect("it can be built");
    let mut refusal = |body: Value| {
        let port = kafkascope_core::actor::Listener::Broker;
        let request = Command::request(1, (1, port), ApiKey::Produce, None, body);
        cluster.apply(&request).expect_err("it is refused")
    };
    assert_eq!(
        refusal(json!({"acks": 70_000})),
        CommandError::RequestOutOfRange {
            at: "acks".to_owned(),
            found: "70000".to_owned(),
            min: "-32768".to_owned(),
            max: "32767".to_owned()
        }
    );
    // The request itself has no path.
    let found = JsonType::Integer;
    let wrong = CommandError::RequestWrongType { at: "body".to_owned(), found, expected: JsonType::Object };
    assert_eq!(refusal(json!(7)), wrong);
}
