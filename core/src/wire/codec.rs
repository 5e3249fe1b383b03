//! The one codec of protocol messages: a message is written to JSON and read from it by the names of its fields.
//!
//! A message gives a table of its fields (`FieldTable`, made by the macro `message!`); all work is done here, once for
//! all of them. A field that is left out keeps its default, one that the message does not have is refused, and so is a
//! value of another type or outside of the type's range. An error knows its place and what was expected there.

use std::fmt;
use std::rc::Rc;

use serde::Serialize;
use serde_json::{Map, Value};

/// A value that messages carry: a message, or what a field of one may be.
pub trait Message {
    /// The value as JSON, with Kafka's field names.
    fn to_json(&self) -> Value;

    /// Takes over what JSON says. What it leaves out stays as it is, so begin with the default. After an error the value
    /// is of no use.
    fn read_json(&mut self, json: &Value) -> Result<(), MessageError>;

    /// Gives every error code in the value by its number (`AbstractResponse.errorCounts`). Batches have none.
    fn error_codes(&self, _each: &mut dyn FnMut(i16)) {}
}

/// Why a message cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageError {
    /// The path of the value, as in `topicData[0].partitionData[1].index`; "" for the message itself.
    pub at: String,
    /// What is wrong there.
    pub problem: MessageProblem,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageProblem {
    /// The message has no such field; it has these.
    UnknownField {
        /// The field.
        field: String,
        /// The fields that there are.
        expected: Vec<String>,
    },
    /// The field cannot be left out.
    MissingField {
        /// The field.
        field: String,
    },
    /// The value is of another type.
    WrongType {
        /// What it is.
        found: JsonType,
        /// What it should be.
        expected: JsonType,
    },
    /// The number is not within the range of the field's type.
    OutOfRange {
        /// The number as it was written.
        found: String,
        /// The least that the type takes.
        min: i64,
        /// The most that it takes.
        max: i64,
    },
    /// The text is none of the names that there are.
    UnknownValue {
        /// The text.
        found: String,
        /// The names.
        expected: Vec<String>,
    },
    /// The version in which the message is to be sent does not have the field, and its value cannot be dropped.
    NotInVersion {
        /// The field.
        field: String,
        /// The version.
        version: i16,
    },
    /// The text is not written in this form.
    Malformed {
        /// The text.
        found: String,
        /// The form.
        expected: TextForm,
    },
}

/// The type of a JSON value. Messages carry whole numbers only: one with a fraction is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JsonType {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a fraction or an exponent.
    Fraction,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl JsonType {
    /// The type of a value.
    pub fn of(json: &Value) -> Self {
        match json {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_f64() => Self::Fraction,
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

/// A form that a text may have to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextForm {
    /// A `Uuid` as Kafka writes it: 16 bytes in URL-safe base64 without padding.
    Uuid,
    /// Base64.
    Base64,
    /// Hexadecimal.
    Hexadecimal,
}

impl MessageError {
    /// An error at the value that is being read.
    pub fn here(problem: MessageProblem) -> Self {
        Self { at: String::new(), problem }
    }

    /// A value of another type than this.
    pub fn wrong_type(found: &Value, expected: JsonType) -> Self {
        Self::here(MessageProblem::WrongType { found: JsonType::of(found), expected })
    }

    /// A text that is none of these names.
    pub fn unknown_value(found: &str, expected: impl Iterator<Item = &'static str>) -> Self {
        let expected = expected.map(str::to_owned).collect();
        Self::here(MessageProblem::UnknownValue { found: found.to_owned(), expected })
    }

    /// A text that is not of this form.
    pub fn malformed(found: &str, expected: TextForm) -> Self {
        Self::here(MessageProblem::Malformed { found: found.to_owned(), expected })
    }

    /// The same error as seen from the message that has the value in this field.
    pub(crate) fn in_field(mut self, name: &str) -> Self {
        let dot = if self.at.is_empty() || self.at.starts_with('[') { "" } else { "." };
        self.at = format!("{name}{dot}{}", self.at);
        self
    }

    /// The same error as seen from the list that has the value at this index.
    pub(crate) fn in_item(mut self, index: usize) -> Self {
        let dot = if self.at.is_empty() || self.at.starts_with('[') { "" } else { "." };
        self.at = format!("[{index}]{dot}{}", self.at);
        self
    }
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        match &self.problem {
            MessageProblem::UnknownField { field, expected } => {
                write!(f, "unknown field {field}, expected one of {}", expected.join(", "))
            }
            MessageProblem::MissingField { field } => write!(f, "missing field {field}"),
            MessageProblem::WrongType { found, expected } => write!(f, "{found:?} instead of {expected:?}"),
            MessageProblem::OutOfRange { found, min, max } => write!(f, "{found} is not within {min}..{max}"),
            MessageProblem::UnknownValue { found, expected } => {
                write!(f, "unknown value {found}, expected one of {}", expected.join(", "))
            }
            MessageProblem::NotInVersion { field, version } => {
                write!(f, "Attempted to write a non-default {field} at version {version}")
            }
            MessageProblem::Malformed { found, expected } => write!(f, "{found} is no {expected:?}"),
        }
    }
}

impl std::error::Error for MessageError {}

/// The fields of a message, in Kafka's order.
pub(crate) trait FieldTable {
    /// Their names as Rust writes them.
    fn names(&self) -> &'static [&'static str];
    /// Their values, in the order of the names.
    fn fields(&self) -> Vec<&dyn Message>;
    /// Their values, to be read.
    fn fields_mut(&mut self) -> Vec<&mut dyn Message>;
    /// Fields that a reader must be given. All others have a default.
    fn required(&self) -> &'static [&'static str] {
        &[]
    }
    /// Fields that are not written where they are null or an empty list.
    fn omitted_if_empty(&self) -> &'static [&'static str] {
        &[]
    }
}

