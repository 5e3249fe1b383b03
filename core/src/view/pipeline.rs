//! One listener of a process opened up: who is where on the way of a request.

use serde::Serialize;

use super::network::RequestId;
use super::summary::request_summary;
use crate::actor::{Actor, Listener};
use crate::cluster::Cluster;
use crate::cluster::node::Node;
use crate::connection::Purpose;
use crate::effects::ReceivedRequest;
use crate::sim::Millis;
use crate::socket_server::channel::{ChannelId, KafkaChannel, Place, RequestTimes};
use crate::socket_server::transport_layer::{Transfers, TransportLayer};
use crate::socket_server::{SocketServer, Task};
use crate::wire::client_quotas::QuotaType;
use crate::wire::{ApiKey, Topic};

/// A listener's acceptor, network threads, request queue, handler threads and connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineView {
    /// `node.id`.
    pub node: i32,
    /// Which listener.
    pub port: Listener,
    /// Its connections.
    pub connections: Vec<ConnectionView>,
    /// Its network threads.
    pub processors: Vec<ProcessorView>,
    /// Requests in the request queue, the one that has waited longest first.
    pub request_queue: Vec<RequestId>,
    /// `queued.max.requests`.
    pub queued_max: u32,
    /// Its handler threads: what each works on.
    pub handlers: Vec<Option<RequestId>>,
    /// `num.io.threads`.
    pub io_threads: u32,
    /// Requests that are under way, in the order in which they came.
    pub requests: Vec<PipelineRequestView>,
    /// How long the requests that were answered were at each place that Kafka measures, all types together.
    pub measured: Vec<PlaceSum>,
    /// How the records of all answers to fetches were sent.
    pub transfers: TransfersView,
    /// The last requests that were answered, the newest first.
    pub answered: Vec<AnsweredView>,
    /// How many were answered since the process was started.
    pub answered_count: u64,
    /// What users and clients use of their quotas.
    pub quotas: Vec<QuotaView>,
}

/// What a user or client uses of a quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotaView {
    /// What is bounded.
    pub quota: QuotaType,
    /// The user; empty where users are not told apart.
    pub user: Topic,
    /// The client id; empty where clients are not told apart.
    pub client_id: Topic,
    /// The rate now, in thousandths of the unit of the bound; of controller mutations the tokens that are left, negative for debt.
    pub rate_thousandths: i64,
    /// The bound, in the same; none where no quota is set any more.
    pub bound_thousandths: Option<i64>,
    /// Until when it is throttled, in milliseconds, if it is.
    pub throttled_until_ms: Option<Millis>,
}

/// How records left for who fetches them, since the process was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransfersView {
    /// Bytes that the kernel sent out of the page cache (`sendfile`).
    pub zero_copy_bytes: u64,
    /// Bytes that were encrypted.
    pub encrypted_bytes: u64,
    /// How often the CPU copied a piece from one buffer to the next.
    pub copies: u64,
    /// Bytes that it copied so.
    pub copied_bytes: u64,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionView {
    /// Who opened it.
    pub client: Actor,
    /// What it is for.
    pub purpose: Purpose,
    /// The number of its network thread.
    pub processor: u32,
    /// Whether it speaks TLS.
    pub is_encrypted: bool,
    /// Whether nothing is read from it, because a request of it is under way.
    pub is_muted: bool,
    /// Until when a quota keeps it muted, in milliseconds.
    pub throttled_until_ms: Option<Millis>,
    /// Requests in its receive buffer.
    pub unread: usize,
}

/// A network thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessorView {
    /// How many connections it has.
    pub connections: usize,
    /// What it does.
    pub task: ProcessorTask,
    /// Requests whose answers wait for it.
    pub responses: Vec<RequestId>,
}

/// What a network thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::VariantNames)]
#[serde(tag = "task", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ProcessorTask {
    /// Nothing.
    Idle,
    /// It reads a request of this client.
    Reads {
        /// Who asks.
        from: Actor,
        /// What.
        api: ApiKey,
    },
    /// It waits for room in the request queue.
    Blocked {
        /// Who asks.
        from: Actor,
        /// What.
        api: ApiKey,
    },
    /// It sends an answer to this client.
    Sends {
        /// To whom.
        to: Actor,
    },
}

