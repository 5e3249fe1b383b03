//! A cluster from the property files of its nodes, and the console that asks it.

use super::tour::start;
use crate::browser::driver::Outcome;
use crate::browser::page::Page;

/// A combined node of three, as a person pastes it.
fn node(id: u8) -> String {
    let voters = "1@kafka1:9093,2@kafka2:9093,3@kafka3:9093";
    format!(
        "# Node {id}\nprocess.roles=broker,controller\nnode.id={id}\ncontroller.quorum.voters={voters}\n\
         listeners=PLAINTEXT://kafka{id}:9092,CONTROLLER://kafka{id}:9093\nadvertised.listeners=PLAINTEXT://kafka{id}:9092\n\
         controller.listener.names=CONTROLLER\nlog.dirs=/var/lib/kafka\nnum.partitions=2\ndefault.replication.factor=3\n\
         offsets.topic.num.partitions=1\nnum.io.threads=4\n"
    )
}

fn text_area(at: usize) -> String {
    format!("[data-testid=config-text-{at}]")
}

/// Three files are pasted, one of them wrong: the mistake stands at its line, and what was typed is kept when the window is closed.
/// Mended, the cluster is built: three nodes with both roles, whose quorum has a leader.
pub fn a_combined_cluster_is_built_from_pasted_files(page: &mut Page<'_>) -> Outcome {
    for (width, height) in [(1280, 800), (390, 844)] {
        start(page, width, height)?;
        page.key("n")?;
        page.click("[data-testid=from-files]")?;
        page.wait_for("[data-testid=config-files]")?;
        page.fill(&text_area(0), &node(1))?;
        page.click("[data-testid=config-add]")?;
        page.fill(&text_area(1), &node(2))?;
        page.click("[data-testid=config-add]")?;
        page.fill(&text_area(2), &node(3).replace("1@kafka1", "1@kafka3"))?;
        let text = page.wait_for_text("[data-testid=config-notes-2]", |text| text.contains("kafka1:9093"))?;
        assert!(text.contains("Line 4") && text.contains("kafka3:9093"), "the place is told: {text}");
        assert!(page.attribute("[data-testid=config-build]", "disabled")?.is_some(), "it cannot be built");
        page.screenshot(&format!("config files {width}"))?;
        page.key("Escape")?;
        page.wait_until("the window is closed", |page| Ok(page.count("[data-testid=config-files]")? == 0))?;
        page.key("n")?;
        page.click("[data-testid=from-files]")?;
        page.wait_for(&text_area(2))?;
        let kept = page.eval("document.querySelector('[data-testid=config-text-2]').value")?;
        assert_eq!(kept, node(3).replace("1@kafka1", "1@kafka3"), "what was typed is kept");
        if width < 600 {
            page.click("[data-testid=config-tab-2]")?;
        }
        page.fill(&text_area(2), &node(3))?;
        page.wait_for_text("[data-testid=config-count]", |text| text.starts_with("No mistakes"))?;
        page.click("[data-testid=config-build]")?;
        page.wait_until("the window is closed", |page| Ok(page.count("[data-testid=config-files]")? == 0))?;
        assert_eq!(page.eval("window.kafkascope.position()")?, 0, "the run is at its start");
        let scenario = page.eval("JSON.parse(window.kafkascope.scenario())")?;
        let nodes = scenario["config"]["nodes"].as_array().map_or(0, Vec::len);
        assert_eq!(nodes, 3, "{}", scenario["config"]);
        let controllers = page.eval("window.kafkascope.state().nodes.filter(node => node.controller).length")?;
        assert_eq!(controllers, 3, "all of them vote");
        page.screenshot(&format!("built from files {width}"))?;
    }
    Ok(())
}

/// The console completes, describes and creates; what was sent is answered after some steps, and keys bring lines back.
pub fn the_console_answers_as_the_tools_do(page: &mut Page<'_>) -> Outcome {
    start(page, 1280, 800)?;
    page.click("#tab-console")?;
    page.fill("[data-testid=console-line]", "kafka-t")?;
    page.click("[data-testid=console-line]")?;
    page.key("Tab")?;
    page.wait_until("the word is completed", |page| {
        Ok(page.eval("document.querySelector('[data-testid=console-line]').value")? == "kafka-topics ")
    })?;
    page.fill(
        "[data-testid=console-line]",
        "kafka-topics.sh --bootstrap-server broker-1:9092 --describe --topic orders",
    )?;
    page.key("Enter")?;
    page.wait_for_text("[data-testid=console-entry]:last-of-type pre", |text| text.contains("TopicId"))?;
    let text = page.texts("[data-testid=console-entry]:last-of-type pre")?.concat();
    assert!(
        text.contains("\tTopic: orders\tPartition: 0\tLeader: ") && text.contains("ReplicationFactor: 3"),
        "{text}"
    );
    page.fill(
        "[data-testid=console-line]",
        "kafka-topics --create --topic payments --partitions 2 --replication-factor 3",
    )?;
    page.key("Enter")?;
    page.wait_until("there are two lines", |page| Ok(page.count("[data-testid=console-entry]")? == 2))?;
    assert!(page.eval("window.kafkascope.position()")? != 0, "it is a command of the run");
    page.wait_until("it is answered", |page| {
        page.run("document.querySelector('[data-testid=forward]').click()", &[])?;
        Ok(page.text("[data-testid=console-entry]:last-of-type")?.contains("Created topic payments."))
    })?;
    page.click("[data-testid=console-line]")?;
    page.key("ArrowUp")?;
    page.key("ArrowUp")?;
    let line = page.eval("document.querySelector('[data-testid=console-line]').value")?;
    assert!(line.as_str().is_some_and(|line| line.contains("--describe")), "an earlier line is back: {line}");
    page.fill("[data-testid=console-line]", "kafka-nothing")?;
    page.key("Enter")?;
    page.wait_for_text("[data-testid=console-entry]:last-of-type .hint", |text| text.contains("kafka-nothing"))?;
    page.screenshot("console").map(|_| ())
}
