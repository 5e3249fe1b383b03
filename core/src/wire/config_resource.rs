//! The kinds of resources that have settings (`ConfigResource.Type`), by their numbers in requests and records.

/// A topic.
pub const TOPIC: i8 = 2;
/// A node, by its number; without a name the default of all of them.
pub const BROKER: i8 = 4;
/// The loggers of a node (KIP-412).
pub const BROKER_LOGGER: i8 = 8;
/// What clients are asked to report (KIP-714).
pub const CLIENT_METRICS: i8 = 16;
/// A group of the newer protocols.
pub const GROUP: i8 = 32;
