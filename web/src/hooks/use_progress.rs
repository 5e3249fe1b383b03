//! The browser keeps how far a lesson is.

use yew::prelude::*;

use crate::progress::Progress;
use crate::session::Now;

/// Keeps every move of a lesson, so that it goes on there on another day.
#[hook]
pub fn use_progress(now: &Now) {
    use_effect_with(now.clone(), |now| {
        if let Some(course) = &now.course {
            Progress::keep(course, now.position, &now.link);
        }
    });
}
