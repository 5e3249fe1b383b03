//! What an operator has to do where Kafka does not come to rest by itself.
//!
//! - A member of a consumer group whose leaving could not be written (`NOT_ENOUGH_REPLICAS`) stays in the group, and its session has
//!   no timer any more: `GroupMetadataManager` stops the timers of who leaves before the records are written, and only a
//!   coordinator that loads the group sets them again.
//! - A static leader that comes back (KIP-814) takes the partitions of that moment for those of the assignment: where a topic grew
//!   while it was away, nobody asks for another.
//! - A consumer that was refused for good (`UNRELEASED_INSTANCE_ID`, `FENCED_INSTANCE_ID`) has to be started again.

use kafkascope_core::actor::Listener;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::command::Command;
use kafkascope_core::view::{ClusterView, GroupMemberView, GroupView};
use kafkascope_core::wire::ApiKey;
use serde_json::{Value, json};

use crate::swarm::refused_consumers;

/// What is to be done now.
pub(super) fn repairs(cluster: &Cluster) -> Vec<Command> {
    let view = cluster.view();
    let mut commands: Vec<Command> =
        refused_consumers(cluster).map(|consumer| Command::CrashConsumer { consumer }).collect();
    for group in &view.groups {
        if group.group_type == "consumer" {
            commands.extend(
                group.assignments.iter().filter(|member| is_ghost(&view, member)).map(|ghost| remove(group, ghost)),
            );
        } else if has_grown(&view, group)
            && let Some(member) = group.assignments.iter().find(|member| member.instance_id.is_some())
        {
            commands.push(leave(group, member));
        }
    }
    commands
}

/// Whether nobody runs who goes by a member's id.
fn is_ghost(view: &ClusterView, member: &GroupMemberView) -> bool {
    !view.consumers.iter().any(|consumer| consumer.is_running && consumer.member_id == member.member)
}

/// Whether a topic that the group reads has partitions that nobody was assigned.
fn has_grown(view: &ClusterView, group: &GroupView) -> bool {
    let assigned = || group.assignments.iter().flat_map(|member| &member.assigned);
    let partitions = view.partitions.iter().map(|each| &each.partition);
    let of_group = partitions.filter(|partition| assigned().any(|each| each.topic == partition.topic));
    let mut unassigned = of_group.filter(|partition| !assigned().any(|each| each == *partition));
    unassigned.next().is_some()
}

fn remove(group: &GroupView, ghost: &GroupMemberView) -> Command {
    let body = json!({"groupId": group.group, "memberId": ghost.member, "memberEpoch": -1,
        "instanceId": ghost.instance_id});
    request(group, ApiKey::ConsumerGroupHeartbeat, body)
}

fn leave(group: &GroupView, member: &GroupMemberView) -> Command {
    let members = json!([{"memberId": "", "groupInstanceId": member.instance_id}]);
    request(group, ApiKey::LeaveGroup, json!({"groupId": group.group, "members": members}))
}

fn request(group: &GroupView, api: ApiKey, body: Value) -> Command {
    let (to, port) = (group.coordinator, Listener::Broker);
    Command::request(2, (to, port), api, None, body)
}
