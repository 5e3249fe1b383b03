//! The states of a transactional id, and its records.

use strum::VariantArray;

use super::joined_partitions::JoinedPartitions;
use super::metadata::{TransactionMetadata, TxnTransitMetadata};
use super::records::{self, Unreadable};
use super::state::TransactionState::{self, *};
use super::state::{TransactionResult, TransactionVersion};
use super::{CoordinatedPartition, CoordinatedPartitions};
use crate::wire::hash_order::java_string_hash;
use crate::wire::records::{Bytes, Record};
use crate::wire::{ErrorCode, TopicPartition};

fn partitions(topics: &[(&str, i32)]) -> Vec<TopicPartition> {
    topics.iter().map(|(topic, index)| TopicPartition::new(*topic, *index)).collect()
}

fn complete(metadata: &mut TransactionMetadata, transit: Result<TxnTransitMetadata, ErrorCode>) {
    assert!(metadata.complete_transition_to(transit.expect("the table has it")));
}

/// An id whose producer has initialised itself.
fn initialised() -> TransactionMetadata {
    let mut metadata = TransactionMetadata::new("tx", 7, 60_000, 10);
    let transit = metadata.prepare_increment_producer_epoch(60_000, None, 10);
    complete(&mut metadata, transit);
    metadata
}

#[test]
fn only_what_the_table_has_may_follow() {
    let follows = |from: TransactionState| {
        let to = TransactionState::VARIANTS.iter().copied().filter(move |to| from.may_become(*to));
        to.collect::<Vec<_>>()
    };
    let idle = [Empty, Ongoing, PrepareAbort, Dead];
    assert_eq!(
        (follows(Empty), follows(CompleteCommit), follows(CompleteAbort)),
        (idle.into(), idle.into(), idle.into())
    );
    assert_eq!(follows(Ongoing), [Ongoing, PrepareCommit, PrepareAbort, PrepareEpochFence]);
    assert_eq!((follows(PrepareCommit), follows(PrepareAbort)), (vec![CompleteCommit], vec![CompleteAbort]));
    assert_eq!((follows(Dead), follows(PrepareEpochFence)), (vec![], vec![PrepareAbort]));
}

#[test]
fn while_a_change_is_prepared_no_other_is() {
    let mut metadata = initialised();
    let added = partitions(&[("t", 0)]);
    let transit = metadata.prepare_add_partitions(&added, 20, TransactionVersion::Tv2);
    assert_eq!(metadata.state(), Empty, "it has not taken place yet");
    assert_eq!(metadata.prepare_dead(), Err(ErrorCode::UnknownServerError));
    complete(&mut metadata, transit);
    assert_eq!((metadata.state(), metadata.current.txn_start_timestamp), (Ongoing, 20));
}

#[test]
fn with_version_2_every_end_raises_the_epoch_and_before_none_does() {
    let end = |version| {
        let mut metadata = initialised();
        let transit = metadata.prepare_add_partitions(&partitions(&[("t", 0)]), 20, version);
        complete(&mut metadata, transit);
        let transit = metadata.prepare_abort_or_commit(PrepareCommit, version, -1, 30, false);
        complete(&mut metadata, transit);
        let transit = metadata.prepare_complete(40);
        complete(&mut metadata, transit);
        assert!(metadata.current.topic_partitions.is_empty() && metadata.state() == CompleteCommit);
        (metadata.current.producer_id, metadata.current.producer_epoch)
    };
    assert_eq!((end(TransactionVersion::Tv0), end(TransactionVersion::Tv2)), ((7, 0), (7, 1)));
}

#[test]
fn whose_epochs_are_used_up_goes_on_with_another_id() {
    let mut metadata = initialised();
    metadata.current.producer_epoch = i16::MAX - 1;
    assert!(metadata.is_producer_epoch_exhausted());
    let version = TransactionVersion::Tv2;
    let transit = metadata.prepare_add_partitions(&partitions(&[("t", 0)]), 20, version);
    complete(&mut metadata, transit);
    let transit = metadata.prepare_abort_or_commit(PrepareAbort, version, 8, 30, false);
    complete(&mut metadata, transit);
    assert_eq!((metadata.current.producer_id, metadata.current.producer_epoch), (7, i16::MAX), "the marker's epoch");
    let transit = metadata.prepare_complete(40);
    complete(&mut metadata, transit);
    assert_eq!((metadata.current.producer_id, metadata.current.producer_epoch), (8, 0));
    assert_eq!((metadata.current.prev_producer_id, metadata.current.last_producer_epoch), (7, i16::MAX - 1));
}

#[test]
fn a_producer_that_asks_again_keeps_its_epoch_and_an_older_one_is_fenced() {
    let mut metadata = initialised();
    let transit = metadata.prepare_increment_producer_epoch(60_000, Some(0), 20);
    complete(&mut metadata, transit);
    assert_eq!((metadata.current.producer_epoch, metadata.current.last_producer_epoch), (1, 0));
    let transit = metadata.prepare_increment_producer_epoch(60_000, Some(0), 30);
    complete(&mut metadata, transit);
    assert_eq!(metadata.current.producer_epoch, 1, "it did not get the answer");
    let transit = metadata.prepare_increment_producer_epoch(60_000, None, 40);
    complete(&mut metadata, transit);
    assert_eq!(metadata.prepare_increment_producer_epoch(60_000, Some(0), 50), Err(ErrorCode::ProducerFenced));
}

