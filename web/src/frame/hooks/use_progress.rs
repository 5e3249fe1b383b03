//! The browser keeps how far a lesson is.

use yew::prelude::*;

use crate::run::SharedSnapshot;
use crate::run::progress::Progress;

/// Keeps every move of a lesson, so that it goes on there on another day.
#[hook]
pub fn use_progress(snapshot: &SharedSnapshot) {
    use_effect_with(snapshot.clone(), |snapshot| {
        if let Some(lesson_session) = &snapshot.lesson_session {
            Progress::keep(lesson_session, snapshot.position, &snapshot.link);
        }
    });
}
