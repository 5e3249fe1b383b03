//! Mutations of JSON that keep it JSON: what a hostile or clumsy hand would write in place of a right value.

use kafkascope_core::sim::random::Random;
use serde_json::{Map, Value, json};

/// So deep is a value wrapped that must be refused for its depth.
const NESTING: usize = 120;
/// The length of a text that is longer than any right one.
const LONG_TEXT: usize = 20_000;
/// So often is an element repeated.
const REPEATED: usize = 60;
/// Texts that stand where a number, a name or base64 is expected.
const TEXTS: [&str; 14] = [
    "",
    " ",
    "0",
    "-1",
    "2147483648",
    "9223372036854775807",
    "18446744073709551615",
    "-9223372036854775808",
    "1e308",
    "NaN",
    "null",
    "\u{0}\u{ffff}",
    "AAAAAAAAAAAAAAAAAAAAA",
    "../../../etc",
];

/// Changes one to three places of a value.
pub fn mutate(value: &mut Value, random: &mut Random) {
    for _ in 0..random.between(1, 3) {
        let at = random.between(0, count(value).saturating_sub(1));
        if let Some(place) = nth_mut(value, &mut { at }) {
            change(place, random);
        }
    }
}

fn count(value: &Value) -> u64 {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum::<u64>(),
        Value::Object(fields) => fields.values().map(count).sum::<u64>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn nth_mut<'v>(value: &'v mut Value, left: &mut u64) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth_mut(item, left)),
        Value::Object(fields) => fields.values_mut().find_map(|field| nth_mut(field, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn change(place: &mut Value, random: &mut Random) {
    match random.between(0, 9) {
        // Wrong types and extremes, wherever they stand.
        0 => *place = any(random),
        1 => *place = extreme(random),
        2 => {
            let inner = place.take();
            *place = (0..random.between(1, NESTING as u64)).fold(inner, |inner, _| Value::Array(vec![inner]));
        }
        _ => match place {
            Value::Null | Value::Bool(_) => *place = any(random),
            Value::Number(_) => *place = extreme(random),
            Value::String(text) => change_text(text, random),
            Value::Array(items) => change_list(items, random),
            Value::Object(fields) => change_fields(fields, random),
        },
    }
}

/// A number at or beyond an end of some type's range.
fn extreme(random: &mut Random) -> Value {
    let shifts = [7u64, 8, 15, 16, 31, 32, 53, 62, 63];
    let power = 1u64 << shifts[index(random, shifts.len())];
    match random.between(0, 8) {
        0 => json!(0),
        1 => json!(-1),
        2 => json!(u64::MAX),
        3 => json!(i64::MIN),
        4 => json!(i64::MAX),
        5 => json!(power),
        6 => json!(power - 1),
        7 => json!(1e300),
        _ => json!(0.5),
    }
}

fn any(random: &mut Random) -> Value {
    match random.between(0, 6) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!([]),
        3 => json!({}),
        4 => json!({"x": [1, "2", null]}),
        5 => json!("x".repeat(LONG_TEXT)),
        _ => json!(TEXTS[index(random, TEXTS.len())]),
    }
}

fn change_text(text: &mut String, random: &mut Random) {
    match random.between(0, 3) {
        0 => *text = TEXTS[index(random, TEXTS.len())].to_owned(),
        1 => *text = text.repeat(1 + LONG_TEXT / text.len().max(1)),
        // One character more, fewer or other: what damages base64, numbers and names.
        2 => {
            let mut letters: Vec<char> = text.chars().collect();
            if !letters.is_empty() {
                let at = index(random, letters.len());
                letters[at] = ['=', '-', '\u{301}', '9', 'Z', '\n'][index(random, 6)];
            }
            *text = letters.into_iter().collect();
        }
        _ => _ = text.pop(),
    }
}

fn change_list(items: &mut Vec<Value>, random: &mut Random) {
    if items.is_empty() {
        return items.push(any(random));
    }
    let (at, other) = (index(random, items.len()), index(random, items.len()));
    match random.between(0, 4) {
        0 => items.push(items[at].clone()),
        1 => _ = items.remove(at),
        2 => items.swap(at, other),
        3 => items.extend(vec![items[at].clone(); REPEATED]),
        _ => items.clear(),
    }
}

fn change_fields(fields: &mut Map<String, Value>, random: &mut Random) {
    let names: Vec<String> = fields.keys().cloned().collect();
    if names.is_empty() {
        _ = fields.insert("x".to_owned(), any(random));
        return;
    }
    let (one, other) = (&names[index(random, names.len())], &names[index(random, names.len())]);
    match random.between(0, 3) {
        0 => _ = fields.shift_remove(one),
        1 => {
            let (first, second) = (fields[one].clone(), fields[other].clone());
            fields.insert(one.clone(), second);
            fields.insert(other.clone(), first);
        }
        2 => {
            let moved = fields.shift_remove(one).unwrap_or_default();
            fields.insert(format!("{one}x"), moved);
        }
        _ => _ = fields.insert(TEXTS[index(random, TEXTS.len())].to_owned(), any(random)),
    }
}

fn index(random: &mut Random, len: usize) -> usize {
    usize::try_from(random.between(0, (len as u64).saturating_sub(1))).unwrap_or(0)
}