/// A request that is under way at a listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PipelineRequestView {
    /// Which.
    pub request: RequestId,
    /// Who asks.
    pub from: Actor,
    /// What.
    pub api: ApiKey,
    /// In few words, where it has not been carried out yet.
    pub summary: String,
    /// Where it is.
    pub place: Place,
    /// How long it has been at each place so far, in milliseconds.
    pub times: Vec<PlaceTime>,
}

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnsweredView {
    /// Which.
    pub request: RequestId,
    /// Who asked.
    pub from: Actor,
    /// As what it is counted.
    pub request_type: &'static str,
    /// When its answer was sent, in milliseconds.
    pub sent_at_ms: Millis,
    /// How long it was at each place, in milliseconds.
    pub times: Vec<PlaceTime>,
    /// `TotalTimeMs`.
    pub total_ms: Millis,
}

/// How long a request was at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceTime {
    /// Where.
    pub place: Place,
    /// How long, in milliseconds.
    pub ms: Millis,
}

/// What requests were at a place together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceSum {
    /// Where.
    pub place: Place,
    /// How long, in milliseconds.
    pub ms: Millis,
    /// How many.
    pub count: u64,
}

impl Cluster {
    /// A listener of a process; `None` where the process does not live or has no such listener.
    pub fn pipeline(&self, node: i32, port: Listener) -> Option<PipelineView> {
        let node = self.node(node)?;
        match port {
            Listener::Broker => node.broker.as_ref().map(|_| ())?,
            Listener::Controller => node.controller.as_ref().map(|_| ())?,
        }
        Some(pipeline_view(self, node, port))
    }
}

fn pipeline_view(cluster: &Cluster, node: &Node, port: Listener) -> PipelineView {
    let server = node.server(port);
    let id_of = |received: &ReceivedRequest| RequestId::of(&received.request_context);
    let mut requests: Vec<(Millis, PipelineRequestView)> =
        server.channels().flat_map(|(_, channel)| requests_of(cluster, server, channel)).collect();
    requests.sort_by_key(|(arrived, request)| (*arrived, request.request));
    let answered = server.metrics().answered().rev().map(|answered| AnsweredView {
        request: RequestId { from: answered.from, correlation_id: answered.correlation_id },
        from: answered.from.actor(),
        request_type: answered.request_type.name(),
        sent_at_ms: answered.times.sent.unwrap_or_default(),
        times: place_times(&answered.times, cluster.now()),
        total_ms: answered.times.total(cluster.now()),
    });
    PipelineView {
        node: node.config.id,
        port,
        connections: server.channels().map(connection_view).collect(),
        processors: (0u32..).zip(server.processors()).map(|(number, _)| processor_view(server, number)).collect(),
        request_queue: server.request_queue().iter().map(id_of).collect(),
        queued_max: server.threads().queued_max,
        handlers: server.handlers().iter().map(|handler| handler.request().map(id_of)).collect(),
        io_threads: server.threads().io,
        requests: requests.into_iter().map(|(_, request)| request).collect(),
        measured: Place::all().iter().filter_map(|place| place_sum(server, *place)).collect(),
        transfers: transfers_view(server.metrics().transfers()),
        answered: answered.collect(),
        answered_count: server.metrics().count(),
        quotas: quota_views(cluster, node, port),
    }
}

fn transfers_view(transfers: Transfers) -> TransfersView {
    let Transfers { zero_copy_bytes, encrypted_bytes, copies, copied_bytes } = transfers;
    TransfersView { zero_copy_bytes, encrypted_bytes, copies, copied_bytes }
}

/// What is counted for quotas, by the broker and by the controller.
fn quota_views(cluster: &Cluster, node: &Node, port: Listener) -> Vec<QuotaView> {
    let broker = node.broker.as_ref().filter(|_| port == Listener::Broker);
    let controller = node.controller.as_ref().filter(|_| port == Listener::Controller);
    let now = cluster.now();
    let of_broker = broker.into_iter().flat_map(|broker| broker.quota_uses(now));
    let of_controller = controller.into_iter().flat_map(|controller| controller.quota_uses(now));
    let views = of_broker.chain(of_controller).map(|used| QuotaView {
        quota: used.quota,
        user: used.tags.user.clone(),
        client_id: used.tags.client_id.clone(),
        rate_thousandths: thousandths(used.rate),
        bound_thousandths: used.bound.map(thousandths),
        throttled_until_ms: Some(used.throttled_until).filter(|until| *until > now),
    });
    views.collect()
}

