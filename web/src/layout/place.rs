//! The scene's plan: clients and controllers above, brokers below them as rooms in rows, or as the columns of a matrix. Clients
//! and controllers are spoken to in the corridor above the brokers, brokers speak to each other in the one below them: what
//! moves never covers a log, and replication is told from clients by its place.

use super::route::Tracks;
use super::{Pane, Pill, Rect};

const MARGIN: f64 = 16.0;
/// The height of a client's card and of the controllers' strip.
pub const CARD_HEIGHT: f64 = 66.0;
const CARD_GAP: f64 = 14.0;
const PROBES_WIDTH: f64 = 104.0;

/// A room's head, a log with its marks, a folded line, the two lines at its foot that say what waits.
pub const HEAD_HEIGHT: f64 = 42.0;
pub const REPLICA_HEIGHT: f64 = 76.0;
pub const FOLD_HEIGHT: f64 = 28.0;
pub const FOOT_HEIGHT: f64 = 40.0;

/// A matrix's rows, at least and at most, and the heads of its columns.
const ROW_HEIGHT: (f64, f64) = (18.0, 30.0);
pub const COLUMN_HEAD: f64 = 30.0;
/// What of a matrix's scene is not rows, about.
const BESIDE_ROWS: f64 = 340.0;

/// More brokers than these are a matrix.
const ROOMS_MAX: usize = 5;
/// In less than this for each broker a log has no room.
const ROOM_SPACE_MIN: f64 = 150.0;
const ROOM_MIN: f64 = 204.0;
const ROOM_MAX: f64 = 440.0;
/// Between the rooms of a single row, where nothing passes.
const ROOM_GAP: f64 = 16.0;
/// Another row must make everything so much larger to be worth it.
const ROW_GAIN: f64 = 1.08;

/// The corridor above the brokers, at least and at most.
const ABOVE: (f64, f64) = (108.0, 170.0);
/// From the brokers to the first lane below them, and from lane to lane.
pub const FIRST_LANE: f64 = 34.0;
const LANE_PITCH: f64 = 34.0;
/// Brokers farther apart share the last lane.
const LANES_MAX: usize = 4;

/// How the brokers are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Form {
    /// As rooms with their logs.
    #[default]
    Rooms,
    /// As columns, with a row for each partition.
    Matrix,
}

impl Form {
    /// The form in which a number of brokers can be read.
    pub fn of(brokers: usize, pane: Pane) -> Self {
        let is_crowded = brokers > 2 && pane.w / (brokers as f64) < ROOM_SPACE_MIN;
        if brokers > ROOMS_MAX || is_crowded { Self::Matrix } else { Self::Rooms }
    }
}

/// What the scene has to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// The space there is.
    pub pane: Pane,
    /// How the brokers are drawn.
    pub form: Form,
    /// Brokers by id, each with the height that its room needs; in a matrix all have that of its rows.
    pub brokers: Vec<(i32, f64)>,
    /// Producers by number.
    pub producers: Vec<u32>,
    /// Consumers by number.
    pub consumers: Vec<u32>,
    /// Controllers by id, whether they are brokers as well or not.
    pub controllers: Vec<i32>,
    /// Width of a client's card.
    pub card_width: f64,
    /// Width of the words in the controllers' strip.
    pub controllers_width: f64,
    /// Width of a controller's chip.
    pub chip_width: f64,
    /// Width of the names of a matrix's rows.
    pub names_width: f64,
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
    /// How the brokers are drawn.
    pub form: Form,
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
    /// Where requests by hand come from, and those of the page's own admin client.
    pub probes: Rect,
    /// Brokers' rooms, or their columns.
    pub brokers: Vec<(i32, Rect)>,
    /// Rows of rooms, the clients' row first.
    pub rows: Vec<Row>,
    /// The names of a matrix's rows.
    pub names: Rect,
    /// Beside a matrix: one partition, large.
    pub beside: Rect,
    /// How large an envelope is at most.
    pub pill: Pill,
    /// The ways through it.
    pub(super) tracks: Tracks,
}

/// The height of a room with whole logs and folded lines.
pub fn room_height(whole: usize, folds: usize) -> f64 {
    HEAD_HEIGHT + whole as f64 * REPLICA_HEIGHT + folds as f64 * FOLD_HEIGHT + FOOT_HEIGHT
}

/// The height of each of a matrix's rows: the more there are, the lower.
pub fn row_height(rows: usize, pane: Pane) -> f64 {
    ((pane.h - BESIDE_ROWS) / rows.max(1) as f64).clamp(ROW_HEIGHT.0, ROW_HEIGHT.1)
}

