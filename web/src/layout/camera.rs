//! What part of the scene is seen, and how large.

use super::{Point, Rect, Scene};

/// The space that the scene has on the page, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pane {
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

/// Below this the words of a scene cannot be read: where it does not fit larger, a part is shown and what changes is followed.
const READABLE_MIN: f64 = 0.6;
/// The size in which such a part is shown.
const READABLE: f64 = 0.8;
/// One press of `+`.
const ZOOM_STEP: f64 = 1.25;
const ZOOM_MAX: f64 = 4.0;
/// What is followed stays so far from the pane's edge.
const FOLLOW_MARGIN: f64 = 24.0;

/// Where the scene's origin is in the pane, and how many pixels one of its units takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Of the scene's left edge, in pixels.
    pub x: f64,
    /// Of its upper edge, in pixels.
    pub y: f64,
    /// Pixels a unit.
    pub scale: f64,
}

impl Camera {
    /// Shows the whole scene.
    pub fn fit(scene: &Scene, pane: Pane) -> Self {
        let scale = (pane.w / scene.width.max(1.0)).min(pane.h / scene.height.max(1.0)).min(SCALE_MAX);
        Self { x: (pane.w - scene.width * scale) / 2.0, y: (pane.h - scene.height * scale) / 2.0, scale }
    }

    /// How the scene is first shown: whole where its words can be read then.
    pub fn home(scene: &Scene, pane: Pane) -> Self {
        let fit = Self::fit(scene, pane);
        if fit.scale >= READABLE_MIN {
            return fit;
        }
        let x = ((pane.w - scene.width * READABLE) / 2.0).min(0.0);
        Self { x, y: 0.0, scale: READABLE }.bounded(scene, pane)
    }

    /// Nearer by a press, or farther: the middle of the pane stays.
    pub fn step(self, is_in: bool, scene: &Scene, pane: Pane) -> Self {
        let by = if is_in { ZOOM_STEP } else { 1.0 / ZOOM_STEP };
        self.zoomed(by, Point { x: pane.w / 2.0, y: pane.h / 2.0 }, scene, pane)
    }

    /// Nearer by a factor: the point under the pointer stays where it is.
    pub fn zoomed(self, by: f64, at: Point, scene: &Scene, pane: Pane) -> Self {
        let least = Self::fit(scene, pane).scale.min(1.0) * 0.5;
        let scale = (self.scale * by).clamp(least, ZOOM_MAX);
        let by = scale / self.scale;
        Self { x: at.x - (at.x - self.x) * by, y: at.y - (at.y - self.y) * by, scale }.bounded(scene, pane)
    }

    /// Moved by a distance in pixels.
    pub fn panned(self, dx: f64, dy: f64, scene: &Scene, pane: Pane) -> Self {
        Self { x: self.x + dx, y: self.y + dy, ..self }.bounded(scene, pane)
    }

    /// Moved as little as needed to have a rectangle in sight; what is too large for the pane is shown from its beginning.
    pub fn following(self, what: Rect, scene: &Scene, pane: Pane) -> Self {
        let along = |origin: f64, from: f64, to: f64, room: f64| {
            let margin = FOLLOW_MARGIN.min(room / 8.0);
            let (low, high) = (origin + from * self.scale, origin + to * self.scale);
            if low >= margin - 1.0 && high <= room - margin + 1.0 {
                origin
            } else if high - low > room - 2.0 * margin || low < margin {
                origin + margin - low
            } else {
                origin - (high - (room - margin))
            }
        };
        let x = along(self.x, what.x, what.right(), pane.w);
        let y = along(self.y, what.y, what.bottom(), pane.h);
        Self { x, y, ..self }.bounded(scene, pane)
    }

    /// Where a point of the scene is in the pane.
    #[cfg(test)]
    pub fn on_pane(self, at: Point) -> Point {
        Point { x: self.x + at.x * self.scale, y: self.y + at.y * self.scale }
    }

    /// A scene is never lost beyond the pane's edge: what fits stays within it, what does not covers it.
    fn bounded(self, scene: &Scene, pane: Pane) -> Self {
        let along = |origin: f64, size: f64, room: f64| {
            let slack = room - size;
            if slack >= 0.0 { origin.clamp(0.0, slack) } else { origin.clamp(slack - room * 0.25, room * 0.25) }
        };
        Self {
            x: along(self.x, scene.width * self.scale, pane.w),
            y: along(self.y, scene.height * self.scale, pane.h),
            ..self
        }
    }
}

/// A scene that fits is not blown up beyond this.
const SCALE_MAX: f64 = 1.4;

#[cfg(test)]
mod tests {
    use super::*;

    const PANE: Pane = Pane { w: 900.0, h: 600.0 };

    fn scene(width: f64, height: f64) -> Scene {
        Scene { width, height, ..Scene::default() }
    }

    #[test]
    fn a_scene_that_can_be_read_whole_is_shown_whole() {
        let camera = Camera::home(&scene(1_000.0, 500.0), PANE);
        assert_eq!((camera.scale, camera.x), (0.9, 0.0));
        assert_eq!(Camera::home(&scene(3_000.0, 500.0), PANE).scale, READABLE);
    }

    #[test]
    fn the_point_under_the_pointer_stays() {
        let scene = scene(1_000.0, 600.0);
        let before = Camera::fit(&scene, PANE);
        let at = before.on_pane(Point { x: 400.0, y: 300.0 });
        let after = before.zoomed(2.0, at, &scene, PANE);
        let now = after.on_pane(Point { x: 400.0, y: 300.0 });
        assert!((now.x - at.x).abs() < 1e-6 && (now.y - at.y).abs() < 1e-6, "{at:?} {now:?}");
    }

    #[test]
    fn what_changed_comes_into_sight_and_what_is_in_sight_moves_nothing() {
        let scene = scene(1_000.0, 600.0);
        let camera = Camera::fit(&scene, PANE).zoomed(3.0, Point::default(), &scene, PANE);
        let far = Rect { x: 800.0, y: 480.0, w: 150.0, h: 100.0 };
        let moved = camera.following(far, &scene, PANE);
        let (from, to) =
            (moved.on_pane(Point { x: far.x, y: far.y }), moved.on_pane(Point { x: far.right(), y: far.bottom() }));
        assert!(from.x >= 0.0 && from.y >= 0.0 && to.x <= PANE.w && to.y <= PANE.h, "{from:?} {to:?}");
        assert_eq!(moved.following(far, &scene, PANE), moved);
    }

    #[test]
    fn the_scene_is_never_lost() {
        let scene = scene(1_000.0, 600.0);
        let lost = Camera::fit(&scene, PANE).panned(10_000.0, -10_000.0, &scene, PANE);
        assert!(lost.x + scene.width * lost.scale > 0.0 && lost.x < PANE.w);
    }
}
