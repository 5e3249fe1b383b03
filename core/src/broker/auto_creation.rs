//! Topics that a broker asks the controller to create because somebody asked about them
//! (`DefaultAutoTopicCreationManager`). The answer does not wait for them: the client asks again.

use super::metadata_cache::OFFSETS_TOPIC;
use super::{Broker, Context, PendingRequest};
use crate::change::is_internal;
use crate::controller::topics::validate_name;
use crate::effects::{OnBehalfOf, RequestContext};
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map};
use crate::wire::metadata::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest, MetadataResponseTopic};
use crate::wire::{ApiKey, ErrorCode, Request, Topic};

/// The topic that holds the states of transactions (`Topic.TRANSACTION_STATE_TOPIC_NAME`).
pub const TRANSACTION_STATE_TOPIC: &str = "__transaction_state";

/// How long a request waits in the queue of the channel to the controller (`NodeToControllerChannelManager`), in milliseconds.
const RETRY_TIMEOUT_MS: Millis = 60_000;

/// Topics that somebody asked about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AutoCreation {
    topics: Vec<Topic>,
    /// In whose name.
    sender: OnBehalfOf,
    /// Until when a controller is looked for.
    until: Millis,
}

impl Broker {
    /// Asks for topics that do not exist, and says what a `Metadata` answer tells of each: first those that are not asked
    /// for, then the others in the order of their hash map. A topic that is asked for already is not asked for again.
    ///
    /// They are asked for in the name of the client where it named them, and in the controller's newest version
    /// (`createTopicWithPrincipal`); Kafka's own topics in nobody's.
    pub(super) fn auto_create_topics(
        &mut self,
        cx: &mut Context,
        request_context: Option<&RequestContext>,
        names: &[Topic],
    ) -> Vec<MetadataResponseTopic> {
        let mut answers = Vec::new();
        let mut topics = Vec::new();
        for name in names {
            if validate_name(name).is_err() {
                answers.push(not_created(name, ErrorCode::InvalidTopicException));
            } else if self.topics_being_created.contains(name) {
                answers.push(not_created(name, ErrorCode::UnknownTopicOrPartition));
            } else {
                topics.push(name.clone());
            }
        }
        sort_as_hash_map(&mut topics, |name| java_string_hash(name));
        answers.extend(topics.iter().map(|name| not_created(name, ErrorCode::UnknownTopicOrPartition)));
        if !topics.is_empty() {
            self.topics_being_created.extend(topics.iter().cloned());
            let mut sender = request_context.map(|context| self.sender_of(context)).unwrap_or_default();
            sender.version = ApiKey::CreateTopics.version();
            let until = cx.now.saturating_add(RETRY_TIMEOUT_MS);
            self.create_automatically(cx, AutoCreation { topics, sender, until });
        }
        answers
    }

    fn create_automatically(&mut self, cx: &mut Context, creation: AutoCreation) {
        let creatable = creation.topics.iter().map(|name| creatable_topic(&self.settings, name)).collect();
        let request = CreateTopicsRequest { topics: creatable, ..CreateTopicsRequest::default() };
        let sender = creation.sender.clone();
        let pending = PendingRequest::AutoCreateTopics(creation);
        let request = Request::CreateTopics(request);
        self.send_to_controller_as(sender, cx, request, super::forwarding::TIMEOUT_MS, pending);
    }

    /// The controller has answered, or will not: the topics may be asked for again.
    pub(super) fn auto_creation_ended(&mut self, creation: &AutoCreation) {
        for topic in &creation.topics {
            self.topics_being_created.remove(topic);
        }
    }

    /// Who was asked is gone or is not the active controller: the request stays at the head of its channel's queue, for a while.
    pub(super) fn auto_creation_failed(&mut self, cx: &mut Context, creation: AutoCreation) {
        if creation.until <= cx.now {
            return self.auto_creation_ended(&creation);
        }
        self.auto_creations.push_back(creation);
        Self::ask_controller_later(cx);
    }

