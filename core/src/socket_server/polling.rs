//! What a network thread finds when it looks at its connections (`Selector.poll`): bytes to be read, connections to be closed.
//!
//! | it finds                                    | and                                                                       |
//! |---------------------------------------------|---------------------------------------------------------------------------|
//! | a size above `socket.request.max.bytes`     | closes the connection: nothing more is read                               |
//! | a size below 0                              | closes it                                                                 |
//! | a whole request that it cannot parse        | closes it                                                                 |
//! | a part of a request                         | waits for the rest                                                        |
//! | nothing for `connections.max.idle.ms`       | closes it, also where a request waits for its answer                      |
//!
//! Kafka polls at least every 300 ms and closes one idle connection each time; here each is closed when its time is over.

use super::channel::{ChannelId, KafkaChannel};
use super::costs::Costs;
use super::{SocketServer, Work, Works};
use crate::actor::{Endpoint, Listener};
use crate::connection::CloseReason;
use crate::effects::{ReceivedRequest, RequestContext};
use crate::sim::Millis;
use crate::wire::ApiKey;
use crate::wire::replication::ProduceRequest;
use crate::wire::request_bytes::read_request;
use crate::wire::{Request, RequestHeader};

/// What became of bytes that reached a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesRead {
    /// They end a request, which goes its way.
    Request(ApiKey),
    /// Something of the request is missing.
    Incomplete {
        /// So many bytes of it are there, with its size.
        read_bytes: usize,
        /// So many there have to be.
        wanted_bytes: usize,
    },
    /// They wait in the socket: another request of the connection is under way, or the network thread is busy.
    Unread,
    /// The connection is closed.
    Closed(CloseReason),
}

/// What a network thread has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Polled {
    /// Connections of which bytes were read.
    pub read: Vec<(ChannelId, BytesRead)>,
    /// Connections that were closed for anything but bytes.
    pub closed: Vec<(ChannelId, CloseReason)>,
}

impl SocketServer {
    /// Bytes reached a connection, which is accepted with the first ones; that may be none.
    pub fn receive_bytes(
        &mut self,
        id: ChannelId,
        port: Listener,
        bytes: &[u8],
        costs: &Costs,
        now: Millis,
        works: &mut Works,
    ) -> BytesRead {
        let channel = self.channel(id);
        if !channel.is_kept_open {
            (channel.is_kept_open, channel.last_active) = (true, now);
        }
        channel.receive.arrive(bytes);
        self.schedule_idle_check(works);
        self.read_bytes(id, port, costs, now, works)
    }

