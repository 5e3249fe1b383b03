//! What is done on a cluster during a lesson: commands, steps, waiting until something is so.

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::entry::{Entry, printed_lines};
use super::observed::Observed;
use crate::actor::Actor;
use crate::cluster::Cluster;
use crate::command::{Command, CommandError};
use crate::sim::Millis;
use crate::step::{Size, Step};
use crate::view::PendingKind;
use crate::wire::ApiKey;

/// A run of a cluster that a lesson is played on.
pub trait Stage {
    /// The cluster as it is now.
    fn cluster(&self) -> &Cluster;
    /// Carries a person's command out. Gives the steps that were made.
    fn act(&mut self, command: &Command) -> Result<Vec<Step>, CommandError>;
    /// Goes forward to the next place at which a person stops. Gives every step on the way, the smallest too; none where
    /// nothing is scheduled any more.
    fn forward(&mut self, size: Size) -> Vec<Step>;
}

/// One thing done on a cluster.
#[derive(Clone, Debug, PartialEq)]
pub enum Move {
    /// A command.
    Act(LessonCommand),
    /// The commands of a beat's button, by the beat's id.
    Do(String),
    /// A number of presses of Forward.
    Forward {
        /// How far each goes.
        size: Size,
        /// How many.
        times: u32,
    },
    /// Forward in the smallest steps until something is so.
    Until {
        /// What.
        condition: Condition,
        /// How long at most, in virtual milliseconds.
        within_ms: Millis,
    },
    /// So much virtual time passes.
    Wait {
        /// How much, in milliseconds.
        for_ms: Millis,
    },
}

/// A command in a lesson. A writer cannot know the numbers of events: an envelope is named by what it is.
#[derive(Clone, Debug, PartialEq)]
pub enum LessonCommand {
    /// A command as it is.
    Plain(Command),
    /// A command on the first envelope that fits.
    OnEnvelope(EnvelopeAct, EnvelopePattern),
    /// The first timer that fits is up next: the time until then passes.
    OnTimer(TimerPattern),
    /// Something is written beside the cluster.
    Write(Entry),
}

/// A timer by whose it is and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimerPattern {
    /// Its kebab-case name.
    pub name: String,
    /// Whose it is.
    pub actor: Actor,
}

/// What happened in a lesson's run.
#[derive(Clone, Copy, Debug)]
pub enum Happened<'a> {
    /// The cluster made steps.
    Steps(&'a [Step]),
    /// A person wrote something beside it.
    Written(&'a Entry),
}

/// What is done to an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum EnvelopeAct {
    /// It happens next.
    Choose {},
    /// It is lost.
    Drop {},
    /// It is held up.
    Delay {
        /// By how much, in milliseconds.
        by_ms: Millis,
    },
    /// It arrives twice.
    Duplicate {},
}

/// An envelope by what is written on it. What is left out may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EnvelopePattern {
    /// Which request, or which request it answers.
    pub api: Option<ApiKey>,
    /// Who sent it.
    pub from: Option<Actor>,
    /// Who gets it.
    pub to: Option<Actor>,
    /// Whether it is an answer.
    pub is_response: Option<bool>,
    /// Whether it carries records.
    pub has_records: Option<bool>,
}

impl LessonCommand {
    /// What it writes beside the cluster; none where it is a command.
    pub fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Write(entry) => Some(entry),
            Self::Plain(_) | Self::OnEnvelope(..) | Self::OnTimer(_) => None,
        }
    }

    /// The command as it is here and now; none where no envelope or timer fits, or where it is none.
    pub fn resolve(&self, cluster: &Cluster) -> Option<Command> {
        let (act, pattern) = match self {
            Self::Plain(command) => return Some(command.clone()),
            Self::Write(_) => return None,
            Self::OnTimer(pattern) => {
                let fits =
                    |what: &PendingKind| matches!(what, PendingKind::Timer { timer, .. } if *timer == pattern.name);
                let mut pending = cluster.pending(usize::MAX).into_iter();
                let timer = pending.find(|pending| pending.actor == pattern.actor && fits(&pending.what))?;
                return Some(Command::Choose { event: timer.event });
            }
            Self::OnEnvelope(act, pattern) => (act, pattern),
        };
        let view = cluster.view();
        let envelope = view.envelopes.iter().find(|envelope| {
            pattern.api.is_none_or(|api| api == envelope.api)
                && pattern.from.is_none_or(|from| from == envelope.from)
                && pattern.to.is_none_or(|to| to == envelope.to)
                && pattern.is_response.is_none_or(|is| is == envelope.is_response)
                && pattern.has_records.is_none_or(|has| has == (envelope.records > 0))
        })?;
        let event = envelope.event;
        Some(match *act {
            EnvelopeAct::Choose {} => Command::Choose { event },
            EnvelopeAct::Drop {} => Command::Drop { event },
            EnvelopeAct::Delay { by_ms } => Command::Delay { event, by_ms },
            EnvelopeAct::Duplicate {} => Command::Duplicate { event },
        })
    }
}

