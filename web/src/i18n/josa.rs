//! Korean particles: which of two forms follows a word depends on how the word's last syllable ends when read aloud.

/// How the last syllable of a word ends when read in Korean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Vowel,
    /// The consonant ㄹ, after which `으로` becomes `로`.
    Rieul,
    Consonant,
}

/// The particle of a pair such as `은/는` (after a consonant / after a vowel) that follows a word.
///
/// The word may be Hangul, a number, a Latin word or an acronym; what is not read aloud (brackets, quotes) is skipped.
/// A pair without `/` is returned as it is.
pub fn particle<'a>(word: &str, pair: &'a str) -> &'a str {
    let Some((after_consonant, after_vowel)) = pair.split_once('/') else { return pair };
    match ending(word) {
        Ending::Vowel => after_vowel,
        Ending::Rieul if after_consonant.starts_with('으') => after_vowel,
        Ending::Rieul | Ending::Consonant => after_consonant,
    }
}

fn ending(word: &str) -> Ending {
    let read: Vec<char> = word.chars().filter(|each| each.is_alphanumeric()).collect();
    let Some(&last) = read.last() else { return Ending::Vowel };
    match last {
        '가'..='힣' => hangul(last),
        '0'..='9' => digit(last),
        // The name of an error is read as the words that it is made of.
        'A'..='Z' if word.contains('_') => latin(&read),
        'A'..='Z' => acronym(last),
        'a'..='z' => latin(&read),
        _ => Ending::Vowel,
    }
}

/// Precomposed syllables come in rows of 28 finals: the first is none, the ninth is ㄹ.
fn hangul(syllable: char) -> Ending {
    match (u32::from(syllable) - u32::from('가')) % 28 {
        0 => Ending::Vowel,
        8 => Ending::Rieul,
        _ => Ending::Consonant,
    }
}

/// 영 일 이 삼 사 오 육 칠 팔 구. A number that ends in zeros ends in 십, 백, 천, 만: consonants, as 영 is.
fn digit(digit: char) -> Ending {
    match digit {
        '1' | '7' | '8' => Ending::Rieul,
        '0' | '3' | '6' => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

/// A capital is read by its name: 엘, 엠, 엔, 알 end in consonants.
fn acronym(letter: char) -> Ending {
    match letter {
        'L' | 'R' => Ending::Rieul,
        'M' | 'N' => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

/// An English word as Koreans read it: a stop after one short vowel closes the syllable (오프셋, 토픽, 그룹), after a long
/// one it becomes a syllable of its own (하트비트).
fn latin(word: &[char]) -> Ending {
    let at = |back: usize| word.len().checked_sub(back).map(|index| word[index].to_ascii_lowercase());
    let vowel = |letter: Option<char>| matches!(letter, Some('a' | 'e' | 'i' | 'o' | 'u' | 'y'));
    match at(1) {
        Some('l') => Ending::Rieul,
        Some('m' | 'n') => Ending::Consonant,
        Some('g') if at(2) == Some('n') => Ending::Consonant,
        Some('p') if vowel(at(2)) => Ending::Consonant,
        Some('t') if at(2) == Some('u') && at(3) == Some('o') => Ending::Consonant,
        Some('t' | 'k' | 'c') if vowel(at(2)) && !vowel(at(3)) => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::particle;

    #[test]
    fn a_particle_follows_the_last_syllable_as_it_is_read() {
        let cases = [
            ("리더", "은/는", "는"),
            ("브로커", "이/가", "가"),
            ("오프셋", "을/를", "을"),
            ("1", "은/는", "은"),
            ("2", "은/는", "는"),
            ("3", "이/가", "이"),
            ("10", "을/를", "을"),
            ("orders-0", "을/를", "을"),
            ("ISR", "이/가", "이"),
            ("HW", "을/를", "를"),
            ("LEO", "은/는", "는"),
            ("REQUEST_TIMED_OUT", "으로/로", "으로"),
            ("NOT_LEADER_OR_FOLLOWER", "으로/로", "로"),
            ("Fetch", "을/를", "를"),
            ("JoinGroup", "을/를", "을"),
            ("Heartbeat", "이/가", "가"),
            ("OffsetCommit", "을/를", "을"),
            ("AlterPartition", "을/를", "을"),
            ("consumer-1", "이/가", "이"),
            ("{1, 2}", "은/는", "는"),
            ("", "은/는", "는"),
        ];
        for (word, pair, expected) in cases {
            assert_eq!(particle(word, pair), expected, "{word} {pair}");
        }
    }

    #[test]
    fn rieul_takes_ro() {
        for (word, expected) in [("1", "로"), ("3", "으로"), ("2", "로"), ("채널", "로"), ("그룹", "으로")] {
            assert_eq!(particle(word, "으로/로"), expected, "{word}");
        }
        assert_eq!(particle("1", "은/는"), "은");
    }
}
