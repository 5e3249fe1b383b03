//! One broker opened up: a request is followed from place to place, a place gets a price, and the metrics tell of it.

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// A handler thread is made slow: requests are seen at it and behind it, and where their time went is told.
pub fn a_request_is_followed_through_the_pipeline(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(1280, 800), (390, 844)] {
        start(page, width, height)?;
        page.click("#tab-pipeline")?;
        page.wait_for("[data-testid=pipeline-plan]")?;
        assert_eq!(page.count("[data-testid=pipeline-plan] .pipeline-place")?, 6);
        page.fill("[data-testid='cost-handler.request.ms']", "40")?;
        page.key("Tab")?;
        // The smallest steps: every hop of a request is one.
        page.key("1")?;
        let mut seen = 0;
        for _ in 0..60 {
            page.click("[data-testid=forward]")?;
            if page.count("[data-testid=pipeline-handlers] .thread.busy")? > 0 {
                seen += 1;
                break;
            }
        }
        assert_eq!(seen, 1, "no handler thread was ever busy");
        page.click("[data-testid=pipeline-handlers] .thread.busy .chip")?;
        page.wait_for("[data-testid=pipeline-handlers].lit")?;
        page.screenshot(&format!("pipeline {width}"))?;
        for _ in 0..80 {
            page.click("[data-testid=forward]")?;
            let texts = page.texts("[data-testid=request-times] .said")?;
            if texts.iter().any(|texts| texts.contains("Handler thread 40 ms")) {
                break;
            }
        }
        let texts = page.texts("[data-testid=request-times] .said")?.join(" / ");
        assert!(texts.contains("Handler thread 40 ms"), "{texts}");
        page.click("#tab-metrics")?;
        page.wait_for("[data-testid=metric-card]")?;
        page.screenshot(&format!("metrics {width}"))?;
        assert!(page.text("[data-testid=metric-card] h3")?.contains("RequestQueueSize"));
        // What is out of its range is told at the field, and the field keeps it.
        page.click("#tab-pipeline")?;
        page.fill("[data-testid='cost-handler.request.ms']", "999999999")?;
        page.key("Tab")?;
        page.wait_for("[data-testid=cost-refused]")?;
    }
    Ok(())
}
