//! Regular expressions for topics and transactional ids, of requests and of consumers: the part of RE2's syntax that such names
//! call for (`java.util.regex` reads it the same way), matched as a whole. Broken ones are refused in RE2/J's words.

use std::collections::BTreeSet;

/// A regular expression that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Vec<Piece>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    atom: Atom,
    min: u32,
    max: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Atom {
    Any,
    One(char),
    Class { ranges: Vec<(char, char)>, is_negated: bool },
    Group(Vec<Vec<Piece>>),
    Start,
    End,
}

const MISSING_PAREN: &str = "missing closing )";
const MISSING_BRACKET: &str = "missing closing ]";
const MISSING_ARGUMENT: &str = "missing argument to repetition operator";
const BAD_RANGE: &str = "invalid character class range";
const BAD_ESCAPE: &str = "invalid escape sequence";
const TRAILING_BACKSLASH: &str = "trailing backslash at end of expression";
/// How often something may repeat.
const REPEAT_MAX: u32 = 1_000;
/// How deep groups may lie in each other.
const DEPTH_MAX: u32 = 100;

impl Pattern {
    /// Reads a regular expression. The error is RE2/J's description.
    pub(crate) fn compile(text: &str) -> Result<Self, &'static str> {
        let mut reader = PatternReader { rest: text.chars().collect(), at: 0, depth: 0 };
        let alternatives = reader.alternatives()?;
        if reader.peek().is_some() { Err(MISSING_PAREN) } else { Ok(Self(alternatives)) }
    }

    /// Whether all of a text is what the expression says.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        ends_of_any(&self.0, &text, 0).contains(&text.len())
    }
}

struct PatternReader {
    rest: Vec<char>,
    at: usize,
    depth: u32,
}

impl PatternReader {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
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

    fn alternatives(&mut self) -> Result<Vec<Vec<Piece>>, &'static str> {
        let mut alternatives = vec![self.sequence()?];
        while self.takes('|') {
            alternatives.push(self.sequence()?);
        }
        Ok(alternatives)
    }

    fn sequence(&mut self) -> Result<Vec<Piece>, &'static str> {
        let mut pieces = Vec::new();
        while let Some(next) = self.peek().filter(|next| !matches!(next, '|' | ')')) {
            if matches!(next, '*' | '+' | '?') {
                return Err(MISSING_ARGUMENT);
            }
            let atom = self.atom()?;
            let (min, max) = self.repetition();
            // A lazy repetition matches the same texts.
            self.takes('?');
            pieces.push(Piece { atom, min, max });
        }
        Ok(pieces)
    }

    fn atom(&mut self) -> Result<Atom, &'static str> {
        match self.next() {
            Some('.') => Ok(Atom::Any),
            Some('^') => Ok(Atom::Start),
            Some('$') => Ok(Atom::End),
            Some('[') => self.class(),
            Some('(') => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err(MISSING_PAREN);
                }
                if self.takes('?') && !self.takes(':') {
                    return Err("invalid or unsupported Perl syntax");
                }
                let inner = self.alternatives()?;
                self.depth -= 1;
                if self.takes(')') { Ok(Atom::Group(inner)) } else { Err(MISSING_PAREN) }
            }
            Some('\\') => self.escape(),
            Some(character) => Ok(Atom::One(character)),
            None => Err(MISSING_ARGUMENT),
        }
    }

    fn escape(&mut self) -> Result<Atom, &'static str> {
        let class = |ranges: &[(char, char)], is_negated| Ok(Atom::Class { ranges: ranges.to_vec(), is_negated });
        match self.next().ok_or(TRAILING_BACKSLASH)? {
            'd' => class(&[('0', '9')], false),
            'D' => class(&[('0', '9')], true),
            'w' => class(&[('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')], false),
            'W' => class(&[('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')], true),
            's' => class(&[(' ', ' '), ('\t', '\r')], false),
            'S' => class(&[(' ', ' '), ('\t', '\r')], true),
            letter if letter.is_ascii_alphanumeric() => Err(BAD_ESCAPE),
            other => Ok(Atom::One(other)),
        }
    }

    fn class(&mut self) -> Result<Atom, &'static str> {
        let is_negated = self.takes('^');
        let mut ranges = Vec::new();
        let mut is_first = true;
        loop {
            let low = match self.next().ok_or(MISSING_BRACKET)? {
                ']' if !is_first => return Ok(Atom::Class { ranges, is_negated }),
                '\\' => match self.escape()? {
                    Atom::One(character) => character,
                    Atom::Class { ranges: inner, is_negated: false } => {
                        ranges.extend(inner);
                        is_first = false;
                        continue;
                    }
                    Atom::Class { .. } | Atom::Any | Atom::Group(_) | Atom::Start | Atom::End => {
                        return Err(BAD_RANGE);
                    }
                },
                character => character,
            };
            is_first = false;
            let is_range = self.peek() == Some('-') && self.rest.get(self.at + 1).is_some_and(|next| *next != ']');
            let high = match is_range {
                true => {
                    self.at += 1;
                    self.next().ok_or(MISSING_BRACKET)?
                }
                false => low,
            };
            if high < low {
                return Err(BAD_RANGE);
            }
            ranges.push((low, high));
        }
    }

    /// How often what stands before comes. Braces that are no repetition stand for themselves.
    fn repetition(&mut self) -> (u32, Option<u32>) {
        if self.takes('*') {
            return (0, None);
        }
        if self.takes('+') {
            return (1, None);
        }
        if self.takes('?') {
            return (0, Some(1));
        }
        let began = self.at;
        if self.takes('{') {
            let inside: String = std::iter::from_fn(|| self.next().filter(|next| *next != '}')).collect();
            let (low, high) = inside.split_once(',').unwrap_or((&inside, &inside));
            let max = if high.is_empty() { Some(None) } else { high.parse().ok().map(Some) };
            if let (Ok(min), Some(max)) = (low.parse::<u32>(), max)
                && self.rest.get(self.at.saturating_sub(1)) == Some(&'}')
                && min <= REPEAT_MAX
                && max.is_none_or(|max| (min..=REPEAT_MAX).contains(&max))
            {
                return (min, max);
            }
            self.at = began;
        }
        (1, Some(1))
    }
}

