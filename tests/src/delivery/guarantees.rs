//! The guarantees, each with the settings that make it.

use std::collections::BTreeMap;

use kafkascope_core::config::{
    ClusterConfig, CommitMode, ConsumerConfig, NetworkConfig, NodeConfig, PollMode, ProcessMode, ProducerConfig, Roles,
    Start, TopicConfig, WritesConfig,
};

use super::Anomaly;

/// The topic that records are sent to, and the one that results are written to.
pub(super) const INPUT: &str = "orders";
pub(super) const RESULTS: &str = "results";
/// The producer that sends.
pub(super) const PRODUCER: u32 = 1;
/// The group of the consumers that read what it sent, and these: two of them share the partitions.
pub(super) const READERS: &str = "copiers";
pub(super) const READER_NUMBERS: [u32; 2] = [1, 2];
/// The group of the consumer that reads the results.
pub(super) const AUDITORS: &str = "auditors";

/// How the records are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// By nobody.
    Nobody,
    /// `enable.auto.commit`, and processed by hand.
    AutoCommit,
    /// By an application that writes its results with a producer of its own, and commits then.
    Writes,
    /// By an application that commits results and positions in one transaction.
    Transaction,
}

/// Settings with what they promise.
#[derive(Debug)]
pub struct Guarantee {
    /// Its name.
    pub name: &'static str,
    /// What holds.
    pub promise: &'static str,
    /// What is not promised, and does happen.
    pub risks: &'static [Anomaly],
    /// What may happen besides, too seldom to be waited for.
    pub rare: &'static [Anomaly],
    /// How many seeds, from 1 on, show each of its risks.
    pub seeds: u64,
    producer: &'static [(&'static str, &'static str)],
    reader: Reader,
    isolation: &'static str,
    /// `group.protocol` of the readers.
    protocol: &'static str,
    /// Whether replicas outside the ISR may lead.
    pub(super) is_unclean: bool,
}

/// A leader that was killed knows only each producer's last batch when it is back (its log is recovered, and a snapshot of producers holds
/// no more: the recording `lab-duplicates-after-a-crash`). Where every broker that has a batch was killed before its acknowledgement came, and
/// another batch stands behind it, sending it again is refused with `OUT_OF_ORDER_SEQUENCE_NUMBER`; the producer goes on in another epoch and
/// sends all that is not acknowledged again. No (producer id, epoch, sequence) stands twice, but a record does.
const AFTER_KILLED_LEADERS: &[Anomaly] = &[Anomaly::StoredTwice];
/// The same, with one result for each.
const AND_ITS_RESULT: &[Anomaly] = &[Anomaly::StoredTwice, Anomaly::ResultTwice];

const PLAIN: Guarantee = Guarantee {
    name: "",
    promise: "",
    risks: &[],
    rare: AFTER_KILLED_LEADERS,
    seeds: 40,
    producer: &[],
    reader: Reader::Nobody,
    isolation: "read_committed",
    protocol: "classic",
    is_unclean: false,
};

/// All of them.
pub static GUARANTEES: &[Guarantee] = &[
    Guarantee {
        name: "idempotent",
        promise: "what is acknowledged is stored once, in the order in which it was sent",
        ..PLAIN
    },
    Guarantee {
        name: "exactly-once",
        promise: "each record has one result for a reader of committed ones, whatever crashes",
        risks: &[Anomaly::ProcessedTwice],
        rare: AND_ITS_RESULT,
        reader: Reader::Transaction,
        ..PLAIN
    },
    Guarantee {
        name: "exactly-once-kip-848",
        promise: "the same, in groups whose coordinator assigns",
        risks: &[Anomaly::ProcessedTwice],
        rare: AND_ITS_RESULT,
        reader: Reader::Transaction,
        protocol: "consumer",
        ..PLAIN
    },
    Guarantee {
        name: "at-least-once",
        promise: "each record has a result",
        risks: &[Anomaly::ResultTwice, Anomaly::ProcessedTwice],
        reader: Reader::Writes,
        ..PLAIN
    },
    Guarantee {
        name: "auto-commit",
        promise: "what is acknowledged is stored once; reading promises nothing",
        risks: &[Anomaly::PassedOver, Anomaly::ProcessedTwice],
        reader: Reader::AutoCommit,
        ..PLAIN
    },
    Guarantee {
        name: "read-uncommitted",
        promise: "as exactly-once, but the reader of results sees aborted ones, too",
        risks: &[Anomaly::AbortedRead, Anomaly::ProcessedTwice],
        rare: AND_ITS_RESULT,
        reader: Reader::Transaction,
        isolation: "read_uncommitted",
        ..PLAIN
    },
    Guarantee {
        name: "not-idempotent",
        promise: "what is acknowledged is stored",
        risks: &[Anomaly::StoredTwice, Anomaly::Reordered],
        producer: &[("enable.idempotence", "false")],
        ..PLAIN
    },
    Guarantee {
        name: "acks-1",
        promise: "the leader had what was acknowledged",
        risks: &[Anomaly::Lost, Anomaly::StoredTwice, Anomaly::Reordered],
        seeds: 160,
        producer: &[("acks", "1")],
        ..PLAIN
    },
    Guarantee {
        name: "acks-0",
        promise: "nothing",
        risks: &[Anomaly::Lost],
        rare: &[Anomaly::Reordered],
        producer: &[("acks", "0")],
        ..PLAIN
    },
    Guarantee {
        name: "unclean-election",
        promise: "nothing that outlives an unclean election",
        risks: &[Anomaly::Lost],
        is_unclean: true,
        ..PLAIN
    },
];

fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Guarantee {
    /// Three brokers and a controller that nobody disturbs, with impatient timeouts.
    pub fn config(&self) -> ClusterConfig {
        let min_isr = if self.is_unclean { "1" } else { "2" };
        let unclean = if self.is_unclean { "true" } else { "false" };
        let topic = |name: &str, partitions: i32, unclean: &str| TopicConfig {
            name: name.to_owned(),
            partitions,
            replication_factor: 3,
            assignment: Vec::new(),
            settings: settings(&[("min.insync.replicas", min_isr), ("unclean.leader.election.enable", unclean)]),
        };
        let patience = [
            ("request.timeout.ms", "1200"),
            ("delivery.timeout.ms", "60000"),
            ("retry.backoff.ms", "50"),
            ("linger.ms", "0"),
        ];
        let mut sender = settings(&patience);
        sender.extend(settings(self.producer));
        let writer = settings(&patience);
        let writer = |number: &str| {
            let mut writer = writer.clone();
            if self.reader == Reader::Transaction {
                writer.extend(settings(&[("transactional.id", number), ("transaction.timeout.ms", "10000")]));
            }
            ProducerConfig { settings: writer }
        };
        let reader = |group: &str, topic: &str, isolation: &str| ConsumerConfig {
            group: group.to_owned(),
            topics: vec![topic.to_owned()],
            poll: PollMode::Continuous,
            commit: CommitMode::AfterPoll,
            process: ProcessMode::AtOnce,
            writes: None,
            settings: {
                let mut all = settings(&[
                    ("auto.offset.reset", "earliest"),
                    ("isolation.level", isolation),
                    ("group.protocol", self.protocol),
                    ("request.timeout.ms", "1200"),
                    ("auto.commit.interval.ms", "200"),
                ]);
                if self.protocol == "classic" {
                    all.extend(settings(&[("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "500")]));
                }
                all
            },
            ..ConsumerConfig::default()
        };
        let application = reader(READERS, INPUT, "read_committed");
        let copier = |producer: u32| {
            let writes = Some(WritesConfig { producer, topic: RESULTS.to_owned() });
            ConsumerConfig { writes, ..application.clone() }
        };
        let auditor = reader(AUDITORS, RESULTS, self.isolation);
        let consumers = match self.reader {
            Reader::Nobody => Vec::new(),
            Reader::AutoCommit => {
                let manual = ConsumerConfig { commit: CommitMode::Auto, process: ProcessMode::Manual, ..application };
                vec![manual.clone(), manual]
            }
            Reader::Writes | Reader::Transaction => vec![copier(2), copier(3), auditor],
        };
        let sender = ProducerConfig { settings: sender };
        let producers = match self.reader {
            Reader::Nobody | Reader::AutoCommit => vec![sender],
            Reader::Writes | Reader::Transaction => vec![sender, writer("copier-1"), writer("copier-2")],
        };
        ClusterConfig {
            nodes: vec![
                NodeConfig::new(1, Roles::Broker),
                NodeConfig::new(2, Roles::Broker),
                NodeConfig::new(3, Roles::Broker),
                NodeConfig::new(9, Roles::Controller),
            ],
            settings: settings(&[
                ("replica.lag.time.max.ms", "900"),
                ("replica.fetch.wait.max.ms", "150"),
                ("replica.fetch.backoff.ms", "100"),
                ("broker.session.timeout.ms", "800"),
                ("broker.heartbeat.interval.ms", "200"),
                ("offsets.topic.num.partitions", "1"),
                ("offsets.topic.replication.factor", "3"),
                ("transaction.state.log.num.partitions", "1"),
                ("transaction.state.log.replication.factor", "3"),
                ("transaction.state.log.min.isr", "2"),
                ("group.initial.rebalance.delay.ms", "0"),
                ("group.consumer.min.session.timeout.ms", "1000"),
                ("group.consumer.session.timeout.ms", "6000"),
                ("group.consumer.min.heartbeat.interval.ms", "500"),
                ("group.consumer.heartbeat.interval.ms", "500"),
            ]),
            topics: vec![topic(INPUT, 2, unclean), topic(RESULTS, 1, "false")],
            producers,
            consumers,
            network: NetworkConfig { latency_ms_min: 1, latency_ms_max: 8 },
            start: Start::AtRest,
        }
    }
}
