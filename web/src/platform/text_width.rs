//! How wide the browser draws a text.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::platform::browser;

/// More texts than these are not remembered: numbers grow, and old ones do not come back.
const KEPT_MAX: usize = 2_048;

/// A canvas that is never shown, and the page's two faces as its stylesheet names them.
struct Ruler {
    context: CanvasRenderingContext2d,
    sans: String,
    mono: String,
    /// The font that is set: the browser reads its name anew whenever it is told one.
    set: Cell<Option<FontName>>,
}

/// Weight and size as CSS writes them, and whether the face is that of code.
type FontName = (&'static str, bool);

impl Ruler {
    fn new() -> Option<Self> {
        let canvas: HtmlCanvasElement = browser::document()?.create_element("canvas").ok()?.dyn_into().ok()?;
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let style = browser::window()?.get_computed_style(&browser::root()?).ok()??;
        let face = |name: &str| style.get_property_value(name).unwrap_or_default();
        Some(Self { context, sans: face("--font"), mono: face("--mono"), set: Cell::new(None) })
    }
}

/// Widths of texts in one font.
type WidthsOfFont = BTreeMap<String, f64>;

thread_local! {
    static RULER: Option<Ruler> = Ruler::new();
    static WIDTHS: RefCell<BTreeMap<FontName, WidthsOfFont>> = const { RefCell::new(BTreeMap::new()) };
}

/// The width of a text in CSS pixels. `font` is weight and size as CSS writes them; the face is the page's own.
pub fn text_width(font: &'static str, is_mono: bool, text: &str) -> f64 {
    // Tests outside of a browser have no canvas.
    if cfg!(not(target_arch = "wasm32")) {
        return text.chars().count() as f64 * 7.0;
    }
    WIDTHS.with(|widths| {
        let mut widths = widths.borrow_mut();
        let of_font = widths.entry((font, is_mono)).or_default();
        if let Some(width) = of_font.get(text) {
            return *width;
        }
        let width = measured(font, is_mono, text).unwrap_or(text.chars().count() as f64 * 7.0);
        if of_font.len() >= KEPT_MAX {
            of_font.clear();
        }
        of_font.insert(text.to_owned(), width);
        width
    })
}

fn measured(font: &'static str, is_mono: bool, text: &str) -> Option<f64> {
    RULER.with(|ruler| {
        let ruler = ruler.as_ref()?;
        if ruler.set.replace(Some((font, is_mono))) != Some((font, is_mono)) {
            ruler.context.set_font(&format!("{font} {}", if is_mono { &ruler.mono } else { &ruler.sans }));
        }
        Some(ruler.context.measure_text(text).ok()?.width())
    })
}
