//! Dynamic quorums (KIP-853): files with `controller.quorum.bootstrap.servers`, and how their directories were formatted.

use super::super::{ServerFile, export, review};
use super::{file, printed};
use crate::cluster::Cluster;
use crate::config::ClusterConfig;
use crate::raft::VoterNode;
use crate::sim::Millis;

/// Three combined nodes, each with these lines too.
fn files(lines: &str) -> Vec<ServerFile> {
    let of = |id: i32| {
        let text = format!(
            "process.roles=broker,controller\nnode.id={id}\n\
             controller.quorum.bootstrap.servers=host1:9093,host2:9093,host3:9093\n\
             listeners=PLAINTEXT://host{id}:9092,CONTROLLER://host{id}:9093\ncontroller.listener.names=CONTROLLER\n\
             log.dirs=/data\n{lines}"
        );
        file(&format!("server-{id}"), &text)
    };
    [1, 2, 3].map(of).to_vec()
}

fn built(lines: &str) -> (ClusterConfig, Cluster) {
    let files = files(lines);
    let review = review(&files);
    let config = review.cluster.clone().unwrap_or_else(|_| panic!("{}", printed(&files, &review)));
    let cluster = Cluster::new(&config, 1).expect("it starts");
    (config, cluster)
}

fn run(cluster: &mut Cluster, ms: Millis) {
    let until = cluster.now() + ms;
    while cluster.now() < until {
        cluster.step().expect("somebody always has something to do");
    }
}

fn voter(cluster: &Cluster, id: i32) -> Option<VoterNode> {
    let active = cluster.node(cluster.active_controller()?)?.controller.as_ref()?;
    active.quorum().voter_set().get(id).cloned()
}

fn address(cluster: &Cluster, id: i32) -> Option<(String, i32)> {
    let endpoint = voter(cluster, id)?.endpoints.into_iter().next()?;
    Some((endpoint.host, endpoint.port))
}

