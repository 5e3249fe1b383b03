//! Fetch, for consumers and followers alike: the answer, and the wait for data (`KafkaApis.handleFetchRequest`,
//! `ReplicaManager.fetchMessages`, `DelayedFetch`).

use std::iter;
use std::rc::Rc;

use super::fetch_read::{FetchParams, ReadResult, ReadResults, Reading, TopicLookup, failed, has_diverged};
use super::fetch_session::{FetchContext, FetchTarget, RefusedTopics, SessionAnswer};
use super::purgatory::Operation;
use super::{Broker, Context};
use crate::authorizer::AclOperation;
use crate::change::Change;
use crate::effects::RequestContext;
use crate::explain::Explanation;
use crate::sim::Millis;
use crate::sort::SharedSort;
use crate::wire::message_size::fetch_response_bytes;
use crate::wire::replication::{FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData};
use crate::wire::{ErrorCode, Response, TopicPartition, Uuid};

/// From this version on a fetch names topics by id, and its requester reads an error of the whole.
const FIRST_VERSION_WITH_TOPIC_IDS: i16 = 13;
/// From this version on an answer names the leader that the requester should have asked (KIP-951).
const FIRST_VERSION_WITH_LEADERS: i16 = 16;
/// From this version on an answer tells where logs part (`divergingEpoch`).
const FIRST_VERSION_WITH_DIVERGING_EPOCH: i16 = 12;

/// Whether a fetch is answered at once instead of waiting in purgatory.
pub fn answers_at_once(max_wait_ms: i32, min_bytes: i32, bytes: u64, completes_at_once: bool) -> bool {
    max_wait_ms <= 0 || completes_at_once || bytes >= u64::try_from(min_bytes).unwrap_or(0)
}

impl Broker {
    /// `Fetch`.
    pub(super) fn fetch(&mut self, cx: &mut Context, request_context: RequestContext, request: FetchRequest) {
        let image = &self.image;
        let name_of = |id: &Uuid| image.topics.get(id).map(|topic| topic.name.clone());
        let context = match self.fetch_sessions.new_context(request_context.version, &request, name_of, cx.now) {
            Ok(mut context) => {
                context.refused = self.refused_topics(&request_context, &request, &context);
                Rc::new(context)
            }
            // An exception fails the request, what is wrong with a session is an answer like any other.
            Err(ErrorCode::UnknownServerError) => {
                cx.fx.change(self.refusal(&request_context, ErrorCode::UnknownServerError));
                return self.refuse_fetch(cx, &request_context, &request, ErrorCode::UnknownServerError);
            }
            Err(error_code) => {
                return self.answer_session_error(cx, &request_context, &request, error_code);
            }
        };
        if !matches!(request.isolation_level, 0 | 1)
            && context.targets.iter().any(|target| self.resolve(&context.refused, target).is_ok())
        {
            return self.refuse_fetch(cx, &request_context, &request, ErrorCode::UnknownServerError);
        }
        let of_quota = self.fetch_quota_bytes(&request_context, &request).unwrap_or(i32::MAX);
        let max_bytes = request.max_bytes.min(self.settings.fetch_max_bytes).min(of_quota);
        let request = FetchRequest { max_bytes, ..request };
        let request = Rc::new(request);
        let params = FetchParams::of(&request, request_context.version);
        let results = self.read_all(cx, &params, &context, Reading::Arrived);
        let bytes: u64 = results.read.iter().map(|result| u64::from(result.bytes)).sum();
        let completes_at_once =
            results.read.is_empty() || results.read.iter().any(|result| needs_an_answer(&result.data));
        let from = request_context.from.actor();
        let follower = request.replica(request_context.version);
        let asks_for_what_is_hidden =
            |result: &ReadResult| follower < 0 && result.target.asked.fetch_offset > result.data.last_stable_offset;
        // Where there is nothing to read, and nothing that is not to be read yet, a second look finds nothing either.
        let answers_now = answers_at_once(request.max_wait_ms, params.min_bytes(), bytes, completes_at_once)
            || ((bytes > 0 || results.read.iter().any(asks_for_what_is_hidden))
                && self.fetch_has_enough(cx, &params, &context, &[]));
        if answers_now {
            self.answer_fetch(cx, &request_context, &request, &context, results);
            cx.fx.explain(if follower >= 0 {
                Explanation::FollowerFetchAnswered { node: self.id, follower }
            } else {
                Explanation::ConsumerFetchAnswered { node: self.id, consumer: from }
            });
        } else {
            cx.fx.change(Change::DelayedOperationWatched { node: self.id, api: request_context.api, from });
            cx.fx.explain(if follower >= 0 {
                Explanation::FollowerFetchWaits { node: self.id, follower }
            } else {
                Explanation::ConsumerFetchWaits { node: self.id, consumer: from }
            });
            let expires_at = cx.now.saturating_add(Millis::try_from(request.max_wait_ms).unwrap_or(0));
            let watched = results.read.iter().filter_map(|result| result.id).collect();
            let segments = self.segments_asked(cx, &params, &context);
            let refused = results.refused.iter().map(|(place, ..)| *place).collect();
            let operation = Operation::Fetch { request_context, request, context, watched, segments, refused };
            self.purgatory.watch(cx.fx, expires_at, operation);
        }
    }