/// A field's name as Kafka's JSON has it: `topic_data` is `topicData`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut capital = false;
    for each in name.strip_prefix("r#").unwrap_or(name).chars() {
        if each == '_' {
            capital = true;
        } else {
            camel.push(if capital { each.to_ascii_uppercase() } else { each });
            capital = false;
        }
    }
    camel
}

/// Whether a name of Kafka's JSON is that of a field, without building it: every field of every message read asks.
fn is_camel_case_of(json: &str, name: &str) -> bool {
    let mut rest = json.bytes();
    let mut capital = false;
    for each in name.strip_prefix("r#").unwrap_or(name).bytes() {
        if each == b'_' {
            capital = true;
        } else {
            let wanted = if capital { each.to_ascii_uppercase() } else { each };
            capital = false;
            if rest.next() != Some(wanted) {
                return false;
            }
        }
    }
    rest.next().is_none()
}

/// Writes a message by its table.
pub(crate) fn write_fields(message: &dyn FieldTable) -> Value {
    let mut object = Map::new();
    for (name, field) in message.names().iter().zip(message.fields()) {
        let json = field.to_json();
        let is_empty = json.is_null() || json.as_array().is_some_and(Vec::is_empty);
        if !is_empty || !message.omitted_if_empty().contains(name) {
            object.insert(camel_case(name), json);
        }
    }
    Value::Object(object)
}

/// Gives every error code in a message by its table.
pub(crate) fn error_codes_of(message: &dyn FieldTable, each: &mut dyn FnMut(i16)) {
    message.fields().into_iter().for_each(|field| field.error_codes(each));
}

/// Reads a message by its table.
pub(crate) fn read_fields(message: &mut dyn FieldTable, json: &Value) -> Result<(), MessageError> {
    let Value::Object(object) = json else { return Err(MessageError::wrong_type(json, JsonType::Object)) };
    let names = message.names();
    let missing = |name: &&&str| !object.keys().any(|given| is_camel_case_of(given, name));
    if let Some(name) = message.required().iter().find(missing) {
        let field = camel_case(name);
        return Err(MessageError::here(MessageProblem::MissingField { field: field.clone() }).in_field(&field));
    }
    let mut fields = message.fields_mut();
    for (name, value) in object {
        let at = names.iter().position(|each| is_camel_case_of(name, each));
        let Some(field) = at.and_then(|at| fields.get_mut(at)) else {
            let expected = names.iter().map(|name| camel_case(name)).collect();
            let problem = MessageProblem::UnknownField { field: name.clone(), expected };
            return Err(MessageError::here(problem).in_field(name));
        };
        field.read_json(value).map_err(|error| error.in_field(name))?;
    }
    Ok(())
}

