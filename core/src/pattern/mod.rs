//! Regular expressions for topics and transactional ids, of requests and of consumers: RE2/J's syntax (`java.util.regex` reads what such
//! names call for the same way), matched as a whole. Broken ones are refused in RE2/J's words, which no library has.

mod char_class;
mod parser;

use std::collections::BTreeSet;

use char_class::{CharClass, is_of_word};

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
    Any {
        /// Whether a line's end is one too.
        newline: bool,
    },
    One(char),
    Class(CharClass),
    Group(Vec<Vec<Piece>>),
    Start,
    End,
    StartOfLine,
    EndOfLine,
    WordBoundary {
        is_negated: bool,
    },
}

impl Piece {
    fn once(atom: Atom) -> Self {
        Self { atom, min: 1, max: Some(1) }
    }
}

impl Pattern {
    /// Reads a regular expression. The error is RE2/J's description.
    pub(crate) fn compile(text: &str) -> Result<Self, &'static str> {
        parser::parse(text).map(Self)
    }

    /// Whether all of a text is what the expression says.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        ends_of_any(&self.0, &text, 0).contains(&text.len())
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
    let before = from.checked_sub(1).and_then(|before| text.get(before));
    match atom {
        Atom::Any { newline } => one(next.is_some_and(|next| *newline || *next != '\n')),
        Atom::One(character) => one(next == Some(character)),
        Atom::Class(class) => one(next.is_some_and(|next| class.contains(*next))),
        Atom::Group(alternatives) => ends_of_any(alternatives, text, from),
        Atom::Start => here(from == 0),
        Atom::End => here(from == text.len()),
        Atom::StartOfLine => here(before.is_none_or(|before| *before == '\n')),
        Atom::EndOfLine => here(next.is_none_or(|next| *next == '\n')),
        Atom::WordBoundary { is_negated } => here((is_of_word(before) != is_of_word(next)) != *is_negated),
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
    fn what_re2_knows_beside_is_known() {
        assert!(
            matches("(?i)AA", "aa")
                && matches("(?i:A)b", "ab")
                && !matches("(?i:A)b", "aB")
                && matches("(?-i)ab", "ab")
        );
        assert!(matches("(?<x>a)b", "ab") && matches("(?P<x>a)b", "ab"));
        assert!(matches(r"\p{L}+", "abÉ") && matches(r"\pN", "7") && !matches(r"\PL", "a") && matches(r"\p{^L}", "1"));
        assert!(matches("[[:alpha:]]+", "ab") && !matches("[[:alpha:]]+", "a1") && matches("[[:^digit:]_-]+", "a-b_"));
        assert!(
            matches(r"\bab", "ab") && matches(r"a\Bb", "ab") && !matches(r"a\bb", "ab") && matches(r"\Aab\z", "ab")
        );
        assert!(matches(r"\Qa.b\E+", "a.bb") && !matches(r"\Qa.b\E", "acb"));
        assert!(
            matches(r"\x61b", "ab") && matches(r"\x{61}b", "ab") && matches(r"\141b", "ab") && matches(r"\t", "\t")
        );
        assert!(!matches("a.", "a\n") && matches("(?s)a.", "a\n"));
        assert!(
            matches("(?ms)a$.^b", "a\nb")
                && matches("(?U)a+", "aa")
                && matches(r"[\w-]+", "a-b")
                && matches("a{", "a{")
        );
    }

    #[test]
    fn a_broken_one_is_refused_in_its_own_words() {
        use parser::*;
        let error = |pattern: &str| Pattern::compile(pattern).expect_err("it is broken");
        assert_eq!(error("(a"), MISSING_PAREN);
        assert_eq!(error("a)"), "regexp/syntax: internal error");
        assert_eq!((error("[a"), error("[[:alpha:]")), (MISSING_BRACKET, MISSING_BRACKET));
        assert_eq!((error("*a"), error("a|*"), error("(*)")), (MISSING_ARGUMENT, MISSING_ARGUMENT, MISSING_ARGUMENT));
        assert_eq!((error("[z-a]"), error("[[:foo:]]"), error(r"\p{Alpha}+")), (BAD_RANGE, BAD_RANGE, BAD_RANGE));
        assert_eq!(error("a\\"), TRAILING_BACKSLASH);
        assert_eq!((error(r"\q"), error(r"[a-\d]"), error(r"\8")), (BAD_ESCAPE, BAD_ESCAPE, BAD_ESCAPE));
        assert_eq!((error("a**"), error("a++"), error("a{2}{3}")), {
            (BAD_NESTED_REPETITION, BAD_NESTED_REPETITION, BAD_NESTED_REPETITION)
        });
        assert_eq!((error("a{1001}"), error("a{3,2}")), (BAD_REPEAT_COUNT, BAD_REPEAT_COUNT));
        assert_eq!((error("(?<=a)b"), error("(?<x")), (BAD_NAMED_CAPTURE, BAD_NAMED_CAPTURE));
        assert_eq!(error("(?P<x>a)(?P<x>b)"), "duplicate capture group name");
        assert_eq!((error("(?=a)"), error("(?i-)a")), {
            let what = "invalid or unsupported Perl syntax";
            (what, what)
        });
    }
}
