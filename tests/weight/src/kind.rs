//! What a function is for, by its name.

/// The crate of a function and what kind of code it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// The crate that the code is written in, or derived in.
    pub krate: String,
    /// What it is for.
    pub group: String,
}

/// Derived and generic code that stands in every crate, by what the trait's path in the name says.
const TRAITS: [(&str, &str); 11] = [
    ("serde_core::de::", "serde, reading"),
    ("serde_core::ser::", "serde, writing"),
    ("serde::private::de", "serde, reading"),
    ("core::fmt::Debug", "Debug"),
    ("core::fmt::Display", "Display"),
    ("core::hash::Hash", "Hash"),
    ("core::clone::Clone", "Clone"),
    ("core::cmp::", "comparing"),
    ("core::default::Default", "Default"),
    ("core::ops::drop::Drop", "Drop"),
    ("core::ptr::drop_in_place", "Drop"),
];

/// Which crates are told by their rooms.
const OWN: [(&str, &str); 2] = [("kafkascope_core", "engine"), ("kafkascope_web", "page")];

impl Kind {
    /// Reads a demangled name.
    pub fn of(name: &str) -> Self {
        let krate = krate(name);
        let own = OWN.iter().find(|(own, _)| *own == krate);
        let by_trait = TRAITS.iter().find(|(path, _)| name.contains(path)).map(|(_, group)| (*group).to_owned());
        let group = match (by_trait, own) {
            (Some(group), _) => group,
            (None, Some((own, short))) => format!("{short}: {}", segment(after(name, own))),
            (None, None) if matches!(krate.as_str(), "core" | "alloc" | "std") => {
                let path = after(name, &krate);
                let (room, rest) = (segment(path), path.split_once("::").map_or("", |(_, rest)| rest));
                if room == "collections" {
                    format!("generic: {krate}::{room}::{}", segment(rest))
                } else {
                    format!("generic: {krate}::{room}")
                }
            }
            (None, None) => library(&krate),
        };
        Self { krate, group }
    }
}

/// What a library is here for.
fn library(krate: &str) -> String {
    let group = match krate {
        "serde" | "serde_core" | "serde_json" | "serde_wasm_bindgen" | "itoa" | "ryu" | "zmij" => "serde, its formats",
        "yew" | "gloo" | "implicit_clone" | "futures" | "futures_util" | "futures_channel" | "slab" | "rustversion"
        | "tokise" => "yew",
        "wasm_bindgen" | "wasm_bindgen_futures" | "js_sys" | "web_sys" => "wasm-bindgen",
        "fluent_bundle" | "fluent_syntax" | "fluent_langneg" | "intl_memoizer" | "intl_pluralrules" | "unic_langid"
        | "unic_langid_impl" | "tinystr" => "fluent",
        "pulldown_cmark" | "pulldown_cmark_escape" | "unicase" => "Markdown",
        "toml" | "toml_parser" | "toml_datetime" | "toml_writer" | "winnow" | "serde_spanned" => "TOML",
        "miniz_oxide" | "adler2" | "base64ct" => "links",
        "dlmalloc" | "compiler_builtins" | "rustc_demangle" | "panic_abort" | "panic_unwind" => "runtime",
        "" => "no name",
        other => return format!("other: {other}"),
    };
    group.to_owned()
}

/// The first of the named crates that a name speaks of: ours before those that stand around it. Generic code of the standard library
/// is its own, for whichever type it is made.
fn krate(name: &str) -> String {
    let path = name.trim_start_matches('<');
    let own_of_std = ["alloc", "core", "std"].into_iter().find(|krate| path.starts_with(&format!("{krate}::")));
    if let Some(krate) = own_of_std.filter(|_| !name.contains(" as ")) {
        return krate.to_owned();
    }
    for (own, _) in OWN {
        if name.contains(&format!("{own}::")) {
            return own.to_owned();
        }
    }
    let start =
        name.trim_start_matches(['<', '&', '(', '[', '*']).trim_start_matches("mut ").trim_start_matches("dyn ");
    let first: String = start.chars().take_while(|each| each.is_alphanumeric() || *each == '_').collect();
    // `<T as alloc::string::ToString>`: the crate is the trait's.
    if start[first.len()..].starts_with("::") {
        return first;
    }
    let of_trait = name.split_once(" as ").map(|(_, rest)| rest.split("::").next().unwrap_or_default().to_owned());
    of_trait.unwrap_or_default()
}

/// What follows the crate in a path.
fn after<'a>(name: &'a str, krate: &str) -> &'a str {
    name.split_once(&format!("{krate}::")).map_or("", |(_, rest)| rest)
}

fn segment(path: &str) -> &str {
    let end = path.find(|each: char| !(each.is_alphanumeric() || each == '_')).unwrap_or(path.len());
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, krate: &str, group: &str) {
        let kind = Kind::of(name);
        assert_eq!((kind.krate.as_str(), kind.group.as_str()), (krate, group), "{name}");
    }

    #[test]
    fn a_name_says_whose_code_it_is() {
        check("kafkascope_core::broker::Broker::handle", "kafkascope_core", "engine: broker");
        check("<kafkascope_core::step::Step as core::clone::Clone>::clone", "kafkascope_core", "Clone");
        check("alloc::collections::btree::map::BTreeMap<K,V>::insert", "alloc", "generic: alloc::collections::btree");
        check("<alloc::vec::Vec<kafkascope_core::step::Step>>::remove", "alloc", "generic: alloc::vec");
        check("<T as alloc::string::ToString>::to_string", "alloc", "generic: alloc::string");
        check("<yew::virtual_dom::vnode::VNode as core::cmp::PartialEq>::eq", "yew", "comparing");
        check("serde_json::read::parse_str", "serde_json", "serde, its formats");
        check("", "", "no name");
    }
}
