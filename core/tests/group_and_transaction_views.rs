//! What the page shows of groups and transactions: whole results, of clusters whose clients are real and of requests by hand.

use expect_test::{Expect, expect};
use kafkascope_core::actor::Listener;
use kafkascope_core::command::Command;
use kafkascope_core::history::History;
use kafkascope_core::metrics::Rebalance;
use kafkascope_core::scenario::Scenario;
use kafkascope_core::view::{GroupDetailView, TransactionState, TransactionsView};
use kafkascope_core::wire::{ApiKey, Response, TopicPartition};
use serde_json::{Value, json};

const TOPIC: &str = "orders";
const GROUP: &str = "billing";
const ID: &str = "payments";

fn history(consumers: u32, seed: u64) -> History {
    history_with(consumers, seed, json!({}))
}

/// The same with settings of the consumers.
fn history_with(consumers: u32, seed: u64, settings: Value) -> History {
    let consumer = json!({"group": GROUP, "topics": [TOPIC], "settings": settings});
    let config = json!({
        "nodes": [{"id": 1, "roles": "broker"}, {"id": 2, "roles": "broker"}, {"id": 3, "roles": "broker"},
            {"id": 101, "roles": "controller"}],
        "settings": {
            "transaction.state.log.num.partitions": "1", "offsets.topic.num.partitions": "1",
            "transaction.state.log.min.isr": "1",
        },
        "topics": [{"name": TOPIC, "partitions": 2, "replicationFactor": 3}],
        "consumers": vec![consumer; consumers as usize],
    });
    let config = serde_json::from_value(config).expect("a cluster");
    History::new(Scenario::new(config, seed)).expect("it runs")
}

/// Steps until something holds.
fn until(history: &mut History, mut holds: impl FnMut(&History) -> bool) {
    let deadline = history.cluster().now() + 120_000;
    while !holds(history) {
        assert!(history.cluster().now() < deadline && history.step().is_some(), "it never held");
    }
}

fn run(history: &mut History, ms: u64) {
    let deadline = history.cluster().now() + ms;
    until(history, |history| history.cluster().now() >= deadline);
}

fn is_stable(history: &History, members: usize) -> bool {
    let view = history.cluster().view();
    view.groups.iter().any(|group| group.state == "Stable" && group.members.len() == members)
}

