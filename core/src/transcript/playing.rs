//! A transcript while it is played, one of its steps at a time: its progress can be shown.

use super::player::{Limits, Player};
use super::{Accept, Kind, Outcome, Run, Transcript, Verdict};
use super::{consumers, order, presupposed, producers, quorum_puppets};
use crate::cluster::Cluster;
use crate::config::ClusterConfig;
use crate::scenario::Scenario;

/// Some things that a transcript tells were chance, the same in each of its recordings: which of two followers fetched
/// first, whether a checkpoint was written before a process was killed. Attempts differ in their seed and in the delay, in
/// milliseconds, of the operator before a fault.
const ATTEMPTS: [(u64, u64); 8] = [(1, 300), (2, 20), (3, 150), (4, 60), (5, 300), (6, 20), (7, 150), (8, 60)];

/// A transcript that is being played. Where the first attempt differs the others are made as well.
pub struct Playing<'t> {
    transcript: &'t Transcript,
    /// The attempt under way.
    attempt: Attempt<'t>,
    /// How many attempts were begun.
    begun: usize,
    choice: Choice,
}

impl<'t> Playing<'t> {
    /// Begins to play a transcript.
    pub fn new(transcript: &'t Transcript, accept: Accept) -> Self {
        let attempt = Attempt::begin(transcript, ATTEMPTS[0], Limits::default());
        Self { transcript, attempt, begun: 1, choice: Choice::new(accept) }
    }

    /// Plays one step. The outcome, where nothing is left to be played.
    pub fn go_on(&mut self) -> Option<Outcome> {
        if !self.attempt.go_on() {
            return None;
        }
        let is_over = self.choice.add(self.attempt.outcome());
        match ATTEMPTS.get(self.begun).filter(|_| !is_over) {
            Some(next) => {
                self.attempt = Attempt::begin(self.transcript, *next, Limits::default());
                self.begun += 1;
                None
            }
            None => self.choice.chosen(),
        }
    }

    /// How many steps of the attempt under way were played, of how many.
    pub fn progress(&self) -> (usize, usize) {
        (self.attempt.next, self.transcript.steps.len())
    }
}

/// The outcome of several attempts.
struct Choice {
    accept: Accept,
    chosen: Option<Outcome>,
    attempts: u32,
    agreed: u32,
}

impl Choice {
    fn new(accept: Accept) -> Self {
        Self { accept, chosen: None, attempts: 0, agreed: 0 }
    }

    /// Takes an attempt in. `true` where the others need not be made: the first one does not differ.
    fn add(&mut self, outcome: Outcome) -> bool {
        self.attempts += 1;
        self.agreed += u32::from(outcome.verdict == Verdict::Agrees);
        let is_better = |chosen: &Outcome| {
            self.accept == Accept::Any
                && chosen.verdict == Verdict::Differs
                && (outcome.verdict != Verdict::Differs || outcome.lasted() > chosen.lasted())
        };
        let is_over = self.chosen.is_none() && outcome.verdict != Verdict::Differs;
        if self.chosen.as_ref().is_none_or(is_better) {
            self.chosen = Some(outcome);
        }
        is_over
    }

    /// If any attempt may count, the outcome of the first that agrees, else of the one that agrees for longest.
    fn chosen(&mut self) -> Option<Outcome> {
        let chosen = self.chosen.take()?;
        if self.attempts == 1 {
            return Some(chosen);
        }
        Some(Outcome { attempts: self.attempts, agreed: self.agreed, ..chosen })
    }
}

/// One attempt.
pub(super) struct Attempt<'t> {
    transcript: &'t Transcript,
    played: Result<Played<'t>, String>,
    /// The step that comes next.
    next: usize,
}

struct Played<'t> {
    player: Player<'t>,
    config: ClusterConfig,
    seed: u64,
}

impl<'t> Attempt<'t> {
    /// Begins an attempt: its cluster, and what the transcript presupposes.
    pub(super) fn begin(transcript: &'t Transcript, (seed, delay_ms): (u64, u64), limits: Limits) -> Self {
        Self { transcript, played: Played::begin(transcript, seed, delay_ms, limits), next: 0 }
    }

