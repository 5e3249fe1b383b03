//! A [`FlatMap`] of keys that are compared as one number each.
//!
//! Connections, channels, links and timers are looked up by endpoints several times at every step. Their keys are put together of
//! roles and numbers; here each key's place among all of its kind is worked out once, when it is put in or looked for.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::flat_map::{Entry, FlatMap};

/// A key whose place among all of its kind is a number.
pub trait Ranked {
    /// That number: two keys are equal if it is, and are ordered as it is.
    fn rank(&self) -> u128;
}

impl Ranked for u64 {
    #[inline]
    fn rank(&self) -> u128 {
        Self::into(*self)
    }
}

impl<K: Ranked> Ranked for (K, K) {
    /// By the first, then by the second: of keys whose numbers have 64 bits at most.
    #[inline]
    fn rank(&self) -> u128 {
        (self.0.rank() << u64::BITS) | self.1.rank()
    }
}

/// A map of few entries, or of many whose keys seldom change.
#[derive(Clone, PartialEq, Eq)]
pub struct RankedMap<K, V> {
    entries: FlatMap<u128, (K, V)>,
}

impl<K, V> Default for RankedMap<K, V> {
    fn default() -> Self {
        Self { entries: FlatMap::new() }
    }
}

impl<K: Hash, V: Hash> Hash for RankedMap<K, V> {
    /// As a `BTreeMap`.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        self.iter().for_each(|entry| entry.hash(state));
    }
}

impl<K, V> RankedMap<K, V> {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries, by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + Clone {
        self.entries.values().map(|(key, value)| (key, value))
    }

    /// All entries, by key, the values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries.values_mut().map(|(key, value)| (&*key, value))
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// All values, by key.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Keeps the entries for which `keep` says yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain(|_, (key, value)| keep(key, value));
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

impl<K: Ranked, V> RankedMap<K, V> {
    /// The value of a key.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(&key.rank()).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    #[inline]
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(&key.rank()).map(|(_, value)| value)
    }

    /// Where a key stands, for [`Self::at_mut`], until a key is inserted or removed: one search for several looks.
    #[inline]
    pub fn position(&self, key: &K) -> Option<usize> {
        self.entries.position(&key.rank())
    }

    /// The value at a place, as [`Self::position`] gives it.
    pub fn at(&self, position: usize) -> &V {
        &self.entries.at(position).1
    }

    /// The value at a place, as [`Self::position`] gives it, to be changed.
    pub fn at_mut(&mut self, position: usize) -> &mut V {
        &mut self.entries.at_mut(position).1
    }

    /// Whether there is an entry with a key.
    #[inline]
    pub fn contains_key(&self, key: &K) -> bool {
        self.entries.contains_key(&key.rank())
    }

    /// Puts an entry in. Gives the value that the key had before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.entries.insert(key.rank(), (key, value)).map(|(_, before)| before)
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.entries.remove(&key.rank()).map(|(_, value)| value)
    }

    /// The value of a key, made where there is none.
    #[inline]
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let (_, value) = match self.entries.entry(key.rank()) {
            Entry::Occupied(entry) => entry,
            Entry::Vacant(place) => place.insert((key, make())),
        };
        value
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for RankedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::digest::digest_of;

    proptest! {
        /// Whatever is done to both, the two maps answer alike, hash alike and print alike.
        #[test]
        fn it_is_a_btree_map(actions in prop::collection::vec((0u8..6, 0u64..12, any::<u8>()), 0..80)) {
            let (mut ranked, mut tree) = (RankedMap::default(), BTreeMap::new());
            for (action, key, value) in actions {
                match action {
                    0 => prop_assert_eq!(ranked.insert(key, value), tree.insert(key, value)),
                    1 => prop_assert_eq!(ranked.remove(&key), tree.remove(&key)),
                    2 => {
                        ranked.clear();
                        tree.clear();
                    }
                    3 => prop_assert_eq!(ranked.get_or_insert_with(key, || value), tree.entry(key).or_insert(value)),
                    4 => {
                        ranked.retain(|key, kept| key % 3 != 0 || *kept > value);
                        tree.retain(|key, kept| key % 3 != 0 || *kept > value);
                    }
                    _ => prop_assert_eq!(ranked.get_mut(&key), tree.get_mut(&key)),
                }
                prop_assert_eq!(ranked.get(&key), tree.get(&key));
                let place = ranked.position(&key);
                prop_assert_eq!(place.map(|place| *ranked.at(place)), tree.get(&key).copied());
                prop_assert_eq!(place.map(|place| *ranked.at_mut(place)), tree.get(&key).copied());
                prop_assert_eq!((ranked.contains_key(&key), ranked.len()), (tree.contains_key(&key), tree.len()));
                prop_assert_eq!(ranked.is_empty(), tree.is_empty());
                prop_assert!(ranked.iter().eq(&tree) && ranked.keys().eq(tree.keys()) && ranked.values().eq(tree.values()));
                prop_assert_eq!(digest_of(&ranked), digest_of(&tree));
                prop_assert_eq!(format!("{ranked:?}"), format!("{tree:?}"));
            }
        }
    }
}
