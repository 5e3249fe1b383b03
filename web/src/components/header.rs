//! The header: what this is, which cluster, and the page's own buttons.

use yew::prelude::*;

use super::page::FrameProps;
use crate::actions::perform;
use crate::desk::use_desk;
use crate::keys::KeyAction;
use crate::words::{Lang, use_words};

/// The header.
#[component]
pub fn Header(props: &FrameProps) -> Html {
    let words = use_words();
    let desk = use_desk();
    let seed = desk.session.seed();
    let brokers = props.page.now.view.nodes.iter().filter(|node| node.is_broker).count();
    let button = |testid: &'static str, word: &'static str, action: KeyAction, class: &'static str| {
        let (desk, page) = (desk.clone(), props.page.clone());
        let press = Callback::from(move |_: MouseEvent| perform(action, &desk, &page));
        html! { <button {class} data-testid={testid} onclick={press}>{ words.say(word) }</button> }
    };
    let other = match props.page.lang {
        Lang::En => "한국어",
        Lang::Ko => "English",
    };
    let press = |action: KeyAction| {
        let (desk, page) = (desk.clone(), props.page.clone());
        Callback::from(move |_: MouseEvent| perform(action, &desk, &page))
    };
    html! {
        <header class="top">
            <b class="brand">{ "Kafkascope" }</b>
            <span class="about" data-testid="cluster-name">
                { words.say_with("cluster-line", [("brokers", brokers.into()), ("seed", seed.to_string().into())]) }
            </span>
            <span class="space"></span>
            { button("lessons", "lessons", KeyAction::Lessons, "plain") }
            { button("open-new-cluster", "new-cluster", KeyAction::NewCluster, "plain") }
            { button("files", "files", KeyAction::Files, "plain wide-only") }
            { button("share", "share", KeyAction::Share, "plain") }
            <button class="plain" data-testid="lang" lang={props.page.lang.other().tag()} onclick={press(KeyAction::Lang)}>{ other }</button>
            <button class="plain icon" data-testid="theme" aria-label={words.say("key-theme")} title={words.say("key-theme")}
                onclick={press(KeyAction::Theme)}>{ if props.page.theme.name() == "dark" { "☀" } else { "☾" } }</button>
            <button class="plain icon wide-only" data-testid="keys" aria-label={words.say("key-keys")} title={words.say("key-keys")}
                onclick={press(KeyAction::Keys)}>{ "?" }</button>
        </header>
    }
}
