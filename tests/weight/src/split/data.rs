//! The data of both modules.

use std::ops::Range;

use wasm_encoder::{ConstExpr, DataSection};

use crate::linked::Linked;

/// What a segment of its own costs, in bytes: less than that is not worth one.
const WORTH_A_SEGMENT: u32 = 12;

/// Which bytes come when, each run with its address.
pub(super) struct Data {
    pub(super) first: Vec<(u32, Vec<u8>)>,
    pub(super) rest: Vec<(u32, Vec<u8>)>,
}

impl Data {
    /// Divides the segments of a module: what is idle comes with the rest.
    ///
    /// # Errors
    /// When a segment has other bytes than what the module was made of.
    pub(super) fn of(segments: &[(u32, &[u8])], linked: &Linked, idle: &[Range<u32>]) -> Result<Self, String> {
        let is_worth_it = |range: &&Range<u32>| range.end - range.start >= WORTH_A_SEGMENT;
        let later: Vec<&Range<u32>> = idle.iter().filter(is_worth_it).collect();
        let mut data = Self { first: Vec::new(), rest: Vec::new() };
        for (address, bytes) in segments {
            if !linked.has(*address, bytes) {
                return Err(format!("the data at {address} is not what was linked"));
            }
            let (mut at, end) = (*address, *address + bytes.len() as u32);
            let part = |range: Range<u32>| {
                (range.start, bytes[(range.start - address) as usize..(range.end - address) as usize].to_vec())
            };
            let begun = later.partition_point(|range| range.end <= at);
            for range in later[begun..].iter().take_while(|range| range.start < end) {
                let (from, to) = (range.start.max(at), range.end.min(end));
                if at < from {
                    data.first.push(part(at..from));
                }
                data.rest.push(part(from..to));
                at = to;
            }
            if at < end {
                data.first.push(part(at..end));
            }
        }
        Ok(data)
    }
}

/// The section of a module that has these runs.
pub(super) fn section(runs: &[(u32, Vec<u8>)]) -> DataSection {
    let mut section = DataSection::new();
    for (address, bytes) in runs {
        section.active(0, &ConstExpr::i32_const(*address as i32), bytes.iter().copied());
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_idle_comes_with_the_rest_and_nothing_is_lost() {
        let bytes: Vec<u8> = (0..100).collect();
        let segments = [(1_000, &bytes[..40]), (1_050, &bytes[50..])];
        // The last is too short for a segment.
        let idle = [1_000..1_020, 1_030..1_070, 1_080..1_084];
        let data = Data::of(&segments, &Linked::default(), &idle).expect("it is what was linked");
        let runs = |runs: &[(u32, Vec<u8>)]| -> Vec<(u32, u32)> {
            runs.iter().map(|(address, bytes)| (*address, address + bytes.len() as u32)).collect()
        };
        assert_eq!(runs(&data.first), [(1_020, 1_030), (1_070, 1_100)]);
        assert_eq!(runs(&data.rest), [(1_000, 1_020), (1_030, 1_040), (1_050, 1_070)]);
        for (address, run) in data.first.iter().chain(&data.rest) {
            let from = (address - 1_000) as usize;
            assert_eq!(run[..], bytes[from..from + run.len()]);
        }
    }
}
