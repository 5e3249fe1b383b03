//! Beside Forward: on to the next change, however long that takes. It says beforehand what it waits for and how long.

use yew::prelude::*;

use crate::app::{Found, Outlook};
use crate::controls::keys::KeyAction;
use crate::i18n::{I18n, use_i18n};
use crate::panels::next::{describe, duration};

/// What the button says.
#[derive(Clone, Debug, PartialEq)]
pub struct NextChangeShown {
    told: String,
    is_there: bool,
}

impl NextChangeShown {
    /// What is said of an outlook; none where one still looks.
    pub fn of(outlook: Option<&Outlook>, now_ms: u64, i18n: &I18n) -> Self {
        let found = outlook.map(|outlook| &outlook.found);
        let told = match found {
            None => i18n.format("next-change-looking"),
            Some(Found::Nothing { until_ms }) => {
                let seconds = until_ms.saturating_sub(now_ms).div_ceil(1_000);
                i18n.format_with("next-change-nothing", [("seconds", seconds.into())])
            }
            Some(Found::Change { at_ms, event, .. }) => {
                let after = duration(at_ms.saturating_sub(now_ms), i18n);
                let what =
                    event.as_ref().map_or_else(|| i18n.format("next-change-recorded"), |event| describe(event, i18n).0);
                i18n.format_with("next-change-told", [("after", after.into()), ("what", what.into())])
            }
        };
        Self { told, is_there: matches!(found, Some(Found::Change { .. })) }
    }
}

/// The button, and what it does.
#[derive(Clone, PartialEq, Properties)]
pub struct NextChangeProps {
    /// What it says.
    pub shown: NextChangeShown,
    /// Carries out what it stands for.
    pub press: Callback<KeyAction>,
}

/// The button.
#[component]
pub fn NextChange(props: &NextChangeProps) -> Html {
    let i18n = use_i18n();
    let NextChangeShown { told, is_there } = &props.shown;
    let press = props.press.reform(|_: MouseEvent| KeyAction::NextChange);
    html! {
        <button class="big next-change" data-testid="next-change" aria-disabled={(!is_there).to_string()} title={told.clone()} onclick={press}>
            <b>{ i18n.format("next-change") }</b><small data-testid="next-change-told">{ told }</small>
        </button>
    }
}
