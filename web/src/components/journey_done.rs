//! The journey is complete: the page says so and offers what a curious person asks next.

use yew::prelude::*;

use crate::desk::use_desk;
use crate::journey::FollowUp;
use crate::state::{Action, Banner};
use crate::words::use_words;

/// The journey's end.
#[component]
pub fn JourneyDone() -> Html {
    let words = use_words();
    let desk = use_desk();
    let buttons = FollowUp::ALL.into_iter().map(|follow_up| {
        let desk = desk.clone();
        let run = Callback::from(move |_: MouseEvent| {
            if desk.session.follow_up(follow_up) {
                desk.page(Action::Notice(Some(match follow_up {
                    FollowUp::CrashLeader => "ran-crash-leader",
                    FollowUp::AcksOne => "ran-acks-one",
                    FollowUp::NotEarlier => "ran-not-earlier",
                })));
            } else {
                desk.page(Action::Fail(Banner::Failed("follow-up-impossible")));
            }
        });
        let label = match follow_up {
            FollowUp::CrashLeader => words.say("follow-up-crash-leader"),
            FollowUp::AcksOne => words.say("follow-up-acks-one"),
            FollowUp::NotEarlier => words.say("follow-up-not-earlier"),
        };
        html! { <li><button data-testid={format!("followup-{}", follow_up.id())} onclick={run}>{ label }</button></li> }
    });
    html! {
        <section class="journey" data-testid="journey-done">
            <h2>{ words.say("journey-done") }</h2>
            <p>{ words.say("journey-done-text") }</p>
            <ul>{ for buttons }</ul>
        </section>
    }
}
