//! The few turns of phrase in which transcripts tell mechanical things: several requests in one, and rounds of fetches.

use serde_json::{Value, json};

use super::player::{PATIENCE_MS, Player, Unsupported};
use crate::actor::Listener;
use crate::wire::TopicPartition;

/// As many bytes, or records, a phrase may be written out to.
const WRITTEN_OUT_MAX: usize = 1 << 20;

/// The batches that `records` means, each sent as a request of its own.
pub fn batches(records: Option<&Value>) -> Option<Vec<Vec<Value>>> {
    match records {
        None => Some(vec![vec![json!({"key": "k", "value": "v"})]]),
        Some(Value::Array(records)) if records.iter().any(Value::is_array) => {
            Some(records.iter().map(|each| each.as_array().cloned().unwrap_or_else(|| vec![each.clone()])).collect())
        }
        Some(Value::Array(records)) => Some(vec![records.clone()]),
        Some(Value::String(text)) => single_records(text),
        Some(_) => None,
    }
}

/// `17 requests of one record each: key k0 .. k16, value of 100 bytes, timestamps 1000 .. 1016`.
fn single_records(text: &str) -> Option<Vec<Vec<Value>>> {
    let (count, rest) = text.split_once(" requests of one record each")?;
    let count: usize = count.parse().ok().or_else(|| number_word(count)).filter(|count| *count <= WRITTEN_OUT_MAX)?;
    let mut records = vec![json!({"key": "k", "value": "v"}); count];
    // Of records that are not told in full nobody knows the size, on which segments and retention depend.
    let details = rest.strip_prefix(": ")?;
    for detail in details.split(", ").filter(|detail| !detail.is_empty()) {
        if let Some(range) = detail.strip_prefix("key ") {
            let (prefix, first) = numbered(range)?;
            for (index, record) in records.iter_mut().enumerate() {
                record["key"] = json!(format!("{prefix}{}", first.checked_add(index)?));
            }
        } else if let Some(size) = detail.strip_prefix("value of ").and_then(|rest| rest.strip_suffix(" bytes")) {
            let size: usize = size.parse().ok()?;
            if size.checked_mul(count)? > WRITTEN_OUT_MAX {
                return None;
            }
            for record in &mut records {
                record["value"] = json!("x".repeat(size));
            }
        } else if let Some(range) = detail.strip_prefix("timestamps ") {
            let (_, first) = numbered(range)?;
            for (index, record) in records.iter_mut().enumerate() {
                record["timestamp"] = json!(first.checked_add(index)?);
            }
        } else {
            let (prefix, first) = numbered(detail)?;
            for (index, record) in records.iter_mut().enumerate() {
                record["value"] = json!(format!("{prefix}{}", first.checked_add(index)?));
            }
        }
    }
    Some(records.into_iter().map(|record| vec![record]).collect())
}

/// A body in which records are told in words, as in `one record of 1000 bytes`, with the records that these mean.
pub fn with_records_written_out(body: Value) -> Value {
    match body {
        Value::Object(fields) => {
            let written = fields.into_iter().map(|(name, value)| {
                let size = value.as_str().filter(|_| name == "records").and_then(one_record_of);
                let records = size.map(|size| json!({"records": [{"value": "x".repeat(size)}]}));
                (name, records.unwrap_or_else(|| with_records_written_out(value)))
            });
            Value::Object(written.collect())
        }
        Value::Array(elements) => elements.into_iter().map(with_records_written_out).collect(),
        other => other,
    }
}

/// `one record of 1000 bytes`.
fn one_record_of(words: &str) -> Option<usize> {
    let size: usize = words.strip_prefix("one record of ")?.strip_suffix(" bytes")?.parse().ok()?;
    (size <= WRITTEN_OUT_MAX).then_some(size)
}

/// `10 records, one batch: offsets 0-4 with a timestamp two hours ago, 5-9 ten minutes ago`.
pub fn aged_batch(text: &str, now: u64) -> Option<Vec<Value>> {
    let (_, parts) = text.split_once(" records, one batch: offsets ")?;
    let mut records = Vec::new();
    for part in parts.split(", ") {
        let (range, age) = part.strip_suffix(" ago")?.split_once(' ')?;
        let (first, last) = range.split_once('-')?;
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        if first != records.len() || last >= WRITTEN_OUT_MAX {
            return None;
        }
        let (count, unit) = age.strip_prefix("with a timestamp ").unwrap_or(age).split_once(' ')?;
        let unit_ms = match unit.strip_suffix('s').unwrap_or(unit) {
            "hour" => 3_600_000,
            "minute" => 60_000,
            _ => return None,
        };
        let age_ms = u64::try_from(number_word(count)?).ok()?.checked_mul(unit_ms)?;
        let timestamp = now.saturating_sub(age_ms);
        records.extend((first..=last).map(|index| json!({"value": format!("v{index}"), "timestamp": timestamp})));
    }
    Some(records)
}

