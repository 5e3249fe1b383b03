//! How quick the page is, in figures of the browser's own. They are reported and never judged: a test machine is noisy.

use serde_json::{Value, json};

use kafkascope_core::command::Command;
use kafkascope_core::presets::presets;
use kafkascope_core::scenario::{PlacedCommand, Scenario};

use super::start::wait_for_rehearsal;
use super::tour::start;
use crate::browser::driver::{Failure, Outcome};
use crate::browser::page::Page;
use crate::browser::screenshots::{LANGUAGES, THEMES};
use crate::browser::views::VIEWS;

/// How many presses are measured.
const PRESSES: usize = 60;
/// A press that passes more micro steps was made at rest: it goes on to the next thing worth telling, over the background's fetches and
/// heartbeats.
const AT_REST_STEPS: u64 = 200;
/// The long run: its commands, and its micro steps.
const COMMANDS: u32 = 300;
const STEPS: u32 = 100_000;
/// How often the engine runs for its figure.
const RUNS: usize = 5;
/// How many times slower than this one the machine is.
const THROTTLE: u32 = 4;

/// From key to painted frame, what a press costs, micro steps and seeks.
pub fn speed_is_reported(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    for _ in 0..PRESSES {
        page.key("ArrowRight")?;
    }
    let paints = page.eval("window.kafkascope.lastPaintMs()")?;
    let paints: Vec<f64> = paints.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    assert!(!paints.is_empty(), "no paint was measured");
    report("key to painted frame", paints);
    // As natively: the first run is made to warm up, for a browser compiles what is called often once more, and better.
    let run = || page.eval("window.kafkascope.benchSteps(window.kafkascope.scenario(), 200000)");
    let cold = run()?.as_f64().unwrap_or_default();
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(run()?.as_f64().unwrap_or_default());
    }
    println!(
        "        engine in wasm, with history: {:.0} micro steps/s (median of {RUNS}); {cold:.0} before its code is compiled well",
        median(runs)
    );
    let seek = page.eval("window.kafkascope.benchSeek(window.kafkascope.scenario(), 100000, 200)")?;
    println!("        seek in a run of 100,000 steps: {seek} ms");
    Ok(())
}

/// Script that is the same in every run, and lines that are laid out anew each time: beside what they take the figures of two
/// machines, or of two hours of one, can be compared.
const CALIBRATION: &str = "const began = performance.now();
let hash = 0;
for (let round = 0; round < 30_000_000; round++) hash = (Math.imul(hash, 31) + round) | 0;
const script = performance.now() - began;
const box = document.createElement('div');
box.style.cssText = 'position: absolute; width: 300px; visibility: hidden';
box.innerHTML = '<p><b>step</b> <span>of a run</span></p>'.repeat(300);
document.body.append(box);
for (let width = 300; width > 200; width--) { box.style.width = `${width}px`; box.offsetHeight; }
box.remove();
return [script, hash];";

/// How fast the machine is now.
fn report_calibration(page: &mut Page<'_>) -> Outcome {
    page.devtools("Performance.enable", &json!({"timeDomain": "threadTicks"}))?;
    // The first run is made to warm up.
    page.run(CALIBRATION, &[])?;
    let (mut scripts, mut layouts) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let before = spent(page)?.layout;
        // The browser does not count the script that a test sends.
        scripts.push(page.run(CALIBRATION, &[])?[0].as_f64().unwrap_or_default());
        layouts.push((spent(page)?.layout - before) * 1000.0);
    }
    println!(
        "        the machine now: the same script takes {:.1} ms, the same layout {:.1} ms (medians of {RUNS})",
        median(scripts),
        median(layouts)
    );
    Ok(())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// What a press costs in script, style and layout: on the first page, with nine brokers and thirty partitions, and after a long
/// run; and the longest task on a machine that is four times slower.
pub fn the_cost_of_a_press_is_reported(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    wait_for_rehearsal(page)?;
    report_calibration(page)?;
    report_costs("first page", costs(page)?);
    let wide = VIEWS.iter().find(|view| view.name == "nine-brokers").ok_or("there is no such view")?;
    wide.open(page, (1280, 800), LANGUAGES[0], THEMES[0])?;
    report_costs("9 brokers × 30 partitions", costs(page)?);
    page.open(&long_run()?, 1280, 800)?;
    page.wait_until("the long run is open", |page| {
        let is_open = page.eval("typeof window.kafkascope === 'object' && window.kafkascope.position()")?;
        Ok(is_open.as_u64().is_some_and(|at| at >= u64::from(STEPS)) && page.count("[data-testid=work]")? == 0)
    })?;
    wait_for_rehearsal(page)?;
    report_costs(&format!("after {COMMANDS} commands and {STEPS} steps"), costs(page)?);
    start(page, 1280, 800)?;
    page.devtools("Emulation.setCPUThrottlingRate", &json!({"rate": THROTTLE}))?;
    page.run(
        "window.tasks = []; new PerformanceObserver(list => window.tasks.push(...list.getEntries().map(each => each.duration))).observe({type: 'longtask'})",
        &[],
    )?;
    for _ in 0..PRESSES {
        page.key("ArrowRight")?;
    }
    let tasks = page.eval("window.tasks")?;
    page.devtools("Emulation.setCPUThrottlingRate", &json!({"rate": 1}))?;
    let tasks: Vec<f64> = tasks.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    let longest = tasks.iter().copied().fold(0.0, f64::max);
    println!(
        "        {THROTTLE} times slower, first page: {} tasks over 50 ms in {PRESSES} presses, the longest {longest:.0} ms",
        tasks.len()
    );
    Ok(())
}

