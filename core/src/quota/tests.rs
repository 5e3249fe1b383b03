//! Quotas against the throttle times that a real 4.3.1 named.

use super::*;
use crate::wire::client_quotas::Float64;

const WINDOW: QuotaWindow = QuotaWindow { samples: 11, sample_ms: 1_000 };

/// Quotas by user and client; an empty name is the default.
fn image(quotas: &[(QuotaType, Option<&str>, Option<&str>, f64)]) -> ClientQuotasImage {
    let mut image = ClientQuotasImage::default();
    for (quota, user, client_id, bound) in quotas {
        let part = |kind: &str, name: &Option<&str>| {
            name.map(|name| (kind.to_owned(), (!name.is_empty()).then(|| name.to_owned())))
        };
        let parts = [part(USER, user), part(CLIENT_ID, client_id)].into_iter().flatten().collect();
        image.set(ClientQuotaEntity(parts), quota.key(), Some(Float64(*bound)));
    }
    image
}

fn session(user: &str, client_id: &str) -> QuotaSession {
    QuotaSession { user: user.into(), client_id: client_id.into() }
}

#[test]
fn a_throttle_time_brings_the_rate_back_to_its_bound() {
    let image = image(&[(QuotaType::Produce, None, Some("q"), 2_000.0)]);
    let quotas = Quotas { image: &image, window: WINDOW };
    let mut manager = ClientQuotaManager::default();
    let q = session("ANONYMOUS", "q");
    assert_eq!(manager.record(quotas, &q, QuotaType::Produce, 60_105, 0), 20_053, "as a real broker said");
    assert_eq!(manager.record(quotas, &session("ANONYMOUS", "z"), QuotaType::Produce, 60_105, 0), 0, "not its quota");
    let mut again = |at| manager.record(quotas, &q, QuotaType::Produce, 0, at);
    assert_eq!(again(300), 19_753, "the pause is as much shorter");
    assert_eq!(again(10_000), 20_053, "by now the windows are there that were only missing before");
    assert_eq!(again(11_000), 19_053, "what was recorded in the first sample last is not too old to count yet");
    assert_eq!(again(11_300), 0, "and now it is");
    assert_eq!(manager.record(quotas, &q, QuotaType::Fetch, 1_000_000, 0), 0, "another quota");
}

#[test]
fn what_is_taken_back_does_not_count_and_thread_time_throttles_for_one_window_at_most() {
    let image = image(&[(QuotaType::Fetch, None, Some("c"), 2_000.0), (QuotaType::Request, None, Some("c"), 1.0)]);
    let quotas = Quotas { image: &image, window: WINDOW };
    let mut manager = ClientQuotaManager::default();
    let c = session("ANONYMOUS", "c");
    assert_eq!(manager.record(quotas, &c, QuotaType::Fetch, 10_772, 0), 0);
    assert_eq!(manager.record(quotas, &c, QuotaType::Fetch, 10_772, 53), 719, "as a real broker said");
    manager.record_no_throttle(quotas, &c, QuotaType::Fetch, -10_772, 53);
    assert_eq!(manager.record(quotas, &c, QuotaType::Fetch, 10_772, 780), 0, "the pause is over");
    // 1 % of a thread are 10 ms a second: 100 ms in the ten that count.
    assert_eq!(manager.record(quotas, &c, QuotaType::Request, 100, 0), 0);
    assert_eq!(manager.record(quotas, &c, QuotaType::Request, 40, 0), 1_000, "four seconds, but one at most");
    let most = ClientQuotaManager::max_value_in_quota_window(quotas, &c, QuotaType::Fetch);
    assert_eq!(most, Some(20_000.0), "one fetch reads no more");
}

/// The bound that is in force, and whose use is counted together.
fn in_force(quotas: &[(QuotaType, Option<&str>, Option<&str>, f64)], user: &str, client_id: &str) -> String {
    let image = image(quotas);
    let quotas = Quotas { image: &image, window: WINDOW };
    let Some(tags) = quotas.tags(QuotaType::Produce, &session(user, client_id)) else { return "none".to_owned() };
    let bound = quotas.limit(QuotaType::Produce, &tags).map_or("unbounded".to_owned(), |bound| bound.to_string());
    format!("{}/{}: {bound}", tags.user, tags.client_id)
}

#[test]
fn the_most_specific_quota_counts() {
    let p = QuotaType::Produce;
    let all = [
        (p, Some("u"), Some("c"), 1.0),
        (p, Some("u"), Some(""), 2.0),
        (p, Some("u"), None, 3.0),
        (p, Some(""), Some("c"), 4.0),
        (p, Some(""), Some(""), 5.0),
        (p, Some(""), None, 6.0),
        (p, None, Some("c"), 7.0),
        (p, None, Some(""), 8.0),
    ];
    let found: Vec<String> = (0..=all.len()).map(|from| in_force(&all[from..], "u", "c")).collect();
    let expected = ["u/c: 1", "u/c: 2", "u/: 3", "u/c: 4", "u/c: 5", "u/: 6", "/c: 7", "/c: 8", "none"];
    assert_eq!(found, expected);
    assert_eq!(in_force(&all[7..], "u", ""), "/: unbounded", "a client without an id has no quota of clients");
    let of_another = [(QuotaType::Fetch, None, Some("c"), 1.0)];
    assert_eq!(in_force(&of_another, "u", "c"), "none");
}

#[test]
fn sensors_that_nobody_uses_are_forgotten() {
    let image = image(&[(QuotaType::Produce, None, Some(""), 2_000.0)]);
    let quotas = Quotas { image: &image, window: WINDOW };
    let mut manager = ClientQuotaManager::default();
    manager.record(quotas, &session("u", "a"), QuotaType::Produce, 1, 0);
    manager.record(quotas, &session("u", "b"), QuotaType::Produce, 1, 3_000_000);
    assert_eq!(manager.uses(quotas, 3_000_000).count(), 2);
    manager.record(quotas, &session("u", "c"), QuotaType::Produce, 1, 3_600_000);
    let left: Vec<&str> = manager.uses(quotas, 3_600_000).map(|used| &*used.tags.client_id).collect();
    assert_eq!(left, ["b", "c"]);
}
