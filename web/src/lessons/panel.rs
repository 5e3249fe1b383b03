//! The left side: a lesson as it is followed. What can be done in the current beat is pinned below its text.

use kafkascope_core::lesson::{Answer, Beat, LessonText, Prediction, Show};
use std::rc::Rc;

use yew::prelude::*;

use crate::app::NowProps;
use crate::app::{Action, LessonsPanel, Tab};
use crate::app::{AppContext, use_app};
use crate::i18n::{I18n, LocalizedMessage, use_i18n};
use crate::lessons::goals::show_current_beat;
use crate::lessons::markdown::{line_to_html, to_html};
use crate::lessons::table::MeasuredTable;
use crate::platform::browser;
use crate::platform::siblings::siblings;
use crate::platform::use_media::{PHONE, use_media};
use crate::run::LessonAction;
use crate::run::lesson_session::LessonSession;
use crate::run::library::lessons;

/// How many hints a beat has, from where to look to how to do it.
const HINTS: u32 = 3;

/// The id of the current beat's element.
pub const CURRENT_BEAT: &str = "current-beat";

/// The id of the element in which the chosen tab is shown.
const SHOWN: &str = "tabpanel";

/// The tab that shows what a beat names, and the message of its name.
pub fn tab_of(show: Show) -> (Tab, &'static str) {
    match show {
        Show::Pipeline => (Tab::Pipeline, "tab-pipeline"),
        Show::Logs | Show::Envelopes | Show::Clients => (Tab::Cluster, "tab-cluster"),
        Show::Quorum => (Tab::Quorum, "tab-quorum"),
        Show::Console => (Tab::Console, "tab-console"),
        Show::Partitioning => (Tab::Partitioning, "tab-partitioning"),
        Show::Producer => (Tab::Producer, "tab-producer"),
        Show::Groups => (Tab::Groups, "tab-groups"),
        Show::Transactions => (Tab::Transactions, "tab-transactions"),
        Show::Files => (Tab::Log, "tab-log"),
    }
}

/// The lesson.
#[component]
pub fn LessonPanel(props: &NowProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let lesson_session = props.snapshot.lesson_session.clone();
    let text =
        lesson_session.as_ref().and_then(|lesson_session| lesson_session.lesson.text(i18n.lang().language()).cloned());
    let is_phone = use_media(PHONE);
    let at =
        lesson_session.as_ref().map(|lesson_session| (lesson_session.lesson.id.clone(), lesson_session.run.beat()));
    let show = lesson_session.as_ref().and_then(|lesson_session| lesson_session.beat()?.show);
    {
        let app = app.clone();
        use_effect_with((at, is_phone), move |(at, is_phone)| {
            // On a phone the scene is what one looks at: it must not be scrolled away.
            if !is_phone && at.as_ref().is_some_and(|(_, beat)| *beat > 0) {
                show_current_beat();
            }
            if let Some(show) = show {
                app.page(Action::Tab(tab_of(show).0));
                browser::after_paint(|| browser::point_at(SHOWN, false));
            }
        });
    }
    let (Some(lesson_session), Some(text)) = (lesson_session, text) else { return Html::default() };
    let back = {
        let app = app.clone();
        Callback::from(move |_: MouseEvent| app.page(Action::Lessons(LessonsPanel::List)))
    };
    let current = lesson_session.run.beat() as usize;
    let beats = lesson_session.lesson.beats.iter().enumerate().take(current + 1).map(|(index, beat)| {
        beat_of(&Place { lesson_session: &lesson_session, beat, index, text: &text, i18n: &i18n, app: &app })
    });
    html! {
        <aside class="lesson following" aria-label={i18n.format("lesson")} data-testid="lesson">
            <div class="lesson-scroll">
                <button class="quiet back" data-testid="lesson-back" onclick={back}>{ i18n.format("all-lessons") }</button>
                <h1>{ &text.lead.title }</h1>
                { prose(&text.lead.body) }
                { siblings(beats) }
                if lesson_session.run.is_complete() {
                    <div class="lesson-done" data-testid="lesson-done">
                        <p>{ i18n.format("lesson-done") }</p>
                        { next_lesson(&lesson_session.lesson.id, &i18n, &app) }
                    </div>
                }
            </div>
            if let Some(beat) = lesson_session.beat() {
                { bar(&Place { lesson_session: &lesson_session, beat, index: current, text: &text, i18n: &i18n, app: &app }) }
            }
        </aside>
    }
}

