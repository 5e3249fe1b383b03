//! The way of a message from one actor to another: through corridors and gaps, never through a room.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::place::{FIRST_LANE, lane_depth};
use super::{Point, Rect, Scene};
use crate::engine::Actor;

/// A way: its curve, and points along it.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// The curve, as SVG and CSS write it.
    pub d: Rc<str>,
    points: Vec<Point>,
    lengths: Vec<f64>,
}

/// One piece of a way.
enum Piece {
    Line(Point),
    Curve(Point, Point, Point),
}

/// How many points of a line or curve are looked at.
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
        let mut d = format!("M{:.1} {:.1}", start.x, start.y);
        let mut track = Self { d: Rc::default(), points: vec![start], lengths: vec![0.0] };
        let mut from = start;
        for piece in pieces {
            match piece {
                Piece::Line(to) => {
                    d += &format!("L{:.1} {:.1}", to.x, to.y);
                    track.push(*to);
                    from = *to;
                }
                Piece::Curve(one, two, to) => {
                    d += &format!("C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}", one.x, one.y, two.x, two.y, to.x, to.y);
                    for index in 1..=POINTS_PER_PIECE {
                        track.push(bezier(from, *one, *two, *to, f64::from(index) / f64::from(POINTS_PER_PIECE)));
                    }
                    from = *to;
                }
            }
        }
        Self { d: d.into(), ..track }
    }

    fn push(&mut self, to: Point) {
        let from = self.points.last().copied().unwrap_or(to);
        // Not `hypot`: that guards against squares that overflow, and takes ten times as long.
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let length = (dx * dx + dy * dy).sqrt();
        self.lengths.push(self.lengths.last().copied().unwrap_or(0.0) + length);
        self.points.push(to);
    }
}

/// The routes of a plan that were asked for: every step asks for the same ones again, and most steps move no room.
#[derive(Clone, Debug, Default)]
pub struct Tracks(RefCell<BTreeMap<(Actor, Actor, u64), Rc<Track>>>);

