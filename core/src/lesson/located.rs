//! TOML whose every value knows its line and its path, so that a mistake can be shown where it is.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::{Kind, LessonError, Mistake};
use crate::json::{self, Segment};

/// A value of a file and its place in it.
#[derive(Clone, Debug)]
pub(super) struct Located {
    line: u32,
    path: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Plain(Value),
    List(Vec<Located>),
    Table(Vec<(String, Located)>),
}

/// The mistakes of one file, as they are found.
#[derive(Debug)]
pub(super) struct Mistakes<'a> {
    file: String,
    found: &'a mut Vec<LessonError>,
}

impl<'a> Mistakes<'a> {
    /// Collects what is wrong in `file` behind what was found elsewhere.
    pub(super) fn of(file: impl Into<String>, found: &'a mut Vec<LessonError>) -> Self {
        Self { file: file.into(), found }
    }

    /// Notes a mistake.
    pub(super) fn add(&mut self, line: u32, at: impl Into<String>, mistake: Mistake) {
        self.found.push(LessonError { file: self.file.clone(), line, at: at.into(), mistake });
    }

    /// Notes a mistake at a value.
    pub(super) fn at(&mut self, place: &Located, mistake: Mistake) {
        self.add(place.line, place.path.clone(), mistake);
    }
}

/// Reads a file. What is no TOML is one mistake.
pub(super) fn parse(text: &str, mistakes: &mut Mistakes<'_>) -> Option<Located> {
    match DeTable::parse(text) {
        Ok(table) => {
            let span = table.span();
            Some(located(text, String::new(), &Spanned::new(span, DeValue::Table(table.into_inner()))))
        }
        Err(error) => {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            mistakes.add(line, "", Mistake::NotToml { reason: error.message().to_owned() });
            None
        }
    }
}

fn line_of(text: &str, at: usize) -> u32 {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count() as u32
}

fn located(text: &str, path: String, value: &Spanned<DeValue<'_>>) -> Located {
    let what = match value.get_ref() {
        DeValue::Array(items) => What::List(
            items.iter().enumerate().map(|(index, item)| located(text, format!("{path}[{index}]"), item)).collect(),
        ),
        DeValue::Table(fields) => What::Table(
            fields
                .iter()
                .map(|(name, field)| {
                    let name = name.get_ref().to_string();
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    (name, located(text, path, field))
                })
                .collect(),
        ),
        DeValue::String(text) => What::Plain(Value::from(text.as_ref())),
        DeValue::Boolean(flag) => What::Plain(Value::from(*flag)),
        DeValue::Integer(number) => {
            What::Plain(i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from))
        }
        DeValue::Float(number) => What::Plain(number.as_str().parse::<f64>().map_or(Value::Null, Value::from)),
        DeValue::Datetime(date) => What::Plain(Value::from(date.to_string())),
    };
    Located { line: line_of(text, value.span().start), path, what }
}

impl Located {
    /// The value as JSON, with partitions and actors written out as the engine's types have them.
    pub(super) fn json(&self) -> Value {
        match &self.what {
            What::Plain(value) => value.clone(),
            What::List(items) => items.iter().map(Self::json).collect(),
            What::Table(fields) => {
                Value::Object(fields.iter().map(|(name, field)| (name.clone(), written_out(name, field))).collect())
            }
        }
    }

    /// The value as one of the engine's types.
    pub(super) fn read<T: DeserializeOwned>(&self, mistakes: &mut Mistakes<'_>) -> Option<T> {
        self.read_as(&self.json(), mistakes)
    }

    /// JSON that was made of this value, as one of the engine's types. A mistake is told at the part that it is in, as
    /// far as that part was written so.
    pub(super) fn read_as<T: DeserializeOwned>(&self, json: &Value, mistakes: &mut Mistakes<'_>) -> Option<T> {
        json::read(json).map_err(|error| mistakes.at(self.part(&error.path), Mistake::of(error.problem, json))).ok()
    }

    /// The part of this value at a path, or the last one on the way to it.
    pub(super) fn part(&self, path: &[Segment]) -> &Self {
        let Some((first, rest)) = path.split_first() else { return self };
        let part = match (first, &self.what) {
            (Segment::Field(name), What::Table(fields)) => {
                fields.iter().find(|(each, _)| each == name).map(|(_, part)| part)
            }
            (Segment::Item(index), What::List(items)) => items.get(*index),
            (Segment::Field(_) | Segment::Item(_), What::Plain(_) | What::List(_) | What::Table(_)) => None,
        };
        part.map_or(self, |part| part.part(rest))
    }

    /// The items of a list.
    pub(super) fn items(&self, mistakes: &mut Mistakes<'_>) -> &[Self] {
        match &self.what {
            What::List(items) => items,
            _ => {
                mistakes.at(self, self.wrong(Kind::List));
                &[]
            }
        }
    }

