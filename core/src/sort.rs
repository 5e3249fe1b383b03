//! Sorting by one shared routine, and collecting without a sort.
//!
//! The sort of the standard library is compiled anew for every type and every order that it is called with, five kilobytes
//! each time. What is sorted here is short and seldom: the order is found among indices, by code that is there once, and then
//! the items are moved.

use std::cmp::Ordering;

/// Stable sorting of lists that are short, or sorted seldom. What is hot sorts with the standard library.
pub trait SharedSort<T> {
    /// Sorts by a comparison.
    fn shared_sort_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// Sorts by a key, which is made anew for each comparison.
    fn shared_sort_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.shared_sort_by(|one, other| key(one).cmp(&key(other)));
    }
}

impl<T> SharedSort<T> for [T] {
    fn shared_sort_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        if self.len() < 2 {
            return;
        }
        let mut goals = goals(self.len(), &mut |one, other| compare(&self[one], &self[other]).is_gt());
        for at in 0..goals.len() {
            while goals[at] != at {
                let goal = goals[at];
                self.swap(at, goal);
                goals.swap(at, goal);
            }
        }
    }
}

/// Collecting into ordered maps and sets by inserting one item after the other. `collect` sorts them first, by a sort that is
/// compiled anew for every type.
pub trait CollectOrdered: Iterator + Sized {
    /// Collects. Of items with equal keys the last one's value stays.
    fn collect_ordered<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }
}

impl<I: Iterator> CollectOrdered for I {}

/// Where each of `len` items belongs, by merging; nothing where all are in order. `is_behind(one, other)` says whether item `one`
/// goes behind `other`.
fn goals(len: usize, is_behind: &mut dyn FnMut(usize, usize) -> bool) -> Vec<usize> {
    if (1..len).all(|at| !is_behind(at - 1, at)) {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..len).collect();
    let mut merged = Vec::with_capacity(len);
    let mut width = 1;
    while width < len {
        merged.clear();
        for begin in (0..len).step_by(2 * width) {
            let middle = (begin + width).min(len);
            let end = (middle + width).min(len);
            let (mut left, mut right) = (begin, middle);
            while left < middle && right < end {
                // Equal ones stay in their order: the left one goes first.
                if is_behind(order[left], order[right]) {
                    merged.push(order[right]);
                    right += 1;
                } else {
                    merged.push(order[left]);
                    left += 1;
                }
            }
            merged.extend_from_slice(&order[left..middle]);
            merged.extend_from_slice(&order[right..end]);
        }
        std::mem::swap(&mut order, &mut merged);
        width *= 2;
    }
    merged.clear();
    merged.resize(len, 0);
    for (goal, item) in order.into_iter().enumerate() {
        merged[item] = goal;
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(keys in prop::collection::vec(0_u8..20, 0..200)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().enumerate().map(|(at, key)| (key, at)).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            items.shared_sort_by_key(|(key, _)| *key);
            prop_assert_eq!(items, expected);
        }
    }
}
