//! What a person can do: keys and buttons of the time, windows of nodes, clients, links and messages.

pub mod actions;

pub mod actor;
pub mod config_files;
pub mod consumer;
pub mod envelope;
pub mod files;
pub mod keys;
pub mod keys_table;
pub mod link;
pub mod new_cluster;
pub mod perf_test;
pub mod produce;
pub mod runs;
pub mod speeds;
