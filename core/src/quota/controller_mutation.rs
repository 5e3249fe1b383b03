//! How many partitions a user or a client may have made and deleted in a second (KIP-599; `ControllerMutationQuotaManager`,
//! `StrictControllerMutationQuota`, `PermissiveControllerMutationQuota`, `TokenBucket`).
//!
//! | a request                                             | while the bucket is in debt         | else                          |
//! |-------------------------------------------------------|-------------------------------------|-------------------------------|
//! | CreateTopics v6+, DeleteTopics v5+, CreatePartitions v3+ | each topic is refused, nothing counts | its partitions are taken out  |
//! | older ones (permissive)                               | they are taken out all the same     | they are taken out            |
//!
//! A bucket may go into debt with one topic: a burst passes, and who comes next waits until it is paid. The answer names the time,
//! and a client that asked the controller itself has its connection muted; who asked a broker is muted there.

use std::collections::BTreeMap;

use super::{INACTIVE_SENSOR_EXPIRATION_MS, QuotaSession, QuotaTags, QuotaType, QuotaUse, QuotaWindow, Quotas};
use crate::sim::Millis;

/// Parts of a token, so that a bucket holds whole numbers.
const PARTS_OF_TOKEN: f64 = 1_000_000.0;

/// Tokens of a user or client: each partition that is made or deleted takes one out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct TokenBucket {
    /// What is left, in millionths of a token; negative for debt. As much as fits while nothing bounds it.
    left: i64,
    /// When it was filled up last, in milliseconds.
    filled_ms: Millis,
    /// Until when a connection of its owner was last throttled, in milliseconds.
    throttled_until: Millis,
}

impl TokenBucket {
    /// A bucket begins full: Kafka's has been filled up since 1970.
    const fn full(now: Millis) -> Self {
        Self { left: i64::MAX, filled_ms: now, throttled_until: 0 }
    }

    /// Fills up what came since: the bound's tokens a second, and no more than the windows hold.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a float is cut to what fits")]
    fn refill(&mut self, window: QuotaWindow, bound: f64, now: Millis) {
        let seconds = f64::from(window.samples) * (window.sample_ms as f64 / 1_000.0);
        let burst = (seconds * bound * PARTS_OF_TOKEN) as i64;
        let elapsed_ms = now.saturating_sub(self.filled_ms);
        let came = (bound * PARTS_OF_TOKEN * elapsed_ms as f64 / 1_000.0) as i64;
        self.left = self.left.saturating_add(came).min(burst);
        self.filled_ms = now;
    }

    /// How long until a debt is paid, in milliseconds (`ControllerMutationQuotaManager.throttleTimeMs`).
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "Kafka rounds a double; it is positive, and cut to the int of an answer"
    )]
    fn throttle_time(&self, bound: f64) -> Millis {
        if self.left >= 0 {
            return 0;
        }
        let ms = -(self.left as f64) / PARTS_OF_TOKEN / bound * 1_000.0;
        ((ms + 0.5).floor() as Millis).min(Millis::from(i32::MAX.unsigned_abs()))
    }
}

/// The buckets of a controller. They die with its process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ControllerMutationQuotaManager {
    buckets: BTreeMap<QuotaTags, TokenBucket>,
}

/// A bucket is in debt, and the quota is strict (`ThrottlingQuotaExceededException`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottlingQuotaExceeded;

/// The quota of one request (`ControllerMutationQuota`).
#[derive(Debug)]
pub struct ControllerMutationQuota<'a> {
    /// The bucket with its bound; none where nothing is counted.
    bucket: Option<(&'a mut TokenBucket, QuotaWindow, f64)>,
    is_strict: bool,
    now: Millis,
    throttle_ms: Millis,
}

impl ControllerMutationQuota<'_> {
    /// A quota that nobody set.
    pub const fn unbounded() -> Self {
        Self { bucket: None, is_strict: false, now: 0, throttle_ms: 0 }
    }

    /// Takes out what a topic costs.
    ///
    /// # Errors
    /// A strict quota takes nothing out of a bucket that is in debt.
    pub fn record(&mut self, partitions: usize) -> Result<(), ThrottlingQuotaExceeded> {
        let Some((bucket, window, bound)) = &mut self.bucket else { return Ok(()) };
        bucket.refill(*window, *bound, self.now);
        if self.is_strict && bucket.left < 0 {
            self.throttle_ms = bucket.throttle_time(*bound);
            return Err(ThrottlingQuotaExceeded);
        }
        let taken = i64::try_from(partitions).unwrap_or(i64::MAX).saturating_mul(PARTS_OF_TOKEN as i64);
        bucket.left = bucket.left.saturating_sub(taken);
        if !self.is_strict {
            self.throttle_ms = bucket.throttle_time(*bound);
        }
        Ok(())
    }

    /// For how long who asks has to wait, in milliseconds.
    pub const fn throttle_time(&self) -> Millis {
        self.throttle_ms
    }
}

