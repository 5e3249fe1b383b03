//! The tour is complete: the page says so and offers what a curious person asks next, until each is taken or all dismissed.

use yew::prelude::*;

use crate::app::use_app;
use crate::app::{Action, Banner, TourOffers};
use crate::i18n::use_i18n;
use crate::run::tour::FollowUp;

/// What is still offered.
#[derive(Clone, PartialEq, Properties)]
pub struct TourDoneProps {
    /// The offers.
    pub offers: TourOffers,
}

/// The tour's end.
#[component]
pub fn TourDone(props: &TourDoneProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let buttons = props.offers.left().map(|follow_up| {
        let app = app.clone();
        let run = Callback::from(move |_: MouseEvent| {
            if !app.session.follow_up(follow_up) {
                return app.page(Action::Fail(Banner::Failed("follow-up-impossible")));
            }
            app.page(Action::TakeOffer(follow_up));
            app.page(Action::Notice(Some(match follow_up {
                FollowUp::CrashLeader => "ran-crash-leader",
                FollowUp::AcksOne => "ran-acks-one",
                FollowUp::NotEarlier => "ran-not-earlier",
            })));
            if follow_up == FollowUp::NotEarlier {
                app.page(Action::Ask("consumer-waits"));
            }
        });
        let label = match follow_up {
            FollowUp::CrashLeader => i18n.format("follow-up-crash-leader"),
            FollowUp::AcksOne => i18n.format("follow-up-acks-one"),
            FollowUp::NotEarlier => i18n.format("follow-up-not-earlier"),
        };
        html! { <li key={follow_up.id()}><button data-testid={format!("followup-{}", follow_up.id())} onclick={run}>{ label }</button></li> }
    });
    let buttons: Vec<Html> = buttons.collect();
    let dismiss = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.page(Action::DismissOffers))
    };
    html! {
        <section class="tour" data-testid="tour-done">
            <div class="tour-head">
                <h2>{ i18n.format("tour-done") }</h2>
                <button class="quiet" data-testid="tour-dismiss" aria-label={i18n.format("close")} onclick={dismiss}>{ "✕" }</button>
            </div>
            <p>{ i18n.format("tour-done-text") }</p>
            <ul>{ for buttons }</ul>
        </section>
    }
}
