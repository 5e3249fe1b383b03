//! The document says which language and colours it has.

use yew::prelude::*;

use crate::app::Theme;
use crate::i18n::Lang;
use crate::platform::browser;

/// Tells the document the language and the theme, and remembers them as a person's choice.
#[hook]
pub fn use_document(lang: Lang, theme: Theme) {
    use_effect_with((lang, theme), |(lang, theme)| {
        if let Some(root) = browser::root() {
            root.set_attribute("lang", lang.tag()).ok();
            root.set_attribute("data-theme", theme.name()).ok();
        }
    });
}
