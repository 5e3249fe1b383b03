//! The scene's plan: clients and controllers above, brokers as rooms in rows, corridors between the rows and gaps between
//! the rooms. Whatever moves, moves in corridors and gaps, so that it never covers a log.

use super::{Pill, Rect};

const MARGIN: f64 = 16.0;
const CLIENT_HEIGHT: f64 = 58.0;
const PRODUCER_WIDTH: f64 = 168.0;
const CONSUMER_WIDTH: f64 = 186.0;
const CONTROLLERS_WIDTH: f64 = 280.0;
const CLIENT_GAP: f64 = 14.0;

/// A room's head, a log with its marks, a folded line.
pub const HEAD_HEIGHT: f64 = 42.0;
pub const REPLICA_HEIGHT: f64 = 76.0;
pub const FOLD_HEIGHT: f64 = 28.0;

/// What the scene has to hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// Brokers by id, each with the height that its room needs.
    pub brokers: Vec<(i32, f64)>,
    /// Producers by number.
    pub producers: Vec<u32>,
    /// Consumers by number.
    pub consumers: Vec<u32>,
    /// Controllers by id, whether they are brokers as well or not.
    pub controllers: Vec<i32>,
}

/// A row of rooms.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Upper edge of its rooms.
    pub top: f64,
    /// Lower edge of its rooms.
    pub bottom: f64,
    /// Where something may pass between the rooms: left and right edges.
    pub gaps: Vec<(f64, f64)>,
}

/// The plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Producers.
    pub producers: Vec<(u32, Rect)>,
    /// Consumers.
    pub consumers: Vec<(u32, Rect)>,
    /// The controllers' strip.
    pub controllers: Rect,
    /// The controllers' chips in their strip.
    pub chips: Vec<(i32, Rect)>,
    /// Brokers' rooms.
    pub brokers: Vec<(i32, Rect)>,
    /// Rows of rooms, the clients' row first.
    pub rows: Vec<Row>,
    /// How large an envelope is.
    pub pill: Pill,
}

/// The height of a room with so many whole logs and folded lines.
pub fn room_height(whole: usize, folds: usize) -> f64 {
    HEAD_HEIGHT + whole as f64 * REPLICA_HEIGHT + folds as f64 * FOLD_HEIGHT + 24.0
}

/// Where a controller's chip stands in its strip, from the right.
pub fn chip(strip: Rect, index: usize) -> Rect {
    let (w, h) = (34.0, 26.0);
    Rect { x: strip.right() - 47.0 - index as f64 * 36.0, y: strip.y + (strip.h - h) / 2.0, w, h }
}

/// How many rooms each row has.
fn rows_of(brokers: usize) -> &'static [usize] {
    match brokers {
        0 => &[],
        1 => &[1],
        2 => &[2],
        3 => &[1, 2],
        4 => &[2, 2],
        5 => &[2, 3],
        6 => &[3, 3],
        7 => &[2, 3, 2],
        8 => &[3, 3, 2],
        _ => &[3, 3, 3],
    }
}

/// Draws the plan.
pub fn place(demand: &Demand) -> Scene {
    let rows = rows_of(demand.brokers.len());
    let columns = rows.iter().copied().max().unwrap_or(1);
    let wide = columns <= 2;
    let pill = if wide { Pill { w: 136.0, h: 36.0 } } else { Pill { w: 88.0, h: 24.0 } };
    let room_width = if wide { 316.0 } else { 280.0 };
    let gap = pill.w + 8.0;
    let rooms_width = columns as f64 * room_width + (columns as f64 - 1.0) * gap;
    let clients_width = demand.producers.len() as f64 * (PRODUCER_WIDTH + CLIENT_GAP)
        + demand.consumers.len() as f64 * (CONSUMER_WIDTH + CLIENT_GAP)
        + CONTROLLERS_WIDTH;
    let inner = rooms_width.max(clients_width).max(720.0);
    let width = inner + 2.0 * MARGIN;
    let mut scene = Scene { width, pill, ..Scene::default() };
    place_clients(&mut scene, demand);

    let mut y = MARGIN + CLIENT_HEIGHT + pill.h * 2.0 + 6.0;
    let mut rest = demand.brokers.as_slice();
    for &count in rows {
        let (row, after) = rest.split_at(count.min(rest.len()));
        rest = after;
        let height = row.iter().map(|(_, height)| *height).fold(0.0, f64::max);
        place_row(&mut scene, row, Rect { x: MARGIN, y, w: inner, h: height }, room_width, pill.w);
        y += height + pill.h * 2.0 + 24.0;
    }
    scene.height = scene.rows.last().map_or(y, |row| row.bottom) + MARGIN;
    scene
}

