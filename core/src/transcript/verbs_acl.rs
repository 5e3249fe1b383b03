//! Verbs of an administrator where there is an authorizer: `create-acl`, and topics that are created in somebody's name.

use serde_json::{Value, json};

use super::answers::Answer;
use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player, Unsupported};
use crate::actor::Listener;
use crate::authorizer::{AclOperation, AclPermissionType, AuthorizerSettings, PatternType, ResourceType};
use crate::broker::{OFFSETS_TOPIC, TRANSACTION_STATE_TOPIC};
use crate::wire::Topic;

impl Player<'_> {
    /// Whom the recording's own administrator was: one of `super.users`.
    fn administrator(&self) -> Option<Topic> {
        let settings = self.cluster.nodes().find_map(|node| AuthorizerSettings::of(&node.settings))?;
        settings.super_users.first().map(|user| Topic::from(user.as_str()))
    }

    /// Asks a broker in an administrator's name, and lets everybody learn what came of it.
    fn administer(&mut self, by: Option<Topic>, api: &str, version: i16, body: Value) -> Result<Answer, Unsupported> {
        let to = self.some_broker()?;
        let by = by.or_else(|| self.administrator());
        let probe = self.send_as(by, to, Listener::Broker, api, Some(version), body).map_err(Unsupported::action)?;
        let answer = self.await_answer(probe, PATIENCE_MS);
        self.let_metadata_spread();
        Ok(answer)
    }

    /// `{"permission": "allow", "operation": "write", "resource": "topic", "name": "t", "pattern": "literal", …}`.
    pub(super) fn create_acl_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        let text =
            |field: &str| step.text(field).ok_or_else(|| Unsupported::action(format!("create-acl without {field}")));
        let unknown = |what: &str| Unsupported::action(format!("create-acl with {what}"));
        let resource = match text("resource")? {
            "txn" => ResourceType::TransactionalId,
            other => other.parse().map_err(|_| unknown(other))?,
        };
        let operation: AclOperation = text("operation")?.parse().map_err(|_| unknown("such an operation"))?;
        let permission: AclPermissionType = text("permission")?.parse().map_err(|_| unknown("such a permission"))?;
        let pattern: PatternType = text("pattern")?.parse().map_err(|_| unknown("such a pattern"))?;
        let creation = json!({
            "resourceType": resource.code(), "resourceName": text("name")?, "resourcePatternType": pattern.code(),
            "principal": text("principal")?, "host": text("host")?,
            "operation": operation.code(), "permissionType": permission.code(),
        });
        let answer = self.administer(None, "CreateAcls", 3, json!({ "creations": [creation] }))?;
        if let Some(saw) = &step.saw {
            self.compare(saw, &answer.shaped_like(saw));
        }
        Ok(())
    }

    /// `create-topic` of several topics that are told by their names alone.
    pub(super) fn create_topics_by(&mut self, step: &TranscriptStep, topics: &[Value]) -> Result<(), Unsupported> {
        let by = step.text("by").map(Topic::from);
        let settings = self.cluster.nodes().next().map(|node| &node.settings);
        // Kafka's own have as many partitions as its settings say.
        let partitions = |name: &Value| match (name.as_str(), settings) {
            (Some(OFFSETS_TOPIC), Some(settings)) => settings.offsets_topic_num_partitions,
            (Some(TRANSACTION_STATE_TOPIC), Some(settings)) => settings.transaction_state_log_num_partitions,
            _ => -1,
        };
        let topics: Vec<Value> =
            topics.iter().map(|name| json!({ "name": name, "numPartitions": partitions(name) })).collect();
        let answer = self.administer(by, "CreateTopics", 7, json!({ "topics": topics, "timeoutMs": 30_000 }))?;
        if let Some(saw) = &step.saw {
            self.compare(saw, &answer.shaped_like(saw));
        }
        Ok(())
    }
}
