//! Who owns what in a group, looked at while time passes.

use super::World;

/// The partitions of each consumer; fails where two have the same.
pub fn owners(world: &World) -> Vec<Vec<i32>> {
    let of = |consumer: &crate::client::Consumer| -> Vec<i32> {
        consumer.view().assigned.iter().map(|each| each.partition.partition).collect()
    };
    let owners: Vec<Vec<i32>> = world.consumers.values().map(of).collect();
    let mut all = owners.concat();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "two members own the same: {owners:?}");
    owners
}

/// Lets time pass step by step; nothing ever has two owners. Gives what happened.
pub fn watch(world: &mut World, ms: u64) -> String {
    let until = world.now + ms;
    while world.step(until) {
        owners(world);
    }
    world.take_trace()
}

/// Where a text stands in a trace.
pub fn place(trace: &str, text: &str) -> usize {
    trace.find(text).unwrap_or_else(|| panic!("no {text} in\n{trace}"))
}
