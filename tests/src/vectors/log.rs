//! What a log keeps: its leader epochs.

use kafkascope_core::log::epoch_cache::{EpochCacheOperation, LeaderEpochCache};
use serde_json::{Value, json};

use super::{Check, all, expect, field, integer, small};

/// The leader-epoch cache after some operations, and what it answers.
pub(super) fn leader_epoch_cache(_: &str, case: &Value) -> Check {
    let operations: Vec<EpochCacheOperation> =
        serde_json::from_value(field(case, "operations")?.clone()).map_err(|error| format!("operations: {error}"))?;
    let mut cache = LeaderEpochCache::default();
    for operation in operations {
        cache.apply(operation);
    }
    let mut outcomes = vec![
        expect(field(case, "expected_entries")?.clone(), json!(cache.entries())),
        expect(field(case, "expected_latest_epoch")?.clone(), json!(cache.latest_epoch())),
        expect(field(case, "expected_previous_epoch")?.clone(), json!(cache.previous_epoch())),
    ];
    for query in field(case, "queries")?.as_array().into_iter().flatten() {
        let got = cache.end_offset_for(small(query, "requested_epoch")?, integer(query, "log_end_offset")?);
        let expected = (small::<i32>(query, "expected_epoch")?, integer(query, "expected_end_offset")?);
        outcomes.push(expect(json!(expected), json!(got)));
    }
    Ok(all(outcomes))
}
