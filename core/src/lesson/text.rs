//! A lesson's words in one language: one Markdown file, whose headings carry the anchors that `lesson.toml` speaks of.

use std::collections::BTreeMap;

use serde::Serialize;

use super::located::Mistakes;
use super::mistake::Mistake;

/// A language that every lesson is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Korean.
    Ko,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Ko, Self::En];

    /// The name of a lesson's file in this language.
    pub fn file(self) -> &'static str {
        match self {
            Self::Ko => "ko.md",
            Self::En => "en.md",
        }
    }
}

/// A heading and what stands under it, as Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// The heading.
    pub title: String,
    /// What stands under it.
    pub body: String,
    /// The heading's line in the file.
    #[serde(skip)]
    pub line: u32,
}

/// A lesson's words in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LessonText {
    /// The lesson's name, and what it is about.
    pub lead: Passage,
    /// The passages by their anchors: `append` for a beat, `append/goal-stored` for a part of it.
    passages: BTreeMap<String, Passage>,
}

impl LessonText {
    /// Reads a file. A beat begins with `## Name {#id}`, a part of it with `### Name {#part}`.
    pub(super) fn parse(text: &str, mistakes: &mut Mistakes<'_>) -> Self {
        let mut read = Self::default();
        let mut beat = String::new();
        // Where lines go: nowhere before the first heading, the lead for "", else the passage of this anchor.
        let mut current: Option<String> = None;
        let mut in_code = false;
        for (line, number) in text.lines().zip(1..) {
            in_code ^= line.trim_start().starts_with("```");
            let heading = if in_code { None } else { heading(line) };
            let Some((depth, title)) = heading else {
                if let Some(passage) = read.passage_mut(current.as_deref()) {
                    passage.body.push_str(line);
                    passage.body.push('\n');
                }
                continue;
            };
            let (title, anchor) = split_anchor(title);
            let passage = Passage { title: title.to_owned(), body: String::new(), line: number };
            let anchor = match (depth, anchor) {
                (1, _) => {
                    read.lead = passage;
                    current = Some(String::new());
                    continue;
                }
                (2, Some(anchor)) => {
                    anchor.clone_into(&mut beat);
                    anchor.to_owned()
                }
                (_, Some(anchor)) => format!("{beat}/{anchor}"),
                (_, None) => {
                    mistakes.add(number, title, Mistake::NoAnchor { heading: title.to_owned() });
                    current = None;
                    continue;
                }
            };
            if read.passages.insert(anchor.clone(), passage).is_some() {
                mistakes.add(number, anchor.clone(), Mistake::IdTwice { id: anchor.clone() });
            }
            current = Some(anchor);
        }
        read.lead.body = read.lead.body.trim().to_owned();
        read.passages.values_mut().for_each(|passage| passage.body = passage.body.trim().to_owned());
        read
    }

    fn passage_mut(&mut self, anchor: Option<&str>) -> Option<&mut Passage> {
        match anchor? {
            "" => Some(&mut self.lead),
            anchor => self.passages.get_mut(anchor),
        }
    }

    /// A beat's text.
    pub fn beat(&self, beat: &str) -> Option<&Passage> {
        self.passages.get(beat)
    }

    /// The name of a beat's button.
    pub fn action(&self, beat: &str) -> Option<&Passage> {
        self.passages.get(&format!("{beat}/do"))
    }

    /// A goal's words.
    pub fn goal(&self, beat: &str, goal: &str) -> Option<&Passage> {
        self.passages.get(&format!("{beat}/goal-{goal}"))
    }

    /// A question, and what to say once it is answered.
    pub fn prediction(&self, beat: &str, prediction: &str) -> Option<&Passage> {
        self.passages.get(&format!("{beat}/predict-{prediction}"))
    }

    /// The name of a beat's table, and what to say under it.
    pub fn table(&self, beat: &str) -> Option<&Passage> {
        self.passages.get(&format!("{beat}/table"))
    }

    /// A hint, in grades from 1 to 3.
    pub fn hint(&self, beat: &str, grade: u32) -> Option<&Passage> {
        self.passages.get(&format!("{beat}/hint-{grade}"))
    }

    /// Where a document is dated or wrong.
    pub fn doc_check(&self, beat: &str, check: &str) -> Option<&Passage> {
        self.passages.get(&format!("{beat}/doc-check-{check}"))
    }

    /// Compares with what `lesson.toml` names: an anchor, and whether it needs more than its heading.
    pub(super) fn check(&self, wanted: &[(String, bool)], mistakes: &mut Mistakes<'_>) {
        if self.lead.title.is_empty() {
            mistakes.add(1, "", Mistake::MissingField { field: "# title".to_owned() });
        } else if self.lead.body.is_empty() {
            mistakes.add(self.lead.line, "", Mistake::EmptyText { anchor: self.lead.title.clone() });
        }
        for (anchor, needs_body) in wanted {
            let line_of_beat = anchor.split('/').next().and_then(|beat| self.beat(beat)).map_or(1, |beat| beat.line);
            match self.passages.get(anchor) {
                None => mistakes.add(line_of_beat, anchor.clone(), Mistake::NoText { anchor: anchor.clone() }),
                Some(passage) if passage.title.is_empty() || (*needs_body && passage.body.is_empty()) => {
                    mistakes.add(passage.line, anchor.clone(), Mistake::EmptyText { anchor: anchor.clone() });
                }
                Some(_) => {}
            }
        }
        for (anchor, passage) in &self.passages {
            if !wanted.iter().any(|(each, _)| each == anchor) {
                mistakes.add(passage.line, anchor.clone(), Mistake::TextForNothing { anchor: anchor.clone() });
            }
        }
    }
}

/// The depth and text of a heading down to the third depth; deeper ones belong to their passage.
fn heading(line: &str) -> Option<(u32, &str)> {
    let rest = line.trim_start_matches('#');
    let depth = (line.len() - rest.len()) as u32;
    ((1..=3).contains(&depth) && rest.starts_with(' ')).then(|| (depth, rest.trim()))
}

fn split_anchor(title: &str) -> (&str, Option<&str>) {
    match title.strip_suffix('}').and_then(|text| text.rsplit_once("{#")) {
        Some((title, anchor)) => (title.trim(), Some(anchor.trim())),
        None => (title, None),
    }
}