fn thousandths(value: f64) -> i64 {
    (value * 1_000.0).round() as i64
}

/// `None` for the socket, of which Kafka does not know.
fn place_sum(server: &SocketServer, place: Place) -> Option<PlaceSum> {
    let histograms = server.metrics().by_type().map(|(_, metrics)| metrics.at(place));
    let all = histograms.collect::<Option<Vec<_>>>()?;
    let ms = all.iter().map(|histogram| histogram.sum()).sum();
    let count = all.iter().map(|histogram| histogram.count()).sum();
    (place != Place::Socket).then_some(PlaceSum { place, ms, count })
}

fn connection_view((id, channel): (&ChannelId, &KafkaChannel)) -> ConnectionView {
    ConnectionView {
        client: id.client.actor(),
        purpose: id.connection.purpose,
        processor: channel.processor,
        is_encrypted: channel.transport_layer == TransportLayer::Ssl,
        is_muted: channel.is_muted(),
        throttled_until_ms: channel.throttled_until,
        unread: channel.unread.len(),
    }
}

fn processor_view(server: &SocketServer, number: u32) -> ProcessorView {
    let processor = usize::try_from(number).ok().and_then(|at| server.processors().get(at));
    let task = match processor.and_then(|processor| processor.task()) {
        None => ProcessorTask::Idle,
        Some(Task::Read(_, received)) => {
            ProcessorTask::Reads { from: received.request_context.from.actor(), api: received.request_context.api }
        }
        Some(Task::Blocked(_, received)) => {
            ProcessorTask::Blocked { from: received.request_context.from.actor(), api: received.request_context.api }
        }
        Some(Task::Send(id)) => ProcessorTask::Sends { to: id.client.actor() },
    };
    let channel_of = |wanted: &ChannelId| server.channels().find(|(id, _)| *id == wanted).map(|(_, channel)| channel);
    let waiting = processor.into_iter().flat_map(|processor| processor.responses());
    let requests = waiting.filter_map(|id| channel_of(id)?.request.as_ref());
    ProcessorView {
        connections: server.channels().filter(|(_, channel)| channel.processor == number).count(),
        task,
        responses: requests.map(|request| RequestId::of(&request.context)).collect(),
    }
}

/// What is under way on a connection, with the time at which it came.
fn requests_of(cluster: &Cluster, server: &SocketServer, channel: &KafkaChannel) -> Vec<(Millis, PipelineRequestView)> {
    let now = cluster.now();
    let in_process = channel.request.iter().map(|request| {
        let id = RequestId::of(&request.context);
        let is_it = |received: &&ReceivedRequest| RequestId::of(&received.request_context) == id;
        let handled = server.handlers().iter().filter_map(|handler| handler.request());
        let body = server.request_queue().iter().chain(handled).find(is_it);
        let view = PipelineRequestView {
            request: id,
            from: request.context.from.actor(),
            api: request.context.api,
            summary: body.map(|received| request_summary(cluster, &received.request)).unwrap_or_default(),
            place: request.times.place(),
            times: place_times(&request.times, now),
        };
        (request.times.arrived, view)
    });
    let unread = channel.unread.iter().map(|(arrived, received)| {
        let times = RequestTimes { arrived: *arrived, ..RequestTimes::default() };
        let view = PipelineRequestView {
            request: RequestId::of(&received.request_context),
            from: received.request_context.from.actor(),
            api: received.request_context.api,
            summary: request_summary(cluster, &received.request),
            place: Place::Socket,
            times: place_times(&times, now),
        };
        (*arrived, view)
    });
    in_process.chain(unread).collect()
}

fn place_times(times: &RequestTimes, now: Millis) -> Vec<PlaceTime> {
    Place::all().iter().map(|place| PlaceTime { place: *place, ms: times.at(*place, now) }).collect()
}
