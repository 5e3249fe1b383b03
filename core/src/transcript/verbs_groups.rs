//! Verbs about groups: `join`, `leave`, `commit`, `heartbeat-until`.

use std::collections::BTreeMap;

use crate::actor::Listener;
use crate::broker::group::GroupCoordinator;
use crate::broker::metadata_cache::OFFSETS_TOPIC;
use crate::change::is_kafkas_own;
use crate::cluster::node::ProcessState;
use serde_json::{Value, json};

use super::format::{Transcript, TranscriptStep};
use super::player::{PATIENCE_MS, Player, Unsupported};

/// How often a client asks again, in milliseconds, where a recording does not say.
pub(super) const ASK_EVERY_MS: u64 = 250;
/// Kafka's default of `session.timeout.ms`, where a recording does not tell another.
pub(super) const SESSION_TIMEOUT_MS: i64 = 45_000;
/// Kafka's default of `max.poll.interval.ms`, which is a member's rebalance timeout.
const REBALANCE_TIMEOUT_MS: i64 = 300_000;
/// What the recorder's members were assigned.
const ASSIGNMENT: &str = "A";

/// A member that the player keeps, of the group that has one.
#[derive(Clone, Debug)]
pub(super) struct GroupMember {
    pub(super) id: String,
    /// Its generation or epoch.
    pub(super) epoch: i64,
    is_consumer_protocol: bool,
}

/// What the player knows of groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    /// The group most lately named.
    pub(super) named: String,
    /// The topic most lately named that is none of Kafka's own.
    pub(super) topic: String,
    pub(super) members: BTreeMap<String, GroupMember>,
    /// The epochs that members of consumer groups were told last, by group and member.
    epochs: BTreeMap<(String, String), i64>,
    /// Who coordinated the group before the last fault.
    pub(super) first_coordinator: Option<i32>,
    /// How long after the first a newcomer comes, as a note told it, and how many have come since.
    newcomer: Option<(u64, u32)>,
}

