//! Sets up, serves, builds and tests Kafkascope.
fn main() {}
