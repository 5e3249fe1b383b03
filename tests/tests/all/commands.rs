//! Whatever a person does to whatever cluster, the engine answers with a step or a named error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kafkascope_core::actor::{Actor, Listener};
use kafkascope_core::command::{Command, CommandError, SettingScope};
use kafkascope_core::config::{ClusterConfig, Roles, Start};
use kafkascope_core::history::History;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::settings::{BrokerSettings, ConsumerSettings, ProducerSettings, TopicSettings};
use kafkascope_core::sim::queue::EventId;
use kafkascope_core::wire::records::{Bytes, Header};
use kafkascope_core::wire::{ApiKey, Topic, TopicPartition};
use kafkascope_tests::digests;
use proptest::prelude::*;
use serde_json::{Value, json};

/// One thing that happens in a random run.
#[derive(Clone, Debug)]
enum Action {
    /// A number of steps.
    Steps(u32),
    /// A command.
    Do(Command),
    /// Something with a pending event: which one, and what.
    Pending(prop::sample::Index, u8),
    /// Back to an earlier place.
    Back(prop::sample::Index),
}

fn node() -> impl Strategy<Value = i32> {
    prop_oneof![9 => 1..5i32, 1 => any::<i32>()]
}

fn actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        6 => node().prop_map(Actor::Node),
        1 => (0..3u32).prop_map(Actor::Producer),
        1 => (0..3u32).prop_map(Actor::Consumer),
        1 => Just(Actor::Admin),
        1 => any::<u32>().prop_map(Actor::Probe),
    ]
}

fn topic() -> impl Strategy<Value = Topic> {
    prop_oneof![8 => Just("orders".to_owned()), 1 => Just("__consumer_offsets".to_owned()), 1 => ".{0,12}"]
        .prop_map(Topic::from)
}

fn partition() -> impl Strategy<Value = TopicPartition> {
    (topic(), prop_oneof![6 => 0..3i32, 1 => any::<i32>()])
        .prop_map(|(topic, partition)| TopicPartition { topic, partition })
}

fn bytes() -> impl Strategy<Value = Option<Bytes>> {
    let some = prop_oneof![
        ".{0,20}".prop_map(|text| Bytes::from(text.as_str())),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from)
    ];
    prop::option::of(some)
}

fn setting() -> impl Strategy<Value = (SettingScope, String, String)> {
    let named =
        [BrokerSettings::all(), TopicSettings::all(), ProducerSettings::all(), ConsumerSettings::all()].concat();
    let mut names: Vec<String> = named.iter().map(|info| info.name.to_owned()).collect();
    names.extend(["latency.ms.min".into(), "latency.ms.max".into(), "no.such.setting".into()]);
    let scope = prop_oneof![
        topic().prop_map(|topic| SettingScope::Topic(topic.to_string())),
        node().prop_map(SettingScope::Broker),
        Just(SettingScope::Brokers),
        (0..3u32).prop_map(SettingScope::Producer),
        (0..3u32).prop_map(SettingScope::Consumer),
        Just(SettingScope::Network),
    ];
    let value = prop_oneof![
        (0..20_000u32).prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        prop::sample::select(vec!["true", "false", "all", "0", "1", "high-watermark", "leader-epoch", "compact", ""])
            .prop_map(str::to_owned),
        ".{0,10}",
    ];
    (scope, prop::sample::select(names), value)
}

