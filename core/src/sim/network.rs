//! The network between actors: latencies and cut links. It does not know what envelopes carry.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Millis;
use super::random::{Purpose, Random};
use crate::ranked_map::{Ranked, RankedMap};

/// Latency bounds, cut directions, and the order that links keep. `E` names an end of a link, by a number of its own; `M`
/// the machine that it is on. A cut is between machines: it concerns every link between their ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Network<E, M: Ord> {
    latency_ms_min: Millis,
    latency_ms_max: Millis,
    seed: u64,
    /// Links on which something was sent. Their generators are derived from the seed and their two ends alone, so that
    /// what happens on one link, and when it was first used, moves nothing on another.
    links: Rc<RankedMap<(E, E), Link>>,
    cuts: BTreeSet<(M, M)>,
}

/// One direction between two ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Link {
    random: Random,
    /// When the last message arrives: like TCP, a connection never reorders.
    last_arrival: Millis,
}

impl<E: Ranked + Copy + Into<u64>, M: Ord + Copy> Network<E, M> {
    /// A network in which nothing is cut.
    pub fn new(latency_ms_min: Millis, latency_ms_max: Millis, seed: u64) -> Self {
        Self { latency_ms_min, latency_ms_max, seed, links: Rc::default(), cuts: BTreeSet::new() }
    }

    /// When a message that is sent now arrives: a drawn latency later, and not before what was sent earlier the same way.
    pub fn arrival(&mut self, from: E, to: E, now: Millis) -> Millis {
        let (min, max) = self.latency();
        let link = self.link(from, to);
        let drawn = now.saturating_add(link.random.between(min, max));
        link.last_arrival = drawn.max(link.last_arrival);
        link.last_arrival
    }

    /// When the news that a connection has ended arrives: as soon as can be, and behind what was sent earlier the same way. It draws
    /// nothing, so that a connection that ends moves no later message.
    pub fn arrival_of_end(&mut self, from: E, to: E, now: Millis) -> Millis {
        let soon = now.saturating_add(self.latency_ms_min);
        let link = self.link(from, to);
        link.last_arrival = soon.max(link.last_arrival);
        link.last_arrival
    }

    fn link(&mut self, from: E, to: E) -> &mut Link {
        let seed = self.seed;
        Rc::make_mut(&mut self.links).get_or_insert_with((from, to), || Link {
            random: Random::for_purpose(seed, Purpose::Link(from.into(), to.into())),
            last_arrival: 0,
        })
    }

    /// Sets the latency bounds. The greater one is the maximum.
    pub fn set_latency(&mut self, min: Millis, max: Millis) {
        self.latency_ms_min = min;
        self.latency_ms_max = max.max(min);
    }

    /// The latency bounds, in milliseconds.
    pub const fn latency(&self) -> (Millis, Millis) {
        (self.latency_ms_min, self.latency_ms_max)
    }

    /// Cuts one direction. False if it was cut already.
    pub fn cut(&mut self, from: M, to: M) -> bool {
        self.cuts.insert((from, to))
    }

    /// Heals one direction. False if it was not cut.
    pub fn heal(&mut self, from: M, to: M) -> bool {
        self.cuts.remove(&(from, to))
    }

    /// Whether what is sent this way does not get through. What becomes of it is for who sends to say.
    pub fn is_cut(&self, from: M, to: M) -> bool {
        !self.cuts.is_empty() && self.cuts.contains(&(from, to))
    }

    /// All cut directions.
    pub fn cuts(&self) -> impl Iterator<Item = (M, M)> {
        self.cuts.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Who sends to whom, among few, and how much later than what was sent before.
    fn sends() -> impl Strategy<Value = Vec<(u64, u64, u64)>> {
        prop::collection::vec((0u64..4, 0u64..4, 0u64..5), 1..60)
    }

    /// When each message arrives, beside its link.
    fn arrivals(seed: u64, sends: &[(u64, u64, u64, bool)]) -> Vec<((u64, u64), Millis, bool)> {
        let mut network: Network<u64, u64> = Network::new(1, 1_000, seed);
        sends.iter().map(|(from, to, at, extra)| ((*from, *to), network.arrival(*from, *to, *at), *extra)).collect()
    }

    proptest! {
        /// One more message on one link changes no arrival on any other.
        #[test]
        fn a_message_more_on_one_link_moves_nothing_elsewhere(
            seed in any::<u64>(), sends in sends(), place in 0usize..60, from in 0u64..4, to in 0u64..4,
        ) {
            let mut now = 0;
            let mut without: Vec<(u64, u64, u64, bool)> = Vec::new();
            for (from, to, later) in sends {
                now += later;
                without.push((from, to, now, false));
            }
            let place = place.min(without.len());
            let mut with = without.clone();
            let at = without.get(place).map_or(now, |send| send.2);
            with.insert(place, (from, to, at, true));
            let elsewhere = |arrivals: Vec<((u64, u64), Millis, bool)>| -> Vec<((u64, u64), Millis)> {
                let others = arrivals.into_iter().filter(|(link, _, _)| *link != (from, to));
                others.map(|(link, at, _)| (link, at)).collect()
            };
            prop_assert_eq!(elsewhere(arrivals(seed, &without)), elsewhere(arrivals(seed, &with)));
        }

        /// A link keeps the order in which messages were sent, and each takes at least the least latency.
        #[test]
        fn a_link_never_reorders(seed in any::<u64>(), delays in prop::collection::vec(0u64..50, 1..40)) {
            let mut network: Network<u64, u64> = Network::new(3, 40, seed);
            let (mut now, mut last) = (0, 0);
            for delay in delays {
                now += delay;
                let at = network.arrival(1, 2, now);
                prop_assert!(at >= last && at >= now + 3);
                last = at;
            }
        }
    }

    #[test]
    fn links_have_latencies_of_their_own() {
        let mut network: Network<u64, u64> = Network::new(0, 1_000_000, 7);
        let drawn: BTreeSet<Millis> = (0..8)
            .flat_map(|from| (0..8).map(move |to| (from, to)))
            .map(|(from, to)| network.arrival(from, to, 0))
            .collect();
        assert!(drawn.len() > 60, "{drawn:?}");
    }
}
