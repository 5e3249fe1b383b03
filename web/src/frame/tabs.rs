//! The middle: what this is, the tabs, and what the chosen one shows.

use yew::prelude::*;

use crate::app::{Action, FrameProps, LessonsPanel, Tab, TabItem, TabList, use_app};
use crate::i18n::use_i18n;
use crate::lab::panel::Lab;
use crate::panels::console::Console;
use crate::panels::groups::Groups;
use crate::panels::log::LogTab;
use crate::panels::metrics::MetricsTab;
use crate::panels::partitioning::Partitioning;
use crate::panels::pipeline::PipelineTab;
use crate::panels::producer::ProducerTab;
use crate::panels::quorum::QuorumTab;
use crate::panels::settings::Settings;
use crate::panels::transactions::TransactionsTab;
use crate::platform::use_media::{PHONE, use_media};
use crate::run::tour::is_first_page;
use crate::scene::{PhoneScene, Scene};

/// The id of the element that shows the chosen tab.
const PANEL: &str = "tabpanel";

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
        Tab::Producer => html! { <ProducerTab {snapshot} {selection} /> },
        Tab::Groups => html! { <Groups {snapshot} {selection} /> },
        Tab::Transactions => html! { <TransactionsTab {snapshot} {selection} /> },
        Tab::Quorum => html! { <QuorumTab {snapshot} {selection} /> },
        Tab::Pipeline => html! { <PipelineTab {snapshot} {selection} /> },
        Tab::Metrics => html! { <MetricsTab {snapshot} {selection} /> },
        Tab::Partitioning => html! { <Partitioning {snapshot} /> },
        Tab::Settings => html! { <Settings {snapshot} /> },
        Tab::Console => html! { <Console {snapshot} console={page.console.clone()} /> },
        Tab::Lab => html! { <Lab {snapshot} draft={page.lab.clone()} /> },
    };
    // The intro belongs to the first page: it goes when a person begins something else, and comes back with it.
    let is_at_start = page.snapshot.position == 0 && page.tab == Tab::Cluster && page.lessons == LessonsPanel::Closed;
    let has_intro = is_at_start && page.snapshot.lesson_session.is_none() && app.session.read(is_first_page);
    let tabs = Tab::ALL.map(|tab| TabItem { id: tab.id(), label: i18n.format(tab.id()), count: 0 });
    let current = Tab::ALL.iter().position(|tab| *tab == page.tab).unwrap_or(0);
    // The same from render to render: the tabs are not drawn again when the run moves.
    let choose = use_callback(app.clone(), |index: usize, app| {
        app.page(Action::Tab(Tab::ALL.get(index).copied().unwrap_or_default()));
    });
    html! {
        <main class="middle">
            if has_intro {
                <p class="intro" data-testid="intro"><b>{ i18n.format("intro") }</b>{ " " }{ i18n.format("intro-do") }</p>
            }
            <TabList label={i18n.format("views")} tabs={tabs.to_vec()} {current} controls={PANEL} {choose} />
            <div class="shown" role="tabpanel" id={PANEL} aria-labelledby={page.tab.id()}>
                <h2 class="unseen">{ i18n.format(page.tab.id()) }</h2>
                { shown }
            </div>
        </main>
    }
}
