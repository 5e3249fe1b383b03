//! The settings of producers and consumers that the engine acts on.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use super::setting_field::{HashValue, SettingField, read};
use super::settings_group::settings;
use super::{Configs, SettingInfo, consumer_key, producer_key};
use crate::command::CommandError;
use crate::effects::ExponentialBackoff;

settings! {
    /// Settings of a producer.
    pub struct ProducerSettings of producer_key {
        /// What it calls itself; `producer-` and a number if left out. Quotas and logs know it by that.
        client_id: String = "client.id", "", "*";
        /// How many replicas must have a record: `all`, `1` or `0`.
        acks: String = "acks", "all", "all|-1|1|0";
        /// How long a batch waits for company, in milliseconds.
        linger_ms: u64 = "linger.ms", 5u64, "0..";
        /// Bytes at which a batch goes out at once.
        batch_size: u32 = "batch.size", 16_384u32, "0..";
        /// How often a batch is sent again.
        retries: u32 = "retries", 2_147_483_647u32, "0..2147483647";
        /// How long a producer waits before it tries again, in milliseconds.
        retry_backoff_ms: u64 = "retry.backoff.ms", 100u64, "0..";
        /// How long a broker is left alone after a connection to it has ended or could not be made, in milliseconds; twice as long
        /// after each further failure.
        reconnect_backoff_ms: u64 = "reconnect.backoff.ms", 50u64, "0..";
        /// How long at most, in milliseconds.
        reconnect_backoff_max_ms: u64 = "reconnect.backoff.max.ms", 1_000u64, "0..";
        /// How long a connection may take to open, in milliseconds; twice as long after each further failure.
        socket_connection_setup_timeout_ms: u64 = "socket.connection.setup.timeout.ms", 10_000u64, "0..";
        /// How long at most, in milliseconds.
        socket_connection_setup_timeout_max_ms: u64 = "socket.connection.setup.timeout.max.ms", 30_000u64, "0..";
        /// A connection on which nothing passes for so long is closed, in milliseconds; a negative time is no limit.
        connections_max_idle_ms: i64 = "connections.max.idle.ms", 540_000i64, "*";
        /// How long it waits for an answer, in milliseconds.
        request_timeout_ms: u64 = "request.timeout.ms", 30_000u64, "0..";
        /// How long a record may take until it is acknowledged or given up, in milliseconds.
        delivery_timeout_ms: u64 = "delivery.timeout.ms", 120_000u64, "0..";
        /// Batches on their way over one connection.
        max_in_flight_requests_per_connection: u32 = "max.in.flight.requests.per.connection", 5u32, "1..";
        /// Whether a batch that is sent twice is stored once.
        enable_idempotence: bool = "enable.idempotence", true, "true|false";
        /// The largest request, in bytes.
        max_request_size: u32 = "max.request.size", 1_048_576u32, "0..";
        /// How old metadata may grow, in milliseconds.
        metadata_max_age_ms: u64 = "metadata.max.age.ms", 300_000u64, "0..";
        /// How batches are compressed: `none`, `gzip`, `snappy`, `lz4` or `zstd`.
        compression_type: String = "compression.type", "none", "none|gzip|snappy|lz4|zstd";
        /// What the records of its batches take of their bytes where they are compressed, in percent: of the simulation, which has
        /// no codecs.
        simulated_compressed_percent: u32 = "simulated.compressed.percent", 50u32, "1..200";
        /// Whether keys choose no partition.
        partitioner_ignore_keys: bool = "partitioner.ignore.keys", false, "true|false";
        /// What chooses partitions; the built-in partitioner where empty.
        partitioner_class: String = "partitioner.class", "",
            "|org.apache.kafka.clients.producer.RoundRobinPartitioner|org.apache.kafka.clients.producer.internals.DefaultPartitioner";
        /// How keys become bytes.
        key_serializer: String = "key.serializer", "org.apache.kafka.common.serialization.StringSerializer",
            "org.apache.kafka.common.serialization.StringSerializer|org.apache.kafka.common.serialization.IntegerSerializer|org.apache.kafka.connect.json.JsonSerializer";
        /// How values become bytes.
        value_serializer: String = "value.serializer", "org.apache.kafka.common.serialization.StringSerializer",
            "org.apache.kafka.common.serialization.StringSerializer|org.apache.kafka.common.serialization.IntegerSerializer|org.apache.kafka.connect.json.JsonSerializer";
        /// Memory for batches that are not done, in bytes.
        buffer_memory: u64 = "buffer.memory", 33_554_432u64, "0..";
        /// How long `send` waits for metadata and for memory, in milliseconds.
        max_block_ms: u64 = "max.block.ms", 60_000u64, "0..";
        /// The name under which its transactions are known; none where empty.
        transactional_id: String = "transactional.id", "", "*";
        /// How long the coordinator lets a transaction be open before it aborts it, in milliseconds.
        transaction_timeout_ms: u64 = "transaction.timeout.ms", 60_000u64, "0..2147483647";
    }
    /// Settings of a consumer.
    pub struct ConsumerSettings of consumer_key {
        /// What it calls itself; `consumer-`, its group and a number if left out. Quotas, groups and logs know it by that.
        client_id: String = "client.id", "", "*";
        /// Where to begin where nothing is committed.
        auto_offset_reset: String = "auto.offset.reset", "latest", "earliest|latest|none|by_duration:PT1H";
        /// How bytes become keys.
        key_deserializer: String = "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
            "org.apache.kafka.common.serialization.StringDeserializer|org.apache.kafka.common.serialization.IntegerDeserializer|org.apache.kafka.connect.json.JsonDeserializer";
        /// How bytes become values.
        value_deserializer: String = "value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
            "org.apache.kafka.common.serialization.StringDeserializer|org.apache.kafka.common.serialization.IntegerDeserializer|org.apache.kafka.connect.json.JsonDeserializer";
        /// How many bytes a fetch waits for.
        fetch_min_bytes: u32 = "fetch.min.bytes", 1u32, "0..";
        /// How long a fetch waits, in milliseconds.
        fetch_max_wait_ms: u64 = "fetch.max.wait.ms", 500u64, "0..";
        /// Maximum bytes in a fetch.
        fetch_max_bytes: u32 = "fetch.max.bytes", 52_428_800u32, "0..2147483647";
        /// Maximum bytes of one partition in a fetch.
        max_partition_fetch_bytes: u32 = "max.partition.fetch.bytes", 1_048_576u32, "0..2147483647";
        /// Maximum records of a poll.
        max_poll_records: u32 = "max.poll.records", 500u32, "1..";
        /// At most so long between two polls, in milliseconds.
        max_poll_interval_ms: u64 = "max.poll.interval.ms", 300_000u64, "1..";
        /// How long the coordinator bears silence, in milliseconds.
        session_timeout_ms: u64 = "session.timeout.ms", 45_000u64, "1..";
        /// How often a member says that it lives, in milliseconds.
        heartbeat_interval_ms: u64 = "heartbeat.interval.ms", 3_000u64, "1..";
        /// How often the consumer commits by itself, in milliseconds.
        auto_commit_interval_ms: u64 = "auto.commit.interval.ms", 5_000u64, "0..";
        /// How long it waits before it tries again, in milliseconds.
        retry_backoff_ms: u64 = "retry.backoff.ms", 100u64, "0..";
        /// How long a broker is left alone after a connection to it has ended or could not be made, in milliseconds; twice as long
        /// after each further failure.
        reconnect_backoff_ms: u64 = "reconnect.backoff.ms", 50u64, "0..";
        /// How long at most, in milliseconds.
        reconnect_backoff_max_ms: u64 = "reconnect.backoff.max.ms", 1_000u64, "0..";
        /// How long a connection may take to open, in milliseconds; twice as long after each further failure.
        socket_connection_setup_timeout_ms: u64 = "socket.connection.setup.timeout.ms", 10_000u64, "0..";
        /// How long at most, in milliseconds.
        socket_connection_setup_timeout_max_ms: u64 = "socket.connection.setup.timeout.max.ms", 30_000u64, "0..";
        /// A connection on which nothing passes for so long is closed, in milliseconds; a negative time is no limit.
        connections_max_idle_ms: i64 = "connections.max.idle.ms", 540_000i64, "*";
        /// How long it waits for an answer, in milliseconds.
        request_timeout_ms: u64 = "request.timeout.ms", 30_000u64, "0..";
        /// How old metadata may grow, in milliseconds.
        metadata_max_age_ms: u64 = "metadata.max.age.ms", 300_000u64, "0..";
        /// Which records of transactions it sees.
        isolation_level: String = "isolation.level", "read_uncommitted", "read_uncommitted|read_committed";
        /// What its connections speak: over TLS the broker cannot send records out of the page cache without copying them. Those that
        /// it opens from then on.
        security_protocol: String = "security.protocol", "PLAINTEXT", "PLAINTEXT|SSL";
        /// Its rack (KIP-392).
        client_rack: String = "client.rack", "", "*";
        /// Its `group.instance.id` (static membership).
        group_instance_id: String = "group.instance.id", "", "*";
        /// Who computes the assignment: a member (`classic`) or the broker (`consumer`, KIP-848).
        group_protocol: String = "group.protocol", "classic", "classic|consumer";
        /// The broker's assignor that a member would like; empty for the broker's own choice.
        group_remote_assignor: String = "group.remote.assignor", "", "|uniform|range";
        /// The assignors that a member can lead its group with, the one it would like best first.
        partition_assignment_strategy: String = "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "*";
    }
}

impl ProducerSettings {
    /// How long it leaves a broker alone that it could not reach.
    pub fn reconnect_backoff(&self) -> ExponentialBackoff {
        ExponentialBackoff { initial_ms: self.reconnect_backoff_ms, max_ms: self.reconnect_backoff_max_ms }
    }

    /// How long it waits for a connection to open.
    pub fn setup_timeout(&self) -> ExponentialBackoff {
        let (initial_ms, max_ms) =
            (self.socket_connection_setup_timeout_ms, self.socket_connection_setup_timeout_max_ms);
        ExponentialBackoff { initial_ms, max_ms }
    }
}

impl ConsumerSettings {
    /// How long it leaves a broker alone that it could not reach.
    pub fn reconnect_backoff(&self) -> ExponentialBackoff {
        ExponentialBackoff { initial_ms: self.reconnect_backoff_ms, max_ms: self.reconnect_backoff_max_ms }
    }

    /// How long it waits for a connection to open.
    pub fn setup_timeout(&self) -> ExponentialBackoff {
        let (initial_ms, max_ms) =
            (self.socket_connection_setup_timeout_ms, self.socket_connection_setup_timeout_max_ms);
        ExponentialBackoff { initial_ms, max_ms }
    }
}
