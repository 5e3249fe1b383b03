//! The texts of both languages. The shell begins to fetch those of its language beside the code; those of the other one come when
//! somebody wants it. What the first steps do not ask for, such as the meanings of settings, is fetched once the page stands.

use std::cell::Cell;

use super::Lang;
use crate::platform::browser;

/// Under this name of the window the shell keeps what it has begun to fetch, by the language's tag.
const BY_SHELL: &str = "kafkascopeTexts";
/// The files that a page speaks from.
const FILES: [&str; 2] = ["ui", "engine"];
/// The file of what the first steps do not ask for.
const REST: &str = "rest";

/// What is here of a language.
#[derive(Clone, Copy)]
struct Texts {
    page: Option<[&'static str; FILES.len()]>,
    rest: Option<&'static str>,
}

/// Tests need not fetch anything.
macro_rules! at_first {
    ($tag:literal) => {{
        #[cfg(test)]
        {
            Texts {
                page: Some([
                    include_str!(concat!("../../locales/", $tag, "/ui.ftl")),
                    include_str!(concat!("../../locales/", $tag, "/engine.ftl")),
                ]),
                rest: Some(include_str!(concat!("../../locales/", $tag, "/rest.ftl"))),
            }
        }
        #[cfg(not(test))]
        {
            Texts { page: None, rest: None }
        }
    }};
}

thread_local! {
    static ENGLISH: Cell<Texts> = const { Cell::new(at_first!("en")) };
    static KOREAN: Cell<Texts> = const { Cell::new(at_first!("ko")) };
}

fn get(lang: Lang) -> Texts {
    match lang {
        Lang::En => ENGLISH.get(),
        Lang::Ko => KOREAN.get(),
    }
}

fn set(lang: Lang, texts: Texts) {
    match lang {
        Lang::En => ENGLISH.set(texts),
        Lang::Ko => KOREAN.set(texts),
    }
}

/// Whether a page can speak a language.
pub fn is_here(lang: Lang) -> bool {
    get(lang).page.is_some()
}

/// Whether all that it can say in a language is here.
pub fn is_whole(lang: Lang) -> bool {
    is_here(lang) && get(lang).rest.is_some()
}

/// A language's files that are here.
pub fn files(lang: Lang) -> Vec<&'static str> {
    let texts = get(lang);
    texts.page.into_iter().flatten().chain(texts.rest).collect()
}

/// Fetches the files that a page speaks from, and says whether they are here now.
pub async fn fetch(lang: Lang) -> bool {
    let fetched = match browser::shell_texts(BY_SHELL, lang.tag()).await {
        Some(texts) => Some(texts),
        None => browser::fetch_texts(&FILES.map(|name| path(lang, name))).await,
    };
    let Some(fetched) = fetched.and_then(|texts| <[String; FILES.len()]>::try_from(texts).ok()) else { return false };
    // Fetched once and used until the page is closed: they live as long as built-in ones.
    set(lang, Texts { page: Some(fetched.map(|text| &*text.leak())), ..get(lang) });
    true
}

/// Fetches what the first steps do not ask for, and says whether it is here now.
pub async fn fetch_rest(lang: Lang) -> bool {
    let fetched = browser::fetch_texts(&[path(lang, REST)]).await;
    let Some(text) = fetched.and_then(|texts| texts.into_iter().next()) else { return false };
    set(lang, Texts { rest: Some(text.leak()), ..get(lang) });
    true
}

fn path(lang: Lang, name: &str) -> String {
    format!("locales/{}/{name}.ftl", lang.tag())
}
