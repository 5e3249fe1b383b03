//! What the page weighs: its budget, where the bytes of its code are, what of it comes after the first download, and its
//! files compressed.

pub mod budget;
pub mod compress;
mod kind;
pub mod linked;
pub mod page;
pub mod report;
pub mod rest;
pub mod split;
pub mod trace;
