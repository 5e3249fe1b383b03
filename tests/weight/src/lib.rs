//! What the page weighs: its budget, its files compressed, and where the bytes of its code are.

pub mod budget;
pub mod compress;
mod kind;
pub mod report;
