//! What every part of the page reaches for: the page's state, the hands on the run, and what parts are given.

mod app_context;
mod dialog;
mod props;
mod selection;
mod state;
mod use_lessons;

pub use app_context::{AppContext, Zoom, read_run, use_app};
pub use dialog::Dialog;
pub use props::{FrameProps, NowProps, StepProps};
pub use selection::Selection;
pub use state::{Action, Banner, LessonsPanel, PageState, Speed, Tab, Theme, Window};
pub use use_lessons::{FetchedLessons, use_lessons};