    /// Plays the next step. `true` when there is none.
    pub(super) fn go_on(&mut self) -> bool {
        let (Ok(played), Some(_)) = (&mut self.played, self.transcript.steps.get(self.next)) else { return true };
        played.player.play_next(self.next);
        self.next += 1;
        self.next >= self.transcript.steps.len()
    }

    /// What came of it.
    pub(super) fn outcome(&mut self) -> Outcome {
        match &mut self.played {
            Err(why) => Outcome::unplayed(self.transcript, why),
            Ok(played) => played.outcome(),
        }
    }
}

impl<'t> Played<'t> {
    fn begin(transcript: &'t Transcript, seed: u64, delay_ms: u64, limits: Limits) -> Result<Self, String> {
        if transcript.kind == Kind::Reference {
            return Err("a reference, for people to read".to_owned());
        }
        let (mut config, unknown) = order::read(&transcript.cluster)?;
        quorum_puppets::instruct(&mut config, transcript);
        order::leave_down(&mut config, &transcript.steps);
        presupposed::presuppose(&mut config, transcript);
        let (recorded_consumers, used) = consumers::order(&mut config, transcript);
        let recorded_producers = producers::order(&mut config, transcript);
        let cluster = Cluster::new(&config, seed).map_err(|errors| {
            let what: Vec<String> = errors.iter().map(crate::json::write_text).collect();
            what.join("; ")
        })?;
        let mut player = Player::new(transcript, cluster, delay_ms).within(limits);
        player.consumers = recorded_consumers;
        player.producers = recorded_producers;
        let is_used = |what: &String| used.iter().any(|name| what.starts_with(&format!("setting {name}=")));
        for what in unknown.into_iter().filter(|what| !is_used(what)) {
            *player.not_compared.entry(what).or_default() += 1;
        }
        player.begin();
        Ok(Self { player, config, seed })
    }

    fn outcome(&mut self) -> Outcome {
        let player = &mut self.player;
        let verdict = Verdict::of(player.compared, player.differences.len());
        Outcome {
            id: player.transcript.id.clone(),
            verdict,
            compared: player.compared,
            not_compared: std::mem::take(&mut player.not_compared),
            differences: std::mem::take(&mut player.differences),
            attempts: 1,
            agreed: u32::from(verdict == Verdict::Agrees),
            run: Some(Run {
                scenario: Scenario {
                    commands: std::mem::take(&mut player.placed),
                    ..Scenario::new(self.config.clone(), self.seed)
                },
                marks: std::mem::take(&mut player.marks),
                observations: std::mem::take(&mut player.observations),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: Accept, verdicts: &[Verdict]) -> Outcome {
        let text = r#"{"id": "x", "title": "x", "kind": "cluster", "steps": []}"#;
        let transcript = Transcript::from_json(text).expect("it is a transcript");
        let mut choice = Choice::new(accept);
        for verdict in verdicts {
            if choice.add(Outcome { verdict: *verdict, ..Outcome::unplayed(&transcript, "") }) {
                break;
            }
        }
        choice.chosen().expect("there are attempts")
    }

    #[test]
    fn a_later_attempt_counts_only_where_something_varies() {
        let attempts = [Verdict::Differs, Verdict::Agrees, Verdict::Differs, Verdict::Agrees];
        let first = chosen(Accept::First, &attempts);
        assert_eq!((first.verdict, first.attempts, first.agreed), (Verdict::Differs, 4, 2));
        assert_eq!(chosen(Accept::Any, &attempts).verdict, Verdict::Agrees);
    }

    #[test]
    fn where_the_first_attempt_agrees_the_others_are_not_made() {
        let attempts = [Verdict::Agrees, Verdict::Differs];
        assert_eq!(chosen(Accept::First, &attempts).verdict, Verdict::Agrees);
        assert_eq!(chosen(Accept::Any, &[Verdict::Unsupported, Verdict::Agrees]).verdict, Verdict::Unsupported);
    }
}
