//! The engine's explanations, changes and errors as arguments of messages.

use fluent_bundle::FluentArgs;
use kafkascope_core::json;
use kafkascope_core::scenario::ScenarioError;
use serde::Serialize;
use serde_json::{Map, Value};

/// What the engine said: the kebab-case name of a variant and its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalizedMessage {
    /// The variant's name.
    pub name: String,
    /// Its fields, by their camelCase names.
    pub fields: Map<String, Value>,
}

/// Names an actor: its kind (`node`, `producer`, …) and its number.
pub type NameActor<'a> = &'a dyn Fn(&str, i64) -> String;

impl LocalizedMessage {
    /// Reads a serialised enum: with its variant under `tag`, or the way serde writes it by itself.
    pub fn of(value: &impl Serialize, tag: &str) -> Self {
        let bare = |name: String| Self { name, fields: Map::new() };
        match json::write(value) {
            Value::String(name) => bare(name),
            Value::Object(mut fields) => {
                if let Some(Value::String(name)) = fields.shift_remove(tag) {
                    return Self { name, fields };
                }
                match fields.into_iter().next() {
                    Some((name, Value::Object(fields))) => Self { name, fields },
                    Some((name, _)) => bare(name),
                    None => bare(String::new()),
                }
            }
            _ => bare(String::new()),
        }
    }

    /// Why something is no run. Of a cluster that cannot be built, the first mistake with its place.
    pub fn of_refused_run(error: &ScenarioError) -> Self {
        if let ScenarioError::BadConfig { errors } = error
            && let Some(first) = errors.first()
        {
            return Self::of(first, "error");
        }
        Self::of(error, "error")
    }

    /// The fields as arguments. Numbers stay numbers, so that a message can choose its plural by them.
    pub fn args(&self, actor: NameActor<'_>) -> FluentArgs<'static> {
        let mut args = FluentArgs::new();
        for (name, value) in &self.fields {
            match value.as_f64() {
                Some(number) => args.set(name.clone(), number),
                None => args.set(name.clone(), shown(value, actor)),
            }
        }
        args
    }

    /// The name and the fields, for anyone who has no words for it.
    pub fn plain(&self, actor: NameActor<'_>) -> String {
        let fields = self.fields.iter().map(|(name, value)| format!(" · {name} {}", shown(value, actor)));
        std::iter::once(self.name.replace('-', " ")).chain(fields).collect()
    }

    /// The value that was before, where this tells of a move from one to another.
    pub fn old(&self, actor: NameActor<'_>) -> Option<String> {
        let old = self.fields.get("from").or_else(|| self.fields.get("fromMs"))?;
        Some(shown(old, actor))
    }
}

/// A value as a person reads it: a partition as `orders-0`, an actor by its name, a list with commas.
fn shown(value: &Value, actor: NameActor<'_>) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text == "admin" => actor("admin", 0),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "–".to_owned(),
        Value::Array(items) => items.iter().map(|item| shown(item, actor)).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => object(fields, actor),
        other => other.to_string(),
    }
}

fn object(fields: &Map<String, Value>, actor: NameActor<'_>) -> String {
    if let (Some(Value::String(topic)), Some(partition)) = (fields.get("topic"), fields.get("partition")) {
        return format!("{topic}-{partition}");
    }
    match fields.iter().next() {
        Some((kind, Value::Number(number))) if fields.len() == 1 => actor(kind, number.as_i64().unwrap_or(-1)),
        _ => serde_json::to_string(fields).unwrap_or_default(),
    }
}

/// A sentence cut into pieces, each with whether it is struck through: the old value that stands right before an arrow.
/// Where a message words the old value (`none` for -1), the last word before the arrow is the old value.
pub fn struck(text: &str, old: Option<&str>) -> Vec<(String, bool)> {
    let Some((before, after)) = text.split_once(" → ") else { return vec![(text.to_owned(), false)] };
    // An arrow without an old value leads from one thing to another: from a key to its partition.
    let Some(old) = old else { return vec![(text.to_owned(), false)] };
    let kept = match before.strip_suffix(old) {
        Some(kept) => kept.len(),
        None => before.rfind(' ').map_or(0, |at| at + 1),
    };
    let pieces =
        [(before[..kept].to_owned(), false), (before[kept..].to_owned(), true), (format!(" → {after}"), false)];
    pieces.into_iter().filter(|(piece, _)| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafkascope_core::actor::Actor;
    use kafkascope_core::change::Change;
    use kafkascope_core::wire::TopicPartition;

    fn plain(change: &Change) -> String {
        LocalizedMessage::of(change, "change").plain(&|kind, number| format!("{kind} {number}"))
    }

    #[test]
    fn a_change_tells_its_name_and_its_fields_as_a_person_reads_them() {
        let partition = TopicPartition::new("orders", 0);
        let change = Change::IsrChanged { partition, from: vec![1, 2, 3], to: vec![], partition_epoch: 4 };
        assert_eq!(plain(&change), "isr changed · partition orders-0 · from 1, 2, 3 · to – · partitionEpoch 4");
        let change = Change::LinkCut { from: Actor::Node(1), to: Actor::Admin };
        assert_eq!(plain(&change), "link cut · from node 1 · to admin 0");
    }

    #[test]
    fn the_old_value_is_struck() {
        let piece = |text: &str, old| (text.to_owned(), old);
        let expected = [piece("LEO ", false), piece("6", true), piece(" → 7", false)];
        assert_eq!(struck("LEO 6 → 7", Some("6")), expected);
        let expected = [piece("ISR ", false), piece("1, 2, 3", true), piece(" → 1", false)];
        assert_eq!(struck("ISR 1, 2, 3 → 1", Some("1, 2, 3")), expected);
        let expected = [piece("leader ", false), piece("none", true), piece(" → 1", false)];
        assert_eq!(struck("leader none → 1", Some("-1")), expected);
        assert_eq!(struck("key K → orders-0", None), [piece("key K → orders-0", false)]);
        assert_eq!(struck("fenced", None), [piece("fenced", false)]);
    }
}
