//! Questions about what will happen. The engine answers them by going there on a copy; no lesson stores an answer.

use crate::sort::SharedSort;
use serde::{Deserialize, Serialize};

use super::moves::{Happened, Move, Stage, Stuck};
use super::observed::Observed;
use super::queries::{LeaderRecoveryState, Registration, ViewQueries, index_entries, index_entry, offset_at};
use super::request_path::{RequestPattern, metric, place};
use super::{Lesson, make_all};
use crate::actor::Listener;
use crate::metrics::{Kind, Metric};
use crate::sim::Millis;
use crate::socket_server::channel::Place;
use crate::socket_server::transport_layer::Transferred;
use crate::step::{Position, Size};
use crate::view::NodeView;
use crate::wire::{ApiKey, TopicPartition};

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Its id: the text has its words under `{#predict-…}`.
    pub id: String,
    /// What is asked for.
    pub ask: Ask,
    /// What happens before the answer is looked up.
    pub after: Vec<Move>,
}

/// What a question asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// `high-watermark orders-0`, at the leader; `high-watermark orders-0 on 2`, at broker 2.
    HighWatermark(TopicPartition, Option<i32>),
    /// `log-end orders-0`, `log-end orders-0 on 2`.
    LogEnd(TopicPartition, Option<i32>),
    /// `log-start orders-0`, `log-start orders-0 on 2`.
    LogStart(TopicPartition, Option<i32>),
    /// `last-stable-offset orders-0`: a replica's last stable offset.
    LastStableOffset(TopicPartition, Option<i32>),
    /// `flushed orders-0`, `flushed orders-0 on 2`: the offset below which the log is surely on disk.
    Flushed(TopicPartition, Option<i32>),
    /// `segments orders-0`, `segments orders-0 on 2`: how many.
    Segments(TopicPartition, Option<i32>),
    /// `index-entries orders-0`, `index-entries orders-0 on 2`: how many, in all offset indexes.
    IndexEntries(TopicPartition, Option<i32>),
    /// `index-entry orders-0 8`: the offset of the index entry from which the leader looks for offset 8.
    IndexEntry(TopicPartition, i64),
    /// `offset-at orders-0 5000`: the first offset that a consumer may read whose record is not older.
    OffsetAt(TopicPartition, i64),
    /// `value orders-0 1`, `value orders-0 1 on 2`: the value of the record at offset 1.
    Value(TopicPartition, i64, Option<i32>),
    /// `leader orders-0`.
    Leader(TopicPartition),
    /// `leader-epoch orders-0`.
    LeaderEpoch(TopicPartition),
    /// `isr orders-0`.
    Isr(TopicPartition),
    /// `elr orders-0`: the eligible leader replicas.
    Elr(TopicPartition),
    /// `leader-recovery-state orders-0`: whether the controller takes the leader for one that may lack committed records.
    LeaderRecoveryState(TopicPartition),
    /// `partition-chosen 1`: the partition that producer 1 chose for its last record.
    PartitionChosen(u32),
    /// `acknowledged 1`: how many records of producer 1.
    Acknowledged(u32),
    /// `records-read 1`: how many the application of consumer 1 got.
    RecordsRead(u32),
    /// `position 1 orders-0`.
    Position(u32, TopicPartition),
    /// `assigned 1`: how many partitions consumer 1 has.
    Assigned(u32),
    /// `processed readers orders-0 3`: how often the applications of a group have processed the record at offset 3.
    Processed(String, TopicPartition, i64),
    /// `committed readers orders-0`.
    Committed(String, TopicPartition),
    /// `active-controller`.
    ActiveController,
    /// `quorum-epoch`, the highest of all voters; `quorum-epoch on 3001`.
    QuorumEpoch(Option<i32>),
    /// `quorum-leader 3001`: whom voter 3001 takes for the leader.
    QuorumLeader(i32),
    /// `quorum-role 3001`: where voter 3001 stands.
    QuorumRole(i32),
    /// `votes 3001`: how many votes or pre-votes voter 3001 has.
    Votes(i32),
    /// `metadata-start`, of the active controller's log; `metadata-start on 3001`.
    MetadataStart(Option<i32>),
    /// `metadata-end`, of the active controller's log; `metadata-end on 3001`.
    MetadataEnd(Option<i32>),
    /// `metadata-committed TOPIC_RECORD`: how many committed records of a type.
    MetadataCommitted(String),
    /// `metadata-lag 1`: how many committed metadata records broker 1 has not applied.
    MetadataLag(i32),
    /// `registration 1`: how the controller has broker 1.
    Registration(i32),
    /// `at-place 1 request-queue`, `at-place 1 remote Fetch`: how many requests are at a place in broker 1.
    AtPlace(i32, Place, Option<ApiKey>),
    /// `metric 1 RequestQueueTimeMs Produce`: what a metric of broker 1 says.
    Metric(i32, Metric),
    /// `transferred 1 copied-bytes`: how broker 1 has sent records.
    Transferred(i32, Transferred),
    /// `answer 1 responses.0.errorCode`: a field of the answer that probe 1 got.
    Answer(u32, String),
    /// `first-answered 1 2`: which of these probes gets its answer first.
    FirstAnswered(Vec<u32>),
}

