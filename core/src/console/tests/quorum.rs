//! `kafka-metadata-quorum` where voters change.

use super::Console;

#[test]
fn controllers_become_voters_and_leave() {
    let mut console = Console::standalone();
    let directory = |console: &Console, id: i32| {
        console.cluster.node(id).expect("it is there").disk.broker.directory_id.to_string()
    };
    assert_eq!(console.cluster.quorum_voters(), [9_000]);
    let status = |console: &mut Console| {
        console.run("kafka-metadata-quorum --bootstrap-controller controller-9000:9093 describe --replication")
    };
    assert_eq!(status(&mut console).matches("Observer").count(), 5, "two controllers and three brokers");
    let add = |id: i32| {
        format!(
            "kafka-metadata-quorum --bootstrap-server broker-1:9092 --command-config server-{id}.properties add-controller"
        )
    };
    for id in [9_001, 9_002] {
        let said = console.run(&add(id));
        let wanted = format!(
            "Added controller {id} with directory id {} and endpoints: CONTROLLER://controller-{id}:9093",
            directory(&console, id)
        );
        assert!(said.contains(&wanted), "{said}");
    }
    assert_eq!(console.cluster.quorum_voters(), [9_000, 9_001, 9_002]);
    let said = console.run(&add(9_001));
    let duplicate = format!(
        "org.apache.kafka.common.errors.DuplicateVoterException: The voter id for ReplicaKey(id=9001, directoryId={}) is already part of the set of voters [",
        directory(&console, 9_001)
    );
    assert!(said.contains(&duplicate), "{said}");
    let remove = |id: i32, directory: &str| {
        format!(
            "kafka-metadata-quorum --bootstrap-controller controller-9000:9093 remove-controller --controller-id {id} --controller-directory-id {directory}"
        )
    };
    let other = directory(&console, 9_002);
    let said = console.run(&remove(9_001, &other));
    assert!(said.contains("VoterNotFoundException: Cannot remove voter ReplicaKey(id=9001, directoryId="), "{said}");
    let leaders = directory(&console, 9_000);
    let said = console.run(&remove(9_000, &leaders));
    assert!(said.contains(&format!("Removed  KRaft controller 9000 with directory id {leaders}")), "{said}");
    (0..30_000).for_each(|_| {
        console.cluster.step();
    });
    assert_eq!(console.cluster.quorum_voters(), [9_001, 9_002]);
    assert!(console.cluster.active_controller().is_some_and(|active| active != 9_000));
    let state = console.cluster.node(9_001).expect("it is there").disk.controller.quorum_state.file_text();
    assert!(state.contains("\"votedDirectoryId\"") && state.ends_with("\"data_version\":1}"), "{state}");
}
