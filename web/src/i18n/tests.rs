//! No word is missing in either language, and every word that the code asks for is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;

use super::*;

fn keys(lang: Lang, file: usize) -> BTreeSet<String> {
    lang.files()[file]
        .lines()
        .filter_map(|line| line.split_once(" =").or_else(|| line.split_once('=')))
        .map(|(key, _)| key)
        .filter(|key| key.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter(|key| key.chars().all(|each| each.is_ascii_alphanumeric() || each == '-'))
        .map(str::to_owned)
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the source folder is readable");
    let paths = entries.map(|entry| entry.expect("an entry is readable").path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The literal keys after `.format(` and `.format_with(`, and those of the key table.
fn keys_in_code() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        if path.ends_with("i18n/tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file is text");
        for call in [".format(", ".format_with(", "key: ", "word: "] {
            for rest in text.split(call).skip(1) {
                if let Some((key, _)) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'))
                    && key.chars().all(|each| each.is_ascii_lowercase() || each == '-')
                {
                    found.insert(key.to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn every_file_is_fluent_without_an_error() {
    for lang in [Lang::En, Lang::Ko] {
        for file in lang.files() {
            if let Err((_, errors)) = FluentResource::try_new(file.to_owned()) {
                panic!("{lang:?}: {errors:?}");
            }
        }
    }
}

#[test]
fn both_languages_say_the_same_things() {
    for file in 0..2 {
        let (en, ko) = (keys(Lang::En, file), keys(Lang::Ko, file));
        assert_eq!(en.difference(&ko).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in Korean");
        assert_eq!(ko.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in English");
    }
}

#[test]
fn every_key_in_the_code_has_words() {
    let known = keys(Lang::En, 0);
    let used = keys_in_code();
    assert!(used.len() > 50, "the search for keys finds too few: {used:?}");
    let missing: Vec<_> = used.difference(&known).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
}

#[test]
fn particles_are_chosen_within_a_message() {
    let mut i18n = I18n::of(Lang::Ko);
    let bundle = Rc::get_mut(&mut i18n.bundle).expect("nobody else has it");
    let text = "a = 브로커 { $n }{ JOSA($n, \"은/는\") } 끝났다.\n";
    bundle.add_resource_overriding(FluentResource::try_new(text.to_owned()).expect("it is Fluent"));
    assert_eq!(i18n.format_with("a", [("n", 2.into())]), "브로커 2는 끝났다.");
    assert_eq!(i18n.format_with("a", [("n", 3.into())]), "브로커 3은 끝났다.");
}

#[test]
fn what_has_no_words_yet_is_still_told() {
    let formatted = LocalizedMessage::of(&Explanation::PersonPolls { consumer: 3 }, "key");
    let nonsense = LocalizedMessage { name: "no-such-thing".to_owned(), ..formatted };
    assert_eq!(I18n::of(Lang::En).engine("step", &nonsense), "no such thing · consumer 3");
}