/// The lesson behind this one, in the order of the tracks.
fn next_lesson(id: &str, i18n: &I18n, app: &AppContext) -> Option<Html> {
    let library = lessons()?;
    let at = library.lessons.iter().position(|lesson| lesson.id == id)?;
    let next = Rc::new(library.lessons.get(at + 1)?.clone());
    let title = next.text(i18n.lang().language()).map(|text| text.lead.title.clone()).unwrap_or_default();
    let app = app.clone();
    let open = Callback::from(move |_: MouseEvent| app.open_lesson(next.clone()));
    Some(
        html! { <button class="accent" data-testid="lesson-next" onclick={open}>{ i18n.format_with("lesson-next", [("title", title.into())]) }</button> },
    )
}

/// Where in a lesson something is drawn.
struct Place<'a> {
    lesson_session: &'a LessonSession,
    beat: &'a Beat,
    index: usize,
    text: &'a LessonText,
    i18n: &'a I18n,
    app: &'a AppContext,
}

/// One beat. Those that are done keep their text; only the current one has buttons.
fn beat_of(place: &Place<'_>) -> Html {
    let Place { lesson_session, beat, index, text, .. } = *place;
    let is_current = lesson_session.run.beat() as usize == index;
    let passage = text.beat(&beat.id).cloned().unwrap_or_default();
    let goals = beat.goals.iter().enumerate().map(|(goal, each)| {
        let is_done = lesson_session.run.is_reached(index as u32, goal as u32);
        let formatted = text.goal(&beat.id, &each.id).map(|passage| passage.title.clone()).unwrap_or_default();
        let class = classes!("goal", is_done.then_some("done"), (is_current && !is_done).then_some("here"));
        html! {
            <li {class} data-testid={format!("goal-{}", number_of(lesson_session, index, goal))} data-done={is_done.to_string()}>
                <i aria-hidden="true">{ if is_done { "✓" } else { "" } }</i>{ line(&formatted) }
            </li>
        }
    });
    html! {
        <section key={beat.id.clone()} id={is_current.then_some(CURRENT_BEAT)} class={classes!("beat", is_current.then_some("current"))}>
            <h2>{ &passage.title }</h2>
            { prose(&passage.body) }
            { siblings(beat.predictions.iter().filter(|prediction| !is_open(place, prediction)).map(|prediction| question(place, prediction))) }
            if let (Some(table), Some(passage)) = (&beat.table, text.table(&beat.id)) {
                <MeasuredTable table={table.clone()} title={passage.title.clone()} text={passage.body.clone()} />
            }
            <ul class="goals">{ for goals }</ul>
            if !is_current {
                { siblings(beat.doc_checks.iter().filter_map(|check| text.doc_check(&beat.id, check)).map(|passage| html! {
                    <details class="doc-check"><summary>{ line(&passage.title) }</summary>{ prose(&passage.body) }</details>
                })) }
            }
        </section>
    }
}

/// Goals are numbered through the lesson, for tests.
fn number_of(lesson_session: &LessonSession, beat: usize, goal: usize) -> usize {
    lesson_session.lesson.beats[..beat].iter().map(|beat| beat.goals.len()).sum::<usize>() + goal
}

/// What can be done in the current beat, always in sight: answer, do, look, run on, ask for a hint.
fn bar(place: &Place<'_>) -> Html {
    let Place { lesson_session, beat, text, i18n, app, .. } = *place;
    let button = |testid: &'static str, label: Html, action: LessonAction, class: &'static str| {
        let app = app.clone();
        let press = Callback::from(move |_: MouseEvent| app.act_on_lesson(action));
        html! { <button {class} data-testid={testid} onclick={press}>{ label }</button> }
    };
    let is_used = lesson_session.pressed.contains(&beat.id);
    let action = text.action(&beat.id).map(|passage| {
        // A button that was used says so; it can be used again.
        let label = html! { <>{ if is_used { "✓ " } else { "" } }{ line(&passage.title) }if is_used { <small>{ i18n.format("lesson-used") }</small> }</> };
        button("lesson-do", label, LessonAction::Press, if is_used { "used" } else { "accent" })
    });
    let look = beat.show.map(|show| {
        let (tab, name) = tab_of(show);
        let app = app.clone();
        let press = Callback::from(move |_: MouseEvent| {
            app.page(Action::Tab(tab));
            browser::after_paint(|| browser::point_at(SHOWN, true));
        });
        let label = i18n.format_with("lesson-look", [("tab", i18n.format(name).into())]);
        html! { <button class="quiet" data-testid="lesson-look" onclick={press}>{ label }</button> }
    });
    let open = beat.predictions.iter().find(|prediction| is_open(place, prediction));
    let hints = (1..=lesson_session.hints).filter_map(|grade| text.hint(&beat.id, grade));
    let advance_class = if is_used { "accent" } else { "" };
    html! {
        <div class="lesson-bar" role="group" aria-label={i18n.format("lesson-bar")} data-testid="lesson-bar">
            if let Some(prediction) = open {
                { question(place, prediction) }
            }
            <div class="buttons">
                { siblings(action) }
                if beat.advance_within_ms.is_some() {
                    { button("lesson-advance", html! { { i18n.format("lesson-advance") } }, LessonAction::Advance, advance_class) }
                }
                if lesson_session.hints < HINTS {
                    { button("lesson-hint", html! { { i18n.format("lesson-hint") } }, LessonAction::Hint, "quiet") }
                } else {
                    { button("lesson-solve", html! { { i18n.format("lesson-solve") } }, LessonAction::Solve, "") }
                }
                { siblings(look) }
            </div>
            <ul class="hints" aria-live="polite">{ for hints.map(|hint| html! { <li>{ line(&hint.title) }</li> }) }</ul>
        </div>
    }
}

