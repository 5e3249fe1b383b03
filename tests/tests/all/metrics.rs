//! The recording `metrics-of-the-request-pipeline`: the MBeans that a running broker registers, with their attributes.

use std::collections::BTreeMap;
use std::path::Path;

use kafkascope_core::metrics::{Kind, Metric};
use serde_json::Value;

/// The recorded MBeans: name and attributes.
fn recorded() -> BTreeMap<String, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts/metrics-of-the-request-pipeline.json");
    let recording: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("it is there")).expect("it is JSON");
    let lines = recording["steps"][0]["saw"].as_array().expect("a list").iter().filter_map(Value::as_str);
    let beans = lines.filter_map(|line| line.split_once(" -> "));
    beans.map(|(name, attributes)| (name.to_owned(), attributes.split(',').map(str::to_owned).collect())).collect()
}

#[test]
fn every_metric_is_an_mbean_of_a_running_kafka_with_the_attributes_that_its_kind_reads() {
    let recorded = recorded();
    assert!(recorded.len() > 200);
    let mut wrong = Vec::new();
    for metric in Metric::all() {
        // The broker of the recording was alone: nobody followed it. Consumers' fetches have the same metrics.
        let name =
            metric.mbean().replace("version=*", "version=<version>").replace("clientId=Replica", "clientId=<clientId>");
        let name = if recorded.contains_key(&name) { name } else { name.replace("FetchFollower", "FetchConsumer") };
        let name =
            name.replace("listener=*,networkProcessor=*", "listener=<listener>,networkProcessor=<networkProcessor>");
        let Some(attributes) = recorded.get(&name) else {
            wrong.push(format!("no MBean {name}"));
            continue;
        };
        let needed: &[&str] = match metric.kind() {
            Kind::Gauge => &["Value"],
            Kind::Rate => &["Count", "OneMinuteRate"],
            Kind::Time => &["Count", "Mean", "50thPercentile", "99thPercentile", "Max"],
            Kind::Idle => &[],
        };
        // Attributes of an MBean that has one for each value; the recording leaves out those behind the first ones.
        let total = metric.name().replace("-rate", "-total");
        let needed: &[&str] = match (name.contains(",name="), metric.kind()) {
            (true, _) => needed,
            (false, Kind::Rate) => &[&total],
            (false, _) => &[],
        };
        let missing: Vec<_> = needed.iter().filter(|each| !attributes.iter().any(|has| has == *each)).collect();
        if !missing.is_empty() {
            wrong.push(format!("{name} has no {missing:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
