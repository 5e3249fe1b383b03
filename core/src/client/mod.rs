//! Producers, consumers, the admin client and hand-written probes.
//!
//! A client never sees the cluster's memory. It knows the cluster through Metadata answers, which come from a broker's
//! cache and may be stale, and through the errors that acting on stale knowledge brings.

mod admin;
pub mod application;
pub mod assignor;
pub mod consumer;
mod metadata;
pub mod partitioner;
mod probes;
pub mod producer;
pub mod request_latency;
mod serialization;
#[cfg(test)]
mod tests;

pub use admin::{Admin, AdminAnswer};
pub use consumer::{Consumer, ConsumerRecord};
pub use probes::{ProbeAnswer, ProbeConnection, ProbeRequest, ProbeSender, Probes};
pub use producer::Producer;
