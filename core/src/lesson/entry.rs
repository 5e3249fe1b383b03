//! What a person writes beside the cluster: lines at the console, property files. It changes nothing of the cluster; a lesson may
//! ask for it all the same.

use serde::{Deserialize, Serialize};

use super::count::Count;
use super::observed::Observed;
use crate::config::Roles;
use crate::console::{Outcome, execute};
use crate::properties::{ServerFile, review};

/// Something that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A line at the console.
    Line(String),
    /// The property files of a cluster's nodes.
    Files(Vec<ServerFile>),
}

/// The probe by whose number a line is tried: it asks nobody, because only what is printed at once counts.
const PROBE: u32 = 1;

/// A line of a tool that prints something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Printed {
    /// The tool, without `.sh`: `kafka-metadata-quorum`.
    pub printed: String,
    /// Words that the line must have: `--status`.
    #[serde(default)]
    pub with: Vec<String>,
    /// Words of one line that it prints.
    #[serde(default)]
    pub says: String,
}

impl Printed {
    /// Whether a line is of this tool and prints that.
    pub fn holds(&self, line: &str, at: &Observed<'_>) -> bool {
        let mut words = line.split_whitespace();
        let is_tool = words.next().is_some_and(|word| {
            word.rsplit('/').next().map(|name| name.trim_end_matches(".sh")) == Some(&self.printed)
        });
        let has = |wanted: &String| line.split_whitespace().any(|word| word == wanted);
        is_tool
            && self.with.iter().all(has)
            && printed_lines(line, at).is_some_and(|lines| lines.iter().any(|each| each.contains(&self.says)))
    }
}

/// What a line prints at once; none where it does not, because it is none of a tool or sends a request.
pub(super) fn printed_lines(line: &str, at: &Observed<'_>) -> Option<Vec<String>> {
    match execute(at.cluster(), line, PROBE) {
        Outcome::Printed(output) => Some(output.stdout.into_iter().chain(output.stderr).collect()),
        Outcome::Sent { .. } | Outcome::Hint(_) => None,
    }
}

/// What property files are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "files", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Reviewed {
    /// They have this mistake, by its kebab-case name.
    Mistake {
        /// The mistake's name.
        is: String,
        /// In which file.
        file: Option<String>,
        /// At which line, from 1.
        line: Option<u32>,
    },
    /// They have it no more.
    Mended {
        /// The mistake's name.
        is: String,
    },
    /// They have no mistake: a cluster can be built from them.
    Cluster {
        /// How many brokers it has.
        brokers: Option<Count>,
        /// How many controllers it has.
        controllers: Option<Count>,
    },
}

impl Reviewed {
    /// The mistake that it speaks of.
    pub fn mistake(&self) -> Option<&str> {
        match self {
            Self::Mistake { is, .. } | Self::Mended { is } => Some(is),
            Self::Cluster { .. } => None,
        }
    }

    /// Whether files are so.
    pub fn holds(&self, files: &[ServerFile]) -> bool {
        let reviewed = review(files).cluster;
        let mistakes = reviewed.as_ref().err().into_iter().flatten();
        let mut named = mistakes.filter(|mistake| Some(mistake.problem.name()) == self.mistake());
        match self {
            Self::Mistake { file, line, .. } => named.any(|mistake| {
                let name = usize::try_from(mistake.place.file).ok().and_then(|at| files.get(at)).map(|file| &file.name);
                file.as_ref().is_none_or(|wanted| name == Some(wanted))
                    && line.is_none_or(|line| mistake.place.line == Some(line))
            }),
            // Without any file nothing is mended.
            Self::Mended { .. } => files.iter().any(|file| !file.text.trim().is_empty()) && named.next().is_none(),
            Self::Cluster { brokers, controllers } => reviewed.as_ref().is_ok_and(|config| {
                let count = |is: fn(Roles) -> bool| config.nodes.iter().filter(|node| is(node.roles)).count() as i64;
                brokers.is_none_or(|wanted| wanted.holds(count(Roles::is_broker)))
                    && controllers.is_none_or(|wanted| wanted.holds(count(Roles::is_controller)))
            }),
        }
    }
}