impl Player<'_> {
    /// Notes the group that a step names.
    pub(super) fn name_group(&mut self, step: &TranscriptStep) {
        let body = step.get("body");
        let named = step.text("group").or_else(|| body.and_then(|body| body.get("groupId")?.as_str()));
        if let Some(group) = named {
            self.groups.named = group.to_owned();
        }
        if let Some(topic) = step.text("topic").filter(|topic| !is_kafkas_own(topic)) {
            self.groups.topic = topic.to_owned();
        }
    }

    /// Who coordinates the group most lately named, as the metadata log says.
    pub(super) fn coordinator(&self) -> Option<i32> {
        let partitions = self.cluster.image()?.topic_ids.get(OFFSETS_TOPIC)?;
        let count = self.cluster.image()?.topics.get(partitions)?.partitions.len();
        let partition = GroupCoordinator::partition_for(&self.groups.named, i32::try_from(count).ok()?);
        self.leader_of(OFFSETS_TOPIC, partition)
    }

    /// The node that a word about coordinators means.
    pub(super) fn node_by_role(&self, word: &str) -> Option<i32> {
        let first = self.groups.first_coordinator;
        match word {
            "the coordinator" | "coordinator" | "the new coordinator" => self.coordinator(),
            "the old coordinator" | "the dead coordinator" | "the first coordinator again" => first,
            "a broker that is not the coordinator" => {
                let coordinator = self.coordinator();
                self.brokers_in_reach().into_iter().filter(|id| Some(*id) != coordinator).min()
            }
            "a broker that lives" => self.some_broker().ok(),
            "active controller" | "another controller" => self.node_of(Some(&Value::from(word))).ok(),
            "the stopped node" => {
                let mut nodes = self.cluster.nodes();
                nodes.find(|node| node.process == ProcessState::Down).map(|node| node.config.id)
            }
            "the paused node" => {
                let mut nodes = self.cluster.nodes();
                nodes.find(|node| node.process == ProcessState::Paused).map(|node| node.config.id)
            }
            _ => None,
        }
    }

    /// A fault strikes: who coordinates now is remembered as the first.
    pub(super) fn note_coordinator(&mut self) {
        if !self.groups.named.is_empty() {
            self.groups.first_coordinator = self.coordinator().or(self.groups.first_coordinator);
        }
    }

    /// Remembers the epoch that a member of a consumer group was told.
    pub(super) fn note_epoch(&mut self, answer: &Value) {
        let epoch = answer.get("memberEpoch").and_then(Value::as_i64);
        let member = answer.get("memberId").and_then(Value::as_str);
        let Some((member, epoch)) = member.zip(epoch) else { return };
        let of = (self.groups.named.clone(), member.to_owned());
        if epoch > 0 {
            self.groups.epochs.insert(of, epoch);
        } else {
            self.groups.epochs.remove(&of);
        }
    }

    /// While one member of a consumer group is heard again and again, the others are too: they would be dropped otherwise.
    fn heartbeat_others(&mut self, to: i32, group: &str, member: &Value) -> Result<(), Unsupported> {
        let others: Vec<(String, i64)> = self
            .groups
            .epochs
            .iter()
            .filter(|((of, id), _)| of == group && *id != member.as_str().unwrap_or_default())
            .map(|((_, id), epoch)| (id.clone(), *epoch))
            .collect();
        for (id, epoch) in others {
            let body = json!({"groupId": group, "memberId": id, "memberEpoch": epoch});
            let answer = self.request_in_short(to, "ConsumerGroupHeartbeat", 1, &body)?;
            self.note_epoch(&answer);
        }
        Ok(())
    }

    /// A note may tell that a newcomer comes later than the first.
    pub(super) fn note_newcomer(&mut self, step: &TranscriptStep) {
        let what = step.text("what").unwrap_or_default();
        if let Some(after_ms) = newcomer_ms(what) {
            self.groups.newcomer = Some((after_ms, 0));
        }
        if let Some(group) = stable_group(what) {
            self.make_stable(group);
        }
    }

    /// A group that is said to have one member: of those who join it in the steps that follow, the one who does not come first.
    fn make_stable(&mut self, group: &str) {
        let later = self.transcript.steps.iter().skip(self.at + 1);
        let joins = later.filter(|step| step.text("api") == Some("JoinGroup")).filter_map(|step| step.get("body"));
        let mut of_group = joins.filter(|body| body.get("groupId").and_then(Value::as_str) == Some(group));
        let first = of_group.next().and_then(|body| body.get("memberId"));
        let Some(body) = of_group.find(|body| body.get("memberId") != first).cloned() else { return };
        group.clone_into(&mut self.groups.named);
        let Ok(to) = self.node_of(None) else { return };
        self.give_member_id(to, Some(9), &body);
        let Ok(joined) = self.request_in_short(to, "JoinGroup", 9, &body) else { return };
        let member = joined.get("memberId").cloned().unwrap_or_default();
        let sync = json!({"groupId": group, "generationId": joined.get("generationId"), "memberId": member,
            "assignments": [{"memberId": member, "assignment": ASSIGNMENT}],
            "protocolType": joined.get("protocolType"), "protocolName": joined.get("protocolName")});
        // Without an answer the steps that follow will tell.
        let _synced = self.request_in_short(to, "SyncGroup", 5, &sync);
    }

    /// The second that is sent after such a note is the newcomer.
    pub(super) fn let_newcomer_wait(&mut self) {
        let Some((after_ms, sent)) = &mut self.groups.newcomer else { return };
        *sent += 1;
        let (after_ms, sent) = (*after_ms, *sent);
        if sent == 2 {
            self.groups.newcomer = None;
            self.let_time_pass(after_ms);
        }
    }

    /// A member that joins under a name which nothing stands for yet got its id before: the recorder left that out.
    pub(super) fn give_member_id(&mut self, to: i32, version: Option<i16>, body: &Value) {
        let Some(name) = body.get("memberId").and_then(Value::as_str) else { return };
        if !super::names::is_name(name) || self.names.known(name).is_some() {
            return;
        }
        let name = name.to_owned();
        let mut first = body.clone();
        first["memberId"] = json!("");
        let Ok(first) = self.body("JoinGroup", &first) else { return };
        let Ok(probe) = self.send(to, Listener::Broker, "JoinGroup", version, first) else { return };
        let answer = self.await_answer(probe, PATIENCE_MS).to_json();
        if let Some(id) = answer.get("memberId").filter(|id| **id != json!("")) {
            self.names.meet(&self.cluster, &name, id);
        }
    }

    // --- verbs ---

    /// `heartbeat-until`: a member is heard again and again, until it is told something.
    pub(super) fn heartbeat_until_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let every = step.natural("everyMs").map_err(Unsupported::action)?.unwrap_or(ASK_EVERY_MS);
        let member = step.get("member").cloned().unwrap_or_default();
        let group = self.groups.named.clone();
        let (api, version, body) = match (step.number("generation"), step.number("epoch")) {
            (Some(generation), None) => {
                let body = json!({"groupId": group, "generationId": generation, "memberId": member});
                ("Heartbeat", 4, body)
            }
            (None, Some(epoch)) => {
                let body = json!({"groupId": group, "memberId": member, "memberEpoch": epoch});
                ("ConsumerGroupHeartbeat", 1, body)
            }
            _ => return Err(Unsupported::action("heartbeat-until without an epoch")),
        };
        let (to, began) = (self.node_of(None)?, self.now());
        let error = loop {
            if api == "ConsumerGroupHeartbeat" {
                self.heartbeat_others(to, &group, &member)?;
            }
            let body = self.body(api, &body).map_err(Unsupported::action)?;
            let probe = self.send(to, Listener::Broker, api, Some(version), body).map_err(Unsupported::action)?;
            let answer = self.await_answer(probe, PATIENCE_MS).to_json();
            let error = answer.get("errorCode").cloned().unwrap_or(answer);
            let is_over = self.now() >= began.saturating_add(PATIENCE_MS) || self.stopped.is_some();
            if error != json!("NONE") || is_over {
                break error;
            }
            self.let_time_pass(every);
        };
        let took = self.now().saturating_sub(began);
        for (field, expected) in step.saw.as_ref().and_then(Value::as_object).into_iter().flatten() {
            match field.as_str() {
                "error" => self.compare_at("error", expected, &error),
                "afterMs" => self.compare_at("afterMs", expected, &json!(took)),
                _ => self.cannot_say(field, expected),
            }
        }
        Ok(())
    }

    /// `join`: a member of the recorder's joins the group, and is given what it reads.
    pub(super) fn join_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        self.wait_for_coordinator()?;
        match step.text("protocol") {
            None | Some("classic") => self.join_classic(step),
            Some("consumer") => self.join_consumer(step),
            Some(other) => Err(Unsupported::action(format!("join with protocol {other}"))),
        }
    }

    /// Asks for the coordinator until there is one.
    fn wait_for_coordinator(&mut self) -> Result<(), Unsupported> {
        let group = self.groups.named.clone();
        let deadline = self.now().saturating_add(PATIENCE_MS);
        while self.now() < deadline {
            let broker = self.some_broker()?;
            let answer = self.request_in_short(broker, "FindCoordinator", 6, &find_coordinator(&group))?;
            self.let_time_pass(ASK_EVERY_MS);
            if answer.pointer("/coordinators/0/errorCode") == Some(&json!("NONE")) {
                return Ok(());
            }
        }
        Ok(())
    }

    pub(super) fn request_in_short(
        &mut self,
        to: i32,
        api: &str,
        version: i16,
        body: &Value,
    ) -> Result<Value, Unsupported> {
        let body = self.body(api, body).map_err(Unsupported::action)?;
        let probe = self.send(to, Listener::Broker, api, Some(version), body).map_err(Unsupported::action)?;
        Ok(self.await_answer(probe, PATIENCE_MS).to_json())
    }

    /// The same to the coordinator.
    fn ask_coordinator(&mut self, api: &str, version: i16, body: &Value) -> Result<Value, Unsupported> {
        let to = self.coordinator().ok_or_else(|| Unsupported::action(format!("{api} without a coordinator")))?;
        self.request_in_short(to, api, version, body)
    }

    fn join_classic(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let group = self.groups.named.clone();
        let timeout = |field: &str, default| recorded_number(self.transcript, field).unwrap_or(default);
        let (session, rebalance) =
            (timeout("sessionTimeout", SESSION_TIMEOUT_MS), timeout("rebalanceTimeout", REBALANCE_TIMEOUT_MS));
        let mut join = json!({"groupId": group, "sessionTimeoutMs": session, "rebalanceTimeoutMs": rebalance,
            "memberId": "", "protocolType": "consumer",
            "protocols": [{"name": "range", "metadata": {"$subscription": [self.groups.topic]}}]});
        let first = self.ask_coordinator("JoinGroup", 9, &join)?;
        let member = first.get("memberId").cloned().unwrap_or_default();
        join["memberId"] = member.clone();
        let joined = self.ask_coordinator("JoinGroup", 9, &join)?;
        let generation = joined.get("generationId").and_then(Value::as_i64).unwrap_or(-1);
        let sync = json!({"groupId": group, "generationId": generation, "memberId": member,
            "protocolType": "consumer", "protocolName": "range",
            "assignments": [{"memberId": member, "assignment": ASSIGNMENT}]});
        let synced = self.ask_coordinator("SyncGroup", 5, &sync)?;
        if let Some(saw) = &step.saw {
            let actual = json!({"generation": generation, "sync": synced.get("errorCode")});
            self.compare_words("", saw, &actual);
        }
        let id = member.as_str().unwrap_or_default().to_owned();
        self.groups.members.insert(group, GroupMember { id, epoch: generation, is_consumer_protocol: false });
        Ok(())
    }

    fn join_consumer(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let group = self.groups.named.clone();
        let rebalance = recorded_number(self.transcript, "rebalanceTimeoutMs").unwrap_or(REBALANCE_TIMEOUT_MS);
        let id = step.text("member").unwrap_or("m1").to_owned();
        let body = json!({"groupId": group, "memberId": id, "memberEpoch": 0, "rebalanceTimeoutMs": rebalance,
            "subscribedTopicNames": [self.groups.topic], "topicPartitions": []});
        let answer = self.ask_coordinator("ConsumerGroupHeartbeat", 1, &body)?;
        let epoch = answer.get("memberEpoch").and_then(Value::as_i64).unwrap_or(-1);
        if let Some(saw) = &step.saw {
            self.compare_words("", saw, &answer);
        }
        self.groups.members.insert(group, GroupMember { id, epoch, is_consumer_protocol: true });
        Ok(())
    }

    /// `leave`: the recorder's member leaves.
    pub(super) fn leave_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let group = self.groups.named.clone();
        let member = self.groups.members.remove(&group).ok_or_else(|| Unsupported::action("leave without a member"))?;
        let answer = if member.is_consumer_protocol {
            let body = json!({"groupId": group, "memberId": member.id, "memberEpoch": -1});
            self.ask_coordinator("ConsumerGroupHeartbeat", 1, &body)?
        } else {
            let body = json!({"groupId": group, "members": [{"memberId": member.id}]});
            self.ask_coordinator("LeaveGroup", 5, &body)?
        };
        if let Some(saw) = &step.saw {
            self.compare_words("", saw, &answer);
        }
        Ok(())
    }

    /// `commit`: by the recorder's member of the group, or by a simple consumer, of one group or of each that is named after.
    pub(super) fn commit_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let by = step.text("by");
        let groups = match (step.text("group"), by) {
            (Some(group), None | Some("a simple consumer")) => vec![group.to_owned()],
            (None, Some("a simple consumer of each group named below")) => self.groups_named_next(),
            _ => return Err(Unsupported::action(format!("commit by {}", by.unwrap_or("nobody")))),
        };
        let times = step.natural("times").map_err(Unsupported::action)?.unwrap_or(1);
        for group in groups {
            self.groups.named.clone_from(&group);
            self.wait_for_coordinator()?;
            let member = self.groups.members.get(&group).filter(|_| by.is_none()).cloned();
            for _ in 0..times {
                let body = self.commit_body(&group, member.as_ref(), step);
                let to = self.node_by_role("the coordinator").ok_or_else(|| Unsupported::action("commit"))?;
                let body = self.body("OffsetCommit", &body).map_err(Unsupported::action)?;
                let probe =
                    self.send(to, Listener::Broker, "OffsetCommit", Some(9), body).map_err(Unsupported::action)?;
                match &step.saw {
                    Some(saw) => {
                        self.compare_answer(probe, saw, PATIENCE_MS);
                    }
                    None => {
                        self.await_answer(probe, PATIENCE_MS);
                    }
                }
            }
        }
        Ok(())
    }

    fn commit_body(&self, group: &str, member: Option<&GroupMember>, step: &TranscriptStep) -> Value {
        let metadata = step.text("metadata").unwrap_or_default();
        let partition = json!({"partitionIndex": step.small("partition").unwrap_or(0),
            "committedOffset": step.number("offset").unwrap_or(0), "committedMetadata": metadata});
        json!({"groupId": group, "generationIdOrMemberEpoch": member.map_or(-1, |member| member.epoch),
            "memberId": member.map_or("", |member| &member.id),
            "topics": [{"name": self.groups.topic, "partitions": [partition]}]})
    }

    /// The groups that the next observation tells the partitions of.
    fn groups_named_next(&self) -> Vec<String> {
        let later = self.transcript.steps.iter().skip(self.at + 1);
        let recorded =
            later.filter_map(|step| step.saw.as_ref()?.get("partitionOfConsumerOffsets")?.as_object()).next();
        recorded.into_iter().flatten().map(|(group, _)| group.clone()).collect()
    }
}

