//! Whole printed outputs.

mod features;
mod quorum;
mod quotas;

use expect_test::expect;

use super::{Outcome, answered, complete, execute};
use crate::cluster::Cluster;
use crate::command::Command;
use crate::presets::{CONTROLLER, Order, first_minute};

/// A cluster at rest, and lines typed one after the other.
struct Console {
    cluster: Cluster,
    probe: u32,
}

impl Console {
    /// Three controllers of which 3000 was formatted with `--standalone`.
    fn standalone() -> Self {
        let mut config = Order { controllers: 3, ..Order::default() }.config();
        config.settings.insert("initial.controllers".to_owned(), CONTROLLER.to_string());
        Self { cluster: Cluster::new(&config, 42).expect("it starts"), probe: 1_000 }
    }

    fn new() -> Self {
        Self { cluster: Cluster::new(&first_minute().config, 42).expect("it starts"), probe: 1_000 }
    }

    fn with(settings: &[(&str, &str)]) -> Self {
        let mut config = first_minute().config;
        config.settings.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { cluster: Cluster::new(&config, 42).expect("it starts"), probe: 1_000 }
    }

    /// Types a line, and runs until it is answered.
    fn run(&mut self, line: &str) -> String {
        self.probe += 1;
        let (mut stdout, mut stderr) = match execute(&self.cluster, line, self.probe) {
            Outcome::Printed(output) => (output.stdout, output.stderr),
            Outcome::Hint(hint) => (vec![format!("{hint:?}")], Vec::new()),
            Outcome::Sent { before, command } => {
                self.cluster.apply(&command).expect("it is a command");
                let output = (0..5_000).find_map(|_| {
                    self.cluster.step();
                    answered(&self.cluster, line, self.cluster.probe_answer(self.probe)?)
                });
                let output = output.expect("it is answered");
                (before.into_iter().chain(output.stdout).collect(), output.stderr)
            }
        };
        stdout.extend(stderr.drain(..).map(|line| format!("! {line}")));
        stdout.into_iter().map(|line| format!("{}\n", line.replace('\t', "→"))).collect()
    }

    fn session(&mut self, lines: &[&str]) -> String {
        lines.iter().map(|line| format!("$ {line}\n{}", self.run(line))).collect()
    }
}

