//! What a broker does when the metadata log says that its part in a partition changed (`ReplicaManager.applyDelta`,
//! `Partition.makeLeader`, `Partition.makeFollower`).

use std::collections::BTreeSet;
use std::rc::Rc;

use super::TRANSACTION_STATE_TOPIC;
use super::disk::StoredLog;
use super::isr::FollowerState;
use super::metadata_cache::OFFSETS_TOPIC;
use super::partition::{LeaderState, Partition, PartitionRole};
use super::{Broker, Context};
use crate::change::Change;
use crate::flat_map::FlatMap;
use crate::log::Log;
use crate::metadata::image::PartitionImage;
use crate::settings::TopicSettings;
use crate::wire::ids::TopicIdPartition;
use crate::wire::{TopicPartition, Uuid, config_resource};

impl Broker {
    /// Brings every partition of `changed` in line with the image.
    pub(super) fn apply_partition_changes(&mut self, cx: &mut Context, changed: &BTreeSet<TopicIdPartition>) {
        // The partitions of a topic share its settings: they are worked out once, not a thousand times.
        let mut of_topic: Option<(Uuid, Rc<TopicSettings>)> = None;
        for id in changed {
            let registration = self
                .image
                .topics
                .get(&id.topic_id)
                .and_then(|topic| Some((topic.name.clone(), topic.partitions.get(&id.partition)?.clone())));
            match registration {
                Some((topic, registration)) if registration.replicas.contains(&self.id) => {
                    let name = TopicPartition { topic, partition: id.partition };
                    let settings = match of_topic.take().filter(|(topic_id, _)| *topic_id == id.topic_id) {
                        Some((_, settings)) => settings,
                        None => Rc::new(self.topic_settings(&name)),
                    };
                    of_topic = Some((id.topic_id, settings.clone()));
                    self.host(cx, *id, name, registration, settings);
                }
                _ => self.stop_hosting(cx, *id),
            }
        }
        self.refresh_fetchers(cx);
    }

    /// This broker is a replica: opens the log and takes up its role.
    fn host(
        &mut self,
        cx: &mut Context,
        id: TopicIdPartition,
        name: TopicPartition,
        registration: Rc<PartitionImage>,
        settings: Rc<TopicSettings>,
    ) {
        let stored = cx
            .disk
            .logs
            .entry(id)
            .or_insert_with(|| Rc::new(StoredLog { name: name.clone(), log: Log::created_at(cx.now) }));
        let (log_start, log_end) = (stored.log.log_start_offset(), stored.log.log_end_offset());
        let checkpointed = cx.disk.high_watermarks.get(&id).copied().unwrap_or(0);
        let is_new = !self.partitions.contains_key(&id);
        let partition = self.partitions.entry(id).or_insert_with(|| Partition {
            id,
            name,
            // Epochs below every real one, so that the role is taken up below.
            registration: Rc::new(PartitionImage {
                leader: -1,
                leader_epoch: -1,
                partition_epoch: -1,
                ..(*registration).clone()
            }),
            settings: settings.clone(),
            high_watermark: checkpointed.min(log_end).max(log_start),
            role: PartitionRole::Follower,
        });
        if !is_new && !partition.is_newer(registration.partition_epoch) {
            partition.settings = settings;
            return;
        }
        if registration.leader == self.id {
            self.make_leader(cx, id, registration);
        } else {
            self.make_follower(cx, id, registration);
        }
        // Settings come after roles (`BrokerMetadataPublisher`): a lower `min.insync.replicas` does not move the high watermark
        // of the leader that hears of it.
        if let Some(partition) = self.partitions.get_mut(&id) {
            partition.settings = settings;
        }
    }

    /// `Partition.makeLeader`. In a new leader epoch the epoch's start is noted at the log's end before anything is
    /// appended, and what was known of followers is forgotten.
    fn make_leader(&mut self, cx: &mut Context, id: TopicIdPartition, registration: Rc<PartitionImage>) {
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let Some(log) = cx.disk.log_mut(&id) else { return };
        let log_end = log.log_end_offset();
        let was_leader = partition.is_leader();
        let is_new_epoch = registration.leader_epoch > partition.registration.leader_epoch || !was_leader;
        let mut leader = match std::mem::replace(&mut partition.role, PartitionRole::Follower) {
            PartitionRole::Leader(leader) => leader,
            PartitionRole::Follower => {
                LeaderState { epoch_start_offset: log_end, followers: FlatMap::new(), proposal: None }
            }
        };
        leader.followers.retain(|follower, _| registration.replicas.contains(follower));
        for replica in registration.replicas.iter().filter(|replica| **replica != self.id) {
            leader.followers.entry(*replica).or_insert_with(|| FollowerState {
                last_caught_up_ms: if registration.isr.contains(replica) { cx.now } else { 0 },
                ..FollowerState::default()
            });
        }
        if is_new_epoch {
            leader.epoch_start_offset = log_end;
            if log.assign_epoch_start(registration.leader_epoch, log_end) {
                cx.fx.change(Change::EpochStarted {
                    node: self.id,
                    partition: partition.name.clone(),
                    leader_epoch: registration.leader_epoch,
                    start_offset: log_end,
                });
            }
            for (follower_id, follower) in &mut leader.followers {
                follower.reset(!was_leader, registration.isr.contains(follower_id), log_end, cx.now);
            }
            cx.fx.change(Change::BecameLeader {
                node: self.id,
                partition: partition.name.clone(),
                leader_epoch: registration.leader_epoch,
            });
        }
        // Whatever was proposed, the controller has decided something newer.
        leader.proposal = None;
        let leader_epoch = registration.leader_epoch;
        partition.registration = registration;
        partition.role = PartitionRole::Leader(leader);
        let name = partition.name.clone();
        // Requests that wait here are not looked at, unless the high watermark moves: one that named the epoch before goes on waiting.
        self.advance_high_watermark(cx, id);
        if is_new_epoch && *name.topic == *OFFSETS_TOPIC {
            self.load_coordinator(cx, id, name.partition, leader_epoch);
        }
        if is_new_epoch && *name.topic == *TRANSACTION_STATE_TOPIC {
            let batches: Vec<_> = cx.disk.log(&id).into_iter().flat_map(|log| log.batches().cloned()).collect();
            self.with_transactions(cx, |transactions, cx| {
                transactions.load(name.partition, leader_epoch, batches.into_iter(), cx);
            });
        }
    }

