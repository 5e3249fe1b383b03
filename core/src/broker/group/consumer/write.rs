//! What a request or a timer makes of a consumer group (`CoordinatorResult`): records, which count at once and are answered when
//! they are replicated, and timers of members.

use super::ConsumerGroup;
use super::records::ConsumerGroupRecord;
use crate::broker::group::ClassicGroup;
use crate::effects::BrokerTimer;
use crate::metadata::MetadataImage;
use crate::sim::Millis;
use crate::wire::records::Record;

/// What is waited for of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::broker::group) enum MemberTimer {
    /// That it is heard.
    Session,
    /// That it gives up what it has to.
    Rebalance,
    /// Of a member that speaks the classic protocol: that it joins again.
    Join,
    /// Of such a member: that it syncs.
    Sync,
}

/// A timer of a member is set or stopped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::broker::group) enum TimerChange {
    /// It is set anew.
    Set { timer: MemberTimer, member: String, after_ms: Millis },
    /// It is set unless it runs.
    SetIfAbsent { timer: MemberTimer, member: String, after_ms: Millis },
    /// It is stopped.
    Stop { timer: MemberTimer, member: String },
    /// The group's regular expressions are resolved after this, in somebody's name.
    ResolveRegularExpressions { principal: Option<String> },
}

/// What comes of one request or timer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::broker::group) struct Write {
    pub(in crate::broker::group) records: Vec<Record>,
    pub(in crate::broker::group) timers: Vec<TimerChange>,
    /// Timers that are set only when the records are replicated.
    pub(in crate::broker::group) timers_after: Vec<TimerChange>,
    /// The group becomes this one, whatever the records say: they have less of it.
    pub(in crate::broker::group) becomes: Option<Box<ClassicGroup>>,
    /// Whether the one that it becomes has to rebalance.
    pub(in crate::broker::group) rebalances: bool,
    /// A classic group was about to become one of the consumer protocol. Waiting members are answered even if it could not.
    pub(in crate::broker::group) upgrades: bool,
    /// The timer that this was done for: it fires again where the records cannot be written.
    pub(in crate::broker::group) timer: Option<BrokerTimer>,
    group: String,
    now: Millis,
}

impl Write {
    /// Nothing yet, for a group.
    pub(in crate::broker::group) fn of(group: &str, now: Millis) -> Self {
        Self { group: group.to_owned(), now, ..Self::default() }
    }

    pub(super) fn now(&self) -> Millis {
        self.now
    }

    pub(super) fn now_ms(&self) -> i64 {
        i64::try_from(self.now).unwrap_or(i64::MAX)
    }

    pub(super) fn add(&mut self, record: &ConsumerGroupRecord) {
        self.records.push(record.encode(&self.group, self.now));
    }

    /// The tombstones of a whole group.
    pub(in crate::broker::group) fn delete(&mut self, group: &ConsumerGroup) {
        ConsumerGroupRecord::tombstones(group, None).iter().for_each(|record| self.add(record));
        let members: Vec<String> = group.members.keys().cloned().collect();
        members.iter().for_each(|member| self.stop_timers(member));
    }

    pub(super) fn set(&mut self, timer: MemberTimer, member: &str, after_ms: i32) {
        let after_ms = Millis::try_from(after_ms).unwrap_or(0);
        self.timers.push(TimerChange::Set { timer, member: member.to_owned(), after_ms });
    }

    pub(super) fn stop(&mut self, timer: MemberTimer, member: &str) {
        self.timers.push(TimerChange::Stop { timer, member: member.to_owned() });
    }

    /// Nothing is waited for of a member any more.
    pub(super) fn stop_timers(&mut self, member: &str) {
        for timer in [MemberTimer::Session, MemberTimer::Rebalance, MemberTimer::Join, MemberTimer::Sync] {
            self.stop(timer, member);
        }
    }
}

/// What decides over consumer groups beside the group itself.
#[derive(Clone, Copy, Debug)]
pub(in crate::broker::group) struct Surroundings<'a> {
    pub(in crate::broker::group) image: &'a MetadataImage,
    pub(in crate::broker::group) config: &'a GroupConfig,
    /// What the requester calls itself.
    pub(in crate::broker::group) client_id: &'a str,
    pub(in crate::broker::group) version: i16,
    /// The requester, where anybody may be refused anything.
    pub(in crate::broker::group) principal: Option<&'a str>,
    /// The last metadata that topics were new in.
    pub(in crate::broker::group) new_topics_at: Option<i64>,
}

/// Settings of one group: its own over the broker's (`GroupConfigManager`, `GroupCoordinatorConfig`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::broker::group) struct GroupConfig {
    /// `consumer.session.timeout.ms`.
    pub(in crate::broker::group) session_timeout_ms: i32,
    /// `consumer.heartbeat.interval.ms`.
    pub(in crate::broker::group) heartbeat_interval_ms: i32,
    /// `consumer.assignment.interval.ms`.
    pub(in crate::broker::group) assignment_interval_ms: i32,
    /// `group.consumer.max.size`.
    pub(in crate::broker::group) max_size: u32,
    /// `group.max.size`, for the classic protocol.
    pub(in crate::broker::group) classic_max_size: u32,
    /// `group.consumer.assignors`, the default first.
    pub(in crate::broker::group) assignors: Vec<String>,
    /// `group.consumer.migration.policy`.
    pub(in crate::broker::group) migration: MigrationPolicy,
    /// `group.consumer.regex.refresh.interval.ms`.
    pub(in crate::broker::group) regex_refresh_interval_ms: u64,
}

/// Whether groups may change their protocol while they have members (`ConsumerGroupMigrationPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString)]
#[strum(ascii_case_insensitive, serialize_all = "lowercase")]
pub(in crate::broker::group) enum MigrationPolicy {
    /// To the consumer protocol and back.
    Bidirectional,
    /// To the consumer protocol.
    Upgrade,
    /// Back to the classic one.
    Downgrade,
    /// Neither.
    Disabled,
}

impl MigrationPolicy {
    pub(super) fn allows_upgrade(self) -> bool {
        matches!(self, Self::Bidirectional | Self::Upgrade)
    }

    pub(super) fn allows_downgrade(self) -> bool {
        matches!(self, Self::Bidirectional | Self::Downgrade)
    }
}
