//! Reading one lesson's files. Every mistake is found, and told with its place.

use std::collections::BTreeMap;

use super::condition::Condition;
use super::index::Index;
use super::located::{Fields, Located, Mistakes, parse};
use super::mistake::{LessonError, Mistake};
use super::moves::Move;
use super::parts::{cluster, command, condition, one_move, table};
use super::predict::{Ask, Prediction};
use super::text::{Language, LessonText};
use super::{Beat, Goal, Lesson, WrongPath};
use crate::sort::SharedSort;
use crate::step::Size;

/// The files of one lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LessonFiles<'a> {
    /// The folder's name.
    pub folder: &'a str,
    /// `lesson.toml`.
    pub script: &'a str,
    /// `ko.md`.
    pub ko: &'a str,
    /// `en.md`.
    pub en: &'a str,
}

/// The number of hints of a beat: where to look, what to do, how to do it.
const HINTS: u32 = 3;

/// Reads a lesson, or says everything that is wrong with it.
pub fn read(files: &LessonFiles<'_>, index: &Index) -> Result<Lesson, Vec<LessonError>> {
    let mut found = Vec::new();
    let mut mistakes = Mistakes::of(format!("{}/lesson.toml", files.folder), &mut found);
    let lesson =
        parse(files.script, &mut mistakes).and_then(|script| lesson(&script, files.folder, index, &mut mistakes));
    let mut texts = BTreeMap::new();
    let wanted = lesson.as_ref().map(anchors);
    for (language, text) in [(Language::Ko, files.ko), (Language::En, files.en)] {
        let mut mistakes = Mistakes::of(format!("{}/{}", files.folder, language.file()), &mut found);
        let text = LessonText::parse(text, &mut mistakes);
        if let Some(wanted) = &wanted {
            text.check(wanted, &mut mistakes);
        }
        texts.insert(language, text);
    }
    found.shared_sort_by(|one, other| (one.line, &one.at).cmp(&(other.line, &other.at)));
    found.shared_sort_by_key(|mistake| (mistake.file.ends_with(".md"), mistake.file.clone()));
    match lesson {
        Some(lesson) if found.is_empty() => Ok(Lesson { texts, ..lesson }),
        _ => Err(found),
    }
}

/// The anchors that a lesson's text must have, and whether more than a heading must stand there.
fn anchors(lesson: &Lesson) -> Vec<(String, bool)> {
    let mut wanted = Vec::new();
    for beat in &lesson.beats {
        let mut part = |anchor: String, needs_body| wanted.push((format!("{}/{anchor}", beat.id), needs_body));
        if !beat.commands.is_empty() {
            part("do".to_owned(), false);
        }
        beat.goals.iter().for_each(|goal| part(format!("goal-{}", goal.id), false));
        beat.predictions.iter().for_each(|question| part(format!("predict-{}", question.id), true));
        if beat.table.is_some() {
            part("table".to_owned(), false);
        }
        beat.doc_checks.iter().for_each(|check| part(format!("doc-check-{check}"), true));
        if !beat.goals.is_empty() {
            (1..=HINTS).for_each(|grade| part(format!("hint-{grade}"), false));
        }
        wanted.push((beat.id.clone(), true));
    }
    wanted
}

fn lesson(script: &Located, folder: &str, index: &Index, mistakes: &mut Mistakes<'_>) -> Option<Lesson> {
    let mut fields = script.fields(mistakes);
    let id = fields.text("id", mistakes);
    let track = fields.text("track", mistakes);
    if let Some(id) = &id {
        if id != folder {
            mistakes.at(script, Mistake::NotItsFolder { id: id.clone(), folder: folder.to_owned() });
        }
        let track = track.clone().unwrap_or_default();
        if !index.tracks.iter().any(|each| each.id == track && each.lessons.contains(id)) {
            mistakes.at(script, Mistake::NotInTrack { id: id.clone(), track });
        }
    }
    let sections = sections(&mut fields, index, mistakes);
    let seed = fields.maybe("seed").map_or(Some(1), |seed| seed.read(mistakes));
    let cluster = fields.needed("cluster", mistakes).and_then(|place| cluster(place, mistakes));
    let beat_places = fields.needed("beats", mistakes).map_or(&[][..], |beats| beats.items(mistakes));
    let ids = beat_ids(beat_places, mistakes);
    let before = moves(fields.list("before", mistakes), &ids, mistakes);
    let beats: Vec<Beat> = beat_places.iter().filter_map(|place| beat(place, &ids, mistakes)).collect();
    let wrong = fields.needed("wrong", mistakes).map_or(&[][..], |wrong| wrong.items(mistakes));
    let wrong = wrong.iter().filter_map(|place| wrong_path(place, &ids, mistakes)).collect();
    if !beats.iter().any(|beat| !beat.goals.is_empty()) {
        mistakes.at(script, Mistake::Empty { what: "beats.goals".to_owned() });
    }
    fields.end(mistakes);
    let texts = BTreeMap::new();
    Some(Lesson { id: id?, track: track?, sections, seed: seed?, cluster: cluster?, before, beats, wrong, texts })
}

