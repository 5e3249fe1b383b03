//! How an application's keys and values become bytes, and bytes become keys and values again
//! (`org.apache.kafka.common.serialization`). Brokers never look: they store bytes.

use crate::wire::records::Bytes;

/// `IntegerSerializer`.
const INTEGER_SERIALIZER: &str = "org.apache.kafka.common.serialization.IntegerSerializer";
/// `IntegerDeserializer`.
const INTEGER_DESERIALIZER: &str = "org.apache.kafka.common.serialization.IntegerDeserializer";

/// The bytes of what an application sends, by the class in the setting `setting`. An application's value is an Integer if
/// it reads as one.
pub(super) fn serialize(class: &str, setting: &str, value: &Bytes) -> Result<Bytes, String> {
    if class != INTEGER_SERIALIZER {
        return Ok(value.clone());
    }
    let number = value.as_text().and_then(|text| text.parse::<i32>().ok());
    number
        .map(|number| Bytes::from(number.to_be_bytes().as_slice()))
        .ok_or_else(|| format!("Can't convert value of class java.lang.String to class {class} specified in {setting}"))
}

/// What an application gets of bytes, by its deserializer's class; none where they are not of this type.
pub(super) fn deserialize(class: &str, bytes: &Bytes) -> Option<Bytes> {
    if class != INTEGER_DESERIALIZER {
        return Some(bytes.clone());
    }
    let number: [u8; 4] = bytes.as_slice().try_into().ok()?;
    Some(Bytes::from(i32::from_be_bytes(number).to_string().as_str()))
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
}
