//! Ways to look at a consumer that change nothing.

use super::{Consumer, ConsumerRecord, PendingRequest, Poll, Thrown};
use crate::client::request_latency::RequestLatency;
use crate::settings::ConsumerSettings;
use crate::sim::Millis;
use crate::wire::{ApiKey, ErrorCode, Topic, TopicPartition};

impl Consumer {
    /// Its settings.
    pub fn settings(&self) -> &ConsumerSettings {
        &self.settings
    }

    /// The id that its group knows it by; "" before it joined.
    pub fn member_id(&self) -> &str {
        &self.membership.member_id
    }

    /// Whether its group knows or knew it by this id.
    pub fn was_member(&self, member_id: &str) -> bool {
        self.membership.is_or_was(member_id)
    }

    /// Whether it has its share of its group's partitions, or its own, and knows where to read on.
    pub fn is_settled(&self) -> bool {
        (self.membership.is_stable() || !self.subscription.is_auto_assigned())
            && self.assigned.values().all(|assigned| assigned.offset().is_some_and(|offset| offset >= 0))
    }

    /// Whether it is in no group and only the application's next poll changes that: whoever polls by hand and does not within
    /// `max.poll.interval.ms` has left.
    pub fn waits_for_poll(&self) -> bool {
        self.poll == Poll::Away && self.membership.generation < 0
    }

    /// Why the application's polls throw, if they do because of an answer.
    pub fn thrown(&self) -> Option<(ApiKey, ErrorCode)> {
        match self.thrown {
            Some(Thrown::Error(api, error)) => Some((api, error)),
            Some(Thrown::Deserialization) | None => None,
        }
    }

    /// Whether nothing but another process brings it back into its group: by KIP-848's protocol it was refused for good
    /// (`MemberState.FATAL`). Its polls throw that once, and return nothing afterwards.
    pub fn is_fatal(&self) -> bool {
        self.membership.is_fatal()
    }

    /// Whether it reads nothing because of what a request was answered with.
    pub fn is_refused(&self) -> bool {
        self.thrown().is_some() || self.is_fatal()
    }

    /// What it calls itself in its requests (`client.id`).
    pub fn client_id(&self) -> Topic {
        self.client_id.clone()
    }

    /// How long its fetches took lately.
    pub fn fetch_latency(&self) -> &RequestLatency {
        &self.fetch_latency
    }

    /// Its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// `group.id`.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The generation it is in, -1 for none.
    pub fn generation(&self) -> i32 {
        self.membership.generation
    }

    /// The coordinator it knows of.
    pub fn coordinator(&self) -> Option<i32> {
        self.membership.coordinator
    }

    /// Its partitions, each with the next offset that a poll returns, if that is known, and what it knows to be
    /// committed, -1 for nothing.
    pub fn assigned(&self) -> impl Iterator<Item = (&TopicPartition, Option<i64>, i64)> {
        self.assigned.iter().map(|(partition, assigned)| (partition, assigned.offset(), assigned.committed))
    }

    /// The last records that the application got, newest last; at most 32.
    pub fn last_records(&self) -> impl Iterator<Item = &ConsumerRecord> {
        self.last_records.iter()
    }

    /// The partitions that it asks for by fetches which it sent at this time, in milliseconds.
    pub fn fetches_sent_at(&self, now: Millis) -> impl Iterator<Item = &TopicPartition> {
        let deadline = now.saturating_add(self.settings.request_timeout_ms);
        let sent = self.requests.iter().filter(move |open| open.deadline == deadline);
        let asked = sent.flat_map(|open| {
            if let PendingRequest::Fetch { partitions } = &open.context { partitions.as_slice() } else { &[] }
        });
        asked.map(|(partition, _)| partition)
    }

    /// Records that the application got so far.
    pub fn records_read(&self) -> i64 {
        self.records_read
    }
}
