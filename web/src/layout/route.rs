//! The way of a message from one actor to another: through corridors and gaps, never through a room.

use super::{Point, Rect, Scene};
use crate::engine::Actor;

/// A way: its curve, and points along it.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// The curve, as SVG and CSS write it.
    pub d: String,
    points: Vec<Point>,
    lengths: Vec<f64>,
}

/// One piece of a way.
enum Piece {
    Line(Point),
    Curve(Point, Point, Point),
}

/// A line or curve is looked at in so many points.
const POINTS_PER_PIECE: u32 = 12;

impl Track {
    /// The point at a part of the way, 0 the start and 1 the end, by length as CSS counts it.
    pub fn at(&self, part: f64) -> Point {
        let whole = self.lengths.last().copied().unwrap_or(0.0);
        let wanted = whole * part.clamp(0.0, 1.0);
        let after = self.lengths.partition_point(|length| *length < wanted).clamp(1, self.points.len().max(2) - 1);
        let (Some(from), Some(to)) = (self.points.get(after - 1), self.points.get(after)) else {
            return self.points.first().copied().unwrap_or_default();
        };
        let (start, end) = (self.lengths[after - 1], self.lengths[after]);
        let share = if end > start { (wanted - start) / (end - start) } else { 0.0 };
        Point { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
    }

    fn of(start: Point, pieces: &[Piece]) -> Self {
        let mut track = Self { d: format!("M{:.1} {:.1}", start.x, start.y), points: vec![start], lengths: vec![0.0] };
        let mut from = start;
        for piece in pieces {
            match piece {
                Piece::Line(to) => {
                    track.d += &format!("L{:.1} {:.1}", to.x, to.y);
                    track.push(*to);
                    from = *to;
                }
                Piece::Curve(one, two, to) => {
                    track.d += &format!("C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}", one.x, one.y, two.x, two.y, to.x, to.y);
                    for index in 1..=POINTS_PER_PIECE {
                        track.push(bezier(from, *one, *two, *to, f64::from(index) / f64::from(POINTS_PER_PIECE)));
                    }
                    from = *to;
                }
            }
        }
        track
    }

    fn push(&mut self, to: Point) {
        let from = self.points.last().copied().unwrap_or(to);
        let length = (to.x - from.x).hypot(to.y - from.y);
        self.lengths.push(self.lengths.last().copied().unwrap_or(0.0) + length);
        self.points.push(to);
    }
}

fn bezier(from: Point, one: Point, two: Point, to: Point, part: f64) -> Point {
    let rest = 1.0 - part;
    let mix = |a: f64, b: f64, c: f64, d: f64| {
        rest * rest * rest * a + 3.0 * rest * rest * part * b + 3.0 * rest * part * part * c + part * part * part * d
    };
    Point { x: mix(from.x, one.x, two.x, to.x), y: mix(from.y, one.y, two.y, to.y) }
}

impl Scene {
    /// Where an actor is drawn. Controllers that are no brokers, the admin client and probes have their place in the strip.
    pub fn rect_of(&self, actor: Actor) -> Rect {
        let find = |list: &[(u32, Rect)], number| list.iter().find(|(each, _)| *each == number).map(|(_, rect)| *rect);
        match actor {
            Actor::Node(id) => {
                let room = self.brokers.iter().find(|(each, _)| *each == id).map(|(_, rect)| *rect);
                room.or_else(|| self.under_chip(id))
            }
            Actor::Producer(number) => find(&self.producers, number),
            Actor::Consumer(number) => find(&self.consumers, number),
            Actor::Admin | Actor::Probe(_) => None,
        }
        .unwrap_or(self.controllers)
    }

    /// The part of the controllers' strip that is a controller's: as wide as its chip, as high as the strip.
    fn under_chip(&self, id: i32) -> Option<Rect> {
        let (_, chip) = self.chips.iter().find(|(each, _)| *each == id)?;
        Some(Rect { y: self.controllers.y, h: self.controllers.h, ..*chip })
    }