fn names(partitions: &[TopicPartition]) -> String {
    partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Member ids are drawn: the consumer's number stands for them.
fn named(detail: &GroupDetailView, member: &str) -> String {
    let client = detail.clients.iter().find(|client| client.member == member);
    client.and_then(|client| client.consumer).map_or_else(|| "?".to_owned(), |number| format!("c{number}"))
}

fn group_text(history: &History) -> String {
    let detail = history.cluster().group_detail(GROUP).expect("a group");
    let now = history.cluster().now();
    let mut lines = vec![format!("coordinator {}", detail.coordinator)];
    lines
        .push(format!("leader {}", detail.leader.as_deref().map_or_else(String::new, |leader| named(&detail, leader))));
    for client in &detail.clients {
        lines.push(format!("member {} client.id {}", named(&detail, &client.member), client.client_id));
    }
    for timer in &detail.timers {
        let who = timer.member.as_deref().map(|member| named(&detail, member));
        let own = timer.consumer.map(|number| format!("own of c{number}"));
        lines.push(format!("timer {} {} in {} ms", timer.timer, who.or(own).unwrap_or_default(), timer.at_ms - now));
    }
    for each in &detail.partitions {
        let owner = each.owner.as_deref().map(|member| named(&detail, member));
        lines.push(format!(
            "{} owner {} readers {:?} committed {:?} start {} LSO {} HW {} LEO {} lag {:?}",
            each.partition,
            owner.unwrap_or_default(),
            each.readers,
            each.committed,
            each.log_start_offset,
            each.last_stable_offset,
            each.high_watermark,
            each.log_end_offset,
            each.lag()
        ));
    }
    let log = detail.log.expect("it is led");
    lines.push(format!("{} leader {} HW {} LEO {}", log.partition, log.leader, log.high_watermark, log.log_end_offset));
    for record in &log.records {
        let state = if record.is_committed { "" } else { " (not replicated)" };
        lines.push(format!("  {} {:?}{state}", record.offset, record.says));
    }
    lines.join("\n")
}

fn rebalance_text(rebalance: &Rebalance, now_ms: u64) -> String {
    let mut lines = vec![format!("took {:?} ms", rebalance.took_ms())];
    let mut members: Vec<String> = (rebalance.members.iter())
        .map(|member| {
            let held = |held: &Option<Vec<TopicPartition>>| held.as_deref().map_or_else(|| "–".to_owned(), names);
            format!(
                "{:?}: {} → {}; revoked {}; gained {}",
                member.consumer,
                held(&member.before),
                held(&member.after),
                names(&member.revoked()),
                names(&member.gained())
            )
        })
        .collect();
    members.sort();
    lines.extend(members);
    for pause in &rebalance.pauses {
        let to = pause.resumed.map(|(number, _)| number);
        lines.push(format!("{} c{} → {to:?}: {} ms", pause.partition, pause.from, pause.lasted_ms(now_ms)));
    }
    lines.join("\n")
}

fn check(actual: &str, expected: &Expect) {
    expected.assert_eq(actual);
}

#[test]
fn a_group_is_shown_with_its_timers_positions_and_records() {
    let mut history = history(2, 7);
    until(&mut history, |history| is_stable(history, 2));
    run(&mut history, 4_000);
    check(
        &group_text(&history),
        &expect![[r#"
            coordinator 3
            leader c2
            member c1 client.id consumer-billing-1
            member c2 client.id consumer-billing-2
            timer consumer-heartbeat own of c1 in 1959 ms
            timer consumer-heartbeat own of c2 in 1962 ms
            timer group-session c1 in 43961 ms
            timer group-session c2 in 43966 ms
            orders-0 owner c1 readers [(1, 0)] committed None start 0 LSO 0 HW 0 LEO 0 lag None
            orders-1 owner c2 readers [(2, 0)] committed None start 0 LSO 0 HW 0 LEO 0 lag None
            __consumer_offsets-0 leader 3 HW 2 LEO 2
              0 GroupMetadata { generation: Some(0), members: Some(0) }
              1 GroupMetadata { generation: Some(1), members: Some(2) }"#]],
    );
}

#[test]
fn what_a_crash_costs_is_counted_from_the_last_reader_to_the_next() {
    let mut history = history(2, 7);
    until(&mut history, |history| is_stable(history, 2));
    run(&mut history, 4_000);
    let crashed_ms = history.cluster().now();
    history.act(Command::CrashConsumer { consumer: 2 }).expect("it runs");
    until(&mut history, |history| is_stable(history, 1));
    run(&mut history, 1_000);
    let rebalance = history.last_rebalance(GROUP).expect("it was rebalanced");
    check(
        &rebalance_text(&rebalance, history.cluster().now()),
        &expect![[r#"
            took Some(3012) ms
            Some(1): orders-0 → orders-0 orders-1; revoked ; gained orders-1
            Some(2): orders-1 → –; revoked orders-1; gained 
            orders-0 c1 → Some(1): 46 ms
            orders-1 c2 → Some(1): 46996 ms"#]],
    );
    let orphan = rebalance.pauses.iter().find(|pause| pause.from == 2).expect("its partition");
    let (reader, resumed_ms) = orphan.resumed.expect("it is read again");
    assert_eq!((orphan.stopped_ms, reader), (crashed_ms, 1));
    // The step in which the new reader asks for it is the first whose messages name it.
    let end = history.position();
    let first = (1..=end).find(|at| {
        let step = history.step_at(*at).expect("it was made");
        step.at_ms >= resumed_ms
    });
    history.seek(first.expect("a step") - 1);
    let before = history.last_rebalance(GROUP).expect("it was rebalanced");
    assert_eq!(before.pauses.iter().find(|pause| pause.from == 2).expect("its partition").resumed, None);
    // There and back it is the same, and on a branch what happened elsewhere does not count.
    history.seek(end);
    assert_eq!(history.last_rebalance(GROUP), Some(rebalance.clone()));
    history.seek(history.entry(1).map_or(0, |_| rebalance.began_at) - 1);
    history.act(Command::CloseConsumer { consumer: 1 }).expect("another branch");
    assert_ne!(history.last_rebalance(GROUP), Some(rebalance));
}

#[test]
fn a_member_that_comes_takes_partitions_and_everybody_stops_meanwhile() {
    let mut history = history(2, 3);
    until(&mut history, |history| is_stable(history, 2));
    history.act(Command::CloseConsumer { consumer: 2 }).expect("it runs");
    until(&mut history, |history| is_stable(history, 1));
    run(&mut history, 4_000);
    history.act(Command::StartConsumer { consumer: 2 }).expect("it runs");
    until(&mut history, |history| is_stable(history, 2));
    run(&mut history, 1_000);
    let rebalance = history.last_rebalance(GROUP).expect("it was rebalanced");
    check(
        &rebalance_text(&rebalance, history.cluster().now()),
        &expect![[r#"
            took Some(1989) ms
            Some(1): orders-0 orders-1 → orders-0; revoked orders-1; gained 
            Some(2): – → orders-1; revoked ; gained orders-1
            orders-0 c1 → Some(1): 94 ms
            orders-1 c1 → Some(2): 30 ms"#]],
    );
}

#[test]
fn a_rebalance_that_is_done_in_one_heartbeat_is_one_too() {
    let mut history = history_with(1, 3, json!({"group.protocol": "consumer", "metadata.max.age.ms": "1000"}));
    until(&mut history, |history| is_stable(history, 1));
    run(&mut history, 4_000);
    let began_at = |history: &History| history.last_rebalance(GROUP).map(|rebalance| rebalance.began_at);
    let before = began_at(&history);
    let commands = [
        json!({"command": "create-topic", "topic": "more", "partitions": 1, "replicationFactor": 3}),
        json!({"command": "subscribe", "consumer": 1, "topics": [TOPIC, "more"]}),
    ];
    for command in commands {
        history.act(serde_json::from_value(command).expect("a command")).expect("it can be done");
        run(&mut history, 1_000);
    }
    until(&mut history, |history| began_at(history) > before);
    let rebalance = history.last_rebalance(GROUP).expect("it was rebalanced");
    assert_eq!(history.cluster().view().groups[0].state, "Stable");
    check(
        &rebalance_text(&rebalance, history.cluster().now()),
        &expect![[r#"
            took Some(0) ms
            Some(1): orders-0 orders-1 → more-0 orders-0 orders-1; revoked ; gained more-0"#]],
    );
}

/// Requests by hand.
struct Lab {
    history: History,
    next_probe: u32,
}

impl Lab {
    fn ask(&mut self, to: i32, api: &str, version: i16, body: Value) -> Value {
        let probe = self.next_probe;
        self.next_probe += 1;
        let api: ApiKey = api.parse().expect("a request");
        let (port, version) = (Listener::Broker, Some(version));
        let request = Command::request(probe, (to, port), api, version, body);
        self.history.act(request).expect("it is sent");
        until(&mut self.history, |history| {
            history.cluster().probe_answer(probe).is_some_and(|answer| answer.answered_at_ms.is_some())
        });
        let answer = self.history.cluster().probe_answer(probe).and_then(|answer| answer.response.as_ref());
        answer.map(Response::to_json).unwrap_or_default()
    }

    fn coordinator(&mut self) -> i32 {
        for _ in 0..100 {
            let answer = self.ask(1, "FindCoordinator", 4, json!({"keyType": 1, "coordinatorKeys": [ID]}));
            if answer["coordinators"][0]["errorCode"] == "NONE" {
                return answer["coordinators"][0]["nodeId"]
                    .as_i64()
                    .and_then(|id| i32::try_from(id).ok())
                    .expect("an id");
            }
            run(&mut self.history, 100);
        }
        panic!("no coordinator");
    }

    fn new() -> Self {
        Self { history: history(0, 7), next_probe: 1 }
    }

    fn begin(&mut self) -> (i32, i64, i64) {
        let coordinator = self.coordinator();
        loop {
            let body = json!({"transactionalId": ID, "transactionTimeoutMs": 10_000});
            let answer = self.ask(coordinator, "InitProducerId", 5, body);
            if answer["errorCode"] == "NONE" {
                let number = |name: &str| answer[name].as_i64().expect("a number");
                return (coordinator, number("producerId"), number("producerEpoch"));
            }
            run(&mut self.history, 100);
        }
    }

    /// Produces as part of the transaction, or of none.
    fn produce(&mut self, partition: i32, values: &[&str], producer: Option<(i64, i64, i32)>) {
        let (id, epoch, sequence) = producer.unwrap_or((-1, -1, -1));
        let records: Vec<Value> = values.iter().map(|value| json!({"value": value})).collect();
        let records = json!({"records": records, "producerId": id, "producerEpoch": epoch,
            "baseSequence": sequence, "transactional": producer.is_some()});
        let body = json!({"acks": -1, "timeoutMs": 5_000, "transactionalId": producer.map(|_| ID), "topicData": [
            {"name": TOPIC, "partitionData": [{"index": partition, "records": records}]}]});
        let image = self.history.cluster().image().and_then(|image| image.partition(TOPIC, partition));
        let leader = image.map(|partition| partition.leader).expect("a leader");
        let answer = self.ask(leader, "Produce", 12, body);
        let error = &answer["responses"][0]["partitionResponses"][0]["errorCode"];
        assert_eq!(error, "NONE", "{answer}");
    }

    fn end(&mut self, coordinator: i32, (id, epoch): (i64, i64), committed: bool) {
        let body = json!({"transactionalId": ID, "producerId": id, "producerEpoch": epoch, "committed": committed});
        assert_eq!(self.ask(coordinator, "EndTxn", 5, body)["errorCode"], "NONE");
    }

    fn view(&self) -> TransactionsView {
        self.history.cluster().transactions()
    }
}

fn transactions_text(view: &TransactionsView, now_ms: u64) -> String {
    let mut lines = Vec::new();
    for each in &view.transactions {
        lines.push(format!(
            "{} at {}: {} pending {:?} id {} epoch {} TV{} timeout {:?} times out in {:?}",
            each.transactional_id,
            each.coordinator,
            each.state.name(),
            each.pending_state.map(TransactionState::name),
            each.producer_id,
            each.producer_epoch,
            each.transaction_version,
            each.timeout_ms,
            each.times_out_ms().map(|at| i128::from(at) - i128::from(now_ms))
        ));
        lines.push(format!("  next {}", each.next_states().map(TransactionState::name).collect::<Vec<_>>().join(" ")));
        for partition in &each.partitions {
            lines.push(format!("  in it {} leader {}", partition.partition, partition.leader));
        }
        let log = each.log.as_ref().expect("it is led");
        lines.push(format!("  {} leader {} LEO {}", log.partition, log.leader, log.log_end_offset));
        lines.extend(log.records.iter().map(|record| format!("    {} {:?}", record.offset, record.says)));
    }
    for each in &view.partitions {
        lines.push(format!(
            "{}: LSO {} HW {} LEO {}",
            each.partition, each.last_stable_offset, each.high_watermark, each.log_end_offset
        ));
        for open in &each.open {
            let who = open.transactional_id.as_deref().unwrap_or("nobody's");
            lines.push(format!(
                "  open from {} id {} epoch {} {who}",
                open.first_offset, open.producer_id, open.producer_epoch
            ));
        }
        for aborted in &each.aborted {
            lines
                .push(format!("  aborted {}–{} id {}", aborted.first_offset, aborted.last_offset, aborted.producer_id));
        }
        for record in &each.records {
            let read = match (record.is_read_uncommitted, record.is_read_committed) {
                (true, true) => "both",
                (true, false) => "uncommitted only",
                (false, true) => "committed only",
                (false, false) => "neither",
            };
            let value = record.value.as_deref().unwrap_or("");
            lines.push(format!("  {} {value} {}: {read}", record.offset, record.fate.name()));
        }
    }
    lines.join("\n")
}

#[test]
fn what_is_open_committed_and_aborted_is_shown_for_both_kinds_of_reader() {
    let mut lab = Lab::new();
    let (coordinator, id, epoch) = lab.begin();
    lab.produce(0, &["kept"], Some((id, epoch, 0)));
    lab.end(coordinator, (id, epoch), true);
    run(&mut lab.history, 1_000);
    lab.produce(0, &["thrown", "away"], Some((id, epoch + 1, 0)));
    lab.end(coordinator, (id, epoch + 1), false);
    run(&mut lab.history, 1_000);
    lab.produce(0, &["open"], Some((id, epoch + 2, 0)));
    lab.produce(0, &["plain"], None);
    check(
        &transactions_text(&lab.view(), lab.history.cluster().now()),
        &expect![[r#"
            payments at 3: Ongoing pending None id 0 epoch 2 TV2 timeout Some(10000) times out in Some(9970)
              next Ongoing PrepareCommit PrepareAbort PrepareEpochFence
              in it orders-0 leader 2
              __transaction_state-0 leader 3 LEO 8
                0 TransactionLog { state: Some("Empty"), producer_id: Some(0), producer_epoch: Some(0) }
                1 TransactionLog { state: Some("Ongoing"), producer_id: Some(0), producer_epoch: Some(0) }
                2 TransactionLog { state: Some("PrepareCommit"), producer_id: Some(0), producer_epoch: Some(1) }
                3 TransactionLog { state: Some("CompleteCommit"), producer_id: Some(0), producer_epoch: Some(1) }
                4 TransactionLog { state: Some("Ongoing"), producer_id: Some(0), producer_epoch: Some(1) }
                5 TransactionLog { state: Some("PrepareAbort"), producer_id: Some(0), producer_epoch: Some(2) }
                6 TransactionLog { state: Some("CompleteAbort"), producer_id: Some(0), producer_epoch: Some(2) }
                7 TransactionLog { state: Some("Ongoing"), producer_id: Some(0), producer_epoch: Some(2) }
            orders-0: LSO 5 HW 7 LEO 7
              open from 5 id 0 epoch 2 payments
              aborted 2–4 id 0
              0 kept committed: both
              1  commit-marker: neither
              2 thrown aborted: uncommitted only
              3 away aborted: uncommitted only
              4  abort-marker: neither
              5 open open: uncommitted only
              6 plain plain: uncommitted only"#]],
    );
}

#[test]
fn who_hangs_is_past_its_timeout_until_the_coordinator_looks() {
    let mut lab = Lab::new();
    let (_, id, epoch) = lab.begin();
    lab.produce(1, &["hangs"], Some((id, epoch, 0)));
    let overdue = |lab: &Lab| {
        let view = lab.view();
        let now = lab.history.cluster().now();
        view.transactions[0].times_out_ms().map(|at| at < now)
    };
    assert_eq!(overdue(&lab), Some(false));
    let check_ms = lab.view().transactions[0].abort_check_ms.expect("it will look");
    assert!(check_ms > lab.view().transactions[0].times_out_ms().expect("it is open"));
    until(&mut lab.history, |history| history.cluster().now() + 1 >= check_ms);
    // The markers are written by those who lead, and it is complete.
    run(&mut lab.history, 1_000);
    assert_eq!((overdue(&lab), lab.view().transactions[0].state), (None, TransactionState::CompleteAbort));
    assert!(lab.view().partitions[0].open.is_empty());
}

#[test]
fn markers_are_pending_until_each_leader_has_written_its_own() {
    let mut lab = Lab::new();
    let (coordinator, id, epoch) = lab.begin();
    lab.produce(0, &["a"], Some((id, epoch, 0)));
    lab.produce(1, &["b"], Some((id, epoch, 0)));
    let body = json!({"transactionalId": ID, "producerId": id, "producerEpoch": epoch, "committed": true});
    let (probe, api, port) = (lab.next_probe, ApiKey::EndTxn, Listener::Broker);
    let end = Command::request(probe, (coordinator, port), api, Some(5), body);
    lab.history.act(end).expect("it is sent");
    let mut seen: Vec<String> = Vec::new();
    until(&mut lab.history, |history| {
        let view = history.cluster().transactions();
        let pending = &view.transactions[0];
        let left: Vec<String> =
            pending.partitions.iter().map(|each| format!("{} at {}", each.partition, each.leader)).collect();
        let now = format!(
            "{} → {}: {}",
            pending.state.name(),
            pending.pending_state.map_or("–", TransactionState::name),
            left.join(", ")
        );
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        pending.state == TransactionState::CompleteCommit
    });
    check(
        &seen.join("\n"),
        &expect![[r#"
        Ongoing → –: orders-0 at 2, orders-1 at 3
        Ongoing → PrepareCommit: orders-0 at 2, orders-1 at 3
        PrepareCommit → CompleteCommit: orders-0 at 2, orders-1 at 3
        PrepareCommit → CompleteCommit: orders-0 at 2
        PrepareCommit → CompleteCommit: 
        CompleteCommit → –: "#]],
    );
}
