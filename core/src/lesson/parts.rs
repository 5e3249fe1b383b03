//! Reading the parts of `lesson.toml` that occur in several places: commands, conditions, moves, the cluster.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::condition::{ChangePattern, Condition, FieldTest};
use super::entry::{Entry, Printed, Reviewed};
use super::located::{Located, Mistakes};
use super::mistake::{Kind, Mistake};
use super::moves::{EnvelopeAct, EnvelopePattern, LessonCommand, Move, TimerPattern};
use super::request_path::{metric, metric_names};
use super::table::Table;
use super::{Count, StateCondition, WITHIN_MS};
use crate::change::Change;
use crate::cluster::{SubscriptionProblem, check_subscription};
use crate::config::{ClusterConfig, ConsumerConfig, NodeConfig, ProducerConfig, TopicConfig};
use crate::console::is_tool;
use crate::effects::Timer;
use crate::json::Segment;
use crate::properties::{Problem, ServerFile};
use crate::wire::codec::JsonType;

/// A command, one on an envelope or a timer that is named by what it is, or something that is written beside the cluster.
pub(super) fn command(place: &Located, mistakes: &mut Mistakes<'_>) -> Option<LessonCommand> {
    if place.has("console") {
        let mut fields = place.fields(mistakes);
        let line = fields.text("console", mistakes);
        fields.end(mistakes);
        return line.map(|line| LessonCommand::Write(Entry::Line(line)));
    }
    if place.has("files") {
        let mut fields = place.fields(mistakes);
        let places = fields.list("files", mistakes);
        let files: Vec<ServerFile> = places.iter().filter_map(|place| server_file(place, mistakes)).collect();
        fields.end(mistakes);
        return (files.len() == places.len()).then_some(LessonCommand::Write(Entry::Files(files)));
    }
    if place.has("timer") {
        return on_timer(place, mistakes).map(LessonCommand::OnTimer);
    }
    if !place.has("envelope") {
        return place.read(mistakes).map(LessonCommand::Plain);
    }
    let mut fields = place.fields(mistakes);
    let pattern: Option<EnvelopePattern> = fields.maybe("envelope")?.read(mistakes);
    let json: Value = fields.rest().map(|(name, field)| (name.to_owned(), field.json())).collect::<Map<_, _>>().into();
    let act: Option<EnvelopeAct> = place.read_as(&json, mistakes);
    Some(LessonCommand::OnEnvelope(act?, pattern?))
}

/// `{ name = "server-1.properties", text = "…" }`.
fn server_file(place: &Located, mistakes: &mut Mistakes<'_>) -> Option<ServerFile> {
    let mut fields = place.fields(mistakes);
    let (name, text) = (fields.text("name", mistakes), fields.text("text", mistakes));
    fields.end(mistakes);
    Some(ServerFile { name: name?, text: text? })
}

/// `{ command = "choose", timer = { name = "election-timeout", actor = "controller 1" } }`.
fn on_timer(place: &Located, mistakes: &mut Mistakes<'_>) -> Option<TimerPattern> {
    let mut fields = place.fields(mistakes);
    let named = fields.needed("command", mistakes)?;
    let command = named.text(mistakes)?;
    if command != "choose" {
        mistakes.at(named, Mistake::UnknownValue { found: command, expected: vec!["choose".to_owned()] });
        return None;
    }
    let timer = fields.maybe("timer")?;
    fields.end(mistakes);
    let pattern: TimerPattern = timer.read(mistakes)?;
    let known = Timer::names();
    if !known.contains(&pattern.name.as_str()) {
        let expected = known.iter().map(|&name| name.to_owned()).collect();
        mistakes.at(timer, Mistake::UnknownValue { found: pattern.name, expected });
        return None;
    }
    Some(pattern)
}

/// `{ measure = "quorum-size", sizes = [1, 2, 3] }`.
pub(super) fn table(place: &Located, mistakes: &mut Mistakes<'_>) -> Option<Table> {
    let table: Table = place.read(mistakes)?;
    if table.sizes.is_empty() {
        mistakes.at(place, Mistake::Empty { what: "sizes".to_owned() });
    }
    let known = table.measure.sizes();
    for size in table.sizes.iter().filter(|size| !known.contains(size)) {
        let expected = format!("{}–{}", known.start(), known.end());
        mistakes.at(place, Mistake::OutOfRange { found: size.to_string(), expected });
    }
    Some(table)
}

