//! What arrives on a connection arrives in the order in which it was sent.

use std::collections::BTreeMap;

use kafkascope_core::actor::Endpoint;
use kafkascope_core::connection::Connection;
use kafkascope_core::explain::Explanation;
use kafkascope_core::sim::queue::EventId;
use kafkascope_core::step::{ExecutedEvent, Step};

/// One direction of a connection: who sends, who receives.
type Direction = (Endpoint, Endpoint, Connection);

/// The newest message that arrived on each direction of each connection. Messages are numbered as they are sent.
#[derive(Debug, Default)]
pub struct Wire(BTreeMap<Direction, EventId>);

impl Wire {
    /// What a step breaks of the order.
    pub fn look(&mut self, step: &Step) -> Option<String> {
        let Some(ExecutedEvent::Delivery { event, from, to, connection, .. }) = &step.event else { return None };
        if waits_longer(&step.explanation) {
            return None;
        }
        let direction = (connection.opened_by(*from), connection.opened_by(*to), *connection);
        let before = self.0.insert(direction, *event)?;
        (before > *event).then(|| format!("message {} of {direction:?} arrived after message {}", event.0, before.0))
    }
}

/// Whether a message has only come to where it is held up.
fn waits_longer(explanation: &Explanation) -> bool {
    matches!(
        explanation,
        Explanation::HeldOnCutLink { .. }
            | Explanation::HeldAtPaused { .. }
            | Explanation::ClosingHeld { .. }
            | Explanation::MachineOff { .. }
    )
}
