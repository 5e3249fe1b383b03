//! Beside Forward: on to the next change, however long that takes. It says beforehand what it waits for and how long.

use yew::prelude::*;

use crate::app::{Found, Outlook};
use crate::i18n::I18n;
use crate::panels::next::{describe, later};

/// What the button says.
#[derive(Clone, Debug, PartialEq)]
pub struct NextChange {
    label: String,
    is_there: bool,
}

impl NextChange {
    /// What is said of an outlook; none where one still looks.
    pub fn of(outlook: Option<&Outlook>, now_ms: u64, i18n: &I18n) -> Self {
        let found = outlook.map(|outlook| &outlook.found);
        let label = match found {
            None => i18n.format("next-change-looking"),
            Some(Found::Nothing { until_ms }) => {
                let seconds = until_ms.saturating_sub(now_ms).div_ceil(1_000);
                i18n.format_with("next-change-nothing", [("seconds", seconds.into())])
            }
            Some(Found::Change { at_ms, event, .. }) => {
                let after = later(at_ms.saturating_sub(now_ms), i18n);
                let what =
                    event.as_ref().map_or_else(|| i18n.format("next-change-recorded"), |event| describe(event, i18n).0);
                i18n.format_with("next-change-told", [("after", after.into()), ("what", what.into())])
            }
        };
        Self { label, is_there: matches!(found, Some(Found::Change { .. })) }
    }

    /// The button.
    pub fn button(&self, press: Callback<MouseEvent>, i18n: &I18n) -> Html {
        let Self { label, is_there } = self;
        html! {
            <button class="big next-change" data-testid="next-change" aria-disabled={(!is_there).to_string()} title={label.clone()} onclick={press}>
                <b>{ i18n.format("next-change") }</b><small data-testid="next-change-told">{ label }</small>
            </button>
        }
    }
}
