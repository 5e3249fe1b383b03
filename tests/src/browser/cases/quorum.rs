//! The quorum of the metadata log, by clicks and keys: an election by hand, a leader that crashes, a record's words.

use kafkascope_core::config::{ClusterConfig, Start};
use kafkascope_core::presets::Order;
use kafkascope_core::scenario::Scenario;
use serde_json::Value;

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// A broker, and four voters that have just been started.
fn four_voters() -> ClusterConfig {
    let order =
        Order { brokers: 1, controllers: 4, replication_factor: 1, producers: 0, consumers: 0, ..Order::default() };
    ClusterConfig { start: Start::Cold, ..order.config() }
}

fn open(page: &mut Page<'_>, config: ClusterConfig, (width, height): (u32, u32)) -> Outcome {
    start(page, width, height)?;
    page.run("localStorage.setItem('kafkascope.lang', 'en')", &[])?;
    page.open(&format!("#r={}", Scenario::new(config, 5).to_link()), width, height)?;
    page.wait_for("[data-testid=forward]")?;
    page.wait_until("the engine answers", |page| Ok(page.eval("typeof window.kafkascope")? == "object"))?;
    page.click("#tab-quorum")?;
    page.wait_for("[data-testid=quorum-ring]")
}

fn sum(page: &Page<'_>) -> Outcome<String> {
    Ok(page.texts("[data-testid=quorum-sum] text")?.join(" / "))
}

fn roles(page: &Page<'_>) -> Outcome<Vec<String>> {
    page.texts("[data-testid=quorum-ring] .voter .role")
}

/// Four voters that start cold are led by the clock to a leader.
pub fn four_voters_elect(page: &mut Page<'_>) -> Outcome {
    open(page, four_voters(), (1440, 900))?;
    page.click("#side-next")?;
    page.key("3")?;
    for _ in 0..200 {
        page.click("[data-testid=forward]")?;
        if roles(page)?.iter().any(|role| role == "leader") {
            break;
        }
    }
    assert_eq!(roles(page)?.iter().filter(|role| *role == "leader").count(), 1, "{:?}", roles(page)?);
    for _ in 0..200 {
        if sum(page)?.contains("all is committed") {
            break;
        }
        page.click("[data-testid=forward]")?;
    }
    assert!(sum(page)?.contains("all is committed"), "{}", sum(page)?);
    page.screenshot("quorum elected")?;
    Ok(())
}

/// Three controllers from the form; their leader crashes, another is elected; a record says its words; on a phone as well.
pub fn a_leader_of_the_quorum_crashes(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(1280, 800), (390, 844)] {
        start(page, width, height)?;
        page.key("n")?;
        page.fill("[data-testid=field-controllers]", "3")?;
        page.click("[data-testid=create-cluster]")?;
        page.wait_until("the window closes", |page| Ok(page.count("[data-testid=new-cluster]")? == 0))?;
        page.click("#tab-quorum")?;
        page.wait_for("[data-testid=quorum-ring]")?;
        let all = roles(page)?;
        assert_eq!(all.iter().filter(|role| *role == "leader").count(), 1, "{all:?}");
        assert_eq!(page.count("[data-testid=quorum-ring] .voter")?, 3);
        // The newest record is opened in the list.
        let newest = page.eval("document.querySelector('[data-testid=quorum-records] button').dataset.testid")?;
        page.click(&format!("[data-testid={}]", newest.as_str().unwrap_or_default()))?;
        page.wait_until("the record says its words", |page| {
            let text = page.texts("[data-testid=quorum-records] pre")?.join("");
            Ok(serde_json::from_str::<Value>(&text).is_ok_and(|record| record["type"].is_string()))
        })?;
        let leader = page.eval("window.kafkascope.state().nodes.find(node => node.controller?.isActive).id")?;
        let voter = if width < 600 { "pick-voter" } else { "voter" };
        page.click(&format!("[data-testid={voter}-{leader}]"))?;
        page.click("[data-testid=voter-actions]")?;
        page.click("[data-testid=crash]")?;
        page.wait_until("its leader is down", |page| Ok(roles(page)?.contains(&"down".to_owned())))?;
        page.wait_for("[data-testid=quorum-why]")?;
        page.click("[data-testid=size-milestone]")?;
        page.screenshot(&format!("quorum crashed {width}"))?;
        for _ in 0..200 {
            if roles(page)?.iter().any(|role| role == "leader") {
                break;
            }
            page.click("[data-testid=forward]")?;
        }
        assert!(roles(page)?.iter().any(|role| role == "leader"), "{:?}", roles(page)?);
        page.screenshot(&format!("quorum again {width}"))?;
    }
    Ok(())
}
