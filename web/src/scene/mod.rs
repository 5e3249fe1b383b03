//! The scene: the cluster as rooms, logs, links and envelopes.

mod client;
mod controllers;
mod desktop;
mod envelopes;
mod fold_line;
pub mod highlights;
mod isr;
mod links;
mod phone;
mod plan;
mod press;
mod readers;
mod replica;
mod room;

pub use desktop::Scene;
pub use links::Cut;
pub use phone::PhoneScene;
pub use replica::TINTS;
pub use room::node_state;
