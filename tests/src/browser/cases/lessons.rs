//! Lessons: found by the section that somebody reads, played to their end, remembered.

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// A short lesson, and a section that leads to it.
const LESSON: &str = "follower-fetch";
/// The lessons of the track of leader epochs.
const TRACK: [&str; 3] = ["hw-truncation-loss", "epoch-saves-it", "diverging-logs"];
/// Lessons of clients, of requests and of the log that a learner goes through by answering, doing and running on. Of each the beats, from 0,
/// that want more than that.
const MANUAL_LESSONS: [(&str, &[u64]); 6] = [
    ("exactly-once", &[]),
    ("rebalance", &[]),
    ("auto-commit-loss", &[1, 5]),
    ("one-request", &[]),
    ("queues-and-metrics", &[]),
    ("zero-copy", &[]),
];
/// More beats than any lesson has.
const BEATS_MAX: usize = 12;
/// How many hints a beat has before it offers to be solved.
const HINTS: usize = 3;

fn goals_reached(page: &Page<'_>) -> Outcome<u64> {
    page.count("[data-testid=goals-bar] .ticks .done")
}

/// From the index of sections into a lesson, through it by its own buttons, and back to an index that remembers it.
pub fn a_section_leads_to_a_lesson_that_is_played_to_its_end(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("[data-testid=lessons]")?;
    page.click("[data-testid=lessons-by-section]")?;
    page.wait_for("[data-testid=document-D0]")?;
    let all = page.count("[data-testid^=lesson-]")?;
    page.fill("[data-testid=lessons-filter]", "rack")?;
    page.wait_until("the filter narrows the list", |page| Ok(page.count(".sections .preset")? < all))?;
    page.fill("[data-testid=lessons-filter]", " ")?;
    page.screenshot("lessons by section")?;
    play_to_its_end(page, LESSON)?;
    page.reload()?;
    page.wait_for_engine()?;
    // The lesson is there again, at its end.
    page.click("[data-testid=lesson-back]")?;
    page.wait_for(&format!("[data-testid=done-{LESSON}]"))
}

/// Every lesson of a track, one after the other.
pub fn a_whole_track_is_played(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("[data-testid=lessons]")?;
    page.click("[data-testid=lessons-by-track]")?;
    for lesson in TRACK {
        play_to_its_end(page, lesson)?;
        page.click("[data-testid=lesson-back]")?;
        page.wait_for(&format!("[data-testid=done-{lesson}]"))?;
    }
    Ok(())
}

/// Lessons as a learner goes through them: every question is answered, the beat's button pressed, and the run goes on until the goals.
pub fn lessons_are_played_by_answering_and_doing(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("[data-testid=lessons]")?;
    page.click("[data-testid=lessons-by-track]")?;
    for (lesson, solved) in MANUAL_LESSONS {
        page.click(&format!("[data-testid=lesson-{lesson}]"))?;
        page.wait_for("[data-testid=goals-bar]")?;
        let mut beat = 0;
        while page.count("[data-testid=lesson-done]")? == 0 {
            let before = current_beat(page)?;
            while page.count("[data-testid=lesson-bar] [data-answered=false][data-decided=false] button")? > 0 {
                page.click("[data-testid=lesson-bar] [data-answered=false] [data-testid=option-0]")?;
            }
            if solved.contains(&beat) {
                solve(page)?;
            } else {
                if page.count("[data-testid=lesson-do]")? > 0 {
                    page.click("[data-testid=lesson-do]")?;
                }
                page.click("[data-testid=lesson-advance]")?;
            }
            page.wait_until(&format!("beat {beat} of {lesson} is over"), |page| {
                Ok(page.count("[data-testid=lesson-done]")? > 0 || current_beat(page)? != before)
            })?;
            beat += 1;
        }
        let overflow = "(bar => bar.scrollWidth - bar.clientWidth)(document.querySelector('[data-testid=goals-bar]'))";
        assert_eq!(page.eval(overflow)?, 0, "the goals of {lesson} leave their bar");
        // Every question of the lesson has told its answer.
        assert_eq!(page.count(".lesson [data-decided=false]")?, 0, "{lesson}");
        page.screenshot(&format!("lesson {lesson} done"))?;
        page.click("[data-testid=lesson-back]")?;
        page.wait_for(&format!("[data-testid=done-{lesson}]"))?;
    }
    Ok(())
}

/// What the beat that is on is called.
fn current_beat(page: &Page<'_>) -> Outcome<Vec<String>> {
    page.texts(".lesson .beat.current h2")
}

/// Hints first, because only then a beat offers to be solved.
fn solve(page: &mut Page<'_>) -> Outcome {
    for _ in 0..HINTS {
        page.click("[data-testid=lesson-hint]")?;
    }
    page.click("[data-testid=lesson-solve]")
}

/// Opens a lesson of the list, and solves each of its beats by its own buttons: hints first, because only then it offers to.
fn play_to_its_end(page: &mut Page<'_>, lesson: &str) -> Outcome {
    page.click(&format!("[data-testid=lesson-{lesson}]"))?;
    page.wait_for("[data-testid=goals-bar]")?;
    for _ in 0..BEATS_MAX {
        if page.count("[data-testid=lesson-done]")? > 0 {
            break;
        }
        let before = goals_reached(page)?;
        solve(page)?;
        page.wait_until("a goal is ticked", |page| {
            Ok(goals_reached(page)? > before || page.count("[data-testid=lesson-done]")? > 0)
        })?;
    }
    page.wait_for("[data-testid=lesson-done]")
}