/// Why a lesson's moves could not be made. The page's message for it has the id `lesson-stuck-` and the kebab-case name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames)]
#[serde(tag = "stuck", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
pub enum Stuck {
    /// The engine refused a command; its own words say why.
    Refused {
        /// The engine's error.
        error: CommandError,
    },
    /// No envelope on its way, or no timer, is the one that was meant.
    NoSuchEnvelope {},
    /// A line of the console prints nothing at once.
    NothingPrinted {
        /// The line.
        line: String,
    },
    /// What was waited for did not come about in time.
    NotReached {
        /// How long was waited, in virtual milliseconds.
        within_ms: Millis,
    },
    /// Nothing is scheduled any more.
    AtAnEnd {},
}

impl Stuck {
    /// The kebab-case names of all reasons.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

impl From<CommandError> for Stuck {
    fn from(error: CommandError) -> Self {
        Self::Refused { error }
    }
}

/// Carries a command of a lesson out, and shows what happened to `watch`. Gives the steps that were made.
pub fn act<S: Stage>(
    stage: &mut S,
    command: &LessonCommand,
    watch: &mut impl FnMut(Happened<'_>, &S),
) -> Result<Vec<Step>, Stuck> {
    if let LessonCommand::Write(entry) = command {
        if let Entry::Line(line) = entry
            && printed_lines(line, &Observed::of(stage.cluster())).is_none()
        {
            return Err(Stuck::NothingPrinted { line: line.clone() });
        }
        watch(Happened::Written(entry), stage);
        return Ok(Vec::new());
    }
    let command = command.resolve(stage.cluster()).ok_or(Stuck::NoSuchEnvelope {})?;
    let steps = stage.act(&command)?;
    watch(Happened::Steps(&steps), stage);
    Ok(steps)
}

/// Makes one move, and shows the steps and how the cluster then is to `watch` after each that a person would see.
/// `commands` are those of a beat's button. `just_done` are the steps of commands right before: what they did at once
/// counts for anyone who then waits for it.
pub fn make<S: Stage>(
    stage: &mut S,
    one: &Move,
    just_done: &mut Vec<Step>,
    commands: impl Fn(&str) -> Vec<LessonCommand>,
    watch: &mut impl FnMut(Happened<'_>, &S),
) -> Result<(), Stuck> {
    match one {
        Move::Act(command) => {
            just_done.extend(act(stage, command, watch)?);
            return Ok(());
        }
        Move::Do(beat) => {
            for command in commands(beat) {
                just_done.extend(act(stage, &command, watch)?);
            }
            return Ok(());
        }
        Move::Forward { size, times } => {
            for _ in 0..*times {
                let steps = stage.forward(*size);
                if steps.is_empty() {
                    return Err(Stuck::AtAnEnd {});
                }
                watch(Happened::Steps(&steps), stage);
            }
        }
        Move::Until { condition, within_ms } => {
            let done = just_done.iter().any(|step| condition.seen_in(step)) || holds(condition, stage);
            just_done.clear();
            if done {
                return Ok(());
            }
            let reached = forward_until(stage, *within_ms, |steps, stage| {
                watch(Happened::Steps(steps), stage);
                steps.iter().any(|step| condition.seen_in(step))
                    || ((changed(steps) || condition.comes_without_change()) && holds(condition, stage))
            })?;
            if !reached {
                return Err(Stuck::NotReached { within_ms: *within_ms });
            }
        }
        Move::Wait { for_ms } => {
            forward_until(stage, *for_ms, |steps, stage| {
                watch(Happened::Steps(steps), stage);
                false
            })?;
        }
    }
    just_done.clear();
    Ok(())
}

/// Whether a cluster is as it should be, without a look at it for who waits for a change.
fn holds(condition: &Condition, stage: &impl Stage) -> bool {
    condition.holds(&Observed::of(stage.cluster()))
}

/// Whether the cluster looks different after these steps. Without, nobody need look: a view is costly.
pub(super) fn changed(steps: &[Step]) -> bool {
    steps.iter().any(|step| !step.changes.is_empty())
}

/// Goes forward in the smallest steps until `done` says so or the time is over. Says whether it was done.
pub(super) fn forward_until<S: Stage>(
    stage: &mut S,
    within_ms: Millis,
    mut done: impl FnMut(&[Step], &S) -> bool,
) -> Result<bool, Stuck> {
    let until_ms = stage.cluster().now().saturating_add(within_ms);
    // The time a timer fires is known only once it has: the last step may be a little later.
    loop {
        let steps = stage.forward(Size::Micro);
        let Some(last) = steps.last() else { return Err(Stuck::AtAnEnd {}) };
        let at_ms = last.at_ms;
        if done(&steps, stage) {
            return Ok(true);
        }
        if at_ms > until_ms {
            return Ok(false);
        }
    }
}
