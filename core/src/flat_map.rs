//! An ordered map in sorted vectors.
//!
//! A step looks things up dozens of times, in maps that have three entries or fifty and whose keys seldom change. There a
//! binary search over neighbours in memory costs a fraction of a walk through the nodes of a `BTreeMap`; keys lie apart from
//! values, so that a search never touches what is large. Everything else is as there: the order, the hash, what is printed.
//! Inserting or removing a key moves all entries behind it.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A map of few entries, or of many whose keys seldom change.
#[derive(Clone, PartialEq, Eq)]
pub struct FlatMap<K, V> {
    /// In order; none twice.
    keys: Vec<K>,
    /// Each where its key stands.
    values: Vec<V>,
}

impl<K, V> Default for FlatMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Hash, V: Hash> Hash for FlatMap<K, V> {
    /// As a `BTreeMap`.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        self.iter().for_each(|entry| entry.hash(state));
    }
}

impl<K: Ord, V: Ord> Ord for FlatMap<K, V> {
    /// As a `BTreeMap`: entry by entry.
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl<K: Ord, V: Ord> PartialOrd for FlatMap<K, V> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K, V> FlatMap<K, V> {
    /// An empty map, which takes no memory yet.
    pub const fn new() -> Self {
        Self { keys: Vec::new(), values: Vec::new() }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// All entries, by key.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter(self.keys.iter().zip(&self.values))
    }

    /// All entries, by key, the values to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut(self.keys.iter().zip(&mut self.values))
    }

    /// All keys, in order.
    pub fn keys(&self) -> std::slice::Iter<'_, K> {
        self.keys.iter()
    }

    /// All values, by key.
    pub fn values(&self) -> std::slice::Iter<'_, V> {
        self.values.iter()
    }

    /// All values, by key, to be changed.
    pub fn values_mut(&mut self) -> std::slice::IterMut<'_, V> {
        self.values.iter_mut()
    }

    /// The entry with the least key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// The value at a place, as [`Self::position`] gives it.
    pub fn at(&self, position: usize) -> &V {
        &self.values[position]
    }

    /// The same, to be changed.
    pub fn at_mut(&mut self, position: usize) -> &mut V {
        &mut self.values[position]
    }

    /// Keeps the entries for which `keep` says yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        let mut kept = 0;
        for at in 0..self.keys.len() {
            if keep(&self.keys[at], &mut self.values[at]) {
                self.keys.swap(kept, at);
                self.values.swap(kept, at);
                kept += 1;
            }
        }
        self.keys.truncate(kept);
        self.values.truncate(kept);
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
    }

    fn insert_at(&mut self, at: usize, key: K, value: V) {
        self.keys.insert(at, key);
        self.values.insert(at, value);
    }

    fn remove_at(&mut self, at: usize) -> (K, V) {
        (self.keys.remove(at), self.values.remove(at))
    }
}

impl<K: Ord, V> FlatMap<K, V> {
    /// Where a key stands, or where it would.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        // Keys mostly come in order: behind the last there is nothing to search.
        if self.keys.last().is_none_or(|last| last.borrow() < key) {
            return Err(self.keys.len());
        }
        self.keys.binary_search_by(|each| each.borrow().cmp(key))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.values.get(self.position(key)?)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.position(key)?;
        self.values.get_mut(at)
    }

    /// The value of a key that mostly stands at a place: where it does in another map of mostly the same keys.
    pub fn get_near(&self, place: usize, key: &K) -> Option<&V> {
        if self.keys.get(place) == Some(key) { self.values.get(place) } else { self.get(key) }
    }

    /// Whether there is an entry with a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.position(key).is_some()
    }

    /// Where a key stands, for [`Self::at`], until a key is inserted or removed: one search for several looks.
    pub fn position<Q: Ord + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.keys.binary_search_by(|each| each.borrow().cmp(key)).ok()
    }

    /// Puts an entry in. Gives the value that the key had before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.values[at], value)),
            Err(at) => {
                self.insert_at(at, key, value);
                None
            }
        }
    }

    /// Takes an entry out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.position(key)?;
        Some(self.remove_at(at).1)
    }

    /// Takes out the entry with the least key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.is_empty()).then(|| self.remove_at(0))
    }

    /// The entry of a key, filled or to be filled.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        match self.place(&key) {
            Ok(at) => Entry::Occupied(&mut self.values[at]),
            Err(at) => Entry::Vacant(VacantEntry { map: self, at, key }),
        }
    }

    /// The entries whose keys lie in a range, by key.
    pub fn range(&self, keys: std::ops::Range<K>) -> Iter<'_, K, V> {
        let first = self.keys.partition_point(|key| *key < keys.start);
        let end = self.keys.partition_point(|key| *key < keys.end).max(first);
        Iter(self.keys[first..end].iter().zip(&self.values[first..end]))
    }
}

