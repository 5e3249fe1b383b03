//! Sizes and checksums of batches.

use super::*;

#[test]
fn crc32c_has_the_check_value_of_its_definition() {
    assert_eq!(crc32c(b"123456789"), 0xE306_9283);
}

#[test]
fn a_stamped_batch_keeps_its_size_and_a_delete_horizon_changes_it() {
    let record = |timestamp| Record { timestamp, value: Some("v".into()), ..Record::default() };
    let mut batch = RecordBatch::of([record(1_000), record(5_000), record(2_000)]);
    let size_bytes = batch.size_bytes();
    batch.stamp(1_700_000_000_000);
    assert_eq!((batch.base_timestamp(), batch.max_timestamp()), (1_000, 1_700_000_000_000));
    assert!(batch.records.iter().all(|record| record.timestamp == 1_700_000_000_000));
    assert_eq!(batch.size_bytes(), size_bytes, "only the header is overwritten");
    assert_eq!(batch.size_bytes() as usize, 21 + batch.encode_from_attributes().len());

    let horizon = RecordBatch { delete_horizon_ms: Some(1_700_000_000_000), ..RecordBatch::of([record(1_000)]) };
    assert_eq!(horizon.base_timestamp(), 1_700_000_000_000);
    // The difference to the horizon takes six bytes instead of one.
    assert_eq!(horizon.size_bytes(), RecordBatch::of([record(1_000)]).size_bytes() + 5);
    assert_eq!(RecordBatch::of([record(-9)]).max_timestamp(), NO_TIMESTAMP);
}

#[test]
fn a_topic_says_how_its_batches_are_compressed_or_leaves_it_to_the_producer() {
    let produced = CompressionType::Lz4;
    let targets = ["producer", "uncompressed", "gzip", "zstd"].map(|setting| produced.target(setting).id());
    assert_eq!(targets, [3, 0, 1, 4]);
    let batch = RecordBatch { compression: CompressionType::Zstd, ..RecordBatch::of([Record::default()]) };
    assert_eq!(batch.encode_from_attributes()[..2], [0, 4]);
}

#[test]
fn the_size_is_what_the_encoding_takes() {
    let mut batch = RecordBatch::of([
        Record { timestamp: 1_000, key: Some("k".into()), value: Some("a".into()), ..Record::default() },
        Record {
            timestamp: 9_000,
            value: Some(Bytes::from(vec![0xff; 300])),
            headers: vec![Header { key: "trace".into(), value: None }],
            ..Record::default()
        },
    ]);
    // Base offset, length, leader epoch, magic and the CRC itself precede what the CRC covers.
    assert_eq!(batch.size_bytes() as usize, 8 + 4 + 4 + 1 + 4 + batch.encode_from_attributes().len());
    batch.base_offset = 40;
    assert_eq!((batch.last_offset(), batch.next_offset(), batch.max_timestamp()), (41, 42, 9_000));
}