/// The height of a matrix with `rows` rows.
pub fn matrix_height(rows: usize, pane: Pane) -> f64 {
    COLUMN_HEAD + rows as f64 * row_height(rows, pane) + 8.0
}

/// How deep below brokers their lane is, by their distance in columns.
pub fn lane_depth(distance: usize) -> f64 {
    FIRST_LANE + (distance.clamp(1, LANES_MAX) - 1) as f64 * LANE_PITCH
}

/// The height of the corridor below `columns` columns.
fn below(columns: usize, pill: Pill) -> f64 {
    if columns < 2 { 0.0 } else { lane_depth(columns - 1) + pill.h / 2.0 + 4.0 }
}

/// Draws the plan.
pub fn place(demand: &Demand) -> Scene {
    match demand.form {
        Form::Rooms => place_rooms(demand),
        Form::Matrix => place_matrix(demand),
    }
}

/// An arrangement of rooms in rows, with the space that it needs.
struct Grid {
    rows: Vec<usize>,
    pill: Pill,
    gap: f64,
    width: f64,
    height: f64,
}

impl Grid {
    fn of(demand: &Demand, columns: usize) -> Self {
        let count = demand.brokers.len();
        let rows = count.div_ceil(columns.max(1)).max(1);
        // The fuller rows below: the first may stand in the middle above them.
        let rows: Vec<usize> = (0..rows).map(|row| (count + row) / rows).collect();
        let columns = rows.iter().copied().max().unwrap_or(0).max(1);
        let is_single = rows.len() == 1;
        let pill = if is_single { Pill { w: 204.0, h: 52.0 } } else { Pill { w: 136.0, h: 40.0 } };
        let gap = if is_single { ROOM_GAP } else { pill.w + 8.0 };
        let width = columns as f64 * ROOM_MIN + (columns as f64 - 1.0) * gap;
        let mut height = 2.0 * MARGIN + CARD_HEIGHT + ABOVE.0;
        let mut rest = demand.brokers.as_slice();
        for &of_row in &rows {
            let (row, after) = rest.split_at(of_row.min(rest.len()));
            rest = after;
            height += tallest(row) + below(of_row, pill);
        }
        // Between rows speak those of both.
        height += (rows.len() as f64 - 1.0) * (pill.h + 24.0);
        Self { rows, pill, gap, width: width.max(clients_width(demand)) + 2.0 * MARGIN, height }
    }

    fn scale(&self, pane: Pane) -> f64 {
        (pane.w / self.width).min(pane.h / self.height).min(1.0)
    }
}

fn tallest(row: &[(i32, f64)]) -> f64 {
    row.iter().map(|(_, height)| *height).fold(0.0, f64::max)
}

fn clients_width(demand: &Demand) -> f64 {
    let cards = (demand.producers.len() + demand.consumers.len()) as f64;
    cards * (demand.card_width + CARD_GAP) + strip_width(demand) + CARD_GAP + PROBES_WIDTH
}

fn strip_width(demand: &Demand) -> f64 {
    demand.controllers_width + demand.controllers.len() as f64 * (demand.chip_width + 4.0) + 40.0
}

fn place_rooms(demand: &Demand) -> Scene {
    let pane = demand.pane;
    let count = demand.brokers.len().max(1);
    // The fewest rows in which everything is about as large as it can be.
    let mut grid = Grid::of(demand, count);
    for columns in (1..count).rev() {
        let other = Grid::of(demand, columns);
        if other.scale(pane) > grid.scale(pane) * ROW_GAIN {
            grid = other;
        }
    }
    let scale = grid.scale(pane);
    let columns = grid.rows.iter().copied().max().unwrap_or(1).max(1) as f64;
    // The width that is there is the logs'.
    let widest = columns * ROOM_MAX + (columns - 1.0) * grid.gap + 2.0 * MARGIN;
    let width = (pane.w / scale).min(widest).max(grid.width);
    let room_width = ((width - 2.0 * MARGIN - (columns - 1.0) * grid.gap) / columns).min(ROOM_MAX);
    let mut scene = Scene { form: Form::Rooms, width, pill: grid.pill, ..Scene::default() };
    place_clients(&mut scene, demand);
    // So is the height, as far as it makes room for what moves.
    let slack = (pane.h / scale - grid.height).max(0.0);
    let mut y = MARGIN + CARD_HEIGHT + (ABOVE.0 + slack * 0.5).min(ABOVE.1);
    let mut rest = demand.brokers.as_slice();
    for &of_row in &grid.rows {
        let (row, after) = rest.split_at(of_row.min(rest.len()));
        rest = after;
        let height = tallest(row);
        let band = Rect { x: MARGIN, y, w: width - 2.0 * MARGIN, h: height };
        place_row(&mut scene, row, band, room_width, grid.gap);
        y += height + below(of_row, grid.pill) + grid.pill.h + 24.0;
    }
    let last = grid.rows.last().copied().unwrap_or(0);
    scene.height = scene.rows.last().map_or(y, |row| row.bottom) + below(last, grid.pill) + MARGIN;
    scene
}

