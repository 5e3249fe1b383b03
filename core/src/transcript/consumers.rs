//! Recordings of Kafka's own consumers, played by the engine's: `join`, `start`, `leave`, `close` and `crash` of a consumer,
//! what their rebalance listeners were called with, and where a consumer begins to read (`consume` with a policy).
//!
//! The consumers are ordered with the cluster; a step that begins one starts its process.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::format::{Transcript, TranscriptStep};
use super::player::{PATIENCE_MS, Player, Unsupported};
use crate::change::Change;
use crate::client::Consumer;
use crate::client::assignor::Assignor;
use crate::cluster::Cluster;
use crate::command::Command;
use crate::config::{ClusterConfig, CommitMode, ConsumerConfig, PollMode, ProcessMode};
use crate::settings::{ConsumerSettings, broker_key, consumer_key};
use crate::sort::CollectOrdered;
use crate::step::Step;
use crate::wire::{ApiKey, ErrorCode, TopicPartition};

/// The group of consumers that come and go.
const GROUP: &str = "g";
/// How long nothing must have changed in the group before it is looked at, in milliseconds: longer than its members need to
/// hear of a rebalance.
const SETTLED_MS: u64 = 2_000;
/// How long a real consumer's process takes before the recorder goes on, in milliseconds.
const BOOT_MS: u64 = 1_000;
/// How long `position` waits, in milliseconds (`default.api.timeout.ms`).
const POSITION_TIMEOUT_MS: u64 = 60_000;
/// Where recordings leave open how long a session lasts.
const SESSION_TIMEOUT_MS: u64 = 45_000;

/// The consumers of a recording.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordedConsumers {
    /// By their names in the recording.
    numbers: BTreeMap<String, u32>,
    owned: BTreeMap<u32, BTreeSet<TopicPartition>>,
    /// What each listener was called with since the last look.
    events: BTreeMap<u32, Vec<Value>>,
    /// What each had at the last look.
    looked_at: BTreeMap<u32, BTreeSet<TopicPartition>>,
    /// When the group changed last.
    changed_at: u64,
    /// When a consumer was killed last, until the next look.
    killed_at: Option<u64>,
    /// How long the last look had to wait for the end of a session.
    took_ms: Option<u64>,
}

/// The name of the consumer that a step of this number reads with.
fn reader(index: usize) -> String {
    format!("steps[{index}]")
}

/// Orders the consumers that a recording names, and gives back their settings among those of the cluster.
pub(super) fn order(config: &mut ClusterConfig, transcript: &Transcript) -> (RecordedConsumers, Vec<String>) {
    let mut recorded = RecordedConsumers::default();
    let settings = settings(transcript);
    let created = transcript.steps.iter().filter(|step| step.verb == "create-topic");
    let topics: Vec<String> = created.filter_map(|step| step.text("topic")).map(str::to_owned).collect();
    for (index, step) in transcript.steps.iter().enumerate() {
        let begins = ["join", "start"].contains(&step.verb.as_str());
        let (name, consumer) = match (step.text("consumer"), step.text("policy")) {
            (Some(name), _) if begins => (name.to_owned(), member(step, &topics, &settings)),
            (None, Some(policy)) if step.verb == "consume" => (reader(index), with_policy(index, &topics, policy)),
            _ => continue,
        };
        if recorded.numbers.contains_key(&name) || ConsumerSettings::of_consumer(&consumer.settings).is_err() {
            continue;
        }
        config.consumers.push(consumer);
        recorded.numbers.insert(name, u32::try_from(config.consumers.len()).unwrap_or(u32::MAX));
    }
    let used = if recorded.numbers.is_empty() { Vec::new() } else { settings.into_keys().collect() };
    (recorded, used)
}

/// Settings of consumers stand among those of the cluster; assignors go by their names in the protocol.
fn settings(transcript: &Transcript) -> BTreeMap<String, String> {
    let recorded = transcript.cluster.get("settings").and_then(Value::as_object);
    let of_consumers =
        recorded.into_iter().flatten().filter(|(name, _)| consumer_key(name).is_some() && broker_key(name).is_none());
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    of_consumers
        .map(|(name, value)| {
            let value = text(value);
            let class = Assignor::named(&value).map(|assignor| assignor.class().to_owned());
            (name.clone(), class.unwrap_or(value))
        })
        .collect_ordered()
}

