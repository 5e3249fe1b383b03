//! Seeded, portable randomness, split by purpose: a new draw for one purpose never shifts the draws of another.

use std::hash::{Hash, Hasher};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;
/// A generator for one purpose. It is part of the cluster's value: cloning the cluster clones its future luck.
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
    /// Latencies of envelopes.
    Network,
    /// Ids of topics, members, incarnations.
    Identity,
    /// Choices of one client or node, by its own number.
    Actor(u32),
}

impl Random {
    /// The generator for `purpose` in a cluster with this seed.
    pub fn for_purpose(seed: u64, purpose: Purpose) -> Self {
        let stream = match purpose {
            Purpose::Network => 1,
            Purpose::Identity => 2,
            Purpose::Actor(number) => 1_000 + u64::from(number),
        };
        let mut mixed = Pcg32::seed_from_u64(seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15));
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