pub(super) fn find_coordinator(group: &str) -> Value {
    json!({"keyType": 0, "coordinatorKeys": [group]})
}

/// The first number that a recording tells under this name anywhere.
fn recorded_number(transcript: &Transcript, name: &str) -> Option<i64> {
    fn find(value: &Value, name: &str) -> Option<i64> {
        match value {
            Value::Object(fields) => {
                let own = fields.get(name).and_then(Value::as_i64);
                own.or_else(|| fields.values().find_map(|each| find(each, name)))
            }
            Value::Array(elements) => elements.iter().find_map(|each| find(each, name)),
            _ => None,
        }
    }
    transcript.steps.iter().filter_map(|step| step.saw.as_ref()).find_map(|saw| find(saw, name))
}

/// `a second member comes 2 s after the first`, `a member comes after 2 s` are 2000.
fn newcomer_ms(what: &str) -> Option<u64> {
    let (_, delay) = what.split_once(" comes ")?;
    let delay = delay.strip_prefix("after ").unwrap_or(delay);
    let (seconds, _) = delay.split_once(" s")?;
    let seconds: u64 = seconds.trim().parse().ok()?;
    seconds.checked_mul(1_000)
}

/// `group pg is stable with one member; a second one joins` is pg.
fn stable_group(what: &str) -> Option<&str> {
    let (group, _) = what.strip_prefix("group ")?.split_once(" is stable with one member")?;
    Some(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_tells_when_a_newcomer_comes() {
        assert_eq!(newcomer_ms("group gd2: a second member comes 2 s after the first"), Some(2_000));
        assert_eq!(newcomer_ms("group gd3: rebalance timeout 4000, a member comes after 2 s"), Some(2_000));
        assert_eq!(stable_group("group pg is stable with one member; a second one joins"), Some("pg"));
        assert_eq!((newcomer_ms("a member comes"), newcomer_ms("b, the leader, never synced")), (None, None));
    }

    #[test]
    fn a_timeout_may_stand_in_a_record() {
        let text = json!({"id": "x", "title": "x", "kind": "cluster", "steps": [
            {"do": "observe", "saw": {"records": [{"value": {"members": [{"sessionTimeout": 6000}]}}]}}]});
        let transcript = Transcript::from_json(&text.to_string()).expect("it is a transcript");
        assert_eq!(recorded_number(&transcript, "sessionTimeout"), Some(6_000));
        assert_eq!(recorded_number(&transcript, "rebalanceTimeout"), None);
    }
}