fn member(step: &TranscriptStep, created: &[String], settings: &BTreeMap<String, String>) -> ConsumerConfig {
    let recorded = step.get("topics").and_then(Value::as_array);
    let topics = recorded.map(|topics| topics.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    let mut settings = settings.clone();
    if let Some(instance) = step.text("groupInstanceId") {
        settings.insert("group.instance.id".to_owned(), instance.to_owned());
    }
    ConsumerConfig {
        group: GROUP.to_owned(),
        topics: topics.unwrap_or_else(|| created.to_vec()),
        poll: PollMode::Continuous,
        commit: CommitMode::Auto,
        process: ProcessMode::AtOnce,
        writes: None,
        settings,
        is_down: true,
        ..ConsumerConfig::default()
    }
}

fn with_policy(index: usize, topics: &[String], policy: &str) -> ConsumerConfig {
    ConsumerConfig {
        group: format!("{GROUP}{index}"),
        topics: topics.to_vec(),
        poll: PollMode::Continuous,
        commit: CommitMode::Manual,
        process: ProcessMode::AtOnce,
        writes: None,
        settings: BTreeMap::from([("auto.offset.reset".to_owned(), policy.to_owned())]),
        is_down: true,
        ..ConsumerConfig::default()
    }
}

impl RecordedConsumers {
    /// Takes in what a step changed.
    pub(super) fn note(&mut self, step: &Step) {
        if self.numbers.is_empty() {
            return;
        }
        for change in &step.changes {
            match change {
                Change::Assigned { consumer, partitions, .. } | Change::Reconciled { consumer, partitions, .. } => {
                    let now: BTreeSet<TopicPartition> = partitions.iter().cloned().collect_ordered();
                    let before = self.owned.insert(*consumer, now.clone()).unwrap_or_default();
                    self.event(*consumer, "assigned", now.difference(&before));
                }
                Change::PartitionsRevoked { consumer, partitions } => self.gone(*consumer, "revoked", partitions),
                Change::PartitionsLost { consumer, partitions } => self.gone(*consumer, "lost", partitions),
                Change::GroupStateChanged { .. } | Change::GroupEpochBumped { .. } | Change::MemberLeft { .. } => {}
                Change::ConsumerCrashed { consumer } | Change::ConsumerClosed { consumer } => {
                    self.owned.remove(consumer);
                    self.events.remove(consumer);
                }
                _ => continue,
            }
            self.changed_at = step.at_ms;
        }
    }

    fn event<'p>(&mut self, consumer: u32, what: &str, partitions: impl Iterator<Item = &'p TopicPartition>) {
        self.events.entry(consumer).or_default().push(json!({ what: names(partitions) }));
    }

    fn gone(&mut self, consumer: u32, what: &str, partitions: &[TopicPartition]) {
        self.event(consumer, what, partitions.iter());
        self.owned.entry(consumer).or_default().retain(|each| !partitions.contains(each));
    }
}

fn names<'p>(partitions: impl Iterator<Item = &'p TopicPartition>) -> Vec<String> {
    partitions.map(ToString::to_string).collect()
}

