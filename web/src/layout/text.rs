//! Texts that must fit. How wide one is, is measured by the renderer: in the browser with the page's own fonts, in
//! tests by a table.

/// How a text of the scene is set. The stylesheet has the same sizes by the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Font {
    /// The name of a room or a card.
    Name,
    /// The name of a partition.
    Part,
    /// What is said beside a name.
    Small,
    /// The same, where it matters.
    SmallBold,
    /// Offsets and numbers of nodes.
    Mono,
    /// What an envelope is.
    Api,
    /// What is in an envelope.
    Summary,
}

impl Font {
    /// Weight and size, as CSS writes them.
    pub fn css(self) -> &'static str {
        match self {
            Self::Name => "700 14px",
            Self::Part => "600 13px",
            Self::Small => "400 12px",
            Self::SmallBold => "700 12px",
            Self::Mono => "400 11.5px",
            Self::Api => "600 12px",
            Self::Summary => "400 10.5px",
        }
    }

    /// Whether it is the face in which every letter is as wide as the other.
    pub fn is_mono(self) -> bool {
        matches!(self, Self::Mono | Self::Summary)
    }
}

/// How wide a text is, in pixels.
pub type Measure<'a> = &'a dyn Fn(Font, &str) -> f64;

/// Sets a text in at most `lines_max` lines, broken between words; what does not fit is left out at the end.
pub fn wrap(text: &str, font: Font, width: f64, lines_max: usize, measure: Measure<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.peek() {
        let last = lines.len() == lines_max;
        let fits = |line: &str| measure(font, line) <= width;
        match lines.last_mut() {
            Some(line) if fits(&format!("{line} {word}")) => *line = format!("{line} {word}"),
            Some(line) if last => {
                let rest: Vec<&str> = words.collect();
                *line = shorten(&format!("{line} {}", rest.join(" ")), font, width, measure);
                break;
            }
            _ => lines.push(shorten(word, font, width, measure)),
        }
        words.next();
    }
    lines
}

/// The beginning of a text that fits, by whole words, else by letters; never a part of a number.
pub fn shorten(text: &str, font: Font, width: f64, measure: Measure<'_>) -> String {
    let fits = |text: &str| measure(font, text) <= width;
    if fits(text) {
        return text.to_owned();
    }
    let with_dots = |kept: &str| format!("{}…", kept.trim_end_matches([' ', '·', ',', ':']));
    let by_words = text.rmatch_indices(' ').map(|(at, _)| with_dots(&text[..at])).find(|kept| fits(kept));
    if let Some(kept) = by_words {
        return kept;
    }
    let ends = text.char_indices().rev().map(|(at, _)| at);
    let splits_number = |at: usize| {
        let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
        is_digit(text[..at].chars().next_back()) && is_digit(text[at..].chars().next())
    };
    ends.filter(|at| !splits_number(*at))
        .map(|at| with_dots(&text[..at]))
        .find(|kept| fits(kept))
        .unwrap_or_else(|| "…".to_owned())
}

/// A partition's name that fits: the topic gives way, the partition's number stays.
pub fn shorten_partition(topic: &str, index: i32, font: Font, width: f64, measure: Measure<'_>) -> String {
    let whole = format!("{topic}-{index}");
    if measure(font, &whole) <= width {
        return whole;
    }
    let ends = topic.char_indices().rev().map(|(at, _)| at);
    let mut shorter = ends.map(|at| format!("{}…-{index}", &topic[..at]));
    shorter.find(|name| measure(font, name) <= width).unwrap_or_else(|| format!("…-{index}"))
}

/// The first of several ways to say the same that fits, else the last.
pub fn first_that_fits(forms: &[String], font: Font, width: f64, measure: Measure<'_>) -> String {
    forms.iter().find(|form| measure(font, form) <= width).or(forms.last()).cloned().unwrap_or_default()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Letters of one width, Hangul of two: near enough to try what does not fit.
    pub fn by_table(font: Font, text: &str) -> f64 {
        let letter = match font {
            Font::Name => 8.4,
            Font::Part => 7.6,
            Font::Small => 6.4,
            Font::SmallBold | Font::Mono | Font::Api => 7.0,
            Font::Summary => 6.4,
        };
        let width = |each: char| if ('가'..='힣').contains(&each) { 1.8 } else { 1.0 };
        text.chars().map(width).sum::<f64>() * letter
    }

    #[test]
    fn a_long_text_takes_a_second_line() {
        let text = "purgatory: Produce of producer 1 waits for HW 300";
        let lines = wrap(text, Font::Small, 220.0, 2, &by_table);
        assert_eq!(lines, ["purgatory: Produce of producer 1", "waits for HW 300"]);
        assert_eq!(
            wrap("position 300 · committed 300", Font::Small, 120.0, 2, &by_table),
            ["position 300 ·", "committed 300"]
        );
    }

    #[test]
    fn what_does_not_fit_in_the_last_line_is_left_out_by_words() {
        let lines = wrap("one two three four five six", Font::Small, 60.0, 2, &by_table);
        assert_eq!(lines, ["one two", "three…"]);
        for width in 1..400 {
            let text = "purgatory: 12 fetches wait 1234567 (broker 2, broker 3, broker 100, consumer 17)";
            let lines = wrap(text, Font::Small, f64::from(width), 2, &by_table);
            assert!(lines.len() <= 2);
            let words: Vec<&str> = text.split_whitespace().collect();
            for number in lines.iter().flat_map(|line| line.split_whitespace()).filter(|word| word.starts_with("123")) {
                assert!(words.contains(&number) || number == "1234567…", "{width}: {lines:?}");
            }
        }
    }

    #[test]
    fn a_number_is_never_cut() {
        assert_eq!(shorten("HW123456789", Font::Small, 50.0, &by_table), "HW…");
        assert_eq!(shorten("BrokerRegistration", Font::Small, 64.0, &by_table), "BrokerReg…");
        assert_eq!(shorten_partition("__consumer_offsets", 12, Font::Small, 90.0, &by_table), "__consumer…-12");
    }

    #[test]
    fn the_longest_form_that_fits_is_taken() {
        let forms = ["leader · epoch 12".to_owned(), "leader · e12".to_owned(), "e12".to_owned()];
        assert_eq!(first_that_fits(&forms, Font::Small, 80.0, &by_table), "leader · e12");
        assert_eq!(first_that_fits(&forms, Font::Small, 10.0, &by_table), "e12");
    }
}