    /// Who is throttled does not learn that its session is at fault: the answer is as empty as any other that is throttled
    /// (`SessionErrorContext`, `FetchContext.getThrottledResponse`).
    fn answer_session_error(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &FetchRequest,
        error_code: ErrorCode,
    ) {
        let size_bytes = || fetch_response_bytes(request_context.version, iter::empty());
        let throttle_ms = self.throttle_fetch(cx, request_context, request, size_bytes);
        let error_code = if throttle_ms > 0 { ErrorCode::None } else { error_code };
        if !error_code.is_none() {
            cx.fx.change(self.refusal(request_context, error_code));
        }
        let throttle_time_ms = i32::try_from(throttle_ms).unwrap_or(i32::MAX);
        let response = FetchResponse { throttle_time_ms, error_code, ..FetchResponse::default() };
        self.reply(cx, request_context, Response::Fetch(response));
    }

    fn refusal(&self, request_context: &RequestContext, error: ErrorCode) -> Change {
        Change::Refused { node: self.id, api: request_context.api, to: request_context.from.actor(), error }
    }

    /// The topics of a fetch that who asks may not read. A follower may read all or nothing, whatever it names.
    fn refused_topics(
        &self,
        request_context: &RequestContext,
        request: &FetchRequest,
        context: &FetchContext,
    ) -> RefusedTopics {
        if self.settings.authorizer_class_name.is_empty() {
            return RefusedTopics::default();
        }
        let requester = self.requester(request_context);
        if request.replica(request_context.version) >= 0 {
            let may_read = requester.may_cluster(AclOperation::ClusterAction);
            return if may_read { RefusedTopics::default() } else { RefusedTopics::All };
        }
        let names = context.targets.iter().filter_map(|target| target.topic.as_ref());
        let refused = names.filter(|topic| !requester.may_topic(AclOperation::Read, topic));
        RefusedTopics::Named(refused.cloned().collect())
    }

    /// What the handler throws: an isolation level that there is not (`IsolationLevel.forId`), or an answer with a field that
    /// its version lacks. Up to version 12 each partition that the request itself names is answered with the error of the
    /// whole, too (`FetchRequest.getErrorResponse`).
    fn refuse_fetch(
        &self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &FetchRequest,
        error_code: ErrorCode,
    ) {
        let by_name = request.topics.iter().filter(|_| request_context.version < FIRST_VERSION_WITH_TOPIC_IDS);
        let responses = by_name.map(|topic| FetchableTopicResponse {
            topic: topic.topic.clone(),
            partitions: topic.partitions.iter().map(|asked| failed(asked.partition, error_code)).collect(),
            ..FetchableTopicResponse::default()
        });
        let response = FetchResponse {
            error_code,
            session_id: request.session_id,
            responses: responses.collect(),
            ..FetchResponse::default()
        };
        self.reply(cx, request_context, Response::Fetch(response));
    }