impl Ask {
    /// The forms of a question, for a writer who got one wrong.
    pub const FORMS: [&str; 37] = [
        "high-watermark <topic-partition> [on <node>]",
        "log-end <topic-partition> [on <node>]",
        "log-start <topic-partition> [on <node>]",
        "last-stable-offset <topic-partition> [on <node>]",
        "flushed <topic-partition> [on <node>]",
        "segments <topic-partition> [on <node>]",
        "index-entries <topic-partition> [on <node>]",
        "index-entry <topic-partition> <offset>",
        "offset-at <topic-partition> <timestamp>",
        "value <topic-partition> <offset> [on <node>]",
        "leader <topic-partition>",
        "leader-epoch <topic-partition>",
        "isr <topic-partition>",
        "elr <topic-partition>",
        "leader-recovery-state <topic-partition>",
        "partition-chosen <producer>",
        "acknowledged <producer>",
        "records-read <consumer>",
        "position <consumer> <topic-partition>",
        "assigned <consumer>",
        "processed <group> <topic-partition> <offset>",
        "committed <group> <topic-partition>",
        "active-controller",
        "quorum-epoch [on <node>]",
        "quorum-leader <node>",
        "quorum-role <node>",
        "votes <node>",
        "metadata-start [on <node>]",
        "metadata-end [on <node>]",
        "metadata-committed <type>",
        "metadata-lag <node>",
        "registration <node>",
        "at-place <node> <place> [<api>]",
        "metric <node> <name> [<request>]",
        "transferred <node> <count>",
        "answer <probe> <field>",
        "first-answered <probe> <probe> …",
    ];

