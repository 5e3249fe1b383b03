//! The loggers of a process and their levels (`LoggingController`, `Log4jCoreController`), and who changes them
//! (`RuntimeLoggerManager`). Nothing here logs by them.
//!
//! A level that was set holds for the logger and, where theirs is not set, for those below it; one that was taken back is its
//! parent's again. Levels die with the process.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::wire::ErrorCode;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::metadata::AlterableConfig;

/// `LoggingController.ROOT_LOGGER`.
const ROOT_LOGGER: &str = "root";
/// What the state of partitions is logged by.
const STATE_CHANGE_LOGGER: &str = "state.change.logger";
/// The root's level at a start, as in the file that Kafka comes with.
const ROOT_LEVEL: &str = "INFO";
/// `LogLevelConfig.VALID_LOG_LEVELS`, sorted.
const LOG_LEVELS: [&str; 6] = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"];

/// An error and its words; none where Kafka says no more than the code.
type Refusal = (ErrorCode, Option<String>);

fn invalid<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err((ErrorCode::InvalidRequest, Some(message.into())))
}

fn wrong<T>(message: String) -> Result<T, Refusal> {
    Err((ErrorCode::InvalidConfig, Some(message)))
}

/// The levels that were set in a process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LoggingController {
    /// By logger; none for a level that was taken back.
    set: BTreeMap<String, Option<&'static str>>,
}

/// A level that was set, or taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLevelChange {
    /// The logger.
    pub logger: String,
    /// The level; none where it was taken back.
    pub level: Option<&'static str>,
}

impl LogLevelChange {
    /// The change of a node's process.
    pub fn into_change(self, node: i32) -> Change {
        Change::LogLevelChanged { node, logger: self.logger, level: self.level.map(str::to_owned) }
    }
}

impl LoggingController {
    /// The loggers that are known by now with their levels, in the order of Kafka's hash map.
    ///
    /// A real process lists every class that has a logger, too. Which those are is not known here: one that is named exists,
    /// and is listed from the first change of its level on.
    pub fn loggers(&self) -> Vec<(&str, &'static str)> {
        let mut names: Vec<&str> = self.set.keys().map(String::as_str).collect();
        names.extend([ROOT_LOGGER, STATE_CHANGE_LOGGER].into_iter().filter(|name| !self.set.contains_key(*name)));
        sort_as_hash_map(&mut names, |name| java_string_hash(name));
        names.into_iter().map(|name| (name, self.level(name))).collect()
    }

