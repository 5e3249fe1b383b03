//! A listener's way of a request through a broker (`SocketServer`, `RequestChannel`, `KafkaRequestHandlerPool`).
//!
//! | a request is  | and goes on     | when                                                                                |
//! |---------------|-----------------|-------------------------------------------------------------------------------------|
//! | in the socket | to the queue    | its channel is not muted, and its processor has read it                             |
//! | read          | to the queue    | the queue has room (`queued.max.requests`); until then its processor stands still    |
//! | queued        | to a handler    | one of `num.io.threads` is idle                                                     |
//! | handled       | to its answer   | the handler is done, or what it waits for has happened (purgatory, the controller)  |
//! | answered      | out             | its processor sends the answer and unmutes the channel, unless a quota keeps it muted |
//!
//! A processor sends before it reads. Each place takes the time that [`Costs`] names, and where that is none, a request passes it
//! in the same step. The server performs nothing: what has to happen it names as [`Work`].

pub mod channel;
pub mod connection_quotas;
pub mod costs;
pub mod metrics;
mod muting;
mod network_receive;
mod polling;
#[cfg(test)]
mod tests;
mod threads;
pub mod transport_layer;
mod work;

use std::collections::VecDeque;
use std::hash::Hash;
use std::rc::Rc;

use crate::actor::Endpoint;
use crate::digest::DigestHasher;
use crate::effects::{ReceivedRequest, RequestContext};
use crate::ranked_map::RankedMap;
use crate::sim::Millis;
use crate::wire::Request;
use channel::{Answer, ChannelId, KafkaChannel, RequestInProcess, RequestTimes};
use connection_quotas::Limits;
use costs::Costs;
use metrics::RequestMetrics;
use transport_layer::TransportLayer;

pub use network_receive::NetworkReceive;
pub use polling::{BytesRead, Polled};
pub use threads::{Handler, Processor, Task};
pub use work::{Arrival, Done, Work, Works};

/// How many threads a listener has, and how many requests may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Threads {
    /// `num.network.threads`.
    pub network: u32,
    /// `num.io.threads`.
    pub io: u32,
    /// `queued.max.requests`.
    pub queued_max: u32,
}

/// One listener of a process, with all that is under way behind it. It dies with the process.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct SocketServer {
    threads: Threads,
    /// Whether one request at a time is taken from a connection. A peer that is only played takes them all.
    mutes: bool,
    channels: RankedMap<ChannelId, KafkaChannel>,
    processors: Vec<Processor>,
    /// The processor that gets the next connection: they are dealt round robin (`Acceptor`).
    next_processor: u32,
    /// Requests that wait for a handler thread (`RequestChannel`).
    request_queue: VecDeque<ReceivedRequest>,
    /// Processors that found the queue full, the one that has waited longest first.
    blocked: VecDeque<u32>,
    handlers: Vec<Handler>,
    /// Handler threads that were woken and have not taken a request yet.
    woken: u32,
    /// What it allows its connections.
    limits: Limits,
    /// When it looks for idle connections; `None` while there is none to watch.
    idle_check_at: Option<Millis>,
    /// How many connections it has accepted (`connection-creation-total`).
    accepted: u64,
    metrics: Rc<RequestMetrics>,
}

impl SocketServer {
    /// A listener that nobody is connected to.
    pub fn new(threads: Threads, mutes: bool) -> Self {
        let count = |threads: u32| usize::try_from(threads.max(1)).unwrap_or(1);
        Self {
            threads,
            mutes,
            channels: RankedMap::default(),
            processors: vec![Processor::default(); count(threads.network)],
            next_processor: 0,
            request_queue: VecDeque::new(),
            blocked: VecDeque::new(),
            handlers: vec![Handler::default(); count(threads.io)],
            woken: 0,
            limits: Limits::default(),
            idle_check_at: None,
            accepted: 0,
            metrics: Rc::default(),
        }
    }

