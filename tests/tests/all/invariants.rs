//! What the invariants must not mistake for a loss.

use kafkascope_core::command::{Command, SettingScope};
use kafkascope_core::history::History;
use kafkascope_core::presets::presets;
use kafkascope_core::step::Size;

/// A follower's high watermark may move over the end of a segment: what is committed lies in two files then.
#[test]
fn a_high_watermark_that_passes_a_segments_end_breaks_nothing() {
    let preset = presets().into_iter().find(|preset| preset.id == "first-minute").expect("the page opens on it");
    let mut history = History::new(preset.scenario).expect("a preset is a good scenario");
    let set = Command::Set {
        scope: SettingScope::Topic("orders".to_owned()),
        name: "internal.segment.bytes".to_owned(),
        value: "400".to_owned(),
    };
    history.act(set).expect("the topic takes the setting");
    for record in 0..40 {
        let produce = Command::Produce {
            producer: 1,
            topic: "orders".into(),
            partition: None,
            key: None,
            value: Some(format!("record {record} {}", "x".repeat(60)).as_str().into()),
            headers: Vec::new(),
        };
        history.act(produce).expect("the producer is there");
        for _ in 0..4 {
            history.forward(Size::Message);
        }
    }
    let segments = history
        .cluster()
        .view()
        .nodes
        .iter()
        .flat_map(|node| &node.replicas)
        .map(|replica| replica.segments.len())
        .max();
    assert!(segments > Some(3), "the log has rolled: {segments:?}");
    assert!(history.violations().is_empty(), "{:?}", history.violations());
}
