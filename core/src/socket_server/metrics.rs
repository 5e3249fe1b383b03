//! What a listener counts of its requests (`RequestChannel.Metrics`, `RequestMetrics`), by the names that JMX shows.

use std::collections::VecDeque;
use std::rc::Rc;

use super::channel::{Answer, Place, RequestInProcess, RequestTimes};
use super::transport_layer::{Transfers, TransportLayer};
use crate::actor::Endpoint;
use crate::effects::RequestContext;
use crate::flat_map::FlatMap;
use crate::ranked_map::{Ranked, RankedMap};
use crate::sim::Millis;
use crate::wire::{ApiKey, ErrorCode, Response};

/// How many answered requests are remembered one by one.
const ANSWERED_MAX: usize = 64;

/// What is counted apart: every API, and fetches by who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum RequestType {
    /// An API as it is.
    Api(ApiKey),
    /// A consumer's fetch.
    FetchConsumer,
    /// A follower's fetch.
    FetchFollower,
}

impl RequestType {
    /// What a request counts as.
    pub fn of(context: &RequestContext, is_follower: bool) -> Self {
        match (context.api, is_follower) {
            (ApiKey::Fetch, true) => Self::FetchFollower,
            (ApiKey::Fetch, false) => Self::FetchConsumer,
            (api, _) => Self::Api(api),
        }
    }

    /// The value of the `request` tag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Api(api) => api.name(),
            Self::FetchConsumer => "FetchConsumer",
            Self::FetchFollower => "FetchFollower",
        }
    }
}

impl Ranked for RequestType {
    /// The APIs first.
    #[inline]
    fn rank(&self) -> u128 {
        match self {
            Self::Api(api) => api.rank(),
            Self::FetchConsumer => 1 << u8::BITS,
            Self::FetchFollower => (1 << u8::BITS) + 1,
        }
    }
}

/// Durations, counted by their length: no two are merged, so that every percentile is exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Durations {
    sum: u64,
    /// Of those that took longer than no time. Most take none, at most places: they are all the others that were answered.
    by_ms: FlatMap<Millis, u64>,
}

impl Durations {
    #[inline]
    fn add(&mut self, ms: Millis) {
        if ms > 0 {
            self.add_time(ms);
        }
    }

    fn add_time(&mut self, ms: Millis) {
        self.sum = self.sum.saturating_add(ms);
        *self.by_ms.entry(ms).or_default() += 1;
    }
}

/// What is counted of a duration of all requests of a type.
#[derive(Clone, Copy, Debug)]
pub struct Histogram<'a> {
    count: u64,
    durations: &'a Durations,
}

impl Histogram<'_> {
    /// How many there were.
    pub fn count(self) -> u64 {
        self.count
    }

    /// All of them together, in milliseconds.
    pub fn sum(self) -> Millis {
        self.durations.sum
    }

    /// The longest, in milliseconds.
    pub fn max(self) -> Millis {
        self.durations.by_ms.iter().next_back().map_or(0, |(ms, _)| *ms)
    }

    /// The shortest time that at least `thousandths` of them did not exceed, in milliseconds.
    pub fn percentile(self, thousandths: u64) -> Millis {
        let wanted = self.count.saturating_mul(thousandths).div_ceil(1000);
        let mut seen = self.count.saturating_sub(self.durations.by_ms.values().sum());
        if seen >= wanted {
            return 0;
        }
        for (ms, count) in self.durations.by_ms.iter() {
            seen += count;
            if seen >= wanted {
                return *ms;
            }
        }
        0
    }
}

/// What is counted of the requests of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TypeMetrics {
    /// How many were answered, by version (`RequestsPerSec`).
    pub by_version: FlatMap<i16, u64>,
    /// How the records of the answers were sent.
    pub transfers: Transfers,
    /// `TotalTimeMs`.
    total: Durations,
    /// `ThrottleTimeMs`.
    throttle: Durations,
    /// `RequestQueueTimeMs`, `LocalTimeMs`, `RemoteTimeMs`, `ResponseQueueTimeMs`, `ResponseSendTimeMs`: by place.
    places: [Durations; MEASURED.len()],
}

impl TypeMetrics {
    /// Bytes of records that were sent with the answers.
    pub fn bytes_out(&self) -> u64 {
        self.transfers.bytes_out()
    }

