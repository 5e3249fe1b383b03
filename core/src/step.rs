//! What one step was: who acted, when, why, what changed, and in which words.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::change::Change;
use crate::command::Command;
use crate::explain::Explanation;
use crate::sim::Millis;

/// A place in a run: how many moves (steps and commands) came before.
pub type Position = u32;

/// One executed event or command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its number in the run, from 1: the position after it.
    pub index: Position,
    /// Virtual time when it happened, in milliseconds.
    pub at_ms: Millis,
    /// Who acted; `None` for a person's command that no party carries out.
    pub actor: Option<Actor>,
    /// The step that scheduled this one: an edge of the space-time diagram. `None` for what began before the run.
    pub cause: Option<Position>,
    /// The person's command, if this was one.
    pub command: Option<Command>,
    /// What changed, in order.
    pub changes: Vec<Change>,
    /// What happened, in words of both languages: a message key and its arguments.
    pub explanation: Explanation,
    /// The coarsest step size at which a person stops here.
    pub size: Size,
}

/// How far one press of Forward goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// Every event: each hop inside a broker, each timer.
    Micro,
    /// Each request or answer that moved something.
    #[default]
    Message,
    /// What a person would tell a colleague.
    Milestone,
}
