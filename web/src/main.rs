//! The page of Kafkascope: draws a cluster and its history, sends commands.
//!
//! Rooms import one way: `platform`, `i18n` and `engine` → `layout` → `run` → `app` → `scene` → `controls` → `panels` → `lessons`, `lab`, `time` →
//! `frame` → `api`, `start`.

mod api;
mod app;
mod controls;
mod engine;
mod frame;
mod i18n;
mod lab;
mod layout;
mod lessons;
mod panels;
mod panic_page;
mod platform;
mod run;
mod scene;
mod start;
mod time;

fn main() {
    platform::rest_of_code::begin();
    start::start();
}
