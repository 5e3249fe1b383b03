//! Beside Forward: on to the next change, however long that takes. It says beforehand what it waits for and how long.

use yew::prelude::*;

use crate::app::{Found, FrameProps, use_app};
use crate::controls::actions::perform;
use crate::controls::keys::KeyAction;
use crate::i18n::use_i18n;
use crate::panels::next::{describe, duration};

/// The button.
#[component]
pub fn NextChange(props: &FrameProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let page = &props.page;
    let now_ms = page.snapshot.view.now_ms;
    let found = page.outlook.as_ref().map(|outlook| &outlook.found);
    let told = match found {
        None => i18n.format("next-change-looking"),
        Some(Found::Nothing { until_ms }) => {
            let seconds = until_ms.saturating_sub(now_ms).div_ceil(1_000);
            i18n.format_with("next-change-nothing", [("seconds", seconds.into())])
        }
        Some(Found::Change { at_ms, event, .. }) => {
            let after = duration(at_ms.saturating_sub(now_ms), &i18n);
            let what =
                event.as_ref().map_or_else(|| i18n.format("next-change-recorded"), |event| describe(event, &i18n).0);
            i18n.format_with("next-change-told", [("after", after.into()), ("what", what.into())])
        }
    };
    let press = {
        let (app, page) = (app.clone(), page.clone());
        Callback::from(move |_: MouseEvent| perform(KeyAction::NextChange, &app, &page))
    };
    let is_there = matches!(found, Some(Found::Change { .. }));
    html! {
        <button class="big next-change" data-testid="next-change" aria-disabled={(!is_there).to_string()} title={told.clone()} onclick={press}>
            <b>{ i18n.format("next-change") }</b><small data-testid="next-change-told">{ told }</small>
        </button>
    }
}
