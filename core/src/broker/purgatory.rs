//! Requests that wait: for data, for the high watermark, for the followers' log starts, or for their time to run out
//! (`DelayedFetch`, `DelayedProduce`, `DelayedDeleteRecords`).
//!
//! Kafka watches a partition's waiting requests and looks at them again only when that partition changes; nobody polls.

use std::ops::Range;
use std::rc::Rc;

use super::fetch_session::FetchContext;
use super::metadata_cache::OFFSETS_TOPIC;
use super::transaction::state::TransactionResult;
use super::watcher_lists::WatcherLists;
use crate::effects::{BrokerTimer, Effects, RequestContext};
use crate::flat_map::FlatMap;
use crate::settings::BrokerSettings;
use crate::sim::Millis;
use crate::wire::ErrorCode;
use crate::wire::group::DeleteGroupsRequest;
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{DeleteRecordsPartitionResult, FetchRequest, PartitionProduceResponse};
use crate::wire::{Response, Topic, Uuid};

/// All that waits on one broker.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Purgatory {
    next_id: u64,
    waiting: FlatMap<u64, Waiting>,
    /// `delayedFetchPurgatory`'s lists.
    fetch_lists: WatcherLists,
    /// `delayedProducePurgatory`'s lists.
    produce_lists: WatcherLists,
}

/// What of a partition has changed, so that what waits for it is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartitionChange {
    /// A leader has appended.
    LogEnd,
    /// Its high watermark, its low watermark, or who leads it.
    HighWatermarkOrLeadership,
}

/// One request that waits.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Waiting {
    /// When it is answered whatever happened, in milliseconds; `None` where nobody is answered any more.
    pub expires_at: Option<Millis>,
    /// What it waits for.
    pub operation: Operation,
}

/// What waits.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Operation {
    /// A fetch waits for its minimum of bytes.
    Fetch {
        /// Who gets the answer.
        request_context: RequestContext,
        /// What was asked, shared because it is read again when it completes.
        request: Rc<FetchRequest>,
        /// What it reads.
        context: Rc<FetchContext>,
        /// The partitions it watches, sorted once it is in purgatory.
        watched: Vec<TopicIdPartition>,
        /// The base offsets of the segments in which the offsets asked for stood, in the order of `context`; none where it does
        /// not matter.
        segments: Vec<i64>,
        /// The places in `context` of what was refused when it came, for rights or because the metadata had no such partition: that
        /// stands at the end of the answer, whatever is refused later in its place.
        refused: Vec<usize>,
    },
    /// A produce waits for its records to be committed.
    Produce {
        /// Who gets the answer.
        origin: ProduceOrigin,
        /// What is known of each partition, in the order of the answer.
        partitions: Vec<DelayedPartition>,
    },
    /// A deletion waits for the followers' logs to start as high.
    DeleteRecords {
        /// Who gets the answer.
        request_context: RequestContext,
        /// What is known of each partition, in the order of the answer.
        deletions: Vec<DelayedDeletion>,
    },
}

/// One partition of a waiting deletion.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct DelayedDeletion {
    /// The topic's name.
    pub topic: Topic,
    /// The offset at which every live replica's log has to start; `None` once it is decided.
    pub waits_for: Option<(TopicIdPartition, i64)>,
    /// The answer as it stands.
    pub result: DeleteRecordsPartitionResult,
}

/// Who asked for an append with `acks=all`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProduceOrigin {
    /// A client.
    Client(RequestContext),
    /// This broker's own group coordinator, by the append's number.
    Coordinator(u64),
    /// The same, of offsets that belong to a transaction.
    TxnOffsets(u64),
    /// Nobody: a write of the group coordinator's that has no record of its own waits for those before it.
    CoordinatorWrite {
        /// Who asked.
        request_context: RequestContext,
        /// What follows then.
        held_back: Box<HeldBack>,
    },
    /// This broker's own transaction coordinator, by the append's number.
    TransactionState(u64),
    /// A transaction coordinator, which has a marker written: by the number of its request.
    TxnMarker {
        /// The request.
        request: u64,
        /// Whose transaction ends.
        producer_id: i64,
        /// How it ends.
        result: TransactionResult,
    },
    /// Nobody any more: a marker in `__consumer_offsets`, whose writer was told that it took too long.
    LateTxnMarker {
        /// Whose transaction ends.
        producer_id: i64,
        /// How it ends.
        result: TransactionResult,
    },
}

