//! The quorum of the metadata log: its voters on a ring, and their logs on one axis.

mod logs;
mod ring;

use crate::engine::{QuorumRole, QuorumTimer, QuorumTimerView, VoterView};
use crate::i18n::I18n;

pub use logs::MetadataLogs;
pub use ring::QuorumRing;

/// What a voter does by itself, and in how many milliseconds.
pub fn quorum_timer(timer: QuorumTimerView, i18n: &I18n) -> String {
    let key = match timer.timer {
        QuorumTimer::Election => "quorum-timer-election",
        QuorumTimer::Fetch => "quorum-timer-fetch",
        QuorumTimer::CheckQuorum => "quorum-timer-check-quorum",
    };
    i18n.format_with(key, [("ms", timer.left_ms.into())])
}

/// A role's name is Kafka's; a process that is down has none.
pub fn role_name(role: Option<QuorumRole>, i18n: &I18n) -> String {
    role.map_or_else(|| i18n.format("state-down"), |role| role.name().to_owned())
}

/// Where a controller stands; of one that does not vote, that too.
pub fn standing(voter: &VoterView, i18n: &I18n) -> String {
    let role = role_name(voter.role, i18n);
    if voter.is_voter { role } else { format!("{role} · {}", i18n.format("quorum-observer")) }
}
