//! Plays recorded runs of a real Kafka on the engine and compares every answer.
//!
//! One interpreter for all of them, by the rules of the transcripts' own README: no transcript has code of its own. What
//! the engine cannot say yet is counted, never failed.

pub mod answers;
mod bodies;
pub mod compare;
mod conditions;
mod coordinator;
mod fields;
pub mod format;
mod interpreter;
mod legacy_protocol;
pub mod names;
mod observation;
mod observe;
mod observe_log;
pub mod order;
mod player;
mod presupposed;
mod presupposed_quorum;
mod prose;
mod quorum_answers;
mod quorum_puppets;
mod quorum_watch;
#[cfg(test)]
mod recorded_rules;
pub mod report;
mod varies;
mod verbs_admin;
mod verbs_faults;
mod verbs_quorum;
mod verbs_requests;

use crate::cluster::Cluster;
use crate::scenario::Scenario;

pub use self::compare::Difference;
pub use self::format::{Kind, Transcript, TranscriptError, TranscriptStep};
pub use self::observation::Observation;
pub use self::player::Limits;
use self::player::Player;
pub use self::report::{Outcome, Run, Verdict};

/// Some things that a transcript tells were chance, the same in each of its recordings: which of two followers fetched
/// first, whether a checkpoint was written before a process was killed. Attempts differ in their seed and in the delay, in
/// milliseconds, of the operator before a fault.
const ATTEMPTS: [(u64, u64); 8] = [(1, 300), (2, 20), (3, 150), (4, 60), (5, 300), (6, 20), (7, 150), (8, 60)];

/// Which attempts may show that the engine agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// The first one only.
    First,
    /// Any of them: what the transcript tells is known to be chance.
    Any,
}

impl Accept {
    /// A transcript that names what varies tells of chance.
    pub fn of(transcript: &Transcript) -> Self {
        if transcript.varies.is_empty() { Self::First } else { Self::Any }
    }
}

/// Plays a transcript. More than the first attempt counts only where it names something that varies.
pub fn play(transcript: &Transcript) -> Outcome {
    play_accepting(transcript, Accept::of(transcript))
}

/// Plays a transcript. Where the first attempt differs the others are made as well, and the outcome tells how many agreed.
/// If any may count, it is the outcome of the first that agrees, else of the one that agrees for longest.
pub fn play_accepting(transcript: &Transcript, accept: Accept) -> Outcome {
    let outcomes = ATTEMPTS.iter().map(|(seed, delay_ms)| attempt(transcript, *seed, *delay_ms));
    choose(outcomes, accept).unwrap_or_else(|| Outcome::unplayed(transcript, "never attempted"))
}

fn choose(mut outcomes: impl Iterator<Item = Outcome>, accept: Accept) -> Option<Outcome> {
    let first = outcomes.next()?;
    if first.verdict != Verdict::Differs {
        return Some(first);
    }
    let (mut attempts, mut agreed) = (1, 0);
    let mut chosen = first;
    for outcome in outcomes {
        attempts += 1;
        agreed += u32::from(outcome.verdict == Verdict::Agrees);
        let is_better = chosen.verdict == Verdict::Differs
            && (outcome.verdict != Verdict::Differs || outcome.lasted() > chosen.lasted());
        if accept == Accept::Any && is_better {
            chosen = outcome;
        }
    }
    Some(Outcome { attempts, agreed, ..chosen })
}

/// Plays a transcript once.
pub fn attempt(transcript: &Transcript, seed: u64, delay_ms: u64) -> Outcome {
    attempt_within(transcript, seed, delay_ms, Limits::default())
}

/// Plays a transcript once, and stops where it asks for more than it may take.
pub fn attempt_within(transcript: &Transcript, seed: u64, delay_ms: u64, limits: Limits) -> Outcome {
    if transcript.kind == Kind::Reference {
        return Outcome::unplayed(transcript, "a reference, for people to read");
    }
    let (mut config, unknown) = match order::read(&transcript.cluster) {
        Ok(read) => read,
        Err(what) => return Outcome::unplayed(transcript, &what),
    };
    quorum_puppets::instruct(&mut config, transcript);
    let cluster = match Cluster::new(&config, seed) {
        Ok(cluster) => cluster,
        Err(errors) => {
            let what: Vec<String> = errors.iter().map(crate::json::write_text).collect();
            return Outcome::unplayed(transcript, &what.join("; "));
        }
    };
    let mut player = Player::new(transcript, cluster, delay_ms).within(limits);
    for what in unknown {
        *player.not_compared.entry(what).or_default() += 1;
    }
    player.play();
    let verdict = Verdict::of(player.compared, player.differences.len());
    Outcome {
        id: transcript.id.clone(),
        verdict,
        compared: player.compared,
        not_compared: player.not_compared,
        differences: player.differences,
        attempts: 1,
        agreed: u32::from(verdict == Verdict::Agrees),
        run: Some(Run {
            scenario: Scenario { commands: player.placed, ..Scenario::new(config, seed) },
            marks: player.marks,
            observations: player.observations,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(verdicts: &[Verdict]) -> Vec<Outcome> {
        let text = r#"{"id": "x", "title": "x", "kind": "cluster", "steps": []}"#;
        let transcript = Transcript::from_json(text).expect("it is a transcript");
        verdicts.iter().map(|verdict| Outcome { verdict: *verdict, ..Outcome::unplayed(&transcript, "") }).collect()
    }

    #[test]
    fn a_later_attempt_counts_only_where_something_varies() {
        let attempts = || outcomes(&[Verdict::Differs, Verdict::Agrees, Verdict::Differs, Verdict::Agrees]).into_iter();
        let chosen = |accept| choose(attempts(), accept).expect("there are attempts");
        let first = chosen(Accept::First);
        assert_eq!((first.verdict, first.attempts, first.agreed), (Verdict::Differs, 4, 2));
        assert_eq!(chosen(Accept::Any).verdict, Verdict::Agrees);
    }

    #[test]
    fn one_difference_is_a_difference_however_much_cannot_be_said() {
        assert_eq!(
            (Verdict::of(1, 1), Verdict::of(1, 0), Verdict::of(0, 0)),
            (Verdict::Differs, Verdict::Agrees, Verdict::Unsupported)
        );
    }
}
