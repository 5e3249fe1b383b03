//! The page's frame: header, banner, tabs, and where each part has its place.

mod announcer;
mod banner;
mod header;
mod hooks;
mod page;
mod rehearsal;
mod tabs;
mod work_line;

pub use page::{Page, PageProps};
