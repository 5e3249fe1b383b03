//! What must be true of a cluster: a change that was seen, or how things are now.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::count::{Count, Wanted};
use super::entry::{Entry, Printed, Reviewed};
use super::observed::Observed;
use super::queries::{Registration, ViewQueries, index_entries};
use super::request_path::{RequestPattern, metric};
use crate::actor::{Actor, Listener};
use crate::change::{Change, QuorumRole};
use crate::socket_server::channel::Place;
use crate::socket_server::transport_layer::Transferred;
use crate::step::Step;
use crate::view::NodeState;
use crate::wire::{ApiKey, TopicPartition};

/// Something that a step or a cluster fulfils or not.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A step made such a change.
    Seen(ChangePattern),
    /// The cluster is like this.
    State(StateCondition),
    /// A line at the console prints something.
    Printed(Printed),
    /// Property files are written that are like this.
    Reviewed(Reviewed),
}

impl Condition {
    /// Whether one of a step's changes is what is waited for.
    pub fn seen_in(&self, step: &Step) -> bool {
        matches!(self, Self::Seen(pattern) if step.changes.iter().any(|change| pattern.fits(change)))
    }

    /// Whether it may come about in a step that changes nothing: a request goes from place to place without a change.
    pub fn comes_without_change(&self) -> bool {
        matches!(
            self,
            Self::State(
                StateCondition::AtPlace { .. }
                    | StateCondition::Metric { .. }
                    | StateCondition::Transferred { .. }
                    | StateCondition::Answer { .. }
                    | StateCondition::ConnectionClosed { .. }
            )
        )
    }

    /// Whether the cluster is as it should be.
    pub fn holds(&self, at: &Observed<'_>) -> bool {
        matches!(self, Self::State(state) if state.holds(at))
    }

    /// Whether what a person wrote is what is waited for.
    pub fn written_in(&self, entry: &Entry, at: &Observed<'_>) -> bool {
        match (self, entry) {
            (Self::Printed(printed), Entry::Line(line)) => printed.holds(line, at),
            (Self::Reviewed(reviewed), Entry::Files(files)) => reviewed.holds(files),
            (
                Self::Seen(_) | Self::State(_) | Self::Printed(_) | Self::Reviewed(_),
                Entry::Line(_) | Entry::Files(_),
            ) => false,
        }
    }
}

/// A change by its name and some of its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangePattern {
    /// The change's kebab-case name.
    pub change: String,
    /// What its fields must be. What is not named may be anything.
    pub fields: Vec<(String, FieldTest)>,
}

/// What a field must be.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldTest {
    /// This very value.
    Is(Value),
    /// A number within bounds.
    Within(Count),
    /// A list with this in it.
    Has(Value),
}

impl ChangePattern {
    /// Whether a change is what is waited for.
    pub fn fits(&self, change: &Change) -> bool {
        if change.name() != self.change {
            return false;
        }
        let Ok(Value::Object(fields)) = serde_json::to_value(change) else { return false };
        self.fields.iter().all(|(name, test)| match test {
            FieldTest::Is(value) => fields.get(name).is_some_and(|found| alike(found, value)),
            FieldTest::Within(count) => fields.get(name).and_then(Value::as_i64).is_some_and(|at| count.holds(at)),
            FieldTest::Has(value) => {
                fields.get(name).and_then(Value::as_array).is_some_and(|list| list.contains(value))
            }
        })
    }
}

/// Whether two values are the same, lists in any order: an ISR says who is in it, not in which order they came.
fn alike(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().all(|each| right.contains(each))
        }
        _ => left == right,
    }
}