/// Counts the elements that a press makes anew, in the page.
const COUNT_MADE: &str = "window.made = 0;
const size = node => node.nodeType === 1 ? 1 + node.querySelectorAll('*').length : 0;
const tops = records => {
    const added = new Set(records.flatMap(record => [...record.addedNodes]));
    return [...added].filter(node => node.isConnected && !added.has(node.parentNode) && !window.known.has(node));
};
const know = node => { if (node.nodeType === 1) { window.known.add(node); node.querySelectorAll('*').forEach(each => window.known.add(each)); } };
window.known = new WeakSet();
know(document.body);
new MutationObserver(records => tops(records).forEach(node => { window.made += size(node); know(node); })).observe(document.body, {childList: true, subtree: true});";
/// So many elements a press makes anew on the first page, in the mean: what has changed is written into those that are there.
const MADE_MAX: u64 = 30;

/// A press makes few elements anew: nothing is made again that only stands beside what has changed.
pub fn a_press_makes_few_elements(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.run(COUNT_MADE, &[])?;
    for _ in 0..PRESSES {
        page.key("ArrowRight")?;
    }
    let made = page.eval("window.made")?.as_u64().unwrap_or_default() / PRESSES as u64;
    println!("        a press makes {made} elements anew, in the mean");
    assert!(made > 0, "nothing is counted");
    assert!(made <= MADE_MAX, "a press makes {made} elements anew");
    Ok(())
}

/// What a press costs, in ms.
#[derive(Clone, Copy, Debug)]
struct Cost {
    script: f64,
    style: f64,
    layout: f64,
    /// Micro steps that the press passed.
    steps: u64,
}

impl Cost {
    fn all(self) -> f64 {
        self.script + self.style + self.layout
    }
}

/// What each press costs; whenever the cluster rests, a record is sent, so that there is something to step through. The browser counts the seconds that its thread spends in each, without those in which the
/// machine did something else; here is by how much they grow from one press to the next.
fn costs(page: &mut Page<'_>) -> Outcome<Vec<Cost>> {
    page.devtools("Performance.disable", &json!({}))?;
    page.devtools("Performance.enable", &json!({"timeDomain": "threadTicks"}))?;
    let mut costs = Vec::new();
    for _ in 0..PRESSES {
        let before = spent(page)?;
        page.key("ArrowRight")?;
        let after = spent(page)?;
        let grown = |of: fn(Cost) -> f64| (of(after) - of(before)) * 1000.0;
        let (script, style, layout) = (grown(|it| it.script), grown(|it| it.style), grown(|it| it.layout));
        let steps = after.steps.saturating_sub(before.steps);
        costs.push(Cost { script, style, layout, steps });
        if steps > AT_REST_STEPS {
            page.run("window.kafkascope.act(arguments[0])", &[json!(kafkascope_core::json::write_text(&command()))])?;
        }
    }
    assert!(costs.iter().any(|cost| cost.all() > 0.0), "the browser counts nothing");
    Ok(costs)
}

/// The seconds that the page has spent in each.
fn spent(page: &Page<'_>) -> Outcome<Cost> {
    let answer = page.devtools("Performance.getMetrics", &json!({}))?;
    let metrics = answer["metrics"].as_array().map(Vec::as_slice).unwrap_or_default();
    let counted = |name: &str| {
        let metric = metrics.iter().find(|metric| metric["name"] == name);
        metric
            .and_then(|metric| metric["value"].as_f64())
            .ok_or_else(|| Failure(format!("the browser does not count {name}")))
    };
    let (script, style) = (counted("ScriptDuration")?, counted("RecalcStyleDuration")?);
    let steps = page.eval("window.kafkascope.position()")?.as_u64().unwrap_or_default();
    Ok(Cost { script, style, layout: counted("LayoutDuration")?, steps })
}

fn report(what: &str, mut figures: Vec<f64>) {
    figures.sort_by(f64::total_cmp);
    let at = |percent: usize| figures[(figures.len() - 1) * percent / 100];
    println!("        {what}: p50 {:.1} ms, p95 {:.1} ms of {}", at(50), at(95), figures.len());
}

/// The whole of each press, and half of them by what they consist of.
fn report_costs(what: &str, costs: Vec<Cost>) {
    let (at_rest, costs): (Vec<Cost>, Vec<Cost>) = costs.into_iter().partition(|cost| cost.steps > AT_REST_STEPS);
    report(&format!("script, style and layout of a press, {what}"), costs.iter().map(|cost| cost.all()).collect());
    for (part, of) in
        [("script", (|it| it.script) as fn(Cost) -> f64), ("style", |it| it.style), ("layout", |it| it.layout)]
    {
        report(&format!("    {part}"), costs.iter().map(|cost| of(*cost)).collect());
    }
    if !at_rest.is_empty() {
        let steps = at_rest.iter().map(|cost| cost.steps).sum::<u64>() / at_rest.len() as u64;
        report(&format!("    at rest, {steps} micro steps"), at_rest.iter().map(|cost| cost.all()).collect());
    }
}

/// A record is sent.
fn command() -> Command {
    let (producer, topic, value) = (1, "orders".into(), Some("v".into()));
    Command::Produce { producer, topic, partition: None, key: None, value, headers: Vec::new() }
}

/// The address of the first page's run after many commands and steps.
fn long_run() -> Outcome<String> {
    let first = presets().into_iter().next().ok_or("there is no preset")?.scenario;
    let send = |at| PlacedCommand { at, command: command() };
    let commands = (0..COMMANDS).map(|index| send(index * (STEPS / COMMANDS))).collect();
    Ok(format!("#r={}", Scenario { commands, position: STEPS, ..first }.to_link()))
}