fn place_matrix(demand: &Demand) -> Scene {
    const COLUMN: (f64, f64) = (70.0, 104.0);
    const BESIDE: f64 = 312.0;
    /// Three replicas of the partition beside the matrix.
    const BESIDE_HEIGHT: f64 = 216.0;
    let count = demand.brokers.len() as f64;
    let pill = Pill { w: 132.0, h: 38.0 };
    let least = demand.names_width + count * COLUMN.0 + BESIDE + 20.0;
    let inner = least.max(clients_width(demand)).max(demand.pane.w - 2.0 * MARGIN);
    let column = ((inner - demand.names_width - BESIDE - 20.0) / count.max(1.0)).clamp(COLUMN.0, COLUMN.1).floor();
    let matrix = demand.names_width + count * column;
    let inner = (matrix + 20.0 + BESIDE).max(clients_width(demand));
    let mut scene = Scene { form: Form::Matrix, width: inner + 2.0 * MARGIN, pill, ..Scene::default() };
    place_clients(&mut scene, demand);
    let y = MARGIN + CARD_HEIGHT + 84.0;
    let h = tallest(&demand.brokers);
    scene.names = Rect { x: MARGIN, y, w: demand.names_width, h };
    for (index, (id, _)) in demand.brokers.iter().enumerate() {
        let x = scene.names.right() + index as f64 * column;
        scene.brokers.push((*id, Rect { x, y, w: column, h }));
    }
    scene.rows.push(Row { top: y, bottom: y + h, gaps: Vec::new() });
    let x = scene.names.x + matrix + 20.0;
    scene.beside = Rect { x, y, w: scene.width - MARGIN - x, h };
    scene.height = y + (h + below(demand.brokers.len(), pill)).max(BESIDE_HEIGHT) + MARGIN;
    scene
}

fn place_clients(scene: &mut Scene, demand: &Demand) {
    let card = |x: f64, w: f64| Rect { x, y: MARGIN, w, h: CARD_HEIGHT };
    let pitch = demand.card_width + CARD_GAP;
    for (index, number) in demand.producers.iter().enumerate() {
        scene.producers.push((*number, card(MARGIN + index as f64 * pitch, demand.card_width)));
    }
    let consumers = demand.consumers.len() as f64 * pitch - CARD_GAP;
    for (index, number) in demand.consumers.iter().enumerate() {
        let x = scene.width - MARGIN - consumers + index as f64 * pitch;
        scene.consumers.push((*number, card(x, demand.card_width)));
    }
    let left = scene.producers.last().map_or(MARGIN, |(_, card)| card.right() + CARD_GAP);
    let right = scene.consumers.first().map_or(scene.width - MARGIN, |(_, card)| card.x - CARD_GAP);
    // In the middle of the page, or as near to it as the clients allow; who asks by hand has the place beside it.
    let strip = strip_width(demand);
    let whole = strip + CARD_GAP + PROBES_WIDTH;
    let x = ((scene.width - strip) / 2.0).min(right - whole).max(left);
    scene.controllers = card(x, strip);
    scene.probes = card(x + strip + CARD_GAP, PROBES_WIDTH);
    let chips = demand.controllers.iter().enumerate().map(|(index, id)| {
        let (w, h) = (demand.chip_width, 26.0);
        let x = scene.controllers.right() - 12.0 - w - index as f64 * (w + 4.0);
        (*id, Rect { x, y: scene.controllers.y + (CARD_HEIGHT - h) / 2.0, w, h })
    });
    scene.chips = chips.collect();
    scene.rows.push(Row { top: MARGIN, bottom: MARGIN + CARD_HEIGHT, gaps: Vec::new() });
}

