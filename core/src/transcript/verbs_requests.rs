//! Verbs that speak the protocol: `request`, `send`, `answer`, `produce`, `repeat`.

use std::collections::BTreeMap;

use crate::actor::Listener;
use crate::wire::{ErrorCode, MessageError, Response, Topic, restrict_to_version};
use serde_json::{Value, json};

use super::answers::Answer;
use super::format::TranscriptStep;
use super::player::{InFlightRequest, PATIENCE_MS, Player, Unsupported};

/// The timestamp of records produced by the verb `produce` where it tells none.
const RECORDED_TIMESTAMP_MS: i64 = 1_000;
/// How long an answer must stay away where a transcript says `nothing` and no time.
const NOTHING_MS: u64 = 500;

/// What was produced on real brokers was looked at when their followers had it and knew its high watermark: one fetch
/// more, of `replica.fetch.wait.max.ms` at most.
const REPLICATION_MS: u64 = 600;

/// A request as a step tells it, to be sent.
struct RecordedRequest<'s> {
    to: i32,
    port: Listener,
    api: &'s str,
    version: Option<i16>,
    body: Value,
    /// Whether it changed nothing in the recorded cluster.
    leaves_all: bool,
}

impl RecordedRequest<'_> {
    /// What the recorder's client said instead of sending it, if it says something that its version has no field for.
    fn unsupported_version(&self) -> Option<Value> {
        let error = restrict_to_version(self.api.parse().ok()?, self.version?, &mut self.body.clone()).err()?;
        // Kafka does not say where.
        let message = MessageError::here(error.problem).to_string();
        Some(json!({
            "exception": "UnsupportedVersionException", "message": message, "code": ErrorCode::UnsupportedVersion,
        }))
    }
}

