//! The header: what this is, which cluster, and the page's own buttons.

use yew::prelude::*;

use crate::app::Theme;
use crate::controls::keys::KeyAction;
use crate::i18n::{Lang, use_i18n};
use crate::platform::browser;

/// What the header shows.
#[derive(Clone, PartialEq, Properties)]
pub struct HeaderProps {
    /// Carries out what its buttons stand for.
    pub press: Callback<KeyAction>,
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub theme: Theme,
    /// How many brokers the cluster has.
    pub brokers: usize,
    /// The seed of the run.
    pub seed: u64,
    /// Whether there is more than one run.
    pub has_others: bool,
}

/// The header.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let i18n = use_i18n();
    let press = |action: KeyAction| props.press.reform(move |_: MouseEvent| action);
    let button = |testid: &'static str, word: &'static str, action: KeyAction, class: &'static str| {
        html! { <button {class} data-testid={testid} onclick={press(action)}>{ i18n.format(word) }</button> }
    };
    let other = match props.lang {
        Lang::En => "한국어",
        Lang::Ko => "English",
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
                { i18n.format_with("cluster-line", [("brokers", props.brokers.into()), ("seed", props.seed.to_string().into())]) }
            </span>
            if props.has_others {
                { button("runs", "runs", KeyAction::Runs, "plain wide-only") }
            }
            <span class="space"></span>
            { button("lessons", "lessons", KeyAction::Lessons, "plain") }
            { button("open-new-cluster", "new-cluster", KeyAction::NewCluster, "plain wide-only") }
            { button("files", "files", KeyAction::Files, "plain wide-only") }
            { button("share", "share", KeyAction::Share, "plain wide-only") }
            <button class="plain" data-testid="lang" lang={props.lang.other().tag()} onclick={press(KeyAction::Lang)}>{ other }</button>
            <button class="plain icon wide-only" data-testid="theme" aria-label={i18n.format("key-theme")} title={i18n.format("key-theme")}
                onclick={press(KeyAction::Theme)}>{ if props.theme.name() == "dark" { "☀" } else { "☾" } }</button>
            <button class="plain icon narrow-only" data-testid="more" aria-label={i18n.format("more")} title={i18n.format("more")}
                onclick={press(KeyAction::Keys)}>{ "⋯" }</button>
            <button class="plain icon wide-only" data-testid="keys" aria-label={i18n.format("key-keys")} title={i18n.format("key-keys")}
                onclick={press(KeyAction::Keys)}>{ "?" }</button>
        </header>
    }
}
