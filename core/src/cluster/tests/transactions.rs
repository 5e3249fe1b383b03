//! Transactional producers and applications that read, process and write, on a whole cluster.

use std::collections::BTreeMap;
use std::fmt::Write;

use expect_test::{Expect, expect};

use crate::actor::Actor;
use crate::change::Change;
use crate::cluster::Cluster;
use crate::command::{Command, CommandError};
use crate::config::{
    ClusterConfig, CommitMode, ConsumerConfig, PollMode, ProcessMode, ProducerConfig, TopicConfig, WritesConfig,
};
use crate::presets;
use crate::sim::Millis;

fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn topic(name: &str) -> TopicConfig {
    let settings = settings(&[("min.insync.replicas", "2")]);
    TopicConfig { name: name.to_owned(), partitions: 1, replication_factor: 3, assignment: Vec::new(), settings }
}

fn reader(group: &str, topic: &str, writes: Option<WritesConfig>) -> ConsumerConfig {
    ConsumerConfig {
        group: group.to_owned(),
        topics: vec![topic.to_owned()],
        poll: PollMode::Continuous,
        commit: CommitMode::AfterPoll,
        process: ProcessMode::AtOnce,
        writes,
        settings: settings(&[("auto.offset.reset", "earliest"), ("isolation.level", "read_committed")]),
        ..ConsumerConfig::default()
    }
}

/// Three brokers; producer 1 writes orders, as plain as can be; an application reads them and writes results with the
/// transactional producer 2; consumer 2 reads what is committed of these.
fn config(producer: &[(&str, &str)]) -> ClusterConfig {
    let writes = Some(WritesConfig { producer: 2, topic: "results".to_owned() });
    ClusterConfig {
        topics: vec![topic("orders"), topic("results")],
        producers: vec![ProducerConfig::default(), ProducerConfig { settings: settings(producer) }],
        consumers: vec![reader("billing", "orders", writes), reader("audit", "results", None)],
        ..presets::first_minute().config
    }
}

fn produce(producer: u32, topic: &str, value: &str) -> Command {
    Command::Produce {
        producer,
        topic: topic.into(),
        partition: None,
        key: None,
        value: Some(value.into()),
        headers: Vec::new(),
    }
}

/// What clients and transactions did in a stretch of time.
fn trace(cluster: &mut Cluster, for_ms: Millis) -> String {
    let begun = cluster.now();
    let mut trace = String::new();
    let before = cluster.position();
    while cluster.next_at().is_some_and(|at| at <= begun + for_ms) {
        let Some(step) = cluster.step() else { break };
        assert!(cluster.position() - before < 5_000, "it stands still");
        let is_client = matches!(step.actor, Some(Actor::Producer(_) | Actor::Consumer(_)));
        for change in &step.changes {
            let is_listed = match change {
                Change::MetadataLearned { .. } | Change::PositionMoved { .. } | Change::Partitioned { .. } => false,
                Change::TransactionStateChanged { .. } => true,
                _ => is_client,
            };
            if is_listed {
                let at = cluster.now() - begun;
                writeln!(trace, "{at:<5} {}", crate::json::write_text(change)).expect("a string");
            }
        }
    }
    trace
}

fn check(actual: &str, expected: &Expect) {
    expected.assert_eq(actual);
}

