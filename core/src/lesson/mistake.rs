//! What may be wrong in a lesson's files, with its place: a teacher reads all of it at once, in their own language.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One mistake and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames, strum::IntoStaticStr)]
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
    /// The cluster cannot be built.
    BadCluster { reason: String },
}

/// What a value is. The message words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        use serde_json::Value;
        match value {
            Value::String(_) => Self::Text,
            Value::Number(_) => Self::Number,
            Value::Bool(_) => Self::TrueOrFalse,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Table,
            Value::Null => Self::Other,
        }
    }

    /// What serde calls so.
    fn of_words(words: &str) -> Self {
        let begins = |starts: &[&str]| starts.iter().any(|start| words.starts_with(start));
        match () {
            () if begins(&["string", "a string", "str", "unit variant"]) => Self::Text,
            () if begins(&[
                "integer", "floating", "a number", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f64",
            ]) =>
            {
                Self::Number
            }
            () if begins(&["bool", "a bool"]) => Self::TrueOrFalse,
            () if begins(&["sequence", "a sequence", "a tuple"]) => Self::List,
            () if begins(&["map", "a map", "struct", "internally tagged enum"]) => Self::Table,
            () => Self::Other,
        }
    }
}

impl Mistake {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all mistakes.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }

    /// What serde found wrong, as far as its words can be taken apart.
    pub(super) fn of_serde(found: &serde_json::Value, error: &serde_json::Error) -> Self {
        let reason = error.to_string();
        let quoted = |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
        let names = quoted(&reason);
        let mut rest = names.iter().skip(1).cloned();
        match names.first() {
            Some(first) if reason.starts_with("missing field") => Self::MissingField { field: first.clone() },
            Some(first) if reason.starts_with("unknown field") => {
                Self::UnknownField { field: first.clone(), expected: rest.by_ref().collect() }
            }
            Some(first) if reason.starts_with("unknown variant") => {
                Self::UnknownValue { found: first.clone(), expected: rest.by_ref().collect() }
            }
            _ => match reason.strip_prefix("invalid type: ").and_then(|text| text.split_once(", expected ")) {
                Some((found, expected)) => {
                    Self::WrongType { found: Kind::of_words(found), expected: Kind::of_words(expected) }
                }
                None => Self::Unreadable { found: found.to_string(), reason },
            },
        }
    }
}

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = serde_json::to_string(&self.mistake).unwrap_or_default();
        write!(f, "{}:{}: {}: {what}", self.file, self.line, self.at)
    }
}

impl std::error::Error for LessonError {}