/// How things are at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "now", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum StateCondition {
    /// A replica's log end offset.
    LogEnd {
        /// The broker; the leader if left out.
        node: Option<i32>,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        is: Count,
    },
    /// A replica's log start offset.
    LogStart {
        /// The broker; the leader if left out.
        node: Option<i32>,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        is: Count,
    },
    /// A replica's high watermark.
    HighWatermark {
        /// The broker; the leader if left out.
        node: Option<i32>,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        is: Count,
    },
    /// A replica's last stable offset: a reader of committed records gets what is below it.
    LastStableOffset {
        /// The broker; the leader if left out.
        node: Option<i32>,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        is: Count,
    },
    /// The offset below which a replica's log is surely on its disk.
    Flushed {
        /// The broker; the leader if left out.
        node: Option<i32>,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        is: Count,
    },
    /// How many segments a replica's log has.
    Segments {
        /// The broker; the leader if left out.
        node: Option<i32>,
        /// The partition.
        partition: TopicPartition,
        /// How many.
        is: Count,
    },
    /// How many entries the offset indexes of a replica's segments have together.
    IndexEntries {
        /// The broker; the leader if left out.
        node: Option<i32>,
        /// The partition.
        partition: TopicPartition,
        /// How many.
        is: Count,
    },
    /// Who leads a partition, as the controller has it; -1 for nobody.
    Leader {
        /// The partition.
        partition: TopicPartition,
        /// The broker.
        is: i32,
    },
    /// A partition's leader epoch, as the controller has it.
    LeaderEpoch {
        /// The partition.
        partition: TopicPartition,
        /// The epoch.
        is: Count,
    },
    /// A partition's ISR, as the controller has it, in any order.
    Isr {
        /// The partition.
        partition: TopicPartition,
        /// The brokers.
        is: Vec<i32>,
    },
    /// A partition's eligible leader replicas, as the controller has them, in any order.
    Elr {
        /// The partition.
        partition: TopicPartition,
        /// The brokers.
        is: Vec<i32>,
    },
    /// How a process is.
    Node {
        /// `node.id`.
        node: i32,
        /// Its state.
        is: NodeState,
    },
    /// Which controller decides; -1 for none.
    ActiveController {
        /// Its `node.id`.
        is: i32,
    },
    /// Where a voter of the metadata log stands.
    QuorumRole {
        /// The voter.
        node: i32,
        /// Its role.
        is: QuorumRole,
    },
    /// The epoch that a voter is in; without `node`, the highest that a running voter is in.
    QuorumEpoch {
        /// The voter.
        node: Option<i32>,
        /// The epoch.
        is: Count,
    },
    /// Whom a voter takes for the leader; -1 for nobody.
    QuorumLeader {
        /// The voter.
        node: i32,
        /// The leader.
        is: i32,
    },
    /// How many votes or pre-votes a voter has that asks for them.
    Votes {
        /// The voter.
        node: i32,
        /// How many, its own among them.
        is: Count,
    },
    /// Where a voter's metadata log starts; the active controller's if left out.
    MetadataStart {
        /// The voter.
        node: Option<i32>,
        /// The offset.
        is: Count,
    },
    /// Where a voter's metadata log ends; the active controller's if left out.
    MetadataEnd {
        /// The voter.
        node: Option<i32>,
        /// The offset.
        is: Count,
    },
    /// How many committed records of one type the active controller's metadata log has.
    MetadataCommitted {
        /// The type: `TOPIC_RECORD` and so on.
        #[serde(rename = "type")]
        kind: String,
        /// How many.
        is: Count,
    },
    /// How many committed metadata records a broker has not applied yet.
    MetadataLag {
        /// The broker.
        node: i32,
        /// How many.
        is: Count,
    },
    /// How the controller has a broker.
    Registration {
        /// The broker.
        node: i32,
        /// Its registration.
        is: Registration,
    },
    /// Whether a broker has a log of a partition. One that a reassignment removed deletes it.
    HasReplica {
        /// The broker.
        node: i32,
        /// The partition.
        partition: TopicPartition,
        /// Whether it has one.
        is: bool,
    },
    /// A replica's record at an offset has this value.
    ValueAt {
        /// The broker; the leader if left out.
        node: Option<i32>,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        offset: i64,
        /// The value.
        is: String,
    },
    /// How many of a partition's replicas have a record with this value.
    ValueOn {
        /// The partition.
        partition: TopicPartition,
        /// The value.
        value: String,
        /// How many replicas.
        is: Count,
    },
    /// All replicas of a partition hold the same records, in the same epochs.
    LogsEqual {
        /// The partition.
        partition: TopicPartition,
    },
    /// Every partition of a topic has replicas in a minimum number of racks.
    OnRacks {
        /// The topic.
        topic: String,
        /// How many racks.
        is: Count,
    },
    /// Two replicas of a partition have different records at one offset.
    LogsDiffer {
        /// The partition.
        partition: TopicPartition,
    },
    /// How many records with this key are in a partition's log at its leader.
    RecordsWithKey {
        /// The key.
        key: String,
        /// The partition.
        partition: TopicPartition,
        /// How many.
        is: Count,
    },
    /// All records of a topic with this key are in one partition, and how many there are.
    KeyTogether {
        /// The topic.
        topic: String,
        /// The key.
        key: String,
        /// How many.
        is: Count,
    },
    /// How many records of a producer wait in its accumulator.
    Accumulated {
        /// The producer's number.
        producer: u32,
        /// How many.
        is: Count,
    },
    /// How many records of a producer are acknowledged.
    Acknowledged {
        /// The producer's number.
        producer: u32,
        /// How many.
        is: Count,
    },
    /// How many records of a producer failed.
    Failed {
        /// The producer's number.
        producer: u32,
        /// How many.
        is: Count,
    },
    /// How many records a consumer's application got.
    RecordsRead {
        /// The consumer's number.
        consumer: u32,
        /// How many.
        is: Count,
    },
    /// A consumer's application got the record at this offset.
    RecordRead {
        /// The consumer's number.
        consumer: u32,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        offset: i64,
    },
    /// A consumer's position.
    Position {
        /// The consumer's number.
        consumer: u32,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        is: Count,
    },
    /// What a group has committed, at its coordinator; -1 for nothing.
    Committed {
        /// `group.id`.
        group: String,
        /// The partition.
        partition: TopicPartition,
        /// The offset.
        is: Count,
    },
    /// The applications of a group have processed a record so often, where they process by hand.
    Processed {
        /// `group.id`.
        group: String,
        /// The partition.
        partition: TopicPartition,
        /// The record's offset.
        offset: i64,
        /// How often.
        is: Count,
    },
    /// How many partitions a consumer has.
    Assigned {
        /// The consumer's number.
        consumer: u32,
        /// How many.
        is: Count,
    },
    /// How many requests of one kind wait in a broker's purgatory.
    InPurgatory {
        /// The broker.
        node: i32,
        /// Which requests.
        api: ApiKey,
        /// How many.
        is: Count,
    },
    /// A checkpoint file of a broker has a line with these words.
    FileSays {
        /// The broker.
        node: i32,
        /// The file's name.
        file: String,
        /// Words of one line.
        line: String,
    },
    /// How many requests are at a place on their way through a process.
    AtPlace {
        /// The process.
        node: i32,
        /// Its listener; that of brokers if left out.
        #[serde(default)]
        port: Listener,
        /// The place.
        place: Place,
        /// Which requests; all if left out.
        api: Option<ApiKey>,
        /// Whose; everybody's if left out.
        from: Option<Actor>,
        /// How many.
        is: Count,
    },
    /// What a metric of a process says: a number as it is, of times the mean so far in whole milliseconds, of idle
    /// shares the whole percent since the run began.
    Metric {
        /// The process.
        node: i32,
        /// The `name` of the MBean.
        name: String,
        /// The `request` of the MBean, or its `delayedOperation`.
        request: Option<String>,
        /// The value.
        is: Count,
    },
    /// How a broker has sent records to who fetches, since it was started.
    Transferred {
        /// The broker.
        node: i32,
        /// What is counted.
        what: Transferred,
        /// How much.
        is: Count,
    },
    /// A field of the answer that a hand-written request got last.
    Answer {
        /// The probe that sent it.
        probe: u32,
        /// The field's path, with Kafka's names: `responses.0.errorCode`, `topics.length`.
        field: String,
        /// Its value.
        is: Wanted,
    },
    /// A hand-written request was answered with the end of its connection.
    ConnectionClosed {
        /// The probe that sent it.
        probe: u32,
    },
}

