//! All runs of the session and their branches: what was opened is never lost, and one can always go back to it.

use yew::prelude::*;

use crate::app::{Action, Dialog, NowProps, use_app};
use crate::engine::BranchView;
use crate::i18n::{I18n, use_i18n};
use crate::run::Place;
use crate::run::library::lessons;
use crate::run::runs::{Origin, RunView};

/// The window.
#[component]
pub fn Runs(_: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let runs = app.session.runs().into_iter().map(|run| {
        let show = {
            let (app, id) = (app.clone(), run.id);
            Callback::from(move |_: MouseEvent| {
                app.session.show_run(id);
                app.page(Action::Close);
            })
        };
        let branches = run.branches.iter().map(|branch| {
            let (app, place) = (app.clone(), Place { run: run.id, branch: branch.id, position: branch.len });
            let go = Callback::from(move |_: MouseEvent| {
                app.go(place);
                app.page(Action::Close);
            });
            html! {
                <li key={branch.id}><button class="quiet" data-testid={format!("branch-{}-{}", run.id, branch.id)} aria-current={(run.is_current && branch.is_current).to_string()} onclick={go}>
                    { branch_name(branch, &i18n) }
                </button></li>
            }
        });
        html! {
            <li key={run.id}>
                <button class="preset" data-testid={format!("run-{}", run.id)} aria-current={run.is_current.to_string()} onclick={show}>
                    <b>{ run_name(&run, &i18n) }</b>
                    <span>{ i18n.format_with("run-line", [("brokers", run.brokers.into()), ("step", run.position.into())]) }</span>
                </button>
                if run.branches.len() > 1 {
                    <ul class="branches">{ for branches }</ul>
                }
            </li>
        }
    });
    html! {
        <Dialog title={i18n.format("key-runs")} testid="runs-window">
            <p class="faint">{ i18n.format("runs-text") }</p>
            <ul class="presets runs">{ for runs }</ul>
        </Dialog>
    }
}

/// What a run is called: by where it came from.
fn run_name(run: &RunView, i18n: &I18n) -> String {
    let number = run.id + 1;
    let name = match &run.origin {
        Origin::First => i18n.format("run-first"),
        Origin::Preset(id) => i18n.find(&format!("preset-{id}")).unwrap_or_else(|| id.clone()),
        Origin::Own => i18n.format("run-own"),
        Origin::Lesson(id) => {
            let library = lessons();
            let lesson = library.as_ref().and_then(|library| library.lesson(id));
            let text = lesson.and_then(|lesson| lesson.text(i18n.lang().language()));
            text.map_or_else(|| id.clone(), |text| text.lead.title.clone())
        }
        Origin::Recording(title) => title.clone(),
        Origin::Opened => i18n.format("run-opened"),
    };
    format!("{number} · {name}")
}

/// What a branch is called: what a person did where it begins.
pub fn branch_name(branch: &BranchView, i18n: &I18n) -> String {
    let number = branch.id + 1;
    match (&branch.began_with, branch.from) {
        (Some(explanation), Some((_, at))) => {
            let what = i18n.step(explanation);
            let what = what.split_once(". ").map_or(what.as_str(), |(first, _)| first).trim_end_matches('.').to_owned();
            i18n.format_with(
                "branch-name",
                [("number", number.into()), ("step", (at + 1).into()), ("what", what.into())],
            )
        }
        (None, _) | (_, None) => i18n.format_with("branch-first", [("number", number.into())]),
    }
}
