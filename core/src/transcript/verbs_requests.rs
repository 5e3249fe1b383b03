//! Verbs that speak the protocol: `request`, `send`, `answer`, `produce`, `repeat`.

use crate::actor::Port;
use serde_json::{Value, json};

use super::answers::Answer;
use super::format::TranscriptStep;
use super::interpreter::{OpenRequest, PATIENCE_MS, Player, Unsayable};

/// The timestamp of records produced by the verb `produce` where it tells none.
const RECORDED_TIMESTAMP_MS: i64 = 1_000;
/// How long an answer must stay away where a transcript says `nothing` and no time.
const NOTHING_MS: u64 = 500;

/// What was produced on real brokers was looked at when their followers had it and knew its high watermark: one fetch
/// more, of `replica.fetch.wait.max.ms` at most.
const REPLICATION_MS: u64 = 600;

impl Player<'_> {
    pub(super) fn request_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsayable> {
        let written_before = self.cluster.metadata_end();
        if let Some(topic) = step.get("body").and_then(|body| body.pointer("/topics/0/name")).and_then(Value::as_str) {
            self.topic = topic.to_owned();
        }
        let probe = self.send_as_told(step)?;
        if let Some(saw) = &step.saw {
            self.compare_answer(probe, saw, PATIENCE_MS);
        }
        if let Some(wrote) = step.get("wrote") {
            self.compare_written("wrote", wrote, written_before);
        }
        Ok(())
    }

    pub(super) fn send_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsayable> {
        let name = step.text("as").ok_or_else(|| Unsayable::deed("send without a name"))?;
        let probe = self.send_as_told(step)?;
        self.open.insert(name.to_owned(), OpenRequest { probe });
        Ok(())
    }

    pub(super) fn answer_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsayable> {
        let name = step.text("of").ok_or_else(|| Unsayable::look("answer without a name"))?;
        let probe = self.open.get(name).map(|open| open.probe);
        let probe = probe.ok_or_else(|| Unsayable::look("answer of what was not sent"))?;
        let within = step.number("withinMs").and_then(|ms| u64::try_from(ms).ok()).unwrap_or(PATIENCE_MS);
        if let Some(saw) = &step.saw {
            self.compare_answer(probe, saw, within);
        }
        Ok(())
    }

    /// Sends what `request` and `send` tell.
    fn send_as_told(&mut self, step: &TranscriptStep) -> Result<u32, Unsayable> {
        let api = step.text("api").ok_or_else(|| Unsayable::deed("a request without api"))?;
        let cannot = |what: String| Unsayable { what, changes: !only_looks(api) };
        let to = self.node_of(step.get("to")).map_err(|what| cannot(what.what))?;
        let port = match step.text("port") {
            Some("controller") => Port::Controller,
            _ => Port::Broker,
        };
        if step.get("conn").is_some_and(|conn| self.is_busy(conn)) {
            return Err(cannot("several requests on one connection".into()));
        }
        let version = step.small("version").and_then(|version| i16::try_from(version).ok());
        let body = match step.get("body") {
            Some(body) => body.clone(),
            None => body_in_short(api, step).ok_or_else(|| cannot(format!("{api} told in short")))?,
        };
        let body = self.body(api, &body).map_err(|what| cannot(format!("{api} with {what}")))?;
        self.send(to, port, api, version, body).map_err(cannot)
    }

    /// Whether a request on this connection is still open: a second one would wait behind it.
    fn is_busy(&self, conn: &Value) -> bool {
        let steps = &self.transcript.steps[..self.at];
        let sends = steps.iter().filter(|step| step.verb == "send" && step.get("conn") == Some(conn));
        let probes = sends.filter_map(|step| self.open.get(step.text("as")?)).map(|open| open.probe);
        let mut answers = probes.filter_map(|probe| self.cluster.probe_answer(probe));
        answers.any(|answer| answer.answered_at_ms.is_none() && !answer.closed)
    }

    /// Which node `to` means.
    pub(super) fn node_of(&self, to: Option<&Value>) -> Result<i32, Unsayable> {
        match to {
            None => self.some_broker(),
            Some(Value::Number(number)) => number
                .as_i64()
                .and_then(|id| i32::try_from(id).ok())
                .ok_or_else(|| Unsayable::deed(format!("node {number}"))),
            Some(Value::String(text)) => {
                let wants_active = match text.as_str() {
                    "active controller" => true,
                    "another controller" => false,
                    other => return Err(Unsayable::deed(format!("node {other}"))),
                };
                let view = self.view();
                let is_wanted = |active: bool| active == wants_active;
                let mut wanted =
                    view.nodes.iter().filter(|node| node.controller.as_ref().is_some_and(|c| is_wanted(c.is_active)));
                wanted.next().map(|node| node.id).ok_or_else(|| Unsayable::deed(text.as_str()))
            }
            Some(other) => Err(Unsayable::deed(format!("node {other}"))),
        }
    }

    /// Waits for an answer as long as allowed and compares it with what Kafka answered.
    pub(super) fn compare_answer(&mut self, probe: u32, saw: &Value, within_ms: u64) {
        let text = saw.as_str().unwrap_or_default();
        let is_nothing = text == "nothing" || text.starts_with("nothing within ");
        let within_ms = match text.strip_prefix("nothing within ").and_then(|rest| rest.strip_suffix(" ms")) {
            Some(ms) => ms.parse().unwrap_or(NOTHING_MS),
            None if is_nothing && within_ms == PATIENCE_MS => NOTHING_MS,
            None => within_ms,
        };
        let answer = self.await_answer(probe, within_ms);
        let is_closing = text == "connection closed" || saw.get("closed").is_some() || saw.get("$closed").is_some();
        if is_nothing {
            self.compare(&json!("nothing"), &answer.to_json());
        } else if is_closing {
            self.compare(&json!(true), &json!(matches!(answer, Answer::Closed)));
        } else {
            self.compare(saw, &answer.shaped_like(saw));
        }
    }

    /// Compares what was written to the metadata log since an offset.
    pub(super) fn compare_written(&mut self, path: &str, expected: &Value, from: i64) {
        let written = super::observe::records_since(&self.cluster, from);
        self.compare_at(path, expected, &Value::Array(written));
    }

    pub(super) fn produce_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsayable> {
        if step.get("by").is_some() || step.get("producer").is_some() {
            return Err(Unsayable::deed("produce by a producer"));
        }
        let topic = step.text("topic").ok_or_else(|| Unsayable::deed("produce without a topic"))?.to_owned();
        let partition = step.small("partition").unwrap_or(0);
        let acks = match step.get("acks") {
            Some(Value::String(text)) if text == "all" => -1,
            Some(value) => value.as_i64().ok_or_else(|| Unsayable::deed(format!("acks {value}")))?,
            None => -1,
        };
        let to = match step.get("to") {
            None => self.leader_of(&topic, partition).map_or_else(|| self.some_broker(), Ok)?,
            told => self.node_of(told)?,
        };
        let timeout = step.number("timeoutMs").unwrap_or(5_000);
        let batches = super::prose::batches(step.get("records"))
            .ok_or_else(|| Unsayable::deed(format!("records: {}", step.get("records").unwrap_or(&Value::Null))))?;
        let many = batches.len() > 1;
        let mut last = None;
        for mut records in batches {
            if self.writes_old_records() {
                give_timestamps(&mut records);
            }
            let body = json!({"acks": acks, "timeoutMs": timeout, "topicData": [
                {"name": topic, "partitionData": [{"index": partition, "records": {"records": records}}]}]});
            let body = self.body("Produce", &body).map_err(Unsayable::deed)?;
            let probe = self.send(to, Port::Broker, "Produce", Some(11), body).map_err(Unsayable::deed)?;
            if many {
                self.await_answer(probe, PATIENCE_MS);
            }
            last = Some(probe);
        }
        let Some(probe) = last else { return Ok(()) };
        match (&step.saw, acks) {
            (Some(saw), _) => self.compare_answer(probe, saw, PATIENCE_MS),
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

    /// The recorder gave its records an old timestamp, and switched retention by time off for that.
    fn writes_old_records(&self) -> bool {
        let retention = self.transcript.cluster.pointer("/settings/log.retention.ms");
        retention.and_then(Value::as_i64) == Some(-1)
    }

    /// Whether other processes that run, no puppets, have replicas of a partition.
    fn has_real_followers(&self, topic: &str, partition: i32, leader: i32) -> bool {
        let image = self.cluster.image().and_then(|image| image.partition(topic, partition));
        let replicas = image.map(|image| image.replicas.clone()).unwrap_or_default();
        let view = self.view();
        let others = view.nodes.iter().filter(|node| node.id != leader && replicas.contains(&node.id));
        others.into_iter().any(super::interpreter::is_up)
    }

    /// `repeat` of a request, or of rounds told as `Produce one record acks=1; 2 fetches at the log end; 3 is silent`.
    pub(super) fn repeat_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsayable> {
        if let Some(what) = step.text("what") {
            let rounds = super::prose::round(what).ok_or_else(|| Unsayable::deed(format!("repeat: {what}")))?;
            let positive = |name: &str| step.number(name).and_then(|ms| u64::try_from(ms).ok()).filter(|ms| *ms > 0);
            let every = positive("everyMs").ok_or_else(|| Unsayable::deed("repeat without everyMs"))?;
            let times = positive("times").or_else(|| positive("forMs").map(|ms| ms.div_ceil(every)));
            return super::prose::play_rounds(self, &rounds, every, times.unwrap_or(1));
        }
        let times = step.number("times").unwrap_or(1);
        if step.get("body").is_none() {
            return Err(Unsayable::deed("repeat without a body"));
        }
        for _ in 0..times {
            let probe = self.send_as_told(step)?;
            self.await_answer(probe, PATIENCE_MS);
        }
        if let Some(saw) = &step.saw {
            self.cannot_say("repeat", saw);
        }
        Ok(())
    }
}

/// Gives records without a timestamp the recorder's.
fn give_timestamps(records: &mut [Value]) {
    let fields = records.iter_mut().filter_map(Value::as_object_mut);
    for record in fields {
        record.entry("timestamp").or_insert_with(|| Value::from(RECORDED_TIMESTAMP_MS));
    }
}

/// A body told by its main fields.
fn body_in_short(api: &str, step: &TranscriptStep) -> Option<Value> {
    let topic = super::prose::repeated(step.text("topic")?);
    match api {
        "Metadata" => Some(json!({"topics": [{"name": topic}],
            "allowAutoTopicCreation": step.get("allowAutoTopicCreation").cloned().unwrap_or(json!(false))})),
        "CreateTopics" => Some(json!({"topics": [{"name": topic, "numPartitions": 1, "replicationFactor": 1}],
            "validateOnly": step.get("validateOnly").cloned().unwrap_or(json!(false))})),
        _ => None,
    }
}

/// Whether a request leaves the cluster as it is.
fn only_looks(api: &str) -> bool {
    api.starts_with("Describe")
        || api.starts_with("List")
        || matches!(api, "ApiVersions" | "FindCoordinator" | "OffsetFetch" | "OffsetForLeaderEpoch" | "FetchSnapshot")
}
