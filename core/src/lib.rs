//! The engine of Kafkascope: a deterministic Apache Kafka cluster as a value.
//!
//! Pure Rust without I/O, threads, clocks or global state: it builds natively and for `wasm32-unknown-unknown`, and the same
//! scenario gives the same bytes in both. It knows nothing of the page.

pub mod actor;
pub mod authorizer;
pub mod broker;
pub mod change;
pub mod client;
pub mod cluster;
pub mod command;
pub mod config;
pub mod connection;
pub mod console;
pub mod controller;
pub mod digest;
pub mod effects;
pub mod explain;
pub mod fetch_session_handler;
pub mod flat_map;
pub mod history;
pub mod invariant;
pub mod json;
pub mod lesson;
pub mod log;
pub mod measure;
pub mod metadata;
pub mod metrics;
mod pattern;
pub mod presets;
pub mod properties;
pub mod quota;
pub mod raft;
pub mod ranked_map;
pub mod scenario;
pub mod settings;
pub mod sim;
pub mod socket_server;
pub mod sort;
pub mod step;
pub mod transaction;
pub mod transcript;
pub mod view;
pub mod why;
pub mod wire;