    /// `TotalTimeMs`.
    pub fn total(&self) -> Histogram<'_> {
        self.histogram(&self.total)
    }

    /// `ThrottleTimeMs`.
    pub fn throttle(&self) -> Histogram<'_> {
        self.histogram(&self.throttle)
    }

    /// The times at a place; `None` for the socket, of which Kafka does not know.
    pub fn at(&self, place: Place) -> Option<Histogram<'_>> {
        let durations = MEASURED.iter().position(|measured| *measured == place).map(|at| &self.places[at]);
        durations.map(|durations| self.histogram(durations))
    }

    fn histogram<'a>(&'a self, durations: &'a Durations) -> Histogram<'a> {
        Histogram { count: self.by_version.values().sum(), durations }
    }
}

/// The places that a metric measures: of the socket Kafka does not know.
const MEASURED: [Place; 5] = [Place::RequestQueue, Place::Handler, Place::Remote, Place::ResponseQueue, Place::Sending];

/// One request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnsweredRequest {
    /// Who asked.
    pub from: Endpoint,
    /// Its number for the request.
    pub correlation_id: i32,
    /// As what it is counted.
    pub request_type: RequestType,
    /// When it passed what.
    pub times: RequestTimes,
}

/// All that a listener counts. It dies with the process, as JMX values do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestMetrics {
    by_type: RankedMap<RequestType, Rc<TypeMetrics>>,
    /// Errors in answers, `NONE` as well (`ErrorsPerSec`).
    errors: RankedMap<(ApiKey, ErrorCode), u64>,
    answered: VecDeque<AnsweredRequest>,
    count: u64,
}

impl RequestMetrics {
    /// A request was answered.
    pub(super) fn record(
        &mut self,
        request: &RequestInProcess,
        transport_layer: TransportLayer,
        is_follower: bool,
        now: Millis,
    ) {
        let request_type = RequestType::of(&request.context, is_follower);
        let metrics = Rc::make_mut(self.by_type.get_or_insert_with(request_type, Rc::default));
        *metrics.by_version.entry(request.context.version).or_default() += 1;
        if let Some(Answer::Response(response)) = &request.answer {
            let (api, errors) = (request.context.api, &mut self.errors);
            response.error_codes(&mut |error| *errors.get_or_insert_with((api, error), u64::default) += 1);
        }
        if let Some(Answer::Response(response)) = &request.answer
            && let Response::Fetch(fetched) = &**response
        {
            metrics.transfers = metrics.transfers.and(transport_layer.transfer(fetched));
        }
        metrics.throttle.add(request.throttle_ms);
        let total = request.times.total(now);
        if total > 0 {
            metrics.total.add(total);
            let places = MEASURED.into_iter().zip(&mut metrics.places);
            places.for_each(|(place, durations)| durations.add(request.times.at(place, now)));
        }
        if self.answered.len() == ANSWERED_MAX {
            self.answered.pop_front();
        }
        self.answered.push_back(AnsweredRequest {
            from: request.context.from,
            correlation_id: request.context.correlation_id,
            request_type,
            times: request.times,
        });
        self.count += 1;
    }

    /// What is counted, by type.
    pub fn by_type(&self) -> impl Iterator<Item = (RequestType, &TypeMetrics)> {
        self.by_type.iter().map(|(request_type, metrics)| (*request_type, &**metrics))
    }

    /// How the records of all answers were sent.
    pub fn transfers(&self) -> Transfers {
        self.by_type().fold(Transfers::default(), |sum, (_, metrics)| sum.and(metrics.transfers))
    }

    /// How many errors of each kind were answered to each API: `NONE` is one of them, as in Kafka.
    pub fn errors(&self) -> impl Iterator<Item = (ApiKey, ErrorCode, u64)> {
        self.errors.iter().map(|((api, error), count)| (*api, *error, *count))
    }

    /// The last requests that were answered, oldest first.
    pub fn answered(&self) -> impl DoubleEndedIterator<Item = &AnsweredRequest> {
        self.answered.iter()
    }

    /// How many requests were answered.
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let mut metrics = TypeMetrics::default();
        assert_eq!((metrics.total().percentile(500), metrics.total().max()), (0, 0));
        let durations = [4, 1, 9, 4, 200, 3, 0, 4, 7, 8];
        durations.into_iter().for_each(|ms| metrics.total.add(ms));
        metrics.by_version.insert(0, 10);
        let histogram = metrics.total();
        assert_eq!((histogram.count(), histogram.sum(), histogram.max()), (10, 240, 200));
        let mut sorted = durations;
        sorted.sort_unstable();
        for thousandths in [1_u64, 100, 500, 750, 900, 950, 999, 1000] {
            let rank = usize::try_from((10 * thousandths).div_ceil(1000).max(1)).expect("small");
            assert_eq!(histogram.percentile(thousandths), sorted[rank - 1], "{thousandths}");
        }
    }
}
