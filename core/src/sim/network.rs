//! The network between parties: latencies and cut links. It does not know what envelopes carry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Millis;
use super::random::Random;

/// Latency bounds, cut directions, and the order that connections keep. `P` names a party.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Network<P: Ord> {
    latency_ms_min: Millis,
    latency_ms_max: Millis,
    random: Random,
    cuts: BTreeSet<(P, P)>,
    /// When the last message of each direction arrives: like TCP, a connection never reorders.
    last_arrival: Arc<BTreeMap<(P, P), Millis>>,
}

impl<P: Ord + Copy> Network<P> {
    /// A network in which nothing is cut.
    pub fn new(latency_ms_min: Millis, latency_ms_max: Millis, random: Random) -> Self {
        Self { latency_ms_min, latency_ms_max, random, cuts: BTreeSet::new(), last_arrival: Arc::default() }
    }

    /// When a message that is sent now arrives: a drawn latency later, and not before what was sent earlier the same way.
    pub fn arrival(&mut self, from: P, to: P, now: Millis) -> Millis {
        let drawn = now.saturating_add(self.random.between(self.latency_ms_min, self.latency_ms_max));
        let last = Arc::make_mut(&mut self.last_arrival).entry((from, to)).or_default();
        *last = drawn.max(*last);
        *last
    }

    /// Sets the latency bounds. The greater one is the maximum.
    pub fn set_latency(&mut self, min: Millis, max: Millis) {
        self.latency_ms_min = min;
        self.latency_ms_max = max.max(min);
    }

    /// The latency bounds, in milliseconds.
    pub fn latency(&self) -> (Millis, Millis) {
        (self.latency_ms_min, self.latency_ms_max)
    }

    /// Cuts one direction. False if it was cut already.
    pub fn cut(&mut self, from: P, to: P) -> bool {
        self.cuts.insert((from, to))
    }

    /// Heals one direction. False if it was not cut.
    pub fn heal(&mut self, from: P, to: P) -> bool {
        self.cuts.remove(&(from, to))
    }

    /// Whether what is sent this way is lost.
    pub fn is_cut(&self, from: P, to: P) -> bool {
        !self.cuts.is_empty() && self.cuts.contains(&(from, to))
    }

    /// All cut directions.
    pub fn cuts(&self) -> impl Iterator<Item = (P, P)> {
        self.cuts.iter().copied()
    }
}
