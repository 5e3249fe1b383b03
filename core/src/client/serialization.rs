//! How an application's keys and values become bytes, and bytes become keys and values again
//! (`org.apache.kafka.common.serialization`). Brokers never look: they store bytes.

use serde_json::Value;

use crate::wire::records::Bytes;

/// `IntegerSerializer`.
const INTEGER_SERIALIZER: &str = "org.apache.kafka.common.serialization.IntegerSerializer";
/// `IntegerDeserializer`.
const INTEGER_DESERIALIZER: &str = "org.apache.kafka.common.serialization.IntegerDeserializer";

/// `JsonSerializer` of Kafka Connect.
const JSON_SERIALIZER: &str = "org.apache.kafka.connect.json.JsonSerializer";
/// `JsonDeserializer` of Kafka Connect.
const JSON_DESERIALIZER: &str = "org.apache.kafka.connect.json.JsonDeserializer";

/// The bytes of what an application sends, by the class in the setting `setting`. An application's value is an Integer, or a
/// JsonNode, if it reads as one.
pub(super) fn serialize(class: &str, setting: &str, value: &Bytes) -> Result<Bytes, String> {
    let serialized = match class {
        INTEGER_SERIALIZER => value.as_text().and_then(|text| text.parse::<i32>().ok()).map(integer),
        JSON_SERIALIZER => value.as_text().and_then(|text| crate::json::parse(text).ok()).map(|node| json(&node)),
        _ => Some(value.clone()),
    };
    serialized
        .ok_or_else(|| format!("Can't convert value of class java.lang.String to class {class} specified in {setting}"))
}

fn integer(number: i32) -> Bytes {
    Bytes::from(number.to_be_bytes().as_slice())
}

/// As Jackson writes it: without a space, fields in their order.
fn json(node: &Value) -> Bytes {
    Bytes::from(node.to_string().as_str())
}

/// What an application gets of bytes, by its deserializer's class; none where they are not of this type.
pub(super) fn deserialize(class: &str, bytes: &Bytes) -> Option<Bytes> {
    match class {
        INTEGER_DESERIALIZER => {
            let number: [u8; 4] = bytes.as_slice().try_into().ok()?;
            Some(Bytes::from(i32::from_be_bytes(number).to_string().as_str()))
        }
        JSON_DESERIALIZER => {
            // Jackson reads the first value and looks no further; of no bytes it makes a MissingNode.
            let mut values = serde_json::Deserializer::from_slice(bytes.as_slice()).into_iter::<Value>();
            values.next().map_or(Some(Bytes::from("")), |first| first.ok().map(|node| json(&node)))
        }
        _ => Some(bytes.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRING_DESERIALIZER: &str = "org.apache.kafka.common.serialization.StringDeserializer";

    #[test]
    fn an_integer_is_four_bytes_and_text_is_none() {
        let bytes = serialize(INTEGER_SERIALIZER, "value.serializer", &"-2".into()).expect("a number");
        assert_eq!(bytes.as_slice(), [0xff, 0xff, 0xff, 0xfe]);
        assert_eq!(deserialize(INTEGER_DESERIALIZER, &bytes), Some("-2".into()));
        assert_eq!(deserialize(INTEGER_DESERIALIZER, &"-2".into()), None);
        assert_eq!(deserialize(STRING_DESERIALIZER, &"-2".into()), Some("-2".into()));
        let error = serialize(INTEGER_SERIALIZER, "value.serializer", &"two".into()).expect_err("no number");
        assert!(error.contains("value.serializer"), "{error}");
    }

    #[test]
    fn json_is_written_as_jackson_does_and_read_or_refused_as_jackson_does() {
        let write = |text: &str| serialize(JSON_SERIALIZER, "value.serializer", &text.into());
        let bytes = write(r#" { "b" : [1, 2.50, null], "a": "ä" } "#).expect("JSON");
        assert_eq!(bytes, r#"{"b":[1,2.5,null],"a":"ä"}"#.into());
        assert_eq!(deserialize(JSON_DESERIALIZER, &bytes), Some(bytes.clone()));
        assert!(write("order 7").expect_err("no JSON").contains("org.apache.kafka.connect.json.JsonSerializer"));
        // What a String or an Integer serializer wrote is JSON only by chance.
        let read = |bytes: &Bytes| deserialize(JSON_DESERIALIZER, bytes);
        assert_eq!(read(&"order 7".into()), None);
        assert_eq!(read(&"7".into()), Some("7".into()));
        assert_eq!(read(&"7 orders".into()), Some("7".into()), "the first value counts");
        assert_eq!(read(&"7orders".into()), None);
        assert_eq!(read(&"".into()), Some("".into()));
        assert_eq!(read(&integer(7)), None);
        assert_eq!(read(&Bytes::from([0xff, 0xfe].as_slice())), None);
        // The other way round nothing is refused but what has not four bytes.
        assert_eq!(deserialize(INTEGER_DESERIALIZER, &r#"{"a":1}"#.into()), None);
        assert_eq!(deserialize(STRING_DESERIALIZER, &bytes), Some(bytes));
    }
}