    /// The level that holds for a logger.
    pub fn level(&self, logger: &str) -> &'static str {
        let mut name = logger;
        loop {
            if let Some(level) = self.set.get(name).copied().flatten() {
                return level;
            }
            match name.rsplit_once('.') {
                Some((parent, _)) => name = parent,
                None if name == ROOT_LOGGER => return ROOT_LEVEL,
                None => name = ROOT_LOGGER,
            }
        }
    }

    /// Whether a process has a logger of this name: the root, one of Kafka's classes, or one whose level was set.
    pub fn exists(&self, name: &str) -> bool {
        let of_kafka = name.starts_with("kafka.") || name.starts_with("org.apache.kafka.");
        let is_class =
            name.rsplit('.').next().is_some_and(|last| last.starts_with(|first: char| first.is_ascii_uppercase()));
        name == ROOT_LOGGER || name == STATE_CHANGE_LOGGER || self.set.contains_key(name) || (of_kafka && is_class)
    }

    /// Checks changes of a node's loggers, and makes them (`applyChangesForResource`). Gives what was changed.
    ///
    /// # Errors
    /// Who may not is refused before anything else is looked at; then the node's id, then each change.
    pub fn apply_changes_for_resource(
        &mut self,
        node: i32,
        may_alter: bool,
        validate_only: bool,
        resource_name: &str,
        configs: &[AlterableConfig],
    ) -> Result<Vec<LogLevelChange>, Refusal> {
        if !may_alter {
            return Err((ErrorCode::ClusterAuthorizationFailed, None));
        }
        let Ok(id) = resource_name.parse::<i32>() else {
            return invalid(format!("Node id must be an integer, but it is: {resource_name}"));
        };
        if id != node {
            return invalid(format!("Unexpected node id. Expected {node}, but received {id}"));
        }
        let mut changes = Vec::new();
        for config in configs {
            changes.push(self.check(config)?);
        }
        if validate_only {
            changes.clear();
        }
        for change in &changes {
            self.set.insert(change.logger.clone(), change.level);
        }
        Ok(changes)
    }

    /// `validateLogLevelConfigs`, of one change.
    fn check(&self, config: &AlterableConfig) -> Result<LogLevelChange, Refusal> {
        let (name, value) = (config.name.as_str(), config.value.as_deref().unwrap_or("null"));
        let level = LOG_LEVELS.into_iter().find(|level| *level == value);
        match config.config_operation {
            0 | 1 if !self.exists(name) => wrong(format!("Logger {name} does not exist!")),
            0 if level.is_none() => wrong(format!(
                "Cannot set the log level of {name} to {value} as it is not a supported log level. Valid log levels are {}",
                LOG_LEVELS.join(", ")
            )),
            1 if name == ROOT_LOGGER => {
                invalid(format!("Removing the log level of the {ROOT_LOGGER} logger is not allowed"))
            }
            0 => Ok(LogLevelChange { logger: name.to_owned(), level }),
            1 => Ok(LogLevelChange { logger: name.to_owned(), level: None }),
            2 => invalid("APPEND operation is not allowed for the BROKER_LOGGER resource"),
            3 => invalid("SUBTRACT operation is not allowed for the BROKER_LOGGER resource"),
            // A `switch` over an operation that is none throws.
            _ => Err((ErrorCode::UnknownServerError, None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, level: &str) -> AlterableConfig {
        AlterableConfig { name: name.to_owned(), config_operation: 0, value: Some(level.to_owned()) }
    }

    #[test]
    fn a_level_holds_for_the_loggers_below_until_it_is_taken_back() {
        let mut loggers = LoggingController::default();
        assert_eq!(loggers.loggers(), [("root", "INFO"), ("state.change.logger", "INFO")]);
        let mut alter = |configs: &[AlterableConfig]| {
            loggers.apply_changes_for_resource(1, true, false, "1", configs).expect("it is right").len()
        };
        assert_eq!(alter(&[set("root", "WARN"), set("kafka.server.KafkaApis", "DEBUG")]), 2);
        assert_eq!(alter(&[set("state.change.logger", "ERROR")]), 1);
        assert_eq!(loggers.level("kafka.server.KafkaApis"), "DEBUG");
        assert_eq!(loggers.level("kafka.server.ReplicaManager"), "WARN");
        let unset = AlterableConfig { name: "kafka.server.KafkaApis".to_owned(), config_operation: 1, value: None };
        let changes = loggers.apply_changes_for_resource(1, true, false, "1", &[unset]).expect("it is right");
        assert_eq!(changes[0].level, None);
        let mut listed = loggers.loggers();
        listed.sort_unstable();
        let expected = [("kafka.server.KafkaApis", "WARN"), ("root", "WARN"), ("state.change.logger", "ERROR")];
        assert_eq!(listed, expected, "it is still known, and has its parent's level");
    }

    #[test]
    fn who_may_not_is_refused_first_and_what_is_wrong_changes_nothing() {
        let mut loggers = LoggingController::default();
        let mut error = |may, name: &str, configs: &[AlterableConfig]| {
            loggers.apply_changes_for_resource(1, may, false, name, configs).expect_err("it is wrong").0
        };
        assert_eq!(error(false, "x", &[]), ErrorCode::ClusterAuthorizationFailed);
        assert_eq!(error(true, "x", &[]), ErrorCode::InvalidRequest);
        assert_eq!(error(true, "2", &[]), ErrorCode::InvalidRequest);
        assert_eq!(error(true, "1", &[set("root", "WARN"), set("nope", "WARN")]), ErrorCode::InvalidConfig);
        assert_eq!(error(true, "1", &[set("root", "LOUD")]), ErrorCode::InvalidConfig);
        let validated = loggers.apply_changes_for_resource(1, true, true, "1", &[set("root", "WARN")]);
        assert_eq!(validated, Ok(Vec::new()));
        assert_eq!(loggers, LoggingController::default());
    }
}