#[test]
fn every_controller_votes_where_no_file_says_how_directories_were_formatted() {
    let (config, cluster) = built("");
    assert_eq!(config.settings["initial.controllers"], "1,2,3");
    assert_eq!(cluster.quorum_voters(), [1, 2, 3]);
    assert_eq!(address(&cluster, 2), Some(("host2".to_owned(), 9_093)), "as its file says");
    let quorum = cluster.node(2).expect("it is there").disk.controller.log.quorum().clone();
    assert_eq!(quorum.kraft_version(), 1);
    let files = files("");
    let said = printed(&files, &review(&files));
    assert!(said.contains(r#"server-1:3 {"caution":"dynamic-quorum","voters":"1, 2, 3"}"#), "{said}");
}

#[test]
fn a_standalone_voter_is_watched_by_the_others_until_they_are_added() {
    let (config, mut cluster) = built("initial.controllers=1\n");
    assert_eq!(config.settings["initial.controllers"], "1");
    run(&mut cluster, 20_000);
    assert_eq!((cluster.quorum_voters(), cluster.active_controller()), (vec![1], Some(1)));
    let files = files("initial.controllers=1\n");
    assert!(!printed(&files, &review(&files)).contains("dynamic-quorum"), "the files say it");
}

#[test]
fn controllers_that_are_to_join_do() {
    let (_, mut cluster) = built("initial.controllers=1\ncontroller.quorum.auto.join.enable=true\n");
    run(&mut cluster, 20_000);
    assert_eq!(cluster.quorum_voters(), [1, 2, 3]);
    assert_eq!(address(&cluster, 3), Some(("host3".to_owned(), 9_093)));
}

/// `kafka-storage format --initial-controllers` was given an address that is another one now.
#[test]
fn a_voter_that_listens_elsewhere_than_it_was_formatted_with_says_so() {
    let directory = "MkU3OEVBNTcwNTJENDM2Qg";
    let initial = [1, 2, 3].map(|id| format!("{id}@before{id}:9093:{directory}")).join(",");
    let (_, mut cluster) = built(&format!("initial.controllers={initial}\n"));
    let active = cluster.active_controller().expect("somebody leads");
    assert_eq!(address(&cluster, active), Some((format!("host{active}"), 9_093)), "a leader writes its own at once");
    run(&mut cluster, 20_000);
    let addresses = [1, 2, 3].map(|id| address(&cluster, id));
    assert_eq!(addresses, [1, 2, 3].map(|id| Some((format!("host{id}"), 9_093))));
}

#[test]
fn what_fits_no_formatting_is_a_mistake() {
    let mistakes = |lines: &str| {
        let files = files(lines);
        let review = review(&files);
        let mistakes = review.cluster.err().unwrap_or_default();
        mistakes
            .into_iter()
            .map(|it| (it.place.line, crate::json::write_text(&it.problem), it.kafka))
            .collect::<Vec<_>>()
    };
    let wrong =
        |value: &str| format!(r#"{{"mistake":"invalid-value","name":"initial.controllers","value":"{value}"}}"#);
    assert_eq!(mistakes("initial.controllers=1,9\n"), vec![(Some(7), wrong("1,9"), None); 3]);
    let with_voters =
        mistakes("initial.controllers=1\ncontroller.quorum.voters=1@host1:9093,2@host2:9093,3@host3:9093\n");
    let words = "You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. If \
                 you want to use dynamic quorum, please remove controller.quorum.voters and specify \
                 controller.quorum.bootstrap.servers instead.";
    assert_eq!(with_voters, vec![(Some(7), wrong("1"), Some(words.to_owned())); 3]);
}

#[test]
fn a_broker_cannot_join_the_voters() {
    let broker = "process.roles=broker\nnode.id=4\ncontroller.quorum.bootstrap.servers=host1:9093\n\
                  listeners=PLAINTEXT://host4:9092\ncontroller.listener.names=CONTROLLER\n\
                  controller.quorum.auto.join.enable=true\n";
    let mut all = files("");
    all.push(file("server-4", broker));
    let said = printed(&all, &review(&all));
    let words = "requirement failed: controller.quorum.auto.join.enable is only supported when process.roles contains the \
                 'controller' role.";
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_dynamic_quorum_written_as_files_is_the_same() {
    let (config, _) = built("initial.controllers=1\n");
    let files = export(&config);
    assert!(files[0].text.contains("initial.controllers=1\n") && !files[0].text.contains("controller.quorum.voters"));
    let read = review(&files).cluster.expect("it is right");
    assert_eq!((&read.nodes, &read.settings), (&config.nodes, &config.settings));
    let mut preset = crate::presets::presets().remove(0).scenario.config;
    let controller = preset.nodes.iter().find(|node| node.roles.is_controller()).expect("one decides").id;
    preset.settings.insert("initial.controllers".to_owned(), controller.to_string());
    let read = review(&export(&preset)).cluster.expect("it is right");
    assert_eq!((&read.nodes, &read.settings), (&preset.nodes, &preset.settings));
}

/// `controller.listener.names` gives the listener any name; what the quorum says of itself has it.
#[test]
fn a_static_quorum_speaks_by_the_listener_that_its_files_name() {
    let of = |id: i32| {
        let text = format!(
            "process.roles=broker,controller\nnode.id={id}\n\
             controller.quorum.voters=1@host1:9093,2@host2:9094,3@host3:9093\n\
             listeners=PLAINTEXT://host{id}:9092,RAFT://host{id}:{}\ncontroller.listener.names=RAFT\n\
             listener.security.protocol.map=PLAINTEXT:PLAINTEXT,RAFT:PLAINTEXT\nlog.dirs=/data\n",
            if id == 2 { 9_094 } else { 9_093 }
        );
        file(&format!("server-{id}"), &text)
    };
    let files = [1, 2, 3].map(of).to_vec();
    let review = review(&files);
    let config = review.cluster.clone().unwrap_or_else(|_| panic!("{}", printed(&files, &review)));
    let mut cluster = Cluster::new(&config, 1).expect("it starts");
    run(&mut cluster, 5_000);
    let named = |name: &str, host: &str, port: i32| (name.to_owned(), host.to_owned(), port);
    let voter = voter(&cluster, 2).expect("2 votes").endpoints.into_iter().next().expect("it listens");
    assert_eq!((voter.name, voter.host, voter.port), named("RAFT", "host2", 9_094));
    let active = cluster.active_controller().expect("one decides");
    let image = cluster.node(active).and_then(|node| node.controller.as_ref()).expect("it runs").image();
    let registered = image.controllers.values().map(|it| {
        let at = &it.end_points[0];
        (at.name.clone(), at.host.clone(), i32::from(at.port))
    });
    let registered: Vec<(String, String, i32)> = registered.collect();
    assert_eq!(
        registered,
        [named("RAFT", "host1", 9_093), named("RAFT", "host2", 9_094), named("RAFT", "host3", 9_093)]
    );
}
