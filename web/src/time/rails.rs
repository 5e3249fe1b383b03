//! The branches of a run, each a rail that leaves its parent where a person acted in the past. A click switches to it.

use yew::prelude::*;

use crate::app::{NowProps, use_app};
use crate::controls::runs::branch_name;
use crate::i18n::use_i18n;
use crate::run::Place;
use crate::time::lanes::percent;

/// The rails. A run with one branch needs none.
#[component]
pub fn Rails(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let snapshot = &props.snapshot;
    let branches = app.session.read(|history| history.branches());
    if branches.len() < 2 {
        return Html::default();
    }
    let length = snapshot.markers.length;
    let rails = branches.into_iter().map(|branch| {
        let begins = branch.from.map_or(0, |(_, at)| at);
        let (left, right) = (percent(begins, length).min(96.0), percent(branch.len, length).min(100.0));
        let place = Place { run: snapshot.place.run, branch: branch.id, position: branch.len.min(begins + 1) };
        let app = app.clone();
        let is_current = branch.is_current;
        let go = Callback::from(move |_: MouseEvent| {
            if !is_current {
                app.go(place);
            }
        });
        let label = branch_name(&branch, &i18n);
        html! {
            <li key={branch.id} class={classes!("rail", branch.is_current.then_some("is-current"))}
                style={format!("--from:{left:.2}%;--width:{:.2}%", (right - left).max(0.5))}>
                <button data-testid={format!("rail-{}", branch.id)} aria-current={branch.is_current.to_string()}
                    title={label.clone()} onclick={go}><i aria-hidden="true"></i><span>{ label }</span></button>
            </li>
        }
    });
    html! { <ul class="rails" data-testid="rails" aria-label={i18n.format("branches")}>{ for rails }</ul> }
}
