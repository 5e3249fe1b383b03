//! The run that the page shows: its history, the lesson or the recording that it is played for, and what is kept of it.

pub mod lesson_session;
pub mod library;
pub mod milestone_markers;
pub mod places;
pub mod progress;
pub mod recording;
pub mod removed_records;
pub mod runs;
pub mod sandbox;
pub mod saved_session;
mod session;
mod snapshot;
pub mod tour;

pub use places::Place;
pub use session::*;
pub use snapshot::{SharedSnapshot, Snapshot};
