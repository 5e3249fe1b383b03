//! Recorded runs of a real Kafka: fetched when asked for, stepped with both answers side by side.

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// A short recording, and a step of it that was answered.
const RECORDING: &str = "produce-acks";
const STEP: usize = 2;

pub fn a_recording_is_stepped_beside_kafkas_answers(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("[data-testid=lessons]")?;
    page.click("[data-testid=lessons-real-kafka]")?;
    page.wait_for(&format!("[data-testid=recording-{RECORDING}]"))?;
    page.click(&format!("[data-testid=recording-{RECORDING}]"))?;
    page.wait_for("[data-testid=recording]")?;
    assert_eq!(page.eval("window.kafkascope.position()")?, 0, "it opens at its start");
    page.click(&format!("[data-testid=recorded-{STEP}]"))?;
    let answers = format!("[data-testid=answers-{STEP}]");
    page.wait_for(&format!("{answers}[open]"))?;
    let answers_shown = page.texts(&format!("{answers} pre"))?;
    assert_eq!(answers_shown.len(), 2, "Kafka's answer and ours: {answers_shown:?}");
    assert_eq!(answers_shown[0], answers_shown[1], "both are the same");
    let there = page.eval("window.kafkascope.position()")?;
    page.screenshot("recording")?;
    page.key("ArrowRight")?;
    page.wait_until("the run goes on from there", |page| Ok(page.eval("window.kafkascope.position()")? != there))?;
    page.wait_for(&format!("[data-testid=answers-{STEP}]:not([open])"))
}
