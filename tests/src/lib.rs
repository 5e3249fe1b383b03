//! What is checked of Kafkascope from outside.
