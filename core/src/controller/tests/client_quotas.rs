//! Quotas of users and clients: every refusal of `ClientQuotaControlManager`, and what needs no record.

use crate::controller::client_quotas::alter_client_quotas;
use crate::controller::cluster_control_manager::ClusterControlManager;
use crate::controller::heartbeat::Heartbeats;
use crate::controller::table_orders::TableOrders;
use crate::metadata::client_quotas::ClientQuotaEntity;
use crate::metadata::{MetadataImage, MetadataRecord};
use crate::raft::VoterSet;
use crate::settings::BrokerSettings;
use crate::wire::ErrorCode;
use crate::wire::client_quotas::*;

/// An entity of these parts: type and name, none for the default.
fn entity(parts: &[(&str, Option<&str>)]) -> Vec<QuotaEntity> {
    let part = |(kind, name): &(&str, Option<&str>)| QuotaEntity {
        entity_type: (*kind).to_owned(),
        entity_name: name.map(str::to_owned),
    };
    parts.iter().map(part).collect()
}

/// Sets these quotas, or takes them back where there is no value.
fn alteration(parts: &[(&str, Option<&str>)], ops: &[(&str, Option<f64>)]) -> QuotaAlteration {
    let op = |(key, value): &(&str, Option<f64>)| QuotaOp {
        key: (*key).to_owned(),
        value: Float64(value.unwrap_or_default()),
        remove: value.is_none(),
    };
    QuotaAlteration { entity: entity(parts), ops: ops.iter().map(op).collect() }
}

fn asked(image: &MetadataImage, entries: &[QuotaAlteration]) -> (Vec<MetadataRecord>, Vec<(ErrorCode, String)>) {
    let settings = BrokerSettings::default();
    let cluster = ClusterControlManager {
        image,
        settings: &settings,
        orders: &TableOrders::default(),
        node_id: 9_000,
        heartbeats: &Heartbeats::default(),
        static_voters: &VoterSet::default(),
    };
    let request = AlterClientQuotasRequest { entries: entries.to_vec(), ..AlterClientQuotasRequest::default() };
    let (records, answer) = alter_client_quotas(cluster, &request);
    let results = answer.entries.into_iter().map(|it| (it.error_code, it.error_message.unwrap_or_default()));
    (records, results.collect())
}

const ALICE: [(&str, Option<&str>); 1] = [("user", Some("alice"))];
const RATE: &str = "producer_byte_rate";

#[test]
fn each_reason_is_told_and_the_other_entities_change_all_the_same() {
    let home = [("ip", Some("127.0.0.1"))];
    for (parts, ops, words) in [
        (&[][..], (RATE, 1.0), "Invalid empty client quota entity".to_owned()),
        (&[("group", Some("g"))], (RATE, 1.0), "Unhandled client quota entity type: group".to_owned()),
        (&[("user", Some(""))], (RATE, 1.0), "Empty user not supported".to_owned()),
        (
            &[("ip", Some("127.0.0.1")), ("user", Some("alice"))],
            ("connection_creation_rate", 1.0),
            "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId".to_owned(),
        ),
        (
            &[("ip", Some("no.such.host"))],
            ("connection_creation_rate", 1.0),
            "no.such.host is not a valid IP or resolvable host.".to_owned(),
        ),
        (&ALICE, ("connection_creation_rate", 1.0), "Invalid configuration key connection_creation_rate".to_owned()),
        (&home, (RATE, 1.0), format!("Invalid configuration key {RATE}")),
        (&ALICE, (RATE, 0.0), format!("Quota {RATE} must be greater than 0")),
        (&ALICE, (RATE, 1.5), format!("{RATE} cannot be a fractional value.")),
        (&ALICE, (RATE, 1e19), format!("Proposed value for {RATE} is too large for a LONG.")),
        (
            &home,
            ("connection_creation_rate", 3e9),
            "Proposed value for connection_creation_rate is too large for an INT.".to_owned(),
        ),
    ] {
        let wrong = alteration(parts, &[(ops.0, Some(ops.1))]);
        let right = alteration(&[("user", Some("bob"))], &[("request_percentage", Some(12.5))]);
        let (records, results) = asked(&MetadataImage::default(), &[wrong, right]);
        let [wrong, right] = [(ErrorCode::InvalidRequest, words), (ErrorCode::None, String::new())];
        assert!(results.len() == 2 && results.contains(&wrong) && results.contains(&right), "{results:?}");
        assert_eq!(records.len(), 1, "{records:?}");
    }
}

#[test]
fn an_entity_that_is_named_twice_is_refused() {
    let twice = [alteration(&ALICE, &[(RATE, Some(1.0))]), alteration(&ALICE, &[(RATE, Some(2.0))])];
    let (_, results) = asked(&MetadataImage::default(), &twice);
    let words = "Ignoring duplicate entity ClientQuotaEntity(entries={user=alice})";
    assert_eq!(results, [(ErrorCode::InvalidRequest, words.to_owned())]);
}

#[test]
fn only_what_changes_is_written() {
    let mut image = MetadataImage::default();
    image.client_quotas.set(ClientQuotaEntity::of(&entity(&ALICE)), RATE, Some(Float64(10.0)));
    let record = |value: f64, remove: bool| MetadataRecord::ClientQuotaRecord {
        entity: entity(&ALICE),
        key: RATE.to_owned(),
        value: Float64(value),
        remove,
    };
    let written = |value: Option<f64>| asked(&image, &[alteration(&ALICE, &[(RATE, value)])]);
    let none = vec![(ErrorCode::None, String::new())];
    assert_eq!(written(Some(10.0)), (Vec::new(), none.clone()));
    assert_eq!(written(Some(20.0)), (vec![record(20.0, false)], none.clone()));
    assert_eq!(written(None), (vec![record(0.0, true)], none.clone()));
    let absent = alteration(&ALICE, &[("consumer_byte_rate", None)]);
    assert_eq!(asked(&image, &[absent]), (Vec::new(), none));
}

#[test]
fn entities_are_answered_in_the_order_of_a_hash_map_and_written_as_asked() {
    let request = |parts: &[&[(&str, Option<&str>)]]| AlterClientQuotasRequest {
        entries: parts.iter().map(|parts| alteration(parts, &[(RATE, Some(1.0))])).collect(),
        ..AlterClientQuotasRequest::default()
    };
    let settings = BrokerSettings::default();
    let (image, orders, static_voters) = (MetadataImage::default(), TableOrders::default(), VoterSet::default());
    let cluster = ClusterControlManager {
        image: &image,
        settings: &settings,
        orders: &orders,
        node_id: 9_000,
        heartbeats: &Heartbeats::default(),
        static_voters: &static_voters,
    };
    let named = |asked: &[&[(&str, Option<&str>)]]| {
        let (records, answer) = alter_client_quotas(cluster, &request(asked));
        let first = |entity: &[QuotaEntity]| entity[0].entity_name.clone().unwrap_or_default();
        let written = records.iter().filter_map(|record| match record {
            MetadataRecord::ClientQuotaRecord { entity, .. } => Some(first(entity)),
            _ => None,
        });
        (answer.entries.iter().map(|entry| first(&entry.entity)).collect::<Vec<_>>(), written.collect::<Vec<_>>())
    };
    let told = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    let (client, user) = ([("client-id", Some("c"))], [("user", Some("ä b/c"))]);
    // As a real controller answered.
    assert_eq!(named(&[&client, &user]), (told(["ä b/c", "c"]), told(["c", "ä b/c"])));
    assert_eq!(named(&[&user, &client]).0, told(["ä b/c", "c"]));
}
