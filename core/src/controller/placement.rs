//! Which brokers get the replicas of a new topic (`StripedReplicaPlacer`).
//!
//! The leader moves on by one rack and, within a rack, by one broker with each partition; the other replicas follow in
//! rack order. A fenced broker never leads and gets a replica only where its rack has no live one left. The start is
//! random. After as many partitions as there are live brokers everything is shuffled, so that the same sets of replicas
//! do not come again and again.

use std::collections::BTreeMap;

use crate::sim::random::Random;

/// A broker that may get replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsableBroker {
    /// Its id.
    pub id: i32,
    /// Its rack; brokers without one share a rack of their own.
    pub rack: Option<String>,
    /// Whether it is fenced.
    pub fenced: bool,
}

/// The lists of more placements than these do not fit into the heap of one gibibyte that `kafka-server-start.sh` gives a node: an
/// OutOfMemoryError, which nobody catches.
pub const PLACEMENTS_IN_HEAP_MAX: i32 = 1 << 23;

/// Places the replicas of `partitions` partitions. The error is in words.
pub fn place(
    random: &mut Random,
    brokers: &[UsableBroker],
    partitions: i32,
    replication_factor: i16,
) -> Result<Vec<Vec<i32>>, String> {
    if replication_factor <= 0 {
        return Err(format!(
            "Invalid replication factor {replication_factor}: the replication factor must be positive."
        ));
    }
    if brokers.iter().all(|broker| broker.fenced) {
        return Err("All brokers are currently fenced, or have all their log directories cordoned.".to_owned());
    }
    if usize::try_from(replication_factor).unwrap_or(usize::MAX) > brokers.len() {
        return Err(format!(
            "The target replication factor of {replication_factor} cannot be reached because only {} broker(s) are \
             registered or some brokers have all their log directories cordoned.",
            brokers.len()
        ));
    }
    let mut racks = RackList::new(random, brokers);
    Ok((0..partitions).map(|_| racks.place(random, replication_factor)).collect())
}

/// Brokers of one rack that are alike, taken in turn.
#[derive(Default)]
struct BrokerList {
    brokers: Vec<i32>,
    /// How many were taken in this epoch.
    taken: usize,
    /// Which comes first in this epoch.
    offset: usize,
    epoch: u32,
}

impl BrokerList {
    fn initialize(&mut self, random: &mut Random) {
        self.brokers.sort_unstable();
        self.offset = next_index(random, self.brokers.len());
    }

    fn next(&mut self, epoch: u32) -> Option<i32> {
        if self.brokers.is_empty() {
            return None;
        }
        if self.epoch != epoch {
            self.epoch = epoch;
            self.taken = 0;
            self.offset = (self.offset + 1) % self.brokers.len();
        }
        if self.taken >= self.brokers.len() {
            return None;
        }
        let broker = self.brokers[(self.taken + self.offset) % self.brokers.len()];
        self.taken += 1;
        Some(broker)
    }
}

#[derive(Default)]
struct Rack {
    unfenced: BrokerList,
    fenced: BrokerList,
}

struct RackList {
    racks: Vec<Rack>,
    /// In which order racks are gone through.
    order: Vec<usize>,
    unfenced_brokers: u32,
    all: Vec<i32>,
    epoch: u32,
    offset: usize,
}

impl RackList {
    fn new(random: &mut Random, brokers: &[UsableBroker]) -> Self {
        let mut by_name: BTreeMap<Option<&str>, Rack> = BTreeMap::new();
        for broker in brokers {
            let rack = by_name.entry(broker.rack.as_deref()).or_default();
            let list = if broker.fenced { &mut rack.fenced } else { &mut rack.unfenced };
            list.brokers.push(broker.id);
        }
        let mut racks: Vec<Rack> = by_name.into_values().collect();
        for rack in &mut racks {
            rack.fenced.initialize(random);
            rack.unfenced.initialize(random);
        }
        let unfenced = brokers.iter().filter(|broker| !broker.fenced).count();
        Self {
            order: (0..racks.len()).collect(),
            offset: next_index(random, racks.len()),
            racks,
            unfenced_brokers: u32::try_from(unfenced).unwrap_or(u32::MAX),
            all: brokers.iter().map(|broker| broker.id).collect(),
            epoch: 0,
        }
    }

    fn place(&mut self, random: &mut Random, replication_factor: i16) -> Vec<i32> {
        // With one live broker there is nothing to vary.
        if self.epoch == self.unfenced_brokers && self.unfenced_brokers > 1 {
            self.shuffle(random);
            self.epoch = 0;
        }
        let count = self.order.len();
        self.offset %= count;
        let wanted = usize::try_from(replication_factor).unwrap_or(0);
        let mut replicas = Vec::with_capacity(wanted);

        let leader_rack = (0..count).map(|step| (self.offset + step) % count).find_map(|at| {
            let leader = self.racks[self.order[at]].unfenced.next(self.epoch)?;
            replicas.push(leader);
            Some(at)
        });
        // The leader's rack is passed over once: the second replica goes elsewhere.
        let mut passed_over = leader_rack;
        let mut at = self.offset;
        let mut in_vain = 0;
        while replicas.len() < wanted && in_vain <= 2 * count {
            in_vain += 1;
            if passed_over == Some(at) {
                passed_over = None;
            } else {
                let rack = &mut self.racks[self.order[at]];
                if let Some(replica) = rack.unfenced.next(self.epoch).or_else(|| rack.fenced.next(self.epoch)) {
                    replicas.push(replica);
                    in_vain = 0;
                }
            }
            at = (at + 1) % count;
        }
        // Turns can run out where fenced brokers were not asked for a while (Kafka's own loop would not end).
        let left: Vec<i32> = self.all.iter().filter(|broker| !replicas.contains(broker)).copied().collect();
        replicas.extend(left.into_iter().take(wanted - replicas.len()));
        self.epoch += 1;
        self.offset += 1;
        replicas
    }

    fn shuffle(&mut self, random: &mut Random) {
        shuffle(random, &mut self.order);
        for rack in &mut self.racks {
            shuffle(random, &mut rack.fenced.brokers);
            shuffle(random, &mut rack.unfenced.brokers);
        }
    }
}

/// `Random.nextInt(bound)`; 0 for an empty range.
fn next_index(random: &mut Random, bound: usize) -> usize {
    let last = u64::try_from(bound.saturating_sub(1)).unwrap_or(0);
    usize::try_from(random.between(0, last)).unwrap_or(0)
}

/// `Collections.shuffle`.
fn shuffle<T>(random: &mut Random, items: &mut [T]) {
    for end in (2..=items.len()).rev() {
        items.swap(end - 1, next_index(random, end));
    }
}
