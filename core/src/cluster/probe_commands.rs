//! Requests that a person writes.

use std::rc::Rc;

use serde_json::Value;

use super::Cluster;
use crate::actor::{Endpoint, Listener};
use crate::client::ProbeSender;
use crate::command::CommandError;
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::wire::{ApiKey, Request, Uuid, restrict_to_version};

/// From this version on a Fetch names topics by id.
const FIRST_FETCH_VERSION_WITH_TOPIC_IDS: i16 = 13;

impl Cluster {
    #[expect(clippy::too_many_arguments, reason = "they are the fields of the command")]
    #[inline(never)]
    pub(super) fn probe(
        &mut self,
        probe: u32,
        connection: u32,
        to: i32,
        port: Listener,
        api: ApiKey,
        version: Option<i16>,
        sender: ProbeSender,
        body: &Value,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        self.check_node(to)?;
        let mut body = self.with_topic_ids(api, version, body);
        if let Some(version) = version {
            restrict_to_version(api, version, &mut body)?;
        }
        let request = Request::from_json(api, &body)?;
        let process = (to, self.nodes.get(&to).map_or(0, |node| node.incarnation));
        let probes = Rc::make_mut(&mut self.probes);
        probes.send(probe, connection, process, port, api, version, sender, request, self.now, fx);
        fx.replace_explanation(Explanation::PersonProbes { probe, api, node: to });
        Ok(Some(Endpoint::Probe(probe)))
    }

    /// A Fetch names topics by their ids since version 13. Who writes one by hand may name them by `topic`, as before: a
    /// client library would know the ids from its metadata.
    fn with_topic_ids(&self, api: ApiKey, version: Option<i16>, body: &Value) -> Value {
        let mut body = body.clone();
        if api != ApiKey::Fetch || version.is_some_and(|version| version < FIRST_FETCH_VERSION_WITH_TOPIC_IDS) {
            return body;
        }
        let topics = body.get_mut("topics").and_then(Value::as_array_mut);
        for topic in topics.into_iter().flatten().filter_map(Value::as_object_mut) {
            let Some(Value::String(name)) = topic.get("topic") else { continue };
            let known = self.image().and_then(|image| image.topic_ids.get(name.as_str()));
            let id = known.copied().unwrap_or(Uuid::ZERO);
            topic.shift_remove("topic");
            topic.insert("topicId".to_owned(), Value::from(id.to_string()));
        }
        body
    }
}
