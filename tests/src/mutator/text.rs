//! Mutations of text that is written in lines: lessons in TOML and Markdown.

use kafkascope_core::sim::random::Random;

/// What may stand in place of a number or a quoted text.
const VALUES: [&str; 14] = [
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e308",
    "nan",
    "\"\"",
    "[]",
    "{}",
    "true",
    "1979-05-27T07:32:00Z",
    "\"\\u0000\"",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
];
/// The length of a text that is longer than any right one.
const LONG_TEXT: usize = 20_000;

/// Changes one to three lines, or cuts the text off.
pub fn mutate(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..random.between(1, 3) {
        if lines.is_empty() {
            return "[".repeat(LONG_TEXT);
        }
        let (at, other) = (index(random, lines.len()), index(random, lines.len()));
        match random.between(0, 7) {
            0 => lines.insert(other, lines[at].clone()),
            1 => _ = lines.remove(at),
            2 => lines.swap(at, other),
            3 => lines.truncate(at),
            4 => {
                let mut letters: Vec<char> = lines[at].chars().collect();
                if !letters.is_empty() {
                    let place = index(random, letters.len());
                    letters[place] = ['"', '[', '=', '{', '#', '\u{301}', '\\'][index(random, 7)];
                }
                lines[at] = letters.into_iter().collect();
            }
            5 => lines[at].push_str(&"x".repeat(LONG_TEXT)),
            _ => {
                if let Some((name, _)) = lines[at].clone().split_once('=') {
                    lines[at] = format!("{name}= {}", VALUES[index(random, VALUES.len())]);
                }
            }
        }
    }
    lines.join("\n")
}

fn index(random: &mut Random, len: usize) -> usize {
    usize::try_from(random.between(0, (len as u64).saturating_sub(1))).unwrap_or(0)
}
