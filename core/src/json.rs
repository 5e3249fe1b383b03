//! Values read from JSON and written to it, all of them by one reader and one writer.
//!
//! What serde derives for a type is compiled anew for every format that the type is read from or written to. Here there is
//! one: a text is first parsed into a `Value`, and a value is first written as one. Mistakes are data: which field lacks,
//! which fields and values there are, and where in the value that is. The lists are those of the types themselves, as serde's
//! derived code hands them over.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::{Serialize, forward_to_deserialize_any};
use serde_json::{Map, Value, map};

/// Why JSON cannot be read as a type, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Where in the value, the outermost first.
    pub path: Vec<Segment>,
    /// What is wrong there.
    pub problem: JsonProblem,
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Into a field of an object.
    Field(String),
    /// Into an item of a list.
    Item(usize),
}

/// What is wrong with a value. Displayed in serde's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonProblem {
    /// A field is needed and is not there.
    MissingField {
        /// The field.
        field: String,
    },
    /// There is no such field.
    UnknownField {
        /// The field.
        field: String,
        /// Those that there are.
        expected: Vec<String>,
    },
    /// The value is none of those that are known.
    UnknownValue {
        /// The value.
        found: String,
        /// Those that there are.
        expected: Vec<String>,
    },
    /// The value is of another type.
    WrongType {
        /// What it is; a list or an object without what is in it.
        found: Value,
        /// What its reader calls the type that it wants.
        expected: String,
    },
    /// The number is not within the range of its type.
    OutOfRange {
        /// The number.
        found: String,
        /// What its reader calls the type.
        expected: String,
    },
    /// The type refuses the value in its own words.
    Refused {
        /// The words.
        reason: String,
    },
}

/// Why a text cannot be read as a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// What is wrong there.
    pub reason: String,
}

/// Reads a value as a type.
///
/// # Errors
/// What is wrong, and where in the value.
pub fn read<T: DeserializeOwned>(json: &Value) -> Result<T, JsonError> {
    T::deserialize(Json(json)).map_err(|ReadError { mut path, problem }| {
        path.reverse();
        JsonError { path, problem }
    })
}

/// Reads a text as a type.
///
/// # Errors
/// What is wrong, and where in the text.
pub fn read_text<T: DeserializeOwned>(text: &str) -> Result<T, TextError> {
    let json = parse(text)?;
    read(&json).map_err(|error| TextError::at(text, &error))
}

/// Parses a text as JSON.
///
/// # Errors
/// Where it is none.
pub fn parse(text: &str) -> Result<Value, TextError> {
    serde_json::from_str(text).map_err(|error| TextError {
        line: error.line() as u64,
        column: error.column() as u64,
        reason: error.to_string(),
    })
}

/// Writes a value.
pub fn write(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Writes a value as a text on one line.
pub fn write_text(value: &impl Serialize) -> String {
    write(value).to_string()
}

impl TextError {
    /// The place of what cannot be read in the text of a value.
    pub fn at(text: &str, error: &JsonError) -> Self {
        let before = &text[..place(text, &error.path).min(text.len())];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) as u64 + 1;
        Self { line, column, reason: error.problem.to_string() }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.reason)
    }
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingField { field } => write!(f, "missing field `{field}`"),
            Self::UnknownField { field, expected } => {
                write!(f, "unknown field `{field}`, expected one of {}", expected.join(", "))
            }
            Self::UnknownValue { found, expected } => {
                write!(f, "unknown value `{found}`, expected one of {}", expected.join(", "))
            }
            Self::WrongType { found: Value::Array(_), expected } => write!(f, "a list is not {expected}"),
            Self::WrongType { found: Value::Object(_), expected } => write!(f, "an object is not {expected}"),
            Self::WrongType { found, expected } => write!(f, "{found} is not {expected}"),
            Self::OutOfRange { found, expected } => write!(f, "{found} is out of range for {expected}"),
            Self::Refused { reason } => f.write_str(reason),
        }
    }
}

/// Where the value at a path begins in a text that is JSON.
fn place(text: &str, path: &[Segment]) -> usize {
    let mut at = blank(text, 0);
    for segment in path {
        let Some(inner) = enter(text, at, segment) else { break };
        at = inner;
    }
    at
}

/// Where a part of the list or object that begins here begins itself.
fn enter(text: &str, at: usize, segment: &Segment) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = blank(text, at + 1);
    let mut item = 0;
    while !matches!(bytes.get(at), None | Some(b']' | b'}')) {
        let is_it = match segment {
            Segment::Item(wanted) => item == *wanted,
            Segment::Field(name) => {
                let end = skip(text, at);
                let key: Option<String> = serde_json::from_str(text.get(at..end)?).ok();
                // Behind the name stands a colon.
                at = blank(text, blank(text, end) + 1);
                key.as_deref() == Some(name)
            }
        };
        if is_it {
            return Some(at);
        }
        item += 1;
        at = blank(text, skip(text, at));
        if bytes.get(at) == Some(&b',') {
            at = blank(text, at + 1);
        }
    }
    None
}

