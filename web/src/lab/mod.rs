//! The request lab: one request by hand.

pub mod panel;