#[test]
fn topics_are_listed_described_created_grown_and_deleted() {
    let printed = Console::new().session(&[
        "kafka-topics --list",
        "bin/kafka-topics.sh --bootstrap-server broker-1:9092 --describe",
        "kafka-topics --describe --topic nope",
        "kafka-topics --create --topic pay.ments --partitions 2 --replication-factor 2 --config retention.ms=1000",
        "kafka-topics --create --topic pay.ments",
        "kafka-topics --create --topic big --replication-factor 9",
        "kafka-topics --alter --topic pay.ments --partitions 3",
        "kafka-topics --describe --topic pay.ments",
        "kafka-topics --delete --topic pay.ments",
        "kafka-topics --list --exclude-internal",
        "kafka-topics --list --describe",
        "kafka-topics --frobnicate",
        "kafka-topics --bootstrap-server elsewhere:9092 --list",
    ]);
    expect![[r#"
        $ kafka-topics --list
        __consumer_offsets
        orders
        $ bin/kafka-topics.sh --bootstrap-server broker-1:9092 --describe
        Topic: __consumer_offsets→TopicId: P2kkMRVeeWSWdD7ecSLX6g→PartitionCount: 1→ReplicationFactor: 3→Configs: compression.type=producer,min.insync.replicas=1,cleanup.policy=compact,segment.bytes=104857600
        →Topic: __consumer_offsets→Partition: 0→Leader: 1→Replicas: 1,2,3→Isr: 1,2,3→Elr: →LastKnownElr: 
        Topic: orders→TopicId: 5TgjdwaBeTtquOYeVtCTQw→PartitionCount: 1→ReplicationFactor: 3→Configs: min.insync.replicas=1
        →Topic: orders→Partition: 0→Leader: 3→Replicas: 3,1,2→Isr: 3,1,2→Elr: →LastKnownElr: 
        $ kafka-topics --describe --topic nope
        Error while executing topic command : Topic 'nope' does not exist as expected
        $ kafka-topics --create --topic pay.ments --partitions 2 --replication-factor 2 --config retention.ms=1000
        WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both.
        Created topic pay.ments.
        $ kafka-topics --create --topic pay.ments
        WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both.
        Error while executing topic command : Topic 'pay.ments' already exists.
        ! org.apache.kafka.common.errors.TopicExistsException: Topic 'pay.ments' already exists.
        $ kafka-topics --create --topic big --replication-factor 9
        Error while executing topic command : Unable to replicate the partition 9 time(s): The target replication factor of 9 cannot be reached because only 3 broker(s) are registered or some brokers have all their log directories cordoned.
        ! org.apache.kafka.common.errors.InvalidReplicationFactorException: Unable to replicate the partition 9 time(s): The target replication factor of 9 cannot be reached because only 3 broker(s) are registered or some brokers have all their log directories cordoned.
        $ kafka-topics --alter --topic pay.ments --partitions 3
        $ kafka-topics --describe --topic pay.ments
        Topic: pay.ments→TopicId: EihG06bFpF4N8aQt7jP5_g→PartitionCount: 3→ReplicationFactor: 2→Configs: min.insync.replicas=1,retention.ms=1000
        →Topic: pay.ments→Partition: 0→Leader: 1→Replicas: 1,2→Isr: 1,2→Elr: →LastKnownElr: 
        →Topic: pay.ments→Partition: 1→Leader: 2→Replicas: 2,3→Isr: 2,3→Elr: →LastKnownElr: 
        →Topic: pay.ments→Partition: 2→Leader: 3→Replicas: 3,1→Isr: 3,1→Elr: →LastKnownElr: 
        $ kafka-topics --delete --topic pay.ments
        $ kafka-topics --list --exclude-internal
        orders
        $ kafka-topics --list --describe
        ! Command must include exactly one action: --list, --describe, --create, --alter or --delete
        $ kafka-topics --frobnicate
        ! frobnicate is not a recognized option
        $ kafka-topics --bootstrap-server elsewhere:9092 --list
        ! Exception in thread "main" org.apache.kafka.common.config.ConfigException: No resolvable bootstrap urls given in bootstrap.servers
    "#]].assert_eq(&printed);
}

#[test]
fn partitions_are_reported_by_what_is_wrong_with_them() {
    let mut console = Console::new();
    console.cluster.apply(&Command::Crash { node: 2, machine: false }).expect("it runs");
    let until = console.cluster.now() + 60_000;
    while console.cluster.now() < until && console.cluster.step().is_some() {}
    let printed = console.session(&[
        "kafka-topics --describe --topic orders --under-replicated-partitions",
        "kafka-topics --describe --topic orders --unavailable-partitions",
        "kafka-topics --describe --topic orders --under-min-isr-partitions",
        "kafka-topics --describe --topic orders --at-min-isr-partitions",
        "kafka-topics --bootstrap-server broker-2:9092 --list",
        "kafka-leader-election --election-type preferred --topic orders --partition 0",
    ]);
    expect![[r#"
        $ kafka-topics --describe --topic orders --under-replicated-partitions
        →Topic: orders→Partition: 0→Leader: 3→Replicas: 3,1,2→Isr: 3,1→Elr: →LastKnownElr: 
        $ kafka-topics --describe --topic orders --unavailable-partitions
        $ kafka-topics --describe --topic orders --under-min-isr-partitions
        $ kafka-topics --describe --topic orders --at-min-isr-partitions
        $ kafka-topics --bootstrap-server broker-2:9092 --list
        ! Timed out waiting for a node assignment. Call: listTopics
        $ kafka-leader-election --election-type preferred --topic orders --partition 0
        Valid replica already elected for partitions orders-0
    "#]]
    .assert_eq(&printed);
}

#[test]
fn settings_are_described_and_changed() {
    let printed = Console::new().session(&[
        "kafka-configs --describe --entity-type topics --entity-name orders",
        "kafka-configs --alter --entity-type topics --entity-name orders --add-config retention.ms=1000,cleanup.policy=[compact,delete]",
        "kafka-configs --describe --topic orders",
        "kafka-configs --alter --entity-type topics --entity-name orders --delete-config retention.ms",
        "kafka-configs --alter --entity-type topics --entity-name orders --add-config retention.ms=soon",
        "kafka-configs --alter --entity-type brokers --entity-default --add-config min.insync.replicas=2",
        "kafka-configs --describe --entity-type brokers --entity-default",
        "kafka-configs --describe --entity-type brokers --entity-name 1",
        "kafka-configs --describe --entity-type topics",
        "kafka-configs --describe --entity-type topics --entity-name nope",
    ]);
    expect![[r#"
        $ kafka-configs --describe --entity-type topics --entity-name orders
        Dynamic configs for topic orders are:
          min.insync.replicas=1 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:min.insync.replicas=1, DYNAMIC_DEFAULT_BROKER_CONFIG:min.insync.replicas=1, DEFAULT_CONFIG:min.insync.replicas=1}
        $ kafka-configs --alter --entity-type topics --entity-name orders --add-config retention.ms=1000,cleanup.policy=[compact,delete]
        Completed updating config for topic orders.
        $ kafka-configs --describe --topic orders
        Dynamic configs for topic orders are:
          cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, DEFAULT_CONFIG:log.cleanup.policy=delete}
          min.insync.replicas=1 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:min.insync.replicas=1, DYNAMIC_DEFAULT_BROKER_CONFIG:min.insync.replicas=1, DEFAULT_CONFIG:min.insync.replicas=1}
          retention.ms=1000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=1000}
        $ kafka-configs --alter --entity-type topics --entity-name orders --delete-config retention.ms
        Completed updating config for topic orders.
        $ kafka-configs --alter --entity-type topics --entity-name orders --add-config retention.ms=soon
        ! Error while executing config command with args '--alter --entity-type topics --entity-name orders --add-config retention.ms=soon'
        ! java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.InvalidConfigurationException: Invalid value soon for configuration retention.ms: Not a number of type LONG
        $ kafka-configs --alter --entity-type brokers --entity-default --add-config min.insync.replicas=2
        Completed updating default config for brokers in the cluster.
        $ kafka-configs --describe --entity-type brokers --entity-default
        Default configs for brokers in the cluster are:
          min.insync.replicas=2 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:min.insync.replicas=2}
        $ kafka-configs --describe --entity-type brokers --entity-name 1
        Dynamic configs for broker 1 are:
        $ kafka-configs --describe --entity-type topics
        ! an entity name must be specified with --entity-name
        $ kafka-configs --describe --entity-type topics --entity-name nope
        ! The topic 'nope' doesn't exist and doesn't have dynamic config.
    "#]].assert_eq(&printed);
}

/// As `tools-quorum` has recorded it.
#[test]
fn the_quorum_and_the_groups_are_described() {
    let printed = Console::new().session(&[
        "kafka-metadata-quorum --bootstrap-server localhost:9092 describe --status",
        "kafka-metadata-quorum describe --replication",
        "kafka-metadata-quorum describe",
        "kafka-consumer-groups --list",
        "kafka-consumer-groups --describe --group billing",
        "kafka-consumer-groups --describe --group billing --state",
        "kafka-consumer-groups --describe --group nope",
    ]);
    expect![[r#"
        $ kafka-metadata-quorum --bootstrap-server localhost:9092 describe --status
        ClusterId:              U0czfun_mjcQm1BAMQ5DEQ
        LeaderId:               9000
        LeaderEpoch:            1
        HighWatermark:          29
        MaxFollowerLag:         0
        MaxFollowerLagTimeMs:   0
        CurrentVoters:          [{"id": 9000, "endpoints": ["CONTROLLER://controller-9000:9093"]}]
        CurrentObservers:       [{"id": 1, "directoryId": "e1Hyd_q-S4d4YJykUqmttg"}, {"id": 2, "directoryId": "bFJZ46BHLVgeSr_gwCXihw"}, {"id": 3, "directoryId": "xz77LmlNNMX6S1vFhAL_PQ"}]
        $ kafka-metadata-quorum describe --replication
        NodeId→DirectoryId           →LogEndOffset→Lag→LastFetchTimestamp→LastCaughtUpTimestamp→Status  →
        9000  →AAAAAAAAAAAAAAAAAAAAAA→29          →0  →199               →199                  →Leader  →
        1     →e1Hyd_q-S4d4YJykUqmttg→29          →0  →70                →70                   →Observer→
        2     →bFJZ46BHLVgeSr_gwCXihw→29          →0  →70                →70                   →Observer→
        3     →xz77LmlNNMX6S1vFhAL_PQ→29          →0  →68                →68                   →Observer→
        $ kafka-metadata-quorum describe
        ! One of --status or --replication must be specified with describe sub-command
        $ kafka-consumer-groups --list
        billing
        $ kafka-consumer-groups --describe --group billing

        GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID                                             HOST            CLIENT-ID
        billing         orders          0          -               0               -               consumer-billing-1-a56c4aa0-4361-6110-1ccc-ec658915db93 /127.0.0.1      consumer-billing-1
        $ kafka-consumer-groups --describe --group billing --state

        GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS
        billing         broker-1:9092 (1)         range                Stable               1
        $ kafka-consumer-groups --describe --group nope

        Error: Consumer group 'nope' does not exist.
    "#]].assert_eq(&printed);
}

#[test]
fn replicas_are_moved_and_leaders_elected() {
    let json = r#"'{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[2,3]}]}'"#;
    let printed = Console::new().session(&[
        "kafka-reassign-partitions --list",
        &format!("kafka-reassign-partitions --execute --reassignment-json-file {json}"),
        &format!("kafka-reassign-partitions --verify --reassignment-json-file {json}"),
        "kafka-reassign-partitions --execute --reassignment-json-file moves.json",
        "kafka-leader-election --election-type preferred --all-topic-partitions",
        "kafka-leader-election --election-type preferred --topic nope --partition 0",
        "kafka-leader-election --election-type first --topic orders --partition 0",
    ]);
    expect![[r#"
        $ kafka-reassign-partitions --list
        No partition reassignments found.
        $ kafka-reassign-partitions --execute --reassignment-json-file '{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[2,3]}]}'
        Current partition replica assignment

        {"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[3,1,2],"log_dirs":["any","any","any"]}]}

        Save this to use as the --reassignment-json-file option during rollback
        Successfully started partition reassignment for orders-0
        $ kafka-reassign-partitions --verify --reassignment-json-file '{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[2,3]}]}'
        Status of partition reassignment:
        Reassignment of partition orders-0 is completed.
        $ kafka-reassign-partitions --execute --reassignment-json-file moves.json
        WantsJson { option: "--reassignment-json-file" }
        $ kafka-leader-election --election-type preferred --all-topic-partitions
        Successfully completed leader election (PREFERRED) for partitions orders-0
        Valid replica already elected for partitions __consumer_offsets-0
        $ kafka-leader-election --election-type preferred --topic nope --partition 0
        Error completing leader election (PREFERRED) for partition: nope-0: org.apache.kafka.common.errors.UnknownTopicOrPartitionException: No such topic as nope
        ! 1 replica(s) could not be elected
        $ kafka-leader-election --election-type first --topic orders --partition 0
        ! Missing required option(s) [election-type], or its value is not one of [preferred, unclean]
    "#]].assert_eq(&printed);
}

#[test]
fn what_is_long_begins_as_it_should() {
    let mut console = Console::new();
    let first = |text: String| text.lines().take(6).collect::<Vec<_>>().join("\n");
    expect![[r#"
        broker-1:9092 (id: 1 rack: null isFenced: false) -> (
        →Produce(0): 0 to 13 [usable: 13],
        →Fetch(1): 4 to 18 [usable: 18],
        →ListOffsets(2): 1 to 11 [usable: 11],
        →Metadata(3): 0 to 13 [usable: 13],
        →OffsetCommit(8): 2 to 10 [usable: 10],"#]]
    .assert_eq(&first(console.run("kafka-broker-api-versions.sh --bootstrap-server localhost:9092")));
    expect![[r#"
        Dumping a.log
        Log starting offset: 0
        baseOffset: 0 lastOffset: 0 count: 1 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 partitionLeaderEpoch: 1 isTransactional: false isControl: true deleteHorizonMs: OptionalLong.empty position: 0 CreateTime: 0 size: 91 magic: 2 compresscodec: none crc: 1512037326 isvalid: true
        | offset: 0 CreateTime: 0 keySize: 4 valueSize: 19 sequence: -1 headerKeys: [] LeaderChange: {"version":0,"leaderId":9000,"voters":[{"voterId":9000}],"grantingVoters":[{"voterId":9000}]}
        baseOffset: 1 lastOffset: 9 count: 9 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 partitionLeaderEpoch: 1 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty position: 91 CreateTime: 0 size: 330 magic: 2 compresscodec: none crc: 2079185756 isvalid: true
        | offset: 1 CreateTime: 0 keySize: -1 valueSize: 24 sequence: -1 headerKeys: [] payload: {"type":"BEGIN_TRANSACTION_RECORD","version":0,"data":{"name":"Bootstrap records"}}"#]].assert_eq(&first(console.run("kafka-dump-log --cluster-metadata-decoder --files a.log")));
    expect![[r#"
        $ help
        Tools { tools: ["kafka-topics", "kafka-configs", "kafka-metadata-quorum", "kafka-consumer-groups", "kafka-acls", "kafka-features", "kafka-leader-election", "kafka-reassign-partitions", "kafka-storage", "kafka-broker-api-versions", "kafka-dump-log"] }
        $ kafka-dump-log
        Options { tool: "kafka-dump-log", options: ["--cluster-metadata-decoder", "--files …", "--print-data-log", "--help"] }
        $ kafka-streams
        UnknownTool { tool: "kafka-streams" }"#]].assert_eq(&first(console.session(&[
        "help",
        "kafka-dump-log",
        "kafka-streams",
        "kafka-topics 'x",
    ])));
}

#[test]
fn directories_are_those_of_the_nodes() {
    let printed = Console::new().session(&[
        "kafka-storage random-uuid",
        "kafka-storage info -c server-1.properties",
        "kafka-storage format -t another -c config/server-1.properties",
        "kafka-storage format --config server-7.properties -t x",
        "cat server-9000/meta.properties server-9000/bootstrap.checkpoint",
        "cat server-9000.properties",
        "cat nothing",
    ]);
    expect![[r#"
        $ kafka-storage random-uuid
        zt841gW9TcyqwXvqe6fn6w
        $ kafka-storage info -c server-1.properties
        Found log directory:
          /tmp/kraft-combined-logs

        Found metadata: {cluster.id=U0czfun_mjcQm1BAMQ5DEQ, directory.id=e1Hyd_q-S4d4YJykUqmttg, node.id=1, version=1}

        $ kafka-storage format -t another -c config/server-1.properties
        ! Exception in thread "main" java.lang.RuntimeException: Invalid cluster.id in: /tmp/kraft-combined-logs/meta.properties. Expected another, but read U0czfun_mjcQm1BAMQ5DEQ
        $ kafka-storage format --config server-7.properties -t x
        ! Exception in thread "main" java.nio.file.NoSuchFileException: server-7.properties
        $ cat server-9000/meta.properties server-9000/bootstrap.checkpoint
        #
        node.id=9000
        directory.id=iKlGLUW1F8_2AWLjNrcrcw
        version=1
        cluster.id=U0czfun_mjcQm1BAMQ5DEQ
        SnapshotHeader {"version":0,"lastContainedLogTimestamp":0}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"metadata.version","featureLevel":30}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"eligible.leader.replicas.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"group.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"share.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"streams.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"transaction.version","featureLevel":2}}
        SnapshotFooter {"version":0}
        $ cat server-9000.properties
        process.roles=controller
        node.id=9000
        controller.quorum.voters=9000@controller-9000:9093
        listeners=CONTROLLER://controller-9000:9093
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        log.dirs=/tmp/kraft-combined-logs
        group.initial.rebalance.delay.ms=0
        offsets.topic.num.partitions=1
        offsets.topic.replication.factor=3
        $ cat nothing
        ! cat: nothing: No such file or directory
    "#]].assert_eq(&printed);
}

#[test]
fn lines_are_completed() {
    let cluster = Console::new().cluster;
    let check = |line: &str, expected: &[&str]| assert_eq!(complete(&cluster, line), expected, "{line}");
    check("kafka-t", &["kafka-topics"]);
    check("kafka-topics --und", &["--under-replicated-partitions", "--under-min-isr-partitions"]);
    check("kafka-topics.sh --describe --d", &["--delete"]);
    check("kafka-topics --topic o", &["orders"]);
    check("kafka-topics --bootstrap-server ", &["broker-1:9092", "broker-2:9092", "broker-3:9092"]);
    check("kafka-consumer-groups --describe --group ", &["billing"]);
    check("nonsense --x", &[]);
}

#[test]
fn access_rules_are_added_listed_and_removed() {
    let lines = [
        "kafka-acls --list",
        "kafka-acls --add --allow-principal User:alice --consumer --topic orders --group readers",
        "kafka-acls --add --deny-principal User:* --deny-host 10.0.0.1 --operation Write --topic ord --resource-pattern-type prefixed",
        "kafka-acls --add --allow-principal User:alice --operation Read --topic orders",
        "kafka-acls --list --topic orders",
        "kafka-acls --list --principal User:alice",
        "kafka-acls --list --topic orders --resource-pattern-type match",
        "kafka-acls --remove --topic orders --force",
        "kafka-acls --list",
        "kafka-acls --add --topic orders",
        "kafka-acls --add --allow-principal User:alice",
        "kafka-acls --add --allow-principal User:alice --operation Read --cluster",
        "kafka-acls --add --allow-principal alice --operation Read --topic orders",
    ];
    let settings = [("authorizer.class.name", "StandardAuthorizer"), ("super.users", "User:admin")];
    let printed = Console::with(&settings).session(&lines);
    expect![[r#"
        $ kafka-acls --list
        $ kafka-acls --add --allow-principal User:alice --consumer --topic orders --group readers
        Adding ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`: 
         →(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)
        →(principal=User:alice, host=*, operation=DESCRIBE, permissionType=ALLOW)

        Adding ACLs for resource `ResourcePattern(resourceType=GROUP, name=readers, patternType=LITERAL)`: 
         →(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)

        $ kafka-acls --add --deny-principal User:* --deny-host 10.0.0.1 --operation Write --topic ord --resource-pattern-type prefixed
        Adding ACLs for resource `ResourcePattern(resourceType=TOPIC, name=ord, patternType=PREFIXED)`: 
         →(principal=User:*, host=10.0.0.1, operation=WRITE, permissionType=DENY)

        $ kafka-acls --add --allow-principal User:alice --operation Read --topic orders
        Acl (pattern=ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL), entry=(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)) already exists.
        $ kafka-acls --list --topic orders
        Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`:
        →(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)
        →(principal=User:alice, host=*, operation=DESCRIBE, permissionType=ALLOW)

        $ kafka-acls --list --principal User:alice
        ACLs for principal `User:alice`
        Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`:
        →(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)
        →(principal=User:alice, host=*, operation=DESCRIBE, permissionType=ALLOW)

        Current ACLs for resource `ResourcePattern(resourceType=GROUP, name=readers, patternType=LITERAL)`:
        →(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)

        $ kafka-acls --list --topic orders --resource-pattern-type match
        Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=ord, patternType=PREFIXED)`:
        →(principal=User:*, host=10.0.0.1, operation=WRITE, permissionType=DENY)

        Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`:
        →(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)
        →(principal=User:alice, host=*, operation=DESCRIBE, permissionType=ALLOW)

        $ kafka-acls --remove --topic orders --force
        $ kafka-acls --list
        Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=ord, patternType=PREFIXED)`:
        →(principal=User:*, host=10.0.0.1, operation=WRITE, permissionType=DENY)

        Current ACLs for resource `ResourcePattern(resourceType=GROUP, name=readers, patternType=LITERAL)`:
        →(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)

        $ kafka-acls --add --topic orders
        ! You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.
        $ kafka-acls --add --allow-principal User:alice
        ! You must provide at least one resource: --topic <topic> or --cluster or --group <group> or --delegation-token <Delegation Token ID>
        $ kafka-acls --add --allow-principal User:alice --operation Read --cluster
        ! ResourceType CLUSTER only supports operations [CREATE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE, ALTER, DESCRIBE, ALL], not READ
        $ kafka-acls --add --allow-principal alice --operation Read --topic orders
        Adding ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`: 
         →(principal=alice, host=*, operation=READ, permissionType=ALLOW)

        Error while executing ACL command: org.apache.kafka.common.errors.InvalidRequestException: Could not parse principal from `alice` (no colon is present separating the principal type from the principal name)
    "#]].assert_eq(&printed);
    expect![[r#"
        $ kafka-acls --list
        Error while executing ACL command: org.apache.kafka.common.errors.SecurityDisabledException: No Authorizer is configured on the broker
    "#]].assert_eq(&Console::new().session(&lines[..1]));
}

#[test]
fn reassignments_are_proposed_and_cancelled_and_members_told() {
    let json = r#"'{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[2,3]}]}'"#;
    let printed = Console::new().session(&[
        r#"kafka-reassign-partitions --generate --topics-to-move-json-file '{"topics":[{"topic":"orders"}],"version":1}' --broker-list 1,2,3"#,
        r#"kafka-reassign-partitions --generate --topics-to-move-json-file '{"topics":[{"topic":"orders"}],"version":1}' --broker-list 1,1"#,
        r#"kafka-reassign-partitions --generate --topics-to-move-json-file '{"topics":[{"topic":"nope"}],"version":1}' --broker-list 1"#,
        &format!("kafka-reassign-partitions --cancel --reassignment-json-file {json}"),
        "kafka-consumer-groups --describe --all-groups --members",
        "kafka-consumer-groups --describe --all-groups --members --verbose",
    ]);
    expect![[r#"
        $ kafka-reassign-partitions --generate --topics-to-move-json-file '{"topics":[{"topic":"orders"}],"version":1}' --broker-list 1,2,3
        Current partition replica assignment
        {"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[3,1,2],"log_dirs":["any","any","any"]}]}

        Proposed partition reassignment configuration
        {"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[3,1,2],"log_dirs":["any","any","any"]}]}
        $ kafka-reassign-partitions --generate --topics-to-move-json-file '{"topics":[{"topic":"orders"}],"version":1}' --broker-list 1,1
        ! Error: Broker list contains duplicate entries: [1,1]
        $ kafka-reassign-partitions --generate --topics-to-move-json-file '{"topics":[{"topic":"nope"}],"version":1}' --broker-list 1
        ! Error: org.apache.kafka.common.errors.UnknownTopicOrPartitionException
        $ kafka-reassign-partitions --cancel --reassignment-json-file '{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[2,3]}]}'
        None of the specified partition reassignments are active.
        None of the specified partition moves are active.
        $ kafka-consumer-groups --describe --all-groups --members

        GROUP           CONSUMER-ID                                             HOST            CLIENT-ID          #PARTITIONS     
        billing         consumer-billing-1-a56c4aa0-4361-6110-1ccc-ec658915db93 /127.0.0.1      consumer-billing-1 1               
        $ kafka-consumer-groups --describe --all-groups --members --verbose

        GROUP           CONSUMER-ID                                             HOST            CLIENT-ID          #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   
        billing         consumer-billing-1-a56c4aa0-4361-6110-1ccc-ec658915db93 /127.0.0.1      consumer-billing-1 1               -               orders:0             -               -                   
    "#]].assert_eq(&printed);
}