    /// `Partition.makeFollower`: also where nobody leads.
    fn make_follower(&mut self, cx: &mut Context, id: TopicIdPartition, registration: Rc<PartitionImage>) {
        let Some(partition) = self.partitions.get_mut(&id) else { return };
        let was_leader = partition.is_leader();
        let is_new_epoch = registration.leader_epoch > partition.registration.leader_epoch;
        partition.role = PartitionRole::Follower;
        if is_new_epoch || was_leader {
            cx.fx.change(Change::BecameFollower {
                node: self.id,
                partition: partition.name.clone(),
                leader: registration.leader,
                leader_epoch: registration.leader_epoch,
            });
        }
        let leader_epoch = registration.leader_epoch;
        partition.registration = registration;
        let name = partition.name.clone();
        if is_new_epoch {
            self.touch(id);
        }
        if was_leader && *name.topic == *OFFSETS_TOPIC {
            self.groups.unload(name.partition, Some(leader_epoch), cx.now, cx.fx);
        }
        if was_leader && *name.topic == *TRANSACTION_STATE_TOPIC {
            self.transactions.unload(name.partition);
        }
    }

    /// This broker is no replica any more.
    fn stop_hosting(&mut self, cx: &mut Context, id: TopicIdPartition) {
        let Some(partition) = self.partitions.remove(&id) else { return };
        if partition.is_leader() && *partition.name.topic == *OFFSETS_TOPIC {
            self.groups.unload(partition.name.partition, None, cx.now, cx.fx);
        }
        if *partition.name.topic == *TRANSACTION_STATE_TOPIC {
            self.transactions.unload(partition.name.partition);
        }
        cx.disk.delete_log(id, cx.now, self.settings.log_segment_delete_delay_ms);
        self.touch(id);
    }

    fn load_coordinator(&mut self, cx: &mut Context, id: TopicIdPartition, partition: i32, leader_epoch: i32) {
        let batches: Vec<_> = cx.disk.log(&id).into_iter().flat_map(|log| log.batches().cloned()).collect();
        let known = super::group::KnownCluster {
            node: self.id,
            partitions: self.coordinator_partitions.offsets,
            settings: &self.settings,
            image: &self.image,
        };
        self.groups.load(partition, leader_epoch, batches.into_iter(), &known, cx.now, cx.fx);
    }

    /// Moves a leader's high watermark as far as its followers' progress allows. True if it moved.
    pub(super) fn advance_high_watermark(&mut self, cx: &mut Context, id: TopicIdPartition) -> bool {
        let log_end = cx.disk.log_end(&id);
        let lag_max_ms = self.settings.replica_lag_time_max_ms;
        let Some(partition) = self.partitions.get_mut(&id) else { return false };
        let Some(to) = partition.next_high_watermark(log_end, &self.image, lag_max_ms, cx.now) else { return false };
        let from = std::mem::replace(&mut partition.high_watermark, to);
        cx.fx.change(Change::HighWatermarkMoved {
            node: self.id,
            partition: partition.name.clone(),
            from,
            to,
            as_leader: true,
        });
        remove_replicated_transactions(cx, &id, to);
        self.touch(id);
        true
    }

    /// A topic's settings: its own, over this broker's defaults, as far as the metadata log was applied.
    fn topic_settings(&self, name: &TopicPartition) -> TopicSettings {
        self.node_configs().topic_settings(self.image.configs.get(&(config_resource::TOPIC, name.topic.to_string())))
    }
}

/// The high watermark of a log has moved: markers of transactions below it hold no reader back any longer.
pub(super) fn remove_replicated_transactions(cx: &mut Context, id: &TopicIdPartition, high_watermark: i64) {
    if cx.disk.log(id).is_some_and(|log| log.has_replicated_transactions(high_watermark))
        && let Some(log) = cx.disk.log_mut(id)
    {
        log.remove_replicated_transactions(high_watermark);
    }
}
