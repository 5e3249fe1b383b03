//! How wide the scene's texts are, and how its numbers are written.

use crate::layout::Font;
use crate::platform::text_width::text_width;

/// The width of a text as the browser draws it.
pub fn measure(font: Font, text: &str) -> f64 {
    text_width(font.css(), font.is_mono(), text)
}

/// A coordinate, to a tenth of a pixel. It is written as a whole number of tenths, which costs a fraction of writing a fraction; a
/// press writes hundreds.
pub fn px(value: f64) -> String {
    let tenths = (value * 10.0).round_ties_even() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::px;

    #[test]
    fn a_coordinate_has_one_digit_behind_the_point() {
        let written = [0.0, 0.04, 0.25, -0.04, -0.3, 7.96, -12.34, 1_234.5].map(px);
        assert_eq!(written, ["0.0", "0.0", "0.2", "0.0", "-0.3", "8.0", "-12.3", "1234.5"]);
    }
}
