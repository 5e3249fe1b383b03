//! Nothing but measurements: `engine.rs`.
