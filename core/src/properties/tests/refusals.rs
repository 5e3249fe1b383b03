//! What `KafkaConfig` of 4.3.1 says of a file with these settings changed: asked of it, one by one.

use super::super::{Mistake, review};
use super::file;

const RIGHT: [(&str, &str); 8] = [
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("controller.quorum.voters", "1@127.0.0.11:9093"),
    ("listeners", "PLAINTEXT://127.0.0.11:9092,CONTROLLER://127.0.0.11:9093"),
    ("advertised.listeners", "PLAINTEXT://127.0.0.11:9092"),
    ("controller.listener.names", "CONTROLLER"),
    ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
    ("log.dirs", "/tmp/x"),
];

/// Settings that are changed or left out.
type Changes = &'static [(&'static str, Option<&'static str>)];

/// What is changed, and what Kafka says; nothing where it takes the file.
#[rustfmt::skip]
const CASES: &[(Changes, &str)] = &[
    (&[("process.roles", None)], "Missing required configuration \"process.roles\" which has no default value."),
    (&[("node.id", None)], "Missing required configuration \"node.id\" which has no default value."),
    (&[("node.id", Some("-1"))], "Invalid value -1 for configuration node.id: Value must be at least 0"),
    (&[("node.id", Some("one"))], "Invalid value one for configuration broker.id: Not a number of type INT"),
    (&[("broker.id", Some("2"))], "You must set `node.id` to the same value as `broker.id`."),
    (&[("node.id", None), ("broker.id", Some("1"))], ""),
    (&[("process.roles", Some("broker,broker"))], "requirement failed: If process.roles contains just the 'broker' role, the node id 1 must not be included in the set of voters controller.quorum.voters=Set(1)"),
    (&[("process.roles", Some("broker,kontroller"))], "Invalid value kontroller for configuration process.roles: String must be one of: broker, controller"),
    (&[("process.roles", Some(""))], "Configuration 'process.roles' must not be empty. Valid values include: [broker, controller]"),
    (&[("controller.quorum.voters", Some("1@h:"))], "Failed to parse host name from entry 1@h: for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`."),
    (&[("controller.quorum.voters", Some("1@a@b:1"))], "Invalid configuration value for controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`."),
    (&[("controller.quorum.voters", Some("@h:1"))], "Failed to parse voter ID as an integer from "),
    (&[("controller.quorum.voters", Some("1@h:99999"))], "port out of range:99999"),
    (&[("controller.quorum.voters", Some("1@h:1,"))], "Invalid configuration value for controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`."),
    (&[("node.id", Some("9")), ("controller.quorum.voters", Some("1@h1:9093,2@h2:9093,3@h3:9093,4@h4:9093,5@h5:9093"))], "requirement failed: If process.roles contains the 'controller' role, the node id 9 must be included in the set of voters controller.quorum.voters=HashSet(5, 1, 2, 3, 4)"),
    (&[("node.id", Some("99")), ("controller.quorum.voters", Some("3000@h3000:9093,1@h1:9093,20@h20:9093,33@h33:9093,4@h4:9093,52@h52:9093,64@h64:9093"))], "requirement failed: If process.roles contains the 'controller' role, the node id 99 must be included in the set of voters controller.quorum.voters=HashSet(52, 20, 1, 33, 3000, 64, 4)"),
    (&[("listener.security.protocol.map", Some("PLAINTEXT:PLAIN,CONTROLLER:PLAINTEXT"))], "Invalid security protocol `PLAIN` defined in listener.security.protocol.map"),
    (&[("listener.security.protocol.map", Some("PLAINTEXT,CONTROLLER:PLAINTEXT"))], "Error parsing configuration property 'listener.security.protocol.map': begin 0, end -1, length 9"),
    (&[("listener.security.protocol.map", Some("PLAINTEXT:PLAINTEXT,PLAINTEXT:SSL,CONTROLLER:PLAINTEXT"))], ""),
    (&[("listener.security.protocol.map", Some(""))], "Error creating broker listeners from '[PLAINTEXT://127.0.0.11:9092, CONTROLLER://127.0.0.11:9093]': No security protocol defined for listener PLAINTEXT"),
    (&[("inter.broker.listener.name", Some("PLAINTEXT")), ("security.inter.broker.protocol", Some("PLAINTEXT"))], "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set."),
    (&[("inter.broker.listener.name", Some("INTERNAL"))], "Listener with name INTERNAL defined in inter.broker.listener.name not found in listener.security.protocol.map."),
    (&[("advertised.listeners", Some("PLAINTEXT://h:9092,SSL://h:9094")), ("listener.security.protocol.map", Some("PLAINTEXT:PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT"))], "requirement failed: advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. Found PLAINTEXT,SSL. The valid options based on the current configuration are PLAINTEXT,CONTROLLER"),
    (&[("listeners", Some("CONTROLLER://h:9093")), ("advertised.listeners", None)], "requirement failed: There must be at least one broker advertised listener. Perhaps all listeners appear in controller.listener.names?"),
    (&[("controller.listener.names", Some("CONTROLLER,EXTRA")), ("listener.security.protocol.map", Some("PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,EXTRA:PLAINTEXT"))], "requirement failed: controller.listener.names must only contain values appearing in the 'listeners' configuration when running the KRaft controller role"),
    (&[("listeners", Some("plaintext://127.0.0.11:9092,controller://127.0.0.11:9093"))], ""),
    (&[("controller.listener.names", Some("controller"))], "requirement failed: controller.listener.names must contain at least one value appearing in the 'listeners' configuration when running the KRaft controller role"),
    (&[("listeners", Some("PLAINTEXT://a:9092,CONTROLLER://b:9092"))], "Error creating broker listeners from '[PLAINTEXT://a:9092, CONTROLLER://b:9092]': Each listener must have a different port, listeners: [PLAINTEXT://a:9092, CONTROLLER://b:9092]"),
    (&[("listeners", Some("PLAINTEXT://:9092,CONTROLLER://:9092")), ("advertised.listeners", Some("PLAINTEXT://h:9092"))], "Error creating broker listeners from '[PLAINTEXT://:9092, CONTROLLER://:9092]': Each listener must have a different port, listeners: [PLAINTEXT://:9092, CONTROLLER://:9092]"),
    (&[("process.roles", Some("broker")), ("node.id", Some("5")), ("listeners", Some("PLAINTEXT://h:9092")), ("listener.security.protocol.map", Some("PLAINTEXT:PLAINTEXT"))], "Controller listener with name CONTROLLER defined in controller.listener.names not found in listener.security.protocol.map  (an explicit security mapping for each controller listener is required if listener.security.protocol.map is non-empty, or if there are security protocols other than PLAINTEXT in use)"),
    (&[("controller.quorum.voters", None), ("controller.quorum.bootstrap.servers", Some("h"))], "Failed to parse host name from h for the configuration controller.quorum.bootstrap.servers. Each entry should be in the form \"{host}:{port}\""),
    (&[("controller.quorum.voters", None), ("controller.quorum.bootstrap.servers", Some("h:x"))], "Failed to parse host name from h:x for the configuration controller.quorum.bootstrap.servers. Each entry should be in the form \"{host}:{port}\""),
    (&[("controller.quorum.voters", None), ("controller.quorum.bootstrap.servers", Some("h:1"))], ""),
    (&[("control.plane.listener.name", Some("CONTROLLER"))], ""),
    (&[("listener.security.protocol.map", Some("PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT"))], ""),
    (&[("min.insync.replicas", Some("0"))], "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1"),
    (&[("num.partitions", Some("x"))], "Invalid value x for configuration num.partitions: Not a number of type INT"),
    (&[("log.dirs", Some(""))], "Configuration 'log.dirs' must not be empty. Valid values include: any non-empty value"),
    (&[("log.dirs", Some("/a,,/b"))], "Configuration 'log.dirs' values must not be empty."),
    (&[("num.partitions", Some("0")), ("log.dirs", Some(""))], "Invalid value 0 for configuration num.partitions: Value must be at least 1"),
    (&[("listeners", Some("PLAINTEXT://h:-1,CONTROLLER://h:9093"))], ""),
    (&[("listeners", Some("PLAINTEXT://h:99999999999,CONTROLLER://h:9093"))], "Error creating broker listeners from '[PLAINTEXT://h:99999999999, CONTROLLER://h:9093]': For input string: \"99999999999\""),
    (&[("listeners", Some(""))], "Configuration 'listeners' must not be empty. Valid values include: any non-empty value"),
    (&[("listeners", Some("PLAINTEXT://h:9092,PLAINTEXT://h:9092,CONTROLLER://h:9093"))], ""),
    (&[("process.roles", None), ("node.id", None), ("broker.id", Some("1")), ("zookeeper.connect", Some("h:2181")), ("controller.quorum.voters", None)], "Missing required configuration \"process.roles\" which has no default value."),
    (&[("listeners", Some("PLAINTEXT://0.0.0.0:9092,CONTROLLER://0.0.0.0:9093"))], ""),
    (&[("listeners", Some("PLAINTEXT://h:9092,CONTROLLER://0.0.0.0:9093"))], ""),
    (&[("listeners", Some("PLAINTEXT://:9092,CONTROLLER://:9093")), ("advertised.listeners", None)], ""),
    (&[("listeners", Some("PLAINTEXT://[::1]:9092,CONTROLLER://[::1]:9093"))], ""),
    (&[("broker.rack", Some("\\u12"))], "Malformed \\uxxxx encoding."),
    (&[("process.roles", Some("broker")), ("node.id", Some("5")), ("listeners", Some("PLAINTEXT://h:9092")), ("controller.listener.names", Some(""))], "Configuration 'controller.listener.names' must not be empty. Valid values include: any non-empty value"),
    (&[("controller.listener.names", Some("CONTROLLER,CONTROLLER"))], ""),
];

fn with(changes: Changes) -> String {
    let mut settings: Vec<(&str, &str)> = RIGHT.to_vec();
    for (name, value) in changes {
        settings.retain(|(known, _)| known != name);
        settings.extend(value.map(|value| (*name, value)));
    }
    settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
}

#[test]
fn what_kafka_refuses_is_refused_in_its_words() {
    let mut wrong = Vec::new();
    for (changes, expected) in CASES {
        let mistakes = review(&[file("server.properties", &with(changes))]).cluster.err().unwrap_or_default();
        let said: Vec<&str> = mistakes.iter().filter_map(|Mistake { kafka, .. }| kafka.as_deref()).collect();
        let agrees = if expected.is_empty() { said.is_empty() } else { said.contains(expected) };
        if !agrees {
            wrong.push(format!("{changes:?}\n  Kafka: {expected}\n  here: {said:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
