//! Which steps of a branch are wanted. What the history remembers of a step is looked at at once; words are looked for in
//! slices, from the newest step back, because sentences must be made for it.

use std::rc::Rc;

use crate::engine::{Actor, CHECKPOINT_INTERVAL, History, Position, Replay, Size, StepEntry, TopicPartition};
use crate::i18n::{I18n, Lang};
use crate::panels::steps::{Kind, drawable};

/// How many moves a slice of the search makes. A sentence counts for several, because it takes longer than a move: in
/// all some ten milliseconds.
const MOVES_PER_SLICE: u32 = 1_200;
const MOVES_PER_SENTENCE: u32 = 12;

/// Which steps are wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Of which kind.
    pub kind: Kind,
    /// Who acted.
    pub actor: Option<Actor>,
    /// A partition of which something changed.
    pub partition: Option<TopicPartition>,
    /// What their sentences say, as it was typed.
    pub text: String,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { kind: Kind::Size(Size::Message), actor: None, partition: None, text: String::new() }
    }
}

impl Wanted {
    fn has(&self, entry: &StepEntry, history: &History) -> bool {
        self.kind.has(entry)
            && self.actor.is_none_or(|actor| entry.actor == Some(actor))
            && self.partition.as_ref().is_none_or(|partition| history.partitions_of(entry).contains(partition))
    }

    fn has_words(&self) -> bool {
        !self.text.trim().is_empty()
    }
}

/// What was searched for, and in what.
#[derive(Clone, Debug, PartialEq)]
struct Searched {
    wanted: Wanted,
    lang: Lang,
    len: Position,
    branch: usize,
    first_ms: u64,
    seed: u64,
}

/// The state of a search for words.
#[derive(Default)]
pub struct Search {
    searched: Option<Searched>,
    found: Rc<Vec<Position>>,
    /// Steps up to here are still to be looked at.
    left: Position,
    /// The stretch that is being looked at, and what was found in it.
    stretch: Option<(Replay, Vec<Position>)>,
}

impl Search {
    /// The wanted steps, the newest first, as far as they are known.
    pub fn find(&mut self, wanted: &Wanted, history: &History, lang: Lang) -> Rc<Vec<Position>> {
        let scenario = history.scenario();
        let branch = history.branches().iter().position(|branch| branch.is_current).unwrap_or(0);
        let first_ms = scenario.config.start.clock_ms();
        let searched =
            Searched { wanted: wanted.clone(), lang, len: history.len(), branch, first_ms, seed: scenario.seed };
        if self.searched.as_ref() != Some(&searched) {
            let is_wanted = |index: &Position| history.entry(*index).is_some_and(|entry| wanted.has(entry, history));
            let candidates = (1..=history.len()).rev();
            (self.found, self.left) = match wanted.has_words() {
                true => (Rc::default(), history.len()),
                false => (Rc::new(drawable(candidates.filter(is_wanted).collect())), 0),
            };
            self.stretch = None;
            self.searched = Some(searched);
        }
        self.found.clone()
    }

    /// Whether there is more to look at.
    pub fn is_searching(&self) -> bool {
        self.left > 0
    }

    /// How many steps are still to be looked at.
    pub fn left(&self) -> Position {
        self.left
    }

    /// Looks on for a slice of time.
    pub fn go_on(&mut self, history: &History, i18n: &I18n) {
        let Some(Searched { wanted, .. }) = self.searched.clone() else { return };
        let text = wanted.text.trim().to_lowercase();
        let mut spent = 0;
        while self.left > 0 && spent < MOVES_PER_SLICE {
            let from = (self.left - 1) / CHECKPOINT_INTERVAL * CHECKPOINT_INTERVAL;
            let (replay, found) = self.stretch.get_or_insert_with(|| (history.replay(from, self.left), Vec::new()));
            match replay.next() {
                Some(step) => {
                    let is_wanted = history.entry(step.index).is_some_and(|entry| wanted.has(entry, history));
                    spent += if is_wanted { MOVES_PER_SENTENCE } else { 1 };
                    if is_wanted && i18n.step(&step.explanation).to_lowercase().contains(&text) {
                        found.push(step.index);
                    }
                }
                None => {
                    let newest_first = found.drain(..).rev().collect::<Vec<_>>();
                    Rc::make_mut(&mut self.found).extend(newest_first);
                    self.stretch = None;
                    self.left = from;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tour::preset;

    fn run() -> History {
        let mut history = History::new(preset("first-minute").expect("a preset").scenario).expect("it runs");
        for _ in 0..3_000 {
            history.step();
        }
        history
    }

    fn search(wanted: &Wanted, history: &History) -> Vec<Position> {
        let mut search = Search::default();
        search.find(wanted, history, Lang::En);
        while search.is_searching() {
            search.go_on(history, &I18n::of(Lang::En));
        }
        search.find(wanted, history, Lang::En).to_vec()
    }

    #[test]
    fn words_are_found_in_the_sentences_of_all_steps_newest_first() {
        let mut history = run();
        let i18n = I18n::of(Lang::En);
        let wanted = Wanted { kind: Kind::Size(Size::Micro), text: "Heartbeat".to_owned(), ..Wanted::default() };
        let found = search(&wanted, &history);
        let expected: Vec<Position> = (1..=history.len())
            .rev()
            .filter(|index| {
                let step = history.step_at(*index).expect("the step is made again");
                i18n.step(&step.explanation).to_lowercase().contains("heartbeat")
            })
            .collect();
        assert!(found.len() > 10 && found == expected, "{} of {}", found.len(), expected.len());
    }

    #[test]
    fn a_list_is_narrowed_by_kind_actor_and_partition() {
        let mut history = run();
        let partition = TopicPartition::new("orders", 0);
        let wanted = Wanted { partition: Some(partition.clone()), actor: Some(Actor::Node(1)), ..Wanted::default() };
        let found = search(&wanted, &history);
        assert!(!found.is_empty());
        for index in found {
            let step = history.step_at(index).expect("the step is made again");
            assert_eq!(step.actor, Some(Actor::Node(1)));
            assert!(step.size >= Size::Message && format!("{:?}", step.changes).contains("orders"), "{step:?}");
        }
    }
}