#[test]
fn results_lead_to_their_states() {
    let states = [true, false].map(|committed| TransactionResult::of(committed).prepare_state());
    assert_eq!(states, [PrepareCommit, PrepareAbort]);
    assert!(TransactionState::VARIANTS.iter().all(|state| TransactionState::from_id(state.id()) == Some(*state)));
}

fn ongoing() -> TxnTransitMetadata {
    let mut metadata = initialised();
    let added = partitions(&[("orders", 0), ("orders", 1), ("payments", 3)]);
    let transit = metadata.prepare_add_partitions(&added, 1_700_000_000_000, TransactionVersion::Tv2);
    complete(&mut metadata, transit);
    metadata.current
}

#[test]
fn a_record_is_read_as_it_was_written() {
    for version in [TransactionVersion::Tv0, TransactionVersion::Tv2] {
        let written = ongoing();
        let record = records::record("tx", &written, version, 5);
        let read = records::read(&record).expect("it can be read");
        let value = read.value.expect("a value");
        assert_eq!((read.transactional_id.as_str(), value.version), ("tx", version.log_value_version()));
        let tagged = version.log_value_version() > 0;
        let expected = TxnTransitMetadata {
            prev_producer_id: if tagged { 7 } else { -1 },
            client_transaction_version: if tagged { TransactionVersion::Tv2 } else { TransactionVersion::Tv0 },
            last_producer_epoch: -1,
            ..written
        };
        assert_eq!(value.metadata, expected);
    }
    let gone = records::read(&records::tombstone("tx", 5)).expect("it can be read");
    assert_eq!((gone.transactional_id.as_str(), gone.value), ("tx", None));
}

#[test]
fn a_record_has_the_bytes_of_its_schema() {
    let empty = TxnTransitMetadata {
        state: Empty,
        topic_partitions: JoinedPartitions::default(),
        txn_start_timestamp: -1,
        txn_last_update_timestamp: 2,
        ..ongoing()
    };
    let record = records::record("tx", &empty, TransactionVersion::Tv2, 5);
    let hex = |bytes: &Option<Bytes>| bytes.as_ref().map(Bytes::to_hex).unwrap_or_default();
    assert_eq!(hex(&record.key), "000000027478");
    let value = concat!(
        "0001",             // version
        "0000000000000007", // producer id
        "0000",             // epoch
        "0000ea60",         // timeout
        "00",               // Empty
        "00",               // no partitions
        "0000000000000002", // last update
        "ffffffffffffffff", // never begun
        "02",               // two tagged fields
        "0008",             // the id before
        "0000000000000007",
        "0202", // what the client knew
        "0002",
    );
    assert_eq!(hex(&record.value), value);
}

#[test]
fn what_is_cut_short_cannot_be_read() {
    let whole = records::record("tx", &ongoing(), TransactionVersion::Tv2, 5);
    let value = whole.value.clone().expect("a value");
    for length in 0..value.len() {
        let cut = Record { value: Some(Bytes::from(value.as_slice()[..length].to_vec())), ..whole.clone() };
        assert_eq!(records::read_strictly(&cut), Err(Unreadable), "{length} bytes");
    }
}

#[test]
fn what_is_of_an_unknown_version_is_passed_over() {
    let whole = records::record("tx", &ongoing(), TransactionVersion::Tv2, 5);
    let versioned = |bytes: &[u8]| Some(Bytes::from(bytes.to_vec()));
    let of_another_key = Record { key: versioned(&[0, 9]), ..whole.clone() };
    let of_another_value = Record { value: versioned(&[0, 2]), ..whole.clone() };
    assert_eq!([of_another_key, of_another_value].map(|record| records::read_strictly(&record)), [Ok(None), Ok(None)]);
    let keyless = Record { key: None, ..whole };
    let commit_marker = Record { key: versioned(&[0, 0, 0, 1]), value: versioned(&[0; 6]), ..Record::default() };
    let abort_marker = Record { key: versioned(&[0, 0, 0, 0]), value: versioned(&[0; 6]), ..Record::default() };
    for record in [keyless, commit_marker, abort_marker] {
        assert_eq!(records::read_strictly(&record), Err(Unreadable));
    }
}

#[test]
fn partitions_and_their_ids_are_gone_through_in_the_order_of_kafkas_tables() {
    // One broker of three leads about a third of the 50 partitions: 33 shares the second place of a table of 32 with nobody.
    let partitions: Vec<i32> = (0..50).step_by(3).collect();
    let coordinated = |_| CoordinatedPartition::default();
    let loaded = partitions.iter().map(|partition| (*partition, coordinated(partition))).collect();
    let all = CoordinatedPartitions { loaded, ..CoordinatedPartitions::default() };
    let order: Vec<i32> = all.in_cache_order().into_iter().map(|(partition, _)| partition).collect();
    let mut by_place = partitions.clone();
    by_place.sort_by_key(|partition| partition & 31);
    assert_eq!((order[..3].to_vec(), order.clone()), (vec![0, 33, 3], by_place));
    // A `ConcurrentHashMap` doubles its table with the twelfth key, a `HashMap` with the thirteenth.
    let ids: Vec<String> = (0..12).map(|number| format!("id-{number}")).collect();
    let transactions = ids.iter().map(|id| (id.clone(), TransactionMetadata::new(id, 7, 60_000, 10))).collect();
    let listed = CoordinatedPartition { transactions, ..CoordinatedPartition::default() };
    let place = |id: &String| {
        let hash = java_string_hash(id);
        (hash ^ (hash >> 16)) & 31
    };
    assert!(listed.ids_in_cache_order(|_| true).is_sorted_by_key(place));
    assert!(!ids.is_sorted_by_key(place));
}
