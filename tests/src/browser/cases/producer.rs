//! One producer opened up: its record waits for an id, is sent with a sequence number, and is acknowledged.

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// More presses than a record needs to its callback.
const PRESSES_MAX: u32 = 40;

/// A batch is seen at work, and what became of it.
pub fn batches_are_followed_to_their_callback(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(1280, 800), (390, 844)] {
        start(page, width, height)?;
        page.click("#tab-producer")?;
        page.wait_for("[data-testid=producer-tab]")?;
        let mut stages = Vec::new();
        for _ in 0..PRESSES_MAX {
            page.click("[data-testid=forward]")?;
            stages.extend(page.texts("[data-testid=producer-batch] b")?);
            if page.text("[data-testid=producer-tab]")?.contains("1 record acknowledged") {
                break;
            }
        }
        let text = page.text("[data-testid=producer-tab]")?;
        assert!(text.contains("1 record acknowledged"), "{text}");
        assert!(stages.iter().any(|stage| stage.starts_with("In flight to broker")), "{stages:?}");
        // Which block of ids the broker has that it asked is a matter of who asked before.
        let id = page.text("[data-testid=producer-id]")?;
        assert!(matches!(id.as_str(), "Id 0, epoch 0" | "Id 1000, epoch 0"), "{id}");
        page.screenshot(&format!("producer {width}"))?;
    }
    Ok(())
}

/// A load is begun in the producer's window, and a consumer is made to read elsewhere and less in its own.
pub fn clients_are_called_from_their_windows(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(1280, 800), (390, 844)] {
        start(page, width, height)?;
        open_producer(page, width)?;
        page.wait_for("[data-testid=actor-window] [data-testid=perf-test-start]")?;
        page.screenshot(&format!("producer window {width}"))?;
        page.fill("[data-testid=perf-test-throughput]", "0")?;
        page.click("[data-testid=perf-test-start]")?;
        // What is out of its bounds is said, and what was typed stays.
        page.wait_for_text("[data-testid=error-banner]", |said| said.contains("throughput"))?;
        page.fill("[data-testid=perf-test-throughput]", "50")?;
        page.fill("[data-testid=perf-test-records]", "20")?;
        page.click("[data-testid=perf-test-start]")?;
        page.wait_until("the window is closed", |page| Ok(page.count("[data-testid=actor-window]")? == 0))?;
        for _ in 0..PRESSES_MAX {
            page.click("[data-testid=forward]")?;
        }
        open_producer(page, width)?;
        let text = page.text("[data-testid=perf-test-progress]")?;
        assert!(text.contains("of 20 records"), "{text}");
        page.key("Escape")?;
        if width < 800 {
            page.click("[data-testid=pick-consumer-1]")?;
        }
        page.click("[data-testid=consumer-1]")?;
        page.wait_for("[data-testid=actor-window] [data-testid=subscribe]")?;
        page.screenshot(&format!("consumer window {width}"))?;
        page.click("[data-testid=unsubscribe]")?;
        page.key("Escape")?;
    }
    Ok(())
}

/// The window of the first producer: on a phone its card is picked first.
fn open_producer(page: &mut Page<'_>, width: u32) -> Outcome {
    if width < 800 {
        page.click("[data-testid=pick-producer-1]")?;
    }
    page.click("[data-testid=producer-1]")?;
    page.click("[data-testid=producer-more]")
}