    /// Answers a fetch: what was read first, then topic ids that nobody knows, then partitions that there are none of.
    pub(super) fn answer_fetch(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &FetchRequest,
        context: &FetchContext,
        results: ReadResults,
    ) {
        let follower = request.replica(request_context.version);
        let ReadResults { read: mut results, mut refused } = results;
        if follower < 0 {
            // Kafka looks at all ids of a consumer's fetch before it looks at any partition.
            refused.shared_sort_by_key(|(_, _, error)| *error != ErrorCode::UnknownTopicId);
        }
        for (_, target, error) in refused {
            let data = failed(target.asked.partition, error);
            results.push(ReadResult { target, id: None, data, bytes: 0 });
        }
        self.explain_fetch(cx, request_context, follower, &results);
        if follower < 0 {
            self.explain_lookups(cx, request_context, results.iter().map(|result| (result.target, &result.data)));
        }
        let mut leaders = Vec::new();
        if request_context.version >= FIRST_VERSION_WITH_LEADERS {
            for result in results.iter_mut().filter(|result| !result.data.error_code.is_none()) {
                let Some(id) = result.id else { continue };
                result.data.current_leader = self.known_leader(&id, result.data.error_code);
                leaders.push(result.data.current_leader.clone());
            }
        }
        // A session remembers the epochs that a newer request told, and an older one may follow. What it is to be told of them
        // its version has no word for, so that not even the size of the answer can be told (`FetchResponse.sizeOf`).
        if request_context.version < FIRST_VERSION_WITH_DIVERGING_EPOCH
            && results.iter().any(|result| result.data.diverging_epoch.epoch >= 0)
        {
            return self.refuse_fetch(cx, request_context, request, ErrorCode::UnsupportedVersion);
        }
        if request_context.version >= FIRST_VERSION_WITH_TOPIC_IDS && asks_a_nameless_topic(context, &results) {
            return self.refuse_fetch(cx, request_context, request, ErrorCode::UnknownServerError);
        }
        // Followers know where brokers are.
        let node_endpoints = if follower < 0 { self.endpoints(leaders.iter()) } else { Vec::new() };
        let throttle_ms =
            self.throttle_fetch(cx, request_context, request, || response_bytes(request_context, context, &results));
        let SessionAnswer { error_code, session_id, responses } = if throttle_ms > 0 {
            self.fetch_sessions.throttled_answer(context)
        } else {
            let updates = results.into_iter().map(|result| (result.target, result.data)).collect();
            self.fetch_sessions.answer(context, updates, cx.now)
        };
        let response = FetchResponse {
            throttle_time_ms: i32::try_from(throttle_ms).unwrap_or(i32::MAX),
            error_code,
            session_id,
            responses,
            node_endpoints,
        };
        cx.fx.answer(request_context, Response::Fetch(response));
    }

    /// Says which partition a fetch was refused for, and where a follower's log parts from this one's.
    fn explain_fetch(&self, cx: &mut Context, request_context: &RequestContext, follower: i32, results: &[ReadResult]) {
        if let Some(refused) = results.iter().find(|result| !result.data.error_code.is_none()) {
            let (node, from, error) = (self.id, request_context.from.actor(), refused.data.error_code);
            cx.fx.change(Change::Refused { node, api: request_context.api, to: from, error });
            let partition = self.name_of(refused.target);
            cx.fx.explain(Explanation::FetchRefused { node, from, partition, error });
        }
        for result in results.iter().filter(|result| result.data.diverging_epoch.epoch >= 0) {
            cx.fx.replace_explanation(Explanation::LeaderFoundDivergence {
                node: self.id,
                follower,
                partition: self.name_of(result.target),
                leader_epoch: result.data.diverging_epoch.epoch,
                end_offset: result.data.diverging_epoch.end_offset,
            });
        }
    }