/// `{ seen = "appended", … }` or `{ now = "log-end", … }`, besides fields that were taken already.
pub(super) fn condition(place: &Located, besides: &[&str], mistakes: &mut Mistakes<'_>) -> Option<Condition> {
    if place.has("seen") {
        return pattern(place, besides, mistakes).map(Condition::Seen);
    }
    let mut json = place.json();
    if let Some(fields) = json.as_object_mut() {
        besides.iter().for_each(|&name| _ = fields.shift_remove(name));
    }
    if place.has("printed") {
        let printed: Printed = place.read_as(&json, mistakes)?;
        if !is_tool(&printed.printed) {
            let found = printed.printed.clone();
            mistakes.at(place, Mistake::UnknownValue { found, expected: crate::console::tools() });
        }
        return Some(Condition::Printed(printed));
    }
    if place.has("files") {
        let reviewed: Reviewed = place.read_as(&json, mistakes)?;
        let known = Problem::names();
        if let Some(found) = reviewed.mistake().filter(|name| !known.contains(name)) {
            let expected = known.iter().map(|&name| name.to_owned()).collect();
            mistakes.at(place, Mistake::UnknownValue { found: found.to_owned(), expected });
        }
        return Some(Condition::Reviewed(reviewed));
    }
    if !place.has("now") {
        mistakes.at(place, Mistake::MissingField { field: "seen, now, printed, files".to_owned() });
        return None;
    }
    let state: StateCondition = place.read_as(&json, mistakes)?;
    if let StateCondition::Metric { name, request, .. } = &state
        && metric(name, request.as_deref()).is_none()
    {
        let found = [name.as_str()].into_iter().chain(request.as_deref()).collect::<Vec<_>>().join(" ");
        mistakes.at(place, Mistake::UnknownValue { found, expected: metric_names() });
    }
    Some(Condition::State(state))
}

fn pattern(place: &Located, besides: &[&str], mistakes: &mut Mistakes<'_>) -> Option<ChangePattern> {
    let mut fields = place.fields(mistakes);
    let named = fields.needed("seen", mistakes)?;
    let change = named.text(mistakes)?;
    let Some(known) = Change::fields(&change) else {
        let expected = Change::names().iter().map(|&name| name.to_owned()).collect();
        mistakes.at(named, Mistake::UnknownValue { found: change, expected });
        return None;
    };
    let all = place.json();
    let mut tests = Vec::new();
    let rest: Vec<_> = fields.rest().filter(|(name, _)| !besides.contains(name)).collect();
    for (name, field) in rest {
        let Some((_, json_type)) = known.iter().find(|(each, _)| each == name) else {
            let expected = known.iter().map(|(each, _)| each.clone()).collect();
            mistakes.at(field, Mistake::UnknownField { field: name.to_owned(), expected });
            continue;
        };
        let value = all.get(name).cloned().unwrap_or_default();
        match *json_type {
            Some(JsonType::Integer) if value.is_object() => {
                tests.extend(field.read::<Count>(mistakes).map(|count| (name.to_owned(), FieldTest::Within(count))));
            }
            Some(JsonType::Array) if value.is_object() => {
                let has = field.fields(mistakes).needed("has", mistakes).map(Located::json);
                tests.extend(has.map(|has| (name.to_owned(), FieldTest::Has(has))));
            }
            Some(expected) if JsonType::of(&value) != expected => {
                let mistake = Mistake::WrongType { found: Kind::of(&value), expected: Kind::of_json(expected) };
                mistakes.at(field, mistake);
            }
            Some(_) | None => tests.push((name.to_owned(), FieldTest::Is(value))),
        }
    }
    Some(ChangePattern { change, fields: tests })
}

/// One move of a path. `beats` are the ids that `do` may name.
pub(super) fn one_move(place: &Located, beats: &[String], mistakes: &mut Mistakes<'_>) -> Option<Move> {
    if ["command", "console", "files"].into_iter().any(|name| place.has(name)) {
        return command(place, mistakes).map(Move::Act);
    }
    let mut fields = place.fields(mistakes);
    let found = if let Some(field) = fields.maybe("do") {
        let beat = field.text(mistakes)?;
        if !beats.contains(&beat) {
            mistakes.at(field, Mistake::NoSuchId { id: beat.clone(), expected: beats.to_vec() });
        }
        Some(Move::Do(beat))
    } else if let Some(field) = fields.maybe("forward") {
        let times = fields.maybe("times").map_or(Some(1), |times| times.read(mistakes))?;
        Some(Move::Forward { size: field.read(mistakes)?, times })
    } else if let Some(field) = fields.maybe("until") {
        let within_ms = fields.maybe("withinMs").map_or(Some(WITHIN_MS), |within| within.read(mistakes))?;
        Some(Move::Until { condition: condition(field, &[], mistakes)?, within_ms })
    } else if let Some(field) = fields.maybe("waitMs") {
        Some(Move::Wait { for_ms: field.read(mistakes)? })
    } else {
        let field = "command, console, files, do, forward, until, waitMs".to_owned();
        mistakes.at(place, Mistake::MissingField { field });
        return None;
    };
    fields.end(mistakes);
    found
}

