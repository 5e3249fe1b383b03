//! A cluster from the property files of its nodes: side by side, with what is wrong at its line.

use std::rc::Rc;

use kafkascope_core::lesson::Entry;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, File, FileList, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::app::{Action, Banner, ConfigDraft, Dialog, use_app};
use crate::engine::Scenario;
use crate::engine::properties::{Caution, Place, ServerFile, export, text, with_clients};
use crate::i18n::{I18n, LocalizedMessage, use_i18n};
use crate::platform::browser;
use crate::run::runs::Origin;

/// The seed of a cluster from files.
const SEED: u64 = 42;

/// What the window of files needs.
#[derive(Clone, PartialEq, Properties)]
pub struct ConfigFilesProps {
    /// What is written; nothing before anything was.
    pub draft: Option<Rc<ConfigDraft>>,
}

/// One thing that is said of a file.
struct Note {
    line: Option<u32>,
    is_mistake: bool,
    text: String,
    kafka: Option<String>,
}

/// The window.
#[component]
pub fn ConfigFiles(props: &ConfigFilesProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let draft = props.draft.clone().unwrap_or_default();
    let set = {
        let app = app.clone();
        Callback::from(move |draft: ConfigDraft| {
            let written = Entry::Files(draft.files.clone());
            app.page(Action::Config(draft));
            app.session.wrote(&written);
        })
    };
    let open_files = {
        let (draft, set, app) = (draft.clone(), set.clone(), app.clone());
        Callback::from(move |list: Option<FileList>| {
            let files: Vec<File> =
                list.map(|list| (0..list.length()).filter_map(|at| list.get(at)).collect()).unwrap_or_default();
            let (draft, set, app) = (draft.clone(), set.clone(), app.clone());
            spawn_local(async move {
                let mut read = Vec::new();
                for file in files {
                    let name = file.name();
                    match browser::read_bytes(file).await {
                        Some(bytes) => read.push(ServerFile { name, text: text::decode(&bytes) }),
                        None => app.page(Action::Fail(Banner::Failed("file-unreadable"))),
                    }
                }
                set.emit(draft.with_files(read));
            });
        })
    };
    let pick = {
        let open_files = open_files.clone();
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            open_files.emit(input.files());
        })
    };
    let drop = Callback::from(move |event: DragEvent| {
        event.prevent_default();
        open_files.emit(event.data_transfer().and_then(|dropped| dropped.files()));
    });
    let over = Callback::from(|event: DragEvent| event.prevent_default());
    let add = {
        let (draft, set) = (draft.clone(), set.clone());
        Callback::from(move |_: MouseEvent| set.emit(draft.with_another()))
    };
    let of_run = {
        let (draft, set, app) = (draft.clone(), set.clone(), app.clone());
        Callback::from(move |_: MouseEvent| {
            let files = app.session.read(|history| export(history.cluster().config()));
            set.emit(ConfigDraft { with_clients: draft.with_clients, ..ConfigDraft::of(files) });
        })
    };
    let clients = {
        let (draft, set) = (draft.clone(), set.clone());
        Callback::from(move |event: Event| {
            let with_clients = event.target_unchecked_into::<HtmlInputElement>().checked();
            set.emit(ConfigDraft { with_clients, ..(*draft).clone() });
        })
    };
    let build = {
        let (draft, app) = (draft.clone(), app.clone());
        Callback::from(move |_: MouseEvent| {
            let Ok(config) = draft.review.cluster.clone() else { return };
            let config = if draft.with_clients { with_clients(config) } else { config };
            if app.load(Scenario::new(config, SEED), Origin::Own) {
                app.page(Action::Close);
            }
        })
    };
    let mistakes = draft.review.cluster.as_ref().err().map_or(0, Vec::len);
    let warnings = draft.review.warnings.len();
    let count = i18n.format_with("config-count", [("mistakes", mistakes.into()), ("warnings", warnings.into())]);
    let tabs = draft.files.iter().enumerate().map(|(at, file)| {
        let (draft_then, set) = (draft.clone(), set.clone());
        let show = Callback::from(move |_: MouseEvent| set.emit(ConfigDraft { shown: at, ..(*draft_then).clone() }));
        let is_shown = at == draft.shown;
        let wrong = notes_of(&draft, at, &i18n).iter().filter(|note| note.is_mistake).count();
        html! {
            <button aria-pressed={is_shown.to_string()} data-testid={format!("config-tab-{at}")} onclick={show}>
                { file.name.clone() }{ if wrong > 0 { format!(" ({wrong})") } else { String::new() } }
            </button>
        }
    });
    let files = (0..draft.files.len()).map(|at| file_of(&draft, at, &set, &i18n));
    html! {
        <Dialog title={i18n.format("config-files")} testid="config-files">
            <div class="config" ondrop={drop} ondragover={over}>
                <p class="faint">{ i18n.format("config-files-text") }</p>
                <div class="buttons">
                    <button data-testid="config-add" onclick={add}>{ i18n.format("config-add") }</button>
                    <label class="file">{ i18n.format("config-open") }
                        <input type="file" multiple=true data-testid="config-open" onchange={pick} />
                    </label>
                    <button data-testid="config-of-run" onclick={of_run}>{ i18n.format("config-of-run") }</button>
                </div>
                <div class="config-tabs">{ for tabs }</div>
                <div class="config-files">{ for files }</div>
                <label class="check">
                    <input type="checkbox" data-testid="config-clients" checked={draft.with_clients} onchange={clients} />
                    { i18n.format("config-with-clients") }
                </label>
                <div class="buttons">
                    <button class="go" data-testid="config-build" disabled={mistakes > 0} onclick={build}>{ i18n.format("config-build") }</button>
                    <span role="status" data-testid="config-count">{ count }</span>
                </div>
            </div>
        </Dialog>
    }
}

