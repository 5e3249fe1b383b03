//! Nothing is lost: texts, and clusters written as files.

use proptest::prelude::*;

use super::super::text::{Entry, decode, read, write};
use super::super::{export, review};
use crate::config::{ClusterConfig, Roles};
use crate::presets::presets;

fn entries(text: &str) -> Vec<(String, String, u32, u32)> {
    let of = |entry: Entry| (entry.key, entry.value, entry.line, entry.last_line);
    read(text).into_iter().map(of).collect()
}

/// Each was asked of `java.util.Properties`.
#[test]
fn texts_are_read_as_java_reads_them() {
    let check = |text: &str, expected: &[(&str, &str, u32, u32)]| {
        let found = entries(text);
        let found: Vec<_> = found.iter().map(|(key, value, from, to)| (&**key, &**value, *from, *to)).collect();
        assert_eq!(found, expected, "{text:?}");
    };
    check(
        "a=1\n# b=2\n ! c=3\n\nd : 4\ne 5\nf",
        &[("a", "1", 1, 1), ("d", "4", 5, 5), ("e", "5", 6, 6), ("f", "", 7, 7)],
    );
    check(
        "a = b = c\r\nd\\ e\\==f \r\rg=\\u00e4\\t",
        &[("a", "b = c", 1, 1), ("d e=", "f ", 2, 2), ("g", "\u{e4}\t", 4, 4)],
    );
    check("a=1,\\\n   2,\\\n# 3\nb=4", &[("a", "1,2,# 3", 1, 3), ("b", "4", 4, 4)]);
    check("a=1\\\n\nb=2", &[("a", "1", 1, 1), ("b", "2", 3, 3)]);
    check("a=\\u12x\\\\\n", &[("a", "\\u12x\\\\", 1, 1)]);
    check("\\\n", &[("", "", 1, 1)]);
    check("a=\\ud83d\\ude00", &[("a", "\u{1f600}", 1, 1)]);
    check(" \u{a0}a=1", &[("\u{a0}a", "1", 1, 1)]);
    check("= b\n:\n", &[("", "b", 1, 1), ("", "", 2, 2)]);
}

#[test]
fn bytes_of_any_editor_are_read() {
    assert_eq!(decode("a=\u{e4}".as_bytes()), "a=\u{e4}");
    assert_eq!(decode(b"a=\xe4"), "a=\u{e4}");
    assert_eq!(decode(&[0xff, 0xfe, b'a', 0, b'=', 0]), "a=");
    assert_eq!(decode(&[0xfe, 0xff, 0, b'a', 0, b'=', 0]), "a=\0");
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(key in ".*", value in ".*") {
        let line = write(&key, &value);
        prop_assert!(line.is_ascii() && !line.contains(['\n', '\r']));
        prop_assert_eq!(entries(&line), [(key, value, 1, 1)]);
    }

    #[test]
    fn no_text_panics(text in "[a-z=: \t\n\r\\\\#!u0-9${}@.,/]*") {
        let _entries = read(&text);
        let _review = super::reviewed(&[&text, &text]);
    }
}

/// Nodes and settings of a cluster after it was written as files and read.
fn written_and_read(config: &ClusterConfig) -> ClusterConfig {
    let files = export(config);
    let review = review(&files);
    review.cluster.unwrap_or_else(|mistakes| panic!("{mistakes:#?} of {files:#?}"))
}

#[test]
fn a_cluster_written_as_files_is_the_same_when_it_is_read() {
    for preset in presets() {
        let config = preset.scenario.config;
        let read = written_and_read(&config);
        assert_eq!((&read.nodes, &read.settings), (&config.nodes, &config.settings), "{}", preset.id);
        assert_eq!(export(&read), export(&config));
    }
}

#[test]
fn a_cluster_of_many_voters_and_settings_of_its_own_is_the_same() {
    let mut config = presets().remove(0).scenario.config;
    for (id, node) in (1..).zip(&mut config.nodes) {
        node.id = id;
        node.roles = [Roles::Combined, Roles::Broker, Roles::Controller, Roles::Controller][id as usize % 4];
    }
    config.nodes[1].settings.insert("log.retention.hours".to_owned(), "24".to_owned());
    config.nodes[2].settings.insert("num.io.threads".to_owned(), "4".to_owned());
    config.settings.insert("offsets.topic.replication.factor".to_owned(), "1".to_owned());
    config.nodes[0].rack = Some("rack a: \u{d55c}".to_owned());
    let read = written_and_read(&config);
    assert_eq!((&read.nodes, &read.settings), (&config.nodes, &config.settings));
    crate::cluster::Cluster::new(&read, 1).expect("it starts");
}

/// What a file says of listeners stays, and is what DescribeConfigs tells.
#[test]
fn a_node_keeps_how_it_is_reached() {
    let text = "process.roles=broker,controller\nnode.id=7\ncontroller.quorum.voters=7@a:9093\n\
                listeners=INSIDE://a:9092,CONTROLLER://a:9093\ncontroller.listener.names=CONTROLLER\n\
                inter.broker.listener.name=INSIDE\nlistener.security.protocol.map=INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
                log.dirs=/data/a,/data/b\noffsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n\
                transaction.state.log.min.isr=1\nnum.io.threads=4\n";
    let review = review(&[super::file("a", text)]);
    let config = review.cluster.expect("it is right");
    let cluster = crate::cluster::Cluster::new(&config, 1).expect("it starts");
    let configured = &cluster.node(7).expect("it is there").settings.configured;
    assert_eq!(configured["listeners"], "INSIDE://a:9092,CONTROLLER://a:9093");
    assert_eq!(configured["log.dirs"], "/data/a,/data/b");
    assert_eq!(configured["num.io.threads"], "4");
    assert!(!configured.contains_key("advertised.listeners"), "nobody said so");
    assert_eq!(written_and_read(&config), config);
}