/// What waits until earlier records of the group coordinator are committed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HeldBack {
    /// An answer.
    Answer(Response),
    /// A member of a classic group that joins or syncs and waits for others: it is told only what fails.
    Member {
        /// The group.
        group: String,
    },
    /// Groups that are then deleted.
    DeleteGroups(DeleteGroupsRequest),
}

impl ProduceOrigin {
    /// For whom records still count that were not replicated in time: a group coordinator has them in its memory already.
    pub(super) fn outliving(&self, partitions: &[DelayedPartition]) -> Option<Self> {
        match self {
            Self::Coordinator(_) | Self::TxnOffsets(_) => Some(self.clone()),
            Self::TxnMarker { request: _, producer_id, result } => {
                let is_of_groups = partitions.iter().any(|partition| *partition.name == *OFFSETS_TOPIC);
                is_of_groups.then_some(Self::LateTxnMarker { producer_id: *producer_id, result: *result })
            }
            Self::Client(_)
            | Self::CoordinatorWrite { .. }
            | Self::TransactionState(_)
            | Self::LateTxnMarker { .. } => None,
        }
    }
}

/// One partition of a waiting produce.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct DelayedPartition {
    /// Which, where the topic is known.
    pub id: TopicIdPartition,
    /// The name as the request gave it, "" where it gave the id.
    pub name: Topic,
    /// The id as the answer repeats it.
    pub topic_id: Uuid,
    /// The high watermark that commits it; `None` once it is decided.
    pub waits_for: Option<i64>,
    /// The answer as it stands.
    pub response: PartitionProduceResponse,
    /// Why something else for this partition in the same request was refused: the answer, whatever became of this.
    pub invalid: Option<PartitionProduceResponse>,
}

impl DelayedPartition {
    /// What is answered.
    pub fn answer(&self) -> &PartitionProduceResponse {
        self.invalid.as_ref().unwrap_or(&self.response)
    }

    /// The answer alone.
    pub fn into_answer(self) -> PartitionProduceResponse {
        self.invalid.unwrap_or(self.response)
    }
}

impl Operation {
    /// The request that waits; none where this broker's own coordinator does.
    pub fn request_context(&self) -> Option<&RequestContext> {
        match self {
            Self::Fetch { request_context, .. }
            | Self::DeleteRecords { request_context, .. }
            | Self::Produce { origin: ProduceOrigin::Client(request_context), .. } => Some(request_context),
            Self::Produce {
                origin:
                    ProduceOrigin::Coordinator(_)
                    | ProduceOrigin::CoordinatorWrite { .. }
                    | ProduceOrigin::TxnOffsets(_)
                    | ProduceOrigin::TransactionState(_)
                    | ProduceOrigin::TxnMarker { .. }
                    | ProduceOrigin::LateTxnMarker { .. },
                ..
            } => None,
        }
    }

    /// Whether it has to be looked at again when this partition changes.
    pub fn watches(&self, id: &TopicIdPartition) -> bool {
        match self {
            Self::Fetch { watched, .. } => watched.binary_search(id).is_ok(),
            Self::Produce { partitions, .. } => {
                partitions.iter().any(|partition| partition.waits_for.is_some() && partition.id == *id)
            }
            Self::DeleteRecords { deletions, .. } => {
                deletions.iter().any(|deletion| deletion.waits_for.is_some_and(|(waiting, _)| waiting == *id))
            }
        }
    }
}

impl Purgatory {
    /// One in which nothing waits.
    pub fn new(settings: &BrokerSettings) -> Self {
        Self {
            next_id: 0,
            waiting: FlatMap::new(),
            fetch_lists: WatcherLists::new(settings.fetch_purgatory_purge_interval_requests),
            produce_lists: WatcherLists::new(settings.producer_purgatory_purge_interval_requests),
        }
    }

