//! What of a case's `given` each runner has a use for. A case that gives anything else is not run as if it had not.

use serde_json::Value;

/// The first field of `given` that the runner of a kind has no use for.
pub(super) fn unused<'c>(kind: &str, case: &'c Value) -> Option<&'c str> {
    let known = used(kind)?;
    let given = case.get("given")?.as_object()?;
    given.keys().map(String::as_str).find(|field| !known.contains(field))
}

/// None where a kind is not run at all, or is not told as `given`.
fn used(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "is_caught_up" => &[
            "leader_log_end_offset",
            "follower_log_end_offset",
            "now_ms",
            "follower_last_caught_up_ms",
            "replica_lag_time_max_ms",
        ],
        "last_caught_up_tracking" => &["initial", "fetches"],
        "replica_state_reset_on_leader_epoch_change" => &["now_ms", "follower_in_isr", "leader_is_newly_leader"],
        "leader_isr_shrink_proposal" => &[
            "leader",
            "committed_isr",
            "leader_log_end_offset",
            "followers",
            "now_ms",
            "replica_lag_time_max_ms",
            "alter_partition_in_flight",
        ],
        "leader_isr_expand_proposal" => &[
            "alter_partition_in_flight",
            "follower_in_isr",
            "follower_fenced",
            "follower_in_controlled_shutdown",
            "broker_epoch_matches",
            "follower_log_end_offset",
            "leader_high_watermark",
            "leader_epoch_start_offset",
            // What may join is told by the high watermark and the epoch's start.
            "leader_log_end_offset",
        ],
        "leader_high_watermark" => &[
            "committed_isr",
            "maximal_isr",
            "leader_log_end_offset",
            "followers",
            "old_high_watermark",
            "min_insync_replicas",
            "now_ms",
            "leader",
        ],
        "follower_high_watermark" => &[
            "leader_high_watermark_in_fetch_response",
            "follower_log_end_offset_after_append",
            "follower_log_start_offset",
            // The new mark does not depend on the old one.
            "old_follower_high_watermark",
        ],
        "become_leader" => &[
            "local_log_end_offset",
            "local_high_watermark",
            "new_leader_epoch",
            "isr",
            "min_insync_replicas",
            "replica_count",
            "request_partition_epoch",
            "local_partition_epoch",
            "cached_epochs",
        ],
        "leader_on_alter_partition_response" => &["response"],
        "controller_alter_partition_validation" => &[
            "controller_leader",
            "controller_leader_epoch",
            "controller_partition_epoch",
            "replicas",
            "request_broker",
            "request_leader_epoch",
            "request_partition_epoch",
            "new_isr",
            "fenced_brokers",
            "in_controlled_shutdown",
            "stale_broker_epoch_of",
            "request_leader_recovery_state",
        ],
        "controller_leader_election" => &[
            "replicas",
            "isr",
            "leader",
            "leader_epoch",
            "partition_epoch",
            "unclean_leader_election_enable",
            "fenced",
            "unfenced",
            "elr_enabled",
            "alive_outside_isr",
            "election",
            "elr",
            "min_insync_replicas",
            "alive",
        ],
        "produce_acks" => &["acks"],
        "produce_append" => &[
            "is_leader",
            "replicas",
            "isr",
            "min_insync_replicas",
            "acks",
            "topic_exists",
            "topic",
            "client",
            "batch_bytes",
            "max_message_bytes",
        ],
        "delayed_produce" => &[
            "required_offset",
            "high_watermark",
            "maximal_isr",
            "min_insync_replicas",
            "is_leader",
            "elapsed_over_request_timeout",
            "partitions",
            "acks",
            "all_partitions_failed_locally",
            "isr",
        ],
        "fetch_partition" => &[
            "is_leader",
            "leader_epoch",
            "request_leader_epoch",
            "log_start_offset",
            "high_watermark",
            "last_stable_offset",
            "log_end_offset",
            "fetcher",
            "offset",
            "isolation",
            "leader_epochs",
            "last_fetched_epoch",
            "max_bytes",
            "first_batch_bytes",
        ],
        "fetch_session" => &[
            "session_id",
            "epoch",
            "known",
            "server_expected_epoch",
            "forgets",
            "cache_full",
            "oldest_unused_ms",
            "min_eviction_ms",
        ],
        "delayed_fetch" => &[
            "min_bytes",
            "bytes_available",
            "bytes_available_per_partition",
            "max_wait_ms",
            "fetcher",
            "log_end_offset",
            "high_watermark",
            "fetch_offset",
            "event",
            "any_partition_has_preferred_read_replica",
            "any_partition_error",
            "elapsed_ms",
            "hw_known_to_follower",
            "leader_hw",
        ],
        "transaction_state_transition" => &["from_state", "to_state"],
        "idempotent_append" => {
            &["state", "epoch", "first_seq", "last_seq", "origin", "enable_idempotence", "max_in_flight"]
        }
        "offset_commit_classic" => &[
            "group_state",
            "group_generation",
            "member_known",
            "request_generation",
            "member_id",
            "group_instance_id",
            "mapped_to_other_member",
            "metadata_bytes",
            "offset_metadata_max_bytes",
            "broker_is_coordinator",
        ],
        "classic_group_transition" => &["from_state", "to_state"],
        "classic_group_request" => &[
            "request",
            "state",
            "is_group_leader",
            "metadata_changed",
            "generation_matches",
            "member_id",
            "static",
            "event",
        ],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_runner_has_no_use_for_is_named() {
        let case = serde_json::json!({"given": {"acks": -1, "moon": 5}});
        assert_eq!(unused("produce_append", &case), Some("moon"));
        assert_eq!(unused("transactions", &case), None);
    }
}