    fn name_of(&self, target: &FetchTarget) -> TopicPartition {
        let topic = target.topic.clone().unwrap_or_else(|| target.topic_id.to_string().into());
        TopicPartition { topic, partition: target.asked.partition }
    }

    /// In which segments the offsets stand that a fetch asks for, by their base offsets, in its order
    /// (`FetchPartitionStatus.startOffsetMetadata`). Nobody asks that of a fetch for which a single byte is enough: none.
    fn segments_asked(&self, cx: &Context, params: &FetchParams, context: &FetchContext) -> Vec<i64> {
        if params.min_bytes() <= 1 {
            return Vec::new();
        }
        let mut topics = TopicLookup::of(&self.image, &context.refused);
        let targets = context.targets.iter().map(|target| {
            let log = topics.resolve(target).ok().and_then(|id| cx.disk.log(&id));
            log.and_then(|log| log.segment_base_offset_of(target.asked.fetch_offset)).unwrap_or(-1)
        });
        targets.collect()
    }

    /// `DelayedFetch.tryComplete`: enough bytes, an error, another epoch, a parted log, or data in a newer segment than that in
    /// which the offset stood when the fetch came (`segments`; where it comes just now, none).
    pub(super) fn fetch_has_enough(
        &self,
        cx: &Context,
        params: &FetchParams,
        context: &FetchContext,
        segments: &[i64],
    ) -> bool {
        let min_bytes = u32::try_from(params.min_bytes()).unwrap_or(0);
        let mut bytes: u32 = 0;
        let mut topics = TopicLookup::of(&self.image, &context.refused);
        for (index, target) in context.targets.iter().enumerate() {
            let asked = &target.asked;
            let Ok(id) = topics.resolve(target) else { continue };
            let Ok((partition, log)) = self.served(cx, params, &id, target) else { return true };
            if has_diverged(log, asked) {
                return true;
            }
            let end = params.reader.end(partition, log);
            // More than this reader may see, be it in the log or not: Kafka takes that for a leader that lost its tail.
            if end < asked.fetch_offset {
                return true;
            }
            let stood_in = || segments.get(index).copied().or_else(|| log.segment_base_offset_of(asked.fetch_offset));
            if asked.fetch_offset < end && stood_in() < log.segment_base_offset_of(end) {
                return true;
            }
            if asked.fetch_offset < end {
                let at_most = u32::try_from(asked.partition_max_bytes).unwrap_or(0);
                bytes = bytes.saturating_add(log.size_between(asked.fetch_offset, end, at_most).min(at_most));
            }
        }
        bytes >= min_bytes
    }
}

/// How large the answer is that would be sent.
fn response_bytes(request_context: &RequestContext, context: &FetchContext, results: &[ReadResult]) -> u32 {
    let included = included(context, results).map(|result| {
        let name = result.target.topic.as_deref().unwrap_or_default();
        (result.target.topic_id, name, &result.data, result.bytes)
    });
    fetch_response_bytes(request_context.version, included)
}

/// What would be sent. What an incremental fetch did not change is left out of it.
fn included<'r, 't>(context: &FetchContext, results: &'r [ReadResult<'t>]) -> impl Iterator<Item = &'r ReadResult<'t>> {
    let is_incremental = context.is_incremental();
    results.iter().filter(move |result| !is_incremental || result.bytes > 0 || needs_an_answer(&result.data))
}

/// Whether an answer by ids has a partition of the id of zeros and another one behind it. No topic has that id, so it has no
/// name either; but by the name `FetchResponse.matchingTopic` asks whether the next partition is of the same topic, and throws.
fn asks_a_nameless_topic(context: &FetchContext, results: &[ReadResult]) -> bool {
    let mut before = included(context, results).skip_while(|result| result.target.topic_id != Uuid::ZERO);
    before.next().is_some() && before.next().is_some()
}

/// Whether what was read must not wait: an error, a place where logs part, a nearer replica.
fn needs_an_answer(data: &PartitionData) -> bool {
    !data.error_code.is_none() || data.diverging_epoch.epoch >= 0 || data.preferred_read_replica >= 0
}
