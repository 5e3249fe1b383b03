//! What a key or a button of the frame does, as one callback that stays the same.

use yew::prelude::*;

use crate::app::{AppContext, PageState};
use crate::controls::actions::perform;
use crate::controls::keys::KeyAction;

/// Carries out what a key or a button stands for, in the state that is on the screen. It is the same callback from render to
/// render: what only presses is not drawn again when the run moves.
#[hook]
pub fn use_press(app: &AppContext, page: &UseReducerHandle<PageState>) -> Callback<KeyAction> {
    let shown = use_mut_ref(|| page.clone());
    shown.replace(page.clone());
    use_callback(app.clone(), move |action, app| {
        // Whatever it does may draw the page again.
        let page = shown.borrow().clone();
        perform(action, app, &page);
    })
}
