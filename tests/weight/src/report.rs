//! Where the bytes of a module are. Names of functions come from the name section, which a build has before it is stripped.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use wasmparser::{CustomSectionReader, KnownCustom, Name, Parser, Payload, TypeRef};

use crate::kind::Kind;

/// What a module is made of.
#[derive(Debug, Default)]
pub struct Module {
    /// Each function with a body: its demangled name and its bytes.
    pub functions: Vec<(String, usize)>,
    /// The bytes of its constant data.
    pub data: Vec<u8>,
}

impl Module {
    /// Reads a module.
    ///
    /// # Errors
    /// When it is no module, or has no names.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut module = Self::default();
        let mut imported = 0;
        let mut names = BTreeMap::new();
        let problem = |error: wasmparser::BinaryReaderError| error.to_string();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(problem)? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import.map_err(problem)?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => module.functions.push((String::new(), body.range().len())),
                Payload::DataSection(section) => {
                    for data in section {
                        module.data.extend_from_slice(data.map_err(problem)?.data);
                    }
                }
                Payload::CustomSection(section) => names.extend(function_names(&section).map_err(problem)?),
                _ => {}
            }
        }
        if names.is_empty() {
            return Err("the functions of this module have no names: take it before it is stripped".to_owned());
        }
        for (index, (name, _)) in (imported..).zip(&mut module.functions) {
            *name = names.remove(&index).unwrap_or_default();
        }
        Ok(module)
    }

    /// The bytes of all functions.
    fn code(&self) -> usize {
        self.functions.iter().map(|(_, bytes)| bytes).sum()
    }
}

/// The demangled names of functions in a custom section, by number; none where it is another one than that of names.
pub(crate) fn function_names(section: &CustomSectionReader<'_>) -> wasmparser::Result<Vec<(u32, String)>> {
    let mut names = Vec::new();
    if let KnownCustom::Name(known) = section.as_known() {
        for subsection in known {
            let Name::Function(map) = subsection? else { continue };
            for naming in map {
                let naming = naming?;
                names.push((naming.index, format!("{:#}", rustc_demangle::demangle(naming.name))));
            }
        }
    }
    Ok(names)
}

/// The tables of where the bytes are. Texts of these folders are looked for in the data, file by file.
///
/// # Errors
/// When a folder cannot be read.
pub fn print(module: &Module, texts: &[PathBuf], largest: usize) -> io::Result<String> {
    let whole = module.code() + module.data.len();
    let mut out = String::new();
    let mut table = |title: &str, rows: BTreeMap<String, usize>| {
        let mut rows: Vec<(String, usize)> = rows.into_iter().collect();
        rows.sort_by_key(|(name, bytes)| (std::cmp::Reverse(*bytes), name.clone()));
        writeln!(out, "{title}").ok();
        for (name, bytes) in rows {
            writeln!(out, "{bytes:>10} {:>5.1} %  {name}", bytes as f64 * 100.0 / whole as f64).ok();
        }
        writeln!(out).ok();
    };
    table(
        "code and data",
        BTreeMap::from([("code".to_owned(), module.code()), ("data".to_owned(), module.data.len())]),
    );
    table("data, by what it is", data(module, texts)?);
    let (mut by_crate, mut by_kind) = (BTreeMap::new(), BTreeMap::new());
    for (name, bytes) in &module.functions {
        let kind = Kind::of(name);
        *by_crate.entry(kind.krate).or_default() += bytes;
        *by_kind.entry(kind.group).or_default() += bytes;
    }
    table("code, by crate", by_crate);
    table("code, by kind", by_kind);
    let mut functions = module.functions.clone();
    functions.sort_by_key(|(name, bytes)| (std::cmp::Reverse(*bytes), name.clone()));
    table("the largest functions", functions.into_iter().take(largest).collect());
    Ok(out)
}

/// The data that is a text of one of the folders, and the rest.
fn data(module: &Module, texts: &[PathBuf]) -> io::Result<BTreeMap<String, usize>> {
    let mut rows = BTreeMap::new();
    let mut rest = module.data.len();
    for folder in texts {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes: usize = built_in(module, folder)?;
        rest -= bytes.min(rest);
        rows.insert(format!("texts: {name}"), bytes);
    }
    rows.insert("the rest: tables, texts of code, names".to_owned(), rest);
    Ok(rows)
}

fn built_in(module: &Module, folder: &Path) -> io::Result<usize> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            bytes += built_in(module, &path)?;
        } else {
            let text = fs::read(&path)?;
            // Its beginning finds it; a file that is in there is in there as a whole.
            let begin = &text[..text.len().min(64)];
            if !begin.is_empty() && module.data.windows(begin.len()).any(|window| window == begin) {
                bytes += text.len();
            }
        }
    }
    Ok(bytes)
}