    /// Changes the sizes of the thread pools. A network thread that goes closes its connections; a handler thread that goes
    /// finishes its request first.
    pub fn resize(&mut self, network: u32, io: u32, works: &mut Works) {
        if (self.threads.network, self.threads.io) == (network, io) {
            return;
        }
        let count = |threads: u32| usize::try_from(threads.max(1)).unwrap_or(1);
        (self.threads.network, self.threads.io) = (network, io);
        if count(network) < self.processors.len() {
            self.blocked.retain(|processor| *processor < network.max(1));
            self.channels.retain(|_, channel| {
                let stays = channel.processor < network.max(1);
                if !stays {
                    let open = channel.request.take().map(|request| request.context);
                    let unread = channel.unread.drain(..).map(|(_, received)| received.request_context);
                    works.extend(open.into_iter().chain(unread).map(|to| Work::Send { to, response: None }));
                }
                stays
            });
        }
        self.processors.resize(count(network), Processor::default());
        if count(io) > self.handlers.len() {
            self.handlers.resize(count(io), Handler::default());
        }
        for _ in 0..io {
            self.wake_handler(works);
        }
    }

    /// A request reached the socket.
    pub fn receive(&mut self, received: ReceivedRequest, costs: &Costs, now: Millis, works: &mut Works) -> Arrival {
        if !self.mutes {
            self.request_queue.push_back(received);
            self.wake_handler(works);
            return Arrival::Queued;
        }
        let id = ChannelId::of(&received.request_context);
        let channel = self.channel(id);
        let processor = channel.processor;
        let (was_muted, throttled_until) = (channel.is_muted(), channel.throttled_until);
        let is_first = channel.unread.is_empty();
        channel.unread.push_back((now, received));
        if !was_muted {
            channel.last_active = now;
        }
        self.schedule_idle_check(works);
        if let Some(until) = throttled_until {
            return Arrival::Throttled { until };
        }
        if was_muted {
            return Arrival::Muted;
        }
        if !is_first {
            return Arrival::ProcessorBusy;
        }
        let before = self.request_queue.len();
        let Some(thread) = self.processor_mut(processor) else { return Arrival::ProcessorBusy };
        thread.readable.push_back(id);
        self.run_processor(processor, costs, now, works);
        match self.processor(processor).and_then(Processor::task) {
            _ if self.channels.get(&id).is_some_and(|channel| channel.closing.is_some()) => Arrival::Reading,
            Some(Task::Read(reading, _)) if *reading == id => Arrival::Reading,
            Some(Task::Blocked(blocked, _)) if *blocked == id => Arrival::QueueFull,
            _ if self.request_queue.len() > before => Arrival::Queued,
            _ => Arrival::ProcessorBusy,
        }
    }

    /// The client has closed a connection. What came before is read first, unless the connection was reset. False where the
    /// connection is not known.
    pub fn closed_by_client(&mut self, id: ChannelId, is_reset: bool) -> bool {
        let Some(channel) = self.channels.get_mut(&id) else { return false };
        channel.is_ended = true;
        let is_read = channel.unread.is_empty() && !channel.receive.has_unread();
        if is_reset || (is_read && !channel.is_muted()) {
            self.channels.remove(&id);
        }
        true
    }

    /// A connection is accepted that has such a transport layer, unless it is there.
    pub fn accept(&mut self, id: ChannelId, transport_layer: TransportLayer) {
        if self.mutes && !self.channels.contains_key(&id) {
            self.channel(id).transport_layer = transport_layer;
        }
    }

    /// The channel of a connection; a new one is accepted, and what an earlier process of its client had open for the same purpose
    /// is closed.
    fn channel(&mut self, id: ChannelId) -> &mut KafkaChannel {
        if let Some(open) = self.channels.position(&id) {
            return self.channels.at_mut(open);
        }
        self.channels.retain(|other, _| !other.is_superseded_by(&id));
        let processors = u32::try_from(self.processors.len()).unwrap_or(u32::MAX).max(1);
        let processor = self.next_processor % processors;
        self.next_processor = (processor + 1) % processors;
        self.accepted += 1;
        self.channels.get_or_insert_with(id, || KafkaChannel::new(processor))
    }

    fn processor(&self, processor: u32) -> Option<&Processor> {
        self.processors.get(usize::try_from(processor).ok()?)
    }

    fn processor_mut(&mut self, processor: u32) -> Option<&mut Processor> {
        self.processors.get_mut(usize::try_from(processor).ok()?)
    }

    /// Lets a processor go on as long as what it finds takes no time. It sends what is ready before it reads.
    fn run_processor(&mut self, processor: u32, costs: &Costs, now: Millis, works: &mut Works) {
        while let Some(thread) = self.processor_mut(processor).filter(|thread| thread.task.is_none()) {
            if let Some(id) = thread.responses.pop_front() {
                self.begin_sending(processor, id, costs, now, works);
            } else if let Some(id) = thread.readable.pop_front() {
                self.begin_reading(processor, id, costs, now, works);
            } else {
                return;
            }
        }
    }

