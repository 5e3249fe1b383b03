//! How wide the scene's texts are, and how its numbers are written.

use crate::layout::Font;
use crate::platform::text_width::text_width;

/// The width of a text as the browser draws it.
pub fn measure(font: Font, text: &str) -> f64 {
    text_width(font.css(), font.is_mono(), text)
}

/// A coordinate, to a tenth of a pixel.
pub fn px(value: f64) -> String {
    format!("{value:.1}")
}
