//! The ISR as a partition's leader has it: a chip for each broker, or a count where there are too many.

use std::collections::BTreeSet;

use yew::prelude::*;

use super::fonts::{measure, px};
use super::highlights::Highlights;
use crate::engine::ReplicaView;
use crate::layout::Font;
use crate::platform::siblings::siblings;
use kafkascope_core::sort::CollectOrdered;

/// More chips than these do not fit beside a partition's name.
const CHIPS_MAX: usize = 4;

/// How a broker stands to the ISR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    /// It is in.
    In,
    /// It is in, and the leader has asked the controller to take it out.
    Leaves,
    /// It is out, and the leader has asked the controller to take it in.
    Enters,
    /// It just fell out.
    Left,
}

impl Membership {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::In => None,
            Self::Leaves => Some("leaves"),
            Self::Enters => Some("enters"),
            Self::Left => Some("left"),
        }
    }
}

/// Every broker that has a chip.
fn members(node: i32, replica: &ReplicaView, highlights: &Highlights) -> Vec<(i32, Membership)> {
    let proposed = replica.proposed_isr.as_deref();
    let left = highlights.left.iter().filter(|(leader, of, _)| *leader == node && *of == replica.partition);
    let mut ids: BTreeSet<i32> = replica.isr.iter().chain(proposed.unwrap_or_default()).copied().collect_ordered();
    ids.extend(left.map(|(_, _, id)| *id));
    let membership = |id: i32| match (replica.isr.contains(&id), proposed) {
        (true, Some(proposed)) if !proposed.contains(&id) => Membership::Leaves,
        (true, _) => Membership::In,
        (false, Some(proposed)) if proposed.contains(&id) => Membership::Enters,
        (false, _) => Membership::Left,
    };
    ids.into_iter().map(|id| (id, membership(id))).collect()
}

/// The ISR as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct IsrShown {
    chips: Vec<(i32, Membership, bool)>,
    chip_width: f64,
    is_counted: bool,
    count: usize,
    title: String,
    /// Its width, without the word before it.
    pub width: f64,
    has_word: bool,
}

impl IsrShown {
    /// With the word `ISR` before it, where there is room.
    pub fn named(self, has_word: bool) -> Self {
        Self { has_word, ..self }
    }
}

/// What is shown of a leader's ISR.
pub fn isr_of(node: i32, replica: &ReplicaView, highlights: &Highlights) -> IsrShown {
    let members = members(node, replica, highlights);
    let is_highlighted = |id: i32| highlights.in_sync.contains(&(id, replica.partition.clone()));
    let chips: Vec<_> = members.into_iter().map(|(id, membership)| (id, membership, is_highlighted(id))).collect();
    let is_counted = chips.len() > CHIPS_MAX;
    let widest = chips.iter().map(|(id, _, _)| measure(Font::Mono, &id.to_string())).fold(0.0, f64::max);
    let chip_width = (widest + 9.0).max(20.0);
    let count = replica.isr.len();
    let width = if is_counted {
        measure(Font::SmallBold, &format!("ISR {count}"))
    } else {
        chips.len() as f64 * (chip_width + 3.0) - 3.0
    };
    IsrShown { chips, chip_width, is_counted, count, title: format!("ISR {:?}", replica.isr), width, has_word: false }
}

/// The chips, up to the right edge, and the word before them where there is room.
pub fn isr(shown: &IsrShown, right: f64, y: f64) -> Html {
    if shown.is_counted {
        let any = shown.chips.iter().any(|(_, _, is_highlighted)| *is_highlighted);
        return html! {
            <text class={classes!("isr-count", any.then_some("highlighted"))} x={px(right)} y={px(y + 13.0)} text-anchor="end"><title>{ &shown.title }</title>{ format!("ISR {}", shown.count) }</text>
        };
    }
    let w = shown.chip_width;
    let chips = shown.chips.iter().rev().enumerate().map(|(index, (id, membership, is_highlighted))| {
        let cx = right - w / 2.0 - index as f64 * (w + 3.0);
        html! {
            <g key={*id} class={classes!("member", membership.class(), is_highlighted.then_some("highlighted"))}>
                <rect x={px(cx - w / 2.0)} y={px(y - 1.0)} width={px(w)} height="18" rx="9" />
                <text class="m" x={px(cx)} y={px(y + 12.0)} text-anchor="middle">{ *id }</text>
                if *membership == Membership::Left {
                    <path d={format!("M{:.1} {:.1}l15 -11", cx - 7.5, y + 13.5)} />
                }
            </g>
        }
    });
    html! {
        <g class="isr">
            <title>{ &shown.title }</title>
            if shown.has_word {
                <text class="faint" x={px(right - shown.width - 6.0)} y={px(y + 13.0)} text-anchor="end">{ "ISR" }</text>
            }
            { siblings(chips) }
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Role;
    use crate::layout::replica_for_tests;

    #[test]
    fn a_chip_tells_who_is_in_who_is_asked_for_and_who_just_left() {
        let mut replica = replica_for_tests("orders", 0, Role::Leader, 1);
        replica.isr = vec![1, 2];
        replica.proposed_isr = Some(vec![1, 3]);
        let mut highlights = Highlights::default();
        highlights.left.insert((1, replica.partition.clone(), 4));
        let expected = [(1, Membership::In), (2, Membership::Leaves), (3, Membership::Enters), (4, Membership::Left)];
        assert_eq!(members(1, &replica, &highlights), expected);
    }
}