    fn begin_sending(&mut self, processor: u32, id: ChannelId, costs: &Costs, now: Millis, works: &mut Works) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Some(request) = channel.request.as_mut() else { return };
        request.times.response_dequeued = Some(now);
        let cost = match &request.answer {
            Some(Answer::Response(response)) => costs.of_sending(Some(response), channel.transport_layer),
            Some(Answer::Close) => costs.of_sending(None, channel.transport_layer),
            Some(Answer::None) | None => 0,
        };
        request.network_ms = request.network_ms.saturating_add(cost);
        if cost == 0 {
            return self.sent(id, now, works);
        }
        if let Some(thread) = self.processor_mut(processor) {
            thread.begin(Task::Send(id), now, Some(now.saturating_add(cost)));
            works.push(Work::Processor { processor, until: now.saturating_add(cost) });
        }
    }

    fn begin_reading(&mut self, processor: u32, id: ChannelId, costs: &Costs, now: Millis, works: &mut Works) {
        if self.is_too_large(id, now, works) {
            return;
        }
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Some((arrived, received)) = channel.unread.pop_front() else { return };
        channel.last_active = now;
        channel.request = Some(RequestInProcess {
            context: received.request_context.clone(),
            times: RequestTimes { arrived, ..RequestTimes::default() },
            answer: None,
            network_ms: costs.of_reading(&received.request),
            throttle_ms: 0,
        });
        let cost = costs.of_reading(&received.request);
        if cost == 0 {
            return self.enqueue(processor, id, received, now, works);
        }
        if let Some(thread) = self.processor_mut(processor) {
            thread.begin(Task::Read(id, Box::new(received)), now, Some(now.saturating_add(cost)));
            works.push(Work::Processor { processor, until: now.saturating_add(cost) });
        }
    }

    /// Puts a request that was read on the request queue. Where that is full, the processor stands still until it is not.
    fn enqueue(&mut self, processor: u32, id: ChannelId, received: ReceivedRequest, now: Millis, works: &mut Works) {
        if self.request_queue.len() >= usize::try_from(self.threads.queued_max).unwrap_or(usize::MAX) {
            if let Some(thread) = self.processor_mut(processor) {
                thread.begin(Task::Blocked(id, Box::new(received)), now, None);
                self.blocked.push_back(processor);
            }
            return;
        }
        if let Some(request) = self.channels.get_mut(&id).and_then(|channel| channel.request.as_mut()) {
            request.times.enqueued = Some(now);
        }
        self.request_queue.push_back(received);
        self.wake_handler(works);
    }

    /// Wakes a handler thread, if one is idle and a request waits for which none was woken.
    fn wake_handler(&mut self, works: &mut Works) {
        self.wake_handler_beside(0, works);
    }

    /// The same while `taking` handler threads have just taken a request.
    fn wake_handler_beside(&mut self, taking: usize, works: &mut Works) {
        let woken = usize::try_from(self.woken).unwrap_or(usize::MAX);
        if woken >= self.request_queue.len() {
            return;
        }
        let busy = taking + self.handlers.iter().filter(|handler| handler.request.is_some()).count();
        if busy.saturating_add(woken) < usize::try_from(self.threads.io.max(1)).unwrap_or(usize::MAX) {
            self.woken += 1;
            works.push(Work::TakeRequest);
        }
    }

    /// A handler thread takes the request that has waited longest. Room in the queue lets a blocked processor go on.
    pub fn take_request(&mut self, costs: &Costs, now: Millis, works: &mut Works) -> Option<ReceivedRequest> {
        let Some(received) = self.request_queue.pop_front() else {
            self.woken = self.woken.saturating_sub(1);
            return None;
        };
        if let Some(place) = self.place_in_process(&received.request_context)
            && let Some(request) = &mut self.channels.at_mut(place).request
        {
            request.times.dequeued = Some(now);
        }
        if let Some(processor) = self.blocked.pop_front() {
            let task = self.processor_mut(processor).and_then(|thread| thread.end(now));
            if let Some(Task::Blocked(id, waiting)) = task {
                self.enqueue(processor, id, *waiting, now, works);
            }
            self.run_processor(processor, costs, now, works);
        }
        // Not before: the thread that takes this request is not idle for those that come into the queue meanwhile.
        self.woken = self.woken.saturating_sub(1);
        self.wake_handler_beside(1, works);
        Some(received)
    }

    /// A handler thread will need some time for a request. Gives its number.
    pub fn occupy_handler(&mut self, received: ReceivedRequest, now: Millis) -> u32 {
        let idle = self.handlers.iter().position(|handler| handler.request.is_none());
        let at = idle.unwrap_or_else(|| {
            self.handlers.push(Handler::default());
            self.handlers.len() - 1
        });
        self.handlers[at].request = Some(received);
        self.handlers[at].since = now;
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// The time that a handler thread needed is over: gives what it worked on.
    pub fn free_handler(&mut self, handler: u32, now: Millis) -> Option<ReceivedRequest> {
        let handler = self.handlers.get_mut(usize::try_from(handler).ok()?)?;
        handler.busy_ms = handler.busy_ms(now);
        handler.request.take()
    }

    /// A handler thread carries a request out now.
    pub fn handling(&self, context: &RequestContext, now: Millis) -> Handling {
        let place = self.place_in_process(context);
        let request = place.and_then(|place| self.channels.at(place).request.as_ref());
        let dequeued = request.and_then(|request| request.times.dequeued);
        Handling { place, thread_ms: dequeued.map_or(0, |dequeued| now.saturating_sub(dequeued)) }
    }

    /// A handler thread is done with a request: the next one may be taken. Whatever the request still waits for, nobody
    /// works on it here.
    pub fn handled(&mut self, handling: &Handling, now: Millis, works: &mut Works) {
        if let Some(place) = handling.place
            && let Some(request) = &mut self.channels.at_mut(place).request
        {
            request.times.local_done = Some(now);
        }
        self.wake_handler(works);
    }

    /// The answer to a request is ready. Where its connection is gone, it is thrown away. The connection stays muted for
    /// `throttle_ms` from now on, while the answer leaves.
    pub fn respond(
        &mut self,
        to: RequestContext,
        answer: Answer,
        throttle_ms: Millis,
        costs: &Costs,
        now: Millis,
        works: &mut Works,
    ) {
        if !self.mutes {
            return leave(to, answer, works);
        }
        let id = ChannelId::of(&to);
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let processor = channel.processor;
        let is_waiting = |request: &&mut RequestInProcess| is_same(&request.context, &to) && request.answer.is_none();
        let Some(request) = channel.request.as_mut().filter(is_waiting) else { return };
        request.times.completed = Some(now);
        request.answer = Some(answer);
        request.throttle_ms = throttle_ms;
        if throttle_ms > 0 {
            let until = now.saturating_add(throttle_ms);
            channel.throttled_until = Some(until);
            works.push(Work::Throttle { channel: id, until });
        }
        if let Some(thread) = self.processor_mut(processor) {
            thread.responses.push_back(id);
        }
        self.run_processor(processor, costs, now, works);
    }

    /// What a processor was busy with is done. Gives what that was.
    pub fn processor_done(&mut self, processor: u32, costs: &Costs, now: Millis, works: &mut Works) -> Option<Done> {
        let thread = self.processor_mut(processor)?;
        // It may be a later thread of the same number.
        thread.until.filter(|until| *until <= now)?;
        let done = match thread.end(now)? {
            Task::Read(id, received) => {
                let (from, api) = (received.request_context.from, received.request_context.api);
                self.enqueue(processor, id, *received, now, works);
                let is_blocked = self.processor(processor).is_some_and(|thread| thread.task.is_some());
                if is_blocked { Done::QueueFull { from, api } } else { Done::Queued { from, api } }
            }
            Task::Send(id) => {
                let request = self.channels.get(&id).and_then(|channel| channel.request.as_ref());
                let sent = request.map(|request| (request.context.from, request.context.api));
                self.sent(id, now, works);
                let (to, api) = sent?;
                Done::Sent { to, api }
            }
            // Room in the queue ends this, not time.
            blocked @ Task::Blocked(..) => {
                thread.begin(blocked, now, None);
                return None;
            }
        };
        self.run_processor(processor, costs, now, works);
        Some(done)
    }

    /// An answer was sent: it counts, and its connection is read from again, unless a quota keeps it muted.
    fn sent(&mut self, id: ChannelId, now: Millis, works: &mut Works) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Some(mut request) = channel.request.take() else { return };
        request.times.sent = Some(now);
        channel.last_active = now;
        let is_follower = matches!(id.client, Endpoint::Broker(_));
        Rc::make_mut(&mut self.metrics).record(&request, channel.transport_layer, is_follower, now);
        let (is_throttled, closes) = (channel.throttled_until.is_some(), request.answer == Some(Answer::Close));
        if request.network_ms > 0 {
            works.push(Work::NetworkTime { to: request.context.clone(), ms: request.network_ms });
        }
        if closes {
            // Who shares the connection loses what it has sent.
            let lost = std::mem::take(&mut channel.unread).into_iter().map(|(_, received)| received.request_context);
            let others = lost.filter(|lost| lost.from != request.context.from);
            works.extend(others.map(|to| Work::Send { to, response: None }));
        }
        if closes {
            self.channels.remove(&id);
        } else if !is_throttled {
            self.read_on(id, now, works);
        }
        if let Some(answer) = request.answer {
            leave(request.context, answer, works);
        }
    }

    /// Where the connection of a request stands, if that waits for its answer.
    fn place_in_process(&self, context: &RequestContext) -> Option<usize> {
        let place = self.channels.position(&ChannelId::of(context))?;
        let request = self.channels.at(place).request.as_ref()?;
        is_same(&request.context, context).then_some(place)
    }

    /// Hashes what can still act: without what is only counted.
    pub fn hash_behavior(&self, hasher: &mut DigestHasher) {
        let Self {
            threads,
            mutes,
            channels,
            processors,
            next_processor,
            request_queue,
            blocked,
            handlers,
            woken,
            limits,
            idle_check_at,
            accepted: _,
            metrics: _,
        } = self;
        (threads, mutes, next_processor, request_queue, blocked, woken, limits, idle_check_at).hash(hasher);
        for (id, channel) in channels.iter() {
            let request = channel.request.as_ref().map(|request| (&request.context, &request.answer));
            (id, channel.processor, channel.transport_layer, request, channel.throttled_until, channel.is_ended)
                .hash(hasher);
            channel.unread.iter().for_each(|(_, received)| received.hash(hasher));
            (&channel.receive, channel.is_kept_open, channel.closing, channel.last_active).hash(hasher);
        }
        for processor in processors {
            (&processor.readable, &processor.responses, &processor.task).hash(hasher);
        }
        handlers.iter().for_each(|handler| handler.request.hash(hasher));
    }

    /// Requests that wait for a handler thread, the one that has waited longest first.
    pub fn request_queue(&self) -> &VecDeque<ReceivedRequest> {
        &self.request_queue
    }

    /// How many connections it has accepted since it was started.
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// How many of them are closed (`connection-close-total`).
    pub fn closed(&self) -> u64 {
        self.accepted.saturating_sub(u64::try_from(self.channels.len()).unwrap_or(u64::MAX))
    }

    /// The connections.
    pub fn channels(&self) -> impl Iterator<Item = (&ChannelId, &KafkaChannel)> {
        self.channels.iter()
    }

    /// The network threads.
    pub fn processors(&self) -> &[Processor] {
        &self.processors
    }

    /// The handler threads.
    pub fn handlers(&self) -> &[Handler] {
        &self.handlers
    }

    /// How many threads there are, and how many requests may wait.
    pub fn threads(&self) -> Threads {
        self.threads
    }

    /// What is counted.
    pub fn metrics(&self) -> &RequestMetrics {
        &self.metrics
    }
}

/// Whether both are of one request. A principal may be added to a request on its way.
fn is_same(one: &RequestContext, other: &RequestContext) -> bool {
    (one.correlation_id, one.from, one.incarnation) == (other.correlation_id, other.from, other.incarnation)
}

/// A request that a handler thread carries out. Until it is done, no connection comes or goes.
#[derive(Debug)]
pub struct Handling {
    /// Where its connection stands, if that waits for its answer.
    place: Option<usize>,
    /// How long the thread has had it, in milliseconds (`requestThreadTimeNanos`).
    pub thread_ms: Millis,
}

/// What goes back to who asked.
fn leave(to: RequestContext, answer: Answer, works: &mut Works) {
    match answer {
        Answer::Response(response) => works.push(Work::Send { to, response: Some(response) }),
        Answer::Close => works.push(Work::Send { to, response: None }),
        Answer::None => {}
    }
}

/// Whether a request is written to the disk before anything else is done with it.
pub fn is_written(request: &Request) -> bool {
    matches!(request, Request::Produce(_) | Request::OffsetCommit(_))
}
