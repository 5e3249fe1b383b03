//! Envelopes that would lie on each other move aside.

use super::{Point, Scene};
use kafkascope_core::sort::SharedSort;

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
    #[cfg(test)]
    pub fn around(self, at: Point, slack: f64) -> super::Rect {
        super::Rect { x: at.x - self.w / 2.0 + slack, y: at.y - self.h / 2.0, w: self.w - 2.0 * slack, h: self.h }
    }
}

/// How far each envelope moves to the side so that none hides another. Only in corridors, where there is nothing beside
/// them; in a gap between rooms they stay.
pub fn spread(scene: &Scene, points: &[Point]) -> Vec<f64> {
    let pitch = scene.pill.w + 6.0;
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.shared_sort_by(|a, b| points[*a].x.total_cmp(&points[*b].x).then(a.cmp(b)));
    let mut x: Vec<f64> = points.iter().map(|point| point.x).collect();
    // A few rounds are enough: at most a handful of envelopes meet in a corridor.
    for _ in 0..8 {
        for (rank, &left) in order.iter().enumerate() {
            for &right in &order[rank + 1..] {
                let both = is_corridor(scene, points[left].y) && is_corridor(scene, points[right].y);
                let same_height = (points[left].y - points[right].y).abs() < scene.pill.h + 2.0;
                let missing = pitch - (x[right] - x[left]);
                if both && same_height && missing > 0.0 {
                    x[left] -= missing / 2.0;
                    x[right] += missing / 2.0;
                }
            }
        }
        let half = scene.pill.w / 2.0 + 2.0;
        for each in &mut x {
            *each = each.clamp(half, (scene.width - half).max(half));
        }
    }
    points.iter().zip(x).map(|(point, x)| x - point.x).collect()
}

/// Whether an envelope at this height is between two rows.
fn is_corridor(scene: &Scene, y: f64) -> bool {
    let half = scene.pill.h / 2.0;
    scene.rows.iter().all(|row| y + half <= row.top || y - half >= row.bottom)
}

#[cfg(test)]
mod tests {
    use super::super::place::tests::scene;
    use super::*;
    use crate::engine::Actor;

    #[test]
    fn two_envelopes_at_one_place_are_both_seen() {
        let scene = scene(3);
        let at = scene.track(Actor::Node(2), Actor::Node(1), 20.0).at(0.5);
        let aside = spread(&scene, &[at, at]);
        assert!((aside[1] - aside[0]).abs() >= scene.pill.w, "{aside:?}");
    }

    #[test]
    fn envelopes_apart_stay_where_they_are() {
        let scene = scene(3);
        let one = scene.track(Actor::Node(2), Actor::Node(1), 20.0).at(0.0);
        let two = scene.track(Actor::Node(3), Actor::Node(1), 20.0).at(0.0);
        assert_eq!(spread(&scene, &[one, two]), [0.0, 0.0]);
    }
}