/// Gives a struct its table of fields, and with it its form in JSON.
macro_rules! field_table {
    ($name:ident { $($field:ident),* $(,)? } $(required [$($required:ident),*])? $(omitted [$($omitted:ident),*])?) => {
        impl $crate::wire::codec::FieldTable for $name {
            fn names(&self) -> &'static [&'static str] {
                &[$(stringify!($field)),*]
            }

            fn fields(&self) -> Vec<&dyn $crate::wire::codec::Message> {
                vec![$(&self.$field),*]
            }

            fn fields_mut(&mut self) -> Vec<&mut dyn $crate::wire::codec::Message> {
                vec![$(&mut self.$field),*]
            }

            $(fn required(&self) -> &'static [&'static str] {
                &[$(stringify!($required)),*]
            })?

            $(fn omitted_if_empty(&self) -> &'static [&'static str] {
                &[$(stringify!($omitted)),*]
            })?
        }
    };
}
pub(crate) use field_table;

/// Makes a struct with a table of fields a message.
macro_rules! message_of_table {
    ($name:ident) => {
        impl $crate::wire::codec::Message for $name {
            fn to_json(&self) -> serde_json::Value {
                $crate::wire::codec::write_fields(self)
            }

            fn read_json(&mut self, json: &serde_json::Value) -> Result<(), $crate::wire::codec::MessageError> {
                $crate::wire::codec::read_fields(self, json)
            }

            fn error_codes(&self, each: &mut dyn FnMut(i16)) {
                $crate::wire::codec::error_codes_of(self, each);
            }
        }
    };
}
pub(crate) use message_of_table;

/// A whole number between these bounds.
fn read_integer(json: &Value, min: i64, max: i64) -> Result<i64, MessageError> {
    let Value::Number(number) = json else { return Err(MessageError::wrong_type(json, JsonType::Integer)) };
    if number.is_f64() {
        return Err(MessageError::wrong_type(json, JsonType::Integer));
    }
    match number.as_i64() {
        Some(number) if (min..=max).contains(&number) => Ok(number),
        _ => Err(MessageError::here(MessageProblem::OutOfRange { found: number.to_string(), min, max })),
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {
        $(impl Message for $integer {
            fn to_json(&self) -> Value {
                Value::from(*self)
            }

            fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
                // The bounds make sure that it fits.
                *self = read_integer(json, Self::MIN.into(), Self::MAX.into())? as Self;
                Ok(())
            }
        })*
    };
}
integers!(i8, i16, i32, i64, u16, u32);

impl Message for bool {
    fn to_json(&self) -> Value {
        Value::Bool(*self)
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        *self = json.as_bool().ok_or_else(|| MessageError::wrong_type(json, JsonType::Boolean))?;
        Ok(())
    }
}

/// A text.
pub(crate) fn read_text(json: &Value) -> Result<&str, MessageError> {
    json.as_str().ok_or_else(|| MessageError::wrong_type(json, JsonType::String))
}

impl Message for String {
    fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        *self = read_text(json)?.to_owned();
        Ok(())
    }
}

impl Message for Rc<str> {
    fn to_json(&self) -> Value {
        Value::from(&**self)
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        *self = read_text(json)?.into();
        Ok(())
    }
}

impl<T: Message + Default> Message for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Message::to_json)
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        *self = None;
        if json.is_null() { Ok(()) } else { self.insert(T::default()).read_json(json) }
    }

    fn error_codes(&self, each: &mut dyn FnMut(i16)) {
        self.iter().for_each(|value| value.error_codes(each));
    }
}

impl<T: Message + Clone + Default> Message for Rc<T> {
    fn to_json(&self) -> Value {
        (**self).to_json()
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        Rc::make_mut(self).read_json(json)
    }
}

/// A list, whatever it holds.
trait List {
    fn clear(&mut self);
    fn push_default(&mut self) -> &mut dyn Message;
}

impl<T: Message + Default> List for Vec<T> {
    fn clear(&mut self) {
        Self::clear(self);
    }

    fn push_default(&mut self) -> &mut dyn Message {
        self.push_mut(T::default())
    }
}

fn read_list(list: &mut dyn List, json: &Value) -> Result<(), MessageError> {
    let Value::Array(items) = json else { return Err(MessageError::wrong_type(json, JsonType::Array)) };
    list.clear();
    for (index, item) in items.iter().enumerate() {
        list.push_default().read_json(item).map_err(|error| error.in_item(index))?;
    }
    Ok(())
}

impl<T: Message + Default> Message for Vec<T> {
    fn to_json(&self) -> Value {
        Value::Array(self.iter().map(Message::to_json).collect())
    }

    fn read_json(&mut self, json: &Value) -> Result<(), MessageError> {
        read_list(self, json)
    }

    fn error_codes(&self, each: &mut dyn FnMut(i16)) {
        self.iter().for_each(|value| value.error_codes(each));
    }
}
