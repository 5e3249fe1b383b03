//! The run as a bar: where we are, how far its future is known, what is worth a look, and the branches that it has.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::{NowProps, use_app};
use crate::i18n::use_i18n;
use crate::time::lanes::Lanes;
use crate::time::rails::Rails;

/// The bar.
#[component]
pub fn Scrubber(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let snapshot = &props.snapshot;
    let seek = Callback::from(move |event: InputEvent| {
        let input = event.target_unchecked_into::<HtmlInputElement>();
        if let Ok(position) = input.value().parse() {
            app.session.seek(position);
        }
    });
    let length = snapshot.markers.length;
    let part = f64::from(snapshot.position) / f64::from(length.max(1));
    let known = f64::from(snapshot.len) / f64::from(length.max(1));
    let formatted =
        i18n.format_with("scrubber-value", [("step", snapshot.position.into()), ("of", snapshot.len.into())]);
    html! {
        <div class="scrubber">
            <div class="track">
                <div class="line" style={format!("--part:{part:.4};--known:{known:.4}")}></div>
                <input type="range" data-testid="scrubber" min="0" max={length.to_string()} step="1"
                    value={snapshot.position.to_string()} aria-label={i18n.format("scrubber")} aria-valuetext={formatted} oninput={seek} />
            </div>
            <Lanes markers={snapshot.markers.clone()} />
            <Rails snapshot={snapshot.clone()} />
        </div>
    }
}
