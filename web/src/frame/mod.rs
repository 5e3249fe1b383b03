//! The page's frame: header, banner, tabs, and where each part has its place.

mod announcer;
mod banner;
mod header;
mod hooks;
mod page;
mod tabs;

pub use page::{Page, PageProps};
