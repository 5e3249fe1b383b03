//! What `kafka-storage` of 4.3.1 prints: asked of it.

use expect_test::expect;

use super::super::storage::{Directories, FormatOptions, ToolOutput, format, info, verify};
use super::super::{ServerFile, export};
use super::{file, reviewed};
use crate::presets::first_minute;
use crate::wire::Uuid;

const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qk";

fn server(voters: &str) -> ServerFile {
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\n{voters}\nlisteners=PLAINTEXT://127.0.0.11:9092,CONTROLLER://127.0.0.11:9093\n\
         controller.listener.names=CONTROLLER\nlog.dirs=/tmp/cfg/st/d1,/tmp/cfg/st/d2\n"
    );
    file("server.properties", &text)
}

fn dynamic() -> ServerFile {
    server("controller.quorum.bootstrap.servers=127.0.0.11:9093")
}

/// Formats with bits that count up.
fn run(server: &ServerFile, directories: &mut Directories, options: FormatOptions) -> ToolOutput {
    let mut bits = 0x0042_0000_0000_0000_0000_0000_0000_0000_u128;
    format(server, directories, &options, || {
        bits += 1;
        bits
    })
}

fn options(cluster_id: &str) -> FormatOptions {
    FormatOptions { cluster_id: cluster_id.to_owned(), ..FormatOptions::default() }
}

fn standalone(cluster_id: &str, feature: &str) -> FormatOptions {
    let features = Some(feature.to_owned()).filter(|feature| !feature.is_empty()).into_iter().collect();
    FormatOptions { standalone: true, features, ..options(cluster_id) }
}

