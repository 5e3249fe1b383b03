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
pub mod order;
mod prose;
pub mod report;
mod varies;
mod verbs_admin;
mod verbs_faults;
mod verbs_requests;

use kafkascope_core::cluster::Cluster;
use kafkascope_core::scenario::Scenario;

pub use self::compare::Difference;
pub use self::format::{Kind, Transcript};
use self::interpreter::Player;
pub use self::report::{Outcome, Run, Verdict};

/// The seed with which transcripts are played. What they tell does not depend on it.
const SEED: u64 = 1;

/// Plays a transcript.
pub fn play(transcript: &Transcript) -> Outcome {
    play_with_seed(transcript, SEED)
}

/// Plays a transcript with other luck.
pub fn play_with_seed(transcript: &Transcript, seed: u64) -> Outcome {
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
    let mut player = Player::new(transcript, cluster);
    player.play();
    Outcome::of(player, Scenario::new(config, seed))
}
