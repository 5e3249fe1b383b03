//! `kafka-features`.

use expect_test::expect;

use super::Console;

#[test]
fn levels_of_features_rise_and_sink() {
    let printed = Console::new().session(&[
        "kafka-features --bootstrap-server localhost:9092 describe",
        "kafka-features version-mapping",
        "kafka-features version-mapping --release-version 3.9",
        "kafka-features upgrade --feature metadata.version=99",
        "kafka-features downgrade --metadata 4.0",
        "kafka-features disable --feature share.version --dry-run",
        "kafka-features disable --feature share.version",
        "kafka-features upgrade --feature share.version",
        "kafka-features upgrade",
        "kafka-features upgrade --feature kraft.version=1",
        "kafka-features --bootstrap-server localhost:9092 describe",
    ]);
    expect![[r#"
        $ kafka-features --bootstrap-server localhost:9092 describe
        Feature: eligible.leader.replicas.version          SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 1                Epoch: 28
        Feature: group.version                             SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 1                Epoch: 28
        Feature: kraft.version                             SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 0                Epoch: 28
        Feature: metadata.version                          SupportedMinVersion: 3.3-IV3          SupportedMaxVersion: 4.3-IV0          FinalizedVersionLevel: 4.3-IV0          Epoch: 28
        Feature: share.version                             SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 1                Epoch: 28
        Feature: streams.version                           SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 1                Epoch: 28
        Feature: transaction.version                       SupportedMinVersion: 0                SupportedMaxVersion: 2                FinalizedVersionLevel: 2                Epoch: 28
        $ kafka-features version-mapping
        metadata.version=30 (4.3-IV0)
        kraft.version=1
        transaction.version=2
        group.version=1
        eligible.leader.replicas.version=1
        share.version=1
        streams.version=1
        $ kafka-features version-mapping --release-version 3.9
        metadata.version=21 (3.9)
        kraft.version=1
        transaction.version=0
        group.version=0
        eligible.leader.replicas.version=0
        share.version=0
        streams.version=0
        $ kafka-features upgrade --feature metadata.version=99
        Could not upgrade metadata.version to 99. The update failed for all features since the following feature had an error: Invalid update version 99 for feature metadata.version. Local controller 9000 only supports versions 7-30
        ! 1 out of 1 operation(s) failed.
        $ kafka-features downgrade --metadata 4.0
         `metadata` flag is deprecated and may be removed in a future release.
        Could not downgrade metadata.version to 25. The update failed for all features since the following feature had an error: Unsupported metadata.version downgrade from 30 to 25. Refusing to perform the requested downgrade because it might delete metadata information.
        ! 1 out of 1 operation(s) failed.
        $ kafka-features disable --feature share.version --dry-run
        share.version can be disabled.
        $ kafka-features disable --feature share.version
        share.version was disabled.
        $ kafka-features upgrade --feature share.version
        ! Can't parse feature=level string share.version: equals sign not found.
        $ kafka-features upgrade
        ! You must specify at least one feature to upgrade
        $ kafka-features upgrade --feature kraft.version=1
        kraft.version was upgraded to 1.
        $ kafka-features --bootstrap-server localhost:9092 describe
        Feature: eligible.leader.replicas.version          SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 1                Epoch: 31
        Feature: group.version                             SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 1                Epoch: 31
        Feature: kraft.version                             SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 1                Epoch: 31
        Feature: metadata.version                          SupportedMinVersion: 3.3-IV3          SupportedMaxVersion: 4.3-IV0          FinalizedVersionLevel: 4.3-IV0          Epoch: 31
        Feature: share.version                             SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 0                Epoch: 31
        Feature: streams.version                           SupportedMinVersion: 0                SupportedMaxVersion: 1                FinalizedVersionLevel: 1                Epoch: 31
        Feature: transaction.version                       SupportedMinVersion: 0                SupportedMaxVersion: 2                FinalizedVersionLevel: 2                Epoch: 31
    "#]].assert_eq(&printed);
}