#[test]
fn directories_are_formatted_and_their_files_are_there_to_look_at() {
    let mut directories = Directories::new();
    assert_eq!(verify(&dynamic(), &directories), Err("No readable meta.properties files found.".to_owned()));
    let output = run(&dynamic(), &mut directories, standalone(CLUSTER, ""));
    let printed = crate::json::write_text(&directories).replace("\\n", "\n").replace("\\\"", "\"");
    expect![[r##"
        Bootstrap metadata: BootstrapMetadata(records=[ApiMessageAndVersion(FeatureLevelRecord(name='metadata.version', featureLevel=30) at version 0), ApiMessageAndVersion(FeatureLevelRecord(name='eligible.leader.replicas.version', featureLevel=1) at version 0), ApiMessageAndVersion(FeatureLevelRecord(name='group.version', featureLevel=1) at version 0), ApiMessageAndVersion(FeatureLevelRecord(name='share.version', featureLevel=1) at version 0), ApiMessageAndVersion(FeatureLevelRecord(name='streams.version', featureLevel=1) at version 0), ApiMessageAndVersion(FeatureLevelRecord(name='transaction.version', featureLevel=2) at version 0)], metadataVersionLevel=30, source=format command)
        Formatting data directory /tmp/cfg/st/d2 with metadata.version 4.3-IV0.
        Formatting dynamic metadata voter directory /tmp/cfg/st/d1 with metadata.version 4.3-IV0.

        {"/tmp/cfg/st/d1":{"__cluster_metadata-0/00000000000000000000-0000000000.checkpoint":"SnapshotHeader {"version":0,"lastContainedLogTimestamp":0}
        KRaftVersion {"version":0,"kRaftVersion":1}
        KRaftVoters {"version":0,"voters":[{"voterId":1,"voterDirectoryId":"AEIAAAAAQACAAAAAAAAAAQ","endpoints":[{"name":"CONTROLLER","host":"127.0.0.11","port":9093}],"kRaftVersionFeature":{"minSupportedVersion":0,"maxSupportedVersion":1}}]}
        SnapshotFooter {"version":0}
        ","bootstrap.checkpoint":"SnapshotHeader {"version":0,"lastContainedLogTimestamp":0}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"metadata.version","featureLevel":30}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"eligible.leader.replicas.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"group.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"share.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"streams.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"transaction.version","featureLevel":2}}
        SnapshotFooter {"version":0}
        ","meta.properties":"#
        node.id=1
        directory.id=AEIAAAAAQACAAAAAAAAAAQ
        version=1
        cluster.id=MkU3OEVBNTcwNTJENDM2Qk
        "},"/tmp/cfg/st/d2":{"bootstrap.checkpoint":"SnapshotHeader {"version":0,"lastContainedLogTimestamp":0}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"metadata.version","featureLevel":30}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"eligible.leader.replicas.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"group.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"share.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"streams.version","featureLevel":1}}
        payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"transaction.version","featureLevel":2}}
        SnapshotFooter {"version":0}
        ","meta.properties":"#
        node.id=1
        directory.id=AEIAAAAAQACAAAAAAAAAAg
        version=1
        cluster.id=MkU3OEVBNTcwNTJENDM2Qk
        "}}"##]].assert_eq(&format!("{}\n{}\n{printed}", output.stdout.join("\n"), output.stderr.join("\n")));
    assert_eq!(verify(&dynamic(), &directories), Ok(()));
    let again = run(&dynamic(), &mut directories, standalone(CLUSTER, ""));
    let expected = "Log directory /tmp/cfg/st/d2 is already formatted. Use --ignore-formatted to ignore this directory and format \
                    the others.";
    assert_eq!(again.stderr, [expected]);
    let ignored =
        run(&dynamic(), &mut directories, FormatOptions { ignore_formatted: true, ..standalone(CLUSTER, "") });
    assert_eq!(ignored.stdout, ["All of the log directories are already formatted."]);
    let other = run(&dynamic(), &mut directories, standalone("X", ""));
    let message = "Invalid cluster.id in: /tmp/cfg/st/d2/meta.properties. Expected X, but read MkU3OEVBNTcwNTJENDM2Qk";
    assert_eq!(other.stderr, [format!("Exception in thread \"main\" java.lang.RuntimeException: {message}")]);
    expect![[r#"
        Found log directories:
          /tmp/cfg/st/d1
          /tmp/cfg/st/d2

        Found metadata: {cluster.id=MkU3OEVBNTcwNTJENDM2Qk, directory.id=AEIAAAAAQACAAAAAAAAAAQ, node.id=1, version=1}
    "#]]
    .assert_eq(&info(&dynamic(), &directories).stdout.join("\n"));
    directories.remove("/tmp/cfg/st/d2");
    let message =
        "No `meta.properties` found in /tmp/cfg/st/d2 (have you run `kafka-storage.sh` to format the directory?)";
    assert_eq!(verify(&dynamic(), &directories), Err(message.to_owned()));
    let moved = file("server.properties", &dynamic().text.replace("node.id=1", "node.id=2"));
    assert!(
        verify(&moved, &directories)
            .is_err_and(|message| message.starts_with("Stored node id 1 doesn't match previous"))
    );
}

#[test]
fn what_format_rejects() {
    let said =
        |server: &ServerFile, options: FormatOptions| run(server, &mut Directories::new(), options).stderr.join("\n");
    let with = |feature: &str| said(&dynamic(), standalone("X", feature));
    let initial =
        |list: &str| said(&dynamic(), FormatOptions { initial_controllers: Some(list.to_owned()), ..options("X") });
    let lines = [
        said(&dynamic(), options("X")),
        with("nope=1"),
        with("kraft.version=0"),
        with("metadata.version=99"),
        said(
            &server("controller.quorum.voters=1@h:9093"),
            FormatOptions { features: vec!["kraft.version=1".to_owned()], ..options("X") },
        ),
        initial("bad"),
        with("nonsense"),
        said(&server("controller.quorum.voters=1@h:9093"), standalone("X", "")),
        said(&server(""), options("X")),
    ];
    expect![[r#"
        Because controller.quorum.voters is not set on this controller, you must specify one of the following: --standalone, --initial-controllers, or --no-initial-controllers.
        Unsupported feature: nope. Supported features are: eligible.leader.replicas.version, group.version, kraft.version, share.version, streams.version, transaction.version
        Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try removing the --feature flag for kraft.version.
        Exception in thread "main" java.lang.IllegalArgumentException: No MetadataVersion with feature level 99. Valid feature levels are from 7 to 31.
        Cannot set kraft.version to 1 unless controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try using one of --standalone, --initial-controllers, or --no-initial-controllers and removing controller.quorum.voters.
        Exception in thread "main" java.lang.IllegalArgumentException: No @ found in dynamic voter string.
        Exception in thread "main" java.lang.RuntimeException: Can't parse feature=level string nonsense: equals sign not found.
        You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. If you want to use dynamic quorum, please remove controller.quorum.voters and specify controller.quorum.bootstrap.servers instead.
        Exception in thread "main" org.apache.kafka.common.config.ConfigException: If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers."#]].assert_eq(&lines.join("\n"));
    assert_eq!(initial("1@127.0.0.11:9093:JEXY6aqzQY-32P5TStzaFg,2@h:9093:MvDxzVmcRsaTz33bUuRU6A"), "");
    let mut directories = Directories::new();
    let list = "1@127.0.0.11:9093:JEXY6aqzQY-32P5TStzaFg".to_owned();
    run(&dynamic(), &mut directories, FormatOptions { initial_controllers: Some(list), ..options("X") });
    assert!(directories["/tmp/cfg/st/d1"]["meta.properties"].contains("directory.id=JEXY6aqzQY-32P5TStzaFg\n"));
}

#[test]
fn ids_are_those_of_java() {
    let mut all_bits = [0xf8 << 120, 0].into_iter();
    let uuid = Uuid::random(|| all_bits.next().unwrap_or_default());
    assert_eq!(uuid.to_string(), "AAAAAAAAQACAAAAAAAAAAA", "one that begins with a hyphen is passed over");
}

/// A `meta.properties` that was given along has to be the node's own.
#[test]
fn directories_of_others_are_found() {
    let server = export(&first_minute().config).remove(3).text.replace("controller\n", "broker,controller\n");
    let server = server
        .replace("CONTROLLER://", "PLAINTEXT://a:9092,CONTROLLER://")
        .replace("replication.factor=3", "replication.factor=1");
    let meta = |node: i32, cluster: &str| format!("#\nnode.id={node}\nversion=1\ncluster.id={cluster}\n");
    assert!(reviewed(&[&server, &meta(9000, "A")]).starts_with('{'));
    expect![[r#"
        server-3:4 {"mistake":"foreign-cluster","directory":"server-3","expected":"A","found":"B"}
        server-1 {"caution":"default-needs-brokers","name":"transaction.state.log.replication.factor","wanted":3,"brokers":1}
        server-1:1 {"caution":"combined-roles","nodes":1}
        server-1:7 {"caution":"temporary-directory","directory":"/tmp/kraft-combined-logs"}
    "#]].assert_eq(&reviewed(&[&server, &meta(2, "A"), &meta(9000, "B")]));
    expect![[r#"
        server-1:7 {"mistake":"unformatted-directory","directory":"/tmp/kraft-combined-logs"}
            No readable meta.properties files found.
        server-2:2 {"mistake":"foreign-node","directory":"server-2","expected":9000,"found":2}
        server-1 {"caution":"default-needs-brokers","name":"transaction.state.log.replication.factor","wanted":3,"brokers":1}
        server-1:1 {"caution":"combined-roles","nodes":1}
        server-1:7 {"caution":"temporary-directory","directory":"/tmp/kraft-combined-logs"}
    "#]].assert_eq(&reviewed(&[&server, &meta(2, "A")]));
}
