//! No word is missing in either language, and every word that the code asks for is there.

mod quoted;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;
use kafkascope_core::wire::Request;
use serde_json::json;

use super::*;
use crate::engine::{ApiKey, CommandError};

mod rendered;

fn keys(lang: Lang, file: usize) -> BTreeSet<String> {
    fetched::files(lang)[file]
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
        if path.ends_with("i18n/tests.rs") || path.parent().is_some_and(|folder| folder.ends_with("i18n/tests")) {
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

/// A message that stands twice says in one place what is meant for another.
#[test]
fn no_message_stands_twice() {
    for lang in [Lang::En, Lang::Ko] {
        let starts = |line: &&str| line.starts_with(|first: char| first.is_ascii_lowercase());
        let lines = fetched::files(lang).into_iter().flat_map(str::lines).filter(starts);
        let mut keys: Vec<&str> = lines.filter_map(|line| Some(line.split_once('=')?.0.trim())).collect();
        keys.sort_unstable();
        let twice: Vec<&&str> =
            keys.windows(2).filter(|pair| pair[0] == pair[1]).filter_map(|pair| pair.first()).collect();
        assert!(twice.is_empty(), "{lang:?}: {twice:?}");
    }
}

#[test]
fn every_file_is_fluent_without_an_error() {
    for lang in [Lang::En, Lang::Ko] {
        for file in fetched::files(lang) {
            if let Err((_, errors)) = FluentResource::try_new(file.to_owned()) {
                panic!("{lang:?}: {errors:?}");
            }
        }
    }
}

#[test]
fn both_languages_say_the_same_things() {
    for file in 0..fetched::files(Lang::En).len() {
        let (en, ko) = (keys(Lang::En, file), keys(Lang::Ko, file));
        assert_eq!(en.difference(&ko).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in Korean");
        assert_eq!(ko.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in English");
    }
}

#[test]
fn every_key_in_the_code_has_words() {
    let known: BTreeSet<String> = (0..fetched::files(Lang::En).len()).flat_map(|file| keys(Lang::En, file)).collect();
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

/// What both languages say of a hand-written request.
fn refusal(api: ApiKey, body: serde_json::Value) -> [String; 2] {
    let error = CommandError::from(Request::from_json(api, &body).expect_err("it is refused"));
    [Lang::En, Lang::Ko].map(|lang| I18n::of(lang).engine("error", &LocalizedMessage::of(&error, "error")))
}

#[test]
fn a_request_that_cannot_be_read_is_told_with_its_place() {
    assert_eq!(
        refusal(ApiKey::Produce, json!({"topicData": [{"partitionData": [{"index": 3_000_000_000_u32}]}]})),
        [
            "topicData[0].partitionData[0].index cannot be 3000000000: its type allows -2147483648 to 2147483647.",
            "topicData[0].partitionData[0].index 값은 3000000000일 수 없습니다. 이 타입의 범위는 -2147483648 이상 2147483647 이하입니다.",
        ]
    );
    assert_eq!(
        refusal(ApiKey::Produce, json!({"topicData": [{"topic": "t"}]})),
        [
            "topicData[0].topic: the request has no field topic here. Allowed fields: name, topicId, partitionData.",
            "topicData[0].topic: 요청의 이 자리에는 topic 필드가 없습니다. 쓸 수 있는 필드: name, topicId, partitionData",
        ]
    );
    assert_eq!(
        refusal(ApiKey::Produce, json!({"acks": "all"})),
        ["acks is a string. It must be an integer.", "acks 값이 문자열입니다. 정수 타입이어야 합니다."]
    );
    assert_eq!(
        refusal(ApiKey::Fetch, json!({"topics": [{"topicId": "orders"}]})),
        [
            "topics[0].topicId cannot be orders: it is not a UUID (16 bytes in URL-safe base64 without padding).",
            "topics[0].topicId 값 orders는 올바른 UUID(패딩 없는 URL-safe base64로 쓴 16바이트) 형식이 아닙니다.",
        ]
    );
    assert_eq!(
        refusal(ApiKey::Produce, json!({"topicData": [{"partitionData": [{"records": {}}]}]})),
        [
            "topicData[0].partitionData[0].records.records is missing and has no default.",
            "topicData[0].partitionData[0].records.records 필드가 없습니다. 기본값이 없어서 반드시 써야 합니다.",
        ]
    );
}
