//! An ordered map in one sorted vector.
//!
//! A step looks things up dozens of times, in maps that have three entries or fifty and whose keys seldom change. There a
//! binary search over neighbours in memory costs a fraction of a walk through the nodes of a `BTreeMap`. Everything else is
//! as there: the order, the hash, what is printed. Inserting or removing a key moves all entries behind it.

use std::borrow::Borrow;
use std::fmt;

/// A map of few entries, or of many whose keys seldom change.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlatMap<K, V> {
    /// By key; none twice.
    entries: Vec<(K, V)>,
}

impl<K, V> Default for FlatMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> FlatMap<K, V> {
    /// An empty map, which takes no memory yet.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries, by key.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter(self.entries.iter())
    }

    /// All entries, by key, the values to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut(self.entries.iter_mut())
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(key, _)| key)
    }

    /// All values, by key.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// All values, by key, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> + ExactSizeIterator {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// The entry with the least key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.entries.first().map(|(key, value)| (key, value))
    }

    /// The value at a place, as [`Self::position`] gives it.
    pub fn at(&self, position: usize) -> &V {
        &self.entries[position].1
    }

    /// The same, to be changed.
    pub fn at_mut(&mut self, position: usize) -> &mut V {
        &mut self.entries[position].1
    }

    /// Keeps the entries for which `keep` says yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.entries.retain_mut(|(key, value)| keep(key, value));
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

impl<K: Ord, V> FlatMap<K, V> {
    /// Where a key stands, or where it would.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        // Keys mostly come in order: behind the last there is nothing to search.
        if self.entries.last().is_none_or(|(last, _)| last.borrow() < key) {
            return Err(self.entries.len());
        }
        self.entries.binary_search_by(|(each, _)| each.borrow().cmp(key))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.entries.binary_search_by(|(each, _)| each.borrow().cmp(key)).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.entries.binary_search_by(|(each, _)| each.borrow().cmp(key)).ok()?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Whether there is an entry with a key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.entries.binary_search_by(|(each, _)| each.borrow().cmp(key)).is_ok()
    }

    /// Where a key stands, for [`Self::at`], until a key is inserted or removed: one search for several looks.
    pub fn position<Q: Ord + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.entries.binary_search_by(|(each, _)| each.borrow().cmp(key)).ok()
    }

    /// Puts an entry in. Gives the value that the key had before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.entries[at].1, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes an entry out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.entries.binary_search_by(|(each, _)| each.borrow().cmp(key)).ok()?;
        Some(self.entries.remove(at).1)
    }

    /// Takes out the entry with the least key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.entries.is_empty()).then(|| self.entries.remove(0))
    }

    /// The entry of a key, filled or to be filled.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        match self.place(&key) {
            Ok(at) => Entry::Occupied(&mut self.entries[at].1),
            Err(at) => Entry::Vacant(VacantEntry { map: self, at, key }),
        }
    }

    /// The entries whose keys lie in a range, by key.
    pub fn range(&self, keys: std::ops::Range<K>) -> Iter<'_, K, V> {
        let first = self.entries.partition_point(|(key, _)| *key < keys.start);
        let end = self.entries.partition_point(|(key, _)| *key < keys.end).max(first);
        Iter(self.entries[first..end].iter())
    }
}

impl<V> FlatMap<i32, V> {
    /// The value of a key, where keys mostly count from 0 without a gap, as partitions do: then it stands where its key says.
    pub fn numbered(&self, key: i32) -> Option<&V> {
        match usize::try_from(key).ok().and_then(|at| self.entries.get(at)) {
            Some((there, value)) if *there == key => Some(value),
            _ => self.get(&key),
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
        self.map.entries.insert(self.at, (self.key, value));
        &mut self.map.entries[self.at].1
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
pub struct Iter<'a, K, V>(std::slice::Iter<'a, (K, V)>);

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Entries of a [`FlatMap`], the values to be changed.
#[derive(Debug)]
pub struct IterMut<'a, K, V>(std::slice::IterMut<'a, (K, V)>);

/// Goes through entries as through the slice that they are in.
macro_rules! entries_of_slice {
    ($($iter:ident of $value:ty: $entry:pat => $pair:expr;)*) => {$(
        impl<'a, K, V> Iterator for $iter<'a, K, V> {
            type Item = (&'a K, $value);

            fn next(&mut self) -> Option<Self::Item> {
                self.0.next().map(|$entry| $pair)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<K, V> DoubleEndedIterator for $iter<'_, K, V> {
            fn next_back(&mut self) -> Option<Self::Item> {
                self.0.next_back().map(|$entry| $pair)
            }
        }

        impl<K, V> ExactSizeIterator for $iter<'_, K, V> {}
    )*};
}

entries_of_slice! {
    Iter of &'a V: (key, value) => (key, value);
    IterMut of &'a mut V: (key, value) => (&*key, value);
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
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
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
                prop_assert_eq!(flat.position(&key).map(|at| flat.at(at)), tree.get(&key));
                prop_assert!(flat.range(key..key + 4).eq(tree.range(key..key + 4)));
                prop_assert!(flat.iter().eq(tree.iter()));
                prop_assert_eq!(digest_of(&flat), digest_of(&tree));
                prop_assert_eq!(format!("{flat:?}"), format!("{tree:?}"));
            }
        }
    }
}
