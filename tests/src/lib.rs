//! What is checked of Kafkascope from outside.

pub mod browser;
