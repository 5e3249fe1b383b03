//! Plays recorded runs of a real Kafka on the engine and compares every answer.
//!
//! One interpreter for all of them, by the rules of the transcripts' own README: no transcript has code of its own. What
//! the engine cannot say yet is counted, never failed.

pub mod answers;
mod bodies;
pub mod compare;
mod conditions;
mod consumers;
mod coordinator;
mod fields;
pub mod format;
mod interpreter;
mod isr_order;
mod legacy_protocol;
pub mod names;
mod observation;
mod observe;
mod observe_groups;
mod observe_log;
pub mod order;
mod placements;
mod player;
mod playing;
mod presupposed;
mod presupposed_quorum;
mod producers;
mod prose;
mod quorum_answers;
mod quorum_mistakes;
mod quorum_puppets;
mod quorum_trace;
mod raw_forms;
#[cfg(test)]
mod recorded_rules;
pub mod report;
mod transactions;
mod varies;
mod verbs_acl;
mod verbs_admin;
mod verbs_faults;
mod verbs_group_requests;
mod verbs_groups;
mod verbs_puppets;
mod verbs_quorum;
mod verbs_raw;
mod verbs_records;
mod verbs_requests;

pub use self::compare::Difference;
pub use self::format::{Kind, Transcript, TranscriptError, TranscriptStep};
pub use self::observation::Observation;
pub use self::player::Limits;
use self::playing::Attempt;
pub use self::playing::Playing;
pub use self::report::{Outcome, Run, Verdict};

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
    let mut playing = Playing::new(transcript, accept);
    loop {
        if let Some(outcome) = playing.go_on() {
            return outcome;
        }
    }
}

/// Plays a transcript once.
pub fn attempt(transcript: &Transcript, seed: u64, delay_ms: u64) -> Outcome {
    attempt_within(transcript, seed, delay_ms, Limits::default())
}

/// Plays a transcript once, and stops where it asks for more than it may take.
pub fn attempt_within(transcript: &Transcript, seed: u64, delay_ms: u64, limits: Limits) -> Outcome {
    let mut attempt = Attempt::begin(transcript, (seed, delay_ms), limits);
    while !attempt.go_on() {}
    attempt.outcome()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_difference_is_a_difference_however_much_cannot_be_said() {
        assert_eq!(
            (Verdict::of(1, 1), Verdict::of(1, 0), Verdict::of(0, 0)),
            (Verdict::Differs, Verdict::Agrees, Verdict::Unsupported)
        );
    }
}
