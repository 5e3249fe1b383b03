//! Forward, back, play; how far; how fast; where.

use yew::prelude::*;

use crate::app::Action;
use crate::app::FrameProps;
use crate::app::use_app;
use crate::controls::actions::perform;
use crate::controls::keys::KeyAction;
use crate::controls::speeds::Speeds;
use crate::engine::Size;
use crate::i18n::use_i18n;
use crate::panels::invariants::InvariantLight;
use crate::time::next_change::NextChange;
use crate::time::scrubber::Scrubber;

/// The bar at the foot of the page.
#[component]
pub fn Transport(props: &FrameProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let page = &props.page;
    let press = |action: KeyAction| {
        let (app, page) = (app.clone(), page.clone());
        Callback::from(move |_: MouseEvent| perform(action, &app, &page))
    };
    let (play_word, play_sign) = if page.is_playing { ("pause", "❚❚") } else { ("play", "▶") };
    html! {
        <footer class="time" aria-label={i18n.format("transport")}>
            <div class="controls">
                <button class="big" data-testid="back" disabled={page.snapshot.position == 0} title="←" onclick={press(KeyAction::Back)}>
                    { i18n.format("back") }
                </button>
                <button class="big go" data-testid="forward" title="→" onclick={press(KeyAction::Forward)}>{ i18n.format("forward") }</button>
                <NextChange page={page.clone()} />
                <button class="big play" data-testid="play" aria-pressed={page.is_playing.to_string()} onclick={press(KeyAction::Play)}>
                    <span class="sign" aria-hidden="true">{ play_sign }</span>{ i18n.format(play_word) }
                </button>
                <Sizes size={page.size} />
                <Speeds speed={page.speed} />
                <span class="space"></span>
                <InvariantLight snapshot={page.snapshot.clone()} />
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
