//! What arrives on a connection arrives in the order in which it was sent.

use std::collections::BTreeMap;

use kafkascope_core::actor::Endpoint;
use kafkascope_core::connection::Connection;
use kafkascope_core::explain::Explanation;
use kafkascope_core::sim::Millis;
use kafkascope_core::step::{ExecutedEvent, Step};

/// One direction of a connection: who sends, who receives, and whether the receiver opened it.
type Direction = (Endpoint, Endpoint, Connection, bool);

/// When the newest message was sent that has arrived on each direction of each connection. A person's copy of a message counts as
/// sent when that was.
#[derive(Debug, Default)]
pub struct Wire(BTreeMap<Direction, Millis>);

impl Wire {
    /// What a step breaks of the order.
    pub fn check(&mut self, step: &Step) -> Option<String> {
        let Some(ExecutedEvent::Delivery { from, to, connection, is_response, sent_at_ms, event, .. }) = &step.event
        else {
            return None;
        };
        if is_unread(&step.explanation) {
            return None;
        }
        let direction = (connection.opened_by(*from), connection.opened_by(*to), *connection, *is_response);
        let before = self.0.insert(direction, *sent_at_ms)?;
        (before > *sent_at_ms).then(|| {
            format!("message {} of {direction:?}, sent at {sent_at_ms}, arrived after one sent at {before}", event.0)
        })
    }
}

/// Whether a message has only come to where it is held up, or finds nobody: what was sent to a process that has ended waits nowhere.
fn is_unread(explanation: &Explanation) -> bool {
    matches!(
        explanation,
        Explanation::HeldOnCutLink { .. }
            | Explanation::HeldAtPaused { .. }
            | Explanation::ClosingHeld { .. }
            | Explanation::MachineOff { .. }
            | Explanation::ConnectionClosedBefore { .. }
            | Explanation::RequesterGone { .. }
    )
}
