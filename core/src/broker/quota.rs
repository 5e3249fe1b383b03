//! Where a broker counts what its clients use, and throttles them (`RequestHandlerHelper`, `KafkaApis`).

use super::{Broker, Context};
use crate::actor::Endpoint;
use crate::change::Change;
use crate::effects::{Effects, Outgoing, RequestContext};
use crate::quota::{ClientQuotaManager, QuotaSession, QuotaType, QuotaUse, Quotas};
use crate::sim::Millis;
use crate::wire::replication::FetchRequest;
use crate::wire::{Request, Response};

/// Whether quotas are for who asks. What nodes ask each other is exempt.
const fn is_client(from: Endpoint) -> bool {
    match from {
        Endpoint::Producer(_) | Endpoint::Consumer(_) | Endpoint::Admin | Endpoint::Probe(_) => true,
        Endpoint::Broker(_) | Endpoint::Controller(_) => false,
    }
}

impl Broker {
    fn quotas(&self) -> Quotas<'_> {
        Quotas::of(&self.image.client_quotas, &self.settings)
    }

    fn has_quotas(&self) -> bool {
        !self.image.client_quotas.is_empty()
    }

    /// Notes how large a request is, where that may matter when it is answered.
    pub(super) fn note_size(&self, request_context: &mut RequestContext, request: &Request) {
        if let Request::Produce(request) = request
            && self.has_quotas()
        {
            let size = request.size_bytes(request_context.version, request_context.client_id.as_deref());
            request_context.size_bytes = size;
        }
    }

    /// Counts what the requests used that are being answered, and throttles who used too much: the answer names the time, and the
    /// channel is muted for it.
    pub(super) fn throttle_answered(&mut self, fx: &mut Effects, now: Millis) {
        if !self.has_quotas() {
            return;
        }
        let mut throttled = Vec::new();
        for send in &mut fx.sends {
            match send {
                Outgoing::Response { to, response: Some(response), throttle_ms } if is_client(to.from) => {
                    // A fetch was counted before its answer was made.
                    let (time_ms, quota) = match &**response {
                        Response::Fetch(answer) => (millis(answer.throttle_time_ms), None),
                        _ => self.record_answered(to, response, now),
                    };
                    response.set_throttle_time_ms(i32::try_from(time_ms).unwrap_or(i32::MAX));
                    *throttle_ms = time_ms;
                    throttled.extend(quota.map(|quota| (to.clone(), quota, time_ms)));
                }
                // `acks=0`: only the bytes count, as there is no answer that could name a time.
                Outgoing::NoResponse { to, throttle_ms } if is_client(to.from) => {
                    let session = QuotaSession::of(to);
                    let size = i64::from(to.size_bytes);
                    *throttle_ms = self.record(&session, QuotaType::Produce, size, now);
                    if *throttle_ms > 0 {
                        throttled.push((to.clone(), QuotaType::Produce, *throttle_ms));
                    }
                }
                Outgoing::Response { .. }
                | Outgoing::NoResponse { .. }
                | Outgoing::Request { .. }
                | Outgoing::Disconnect { .. } => {}
            }
        }
        for (to, quota, time_ms) in throttled {
            self.throttle(fx, &to, quota, time_ms, now);
        }
    }

    /// What an answered request costs its client: the longest of the times that its quotas ask for, with the quota that does. What the
    /// controller asked for counts, too.
    fn record_answered(
        &mut self,
        to: &RequestContext,
        response: &Response,
        now: Millis,
    ) -> (Millis, Option<QuotaType>) {
        let session = QuotaSession::of(to);
        let bandwidth = match response {
            Response::Produce(_) => self.record(&session, QuotaType::Produce, i64::from(to.size_bytes), now),
            _ => 0,
        };
        let request = self.record(&session, QuotaType::Request, i64::try_from(to.thread_ms).unwrap_or(i64::MAX), now);
        let controller = millis(response.throttle_time_ms());
        let longest = bandwidth.max(request).max(controller);
        let quota = if longest == 0 {
            None
        } else if controller > bandwidth.max(request) {
            Some(QuotaType::ControllerMutation)
        } else if bandwidth > request {
            Some(QuotaType::Produce)
        } else {
            Some(QuotaType::Request)
        };
        (longest, quota)
    }

    fn record(&mut self, session: &QuotaSession, quota: QuotaType, value: i64, now: Millis) -> Millis {
        let quotas = Quotas::of(&self.image.client_quotas, &self.settings);
        self.client_quotas.record(quotas, session, quota, value, now)
    }

    fn throttle(&mut self, fx: &mut Effects, to: &RequestContext, quota: QuotaType, time_ms: Millis, now: Millis) {
        let quotas = Quotas::of(&self.image.client_quotas, &self.settings);
        let until = now.saturating_add(time_ms);
        // Whose bucket is in debt the controller alone knows.
        if quota != QuotaType::ControllerMutation {
            self.client_quotas.throttle(quotas, &QuotaSession::of(to), quota, until, now);
        }
        let (node, client) = (self.id, to.from.actor());
        fx.change(Change::ClientThrottled { node, client, api: to.api, quota, throttle_ms: time_ms });
    }

    /// Counts the answer to a consumer's fetch. Gives for how long it is throttled: then the answer has to be empty, and its bytes
    /// are taken back.
    pub(super) fn throttle_fetch(
        &mut self,
        cx: &mut Context,
        request_context: &RequestContext,
        request: &FetchRequest,
        size_bytes: impl FnOnce() -> u32,
    ) -> Millis {
        if !self.has_quotas() || !is_throttled(request_context, request) {
            return 0;
        }
        let (now, session) = (cx.now, QuotaSession::of(request_context));
        let (size, thread_ms) = (i64::from(size_bytes()), i64::try_from(request_context.thread_ms).unwrap_or(i64::MAX));
        let request = self.record(&session, QuotaType::Request, thread_ms, now);
        let bandwidth = self.record(&session, QuotaType::Fetch, size, now);
        let time_ms = request.max(bandwidth);
        if time_ms > 0 {
            let quotas = Quotas::of(&self.image.client_quotas, &self.settings);
            self.client_quotas.record_no_throttle(quotas, &session, QuotaType::Fetch, size.saturating_neg(), now);
            let quota = if bandwidth > request { QuotaType::Fetch } else { QuotaType::Request };
            self.throttle(cx.fx, request_context, quota, time_ms, now);
        }
        time_ms
    }

    /// How many bytes a consumer's fetch reads at most, because more would be throttled in any case. None where nothing bounds it.
    pub(super) fn fetch_quota_bytes(&self, request_context: &RequestContext, request: &FetchRequest) -> Option<i32> {
        if !self.has_quotas() || !is_throttled(request_context, request) {
            return None;
        }
        let session = QuotaSession::of(request_context);
        let most = ClientQuotaManager::max_value_in_quota_window(self.quotas(), &session, QuotaType::Fetch)?;
        // A float is cut to what fits, as Kafka's is.
        Some(most as i32)
    }

    /// Counts the time that network threads spent on a request that was answered, for the next one of the same client
    /// (`recordNetworkThreadTimeCallback`).
    pub fn record_network_thread_time(&mut self, request_context: &RequestContext, thread_ms: Millis, now: Millis) {
        if self.has_quotas() && is_client(request_context.from) {
            let quotas = Quotas::of(&self.image.client_quotas, &self.settings);
            let (session, thread_ms) =
                (QuotaSession::of(request_context), i64::try_from(thread_ms).unwrap_or(i64::MAX));
            self.client_quotas.record_no_throttle(quotas, &session, QuotaType::Request, thread_ms, now);
        }
    }

    /// What users and clients use of their quotas here.
    pub fn quota_uses(&self, now: Millis) -> impl Iterator<Item = QuotaUse<'_>> {
        self.client_quotas.uses(self.quotas(), now)
    }
}

/// Whether a fetch counts against quotas: who fetches as a follower is exempt, whoever it is (`KafkaApis.handleFetchRequest`).
fn is_throttled(request_context: &RequestContext, request: &FetchRequest) -> bool {
    is_client(request_context.from) && request.replica(request_context.version) < 0
}

fn millis(throttle_time_ms: i32) -> Millis {
    Millis::try_from(throttle_time_ms).unwrap_or(0)
}
