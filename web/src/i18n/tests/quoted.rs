//! Nothing points at what is not there: what a text quotes is on the page, under that very name. Texts quote the page's own
//! words in “…” (English) and ‘…’ (Korean); record values and opinions stand in straight quotes.

use std::fs;
use std::path::PathBuf;

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, PatternElement};
use kafkascope_core::lesson::{Show, library};

use crate::controls::keys::BINDINGS;
use crate::i18n::Lang;
use crate::lessons::panel::tab_of;

/// A text and where it stands.
struct Text {
    at: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn texts(lang: Lang) -> Vec<Text> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(root().join("lessons")).expect("the lessons are there") {
        let path = entry.expect("an entry").path().join(format!("{}.md", lang.tag()));
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let line = |(number, line): (usize, &str)| Text {
            at: format!("{}:{}", path.display(), number + 1),
            text: line.to_owned(),
        };
        texts.extend(text.lines().enumerate().map(line));
    }
    for file in ["ui.ftl", "engine.ftl", "rest.ftl"] {
        let path = root().join("web/locales").join(lang.tag()).join(file);
        let text = fs::read_to_string(&path).expect("the file is there");
        texts.extend(text.lines().map(|line| Text { at: file.to_owned(), text: line.to_owned() }));
    }
    texts
}

/// The page's own words that need no argument, without the arrows of buttons.
fn labels(lang: Lang) -> Vec<String> {
    let folder = root().join("web/locales").join(lang.tag());
    let source = ["ui.ftl", "rest.ftl"].map(|file| fs::read_to_string(folder.join(file)).expect("the file is there"));
    let source = source.concat();
    let resource = FluentResource::try_new(source).unwrap_or_else(|_| panic!("{lang:?} reads"));
    let texts = resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => match &message.value.as_ref()?.elements[..] {
            [PatternElement::TextElement { value }] => Some((*value).to_owned()),
            _ => None,
        },
        _ => None,
    });
    texts.map(|text| bare(&text)).collect()
}

fn bare(text: &str) -> String {
    text.trim_matches(|letter: char| "◀▶←→ ".contains(letter)).to_owned()
}

/// What stands between such quotes. A placeable is filled in by the page itself.
fn quoted(text: &str, lang: Lang) -> Vec<String> {
    let (open, close) = match lang {
        Lang::En => ('“', '”'),
        Lang::Ko => ('‘', '’'),
    };
    let pieces = text.split(open).skip(1).filter_map(|rest| rest.split_once(close));
    pieces.map(|(inside, _)| inside.to_owned()).filter(|inside| !inside.contains('{')).collect()
}

/// What a text points at that is not there.
fn missing(text: &str, lang: Lang, labels: &[String]) -> Option<String> {
    if let Some(unknown) = quoted(text, lang).into_iter().find(|quoted| !labels.contains(&bare(quoted))) {
        return Some(format!("nothing is called {unknown}"));
    }
    let (places, key): (&[&str], &str) = match lang {
        Lang::En => (&[" panel", " tab "], " key"),
        Lang::Ko => (&[" 패널", " 탭"], " 키"),
    };
    let close = if lang == Lang::En { '”' } else { '’' };
    for place in places {
        for (at, _) in text.match_indices(place) {
            let is_english_tab = text[at..].starts_with(" tab “");
            if !text[..at].ends_with(close) && !is_english_tab {
                return Some(format!("the{place} is not named as it is on the page"));
            }
        }
    }
    // A key is written as the table of keys writes it: an arrow or one of its names.
    for (at, _) in text.match_indices(key) {
        let word = text[..at].rsplit(' ').next().unwrap_or_default();
        let is_key = word.chars().all(|letter| "←→↑↓".contains(letter)) && !word.is_empty();
        if is_key && !BINDINGS.iter().any(|binding| binding.cap == word) {
            return Some(format!("there is no key {word}"));
        }
    }
    None
}

#[test]
fn what_a_text_quotes_is_on_the_page() {
    for lang in [Lang::En, Lang::Ko] {
        let labels = labels(lang);
        let found: Vec<String> = texts(lang)
            .iter()
            .filter(|text| !text.text.starts_with('#') || text.at.contains(".md"))
            .filter_map(|text| Some(format!("{}: {}", text.at, missing(&text.text, lang, &labels)?)))
            .collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

#[test]
fn the_rule_finds_what_it_looks_for() {
    let labels = labels(Lang::En);
    for wrong in ["See “Why not yet?”.", "Read it off the partitioning panel.", "Press the ↑ key."] {
        assert!(missing(wrong, Lang::En, &labels).is_some(), "{wrong}");
    }
    for right in ["Read it off the “Partitioning” panel.", "Press “Forward” or the → key.", "A record needs a key."]
    {
        assert_eq!(missing(right, Lang::En, &labels), None, "{right}");
    }
    assert!(missing("partitioning 패널에서", Lang::Ko, &self::labels(Lang::Ko)).is_some());
}

/// The last hint names buttons: the beat has them.
#[test]
fn a_hint_names_no_button_that_its_beat_lacks() {
    let mut missing = Vec::new();
    let library = library();
    for lesson in &library.lessons {
        let text = lesson.text(Lang::En.language()).expect("an English text");
        for beat in &lesson.beats {
            for hint in (1..=3).filter_map(|grade| text.hint(&beat.id, grade)).map(|hint| hint.title.to_lowercase()) {
                let is_pressed = hint.contains("press the button") || hint.contains("the button sends");
                if is_pressed && beat.commands.is_empty() {
                    missing.push(format!("{} {}: no button", lesson.id, beat.id));
                }
                if hint.contains("run on until the goal") && beat.advance_within_ms.is_none() {
                    missing.push(format!("{} {}: no “run on”", lesson.id, beat.id));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn what_a_beat_shows_has_a_tab() {
    let shows =
        library().lessons.iter().flat_map(|lesson| &lesson.beats).filter_map(|beat| beat.show).collect::<Vec<Show>>();
    assert!(shows.contains(&Show::Partitioning));
    for i18n in [crate::i18n::I18n::of(Lang::En), crate::i18n::I18n::of(Lang::Ko)] {
        assert!(shows.iter().all(|show| i18n.find(tab_of(*show).1).is_some()));
    }
}
