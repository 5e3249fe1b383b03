//! What every part of the page reaches for: the page's state, the hands on the run, and what parts are given.

mod address;
mod app_context;
mod config_draft;
mod console_state;
mod dialog;
mod outlook;
mod props;
mod selection;
mod side;
mod state;
mod tab_list;
mod use_lessons;

pub use address::Address;
pub use app_context::{AppContext, MOVES_AT_ONCE, Zoom, read_run, use_app};
pub use config_draft::ConfigDraft;
pub use console_state::{ConsoleEntry, ConsoleState};
pub use dialog::Dialog;
pub use outlook::{Found, Outlook};
pub use props::{FrameProps, NowProps, StepProps};
pub use selection::Selection;
pub use side::{SideTab, TourOffers};
pub use state::{Action, Banner, LabDraft, LessonsPanel, PageState, Speed, Tab, Theme, Window, Work};
pub use tab_list::{TabItem, TabList};
pub use use_lessons::{FetchedLessons, use_lessons};
