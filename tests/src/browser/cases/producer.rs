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
        let told = page.text("[data-testid=producer-tab]")?;
        assert!(told.contains("1 record acknowledged"), "{told}");
        assert!(stages.iter().any(|stage| stage.starts_with("In flight to broker")), "{stages:?}");
        assert_eq!(page.text("[data-testid=producer-id]")?, "Id 0, epoch 0");
        page.screenshot(&format!("producer {width}"))?;
    }
    Ok(())
}
