//! Reads a regular expression as RE2/J does (`com.google.re2j.Parser`), character by character, so that the first thing that is wrong is
//! what it says.

use std::collections::BTreeSet;

use super::char_class::{CharClass, Characters, ClassItem};
use super::{Atom, Piece};

const INTERNAL_ERROR: &str = "regexp/syntax: internal error";
pub(super) const MISSING_PAREN: &str = "missing closing )";
pub(super) const MISSING_BRACKET: &str = "missing closing ]";
pub(super) const MISSING_ARGUMENT: &str = "missing argument to repetition operator";
pub(super) const BAD_RANGE: &str = "invalid character class range";
pub(super) const BAD_ESCAPE: &str = "invalid escape sequence";
pub(super) const BAD_NESTED_REPETITION: &str = "invalid nested repetition operator";
pub(super) const BAD_REPEAT_COUNT: &str = "invalid repeat count";
pub(super) const BAD_NAMED_CAPTURE: &str = "invalid named capture";
const DUPLICATE_NAMED_CAPTURE: &str = "duplicate capture group name";
const BAD_PERL_SYNTAX: &str = "invalid or unsupported Perl syntax";
pub(super) const TRAILING_BACKSLASH: &str = "trailing backslash at end of expression";
/// How often something may repeat.
const REPEAT_MAX: u32 = 1_000;
/// How deep groups may lie in each other.
const DEPTH_MAX: u32 = 100;

type Parsed<T> = Result<T, &'static str>;

/// What `(?i)` and its like switch.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    /// `i`: upper and lower case are the same.
    folds_case: bool,
    /// `m`: `^` and `$` are those of a line.
    is_multiline: bool,
    /// `s`: a dot is a line's end too.
    dot_is_newline: bool,
}

/// How often something comes.
#[derive(Clone, Copy, Debug)]
struct Repetition {
    min: u32,
    max: Option<u32>,
}

/// A regular expression while it is read.
pub(super) struct Parser {
    text: Vec<char>,
    at: usize,
    depth: u32,
    flags: Flags,
    names: BTreeSet<String>,
}

