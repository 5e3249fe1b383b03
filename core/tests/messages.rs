//! Every explanation, change and error of the engine has its words in every language, and no words are left over.
//!
//! The files are read as text: the engine does not know how the page words it, only that it must.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kafkascope_core::change::Change;
use kafkascope_core::cluster::ConfigError;
use kafkascope_core::command::CommandError;
use kafkascope_core::explain::Explanation;
use kafkascope_core::invariant::InvariantViolation;
use kafkascope_core::lesson::{Answer, Mistake, Stuck};
use kafkascope_core::scenario::ScenarioError;
use kafkascope_core::settings::Unmodelled;

/// The messages of a Fluent file: each id with the arguments that its words use.
fn messages(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/locales").join(language);
    let read = |file| std::fs::read_to_string(folder.join(file)).expect("the language's file is there");
    let text = ["engine.ftl", "rest.ftl"].map(read).concat();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|first: char| first.is_ascii_lowercase()) {
            let (id, _) = line.split_once(" = ").expect("a message begins with `id = `");
            assert!(found.insert(id.to_owned(), BTreeSet::new()).is_none(), "{language}: {id} is there twice");
            current = Some(id.to_owned());
        }
        if let Some(arguments) = current.as_ref().and_then(|id| found.get_mut(id)) {
            let names = line.split('$').skip(1);
            arguments
                .extend(names.map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>()));
        }
    }
    found
}

fn check(prefix: &str, names: &[&str]) {
    let wanted: BTreeSet<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
    for language in ["en", "ko"] {
        let there: BTreeSet<String> = messages(language).into_keys().filter(|id| id.starts_with(prefix)).collect();
        let missing: Vec<_> = wanted.difference(&there).collect();
        let unknown: Vec<_> = there.difference(&wanted).collect();
        assert!(missing.is_empty(), "{language} lacks {missing:?}");
        assert!(unknown.is_empty(), "{language} has words for nothing: {unknown:?}");
    }
}

#[test]
fn every_explanation_has_its_words() {
    check("step-", Explanation::keys());
}

#[test]
fn every_invariant_has_its_words() {
    check("invariant-", InvariantViolation::names());
    check("violation-", InvariantViolation::names());
}

#[test]
fn every_change_has_its_words() {
    check("change-", Change::names());
}

#[test]
fn every_command_error_has_its_words() {
    check("error-", CommandError::names());
}

#[test]
fn every_reason_why_a_run_does_not_open_has_its_words() {
    check("not-opened-", &[ScenarioError::names(), ConfigError::names()].concat());
}

#[test]
fn every_reason_why_a_setting_does_nothing_has_its_words() {
    check("unmodelled-", Unmodelled::names());
    check("mistake-", kafkascope_core::properties::Problem::names());
    check("console-", kafkascope_core::console::Hint::names());
    check("caution-", kafkascope_core::properties::Caution::names());
}

#[test]
fn lessons_have_their_words() {
    check("answer-", Answer::names());
    check("lesson-stuck-", Stuck::names());
    check("lesson-error-", Mistake::names());
}

#[test]
fn both_languages_have_the_same_messages() {
    let english: Vec<String> = messages("en").into_keys().collect();
    let korean: Vec<String> = messages("ko").into_keys().collect();
    assert_eq!(english, korean);
}

/// An argument that no variant has would be shown to a person as `{$name}`. The fields are read from the source, so that
/// nobody has to keep a second list.
#[test]
fn messages_use_only_arguments_that_exist() {
    let sources = [
        ("step-", include_str!("../src/explain.rs")),
        ("change-", include_str!("../src/change.rs")),
        ("error-", include_str!("../src/command.rs")),
    ];
    for language in ["en", "ko"] {
        for (id, used) in messages(language) {
            let Some((prefix, source)) = sources.iter().find(|(prefix, _)| id.starts_with(prefix)) else { continue };
            let fields = fields_of(source, &camel(id.trim_start_matches(prefix), true));
            let unknown: Vec<_> = used.difference(&fields).collect();
            assert!(unknown.is_empty(), "{language}: {id} uses {unknown:?}; it has {fields:?}");
        }
    }
}

/// The camelCase field names of an enum's variant, as its source says.
fn fields_of(source: &str, variant: &str) -> BTreeSet<String> {
    let start = format!("\n    {variant} {{");
    let Some(at) = source.find(&start) else { return BTreeSet::new() };
    let body = source[at + start.len()..].split('}').next().unwrap_or_default();
    body.split(',').filter_map(|field| field.split_once(':')).map(|(name, _)| camel(name.trim(), false)).collect()
}

/// `high-watermark` or `high_watermark` as `HighWatermark` or `highWatermark`.
fn camel(name: &str, upper: bool) -> String {
    let mut capital = upper;
    let mut result = String::new();
    for each in name.chars() {
        if each == '-' || each == '_' {
            capital = true;
        } else {
            result.push(if capital { each.to_ascii_uppercase() } else { each });
            capital = false;
        }
    }
    result
}
