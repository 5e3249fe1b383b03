//! Which functions are in the rest: those of which `rest-of-code.txt` names the whole or the beginning.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The file that says it.
const FILE: &str = include_str!("../rest-of-code.txt");

/// What stands at its head.
const HEAD: &str = "\
# What of the page's code is not needed for the first steps and comes after the first download: the functions whose names
# begin so. `cargo xtask first-steps` writes it, from what ran in a browser. What is not named is in the first download: code
# that is new is there until this is written anew. A browser test fails where the first steps need something of it.
";

/// Names of functions, whole ones or their first parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest(BTreeSet<String>);

impl Rest {
    /// What the file says.
    pub fn of_file() -> Self {
        Self(FILE.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect())
    }

    /// The shortest beginnings that all of what did not run have and nothing of what ran has. A name that is on both sides
    /// ran.
    pub fn of(ran: &BTreeSet<String>, idle: &BTreeSet<String>) -> Self {
        let needed: BTreeSet<&str> = ran.iter().flat_map(|name| beginnings(name)).collect();
        let named = idle.iter().filter(|name| !name.is_empty());
        let shortest = named.filter_map(|name| beginnings(name).find(|beginning| !needed.contains(beginning)));
        Self(shortest.map(str::to_owned).collect())
    }

    /// Whether a function is in the rest. One without a name is not.
    pub fn has(&self, name: &str) -> bool {
        beginnings(name).any(|beginning| self.0.contains(beginning))
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for name in &self.0 {
            writeln!(text, "{name}").ok();
        }
        text
    }
}

/// The beginnings of a name, each one part of its path longer, up to the name itself.
fn beginnings(name: &str) -> impl Iterator<Item = &str> {
    let parts = name.match_indices("::").map(|(place, _)| place + 2);
    parts.chain([name.len()]).map(|end| &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_room_of_which_nothing_ran_is_named_once() {
        let ran = names(&["page::scene::draw", "page::panels::why::answer"]);
        let idle = names(&["page::lab::open", "page::lab::close", "page::panels::why::close", "page::scene::draw"]);
        let rest = Rest::of(&ran, &idle);
        assert_eq!(rest.0, names(&["page::lab::", "page::panels::why::close"]));
        assert!(ran.iter().all(|name| !rest.has(name)));
        assert!(rest.has("page::lab::what_is_new") && !rest.has("page::scene::what_is_new"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let rest = Rest(names(&["page::lab::"]));
        let read: BTreeSet<String> =
            rest.text().lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
        assert_eq!(read, rest.0);
    }
}