/// Bodies that come far, bodies that are empty, and bodies of another request.
fn request() -> impl Strategy<Value = Command> {
    let apis = <ApiKey as strum::VariantArray>::VARIANTS.to_vec();
    let produce = json!({"acks": -1, "timeoutMs": 1500, "topicData": [{"name": "orders", "partitionData": [
        {"index": 0, "records": {"records": [{"key": "k", "value": "v"}]}}]}]});
    let fetch = json!({"maxWaitMs": 400, "minBytes": 1, "replicaState": {"replicaId": 2, "replicaEpoch": -1},
        "topics": [{"topicId": "AAAAAAAAAAAAAAAAAAAAAQ", "partitions": [{"partition": 0, "fetchOffset": 0}]}]});
    let create = json!({"topics": [{"name": "more", "numPartitions": 2, "replicationFactor": 2}]});
    let elect = json!({"electionType": 1, "topicPartitions": null});
    let register = json!({"brokerId": 2, "incarnationId": "AAAAAAAAAAAAAAAAAAAAAg"});
    let strange = json!({"topics": [{"name": "orders", "partitions": [{"partitionIndex": -7, "timestamp": i64::MIN, "offset": i64::MAX}]}]});
    let bodies: Vec<Value> = vec![json!({}), Value::Null, json!([1]), produce, fetch, create, elect, register, strange];
    let any_body = (prop::sample::select(apis), prop::sample::select(bodies));
    (any_body, any::<u32>(), node(), any::<bool>(), prop::option::of(any::<i16>())).prop_map(
        |((api, body), probe, to, at_controller, version)| {
            let port = if at_controller { Listener::Controller } else { Listener::Broker };
            Command::request(probe, (to, port), api, version, body)
        },
    )
}

/// What a consumer's application calls, with what it has and with what there is not.
fn consumer_call() -> impl Strategy<Value = Command> {
    let consumer = || 0..3u32;
    let partitions = || prop::collection::vec(partition(), 0..3);
    let offset = prop_oneof![4 => 0..20i64, 1 => any::<i64>()];
    let pattern = prop_oneof![4 => Just("o.*".to_owned()), 1 => Just("(".to_owned()), 1 => ".{0,8}"];
    prop_oneof![
        2 => (consumer(), partition(), offset)
            .prop_map(|(consumer, partition, offset)| Command::Seek { consumer, partition, offset }),
        1 => (consumer(), partitions())
            .prop_map(|(consumer, partitions)| Command::SeekToBeginning { consumer, partitions }),
        1 => (consumer(), partitions()).prop_map(|(consumer, partitions)| Command::SeekToEnd { consumer, partitions }),
        2 => (consumer(), partitions())
            .prop_map(|(consumer, partitions)| Command::PausePartitions { consumer, partitions }),
        1 => (consumer(), partitions())
            .prop_map(|(consumer, partitions)| Command::ResumePartitions { consumer, partitions }),
        2 => (consumer(), prop::collection::vec(topic(), 0..3), prop::option::weighted(0.1, "o.*"))
            .prop_map(|(consumer, topics, pattern)| Command::Subscribe { consumer, topics, pattern }),
        1 => (consumer(), pattern)
            .prop_map(|(consumer, pattern)| Command::Subscribe { consumer, topics: Vec::new(), pattern: Some(pattern) }),
        2 => consumer().prop_map(|consumer| Command::Unsubscribe { consumer }),
        2 => (consumer(), partitions()).prop_map(|(consumer, partitions)| Command::Assign { consumer, partitions }),
    ]
}

