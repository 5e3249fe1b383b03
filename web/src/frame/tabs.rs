//! The middle: what this is, the tabs, and what the chosen one shows.

use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

use crate::app::FrameProps;
use crate::app::use_app;
use crate::app::{Action, LessonsPanel, Tab};
use crate::i18n::use_i18n;
use crate::lab::panel::Lab;
use crate::panels::groups::Groups;
use crate::panels::log::LogTab;
use crate::panels::partitioning::Partitioning;
use crate::panels::settings::Settings;
use crate::platform::browser;
use crate::platform::use_media::{PHONE, use_media};
use crate::run::tour::is_first_page;
use crate::scene::{PhoneScene, Scene};

/// The middle.
#[component]
pub fn Middle(props: &FrameProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let is_phone = use_media(PHONE);
    let page = &props.page;
    let snapshot = page.snapshot.clone();
    // What is gone, dims nothing.
    let selection = page.selection.clone().filter(|selection| selection.is_in(&snapshot.view));
    let shown = match page.tab {
        Tab::Cluster if is_phone => {
            html! { <PhoneScene {snapshot} unfolded={page.unfolded.clone()} chosen={page.chosen} {selection} /> }
        }
        Tab::Cluster => html! { <Scene {snapshot} unfolded={page.unfolded.clone()} {selection} /> },
        Tab::Log => html! { <LogTab {snapshot} chosen={page.chosen} {selection} /> },
        Tab::Groups => html! { <Groups {snapshot} {selection} /> },
        Tab::Partitioning => html! { <Partitioning {snapshot} /> },
        Tab::Settings => html! { <Settings {snapshot} /> },
        Tab::Lab => html! { <Lab {snapshot} draft={page.lab.clone()} /> },
    };
    // The intro belongs to the first page: it goes when a person begins something else, and comes back with it.
    let is_at_start = page.snapshot.position == 0 && page.tab == Tab::Cluster && page.lessons == LessonsPanel::Closed;
    let has_intro = is_at_start && page.snapshot.lesson_session.is_none() && app.session.read(is_first_page);
    html! {
        <main class="middle">
            if has_intro {
                <p class="intro" data-testid="intro"><b>{ i18n.format("intro") }</b>{ " " }{ i18n.format("intro-do") }</p>
            }
            <Tabs tab={page.tab} />
            <div class="shown" role="tabpanel" id="tabpanel" aria-labelledby={page.tab.id()}>{ shown }</div>
        </main>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct TabsProps {
    tab: Tab,
}

/// The tabs: one stop for the Tab key. Up and down go from one to the next; right and left are for steps, here as everywhere.
#[component]
fn Tabs(props: &TabsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let current = props.tab;
    let on_key = {
        let app = app.clone();
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowDown" => 1,
                "ArrowUp" => Tab::ALL.len() - 1,
                _ => return,
            };
            event.prevent_default();
            let at = Tab::ALL.iter().position(|tab| *tab == current).unwrap_or(0);
            let tab = Tab::ALL[(at + step) % Tab::ALL.len()];
            app.page(Action::Tab(tab));
            let button = browser::document().and_then(|document| document.get_element_by_id(tab.id()));
            if let Some(button) = button.and_then(|button| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(button).ok()) {
                button.focus().ok();
            }
        })
    };
    let buttons = Tab::ALL.into_iter().map(|tab| {
        let (app, id) = (app.clone(), tab.id());
        let is_on = tab == current;
        let press = Callback::from(move |_: MouseEvent| app.page(Action::Tab(tab)));
        html! {
            <button role="tab" {id} data-testid={id} aria-selected={is_on.to_string()} aria-controls="tabpanel"
                tabindex={if is_on { "0" } else { "-1" }} onclick={press}>{ i18n.format(id) }</button>
        }
    });
    html! { <div class="tabs" role="tablist" aria-label={i18n.format("views")} onkeydown={on_key}>{ for buttons }</div> }
}
