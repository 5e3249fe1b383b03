//! What may be wrong in a lesson's files, with its place: a teacher reads all of it at once, in their own language.

use std::fmt;

use serde::Serialize;

use crate::json::{self, JsonProblem};
use crate::wire::codec::JsonType;

/// One mistake and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LessonError {
    /// The file, from the folder `lessons/`: `replicate-and-commit/lesson.toml`.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The field, as in `beats[2].goals[0].partition`; a text's heading; "" for the file as a whole.
    pub at: String,
    /// What is wrong there.
    pub mistake: Mistake,
}

/// What is wrong. The page's message for it has the id `lesson-error-` and the kebab-case name.
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "mistake", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
pub enum Mistake {
    /// The file is no TOML.
    NotToml { reason: String },
    /// A field is needed and is not there.
    MissingField { field: String },
    /// There is no such field here.
    UnknownField { field: String, expected: Vec<String> },
    /// The value is of another kind.
    WrongType { found: Kind, expected: Kind },
    /// The value is none of those that are known.
    UnknownValue { found: String, expected: Vec<String> },
    /// The number is not within the range of its type, which is called so.
    OutOfRange { found: String, expected: String },
    /// The value cannot be read.
    Unreadable { found: String, reason: String },
    /// Two things have one id.
    IdTwice { id: String },
    /// Nothing has this id.
    NoSuchId { id: String, expected: Vec<String> },
    /// A list is empty that must not be.
    Empty { what: String },
    /// A text lacks a part that `lesson.toml` names.
    NoText { anchor: String },
    /// A text has a part that `lesson.toml` does not name.
    TextForNothing { anchor: String },
    /// A heading has no anchor.
    NoAnchor { heading: String },
    /// A heading has nothing under it.
    EmptyText { anchor: String },
    /// The lesson's id is not its folder's name.
    NotItsFolder { id: String, folder: String },
    /// No document has this section.
    UnknownSection { section: String },
    /// The lesson stands in no track, or in another than it says.
    NotInTrack { id: String, track: String },
    /// At most one of these fields may be there.
    MutuallyExclusive { fields: Vec<String> },
}

/// What a value is. The message words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Text in quotes.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    TrueOrFalse,
    /// A list in brackets.
    List,
    /// A table of fields.
    Table,
    /// Something else.
    Other,
}

impl Kind {
    /// What a JSON value is.
    pub(super) fn of(value: &serde_json::Value) -> Self {
        Self::of_json(JsonType::of(value))
    }

    /// What values of a type are.
    pub(super) fn of_json(json_type: JsonType) -> Self {
        match json_type {
            JsonType::String => Self::Text,
            JsonType::Integer | JsonType::Fraction => Self::Number,
            JsonType::Boolean => Self::TrueOrFalse,
            JsonType::Array => Self::List,
            JsonType::Object => Self::Table,
            JsonType::Null => Self::Other,
        }
    }

    /// What is written for a type of the engine, which goes by the name that its reader gives it.
    pub(super) fn of_type(name: &str) -> Self {
        let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
        match () {
            () if begins(&["a string", "str"]) && !begins(&["struct"]) => Self::Text,
            () if begins(&["a number", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f64"]) => Self::Number,
            () if begins(&["a bool"]) => Self::TrueOrFalse,
            () if begins(&["a sequence", "a tuple"]) => Self::List,
            () if begins(&["a map", "struct", "internally tagged enum"]) => Self::Table,
            () => Self::Other,
        }
    }
}

impl Mistake {
    /// What is wrong with a value that cannot be read as one of the engine's types.
    pub(super) fn of(problem: JsonProblem, whole: &serde_json::Value) -> Self {
        match problem {
            JsonProblem::MissingField { field } => Self::MissingField { field },
            JsonProblem::UnknownField { field, expected } => Self::UnknownField { field, expected },
            JsonProblem::UnknownValue { found, expected } => Self::UnknownValue { found, expected },
            JsonProblem::WrongType { found, expected } => {
                Self::WrongType { found: Kind::of(&found), expected: Kind::of_type(&expected) }
            }
            JsonProblem::OutOfRange { found, expected } => Self::OutOfRange { found, expected },
            JsonProblem::Refused { reason } => Self::Unreadable { found: whole.to_string(), reason },
        }
    }

    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all mistakes.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = json::write_text(&self.mistake);
        write!(f, "{}:{}: {}: {what}", self.file, self.line, self.at)
    }
}

impl std::error::Error for LessonError {}
