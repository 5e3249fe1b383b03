//! What was passed since the last stop: how much time went by, and what recurred in it, counted. It can be unfolded.

use yew::prelude::*;

use crate::app::use_app;
use crate::engine::{Passed, Position};
use crate::i18n::{I18n, use_i18n};
use crate::panels::made_steps::use_steps;
use crate::run::SharedSnapshot;

/// How many of the passed steps are listed.
const LISTED_MAX: usize = 60;

/// What was passed.
#[derive(Clone, PartialEq, Properties)]
pub struct PassedStepsProps {
    /// The moment.
    pub snapshot: SharedSnapshot,
    /// What was passed to come there.
    pub passed: Passed,
}

/// A line that counts, and all that it counts where a person unfolds it.
#[component]
pub fn PassedSteps(props: &PassedStepsProps) -> Html {
    let i18n = use_i18n();
    let app = use_app();
    let is_open = use_state_eq(|| false);
    let passed = &props.passed;
    let wanted: Vec<Position> = if *is_open { recurring(passed, &app.session) } else { Vec::new() };
    let more = wanted.len().saturating_sub(LISTED_MAX);
    let made = use_steps(&wanted[..wanted.len() - more], &props.snapshot);
    let rows = made.into_iter().map(|(position, step)| {
        let app = app.clone();
        let go = Callback::from(move |_: MouseEvent| app.session.seek(position));
        let started_ms = props.snapshot.view.started_ms;
        html! {
            <li key={position}><button class="quiet" data-testid={format!("passed-{position}")} onclick={go}>
                if let Some(step) = step {
                    <time>{ step.at_ms.saturating_sub(started_ms) }{ " ms" }</time>{ " " }{ i18n.step(&step.explanation) }
                }
            </button></li>
        }
    });
    let rows: Vec<Html> = rows.collect();
    let toggle = {
        let is_open = is_open.clone();
        Callback::from(move |_: MouseEvent| is_open.set(!*is_open))
    };
    let steps = passed.last - passed.first + 1;
    html! {
        <div class="passed" data-testid="passed">
            <button class="quiet" data-testid="passed-unfold" aria-expanded={is_open.to_string()} onclick={toggle}>
                <span class="sign" aria-hidden="true">{ if *is_open { "▾" } else { "▸" } }</span>
                if passed.is_wait {
                    { i18n.format_with("passed-unfold", [("steps", steps.into())]) }
                } else {
                    { i18n.format_with("passed-told", [("time", time(passed, &i18n).into()), ("counts", counts(passed, &i18n).into())]) }
                }
            </button>
            if *is_open {
                <ul>{ for rows }</ul>
                if more > 0 { <p class="faint">{ i18n.format_with("passed-more", [("count", more.into())]) }</p> }
            }
        </div>
    }
}

/// The passed steps that recur; where none of them does, all.
fn recurring(passed: &Passed, session: &crate::run::Session) -> Vec<Position> {
    let all = passed.first..=passed.last;
    let recurs =
        |at: &Position| session.read(|history| history.entry(*at).is_some_and(|entry| entry.routine.is_some()));
    if passed.counts.is_empty() { all.collect() } else { all.filter(recurs).collect() }
}

/// What recurred, in words: `13 × connection refused, 34 × empty fetch`.
pub fn counts(passed: &Passed, i18n: &I18n) -> String {
    let counts = passed
        .counts
        .iter()
        .map(|(routine, count)| i18n.format_with(&format!("routine-{}", routine.name()), [("count", (*count).into())]));
    let counts: Vec<String> = counts.collect();
    if !counts.is_empty() {
        return counts.join(", ");
    }
    i18n.format_with("routine-none", [("count", (passed.last - passed.first + 1).into())])
}

/// How much time went by, in milliseconds or, where that is many, in seconds.
pub fn time(passed: &Passed, i18n: &I18n) -> String {
    if passed.ms < 1_000 {
        i18n.format_with("took-ms", [("ms", passed.ms.into())])
    } else {
        i18n.format_with("took-seconds", [("seconds", format!("{:.1}", passed.ms as f64 / 1_000.0).into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Routine;
    use crate::i18n::Lang;

    fn passed(counts: Vec<(Routine, u32)>, ms: u64) -> Passed {
        Passed { first: 11, last: 60, ms, counts, is_wait: true }
    }

    #[test]
    fn all_that_recurs_has_its_words() {
        let all: Vec<(Routine, u32)> = Routine::all().iter().map(|routine| (*routine, 13)).collect();
        for lang in [Lang::En, Lang::Ko] {
            let words = counts(&passed(all.clone(), 0), &I18n::of(lang));
            assert!(!words.contains("routine-"), "{words}");
        }
    }

    #[test]
    fn a_wait_is_told_in_a_line() {
        let i18n = I18n::of(Lang::En);
        let passed = passed(vec![(Routine::ConnectionRefused, 13), (Routine::EmptyFetch, 4)], 2_640);
        assert_eq!(counts(&passed, &i18n), "13 × connection refused, 4 × empty fetch");
        assert_eq!(time(&passed, &i18n), "2.6 s");
        assert_eq!(time(&self::passed(Vec::new(), 640), &i18n), "640 ms");
    }
}
