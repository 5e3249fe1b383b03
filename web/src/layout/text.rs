//! Texts that must fit: SVG cuts nothing by itself.

/// The beginning of a text; Hangul counts double, as it is twice as wide.
pub fn cut(text: &str, most: usize) -> String {
    let width = |letter: char| if ('가'..='힣').contains(&letter) { 2 } else { 1 };
    if text.chars().map(width).sum::<usize>() <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let kept = text.chars().take_while(|letter| {
        let fits = width(*letter) <= left;
        left = left.saturating_sub(width(*letter));
        fits
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_text_is_cut_by_its_width() {
        assert_eq!(cut("Fetch", 10), "Fetch");
        assert_eq!(cut("BrokerRegistration", 10), "BrokerReg…");
        assert_eq!(cut("응답입니다", 7), "응답입…");
    }
}
