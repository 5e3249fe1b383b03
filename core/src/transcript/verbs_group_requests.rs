//! Requests about groups without a body: a recording gives them and their answers by their main fields.

use serde_json::{Value, json};

use super::answers::Answer;
use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player, Unsupported};
use super::verbs_groups::{ASK_EVERY_MS, SESSION_TIMEOUT_MS, find_coordinator};
use crate::actor::Listener;

/// Requests that a step may give by their main fields.
const GROUP_REQUESTS: [&str; 11] = [
    "several",
    "OffsetFetch, Heartbeat",
    "FindCoordinator",
    "OffsetFetch",
    "OffsetCommit",
    "OffsetDelete",
    "Heartbeat",
    "DescribeGroups",
    "DeleteGroups",
    "JoinGroup",
    "LeaveGroup",
];

impl Player<'_> {
    /// Plays a request about the recorder's member that has no body. False if it is none of these.
    pub(super) fn group_request_in_short(&mut self, step: &TranscriptStep) -> Result<bool, Unsupported> {
        let Some(api) = step.text("api").filter(|_| step.get("body").is_none()) else { return Ok(false) };
        if !GROUP_REQUESTS.contains(&api) {
            return Ok(false);
        }
        let saw = step.saw.clone().unwrap_or_default();
        match api {
            "several" => self.several(step, &saw)?,
            "OffsetFetch, Heartbeat" => self.both_coordinators(step, &saw)?,
            "FindCoordinator" => self.found_coordinators(step, &saw)?,
            _ => {
                let to = self.node_of(step.get("to"))?;
                if saw.get("endsWith").is_some() {
                    let ended = self.ask_until_answered(to, api)?;
                    self.compare_words("", &saw, &json!({"endsWith": error_of(&ended)}));
                    return Ok(true);
                }
                let body = self.short_body(api, step);
                let answer = self.short_answer(to, api, &body)?;
                if step.saw.is_some() {
                    self.compare_words("", &saw, &answer);
                }
            }
        }
        Ok(true)
    }

    /// The answer with its only group, topic and partition in one, in the words of such steps.
    fn short_answer(&mut self, to: i32, api: &str, body: &Value) -> Result<Value, Unsupported> {
        let body = self.body(api, body).map_err(Unsupported::action)?;
        let version = self.version_with_names(api);
        let probe = self.send(to, Listener::Broker, api, version, body).map_err(Unsupported::action)?;
        let answer = self.await_answer(probe, PATIENCE_MS);
        let Answer::Answered(_) = &answer else { return Ok(answer.to_json()) };
        let mut flat = answer.shaped_like(&json!({}));
        if let Some(fields) = flat.as_object_mut() {
            let assignment = fields.get("memberAssignment").cloned();
            fields.extend(assignment.map(|assignment| ("assignment".to_owned(), assignment)));
        }
        Ok(flat)
    }

    /// Asks again while the coordinator is not there yet.
    fn ask_until_answered(&mut self, to: i32, api: &str) -> Result<Value, Unsupported> {
        let deadline = self.now().saturating_add(PATIENCE_MS);
        let body = self.plain_body(api);
        loop {
            let answer = self.short_answer(to, api, &body)?;
            let error = error_of(&answer);
            let waits = error.as_str().is_some_and(|error| error.contains("COORDINATOR"));
            if !waits || self.now() >= deadline || self.stopped.is_some() {
                return Ok(answer);
            }
            self.let_time_pass(ASK_EVERY_MS);
        }
    }

    fn plain_body(&self, api: &str) -> Value {
        let group = self.groups.named.as_str();
        let (member, epoch) = match self.groups.members.get(group) {
            Some(member) => (member.id.as_str(), member.epoch),
            None => ("", -1),
        };
        let topic = self.groups.topic.as_str();
        match api {
            "FindCoordinator" => find_coordinator(group),
            "Heartbeat" => json!({"groupId": group, "generationId": epoch, "memberId": member}),
            "JoinGroup" => json!({"groupId": group, "sessionTimeoutMs": SESSION_TIMEOUT_MS, "memberId": "",
                "protocolType": "consumer", "protocols": [{"name": "range", "metadata": {"topics": [topic]}}]}),
            "SyncGroup" => json!({"groupId": group, "generationId": epoch, "memberId": member,
                "protocolType": "consumer", "protocolName": "range"}),
            "LeaveGroup" => json!({"groupId": group, "members": [{"memberId": member}]}),
            "OffsetCommit" => json!({"groupId": group, "generationIdOrMemberEpoch": epoch, "memberId": member,
                "topics": [{"name": topic, "partitions": [{"partitionIndex": 0, "committedOffset": 0}]}]}),
            "OffsetFetch" => {
                json!({"groups": [{"groupId": group, "topics": [{"name": topic, "partitionIndexes": [0]}]}]})
            }
            "OffsetDelete" => {
                json!({"groupId": group, "topics": [{"name": topic, "partitions": [{"partitionIndex": 0}]}]})
            }
            "DescribeGroups" => json!({"groups": [group]}),
            "DeleteGroups" => json!({"groupsNames": [group]}),
            _ => json!({}),
        }
    }

    fn short_body(&self, api: &str, step: &TranscriptStep) -> Value {
        let mut body = self.plain_body(api);
        if let Some(offset) = step.number("offset") {
            body["topics"][0]["partitions"][0]["committedOffset"] = json!(offset);
        }
        if let Some(generation) = step.number("generation") {
            body["generationId"] = json!(generation);
        }
        body
    }

    /// Several requests to one broker, each told by its error.
    fn several(&mut self, step: &TranscriptStep, saw: &Value) -> Result<(), Unsupported> {
        let to = self.node_of(step.get("to"))?;
        for (api, expected) in saw.as_object().into_iter().flatten() {
            let version = self.version_with_names(api);
            let body = self.body(api, &self.plain_body(api)).map_err(Unsupported::action)?;
            let probe = self.send(to, Listener::Broker, api, version, body).map_err(Unsupported::action)?;
            let answer = self.await_answer(probe, PATIENCE_MS);
            let actual = match api.as_str() {
                "FindCoordinator" => {
                    let found = answer.to_json().pointer("/coordinators/0/nodeId").and_then(Value::as_i64);
                    let is_it = found == self.coordinator().map(i64::from);
                    json!(if is_it { "the coordinator" } else { "another broker" })
                }
                _ => answer.shaped_like(expected),
            };
            self.compare_at(api, expected, &actual);
        }
        Ok(())
    }

    /// The last version in which a request names topics by name.
    fn version_with_names(&self, api: &str) -> Option<i16> {
        matches!(api, "OffsetCommit" | "OffsetFetch").then_some(9)
    }

    /// FindCoordinator: asked until another broker is told, or once.
    fn found_coordinators(&mut self, step: &TranscriptStep, saw: &Value) -> Result<(), Unsupported> {
        let group = self.groups.named.clone();
        let first = self.groups.first_coordinator.map(i64::from);
        let deadline = self.now().saturating_add(PATIENCE_MS);
        let before = self.coordinator();
        let mut answers: Vec<Value> = Vec::new();
        loop {
            let to = self.node_of(step.get("to"))?;
            let answer = self.request_in_short(to, "FindCoordinator", 6, &find_coordinator(&group))?;
            let found = answer.pointer("/coordinators/0/nodeId").and_then(Value::as_i64);
            let actual = json!(if found == first { "the dead coordinator" } else { "another broker" });
            if answers.last() != Some(&actual) {
                answers.push(actual);
            }
            let wanted = saw.get("answers").and_then(Value::as_array).map_or(1, Vec::len);
            let is_found = found.is_some_and(|found| found >= 0);
            if (answers.len() >= wanted && is_found) || self.now() >= deadline || self.stopped.is_some() {
                let is_same = found == before.map(i64::from);
                let coordinator = if is_same { "unchanged" } else { "another" };
                self.compare_words("", saw, &json!({"answers": answers, "coordinator": coordinator}));
                return Ok(());
            }
            self.let_time_pass(ASK_EVERY_MS);
        }
    }

    /// The first coordinator is asked once more, and the one between them.
    fn both_coordinators(&mut self, step: &TranscriptStep, saw: &Value) -> Result<(), Unsupported> {
        let to = self.node_of(step.get("to"))?;
        let ended = self.ask_until_answered(to, "OffsetFetch")?;
        let body = self.plain_body("Heartbeat");
        let heartbeat = self.short_answer(to, "Heartbeat", &body)?;
        let other = self.brokers_in_reach().into_iter().find(|id| *id != to);
        let elsewhere = match other {
            Some(other) => error_of(&self.short_answer(other, "Heartbeat", &body)?),
            None => Value::Null,
        };
        let actual = json!({"endsWith": error_of(&ended), "committedOffset": ended.get("committedOffset"),
            "heartbeat": error_of(&heartbeat), "heartbeatAtTheOther": elsewhere});
        self.compare_words("", saw, &actual);
        Ok(())
    }
}

fn error_of(answer: &Value) -> Value {
    answer.get("errorCode").cloned().unwrap_or_else(|| answer.clone())
}