fn place_clients(scene: &mut Scene, demand: &Demand) {
    let card = |x: f64, w: f64| Rect { x, y: MARGIN, w, h: CLIENT_HEIGHT };
    for (index, number) in demand.producers.iter().enumerate() {
        let x = MARGIN + index as f64 * (PRODUCER_WIDTH + CLIENT_GAP);
        scene.producers.push((*number, card(x, PRODUCER_WIDTH)));
    }
    let consumers = demand.consumers.len() as f64 * (CONSUMER_WIDTH + CLIENT_GAP) - CLIENT_GAP;
    for (index, number) in demand.consumers.iter().enumerate() {
        let x = scene.width - MARGIN - consumers + index as f64 * (CONSUMER_WIDTH + CLIENT_GAP);
        scene.consumers.push((*number, card(x, CONSUMER_WIDTH)));
    }
    let left = scene.producers.last().map_or(MARGIN, |(_, card)| card.right() + CLIENT_GAP);
    let right = scene.consumers.first().map_or(scene.width - MARGIN, |(_, card)| card.x - CLIENT_GAP);
    // In the middle of the page, or as near to it as the clients allow.
    let middle = (scene.width - CONTROLLERS_WIDTH) / 2.0;
    let x = middle.clamp(left, (right - CONTROLLERS_WIDTH).max(left));
    scene.controllers = card(x, CONTROLLERS_WIDTH);
    let chips = demand.controllers.iter().enumerate().map(|(index, id)| (*id, chip(scene.controllers, index)));
    scene.chips = chips.collect();
    scene.rows.push(Row { top: MARGIN, bottom: MARGIN + CLIENT_HEIGHT, gaps: Vec::new() });
}

fn place_row(scene: &mut Scene, rooms: &[(i32, f64)], band: Rect, room_width: f64, gap_min: f64) {
    let count = rooms.len() as f64;
    // One room stands in the middle; more share the row, the outer ones at its edges unless other rows have more.
    let pitch = if count > 1.0 { ((band.w - room_width) / (count - 1.0)).min(room_width * 1.6) } else { 0.0 };
    let left = band.x + (band.w - room_width - pitch * (count - 1.0)) / 2.0;
    let mut gaps = Vec::new();
    let mut from = band.x - MARGIN;
    for (index, (id, _)) in rooms.iter().enumerate() {
        let x = left + index as f64 * pitch;
        gaps.push((from, x));
        from = x + room_width;
        scene.brokers.push((*id, Rect { x, y: band.y, w: room_width, h: band.h }));
    }
    gaps.push((from, band.right() + MARGIN));
    gaps.retain(|(from, to)| to - from >= gap_min);
    scene.rows.push(Row { top: band.y, bottom: band.bottom(), gaps });
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A scene with so many brokers of one log each.
    pub fn scene(brokers: i32) -> Scene {
        place(&Demand {
            brokers: (1..=brokers).map(|id| (id, room_height(1, 1))).collect(),
            producers: vec![1, 2],
            consumers: vec![1, 2],
            controllers: vec![100],
        })
    }

    #[test]
    fn nothing_overlaps_for_any_number_of_brokers() {
        for brokers in 1..=9 {
            let scene = scene(brokers);
            let mut all: Vec<Rect> = scene.brokers.iter().map(|(_, room)| *room).collect();
            all.extend(scene.producers.iter().chain(&scene.consumers).map(|(_, card)| *card));
            all.push(scene.controllers);
            assert_eq!(scene.brokers.len(), usize::try_from(brokers).unwrap_or(0));
            for (index, one) in all.iter().enumerate() {
                assert!(
                    one.x >= 0.0 && one.right() <= scene.width && one.bottom() <= scene.height,
                    "{brokers}: {one:?}"
                );
                for other in &all[index + 1..] {
                    assert!(!one.overlaps(other), "{brokers} brokers: {one:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn every_row_that_must_be_passed_has_a_gap() {
        for brokers in 3..=9 {
            let scene = scene(brokers);
            let passed = &scene.rows[1..scene.rows.len() - 1];
            assert!(passed.iter().all(|row| !row.gaps.is_empty()), "{brokers} brokers: {passed:?}");
        }
    }

    #[test]
    fn a_scene_without_brokers_is_drawn() {
        let scene = place(&Demand::default());
        assert!(scene.brokers.is_empty() && scene.height > 0.0);
    }
}
