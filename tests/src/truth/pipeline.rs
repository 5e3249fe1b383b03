//! Ways to look at what a process's listeners do: connections, network threads, request queues, handler threads.

use kafkascope_core::actor::{Actor, Listener};
use kafkascope_core::cluster::node::Node;
use kafkascope_core::effects::ReceivedRequest;
use kafkascope_core::socket_server::channel::KafkaChannel;
use kafkascope_core::socket_server::{Handler, Processor, Task};

const LISTENERS: [Listener; 2] = [Listener::Broker, Listener::Controller];

/// What the network threads of a process do.
pub(super) fn tasks(node: &Node) -> impl Iterator<Item = &Task> {
    LISTENERS.iter().flat_map(|port| node.server(*port).processors()).filter_map(Processor::task)
}

/// The requests that wait for a handler thread.
pub(super) fn queued(node: &Node) -> impl Iterator<Item = &ReceivedRequest> {
    LISTENERS.iter().flat_map(|port| node.requests(*port))
}

/// The requests that handler threads work on.
pub(super) fn taken(node: &Node) -> impl Iterator<Item = &ReceivedRequest> {
    LISTENERS.iter().flat_map(|port| node.server(*port).handlers()).filter_map(Handler::request)
}

/// Whether a request of `from` is unread on a connection of such a kind.
pub(super) fn waits_on(node: &Node, from: Actor, is_it: impl Fn(&KafkaChannel) -> bool) -> bool {
    let mut channels = LISTENERS.iter().flat_map(|port| node.server(*port).channels());
    channels.any(|(_, channel)| {
        is_it(channel) && channel.unread.iter().any(|(_, unread)| unread.request_context.from.actor() == from)
    })
}

/// Whether a request queue has no room.
pub(super) fn has_full_queue(node: &Node) -> bool {
    LISTENERS.iter().any(|port| {
        let server = node.server(*port);
        server.request_queue().len() >= usize::try_from(server.threads().queued_max).unwrap_or(usize::MAX)
    })
}
