//! Mutations of text that is written in lines: lessons in TOML and Markdown, property files.

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

/// What may stand in place of a setting's value.
const SETTINGS: [&str; 20] = [
    "",
    " ",
    "-1",
    "2147483648",
    "broker",
    "controller",
    "1@a:9093",
    "1@a:9093,2@b:9093",
    "1@${host}:9093",
    "2@${}host}:9093",
    "CONTROLLER://:9093",
    "PLAINTEXT://0.0.0.0:9092",
    "PLAINTEXT://[::1]:9092,CONTROLLER://:9092",
    "A:PLAINTEXT,B",
    "\\u12",
    "\\",
    "1 # one",
    "\u{feff}",
    "\u{d55c}\u{ae00}",
    ",,,",
];

/// Changes one or two lines of a property file as people and editors do.
pub fn mutate_properties(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..random.between(1, 2) {
        let (at, other) = (index(random, lines.len()), index(random, lines.len()));
        let Some(line) = lines.get_mut(at) else { return "\\u".repeat(LONG_TEXT) };
        match random.between(0, 5) {
            0 => line.push('\\'),
            1 => line.insert(0, [' ', '#', '!', '>', '\u{feff}', '\\'][index(random, 6)]),
            2 => _ = lines.remove(at),
            3 => lines.swap(at, other),
            _ => {
                let name = line.split('=').next().unwrap_or_default().to_owned();
                *line = format!("{name}={}", SETTINGS[index(random, SETTINGS.len())]);
            }
        }
    }
    let ends = ["\n", "\r\n", "\r"][index(random, 3)];
    if random.between(0, 3) == 0 { mutate(&lines.join("\n"), random) } else { lines.join(ends) }
}

fn index(random: &mut Random, len: usize) -> usize {
    usize::try_from(random.between(0, (len as u64).saturating_sub(1))).unwrap_or(0)
}