impl Player<'_> {
    /// A step of a consumer's process. `None` where it is of something else.
    pub(super) fn consumer_process_verb(&mut self, step: &TranscriptStep) -> Option<Result<(), Unsupported>> {
        let consumer = *self.consumers.numbers.get(step.text("consumer")?)?;
        let command = match step.verb.as_str() {
            "join" | "start" => Command::StartConsumer { consumer },
            "leave" | "close" => Command::CloseConsumer { consumer },
            "crash" => Command::CrashConsumer { consumer },
            _ => return None,
        };
        if let Command::CrashConsumer { .. } = command {
            self.consumers.killed_at = Some(self.now());
        }
        let begins = matches!(command, Command::StartConsumer { .. });
        let done = self.command(command).map(|_| ());
        self.consumers.changed_at = self.now();
        if begins {
            self.let_time_pass(BOOT_MS);
        }
        Some(done.map_err(|error| Unsupported::action(format!("{}: {error}", step.verb))))
    }

    fn running_consumers(&self) -> BTreeMap<String, &Consumer> {
        let all = self.consumers.numbers.iter();
        let found = all.filter_map(|(name, number)| Some((name.clone(), self.cluster.consumer(*number)?)));
        found.filter(|(_, consumer)| consumer.is_running()).collect_ordered()
    }

    /// Waits until the group has heard of everything and is still.
    fn let_group_settle(&mut self) {
        let running = self.running_consumers().len();
        let has_gone = |view: &crate::view::ClusterView| {
            view.groups.iter().find(|group| group.group == GROUP).is_none_or(|group| group.members.len() <= running)
        };
        if let Some(killed_at) = self.consumers.killed_at.take() {
            self.run_until(PATIENCE_MS, |cluster, step| {
                step.is_none_or(|step| !step.changes.is_empty()) && has_gone(&cluster.view())
            });
            self.consumers.took_ms = Some(self.now().saturating_sub(killed_at));
        }
        let deadline = self.now().saturating_add(PATIENCE_MS);
        let begun = self.now();
        loop {
            let still_at = self.consumers.changed_at.max(begun).saturating_add(SETTLED_MS);
            if self.now() >= still_at.min(deadline) || self.stopped.is_some() {
                return;
            }
            self.let_time_pass(still_at.min(deadline).saturating_sub(self.now()));
        }
    }

    /// What an observation tells of the consumers. False if it tells nothing of them.
    pub(super) fn observe_consumers(&mut self, step: &TranscriptStep, saw: &Map<String, Value>) -> bool {
        if self.consumers.numbers.is_empty() {
            return false;
        }
        if let Some(expected) = saw.get("tookMs") {
            self.compare_took(expected);
            return true;
        }
        if step.later_ms == 0 {
            self.let_group_settle();
        }
        let actual = self.observed_consumers();
        // A recording tells field by field or consumer by consumer.
        let is_by_field = saw.contains_key("assigned");
        let actual = if is_by_field { actual } else { self.by_consumer(&actual) };
        self.compare_words("", &Value::Object(saw.clone()), &actual);
        let owned = self.running_consumers().into_values().map(Consumer::number).collect::<Vec<u32>>();
        self.consumers.looked_at = owned
            .into_iter()
            .map(|number| (number, self.consumers.owned.get(&number).cloned().unwrap_or_default()))
            .collect_ordered();
        self.consumers.events.clear();
        true
    }

    fn observed_consumers(&self) -> Value {
        let recorded = &self.consumers;
        let mut fields: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        let mut sizes = Vec::new();
        for (name, consumer) in self.running_consumers() {
            let number = consumer.number();
            let owned = recorded.owned.get(&number).cloned().unwrap_or_default();
            let mut tell = |field, value| fields.entry(field).or_default().insert(name.clone(), value);
            sizes.push(owned.len());
            tell("assigned", json!(names(owned.iter())));
            tell("generation", json!(consumer.generation()));
            tell("events", json!(recorded.events.get(&number).cloned().unwrap_or_default()));
            if let Some(before) = recorded.looked_at.get(&number) {
                tell("kept", json!(names(owned.intersection(before))));
            }
        }
        sizes.sort_unstable();
        let view = self.view();
        let state = view.groups.iter().find(|group| group.group == GROUP).map(|group| group.state.clone());
        let mut actual: Map<String, Value> =
            fields.into_iter().map(|(field, of)| (field.to_owned(), Value::Object(of))).collect();
        actual.entry("kept").or_insert_with(|| json!({}));
        actual.insert("sizes".to_owned(), json!(sizes));
        actual.insert("state".to_owned(), json!(state));
        Value::Object(actual)
    }

    fn by_consumer(&self, actual: &Value) -> Value {
        let fields = ["events", "assigned", "generation"];
        let of = |name: &String| {
            let fields =
                fields.iter().filter_map(|field| Some(((*field).to_owned(), actual.get(field)?.get(name)?.clone())));
            (name.clone(), Value::Object(fields.collect()))
        };
        Value::Object(self.running_consumers().keys().map(of).collect())
    }

    /// `between session timeout - 1000 and + 5000`.
    fn compare_took(&mut self, expected: &Value) {
        let bounds = expected.as_str().and_then(|text| text.strip_prefix("between session timeout - "));
        let bounds = bounds.and_then(|text| text.split_once(" and + "));
        let bounds = bounds.and_then(|(less, more)| Some((less.parse::<u64>().ok()?, more.parse::<u64>().ok()?)));
        let (Some((less, more)), Some(took_ms)) = (bounds, self.consumers.took_ms) else {
            return self.cannot_say("tookMs", expected);
        };
        let recorded = ["session.timeout.ms", "group.consumer.session.timeout.ms"].into_iter();
        let recorded = recorded.filter_map(|name| self.transcript.cluster.get("settings")?.get(name)?.as_u64()).next();
        let session_ms = recorded.unwrap_or(SESSION_TIMEOUT_MS);
        let range = format!("{} to {}", session_ms.saturating_sub(less), session_ms.saturating_add(more));
        self.compare_at("tookMs", &json!(range), &json!(took_ms));
    }

    // --- where a consumer begins ---

    /// `consume` with a policy: a consumer of a group of its own, which may have committed something before.
    pub(super) fn consume_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let (Some(saw), Some(_)) = (&step.saw, step.text("policy")) else {
            return Err(Unsupported::observation("consume"));
        };
        let Some(consumer) = self.consumers.numbers.get(&reader(self.at)).copied() else {
            // No consumer can be made with such settings.
            self.compare_at("", saw, &json!({"exception": "ConfigException"}));
            return Ok(());
        };
        if let Some(offset) = step.number("committed") {
            self.commit_before(consumer, offset)?;
        }
        let fails = |error: crate::command::CommandError| Unsupported::action(format!("consume: {error}"));
        self.command(Command::StartConsumer { consumer }).map_err(fails)?;
        let is_over = |cluster: &Cluster, _: Option<&Step>| {
            cluster.consumer(consumer).is_some_and(|consumer| consumer.thrown().is_some() || has_position(consumer))
        };
        // A fetch that has something to bring has brought it by then; one that was out of range has said so, too.
        for _ in 0..2 {
            self.run_until(POSITION_TIMEOUT_MS, is_over);
            self.let_time_pass(SETTLED_MS);
        }
        let actual = self.cluster.consumer(consumer).map_or(Value::Null, outcome);
        self.compare_at("", saw, &actual);
        self.command(Command::CrashConsumer { consumer }).map_err(fails)?;
        Ok(())
    }

    /// `request` of ListOffsets that tells in words which offset it asks for.
    pub(super) fn list_offsets_as_described(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let now = i64::try_from(self.now()).unwrap_or(i64::MAX);
        let timestamp = match step.text("asks") {
            Some("earliest") => -2,
            Some("latest") => -1,
            Some("max timestamp") => -3,
            Some("an hour ago") => now.saturating_sub(3_600_000),
            Some("now") => now,
            _ => return Err(Unsupported::observation("ListOffsets in other words")),
        };
        let to = self.node_of(step.get("to"))?;
        let version = step.number("version").and_then(|version| i16::try_from(version).ok()).unwrap_or(7);
        let body = json!({"replicaId": -1, "isolationLevel": 0, "topics": [{"name": self.topic, "partitions": [
            {"partitionIndex": 0, "currentLeaderEpoch": -1, "timestamp": timestamp}]}]});
        let answer = self.request_in_short(to, "ListOffsets", version, &body)?;
        let partition = answer.pointer("/topics/0/partitions/0").cloned().unwrap_or_default();
        if let Some(saw) = &step.saw {
            self.compare_at("", saw, &partition);
        }
        Ok(())
    }

    /// Asks who coordinates a group until somebody does.
    pub(super) fn find_coordinator_of(&mut self, group: &str, to: i32) -> Result<(), Unsupported> {
        for _ in 0..40 {
            let find = json!({"keyType": 0, "coordinatorKeys": [group]});
            let answer = self.request_in_short(to, "FindCoordinator", 6, &find)?;
            self.let_time_pass(250);
            if answer.pointer("/coordinators/0/errorCode") == Some(&json!("NONE")) {
                break;
            }
        }
        Ok(())
    }

    fn commit_before(&mut self, consumer: u32, offset: i64) -> Result<(), Unsupported> {
        let group = self.cluster.consumer(consumer).map(|consumer| consumer.group().to_owned()).unwrap_or_default();
        let topic = self.topic.clone();
        let to = self.some_broker()?;
        self.find_coordinator_of(&group, to)?;
        let commit = json!({"groupId": group, "generationIdOrMemberEpoch": -1, "memberId": "", "topics": [
            {"name": topic, "partitions": [{"partitionIndex": 0, "committedOffset": offset}]}]});
        self.request_in_short(to, "OffsetCommit", 9, &commit)?;
        Ok(())
    }
}

fn has_position(consumer: &Consumer) -> bool {
    let mut assigned = consumer.assigned().peekable();
    assigned.peek().is_some() && assigned.all(|(_, position, _)| position.is_some())
}

/// What came of a consumer: the first record that it got and where it would read on, or what its poll threw.
fn outcome(consumer: &Consumer) -> Value {
    match consumer.thrown() {
        Some((ApiKey::Fetch, ErrorCode::OffsetOutOfRange)) => json!({"exception": "OffsetOutOfRangeException"}),
        Some((_, ErrorCode::OffsetOutOfRange)) => json!({"exception": "NoOffsetForPartitionException"}),
        Some((_, error)) => json!({"exception": error}),
        None if !has_position(consumer) => json!({"exception": "TimeoutException"}),
        None => {
            let position = consumer.assigned().next().and_then(|(_, position, _)| position);
            json!({"first": consumer.last_records().next().map(|record| record.offset), "position": position})
        }
    }
}
