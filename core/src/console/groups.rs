//! `kafka-consumer-groups` (`ConsumerGroupCommand`).

use std::collections::BTreeMap;

use super::{Asks, Outcome, ToolOutput, address, failed, printed};
use crate::broker::group::{ClassicGroup, Group};
use crate::cluster::Cluster;
use crate::cluster::node::Node;
use crate::sort::CollectOrdered;
use crate::wire::TopicPartition;
use crate::wire::consumer_group::{ConsumerGroupDescribedAssignment, ConsumerGroupDescribedMember};
use crate::wire::consumer_protocol::decode_assignment;
use crate::wire::group::DescribedGroupMember;

/// Columns are at least as wide.
const WIDTH_MIN: usize = 15;
/// What stands where nothing is.
const NOTHING: &str = "-";

/// The groups of all coordinators that run.
fn all(cluster: &Cluster) -> impl Iterator<Item = (&Node, &Group)> {
    let brokers = cluster.nodes().filter_map(|node| Some((node, node.broker.as_ref()?)));
    brokers.flat_map(|(node, broker)| broker.groups.groups().map(move |group| (node, group)))
}

/// Their names.
pub fn names(cluster: &Cluster) -> Vec<String> {
    let mut names: Vec<String> = all(cluster).map(|(_, group)| group.id().to_owned()).collect();
    names.sort_unstable();
    names
}

pub fn execute(asks: &Asks<'_>) -> Outcome {
    let line = asks.line;
    if line.has("--list") == line.has("--describe") {
        return failed(
            "Command must include exactly one action: [list], [describe], [delete], [reset-offsets], [delete-offsets]",
        );
    }
    if let Err(outcome) = asks.broker("listGroups") {
        return outcome;
    }
    if line.has("--list") {
        return printed(names(asks.cluster));
    }
    let wanted: Vec<String> = match line.has("--all-groups") {
        true => names(asks.cluster),
        false => line.values("--group").map(str::to_owned).collect(),
    };
    if wanted.is_empty() && !line.has("--all-groups") {
        return failed("Option [describe] takes one of these options: [all-groups], [group]");
    }
    let mut output = ToolOutput::default();
    for name in wanted {
        let Some((coordinator, group)) = all(asks.cluster).find(|(_, group)| group.id() == name) else {
            output.stdout.extend([String::new(), format!("Error: Consumer group '{name}' does not exist.")]);
            continue;
        };
        match () {
            () if line.has("--state") => state(asks.cluster, coordinator, group, &mut output),
            () if line.has("--members") => members(asks.cluster, group, line.has("--verbose"), &mut output),
            () => offsets(asks.cluster, group, &mut output),
        }
    }
    Outcome::Printed(output)
}

/// A member as a row names it.
#[derive(Clone, Debug)]
struct Owner {
    id: String,
    host: String,
    client: String,
}

/// A member as the tool shows it. Only members of the consumer protocol have epochs and a target to go to.
struct ShownMember {
    owner: Owner,
    instance_id: Option<String>,
    assigned: Vec<TopicPartition>,
    epoch: Option<i32>,
    target: Option<Vec<TopicPartition>>,
}

/// A group as the tool shows it.
struct ShownGroup {
    state: String,
    assignor: String,
    target_epoch: Option<i32>,
    members: Vec<ShownMember>,
}

fn described(cluster: &Cluster, group: &Group) -> ShownGroup {
    let known = cluster.image();
    match (group, known) {
        (Group::Consumer(_), Some(image)) => {
            let described = group.described_as_consumer(image).unwrap_or_default();
            ShownGroup {
                state: described.group_state,
                assignor: described.assignor_name,
                target_epoch: Some(described.assignment_epoch),
                members: described.members.into_iter().map(of_consumer_protocol).collect(),
            }
        }
        (Group::Consumer(_) | Group::Classic(_), _) => {
            let described = group.as_classic().map(ClassicGroup::described).unwrap_or_default();
            ShownGroup {
                state: described.group_state,
                assignor: described.protocol_data,
                target_epoch: None,
                members: described.members.into_iter().map(of_classic_protocol).collect(),
            }
        }
    }
}

