//! What the sticky assignors add to a subscription: the partitions that a member had and their generation
//! (`STICKY_ASSIGNOR_USER_DATA_V0`, `_V1`), or the generation alone (`COOPERATIVE_STICKY_ASSIGNOR_USER_DATA_V0`).

use super::{DEFAULT_GENERATION, MemberData};
use crate::wire::TopicPartition;
use crate::wire::binary::Reader;
use crate::wire::consumer_protocol::{RawBytes, put_partitions, read_partitions};

/// The user data of a `StickyAssignor` (version 1).
pub fn encode(partitions: &[TopicPartition], generation: i32) -> RawBytes {
    let mut out = Vec::new();
    put_partitions(&mut out, partitions);
    out.extend(generation.to_be_bytes());
    RawBytes::from(out)
}

/// Reads it, also that of version 0, which has no generation. What cannot be read is as if it had nothing.
pub(super) fn decode(bytes: Option<&RawBytes>) -> MemberData {
    let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return MemberData::default() };
    let mut input = Reader::new(bytes.as_slice());
    match read_partitions(&mut input) {
        Some(partitions) => MemberData { partitions, generation: input.int() },
        None => MemberData { partitions: Vec::new(), generation: Some(DEFAULT_GENERATION) },
    }
}

/// The user data of a `CooperativeStickyAssignor`.
pub fn encode_generation(generation: i32) -> RawBytes {
    RawBytes::from(generation.to_be_bytes().to_vec())
}

/// Reads it.
pub(super) fn decode_generation(bytes: &RawBytes) -> i32 {
    Reader::new(bytes.as_slice()).int().unwrap_or(DEFAULT_GENERATION)
}