/// Where in the text a match of one of these that begins at a place may end.
fn ends_of_any(alternatives: &[Vec<Piece>], text: &[char], from: usize) -> BTreeSet<usize> {
    alternatives.iter().flat_map(|pieces| ends_of_all(pieces, text, from)).collect()
}

fn ends_of_all(pieces: &[Piece], text: &[char], from: usize) -> BTreeSet<usize> {
    let mut ends = BTreeSet::from([from]);
    for piece in pieces {
        ends = ends.into_iter().flat_map(|from| ends_of_piece(piece, text, from)).collect();
    }
    ends
}

fn ends_of_piece(piece: &Piece, text: &[char], from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::from([from]);
    let mut ends = if piece.min == 0 { reached.clone() } else { BTreeSet::new() };
    let mut times = 0;
    while !reached.is_empty() && piece.max.is_none_or(|max| times < max) {
        times += 1;
        let next: BTreeSet<usize> = reached.iter().flat_map(|from| ends_of_atom(&piece.atom, text, *from)).collect();
        let grows = times <= piece.min || !next.is_subset(&ends);
        if times >= piece.min {
            ends.extend(&next);
        }
        if !grows {
            break;
        }
        reached = next;
    }
    ends
}

fn ends_of_atom(atom: &Atom, text: &[char], from: usize) -> BTreeSet<usize> {
    let one = |fits: bool| if fits { BTreeSet::from([from + 1]) } else { BTreeSet::new() };
    let here = |fits: bool| if fits { BTreeSet::from([from]) } else { BTreeSet::new() };
    let next = text.get(from);
    match atom {
        Atom::Any => one(next.is_some_and(|next| *next != '\n')),
        Atom::One(character) => one(next == Some(character)),
        Atom::Class { ranges, is_negated } => {
            let is_in = |next: &char| ranges.iter().any(|(low, high)| (low..=high).contains(&next));
            one(next.is_some_and(|next| is_in(next) != *is_negated))
        }
        Atom::Group(alternatives) => ends_of_any(alternatives, text, from),
        Atom::Start => here(from == 0),
        Atom::End => here(from == text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::compile(pattern).expect("a pattern").matches(text)
    }

    #[test]
    fn the_whole_name_must_match() {
        assert!(matches("orders", "orders") && !matches("orders", "orders2") && !matches("rders", "orders"));
        assert!(matches("orders.*", "orders-eu") && matches("(a|b)+c?", "abba") && !matches("(a|b)+", "abc"));
        assert!(matches("[a-c_]{2,3}", "a_c") && !matches("[a-c_]{2,3}", "a") && matches("[^x]*", "orders"));
        assert!(matches(r"v\d+\.log", "v12.log") && !matches(r"v\d+\.log", "v12-log"));
        assert!(matches("^(?:a*)*$", "aaaa") && matches("|a", "") && matches("a{,2}", "a{,2}"));
    }

    #[test]
    fn a_broken_one_is_refused_in_its_own_words() {
        let error = |pattern: &str| Pattern::compile(pattern).expect_err("it is broken");
        assert_eq!(error("(a"), MISSING_PAREN);
        assert_eq!(error("a)"), MISSING_PAREN);
        assert_eq!(error("[a"), MISSING_BRACKET);
        assert_eq!(error("*a"), MISSING_ARGUMENT);
        assert_eq!(error("[z-a]"), BAD_RANGE);
        assert_eq!(error("a\\"), TRAILING_BACKSLASH);
        assert_eq!(error(r"\q"), BAD_ESCAPE);
    }
}
