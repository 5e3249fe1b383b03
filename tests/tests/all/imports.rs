//! Rooms import downward only. What is said in ARCHITECTURE.md is held here against every `use crate::` line.

use std::fs;
use std::path::{Path, PathBuf};

/// The engine's rooms from the lowest up; rooms of one line may import each other.
const ENGINE: [&[&str]; 14] = [
    &["digest", "flat_map", "json", "pattern", "ranked_map", "sim", "sort"],
    &["actor", "connection", "fetch_session_handler", "transaction", "wire"],
    &["change", "explain", "command"],
    &["effects", "settings", "config"],
    &["step"],
    &["authorizer"],
    &["log", "metadata"],
    &["raft", "socket_server", "quota"],
    &["broker", "controller", "client"],
    &["cluster"],
    &["scenario", "presets", "invariant", "properties"],
    &["view", "why", "measure", "metrics"],
    &["history"],
    &["lesson", "transcript", "console"],
];

/// The page's rooms from the lowest up.
const PAGE: [&[&str]; 10] = [
    &["platform", "i18n", "engine"],
    &["layout"],
    &["run"],
    &["app"],
    &["scene"],
    &["controls"],
    &["panels"],
    &["lessons", "lab", "time"],
    &["frame"],
    &["api", "panic_page", "start"],
];

/// A folder of the project.
pub(crate) fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(of)
}

fn rank(order: &[&[&str]], room: &str) -> usize {
    order.iter().position(|rooms| rooms.contains(&room)).unwrap_or_else(|| panic!("{room} has no place in the order"))
}

/// All Rust files in a folder.
pub(crate) fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The rooms that a line names as `crate::room`.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    let names = code.split("crate::").skip(1);
    names
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '_').next())
        .filter(|name| !name.is_empty())
}

fn upward_imports(order: &[&[&str]], source: &Path) -> Vec<String> {
    let mut all = Vec::new();
    files(source, &mut all);
    let mut upward = Vec::new();
    for path in all {
        let inside = path.strip_prefix(source).expect("inside");
        let room = inside.iter().next().and_then(|part| Path::new(part).file_stem()).and_then(|name| name.to_str());
        let room = room.expect("a name");
        if ["lib", "main"].contains(&room) || inside.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        for line in fs::read_to_string(&path).expect("text").lines() {
            for used in named(line).filter(|used| rank(order, used) > rank(order, room)) {
                upward.push(format!("{}: {room} imports {used}", inside.display()));
            }
        }
    }
    upward
}

#[test]
fn no_room_of_the_engine_imports_upward() {
    let upward = upward_imports(&ENGINE, &folder("core/src"));
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn no_room_of_the_page_imports_upward() {
    let upward = upward_imports(&PAGE, &folder("web/src"));
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn messages_are_defined_below_the_list_of_requests() {
    let wire = folder("core/src/wire");
    let text = |file: &str| fs::read_to_string(wire.join(file)).expect("text");
    assert!(!text("message.rs").contains("super::"), "wire/message.rs needs nothing but the codec");
    assert!(!text("codec.rs").contains("super::"), "wire/codec.rs is the lowest file of its room");
}
