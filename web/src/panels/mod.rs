//! What is told in words and tables beside the scene.

pub mod causes;
pub mod changes;
mod client_metrics;
pub mod console;
mod coordinator_log;
pub mod groups;
pub mod happened;
pub mod invariants;
mod ledger;
pub mod log;
mod made_steps;
pub mod metrics;
pub mod next;
mod offset_axis;
pub mod partitioning;
pub mod passed;
pub mod pipeline;
pub mod producer;
pub mod quorum;
pub mod recordings;
mod search;
pub mod settings;
mod steps;
pub mod tour_done;
pub mod transactions;
pub mod what;
pub mod why;
