//! Transactions opened up: a commit goes from its first record to its last marker, and what readers get changes with it.

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;
use crate::browser::runs;

/// More presses than a commit needs to its last marker.
const PRESSES_MAX: u32 = 60;

/// From Ongoing to CompleteCommit, with what each kind of reader gets before and after.
pub fn a_commit_is_followed_to_its_last_marker(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(1280, 800), (390, 844)] {
        start(page, width, height)?;
        page.click("#tab-transactions")?;
        page.wait_for("[data-testid=no-transaction]")?;
        page.click("[data-testid=open-lab]")?;
        page.wait_until("the lab is open", |page| {
            Ok(page.attribute("#tab-lab", "aria-selected")?.as_deref() == Some("true"))
        })?;
        page.open(&format!("#r={}", runs::committing()?.scenario().to_link()), width, height)?;
        page.wait_for("[data-testid=forward]")?;
        page.wait_for_engine()?;
        page.click("#tab-transactions")?;
        page.wait_for_text("[data-testid=txn-state]", |state| state == "Ongoing")?;
        let held = page.text("[data-testid=txn-partition-orders-0]")?;
        assert!(held.contains("Open from offset 5") && held.contains("not yet"), "{held}");
        assert_eq!(page.texts("[data-testid=txn-partition-orders-0] s")?, ["wrong", "twice"], "they were aborted");
        page.screenshot(&format!("transactions open {width}"))?;
        let (mut states, mut markers) = (vec!["Ongoing".to_owned()], 0);
        for _ in 0..PRESSES_MAX {
            page.click("[data-testid=forward]")?;
            let state = page.text("[data-testid=txn-state]")?;
            if state == "PrepareCommit" {
                markers = markers.max(page.count("[data-testid=txn-partitions] li")?);
            }
            if states.last() != Some(&state) {
                states.push(state);
            }
            if states.last().is_some_and(|state| state == "CompleteCommit") {
                break;
            }
        }
        assert_eq!(states, ["Ongoing", "PrepareCommit", "CompleteCommit"]);
        assert_eq!(markers, 2, "each partition needs one");
        let read = page.text("[data-testid=txn-partition-orders-0]")?;
        assert!(read.contains("No transaction is open here") && read.contains("COMMIT marker"), "{read}");
        page.click("[data-testid=txn-partition-orders-1] [data-testid=follow-orders-1]")?;
        page.wait_until("the partition is followed", |page| {
            let pressed = page.attribute("[data-testid=txn-partition-orders-1] button", "aria-pressed")?;
            Ok(pressed.as_deref() == Some("true"))
        })?;
        let first = page.attribute("[data-testid^=txn-partition-]", "data-testid")?;
        assert_eq!(first.as_deref(), Some("txn-partition-orders-1"), "what is followed stands first");
        page.screenshot(&format!("transactions committed {width}"))?;
    }
    Ok(())
}
