//! What every decision of the controller looks at: the image and the settings behind it.

use std::cell::Cell;
use std::rc::Rc;

use crate::metadata::MetadataRecord;
use crate::metadata::image::{MetadataImage, PartitionImage, TopicImage};
use crate::quota::controller_mutation::ThrottlingQuotaExceeded;
use crate::raft::VoterSet;
use crate::settings::{BrokerSettings, NodeConfigs};
use crate::wire::feature_levels::ELR_VERSION;
use crate::wire::{ErrorCode, Uuid};

use super::brokers_to_isrs::Concerned;
use super::heartbeat::Heartbeats;
use super::partition_change::{Election, PartitionChange};
use super::table_orders::TableOrders;

/// An error as the controller tells it (`ApiError`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The code.
    pub code: ErrorCode,
    /// In words; `None` where Kafka says no more than the code.
    pub message: Option<String>,
}

impl ApiError {
    /// An error with words of its own.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()) }
    }

    /// An error without words.
    pub fn bare(code: ErrorCode) -> Self {
        Self { code, message: None }
    }

    /// An exception that the controller does not expect. Where nothing catches it, the event that it was thrown in is dropped as a
    /// whole, and the active controller gives up its leadership (`QuorumController.handleEventException`).
    pub fn unexpected() -> Self {
        Self::bare(ErrorCode::UnknownServerError)
    }

    /// Whether it is [`ApiError::unexpected`].
    pub fn is_unexpected(&self) -> bool {
        self.code == ErrorCode::UnknownServerError
    }
}

impl From<ThrottlingQuotaExceeded> for ApiError {
    fn from(_: ThrottlingQuotaExceeded) -> Self {
        Self::bare(ErrorCode::ThrottlingQuotaExceeded)
    }
}

/// The cluster as the controller sees it while it decides.
#[derive(Clone, Copy)]
pub struct ClusterControlManager<'a> {
    /// What the metadata log says.
    pub image: &'a MetadataImage,
    /// The controller's own settings: what holds where the log is silent.
    pub settings: &'a BrokerSettings,
    /// In which order its own tables give back what they hold.
    pub orders: &'a TableOrders,
    /// The controller's `node.id`.
    pub node_id: i32,
    /// What is known of brokers beside the log.
    pub heartbeats: &'a Heartbeats,
    /// `controller.quorum.voters`; none where the log says who votes.
    pub static_voters: &'a VoterSet,
}

impl<'a> ClusterControlManager<'a> {
    /// Whether eligible leader replicas are on (KIP-966).
    pub fn elr_enabled(&self) -> bool {
        self.image.features.get(ELR_VERSION).is_some_and(|level| *level > 0)
    }

    /// Whether a broker may lead: registered, not fenced, not shutting down (`ClusterControlManager.isActive`).
    pub fn is_active(&self, broker: i32) -> bool {
        self.image.brokers.get(&broker).is_some_and(|broker| !broker.fenced && !broker.in_controlled_shutdown)
    }

    /// A topic's `min.insync.replicas`, at most the number of its replicas (`getTopicEffectiveMinIsr`). White space around the number
    /// was no reason to refuse it; here it is an exception.
    ///
    /// # Errors
    /// [`ApiError::unexpected`].
    pub fn effective_min_isr(&self, topic: &TopicImage) -> Result<u32, ApiError> {
        let replicas = topic.partitions.values().next().map_or(0, |partition| partition.replicas.len());
        let wanted = self.topic_config(&topic.name, "min.insync.replicas");
        let wanted: u32 = wanted.map_or(Ok(1), |value| value.parse().map_err(|_| ApiError::unexpected()))?;
        Ok(wanted.min(u32::try_from(replicas).unwrap_or(u32::MAX)))
    }

    /// Whether a topic's replica outside the ISR may lead when nobody else can. With white space around it no word is `true`.
    pub fn unclean_election_enabled(&self, topic: &str) -> bool {
        let value = self.topic_config(topic, "unclean.leader.election.enable");
        value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The kind of election that a partition of this topic may hold without being asked to.
    pub fn election(&self, topic: &str) -> Election {
        if self.unclean_election_enabled(topic) { Election::Unclean } else { Election::Online }
    }

    /// The controller's settings, layer over layer.
    pub fn node_configs(&self) -> NodeConfigs<'_> {
        NodeConfigs::of(self.settings, &self.image.configs, self.node_id)
    }

    /// A topic's setting as it holds for the controller (`KafkaConfigSchema.resolveEffectiveTopicConfig`).
    fn topic_config(&self, topic: &str, name: &str) -> Option<String> {
        let own = self.image.topic_config(topic, name).map(str::to_owned);
        own.or_else(|| self.node_configs().topic_default(name))
    }

