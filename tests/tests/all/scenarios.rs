//! Runs survive being written down, and hostile input is refused without harm.

use base64ct::{Base64UrlUnpadded, Encoding};
use kafkascope_core::history::History;
use kafkascope_core::scenario::{PlacedCommand, SCENARIO_BYTES_MAX, Scenario, ScenarioError};
use kafkascope_tests::digests;
use proptest::prelude::*;

use crate::commands::any_command;

fn a_scenario() -> Scenario {
    let mut scenario = Scenario::new(digests::default_cluster(), 42);
    let commands = (0u32..3).map(|number| PlacedCommand { at: number * 10, command: digests::produce(number) });
    scenario.commands = commands.collect();
    scenario.position = 25;
    scenario
}

fn link_of(version: u8, json: &[u8]) -> String {
    let mut bytes = vec![version];
    bytes.extend(miniz_oxide::deflate::compress_to_vec(json, 9));
    Base64UrlUnpadded::encode_string(&bytes)
}

#[test]
fn both_written_forms_come_back_as_they_were() {
    let scenario = a_scenario();
    assert_eq!(Scenario::from_json(&scenario.to_json()), Ok(scenario.clone()));
    assert_eq!(Scenario::from_link(&scenario.to_link()), Ok(scenario.clone()));
    let link = scenario.to_link();
    assert!(link.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'), "{link}");
}

#[test]
fn a_run_written_down_midway_goes_on_as_the_first_would() {
    let mut first = History::new(a_scenario()).expect("the scenario is valid");
    first.run_to(200);
    let mut second = History::new(Scenario::from_link(&first.scenario().to_link()).expect("it was just written"))
        .expect("the scenario is valid");
    assert_eq!(first.cluster().digest(), second.cluster().digest());
    first.run_to(400);
    second.run_to(400);
    assert_eq!(first.cluster().digest(), second.cluster().digest());
}

#[test]
fn an_inflating_bomb_is_refused_by_its_size() {
    let bomb = vec![b' '; 64 << 20];
    assert!(matches!(Scenario::from_link(&link_of(1, &bomb)), Err(ScenarioError::TooLarge { .. })));
    assert!(matches!(Scenario::from_json(&" ".repeat(SCENARIO_BYTES_MAX + 1)), Err(ScenarioError::TooLarge { .. })));
}

#[test]
fn other_versions_are_named() {
    let json = a_scenario().to_json();
    let found = Scenario::from_link(&link_of(9, json.as_bytes()));
    assert!(matches!(found, Err(ScenarioError::WrongVersion { found: 9, .. })), "{found:?}");
    let found = Scenario::from_json(&json.replacen("\"version\": 1", "\"version\": 7", 1));
    assert!(matches!(found, Err(ScenarioError::WrongVersion { found: 7, .. })), "{found:?}");
}

#[test]
fn deep_nesting_and_endless_runs_are_refused() {
    let deep = "[".repeat(100_000);
    assert!(Scenario::from_json(&deep).is_err());
    let mut endless = a_scenario();
    endless.position = u32::MAX;
    assert!(matches!(Scenario::from_json(&endless.to_json()), Err(ScenarioError::TooLarge { .. })));
    let mut backwards = a_scenario();
    backwards.commands.reverse();
    let found = Scenario::from_json(&backwards.to_json());
    assert!(matches!(found, Err(ScenarioError::CommandsOutOfOrder { .. })), "{found:?}");
}

#[test]
fn a_cluster_that_cannot_be_is_refused_with_every_mistake() {
    let mut scenario = a_scenario();
    scenario.config.nodes.truncate(0);
    scenario.config.settings.insert("no.such.setting".into(), "1".into());
    let Err(ScenarioError::BadConfig { errors }) = History::new(scenario) else { panic!("it must be refused") };
    assert!(errors.len() >= 2, "{errors:?}");
}

#[test]
fn what_a_consumer_begins_with_is_refused_with_its_place() {
    let consumer = |more: &str| {
        let json = format!(r#"{{"group": "g", {more}}}"#);
        serde_json::from_str(&json).expect("a consumer")
    };
    let mut scenario = a_scenario();
    scenario.config.consumers = vec![
        consumer(r#""assign": [{"topic": "orders", "partition": 99}]"#),
        consumer(r#""topics": ["orders"], "pattern": "(o""#),
        consumer(r#""pattern": """#),
    ];
    let Err(ScenarioError::BadConfig { errors }) = History::new(scenario) else { panic!("it must be refused") };
    let told: Vec<String> = errors.iter().map(|error| serde_json::to_string(error).expect("JSON")).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    let places = ["consumers[0].assign[0]", "consumers[1].pattern", "consumers[1].pattern", "consumers[2].pattern"];
    for (error, place) in told.iter().zip(places) {
        assert!(error.contains(&format!(r#""at":"{place}""#)), "{error}");
    }
}

proptest! {
    #[test]
    fn a_damaged_link_gives_an_error_or_a_scenario(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut link = a_scenario().to_link().into_bytes();
        let at = at.index(link.len());
        link[at] = byte;
        if let Ok(link) = String::from_utf8(link) {
            let _either = Scenario::from_link(&link);
        }
    }

    #[test]
    fn a_link_cut_off_gives_an_error(at in any::<prop::sample::Index>()) {
        let link = a_scenario().to_link();
        let cut = &link[..at.index(link.len())];
        prop_assert!(Scenario::from_link(cut).is_err());
    }

    #[test]
    fn any_text_gives_an_error_or_a_scenario(text in ".*", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _either = Scenario::from_json(&text);
        let _either = Scenario::from_link(&text);
        let mut versioned = vec![1];
        versioned.extend(&bytes);
        let _either = Scenario::from_link(&Base64UrlUnpadded::encode_string(&versioned));
        let _either = Scenario::from_link(&link_of(1, &bytes));
    }

    #[test]
    fn every_command_survives_being_written_down(commands in prop::collection::vec(any_command(), 0..20), seed in any::<u64>()) {
        let mut scenario = Scenario::new(digests::default_cluster(), seed);
        scenario.commands =
            commands.into_iter().zip(0u32..).map(|(command, at)| PlacedCommand { at: at * 3, command }).collect();
        prop_assert_eq!(Scenario::from_json(&scenario.to_json()), Ok(scenario.clone()));
        prop_assert_eq!(Scenario::from_link(&scenario.to_link()), Ok(scenario.clone()));
    }
}
