//! Rooms import downward only. What is said in ARCHITECTURE.md is held here against every `use crate::` line.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the lowest up; rooms of one line may import each other.
const ORDER: [&[&str]; 13] = [
    &["digest", "sim"],
    &["actor", "wire"],
    &["change", "explain", "command"],
    &["effects", "settings", "config"],
    &["step"],
    &["log", "metadata"],
    &["raft"],
    &["broker", "controller", "client"],
    &["cluster"],
    &["scenario", "presets", "invariant"],
    &["view", "why"],
    &["history"],
    &["lesson", "transcript"],
];

fn rank(room: &str) -> usize {
    ORDER.iter().position(|rooms| rooms.contains(&room)).unwrap_or_else(|| panic!("{room} has no place in the order"))
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
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
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next())
        .filter(|name| !name.is_empty())
}

#[test]
fn no_room_imports_upward() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&source, &mut all);
    let mut upward = Vec::new();
    for path in all {
        let inside = path.strip_prefix(&source).expect("inside");
        let room = inside.iter().next().and_then(|part| Path::new(part).file_stem()).and_then(|name| name.to_str());
        let room = room.expect("a name");
        if room == "lib" || inside.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        for line in fs::read_to_string(&path).expect("text").lines() {
            for used in named(line).filter(|used| rank(used) > rank(room)) {
                upward.push(format!("{}: {room} imports {used}", inside.display()));
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn messages_are_defined_below_the_list_of_requests() {
    let wire = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wire");
    let text = |file: &str| fs::read_to_string(wire.join(file)).expect("text");
    assert!(!text("message.rs").contains("super::"), "wire/message.rs needs nothing but the codec");
    assert!(!text("codec.rs").contains("super::"), "wire/codec.rs is the lowest file of its room");
}
