//! Classes of characters: ranges, the named ones of POSIX and Perl, and Unicode's general categories.

/// A class: what any of its items has, or what none has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CharClass {
    pub(super) items: Vec<ClassItem>,
    pub(super) is_negated: bool,
    /// Whether upper and lower case are the same (`(?i)`).
    pub(super) folds_case: bool,
}

/// A part of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClassItem {
    pub(super) characters: Characters,
    pub(super) is_negated: bool,
}

/// Some characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Characters {
    Range(char, char),
    Named(&'static [(char, char)]),
    Category(Category),
}

/// A general category of Unicode, or all characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Any,
    Letter,
    UppercaseLetter,
    LowercaseLetter,
    Number,
    DecimalNumber,
    Punctuation,
    Symbol,
    Separator,
    Other,
}

const DIGITS: &[(char, char)] = &[('0', '9')];
const LETTERS: &[(char, char)] = &[('A', 'Z'), ('a', 'z')];
const LETTERS_AND_DIGITS: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('a', 'z')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')];
const PERL_SPACE: &[(char, char)] = &[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')];
const POSIX_SPACE: &[(char, char)] = &[('\t', '\r'), (' ', ' ')];

impl CharClass {
    /// A class of one item.
    pub(super) fn of(item: ClassItem, folds_case: bool) -> Self {
        Self { items: vec![item], is_negated: false, folds_case }
    }

    /// Whether a character is in it.
    pub(super) fn contains(&self, character: char) -> bool {
        let is_in = |character: char| self.items.iter().any(|item| item.contains(character));
        let is_of_it = is_in(character)
            || (self.folds_case && (character.to_lowercase().any(is_in) || character.to_uppercase().any(is_in)));
        is_of_it != self.is_negated
    }
}

impl ClassItem {
    fn contains(&self, character: char) -> bool {
        let is_in = match self.characters {
            Characters::Range(low, high) => (low..=high).contains(&character),
            Characters::Named(ranges) => ranges.iter().any(|(low, high)| (low..=high).contains(&&character)),
            Characters::Category(category) => category.contains(character),
        };
        is_in != self.is_negated
    }

    /// What `\d` and its like stand for.
    pub(super) fn of_perl(letter: char) -> Option<Self> {
        let ranges = match letter.to_ascii_lowercase() {
            'd' => DIGITS,
            's' => PERL_SPACE,
            'w' => WORD,
            _ => return None,
        };
        Some(Self { characters: Characters::Named(ranges), is_negated: letter.is_ascii_uppercase() })
    }

    /// What `[:alpha:]` and its like stand for, by the name between the colons.
    pub(super) fn of_posix(name: &str) -> Option<Self> {
        let (name, is_negated) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        let ranges: &[(char, char)] = match name {
            "alnum" => LETTERS_AND_DIGITS,
            "alpha" => LETTERS,
            "ascii" => &[('\0', '\u{7f}')],
            "blank" => &[('\t', '\t'), (' ', ' ')],
            "cntrl" => &[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
            "digit" => DIGITS,
            "graph" => &[('!', '~')],
            "lower" => &[('a', 'z')],
            "print" => &[(' ', '~')],
            "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
            "space" => POSIX_SPACE,
            "upper" => &[('A', 'Z')],
            "word" => WORD,
            "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
            _ => return None,
        };
        Some(Self { characters: Characters::Named(ranges), is_negated })
    }

    /// What `\p{L}` and its like stand for, by the name. Scripts, and categories that no letter of ours has, are unknown here.
    pub(super) fn of_unicode(name: &str, is_negated: bool) -> Option<Self> {
        let (name, is_negated) = name.strip_prefix('^').map_or((name, is_negated), |name| (name, !is_negated));
        let category = match name {
            "Any" => Category::Any,
            "L" => Category::Letter,
            "Lu" => Category::UppercaseLetter,
            "Ll" => Category::LowercaseLetter,
            "N" => Category::Number,
            "Nd" => Category::DecimalNumber,
            "P" => Category::Punctuation,
            "S" => Category::Symbol,
            "Z" | "Zs" => Category::Separator,
            "C" | "Cc" => Category::Other,
            _ => return None,
        };
        Some(Self { characters: Characters::Category(category), is_negated })
    }
}

impl Category {
    /// Beyond ASCII as far as the standard library tells; punctuation and symbols are ASCII's alone.
    fn contains(self, character: char) -> bool {
        const SYMBOLS: &str = "$+<=>^`|~";
        match self {
            Self::Any => true,
            Self::Letter => character.is_alphabetic(),
            Self::UppercaseLetter => character.is_uppercase(),
            Self::LowercaseLetter => character.is_lowercase(),
            Self::Number => character.is_numeric(),
            Self::DecimalNumber => character.is_ascii_digit(),
            Self::Punctuation => character.is_ascii_punctuation() && !SYMBOLS.contains(character),
            Self::Symbol => SYMBOLS.contains(character),
            Self::Separator => character.is_whitespace() && !character.is_control(),
            Self::Other => character.is_control(),
        }
    }
}

/// Whether a character is one of a word, as `\b` means it.
pub(super) fn is_of_word(character: Option<&char>) -> bool {
    character.is_some_and(|character| character.is_ascii_alphanumeric() || *character == '_')
}
