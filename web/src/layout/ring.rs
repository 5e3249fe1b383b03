//! Who stands on a ring, and what is drawn between them.

use super::Point;

/// Where the one with this index stands: the first above, the others clockwise. One alone stands in the middle.
pub fn on_ring(index: usize, count: usize, middle: Point, radius: f64) -> Point {
    if count < 2 {
        return middle;
    }
    let turn = std::f64::consts::TAU * index as f64 / count as f64;
    Point { x: middle.x + radius * turn.sin(), y: middle.y - radius * turn.cos() }
}

/// A part of a circle, from its top clockwise, as a path.
pub fn arc(middle: Point, radius: f64, part: f64) -> String {
    // A whole circle would begin where it ends, and nothing be drawn.
    let part = part.clamp(0.0, 0.999);
    let turn = std::f64::consts::TAU * part;
    let (x, y) = (middle.x + radius * turn.sin(), middle.y - radius * turn.cos());
    let is_large = u8::from(part > 0.5);
    format!("M{:.1} {:.1}A{radius:.1} {radius:.1} 0 {is_large} 1 {x:.1} {y:.1}", middle.x, middle.y - radius)
}

/// A line from one to another, which ends at their edges and lies a little to its own right: what goes the other way has a lane
/// beside it.
pub fn lane(from: Point, to: Point, edge: f64, aside: f64) -> (Point, Point) {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let at =
        |point: Point, along: f64| Point { x: point.x + ux * along - uy * aside, y: point.y + uy * along + ux * aside };
    (at(from, edge), at(to, -edge))
}

/// A point on a line, of which a part is behind it.
pub fn along((from, to): (Point, Point), part: f64) -> Point {
    let part = part.clamp(0.0, 1.0);
    Point { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: Point = Point { x: 100.0, y: 100.0 };

    fn rounded(point: Point) -> (i64, i64) {
        (point.x.round() as i64, point.y.round() as i64)
    }

    #[test]
    fn the_first_stands_above_and_the_others_follow_clockwise() {
        let four: Vec<_> = (0..4).map(|index| rounded(on_ring(index, 4, MIDDLE, 50.0))).collect();
        assert_eq!(four, [(100, 50), (150, 100), (100, 150), (50, 100)]);
        assert_eq!(on_ring(0, 1, MIDDLE, 50.0), MIDDLE);
    }

    #[test]
    fn an_arc_goes_the_long_way_round_where_it_is_more_than_half() {
        assert_eq!(arc(MIDDLE, 50.0, 0.25), "M100.0 50.0A50.0 50.0 0 0 1 150.0 100.0");
        assert_eq!(arc(MIDDLE, 50.0, 0.75), "M100.0 50.0A50.0 50.0 0 1 1 50.0 100.0");
        assert!(!arc(MIDDLE, 50.0, 1.0).ends_with(" 100.0 50.0"), "a whole circle is drawn");
    }

    #[test]
    fn two_ways_have_two_lanes() {
        let (one, other) = (Point { x: 0.0, y: 0.0 }, Point { x: 100.0, y: 0.0 });
        let (from, to) = lane(one, other, 10.0, 5.0);
        assert_eq!((rounded(from), rounded(to)), ((10, 5), (90, 5)));
        let (from, to) = lane(other, one, 10.0, 5.0);
        assert_eq!((rounded(from), rounded(to)), ((90, -5), (10, -5)));
        assert_eq!(rounded(along((one, other), 0.25)), (25, 0));
    }
}
