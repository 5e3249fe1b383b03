//! Plays recorded runs of a real Kafka on the engine and compares every answer.
//!
//! One interpreter for all of them, by the rules of the transcripts' own README: no transcript has code of its own. What
//! the engine cannot say yet is counted, never failed.

pub mod answers;
mod bodies;
pub mod compare;
mod conditions;
pub mod format;
mod interpreter;
pub mod names;
mod observe;
mod observe_log;
mod old_ways;
pub mod order;
mod placement;
mod prose;
pub mod report;
mod varies;
mod verbs_admin;
mod verbs_faults;
mod verbs_requests;

use crate::cluster::Cluster;
use crate::scenario::Scenario;

pub use self::compare::Difference;
pub use self::format::{Kind, Transcript, TranscriptError, TranscriptStep};
use self::interpreter::Player;
pub use self::report::{Observation, Outcome, Run, Verdict};

/// Some things that a transcript tells were chance, the same in each of its recordings: which of two followers fetched
/// first, whether a checkpoint was written before a process was killed. The engine agrees if it does the same with one of
/// these seeds and these delays, in milliseconds, of the hand before a fault.
const ATTEMPTS: [(u64, u64); 8] = [(1, 300), (2, 20), (3, 150), (4, 60), (5, 300), (6, 20), (7, 150), (8, 60)];

/// Plays a transcript. Of several attempts it gives the first that agrees, else the one that agrees for longest.
pub fn play(transcript: &Transcript) -> Outcome {
    let mut best: Option<Outcome> = None;
    for (seed, hand_ms) in ATTEMPTS {
        let outcome = attempt(transcript, seed, hand_ms);
        if outcome.verdict != Verdict::Differs {
            return outcome;
        }
        let lasts_longer = best.as_ref().is_none_or(|best| outcome.lasted() > best.lasted());
        if lasts_longer {
            best = Some(outcome);
        }
    }
    best.unwrap_or_else(|| Outcome::unplayed(transcript, "never attempted"))
}

/// Plays a transcript once.
pub fn attempt(transcript: &Transcript, seed: u64, hand_ms: u64) -> Outcome {
    if transcript.kind == Kind::Reference {
        return Outcome::unplayed(transcript, "a reference, for people to read");
    }
    let config = match interpreter::cluster_config(transcript) {
        Ok(config) => config,
        Err(what) => return Outcome::unplayed(transcript, &what),
    };
    let cluster = match Cluster::new(&config, seed) {
        Ok(cluster) => cluster,
        Err(errors) => {
            let what: Vec<String> =
                errors.iter().map(|error| serde_json::to_string(error).unwrap_or_default()).collect();
            return Outcome::unplayed(transcript, &what.join("; "));
        }
    };
    let mut player = Player::new(transcript, cluster, hand_ms);
    player.play();
    Outcome::of(player, Scenario::new(config, seed))
}