    /// The fields of a table.
    pub(super) fn fields<'a>(&'a self, mistakes: &mut Mistakes<'_>) -> Fields<'a> {
        match &self.what {
            What::Table(fields) => Fields { table: self, left: fields.iter().collect(), known: Vec::new() },
            _ => {
                mistakes.at(self, self.wrong(Kind::Table));
                Fields { table: self, left: Vec::new(), known: Vec::new() }
            }
        }
    }

    /// Whether it is a table with this field.
    pub(super) fn has(&self, name: &str) -> bool {
        matches!(&self.what, What::Table(fields) if fields.iter().any(|(each, _)| each == name))
    }

    /// A text.
    pub(super) fn text(&self, mistakes: &mut Mistakes<'_>) -> Option<String> {
        match &self.what {
            What::Plain(Value::String(text)) => Some(text.clone()),
            _ => {
                mistakes.at(self, self.wrong(Kind::Text));
                None
            }
        }
    }

    fn wrong(&self, expected: Kind) -> Mistake {
        Mistake::WrongType { found: Kind::of(&self.json()), expected }
    }
}

/// The fields of one table. Who has taken all that it knows calls [`Fields::end`], which names the others.
pub(super) struct Fields<'a> {
    table: &'a Located,
    left: Vec<&'a (String, Located)>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// A field that may be left out.
    pub(super) fn maybe(&mut self, name: &'static str) -> Option<&'a Located> {
        self.known.push(name);
        let at = self.left.iter().position(|(each, _)| each == name)?;
        Some(&self.left.remove(at).1)
    }

    /// A field that must be there.
    pub(super) fn needed(&mut self, name: &'static str, mistakes: &mut Mistakes<'_>) -> Option<&'a Located> {
        let found = self.maybe(name);
        if found.is_none() && matches!(self.table.what, What::Table(_)) {
            mistakes.at(self.table, Mistake::MissingField { field: name.to_owned() });
        }
        found
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &'static str, mistakes: &mut Mistakes<'_>) -> Option<String> {
        self.needed(name, mistakes)?.text(mistakes)
    }

    /// The items of a list that may be left out.
    pub(super) fn list(&mut self, name: &'static str, mistakes: &mut Mistakes<'_>) -> &'a [Located] {
        self.maybe(name).map_or(&[], |list| list.items(mistakes))
    }

    /// What nobody took, where the other fields are not known beforehand.
    pub(super) fn rest(self) -> impl Iterator<Item = (&'a str, &'a Located)> {
        self.left.into_iter().map(|(name, field)| (name.as_str(), field))
    }

    /// Names the fields that nobody took.
    pub(super) fn end(self, mistakes: &mut Mistakes<'_>) {
        for (name, field) in self.left {
            let expected = self.known.iter().map(|&name| name.to_owned()).collect();
            mistakes.at(field, Mistake::UnknownField { field: name.clone(), expected });
        }
    }
}

/// A field's value as the engine's types write it. A teacher writes `"orders-0"` for a partition and `"broker 2"` for a
/// actor; the body of a hand-written request is Kafka's own and stays.
fn written_out(name: &str, field: &Located) -> Value {
    match (name, &field.what) {
        ("body", _) => field.plain_json(),
        ("partition", What::Plain(Value::String(text))) => partition(text).unwrap_or_else(|| text.as_str().into()),
        ("partitions" | "assign", What::List(items)) => {
            items.iter().map(|item| written_out("partition", item)).collect()
        }
        ("from" | "to" | "client" | "actor" | "peer", What::Plain(Value::String(text))) => {
            actor(text).unwrap_or_else(|| text.as_str().into())
        }
        _ => field.json(),
    }
}

impl Located {
    fn plain_json(&self) -> Value {
        match &self.what {
            What::Plain(value) => value.clone(),
            What::List(items) => items.iter().map(Self::plain_json).collect(),
            What::Table(fields) => {
                Value::Object(fields.iter().map(|(name, field)| (name.clone(), field.plain_json())).collect())
            }
        }
    }
}

/// `orders-0` as the engine's types write it.
pub(super) fn partition(text: &str) -> Option<Value> {
    let (topic, index) = text.rsplit_once('-')?;
    let index: i32 = index.parse().ok()?;
    let fields = [("topic".to_owned(), Value::from(topic)), ("partition".to_owned(), Value::from(index))];
    Some(Value::Object(Map::from_iter(fields)))
}

/// `broker 2`, `producer 1`, `admin` as the engine's types write them.
fn actor(text: &str) -> Option<Value> {
    if text == "admin" {
        return Some(Value::from("admin"));
    }
    let (kind, number) = text.split_once(' ')?;
    let number: u32 = number.parse().ok()?;
    let kind = match kind {
        "broker" | "controller" | "node" => "node",
        "producer" | "consumer" | "probe" => kind,
        _ => return None,
    };
    Some(Value::Object(Map::from_iter([(kind.to_owned(), Value::from(number))])))
}
