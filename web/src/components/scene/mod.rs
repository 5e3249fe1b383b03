//! The scene: the cluster as rooms, logs, links and envelopes.

mod client;
mod controllers;
mod desktop;
mod envelopes;
mod fold_line;
mod links;
mod phone;
mod plan;
mod replica;
mod room;

pub use desktop::Scene;
pub use phone::PhoneScene;
pub use room::node_state;