    /// The record of a change of a partition, `None` where nothing changes. `is_active` says who may lead, `edit` what is wanted.
    ///
    /// Kafka's `LeaderAcceptor` looks up the log directory of an active broker that an election considers. One that is no replica
    /// has none here, and to ask for it is an exception (`PartitionRegistration.directory`). So it goes with a last known leader
    /// and with an eligible leader that a reassignment has removed from the replicas.
    ///
    /// # Errors
    /// [`ApiError::unexpected`].
    pub fn change_partition(
        &self,
        topic: &TopicImage,
        (topic_id, index, partition): (Uuid, i32, &PartitionImage),
        is_active: impl Fn(i32) -> bool,
        edit: impl FnOnce(&mut PartitionChange),
    ) -> Result<Option<MetadataRecord>, ApiError> {
        let asked_for_a_stranger = Cell::new(false);
        let leader_acceptor = |broker| {
            let is_active = is_active(broker);
            asked_for_a_stranger
                .set(asked_for_a_stranger.get() || (is_active && !partition.replicas.contains(&broker)));
            is_active
        };
        let (min_isr, elr_enabled) = (self.effective_min_isr(topic)?, self.elr_enabled());
        let mut change = PartitionChange::of(partition, &leader_acceptor, min_isr, elr_enabled);
        change.brokers = Some(&self.image.brokers);
        edit(&mut change);
        let record = change.build(topic_id, index);
        if asked_for_a_stranger.get() { Err(ApiError::unexpected()) } else { Ok(record) }
    }

    /// Every partition with its topic, by name and index.
    pub fn partitions(&self) -> impl Iterator<Item = (Uuid, &Rc<TopicImage>, i32, &Rc<PartitionImage>)> {
        self.image.topic_ids.values().filter_map(|id| Some((*id, self.image.topics.get(id)?))).flat_map(
            |(id, topic)| topic.partitions.iter().map(move |(index, partition)| (id, topic, *index, partition)),
        )
    }

    /// The partitions that an event concerns, by the topic's name and in the order of [`BrokersToIsrs`].
    pub fn concerned(
        &self,
        concerned: Concerned,
    ) -> impl Iterator<Item = (Uuid, &Rc<TopicImage>, i32, &Rc<PartitionImage>)> {
        let topics = self.image.topic_ids.values().filter_map(|id| Some((*id, self.image.topics.get(id)?)));
        topics.flat_map(move |(id, topic)| {
            let indices = self.orders.members.of_topic(concerned, &id).iter();
            indices.filter_map(move |index| Some((id, topic, *index, topic.partitions.get(index)?)))
        })
    }

    /// Whether a broker leads anything.
    pub fn has_leaderships(&self, broker: i32) -> bool {
        self.partitions().any(|(_, _, _, partition)| partition.leader == broker)
    }

    /// Records for what a broker's end or return means for partitions (`generateLeaderAndIsrUpdates`).
    ///
    /// `who` says what happens to which broker; `concerned` which partitions are looked at.
    ///
    /// # Errors
    /// Those of [`change_partition`](Self::change_partition).
    pub fn leader_and_isr_updates(
        &self,
        who: BrokerEvent,
        concerned: Concerned,
        records: &mut Vec<MetadataRecord>,
    ) -> Result<(), ApiError> {
        // The image still shows a broker as it was before the event.
        let is_active = |replica: i32| match who {
            BrokerEvent::Leaves(broker) | BrokerEvent::LostItsState(broker) if replica == broker => false,
            BrokerEvent::Returns(broker) if replica == broker => true,
            _ => self.is_active(replica),
        };
        for (topic_id, topic, index, partition) in self.concerned(concerned) {
            let record = self.change_partition(topic, (topic_id, index, partition), is_active, |change| {
                change.election = self.election(&topic.name);
                match who {
                    BrokerEvent::Leaves(broker) => change.isr.retain(|replica| *replica != broker),
                    BrokerEvent::LostItsState(broker) => {
                        change.isr.retain(|replica| *replica != broker);
                        change.unclean_shutdown.push(broker);
                    }
                    BrokerEvent::Returns(_) => {}
                }
            })?;
            records.extend(record);
        }
        Ok(())
    }
}

/// What happens to a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerEvent {
    /// It is fenced, or shuts down: it leaves every ISR and leads nothing.
    Leaves(i32),
    /// It ended without warning and is back: what it had may be lost, so that it leaves the ELR too.
    LostItsState(i32),
    /// It is unfenced: partitions without a leader may get one.
    Returns(i32),
}
