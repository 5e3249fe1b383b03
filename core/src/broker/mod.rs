//! A broker: what serves clients and replicates.

pub mod group;
