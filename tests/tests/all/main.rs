//! The native tests that look at the engine from outside, in one binary.

mod commands;
mod delivery;
mod determinism;
mod digests;
mod fingerprints;
mod group_swarm;
mod imports;
mod invariants;
mod metrics;
mod mutator;
mod producer_failover;
mod properties;
mod quorum;
mod scenarios;
mod settings;
mod siblings;
mod swarm;
mod traces;
mod transcripts;
mod truth;
mod vectors;
