//! Forward, back, play; how far; how fast; where.

use yew::prelude::*;

use crate::app::{Action, PageState, use_app};
use crate::controls::keys::KeyAction;
use crate::controls::speeds::Speeds;
use crate::engine::Size;
use crate::i18n::use_i18n;
use crate::panels::invariants::InvariantLight;
use crate::time::next_change::NextChange;
use crate::time::scrubber::Scrubber;

/// What the foot of the page shows.
#[derive(Clone, PartialEq, Properties)]
pub struct TransportProps {
    /// The page's state.
    pub page: UseReducerHandle<PageState>,
    /// Carries out what its buttons stand for.
    pub press: Callback<KeyAction>,
}

/// The bar at the foot of the page.
#[component]
pub fn Transport(props: &TransportProps) -> Html {
    let i18n = use_i18n();
    let TransportProps { page, press } = props;
    let next_change = NextChange::of(page.outlook.as_deref(), page.snapshot.view.now_ms, &i18n);
    html! {
        <footer class="time" aria-label={i18n.format("transport")}>
            <div class="controls">
                <Buttons is_at_start={page.snapshot.position == 0} is_playing={page.is_playing} {next_change} press={press.clone()} />
                <Sizes size={page.size} />
                <Speeds speed={page.speed} />
                <span class="space"></span>
                <InvariantLight broken={page.snapshot.violations.first().map(|found| found.position)} />
                <span class="place">
                    <span>{ i18n.format("step") }{ " " }<b data-testid="step-number">{ page.snapshot.position }</b></span>
                    <span><b data-testid="now-ms">{ page.snapshot.view.elapsed_ms() }</b>{ " ms" }</span>
                </span>
            </div>
            <Scrubber snapshot={page.snapshot.clone()} />
        </footer>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ButtonsProps {
    is_at_start: bool,
    is_playing: bool,
    next_change: NextChange,
    press: Callback<KeyAction>,
}

/// What moves the run.
#[component]
fn Buttons(props: &ButtonsProps) -> Html {
    let i18n = use_i18n();
    let press = |action: KeyAction| props.press.reform(move |_: MouseEvent| action);
    let (play_word, play_sign) = if props.is_playing { ("pause", "❚❚") } else { ("play", "▶") };
    html! {
        <>
        <button class="big" data-testid="back" disabled={props.is_at_start} title="←" onclick={press(KeyAction::Back)}>
            { i18n.format("back") }
        </button>
        <button class="big go" data-testid="forward" title="→" onclick={press(KeyAction::Forward)}>{ i18n.format("forward") }</button>
        { props.next_change.button(press(KeyAction::NextChange), &i18n) }
        <button class="big play" data-testid="play" aria-pressed={props.is_playing.to_string()} onclick={press(KeyAction::Play)}>
            <span class="sign" aria-hidden="true">{ play_sign }</span>{ i18n.format(play_word) }
        </button>
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SizesProps {
    size: Size,
}

/// How far one press goes.
#[component]
fn Sizes(props: &SizesProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let sizes = [(Size::Micro, "size-micro"), (Size::Message, "size-message"), (Size::Milestone, "size-milestone")];
    let buttons = sizes.into_iter().map(|(size, id)| {
        let app = app.clone();
        let press = Callback::from(move |_: MouseEvent| app.page(Action::Size(size)));
        let is_on = props.size == size;
        html! {
            <button data-testid={id} title={i18n.format(hint_of(size))} aria-pressed={is_on.to_string()} onclick={press}>{ i18n.format(id) }</button>
        }
    });
    html! { <span class="segments" role="group" aria-label={i18n.format("step-size")}>{ for buttons }</span> }
}

fn hint_of(size: Size) -> &'static str {
    match size {
        Size::Micro => "key-micro",
        Size::Message => "key-message",
        Size::Milestone => "key-milestone",
    }
}
