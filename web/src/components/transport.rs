//! Forward, back, play; how far; how fast; where.

use yew::prelude::*;

use super::invariants::InvariantLight;
use super::page::FrameProps;
use super::scrubber::Scrubber;
use crate::actions::perform;
use crate::desk::use_desk;
use crate::engine::Size;
use crate::keys::KeyAction;
use crate::state::{Action, Speed};
use crate::words::use_words;

/// The bar at the foot of the page.
#[component]
pub fn Transport(props: &FrameProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let page = &props.page;
    let press = |action: KeyAction| {
        let (desk, page) = (desk.clone(), page.clone());
        Callback::from(move |_: MouseEvent| perform(action, &desk, &page))
    };
    let (play_word, play_sign) = if page.is_playing { ("pause", "❚❚") } else { ("play", "▶") };
    html! {
        <footer class="time" aria-label={words.say("transport")}>
            <div class="controls">
                <button class="big" data-testid="back" disabled={page.now.position == 0} title="←" onclick={press(KeyAction::Back)}>
                    { words.say("back") }
                </button>
                <button class="big go" data-testid="forward" title="→" onclick={press(KeyAction::Forward)}>{ words.say("forward") }</button>
                <button class="big play" data-testid="play" aria-pressed={page.is_playing.to_string()} onclick={press(KeyAction::Play)}>
                    <span class="sign" aria-hidden="true">{ play_sign }</span>{ words.say(play_word) }
                </button>
                <Sizes size={page.size} />
                <Speeds speed={page.speed} />
                <span class="space"></span>
                <InvariantLight now={page.now.clone()} />
                <span class="place">
                    <span>{ words.say("step") }{ " " }<b data-testid="step-number">{ page.now.position }</b></span>
                    <span><b data-testid="now-ms">{ page.now.view.now_ms }</b>{ " ms" }</span>
                </span>
            </div>
            <Scrubber now={page.now.clone()} />
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
    let words = use_words();
    let desk = use_desk();
    let sizes = [(Size::Micro, "size-micro"), (Size::Message, "size-message"), (Size::Milestone, "size-milestone")];
    let buttons = sizes.into_iter().map(|(size, id)| {
        let desk = desk.clone();
        let press = Callback::from(move |_: MouseEvent| desk.page(Action::Size(size)));
        let is_on = props.size == size;
        html! {
            <button data-testid={id} title={words.say(hint_of(size))} aria-pressed={is_on.to_string()} onclick={press}>{ words.say(id) }</button>
        }
    });
    html! { <span class="segments" role="group" aria-label={words.say("step-size")}>{ for buttons }</span> }
}

fn hint_of(size: Size) -> &'static str {
    match size {
        Size::Micro => "key-micro",
        Size::Message => "key-message",
        Size::Milestone => "key-milestone",
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SpeedsProps {
    speed: Speed,
}

/// How fast Play goes.
#[component]
fn Speeds(props: &SpeedsProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let buttons = Speed::ALL.into_iter().enumerate().map(|(index, speed)| {
        let desk = desk.clone();
        let press = Callback::from(move |_: MouseEvent| desk.page(Action::Speed(speed)));
        let is_on = props.speed == speed;
        html! { <button data-testid={format!("speed-{index}")} aria-pressed={is_on.to_string()} onclick={press}>{ speed.label() }</button> }
    });
    html! { <span class="segments speeds" role="group" aria-label={words.say("speed")}>{ for buttons }</span> }
}