impl Player<'_> {
    pub(super) fn request_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        self.wait_for_fencing(step);
        let written_before = self.cluster.metadata_end();
        if let Some(topic) = step.get("body").and_then(|body| body.pointer("/topics/0/name")).and_then(Value::as_str) {
            self.topic = topic.to_owned();
        }
        if self.group_request_in_short(step)? {
            return Ok(());
        }
        let sent_at = self.now();
        let request = self.recorded_request(step)?;
        if let (Some(saw), Some(exception)) = (&step.saw, request.unsupported_version()) {
            self.compare(saw, &exception);
            return Ok(());
        }
        let probe = self.send_recorded(step, request)?;
        let connection = step.get("conn").map(Value::to_string);
        if let Some(saw) = &step.saw {
            let answer = self.compare_answer(probe, &without_time(saw), PATIENCE_MS);
            self.compare_time(sent_at, connection.as_deref(), saw);
            self.note_throttle(connection.as_deref(), &answer);
            // What is not answered yet may be asked for later, by the note that tells of it.
            if let (Some(note), Answer::Nothing) = (step.text("note"), answer) {
                let open = InFlightRequest { probe, is_collected: false, sent_at, connection };
                self.open.insert(note.to_owned(), open);
            }
        }
        if let Some(wrote) = step.get("wrote") {
            self.compare_written("wrote", wrote, written_before);
        }
        Ok(())
    }

    pub(super) fn send_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let name = step.text("as").ok_or_else(|| Unsupported::action("send without a name"))?;
        self.let_newcomer_wait();
        let sent_at = self.now();
        let probe = self.send_as_recorded(step)?;
        let connection = step.get("conn").map(Value::to_string);
        self.open.insert(name.to_owned(), InFlightRequest { probe, is_collected: false, sent_at, connection });
        Ok(())
    }

    /// Collects an answer. One that was collected before does not come again: such a step tells what came after it.
    pub(super) fn answer_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let name = step.text("of").ok_or_else(|| Unsupported::observation("answer without a name"))?;
        let open = self.open.get(name).ok_or_else(|| Unsupported::observation("answer of what was not sent"))?;
        let (probe, is_collected, sent_at) = (open.probe, open.is_collected, open.sent_at);
        let connection = open.connection.clone();
        let within = step.natural("withinMs").map_err(Unsupported::observation)?.unwrap_or(PATIENCE_MS);
        let Some(saw) = &step.saw else { return Ok(()) };
        if is_collected {
            self.let_time_pass(nothing_within(saw, within));
            let closed = self.cluster.probe_answer(probe).is_some_and(|answer| answer.closed);
            let after = if closed { Answer::Closed } else { Answer::Nothing };
            self.compare_with(&after, saw);
            return Ok(());
        }
        let answer = self.compare_answer(probe, &without_time(saw), within);
        self.compare_time(sent_at, connection.as_deref(), saw);
        self.note_throttle(connection.as_deref(), &answer);
        if let Some(open) = self.open.get_mut(name) {
            open.is_collected = !matches!(answer, Answer::Nothing);
        }
        Ok(())
    }

    /// Sends what `request` and `send` tell.
    fn send_as_recorded(&mut self, step: &TranscriptStep) -> Result<u32, Unsupported> {
        let request = self.recorded_request(step)?;
        self.send_recorded(step, request)
    }

    /// What `request` and `send` tell.
    fn recorded_request<'s>(&mut self, step: &'s TranscriptStep) -> Result<RecordedRequest<'s>, Unsupported> {
        let api = step.text("api").ok_or_else(|| Unsupported::action("a request without api"))?;
        // What Kafka refused left the cluster as it was.
        let leaves_all = only_looks(api) || is_of_log_dirs(api) || step.saw.as_ref().is_some_and(is_refused);
        let cannot = |what: String| Unsupported { what, changes: !leaves_all };
        let to = self.node_of(step.get("to")).map_err(|what| cannot(what.what))?;
        let port = match step.get("port") {
            None => Listener::Broker,
            Some(recorded) if recorded == "broker" => Listener::Broker,
            Some(recorded) if recorded == "controller" => Listener::Controller,
            Some(other) => return Err(cannot(format!("port {other}"))),
        };
        let version = step.natural("version").map_err(cannot)?.map(i16::try_from);
        let version = version.transpose().map_err(|_| cannot("a version that is none".into()))?;
        let body = match step.get("body") {
            Some(body) => body.clone(),
            None if api == "Produce" && !self.topic.is_empty() => produce_of_one_record(&self.topic),
            None => body_in_short(api, step).ok_or_else(|| cannot(format!("{api} told in short")))?,
        };
        let body = super::prose::with_records_written_out(body);
        if api == "JoinGroup" {
            self.give_member_id(to, version, &body);
        }
        let body = self.body(api, &body).map_err(|what| cannot(format!("{api} with {what}")))?;
        Ok(RecordedRequest { to, port, api, version, body, leaves_all })
    }

    fn send_recorded(&mut self, step: &TranscriptStep, request: RecordedRequest) -> Result<u32, Unsupported> {
        let RecordedRequest { to, port, api, version, body, leaves_all } = request;
        self.connection = step.get("conn").map(Value::to_string);
        self.client_id = step.text("clientId").map(Topic::from);
        self.send(to, port, api, version, body).map_err(|what| Unsupported { what, changes: !leaves_all })
    }

    /// Compares how long an answer took, where that is told in words: `at once`, `about 3 s`, `answeredWithin: "300 ms"`; and how long
    /// a request waited on a connection that was muted.
    fn compare_time(&mut self, sent_at: u64, connection: Option<&str>, saw: &Value) {
        let took = self.now().saturating_sub(sent_at);
        let recorded = |field: &str| saw.get(field).and_then(Value::as_str);
        if let Some((low, high)) = recorded("after").and_then(about_ms) {
            self.compare_at("took", &json!(format!("{low} to {high}")), &json!(took));
        }
        if let Some(most) = recorded("answeredWithin").and_then(within_ms) {
            self.compare_at("answeredWithin", &json!(format!("0 to {most}")), &json!(took));
        }
        let throttled = connection.and_then(|connection| self.throttled.get(connection)).copied();
        if let (Some(share), Some((at, pause))) = (recorded("waited").and_then(share_of_throttle), throttled) {
            let waited = self.now().saturating_sub(at);
            let give = pause.saturating_mul(share) / 100;
            let expected = format!("{} to {}", pause.saturating_sub(give), pause.saturating_add(give));
            self.compare_at("waited", &json!(expected), &json!(waited));
        }
    }

    /// Remembers for how long an answer asked its client to pause.
    fn note_throttle(&mut self, connection: Option<&str>, answer: &Answer) {
        let (Some(connection), Answer::Answered(response)) = (connection, answer) else { return };
        if let Some(pause) = u64::try_from(response.throttle_time_ms()).ok().filter(|pause| *pause > 0) {
            self.throttled.insert(connection.to_owned(), (self.now(), pause));
        }
    }

    /// Which node `to` means.
    pub(super) fn node_of(&self, to: Option<&Value>) -> Result<i32, Unsupported> {
        match to {
            None => self.some_broker(),
            Some(Value::Number(number)) => number
                .as_i64()
                .and_then(|id| i32::try_from(id).ok())
                .ok_or_else(|| Unsupported::action(format!("node {number}"))),
            Some(Value::String(text)) => {
                let wants_active = match text.as_str() {
                    "active controller" => true,
                    "another controller" => false,
                    other => {
                        let named = self.node_by_role(other);
                        return named.ok_or_else(|| Unsupported::action(format!("node {other}")));
                    }
                };
                let view = self.view();
                let is_wanted = |active: bool| active == wants_active;
                let mut wanted =
                    view.nodes.iter().filter(|node| node.controller.as_ref().is_some_and(|c| is_wanted(c.is_active)));
                wanted.next().map(|node| node.id).ok_or_else(|| Unsupported::action(text.as_str()))
            }
            Some(other) => Err(Unsupported::action(format!("node {other}"))),
        }
    }

    /// Waits for an answer as long as allowed and compares it with what Kafka answered.
    pub(super) fn compare_answer(&mut self, probe: u32, saw: &Value, within_ms: u64) -> Answer {
        let answer = self.await_answer(probe, nothing_within(saw, within_ms));
        if let Answer::Answered(response @ Response::ConsumerGroupHeartbeat(_)) = &answer {
            self.note_epoch(&response.to_json());
        }
        self.compare_with(&answer, saw);
        answer
    }

    /// Members of a group are told in the order of their names, which says nothing. Whose answer is told later with its name
    /// is known by that name from here on, if it is answered: members who join at once are told apart by their answers.
    fn bind_members_recorded_later(&mut self) {
        let later = self.transcript.steps.iter().skip(self.at + 1).filter(|step| step.verb == "answer");
        for step in later {
            let name = step.saw.as_ref().and_then(|saw| saw.get("memberId")?.as_str());
            let Some(name) = name.filter(|name| super::names::is_name(name)) else { continue };
            let open = step.text("of").and_then(|of| self.open.get(of)).filter(|open| !open.is_collected);
            let answer = open.and_then(|open| self.cluster.probe_answer(open.probe)?.response.as_ref());
            if let Some(Response::JoinGroup(join)) = answer
                && !join.member_id.is_empty()
            {
                let member = Value::from(join.member_id.as_str());
                self.names.meet(&self.cluster, name, &member);
            }
        }
    }

    fn compare_with(&mut self, answer: &Answer, saw: &Value) {
        if matches!(answer, Answer::Answered(Response::JoinGroup(join)) if join.members.len() > 1) {
            self.bind_members_recorded_later();
        }
        let text = saw.as_str().unwrap_or_default();
        let is_closing = text == "connection closed" || saw.get("closed").is_some() || saw.get("$closed").is_some();
        if is_nothing(text) {
            self.compare(&json!("nothing"), &answer.to_json());
        } else if is_closing {
            self.compare(&json!(true), &json!(matches!(answer, Answer::Closed | Answer::Refused)));
        } else {
            self.compare(saw, &answer.shaped_like(saw));
        }
    }

    /// Compares what was written to the metadata log since an offset.
    pub(super) fn compare_written(&mut self, path: &str, expected: &Value, from: i64) {
        let written = super::observe::records_since(&self.cluster, from);
        self.compare_at(path, expected, &Value::Array(written));
    }

    pub(super) fn produce_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let topic = step.text("topic").ok_or_else(|| Unsupported::action("produce without a topic"))?.to_owned();
        let partition = step.small("partition").unwrap_or(0);
        let timeout = step.natural("timeoutMs").map_err(Unsupported::action)?.unwrap_or(5_000);
        let acks = match step.get("acks") {
            Some(Value::String(text)) if text == "all" => -1,
            Some(value) => value.as_i64().ok_or_else(|| Unsupported::action(format!("acks {value}")))?,
            None => -1,
        };
        let to = match step.get("to") {
            None => self.leader_of(&topic, partition).map_or_else(|| self.some_broker(), Ok)?,
            recorded => self.node_of(recorded)?,
        };
        let aged = step.text("records").and_then(|text| super::prose::aged_batch(text, self.now()));
        let batches = aged
            .map(|batch| vec![batch])
            .or_else(|| super::prose::dated_requests(step.text("records")?, self.now()))
            .or_else(|| super::prose::batches(step.get("records")))
            .ok_or_else(|| Unsupported::action(format!("records: {}", step.get("records").unwrap_or(&Value::Null))))?;
        let many = batches.len() > 1;
        let mut last = None;
        let count = batches.iter().map(Vec::len).sum::<usize>();
        for mut records in batches {
            give_noted_timestamps(&mut records, &step.timestamps);
            if let Some(timestamp) = step.get("timestamp") {
                give_timestamps(&mut records, timestamp);
            } else if self.writes_old_records() {
                give_timestamps(&mut records, &Value::from(RECORDED_TIMESTAMP_MS));
            }
            let body = json!({"acks": acks, "timeoutMs": timeout, "topicData": [
                {"name": topic, "partitionData": [{"index": partition, "records": {"records": records}}]}]});
            let body = self.body("Produce", &body).map_err(Unsupported::action)?;
            let probe = self.send(to, Listener::Broker, "Produce", Some(11), body).map_err(Unsupported::action)?;
            if many {
                self.await_answer(probe, PATIENCE_MS);
            }
            last = Some(probe);
        }
        let Some(probe) = last else { return Ok(()) };
        match (&step.saw, acks) {
            (Some(saw), _) => self.compare_produced(probe, saw, count),
            (None, 0) => self.let_time_pass(NOTHING_MS),
            (None, _) => {
                self.await_answer(probe, PATIENCE_MS);
            }
        }
        if self.has_real_followers(&topic, partition, to) {
            self.let_time_pass(REPLICATION_MS);
        }
        Ok(())
    }

    /// Compares the answer to a Produce. A producer's own report tells the offset of each record instead of the answer.
    fn compare_produced(&mut self, probe: u32, saw: &Value, records: usize) {
        let Some(offsets) = saw.get("offsets") else {
            self.compare_answer(probe, saw, PATIENCE_MS);
            return;
        };
        let answer = self.await_answer(probe, PATIENCE_MS).to_json();
        let base = answer.pointer("/responses/0/partitionResponses/0/baseOffset").and_then(Value::as_i64);
        let produced: Vec<i64> = (base.unwrap_or(-1)..).take(records).collect();
        self.compare_at("offsets", offsets, &json!(produced));
        let rest: serde_json::Map<String, Value> =
            saw.as_object().into_iter().flatten().filter(|(name, _)| *name != "offsets").map(own).collect();
        if !rest.is_empty() {
            self.compare_answer(probe, &Value::Object(rest), PATIENCE_MS);
        }
    }

    /// The recorder gave its records an old timestamp, and switched retention by time off for that.
    fn writes_old_records(&self) -> bool {
        let retention = self.transcript.cluster.pointer("/settings/log.retention.ms");
        retention.and_then(Value::as_i64) == Some(-1)
    }

    /// Whether other processes that run, no puppets, have replicas of a partition.
    fn has_real_followers(&self, topic: &str, partition: i32, leader: i32) -> bool {
        let image = self.cluster.image().and_then(|image| image.partition(topic, partition));
        let replicas = image.map(|image| image.replicas.clone()).unwrap_or_default();
        let mut others = self.cluster.nodes();
        others.any(|node| node.config.id != leader && replicas.contains(&node.config.id) && super::player::is_up(node))
    }

    /// `repeat` of a request, or of rounds told as `Produce one record acks=1; 2 fetches at the log end; 3 is silent`.
    pub(super) fn repeat_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        if let Some(what) = step.text("what") {
            let rounds = super::prose::round(what).ok_or_else(|| Unsupported::action(format!("repeat: {what}")))?;
            let recorded = |name: &str| step.natural(name).map_err(Unsupported::action);
            let every = recorded("everyMs")?
                .filter(|ms| *ms > 0)
                .ok_or_else(|| Unsupported::action("repeat without everyMs"))?;
            let times = recorded("times")?.or(recorded("forMs")?.map(|ms| ms.div_ceil(every)));
            return super::prose::play_rounds(self, &rounds, every, times.unwrap_or(1));
        }
        let times = step.natural("times").map_err(Unsupported::action)?.unwrap_or(1);
        if step.get("body").is_none() {
            return Err(Unsupported::action("repeat without a body"));
        }
        for _ in 0..times {
            if self.stopped.is_some() {
                break;
            }
            let probe = self.send_as_recorded(step)?;
            self.await_answer(probe, PATIENCE_MS);
        }
        if let Some(saw) = &step.saw {
            self.cannot_say("repeat", saw);
        }
        Ok(())
    }
}

