//! Client quotas: how much a user or a client may have, and how long its connection is muted when it took more (KIP-13, KIP-124,
//! KIP-219; `ClientQuotaManager`, `ClientRequestQuotaManager`, `QuotaUtils`).
//!
//! | a request        | is counted               | and is throttled                                                                  |
//! |------------------|--------------------------|-----------------------------------------------------------------------------------|
//! | Produce          | by its bytes             | after its append, by the quota that asks for the longer time                      |
//! | a consumer Fetch | by its answer's bytes    | with an empty answer, whose bytes are taken back                                  |
//! | any of a client  | by the time of threads   | for one window at most; with `acks=0`, which has no answer, only by its bytes     |
//!
//! The answer leaves at once and names the time; then the channel is muted, and the client sends nothing before the time is over.
//! Requests between nodes are exempt. What the controller counts of topics that come, grow and go is in [`controller_mutation`].

pub mod controller_mutation;
pub mod rate;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::authorizer::ANONYMOUS;
use crate::effects::RequestContext;
use crate::metadata::client_quotas::{CLIENT_ID, ClientQuotaEntity, ClientQuotasImage, USER};
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::wire::Topic;
pub use crate::wire::client_quotas::QuotaType;
use rate::{Measured, QuotaWindow, Rate};

/// Nobody's sensors are kept for longer than this without use, in milliseconds (`INACTIVE_SENSOR_EXPIRATION_TIME_SECONDS`).
const INACTIVE_SENSOR_EXPIRATION_MS: Millis = 3_600_000;

/// What one of the recorded whole numbers is in the unit of the bound: a byte, or a millisecond of a thread in hundredths of a second.
const fn unit_of(quota: QuotaType) -> f64 {
    match quota {
        QuotaType::Produce | QuotaType::Fetch => 1.0,
        QuotaType::Request => 0.1,
        // Counted by the controller, in tokens.
        QuotaType::ControllerMutation => 1.0,
    }
}

/// Whose use is counted together (`quotaMetricTags`): what does not matter is empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuotaTags {
    /// The user, as in `alice`.
    pub user: Topic,
    /// The client id.
    pub client_id: Topic,
}

/// What was counted of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct ClientSensors {
    rate: Rate,
    /// Until when its connections were last throttled, in milliseconds.
    throttled_until: Millis,
}

/// What a user or client uses, as a person sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct QuotaUse<'a> {
    /// What is bounded.
    pub quota: QuotaType,
    /// Whose use it is.
    pub tags: &'a QuotaTags,
    /// The rate now, in the unit of the bound; of controller mutations the tokens that are left.
    pub rate: f64,
    /// The bound; none where no quota is set any more.
    pub bound: Option<f64>,
    /// Until when its connections were last throttled, in milliseconds.
    pub throttled_until: Millis,
}

/// What a broker counts for its quotas. It dies with the process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClientQuotaManager {
    sensors: BTreeMap<(QuotaType, QuotaTags), ClientSensors>,
}

/// Who asks, for quotas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaSession {
    user: Topic,
    client_id: Topic,
}

impl QuotaSession {
    /// Who sent a request. The user is the one who authenticated, `ANONYMOUS` where nobody did.
    pub fn of(request: &RequestContext) -> Self {
        let principal = request.principal.as_deref().unwrap_or(ANONYMOUS);
        let user = principal.split_once(':').map_or(principal, |(_, name)| name);
        Self { user: user.into(), client_id: request.client_id.clone().unwrap_or_else(|| "".into()) }
    }
}

/// The quotas as they are set, and over which time they are taken.
#[derive(Clone, Copy)]
pub struct Quotas<'a> {
    image: &'a ClientQuotasImage,
    window: QuotaWindow,
}

impl<'a> Quotas<'a> {
    /// The quotas that a broker knows of.
    pub fn of(image: &'a ClientQuotasImage, settings: &BrokerSettings) -> Self {
        let sample_ms = settings.quota_window_size_seconds.saturating_mul(1_000);
        Self { image, window: QuotaWindow { samples: settings.quota_window_num, sample_ms } }
    }

