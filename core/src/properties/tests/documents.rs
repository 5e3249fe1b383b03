//! Configurations as people publish them.

use expect_test::expect;

use super::reviewed;

/// The three files of an article, as printed: voters with a placeholder that is broken, and a third one that gives voter 1 the
/// address of voter 3.
fn article(node: u8) -> String {
    let first = if node == 3 { 3 } else { 1 };
    format!(
        "############################# Server Basics #############################
process.roles=broker,controller
node.id={node}
controller.quorum.voters=1@${{kafkaHostAddress{first}}}:9093,2@${{}}kafkaHostAddress2}}:9093,3@${{kafkaHostAddress3}}:9093

############################# Socket Server Settings #############################
listeners=PLAINTEXT://${{kafkaHostAddress{node}}}:9092,CONTROLLER://${{kafkaHostAddress{node}}}:9093
advertised.listeners=PLAINTEXT://${{kafkaHostAddress{node}}}:9092

############################# Log Basics #############################
log.dirs=/usr/local/kafka_version/logs/kraft-combined-logs
num.partitions=3

############################# Internal Topic Settings  #############################
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=3
"
    )
}

#[test]
fn an_article_with_its_two_mistakes() {
    expect![[r#"
        server-1 {"mistake":"missing-setting","name":"controller.listener.names"}
            Missing required configuration "controller.listener.names" which has no default value.
        server-1:4 {"mistake":"unfilled-placeholder","name":"controller.quorum.voters","text":"${kafkaHostAddress1}"}
            Failed to parse host name from entry 1@${kafkaHostAddress1}:9093 for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.
        server-1:4 {"mistake":"broken-placeholder","name":"controller.quorum.voters","text":"${}kafkaHostAddress2}"}
            Failed to parse host name from entry 1@${kafkaHostAddress1}:9093 for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.
        server-1:4 {"mistake":"unfilled-placeholder","name":"controller.quorum.voters","text":"${kafkaHostAddress3}"}
            Failed to parse host name from entry 1@${kafkaHostAddress1}:9093 for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.
        server-1:7 {"mistake":"unfilled-placeholder","name":"listeners","text":"${kafkaHostAddress1}"}
            Error creating broker listeners from '[PLAINTEXT://${kafkaHostAddress1}:9092, CONTROLLER://${kafkaHostAddress1}:9093]': Unable to parse PLAINTEXT://${kafkaHostAddress1}:9092 to a broker endpoint
        server-1:8 {"mistake":"unfilled-placeholder","name":"advertised.listeners","text":"${kafkaHostAddress1}"}
            Error creating broker listeners from '[PLAINTEXT://${kafkaHostAddress1}:9092]': Unable to parse PLAINTEXT://${kafkaHostAddress1}:9092 to a broker endpoint
        server-2 {"mistake":"missing-setting","name":"controller.listener.names"}
            Missing required configuration "controller.listener.names" which has no default value.
        server-2:4 {"mistake":"unfilled-placeholder","name":"controller.quorum.voters","text":"${kafkaHostAddress1}"}
            Failed to parse host name from entry 1@${kafkaHostAddress1}:9093 for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.
        server-2:4 {"mistake":"broken-placeholder","name":"controller.quorum.voters","text":"${}kafkaHostAddress2}"}
            Failed to parse host name from entry 1@${kafkaHostAddress1}:9093 for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.
        server-2:4 {"mistake":"unfilled-placeholder","name":"controller.quorum.voters","text":"${kafkaHostAddress3}"}
            Failed to parse host name from entry 1@${kafkaHostAddress1}:9093 for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.
        server-2:7 {"mistake":"unfilled-placeholder","name":"listeners","text":"${kafkaHostAddress2}"}
            Error creating broker listeners from '[PLAINTEXT://${kafkaHostAddress2}:9092, CONTROLLER://${kafkaHostAddress2}:9093]': Unable to parse PLAINTEXT://${kafkaHostAddress2}:9092 to a broker endpoint
        server-2:8 {"mistake":"unfilled-placeholder","name":"advertised.listeners","text":"${kafkaHostAddress2}"}
            Error creating broker listeners from '[PLAINTEXT://${kafkaHostAddress2}:9092]': Unable to parse PLAINTEXT://${kafkaHostAddress2}:9092 to a broker endpoint
        server-3 {"mistake":"missing-setting","name":"controller.listener.names"}
            Missing required configuration "controller.listener.names" which has no default value.
        server-3:4 {"mistake":"unfilled-placeholder","name":"controller.quorum.voters","text":"${kafkaHostAddress3}"}
            Failed to parse host name from entry 1@${kafkaHostAddress3}:9093 for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.
        server-3:4 {"mistake":"broken-placeholder","name":"controller.quorum.voters","text":"${}kafkaHostAddress2}"}
            Failed to parse host name from entry 1@${kafkaHostAddress3}:9093 for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.
        server-3:4 {"mistake":"voters-at-one-address","voter":1,"other":3,"address":"${kafkaHostAddress3}:9093"}
        server-3:4 {"mistake":"voter-address-differs","voter":1,"file":"server-1","here":"${kafkaHostAddress3}:9093","there":"${kafkaHostAddress1}:9093"}
        server-3:7 {"mistake":"unfilled-placeholder","name":"listeners","text":"${kafkaHostAddress3}"}
            Error creating broker listeners from '[PLAINTEXT://${kafkaHostAddress3}:9092, CONTROLLER://${kafkaHostAddress3}:9093]': Unable to parse PLAINTEXT://${kafkaHostAddress3}:9092 to a broker endpoint
        server-3:8 {"mistake":"unfilled-placeholder","name":"advertised.listeners","text":"${kafkaHostAddress3}"}
            Error creating broker listeners from '[PLAINTEXT://${kafkaHostAddress3}:9092]': Unable to parse PLAINTEXT://${kafkaHostAddress3}:9092 to a broker endpoint
        server-1 {"caution":"replication-factor-one","name":"default.replication.factor"}
        server-1:2 {"caution":"combined-roles","nodes":3}
        server-1:17 {"caution":"min-isr-is-factor","name":"transaction.state.log.min.isr","factorName":"transaction.state.log.replication.factor","factor":3}
        server-2:17 {"caution":"min-isr-is-factor","name":"transaction.state.log.min.isr","factorName":"transaction.state.log.replication.factor","factor":3}
        server-3:17 {"caution":"min-isr-is-factor","name":"transaction.state.log.min.isr","factorName":"transaction.state.log.replication.factor","factor":3}
    "#]]
    .assert_eq(&reviewed(&[&article(1), &article(2), &article(3)]));
}

/// The same with hosts and the listener's name filled in, as a reader would: the third file's mistake is left.
#[test]
fn an_article_with_hosts_filled_in() {
    let filled = |node: u8| {
        let mut text = article(node).replace("${}kafkaHostAddress2}", "kafka2");
        for host in 1..=3 {
            text = text.replace(&format!("${{kafkaHostAddress{host}}}"), &format!("kafka{host}"));
        }
        text + "controller.listener.names=CONTROLLER\n"
    };
    expect![[r#"
        server-3:4 {"mistake":"voters-at-one-address","voter":1,"other":3,"address":"kafka3:9093"}
        server-3:4 {"mistake":"voter-address-differs","voter":1,"file":"server-1","here":"kafka3:9093","there":"kafka1:9093"}
        server-1 {"caution":"replication-factor-one","name":"default.replication.factor"}
        server-1:2 {"caution":"combined-roles","nodes":3}
        server-1:17 {"caution":"min-isr-is-factor","name":"transaction.state.log.min.isr","factorName":"transaction.state.log.replication.factor","factor":3}
        server-2:17 {"caution":"min-isr-is-factor","name":"transaction.state.log.min.isr","factorName":"transaction.state.log.replication.factor","factor":3}
        server-3:17 {"caution":"min-isr-is-factor","name":"transaction.state.log.min.isr","factorName":"transaction.state.log.replication.factor","factor":3}
    "#]].assert_eq(&reviewed(&[&filled(1), &filled(2), &filled(3)]));
    let third = filled(3).replace("1@kafka3", "1@kafka1");
    expect![[r#"
        {"nodes":[{"id":1,"roles":"broker,controller","settings":{"advertised.listeners":"PLAINTEXT://kafka1:9092","listeners":"PLAINTEXT://kafka1:9092,CONTROLLER://kafka1:9093"}},{"id":2,"roles":"broker,controller","settings":{"advertised.listeners":"PLAINTEXT://kafka2:9092","listeners":"PLAINTEXT://kafka2:9092,CONTROLLER://kafka2:9093"}},{"id":3,"roles":"broker,controller","settings":{"advertised.listeners":"PLAINTEXT://kafka3:9092","listeners":"PLAINTEXT://kafka3:9092,CONTROLLER://kafka3:9093"}}],"settings":{"controller.listener.names":"CONTROLLER","controller.quorum.voters":"1@kafka1:9093,2@kafka2:9093,3@kafka3:9093","log.dirs":"/usr/local/kafka_version/logs/kraft-combined-logs","num.partitions":"3","offsets.topic.replication.factor":"3","transaction.state.log.min.isr":"3","transaction.state.log.replication.factor":"3"},"network":{"latencyMsMin":1,"latencyMsMax":4},"start":"at-rest"}
        server-1 {"caution":"replication-factor-one","name":"default.replication.factor"}
        server-1:2 {"caution":"combined-roles","nodes":3}
        server-1:17 {"caution":"min-isr-is-factor","name":"transaction.state.log.min.isr","factorName":"transaction.state.log.replication.factor","factor":3}
        server-2:17 {"caution":"min-isr-is-factor","name":"transaction.state.log.min.isr","factorName":"transaction.state.log.replication.factor","factor":3}
        server-3:17 {"caution":"min-isr-is-factor","name":"transaction.state.log.min.isr","factorName":"transaction.state.log.replication.factor","factor":3}
    "#]].assert_eq(&reviewed(&[&filled(1), &filled(2), &third]));
}

/// A quotation mark of Markdown came along.
#[test]
fn a_quotation_of_a_file() {
    let text = ">process.roles=broker,controller   \nnode.id=1   \ncontroller.quorum.voters=1@localhost:9093\n\
                log.dirs=/tmp/kraft-combined-logs\n";
    expect![[r#"
        server-1 {"mistake":"missing-setting","name":"process.roles"}
            Missing required configuration "process.roles" which has no default value.
        server-1 {"mistake":"missing-setting","name":"controller.listener.names"}
            Missing required configuration "controller.listener.names" which has no default value.
        server-1:1 {"caution":"unknown-setting","name":">process.roles","meant":"process.roles"}
        server-1:4 {"caution":"temporary-directory","directory":"/tmp/kraft-combined-logs"}
    "#]]
    .assert_eq(&reviewed(&[text]));
}

/// Java knows no comment behind a value.
#[test]
fn a_comment_behind_a_value() {
    let text = "process.roles=broker,controller ##broker and controller\nnode.id=2 ## unique\n\
                controller.quorum.voters=1@vm02:9093,2@vm03:9093,3@vm04:9093\n##id@host:port\n\
                advertised.listeners=PLAINTEXT://hostname:9092 ##address\n";
    expect![[r###"
        server-1 {"mistake":"missing-setting","name":"controller.listener.names"}
            Missing required configuration "controller.listener.names" which has no default value.
        server-1:1 {"mistake":"comment-behind-value","name":"process.roles","comment":"##broker and controller"}
            Invalid value controller ##broker and controller for configuration process.roles: String must be one of: broker, controller
        server-1:2 {"mistake":"comment-behind-value","name":"node.id","comment":"## unique"}
            Invalid value 2 ## unique for configuration broker.id: Not a number of type INT
        server-1:5 {"mistake":"comment-behind-value","name":"advertised.listeners","comment":"##address"}
            Error creating broker listeners from '[PLAINTEXT://hostname:9092 ##address]': Unable to parse PLAINTEXT://hostname:9092 ##address to a broker endpoint
    "###]].assert_eq(&reviewed(&[text]));
}

#[test]
fn nodes_that_do_not_fit_each_other() {
    let node = |id: u8, roles: &str, voters: &str, host: &str, more: &str| {
        let listeners = match roles {
            "broker" => format!("PLAINTEXT://{host}:9092"),
            "controller" => format!("CONTROLLER://{host}:9093"),
            _ => format!("PLAINTEXT://{host}:9092,CONTROLLER://{host}:9093"),
        };
        format!(
            "process.roles={roles}\nnode.id={id}\ncontroller.quorum.voters={voters}\nlisteners={listeners}\n\
             controller.listener.names=CONTROLLER\n{more}"
        )
    };
    let (one, two) = ("1@a:9093,2@b:9093", "1@a:9093,3@c:9093");
    expect![[r#"
        server-3:2 {"mistake":"node-twice","node":2,"file":"server-2"}
        server-3:3 {"mistake":"voters-differ","file":"server-1","here":"1, 3","there":"1, 2"}
        server-3:4 {"mistake":"port-clash","address":"a:9092","file":"server-1"}
            Socket server failed to bind to a:9092: Address already in use.
        server-3:6 {"mistake":"too-few-brokers","name":"offsets.topic.replication.factor","wanted":5,"brokers":3}
        server-1 {"caution":"replication-factor-one","name":"default.replication.factor"}
        server-1:1 {"caution":"combined-roles","nodes":2}
        server-1:3 {"caution":"even-voters","voters":2,"tolerated":0}
    "#]]
    .assert_eq(&reviewed(&[
        &node(1, "broker,controller", one, "a", ""),
        &node(2, "broker,controller", one, "b", ""),
        &node(2, "broker", two, "a", "offsets.topic.replication.factor=5\n"),
    ]));
    expect![[r#"
        server-1:4 {"mistake":"voter-port-differs","voter":1,"port":9094,"listens":9093}
        server-2:7 {"mistake":"settings-disagree","name":"log.retention.ms"}
            requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1
        server-2 {"caution":"default-needs-brokers","name":"transaction.state.log.replication.factor","wanted":3,"brokers":1}
    "#]].assert_eq(&reviewed(&[
        &node(1, "controller", "1@a:9094", "a", ""),
        &node(4, "broker", "1@a:9094", "d", "offsets.topic.replication.factor=1\nlog.retention.ms=0\n"),
    ]));
}

/// The engine's own setting: it is no broker's, and a controller that does not name it has Kafka's protocol.
#[test]
fn voters_of_different_protocols() {
    let node = |roles: &str, id: u8, more: &str| {
        let (name, port) = if roles == "broker" { ("PLAINTEXT", 9092) } else { ("CONTROLLER", 9093) };
        format!(
            "process.roles={roles}\nnode.id={id}\ncontroller.quorum.voters=1@a:9093,2@b:9093\n\
             listeners={name}://{}:{port}\ncontroller.listener.names=CONTROLLER\n{more}",
            char::from(b'`' + id)
        )
    };
    let broker = node("broker", 3, "raft=kraft\noffsets.topic.replication.factor=1\n");
    expect![[r#"
        server-2 {"mistake":"raft-differs","file":"server-1","here":"kraft","there":"textbook"}
        server-1:3 {"caution":"even-voters","voters":2,"tolerated":0}
        server-3 {"caution":"default-needs-brokers","name":"transaction.state.log.replication.factor","wanted":3,"brokers":1}
    "#]].assert_eq(&reviewed(&[
        &node("controller", 1, "raft=textbook\n"),
        &node("controller", 2, ""),
        &broker,
    ]));
    expect![[r#"
        {"nodes":[{"id":1,"roles":"controller","settings":{"listeners":"CONTROLLER://a:9093","raft":"textbook"}},{"id":2,"roles":"controller","settings":{"listeners":"CONTROLLER://b:9093","raft":"textbook"}},{"id":3,"roles":"broker","settings":{"listeners":"PLAINTEXT://c:9092","offsets.topic.replication.factor":"1","raft":"kraft"}}],"settings":{"controller.listener.names":"CONTROLLER","controller.quorum.voters":"1@a:9093,2@b:9093"},"network":{"latencyMsMin":1,"latencyMsMax":4},"start":"at-rest"}
        server-1:3 {"caution":"even-voters","voters":2,"tolerated":0}
        server-3 {"caution":"default-needs-brokers","name":"transaction.state.log.replication.factor","wanted":3,"brokers":1}
    "#]].assert_eq(&reviewed(&[
        &node("controller", 1, "raft=textbook\n"),
        &node("controller", 2, "raft= textbook \n"),
        &broker,
    ]));
}

#[test]
fn what_is_legal_and_unwise() {
    let text = "process.roles=broker,controller\nnode.id=1\nbroker.id=1\ncontroller.quorum.voters=1@a:9093,2@b:9093\n\
                controller.quorum.bootstrap.servers=a:9093\nlisteners=PLAINTEXT://a:9092,CONTROLLER://a:9093\n\
                controller.listener.names=CONTROLLER\nadvertised.listeners=PLAINTEXT://localhost:9092\nlog.dirs=/tmp/k\nlog.dir=/var\n\
                unclean.leader.election.enable=true\nmin.insync.replicas=2\ndefault.replication.factor=2\nbroker.rack=s\u{fc}d\n\
                num.partitions=3\nnum.partitions=4\nnum.partition=5\nmy.plugin=1\nnum.io.threads=4\n\
                listener.name.plaintext.ssl.keystore.location=/k\n";
    let other = text.replace("id=1\n", "id=2\n").replace("//a:", "//b:");
    expect![[r#"
        {"nodes":[{"id":1,"roles":"broker,controller","rack":"süd","settings":{"listeners":"PLAINTEXT://a:9092,CONTROLLER://a:9093"}},{"id":2,"roles":"broker,controller","rack":"süd","settings":{"listeners":"PLAINTEXT://b:9092,CONTROLLER://b:9093"}}],"settings":{"advertised.listeners":"PLAINTEXT://localhost:9092","controller.listener.names":"CONTROLLER","controller.quorum.bootstrap.servers":"a:9093","controller.quorum.voters":"1@a:9093,2@b:9093","default.replication.factor":"2","listener.name.plaintext.ssl.keystore.location":"/k","log.dir":"/var","log.dirs":"/tmp/k","min.insync.replicas":"2","num.io.threads":"4","num.partitions":"4","unclean.leader.election.enable":"true"},"network":{"latencyMsMin":1,"latencyMsMax":4},"start":"at-rest"}
        server-1 {"caution":"default-needs-brokers","name":"offsets.topic.replication.factor","wanted":3,"brokers":2}
        server-1 {"caution":"default-needs-brokers","name":"transaction.state.log.replication.factor","wanted":3,"brokers":2}
        server-1:1 {"caution":"combined-roles","nodes":2}
        server-1:4 {"caution":"even-voters","voters":2,"tolerated":0}
        server-1:5 {"caution":"bootstrap-servers-unused"}
        server-1:8 {"caution":"advertised-loopback","address":"localhost:9092"}
        server-1:9 {"caution":"temporary-directory","directory":"/tmp/k"}
        server-1:10 {"caution":"log-dir-unused"}
        server-1:11 {"caution":"unclean-election"}
        server-1:12 {"caution":"min-isr-is-factor","name":"min.insync.replicas","factorName":"default.replication.factor","factor":2}
        server-1:14 {"caution":"not-latin","name":"broker.rack"}
        server-1:15 {"caution":"duplicate-key","name":"num.partitions","last":16}
        server-1:17 {"caution":"unknown-setting","name":"num.partition","meant":"num.partitions"}
        server-1:18 {"caution":"custom-setting","name":"my.plugin"}
        server-1:20 {"caution":"no-effect-here","name":"listener.name.plaintext.ssl.keystore.location","reason":"security"}
        server-2:5 {"caution":"bootstrap-servers-unused"}
        server-2:8 {"caution":"advertised-loopback","address":"localhost:9092"}
        server-2:9 {"caution":"temporary-directory","directory":"/tmp/k"}
        server-2:10 {"caution":"log-dir-unused"}
        server-2:11 {"caution":"unclean-election"}
        server-2:12 {"caution":"min-isr-is-factor","name":"min.insync.replicas","factorName":"default.replication.factor","factor":2}
        server-2:14 {"caution":"not-latin","name":"broker.rack"}
        server-2:15 {"caution":"duplicate-key","name":"num.partitions","last":16}
        server-2:17 {"caution":"unknown-setting","name":"num.partition","meant":"num.partitions"}
        server-2:18 {"caution":"custom-setting","name":"my.plugin"}
        server-2:20 {"caution":"no-effect-here","name":"listener.name.plaintext.ssl.keystore.location","reason":"security"}
    "#]].assert_eq(&reviewed(&[text, &other]));
}

#[test]
fn files_of_the_zookeeper_era_and_of_nothing() {
    expect![[r#"
        server-1:2 {"mistake":"zookeeper-mode"}
            Missing required configuration "process.roles" which has no default value.
        server-1:2 {"caution":"custom-setting","name":"zookeeper.connect"}
        server-1:3 {"caution":"temporary-directory","directory":"/tmp/kafka-logs"}
    "#]]
    .assert_eq(&reviewed(&["broker.id=0\nzookeeper.connect=localhost:2181\nlog.dirs=/tmp/kafka-logs\n"]));
    expect![[r#"
        no file {"mistake":"no-files"}
    "#]]
    .assert_eq(&reviewed(&[]));
    expect![[r#"
        server-1 {"mistake":"missing-setting","name":"node.id"}
            Missing required configuration "node.id" which has no default value.
        server-1 {"mistake":"missing-setting","name":"controller.listener.names"}
            Missing required configuration "controller.listener.names" which has no default value.
        server-1 {"mistake":"no-quorum"}
            If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers.
        server-1:1 {"mistake":"byte-order-mark","name":"process.roles"}
        server-1:1 {"mistake":"no-controller"}
        server-1:2 {"mistake":"malformed-escape","name":"broker.rack"}
            Malformed \uxxxx encoding.
        server-1 {"caution":"default-needs-brokers","name":"offsets.topic.replication.factor","wanted":3,"brokers":1}
        server-1 {"caution":"default-needs-brokers","name":"transaction.state.log.replication.factor","wanted":3,"brokers":1}
    "#]].assert_eq(&reviewed(&["\u{feff}process.roles=broker\nbroker.rack=\\u12\n"]));
}
