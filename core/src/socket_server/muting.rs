//! When a connection is read from again: its answer was sent, and no quota keeps it muted.

use super::channel::ChannelId;
use super::costs::Costs;
use super::{SocketServer, Work, Works};
use crate::actor::Endpoint;
use crate::sim::Millis;

impl SocketServer {
    /// The pause that a quota asked for is over: the connection is read from again, once its answer was sent. False where it is gone.
    pub fn throttle_done(&mut self, id: ChannelId, costs: &Costs, now: Millis, works: &mut Works) -> bool {
        let Some(channel) = self.channels.get_mut(&id) else { return false };
        if channel.throttled_until.is_none_or(|until| until > now) {
            return false;
        }
        channel.throttled_until = None;
        if channel.request.is_none() {
            let processor = channel.processor;
            self.read_on(id, now, works);
            self.run_processor(processor, costs, now, works);
        }
        true
    }

    /// A connection is not muted any more: what has come on it meanwhile can be read. It is gone where nothing more will come.
    pub(super) fn read_on(&mut self, id: ChannelId, now: Millis, works: &mut Works) {
        let Some(channel) = self.channels.get(&id) else { return };
        let processor = channel.processor;
        if channel.receive.has_unread() {
            works.push(Work::Poll { at: now });
        } else if !channel.unread.is_empty() {
            if let Some(thread) = self.processor_mut(processor) {
                thread.readable.push_back(id);
            }
        } else if channel.is_ended || (matches!(id.client, Endpoint::Probe(_)) && !channel.is_kept_open) {
            // A hand-written request's connection is not used again.
            self.channels.remove(&id);
        }
    }
}