/// `20 requests of one record each, values of 100 bytes, timestamps now`, or `; all with old timestamps, only offset 3 is new`.
/// Keys are `k0`, `k1` and so on, as the sizes of the files show.
pub fn dated_requests(text: &str, now: u64) -> Option<Vec<Vec<Value>>> {
    const OLD_MS: u64 = 1_000;
    let (count, rest) = text.split_once(" requests of one record each, values of ")?;
    let count: usize = count.parse().ok().or_else(|| number_word(count))?;
    let (size, when) = rest.split_once(" bytes")?;
    let size: usize = size.parse().ok()?;
    if size.checked_mul(count)? > WRITTEN_OUT_MAX {
        return None;
    }
    let new: Option<usize> = match when {
        ", timestamps now" => None,
        _ => {
            let only = when.strip_prefix("; all with old timestamps, only offset ")?.strip_suffix(" is new")?;
            Some(only.parse().ok()?)
        }
    };
    let timestamp = |index: usize| if new.is_none_or(|new| new == index) { now } else { OLD_MS };
    let record =
        |index: usize| json!({"key": format!("k{index}"), "value": "x".repeat(size), "timestamp": timestamp(index)});
    Some((0..count).map(|index| vec![record(index)]).collect())
}

/// `k0 .. k16`: the prefix and the first number.
fn numbered(range: &str) -> Option<(&str, usize)> {
    let (first, _) = range.split_once(" .. ")?;
    let digits = first.find(|c: char| c.is_ascii_digit())?;
    Some((&first[..digits], first[digits..].parse().ok()?))
}

pub(super) fn number_word(word: &str) -> Option<usize> {
    const WORDS: [&str; 12] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.iter().position(|each| *each == word).map(|index| index + 1)
}

/// `x repeated 249 times`; none where that is too long to be written out.
pub fn repeated(text: &str) -> Option<String> {
    let recorded = text.strip_suffix(" times").and_then(|rest| rest.split_once(" repeated "));
    match recorded.and_then(|(piece, times)| Some((piece, times.parse().ok()?))) {
        Some((piece, times)) => {
            let times: usize = times;
            (piece.len().checked_mul(times)? <= WRITTEN_OUT_MAX).then(|| piece.repeat(times))
        }
        None => Some(text.to_owned()),
    }
}

/// One thing done in every round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A record is produced.
    Produce(i16),
    /// A follower fetches at the end that the log had this number of appends ago.
    FetchAtEnd(i32, usize),
}

/// `Produce one record acks=1; 2 fetches at the log end; 3 fetches at the log end as it was before this append`.
pub fn round(what: &str) -> Option<Vec<Act>> {
    let mut acts = Vec::new();
    for clause in what.split("; ") {
        if let Some(acks) = clause.strip_prefix("Produce one record acks=") {
            acts.push(Act::Produce(acks.parse().ok()?));
        } else if let Some((follower, when)) = clause.split_once(" fetches at the log end") {
            let appends_ago = match when {
                "" => 0,
                " as it was before this append" => 1,
                " as it was before the append before this one" => 2,
                _ => return None,
            };
            acts.push(Act::FetchAtEnd(follower.parse().ok()?, appends_ago));
        } else {
            clause.strip_suffix(" is silent")?.parse::<i32>().ok()?;
        }
    }
    Some(acts)
}

