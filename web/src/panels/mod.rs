//! What is told in words and tables beside the scene.

pub mod causes;
pub mod changes;
pub mod groups;
pub mod happened;
pub mod invariants;
pub mod log;
pub mod next;
pub mod recordings;
pub mod tour_done;
pub mod what;
pub mod why;
