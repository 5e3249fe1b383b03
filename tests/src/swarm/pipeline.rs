//! What must hold at every listener after every step.

use kafkascope_core::actor::{Actor, Listener};
use kafkascope_core::cluster::Cluster;
use kafkascope_core::effects::ReceivedRequest;
use kafkascope_core::socket_server::channel::{ChannelId, Place};
use kafkascope_core::socket_server::{SocketServer, Task};
use kafkascope_core::step::Step;

/// What is wrong at the listeners of the process that acted.
pub fn broken(cluster: &Cluster, step: &Step) -> Option<String> {
    let Some(Actor::Node(id)) = step.actor else { return None };
    let node = cluster.node(id)?;
    if node.config.is_puppet() {
        return None;
    }
    let found = [Listener::Broker, Listener::Controller].into_iter().find_map(|port| of_server(node.server(port)));
    found.map(|what| format!("node {id}: {what}"))
}

fn of_server(server: &SocketServer) -> Option<String> {
    let threads = server.threads();
    let handled = || server.handlers().iter().filter_map(|handler| handler.request());
    let read = || server.processors().iter().filter_map(|processor| processor.task()).filter_map(being_read);
    let bodies = || server.request_queue().iter().chain(handled()).chain(read());
    if server.request_queue().len() > usize::try_from(threads.queued_max).unwrap_or(usize::MAX) {
        return Some(format!(
            "{} requests are queued, at most {} may be",
            server.request_queue().len(),
            threads.queued_max
        ));
    }
    // A request that is read, queued or handled is the one of its connection, which is muted for it; unless the connection was
    // closed meanwhile.
    for received in bodies() {
        let id = ChannelId::of(&received.request_context);
        let Some((_, channel)) = server.channels().find(|(each, _)| **each == id) else { continue };
        let is_its = |request: &kafkascope_core::socket_server::channel::RequestInProcess| {
            request.context.correlation_id == received.request_context.correlation_id
        };
        if !channel.request.as_ref().is_some_and(is_its) {
            return Some(format!(
                "{} of {} ({}) is under way beside another of its connection, {:?}",
                received.request_context.api.name(),
                received.request_context.from,
                received.request_context.correlation_id,
                channel.request.as_ref().map(|request| (request.context.correlation_id, request.times.place()))
            ));
        }
    }
    for (id, channel) in server.channels() {
        if let Some(request) = &channel.request {
            let is_somewhere = bodies().any(|received| is_of(received, id));
            let waits = matches!(request.times.place(), Place::Remote | Place::ResponseQueue | Place::Sending);
            if !is_somewhere && !waits {
                return Some(format!(
                    "{} of {} is nowhere ({:?})",
                    request.context.api.name(),
                    request.context.from,
                    request.times.place()
                ));
            }
            if request.answer.is_some() && is_somewhere {
                return Some(format!(
                    "{} of {} is answered and handled",
                    request.context.api.name(),
                    request.context.from
                ));
            }
        } else if !channel.unread.is_empty() && server.processors().iter().all(|processor| processor.task().is_none()) {
            return Some(format!("{} waits at idle network threads", id.client));
        }
    }
    None
}

fn is_of(received: &ReceivedRequest, id: &ChannelId) -> bool {
    ChannelId::of(&received.request_context) == *id
}

fn being_read(task: &Task) -> Option<&ReceivedRequest> {
    match task {
        Task::Read(_, received) | Task::Blocked(_, received) => Some(received),
        Task::Send(_) => None,
    }
}