#[test]
fn an_application_commits_results_and_positions_together() {
    let config = config(&[("transactional.id", "billing-1")]);
    let mut cluster = Cluster::new(&config, 7).expect("the cluster is valid");
    cluster.apply(&produce(1, "orders", "a")).expect("it is sent");
    let trace = trace(&mut cluster, 400);
    check(
        &trace,
        &expect![[r#"
            116   {"change":"producer-id-assigned","producer":1,"producerId":1000,"epoch":0}
            120   {"change":"batch-sent","producer":1,"partition":{"topic":"orders","partition":0},"records":1,"leader":2}
            129   {"change":"acknowledged","producer":1,"partition":{"topic":"orders","partition":0},"offset":0,"records":1}
            131   {"change":"records-read","consumer":1,"partition":{"topic":"orders","partition":0},"from":0,"to":0}
            131   {"change":"records-processed","consumer":1,"partition":{"topic":"orders","partition":0},"from":0,"to":0}
            131   {"change":"producer-transaction","producer":2,"state":"IN_TRANSACTION"}
            131   {"change":"producer-transaction","producer":2,"state":"COMMITTING_TRANSACTION"}
            256   {"change":"transaction-state-changed","transactionalId":"billing-1","from":"Empty","to":"Ongoing","producerId":0,"producerEpoch":0}
            264   {"change":"batch-sent","producer":2,"partition":{"topic":"results","partition":0},"records":1,"leader":2}
            280   {"change":"acknowledged","producer":2,"partition":{"topic":"results","partition":0},"offset":0,"records":1}
            288   {"change":"transaction-state-changed","transactionalId":"billing-1","from":"Ongoing","to":"PrepareCommit","producerId":0,"producerEpoch":1}
            289   {"change":"producer-id-assigned","producer":2,"producerId":0,"epoch":1}
            289   {"change":"producer-transaction","producer":2,"state":"READY"}
            301   {"change":"records-read","consumer":2,"partition":{"topic":"results","partition":0},"from":0,"to":0}
            309   {"change":"transaction-state-changed","transactionalId":"billing-1","from":"PrepareCommit","to":"CompleteCommit","producerId":0,"producerEpoch":1}
            314   {"change":"commit-acknowledged","consumer":2,"partition":{"topic":"results","partition":0},"offset":2}
        "#]],
    );
}

/// `commitTransaction` waits for what was sent, and so does what it waits for not linger.
#[test]
fn nothing_lingers_while_a_transaction_ends() {
    let mut config = config(&[("transactional.id", "by-hand"), ("linger.ms", "20000")]);
    config.consumers = vec![reader("audit", "results", None)];
    let mut cluster = Cluster::new(&config, 7).expect("the cluster is valid");
    let mut trace_of = |command: Command| {
        cluster.apply(&command).expect("it is allowed");
        trace(&mut cluster, 2_000)
    };
    trace_of(Command::InitTransactions { producer: 2 });
    trace_of(Command::BeginTransaction { producer: 2 });
    let sent = trace_of(produce(2, "results", "kept"));
    assert!(!sent.contains("batch-sent"), "{sent}");
    let ended = trace_of(Command::CommitTransaction { producer: 2 });
    assert!(ended.contains("acknowledged") && ended.contains("\"to\":\"CompleteCommit\""), "{ended}");
}

#[test]
fn a_person_moves_a_transaction_and_refusals_change_nothing() {
    let mut config = config(&[("transactional.id", "by-hand")]);
    config.consumers = vec![reader("audit", "results", None)];
    let mut cluster = Cluster::new(&config, 7).expect("the cluster is valid");
    let digest = cluster.digest();
    let refused = [
        Command::BeginTransaction { producer: 2 },
        Command::CommitTransaction { producer: 2 },
        Command::InitTransactions { producer: 1 },
        Command::SendOffsetsToTransaction { producer: 2, consumer: 1 },
    ];
    let mut out = String::new();
    for command in refused {
        let error = cluster.apply(&command).expect_err("it is refused");
        writeln!(out, "{error}").expect("a string");
    }
    assert_eq!(cluster.digest(), digest);
    let mut does = |cluster: &mut Cluster, command: Command| {
        writeln!(out, "-- {}", command.name()).expect("a string");
        cluster.apply(&command).expect("it is allowed");
        out.push_str(&trace(cluster, 1_000));
    };
    does(&mut cluster, Command::InitTransactions { producer: 2 });
    does(&mut cluster, Command::BeginTransaction { producer: 2 });
    does(&mut cluster, produce(2, "results", "kept"));
    does(&mut cluster, Command::CommitTransaction { producer: 2 });
    does(&mut cluster, Command::BeginTransaction { producer: 2 });
    does(&mut cluster, produce(2, "results", "thrown away"));
    does(&mut cluster, Command::AbortTransaction { producer: 2 });
    check(
        &out,
        &expect![[r#"
            {"error":"invalid-transaction-state","producer":2,"call":"beginTransaction","state":"UNINITIALIZED"}
            {"error":"invalid-transaction-state","producer":2,"call":"commitTransaction","state":"UNINITIALIZED"}
            {"error":"not-transactional","producer":1}
            {"error":"invalid-transaction-state","producer":2,"call":"sendOffsetsToTransaction","state":"UNINITIALIZED"}
            -- init-transactions
            338   {"change":"transaction-state-changed","transactionalId":"by-hand","from":"Empty","to":"Empty","producerId":0,"producerEpoch":0}
            342   {"change":"producer-id-assigned","producer":2,"producerId":0,"epoch":0}
            342   {"change":"producer-transaction","producer":2,"state":"READY"}
            -- begin-transaction
            -- produce
            11    {"change":"batch-sent","producer":2,"partition":{"topic":"results","partition":0},"records":1,"leader":2}
            27    {"change":"transaction-state-changed","transactionalId":"by-hand","from":"Empty","to":"Ongoing","producerId":0,"producerEpoch":0}
            38    {"change":"acknowledged","producer":2,"partition":{"topic":"results","partition":0},"offset":0,"records":1}
            -- commit-transaction
            9     {"change":"transaction-state-changed","transactionalId":"by-hand","from":"Ongoing","to":"PrepareCommit","producerId":0,"producerEpoch":1}
            11    {"change":"producer-id-assigned","producer":2,"producerId":0,"epoch":1}
            11    {"change":"producer-transaction","producer":2,"state":"READY"}
            27    {"change":"records-read","consumer":1,"partition":{"topic":"results","partition":0},"from":0,"to":0}
            35    {"change":"transaction-state-changed","transactionalId":"by-hand","from":"PrepareCommit","to":"CompleteCommit","producerId":0,"producerEpoch":1}
            37    {"change":"commit-acknowledged","consumer":1,"partition":{"topic":"results","partition":0},"offset":2}
            -- begin-transaction
            -- produce
            5     {"change":"batch-sent","producer":2,"partition":{"topic":"results","partition":0},"records":1,"leader":2}
            13    {"change":"transaction-state-changed","transactionalId":"by-hand","from":"CompleteCommit","to":"Ongoing","producerId":0,"producerEpoch":1}
            22    {"change":"acknowledged","producer":2,"partition":{"topic":"results","partition":0},"offset":2,"records":1}
            -- abort-transaction
            10    {"change":"transaction-state-changed","transactionalId":"by-hand","from":"Ongoing","to":"PrepareAbort","producerId":0,"producerEpoch":2}
            11    {"change":"producer-id-assigned","producer":2,"producerId":0,"epoch":2}
            11    {"change":"producer-transaction","producer":2,"state":"READY"}
            25    {"change":"transaction-state-changed","transactionalId":"by-hand","from":"PrepareAbort","to":"CompleteAbort","producerId":0,"producerEpoch":2}
        "#]],
    );
    let again = cluster.apply(&Command::AbortTransaction { producer: 2 });
    assert!(matches!(again, Err(CommandError::InvalidTransactionState { .. })));
}

fn all_nodes(cluster: &mut Cluster, command: impl Fn(i32) -> Command) {
    let nodes: Vec<i32> = cluster.nodes().map(|node| node.config.id).collect();
    for node in nodes {
        cluster.apply(&command(node)).expect("it is allowed");
    }
}

#[test]
fn a_call_that_timed_out_is_made_again_before_any_other() {
    let mut config = config(&[("transactional.id", "by-hand"), ("max.block.ms", "5000")]);
    config.consumers = vec![reader("audit", "results", None)];
    let mut cluster = Cluster::new(&config, 7).expect("the cluster is valid");
    all_nodes(&mut cluster, |node| Command::Crash { node, machine: false });
    cluster.apply(&Command::InitTransactions { producer: 2 }).expect("it is allowed");
    let is_timeout = |trace: &str| {
        trace.contains(r#"{"change":"transaction-call-timed-out","producer":2,"call":"initTransactions"}"#)
    };
    let blocked = trace(&mut cluster, 6_000);
    assert!(blocked.lines().any(|line| line.starts_with("5000 ") && is_timeout(line)), "{blocked}");
    let begin = Command::BeginTransaction { producer: 2 };
    let refused = CommandError::TransactionCallTimedOut {
        producer: 2,
        call: "beginTransaction".to_owned(),
        previous: "initTransactions".to_owned(),
    };
    assert_eq!(cluster.apply(&begin).map(drop), Err(refused.clone()));
    // What it began goes on, and ends where nobody waits for it.
    all_nodes(&mut cluster, |node| Command::Start { node });
    let later: String = (0..3).map(|_| trace(&mut cluster, 20_000)).collect();
    assert!(later.contains(r#""state":"READY""#) && !is_timeout(&later), "{later}");
    assert_eq!(cluster.apply(&begin).map(drop), Err(refused));
    cluster.apply(&Command::InitTransactions { producer: 2 }).expect("it is made again");
    cluster.apply(&begin).expect("the call before it has returned");
    // Made again while it still cannot end, it blocks as long once more.
    cluster.apply(&produce(2, "results", "one")).expect("it is allowed");
    trace(&mut cluster, 1_000);
    all_nodes(&mut cluster, |node| Command::Crash { node, machine: false });
    cluster.apply(&Command::CommitTransaction { producer: 2 }).expect("it is allowed");
    for _ in 0..2 {
        let blocked = trace(&mut cluster, 5_100);
        assert_eq!(blocked.matches("transaction-call-timed-out").count(), 1, "{blocked}");
        cluster.apply(&Command::AbortTransaction { producer: 2 }).expect_err("it was a commit");
        cluster.apply(&Command::CommitTransaction { producer: 2 }).expect("it is made again");
    }
}

#[test]
fn an_application_makes_a_call_again_that_timed_out() {
    let config = config(&[("transactional.id", "billing"), ("max.block.ms", "2000")]);
    let mut cluster = Cluster::new(&config, 7).expect("the cluster is valid");
    trace(&mut cluster, 5_000);
    cluster.apply(&produce(1, "orders", "one")).expect("it is allowed");
    let begun = cluster.now();
    while cluster.now() < begun + 5_000 {
        let changes = cluster.step().map(|step| step.changes.clone()).unwrap_or_default();
        let commits = |change: &Change| matches!(change, Change::ProducerTransaction { producer: 2, state } if state == "COMMITTING_TRANSACTION");
        if changes.iter().any(commits) {
            break;
        }
    }
    all_nodes(&mut cluster, |node| Command::Crash { node, machine: false });
    let blocked = trace(&mut cluster, 7_000);
    assert!(blocked.matches("transaction-call-timed-out").count() >= 2, "{blocked}");
    all_nodes(&mut cluster, |node| Command::Start { node });
    let later: String = (0..4).map(|_| trace(&mut cluster, 20_000)).collect();
    // Its `send` found no metadata in time, so the transaction is aborted first; what was read is read and written again.
    assert_eq!(later.matches(r#""to":"CompleteAbort""#).count(), 1, "{later}");
    assert_eq!(later.matches(r#""to":"CompleteCommit""#).count(), 1, "{later}");
    assert_eq!(later.matches(r#""state":"READY""#).count(), 2, "{later}");
}

#[test]
fn what_is_sent_outside_of_a_transaction_throws_and_goes_out_with_the_next() {
    let mut config = config(&[("transactional.id", "by-hand")]);
    config.consumers = vec![reader("audit", "results", None)];
    let mut cluster = Cluster::new(&config, 7).expect("the cluster is valid");
    let mut out = String::new();
    let mut does = |cluster: &mut Cluster, command: Command| {
        writeln!(out, "-- {}", command.name()).expect("a string");
        cluster.apply(&command).expect("it is allowed");
        out.push_str(&trace(cluster, 1_000));
    };
    does(&mut cluster, produce(2, "results", "too early"));
    does(&mut cluster, Command::InitTransactions { producer: 2 });
    does(&mut cluster, Command::BeginTransaction { producer: 2 });
    does(&mut cluster, produce(2, "results", "in time"));
    does(&mut cluster, Command::CommitTransaction { producer: 2 });
    check(
        &out,
        &expect![[r#"
            -- produce
            -- init-transactions
            352   {"change":"transaction-state-changed","transactionalId":"by-hand","from":"Empty","to":"Empty","producerId":0,"producerEpoch":0}
            356   {"change":"producer-id-assigned","producer":2,"producerId":0,"epoch":0}
            356   {"change":"producer-transaction","producer":2,"state":"READY"}
            -- begin-transaction
            -- produce
            18    {"change":"transaction-state-changed","transactionalId":"by-hand","from":"Empty","to":"Ongoing","producerId":0,"producerEpoch":0}
            29    {"change":"acknowledged","producer":2,"partition":{"topic":"results","partition":0},"offset":0,"records":2}
            -- commit-transaction
            8     {"change":"transaction-state-changed","transactionalId":"by-hand","from":"Ongoing","to":"PrepareCommit","producerId":0,"producerEpoch":1}
            10    {"change":"producer-id-assigned","producer":2,"producerId":0,"epoch":1}
            10    {"change":"producer-transaction","producer":2,"state":"READY"}
            29    {"change":"records-read","consumer":1,"partition":{"topic":"results","partition":0},"from":0,"to":1}
            34    {"change":"transaction-state-changed","transactionalId":"by-hand","from":"PrepareCommit","to":"CompleteCommit","producerId":0,"producerEpoch":1}
            38    {"change":"commit-acknowledged","consumer":1,"partition":{"topic":"results","partition":0},"offset":3}
        "#]],
    );
}

#[test]
fn closing_a_producer_aborts_its_open_transaction() {
    let mut config = config(&[("transactional.id", "by-hand")]);
    config.consumers = vec![reader("audit", "results", None)];
    let mut cluster = Cluster::new(&config, 7).expect("the cluster is valid");
    cluster.apply(&Command::InitTransactions { producer: 2 }).expect("it is new");
    trace(&mut cluster, 1_000);
    cluster.apply(&Command::BeginTransaction { producer: 2 }).expect("it is ready");
    cluster.apply(&produce(2, "results", "a")).expect("it is sent");
    cluster.apply(&Command::CloseProducer { producer: 2, timeout_ms: None }).expect("it runs");
    let refused = cluster.apply(&produce(2, "results", "b")).err();
    assert_eq!(refused, Some(CommandError::ProducerClosing { producer: 2 }));
    let trace = trace(&mut cluster, 1_000);
    let place = |text: &str| trace.find(text).unwrap_or_else(|| panic!("no {text} in\n{trace}"));
    let acknowledged = place(r#""acknowledged","producer":2"#);
    let aborts = place(r#""producer":2,"state":"ABORTING_TRANSACTION""#);
    let aborted = place(r#""producer":2,"state":"READY""#);
    assert!(
        acknowledged < aborts && aborts < aborted && aborted < place(r#""producer-closed","producer":2"#),
        "{trace}"
    );
    assert!(trace.contains(r#""to":"CompleteAbort""#) && !trace.contains("records-read"), "{trace}");
    assert!(cluster.producer(2).is_some_and(|producer| !producer.is_running()));
    let refused = cluster.apply(&produce(2, "results", "b")).err();
    assert_eq!(refused, Some(CommandError::ProducerNotRunning { producer: 2 }));
    cluster.apply(&Command::StartProducer { producer: 2 }).expect("it ended");
}
