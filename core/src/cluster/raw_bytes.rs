//! Connections that a person opens with bytes, and what a listener closes of its own accord.

use std::rc::Rc;

use super::Cluster;
use super::event::{Envelope, Event, Message};
use super::scheduler::Due;
use crate::actor::{Endpoint, Listener};
use crate::change::Change;
use crate::client::{ProbeConnection, ProbeRequest};
use crate::command::CommandError;
use crate::connection::{CloseReason, Connection};
use crate::effects::Effects;
use crate::explain::Explanation;
use crate::socket_server::channel::ChannelId;
use crate::socket_server::connection_quotas::Limits;
use crate::socket_server::{BytesRead, NetworkReceive, Works};
use crate::wire::records::Bytes;
use crate::wire::request_bytes::{UnreadableRequest, read_request};

/// So many bytes may be sent at once: more than any request that is read from bytes needs.
const BYTES_MAX: usize = 65_536;

impl Cluster {
    /// A person opens a connection and sends bytes on it.
    pub(super) fn send_bytes(
        &mut self,
        probe: u32,
        to: i32,
        port: Listener,
        bytes: &Bytes,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        self.check_node(to)?;
        if bytes.len() > BYTES_MAX {
            return Err(CommandError::LimitReached { what: "bytes".into(), limit: BYTES_MAX as u64 });
        }
        if self.probes.connections.contains_key(&probe) || self.probes.answers.contains_key(&probe) {
            return Err(CommandError::ProbeInUse { probe });
        }
        let requests = self.requests_in(to, port, bytes)?;
        let incarnation = self.nodes.get(&to).map_or(0, |node| node.incarnation);
        let connection = ProbeConnection {
            to,
            port,
            incarnation,
            opened_at_ms: self.now,
            bytes: bytes.clone(),
            requests,
            closed_at_ms: None,
        };
        Rc::make_mut(&mut self.probes).connections.insert(probe, connection);
        let (from, listener) = (Endpoint::Probe(probe), Endpoint::server(to, port));
        let incarnation = self.incarnation(listener.actor());
        let size_bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.send(from, listener, incarnation, Connection::of_probe(probe), Message::Bytes { bytes: bytes.clone() });
        fx.replace_explanation(Explanation::PersonSendsBytes { probe, node: to, size_bytes });
        Ok(Some(from))
    }

    /// The requests that bytes are, up to where a listener stops reading. One of which the body is not read here is an error.
    fn requests_in(&self, to: i32, port: Listener, bytes: &Bytes) -> Result<Vec<ProbeRequest>, CommandError> {
        let limits = self.nodes.get(&to).map_or_else(Limits::default, |node| Limits::of(&node.settings));
        let mut receive = NetworkReceive::default();
        receive.arrive(bytes.as_slice());
        let mut requests = Vec::new();
        while let Ok(Some(request)) = receive.read(limits.request_max_bytes) {
            match read_request(&request, port) {
                Ok((header, request)) => requests.push(ProbeRequest {
                    api: request.api(),
                    version: header.request_api_version,
                    correlation_id: header.correlation_id,
                    response: None,
                }),
                Err(UnreadableRequest::Malformed) => break,
                Err(UnreadableRequest::NoBinaryForm(api)) => {
                    return Err(CommandError::NoBinaryForm { api: api.to_owned() });
                }
            }
        }
        Ok(requests)
    }

    /// A person closes a connection that bytes opened.
    pub(super) fn close_probe_connection(
        &mut self,
        probe: u32,
        fx: &mut Effects,
    ) -> Result<Option<Endpoint>, CommandError> {
        let now = self.now;
        let open = Rc::make_mut(&mut self.probes).connections.get_mut(&probe);
        let connection = open.filter(|connection| connection.closed_at_ms.is_none());
        let connection = connection.ok_or(CommandError::ConnectionNotOpen { probe })?;
        connection.closed_at_ms = Some(now);
        let (node, listener) = (connection.to, Endpoint::server(connection.to, connection.port));
        self.send_end_to_listener(Endpoint::Probe(probe), listener, Connection::of_probe(probe), false);
        fx.replace_explanation(Explanation::PersonClosesConnection { probe, node });
        Ok(Some(Endpoint::Probe(probe)))
    }

    /// Whether a probe may send a hand-written request on a connection: one that bytes opened must be open, and end with a whole
    /// request.
    pub(super) fn check_probe_connection(&self, probe: u32, connection: u32) -> Result<(), CommandError> {
        if self.probes.connections.contains_key(&probe) {
            return Err(CommandError::ProbeInUse { probe });
        }
        match self.probes.connections.get(&connection) {
            None => Ok(()),
            Some(open) if open.closed_at_ms.is_some() => Err(CommandError::ConnectionNotOpen { probe: connection }),
            Some(open) if ends_a_request(open.bytes.as_slice()) => Ok(()),
            Some(_) => Err(CommandError::RequestUnfinished { probe: connection }),
        }
    }

