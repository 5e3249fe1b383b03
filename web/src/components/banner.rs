//! What went wrong, and short words of what was done.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::desk::use_desk;
use crate::state::{Action, Banner};
use crate::words::use_words;

/// A notice is read in so many milliseconds.
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
    let words = use_words();
    let desk = use_desk();
    {
        let desk = desk.clone();
        use_effect_with(props.notice, move |notice| {
            let timer = notice.map(|_| Timeout::new(NOTICE_MS, move || desk.page(Action::Notice(None))));
            move || drop(timer)
        });
    }
    let banner = props.banner.as_ref().map(|banner| {
        let text = match banner {
            Banner::Refused(said) => words.engine("error", said),
            Banner::Stuck(said) => words.engine("lesson-stuck", said),
            Banner::Failed(word) => words.say(word),
        };
        let dismiss = Callback::from(move |_: MouseEvent| desk.page(Action::Dismiss));
        html! {
            <div class="banner" role="alert" data-testid="error-banner">
                <span>{ text }</span>
                <button class="quiet" data-testid="dismiss" onclick={dismiss}>{ words.say("dismiss") }</button>
            </div>
        }
    });
    html! {
        <div class="lines">
            { banner }
            <div class={classes!("notice", props.notice.is_some().then_some("on"))} role="status" data-testid="notice">
                { props.notice.map(|notice| words.say(notice)) }
            </div>
        </div>
    }
}
