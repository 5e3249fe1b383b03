<<<<<<< HEAD
//! The page of Kafkascope: draws a cluster and its history, sends commands.

mod actions;
mod api;
mod browser;
mod components;
mod desk;
mod engine;
mod hooks;
mod journey;
mod keys;
mod layout;
mod lit;
mod meter;
mod rescue;
mod sandbox;
mod session;
#[allow(missing_docs, dead_code)]
mod standin;
mod start;
mod state;
mod templates;
mod words;

fn main() {
    start::start();
=======
//! The page of Kafkascope.

use yew::prelude::*;

#[function_component]
fn Page() -> Html {
    html! { <main><h1>{ "Kafkascope" }</h1></main> }
}

fn main() {
    yew::Renderer::<Page>::new().render();
>>>>>>> xtask
}
