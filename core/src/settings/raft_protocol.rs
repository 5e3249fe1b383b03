//! By which protocol the voters of the metadata log follow their leader.

use std::hash::{Hash, Hasher};

use super::ConfigValue;
use super::setting_field::{HashValue, SettingField};

/// The setting `raft`, which is none of Kafka's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RaftProtocol {
    /// Kafka's own (KIP-595): followers fetch.
    #[default]
    KRaft,
    /// The one of Raft's paper: the leader sends AppendEntries.
    Textbook,
}

impl RaftProtocol {
    /// As the setting names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KRaft => "kraft",
            Self::Textbook => "textbook",
        }
    }
}

/// What is as in Kafka adds nothing, so that the digests of such clusters are what they were before there was a choice.
impl Hash for RaftProtocol {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::KRaft => {}
            Self::Textbook => state.write_u8(1),
        }
    }
}

impl HashValue for RaftProtocol {
    fn hash_value<H: Hasher>(&self, state: &mut H) {
        self.hash(state);
    }
}

impl SettingField for RaftProtocol {
    fn of_value(value: &ConfigValue) -> Option<Self> {
        Self::of_text(&value.to_setting())
    }

    fn of_text(text: &str) -> Option<Self> {
        match text {
            "kraft" => Some(Self::KRaft),
            "textbook" => Some(Self::Textbook),
            _ => None,
        }
    }

    fn to_setting(&self) -> Option<String> {
        Some(self.as_str().to_owned())
    }
}