    /// Reads the next request of a connection from its bytes, unless the connection is muted.
    fn read_bytes(
        &mut self,
        id: ChannelId,
        port: Listener,
        costs: &Costs,
        now: Millis,
        works: &mut Works,
    ) -> BytesRead {
        let (mutes, max_bytes) = (self.mutes, self.limits.request_max_bytes);
        let Some(channel) = self.channels.get_mut(&id) else { return BytesRead::Unread };
        let processor = channel.processor;
        if !mutes || channel.is_muted() || self.is_readable(processor, &id) {
            return BytesRead::Unread;
        }
        let Some(channel) = self.channels.get_mut(&id) else { return BytesRead::Unread };
        channel.last_active = now;
        let read = match channel.receive.read(max_bytes) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                let (read_bytes, wanted_bytes) = channel.receive.progress();
                if channel.is_ended {
                    self.channels.remove(&id);
                }
                return BytesRead::Incomplete { read_bytes, wanted_bytes };
            }
            Err(reason) => {
                self.channels.remove(&id);
                return BytesRead::Closed(reason);
            }
        };
        let Ok((header, request)) = read_request(&read, port) else {
            self.channels.remove(&id);
            return BytesRead::Closed(CloseReason::MalformedRequest);
        };
        let api = request.api();
        let received = ReceivedRequest { request_context: context_of(id, header, api), request: Box::new(request) };
        channel.unread.push_front((now, received));
        if let Some(thread) = self.processor_mut(processor) {
            thread.readable.push_back(id);
        }
        self.run_processor(processor, costs, now, works);
        BytesRead::Request(api)
    }

    fn is_readable(&self, processor: u32, id: &ChannelId) -> bool {
        self.processor(processor).is_some_and(|thread| thread.readable.contains(id))
    }

    /// Whether it is time to look for idle connections.
    pub fn is_idle_check_due(&self, now: Millis) -> bool {
        self.idle_check_at.is_some_and(|at| at <= now)
    }

    /// The network threads look at their connections: those that were sent bytes are read from, those on which nothing has passed for
    /// too long are closed.
    pub fn poll(&mut self, port: Listener, costs: &Costs, now: Millis, works: &mut Works) -> Polled {
        let mut polled = Polled::default();
        let to_close = |(id, channel): (&ChannelId, &KafkaChannel)| channel.closing.map(|reason| (*id, reason));
        polled.closed.extend(self.channels.iter().filter_map(to_close));
        if self.is_idle_check_due(now) {
            polled.closed.extend(self.expire_idle(now));
        }
        for (id, _) in &polled.closed {
            self.channels.remove(id);
        }
        let unread = self.channels.iter().filter(|(_, channel)| channel.receive.has_unread() && !channel.is_muted());
        let unread: Vec<ChannelId> = unread.map(|(id, _)| *id).collect();
        for id in unread {
            let read = self.read_bytes(id, port, costs, now, works);
            polled.read.push((id, read));
        }
        self.schedule_idle_check(works);
        polled
    }

    /// The idle connections, of which the time is over (`IdleExpiryManager.pollExpiredConnection`).
    fn expire_idle(&mut self, now: Millis) -> Vec<(ChannelId, CloseReason)> {
        self.idle_check_at = None;
        let expiry = self.limits.idle_expiry;
        let Some(idle_ms) = expiry.max_idle_ms() else { return Vec::new() };
        let is_over = |channel: &KafkaChannel| expiry.expires_at(channel.last_active).is_some_and(|at| at <= now);
        let over = self.channels.iter().filter(|(_, channel)| is_over(channel));
        over.map(|(id, _)| (*id, CloseReason::Idle { idle_ms })).collect()
    }

    /// Has the network threads look again when the first connection may be idle for too long.
    pub(super) fn schedule_idle_check(&mut self, works: &mut Works) {
        if self.idle_check_at.is_some() {
            return;
        }
        let first = self.channels.values().map(|channel| channel.last_active).min();
        let Some(at) = first.and_then(|first| self.limits.idle_expiry.expires_at(first)) else { return };
        self.idle_check_at = Some(at);
        works.push(Work::Poll { at });
    }

    /// Marks a connection of which the next request is too large: its network thread closes it. Whether it is.
    pub(super) fn is_too_large(&mut self, id: ChannelId, now: Millis, works: &mut Works) -> bool {
        let limits = self.limits;
        if !limits.bounds_clients() {
            return false;
        }
        let Some(channel) = self.channels.get_mut(&id) else { return false };
        let Some((_, received)) = channel.unread.front() else { return false };
        let Request::Produce(request) = &*received.request else { return false };
        let size_bytes = produce_bytes(request, &received.request_context);
        if i64::from(size_bytes) <= i64::from(limits.request_max_bytes) {
            return false;
        }
        channel.closing = Some(CloseReason::RequestTooLarge { size_bytes, max_bytes: limits.request_max_bytes });
        works.push(Work::Poll { at: now });
        true
    }
}

/// Of the requests of nodes and clients those with records alone may be large.
fn produce_bytes(request: &ProduceRequest, context: &RequestContext) -> u32 {
    request.size_bytes(context.version, context.client_id.as_deref())
}

/// Where the answer to a request goes that was read from bytes.
fn context_of(id: ChannelId, header: RequestHeader, api: ApiKey) -> RequestContext {
    RequestContext {
        from: match id.client {
            Endpoint::Probe(_) => Endpoint::Probe(id.connection.number),
            client => client,
        },
        incarnation: id.incarnation,
        correlation_id: header.correlation_id,
        api,
        version: header.request_api_version,
        principal: None,
        connection: id.connection,
        client_id: header.client_id,
        size_bytes: 0,
        thread_ms: 0,
    }
}
