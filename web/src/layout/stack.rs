//! Envelopes that meet lie on each other as a stack: one of them is read, the others are counted.

use kafkascope_core::sort::SharedSort;

use super::{Point, Rect};

/// The size of an envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pill {
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Pill {
    /// The rectangle of an envelope around a point, less `slack` on each side.
    pub fn around(self, at: Point, slack: f64) -> Rect {
        Rect { x: at.x - self.w / 2.0 + slack, y: at.y - self.h / 2.0, w: self.w - 2.0 * slack, h: self.h }
    }
}

/// Envelopes that lie on each other, by their index: the one on top first, the others in their order.
pub type Stack = Vec<usize>;

/// Gathers envelopes that would cover each other into stacks. `order` says who lies on top: the least. What would cover the
/// top of a stack lies in it, so that no top covers another.
pub fn stacks(envelopes: &[Rect], order: impl Fn(usize) -> usize) -> Vec<Stack> {
    let mut by_order: Vec<usize> = (0..envelopes.len()).collect();
    by_order.shared_sort_by_key(|index| order(*index));
    let mut stacks: Vec<Stack> = Vec::new();
    for index in by_order {
        match stacks.iter_mut().find(|stack| envelopes[stack[0]].overlaps(&envelopes[index])) {
            Some(stack) => stack.push(index),
            None => stacks.push(vec![index]),
        }
    }
    stacks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64) -> Rect {
        Pill { w: 60.0, h: 24.0 }.around(Point { x, y: 100.0 }, 0.0)
    }

    #[test]
    fn envelopes_that_meet_are_a_stack_and_no_stack_covers_another() {
        let envelopes = [at(100.0), at(400.0), at(130.0), at(110.0), at(440.0)];
        let found = stacks(&envelopes, |index| index);
        assert_eq!(found, [vec![0, 2, 3], vec![1, 4]]);
        for (index, one) in found.iter().enumerate() {
            assert!(found[index + 1..].iter().all(|other| !envelopes[one[0]].overlaps(&envelopes[other[0]])));
        }
    }

    #[test]
    fn who_comes_first_lies_on_top() {
        let envelopes = [at(100.0), at(110.0), at(120.0)];
        assert_eq!(stacks(&envelopes, |index| if index == 2 { 0 } else { index + 1 }), [vec![2, 0, 1]]);
    }

    #[test]
    fn envelopes_apart_are_no_stack() {
        assert_eq!(stacks(&[at(100.0), at(160.0)], |index| index), [vec![0], vec![1]]);
    }
}