/// The cluster: as in the engine's own configuration, with `brokers = 3` as a short form of its nodes, and settings
/// written as one likes: numbers, dotted names.
pub(super) fn cluster(place: &Located, mistakes: &mut Mistakes<'_>) -> Option<ClusterConfig> {
    let mut fields = place.fields(mistakes);
    let all_items = [
        items::<NodeConfig>(fields.list("nodes", mistakes), mistakes),
        items::<TopicConfig>(fields.list("topics", mistakes), mistakes),
        items::<ProducerConfig>(fields.list("producers", mistakes), mistakes),
        items::<ConsumerConfig>(fields.list("consumers", mistakes), mistakes),
    ];
    if all_items.contains(&false) {
        return None;
    }
    let mut json = place.json();
    settings_as_text(&mut json);
    let fields = json.as_object_mut()?;
    if let Some(count) = fields.shift_remove("brokers") {
        let node = |id: i64, roles: &str| serde_json::json!({"id": id, "roles": roles});
        let brokers = (1..=count.as_i64().unwrap_or_default().clamp(0, 9)).map(|id| node(id, "broker"));
        let nodes: Vec<Value> = brokers.chain([node(CONTROLLER, "controller")]).collect();
        fields.insert("nodes".to_owned(), nodes.into());
    }
    let config: ClusterConfig = place.read_as(&json, mistakes)?;
    let begin_well = subscriptions(place, &config, mistakes);
    begin_well.then_some(config)
}

/// Whether every consumer can begin with what it is to read; each mistake is told at its own line.
fn subscriptions(place: &Located, config: &ClusterConfig, mistakes: &mut Mistakes<'_>) -> bool {
    let places = place.fields(mistakes).list("consumers", mistakes);
    let topics = || config.topics.iter().map(|topic| topic.name.clone()).collect();
    let mut all_right = true;
    for (consumer, place) in config.consumers.iter().zip(places) {
        for found in check_subscription(consumer, &config.topics) {
            all_right = false;
            let field = Segment::Field(found.field.to_owned());
            let at = place.part(&std::iter::once(field).chain(found.index.map(Segment::Item)).collect::<Vec<_>>());
            mistakes.at(
                at,
                match found.problem {
                    SubscriptionProblem::MutuallyExclusive => Mistake::MutuallyExclusive {
                        fields: ["topics", "pattern", "assign"].map(str::to_owned).to_vec(),
                    },
                    SubscriptionProblem::Empty => Mistake::Empty { what: found.field.to_owned() },
                    SubscriptionProblem::BadPattern { pattern, reason } => {
                        Mistake::Unreadable { found: pattern, reason: reason.to_owned() }
                    }
                    SubscriptionProblem::UnknownTopic { name } => {
                        Mistake::UnknownValue { found: name.to_string(), expected: topics() }
                    }
                    SubscriptionProblem::NoSuchPartition { partition, last } => {
                        Mistake::OutOfRange { found: partition.to_string(), expected: format!("0–{last}") }
                    }
                },
            );
        }
    }
    all_right
}

/// Whether every item can be read, each judged by itself, so that a mistake is told at its own line.
fn items<T: DeserializeOwned>(places: &[Located], mistakes: &mut Mistakes<'_>) -> bool {
    let mut all_right = true;
    for place in places {
        let mut json = place.json();
        settings_as_text(&mut json);
        all_right &= place.read_as::<T>(&json, mistakes).is_some();
    }
    all_right
}

/// `node.id` of the controller in the short form: far from brokers' ids, so that nobody takes it for one of them.
const CONTROLLER: i64 = 100;

/// Kafka's settings are text. A TOML writer puts `"linger.ms" = 0`, or without quotes, which TOML reads as a table.
fn settings_as_text(json: &mut Value) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(settings_as_text),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Object(settings) if name == "settings" => {
                        let mut flat = Map::new();
                        flatten("", settings, &mut flat);
                        *settings = flat;
                    }
                    other => settings_as_text(other),
                }
            }
        }
        _ => {}
    }
}

fn flatten(before: &str, settings: &Map<String, Value>, flat: &mut Map<String, Value>) {
    for (name, value) in settings {
        let name = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        match value {
            Value::Object(inner) => flatten(&name, inner, flat),
            Value::String(text) => _ = flat.insert(name, Value::from(text.as_str())),
            other => _ = flat.insert(name, Value::from(other.to_string())),
        }
    }
}
