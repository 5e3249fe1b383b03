//! The files of a built page, as far as its code is concerned.

use std::fs;
use std::path::{Path, PathBuf};

use crate::linked::{self, Linked};
use crate::rest::Rest;
use crate::split::{self, Split};
use crate::trace;

/// The end of the name of the page's code, as wasm-bindgen writes it.
const CODE: &str = "_bg.wasm";
/// The end of the name of the rest of it.
pub const REST: &str = "_rest.wasm";
/// Where the page says what comes next.
const HEAD_END: &str = "</head>";

/// The file that a built page has its code in, or the first part of it.
///
/// # Errors
/// When there is none, or the folder cannot be read.
pub fn code(dist: &Path) -> Result<PathBuf, String> {
    let about = |error: std::io::Error| format!("{}: {error}", dist.display());
    for entry in fs::read_dir(dist).map_err(about)? {
        let path = entry.map_err(about)?.path();
        if path.to_string_lossy().ends_with(CODE) {
            return Ok(path);
        }
    }
    Err(format!("no file of {} ends with {CODE}", dist.display()))
}

/// Splits the code of a built page in two files. `linked` is the module that it was made of.
///
/// # Errors
/// When a file is not as Trunk writes it, or cannot be read or written.
pub fn split(dist: &Path, linked: &Path) -> Result<Split, String> {
    let path = code(dist)?;
    let rest = Rest::of_file();
    let linked = Linked::read(&read(linked)?)?;
    let split = split::split(&read(&path)?, &linked, &|name| !rest.has(name))?;
    let later = path.to_string_lossy().replace(CODE, REST);
    write(&path, &split.first)?;
    write(Path::new(&later), &split.rest)?;
    let name = Path::new(&later).file_name().unwrap_or_default().to_string_lossy().into_owned();
    edit_index(dist, |index| with_rest(&index, &name))?;
    Ok(split)
}

/// Takes what the linker noted out of the code of a built page.
///
/// # Errors
/// When the file is not as Trunk writes it, or cannot be read or written.
pub fn forget_links(dist: &Path) -> Result<(), String> {
    let path = code(dist)?;
    write(&path, &linked::without_notes(&read(&path)?)?)
}

/// Has the code of a built page remember which of its functions ran.
///
/// # Errors
/// When a file is not as Trunk writes it, or cannot be read or written.
pub fn trace(dist: &Path) -> Result<(), String> {
    let path = code(dist)?;
    write(&path, &trace::trace(&read(&path)?)?)?;
    edit_index(dist, |index| Ok(without_checksum_of_code(&index)))
}

fn edit_index(dist: &Path, edit: impl Fn(String) -> Result<String, String>) -> Result<(), String> {
    let path = dist.join("index.html");
    let index = String::from_utf8(read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    write(&path, edit(index)?.as_bytes())
}

/// The page that says where the rest of its code is.
fn with_rest(index: &str, name: &str) -> Result<String, String> {
    let index = without_checksum_of_code(index);
    let (head, body) = index.split_once(HEAD_END).ok_or("index.html has no head")?;
    Ok(format!("{head}<meta name=\"rest-of-code\" content=\"./{name}\" />{HEAD_END}{body}"))
}

/// Trunk has written the checksum of what the code was before.
fn without_checksum_of_code(index: &str) -> String {
    let tags = index.split_inclusive('>').map(|tag| match tag.contains(CODE) && tag.contains("<link") {
        true => without_attribute(tag, " integrity="),
        false => tag.to_owned(),
    });
    tags.collect()
}

/// A tag without an attribute, whose value may stand in quotes.
fn without_attribute(tag: &str, begin: &str) -> String {
    let Some((before, value)) = tag.split_once(begin) else { return tag.to_owned() };
    let after = match value.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map_or("", |(_, after)| after),
        None => value.find([' ', '>']).map_or("", |end| &value[end..]),
    };
    format!("{before}{after}")
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_where_the_rest_is_and_keeps_no_checksum_of_what_was() {
        let index = "<head><link rel=\"modulepreload\" href=\"./a.js\" integrity=\"sha384-x\"><link rel=\"preload\" \
            href=\"./a_bg.wasm\" integrity=\"sha384-y\" as=\"fetch\"></head><body></body>";
        let wanted = "<head><link rel=\"modulepreload\" href=\"./a.js\" integrity=\"sha384-x\"><link rel=\"preload\" \
            href=\"./a_bg.wasm\" as=\"fetch\"><meta name=\"rest-of-code\" content=\"./a_rest.wasm\" /></head><body></body>";
        assert_eq!(with_rest(index, "a_rest.wasm").as_deref(), Ok(wanted));
        let minified =
            "<head><link href=./a_bg.wasm integrity=sha384-y rel=preload><link href=./b_bg.wasm integrity=x></head>";
        assert_eq!(
            without_checksum_of_code(minified),
            "<head><link href=./a_bg.wasm rel=preload><link href=./b_bg.wasm></head>"
        );
        assert!(with_rest("<body></body>", "a_rest.wasm").is_err());
    }
}