fn of_classic_protocol(member: DescribedGroupMember) -> ShownMember {
    ShownMember {
        owner: Owner { id: member.member_id, host: member.client_host, client: member.client_id },
        instance_id: member.group_instance_id,
        assigned: decode_assignment(&member.member_assignment).unwrap_or_default(),
        epoch: None,
        target: None,
    }
}

fn of_consumer_protocol(member: ConsumerGroupDescribedMember) -> ShownMember {
    let partitions = |assignment: ConsumerGroupDescribedAssignment| -> Vec<TopicPartition> {
        let topics = assignment.topic_partitions.into_iter();
        let each = topics.flat_map(|topic| {
            let name = topic.topic_name;
            topic.partitions.into_iter().map(move |partition| TopicPartition::new(name.clone(), partition))
        });
        each.collect()
    };
    ShownMember {
        owner: Owner { id: member.member_id, host: member.client_host, client: member.client_id },
        instance_id: member.instance_id,
        assigned: partitions(member.assignment),
        epoch: Some(member.member_epoch),
        target: Some(partitions(member.target_assignment)),
    }
}

fn offsets(cluster: &Cluster, group: &Group, output: &mut ToolOutput) {
    let described = described(cluster, group);
    let mut rows: BTreeMap<TopicPartition, (Option<i64>, Option<Owner>)> = group
        .committed_offsets()
        .map(|(partition, offset)| (partition.clone(), (Some(offset), None)))
        .collect_ordered();
    for member in &described.members {
        for partition in &member.assigned {
            rows.entry(partition.clone()).or_insert((None, None)).1 = Some(member.owner.clone());
        }
    }
    match described.state.as_str() {
        "Empty" => output.stderr.push(format!("\nConsumer group '{}' has no active members.", group.id())),
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
            output.stderr.push(format!("\nWarning: Consumer group '{}' is rebalancing.", group.id()));
        }
        _ => {}
    }
    if rows.is_empty() {
        return;
    }
    let header =
        ["GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID"];
    let mut table = vec![header.map(str::to_owned)];
    let or_nothing = |number: Option<i64>| number.map_or_else(|| NOTHING.to_owned(), |number| number.to_string());
    for (partition, (committed, owner)) in rows {
        let end = log_end(cluster, &partition);
        let lag = end.zip(committed).map(|(end, committed)| end - committed);
        let of = |text: fn(&Owner) -> &String| {
            owner.as_ref().map_or_else(|| NOTHING.to_owned(), |owner| text(owner).clone())
        };
        table.push([
            group.id().to_owned(),
            partition.topic.to_string(),
            partition.partition.to_string(),
            or_nothing(committed),
            or_nothing(end),
            or_nothing(lag),
            of(|owner| &owner.id),
            of(|owner| &owner.host),
            of(|owner| &owner.client),
        ]);
    }
    let width = |column: usize| table.iter().map(|row| row[column].len()).max().unwrap_or(0).max(WIDTH_MIN);
    let (id, topic, member, host) = (width(0), width(1), width(6), width(7));
    output.stdout.push(String::new());
    output.stdout.extend(table.iter().map(|[group, name, partition, committed, end, lag, owner, at, client]| {
        format!(
            "{group:id$} {name:topic$} {partition:10} {committed:15} {end:15} {lag:15} {owner:member$} {at:host$} {client}"
        )
    }));
}

/// What ListOffsets answers for the latest offset: the leader's high watermark.
fn log_end(cluster: &Cluster, name: &TopicPartition) -> Option<i64> {
    let leader = cluster.image()?.partition(&name.topic, name.partition)?.leader;
    let broker = cluster.node(leader)?.broker.as_ref()?;
    broker
        .partitions
        .iter()
        .find(|(_, partition)| partition.name == *name)
        .map(|(_, partition)| partition.high_watermark)
}