/// What is said of a file, by line.
fn notes_of(draft: &ConfigDraft, file: usize, i18n: &I18n) -> Vec<Note> {
    let is_here = |place: &Place| place.file as usize == file;
    let mistakes = draft.review.cluster.as_ref().err().into_iter().flatten().filter(|mistake| is_here(&mistake.place));
    let mistakes = mistakes.map(|mistake| Note {
        line: mistake.place.line,
        is_mistake: true,
        text: i18n.engine("mistake", &LocalizedMessage::of(&mistake.problem, "mistake")),
        kafka: mistake.kafka.clone(),
    });
    let warnings = draft.review.warnings.iter().filter(|warning| is_here(&warning.place));
    let warnings = warnings.map(|warning| {
        let mut text = i18n.engine("caution", &LocalizedMessage::of(&warning.caution, "caution"));
        if let Caution::NoEffectHere { reason, .. } = &warning.caution {
            text = format!("{text} {}", i18n.format(&format!("unmodelled-{}", reason.name())));
        }
        Note { line: warning.place.line, is_mistake: false, text, kafka: None }
    });
    mistakes.chain(warnings).collect()
}

/// A file with its lines, and what is said of them.
fn file_of(draft: &Rc<ConfigDraft>, at: usize, set: &Callback<ConfigDraft>, i18n: &I18n) -> Html {
    let file = &draft.files[at];
    let notes = notes_of(draft, at, i18n);
    let named = |key: &str| i18n.format_with(key, [("name", file.name.clone().into())]);
    let write = {
        let (draft, set) = (draft.clone(), set.clone());
        Callback::from(move |event: InputEvent| {
            set.emit(draft.with_text(at, event.target_unchecked_into::<HtmlTextAreaElement>().value()));
        })
    };
    let remove = {
        let (draft, set) = (draft.clone(), set.clone());
        Callback::from(move |_: MouseEvent| set.emit(draft.without(at)))
    };
    let save = {
        let file = file.clone();
        Callback::from(move |_: MouseEvent| {
            browser::download(&file.name, "text/plain", &file.text);
        })
    };
    let lines = file.text.split('\n').count().max(8);
    let gutter = (1..=u32::try_from(lines).unwrap_or(u32::MAX)).map(|line| {
        let is = |wanted: bool| notes.iter().any(|note| note.line == Some(line) && note.is_mistake == wanted);
        let (class, mark) = match (is(true), is(false)) {
            (true, _) => (Some("wrong"), "✕"),
            (false, true) => (Some("unwise"), "△"),
            (false, false) => (None, ""),
        };
        html! { <span class={classes!(class)}><i>{ mark }</i>{ line }</span> }
    });
    let area = format!("config-text-{at}");
    let items = notes.iter().map(|note| {
        let place = match note.line {
            Some(line) => i18n.format_with("config-line", [("line", line.into())]),
            None => i18n.format("config-whole"),
        };
        let (line, id) = (note.line, area.clone());
        let go = Callback::from(move |_: MouseEvent| select_line(&id, line));
        html! {
            <li class={if note.is_mistake { "wrong" } else { "unwise" }}>
                <button class="quiet" onclick={go}><i aria-hidden="true">{ if note.is_mistake { "✕" } else { "△" } }</i>{ place }</button>
                <span>{ &note.text }</span>
                if let Some(kafka) = &note.kafka {
                    <span class="kafka"><small>{ i18n.format("config-kafka-says") }</small><code>{ kafka }</code></span>
                }
            </li>
        }
    });
    html! {
        <section key={at} class={classes!("config-file", (at == draft.shown).then_some("shown"))} data-testid={format!("config-file-{at}")}>
            <header>
                <b>{ &file.name }</b>
                <button class="quiet" aria-label={named("config-save")} data-testid={format!("config-save-{at}")} onclick={save}>{ "↓" }</button>
                <button class="quiet" aria-label={named("config-remove")} data-testid={format!("config-remove-{at}")} onclick={remove}>{ "✕" }</button>
            </header>
            <div class="config-text">
                <div class="gutter" aria-hidden="true">{ for gutter }</div>
                <textarea id={area.clone()} data-testid={area.clone()} rows={lines.to_string()} wrap="off" spellcheck="false" autocomplete="off"
                    aria-label={named("config-file-text")} aria-invalid={notes.iter().any(|note| note.is_mistake).to_string()}
                    aria-describedby={format!("config-notes-{at}")} value={file.text.clone()} oninput={write} />
            </div>
            <ul class="config-notes" id={format!("config-notes-{at}")} data-testid={format!("config-notes-{at}")}>{ for items }</ul>
        </section>
    }
}

/// Selects a line of a text that is written.
fn select_line(id: &str, line: Option<u32>) {
    let element = browser::document().and_then(|document| document.get_element_by_id(id));
    let Some(area) = element.and_then(|element| wasm_bindgen::JsCast::dyn_into::<HtmlTextAreaElement>(element).ok())
    else {
        return;
    };
    area.focus().ok();
    let text = area.value();
    let Some(at) = line.and_then(|line| usize::try_from(line).ok()) else { return };
    // A text area counts in UTF-16 units.
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let before: u32 = text.split('\n').take(at - 1).map(|line| units(line) + 1).sum();
    let length = text.split('\n').nth(at - 1).map_or(0, units);
    area.set_selection_range(before, before + length).ok();
}
