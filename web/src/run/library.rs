//! The lessons. They are no part of the first download: the page fetches them when somebody asks for lessons, once.

use std::cell::RefCell;
use std::rc::Rc;

use kafkascope_core::lesson::{LESSON_FOLDERS, Language, LessonFiles, Library};

use crate::platform::browser;

/// Where they lie beside the page.
const FOLDER: &str = "lessons";

thread_local! {
    static LIBRARY: RefCell<Option<Rc<Library>>> = const { RefCell::new(None) };
}

/// The lessons, where they were fetched already.
pub fn lessons() -> Option<Rc<Library>> {
    LIBRARY.with_borrow(Clone::clone)
}

/// Fetches the lessons, if that was not done yet. None where any of them is not to be had: then it can be tried again.
pub async fn fetch_lessons() -> Option<Rc<Library>> {
    if let Some(library) = lessons() {
        return Some(library);
    }
    let names = ["lesson.toml", Language::Ko.file(), Language::En.file()];
    let of_lessons = LESSON_FOLDERS.iter().flat_map(|lesson| names.map(|name| format!("{FOLDER}/{lesson}/{name}")));
    let paths: Vec<String> = std::iter::once(format!("{FOLDER}/index.toml")).chain(of_lessons).collect();
    let texts = browser::fetch_texts(&paths).await?;
    let (index, texts) = texts.split_first()?;
    let library = Rc::new(read(index, texts));
    LIBRARY.set(Some(library.clone()));
    Some(library)
}

/// Reads them from the texts of their files: script, Korean, English of each lesson.
fn read(index: &str, texts: &[String]) -> Library {
    let files: Vec<LessonFiles<'_>> = LESSON_FOLDERS
        .iter()
        .zip(texts.chunks_exact(3))
        .map(|(&folder, texts)| LessonFiles { folder, script: &texts[0], ko: &texts[1], en: &texts[2] })
        .collect();
    Library::read(index, &files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fetched_is_what_is_built_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../lessons");
        let file = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).expect("the file is there");
        let of_lesson = |lesson: &&str| ["lesson.toml", "ko.md", "en.md"].map(|name| file(&format!("{lesson}/{name}")));
        let texts: Vec<String> = LESSON_FOLDERS.iter().flat_map(of_lesson).collect();
        assert_eq!(read(&file("index.toml"), &texts), kafkascope_core::lesson::library());
    }
}