    /// The way from one actor to another. `inset` keeps the ends away from the actors: half an envelope's height, so that
    /// an envelope covers neither.
    pub fn track(&self, from: Actor, to: Actor, inset: f64) -> Track {
        let (source, target) = (self.rect_of(from), self.rect_of(to));
        let (first, last) = (self.row_of(source), self.row_of(target));
        // Each direction has a lane of its own.
        let lane = if from <= to { -9.0 } else { 9.0 };
        let port = |own: Rect, other: Rect| {
            let lean = ((other.center_x() - own.center_x()) * 0.3).clamp(-own.w * 0.34, own.w * 0.34);
            own.center_x() + lean + lane
        };
        let (x1, x2) = (port(source, target), port(target, source));
        if first == last {
            return self.around(source, x1, x2, first, inset);
        }
        let down = first < last;
        let (start, end) = if down {
            (source.bottom() + inset, target.y - inset)
        } else {
            (source.y - inset, target.bottom() + inset)
        };
        let mut pieces = Vec::new();
        let mut at = Point { x: x1, y: start };
        let between: Vec<usize> = if down { (first + 1..last).collect() } else { (last + 1..first).rev().collect() };
        for row in between {
            let row = &self.rows[row];
            let x = nearest_gap(&row.gaps, (at.x + x2) / 2.0, self.pill.w / 2.0 + 8.0).unwrap_or(at.x) + lane / 2.0;
            // An envelope is in line with the gap before its edge reaches the rooms.
            let (above, below) = (row.top - self.pill.h / 2.0 - 1.0, row.bottom + self.pill.h / 2.0 + 1.0);
            let (enter, leave) = if down { (above, below) } else { (below, above) };
            pieces.push(curve(at, Point { x, y: enter }));
            pieces.push(Piece::Line(Point { x, y: leave }));
            at = Point { x, y: leave };
        }
        pieces.push(curve(at, Point { x: x2, y: end }));
        Track::of(Point { x: x1, y: start }, &pieces)
    }

    /// Actors of one row speak over the corridor beside it: clients under them, brokers above them.
    fn around(&self, source: Rect, x1: f64, x2: f64, row: usize, inset: f64) -> Track {
        let reach = self.pill.h * 0.9;
        let (y, bow) = if row == 0 { (source.bottom() + inset, reach) } else { (source.y - inset, -reach) };
        // An actor that speaks to itself still takes a way.
        let x2 = if (x2 - x1).abs() < 1.0 { x1 + 60.0 } else { x2 };
        let piece = Piece::Curve(Point { x: x1, y: y + bow }, Point { x: x2, y: y + bow }, Point { x: x2, y });
        Track::of(Point { x: x1, y }, &[piece])
    }

    fn row_of(&self, rect: Rect) -> usize {
        self.rows.iter().position(|row| row.top <= rect.y && rect.y < row.bottom).unwrap_or(0)
    }
}

fn curve(from: Point, to: Point) -> Piece {
    let middle = (from.y + to.y) / 2.0;
    Piece::Curve(Point { x: from.x, y: middle }, Point { x: to.x, y: middle }, to)
}

/// The place within the gaps that is nearest to where one wants to be, half an envelope away from the rooms.
fn nearest_gap(gaps: &[(f64, f64)], wanted: f64, half: f64) -> Option<f64> {
    let places = gaps.iter().map(|(from, to)| {
        let (low, high) = (from + half, to - half);
        if low > high { (from + to) / 2.0 } else { wanted.clamp(low, high) }
    });
    places.min_by(|a, b| (a - wanted).abs().total_cmp(&(b - wanted).abs()))
}

#[cfg(test)]
mod tests {
    use super::super::place::tests::scene;
    use super::*;

    #[test]
    fn no_envelope_ever_covers_a_room() {
        for brokers in 1..=9 {
            let scene = scene(brokers);
            let nodes = (1..=brokers).map(Actor::Node);
            let actors: Vec<Actor> = nodes.chain([Actor::Producer(1), Actor::Consumer(2), Actor::Node(100)]).collect();
            for &from in &actors {
                for &to in actors.iter().filter(|to| **to != from) {
                    let track = scene.track(from, to, scene.pill.h / 2.0 + 2.0);
                    for part in 0..=20 {
                        let at = track.at(f64::from(part) / 20.0);
                        // A lane may bring an envelope a little over a room's frame, never over a log.
                        let envelope = scene.pill.around(at, 10.0);
                        for (id, room) in &scene.brokers {
                            assert!(!envelope.overlaps(room), "{brokers}: {from} → {to} at {part}/20 covers {id}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_way_begins_and_ends_at_its_parties() {
        let scene = scene(3);
        let track = scene.track(Actor::Node(2), Actor::Node(1), 0.0);
        assert_eq!(track.at(0.0).y, scene.rect_of(Actor::Node(2)).y);
        assert_eq!(track.at(1.0).y, scene.rect_of(Actor::Node(1)).bottom());
        assert!(track.at(0.5).y < track.at(0.2).y);
    }
}