    /// Reads a question.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let on = match words[..] {
            [.., "on", node] => {
                words.truncate(words.len() - 2);
                Some(node.parse().ok()?)
            }
            _ => None,
        };
        Some(match (words[..].as_ref(), on) {
            (["high-watermark", at], on) => Self::HighWatermark(partition(at)?, on),
            (["log-end", at], on) => Self::LogEnd(partition(at)?, on),
            (["last-stable-offset", at], on) => Self::LastStableOffset(partition(at)?, on),
            (["log-start", at], on) => Self::LogStart(partition(at)?, on),
            (["flushed", at], on) => Self::Flushed(partition(at)?, on),
            (["segments", at], on) => Self::Segments(partition(at)?, on),
            (["index-entries", at], on) => Self::IndexEntries(partition(at)?, on),
            (["index-entry", at, offset], None) => Self::IndexEntry(partition(at)?, offset.parse().ok()?),
            (["offset-at", at, timestamp], None) => Self::OffsetAt(partition(at)?, timestamp.parse().ok()?),
            (["value", at, offset], on) => Self::Value(partition(at)?, offset.parse().ok()?, on),
            (["leader", at], None) => Self::Leader(partition(at)?),
            (["leader-epoch", at], None) => Self::LeaderEpoch(partition(at)?),
            (["isr", at], None) => Self::Isr(partition(at)?),
            (["elr", at], None) => Self::Elr(partition(at)?),
            (["leader-recovery-state", at], None) => Self::LeaderRecoveryState(partition(at)?),
            (["partition-chosen", producer], None) => Self::PartitionChosen(producer.parse().ok()?),
            (["acknowledged", producer], None) => Self::Acknowledged(producer.parse().ok()?),
            (["records-read", consumer], None) => Self::RecordsRead(consumer.parse().ok()?),
            (["position", consumer, at], None) => Self::Position(consumer.parse().ok()?, partition(at)?),
            (["assigned", consumer], None) => Self::Assigned(consumer.parse().ok()?),
            (["processed", group, at, offset], None) => {
                Self::Processed((*group).to_owned(), partition(at)?, offset.parse().ok()?)
            }
            (["committed", group, at], None) => Self::Committed((*group).to_owned(), partition(at)?),
            (["active-controller"], None) => Self::ActiveController,
            (["quorum-epoch"], on) => Self::QuorumEpoch(on),
            (["quorum-leader", node], None) => Self::QuorumLeader(node.parse().ok()?),
            (["quorum-role", node], None) => Self::QuorumRole(node.parse().ok()?),
            (["votes", node], None) => Self::Votes(node.parse().ok()?),
            (["metadata-start"], on) => Self::MetadataStart(on),
            (["metadata-end"], on) => Self::MetadataEnd(on),
            (["metadata-committed", kind], None) => Self::MetadataCommitted((*kind).to_owned()),
            (["metadata-lag", node], None) => Self::MetadataLag(node.parse().ok()?),
            (["registration", node], None) => Self::Registration(node.parse().ok()?),
            (["at-place", node, at], None) => Self::AtPlace(node.parse().ok()?, place(at)?, None),
            (["at-place", node, at, api], None) => {
                Self::AtPlace(node.parse().ok()?, place(at)?, Some(api.parse().ok()?))
            }
            (["metric", node, name], None) => Self::Metric(node.parse().ok()?, metric(name, None)?),
            (["metric", node, name, request], None) => Self::Metric(node.parse().ok()?, metric(name, Some(request))?),
            (["transferred", node, what], None) => Self::Transferred(node.parse().ok()?, what.parse().ok()?),
            (["answer", probe, field], None) => Self::Answer(probe.parse().ok()?, (*field).to_owned()),
            (["first-answered", probes @ ..], None) if probes.len() > 1 => {
                Self::FirstAnswered(probes.iter().map(|probe| probe.parse().ok()).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// What is so in this cluster; none where what is asked about is not there.
    pub fn queries(&self, observed: &Observed<'_>) -> Option<Answer> {
        let view = observed.view();
        let number = |number: i64| Answer::Number { number };
        Some(match self {
            Self::HighWatermark(at, on) => number(view.replica(*on, at)?.high_watermark),
            Self::LogEnd(at, on) => number(view.replica(*on, at)?.log_end_offset),
            Self::LastStableOffset(at, on) => number(view.replica(*on, at)?.last_stable_offset),
            Self::LogStart(at, on) => number(view.replica(*on, at)?.log_start_offset),
            Self::Flushed(at, on) => number(view.replica(*on, at)?.flushed_offset),
            Self::Segments(at, on) => number(view.replica(*on, at)?.segments.len() as i64),
            Self::IndexEntries(at, on) => number(index_entries(view.replica(*on, at)?)),
            Self::IndexEntry(at, offset) => {
                index_entry(view.replica(None, at)?, *offset).map_or(Answer::Nothing {}, number)
            }
            Self::OffsetAt(at, timestamp) => {
                offset_at(view.replica(None, at)?, *timestamp).map_or(Answer::Nothing {}, number)
            }
            Self::Value(at, offset, on) => {
                view.value_at(*on, at, *offset).map_or(Answer::Nothing {}, |text| Answer::Text { text })
            }
            Self::Leader(at) => Answer::broker(view.partition(at)?.leader),
            Self::LeaderEpoch(at) => number(i64::from(view.partition(at)?.leader_epoch)),
            Self::Isr(at) => Answer::brokers(&view.partition(at)?.isr),
            Self::Elr(at) => Answer::brokers(&view.partition(at)?.elr),
            Self::LeaderRecoveryState(at) => Answer::word(observed.leader_recovery_state(at)?.into()),
            Self::PartitionChosen(producer) => {
                let producer = view.producers.iter().find(|each| each.number == *producer)?;
                number(i64::from(producer.last_partitioning.as_ref()?.partition))
            }
            Self::Acknowledged(producer) => {
                number(view.producers.iter().find(|each| each.number == *producer)?.acknowledged)
            }
            Self::RecordsRead(consumer) => number(view.consumer(*consumer)?.records_read),
            Self::Position(consumer, at) => number(view.assigned(*consumer, at)?.position),
            Self::Assigned(consumer) => number(view.consumer(*consumer)?.partitions()),
            Self::Processed(group, at, offset) => number(view.processed(group, at, *offset)),
            Self::Committed(group, at) => match view.committed(group, at) {
                -1 => Answer::Nothing {},
                offset => number(offset),
            },
            Self::ActiveController => Answer::controller(observed.cluster().active_controller().unwrap_or(-1)),
            Self::QuorumEpoch(on) => number(view.quorum_epoch(*on)?),
            Self::QuorumLeader(node) => Answer::controller(view.voter(*node)?.leader_id),
            Self::QuorumRole(node) => match view.voter(*node)?.role {
                Some(role) => Answer::word(role.name()),
                None => Answer::Nobody {},
            },
            Self::Votes(node) => number(observed.votes(*node).unwrap_or(0)),
            Self::MetadataStart(on) => number(observed.metadata_start(*on)?),
            Self::MetadataEnd(on) => number(observed.metadata_end(*on)?),
            Self::MetadataCommitted(kind) => number(observed.metadata_committed(kind)),
            Self::MetadataLag(node) => number(observed.metadata_lag(*node)?),
            Self::Registration(node) => match observed.registration(*node) {
                Registration::None => Answer::Nothing {},
                found @ (Registration::Fenced | Registration::Unfenced) => Answer::word(found.into()),
            },
            Self::AtPlace(node, at, api) => {
                let wanted = RequestPattern { api: *api, from: None };
                number(observed.at_place(*node, Listener::Broker, *at, wanted)?)
            }
            Self::Metric(node, metric) => observed.metric(*node, *metric).map_or(Answer::Nothing {}, number),
            Self::Transferred(node, what) => number(observed.transferred(*node, *what)?),
            Self::Answer(probe, field) => match observed.answer_at(*probe, field) {
                None => Answer::Nothing {},
                Some(value) => match (value.as_i64(), value.as_str()) {
                    (Some(found), _) => number(found),
                    (None, Some(text)) => Answer::word(text),
                    (None, None) => Answer::word(&value.to_string()),
                },
            },
            Self::FirstAnswered(probes) => {
                observed.first_answered(probes).map_or(Answer::Nothing {}, |number| Answer::Probe { number })
            }
        })
    }

    /// What else a person might believe, from how the cluster is before and after.
    fn guesses(&self, observed: &Observed<'_>) -> Vec<Answer> {
        let view = observed.view();
        let numbers = |list: &[i64]| list.iter().map(|&number| Answer::Number { number }).collect::<Vec<_>>();
        match self {
            Self::HighWatermark(at, _) | Self::LogEnd(at, _) => match view.replica(None, at) {
                Some(leader) => numbers(&[leader.high_watermark, leader.log_end_offset]),
                None => Vec::new(),
            },
            Self::LogStart(at, on) | Self::LastStableOffset(at, on) | Self::Flushed(at, on) => {
                match view.replica(*on, at) {
                    Some(log) => {
                        let bases = log.segments.iter().map(|segment| segment.base_offset);
                        numbers(&bases.chain([log.log_start_offset, log.log_end_offset]).collect::<Vec<_>>())
                    }
                    None => Vec::new(),
                }
            }
            Self::IndexEntries(at, on) => match view.replica(*on, at) {
                Some(log) => numbers(&[log.log_end_offset - log.log_start_offset]),
                None => Vec::new(),
            },
            Self::IndexEntry(at, offset) => match view.replica(None, at) {
                Some(log) => {
                    let entries = log.segments.iter().flat_map(|segment| &segment.offset_index);
                    let near: Vec<i64> = entries.map(|(entry, _)| *entry).chain([*offset]).collect();
                    numbers(&near).into_iter().chain([Answer::Nothing {}]).collect()
                }
                None => Vec::new(),
            },
            Self::OffsetAt(at, _) => match view.replica(None, at) {
                Some(log) => numbers(&[log.log_end_offset]).into_iter().chain([Answer::Nothing {}]).collect(),
                None => Vec::new(),
            },
            Self::Position(consumer, at) => match (view.replica(None, at), view.assigned(*consumer, at)) {
                (Some(leader), Some(own)) => {
                    numbers(&[own.position.max(0), leader.high_watermark, leader.log_end_offset])
                }
                _ => Vec::new(),
            },
            Self::Committed(_, at) => match view.replica(None, at) {
                Some(leader) => numbers(&[0, leader.high_watermark]).into_iter().chain([Answer::Nothing {}]).collect(),
                None => Vec::new(),
            },
            Self::Value(at, offset, _) => {
                let ids = view.nodes.iter().map(|node| Some(node.id));
                let there = ids.filter_map(|id| view.value_at(id, at, *offset)).map(|text| Answer::Text { text });
                there.chain([Answer::Nothing {}]).collect()
            }
            Self::Leader(at) => match view.partition(at) {
                Some(found) => {
                    found.replicas.iter().map(|&id| Answer::broker(id)).chain([Answer::broker(-1)]).collect()
                }
                None => Vec::new(),
            },
            Self::Isr(at) => match view.partition(at) {
                Some(found) => {
                    let without = |gone: i32| found.replicas.iter().copied().filter(move |&id| id != gone);
                    let smaller =
                        found.replicas.iter().map(|&gone| Answer::brokers(&without(gone).collect::<Vec<_>>()));
                    smaller.chain([Answer::brokers(&found.replicas), Answer::brokers(&[found.leader])]).collect()
                }
                None => Vec::new(),
            },
            Self::Elr(at) => match view.partition(at) {
                Some(found) => {
                    let alone = found.replicas.iter().map(|&id| Answer::brokers(&[id]));
                    alone.chain([Answer::brokers(&found.elr), Answer::Nobody {}]).collect()
                }
                None => Vec::new(),
            },
            Self::LeaderRecoveryState(_) => [LeaderRecoveryState::Recovered, LeaderRecoveryState::Recovering]
                .map(|state| Answer::word(state.into()))
                .to_vec(),
            Self::PartitionChosen(producer) => {
                let found = view.producers.iter().find(|each| each.number == *producer);
                let partitions = found.and_then(|each| each.last_partitioning.as_ref()).map_or(0, |how| how.partitions);
                (0..i64::from(partitions)).map(|number| Answer::Number { number }).collect()
            }
            Self::ActiveController | Self::QuorumLeader(_) => {
                let voters =
                    view.nodes.iter().filter(|node| node.is_controller).map(|node| Answer::controller(node.id));
                voters.chain([Answer::Nobody {}]).collect()
            }
            Self::QuorumRole(_) => {
                use crate::change::QuorumRole::{Candidate, Follower, Leader, Prospective};
                [Follower, Prospective, Candidate, Leader].map(|role| Answer::word(role.name())).to_vec()
            }
            Self::Registration(_) => {
                vec![Answer::word("fenced"), Answer::word("unfenced"), Answer::Nothing {}]
            }
            Self::Votes(_) => {
                let voters = |node: &&NodeView| node.is_controller;
                numbers(&[1, view.nodes.iter().filter(voters).count() as i64])
            }
            Self::MetadataStart(_) => numbers(&[0]),
            Self::AtPlace(..) => numbers(&[0, 1]),
            Self::Processed(..) => numbers(&[0, 1, 2]),
            Self::Metric(node, metric) => match (metric.kind(), observed.metric(*node, *metric)) {
                (Kind::Idle, _) => numbers(&[0, 50, 100]),
                (Kind::Time, Some(ms)) => numbers(&[0, ms * 2, ms / 2]),
                (Kind::Gauge | Kind::Time | Kind::Rate, _) => numbers(&[0]),
            },
            Self::Answer(probe, field) if field.ends_with("errorCode") => {
                observed.error_guesses(*probe, field).into_iter().map(Answer::word).collect()
            }
            Self::Transferred(node, _) => {
                let counts = [Transferred::ZeroCopyBytes, Transferred::EncryptedBytes, Transferred::CopiedBytes];
                let so_far: Vec<i64> = counts.iter().filter_map(|what| observed.transferred(*node, *what)).collect();
                let sums = [so_far.iter().sum(), 0];
                numbers(&so_far).into_iter().chain(numbers(&sums)).collect()
            }
            Self::Answer(..) => Vec::new(),
            Self::FirstAnswered(probes) => probes.iter().map(|&number| Answer::Probe { number }).collect(),
            Self::Acknowledged(_)
            | Self::RecordsRead(_)
            | Self::Assigned(_)
            | Self::LeaderEpoch(_)
            | Self::Segments(..)
            | Self::QuorumEpoch(_)
            | Self::MetadataEnd(_)
            | Self::MetadataCommitted(_)
            | Self::MetadataLag(_) => Vec::new(),
        }
    }
}

fn partition(text: &str) -> Option<TopicPartition> {
    let (topic, index) = text.rsplit_once('-')?;
    Some(TopicPartition::new(topic, index.parse().ok()?))
}

/// An answer to choose. The page's message for it has the id `answer-` and the kebab-case name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "answer", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Answer {
    /// A number: an offset, a partition, how many.
    Number {
        /// It.
        number: i64,
    },
    /// A broker.
    Broker {
        /// Its `node.id`.
        node: i32,
    },
    /// Brokers, by their ids.
    Brokers {
        /// Their ids.
        nodes: Vec<i32>,
    },
    /// A record's value.
    Text {
        /// It.
        text: String,
    },
    /// Who sent a hand-written request.
    Probe {
        /// Its number.
        number: u32,
    },
    /// A controller.
    Controller {
        /// Its `node.id`.
        node: i32,
    },
    /// Kafka's own name for how something stands.
    Word {
        /// It.
        word: String,
    },
    /// Nobody.
    Nobody {},
    /// Nothing is there.
    Nothing {},
}

impl Answer {
    /// The kebab-case names of all kinds of answers.
    pub fn names() -> &'static [&'static str] {
        <Self as strum::VariantNames>::VARIANTS
    }

    fn broker(node: i32) -> Self {
        if node < 0 { Self::Nobody {} } else { Self::Broker { node } }
    }

    fn controller(node: i32) -> Self {
        if node < 0 { Self::Nobody {} } else { Self::Controller { node } }
    }

    fn word(word: &str) -> Self {
        Self::Word { word: word.to_owned() }
    }

    fn brokers(nodes: &[i32]) -> Self {
        let mut nodes = nodes.to_vec();
        nodes.sort_unstable();
        if nodes.is_empty() { Self::Nobody {} } else { Self::Brokers { nodes } }
    }
}

/// A question with its options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What may be chosen, in a natural order: where the right one stands says nothing.
    pub options: Vec<Answer>,
    /// What the engine answers: one of the options.
    pub answer: Answer,
    /// When the answer was decided.
    #[serde(default)]
    pub decided: Decided,
}