/// Whether a question waits for an answer: it stands in the bar until it has one.
fn is_open(place: &Place<'_>, prediction: &Prediction) -> bool {
    let shown = place.lesson_session.question(place.beat, prediction);
    let is_current = place.lesson_session.run.beat() as usize == place.index;
    is_current && shown.is_some_and(|shown| shown.chosen.is_none() && !shown.is_decided)
}

/// A question, what was chosen and, once the step that decides it has come, the answer.
fn question(place: &Place<'_>, prediction: &Prediction) -> Html {
    let Place { lesson_session, beat, text, i18n, app, .. } = *place;
    let Some(shown) = lesson_session.question(beat, prediction) else { return Html::default() };
    let Some(passage) = text.prediction(&beat.id, &prediction.id) else { return Html::default() };
    let is_answered = shown.chosen.is_some();
    let options = shown.options.iter().enumerate().map(|(number, option)| {
        let is_chosen = shown.chosen.as_ref() == Some(option);
        let is_right = shown.is_decided && *option == shown.answer;
        let (app, beat, question, answer) = (app.clone(), beat.id.clone(), prediction.id.clone(), option.clone());
        let choose = Callback::from(move |_: MouseEvent| app.session.predict(&beat, &question, answer.clone()));
        let is_wrong = shown.is_decided && is_chosen && !is_right;
        let class = classes!(is_right.then_some("right"), is_wrong.then_some("wrong"));
        html! {
            <button {class} data-testid={format!("option-{number}")} aria-pressed={is_chosen.to_string()} disabled={is_answered || shown.is_decided} onclick={choose}>
                { answer_text(option, i18n) }{ if is_right { " ✓" } else if is_wrong { " ✗" } else { "" } }
            </button>
        }
    });
    html! {
        <div class="ask" data-testid={format!("question-{}", prediction.id)} data-answered={is_answered.to_string()} data-decided={shown.is_decided.to_string()}>
            <p><b>{ i18n.format("before-you-step") }</b>{ " " }{ line(&passage.title) }</p>
            <div class="options">{ for options }</div>
            <div aria-live="polite">
                if shown.is_decided {
                    { prose(&passage.body) }
                } else if is_answered {
                    <p class="faint">{ i18n.format("answer-comes") }</p>
                }
            </div>
        </div>
    }
}

fn answer_text(answer: &Answer, i18n: &I18n) -> String {
    i18n.engine("answer", &LocalizedMessage::of(answer, "answer"))
}

/// A text of several paragraphs. Tags in it were made text.
pub fn prose(text: &str) -> Html {
    html! { <Markdown text={text.to_owned()} is_line={false} /> }
}

/// A heading or a line, with code in it.
pub fn line(text: &str) -> Html {
    html! { <Markdown text={text.to_owned()} is_line={true} /> }
}

/// A text in Markdown. It is read once, not at every step.
#[derive(Clone, PartialEq, Properties)]
struct MarkdownProps {
    text: String,
    is_line: bool,
}

#[component]
fn Markdown(props: &MarkdownProps) -> Html {
    let html = |html: String| Html::from_html_unchecked(AttrValue::from(html));
    if props.is_line {
        return html(format!("<span>{}</span>", line_to_html(&props.text)));
    }
    html! { <div class="lesson-text">{ html(to_html(&props.text)) }</div> }
}
