//! The page of Kafkascope: draws a cluster and its history, sends commands.

mod actions;
mod api;
mod app_context;
mod browser;
mod components;
mod engine;
mod frame_timing;
mod highlights;
mod hooks;
mod i18n;
mod keys;
mod layout;
mod lesson_session;
mod markdown;
mod panic_page;
mod progress;
mod recording;
mod removed_records;
mod sandbox;
mod session;
mod start;
mod state;
mod templates;
mod tour;

fn main() {
    start::start();
}
