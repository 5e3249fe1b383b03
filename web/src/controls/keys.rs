//! The keys: one table that binds them and that `?` shows.

use crate::app::Zoom;
use crate::engine::Size;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAction {
    /// One step on.
    Forward,
    /// One step back.
    Back,
    /// Play or pause.
    Play,
    /// To the start.
    Start,
    /// To the end of what is known.
    End,
    /// On to what comes next that tells something new, however long that takes.
    NextChange,
    /// Back to where the person acted last.
    Undo,
    /// To where what was undone had led.
    Redo,
    /// All runs and their branches.
    Runs,
    /// Another step size.
    Size(Size),
    /// A record for the first producer.
    Produce,
    /// The other language.
    Lang,
    /// The other theme.
    Theme,
    /// Copies the link.
    Share,
    /// A new cluster.
    NewCluster,
    /// The lessons.
    Lessons,
    /// Saves and opens runs.
    Files,
    /// Moves the scene nearer or farther.
    Zoom(Zoom),
    /// What the scene's marks mean.
    Legend,
    /// This table.
    Keys,
    /// Closes what is open.
    Close,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The key, as the browser names it.
    pub code: &'static str,
    /// The key, as it is written for a person.
    pub cap: &'static str,
    /// What it does.
    pub action: KeyAction,
    /// The message that says so.
    pub word: &'static str,
}

/// Every key of the page.
pub const BINDINGS: &[Binding] = &[
    Binding { code: "ArrowRight", cap: "→", action: KeyAction::Forward, word: "key-forward" },
    Binding { code: "ArrowLeft", cap: "←", action: KeyAction::Back, word: "key-back" },
    Binding { code: " ", cap: "Space", action: KeyAction::Play, word: "key-play" },
    Binding { code: "Home", cap: "Home", action: KeyAction::Start, word: "key-start" },
    Binding { code: "End", cap: "End", action: KeyAction::End, word: "key-end" },
    Binding { code: "c", cap: "C", action: KeyAction::NextChange, word: "key-next-change" },
    Binding { code: "z", cap: "Z", action: KeyAction::Undo, word: "key-undo" },
    Binding { code: "Shift+z", cap: "Shift Z", action: KeyAction::Redo, word: "key-redo" },
    Binding { code: "r", cap: "R", action: KeyAction::Runs, word: "key-runs" },
    Binding { code: "1", cap: "1", action: KeyAction::Size(Size::Micro), word: "key-micro" },
    Binding { code: "2", cap: "2", action: KeyAction::Size(Size::Message), word: "key-message" },
    Binding { code: "3", cap: "3", action: KeyAction::Size(Size::Milestone), word: "key-milestone" },
    Binding { code: "p", cap: "P", action: KeyAction::Produce, word: "key-produce" },
    Binding { code: "n", cap: "N", action: KeyAction::NewCluster, word: "key-new-cluster" },
    Binding { code: "o", cap: "O", action: KeyAction::Lessons, word: "key-lessons" },
    Binding { code: "f", cap: "F", action: KeyAction::Files, word: "key-files" },
    Binding { code: "s", cap: "S", action: KeyAction::Share, word: "key-share" },
    Binding { code: "l", cap: "L", action: KeyAction::Lang, word: "key-lang" },
    Binding { code: "t", cap: "T", action: KeyAction::Theme, word: "key-theme" },
    Binding { code: "+", cap: "+", action: KeyAction::Zoom(Zoom::In), word: "zoom-in" },
    Binding { code: "-", cap: "−", action: KeyAction::Zoom(Zoom::Out), word: "zoom-out" },
    Binding { code: "0", cap: "0", action: KeyAction::Zoom(Zoom::Fit), word: "zoom-fit" },
    Binding { code: "g", cap: "G", action: KeyAction::Legend, word: "legend" },
    Binding { code: "?", cap: "?", action: KeyAction::Keys, word: "key-keys" },
    Binding { code: "Escape", cap: "Esc", action: KeyAction::Close, word: "key-close" },
];

/// What a key does. Letters count in both cases, unless the table has one of its own with Shift; in a text field or with
/// Ctrl, Alt or Cmd a key is the browser's own.
pub fn action_of(key: &str, is_shifted: bool) -> Option<KeyAction> {
    let bound = |code: &str| BINDINGS.iter().find(|binding| binding.code.eq_ignore_ascii_case(code));
    // Without Shift, the key of `+` is `=` on most keyboards.
    let key = if key == "=" { "+" } else { key };
    let shifted = if is_shifted { bound(&format!("Shift+{key}")) } else { None };
    shifted.or_else(|| bound(key)).map(|binding| binding.action)
}

/// What a key on a Korean keyboard layout stands for, by the key's place.
pub fn by_place(code: &str) -> Option<String> {
    code.strip_prefix("Key").map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_is_bound_twice() {
        let codes: BTreeSet<_> = BINDINGS.iter().map(|binding| binding.code.to_ascii_lowercase()).collect();
        assert_eq!(codes.len(), BINDINGS.len());
        assert_eq!(action_of("S", true), Some(KeyAction::Share));
        assert_eq!(action_of("x", false), None);
        assert_eq!(by_place("KeyP").and_then(|key| action_of(&key, false)), Some(KeyAction::Produce));
        assert_eq!((action_of("z", false), action_of("Z", true)), (Some(KeyAction::Undo), Some(KeyAction::Redo)));
    }
}