    /// The quotas that a controller knows of.
    pub fn of_controller(image: &'a ClientQuotasImage, settings: &BrokerSettings) -> Self {
        let sample_ms = settings.controller_quota_window_size_seconds.saturating_mul(1_000);
        Self { image, window: QuotaWindow { samples: settings.controller_quota_window_num, sample_ms } }
    }

    fn get(&self, quota: QuotaType, user: Option<Option<&str>>, client_id: Option<Option<&str>>) -> Option<f64> {
        let parts = [(USER, user), (CLIENT_ID, client_id)];
        let parts = parts.into_iter().filter_map(|(kind, name)| Some((kind.to_owned(), name?.map(str::to_owned))));
        self.image.get(&ClientQuotaEntity(parts.collect()), quota.key()).map(|bound| bound.0)
    }

    /// The bound for those whose use is counted together (`DefaultQuotaCallback.quotaLimit`).
    pub fn limit(&self, quota: QuotaType, tags: &QuotaTags) -> Option<f64> {
        let (user, client_id) = (Some(&*tags.user), Some(&*tags.client_id));
        let (user, client_id) = (user.filter(|name| !name.is_empty()), client_id.filter(|name| !name.is_empty()));
        match (user, client_id) {
            (Some(user), Some(client_id)) => {
                let of = |user, client_id| self.get(quota, Some(user), Some(client_id));
                let own = of(Some(user), Some(client_id)).or_else(|| of(Some(user), None));
                own.or_else(|| of(None, Some(client_id))).or_else(|| of(None, None))
            }
            (Some(user), None) => self.get(quota, Some(Some(user)), None).or_else(|| self.get(quota, Some(None), None)),
            (None, Some(client_id)) => {
                self.get(quota, None, Some(Some(client_id))).or_else(|| self.get(quota, None, Some(None)))
            }
            (None, None) => None,
        }
    }

    /// Whose use is counted together with that of who asks (`DefaultQuotaCallback.quotaMetricTags`); none where there is no quota of
    /// this type at all: nothing is counted then.
    ///
    /// Where quotas are set for users alone, or for clients alone, that says it. Else the most specific that is set does.
    pub fn tags(&self, quota: QuotaType, session: &QuotaSession) -> Option<QuotaTags> {
        let set = self.image.iter().filter(|(_, quotas)| quotas.contains_key(quota.key()));
        let mut kinds = [false; 3];
        for (entity, _) in set {
            match (entity.0.contains_key(USER), entity.0.contains_key(CLIENT_ID)) {
                (true, true) => kinds[0] = true,
                (true, false) => kinds[1] = true,
                (false, true) => kinds[2] = true,
                (false, false) => {}
            }
        }
        let QuotaSession { user, client_id } = session;
        let of_both = || QuotaTags { user: user.clone(), client_id: client_id.clone() };
        let of_user = || QuotaTags { user: user.clone(), client_id: "".into() };
        let of_client = || QuotaTags { user: "".into(), client_id: client_id.clone() };
        match kinds {
            [false, false, false] => None,
            [true, false, false] => Some(of_both()),
            [false, true, false] => Some(of_user()),
            [false, false, true] => Some(of_client()),
            _ => {
                let (user, client_id) = (Some(&**user), Some(&**client_id));
                let is_set = |user, client_id| self.get(quota, user, client_id).is_some();
                Some(if is_set(Some(user), Some(client_id)) || is_set(Some(user), Some(None)) {
                    of_both()
                } else if is_set(Some(user), None) {
                    of_user()
                } else if is_set(Some(None), Some(client_id)) || is_set(Some(None), Some(None)) {
                    of_both()
                } else if is_set(Some(None), None) {
                    of_user()
                } else {
                    of_client()
                })
            }
        }
    }
}