/// Reads all of a regular expression: its alternatives.
pub(super) fn parse(text: &str) -> Parsed<Vec<Vec<Piece>>> {
    let (text, names) = (text.chars().collect(), BTreeSet::new());
    let mut parser = Parser { text, at: 0, depth: 0, flags: Flags::default(), names };
    let alternatives = parser.alternatives()?;
    // What is left begins with a parenthesis that closes nothing.
    if parser.peek().is_some() { Err(INTERNAL_ERROR) } else { Ok(alternatives) }
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn takes(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn looking_at(&self, wanted: &str) -> bool {
        wanted.chars().zip(self.at..).all(|(wanted, at)| self.text.get(at) == Some(&wanted))
    }

    /// Takes all up to a text, and the text; `None`, with nothing taken, where it does not come.
    fn take_until(&mut self, end: &str) -> Option<String> {
        let began = self.at;
        while self.at <= self.text.len() {
            if self.looking_at(end) {
                let taken = self.text.get(began..self.at)?.iter().collect();
                self.at += end.chars().count();
                return Some(taken);
            }
            self.at += 1;
        }
        self.at = began;
        None
    }

    fn alternatives(&mut self) -> Parsed<Vec<Vec<Piece>>> {
        let mut alternatives = vec![self.sequence()?];
        while self.takes('|') {
            alternatives.push(self.sequence()?);
        }
        Ok(alternatives)
    }

    fn sequence(&mut self) -> Parsed<Vec<Piece>> {
        let mut pieces: Vec<Piece> = Vec::new();
        // Whether what was read last is a repetition: another must not follow.
        let mut was_repetition = false;
        while self.peek().is_some_and(|next| !matches!(next, '|' | ')')) {
            let Some(Repetition { min, max }) = self.repetition()? else {
                self.items(&mut pieces)?;
                was_repetition = false;
                continue;
            };
            // A lazy repetition matches the same texts.
            self.takes('?');
            if was_repetition {
                return Err(BAD_NESTED_REPETITION);
            }
            was_repetition = true;
            let last = pieces.pop().ok_or(MISSING_ARGUMENT)?;
            let atom = match last {
                Piece { atom, min: 1, max: Some(1) } => atom,
                repeated => Atom::Group(vec![vec![repeated]]),
            };
            pieces.push(Piece { atom, min, max });
        }
        Ok(pieces)
    }

    /// A repetition, if one is next. Braces that are none stand for themselves.
    fn repetition(&mut self) -> Parsed<Option<Repetition>> {
        let simple = match self.peek() {
            Some('*') => Repetition { min: 0, max: None },
            Some('+') => Repetition { min: 1, max: None },
            Some('?') => Repetition { min: 0, max: Some(1) },
            Some('{') => return self.counted_repetition(),
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(simple))
    }

    fn counted_repetition(&mut self) -> Parsed<Option<Repetition>> {
        let began = self.at;
        let counts = self.counts();
        match counts {
            Some((Some(min), max)) if min <= REPEAT_MAX => match max {
                None => Ok(Some(Repetition { min, max: None })),
                Some(Some(max)) if (min..=REPEAT_MAX).contains(&max) => Ok(Some(Repetition { min, max: Some(max) })),
                Some(_) => Err(BAD_REPEAT_COUNT),
            },
            Some(_) => Err(BAD_REPEAT_COUNT),
            None => {
                self.at = began;
                Ok(None)
            }
        }
    }

    /// What stands in braces, if it is a repetition: how often at least, and at most if that is said. A count of more than eight
    /// digits is none.
    fn counts(&mut self) -> Option<(Option<u32>, Option<Option<u32>>)> {
        self.takes('{');
        let min = self.count()?;
        let max = match self.takes(',') {
            false => Some(min),
            true if self.peek() == Some('}') => None,
            true => Some(self.count()?),
        };
        self.takes('}').then_some((min, max))
    }

    fn count(&mut self) -> Option<Option<u32>> {
        let digits: String =
            std::iter::from_fn(|| self.peek().filter(char::is_ascii_digit).inspect(|_| self.at += 1)).collect();
        let is_one = !digits.is_empty() && (digits.len() == 1 || !digits.starts_with('0'));
        is_one.then(|| digits.parse().ok().filter(|_| digits.len() <= 8))
    }

    /// What comes next, but for a repetition: mostly one thing, of quoted text one a character, of flags nothing.
    fn items(&mut self, pieces: &mut Vec<Piece>) -> Parsed<()> {
        let flags = self.flags;
        let atom = match self.peek() {
            Some('(') if self.looking_at("(?") => return self.perl_group(pieces),
            Some('(') => {
                self.at += 1;
                self.group(flags)?
            }
            Some('[') => self.class()?,
            Some('\\') => return self.escaped(pieces),
            other => {
                self.at += 1;
                match other {
                    Some('^') if flags.is_multiline => Atom::StartOfLine,
                    Some('^') => Atom::Start,
                    Some('$') if flags.is_multiline => Atom::EndOfLine,
                    Some('$') => Atom::End,
                    Some('.') => Atom::Any { newline: flags.dot_is_newline },
                    Some(character) => self.literal(character),
                    None => return Ok(()),
                }
            }
        };
        pieces.push(Piece::once(atom));
        Ok(())
    }

    fn literal(&self, character: char) -> Atom {
        if self.flags.folds_case && character.is_alphabetic() {
            let item = ClassItem { characters: Characters::Range(character, character), is_negated: false };
            return Atom::Class(CharClass::of(item, true));
        }
        Atom::One(character)
    }

    /// A group whose head is read; after it the flags are `after` again.
    fn group(&mut self, after: Flags) -> Parsed<Atom> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(MISSING_PAREN);
        }
        let inner = self.alternatives()?;
        self.depth -= 1;
        self.flags = after;
        if self.takes(')') { Ok(Atom::Group(inner)) } else { Err(MISSING_PAREN) }
    }

    /// `(?<name>…)`, `(?:…)`, or flags, for a group or for what follows (`parsePerlFlags`).
    fn perl_group(&mut self, pieces: &mut Vec<Piece>) -> Parsed<()> {
        let before = self.flags;
        let head = if self.looking_at("(?P<") { 4 } else { 3 };
        if head == 4 || self.looking_at("(?<") {
            self.at += head;
            let name = self.take_until(">").ok_or(BAD_NAMED_CAPTURE)?;
            let is_name =
                !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            if !is_name {
                return Err(BAD_NAMED_CAPTURE);
            }
            if !self.names.insert(name) {
                return Err(DUPLICATE_NAMED_CAPTURE);
            }
            pieces.push(Piece::once(self.group(before)?));
            return Ok(());
        }
        self.at += 2;
        let mut flags = before;
        let (mut sets, mut has_flag) = (true, false);
        loop {
            let flag = self.next().ok_or(BAD_PERL_SYNTAX)?;
            match flag {
                'i' => flags.folds_case = sets,
                'm' => flags.is_multiline = sets,
                's' => flags.dot_is_newline = sets,
                // Greedy or not, the same texts match.
                'U' => {}
                '-' if sets => {
                    (sets, has_flag) = (false, false);
                    continue;
                }
                ':' | ')' if sets || has_flag => {
                    self.flags = flags;
                    if flag == ':' {
                        pieces.push(Piece::once(self.group(before)?));
                    }
                    return Ok(());
                }
                _ => return Err(BAD_PERL_SYNTAX),
            }
            has_flag = true;
        }
    }

    /// What a backslash begins, outside of brackets.
    fn escaped(&mut self, pieces: &mut Vec<Piece>) -> Parsed<()> {
        let atom = match self.text.get(self.at + 1) {
            Some('A') => Some(Atom::Start),
            Some('z') => Some(Atom::End),
            Some('b') => Some(Atom::WordBoundary { is_negated: false }),
            Some('B') => Some(Atom::WordBoundary { is_negated: true }),
            Some('C') => return Err(BAD_ESCAPE),
            Some('Q') => {
                self.at += 2;
                let rest = |parser: &mut Self| {
                    let rest = parser.text.iter().skip(parser.at).collect();
                    parser.at = parser.text.len();
                    rest
                };
                let quoted: String = self.take_until("\\E").unwrap_or_else(|| rest(self));
                pieces.extend(quoted.chars().map(|character| Piece::once(self.literal(character))));
                return Ok(());
            }
            _ => None,
        };
        let atom = match atom {
            Some(atom) => {
                self.at += 2;
                atom
            }
            None => match self.named_class()? {
                Some(item) => Atom::Class(CharClass::of(item, self.flags.folds_case)),
                None => {
                    let character = self.escape()?;
                    self.literal(character)
                }
            },
        };
        pieces.push(Piece::once(atom));
        Ok(())
    }

    /// `\p{L}`, `\d` and their like, if one is next.
    fn named_class(&mut self) -> Parsed<Option<ClassItem>> {
        if !self.looking_at("\\") {
            return Ok(None);
        }
        match self.text.get(self.at + 1).copied() {
            Some(letter @ ('p' | 'P')) => {
                self.at += 2;
                let name = match self.next().ok_or(BAD_RANGE)? {
                    '{' => self.take_until("}").ok_or(BAD_RANGE)?,
                    single => single.to_string(),
                };
                ClassItem::of_unicode(&name, letter == 'P').map(Some).ok_or(BAD_RANGE)
            }
            Some(letter) => {
                let item = ClassItem::of_perl(letter);
                self.at += if item.is_some() { 2 } else { 0 };
                Ok(item)
            }
            None => Ok(None),
        }
    }

    /// One character that a backslash stands before (`parseEscape`).
    fn escape(&mut self) -> Parsed<char> {
        self.at += 1;
        match self.next().ok_or(TRAILING_BACKSLASH)? {
            first @ '0'..='7' if first == '0' || self.peek().is_some_and(|next| next.is_digit(8)) => {
                let mut code = first.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(|next| next.to_digit(8)) else { break };
                    self.at += 1;
                    code = code * 8 + digit;
                }
                char::from_u32(code).ok_or(BAD_ESCAPE)
            }
            'x' => {
                let digits = match self.next().ok_or(BAD_ESCAPE)? {
                    '{' => self.take_until("}").ok_or(BAD_ESCAPE)?,
                    first => [first, self.next().ok_or(BAD_ESCAPE)?].iter().collect(),
                };
                let is_hex = !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_hexdigit());
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| is_hex);
                code.and_then(char::from_u32).ok_or(BAD_ESCAPE)
            }
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            letter if letter.is_ascii_alphanumeric() => Err(BAD_ESCAPE),
            other => Ok(other),
        }
    }

    /// What stands in brackets (`parseClass`).
    fn class(&mut self) -> Parsed<Atom> {
        self.at += 1;
        let is_negated = self.takes('^');
        let mut class = CharClass { items: Vec::new(), is_negated, folds_case: self.flags.folds_case };
        let mut is_first = true;
        while is_first || self.peek() != Some(']') {
            is_first = false;
            if let Some(item) = self.posix_class()? {
                class.items.push(item);
                continue;
            }
            if let Some(item) = self.named_class()? {
                class.items.push(item);
                continue;
            }
            let low = self.class_character()?;
            let is_range = self.looking_at("-") && self.text.get(self.at + 1) != Some(&']');
            let high = match is_range {
                true => {
                    self.at += 1;
                    self.class_character()?
                }
                false => low,
            };
            if high < low {
                return Err(BAD_RANGE);
            }
            class.items.push(ClassItem { characters: Characters::Range(low, high), is_negated: false });
        }
        self.at += 1;
        Ok(Atom::Class(class))
    }

    fn class_character(&mut self) -> Parsed<char> {
        match self.peek().ok_or(MISSING_BRACKET)? {
            '\\' => self.escape(),
            character => {
                self.at += 1;
                Ok(character)
            }
        }
    }

    /// `[:alpha:]` and its like within brackets, if one is next.
    fn posix_class(&mut self) -> Parsed<Option<ClassItem>> {
        let began = self.at;
        if !self.looking_at("[:") {
            return Ok(None);
        }
        self.at += 2;
        match self.take_until(":]") {
            Some(name) => ClassItem::of_posix(&name).map(Some).ok_or(BAD_RANGE),
            None => {
                self.at = began;
                Ok(None)
            }
        }
    }
}