/// When the answer to a question was decided: at the last step that made it what it then stayed, or, where nothing changed
/// it, when the question's moves were over. Counted from the last command that was given on the way, else from where the
/// question was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// How many moves later.
    pub moves: Position,
    /// How many virtual milliseconds later.
    pub after_ms: Millis,
}

/// Offsets and counts get this many options, unless the question has more by nature.
const NUMBERS: usize = 4;

/// Asks: goes where the question looks on a copy of the run. `None` where nothing is there to look at.
pub fn ask<S: Stage + Clone>(lesson: &Lesson, question: &Prediction, stage: &S) -> Result<Option<Asked>, Stuck> {
    let before = Observed::of(stage.cluster());
    let begins_ms = stage.cluster().now();
    let mut copy = stage.clone();
    // Where the answer is counted from, where the last step was, and where the answer last became another one.
    let mut from = None;
    let mut last = (0, begins_ms);
    let mut settled = None;
    let mut answer = question.ask.queries(&before);
    make_all(lesson, &mut copy, &question.after, &mut |happened, stage: &S| {
        let Happened::Steps(steps) = happened else { return };
        for step in steps {
            from.get_or_insert((step.index.saturating_sub(1), begins_ms));
            last = (step.index, step.at_ms);
            if step.command.is_some() {
                from = Some(last);
            }
        }
        // A view is costly: only a step that a person would stop at can have moved what is asked for.
        if steps.iter().any(|step| step.size >= Size::Message) {
            let now = question.ask.queries(&Observed::of(stage.cluster()));
            if now != answer {
                (answer, settled) = (now, Some(last));
            }
        }
    })?;
    let after = Observed::of(copy.cluster());
    let is_settled = question.ask.queries(&after) == answer;
    let Some(answer) = question.ask.queries(&after) else { return Ok(None) };
    let (index, at_ms) = settled.filter(|_| is_settled).unwrap_or(last);
    let (from_index, from_ms) = from.unwrap_or(last);
    let decided = Decided { moves: index.saturating_sub(from_index), after_ms: at_ms.saturating_sub(from_ms) };
    let mut options: Vec<Answer> = vec![answer.clone()];
    let mut offer = |option: Answer| {
        if !options.contains(&option) {
            options.push(option);
        }
    };
    question.ask.queries(&before).into_iter().for_each(&mut offer);
    question.ask.guesses(&before).into_iter().chain(question.ask.guesses(&after)).for_each(&mut offer);
    if let (Answer::Number { number }, false) = (&answer, matches!(question.ask, Ask::PartitionChosen(_))) {
        // Neighbours make up the number, so that the right answer is never alone.
        for near in [number + 1, number - 1, number + 2].into_iter().filter(|near| *near >= 0) {
            offer(Answer::Number { number: near });
        }
        options.truncate(NUMBERS);
    }
    options.shared_sort_by(Ord::cmp);
    Ok(Some(Asked { options, answer, decided }))
}
