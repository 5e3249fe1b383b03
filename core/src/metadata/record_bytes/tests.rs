//! The bytes of a real Kafka 4.3.1: each line of `recorded.tsv` is a record of its metadata log, as `kafka-dump-log.sh` prints it and
//! in hexadecimal.

use super::MetadataRecord;
use crate::wire::records::Bytes;

const RECORDED: &str = include_str!("recorded.tsv");

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("it is hexadecimal")).collect()
}

#[test]
fn records_are_read_and_written_as_kafka_does() {
    for line in RECORDED.lines() {
        let (json, hex) = line.split_once('\t').expect("two columns");
        let record = MetadataRecord::from_bytes(&bytes_of_hex(hex)).unwrap_or_else(|| panic!("cannot be read: {json}"));
        let printed: serde_json::Value = serde_json::from_str(json).expect("it is JSON");
        assert_eq!(record.to_json(), printed);
        assert_eq!(Bytes::from(record.to_bytes()).to_hex(), hex, "{json}");
    }
    assert_eq!(RECORDED.lines().count(), 25);
}

#[test]
fn what_is_cut_off_or_of_another_frame_or_type_is_no_record() {
    for line in RECORDED.lines() {
        let bytes = bytes_of_hex(line.split_once('\t').expect("two columns").1);
        for end in 0..bytes.len() {
            assert_eq!(MetadataRecord::from_bytes(&bytes[..end]), None, "{line} cut off at {end}");
        }
        let with_first = |first: u8, second: u8| [&[first, second], &bytes[2..]].concat();
        assert_eq!(MetadataRecord::from_bytes(&with_first(2, bytes[1])), None, "another frame");
        assert_eq!(MetadataRecord::from_bytes(&with_first(bytes[0], 100)), None, "another type");
    }
}

#[test]
fn a_tagged_field_that_nobody_knows_is_passed_over() {
    let no_op = MetadataRecord::from_bytes(&[1, 20, 0, 1, 9, 2, 7, 7]);
    assert_eq!(no_op, Some(MetadataRecord::NoOpRecord {}));
}
