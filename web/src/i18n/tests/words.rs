//! The messages and the lessons keep to `web/locales/GLOSSARY.md`: one rendering of a term, particles by the function, whole verbs,
//! sentences that begin with a capital.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;

use super::super::{Lang, fetched, josa};

/// Where a text stands, and one way in which it can be read: a placeable is `⟦name⟧`, one that begins a sentence `⟦^name⟧`, a particle
/// of the function `⟪name|pair⟫`.
type Reading = (String, String);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every reading of every message.
fn messages(lang: Lang) -> Vec<Reading> {
    let mut found = Vec::new();
    for file in fetched::files(lang) {
        let resource = match parse(file) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        for entry in resource.body {
            if let Entry::Message(message) = entry {
                let readings = message.value.iter().flat_map(readings);
                found.extend(readings.map(|reading| (format!("{} {}", lang.tag(), message.id.name), reading)));
            }
        }
    }
    found
}

fn readings(pattern: &Pattern<&str>) -> Vec<String> {
    pattern.elements.iter().fold(vec![String::new()], |before, element| {
        let next = match element {
            PatternElement::TextElement { value } => vec![(*value).to_owned()],
            PatternElement::Placeable { expression } => expression_readings(expression),
        };
        before.iter().flat_map(|start| next.iter().map(move |end| format!("{start}{end}"))).collect()
    })
}

fn expression_readings(expression: &Expression<&str>) -> Vec<String> {
    match expression {
        Expression::Select { variants, .. } => variants.iter().flat_map(|variant| readings(&variant.value)).collect(),
        Expression::Inline(InlineExpression::Placeable { expression }) => expression_readings(expression),
        Expression::Inline(inline) => vec![inline_reading(inline)],
    }
}

fn inline_reading(inline: &InlineExpression<&str>) -> String {
    match inline {
        InlineExpression::StringLiteral { value } | InlineExpression::NumberLiteral { value } => (*value).to_owned(),
        InlineExpression::VariableReference { id } => format!("⟦{}⟧", id.name),
        InlineExpression::FunctionReference { id, arguments } => {
            let names: Vec<&str> = arguments.positional.iter().map(argument).collect();
            match id.name {
                "CAPITAL" => format!("⟦^{}⟧", names.concat()),
                "JOSA" => format!("⟪{}⟫", names.join("|")),
                other => panic!("{other} is not known here"),
            }
        }
        other => panic!("no message uses {other:?}"),
    }
}

fn argument<'s>(inline: &InlineExpression<&'s str>) -> &'s str {
    match inline {
        InlineExpression::StringLiteral { value } => value,
        InlineExpression::VariableReference { id } => id.name,
        other => panic!("no function is given {other:?}"),
    }
}

/// The paragraphs of the lessons' texts, without code, quotations, addresses and anchors.
fn lessons(lang: Lang) -> Vec<Reading> {
    let folder = fs::read_dir(root().join("lessons")).expect("the lessons are there");
    let mut found = Vec::new();
    for entry in folder {
        let path = entry.expect("an entry is readable").path().join(format!("{}.md", lang.tag()));
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        for paragraph in text.split("\n\n") {
            let plain = without(&without(&without(paragraph, '`', '`'), '"', '"'), '{', '}');
            found.push((name.clone(), plain.replace('\n', " ")));
        }
    }
    assert!(found.len() > 100, "the lessons' texts are not found");
    found
}

/// A text without what stands between two marks.
fn without(text: &str, open: char, close: char) -> String {
    let mut kept = String::new();
    let mut inside = false;
    for each in text.chars() {
        if inside {
            inside = each != close;
        } else if each == open {
            inside = true;
            kept.push('§');
        } else {
            kept.push(each);
        }
    }
    kept
}

fn all_texts(lang: Lang) -> Vec<Reading> {
    messages(lang).into_iter().chain(lessons(lang)).collect()
}

/// The rows of the glossary's table with these columns, as lists of words.
fn table(columns: &str) -> Vec<Vec<Vec<String>>> {
    let text = fs::read_to_string(root().join("web/locales/GLOSSARY.md")).expect("the glossary is there");
    let (_, rest) = text.split_once(&format!("| {columns} |\n")).expect("the table is there");
    let words =
        |cell: &str| cell.split(", ").map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
    let rows = rest.lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(words).collect()).collect()
}