/// Any command that can be written down.
pub fn any_command() -> impl Strategy<Value = Command> {
    let produce = (0..4u32, topic(), prop::option::of(-1..4i32), bytes(), bytes(), any::<bool>()).prop_map(
        |(producer, topic, partition, key, value, with_header)| {
            let headers = if with_header { vec![Header { key: "h".into(), value: None }] } else { Vec::new() };
            Command::Produce { producer, topic, partition, key, value, headers }
        },
    );
    let event = || any::<u16>().prop_map(|number| EventId(u64::from(number)));
    let create = (
        topic(),
        -2..200i32,
        -2..8i16,
        prop::collection::vec(prop::collection::vec(node(), 0..4), 0..3),
        any::<bool>(),
    )
        .prop_map(|(topic, partitions, replication_factor, assignment, with_config)| {
            let configs =
                if with_config { vec![("min.insync.replicas".to_owned(), "2".to_owned())] } else { Vec::new() };
            Command::CreateTopic { topic, partitions, replication_factor, assignment, configs }
        });
    prop_oneof![
        6 => produce,
        1 => (0..4u32).prop_map(|consumer| Command::Poll { consumer }),
        1 => (0..4u32).prop_map(|consumer| Command::Commit { consumer }),
        1 => (0..4u32).prop_map(|consumer| Command::Process { consumer }),
        1 => (0..4u32).prop_map(|consumer| Command::CrashConsumer { consumer }),
        1 => (0..4u32).prop_map(|consumer| Command::CloseConsumer { consumer }),
        2 => (0..4u32).prop_map(|consumer| Command::StartConsumer { consumer }),
        1 => (0..3u32, prop::option::of(prop_oneof![0u64..500, Just(u64::MAX)]))
            .prop_map(|(producer, timeout_ms)| Command::CloseProducer { producer, timeout_ms }),
        1 => (0..3u32).prop_map(|producer| Command::StartProducer { producer }),
        1 => (0..3u32, 0..40u32, 0..2_000u32, prop_oneof![0..3_000u32, Just(u32::MAX)], 0..3u32).prop_map(
            |(producer, num_records, record_size, throughput, keys)| Command::ProducerPerfTest {
                producer,
                topic: "orders".into(),
                num_records,
                record_size,
                throughput,
                keys,
            },
        ),
        4 => consumer_call(),
        3 => (node(), any::<bool>()).prop_map(|(node, machine)| Command::Crash { node, machine }),
        4 => node().prop_map(|node| Command::Start { node }),
        2 => node().prop_map(|node| Command::Stop { node }),
        2 => node().prop_map(|node| Command::Pause { node }),
        1 => (node(), prop_oneof![0u64..3_000, Just(u64::MAX)]).prop_map(|(node, by_ms)| Command::SlowDisk { node, by_ms }),
        3 => node().prop_map(|node| Command::Resume { node }),
        3 => (actor(), actor(), any::<bool>()).prop_map(|(from, to, both)| Command::Cut { from, to, both }),
        3 => (actor(), actor(), any::<bool>()).prop_map(|(from, to, both)| Command::Heal { from, to, both }),
        1 => event().prop_map(|event| Command::Choose { event }),
        1 => event().prop_map(|event| Command::Drop { event }),
        1 => (event(), any::<u64>()).prop_map(|(event, by_ms)| Command::Delay { event, by_ms }),
        1 => event().prop_map(|event| Command::Duplicate { event }),
        3 => setting().prop_map(|(scope, name, value)| Command::Set { scope, name, value }),
        2 => create,
        1 => topic().prop_map(|topic| Command::DeleteTopic { topic }),
        2 => (partition(), any::<bool>()).prop_map(|(partition, unclean)| Command::Elect { partition, unclean }),
        2 => (partition(), prop::option::of(prop::collection::vec(node(), 0..4)))
            .prop_map(|(partition, replicas)| Command::Reassign { partition, replicas }),
        4 => request(),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        5 => (1..80u32).prop_map(Action::Steps),
        8 => any_command().prop_map(Action::Do),
        4 => (any::<prop::sample::Index>(), 0..4u8).prop_map(|(which, what)| Action::Pending(which, what)),
        1 => any::<prop::sample::Index>().prop_map(Action::Back),
    ]
}

