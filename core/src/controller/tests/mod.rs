//! What the controller writes, held against what a real Kafka 4.3.1 wrote.

mod client_quotas;
mod configs;
mod faults;
mod features;
mod heartbeats;
mod lab;
mod partition_changes;
mod properties;
mod rights;
mod traces;
mod transcripts;
mod vectors;
