//! What parts of the page are given.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::PageState;
use crate::engine::Step;
use crate::run::SharedSnapshot;

/// What parts of the page's frame get: its whole state.
#[derive(Clone, PartialEq, Properties)]
pub struct FrameProps {
    /// The state.
    pub page: UseReducerHandle<PageState>,
}

/// The moment.
#[derive(Clone, PartialEq, Properties)]
pub struct NowProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
}

/// What led here.
#[derive(Clone, PartialEq, Properties)]
pub struct StepProps {
    /// The step; none at the start of the run.
    pub step: Option<Rc<Step>>,
}
