//! The left side: the list of lessons, one as it is followed, its goals.

pub mod goals;
pub mod list;
pub mod markdown;
pub mod panel;
pub mod table;
