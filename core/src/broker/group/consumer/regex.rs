//! Subscriptions by a regular expression: what each stands for is resolved by the broker, beside the request, and kept in the log
//! (`GroupMetadataManager.maybeUpdateRegularExpressions`, `TopicRegexResolver`).

use std::collections::{BTreeMap, BTreeSet};

use super::records::ConsumerGroupRecord;
use super::write::{Surroundings, TimerChange, Write};
use super::{ConsumerGroup, ConsumerGroupMember, Refusal, ResolvedRegularExpression};
use crate::metadata::MetadataImage;
use crate::pattern::Pattern;
use crate::wire::hash_order::{java_string_hash, sort_as_hash_map_of_size};
use crate::wire::{ErrorCode, Topic};

/// So long at least lies between two resolutions (`REGEX_BATCH_REFRESH_MIN_INTERVAL_MS`).
const REFRESH_MIN_INTERVAL_MS: i64 = 10_000;

/// What a member's regular expression has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegexUpdate {
    Unchanged,
    /// Another one, of which nobody knows yet what it stands for.
    Updated,
    /// Another one that is known, or none any more.
    UpdatedAndResolved,
}

/// Notes a member's regular expression, and has all of them resolved where that is due. `after` is the group with the member.
pub(super) fn update(
    group: &ConsumerGroup,
    before: &ConsumerGroupMember,
    updated: &ConsumerGroupMember,
    after: &mut ConsumerGroup,
    around: &Surroundings<'_>,
    write: &mut Write,
) -> Result<RegexUpdate, Refusal> {
    let (old, new) = (before.regex(), updated.regex());
    let mut status = RegexUpdate::Unchanged;
    let mut is_new = false;
    if before.subscribed_regex != updated.subscribed_regex {
        status = RegexUpdate::Updated;
        if let Some(old) = old.filter(|old| group.subscribed_by_regex(old) == 1) {
            write.add(&ConsumerGroupRecord::RegularExpression { regex: old.to_owned(), value: None });
            after.regular_expressions.remove(old);
        }
        match new {
            Some(new) if group.subscribed_by_regex(new) == 0 => {
                validate(new)?;
                is_new = true;
            }
            Some(new) if group.regular_expressions.contains_key(new) => status = RegexUpdate::UpdatedAndResolved,
            None if old.is_some() => status = RegexUpdate::UpdatedAndResolved,
            Some(_) | None => {}
        }
    }
    if needs_refresh(group, after, is_new, around, write) {
        let principal = around.principal.map(str::to_owned);
        write.timers.push(TimerChange::ResolveRegularExpressions { principal });
    }
    Ok(status)
}

/// Whether the group's regular expressions should be resolved again. A new one, too, waits for its turn.
fn needs_refresh(
    group: &ConsumerGroup,
    after: &ConsumerGroup,
    is_new: bool,
    around: &Surroundings<'_>,
    write: &Write,
) -> bool {
    let subscribed: BTreeSet<&str> = after.members.values().filter_map(ConsumerGroupMember::regex).collect();
    if subscribed.is_empty() {
        return false;
    }
    let last = group.regular_expressions.values().next();
    let (since, version) = last.map_or((None, 0), |last| (Some(last.timestamp), last.version));
    let is_older_than = |ms: i64| since.is_none_or(|since| write.now_ms() > since.saturating_add(ms));
    let interval = i64::try_from(around.config.regex_refresh_interval_ms).unwrap_or(i64::MAX);
    let has_unresolved = subscribed.len() != group.regular_expressions.len();
    let has_new_topics = around.new_topics_at.is_some_and(|at| version < at);
    is_older_than(REFRESH_MIN_INTERVAL_MS) && (is_new || has_unresolved || has_new_topics || is_older_than(interval))
}

fn validate(regex: &str) -> Result<(), Refusal> {
    Pattern::compile(regex).map(|_| ()).map_err(|what| {
        let message = format!("SubscribedTopicRegex `{regex}` is not a valid regular expression: {what}.");
        Refusal::new(ErrorCode::InvalidRegularExpression, message)
    })
}

/// Members are going: regular expressions that nobody else subscribes with go with them.
pub(super) fn delete_unused(group: &ConsumerGroup, after: &mut ConsumerGroup, write: &mut Write) {
    let gone = group.members.values().filter(|member| !after.members.contains_key(&member.id));
    let regexes: BTreeSet<&str> = gone.filter_map(ConsumerGroupMember::regex).collect();
    for regex in regexes {
        if after.subscribed_by_regex(regex) == 0 {
            write.add(&ConsumerGroupRecord::RegularExpression { regex: regex.to_owned(), value: None });
            after.regular_expressions.remove(regex);
        }
    }
}

/// Resolves the regular expressions of a group; the group epoch rises if one stands for something else now
/// (`handleRegularExpressionsResult`). None stands for a topic that may not be described by who had them resolved
/// (`filterTopicDescribeAuthorizedTopics`).
pub(in crate::broker::group) fn resolve(
    group: &ConsumerGroup,
    image: &MetadataImage,
    metadata_version: i64,
    may_describe: impl Fn(&str) -> bool,
    write: &mut Write,
) {
    let mut after = group.clone();
    let mut bumps = false;
    let regexes: BTreeSet<&str> = group.members.values().filter_map(ConsumerGroupMember::regex).collect();
    let mut resolved: BTreeMap<String, ResolvedRegularExpression> = BTreeMap::new();
    for regex in regexes {
        let pattern = Pattern::compile(regex).ok();
        let names = image.topic_ids.keys();
        let is_meant =
            |name: &Topic| pattern.as_ref().is_some_and(|pattern| pattern.matches(name)) && may_describe(name);
        let topics: BTreeSet<Topic> = names.filter(|name| is_meant(name)).cloned().collect();
        let known = group.regular_expressions.get(regex);
        bumps |= known.map_or(!topics.is_empty(), |known| known.topics != topics);
        let now = ResolvedRegularExpression { topics, version: metadata_version, timestamp: write.now_ms() };
        resolved.insert(regex.to_owned(), now);
    }
    let mut resolved: Vec<(String, ResolvedRegularExpression)> = resolved.into_iter().collect();
    // As the map that Kafka makes for so many gives them back (`TopicRegexResolver.resolveRegularExpressions`).
    let count = resolved.len();
    sort_as_hash_map_of_size(&mut resolved, count, |(regex, _)| java_string_hash(regex));
    for (regex, value) in resolved {
        after.regular_expressions.insert(regex.clone(), value.clone());
        write.add(&ConsumerGroupRecord::RegularExpression { regex, value: Some(value) });
    }
    let hash = after.compute_metadata_hash(image);
    if bumps || hash != group.metadata_hash {
        write.add(&ConsumerGroupRecord::GroupMetadata { value: Some((group.group_epoch.saturating_add(1), hash)) });
    }
}
