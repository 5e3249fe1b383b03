//! The parts of the page.

mod actor;
mod banner;
mod causes;
mod changes;
mod dialog;
mod files;
mod goals;
mod groups;
mod happened;
mod header;
mod invariants;
mod keys_table;
mod lab;
mod lesson;
mod lesson_list;
mod link;
mod log;
mod message;
mod middle;
mod new_cluster;
mod next;
mod page;
mod produce;
mod recordings;
mod scene;
mod scrubber;
mod tour_done;
mod transport;
mod what;
mod why;

pub use page::{Page, PageProps};