impl ControllerMutationQuotaManager {
    /// The quota of a request (`newQuotaFor`); unbounded where no quota of this type is set at all.
    pub fn quota_for(
        &mut self,
        quotas: Quotas<'_>,
        session: &QuotaSession,
        is_strict: bool,
        now: Millis,
    ) -> ControllerMutationQuota<'_> {
        let Some(tags) = quotas.tags(QuotaType::ControllerMutation, session) else {
            return ControllerMutationQuota::unbounded();
        };
        let bound = quotas.limit(QuotaType::ControllerMutation, &tags);
        if !self.buckets.contains_key(&tags) {
            let is_used = |bucket: &TokenBucket| now.saturating_sub(bucket.filled_ms) < INACTIVE_SENSOR_EXPIRATION_MS;
            self.buckets.retain(|_, bucket| is_used(bucket));
        }
        let bucket = self.buckets.entry(tags).or_insert_with(|| TokenBucket::full(now));
        let Some(bound) = bound else {
            *bucket = TokenBucket::full(now);
            return ControllerMutationQuota::unbounded();
        };
        let bucket = Some((bucket, quotas.window, bound));
        ControllerMutationQuota { bucket, is_strict, now, throttle_ms: 0 }
    }

    /// Notes that a connection of somebody is throttled.
    pub fn throttle(&mut self, quotas: Quotas<'_>, session: &QuotaSession, until: Millis) {
        let tags = quotas.tags(QuotaType::ControllerMutation, session);
        if let Some(bucket) = tags.and_then(|tags| self.buckets.get_mut(&tags)) {
            bucket.throttled_until = bucket.throttled_until.max(until);
        }
    }

    /// What everybody has left of whom something was counted.
    #[expect(clippy::cast_precision_loss, reason = "it is shown")]
    pub fn uses<'a>(&'a self, quotas: Quotas<'a>, now: Millis) -> impl Iterator<Item = QuotaUse<'a>> {
        let quota = QuotaType::ControllerMutation;
        self.buckets.iter().filter_map(move |(tags, bucket)| {
            let bound = quotas.limit(quota, tags)?;
            let mut bucket = bucket.clone();
            bucket.refill(quotas.window, bound, now);
            let rate = bucket.left as f64 / PARTS_OF_TOKEN;
            Some(QuotaUse { quota, tags, rate, bound: Some(bound), throttled_until: bucket.throttled_until })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::client_quotas::{CLIENT_ID, ClientQuotaEntity, ClientQuotasImage};
    use crate::wire::client_quotas::Float64;

    const WINDOW: QuotaWindow = QuotaWindow { samples: 11, sample_ms: 1_000 };

    fn image(bound: f64) -> ClientQuotasImage {
        let mut image = ClientQuotasImage::default();
        let entity = ClientQuotaEntity([(CLIENT_ID.to_owned(), Some("q".to_owned()))].into());
        image.set(entity, QuotaType::ControllerMutation.key(), Some(Float64(bound)));
        image
    }

    fn session(client_id: &str) -> QuotaSession {
        QuotaSession { user: "ANONYMOUS".into(), client_id: client_id.into() }
    }

    #[test]
    fn a_strict_quota_lets_one_topic_go_into_debt_and_refuses_until_it_is_paid() {
        let image = image(2.0);
        let quotas = Quotas { image: &image, window: WINDOW };
        let mut manager = ControllerMutationQuotaManager::default();
        let mut strict = |partitions: usize, now| {
            let mut quota = manager.quota_for(quotas, &session("q"), true, now);
            (quota.record(partitions).is_ok(), quota.throttle_time())
        };
        assert_eq!(strict(30, 100), (true, 0), "the bucket holds 22, and one more topic passes");
        assert_eq!(strict(1, 100), (false, 4_000), "8 too many, at 2 a second");
        assert_eq!(strict(1, 1_100), (false, 3_000), "what is refused takes nothing out");
        assert_eq!(strict(1, 4_100), (true, 0), "the debt is paid");
        assert_eq!(strict(1, 4_101), (false, 499), "and here is the next");
        assert_eq!(strict(22, 100_000), (true, 0), "no more than 22 gather");
        assert_eq!(strict(1, 100_000), (true, 0), "an empty bucket is not in debt");
        assert_eq!(strict(1, 100_000), (false, 500));
    }

    #[test]
    fn a_permissive_quota_takes_out_what_is_asked_for_and_names_the_time() {
        let image = image(1.0);
        let quotas = Quotas { image: &image, window: WINDOW };
        let mut manager = ControllerMutationQuotaManager::default();
        let mut quota = manager.quota_for(quotas, &session("q"), false, 0);
        assert_eq!((quota.record(5), quota.throttle_time()), (Ok(()), 0));
        assert_eq!((quota.record(1), quota.throttle_time()), (Ok(()), 0));
        assert_eq!((quota.record(12), quota.throttle_time()), (Ok(()), 7_000), "18 of 11");
        let mut quota = manager.quota_for(quotas, &session("z"), true, 0);
        assert_eq!((quota.record(1_000), quota.throttle_time()), (Ok(()), 0), "not its quota");
        let uses: Vec<_> = manager.uses(quotas, 500).map(|used| (used.rate, used.bound)).collect();
        assert_eq!(uses, [(-6.5, Some(1.0))], "only whom a quota bounds is shown");
    }
}
