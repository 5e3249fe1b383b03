//! A run to keep and to share: what the cluster is made of, its seed, and what the person did at which position. Nothing
//! else is needed, because the engine is deterministic.
//!
//! Two written forms: JSON for people and files, and a link: one version byte and the deflated JSON in URL-safe base64.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use crate::cluster::ConfigError;
use crate::command::{Command, CommandError};
use crate::config::ClusterConfig;
use crate::json::{self, JsonError, TextError};
use crate::step::Position;

/// The version of the JSON form.
pub const SCENARIO_VERSION: u32 = 1;
/// The version byte of a link.
const LINK_VERSION: u8 = 1;
/// The most bytes that a scenario may have as JSON; a link that inflates to more is refused.
pub const SCENARIO_BYTES_MAX: usize = 4 << 20;
/// The most moves of a run.
pub const MOVES_MAX: Position = 2_000_000;
/// The most commands of a run.
pub const COMMANDS_MAX: usize = 100_000;

/// A run, or its beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// The version of this form.
    pub version: u32,
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// The cluster.
    pub config: ClusterConfig,
    /// What the person did, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<PlacedCommand>,
    /// Where the person stands.
    #[serde(default)]
    pub position: Position,
}

/// A command and the position at which it was given: how many moves came before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlacedCommand {
    /// The position before it.
    pub at: Position,
    /// The command.
    pub command: Command,
}

/// Why something is no run. The page's message for it has the id `error-` and the kebab-case name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "error", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[strum(serialize_all = "kebab-case")]
#[expect(missing_docs, reason = "the fields are the arguments of the messages that word the variants")]
pub enum ScenarioError {
    /// Not JSON, or not of this form.
    BadJson { line: u64, column: u64, reason: String },
    /// A link that is damaged or cut off.
    BadLink { reason: String },
    /// It was made by a version that this one does not read.
    WrongVersion { found: u64, supported: u64 },
    /// It is too large.
    TooLarge { what: String, limit: u64 },
    /// The cluster's configuration has mistakes.
    BadConfig { errors: Vec<ConfigError> },
    /// A command stands before its predecessor.
    CommandsOutOfOrder { index: u64, at: Position },
    /// A command is refused where it stands.
    CommandRefused { index: u64, at: Position, reason: CommandError },
}

impl ScenarioError {
    /// The kebab-case name.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// The kebab-case names of all errors.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }
}

impl std::fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", json::write_text(self))
    }
}

impl std::error::Error for ScenarioError {}

impl Scenario {
    /// A run that begins with this cluster.
    pub fn new(config: ClusterConfig, seed: u64) -> Self {
        Self { version: SCENARIO_VERSION, seed, config, commands: Vec::new(), position: 0 }
    }

    /// How many moves have to be made to open it.
    pub fn moves(&self) -> Position {
        let last = self.commands.last().map_or(0, |placed| placed.at.saturating_add(1));
        self.position.max(last)
    }

    /// The JSON form, indented for people.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(&json::write(self)).unwrap_or_default()
    }

    /// Reads the JSON form. The error says where and what.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        if text.len() > SCENARIO_BYTES_MAX {
            return Err(ScenarioError::TooLarge { what: "bytes".into(), limit: SCENARIO_BYTES_MAX as u64 });
        }
        // The version first: a form that this version does not know would else be called malformed.
        #[derive(Deserialize)]
        struct Versioned {
            version: Option<u64>,
        }
        let bad = |TextError { line, column, reason }: TextError| ScenarioError::BadJson { line, column, reason };
        let parsed = json::parse(text).map_err(bad)?;
        let read_error = |error: JsonError| bad(TextError::at(text, &error));
        let versioned: Versioned = json::read(&parsed).map_err(read_error)?;
        let supported = u64::from(SCENARIO_VERSION);
        if let Some(found) = versioned.version.filter(|found| *found != supported) {
            return Err(ScenarioError::WrongVersion { found, supported });
        }
        let scenario: Self = json::read(&parsed).map_err(read_error)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// What can be checked without running it.
    fn check(&self) -> Result<(), ScenarioError> {
        if self.commands.len() > COMMANDS_MAX {
            return Err(ScenarioError::TooLarge { what: "commands".into(), limit: COMMANDS_MAX as u64 });
        }
        let last = self.commands.last().map_or(0, |placed| placed.at);
        if self.position.max(last) > MOVES_MAX {
            return Err(ScenarioError::TooLarge { what: "moves".into(), limit: u64::from(MOVES_MAX) });
        }
        for (index, pair) in self.commands.windows(2).enumerate() {
            // Two commands never share a position: the first of them is a move too.
            if pair[1].at <= pair[0].at {
                return Err(ScenarioError::CommandsOutOfOrder { index: index as u64 + 1, at: pair[1].at });
            }
        }
        Ok(())
    }

    /// The link form: fit for a URL's fragment.
    pub fn to_link(&self) -> String {
        let json = json::write_text(self);
        let mut bytes = vec![LINK_VERSION];
        bytes.extend(miniz_oxide::deflate::compress_to_vec(json.as_bytes(), 9));
        Base64UrlUnpadded::encode_string(&bytes)
    }

    /// Reads the link form. A damaged, cut off or hostile link gives an error and never more than
    /// [`SCENARIO_BYTES_MAX`] bytes.
    pub fn from_link(link: &str) -> Result<Self, ScenarioError> {
        let bad = |reason: &str| ScenarioError::BadLink { reason: reason.to_owned() };
        if link.len() > SCENARIO_BYTES_MAX {
            return Err(ScenarioError::TooLarge { what: "bytes".into(), limit: SCENARIO_BYTES_MAX as u64 });
        }
        let bytes = Base64UrlUnpadded::decode_vec(link).map_err(|_| bad("not URL-safe base64"))?;
        let (version, deflated) = bytes.split_first().ok_or_else(|| bad("empty"))?;
        if *version != LINK_VERSION {
            let (found, supported) = (u64::from(*version), u64::from(LINK_VERSION));
            return Err(ScenarioError::WrongVersion { found, supported });
        }
        let json =
            miniz_oxide::inflate::decompress_to_vec_with_limit(deflated, SCENARIO_BYTES_MAX).map_err(|failure| {
                match failure.status {
                    miniz_oxide::inflate::TINFLStatus::HasMoreOutput => {
                        ScenarioError::TooLarge { what: "bytes".into(), limit: SCENARIO_BYTES_MAX as u64 }
                    }
                    _ => bad("damaged or cut off"),
                }
            })?;
        let text = std::str::from_utf8(&json).map_err(|_| bad("not text"))?;
        Self::from_json(text)
    }
}
