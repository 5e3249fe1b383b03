//! The header: what this is, which cluster, and the page's own buttons.

use yew::prelude::*;

use crate::app::FrameProps;
use crate::app::use_app;
use crate::controls::actions::perform;
use crate::controls::keys::KeyAction;
use crate::i18n::{Lang, use_i18n};
use crate::platform::browser;

/// The header.
#[component]
pub fn Header(props: &FrameProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let seed = app.session.seed();
    let brokers = props.page.snapshot.view.nodes.iter().filter(|node| node.is_broker).count();
    let has_others = app.session.run_count() > 1;
    let button = |testid: &'static str, word: &'static str, action: KeyAction, class: &'static str| {
        let (app, page) = (app.clone(), props.page.clone());
        let press = Callback::from(move |_: MouseEvent| perform(action, &app, &page));
        html! { <button {class} data-testid={testid} onclick={press}>{ i18n.format(word) }</button> }
    };
    let other = match props.page.lang {
        Lang::En => "한국어",
        Lang::Ko => "English",
    };
    let press = |action: KeyAction| {
        let (app, page) = (app.clone(), props.page.clone());
        Callback::from(move |_: MouseEvent| perform(action, &app, &page))
    };
    // Not by the address: that holds the run.
    let to_forward = Callback::from(|event: MouseEvent| {
        event.prevent_default();
        browser::focus_on("[data-testid=forward]");
    });
    html! {
        <header class="top">
            <a class="skip" href="#forward" data-testid="skip" onclick={to_forward}>{ i18n.format("skip-to-forward") }</a>
            <h1 class="brand">{ "Kafkascope" }</h1>
            <span class="about" data-testid="cluster-name">
                { i18n.format_with("cluster-line", [("brokers", brokers.into()), ("seed", seed.to_string().into())]) }
            </span>
            if has_others {
                { button("runs", "runs", KeyAction::Runs, "plain wide-only") }
            }
            <span class="space"></span>
            { button("lessons", "lessons", KeyAction::Lessons, "plain") }
            { button("open-new-cluster", "new-cluster", KeyAction::NewCluster, "plain wide-only") }
            { button("files", "files", KeyAction::Files, "plain wide-only") }
            { button("share", "share", KeyAction::Share, "plain wide-only") }
            <button class="plain" data-testid="lang" lang={props.page.lang.other().tag()} onclick={press(KeyAction::Lang)}>{ other }</button>
            <button class="plain icon wide-only" data-testid="theme" aria-label={i18n.format("key-theme")} title={i18n.format("key-theme")}
                onclick={press(KeyAction::Theme)}>{ if props.page.theme.name() == "dark" { "☀" } else { "☾" } }</button>
            <button class="plain icon narrow-only" data-testid="more" aria-label={i18n.format("more")} title={i18n.format("more")}
                onclick={press(KeyAction::Keys)}>{ "⋯" }</button>
            <button class="plain icon wide-only" data-testid="keys" aria-label={i18n.format("key-keys")} title={i18n.format("key-keys")}
                onclick={press(KeyAction::Keys)}>{ "?" }</button>
        </header>
    }
}
