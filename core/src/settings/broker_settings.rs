//! The settings of brokers and controllers that the engine acts on.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use super::setting_field::{HashValue, SettingField, read};
use super::settings_group::settings;
use super::{Configs, RaftProtocol, SettingInfo, broker_key, check_value, listener_setting};
use crate::command::CommandError;
use crate::effects::ExponentialBackoff;

settings! {
    /// Settings of brokers and controllers.
    pub struct BrokerSettings of broker_key {
        /// How long a follower may be behind before its leader wants it out of the ISR, in milliseconds.
        replica_lag_time_max_ms: u64 = "replica.lag.time.max.ms", 30_000u64, "1..";
        /// How long a follower's fetch waits for data, in milliseconds.
        replica_fetch_wait_max_ms: u64 = "replica.fetch.wait.max.ms", 500u64, "0..";
        /// How many bytes a follower's fetch waits for.
        replica_fetch_min_bytes: u32 = "replica.fetch.min.bytes", 1u32, "0..";
        /// Maximum bytes of one partition in a follower's fetch.
        replica_fetch_max_bytes: u32 = "replica.fetch.max.bytes", 1_048_576u32, "0..2147483647";
        /// Maximum bytes in a follower's fetch.
        replica_fetch_response_max_bytes: u32 = "replica.fetch.response.max.bytes", 10_485_760u32, "0..2147483647";
        /// How long a follower waits after a failed fetch, in milliseconds.
        replica_fetch_backoff_ms: u64 = "replica.fetch.backoff.ms", 1_000u64, "0..";
        /// How long a follower waits for its leader's answer, in milliseconds.
        replica_socket_timeout_ms: u64 = "replica.socket.timeout.ms", 30_000u64, "1..";
        /// How many fetch sessions a broker keeps, shared out to 8 shards.
        max_incremental_fetch_session_cache_slots: u32 = "max.incremental.fetch.session.cache.slots", 1_000u32, "0..2147483647";
        /// How many requests may wait for a handler thread. Where as many do, network threads stop reading.
        queued_max_requests: u32 = "queued.max.requests", 500u32, "1..2147483647";
        /// The largest request that is read from a connection, in bytes: a larger one closes it.
        socket_request_max_bytes: i32 = "socket.request.max.bytes", 104_857_600i32, "1..2147483647";
        /// How many connections one address may have; one more is closed as soon as it is accepted.
        max_connections_per_ip: i32 = "max.connections.per.ip", 2_147_483_647i32, "0..2147483647";
        /// A connection on which nothing passes for so long is closed, in milliseconds; a negative time is no limit.
        connections_max_idle_ms: i64 = "connections.max.idle.ms", 600_000i64, "*";
        /// After how many completed fetches the watchers' lists of fetches are purged of them.
        fetch_purgatory_purge_interval_requests: i32 = "fetch.purgatory.purge.interval.requests", 1_000i32, "-2147483648..2147483647";
        /// After how many completed produce requests the watchers' lists of them are purged.
        producer_purgatory_purge_interval_requests: i32 = "producer.purgatory.purge.interval.requests", 1_000i32, "-2147483648..2147483647";
        /// Over how many samples a client's rate is taken that a quota bounds.
        quota_window_num: u32 = "quota.window.num", 11u32, "1..2147483647";
        /// How long each of these samples is, in seconds.
        quota_window_size_seconds: u64 = "quota.window.size.seconds", 1u64, "1..2147483647";
        /// How many windows' worth of tokens a controller's bucket holds.
        controller_quota_window_num: u32 = "controller.quota.window.num", 11u32, "1..2147483647";
        /// How long each of these windows is, in seconds.
        controller_quota_window_size_seconds: u64 = "controller.quota.window.size.seconds", 1u64, "1..2147483647";
        /// How often high watermarks are written to disk, in milliseconds.
        replica_high_watermark_checkpoint_interval_ms: u64 = "replica.high.watermark.checkpoint.interval.ms", 5_000u64, "1..";
        /// How long a connection may take to open, in milliseconds; twice as long after each further failure.
        socket_connection_setup_timeout_ms: u64 = "socket.connection.setup.timeout.ms", 10_000u64, "0..";
        /// How long at most, in milliseconds.
        socket_connection_setup_timeout_max_ms: u64 = "socket.connection.setup.timeout.max.ms", 30_000u64, "0..";
        /// How long a broker may be silent before the controller fences it, in milliseconds.
        broker_session_timeout_ms: u64 = "broker.session.timeout.ms", 9_000u64, "1..";
        /// How long a voter waits for a leader before it asks for votes, in milliseconds; and a random part of as much again.
        controller_quorum_election_timeout_ms: u64 = "controller.quorum.election.timeout.ms", 1_000u64, "0..";
        /// How long a follower of the metadata log's leader bears its silence, in milliseconds.
        controller_quorum_fetch_timeout_ms: u64 = "controller.quorum.fetch.timeout.ms", 2_000u64, "0..";
        /// The longest that a voter waits after its leader resigned, in milliseconds.
        controller_quorum_election_backoff_max_ms: u64 = "controller.quorum.election.backoff.max.ms", 1_000u64, "0..";
        /// How long a node of the quorum waits for an answer of another, in milliseconds.
        controller_quorum_request_timeout_ms: u64 = "controller.quorum.request.timeout.ms", 2_000u64, "0..";
        /// Whether a controller that does not vote asks the leader to make it a voter (KIP-1186).
        controller_quorum_auto_join_enable: bool = "controller.quorum.auto.join.enable", false, "true|false";
        /// How long it leaves a node alone that failed, in milliseconds.
        controller_quorum_retry_backoff_ms: u64 = "controller.quorum.retry.backoff.ms", 20u64, "0..";
        /// Maximum bytes of the metadata log in the answer to a fetch; a first batch may be larger.
        controller_quorum_fetch_max_bytes: u32 = "controller.quorum.fetch.max.bytes", 1_048_576u32, "1..2147483647";
        /// The longest piece of a snapshot of the metadata log in the answer to a FetchSnapshot, in bytes.
        controller_quorum_fetch_snapshot_max_bytes: u32 = "controller.quorum.fetch.snapshot.max.bytes", 1_048_576u32, "1..2147483647";
        /// Bytes of the metadata log after which a node makes a snapshot.
        metadata_log_max_record_bytes_between_snapshots: u64 = "metadata.log.max.record.bytes.between.snapshots", 20_971_520u64, "1..";
        /// After so much time it makes one with the next record, in milliseconds; 0 for never.
        metadata_log_max_snapshot_interval_ms: u64 = "metadata.log.max.snapshot.interval.ms", 3_600_000u64, "0..";
        /// Bytes of metadata log and snapshots together above which the oldest snapshot goes, and the log below the
        /// next; -1 for never.
        metadata_max_retention_bytes: i64 = "metadata.max.retention.bytes", 104_857_600i64, "*";
        /// When a newer snapshot is there one goes that is older than this, in milliseconds; -1 for never.
        metadata_max_retention_ms: i64 = "metadata.max.retention.ms", 604_800_000i64, "*";
        /// How often a broker says that it lives, in milliseconds.
        broker_heartbeat_interval_ms: u64 = "broker.heartbeat.interval.ms", 2_000u64, "1..";
        /// How long a broker that starts tries to register before it gives up and ends, in milliseconds.
        initial_broker_registration_timeout_ms: u64 = "initial.broker.registration.timeout.ms", 60_000u64, "0..";
        /// Whether a broker moves its leaders away before it ends.
        controlled_shutdown_enable: bool = "controlled.shutdown.enable", true, "true|false";
        /// How many replicas must be in sync for `acks=all`, where the topic says nothing.
        min_insync_replicas: u32 = "min.insync.replicas", 1u32, "1..";
        /// How many replicas a topic gets that asks for none in particular.
        default_replication_factor: i32 = "default.replication.factor", 1i32, "1..";
        /// How many partitions a topic gets that asks for none in particular.
        num_partitions: i32 = "num.partitions", 1i32, "1..";
        /// Whether a replica outside the ISR may lead when nobody else can.
        unclean_leader_election_enable: bool = "unclean.leader.election.enable", false, "true|false";
        /// How often the controller looks for unclean elections, in milliseconds.
        unclean_leader_election_interval_ms: u64 = "unclean.leader.election.interval.ms", 300_000u64, "1..";
        /// Whether the controller gives leadership back to preferred leaders.
        auto_leader_rebalance_enable: bool = "auto.leader.rebalance.enable", true, "true|false";
        /// How often it looks, in seconds.
        leader_imbalance_check_interval_seconds: u64 = "leader.imbalance.check.interval.seconds", 300u64, "1..";
        /// How uneven a broker's leaders may be, in per cent: of the ZooKeeper controller. Kafka 4.3.1 does not have it.
        leader_imbalance_per_broker_percentage: u32 = "leader.imbalance.per.broker.percentage", 10u32, "0..";
        /// Partitions of `__consumer_offsets`.
        offsets_topic_num_partitions: i32 = "offsets.topic.num.partitions", 50i32, "1..";
        /// Replicas of `__consumer_offsets`.
        offsets_topic_replication_factor: i16 = "offsets.topic.replication.factor", 3i16, "1..";
        /// Bytes of a segment of `__consumer_offsets`, which takes it when it is created.
        offsets_topic_segment_bytes: u32 = "offsets.topic.segment.bytes", 104_857_600u32, "1..2147483647";
        /// Partitions of `__transaction_state`.
        transaction_state_log_num_partitions: i32 = "transaction.state.log.num.partitions", 50i32, "1..";
        /// Replicas of `__transaction_state`.
        transaction_state_log_replication_factor: i16 = "transaction.state.log.replication.factor", 3i16, "1..";
        /// `min.insync.replicas` of `__transaction_state`.
        transaction_state_log_min_isr: u32 = "transaction.state.log.min.isr", 2u32, "1..";
        /// `segment.bytes` of `__transaction_state`.
        transaction_state_log_segment_bytes: u32 = "transaction.state.log.segment.bytes", 104_857_600u32, "1..2147483647";
        /// How long a transaction may be open at most, in milliseconds.
        transaction_max_timeout_ms: u64 = "transaction.max.timeout.ms", 900_000u64, "1..";
        /// How often the coordinator looks for transactions that are open for too long, in milliseconds.
        transaction_abort_timed_out_transaction_cleanup_interval_ms: u64 = "transaction.abort.timed.out.transaction.cleanup.interval.ms", 10_000u64, "1..";
        /// How often the coordinator looks for transactional ids that nobody uses, in milliseconds.
        transaction_remove_expired_transaction_cleanup_interval_ms: u64 = "transaction.remove.expired.transaction.cleanup.interval.ms", 3_600_000u64, "1..";
        /// How long the coordinator remembers a transactional id that nobody uses, in milliseconds.
        transactional_id_expiration_ms: u64 = "transactional.id.expiration.ms", 604_800_000u64, "1..";
        /// Whether transactions may end by an outside coordinator.
        transaction_two_phase_commit_enable: bool = "transaction.two.phase.commit.enable", false, "true|false";
        /// Whether leaders ask a transaction's coordinator before its first batch.
        transaction_partition_verification_enable: bool = "transaction.partition.verification.enable", true, "true|false";
        /// How long a leader waits until it asks a transaction's coordinator again, in milliseconds.
        add_partitions_to_txn_retry_backoff_ms: u64 = "add.partitions.to.txn.retry.backoff.ms", 20u64, "1..";
        /// How long it asks again at most, in milliseconds.
        add_partitions_to_txn_retry_backoff_max_ms: u64 = "add.partitions.to.txn.retry.backoff.max.ms", 100u64, "0..";
        /// How long a group coordinator's append waits for its replicas, in milliseconds.
        offsets_commit_timeout_ms: u64 = "offsets.commit.timeout.ms", 5_000u64, "1..";
        /// How long an unused offset is kept, in minutes.
        offsets_retention_minutes: u64 = "offsets.retention.minutes", 10_080u64, "1..";
        /// How long the coordinator waits for more members when a group is new, in milliseconds.
        group_initial_rebalance_delay_ms: u64 = "group.initial.rebalance.delay.ms", 3_000u64, "0..";
        /// The shortest session a member may ask for, in milliseconds.
        group_min_session_timeout_ms: u64 = "group.min.session.timeout.ms", 6_000u64, "1..";
        /// The longest session a member may ask for, in milliseconds.
        group_max_session_timeout_ms: u64 = "group.max.session.timeout.ms", 1_800_000u64, "1..";
        /// Maximum members in a group of the classic protocol.
        group_max_size: u32 = "group.max.size", 2_147_483_647u32, "1..2147483647";
        /// The coordinator drops a member of a consumer group that is silent for so long, in milliseconds.
        group_consumer_session_timeout_ms: u64 = "group.consumer.session.timeout.ms", 45_000u64, "1..";
        /// The shortest that a group may have, in milliseconds.
        group_consumer_min_session_timeout_ms: u64 = "group.consumer.min.session.timeout.ms", 45_000u64, "1..";
        /// The longest that a group may have, in milliseconds.
        group_consumer_max_session_timeout_ms: u64 = "group.consumer.max.session.timeout.ms", 60_000u64, "1..";
        /// How often a member of a consumer group is to be heard, in milliseconds.
        group_consumer_heartbeat_interval_ms: u64 = "group.consumer.heartbeat.interval.ms", 5_000u64, "1..";
        /// The shortest that a group may have, in milliseconds.
        group_consumer_min_heartbeat_interval_ms: u64 = "group.consumer.min.heartbeat.interval.ms", 5_000u64, "1..";
        /// The longest that a group may have, in milliseconds.
        group_consumer_max_heartbeat_interval_ms: u64 = "group.consumer.max.heartbeat.interval.ms", 15_000u64, "1..";
        /// Maximum members in a consumer group.
        group_consumer_max_size: u32 = "group.consumer.max.size", 2_147_483_647u32, "1..2147483647";
        /// Which protocols groups may have.
        group_coordinator_rebalance_protocols: String = "group.coordinator.rebalance.protocols", "classic,consumer,streams", "*";
        /// Whether topics may be deleted.
        delete_topic_enable: bool = "delete.topic.enable", true, "true|false";
        /// How many partitions one DescribeTopicPartitions is told of at most.
        max_request_partition_size_limit: i32 = "max.request.partition.size.limit", 2_000i32, "1..2147483647";
        /// How many bytes one fetch is answered with at most, but for a first batch that is larger.
        fetch_max_bytes: i32 = "fetch.max.bytes", 57_671_680i32, "1024..2147483647";
        /// The assignors of the broker, the default first.
        group_consumer_assignors: String = "group.consumer.assignors", "uniform,range", "*";
        /// Whether groups may change their protocol while they have members.
        group_consumer_migration_policy: String = "group.consumer.migration.policy", "bidirectional", "bidirectional|upgrade|downgrade|disabled";
        /// The least time between two target assignments of a group, in milliseconds.
        group_consumer_assignment_interval_ms: u64 = "group.consumer.assignment.interval.ms", 1_000u64, "0..";
        /// The shortest that a group may have, in milliseconds.
        group_consumer_min_assignment_interval_ms: u64 = "group.consumer.min.assignment.interval.ms", 0u64, "0..";
        /// The longest that a group may have, in milliseconds.
        group_consumer_max_assignment_interval_ms: u64 = "group.consumer.max.assignment.interval.ms", 15_000u64, "0..";
        /// How old what a regular expression stands for may become, in milliseconds.
        group_consumer_regex_refresh_interval_ms: u64 = "group.consumer.regex.refresh.interval.ms", 600_000u64, "10000..";
        /// How often a coordinator looks for offsets that nobody needs any more, in milliseconds.
        offsets_retention_check_interval_ms: u64 = "offsets.retention.check.interval.ms", 600_000u64, "1..";
        /// Maximum characters of a committed offset's metadata.
        offset_metadata_max_bytes: i32 = "offset.metadata.max.bytes", 4_096i32, "-2147483648..2147483647";
        /// Bytes after which a log begins a new segment.
        log_segment_bytes: u32 = "log.segment.bytes", 1_073_741_824u32, "1048576..2147483647";
        /// Time after which a log begins a new segment, in milliseconds; where it is null, `log.roll.hours` counts.
        log_roll_ms: Option<i64> = "log.roll.ms", None, "1..";
        /// The same in hours.
        log_roll_hours: i64 = "log.roll.hours", 168i64, "1..";
        /// At most so much earlier a log begins a new segment, in milliseconds; where it is null, the hours count.
        log_roll_jitter_ms: Option<i64> = "log.roll.jitter.ms", None, "0..";
        /// The same in hours.
        log_roll_jitter_hours: i64 = "log.roll.jitter.hours", 0i64, "0..";
        /// How long records are kept, in milliseconds; -1 for ever; where it is null, the minutes count.
        log_retention_ms: Option<i64> = "log.retention.ms", None, "-1..";
        /// The same in minutes; where it is null, the hours count.
        log_retention_minutes: Option<i64> = "log.retention.minutes", None, "-1..";
        /// The same in hours.
        log_retention_hours: i64 = "log.retention.hours", 168i64, "-1..";
        /// How many bytes of a log are kept; -1 for all.
        log_retention_bytes: i64 = "log.retention.bytes", -1i64, "-1..";
        /// Whether there is a cleaner of compacted logs.
        log_cleaner_enable: bool = "log.cleaner.enable", true, "true|false";
        /// How long the cleaner of compacted logs rests, in milliseconds.
        log_cleaner_backoff_ms: u64 = "log.cleaner.backoff.ms", 15_000u64, "0..";
        /// How often old segments are looked for, in milliseconds.
        log_retention_check_interval_ms: u64 = "log.retention.check.interval.ms", 300_000u64, "1..";
        /// Messages after which a log is flushed; by default never.
        log_flush_interval_messages: i64 = "log.flush.interval.messages", i64::MAX, "1..";
        /// Time after which a log is flushed, in milliseconds; where it is null, the scheduler's interval counts.
        log_flush_interval_ms: Option<i64> = "log.flush.interval.ms", None, "0..";
        /// How often the broker looks whether a log must be flushed, in milliseconds.
        log_flush_scheduler_interval_ms: i64 = "log.flush.scheduler.interval.ms", i64::MAX, "0..";
        /// Bytes of a segment's offset index.
        log_index_size_max_bytes: u32 = "log.index.size.max.bytes", 10_485_760u32, "4..2147483647";
        /// Bytes between two entries of the sparse index.
        log_index_interval_bytes: u32 = "log.index.interval.bytes", 4_096u32, "0..2147483647";
        /// How long a tombstone is kept after compaction, in milliseconds.
        log_cleaner_delete_retention_ms: u64 = "log.cleaner.delete.retention.ms", 86_400_000u64, "0..";
        /// How long a record is safe from compaction, in milliseconds.
        log_cleaner_min_compaction_lag_ms: u64 = "log.cleaner.min.compaction.lag.ms", 0u64, "0..";
        /// After how long a record is compacted even in a clean log, in milliseconds.
        log_cleaner_max_compaction_lag_ms: u64 = "log.cleaner.max.compaction.lag.ms", i64::MAX.unsigned_abs(), "1..";
        /// How much of a log must be uncleaned before compaction, from 0 to 1.
        log_cleaner_min_cleanable_ratio: f64 = "log.cleaner.min.cleanable.ratio", 0.5f64, "0..1";
        /// Threads that compact.
        log_cleaner_threads: u32 = "log.cleaner.threads", 1u32, "1..";
        /// Memory of all of them for keys, in bytes.
        log_cleaner_dedupe_buffer_size: i64 = "log.cleaner.dedupe.buffer.size", 134_217_728i64, "1048577..";
        /// What happens to old records.
        log_cleanup_policy: String = "log.cleanup.policy", "delete", "delete|compact|compact,delete|delete,compact";
        /// How long a deleted segment's files stay, in milliseconds.
        log_segment_delete_delay_ms: u64 = "log.segment.delete.delay.ms", 60_000u64, "0..";
        /// Whether a segment's file has its full size from the start.
        log_preallocate: bool = "log.preallocate", false, "true|false";
        /// Whose clock stamps records.
        log_message_timestamp_type: String = "log.message.timestamp.type", "CreateTime", "CreateTime|LogAppendTime";
        /// How far a record's time may be in the past, in milliseconds.
        log_message_timestamp_before_max_ms: i64 = "log.message.timestamp.before.max.ms", i64::MAX, "0..";
        /// How far a record's time may be in the future, in milliseconds.
        log_message_timestamp_after_max_ms: i64 = "log.message.timestamp.after.max.ms", 3_600_000i64, "0..";
        /// Compression on the broker.
        compression_type: String = "compression.type", "producer", "producer|uncompressed|gzip|snappy|lz4|zstd";
        /// Threads that handle requests.
        num_io_threads: u32 = "num.io.threads", 8u32, "1..";
        /// Threads of each listener that read requests and write responses.
        num_network_threads: u32 = "num.network.threads", 3u32, "1..";
        /// How often the recovery point is written, in milliseconds.
        log_flush_offset_checkpoint_interval_ms: u64 = "log.flush.offset.checkpoint.interval.ms", 60_000u64, "0..";
        /// How often log start offsets are written, in milliseconds.
        log_flush_start_offset_checkpoint_interval_ms: u64 = "log.flush.start.offset.checkpoint.interval.ms", 60_000u64, "0..";
        /// After which time a broker that starts looks after its logs for the first time, in milliseconds.
        log_initial_task_delay_ms: u64 = "log.initial.task.delay.ms", 30_000u64, "0..";
        /// How long a producer that writes nothing is remembered, in milliseconds.
        producer_id_expiration_ms: u64 = "producer.id.expiration.ms", 86_400_000u64, "1..";
        /// How often a log looks for producers to forget, in milliseconds.
        producer_id_expiration_check_interval_ms: u64 = "producer.id.expiration.check.interval.ms", 600_000u64, "1..";
        /// The largest batch, in bytes.
        message_max_bytes: u32 = "message.max.bytes", 1_048_588u32, "0..2147483647";
        /// Whether an unknown topic is created when a client asks about it.
        auto_create_topics_enable: bool = "auto.create.topics.enable", true, "true|false";
        /// Who chooses the replica that a consumer reads from.
        replica_selector_class: String = "replica.selector.class", "", "*";
        /// Who decides what clients may do; with none, nobody is refused anything.
        authorizer_class_name: String = "authorizer.class.name", "", "*";
        /// Principals that may do everything, as in `User:admin`, with semicolons between them.
        super_users: String = "super.users", "", "*";
        /// Whether everybody may do everything with a resource that no access rule concerns.
        allow_everyone_if_no_acl_found: bool = "allow.everyone.if.no.acl.found", false, "true|false";
        /// Eligible leader replicas (KIP-966): 1 on, 0 off.
        eligible_leader_replicas_version: u32 = "eligible.leader.replicas.version", 1u32, "0|1";
        /// The voters that the directories were formatted with (`kafka-storage format --initial-controllers`): ids with commas. Where
        /// it is empty, every controller votes, as `controller.quorum.voters` says.
        initial_controllers: String = "initial.controllers", "", "*";
        /// Historical (before 0.9): a follower this number of records behind leaves the ISR. 0 is off.
        replica_lag_max_messages: u64 = "replica.lag.max.messages", 0u64, "0..";
        /// Historical: how a follower finds where to truncate. `high-watermark` is the way before KIP-101 (0.11),
        /// `leader-epoch` KIP-101's own form before KIP-279, `fetch` today's (KIP-595).
        truncation: String = "truncation", "fetch", "fetch|leader-epoch|high-watermark";
        /// Historical: whether a voter of the metadata log asks first if an election would have a chance (KIP-996). `false` is
        /// the way before 4.0, where every voter that misses its leader raises the epoch.
        pre_vote: bool = "pre.vote", true, "true|false";
        /// None of Kafka's: by which protocol the voters of `controller.quorum.voters` follow their leader. With `textbook` the leader sends
        /// AppendEntries, as in Raft's paper. All voters must have the same.
        raft: RaftProtocol = "raft", RaftProtocol::KRaft, "kraft|textbook";
    }
}

impl BrokerSettings {
    /// The same of any settings of Kafka: those that the engine does not act on are checked and kept.
    pub fn with_kafkas(changes: &BTreeMap<String, String>) -> Result<Self, Vec<CommandError>> {
        let mut settings = Self { configured: changes.clone(), ..Self::default() };
        let mut errors = Vec::new();
        for (name, value) in changes {
            let typed = settings.set(name, value);
            errors.extend(check_value(broker_key(listener_setting(name).unwrap_or(name)), name, value, typed).err());
        }
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    }

    /// How often a broker looks whether followers lag (`ReplicaManager.startup`), in milliseconds.
    pub fn isr_expiration_interval_ms(&self) -> u64 {
        self.replica_lag_time_max_ms / 2
    }

    /// How long it waits for a connection to open.
    pub fn setup_timeout(&self) -> ExponentialBackoff {
        let (initial_ms, max_ms) =
            (self.socket_connection_setup_timeout_ms, self.socket_connection_setup_timeout_max_ms);
        ExponentialBackoff { initial_ms, max_ms }
    }
}
