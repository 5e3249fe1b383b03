//! The engine of Kafkascope.
