//! What the page says of random runs, in both languages: no sentinel is shown as a number, no argument is left open, no controller is
//! called a broker, and what is struck out is not what is there now.

use kafkascope_tests::chaos::Chaos;
use std::collections::{BTreeMap, BTreeSet};

use super::super::{I18n, Lang, LocalizedMessage};
use crate::engine::{Actor, History, Scenario, Step};
use kafkascope_core::cluster::Cluster;

const SEEDS: u64 = 6;
const STEPS: u32 = 700;

/// Every text that tells of a step and of the cluster behind it.
fn texts(i18n: &I18n, step: &Step, cluster: &Cluster) -> Vec<String> {
    let mut texts = vec![i18n.step(&step.explanation)];
    for change in &step.changes {
        let pieces = i18n.change(change);
        texts.push(pieces.iter().map(|(text, _)| text.as_str()).collect());
        // The arrow begins the piece after the struck one.
        let struck = pieces.windows(2).find(|pair| pair[0].1);
        if let Some([(old, _), (rest, _)]) = struck.and_then(|pair| <&[_; 2]>::try_from(pair).ok()) {
            let new = rest.trim_start_matches(" → ");
            let ends = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == ',');
            if new.strip_prefix(old.as_str()).is_some_and(ends) {
                texts.push(format!("STRUCK {old} but it is {new}, of {change:?}"));
            }
        }
    }
    texts.extend(cluster.why_not().iter().map(|why| i18n.engine("why", &LocalizedMessage::of(why, "why"))));
    let pending = cluster.pending(8);
    texts.extend(pending.iter().map(|event| i18n.actor(event.actor)));
    texts
}

/// What is wrong with a text.
fn wrong(text: &str, controllers: &[i32]) -> Option<&'static str> {
    if text.contains("{$") || text.contains("{ $") || text.contains("JOSA(") || text.contains("은/는") {
        return Some("an argument is left open");
    }
    if text.starts_with("STRUCK") {
        return Some("the old value is the new one");
    }
    // `none of them` has no place for a number: a negative one is a sentinel, unless it is a hash.
    let negative = text.match_indices('-').any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let is_bare = before.is_none_or(|before| before.is_whitespace() || matches!(before, '(' | ':' | '·'));
        is_bare && text[at + 1..].starts_with(|next: char| next.is_ascii_digit()) && !text[..at].ends_with("murmur2 ")
    });
    if negative {
        return Some("a sentinel is shown as a number");
    }
    if ["everything below 0", "below 0,", "below offset 0", "오프셋 0 앞까지", "watermark 0 앞까지"]
        .iter()
        .any(|empty| text.contains(empty))
    {
        return Some("nothing is told as if it were something");
    }
    let names = |word: &str, id: i32| {
        let name = format!("{word} {id}");
        text.match_indices(&name)
            .any(|(at, _)| !text[at + name.len()..].starts_with(|next: char| next.is_ascii_digit()))
    };
    let is_called = controllers.iter().any(|id| ["broker", "Broker", "브로커"].iter().any(|word| names(word, *id)));
    is_called.then_some("a controller is called a broker")
}

#[test]
fn what_is_said_of_random_runs_has_no_sentinels() {
    let mut found: BTreeMap<(String, &str), String> = BTreeMap::new();
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for seed in 1..=SEEDS {
        let mut chaos = Chaos::new(seed);
        let scenario = Scenario::new(chaos.cluster(&BTreeMap::new()), seed);
        let controllers: Vec<i32> =
            scenario.config.nodes.iter().filter(|node| !node.roles.is_broker()).map(|node| node.id).collect();
        let words = [Lang::En, Lang::Ko].map(|lang| I18n::of(lang).naming(controllers.clone()));
        let mut history = History::new(scenario).expect("the random cluster is a cluster");
        let mut look = |step: &Step, cluster: &Cluster| {
            said.insert(step.explanation.key());
            for i18n in &words {
                for text in texts(i18n, step, cluster) {
                    if let Some(what) = wrong(&text, &controllers) {
                        found.entry((step.explanation.key().to_owned(), what)).or_insert(text);
                    }
                }
            }
        };
        while history.position() < STEPS {
            let command = chaos.command(history.cluster());
            if let Ok(step) = history.act(command) {
                look(&step, history.cluster());
            }
            for _ in 0..chaos.number(1, 40) {
                let Some(step) = history.step() else { break };
                look(&step, history.cluster());
            }
        }
    }
    assert!(said.len() > 60, "the runs are too quiet: {said:?}");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_is_looked_for_is_found() {
    assert!(wrong("the log ends at -1", &[]).is_some());
    assert!(wrong("it has everything below 0, and more", &[]).is_some());
    assert!(wrong("브로커 9가 요청했습니다", &[9]).is_some());
    assert!(wrong("Broker {$node} is there", &[]).is_some());
    assert_eq!(wrong("Broker 90 leads orders-1 (murmur2 -17)", &[9]), None);
    let actor = I18n::of(Lang::En).naming(vec![9]).actor(Actor::Node(9));
    assert_eq!(actor, "controller 9");
}