impl<V> FlatMap<i32, V> {
    /// The value of a key, where keys mostly count from 0 without a gap, as partitions do: then it stands where its key says.
    pub fn numbered(&self, key: i32) -> Option<&V> {
        match usize::try_from(key).ok().filter(|at| self.keys.get(*at) == Some(&key)) {
            Some(at) => self.values.get(at),
            None => self.get(&key),
        }
    }
}

/// The place of a key in a [`FlatMap`].
#[derive(Debug)]
pub enum Entry<'a, K, V> {
    /// The key has a value.
    Occupied(&'a mut V),
    /// It has none.
    Vacant(VacantEntry<'a, K, V>),
}

/// A place for a value.
#[derive(Debug)]
pub struct VacantEntry<'a, K, V> {
    map: &'a mut FlatMap<K, V>,
    at: usize,
    key: K,
}

impl<'a, K, V> VacantEntry<'a, K, V> {
    /// Gives the key a value.
    pub fn insert(self, value: V) -> &'a mut V {
        self.map.insert_at(self.at, self.key, value);
        &mut self.map.values[self.at]
    }
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value, made where there is none.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        match self {
            Self::Occupied(value) => value,
            Self::Vacant(entry) => entry.insert(make()),
        }
    }

    /// The value, made of its key where there is none.
    pub fn or_insert_with_key(self, make: impl FnOnce(&K) -> V) -> &'a mut V {
        match self {
            Self::Occupied(value) => value,
            Self::Vacant(entry) => {
                let value = make(&entry.key);
                entry.insert(value)
            }
        }
    }

    /// The value, or this one where there is none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, or the default where there is none.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

/// Entries of a [`FlatMap`].
#[derive(Debug)]
pub struct Iter<'a, K, V>(std::iter::Zip<std::slice::Iter<'a, K>, std::slice::Iter<'a, V>>);

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Entries of a [`FlatMap`], the values to be changed.
#[derive(Debug)]
pub struct IterMut<'a, K, V>(std::iter::Zip<std::slice::Iter<'a, K>, std::slice::IterMut<'a, V>>);

/// Goes through entries as through the slices that they are in.
macro_rules! entries_of_slices {
    ($($iter:ident of $value:ty;)*) => {$(
        impl<'a, K, V> Iterator for $iter<'a, K, V> {
            type Item = (&'a K, $value);

            fn next(&mut self) -> Option<Self::Item> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<K, V> DoubleEndedIterator for $iter<'_, K, V> {
            fn next_back(&mut self) -> Option<Self::Item> {
                self.0.next_back()
            }
        }

        impl<K, V> ExactSizeIterator for $iter<'_, K, V> {}
    )*};
}

entries_of_slices! {
    Iter of &'a V;
    IterMut of &'a mut V;
}

impl<'a, K, V> IntoIterator for &'a FlatMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut FlatMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<K, V> IntoIterator for FlatMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::iter::Zip<std::vec::IntoIter<K>, std::vec::IntoIter<V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.keys.into_iter().zip(self.values)
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for FlatMap<K, V> {
    /// Of a key that comes twice the last value counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V> Extend<(K, V)> for FlatMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for FlatMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> std::ops::Index<&Q> for FlatMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the map has the key")
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for FlatMap<K, V> {
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
        fn it_is_a_btree_map(actions in prop::collection::vec((0u8..6, 0i32..12, any::<u8>()), 0..80)) {
            let (mut flat, mut tree) = (FlatMap::new(), BTreeMap::new());
            for (action, key, value) in actions {
                match action {
                    0 => prop_assert_eq!(flat.insert(key, value), tree.insert(key, value)),
                    1 => prop_assert_eq!(flat.remove(&key), tree.remove(&key)),
                    2 => prop_assert_eq!(flat.pop_first(), tree.pop_first()),
                    3 => prop_assert_eq!(flat.entry(key).or_insert(value), tree.entry(key).or_insert(value)),
                    4 => {
                        flat.retain(|key, kept| key % 3 != 0 || *kept > value);
                        tree.retain(|key, kept| key % 3 != 0 || *kept > value);
                    }
                    _ => prop_assert_eq!(flat.get_mut(&key), tree.get_mut(&key)),
                }
                prop_assert_eq!(flat.get(&key), tree.get(&key));
                prop_assert_eq!(flat.contains_key(&key), tree.contains_key(&key));
                prop_assert_eq!(flat.first_key_value(), tree.first_key_value());
                prop_assert_eq!(flat.numbered(key), tree.get(&key));
                prop_assert_eq!(flat.get_near(usize::from(value % 12), &key), tree.get(&key));
                prop_assert_eq!(flat.position(&key).map(|at| flat.at(at)), tree.get(&key));
                prop_assert!(flat.range(key..key + 4).eq(tree.range(key..key + 4)));
                prop_assert!(flat.iter().eq(tree.iter()));
                prop_assert_eq!(digest_of(&flat), digest_of(&tree));
                prop_assert_eq!(format!("{flat:?}"), format!("{tree:?}"));
            }
        }
    }
}
