//! The page of Kafkascope.
fn main() {}
