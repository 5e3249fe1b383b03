//! What it costs that a leader says it is there, and how soon it is missed: by Kafka's own protocol and by textbook Raft.

use super::{Measured, quorum_of};
use crate::actor::Endpoint;
use crate::change::{Change, QuorumRole};
use crate::cluster::{Cluster, ConfigError};
use crate::command::Command;
use crate::sim::Millis;
use crate::step::{ExecutedEvent, Step};

/// How long a quorum is left alone before it counts as at rest, in virtual milliseconds.
const SETTLES_MS: Millis = 10_000;
/// How long its leader's messages are counted, in virtual milliseconds.
const COUNTS_MS: Millis = 10_000;
/// A quorum that has no new leader after so long, in virtual milliseconds, gets none.
const GIVES_UP_MS: Millis = 60_000;

/// The values of the setting `raft`, in the order of the columns.
const PROTOCOLS: [&str; 2] = ["kraft", "textbook"];

/// Both protocols, one after the other.
#[derive(Clone, Debug)]
pub(super) struct RaftProtocols {
    voters: u32,
    /// The voters, and three figures for each protocol that is done with.
    cells: Measured,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    /// Until there is nothing to do but to stay in touch.
    Settling { until: Millis },
    /// The leader's messages to the other voters are counted.
    Counting { leader: i32, until: Millis, messages: i64 },
    /// The leader was killed.
    Killed { at: Millis, messages: i64, noticed_ms: Option<Millis> },
}

impl RaftProtocols {
    /// The cluster that it begins with, and what is to be done with it.
    pub(super) fn begin(voters: u32) -> Result<(Cluster, Self), Vec<ConfigError>> {
        let (cluster, phase) = settling(voters, PROTOCOLS[0])?;
        Ok((cluster, Self { voters, cells: vec![Some(i64::from(voters))], phase }))
    }

    /// Makes a step. Gives what was measured once that is all of it.
    pub(super) fn go_on(&mut self, cluster: &mut Cluster) -> Option<Measured> {
        let step = cluster.step();
        let now = cluster.now();
        match &mut self.phase {
            Phase::Settling { until } if now >= *until => match cluster.active_controller() {
                Some(leader) => {
                    self.phase = Phase::Counting { leader, until: now.saturating_add(COUNTS_MS), messages: 0 };
                }
                None => return self.complete(cluster, [None; 3]),
            },
            Phase::Settling { .. } => {}
            Phase::Counting { leader, until, messages } if now >= *until => {
                let (node, messages) = (*leader, *messages);
                if cluster.apply(&Command::Crash { node, machine: false }).is_err() {
                    return self.complete(cluster, [None; 3]);
                }
                self.phase = Phase::Killed { at: now, messages, noticed_ms: None };
            }
            Phase::Counting { leader, messages, .. } => {
                *messages += i64::from(step.is_some_and(|step| is_message_of(&step, *leader)));
            }
            Phase::Killed { at, messages, noticed_ms } => {
                let since = now.saturating_sub(*at);
                let changes = step.as_ref().map_or(&[][..], |step| &step.changes);
                let role_changed = |wanted: fn(QuorumRole, QuorumRole) -> bool| {
                    changes.iter().any(|change| match change {
                        Change::QuorumRoleChanged { from, to, .. } => wanted(*from, *to),
                        _ => false,
                    })
                };
                if role_changed(|from, to| from == QuorumRole::Follower && to != QuorumRole::Follower) {
                    noticed_ms.get_or_insert(since);
                }
                let is_led = role_changed(|_, to| to == QuorumRole::Leader);
                if is_led || step.is_none() || since > GIVES_UP_MS {
                    let ms = |ms: Millis| i64::try_from(ms).ok();
                    let a_second = *messages * 1_000 / i64::try_from(COUNTS_MS).unwrap_or(1);
                    let figures = [Some(a_second), noticed_ms.and_then(ms), ms(since).filter(|_| is_led)];
                    return self.complete(cluster, figures);
                }
            }
        }
        None
    }

    /// One protocol is done with: the next one begins, on another cluster, or all is measured.
    fn complete(&mut self, cluster: &mut Cluster, figures: [Option<i64>; 3]) -> Option<Measured> {
        self.cells.extend(figures);
        let next = PROTOCOLS.get((self.cells.len() - 1) / figures.len());
        match next.map(|protocol| settling(self.voters, protocol)) {
            Some(Ok(begun)) => {
                (*cluster, self.phase) = begun;
                None
            }
            Some(Err(_)) | None => Some(std::mem::take(&mut self.cells)),
        }
    }
}

fn settling(voters: u32, protocol: &str) -> Result<(Cluster, Phase), Vec<ConfigError>> {
    let cluster = quorum_of(voters, Some(protocol))?;
    let until = cluster.now().saturating_add(SETTLES_MS);
    Ok((cluster, Phase::Settling { until }))
}

/// Whether a request or an answer of the leader reached another controller.
fn is_message_of(step: &Step, leader: i32) -> bool {
    let Some(ExecutedEvent::Delivery { from, to, is_closing: false, .. }) = &step.event else { return false };
    *from == Endpoint::Controller(leader) && matches!(to, Endpoint::Controller(_))
}
