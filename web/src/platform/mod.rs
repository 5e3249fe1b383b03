//! What belongs to the browser: storage, clipboard, files, clocks, media queries.

pub mod browser;
pub mod frame_timing;
pub mod rest_of_code;
pub mod siblings;
pub mod slices;
pub mod text_width;
pub mod use_media;
pub mod use_size;
