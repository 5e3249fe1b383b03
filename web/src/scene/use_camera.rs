//! Moving about the scene: wheel, pinch, drag, and what follows by itself.

use std::collections::BTreeMap;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent as DomMouseEvent, PointerEvent, WheelEvent};
use yew::prelude::*;

use crate::app::{Zoom, use_app};
use crate::layout::{Camera, Pane, Point, Scene};

/// A pointer that moves so far, drags.
const DRAG_PX: f64 = 4.0;
/// A turn of the wheel by so much doubles the size.
const WHEEL_DOUBLES: f64 = 400.0;

/// What the hands need to know of the scene at the moment they move.
#[derive(Default)]
struct Hands {
    camera: Option<Camera>,
    scene: Option<std::rc::Rc<Scene>>,
    pane: Option<Pane>,
    pointers: BTreeMap<i32, Point>,
    is_dragging: bool,
    moved: f64,
}

impl Hands {
    /// Moves the camera, where the scene is there.
    fn moved(&self, change: impl FnOnce(Camera, &Scene, Pane) -> Camera) -> Option<Camera> {
        let (scene, pane) = (self.scene.as_ref()?, self.pane?);
        Some(change(self.camera.unwrap_or_else(|| Camera::home(scene, pane)), scene, pane))
    }
}

/// Where a person has moved to, and how to move there by oneself. `None` is where the scene is shown first.
pub type Moved = UseStateHandle<Option<Camera>>;

/// Binds the hands to an element that shows the scene.
#[hook]
pub fn use_camera(node: &NodeRef, scene: &std::rc::Rc<Scene>, pane: Pane) -> Moved {
    let app = use_app();
    let camera = use_state_eq(|| None::<Camera>);
    let hands = use_mut_ref(Hands::default);
    {
        let mut hands = hands.borrow_mut();
        hands.camera = *camera;
        hands.scene = Some(scene.clone());
        hands.pane = Some(pane);
    }
    {
        let (camera, hands) = (camera.clone(), hands.clone());
        use_effect_with(app, move |app| {
            app.on_zoom(Callback::from(move |zoom: Zoom| {
                let hands = hands.borrow();
                let to = match zoom {
                    Zoom::In => hands.moved(|camera, scene, pane| camera.step(true, scene, pane)),
                    Zoom::Out => hands.moved(|camera, scene, pane| camera.step(false, scene, pane)),
                    // Where not all can be read at once, the button shows all of it; pressed again, what can be read.
                    Zoom::Fit => hands.moved(|_, scene, pane| Camera::fit(scene, pane)),
                };
                let is_home = to == hands.moved(|_, scene, pane| Camera::home(scene, pane));
                camera.set(to.filter(|_| !is_home));
            }));
        });
    }
    {
        let camera = camera.clone();
        use_effect_with(node.clone(), move |node| {
            let element = node.cast::<Element>();
            let listeners = element.map(|element| listen(&element, &camera, &hands));
            move || drop(listeners)
        });
    }
    camera
}

fn listen(element: &Element, camera: &Moved, hands: &std::rc::Rc<std::cell::RefCell<Hands>>) -> Vec<EventListener> {
    let in_pane = {
        let element = element.clone();
        move |event: &DomMouseEvent| {
            let rect = element.get_bounding_client_rect();
            Point { x: f64::from(event.client_x()) - rect.x(), y: f64::from(event.client_y()) - rect.y() }
        }
    };
    let set = {
        let (camera, hands) = (camera.clone(), hands.clone());
        move |to: Option<Camera>| {
            if let Some(to) = to {
                hands.borrow_mut().camera = Some(to);
                camera.set(Some(to));
            }
        }
    };
    let on = |name: &'static str, does: Box<dyn Fn(&Event)>| {
        EventListener::new_with_options(element, name, EventListenerOptions::enable_prevent_default(), move |event| {
            does(event)
        })
    };
    let wheel = {
        let (hands, set, in_pane) = (hands.clone(), set.clone(), in_pane.clone());
        move |event: &Event| {
            let Some(event) = event.dyn_ref::<WheelEvent>() else { return };
            event.prevent_default();
            // A line of a mouse wheel counts as many pixels; a pinch on a touchpad comes as a wheel with Ctrl, in small steps.
            let lines = if event.delta_mode() == 1 { 16.0 } else { 1.0 };
            let pinch = if event.ctrl_key() { 4.0 } else { 1.0 };
            let by = 2.0_f64.powf(-event.delta_y() * lines * pinch / WHEEL_DOUBLES);
            let at = in_pane(event);
            let to = hands.borrow().moved(|camera, scene, pane| camera.zoomed(by, at, scene, pane));
            set(to);
        }
    };
    let down = {
        let (hands, in_pane) = (hands.clone(), in_pane.clone());
        move |event: &Event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            let mut hands = hands.borrow_mut();
            hands.pointers.insert(event.pointer_id(), in_pane(event));
            hands.moved = 0.0;
            hands.is_dragging = false;
        }
    };
    let drag = {
        let (hands, set, in_pane, element) = (hands.clone(), set, in_pane, element.clone());
        move |event: &Event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            let at = in_pane(event);
            let to = {
                let mut hands = hands.borrow_mut();
                let id = event.pointer_id();
                let Some(before) = hands.pointers.insert(id, at) else {
                    hands.pointers.remove(&id);
                    return;
                };
                let other = hands.pointers.iter().find(|(each, _)| **each != id).map(|(_, point)| *point);
                hands.moved += (at.x - before.x).hypot(at.y - before.y);
                if hands.moved < DRAG_PX {
                    return;
                }
                if !hands.is_dragging {
                    hands.is_dragging = true;
                    element.set_pointer_capture(id).ok();
                }
                hands.moved(|camera, scene, pane| match other {
                    None => camera.panned(at.x - before.x, at.y - before.y, scene, pane),
                    // Two fingers: what lies between them stays there.
                    Some(other) => {
                        let spread = |point: Point| (point.x - other.x).hypot(point.y - other.y).max(1.0);
                        let middle = Point { x: (at.x + other.x) / 2.0, y: (at.y + other.y) / 2.0 };
                        camera.zoomed(spread(at) / spread(before), middle, scene, pane)
                    }
                })
            };
            set(to);
        }
    };
    let up = {
        let hands = hands.clone();
        move |event: &Event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            hands.borrow_mut().pointers.remove(&event.pointer_id());
        }
    };
    let cancel = up.clone();
    let click = {
        let hands = hands.clone();
        move |event: &Event| {
            // The end of a drag presses nothing.
            if std::mem::take(&mut hands.borrow_mut().is_dragging) {
                event.stop_propagation();
                event.prevent_default();
            }
        }
    };
    let capture = EventListenerOptions { phase: gloo_events::EventListenerPhase::Capture, passive: false };
    let swallow = EventListener::new_with_options(element, "click", capture, click);
    vec![
        on("wheel", Box::new(wheel)),
        on("pointerdown", Box::new(down)),
        on("pointermove", Box::new(drag)),
        on("pointerup", Box::new(up)),
        on("pointercancel", Box::new(cancel)),
        swallow,
    ]
}