/// Who is in the group, and with `--verbose` what each has and is to have.
fn members(cluster: &Cluster, group: &Group, verbose: bool, output: &mut ToolOutput) {
    let described = described(cluster, group);
    match described.state.as_str() {
        "Empty" => output.stderr.push(format!("\nConsumer group '{}' has no active members.", group.id())),
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
            output.stderr.push(format!("\nWarning: Consumer group '{}' is rebalancing.", group.id()));
        }
        _ => {}
    }
    if described.members.is_empty() {
        return;
    }
    let named = |member: &ShownMember| member.instance_id.clone().unwrap_or_default();
    let widest = |min: usize, text: &dyn Fn(&ShownMember) -> usize| {
        described.members.iter().map(text).max().unwrap_or(0).max(min)
    };
    let is_static = described.members.iter().any(|member| member.instance_id.is_some());
    let (id, at) =
        (widest(WIDTH_MIN, &|member| member.owner.id.len()), widest(WIDTH_MIN, &|member| member.owner.host.len()));
    let (client, instance) =
        (widest(WIDTH_MIN, &|member| member.owner.client.len()), widest(17, &|member| named(member).len()));
    let group_width = group.id().len().max(WIDTH_MIN);
    let texts: Vec<String> = described.members.iter().map(|member| format_assignment(&member.assigned)).collect();
    let width = texts.iter().map(String::len).max().unwrap_or(0).max(20);
    let row = |cells: [&str; 6], epochs: [&str; 4]| {
        let [group, member, name, host, client_id, partitions] = cells;
        let name = if is_static { format!("{name:instance$} ") } else { String::new() };
        let mut row =
            format!("{group:group_width$} {member:id$} {name}{host:at$} {client_id:client$} {partitions:15} ");
        if verbose {
            let [epoch, current, target_epoch, target] = epochs;
            row.push_str(&format!("{epoch:15} {current:width$} {target_epoch:15} {target:width$}"));
        }
        row
    };
    output.stdout.push(String::new());
    output.stdout.push(row(
        ["GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS"],
        ["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT"],
    ));
    let or_nothing = |number: Option<i32>| number.map_or_else(|| NOTHING.to_owned(), |number| number.to_string());
    let target_epoch = or_nothing(described.target_epoch);
    for (member, text) in described.members.iter().zip(&texts) {
        let (name, partitions) = (named(member), member.assigned.len().to_string());
        let owner = &member.owner;
        let cells = [group.id(), &owner.id, &name, &owner.host, &owner.client, &partitions];
        let target = member.target.as_ref().map_or_else(|| NOTHING.to_owned(), |target| format_assignment(target));
        output.stdout.push(row(cells, [&or_nothing(member.epoch), text, &target_epoch, &target]));
    }
}

/// `orders:0,1;payments:0`; a dash for nothing (`getAssignmentString`).
fn format_assignment(partitions: &[TopicPartition]) -> String {
    let mut by_topic: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        by_topic.entry(&partition.topic).or_default().push(partition.partition);
    }
    if by_topic.is_empty() {
        return NOTHING.to_owned();
    }
    let topics = by_topic.into_iter().map(|(topic, mut indexes)| {
        indexes.sort_unstable();
        format!("{topic}:{}", indexes.iter().map(i32::to_string).collect::<Vec<_>>().join(","))
    });
    topics.collect::<Vec<_>>().join(";")
}

fn state(cluster: &Cluster, coordinator: &Node, group: &Group, output: &mut ToolOutput) {
    let described = described(cluster, group);
    let at = format!("{} ({})", address(coordinator), coordinator.config.id);
    let width = at.len().max(25);
    let row = |group: &str, at: &str, strategy: &str, state: &str, members: &str| {
        format!("{group:15} {at:width$} {strategy:20} {state:20} {members}")
    };
    output.stdout.push(String::new());
    output.stdout.push(row("GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS"));
    let members = described.members.len().to_string();
    output.stdout.push(row(group.id(), &at, &described.assignor, &described.state, &members));
}
