//! The quorum of the metadata log, by clicks and keys: an election by hand, a leader that crashes, a record's words.

use kafkascope_core::config::{ClusterConfig, Start};
use kafkascope_core::presets::{CONTROLLER, Order};
use kafkascope_core::scenario::Scenario;
use serde_json::{Value, json};

use super::tour::start;
use crate::browser::driver::{Failure, Outcome};
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
    // With this seed nobody's first request is so old, when the voters stand, that its connection is closed.
    page.open(&format!("#r={}", Scenario::new(config, 2).to_link()), width, height)?;
    page.wait_for("[data-testid=forward]")?;
    page.wait_for_engine()?;
    page.click("#tab-quorum")?;
    page.wait_for("[data-testid=quorum-ring]")
}

/// The number of the pending event that is worded so, and whose message begins so, if one is listed.
fn pending(page: &Page<'_>, (sentence, detail): (&str, &str)) -> Outcome<Option<String>> {
    let found = page.run(
        "const head = [...document.querySelectorAll('[data-testid=next] [data-testid^=pending-]')]
             .find(each => each.querySelector('.event-what b').textContent.toLowerCase() === arguments[0].toLowerCase()
                 && (each.querySelector('.event-what span')?.textContent ?? '').startsWith(arguments[1]));
         return head?.dataset.testid.slice('pending-'.length) ?? null",
        &[json!(sentence), json!(detail)],
    )?;
    Ok(found.as_str().map(str::to_owned))
}

/// Lists all that is pending: timers of a kind are folded.
fn unfold(page: &Page<'_>) -> Outcome {
    page.eval("document.querySelector('[data-testid=next-all]')?.click()")?;
    let timers =
        "[...document.querySelectorAll('[data-testid^=timers-][aria-expanded=false]')].forEach(each => each.click())";
    page.eval(timers).map(|_| ())
}

/// Chooses an event of the list by its words: it happens next.
fn choose(page: &mut Page<'_>, sentence: &str, detail: &str) -> Outcome {
    page.wait_until(&format!("{sentence:?} is listed"), |page| {
        unfold(page)?;
        Ok(pending(page, (sentence, detail))?.is_some())
    })?;
    let event = pending(page, (sentence, detail))?.ok_or_else(|| Failure(format!("{sentence:?} is gone")))?;
    let before = page.eval("window.kafkascope.position()")?;
    if page.count(&format!("[data-testid=choose-{event}]"))? == 0 {
        page.click(&format!("[data-testid=pending-{event}]"))?;
    }
    page.click(&format!("[data-testid=choose-{event}]"))?;
    page.wait_until("it has happened", |page| Ok(page.eval("window.kafkascope.position()")? != before))
}

/// One voter asks another for its vote or pre-vote; that answers.
fn ask(page: &mut Page<'_>, what: &str, candidate: i32, voter: i32) -> Outcome {
    let vote = format!("Vote of controller {candidate} will reach controller {voter}");
    open_connection(page, (&vote, what), candidate, voter)?;
    choose(page, &vote, what)?;
    choose(page, &format!("Controller {voter} will handle Vote of controller {candidate}"), what)?;
    choose(page, &format!("The answer to Vote from controller {voter} will reach controller {candidate}"), "")
}

/// Lets pass what comes before a vote: ApiVersions on a new connection, a voter's question who leads, and the end of a connection to a
/// voter that was not there yet. A node has one request at a time on its way to another, and leaves one alone for a moment that did not
/// answer.
fn open_connection(page: &mut Page<'_>, vote: (&str, &str), candidate: i32, voter: i32) -> Outcome {
    let mut before: Vec<String> = Vec::new();
    for api in ["ApiVersions", "Fetch"] {
        before.push(format!("{api} of controller {candidate} will reach controller {voter}"));
        before.push(format!("Controller {voter} will handle {api} of controller {candidate}"));
        before.push(format!("The answer to {api} from controller {voter} will reach controller {candidate}"));
    }
    before.push(format!("Controller {candidate} will learn that its connection with controller {voter} is closed"));
    before.push(format!("Controller {candidate} will ask a node of the quorum again"));
    for _ in 0..20 {
        unfold(page)?;
        if pending(page, vote)?.is_some() {
            break;
        }
        let mut next = None;
        for sentence in &before {
            if next.is_none() && pending(page, (sentence, ""))?.is_some() {
                next = Some(sentence.clone());
            }
        }
        match next {
            Some(sentence) => choose(page, &sentence, "")?,
            // It is listed in a moment, or never: the next choice says so.
            None => break,
        }
    }
    Ok(())
}

fn sum(page: &Page<'_>) -> Outcome<String> {
    Ok(page.texts("[data-testid=quorum-sum] text")?.join(" / "))
}

fn roles(page: &Page<'_>) -> Outcome<Vec<String>> {
    page.texts("[data-testid=quorum-ring] .voter .role")
}

/// Four voters are led by hand to two candidates with two votes each, and by the clock to a leader.
pub fn four_voters_tie_and_elect(page: &mut Page<'_>) -> Outcome {
    open(page, four_voters(), (1440, 900))?;
    page.click("#side-next")?;
    let [a, b, c, d] = [0, 1, 2, 3].map(|number| CONTROLLER + number);
    for nominee in [a, b] {
        choose(page, &format!("Controller {nominee} will ask for votes, unless a leader is found before"), "")?;
    }
    assert_eq!(roles(page)?, ["prospective", "prospective", "unattached", "unattached"]);
    for (nominee, voters) in [(a, [c, d]), (b, [c, d])] {
        for voter in voters {
            ask(page, "pre-vote", nominee, voter)?;
        }
    }
    assert_eq!(roles(page)?, ["candidate", "candidate", "unattached", "unattached"]);
    for (nominee, voter) in [(a, c), (b, d), (a, d), (b, c)] {
        ask(page, "vote", nominee, voter)?;
    }
    // The first question to the other candidate is still on its way.
    ask(page, "pre-vote", a, b)?;
    ask(page, "vote", a, b)?;
    page.wait_until("two of three votes", |page| Ok(sum(page)?.contains("2 of 3 votes")))?;
    page.click(&format!("[data-testid=voter-{a}]"))?;
    page.wait_until("two are for it, two against", |page| {
        let count = |class| page.count(&format!("[data-testid=votes] .{class}"));
        Ok(count("granted")? == 2 && count("refused")? == 2)
    })?;
    page.wait_for("[data-testid=quorum-why] [data-testid=why-election-lost]")?;
    page.wait_for("[data-testid=quorum-why] [data-testid=why-vote-given-to-another]")?;
    page.screenshot("quorum tie")?;
    // From here on the clock decides.
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