/// A cluster of one to four brokers, some of them puppets or controllers too, cold or at rest.
fn config() -> impl Strategy<Value = ClusterConfig> {
    (1..5i32, 1..4i32, any::<bool>(), 0..3u8, any::<bool>(), 0..3usize).prop_map(
        |(brokers, partitions, has_puppet, truncation, is_cold, clients)| {
            let mut config = digests::cluster(brokers, partitions);
            let mut settings = vec![
                ("broker.session.timeout.ms", "1000"),
                ("broker.heartbeat.interval.ms", "200"),
                ("replica.lag.time.max.ms", "1000"),
                ("offsets.topic.replication.factor", "1"),
            ];
            settings.push(("truncation", ["fetch", "leader-epoch", "high-watermark"][usize::from(truncation)]));
            config.settings.extend(settings.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
            if has_puppet && brokers > 1 {
                config.nodes[usize::try_from(brokers).expect("it is small") - 1].roles = Roles::Puppet;
                config.topics[0].replication_factor = 1;
            }
            config.producers.resize(clients, Default::default());
            if clients == 0 {
                config.consumers.clear();
            }
            if is_cold {
                config.start = Start::Cold;
            }
            config
        },
    )
}

/// Gives a command. One that is refused leaves no trace, neither in the cluster nor in the history.
fn give(history: &mut History, command: &Command) {
    let (position, len) = (history.position(), history.len());
    // The history acts on a copy of its own: here the cluster itself must be as it was.
    let mut cluster = history.cluster().clone();
    let digest = cluster.digest();
    let refusal = cluster.apply(command).err();
    assert_eq!(refusal, history.act(command.clone()).err(), "the same command on the same cluster");
    let Some(error) = refusal else { return };
    assert_eq!(cluster.digest(), digest, "{command:?} was refused and changed the cluster: {error}");
    assert_eq!(history.cluster().digest(), digest, "{command:?} was refused and changed the run: {error}");
    assert_eq!((history.position(), history.len()), (position, len), "{command:?} was refused and is a move: {error}");
    check_worded(&error);
}

/// Does one thing. An error of the engine is fine, a panic is not.
fn apply_effects(history: &mut History, action: &Action) {
    match action {
        Action::Steps(steps) => history.run_to(history.position() + steps),
        Action::Do(command) => give(history, command),
        Action::Pending(which, what) => {
            let pending = history.cluster().pending(64);
            if pending.is_empty() {
                return;
            }
            let event = pending[which.index(pending.len())].event;
            let command = match what {
                0 => Command::Choose { event },
                1 => Command::Drop { event },
                2 => Command::Delay { event, by_ms: 700 },
                _ => Command::Duplicate { event },
            };
            give(history, &command);
        }
        Action::Back(place) => {
            let len = usize::try_from(history.len()).expect("it is small");
            history.seek(u32::try_from(place.index(len + 1)).expect("it is small"));
        }
    }
    let _view = history.cluster().view();
}

/// The page words an error in every language, with no other arguments than the error has fields.
fn check_worded(error: &CommandError) {
    let json = serde_json::to_value(error).expect("an error is plain data");
    let fields = json.as_object().expect("an error has fields");
    for words in [include_str!("../../../web/locales/en/rest.ftl"), include_str!("../../../web/locales/ko/rest.ftl")] {
        let begin = format!("error-{} = ", error.name());
        let line = words.lines().find_map(|line| line.strip_prefix(&begin)).unwrap_or_default();
        assert!(!line.is_empty(), "{} has no words", error.name());
        for argument in line.split('$').skip(1) {
            let name: String = argument.chars().take_while(char::is_ascii_alphanumeric).collect();
            assert!(fields.contains_key(&name), "the words of {} name {name}, which it lacks: {json}", error.name());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_command_on_every_state_gives_a_step_or_a_named_error(
        config in config(), seed in any::<u64>(), actions in prop::collection::vec(action(), 1..40),
    ) {
        let opened = catch_unwind(AssertUnwindSafe(|| History::new(Scenario::new(config.clone(), seed))));
        let Ok(opened) = opened else { return Err(TestCaseError::fail(format!("opening panics: {config:?}"))) };
        let mut history = match opened {
            Ok(history) => history,
            Err(error) => return Err(TestCaseError::reject(error.to_string())),
        };
        for (index, action) in actions.iter().enumerate() {
            let before = history.scenario();
            if catch_unwind(AssertUnwindSafe(|| apply_effects(&mut history, action))).is_err() {
                let (json, link) = (before.to_json(), before.to_link());
                return Err(TestCaseError::fail(format!("action {index}, {action:?}, panics after\n{json}\n#{link}")));
            }
        }
    }
}
