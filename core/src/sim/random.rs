//! Seeded, portable randomness, split by purpose: a new draw for one purpose never shifts the draws of another.

use std::hash::{Hash, Hasher};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;
/// A generator for one purpose. It is part of the cluster's value: cloning the cluster clones its future draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random(Pcg32);

/// A generator counts by the numbers that it is going to give: its inner state is its own.
impl Hash for Random {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.clone().id().hash(state);
    }
}

/// What a stream of random numbers is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Latencies of one link, from one end to the other, each by its own number.
    Link(u64, u64),
    /// Ids of topics, members, incarnations.
    Identity,
    /// Choices of one actor, by its own number.
    Actor(u64),
    /// How long one voter waits before it asks for votes, by its `node.id`.
    Elections(i32),
}

/// Scatters a number over all 64 bits, one to one (the finisher of SplitMix64), so that nearby purposes get unrelated streams.
const fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

impl Random {
    /// The generator for `purpose` in a cluster with this seed.
    pub fn for_purpose(seed: u64, purpose: Purpose) -> Self {
        let stream = match purpose {
            Purpose::Identity => mix(1),
            Purpose::Actor(number) => mix(mix(2) ^ number),
            Purpose::Elections(voter) => mix(mix(4) ^ u64::from(voter.cast_unsigned())),
            Purpose::Link(from, to) => mix(mix(mix(3) ^ from) ^ to),
        };
        let mut mixed = Pcg32::seed_from_u64(seed ^ stream);
        // The first output of nearby seeds is correlated; drop it.
        let _: u32 = mixed.random();
        Self(mixed)
    }

    /// A number in `min..=max`; `min` where the range is empty.
    pub fn between(&mut self, min: u64, max: u64) -> u64 {
        if max <= min { min } else { self.0.random_range(min..=max) }
    }

    /// 128 random bits: an id.
    pub fn id(&mut self) -> u128 {
        self.0.random()
    }
}