impl StateCondition {
    /// Whether the cluster is like this.
    pub fn holds(&self, at: &Observed<'_>) -> bool {
        // Costly, and not asked for by what moves without a change.
        let view = || at.view();
        match self {
            Self::AtPlace { node, port, place, api, from, is } => {
                let wanted = RequestPattern { api: *api, from: *from };
                at.at_place(*node, *port, *place, wanted).is_some_and(|count| is.holds(count))
            }
            Self::Metric { node, name, request, is } => {
                let metric = metric(name, request.as_deref());
                metric.and_then(|metric| at.metric(*node, metric)).is_some_and(|value| is.holds(value))
            }
            Self::Transferred { node, what, is } => at.transferred(*node, *what).is_some_and(|found| is.holds(found)),
            Self::Answer { probe, field, is } => at.answer_at(*probe, field).is_some_and(|value| is.holds(&value)),
            Self::ConnectionClosed { probe } => at.connection_closed(*probe),
            Self::ActiveController { is } => at.cluster().active_controller().unwrap_or(-1) == *is,
            Self::QuorumRole { node, is } => view().voter(*node).is_some_and(|voter| voter.role == Some(*is)),
            Self::QuorumEpoch { node, is } => view().quorum_epoch(*node).is_some_and(|epoch| is.holds(epoch)),
            Self::QuorumLeader { node, is } => {
                view().voter(*node).is_some_and(|voter| voter.role.is_some() && voter.leader_id == *is)
            }
            Self::Votes { node, is } => at.votes(*node).is_some_and(|votes| is.holds(votes)),
            Self::MetadataStart { node, is } => at.metadata_start(*node).is_some_and(|start| is.holds(start)),
            Self::MetadataEnd { node, is } => at.metadata_end(*node).is_some_and(|end| is.holds(end)),
            Self::MetadataCommitted { kind, is } => is.holds(at.metadata_committed(kind)),
            Self::MetadataLag { node, is } => at.metadata_lag(*node).is_some_and(|lag| is.holds(lag)),
            Self::Registration { node, is } => at.registration(*node) == *is,
            Self::LogEnd { node, partition, is } => {
                view().replica(*node, partition).is_some_and(|replica| is.holds(replica.log_end_offset))
            }
            Self::LogStart { node, partition, is } => {
                view().replica(*node, partition).is_some_and(|replica| is.holds(replica.log_start_offset))
            }
            Self::HighWatermark { node, partition, is } => {
                view().replica(*node, partition).is_some_and(|replica| is.holds(replica.high_watermark))
            }
            Self::LastStableOffset { node, partition, is } => {
                view().replica(*node, partition).is_some_and(|replica| is.holds(replica.last_stable_offset))
            }
            Self::Flushed { node, partition, is } => {
                view().replica(*node, partition).is_some_and(|replica| is.holds(replica.flushed_offset))
            }
            Self::Segments { node, partition, is } => {
                view().replica(*node, partition).is_some_and(|replica| is.holds(replica.segments.len() as i64))
            }
            Self::IndexEntries { node, partition, is } => {
                view().replica(*node, partition).is_some_and(|replica| is.holds(index_entries(replica)))
            }
            Self::Leader { partition, is } => view().partition(partition).is_some_and(|each| each.leader == *is),
            Self::LeaderEpoch { partition, is } => {
                view().partition(partition).is_some_and(|each| is.holds(i64::from(each.leader_epoch)))
            }
            Self::Isr { partition, is } => view().partition(partition).is_some_and(|each| same(&each.isr, is)),
            Self::Elr { partition, is } => view().partition(partition).is_some_and(|each| same(&each.elr, is)),
            Self::Node { node, is } => view().node(*node).is_some_and(|each| each.state == *is),
            Self::HasReplica { node, partition, is } => view().replica(Some(*node), partition).is_some() == *is,
            Self::ValueAt { node, partition, offset, is } => {
                view().value_at(*node, partition, *offset).as_deref() == Some(is)
            }
            Self::ValueOn { partition, value, is } => is.holds(view().replicas_with_value(partition, value)),
            Self::LogsEqual { partition } => view().logs_equal(partition),
            Self::OnRacks { topic, is } => view().racks(topic).is_some_and(|racks| is.holds(racks)),
            Self::LogsDiffer { partition } => view().logs_differ(partition),
            Self::RecordsWithKey { key, partition, is } => is.holds(view().records_with_key(partition, key)),
            Self::KeyTogether { topic, key, is } => {
                let of_topic =
                    view().partitions.iter().map(|each| &each.partition).filter(|each| *each.topic == **topic);
                let counts: Vec<i64> =
                    of_topic.map(|each| view().records_with_key(each, key)).filter(|count| *count > 0).collect();
                matches!(counts[..], [count] if is.holds(count))
            }
            Self::Accumulated { producer, is } => view().producers.iter().any(|each| {
                each.number == *producer && is.holds(each.accumulated.iter().map(|(_, records)| records).sum())
            }),
            Self::Acknowledged { producer, is } => {
                view().producers.iter().any(|each| each.number == *producer && is.holds(each.acknowledged))
            }
            Self::Failed { producer, is } => {
                view().producers.iter().any(|each| each.number == *producer && is.holds(each.failed))
            }
            Self::RecordsRead { consumer, is } => {
                view().consumer(*consumer).is_some_and(|each| is.holds(each.records_read))
            }
            Self::RecordRead { consumer, partition, offset } => view().consumer(*consumer).is_some_and(|each| {
                each.read.iter().any(|record| record.partition == *partition && record.offset == *offset)
            }),
            Self::Position { consumer, partition, is } => {
                view().assigned(*consumer, partition).is_some_and(|each| is.holds(each.position))
            }
            Self::Processed { group, partition, offset, is } => is.holds(view().processed(group, partition, *offset)),
            Self::Assigned { consumer, is } => view().consumer(*consumer).is_some_and(|it| is.holds(it.partitions())),
            Self::Committed { group, partition, is } => is.holds(view().committed(group, partition)),
            Self::InPurgatory { node, api, is } => view().node(*node).is_some_and(|each| {
                is.holds(each.purgatory.iter().filter(|request| request.api == *api).count() as i64)
            }),
            Self::FileSays { node, file, line } => view()
                .node(*node)
                .and_then(|each| each.files.get(file))
                .is_some_and(|text| text.lines().any(|each| each.contains(line.as_str()))),
        }
    }
}

fn same(left: &[i32], right: &[i32]) -> bool {
    let sorted = |list: &[i32]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    sorted(left) == sorted(right)
}