    /// Lets a request wait.
    pub fn watch(&mut self, fx: &mut Effects, expires_at: Millis, mut operation: Operation) {
        match &mut operation {
            Operation::Fetch { watched, .. } => {
                // Each change of a partition asks every fetch that waits whether it watches it.
                watched.sort_unstable();
                self.fetch_lists.watched(watched.len() as u64);
            }
            Operation::Produce { partitions, .. } => self.produce_lists.watched(partitions.len() as u64),
            Operation::DeleteRecords { .. } => {}
        }
        let id = self.next_id;
        self.next_id += 1;
        fx.set_timer(BrokerTimer::Purgatory(id), expires_at);
        self.waiting.insert(id, Waiting { expires_at: Some(expires_at), operation });
    }

    /// Goes on waiting for what was not replicated in time. It stands on no list: Kafka's coordinators are told of every high watermark.
    pub(super) fn outlive(&mut self, operation: Operation) {
        let id = self.next_id;
        self.next_id += 1;
        self.waiting.insert(id, Waiting { expires_at: None, operation });
    }

    /// Ends a wait: the partition that was looked at let it complete, or, where there is none, its time was up.
    pub fn take(&mut self, fx: &mut Effects, id: u64, found_on: Option<&TopicIdPartition>) -> Option<Operation> {
        let Waiting { expires_at, operation } = self.waiting.remove(&id)?;
        if expires_at.is_none() {
            return Some(operation);
        }
        fx.stop_timer(BrokerTimer::Purgatory(id));
        match &operation {
            Operation::Fetch { watched, .. } => self.fetch_lists.completed(watched.iter(), found_on),
            Operation::Produce { partitions, .. } => {
                self.produce_lists.completed(partitions.iter().map(|partition| &partition.id), found_on);
            }
            Operation::DeleteRecords { .. } => {}
        }
        Some(operation)
    }

    /// What waits for a partition was looked at. An append that did not move the high watermark lets only fetches be looked at
    /// (`ReplicaManager.addCompletePurgatoryAction`).
    pub(super) fn checked(&mut self, id: &TopicIdPartition, change: PartitionChange) {
        self.fetch_lists.checked(id);
        match change {
            PartitionChange::LogEnd => {}
            PartitionChange::HighWatermarkOrLeadership => self.produce_lists.checked(id),
        }
    }

    /// The lists of the fetches that wait.
    pub fn fetch_lists(&self) -> &WatcherLists {
        &self.fetch_lists
    }

    /// The lists of the produce requests that wait.
    pub fn produce_lists(&self) -> &WatcherLists {
        &self.produce_lists
    }

    /// One that waits.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut Operation> {
        self.waiting.get_mut(&id).map(|waiting| &mut waiting.operation)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The number that the next one gets.
    pub fn next_id(&self) -> u64 {
        self.next_id
    }

    /// Of the requests with these numbers the first to look at again when a partition changed. They came in the order of
    /// their numbers.
    pub fn first_watching(&self, id: &TopicIdPartition, numbers: Range<u64>) -> Option<u64> {
        let mut watching = self.waiting.range(numbers).filter(|(_, waiting)| waiting.operation.watches(id));
        watching.next().map(|(number, _)| *number)
    }

    /// One that waits.
    pub fn get(&self, id: u64) -> Option<&Waiting> {
        self.waiting.get(&id)
    }

    /// All that waits, in the order in which it came.
    pub fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values()
    }
}

/// What an open `acks=all` append is worth now (`Partition.checkEnoughReplicasReachOffset`): `None` while it waits.
///
/// Enough is the high watermark, that is the whole maximal ISR; `min.insync.replicas` is no number of acknowledgements.
pub fn produce_outcome(
    is_leader: bool,
    required_offset: i64,
    high_watermark: i64,
    maximal_isr: usize,
    min_isr: usize,
) -> Option<ErrorCode> {
    if !is_leader {
        return Some(ErrorCode::NotLeaderOrFollower);
    }
    if high_watermark < required_offset {
        return None;
    }
    Some(if maximal_isr >= min_isr { ErrorCode::None } else { ErrorCode::NotEnoughReplicasAfterAppend })
}