impl ClientQuotaManager {
    /// Counts what somebody used, and gives for how long it is throttled, in milliseconds
    /// (`maybeRecordAndGetThrottleTimeMs`). Of the time of threads that is one window at most.
    pub fn record(
        &mut self,
        quotas: Quotas<'_>,
        session: &QuotaSession,
        quota: QuotaType,
        value: i64,
        now: Millis,
    ) -> Millis {
        let Some(tags) = quotas.tags(quota, session) else { return 0 };
        let bound = quotas.limit(quota, &tags);
        let rate = &mut self.sensors(quota, tags, now).rate;
        rate.record(quotas.window, value, now);
        let throttled = bound.map_or(0, |bound| throttle_time(rate.measure(quotas.window, now), unit_of(quota), bound));
        match quota {
            QuotaType::Request => throttled.min(quotas.window.sample_ms),
            QuotaType::Produce | QuotaType::Fetch | QuotaType::ControllerMutation => throttled,
        }
    }

    /// The same without asking whether it is too much: the next request of the same will be throttled for it (`recordNoThrottle`).
    /// What is negative takes back what was recorded (`unrecordQuotaSensor`).
    pub fn record_no_throttle(
        &mut self,
        quotas: Quotas<'_>,
        session: &QuotaSession,
        quota: QuotaType,
        value: i64,
        now: Millis,
    ) {
        if let Some(tags) = quotas.tags(quota, session) {
            self.sensors(quota, tags, now).rate.record(quotas.window, value, now);
        }
    }

    /// How much can be used at once without being throttled in any case (`maxValueInQuotaWindow`), in bytes: one fetch
    /// reads no more at most. None where nothing bounds it.
    pub fn max_value_in_quota_window(quotas: Quotas<'_>, session: &QuotaSession, quota: QuotaType) -> Option<f64> {
        let bound = quotas.limit(quota, &quotas.tags(quota, session)?)?;
        let seconds = quotas.window.sample_ms / 1_000;
        Some(bound * f64::from(quotas.window.samples.saturating_sub(1)) * seconds as f64)
    }

    /// Notes that a connection of somebody is throttled (`ClientQuotaManager.throttle`).
    pub fn throttle(
        &mut self,
        quotas: Quotas<'_>,
        session: &QuotaSession,
        quota: QuotaType,
        until: Millis,
        now: Millis,
    ) {
        if let Some(tags) = quotas.tags(quota, session) {
            let sensors = self.sensors(quota, tags, now);
            sensors.throttled_until = sensors.throttled_until.max(until);
        }
    }

    fn sensors(&mut self, quota: QuotaType, tags: QuotaTags, now: Millis) -> &mut ClientSensors {
        let key = (quota, tags);
        if !self.sensors.contains_key(&key) {
            let is_used = |sensors: &ClientSensors| {
                now.saturating_sub(sensors.rate.last_recorded_ms()) < INACTIVE_SENSOR_EXPIRATION_MS
            };
            self.sensors.retain(|_, sensors| is_used(sensors));
        }
        self.sensors.entry(key).or_default()
    }

    /// What everybody uses of whom something was counted.
    pub fn uses<'a>(&'a self, quotas: Quotas<'a>, now: Millis) -> impl Iterator<Item = QuotaUse<'a>> {
        self.sensors.iter().map(move |((quota, tags), sensors)| QuotaUse {
            quota: *quota,
            tags,
            rate: rate_per_second(sensors.rate.clone().measure(quotas.window, now), unit_of(*quota)),
            bound: quotas.limit(*quota, tags),
            throttled_until: sensors.throttled_until,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "Kafka computes rates as doubles, too")]
fn rate_per_second(measured: Measured, unit: f64) -> f64 {
    measured.sum as f64 * unit / (measured.window_ms as f64 / 1_000.0)
}

/// How long nothing may be used until a rate is at its bound again, in milliseconds (`QuotaUtils.throttleTime`).
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Kafka computes it with doubles and rounds; it is positive, and a float is cut to what fits"
)]
fn throttle_time(measured: Measured, unit: f64, bound: f64) -> Millis {
    let rate = rate_per_second(measured, unit);
    if rate <= bound {
        return 0;
    }
    let throttled = ((rate - bound) / bound * measured.window_ms as f64 + 0.5).floor() as Millis;
    // The field of an answer is an int.
    throttled.min(Millis::from(i32::MAX.unsigned_abs()))
}
