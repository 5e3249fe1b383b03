//! The simulator under the cluster: virtual time, the event queue, seeded randomness, the network with its faults.
//!
//! Nothing here knows Kafka. Time is virtual milliseconds since the cluster was switched on.

pub mod network;
pub mod queue;
pub mod random;

/// A moment of virtual time, in milliseconds since the cluster was switched on.
pub type Millis = u64;
/// A place in a run: how many moves (steps and commands) came before.
pub type Position = u32;
