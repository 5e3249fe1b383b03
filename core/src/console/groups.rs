//! `kafka-consumer-groups` (`ConsumerGroupCommand`).

use std::collections::BTreeMap;

use super::{Asks, Outcome, ToolOutput, address, failed, printed};
use crate::broker::group::ClassicGroup;
use crate::cluster::Cluster;
use crate::cluster::node::Node;
use crate::sort::CollectOrdered;
use crate::wire::TopicPartition;
use crate::wire::consumer_protocol::decode_assignment;
use crate::wire::group::DescribedGroupMember;

/// Columns are at least as wide.
const WIDTH_MIN: usize = 15;
/// What stands where nothing is.
const NOTHING: &str = "-";

/// The groups of all coordinators that run.
fn all(cluster: &Cluster) -> impl Iterator<Item = (&Node, &ClassicGroup)> {
    let brokers = cluster.nodes().filter_map(|node| Some((node, node.broker.as_ref()?)));
    brokers.flat_map(|(node, broker)| broker.groups.groups().map(move |group| (node, group)))
}

/// Their names.
pub fn names(cluster: &Cluster) -> Vec<String> {
    let mut names: Vec<String> = all(cluster).map(|(_, group)| group.id.clone()).collect();
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
        let Some((coordinator, group)) = all(asks.cluster).find(|(_, group)| group.id == name) else {
            output.stdout.extend([String::new(), format!("Error: Consumer group '{name}' does not exist.")]);
            continue;
        };
        match () {
            () if line.has("--state") => state(coordinator, group, &mut output),
            () if line.has("--members") => members(group, line.has("--verbose"), &mut output),
            () => offsets(asks.cluster, group, &mut output),
        }
    }
    Outcome::Printed(output)
}

/// A member as a row names it.
struct Owner {
    id: String,
    host: String,
    client: String,
}

fn offsets(cluster: &Cluster, group: &ClassicGroup, output: &mut ToolOutput) {
    let described = group.described();
    let mut rows: BTreeMap<TopicPartition, (Option<i64>, Option<Owner>)> = group
        .committed_offsets()
        .map(|(partition, offset)| (partition.clone(), (Some(offset), None)))
        .collect_ordered();
    for member in &described.members {
        for partition in decode_assignment(&member.member_assignment).unwrap_or_default() {
            let host = member.client_host.clone();
            let owner = Owner { id: member.member_id.clone(), host, client: member.client_id.clone() };
            rows.entry(partition).or_insert((None, None)).1 = Some(owner);
        }
    }
    match described.group_state.as_str() {
        "Empty" => output.stderr.push(format!("\nConsumer group '{}' has no active members.", group.id)),
        "PreparingRebalance" | "CompletingRebalance" => {
            output.stderr.push(format!("\nWarning: Consumer group '{}' is rebalancing.", group.id));
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
            group.id.clone(),
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

/// Who is in the group, and with `--verbose` what each has. A group of the classic protocol has no target to go to: that is what
/// it has.
fn members(group: &ClassicGroup, verbose: bool, output: &mut ToolOutput) {
    let described = group.described();
    match described.group_state.as_str() {
        "Empty" => output.stderr.push(format!("\nConsumer group '{}' has no active members.", group.id)),
        "PreparingRebalance" | "CompletingRebalance" => {
            output.stderr.push(format!("\nWarning: Consumer group '{}' is rebalancing.", group.id));
        }
        _ => {}
    }
    if described.members.is_empty() {
        return;
    }
    let assigned = |member: &DescribedGroupMember| decode_assignment(&member.member_assignment).unwrap_or_default();
    let named = |member: &DescribedGroupMember| member.group_instance_id.clone().unwrap_or_default();
    let widest = |min: usize, text: &dyn Fn(&DescribedGroupMember) -> usize| {
        described.members.iter().map(text).max().unwrap_or(0).max(min)
    };
    let is_static = described.members.iter().any(|member| member.group_instance_id.is_some());
    let (id, at) =
        (widest(WIDTH_MIN, &|member| member.member_id.len()), widest(WIDTH_MIN, &|member| member.client_host.len()));
    let (client, instance) =
        (widest(WIDTH_MIN, &|member| member.client_id.len()), widest(17, &|member| named(member).len()));
    let group_width = group.id.len().max(WIDTH_MIN);
    let texts: Vec<String> = described.members.iter().map(|member| assignment_in_words(&assigned(member))).collect();
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
    for (member, text) in described.members.iter().zip(&texts) {
        let (name, partitions) = (named(member), assigned(member).len().to_string());
        let cells = [&group.id, &member.member_id, &name, &member.client_host, &member.client_id, &partitions];
        output.stdout.push(row(cells.map(String::as_str), [NOTHING, text, NOTHING, NOTHING]));
    }
}

/// `orders:0,1;payments:0`; a dash for nothing (`getAssignmentString`).
fn assignment_in_words(partitions: &[TopicPartition]) -> String {
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

fn state(coordinator: &Node, group: &ClassicGroup, output: &mut ToolOutput) {
    let described = group.described();
    let at = format!("{} ({})", address(coordinator), coordinator.config.id);
    let width = at.len().max(25);
    let row = |group: &str, at: &str, strategy: &str, state: &str, members: &str| {
        format!("{group:15} {at:width$} {strategy:20} {state:20} {members}")
    };
    output.stdout.push(String::new());
    output.stdout.push(row("GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS"));
    let members = described.members.len().to_string();
    output.stdout.push(row(&group.id, &at, &described.protocol_data, &described.group_state, &members));
}