/// A lesson's bar is in sight, an answer comes with the step that decides it, and a reload changes nothing.
pub fn a_lesson_survives_a_reload(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("[data-testid=lessons]")?;
    page.click("[data-testid=lesson-choose-partition]")?;
    page.wait_for("#tab-partitioning[aria-selected=true]")?;
    let bar = "(bar => { const box = bar.getBoundingClientRect(); return box.bottom <= innerHeight && box.height > 20; })(document.querySelector('[data-testid=lesson-bar]'))";
    assert_eq!(page.eval(bar)?, true, "the bar is in sight");
    page.click("[data-testid=lesson-bar] [data-testid=option-0]")?;
    page.wait_for("[data-testid=question-who][data-answered=true][data-decided=false]")?;
    page.click("[data-testid=lesson-do]")?;
    page.wait_for("[data-testid=lesson-do].used")?;
    page.screenshot("lesson answered")?;
    page.click("[data-testid=lesson-advance]")?;
    page.wait_for("[data-testid=question-who][data-decided=true]")?;
    let (reached, digest) = (goals_reached(page)?, page.eval("window.kafkascope.digest()")?);
    page.wait_until("the address holds this very step", |page| {
        let link = page.eval("window.kafkascope.link()")?;
        Ok(page.address()?.contains(link.as_str().unwrap_or("-")))
    })?;
    page.reload()?;
    page.wait_for("[data-testid=goals-bar]")?;
    page.wait_for("[data-testid=question-who][data-decided=true]")?;
    assert_eq!(goals_reached(page)?, reached, "the goals are still reached");
    assert_eq!(page.eval("window.kafkascope.digest()")?, digest, "the cluster is as it was");
    Ok(())
}

/// A lesson that is left in the middle goes on there after the page was closed.
pub fn an_unfinished_lesson_goes_on(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("[data-testid=lessons]")?;
    page.click("[data-testid=lesson-replicate-and-commit]")?;
    solve(page)?;
    page.wait_until("a goal is ticked", |page| Ok(goals_reached(page)? > 0))?;
    let (reached, digest) = (goals_reached(page)?, page.eval("window.kafkascope.digest()")?);
    page.open("", 1280, 800)?;
    page.wait_for_engine()?;
    page.click("[data-testid=lessons]")?;
    page.click("[data-testid=lesson-continue]")?;
    page.wait_for("[data-testid=goals-bar]")?;
    assert_eq!(goals_reached(page)?, reached, "the goals are still reached");
    assert_eq!(page.eval("window.kafkascope.digest()")?, digest, "the cluster is as it was");
    Ok(())
}

/// A table of a lesson is empty until the learner asks, and then filled by the engine, row by row.
pub fn a_table_is_filled_by_the_engine(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(1280, 800), (390, 844)] {
        start(page, width, height)?;
        page.click("[data-testid=lessons]")?;
        page.click("[data-testid=lesson-quorum-sizes]")?;
        page.wait_for("[data-testid=goals-bar]")?;
        for _ in 0..2 {
            let before = goals_reached(page)?;
            page.click("[data-testid=lesson-do]")?;
            page.click("[data-testid=lesson-advance]")?;
            page.wait_until("a goal is ticked", |page| Ok(goals_reached(page)? > before))?;
        }
        page.wait_for("[data-testid=measured-8][data-measured=false]")?;
        page.click("[data-testid=measure]")?;
        page.wait_for("[data-testid=measured-8][data-measured=true]")?;
        let row = |page: &Page<'_>, size: u32| page.texts(&format!("[data-testid=measured-{size}] td"));
        assert_eq!(row(page, 4)?, ["3", "1"], "a majority of four is three");
        assert_eq!(row(page, 5)?, ["3", "2"]);
        page.screenshot(&format!("lesson table {width}"))?;
    }
    Ok(())
}

/// A lesson's button types a line at the console and puts files into their window; what a person types and mends counts as well.
pub fn lines_and_files_are_goals(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("[data-testid=lessons]")?;
    page.click("[data-testid=lesson-describe-quorum]")?;
    page.wait_for("#tab-console[aria-selected=true]")?;
    page.click("[data-testid=lesson-do]")?;
    page.wait_for_text("[data-testid=console-entry] pre", |text| text.contains("LeaderId:"))?;
    page.wait_until("the line counts", |page| Ok(goals_reached(page)? == 1))?;
    page.fill(
        "[data-testid=console-line]",
        "kafka-metadata-quorum --bootstrap-server broker-1:9092 describe --replication",
    )?;
    page.key("Enter")?;
    page.wait_until("a line that a person types counts", |page| Ok(goals_reached(page)? == 2))?;
    page.screenshot("lesson console")?;
    page.click("[data-testid=lesson-back]")?;
    page.click("[data-testid=lesson-roles-and-config]")?;
    page.click("[data-testid=lesson-do]")?;
    page.wait_for("[data-testid=config-files]")?;
    page.wait_for_text("[data-testid=config-notes-0]", |text| text.contains("process.roles"))?;
    page.screenshot("lesson files")?;
    page.key("Escape")?;
    page.click("[data-testid=lesson-do]")?;
    page.wait_for("[data-testid=config-text-2]")?;
    page.wait_until("all three mistakes are named", |page| Ok(goals_reached(page)? == 4))?;
    for file in 0..3 {
        let area = format!("[data-testid=config-text-{file}]");
        let text = page.eval(&format!("document.querySelector('{area}').value"))?;
        let text = text.as_str().unwrap_or_default();
        let mended = text
            .replace("1@kafka3", "1@kafka1")
            .replace("2@${}kafkaHostAddress2}", "2@kafka2")
            .replace("num.partitions", "controller.listener.names=CONTROLLER\nnum.partitions");
        page.fill(&area, &mended)?;
    }
    page.wait_until("mended by hand", |page| Ok(goals_reached(page)? == 8))
}
