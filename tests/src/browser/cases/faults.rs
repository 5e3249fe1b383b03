//! Faults by hand: links cut and healed, processes crashed and started, from the scene itself.

use serde_json::Value;

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// The link between broker 1 and the leader in the scene: its grip lies in its middle.
const LINK: &str = "[data-testid=link-1-3]";

fn cuts(page: &Page<'_>) -> Outcome<usize> {
    let cuts = page.eval("window.kafkascope.state().cuts")?;
    Ok(cuts.as_array().map_or(0, Vec::len))
}

/// So many presses a newcomer has the patience for.
const PRESSES_MAX: usize = 15;

fn state_of(page: &Page<'_>, node: impl std::fmt::Display) -> Outcome<Value> {
    page.eval(&format!("window.kafkascope.state().nodes.find(node => node.id === {node}).state"))
}

/// A click on a link opens its window; one direction is cut, then both, then the link is healed.
pub fn a_link_is_cut_one_way_both_ways_and_healed(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click(&format!("{LINK} .grip"))?;
    page.wait_for("[data-testid=link-window]")?;
    page.click("[data-testid=cut-there]")?;
    page.wait_until("one direction is cut", |page| Ok(cuts(page)? == 1))?;
    page.wait_for("[data-testid=cut-1-3]")?;
    page.screenshot("link cut one way")?;
    // By the keyboard as well: the link has the focus back from its window.
    page.wait_until("the window is closed", |page| Ok(page.count("[data-testid=link-window]")? == 0))?;
    page.run("document.querySelector(arguments[0]).focus()", &[LINK.into()])?;
    page.key("Enter")?;
    page.wait_for("[data-testid=link-window]")?;
    page.click("[data-testid=cut-back]")?;
    page.wait_until("both directions are cut", |page| Ok(cuts(page)? == 2))?;
    page.run("document.querySelector(arguments[0]).focus()", &[LINK.into()])?;
    page.key("Space")?;
    page.click("[data-testid=heal]")?;
    page.wait_until("the link is healed", |page| Ok(cuts(page)? == 0))
}

/// Every node has its window, by click and by key, on a desktop and on a phone; from it a process is crashed and
/// started.
pub fn a_node_is_crashed_from_its_window(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("[data-testid=node-2]")?;
    page.click("[data-testid=crash]")?;
    page.wait_until("the process is gone", |page| Ok(state_of(page, 2)? == "down"))?;
    page.run("document.querySelector('[data-testid=node-2]').focus()", &[])?;
    page.key("Enter")?;
    page.click("[data-testid=start]")?;
    page.wait_until("the process runs again", |page| Ok(state_of(page, 2)? != "down"))?;
    start(page, 390, 844)?;
    page.click("[data-testid=pick-3]")?;
    page.click("[data-testid=node-3]")?;
    page.click("[data-testid=pause-node]")?;
    page.wait_until("the process stands still", |page| Ok(state_of(page, 3)? == "paused"))
}

/// Whoever crashes the leader while a record is on its way to it sees it acknowledged by the next leader in few presses, each of which
/// tells something new.
pub fn from_a_crashed_leader_to_the_acknowledgement(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    let leader = page.eval(
        "window.kafkascope.state().partitions.find(({partition: {topic, partition}}) => topic === 'orders' && partition === 0).leader",
    )?;
    page.key("ArrowRight")?;
    page.click(&format!("[data-testid=node-{leader}]"))?;
    page.click("[data-testid=crash]")?;
    page.wait_until("the process is gone", |page| Ok(state_of(page, &leader)? == "down"))?;
    let is_acknowledged = |page: &Page<'_>| -> Outcome<bool> {
        Ok(page.eval("window.kafkascope.state().producers[0].acknowledged")? == 1)
    };
    let mut told = Vec::new();
    while !is_acknowledged(page)? {
        assert!(told.len() < PRESSES_MAX, "{PRESSES_MAX} presses, and no acknowledgement: {told:#?}");
        page.key("ArrowRight")?;
        let says = page.text("[data-testid=happened]")?;
        assert!(!told.contains(&says), "a press tells what was told before: {says} ({told:#?})");
        told.push(says);
    }
    println!("        from the crash to the acknowledgement: {} presses", told.len());
    Ok(())
}