/// They follow from the plan: plans that are equal but for them, are equal.
impl PartialEq for Tracks {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

fn bezier(from: Point, one: Point, two: Point, to: Point, part: f64) -> Point {
    let rest = 1.0 - part;
    let mix = |a: f64, b: f64, c: f64, d: f64| {
        rest * rest * rest * a + 3.0 * rest * rest * part * b + 3.0 * rest * part * part * c + part * part * part * d
    };
    Point { x: mix(from.x, one.x, two.x, to.x), y: mix(from.y, one.y, two.y, to.y) }
}

/// Each direction of a link has a lane of its own, so far from its middle.
const LANE: f64 = 6.0;
/// How round the corners of a lane below the brokers are.
const CORNER: f64 = 14.0;

impl Scene {
    /// Where an actor is drawn. Controllers that are no brokers have their place in the strip; the admin client and hand-written
    /// requests come from beside it.
    pub fn rect_of(&self, actor: Actor) -> Rect {
        let find = |list: &[(u32, Rect)], number| list.iter().find(|(each, _)| *each == number).map(|(_, rect)| *rect);
        match actor {
            Actor::Node(id) => {
                let room = self.brokers.iter().find(|(each, _)| *each == id).map(|(_, rect)| *rect);
                room.or_else(|| self.under_chip(id))
            }
            Actor::Producer(number) => find(&self.producers, number),
            Actor::Consumer(number) => find(&self.consumers, number),
            Actor::Admin | Actor::Probe(_) => Some(self.probes),
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
    pub fn track(&self, from: Actor, to: Actor, inset: f64) -> Rc<Track> {
        let mut tracks = self.tracks.0.borrow_mut();
        let track = tracks.entry((from, to, inset.to_bits()));
        track.or_insert_with(|| Rc::new(self.route(from, to, inset))).clone()
    }

    fn route(&self, from: Actor, to: Actor, inset: f64) -> Track {
        let (source, target) = (self.rect_of(from), self.rect_of(to));
        let (first, last) = (self.row_of(source), self.row_of(target));
        let lane = if from <= to { -LANE } else { LANE };
        if first == last {
            return self.below(source, target, first, lane, inset);
        }
        let port = |own: Rect, other: Rect| {
            let lean = ((other.center_x() - own.center_x()) * 0.3).clamp(-own.w * 0.34, own.w * 0.34);
            own.center_x() + lean + lane
        };
        let (x1, x2) = (port(source, target), port(target, source));
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

    /// Actors of one row speak over the corridor below it: down, along a lane that is the deeper the farther they are apart,
    /// and up again. The nearer one has the outer port, so that routes do not cross.
    fn below(&self, source: Rect, target: Rect, row: usize, lane: f64, inset: f64) -> Track {
        let distance = self.distance(source, target, row);
        let port = |own: Rect, other: Rect| {
            let inward = 18.0 * (distance.saturating_sub(1)) as f64;
            let reach = (own.w * 0.38 - inward).max(own.w * 0.06);
            own.center_x() + if other.x >= own.x { reach } else { -reach }
        };
        let (x1, mut x2) = (port(source, target), port(target, source));
        if source == target {
            // An actor that speaks to itself still takes a way.
            x2 = source.center_x() - (x1 - source.center_x());
        }
        // The two directions are beside each other all the way: whichever is outside below is outside at the ports too.
        let side = if x2 >= x1 { lane } else { -lane };
        let (x1, x2) = (x1 - side, x2 + side);
        let depth = if row == 0 { FIRST_LANE } else { lane_depth(distance) } + lane;
        let start = Point { x: x1, y: source.bottom() + inset };
        let end = Point { x: x2, y: target.bottom() + inset };
        let y = (source.bottom().max(target.bottom()) + depth).max(start.y).max(end.y);
        let along = if x2 >= x1 { 1.0 } else { -1.0 };
        let corner = CORNER.min((x2 - x1).abs() / 2.0);
        let (fall, rise) = (corner.min(y - start.y), corner.min(y - end.y));
        let pieces = [
            Piece::Line(Point { x: x1, y: y - fall }),
            Piece::Curve(Point { x: x1, y }, Point { x: x1, y }, Point { x: x1 + along * corner, y }),
            Piece::Line(Point { x: x2 - along * corner, y }),
            Piece::Curve(Point { x: x2, y }, Point { x: x2, y }, Point { x: x2, y: y - rise }),
            Piece::Line(end),
        ];
        Track::of(start, &pieces)
    }

    /// How many places two actors of a row are apart.
    fn distance(&self, source: Rect, target: Rect, row: usize) -> usize {
        if row == 0 {
            return 1;
        }
        let own = &self.rows[row];
        let in_row = || self.brokers.iter().filter(|(_, room)| room.y == own.top);
        let place = |rect: Rect| in_row().position(|(_, room)| *room == rect).unwrap_or(0);
        place(source).abs_diff(place(target))
    }

    /// In the middle of a link, between its two lanes.
    pub fn middle(&self, one: Actor, other: Actor) -> Point {
        let (there, back) = (self.track(one, other, 0.0).at(0.5), self.track(other, one, 0.0).at(0.5));
        Point { x: (there.x + back.x) / 2.0, y: (there.y + back.y) / 2.0 }
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
    use super::super::place::tests::{PANES, demand, scenes};
    use super::super::place::{Form, place};
    use super::*;

    #[test]
    fn no_envelope_ever_covers_a_room_or_a_card() {
        for (brokers, scene) in scenes() {
            let nodes = (1..=brokers).map(Actor::Node);
            let clients = [Actor::Producer(1), Actor::Consumer(2), Actor::Node(100), Actor::Probe(1)];
            let actors: Vec<Actor> = nodes.chain(clients).collect();
            for &from in &actors {
                for &to in actors.iter().filter(|to| **to != from) {
                    let track = scene.track(from, to, scene.pill.h / 2.0 + 2.0);
                    for part in 0..=20 {
                        let at = track.at(f64::from(part) / 20.0);
                        // A lane may bring an envelope a little over a room's frame, never over a log.
                        let envelope = scene.pill.around(at, 10.0);
                        let cards = scene.producers.iter().chain(&scene.consumers).map(|(_, card)| card);
                        for room in scene.brokers.iter().map(|(_, room)| room).chain(cards) {
                            assert!(!envelope.overlaps(room), "{brokers}: {from} → {to} at {part}/20 covers {room:?}");
                        }
                        assert!(
                            envelope.bottom() <= scene.height && envelope.y >= 0.0,
                            "{brokers}: {from} → {to} leaves"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_way_begins_and_ends_at_its_parties() {
        let scene = place(&demand(3, PANES[0]));
        let track = scene.track(Actor::Node(2), Actor::Node(1), 0.0);
        assert_eq!(track.at(0.0).y, scene.rect_of(Actor::Node(2)).bottom());
        assert_eq!(track.at(1.0).y, scene.rect_of(Actor::Node(1)).bottom());
        assert!(track.at(0.5).y > track.at(0.0).y);
    }

    #[test]
    fn the_knob_of_a_link_lies_between_its_lanes() {
        for (brokers, scene) in scenes() {
            let others = [Actor::Producer(1), Actor::Node(100)];
            for other in (2..=brokers).map(Actor::Node).chain(others) {
                let knob = scene.middle(Actor::Node(1), other);
                for track in [scene.track(Actor::Node(1), other, 0.0), scene.track(other, Actor::Node(1), 0.0)] {
                    let near = (0..=400).map(|part| track.at(f64::from(part) / 400.0));
                    let distance = near.map(|at| (at.x - knob.x).hypot(at.y - knob.y)).fold(f64::MAX, f64::min);
                    assert!(distance <= LANE * 2.5, "{brokers} brokers, 1 – {other}: {distance}");
                }
            }
        }
    }

    #[test]
    fn replication_has_its_lanes_below_and_farther_brokers_deeper_ones() {
        let scene = place(&demand(5, PANES[0]));
        assert_eq!(scene.form, Form::Rooms);
        let depth = |to| scene.track(Actor::Node(1), Actor::Node(to), 0.0).at(0.5).y;
        assert!(depth(2) < depth(3) && depth(3) < depth(4), "{} {} {}", depth(2), depth(3), depth(4));
        assert_eq!(depth(2), scene.track(Actor::Node(2), Actor::Node(3), 0.0).at(0.5).y);
    }
}
