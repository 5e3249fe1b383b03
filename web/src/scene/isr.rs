//! The ISR as a partition's leader has it: a chip for each broker, or a count where there are too many.

use std::collections::BTreeSet;

use yew::prelude::*;

use crate::engine::ReplicaView;
use crate::scene::highlights::Highlights;

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
    let mut ids: BTreeSet<i32> = replica.isr.iter().chain(proposed.unwrap_or_default()).copied().collect();
    ids.extend(left.map(|(_, _, id)| *id));
    let membership = |id: i32| match (replica.isr.contains(&id), proposed) {
        (true, Some(proposed)) if !proposed.contains(&id) => Membership::Leaves,
        (true, _) => Membership::In,
        (false, Some(proposed)) if proposed.contains(&id) => Membership::Enters,
        (false, _) => Membership::Left,
    };
    ids.into_iter().map(|id| (id, membership(id))).collect()
}

/// The chips, from the right edge to the left, and the word before them where there is room.
pub fn isr(node: i32, replica: &ReplicaView, (right, y): (f64, f64), has_word: bool, highlights: &Highlights) -> Html {
    let members = members(node, replica, highlights);
    let is_highlighted = |id: i32| highlights.in_sync.contains(&(id, replica.partition.clone()));
    if members.len() > CHIPS_MAX {
        let any = members.iter().any(|(id, _)| is_highlighted(*id));
        return html! { <text class={classes!("isr-count", any.then_some("highlighted"))} x={right.to_string()} y={(y + 13.0).to_string()} text-anchor="end">{ format!("ISR {}", replica.isr.len()) }</text> };
    }
    let chips = members.iter().rev().enumerate().map(|(index, (id, membership))| {
        let cx = right - 10.0 - index as f64 * 23.0;
        let is_highlighted = is_highlighted(*id);
        html! {
            <g key={*id} class={classes!("member", membership.class(), is_highlighted.then_some("highlighted"))}>
                <rect x={(cx - 10.0).to_string()} y={(y - 1.0).to_string()} width="20" height="18" rx="9" />
                <text class="m" x={cx.to_string()} y={(y + 12.0).to_string()} text-anchor="middle">{ *id }</text>
                if *membership == Membership::Left {
                    <path d={format!("M{:.1} {:.1}l15 -11", cx - 7.5, y + 13.5)} />
                }
            </g>
        }
    });
    let label = right - 10.0 - members.len() as f64 * 23.0 + 6.0;
    html! {
        <g class="isr">
            <title>{ format!("ISR {:?}", replica.isr) }</title>
            if has_word {
                <text class="faint" x={label.to_string()} y={(y + 13.0).to_string()} text-anchor="end">{ "ISR" }</text>
            }
            { for chips }
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
