//! A group opened up: a member comes, the partitions are shared anew, and what that cost is told.

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;
use crate::browser::runs;

/// More presses than a member needs to its partitions.
const PRESSES_MAX: u32 = 60;

/// What every member had and has, how long nobody read each partition, and what the coordinator wrote.
pub fn a_rebalance_is_followed_to_its_cost(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(1280, 800), (390, 844)] {
        start(page, width, height)?;
        page.click("#tab-groups")?;
        page.wait_for_text("[data-testid=group-rebalance]", |text| text.contains("has not been rebalanced"))?;
        page.open(&format!("#r={}", runs::joining()?.scenario().to_link()), width, height)?;
        page.wait_for("[data-testid=forward]")?;
        page.wait_for_engine()?;
        page.click("#tab-groups")?;
        page.wait_for("[data-testid=group-facts]")?;
        let mut states = Vec::new();
        for _ in 0..PRESSES_MAX {
            page.click("[data-testid=forward]")?;
            let facts = page.text("[data-testid=group-facts] h3")?;
            if states.last() != Some(&facts) {
                states.push(facts);
            }
            if page.text("[data-testid=group-rebalance]")?.contains("nobody yet") || states.len() < 4 {
                continue;
            }
            break;
        }
        let passed = |state: &str| states.iter().any(|each| each.ends_with(state));
        assert!(passed("PreparingRebalance") && passed("CompletingRebalance") && passed("Stable"), "{states:?}");
        let cost = page.text("[data-testid=group-rebalance]")?;
        assert!(
            cost.contains("It took") && cost.contains("Consumer 1 → consumer 2")
                || cost.contains("consumer 1 → consumer 2"),
            "{cost}"
        );
        let members = page.text("[data-testid=group-members]")?;
        assert!(members.contains("revoked") && members.contains("gained"), "{members}");
        assert!(page.text("[data-testid=group-timers]")?.contains("Member session expires"));
        // The newest record is that of the new generation, and opens.
        page.click("[data-testid=coordinator-log] .setting-head")?;
        page.wait_for("[data-testid=coordinator-log] pre")?;
        // What is pressed here is followed everywhere.
        page.click("[data-testid=member-consumer-1]")?;
        page.wait_until("the consumer is followed", |page| {
            Ok(page.attribute("[data-testid=member-consumer-1]", "aria-pressed")?.as_deref() == Some("true"))
        })?;
        page.click("[data-testid=group-orders-0]")?;
        page.wait_until("the partition is followed", |page| {
            Ok(page.attribute("[data-testid=group-orders-0]", "aria-pressed")?.as_deref() == Some("true"))
        })?;
        page.screenshot(&format!("groups {width}"))?;
    }
    Ok(())
}
