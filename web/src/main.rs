//! The page of Kafkascope.

use yew::prelude::*;

#[function_component]
fn Page() -> Html {
    html! { <main><h1>{ "Kafkascope" }</h1></main> }
}

fn main() {
    yew::Renderer::<Page>::new().render();
}
