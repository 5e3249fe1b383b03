//! Settings of consumers that depend on each other, or whose values are more than a word (`ConsumerConfig`).

use std::collections::BTreeMap;

use crate::client::assignor::Assignor;
use crate::command::CommandError;
use crate::settings::{ConsumerSettings, OffsetReset};

/// What a consumer of the classic protocol must not be given (`CLASSIC_PROTOCOL_UNSUPPORTED_CONFIGS`).
const CLASSIC_PROTOCOL_UNSUPPORTED: [&str; 1] = ["group.remote.assignor"];
/// What one whose broker assigns must not be given (`CONSUMER_PROTOCOL_UNSUPPORTED_CONFIGS`).
const CONSUMER_PROTOCOL_UNSUPPORTED: [&str; 3] =
    ["partition.assignment.strategy", "heartbeat.interval.ms", "session.timeout.ms"];
/// What a consumer cannot be made without knowing.
const ASSIGNORS: &str = "partition.assignment.strategy";

impl ConsumerSettings {
    /// The settings of a consumer, as Kafka lets one be made with them. Every wrong one is named.
    pub fn of_consumer(changes: &BTreeMap<String, String>) -> Result<Self, Vec<CommandError>> {
        let settings = Self::with(changes)?;
        settings.check().map_err(|error| vec![error])?;
        Ok(settings)
    }

    /// Changes one setting. What a process is, it stays until it ends: another `group.protocol` is that of the next.
    pub fn set_of_consumer(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
        let mut changed = self.clone();
        changed.set(name, value)?;
        changed.configured.insert(name.to_owned(), value.to_owned());
        changed.check()?;
        *self = changed;
        Ok(())
    }

    /// `checkUnsupportedConfigsPostProcess`, and what making the consumer would fail at.
    fn check(&self) -> Result<(), CommandError> {
        let (protocol, unsupported): (&str, &[&str]) = if self.broker_assigns() {
            ("CONSUMER", &CONSUMER_PROTOCOL_UNSUPPORTED)
        } else {
            ("CLASSIC", &CLASSIC_PROTOCOL_UNSUPPORTED)
        };
        let is_set = |name: &&&str| self.configured.get(**name).is_some_and(|value| !value.trim().is_empty());
        let invalid: Vec<&str> = unsupported.iter().filter(is_set).copied().collect();
        if !invalid.is_empty() {
            let message = format!("{} cannot be set when group.protocol={protocol}", invalid.join(", "));
            return Err(CommandError::InvalidConfig { message });
        }
        let known = self.assignors().len();
        if known == 0 || known < self.partition_assignment_strategy.split(',').count() {
            return Err(CommandError::BadValue {
                name: ASSIGNORS.to_owned(),
                value: self.partition_assignment_strategy.clone(),
                expected: Assignor::ALL.map(Assignor::class).join(","),
            });
        }
        Ok(())
    }

    /// Whether the broker computes the assignment (`group.protocol=consumer`, KIP-848).
    pub fn broker_assigns(&self) -> bool {
        self.group_protocol.eq_ignore_ascii_case("consumer")
    }

    /// The assignors of `partition.assignment.strategy`, the one it would like best first.
    pub fn assignors(&self) -> Vec<Assignor> {
        self.partition_assignment_strategy.split(',').filter_map(|class| Assignor::of_class(class.trim())).collect()
    }

    /// What `auto.offset.reset` says.
    pub fn offset_reset(&self) -> OffsetReset {
        OffsetReset::parse(&self.auto_offset_reset).unwrap_or(OffsetReset::Latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[(&str, &str)]) -> Result<ConsumerSettings, Vec<CommandError>> {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ConsumerSettings::of_consumer(&settings)
    }

    #[test]
    fn a_protocol_refuses_the_settings_of_the_other() {
        let consumer = ("group.protocol", "consumer");
        assert!(of(&[consumer, ("group.remote.assignor", "range")]).is_ok());
        let refused = of(&[consumer, ("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "500")]);
        let message = "heartbeat.interval.ms, session.timeout.ms cannot be set when group.protocol=CONSUMER".to_owned();
        assert_eq!(refused.err(), Some(vec![CommandError::InvalidConfig { message }]));
        let refused = of(&[("group.remote.assignor", "range")]);
        let message = "group.remote.assignor cannot be set when group.protocol=CLASSIC".to_owned();
        assert_eq!(refused.err(), Some(vec![CommandError::InvalidConfig { message }]));
        assert!(of(&[("partition.assignment.strategy", "org.example.Mine")]).is_err());
        assert_eq!(of(&[]).map(|it| it.assignors()), Ok(vec![Assignor::Range, Assignor::CooperativeSticky]));
    }
}
