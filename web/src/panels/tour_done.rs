//! The tour is complete: the page says so and offers what a curious person asks next.

use yew::prelude::*;

use crate::app::use_app;
use crate::app::{Action, Banner};
use crate::i18n::use_i18n;
use crate::run::tour::FollowUp;

/// The tour's end.
#[component]
pub fn JourneyDone() -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let buttons = FollowUp::ALL.into_iter().map(|follow_up| {
        let app = app.clone();
        let run = Callback::from(move |_: MouseEvent| {
            if app.session.follow_up(follow_up) {
                app.page(Action::Notice(Some(match follow_up {
                    FollowUp::CrashLeader => "ran-crash-leader",
                    FollowUp::AcksOne => "ran-acks-one",
                    FollowUp::NotEarlier => "ran-not-earlier",
                })));
            } else {
                app.page(Action::Fail(Banner::Failed("follow-up-impossible")));
            }
        });
        let label = match follow_up {
            FollowUp::CrashLeader => i18n.format("follow-up-crash-leader"),
            FollowUp::AcksOne => i18n.format("follow-up-acks-one"),
            FollowUp::NotEarlier => i18n.format("follow-up-not-earlier"),
        };
        html! { <li><button data-testid={format!("followup-{}", follow_up.id())} onclick={run}>{ label }</button></li> }
    });
    html! {
        <section class="tour" data-testid="tour-done">
            <h2>{ i18n.format("tour-done") }</h2>
            <p>{ i18n.format("tour-done-text") }</p>
            <ul>{ for buttons }</ul>
        </section>
    }
}