    /// Whether a request does not come in: what was on its way does not open a connection again that the listener has closed, and a
    /// new connection may have to be closed as soon as it is accepted.
    pub(super) fn refuses_request(&mut self, envelope: &Envelope, was_closed: bool, fx: &mut Effects) -> bool {
        let Some((id, port)) = envelope.to.listener() else { return false };
        let Some(server) = self.nodes.get(&id).map(|node| node.server(port)) else { return false };
        let channel = envelope.channel();
        let is_of_bytes =
            matches!(channel.client, Endpoint::Probe(probe) if self.probes.connections.contains_key(&probe));
        if was_closed || (is_of_bytes && server.channels().all(|(open, _)| *open != channel)) {
            fx.explain(Explanation::ListenerResets { node: id, client: envelope.from.actor() });
            self.send_end_to_client(envelope.from, envelope.to, channel.connection);
            return true;
        }
        if let Err(reason) = server.check_quota(&channel) {
            self.close_from_listener(envelope.to, channel, reason, fx);
            return true;
        }
        false
    }

    /// Whether something lies in the sockets of a listener that stood still: its network threads read that before they close what
    /// is idle.
    fn has_arrivals(&self, listener: Endpoint) -> bool {
        let mut events = self.queue.iter().map(|(_, _, scheduled)| &scheduled.event);
        events.any(|event| matches!(event, Event::Deliver(other) if other.has_arrived && other.to == listener))
    }

    /// Bytes reach a listener that runs.
    pub(super) fn deliver_bytes(&mut self, id: i32, port: Listener, envelope: &Envelope, fx: &mut Effects) {
        let Message::Bytes { bytes } = &envelope.message else { return };
        let channel = envelope.channel();
        let now = self.now;
        let listener = Endpoint::server(id, port);
        let Some(node) = self.node_mut(id) else { return };
        if let Err(reason) = node.server(port).check_quota(&channel) {
            return self.close_from_listener(listener, channel, reason, fx);
        }
        let (server, costs) = node.server_mut(port);
        let mut works = Works::new();
        let read = server.receive_bytes(channel, port, bytes.as_slice(), &costs, now, &mut works);
        if bytes.is_empty() {
            fx.explain(Explanation::ConnectionAccepted { node: id, client: channel.client.actor() });
        }
        self.bytes_were_read(listener, channel, read, fx);
        self.apply_works(listener, &mut works);
    }

    /// The network threads of a listener look at their connections.
    #[inline(never)]
    pub(super) fn poll_listener(&mut self, endpoint: Endpoint, due: Due, fx: &mut Effects) {
        let now = self.now;
        let Some((node, node_id, port)) = self.running(endpoint, Event::Poll { endpoint }, due, fx) else { return };
        if node.server(port).is_idle_check_due(now) && self.has_arrivals(endpoint) {
            return self.schedule(now, Event::Poll { endpoint });
        }
        let Some(node) = self.node_mut(node_id) else { return };
        let mut works = Works::new();
        let (server, costs) = node.server_mut(port);
        let polled = server.poll(port, &costs, now, &mut works);
        for (channel, reason) in polled.closed {
            self.close_from_listener(endpoint, channel, reason, fx);
        }
        for (channel, read) in polled.read {
            self.bytes_were_read(endpoint, channel, read, fx);
        }
        self.apply_works(endpoint, &mut works);
    }

    fn bytes_were_read(&mut self, listener: Endpoint, channel: ChannelId, read: BytesRead, fx: &mut Effects) {
        let Some((node, _)) = listener.listener() else { return };
        let from = channel.client.actor();
        match read {
            BytesRead::Request(api) => fx.explain(Explanation::RequestArrived { node, from, api }),
            BytesRead::Incomplete { read_bytes, wanted_bytes } => {
                let count = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
                fx.explain(Explanation::RequestIncomplete {
                    node,
                    from,
                    read_bytes: count(read_bytes),
                    wanted_bytes: count(wanted_bytes),
                });
            }
            BytesRead::Unread => fx.explain(Explanation::BytesUnread { node, from }),
            BytesRead::Closed(reason) => self.close_from_listener(listener, channel, reason, fx),
        }
    }

    /// A listener closes a connection. Whoever has it learns that behind all that was sent before.
    fn close_from_listener(&mut self, listener: Endpoint, channel: ChannelId, reason: CloseReason, fx: &mut Effects) {
        let Some((node, _)) = listener.listener() else { return };
        let client = channel.client.actor();
        fx.change(Change::ConnectionClosed { node, client, reason });
        fx.explain(match reason {
            CloseReason::RequestTooLarge { size_bytes, max_bytes } => {
                Explanation::RequestTooLarge { node, client, size_bytes, max_bytes }
            }
            CloseReason::NegativeRequestSize { size_bytes } => {
                Explanation::NegativeRequestSize { node, client, size_bytes }
            }
            CloseReason::MalformedRequest => Explanation::MalformedRequest { node, client },
            CloseReason::Idle { idle_ms } => Explanation::ConnectionIdle { node, client, idle_ms },
            CloseReason::TooManyConnections { max } => Explanation::TooManyConnections { node, client, max },
        });
        for client in self.clients_on(channel.client, listener, channel.connection) {
            self.send_end_to_client(client, listener, channel.connection);
        }
    }
}

/// Whether nothing of another request stands behind the last whole one.
fn ends_a_request(bytes: &[u8]) -> bool {
    let mut receive = NetworkReceive::default();
    receive.arrive(bytes);
    while let Ok(Some(_)) = receive.read(i32::MAX) {}
    !receive.has_unread() && receive.progress().0 == 0
}