/// Whether a text has a word: a Latin one by itself and in any case, a Korean one anywhere.
fn has(text: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return text.contains(word);
    }
    let (text, word) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    let is_part = |each: char| each.is_ascii_alphanumeric() || matches!(each, '_' | '-' | '.');
    text.match_indices(&word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + word.len()..].chars();
        let ends = match after.next() {
            Some('.') => !after.next().is_some_and(is_part),
            Some(next) => !is_part(next),
            None => true,
        };
        !before.is_some_and(is_part) && ends
    })
}

/// Fails with everything that a rule finds.
fn check(texts: &[Reading], rule: impl Fn(&str) -> Option<String>) {
    let mut report = String::new();
    for (at, text) in texts {
        if let Some(found) = rule(text) {
            let line = format!("\n{at}: {found}: {text}");
            if !report.contains(&line) {
                write!(report, "{line}").expect("a string takes text");
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn a_term_has_one_rendering_in_korean() {
    let rows = table("term | Korean | never | English stays in");
    assert!(rows.len() > 40, "the table is not read");
    check(&all_texts(Lang::Ko), |text| {
        rows.iter().find_map(|row| {
            let stays = &row[3];
            let text = without(&without(text, '⟦', '⟧'), '⟪', '⟫');
            let text = stays.iter().fold(text, |text, phrase| text.replace(phrase.as_str(), "§"));
            let text = if stays.len() > 1 { text.replace(&stays.join(", "), "§") } else { text };
            let word = row[2].iter().find(|word| has(&text, word))?;
            Some(format!("{word} is {} here", row[1].join(", ")))
        })
    });
}

#[test]
fn english_keeps_to_its_words() {
    let rows = table("say | never | stays in");
    check(&messages(Lang::En), |text| {
        rows.iter().find_map(|row| {
            let text =
                row[2].iter().fold(without(text, '⟦', '⟧'), |text, phrase| text.replace(phrase.as_str(), "§"));
            row[1].iter().find(|word| has(&text, word)).map(|word| format!("{word} is {} here", row[0].join(", ")))
        })
    });
}

/// What follows a value in Korean and depends on how it is read.
const BARE: [&str; 12] = ["은", "는", "이", "가", "을", "를", "과", "와", "으로", "로", "이나", "나"];

/// The bare particle that a text begins with, where it ends the word.
fn bare_particle(text: &str) -> Option<&'static str> {
    let word: String = text.chars().take_while(|each| ('가'..='힣').contains(each)).collect();
    BARE.into_iter().find(|particle| word == *particle)
}

#[test]
fn a_particle_after_a_value_is_the_functions() {
    check(&messages(Lang::Ko), |text| {
        let mut after_values = text.split('⟧').skip(1);
        after_values.find_map(bare_particle).map(|particle| format!("a value is followed by {particle}"))
    });
    // The function is given the value before it, and stands right after it.
    check(&messages(Lang::Ko), |text| {
        text.match_indices('⟪').find_map(|(at, _)| {
            let name: String = text[at..].chars().skip(1).take_while(|each| *each != '|').collect();
            let follows = text[..at].ends_with(&format!("⟦{name}⟧"));
            (!follows).then(|| format!("the particle of {name} does not follow it"))
        })
    });
}

#[test]
fn a_particle_after_a_latin_word_is_the_one_that_is_heard() {
    const PAIRS: [&str; 5] = ["은/는", "이/가", "을/를", "과/와", "으로/로"];
    check(&all_texts(Lang::Ko), |text| {
        let letters: Vec<(usize, char)> = text.char_indices().collect();
        letters.windows(2).find_map(|pair| {
            let (at, next) = pair[1];
            if !pair[0].1.is_ascii_alphanumeric() || !('가'..='힣').contains(&next) {
                return None;
            }
            let particle = bare_particle(&text[at..])?;
            let both = PAIRS.into_iter().find(|both| both.split('/').any(|one| one == particle))?;
            let word = text[..at].rsplit(|each: char| !each.is_ascii_alphanumeric() && each != '_').next()?;
            let heard = josa::particle(word, both);
            (heard != particle).then(|| format!("{word} is followed by {heard}, not {particle}"))
        })
    });
}

#[test]
fn a_unit_stands_apart_from_its_number() {
    for lang in [Lang::Ko, Lang::En] {
        check(&messages(lang), |text| {
            let unit = ["ms", "KiB", "MiB", "bytes"].into_iter().find(|unit| text.contains(&format!("⟧{unit}")))?;
            Some(format!("{unit} is written onto its number"))
        });
    }
}

/// The sentences of a text. A full stop within a name ends none.
fn sentences(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut found = Vec::new();
    while let Some(end) = [". ", "? ", ": ⟦^"].iter().filter_map(|mark| rest.find(mark)).min() {
        found.push(&rest[..=end]);
        rest = rest[end + 1..].trim_start();
    }
    found.push(rest);
    found
}

/// Arguments that are words of the page, in lower case: they begin a sentence only as `CAPITAL($name)`.
const ACTORS: [&str; 6] = ["from", "to", "actor", "peer", "consumer", "client"];

#[test]
fn english_sentences_begin_with_a_capital() {
    check(&messages(Lang::En), |text| {
        let is_prose = text.ends_with(['.', '?']) || text.contains(". ");
        sentences(text).into_iter().filter(|_| is_prose).find_map(|sentence| {
            let first = sentence.chars().next()?;
            let name = || sentence.chars().skip(1).take_while(|each| *each != '⟧').collect::<String>();
            let is_small = first.is_ascii_lowercase() && !sentence.starts_with("lesson.toml");
            let is_bad = is_small || (first == '⟦' && ACTORS.contains(&name().as_str()));
            is_bad.then(|| format!("“{sentence}” begins with a small letter"))
        })
    });
    // Lines that stand by themselves begin with one, too.
    let alone = ["change-", "timer-", "error-", "ask-", "why-", "step-", "preset-", "misfit-", "follow-up-"];
    check(
        &messages(Lang::En)
            .into_iter()
            .filter(|(at, _)| alone.iter().any(|prefix| at.starts_with(&format!("en {prefix}"))))
            .collect::<Vec<_>>(),
        |text| {
            let small = text.starts_with(|first: char| first.is_ascii_lowercase());
            let is_setting = text.starts_with("acks") || text.starts_with("min.") || text.starts_with("linger.ms");
            (small && !is_setting).then(|| "it begins with a small letter".to_owned())
        },
    );
}

#[test]
fn english_verbs_are_not_split() {
    let rows = table("verb | particle");
    assert!(rows.len() > 10, "the table is not read");
    check(&all_texts(Lang::En), |text| {
        text.split(['.', ',', ':', ';', '(', ')', '?', '–']).find_map(|clause| {
            let words: Vec<String> =
                clause.split_whitespace().map(|word| word.trim_matches(['*', '“', '”']).to_lowercase()).collect();
            rows.iter().find_map(|row| {
                words.iter().enumerate().filter(|(_, word)| row[0].contains(word)).find_map(|(at, verb)| {
                    let rest = &words[at + 1..];
                    let (gap, particle) = rest.iter().enumerate().take(8).find(|(_, word)| row[1].contains(word))?;
                    let is_pronoun = gap == 1 && matches!(rest[0].as_str(), "it" | "them" | "itself");
                    // “up to offset 4” is a measure, “on each broker” a place.
                    let is_preposition = rest.get(gap + 1).is_some_and(|next| {
                        next == "to"
                            || next.starts_with('⟦')
                            || matches!(
                                next.as_str(),
                                "a" | "an"
                                    | "the"
                                    | "its"
                                    | "each"
                                    | "every"
                                    | "one"
                                    | "all"
                                    | "broker"
                                    | "brokers"
                                    | "disk"
                            )
                    });
                    (gap > 0 && !is_pronoun && !is_preposition).then(|| format!("“{verb} … {particle}” is split"))
                })
            })
        })
    });
}

/// The shell is there before the messages are.
#[test]
fn the_shell_says_what_the_page_says() {
    let shell = fs::read_to_string(root().join("index.html")).expect("the shell is there");
    let texts = [Lang::En, Lang::Ko].into_iter().flat_map(messages);
    let intro = texts.filter(|(at, _)| at.ends_with(" intro") || at.ends_with(" intro-do"));
    check(&intro.collect::<Vec<_>>(), |text| {
        (!shell.contains(text)).then(|| "the shell says something else".to_owned())
    });
}

#[test]
fn nobody_shouts() {
    for lang in [Lang::En, Lang::Ko] {
        check(&messages(lang), |text| text.contains('!').then(|| "an exclamation mark".to_owned()));
    }
}

#[test]
fn the_rules_find_what_they_look_for() {
    assert!(has("컨트롤러의 heartbeat를", "heartbeat") && !has("leader-epoch-checkpoint에", "checkpoint"));
    assert!(has("It is a batch.", "batch") && !has("fetch.min.bytes", "fetch"));
    assert_eq!(bare_particle("은 끝납니다"), Some("은"));
    assert_eq!(bare_particle("이던 브로커"), None);
    assert_eq!(sentences("It waits for linger.ms. Then it goes."), ["It waits for linger.ms.", "Then it goes."]);
    assert_eq!(without("a `b` c {#d}", '`', '`'), "a § c {#d}");
}