/// Plays rounds on partition 0 of the topic most lately named.
pub fn play_rounds(player: &mut Player<'_>, acts: &[Act], every_ms: u64, times: u64) -> Result<(), Unsupported> {
    let topic = player.topic.clone();
    let leader = player.leader_of(&topic, 0).ok_or_else(|| Unsupported::action("rounds without a leader"))?;
    let mut ends = vec![log_end(player, leader, &topic)];
    for _ in 0..times {
        if player.stopped.is_some() {
            break;
        }
        let began = player.cluster.now();
        for act in acts {
            let (api, version, body) = match act {
                Act::Produce(acks) => ("Produce", 11, produce_body(&topic, *acks)),
                Act::FetchAtEnd(follower, appends_ago) => {
                    let at = ends.len().saturating_sub(1 + appends_ago);
                    ("Fetch", 17, fetch_body(&topic, *follower, ends[at]))
                }
            };
            let body = player.body(api, &body).map_err(Unsupported::action)?;
            let probe = player.send(leader, Listener::Broker, api, Some(version), body).map_err(Unsupported::action)?;
            player.await_answer(probe, PATIENCE_MS);
            if matches!(act, Act::Produce(_)) {
                ends.push(log_end(player, leader, &topic));
            }
        }
        player.let_time_pass(began.saturating_add(every_ms).saturating_sub(player.cluster.now()));
    }
    Ok(())
}

fn log_end(player: &Player<'_>, node: i32, topic: &str) -> i64 {
    let logs = player.cluster.node(node).map(|node| &node.disk.broker.logs);
    let is_it = |name: &TopicPartition| *name.topic == *topic && name.partition == 0;
    let mut ends = logs.into_iter().flatten().filter(|(_, stored)| is_it(&stored.name));
    ends.next().map_or(0, |(_, stored)| stored.log.log_end_offset())
}

fn produce_body(topic: &str, acks: i16) -> Value {
    json!({"acks": acks, "timeoutMs": 5000, "topicData": [{"name": topic, "partitionData": [
        {"index": 0, "records": {"records": [{"key": "k", "value": "v"}]}}]}]})
}

fn fetch_body(topic: &str, follower: i32, offset: i64) -> Value {
    json!({"maxWaitMs": 0, "minBytes": 1, "maxBytes": 1_048_576, "sessionEpoch": -1,
        "topics": [{"topicId": format!("topicId:{topic}"), "partitions": [
            {"partition": 0, "currentLeaderEpoch": -1, "fetchOffset": offset, "partitionMaxBytes": 1_048_576}]}],
        "replicaState": {"replicaId": follower, "replicaEpoch": format!("brokerEpoch:{follower}")}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_read() {
        let acts = round("Produce one record acks=1; 2 fetches at the log end; 3 is silent");
        assert_eq!(acts, Some(vec![Act::Produce(1), Act::FetchAtEnd(2, 0)]));
        assert_eq!(round("3 fetches at the log end as it was before this append"), Some(vec![Act::FetchAtEnd(3, 1)]));
        assert_eq!(round("something else"), None);
    }

    #[test]
    fn requests_of_one_record_each_are_read() {
        let recorded = json!("ten requests of one record each: v0 .. v9");
        let batches = batches(Some(&recorded)).expect("it is mechanical");
        assert_eq!((batches.len(), &batches[9][0]["value"]), (10, &json!("v9")));
        let recorded =
            json!("4 requests of one record each: key k23 .. k26, value of 20 bytes, timestamps 1023 .. 1026");
        let batches = super::batches(Some(&recorded)).expect("it is mechanical");
        assert_eq!((&batches[3][0]["key"], &batches[3][0]["timestamp"]), (&json!("k26"), &json!(1026)));
        assert_eq!(super::batches(Some(&json!("20 of 10 bytes without key"))), None);
    }

    #[test]
    fn requests_of_another_time_are_read() {
        let now = "20 requests of one record each, values of 100 bytes, timestamps now";
        let batches = dated_requests(now, 7_000).expect("it is mechanical");
        assert_eq!((batches.len(), &batches[19][0]["timestamp"]), (20, &json!(7_000)));
        let text =
            "ten requests of one record each, values of 100 bytes; all with old timestamps, only offset 3 is new";
        let batches = dated_requests(text, 7_000).expect("it is mechanical");
        let new = (0..10).filter(|index| batches[*index][0]["timestamp"] == json!(7_000)).collect::<Vec<_>>();
        assert_eq!((new, &batches[9][0]["key"]), (vec![3], &json!("k9")));
        assert_eq!(dated_requests("3 requests of one record each", 7_000), None);
    }

    #[test]
    fn repetitions_are_written_out() {
        assert_eq!(repeated("x repeated 3 times").as_deref(), Some("xxx"));
        assert_eq!(repeated("orders").as_deref(), Some("orders"));
        assert_eq!(repeated("x repeated 99999999999999 times"), None);
    }
}
