//! Reading the engine's types from JSON with mistakes as data: which field lacks, which fields and values there are, and
//! where in the value that is. The lists are those of the types themselves, as serde's derived code hands them over.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, map};

use super::mistake::{Kind, Mistake};

/// Reads a value as one of the engine's types. A mistake stands at a path within the value.
pub(super) fn read_json<T: DeserializeOwned>(json: &Value) -> Result<T, (Vec<Segment>, Mistake)> {
    T::deserialize(Json(json)).map_err(|error| {
        let mut path = error.path;
        path.reverse();
        let mistake = match error.what {
            Wrong::Mistake(mistake) => mistake,
            Wrong::Unreadable(reason) => Mistake::Unreadable { found: json.to_string(), reason },
        };
        (path, mistake)
    })
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Field(String),
    Item(usize),
}

/// Why a value cannot be read, and where: the innermost segment first.
#[derive(Debug)]
struct ReadError {
    path: Vec<Segment>,
    what: Wrong,
}

#[derive(Debug)]
enum Wrong {
    Mistake(Mistake),
    /// A type of the engine refuses it in its own words.
    Unreadable(String),
}

impl ReadError {
    fn here(mistake: Mistake) -> Self {
        Self { path: Vec::new(), what: Wrong::Mistake(mistake) }
    }

    fn inside(mut self, segment: Segment) -> Self {
        self.path.push(segment);
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            Wrong::Mistake(mistake) => write!(f, "{mistake:?}"),
            Wrong::Unreadable(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self { path: Vec::new(), what: Wrong::Unreadable(reason.to_string()) }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::here(Mistake::WrongType { found: kind_of(&found), expected: Kind::of_type(&expected.to_string()) })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Unsigned(number) => number.to_string(),
            other => return Self::custom(format!("{other}: {expected}")),
        };
        Self::here(Mistake::OutOfRange { found, expected: expected.to_string() })
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        Self::here(Mistake::UnknownValue { found: found.to_owned(), expected: owned(expected) })
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::here(Mistake::UnknownField { field: field.to_owned(), expected: owned(expected) })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::here(Mistake::MissingField { field: field.to_owned() })
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn kind_of(found: &Unexpected<'_>) -> Kind {
    match found {
        Unexpected::Str(_) | Unexpected::Char(_) | Unexpected::UnitVariant => Kind::Text,
        Unexpected::Signed(_) | Unexpected::Unsigned(_) | Unexpected::Float(_) => Kind::Number,
        Unexpected::Bool(_) => Kind::TrueOrFalse,
        Unexpected::Seq => Kind::List,
        Unexpected::Map | Unexpected::StructVariant => Kind::Table,
        Unexpected::Bytes(_)
        | Unexpected::Unit
        | Unexpected::Option
        | Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::Other(_) => Kind::Other,
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
            other => Err(ReadError::here(Mistake::WrongType { found: Kind::of(other), expected: Kind::Text })),
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