fn sections(fields: &mut Fields<'_>, index: &Index, mistakes: &mut Mistakes<'_>) -> Vec<String> {
    let mut sections = Vec::new();
    for place in fields.list("sections", mistakes) {
        let Some(section) = place.text(mistakes) else { continue };
        if !index.knows(&section) {
            mistakes.at(place, Mistake::UnknownSection { section: section.clone() });
        }
        sections.push(section);
    }
    sections
}

/// The beats' ids, read before the beats: a path may name a later one.
fn beat_ids(beats: &[Located], mistakes: &mut Mistakes<'_>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for place in beats {
        // A missing id is told where the beat itself is read.
        let id = place.json().get("id").and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default();
        if ids.contains(&id) {
            mistakes.at(place, Mistake::IdTwice { id: id.clone() });
        }
        ids.push(id);
    }
    ids
}

fn moves(places: &[Located], beats: &[String], mistakes: &mut Mistakes<'_>) -> Vec<Move> {
    places.iter().filter_map(|place| one_move(place, beats, mistakes)).collect()
}

fn beat(place: &Located, beats: &[String], mistakes: &mut Mistakes<'_>) -> Option<Beat> {
    let mut fields = place.fields(mistakes);
    let id = fields.text("id", mistakes);
    let show = fields.maybe("show").and_then(|show| show.read(mistakes));
    let commands = fields.list("do", mistakes).iter().filter_map(|place| command(place, mistakes)).collect();
    let advance_within_ms = fields.maybe("advance").and_then(|advance| advance.read(mistakes));
    let goals: Vec<Goal> = fields.list("goals", mistakes).iter().filter_map(|place| goal(place, mistakes)).collect();
    let asked = fields.list("predict", mistakes);
    let predictions: Vec<Prediction> = asked.iter().filter_map(|place| prediction(place, beats, mistakes)).collect();
    let table = fields.maybe("table").and_then(|place| table(place, mistakes));
    let checks = fields.list("docChecks", mistakes);
    let doc_checks: Vec<String> = checks.iter().filter_map(|place| place.text(mistakes)).collect();
    let solution = moves(fields.list("solution", mistakes), beats, mistakes);
    fields.end(mistakes);
    let goal_ids = goals.iter().map(|goal| &goal.id);
    let twice = [repeated(goal_ids), repeated(predictions.iter().map(|each| &each.id)), repeated(doc_checks.iter())];
    twice.into_iter().flatten().for_each(|id| mistakes.at(place, Mistake::IdTwice { id }));
    Some(Beat { id: id?, show, commands, advance_within_ms, goals, predictions, table, doc_checks, solution })
}

fn repeated<'a>(ids: impl Iterator<Item = &'a String> + Clone) -> Option<String> {
    ids.clone()
        .enumerate()
        .find(|(at, id)| ids.clone().take(*at).any(|earlier| earlier == *id))
        .map(|(_, id)| id.clone())
}

fn goal(place: &Located, mistakes: &mut Mistakes<'_>) -> Option<Goal> {
    let id = place.fields(mistakes).text("id", mistakes);
    let condition: Option<Condition> = condition(place, &["id"], mistakes);
    Some(Goal { id: id?, condition: condition? })
}

fn prediction(place: &Located, beats: &[String], mistakes: &mut Mistakes<'_>) -> Option<Prediction> {
    let mut fields = place.fields(mistakes);
    let id = fields.text("id", mistakes);
    let ask = fields.needed("ask", mistakes).and_then(|field| {
        let text = field.text(mistakes)?;
        let ask = Ask::parse(&text);
        if ask.is_none() {
            let expected = Ask::FORMS.iter().map(|&form| form.to_owned()).collect();
            mistakes.at(field, Mistake::UnknownValue { found: text, expected });
        }
        ask
    });
    let after = match fields.maybe("after") {
        Some(list) => moves(list.items(mistakes), beats, mistakes),
        None => vec![Move::Forward { size: Size::Message, times: 1 }],
    };
    fields.end(mistakes);
    Some(Prediction { id: id?, ask: ask?, after })
}

fn wrong_path(place: &Located, beats: &[String], mistakes: &mut Mistakes<'_>) -> Option<WrongPath> {
    let mut fields = place.fields(mistakes);
    let named = fields.needed("beat", mistakes);
    let beat = named.and_then(|field| {
        let beat = field.text(mistakes)?;
        if !beats.contains(&beat) {
            mistakes.at(field, Mistake::NoSuchId { id: beat.clone(), expected: beats.to_vec() });
        }
        Some(beat)
    });
    let list = fields.needed("moves", mistakes).map_or(&[][..], |list| list.items(mistakes));
    let moves = moves(list, beats, mistakes);
    fields.end(mistakes);
    Some(WrongPath { beat: beat?, moves })
}
