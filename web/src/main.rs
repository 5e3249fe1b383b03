//! The page of Kafkascope: draws a cluster and its history, sends commands.

mod engine;
mod journey;
mod keys;
mod layout;
mod lit;
mod session;
#[allow(missing_docs, dead_code)]
mod standin;
mod state;
mod words;

fn main() {}
