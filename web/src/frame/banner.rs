//! What went wrong, and short words of what was done.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::app::use_app;
use crate::app::{Action, Banner};
use crate::i18n::use_i18n;
use crate::platform::siblings::siblings;

/// How long a notice takes to be read.
const NOTICE_MS: u32 = 4_000;

/// What the line shows.
#[derive(Clone, PartialEq, Properties)]
pub struct BannerProps {
    /// What went wrong.
    pub banner: Option<Banner>,
    /// What was done.
    pub notice: Option<&'static str>,
}

/// The line under the header.
#[component]
pub fn BannerLine(props: &BannerProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    {
        let app = app.clone();
        use_effect_with(props.notice, move |notice| {
            let timer = notice.map(|_| Timeout::new(NOTICE_MS, move || app.page(Action::Notice(None))));
            move || drop(timer)
        });
    }
    let banner = props.banner.as_ref().map(|banner| {
        let text = match banner {
            Banner::Refused(formatted) => i18n.engine("error", formatted),
            Banner::NotOpened(formatted) => i18n.engine("not-opened", formatted),
            Banner::Stuck(formatted) => i18n.engine("lesson-stuck", formatted),
            Banner::Failed(word) => i18n.format(word),
        };
        let dismiss = Callback::from(move |_: MouseEvent| app.page(Action::Dismiss));
        html! {
            <div class="banner" role="alert" data-testid="error-banner">
                <span>{ text }</span>
                <button class="quiet" data-testid="dismiss" onclick={dismiss}>{ i18n.format("dismiss") }</button>
            </div>
        }
    });
    html! {
        <div class="lines">
            { siblings(banner) }
            <div class={classes!("notice", props.notice.is_some().then_some("on"))} role="status" data-testid="notice">
                { props.notice.map(|notice| i18n.format(notice)) }
            </div>
        </div>
    }
}
