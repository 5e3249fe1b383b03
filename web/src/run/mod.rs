//! The run that the page shows: its history, the lesson or the recording that it is played for, and what is kept of it.

pub mod lesson_session;
pub mod library;
pub mod progress;
pub mod recording;
pub mod removed_records;
pub mod sandbox;
mod session;
pub mod tour;

pub use session::*;
