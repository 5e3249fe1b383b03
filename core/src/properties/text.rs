//! A property file as `java.util.Properties.load` reads it, and each entry's place in it.
//!
//! The text itself is never changed: entries point at its lines. Kafka reads its files by that method from bytes, that is in
//! ISO 8859-1: what lies beyond ASCII arrives as other letters, which [`Entry::is_ascii`] tells.

use std::iter::Peekable;
use std::str::Chars;

/// One entry of a property file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, without escapes.
    pub key: String,
    /// The value, without escapes. White space at its end belongs to it.
    pub value: String,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The line on which it ends: a backslash at a line's end continues it.
    pub last_line: u32,
    /// Whether a `\u` is not followed by four hexadecimal digits: Java refuses the whole file.
    pub is_malformed: bool,
    /// Whether all its letters are ASCII: others Java reads as other letters, unless they are escaped.
    pub is_ascii: bool,
}

/// What Java says of an escape that is none, for the whole file.
pub const MALFORMED_ESCAPE: &str = "Malformed \\uxxxx encoding.";

/// What some editors put before a file's first letter. Java takes it for a part of the first key.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// The entries of a text, in order; a key may be there more than once, and the last one counts.
pub fn read(text: &str) -> Vec<Entry> {
    let mut lines = Lines { letters: text.chars().peekable(), line: 1 };
    std::iter::from_fn(|| lines.next_logical()).map(|line| entry(&line)).collect()
}

/// The text of a file's bytes, whatever editor wrote them. Nothing is lost: bytes that are not UTF-8 are taken as ISO 8859-1, as
/// Java takes all of them.
pub fn decode(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> =
            bytes.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or_default()])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
    }
}

/// An entry as a line that [`read`] reads back, with as few escapes as that takes.
pub fn write(key: &str, value: &str) -> String {
    let mut line = String::new();
    for letter in key.chars() {
        escape(letter, matches!(letter, ' ' | '=' | ':' | '#' | '!'), &mut line);
    }
    line.push('=');
    let mut is_leading = true;
    for letter in value.chars() {
        is_leading &= letter == ' ';
        escape(letter, is_leading, &mut line);
    }
    line
}

fn escape(letter: char, is_special: bool, line: &mut String) {
    match letter {
        '\\' => line.push_str("\\\\"),
        '\t' => line.push_str("\\t"),
        '\n' => line.push_str("\\n"),
        '\r' => line.push_str("\\r"),
        '\u{c}' => line.push_str("\\f"),
        ' '..='~' => {
            line.extend(is_special.then_some('\\'));
            line.push(letter);
        }
        other => {
            let mut units = [0u16; 2];
            for unit in other.encode_utf16(&mut units) {
                line.push_str(&format!("\\u{unit:04X}"));
            }
        }
    }
}

/// A line after its continuations are put together, with its escapes.
struct LogicalLine {
    letters: Vec<char>,
    first: u32,
    last: u32,
}

struct Lines<'t> {
    letters: Peekable<Chars<'t>>,
    /// The line of the next letter.
    line: u32,
}

impl Lines<'_> {
    fn next(&mut self) -> Option<char> {
        let letter = self.letters.next()?;
        if letter == '\n' || (letter == '\r' && self.letters.peek() != Some(&'\n')) {
            self.line += 1;
        }
        Some(letter)
    }

    /// `Properties.LineReader.readLine`.
    fn next_logical(&mut self) -> Option<LogicalLine> {
        let mut found = LogicalLine { letters: Vec::new(), first: self.line, last: self.line };
        let (mut skips_white, mut is_continued, mut after_backslash) = (true, false, false);
        loop {
            let line = self.line;
            let Some(letter) = self.next() else {
                if found.letters.is_empty() {
                    return None;
                }
                if after_backslash {
                    found.letters.pop();
                }
                return Some(found);
            };
            let ends_line = letter == '\n' || letter == '\r';
            if skips_white {
                if matches!(letter, ' ' | '\t' | '\u{c}') || (!is_continued && ends_line) {
                    continue;
                }
                (skips_white, is_continued) = (false, false);
            }
            if found.letters.is_empty() && matches!(letter, '#' | '!') {
                while self.next().is_some_and(|letter| letter != '\n' && letter != '\r') {}
                skips_white = true;
                continue;
            }
            if !ends_line {
                if found.letters.is_empty() {
                    found.first = line;
                }
                found.last = line;
                found.letters.push(letter);
                after_backslash = letter == '\\' && !after_backslash;
                continue;
            }
            if found.letters.is_empty() {
                skips_white = true;
                continue;
            }
            let is_last = self.letters.peek().is_none();
            if after_backslash {
                // The backslash before a line's end is no part of the line.
                found.letters.pop();
            }
            if is_last || !after_backslash {
                return Some(found);
            }
            (skips_white, is_continued, after_backslash) = (true, true, false);
            if letter == '\r' && self.letters.peek() == Some(&'\n') {
                self.next();
            }
        }
    }
}

/// `Properties.load0`: where a key ends and its value begins.
fn entry(line: &LogicalLine) -> Entry {
    let letters = &line.letters;
    let is_white = |letter: char| matches!(letter, ' ' | '\t' | '\u{c}');
    let (mut key_end, mut value_start, mut has_separator) = (letters.len(), letters.len(), false);
    let mut after_backslash = false;
    for (at, letter) in letters.iter().enumerate() {
        if !after_backslash && (matches!(letter, '=' | ':') || is_white(*letter)) {
            (key_end, value_start, has_separator) = (at, at + 1, !is_white(*letter));
            break;
        }
        after_backslash = *letter == '\\' && !after_backslash;
    }
    while let Some(letter) = letters.get(value_start) {
        if !is_white(*letter) {
            if has_separator || !matches!(letter, '=' | ':') {
                break;
            }
            has_separator = true;
        }
        value_start += 1;
    }
    let (key, value) = (unescape(&letters[..key_end]), unescape(&letters[value_start..]));
    Entry {
        is_malformed: key.is_none() || value.is_none(),
        key: key.unwrap_or_else(|| letters[..key_end].iter().collect()),
        value: value.unwrap_or_else(|| letters[value_start..].iter().collect()),
        line: line.first,
        last_line: line.last,
        is_ascii: letters.iter().all(char::is_ascii),
    }
}

/// `Properties.loadConvert`. Java's letters are UTF-16 units: two escapes may be one letter.
fn unescape(letters: &[char]) -> Option<String> {
    let mut units: Vec<u16> = Vec::with_capacity(letters.len());
    let mut pair = [0u16; 2];
    let mut rest = letters.iter();
    while let Some(letter) = rest.next() {
        if *letter != '\\' {
            units.extend_from_slice(letter.encode_utf16(&mut pair));
            continue;
        }
        let Some(escaped) = rest.next() else { break };
        match escaped {
            'u' => {
                let mut unit = 0u16;
                for _ in 0..4 {
                    let digit = rest.next()?.to_digit(16)?;
                    unit = unit << 4 | u16::try_from(digit).ok()?;
                }
                units.push(unit);
            }
            't' => units.push(9),
            'n' => units.push(10),
            'f' => units.push(12),
            'r' => units.push(13),
            other => units.extend_from_slice(other.encode_utf16(&mut pair)),
        }
    }
    Some(String::from_utf16_lossy(&units))
}