fn place_row(scene: &mut Scene, rooms: &[(i32, f64)], band: Rect, room_width: f64, gap: f64) {
    let count = rooms.len() as f64;
    let left = band.x + (band.w - room_width * count - gap * (count - 1.0)) / 2.0;
    let mut gaps = Vec::new();
    let mut from = 0.0;
    for (index, (id, _)) in rooms.iter().enumerate() {
        let x = left + index as f64 * (room_width + gap);
        gaps.push((from, x));
        from = x + room_width;
        scene.brokers.push((*id, Rect { x, y: band.y, w: room_width, h: band.h }));
    }
    gaps.push((from, scene.width));
    gaps.retain(|(from, to)| to - from >= scene.pill.w);
    scene.rows.push(Row { top: band.y, bottom: band.bottom(), gaps });
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The space in which scenes are tried.
    pub const PANES: [Pane; 6] = [
        Pane { w: 1_110.0, h: 719.0 },
        Pane { w: 950.0, h: 619.0 },
        Pane { w: 694.0, h: 587.0 },
        Pane { w: 468.0, h: 500.0 },
        Pane { w: 514.0, h: 175.0 },
        Pane { w: 350.0, h: 500.0 },
    ];

    /// A demand of `brokers` brokers of one log each.
    pub fn demand(brokers: i32, pane: Pane) -> Demand {
        let form = Form::of(usize::try_from(brokers).unwrap_or(0), pane);
        let height = match form {
            Form::Rooms => room_height(1, 1),
            Form::Matrix => matrix_height(30, pane),
        };
        Demand {
            pane,
            form,
            brokers: (1..=brokers).map(|id| (id, height)).collect(),
            producers: vec![1, 2],
            consumers: vec![1, 2],
            controllers: vec![100],
            card_width: 140.0,
            controllers_width: 130.0,
            chip_width: 36.0,
            names_width: 110.0,
        }
    }

    /// Every scene of one to nine brokers in every pane.
    pub fn scenes() -> impl Iterator<Item = (i32, Scene)> {
        let of = |pane: Pane| (1..=9).map(move |brokers| (brokers, place(&demand(brokers, pane))));
        PANES.into_iter().flat_map(of)
    }

    #[test]
    fn nothing_overlaps_for_any_number_of_brokers_in_any_pane() {
        for (brokers, scene) in scenes() {
            let mut all: Vec<Rect> = scene.brokers.iter().map(|(_, room)| *room).collect();
            all.extend(scene.producers.iter().chain(&scene.consumers).map(|(_, card)| *card));
            all.extend([scene.controllers, scene.probes]);
            if scene.form == Form::Matrix {
                all.extend([scene.names, scene.beside]);
            }
            assert_eq!(scene.brokers.len(), usize::try_from(brokers).unwrap_or(0));
            for (index, one) in all.iter().enumerate() {
                assert!(
                    one.x >= -0.01 && one.right() <= scene.width + 0.01 && one.bottom() <= scene.height,
                    "{brokers}: {one:?} in {} x {}",
                    scene.width,
                    scene.height
                );
                for other in &all[index + 1..] {
                    assert!(!one.overlaps(other), "{brokers} brokers: {one:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn up_to_five_brokers_share_a_row_where_there_is_room_and_more_are_a_matrix() {
        for (brokers, rows) in [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1)] {
            let scene = place(&demand(brokers, PANES[0]));
            assert_eq!((scene.form, scene.rows.len() - 1), (Form::Rooms, rows), "{brokers}");
        }
        assert_eq!(place(&demand(6, PANES[0])).form, Form::Matrix);
        assert_eq!(place(&demand(5, PANES[2])).form, Form::Matrix);
    }

    #[test]
    fn the_width_that_is_there_is_the_logs() {
        let scene = place(&demand(3, PANES[0]));
        assert_eq!(scene.width, PANES[0].w);
        assert!(scene.brokers.iter().all(|(_, room)| room.w > 340.0), "{:?}", scene.brokers);
    }

    #[test]
    fn every_row_that_must_be_passed_has_a_gap() {
        for (brokers, scene) in scenes() {
            let passed = scene.rows.get(1..scene.rows.len() - 1).unwrap_or_default();
            assert!(passed.iter().all(|row| !row.gaps.is_empty()), "{brokers} brokers: {passed:?}");
        }
    }

    #[test]
    fn a_scene_without_brokers_is_drawn() {
        let scene = place(&demand(0, PANES[0]));
        assert!(scene.brokers.is_empty() && scene.height > 0.0);
    }
}
