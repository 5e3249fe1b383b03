//! What puppet brokers do by themselves, told in a note.

use serde_json::{Value, json};

use super::format::TranscriptStep;
use super::player::{PATIENCE_MS, Player, Unsupported};
use crate::actor::Listener;

impl Player<'_> {
    /// A note that tells facts: `broker 8 asks to be fenced`.
    pub(super) fn note_verb(&mut self, step: &TranscriptStep) -> Result<(), Unsupported> {
        self.note_newcomer(step);
        self.note_who_leads(step);
        let Some(saw) = &step.saw else { return Ok(()) };
        let asks = step.text("text").and_then(|text| text.strip_prefix("broker ")?.strip_suffix(" asks to be fenced"));
        let broker: i32 = asks.and_then(|id| id.parse().ok()).ok_or_else(|| Unsupported::action("note"))?;
        let before = self.cluster.metadata_end();
        let to = self.node_of(Some(&json!("active controller")))?;
        let body = json!({
            "brokerId": broker, "brokerEpoch": self.cluster.broker_epoch(broker),
            "currentMetadataOffset": before - 1, "wantFence": true, "wantShutDown": false,
        });
        let probe = self.send(to, Listener::Controller, "BrokerHeartbeat", None, body).map_err(Unsupported::action)?;
        self.await_answer(probe, PATIENCE_MS);
        self.let_metadata_spread();
        for (field, expected) in saw.as_object().into_iter().flatten() {
            match (field.as_str(), expected) {
                ("wrote", Value::Array(_)) => self.compare_written("wrote", expected, before),
                _ => self.cannot_say(field, expected),
            }
        }
        Ok(())
    }

    /// A request of a broker that was made after its fencing, as its note says: its recorder let its session end first.
    pub(super) fn wait_for_fencing(&mut self, step: &TranscriptStep) {
        let broker = step.get("body").and_then(|body| body.get("brokerId")?.as_i64());
        let Some(broker) = broker.and_then(|id| i32::try_from(id).ok()) else { return };
        if step.note.contains("after the fencing") {
            self.run_until(PATIENCE_MS, |cluster, _| {
                cluster.image().and_then(|image| image.brokers.get(&broker)).is_none_or(|registered| registered.fenced)
            });
        }
    }
}
