//! How an actor stands out in the scene at a moment.

use yew::prelude::*;

use super::replica_shown::SceneContext;
use crate::app::Selection;
use crate::engine::Actor;

/// The class of an actor that changed. It is another one than that of a part that changed: with one for both, the browser would look
/// at all that stands in an actor's frame whenever the frame lights up.
pub const HIGHLIGHTED: &str = "highlighted-actor";

/// How something stands out: it changed in this step, it is what a person follows, or something else is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emphasis {
    /// It changed.
    pub is_highlighted: bool,
    /// It is selected.
    pub is_selected: bool,
    /// Something else is selected that has nothing to do with it.
    pub is_dim: bool,
}

impl Emphasis {
    /// How an actor stands out.
    pub fn of(actor: Actor, context: SceneContext<'_>) -> Self {
        Self {
            is_highlighted: context.highlights.actors.contains(&actor),
            is_selected: context.focus.is_on(&Selection::Actor(actor)),
            is_dim: !context.focus.has_actor(actor),
        }
    }

    /// Its classes in the stylesheet.
    pub fn classes(self) -> Classes {
        classes!(
            self.is_highlighted.then_some(HIGHLIGHTED),
            self.is_selected.then_some("selected"),
            self.is_dim.then_some("dim"),
        )
    }
}
