//! What lessons look up of a broker's request path: who is where, what its meters say, what came back to who asked by hand.
//!
//! A request goes from place to place in steps that change nothing else, so these are looked at after every step; none of
//! them needs the view of the whole cluster.

use serde_json::Value;

use super::observed::Observed;
use crate::actor::{Actor, Listener};
use crate::client::ProbeAnswer;
use crate::metrics::{Kind, Metric, NodeCounters};
use crate::socket_server::channel::Place;
use crate::socket_server::transport_layer::Transferred;
use crate::wire::{ApiKey, ErrorCode};

/// Which requests are counted. What is left out may be anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RequestPattern {
    pub api: Option<ApiKey>,
    pub from: Option<Actor>,
}

/// A place by its name.
pub(super) fn place(name: &str) -> Option<Place> {
    Place::all().iter().copied().find(|place| place.name() == name)
}

/// A metric by the `name` and the `request` of its MBean; of the two purgatories `request` is the delayed operation. What is
/// counted over time is not among them: an onlooker at one moment has no time to divide by.
pub(super) fn metric(name: &str, request: Option<&str>) -> Option<Metric> {
    measured().find(|metric| metric.name() == name && metric_request(*metric).as_deref() == request)
}

/// All names with their requests, for a writer who got one wrong.
pub(super) fn metric_names() -> Vec<String> {
    let full = |metric: Metric| match metric_request(metric) {
        Some(request) => format!("{} {request}", metric.name()),
        None => metric.name().to_owned(),
    };
    measured().map(full).collect()
}

fn measured() -> impl Iterator<Item = Metric> {
    Metric::all().into_iter().filter(|metric| metric.kind() != Kind::Rate)
}

fn metric_request(metric: Metric) -> Option<String> {
    let mbean = metric.mbean();
    let mut tags = mbean.split([':', ',']).filter_map(|tag| tag.split_once('='));
    tags.find(|(name, _)| matches!(*name, "request" | "delayedOperation")).map(|(_, value)| value.to_owned())
}

impl Observed<'_> {
    /// How many requests are at a place of a listener's pipeline; none where the process does not live.
    pub(super) fn at_place(&self, node: i32, port: Listener, place: Place, wanted: RequestPattern) -> Option<i64> {
        let node = self.cluster().node(node)?;
        match port {
            Listener::Broker => node.broker.as_ref().map(|_| ())?,
            Listener::Controller => node.controller.as_ref().map(|_| ())?,
        }
        let in_process = node.server(port).channels().filter_map(|(_, channel)| channel.request.as_ref());
        let unread = node.server(port).channels().flat_map(|(_, channel)| &channel.unread);
        let all = in_process
            .map(|request| (&request.context, request.times.place()))
            .chain(unread.map(|(_, received)| (&received.request_context, Place::Socket)));
        let fits = all.filter(|(context, at)| {
            *at == place
                && wanted.api.is_none_or(|api| api == context.api)
                && wanted.from.is_none_or(|from| from == context.from.actor())
        });
        i64::try_from(fits.count()).ok()
    }

    /// What a metric says now: of times the mean so far, in whole milliseconds; of idle shares the whole percent since
    /// the run began. None where nothing was measured yet.
    pub(super) fn metric(&self, node: i32, metric: Metric) -> Option<i64> {
        let cluster = self.cluster();
        let [value, by] = metric.read(cluster, cluster.node(node)?, &NodeCounters::default())?;
        match metric.kind() {
            Kind::Gauge => Some(value),
            Kind::Time => value.checked_div(by),
            Kind::Idle => {
                let all = by.checked_mul(i64::try_from(cluster.now()).ok()?)?;
                100i64.checked_sub(value.checked_mul(100)?.checked_div(all)?)
            }
            Kind::Rate => None,
        }
    }

    /// How a broker has sent records since it was started; none where it does not live.
    pub(super) fn transferred(&self, node: i32, which: Transferred) -> Option<i64> {
        let node = self.cluster().node(node).filter(|node| node.broker.is_some())?;
        i64::try_from(node.server(Listener::Broker).metrics().transfers().get(which)).ok()
    }

    fn probe_answer(&self, probe: u32) -> Option<&ProbeAnswer> {
        self.cluster().probe_answer(probe)
    }

    /// What stands at a path of the last answer that a hand-written request got, with Kafka's field names, as in
    /// `responses.0.errorCode`; `length` behind a list is how long it is.
    pub(super) fn answer_at(&self, probe: u32, path: &str) -> Option<Value> {
        let mut value = self.probe_answer(probe)?.response.as_ref()?.to_json();
        for part in path.split('.') {
            value = match &mut value {
                Value::Array(items) if part == "length" => Value::from(items.len()),
                Value::Array(items) => part.parse().ok().and_then(|at: usize| items.get_mut(at)).map(Value::take)?,
                Value::Object(fields) => fields.get_mut(part).map(Value::take)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// Whether a hand-written request was answered with the end of its connection.
    pub(super) fn connection_closed(&self, probe: u32) -> bool {
        self.probe_answer(probe).is_some_and(|answer| answer.closed)
    }

    /// Which of these probes was answered first; none while nobody was.
    pub(super) fn first_answered(&self, probes: &[u32]) -> Option<u32> {
        let answered = probes.iter().filter_map(|probe| Some((self.probe_answer(*probe)?.answered_at_ms?, *probe)));
        answered.min().map(|(_, probe)| probe)
    }

    /// Errors that a person may expect at a field of the answer to the request that a probe sent.
    pub(super) fn error_guesses(&self, probe: u32, field: &str) -> Vec<&'static str> {
        let Some(answer) = self.probe_answer(probe) else { return Vec::new() };
        let errors: &[ErrorCode] = match answer.api {
            ApiKey::Produce => &[
                ErrorCode::NotEnoughReplicas,
                ErrorCode::InvalidRequiredAcks,
                ErrorCode::RequestTimedOut,
                ErrorCode::TopicAuthorizationFailed,
            ],
            ApiKey::Fetch if field == "errorCode" => {
                &[ErrorCode::FetchSessionIdNotFound, ErrorCode::InvalidFetchSessionEpoch, ErrorCode::UnsupportedVersion]
            }
            ApiKey::Fetch => &[ErrorCode::OffsetOutOfRange, ErrorCode::RequestTimedOut],
            ApiKey::OffsetCommit => {
                &[ErrorCode::UnknownMemberId, ErrorCode::NotCoordinator, ErrorCode::IllegalGeneration]
            }
            _ => &[ErrorCode::UnsupportedVersion, ErrorCode::InvalidRequest],
        };
        [ErrorCode::None].iter().chain(errors).map(|error| error.name()).collect()
    }
}
