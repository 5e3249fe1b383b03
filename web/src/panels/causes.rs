//! The chain of steps that led here, from the person's command or the start of the run. A click goes there.

use yew::prelude::*;

use crate::app::NowProps;
use crate::app::use_app;
use crate::engine::{Position, Step};
use crate::i18n::use_i18n;
use crate::panels::made_steps::use_steps;
use crate::platform::siblings::siblings;

/// How many links before the present step are shown, besides the root.
const NEAREST: usize = 6;

/// The chain, the root first. What lies between the root and the nearest links is shown when it is asked for.
#[component]
pub fn Causes(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let snapshot = &props.snapshot;
    let is_whole = use_state_eq(|| false);
    let chain: Vec<Position> = app.session.read(|history| history.cause_chain(snapshot.position));
    // The chain begins with the step itself.
    let earlier: Vec<Position> = chain.iter().skip(1).rev().copied().collect();
    let folded = if *is_whole { 0 } else { earlier.len().saturating_sub(NEAREST + 1) };
    let shown: Vec<Position> =
        earlier.iter().enumerate().filter(|(at, _)| *at == 0 || *at > folded).map(|(_, index)| *index).collect();
    let made = use_steps(&shown, snapshot);
    let Some(current) = snapshot.step.as_ref() else {
        return html! { <p class="faint" data-testid="causes">{ i18n.format("at-start") }</p> };
    };
    let rows = made.iter().enumerate().map(|(at, (index, step))| {
        let (app, index) = (app.clone(), *index);
        let go = Callback::from(move |_: MouseEvent| app.session.seek(index));
        let is_command = step.as_ref().is_some_and(|step| is_command(step));
        let unfold = (at == 0 && folded > 0).then(|| {
            let is_whole = is_whole.clone();
            let all = Callback::from(move |_: MouseEvent| is_whole.set(true));
            html! {
                <li key="folded" class="folded"><button class="quiet" data-testid="causes-all" onclick={all}>
                    { i18n.format_with("causes-between", [("count", folded.into())]) }
                </button></li>
            }
        });
        html! {
            <>
            <li key={index} class={classes!(is_command.then_some("command"))}>
                <button data-testid={format!("cause-{index}")} onclick={go}>
                    <span>
                        if is_command {
                            <em>{ i18n.format("your-command") }</em>
                        }
                        { step.as_ref().map_or("…".to_owned(), |step| i18n.step(&step.explanation)) }
                    </span><code>{ format!("#{index}") }</code>
                </button>
            </li>
            { siblings(unfold) }
            </>
        }
    });
    html! {
        <section>
            if !is_command(current) && chain.last().is_none_or(|root| *root == current.index) {
                <p class="faint">{ i18n.format("cause-none") }</p>
            }
            <ol class="causes" data-testid="causes">
                { siblings(rows.collect::<Vec<_>>()) }
                <li class={classes!("here", is_command(current).then_some("command"))} aria-current="step">
                    <span>
                        if is_command(current) {
                            <em>{ i18n.format("your-command") }</em>
                        }
                        { i18n.format("this-step") }
                    </span><code>{ format!("#{}", current.index) }</code>
                </li>
            </ol>
        </section>
    }
}

fn is_command(step: &Step) -> bool {
    step.command.is_some()
}
