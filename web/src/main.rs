//! The page of Kafkascope: draws a cluster and its history, sends commands.

mod actions;
mod aftermath;
mod api;
mod browser;
mod components;
mod course;
mod desk;
mod engine;
mod hooks;
mod journey;
mod keys;
mod layout;
mod lit;
mod markdown;
mod meter;
mod progress;
mod recording;
mod rescue;
mod sandbox;
mod session;
mod start;
mod state;
mod templates;
mod words;

fn main() {
    start::start();
}
