//! The console's lines, as they were typed, and what became of them.

use crate::engine::console::Outcome;

/// The first probe that sends what a line asks for: the lab's are below.
const FIRST_PROBE: u32 = 1_001;
/// How many lines are kept.
const ENTRIES_MAX: usize = 200;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsoleEntry {
    /// What was typed.
    pub line: String,
    /// Who sends what it asks for.
    pub probe: u32,
    /// What became of it.
    pub outcome: Outcome,
}

/// All lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsoleState {
    /// The oldest first.
    pub entries: Vec<ConsoleEntry>,
    /// The probe of the last one.
    last_probe: Option<u32>,
}

impl ConsoleState {
    /// The probe for the next line.
    pub fn next_probe(&self) -> u32 {
        self.last_probe.map_or(FIRST_PROBE, |last| last.saturating_add(1))
    }

    /// The same with one more line.
    pub fn with(&self, entry: ConsoleEntry) -> Self {
        let mut next = self.clone();
        next.last_probe = Some(entry.probe);
        next.entries.push(entry);
        if next.entries.len() > ENTRIES_MAX {
            next.entries.remove(0);
        }
        next
    }

    /// The same without what is shown.
    pub fn cleared(&self) -> Self {
        Self { entries: Vec::new(), ..self.clone() }
    }

    /// A line that was typed before, counted back from the last one; the same twice in a row counts once.
    pub fn typed(&self, back: usize) -> Option<&str> {
        let mut lines: Vec<&str> = self.entries.iter().map(|entry| entry.line.as_str()).collect();
        lines.dedup();
        lines.into_iter().rev().nth(back.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::console::Hint;

    #[test]
    fn lines_are_remembered_and_probes_are_never_used_twice() {
        let mut state = ConsoleState::default();
        for line in ["a", "b", "b"] {
            let (probe, line) = (state.next_probe(), line.to_owned());
            state = state.with(ConsoleEntry { line, probe, outcome: Outcome::Hint(Hint::OpenQuote {}) });
        }
        assert_eq!(
            (state.typed(1), state.typed(2), state.typed(3), state.typed(0)),
            (Some("b"), Some("a"), None, None)
        );
        assert_eq!(state.cleared().next_probe(), 1_004);
    }
}