/// Gives records that tell no timestamp this one.
fn give_timestamps(records: &mut [Value], timestamp: &Value) {
    let fields = records.iter_mut().filter_map(Value::as_object_mut);
    for record in fields {
        record.entry("timestamp").or_insert_with(|| timestamp.clone());
    }
}

/// The timestamps that a step's note tells by the records' values.
fn give_noted_timestamps(records: &mut [Value], timestamps: &BTreeMap<String, i64>) {
    for record in records.iter_mut().filter_map(Value::as_object_mut) {
        let noted = record.get("value").and_then(Value::as_str).and_then(|value| timestamps.get(value)).copied();
        if let Some(timestamp) = noted {
            record.entry("timestamp").or_insert(json!(timestamp));
        }
    }
}

fn own((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// `at once` is half a second at most, `about 3 s` that with a fifth more or less.
fn about_ms(words: &str) -> Option<(u64, u64)> {
    if words == "at once" {
        return Some((0, 500));
    }
    let seconds: u64 = words.strip_prefix("about ")?.strip_suffix(" s")?.parse().ok()?;
    let ms = seconds.checked_mul(1_000)?;
    Some((ms - ms / 5, ms + ms / 5))
}

/// What was answered, without the words on how long that took, where they can be compared.
fn without_time(saw: &Value) -> Value {
    let mut saw = saw.clone();
    let recorded = |field: &str| saw.get(field).and_then(Value::as_str);
    let understood = [
        ("after", recorded("after").and_then(about_ms).is_some()),
        ("answeredWithin", recorded("answeredWithin").and_then(within_ms).is_some()),
        ("waited", recorded("waited").and_then(share_of_throttle).is_some()),
    ];
    if let Some(fields) = saw.as_object_mut() {
        for (field, _) in understood.iter().filter(|(_, understood)| *understood) {
            fields.shift_remove(*field);
        }
    }
    saw
}

/// `300 ms`.
fn within_ms(words: &str) -> Option<u64> {
    words.strip_suffix(" ms")?.parse().ok()
}

/// `about as long as the throttle time (within 20 %)`: its per cent.
fn share_of_throttle(words: &str) -> Option<u64> {
    words.strip_prefix("about as long as the throttle time (within ")?.strip_suffix(" %)")?.parse().ok()
}

/// A Produce of which nothing is told but that it was sent.
fn produce_of_one_record(topic: &str) -> Value {
    let records = json!({"records": [{"key": "k", "value": "v"}]});
    json!({"acks": -1, "timeoutMs": 5000,
        "topicData": [{"name": topic, "partitionData": [{"index": 0, "records": records}]}]})
}

fn is_nothing(text: &str) -> bool {
    text == "nothing" || text.starts_with("nothing within ")
}

/// How long to wait for an answer: `nothing` is told of a moment, `nothing within 700 ms` of its own time.
fn nothing_within(saw: &Value, within_ms: u64) -> u64 {
    let text = saw.as_str().unwrap_or_default();
    match text.strip_prefix("nothing within ").and_then(|rest| rest.strip_suffix(" ms")) {
        Some(ms) => ms.parse().unwrap_or(NOTHING_MS),
        None if is_nothing(text) && within_ms == PATIENCE_MS => NOTHING_MS,
        None => within_ms,
    }
}

/// A body told by its main fields.
fn body_in_short(api: &str, step: &TranscriptStep) -> Option<Value> {
    let topic = super::prose::repeated(step.text("topic")?)?;
    match api {
        "Metadata" => Some(json!({"topics": [{"name": topic}],
            "allowAutoTopicCreation": step.get("allowAutoTopicCreation").cloned().unwrap_or(json!(false))})),
        "CreateTopics" => Some(json!({"topics": [{"name": topic, "numPartitions": 1, "replicationFactor": 1}],
            "validateOnly": step.get("validateOnly").cloned().unwrap_or(json!(false))})),
        _ => None,
    }
}

/// Whether a request leaves the cluster as it is.
pub(super) fn only_looks(api: &str) -> bool {
    api.starts_with("Describe")
        || api.starts_with("List")
        || api.ends_with("Describe")
        || matches!(
            api,
            "ApiVersions"
                | "FindCoordinator"
                | "OffsetFetch"
                | "OffsetForLeaderEpoch"
                | "FetchSnapshot"
                | "GetTelemetrySubscriptions"
                | "PushTelemetry"
        )
}

/// Whether a request only says in which of a broker's directories a replica lies, of which nothing else depends.
fn is_of_log_dirs(api: &str) -> bool {
    matches!(api, "AlterReplicaLogDirs" | "AssignReplicasToDirs")
}

/// Whether an answer refuses all that was asked for, so that nothing was changed. Of some errors nobody can say.
fn is_refused(saw: &Value) -> bool {
    const UNSURE: [&str; 4] =
        ["REQUEST_TIMED_OUT", "UNKNOWN_SERVER_ERROR", "MEMBER_ID_REQUIRED", "COORDINATOR_LOAD_IN_PROGRESS"];
    let mut errors = Vec::new();
    errors_in(saw, &mut errors);
    !errors.is_empty() && errors.iter().all(|error| *error != "NONE" && !UNSURE.contains(error))
}

fn errors_in<'v>(value: &'v Value, errors: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => {
            for (name, each) in fields {
                match each.as_str() {
                    Some(error) if matches!(name.as_str(), "error" | "errorCode") => errors.push(error),
                    _ => errors_in(each, errors),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|each| errors_in(each, errors)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_refused_wholly_left_all_as_it_was() {
        assert!(is_refused(&json!({"results": [{"error": "SECURITY_DISABLED"}, {"error": "SECURITY_DISABLED"}]})));
        assert!(!is_refused(&json!({"results": [{"error": "INVALID_REQUEST"}, {"error": "NONE"}]})));
        assert!(!is_refused(&json!({"error": "REQUEST_TIMED_OUT"})) && !is_refused(&json!({"count": 1})));
    }

    #[test]
    fn nothing_is_told_of_a_moment_or_of_its_own_time() {
        let within = |saw: &str, ms| nothing_within(&json!(saw), ms);
        assert_eq!((within("nothing", PATIENCE_MS), within("nothing", 900)), (NOTHING_MS, 900));
        assert_eq!((within("nothing within 700 ms", PATIENCE_MS), within("NONE", PATIENCE_MS)), (700, PATIENCE_MS));
    }
}
