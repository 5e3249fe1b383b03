//! The right side: what happened and what changed, always in sight; why not, whence, what next and all steps as tabs.

use yew::prelude::*;

use crate::app::{Action, Found, FrameProps, SideTab, TabItem, TabList, use_app};
use crate::i18n::use_i18n;
use crate::panels::at_rest::AtRest;
use crate::panels::causes::Causes;
use crate::panels::changes::Changes;
use crate::panels::happened::Happened;
use crate::panels::next::Next;
use crate::panels::passed::PassedSteps;
use crate::panels::steps::Steps;
use crate::panels::tour_done::TourDone;
use crate::panels::why::Why;

/// The id of the element that shows the chosen tab.
const PANEL: &str = "side-panel";

/// So long must a way have been that one is told what was on it, in milliseconds: shorter ones are mere hops.
const PASSED_MS_MIN: u64 = 100;

/// The right side.
#[component]
pub fn What(props: &FrameProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let page = &props.page;
    let snapshot = &page.snapshot;
    let passed = snapshot.passed(page.size).filter(|passed| passed.is_wait).cloned();
    // A lesson tells the person what to do next.
    let is_idle = passed.is_some()
        && snapshot.lesson_session.is_none()
        && page.outlook.as_ref().is_some_and(|outlook| matches!(outlook.found, Found::Nothing { .. }));
    let at_rest = is_idle.then(|| snapshot.view.unfinished());
    let tabs = SideTab::ALL.map(|tab| TabItem {
        id: tab.id(),
        label: i18n.format(tab.id()),
        count: if tab == SideTab::Why { snapshot.why_not().len() } else { 0 },
    });
    // The same from render to render: the tabs are not drawn again when the run moves.
    let choose = use_callback(app, |index: usize, app| {
        app.page(Action::Side(SideTab::ALL.get(index).copied().unwrap_or_default()));
    });
    let current = SideTab::ALL.iter().position(|tab| *tab == page.side).unwrap_or(0);
    let shown = match page.side {
        SideTab::Why => html! { <Why snapshot={snapshot.clone()} asked={page.asked} /> },
        SideTab::Cause => html! { <Causes snapshot={snapshot.clone()} /> },
        SideTab::Next => html! { <Next snapshot={snapshot.clone()} /> },
        SideTab::Steps => html! { <Steps snapshot={snapshot.clone()} /> },
    };
    // What has nothing to press in it is scrolled by keys all the same.
    let tab_index = (page.side == SideTab::Why).then_some("0");
    html! {
        <aside class="what" aria-label={i18n.format("what")}>
            <div class="told" tabindex="0">
                <Happened step={snapshot.step.clone()} {passed} />
                if let Some(passed) = snapshot.passed(page.size).filter(|passed| passed.is_wait || passed.ms >= PASSED_MS_MIN).cloned() {
                    <PassedSteps snapshot={snapshot.clone()} {passed} />
                }
                if page.offers.are_open() {
                    <TourDone offers={page.offers.clone()} />
                }
                <Changes step={snapshot.step.clone()} />
            </div>
            <TabList label={i18n.format("side-tabs")} tabs={tabs.to_vec()} {current} controls={PANEL} {choose} />
            <div class="side-page" role="tabpanel" id={PANEL} aria-labelledby={page.side.id()} tabindex={tab_index}>{ shown }</div>
            if let Some(unfinished) = at_rest {
                <AtRest {unfinished} />
            }
        </aside>
    }
}