/// The first place from here that is not blank.
fn blank(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// The end of the value that begins here.
fn skip(text: &str, at: usize) -> usize {
    let mut depth = 0_u32;
    let mut in_text = false;
    let mut bytes = text.bytes().enumerate().skip(at);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if in_text => drop(bytes.next()),
            b'"' => {
                in_text = !in_text;
                if !in_text && depth == 0 {
                    return at + 1;
                }
            }
            _ if in_text => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 0 => return at,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// Why a value cannot be read, and where: the innermost segment first.
#[derive(Debug)]
struct ReadError {
    path: Vec<Segment>,
    problem: JsonProblem,
}

impl ReadError {
    fn here(problem: JsonProblem) -> Self {
        Self { path: Vec::new(), problem }
    }

    fn inside(mut self, segment: Segment) -> Self {
        self.path.push(segment);
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::here(JsonProblem::Refused { reason: reason.to_string() })
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::here(JsonProblem::WrongType { found: value_of(&found), expected: expected.to_string() })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Unsigned(number) => number.to_string(),
            other => return Self::custom(format!("{other}: {expected}")),
        };
        Self::here(JsonProblem::OutOfRange { found, expected: expected.to_string() })
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        Self::here(JsonProblem::UnknownValue { found: found.to_owned(), expected: owned(expected) })
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::here(JsonProblem::UnknownField { field: field.to_owned(), expected: owned(expected) })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::here(JsonProblem::MissingField { field: field.to_owned() })
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A list or an object of the same type and nothing in it, all else as it is.
fn without_content(value: &Value) -> Value {
    match value {
        Value::Array(_) => Value::Array(Vec::new()),
        Value::Object(_) => Value::Object(Map::new()),
        other => other.clone(),
    }
}

/// A value of the type that was found, for what serde tells of it.
fn value_of(found: &Unexpected<'_>) -> Value {
    match found {
        Unexpected::Bool(flag) => Value::Bool(*flag),
        Unexpected::Unsigned(number) => Value::from(*number),
        Unexpected::Signed(number) => Value::from(*number),
        Unexpected::Float(number) => Value::from(*number),
        Unexpected::Char(letter) => Value::from(letter.to_string()),
        Unexpected::Str(text) => Value::from(*text),
        Unexpected::UnitVariant => Value::String(String::new()),
        Unexpected::Seq => Value::Array(Vec::new()),
        Unexpected::Map | Unexpected::StructVariant => Value::Object(Map::new()),
        Unexpected::Bytes(_)
        | Unexpected::Unit
        | Unexpected::Option
        | Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::Other(_) => Value::Null,
    }
}

/// A value to read.
struct Json<'v>(&'v Value);

impl<'de> IntoDeserializer<'de, ReadError> for Json<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Json<'_> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_str(text),
            Value::Array(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Object(fields) => visitor.visit_map(Fields::of(fields)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self.0 {
            Value::String(variant) => visitor.visit_enum(variant.as_str().into_deserializer()),
            Value::Object(fields) => visitor.visit_enum(MapAccessDeserializer::new(Fields::of(fields))),
            other => Err(ReadError::here(JsonProblem::WrongType {
                found: without_content(other),
                expected: "a string".to_owned(),
            })),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// The items of a list that are left.
struct Items<'v> {
    items: &'v [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(Json(item)).map(Some).map_err(|error| error.inside(Segment::Item(self.next - 1)))
    }
}

/// The fields of an object that are left, and the one whose name was read last.
struct Fields<'v> {
    fields: map::Iter<'v>,
    current: Option<(&'v String, &'v Value)>,
}

impl<'v> Fields<'v> {
    fn of(fields: &'v Map<String, Value>) -> Self {
        Self { fields: fields.iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        self.current = self.fields.next();
        let Some((name, _)) = self.current else { return Ok(None) };
        seed.deserialize(name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let Some((name, value)) = self.current else { return Err(de::Error::custom("a value without a name")) };
        seed.deserialize(Json(value)).map_err(|error| error.inside(Segment::Field(name.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Topic {
        name: String,
        replication_factor: Vec<u8>,
    }

    fn check(text: &str, line: u64, column: u64, reason: &str) {
        let error = read_text::<Vec<Topic>>(text).expect_err("it is wrong");
        assert_eq!(error, TextError { line, column, reason: reason.to_owned() }, "{text}");
    }

    #[test]
    fn a_mistake_is_told_with_its_place_in_the_text() {
        let good = r#"[{"name": "a\"}]", "replicationFactor": [1, 2]}]"#;
        assert_eq!(read_text(good), Ok(vec![Topic { name: "a\"}]".to_owned(), replication_factor: vec![1, 2] }]));
        check(r#"[{"name": "a\"}]", "replicationFactor": [1, 300]}]"#, 1, 45, "300 is out of range for u8");
        check("[\n {\"name\": \"a\", \"replicationFactor\": []},\n {\"name\": 5}]", 3, 11, "5 is not a string");
        check("[{\"name\": \"a\"}]", 1, 2, "missing field `replicationFactor`");
        check("[{\"nam\": \"a\"}]", 1, 2, "unknown field `nam`, expected one of name, replicationFactor");
        assert_eq!(read_text::<Vec<Topic>>("[\n{]").expect_err("it is no JSON").line, 2);
    }
}
