//! The texts of the language that is not built in. The shell begins to fetch them beside the code where the page opens in it.

use std::cell::Cell;

use super::Lang;
use crate::platform::browser;

/// Under this name of the window the shell keeps what it has begun to fetch.
const BY_SHELL: &str = "kafkascopeTexts";

/// Tests need not fetch anything.
const BUILT_IN: Option<[&str; 3]> = {
    #[cfg(test)]
    {
        Some([
            include_str!("../../locales/ko/ui.ftl"),
            include_str!("../../locales/ko/engine.ftl"),
            include_str!("../../locales/ko/settings.ftl"),
        ])
    }
    #[cfg(not(test))]
    {
        None
    }
};

thread_local! {
    static KOREAN: Cell<Option<[&'static str; 3]>> = const { Cell::new(BUILT_IN) };
}

/// The Korean files, where they were fetched.
pub fn korean() -> Option<[&'static str; 3]> {
    KOREAN.get()
}

/// Fetches a language's files, and says whether they are here now.
pub async fn fetch(lang: Lang) -> bool {
    let texts = match browser::shell_texts(BY_SHELL).await {
        Some(texts) => Some(texts),
        None => {
            browser::fetch_texts(&["ui", "engine", "settings"].map(|name| format!("locales/{}/{name}.ftl", lang.tag())))
                .await
        }
    };
    let Some(texts) = texts.and_then(|texts| <[String; 3]>::try_from(texts).ok()) else { return false };
    // Fetched once and used until the page is closed: they live as long as built-in ones.
    KOREAN.set(Some(texts.map(|text| &*text.leak())));
    true
}
