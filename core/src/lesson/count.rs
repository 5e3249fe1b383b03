//! Numbers and answers' fields as a lesson wants them.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A number: this one, or one within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Count {
    /// This very number.
    Is(i64),
    /// At least, at most.
    #[serde(rename_all = "camelCase")]
    Within {
        /// The least that will do.
        at_least: i64,
        /// The most that will do.
        at_most: i64,
    },
}

/// The bounds of a number as they are written: either may be left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Bounds {
    #[serde(default = "least")]
    at_least: i64,
    #[serde(default = "most")]
    at_most: i64,
}

fn least() -> i64 {
    i64::MIN
}

fn most() -> i64 {
    i64::MAX
}

/// Read by hand, so that a mistake in the bounds is told as one.
impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor;

        impl<'de> Visitor<'de> for CountVisitor {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or bounds")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Count, E> {
                Ok(Count::Is(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Count, E> {
                let bad = || E::invalid_value(Unexpected::Unsigned(number), &"i64");
                i64::try_from(number).map(Count::Is).map_err(|_| bad())
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Count, A::Error> {
                let Bounds { at_least, at_most } = Bounds::deserialize(MapAccessDeserializer::new(fields))?;
                Ok(Count::Within { at_least, at_most })
            }
        }

        deserializer.deserialize_any(CountVisitor)
    }
}

impl Count {
    /// Whether a number will do.
    pub fn holds(self, number: i64) -> bool {
        match self {
            Self::Is(wanted) => number == wanted,
            Self::Within { at_least, at_most } => (at_least..=at_most).contains(&number),
        }
    }
}

/// What a field of an answer must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Wanted {
    /// A number.
    Count(Count),
    /// This very text: an error by its name, too.
    Text(String),
    /// This.
    Truth(bool),
}

/// Read by hand for the same reason.
impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WantedVisitor;

        impl<'de> Visitor<'de> for WantedVisitor {
            type Value = Wanted;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, bounds, text or a truth value")
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Wanted, E> {
                Ok(Wanted::Truth(truth))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Wanted, E> {
                Ok(Wanted::Text(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Wanted, E> {
                Ok(Wanted::Count(Count::Is(number)))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Wanted, E> {
                let bad = || E::invalid_value(Unexpected::Unsigned(number), &"i64");
                i64::try_from(number).map(|number| Wanted::Count(Count::Is(number))).map_err(|_| bad())
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Wanted, A::Error> {
                let Bounds { at_least, at_most } = Bounds::deserialize(MapAccessDeserializer::new(fields))?;
                Ok(Wanted::Count(Count::Within { at_least, at_most }))
            }
        }

        deserializer.deserialize_any(WantedVisitor)
    }
}

impl Wanted {
    /// Whether a field's value will do.
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Count(count) => value.as_i64().is_some_and(|number| count.holds(number)),
            Self::Text(text) => value.as_str() == Some(text),
            Self::Truth(truth) => value.as_bool() == Some(*truth),
        }
    }
}
