//! The left side: recorded runs of a real Kafka, and one of them step by step with the engine's answers beside.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::app::{Action, Banner, LessonsPanel};
use crate::app::{AppContext, use_app};
use crate::i18n::{I18n, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;
use crate::run::recording::{self, Listed, Opened, Recording, arguments, readable};

/// The list, within the list of lessons.
#[component]
pub fn Recordings() -> Html {
    let i18n = use_i18n();
    let app = use_app();
    // What was fetched: nothing yet, or that it could not be.
    let listed = use_state(|| None::<Option<Vec<Listed>>>);
    {
        let listed = listed.clone();
        use_effect_with((), move |()| spawn_local(async move { listed.set(Some(recording::list().await)) }));
    }
    let row = |each: &Listed| {
        let (app, id) = (app.clone(), each.id.clone());
        let open = Callback::from(move |_: MouseEvent| open_listed(app.clone(), id.clone()));
        let (compared, differs) = ([("facts", each.compared.into())], [("facts", each.differs.into())]);
        html! {
            <li key={each.id.clone()}>
                <button class="preset" data-testid={format!("recording-{}", each.id)} onclick={open}>
                    <b>{ &each.title }</b><span><code>{ &each.id }</code></span>
                    if each.differs == 0 {
                        <em class="done">{ i18n.format_with("recording-agrees", compared) }</em>
                    } else {
                        <em>{ i18n.format_with("recording-differs", differs) }</em>
                    }
                </button>
            </li>
        }
    };
    let open_own = app.with_picked_file(AppContext::open_recording);
    html! {
        <div data-testid="recordings">
            <p class="faint">{ i18n.format("recordings-text") }</p>
            <label class="file pick">{ i18n.format("recording-own") }<input type="file" accept=".json,application/json" data-testid="recording-own" onchange={open_own} /></label>
            { match &*listed {
                None => html! { <p class="faint" aria-live="polite">{ i18n.format("fetching") }</p> },
                Some(None) => html! { <p class="faint">{ i18n.format("recordings-unfetched") }</p> },
                Some(Some(rows)) => html! { <ul class="presets">{ for rows.iter().map(row) }</ul> },
            } }
        </div>
    }
}

fn open_listed(app: AppContext, id: String) {
    spawn_local(async move {
        match recording::fetch(&id).await {
            Some(text) => app.open_recording(&text),
            None => app.page(Action::Fail(Banner::Failed("recordings-unfetched"))),
        }
    });
}

/// What is shown of a recording.
#[derive(Clone, PartialEq, Properties)]
pub struct RecordingProps {
    /// The recording.
    pub opened: Opened,
    /// Where the run stands.
    pub snapshot: SharedSnapshot,
}

/// One recording.
#[component]
pub fn RecordingPanel(props: &RecordingProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let recording = &props.opened.0;
    let back = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.page(Action::Lessons(LessonsPanel::List)))
    };
    let here = recording.step_at(props.snapshot.position);
    let steps =
        (0..recording.transcript.steps.len()).map(|step| step_of(recording, step, here == Some(step), &i18n, &app));
    let (outcome, kafka) = (&recording.outcome, recording.transcript.kafka.clone());
    html! {
        <aside class="lesson recording" aria-label={i18n.format("recording")} data-testid="recording">
            <button class="quiet back" data-testid="recording-back" onclick={back}>{ i18n.format("all-recordings") }</button>
            <h1>{ &recording.transcript.title }</h1>
            <p>{ &recording.transcript.about }</p>
            <p class="verdict">
                <b>{ i18n.format_with("recording-of", [("version", kafka.into())]) }</b>
                <span>{ i18n.format_with("recording-agrees", [("facts", outcome.compared.saturating_sub(outcome.differences.len() as u32).into())]) }</span>
                if !outcome.differences.is_empty() {
                    <span class="bad">{ i18n.format_with("recording-differs", [("facts", outcome.differences.len().into())]) }</span>
                }
                if outcome.skipped() > 0 {
                    <span class="faint">{ i18n.format_with("recording-unsaid", [("facts", outcome.skipped().into())]) }</span>
                }
            </p>
            <ol class="recorded">{ for steps }</ol>
        </aside>
    }
}

/// One step: what was done, and what both answered. A press goes to where it was over.
fn step_of(recording: &Recording, step: usize, is_here: bool, i18n: &I18n, app: &AppContext) -> Html {
    let given = &recording.transcript.steps[step];
    let observed: Vec<_> = recording.observed(step).collect();
    let differs = observed.iter().any(|each| each.differs);
    let is_compared = observed.iter().any(|each| each.engine.is_some());
    let (mark, summary) = if differs {
        ("≠", "answers-differ")
    } else if is_compared {
        ("✓", "answers-agree")
    } else {
        ("", "answers-only-kafka")
    };
    let go = recording.mark(step).map(|position| {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.session.run_to(position))
    });
    let answers = observed.iter().map(|each| {
        html! {
            <div class={classes!("answers", each.differs.then_some("bad"))}>
                if !each.path.is_empty() {
                    <code class="path">{ &each.path }</code>
                }
                <div><b>{ i18n.format("kafka-answered") }</b><pre tabindex="0">{ readable(&each.kafka) }</pre></div>
                <div>
                    <b>{ i18n.format("engine-answered") }</b>
                    { match &each.engine {
                        Some(answer) => html! { <pre tabindex="0">{ readable(answer) }</pre> },
                        None => html! { <p class="faint">{ i18n.format("not-compared") }</p> },
                    } }
                </div>
            </div>
        }
    });
    html! {
        <li key={step} class={classes!(is_here.then_some("here"))} aria-current={is_here.then_some("step")}>
            <button class="quiet" data-testid={format!("recorded-{step}")} disabled={go.is_none()} onclick={go.unwrap_or_default()}>
                <b>{ &given.verb }</b><span>{ arguments(given) }</span><em aria-hidden="true">{ mark }</em>
            </button>
            if !observed.is_empty() {
                <details open={is_here} data-testid={format!("answers-{step}")}>
                    <summary>{ i18n.format(summary) }</summary>
                    { siblings(answers) }
                </details>
            }
        </li>
    }
}
