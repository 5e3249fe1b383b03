//! The scene: the cluster as rooms, logs, links and envelopes.

mod belief;
mod client;
mod controllers;
mod desktop;
mod emphasis;
mod envelopes;
mod focus;
mod fold_line;
mod fonts;
pub mod highlights;
mod isr;
mod legend;
mod links;
mod marks;
mod matrix;
mod partition_stack;
mod phone;
mod plan;
mod press;
mod quorum;
mod readers;
mod replica;
mod replica_shown;
mod room;
mod tools;
mod use_camera;

pub use client::capitalised;
pub use desktop::Scene;
pub use legend::LegendWindow;
pub use links::Cut;
pub use partition_stack::PartitionOnAxis;
pub use phone::PhoneScene;
pub use quorum::{MetadataLogs, QuorumRing, quorum_timer, role_name};
pub use replica::TINTS;
pub use room::node_state;
