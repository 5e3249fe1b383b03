//! `kafka-configs` of quotas and loggers, as a real 4.3.1 printed it.

use super::*;

#[test]
fn quotas_are_set_described_and_taken_back() {
    let lines = [
        "--alter --add-config producer_byte_rate=1024,consumer_byte_rate=2048 --entity-type users --entity-name alice",
        "--alter --add-config request_percentage=12.5 --entity-type clients --entity-name c1",
        "--alter --add-config controller_mutation_rate=1 --user alice --client c1",
        "--alter --add-config producer_byte_rate=500 --entity-type users --entity-default --entity-type clients --entity-default",
        "--alter --add-config producer_byte_rate=700 --entity-type users --entity-default",
        "--alter --add-config connection_creation_rate=10 --entity-type ips --entity-name 10.0.0.1",
        "--alter --add-config connection_creation_rate=10 --ip nope..",
        "--describe --entity-type users",
        "--describe --entity-type clients",
        "--describe --entity-type users --entity-type clients",
        "--describe --entity-type users --entity-name alice --entity-type clients",
        "--describe --user bob",
        "--describe --user-defaults",
        "--describe --client c1",
        "--describe --client-defaults",
        "--describe --entity-type ips",
        "--alter --add-config nope=1 --entity-type users --entity-name alice",
        "--alter --add-config producer_byte_rate=x --entity-type users --entity-name alice",
        "--alter --delete-config consumer_byte_rate --entity-type users --entity-name alice",
        "--alter --delete-config consumer_byte_rate --entity-type users --entity-name alice",
        "--alter --add-config producer_byte_rate=-1 --entity-type users --entity-name alice",
        "--alter --add-config producer_byte_rate=1 --entity-type users",
        "--alter --entity-type users --entity-name alice",
        "--alter --add-config connection_creation_rate=1 --entity-type clients --entity-name c1",
        "--alter --add-config producer_byte_rate=1 --entity-type ips --entity-name 10.0.0.1",
        "--alter --add-config producer_byte_rate=1 --entity-type users --entity-name alice --entity-type ips --entity-name 10.0.0.1",
        "--alter --add-config producer_byte_rate=1.5 --entity-type users --entity-name alice",
        "--alter --delete-config nope --entity-type clients --entity-name c1",
    ];
    let lines = lines.map(|line| format!("kafka-configs {line}"));
    let printed = Console::new().session(&lines.each_ref().map(String::as_str));
    expect![[r#"
        $ kafka-configs --alter --add-config producer_byte_rate=1024,consumer_byte_rate=2048 --entity-type users --entity-name alice
        Completed updating config for user alice.
        $ kafka-configs --alter --add-config request_percentage=12.5 --entity-type clients --entity-name c1
        Completed updating config for client c1.
        $ kafka-configs --alter --add-config controller_mutation_rate=1 --user alice --client c1
        Completed updating config for client c1.
        $ kafka-configs --alter --add-config producer_byte_rate=500 --entity-type users --entity-default --entity-type clients --entity-default
        Completed updating default config for users in the cluster.
        $ kafka-configs --alter --add-config producer_byte_rate=700 --entity-type users --entity-default
        Completed updating default config for users in the cluster.
        $ kafka-configs --alter --add-config connection_creation_rate=10 --entity-type ips --entity-name 10.0.0.1
        Completed updating config for ip 10.0.0.1.
        $ kafka-configs --alter --add-config connection_creation_rate=10 --ip nope..
        ! The entity name for ips must be a valid IP or resolvable host, but it is: nope..
        $ kafka-configs --describe --entity-type users
        Quota configs for the default user-principal are producer_byte_rate=700.0
        Quota configs for user-principal 'alice' are consumer_byte_rate=2048.0, producer_byte_rate=1024.0
        $ kafka-configs --describe --entity-type clients
        Quota configs for client-id 'c1' are request_percentage=12.5
        $ kafka-configs --describe --entity-type users --entity-type clients
        Quota configs for user-principal 'alice', client-id 'c1' are controller_mutation_rate=1.0
        Quota configs for the default user-principal, the default client-id are producer_byte_rate=500.0
        $ kafka-configs --describe --entity-type users --entity-name alice --entity-type clients
        Quota configs for user-principal 'alice', client-id 'c1' are controller_mutation_rate=1.0
        $ kafka-configs --describe --user bob
        $ kafka-configs --describe --user-defaults
        Quota configs for the default user-principal are producer_byte_rate=700.0
        $ kafka-configs --describe --client c1
        Quota configs for client-id 'c1' are request_percentage=12.5
        $ kafka-configs --describe --client-defaults
        $ kafka-configs --describe --entity-type ips
        Quota configs for ip '10.0.0.1' are connection_creation_rate=10.0
        $ kafka-configs --alter --add-config nope=1 --entity-type users --entity-name alice
        ! Only quota and SCRAM credential configs can be added for 'users' using --bootstrap-server. Unexpected config names: Set(nope)
        $ kafka-configs --alter --add-config producer_byte_rate=x --entity-type users --entity-name alice
        ! Cannot parse quota configuration value for producer_byte_rate: x
        $ kafka-configs --alter --delete-config consumer_byte_rate --entity-type users --entity-name alice
        Completed updating config for user alice.
        $ kafka-configs --alter --delete-config consumer_byte_rate --entity-type users --entity-name alice
        ! Invalid config(s): consumer_byte_rate
        $ kafka-configs --alter --add-config producer_byte_rate=-1 --entity-type users --entity-name alice
        ! Error while executing config command with args '--alter --add-config producer_byte_rate=-1 --entity-type users --entity-name alice'
        ! java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.InvalidRequestException: Quota producer_byte_rate must be greater than 0
        $ kafka-configs --alter --add-config producer_byte_rate=1 --entity-type users
        ! An entity-name or default entity must be specified with --alter of users, clients, brokers or ips
        $ kafka-configs --alter --entity-type users --entity-name alice
        ! At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter
        $ kafka-configs --alter --add-config connection_creation_rate=1 --entity-type clients --entity-name c1
        ! Only quota configs can be added for 'clients' using --bootstrap-server. Unexpected config names: Set(connection_creation_rate)
        $ kafka-configs --alter --add-config producer_byte_rate=1 --entity-type ips --entity-name 10.0.0.1
        ! Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected config names: producer_byte_rate
        $ kafka-configs --alter --add-config producer_byte_rate=1 --entity-type users --entity-name alice --entity-type ips --entity-name 10.0.0.1
        ! Only 'users' and 'clients' entity types may be specified together
        $ kafka-configs --alter --add-config producer_byte_rate=1.5 --entity-type users --entity-name alice
        ! Error while executing config command with args '--alter --add-config producer_byte_rate=1.5 --entity-type users --entity-name alice'
        ! java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.InvalidRequestException: producer_byte_rate cannot be a fractional value.
        $ kafka-configs --alter --delete-config nope --entity-type clients --entity-name c1
        ! Only quota configs can be deleted for 'clients' using --bootstrap-server. Unexpected config names: ArrayBuffer(nope)
    "#]]
    .assert_eq(&printed);
}

#[test]
fn the_levels_of_a_brokers_loggers_are_set_and_described() {
    let printed = Console::new().session(&[
        "kafka-configs --describe --entity-type broker-loggers --entity-name 1",
        "kafka-configs --alter --add-config root=WARN --entity-type broker-loggers --entity-name 1",
        "kafka-configs --alter --add-config kafka.server.KafkaApis=LOUD --entity-type broker-loggers --entity-name 1",
        "kafka-configs --alter --add-config nope=DEBUG --broker-logger 1",
        "kafka-configs --alter --add-config kafka.server.KafkaApis=DEBUG --broker-logger 1",
        "kafka-configs --alter --delete-config state.change.logger --broker-logger 1",
        "kafka-configs --describe --broker-logger 1",
        "kafka-configs --describe --entity-type broker-loggers",
    ]);
    expect![[r#"
        $ kafka-configs --describe --entity-type broker-loggers --entity-name 1
        Dynamic configs for broker-logger 1 are:
          root=INFO sensitive=false synonyms={}
          state.change.logger=INFO sensitive=false synonyms={}
        $ kafka-configs --alter --add-config root=WARN --entity-type broker-loggers --entity-name 1
        Completed updating config for broker-logger 1.
        $ kafka-configs --alter --add-config kafka.server.KafkaApis=LOUD --entity-type broker-loggers --entity-name 1
        ! Error while executing config command with args '--alter --add-config kafka.server.KafkaApis=LOUD --entity-type broker-loggers --entity-name 1'
        ! java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.InvalidConfigurationException: Cannot set the log level of kafka.server.KafkaApis to LOUD as it is not a supported log level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN
        $ kafka-configs --alter --add-config nope=DEBUG --broker-logger 1
        ! Invalid broker logger(s): nope
        $ kafka-configs --alter --add-config kafka.server.KafkaApis=DEBUG --broker-logger 1
        Completed updating config for broker-logger 1.
        $ kafka-configs --alter --delete-config state.change.logger --broker-logger 1
        Completed updating config for broker-logger 1.
        $ kafka-configs --describe --broker-logger 1
        Dynamic configs for broker-logger 1 are:
          kafka.server.KafkaApis=DEBUG sensitive=false synonyms={}
          root=WARN sensitive=false synonyms={}
          state.change.logger=WARN sensitive=false synonyms={}
        $ kafka-configs --describe --entity-type broker-loggers
        ! An entity name must be specified with --describe of broker-loggers
    "#]].assert_eq(&printed);
}
