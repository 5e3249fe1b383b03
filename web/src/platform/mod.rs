//! What belongs to the browser: storage, clipboard, files, clocks, media queries.

pub mod browser;
pub mod frame_timing;
pub mod use_media;