    /// Another controller may be asked.
    pub(super) fn create_automatically_again(&mut self, cx: &mut Context) {
        for creation in std::mem::take(&mut self.auto_creations) {
            self.create_automatically(cx, creation);
        }
    }
}

/// What a `Metadata` answer tells of a topic that does not exist and is not created.
pub(super) fn not_found(name: &Topic) -> MetadataResponseTopic {
    let is_valid = validate_name(name).is_ok();
    not_created(name, if is_valid { ErrorCode::UnknownTopicOrPartition } else { ErrorCode::InvalidTopicException })
}

fn not_created(name: &Topic, error_code: ErrorCode) -> MetadataResponseTopic {
    let is_internal = is_internal(name);
    MetadataResponseTopic { error_code, name: Some(name.clone()), is_internal, ..MetadataResponseTopic::default() }
}

/// What is asked for: Kafka's own topics by their settings; any other one with what this broker's own file says, and where it
/// says nothing, as the controller's defaults have it.
fn creatable_topic(settings: &BrokerSettings, name: &Topic) -> CreatableTopic {
    let config = |name: &str, value: String| CreatableTopicConfig { name: name.to_owned(), value: Some(value) };
    let (num_partitions, replication_factor, configs) = match &**name {
        OFFSETS_TOPIC => (
            settings.offsets_topic_num_partitions,
            settings.offsets_topic_replication_factor,
            vec![
                config("compression.type", "producer".to_owned()),
                config("cleanup.policy", "compact".to_owned()),
                config("segment.bytes", settings.offsets_topic_segment_bytes.to_string()),
            ],
        ),
        TRANSACTION_STATE_TOPIC => (
            settings.transaction_state_log_num_partitions,
            settings.transaction_state_log_replication_factor,
            vec![
                config("compression.type", "uncompressed".to_owned()),
                config("min.insync.replicas", settings.transaction_state_log_min_isr.to_string()),
                config("unclean.leader.election.enable", "false".to_owned()),
                config("cleanup.policy", "compact".to_owned()),
                config("segment.bytes", settings.transaction_state_log_segment_bytes.to_string()),
            ],
        ),
        _ => {
            let is_configured = |name: &str| settings.configured.contains_key(name);
            let partitions = if is_configured("num.partitions") { settings.num_partitions } else { -1 };
            let default = i16::try_from(settings.default_replication_factor).unwrap_or(i16::MAX);
            let replicas = if is_configured("default.replication.factor") { default } else { -1 };
            (partitions, replicas, Vec::new())
        }
    };
    CreatableTopic { name: name.clone(), num_partitions, replication_factor, configs, ..CreatableTopic::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafkas_own_topics_are_made_by_their_settings_and_others_by_the_controllers() {
        let settings = BrokerSettings::default();
        let transactions = creatable_topic(&settings, &TRANSACTION_STATE_TOPIC.into());
        assert_eq!((transactions.num_partitions, transactions.replication_factor), (50, 3));
        let is_compacted = |config: &CreatableTopicConfig| config.value.as_deref() == Some("compact");
        assert!(transactions.configs.iter().any(is_compacted));
        let other = creatable_topic(&settings, &"orders".into());
        assert_eq!((other.num_partitions, other.replication_factor, other.configs.len()), (-1, -1, 0));
        let file = [("num.partitions", "3"), ("default.replication.factor", "2")];
        let file = file.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings = BrokerSettings::with(&file.into()).expect("they are settings");
        let other = creatable_topic(&settings, &"orders".into());
        assert_eq!((other.num_partitions, other.replication_factor), (3, 2), "what the broker's own file says");
    }

    #[test]
    fn an_invalid_name_is_told_as_such() {
        let error = |name: &str| not_found(&name.into()).error_code;
        assert_eq!(error("a b"), ErrorCode::InvalidTopicException);
        assert_eq!(error("orders"), ErrorCode::UnknownTopicOrPartition);
    }
}
