//! `lessons/index.toml`: the tracks with their lessons in order, and the sections of the documents that lessons cover.

use serde::{Deserialize, Serialize};

use super::located::{Mistakes, parse};
use super::mistake::LessonError;
use super::text::Language;

/// The tracks and the documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The tracks, in order.
    pub tracks: Vec<Track>,
    /// The documents.
    pub documents: Vec<Document>,
}

/// Lessons that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: Title,
    /// Its lessons' ids, in order.
    pub lessons: Vec<String>,
}

/// A document that a learner may have read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// `D0` and so on.
    pub id: String,
    /// What it is about.
    pub title: Title,
    /// Its sections, in order. Lessons name them by their names in the document's own language, Korean.
    pub sections: Vec<Title>,
}

/// A name in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// In Korean.
    pub ko: String,
    /// In English.
    pub en: String,
}

impl Title {
    /// The name in a language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Ko => &self.ko,
            Language::En => &self.en,
        }
    }
}

impl Index {
    /// Reads `index.toml`.
    pub fn read(text: &str) -> Result<Self, Vec<LessonError>> {
        let mut found = Vec::new();
        let mut mistakes = Mistakes::of("index.toml", &mut found);
        let index = parse(text, &mut mistakes).and_then(|file| file.read(&mut mistakes));
        index.filter(|_| found.is_empty()).ok_or(found)
    }

    /// A section as it is called in a language, behind its document's id. `section` is written `D3 acks`.
    pub fn section_in_language(&self, section: &str, language: Language) -> Option<String> {
        let (id, name) = section.split_once(' ')?;
        let document = self.documents.iter().find(|document| document.id == id)?;
        let found = document.sections.iter().find(|known| known.ko == name)?;
        Some(format!("{id} {}", found.in_language(language)))
    }

    /// Whether a document has a section, written `D3 acks`.
    pub fn knows(&self, section: &str) -> bool {
        let Some((document, section)) = section.split_once(' ') else { return false };
        self.documents.iter().any(|each| each.id == document && each.sections.iter().any(|known| known.ko == section))
    }
}
