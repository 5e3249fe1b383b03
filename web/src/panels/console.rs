//! The console: Kafka's command line tools, asked of the cluster that is shown.

use std::rc::Rc;

use kafkascope_core::lesson::Entry;
use web_sys::{HtmlInputElement, KeyboardEvent, SubmitEvent};
use yew::prelude::*;

use crate::app::{Action, ConsoleEntry, ConsoleState, use_app};
use crate::engine::console::{Outcome, ToolOutput, answered, complete, execute};
use crate::i18n::{I18n, LocalizedMessage, use_i18n};
use crate::platform::siblings::siblings;
use crate::run::SharedSnapshot;

/// The id of the line.
const LINE: &str = "console-line";

/// What the console needs.
#[derive(Clone, PartialEq, Properties)]
pub struct ConsoleProps {
    /// The moment that is shown.
    pub snapshot: SharedSnapshot,
    /// What was typed; nothing before anything was.
    pub console: Option<Rc<ConsoleState>>,
}

/// The tab.
#[component]
pub fn Console(props: &ConsoleProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let console = props.console.clone().unwrap_or_default();
    let line = use_state_eq(String::new);
    // How far back a person has gone through what was typed.
    let back = use_state_eq(|| 0usize);
    let candidates = use_state_eq(Vec::<String>::new);
    let end = use_node_ref();
    {
        let end = end.clone();
        use_effect_with((console.entries.len(), props.snapshot.position), move |_| {
            if let Some(end) = end.cast::<web_sys::Element>() {
                end.set_scroll_top(end.scroll_height());
            }
        });
    }
    let run = {
        let (app, console, line, back, candidates) =
            (app.clone(), console.clone(), line.clone(), back.clone(), candidates.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed = line.trim().to_owned();
            line.set(String::new());
            back.set(0);
            candidates.set(Vec::new());
            if typed == "clear" {
                return app.page(Action::Console(console.cleared()));
            }
            if typed.is_empty() {
                return;
            }
            let probe = console.next_probe();
            let outcome = app.session.read(|history| execute(history.cluster(), &typed, probe));
            let is_taken = match &outcome {
                Outcome::Sent { command, .. } => app.act((**command).clone()),
                Outcome::Printed(_) | Outcome::Hint(_) => true,
            };
            if is_taken {
                app.page(Action::Console(console.with(ConsoleEntry { line: typed.clone(), probe, outcome })));
                app.session.wrote(&Entry::Line(typed));
            }
        })
    };
    let write = {
        let (line, back, candidates) = (line.clone(), back.clone(), candidates.clone());
        Callback::from(move |event: InputEvent| {
            back.set(0);
            candidates.set(Vec::new());
            line.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let key = {
        let (app, console, line, back, candidates) =
            (app.clone(), console.clone(), line.clone(), back.clone(), candidates.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "ArrowUp" | "ArrowDown" => {
                event.prevent_default();
                let wanted = if event.key() == "ArrowUp" { *back + 1 } else { back.saturating_sub(1) };
                if let Some(typed) = console.typed(wanted).or((wanted == 0).then_some("")) {
                    back.set(wanted);
                    line.set(typed.to_owned());
                }
            }
            // An empty line lets the focus go on, as everywhere.
            "Tab" if !event.shift_key() && !line.is_empty() => {
                let all = app.session.read(|history| complete(history.cluster(), &line));
                let Some(common) = common_start(&all) else { return };
                event.prevent_default();
                let kept = line.rfind(char::is_whitespace).map_or(0, |at| at + 1);
                let space = if all.len() == 1 { " " } else { "" };
                line.set(format!("{}{common}{space}", &line[..kept]));
                candidates.set(if all.len() > 1 { all } else { Vec::new() });
            }
            _ => {}
        })
    };
    let entries = console.entries.iter().map(|entry| entry_of(entry, &app, &i18n));
    html! {
        <section class="console" data-testid="console">
            <div class="console-lines" ref={end} role="log" aria-label={i18n.format("tab-console")} tabindex="0">
                <p class="faint">{ i18n.format("console-intro") }</p>
                { siblings(entries) }
            </div>
            if !candidates.is_empty() {
                <p class="candidates" role="status" data-testid="console-candidates">{ candidates.join("  ") }</p>
            }
            <form onsubmit={run}>
                <label for={LINE} aria-hidden="true">{ "$" }</label>
                <input id={LINE} data-testid={LINE} aria-label={i18n.format("console-label")} value={(*line).clone()} oninput={write} onkeydown={key}
                    autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="kafka-topics --describe" />
                <button type="submit" data-testid="console-run">{ i18n.format("console-run") }</button>
            </form>
        </section>
    }
}

/// What all candidates begin with; none where there is none.
fn common_start(all: &[String]) -> Option<String> {
    let first = all.first()?;
    let fits = |length: usize| all.iter().all(|each| each.get(..length) == first.get(..length));
    let length = (0..=first.len()).rev().find(|length| first.is_char_boundary(*length) && fits(*length))?;
    Some(first[..length].to_owned())
}

fn entry_of(entry: &ConsoleEntry, app: &crate::app::AppContext, i18n: &I18n) -> Html {
    let said = match &entry.outcome {
        Outcome::Printed(output) => printed(output),
        Outcome::Hint(hint) => {
            let text = i18n.engine("console", &LocalizedMessage::of(hint, "hint"));
            html! { <p class="hint">{ text }</p> }
        }
        Outcome::Sent { before, .. } => {
            let answer = app
                .session
                .read(|history| answered(history.cluster(), &entry.line, history.cluster().probe_answer(entry.probe)?));
            let first = printed(&ToolOutput { stdout: before.clone(), stderr: Vec::new() });
            match answer {
                Some(output) => html! { <>{ first }{ printed(&output) }</> },
                None => html! { <>{ first }<p class="hint">{ i18n.format("console-waits") }</p></> },
            }
        }
    };
    html! {
        <div class="entry" data-testid="console-entry">
            <code class="typed">{ format!("$ {}", entry.line) }</code>
            { said }
        </div>
    }
}

fn printed(output: &ToolOutput) -> Html {
    html! {
        <>
            if !output.stdout.is_empty() { <pre tabindex="0">{ output.stdout.join("\n") }</pre> }
            if !output.stderr.is_empty() { <pre class="stderr" tabindex="0">{ output.stderr.join("\n") }</pre> }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_candidates_have_in_common_is_completed() {
        let all = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(common_start(&all(&["--under-min", "--under-rep"])), Some("--under-".to_owned()));
        assert_eq!(common_start(&all(&["orders"])), Some("orders".to_owned()));
        assert_eq!(common_start(&[]), None);
        assert_eq!(common_start(&all(&["한글", "한국"])), Some("한".to_owned()));
    }
}
