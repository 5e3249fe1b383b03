//! Where everything of the scene is drawn. Plain functions of plain numbers, so that they are tested without a browser.

mod camera;
mod fold;
mod label;
mod log;
mod place;
mod ring;
mod route;
mod stack;
mod text;

pub use camera::{Camera, Pane};
#[cfg(test)]
pub use fold::tests::replica as replica_for_tests;
pub use fold::{Fold, Shown, fold, rows};
pub use label::{Label, Span, beside_line};
pub use log::{Axis, Cut, LogCell, LogWindow, batch_at, epoch_at, epoch_starts, window, window_on};
pub use place::{
    CARD_HEIGHT, COLUMN_HEAD, Demand, FOLD_HEIGHT, Form, HEAD_HEIGHT, REPLICA_HEIGHT, Scene, matrix_height, place,
    room_height, row_height,
};
pub use ring::{along, arc, lane, on_ring};
pub use route::Track;
pub use stack::{Pill, Stack, stacks};
pub use text::{Font, first_that_fits, shorten, shorten_partition, wrap};

/// A rectangle in the scene's own units, which are pixels where there is room enough.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// The middle, from left to right.
    pub fn center_x(&self) -> f64 {
        self.x + self.w / 2.0
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// The right edge.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Whether two rectangles share more than an edge.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// A point of the scene.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From above.
    pub y: f64,
}
