//! How large an element is, and whenever that changes.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// The inner width and height of an element in CSS pixels; `None` until it is there.
#[hook]
pub fn use_size(node: &NodeRef) -> Option<(f64, f64)> {
    let size = use_state_eq(|| None::<(f64, f64)>);
    {
        let size = size.clone();
        use_effect_with(node.clone(), move |node| {
            let element = node.cast::<Element>();
            let look = {
                let element = element.clone();
                move || {
                    if let Some(element) = &element {
                        size.set(Some((f64::from(element.client_width()), f64::from(element.client_height()))));
                    }
                }
            };
            look();
            let changed = Closure::<dyn FnMut()>::new(look);
            let observer = ResizeObserver::new(changed.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(changed);
            }
        });
    }
    *size
}
