//! Completing requests that wait in purgatory: when a partition moved, or when their time is over
//! (`DelayedOperationPurgatory.checkAndComplete`, `DelayedOperation.run`).

use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::fetch_read::{FetchParams, Reading};
use super::partition::Partition;
use super::purgatory::Operation;
use super::{Broker, Context};
use crate::change::Change;
use crate::explain::Explanation;
use crate::metadata::image::TopicImage;
use crate::wire::ids::TopicIdPartition;
use crate::wire::{ErrorCode, Uuid};

/// A set of partitions that mostly has one or two.
#[derive(Default)]
struct FewIds {
    few: SmallVec<[TopicIdPartition; 8]>,
    more: BTreeSet<TopicIdPartition>,
}

impl FewIds {
    /// Puts one in; false if it is there.
    fn insert(&mut self, id: TopicIdPartition) -> bool {
        if self.few.contains(&id) {
            return false;
        }
        if self.few.len() < self.few.inline_size() {
            self.few.push(id);
            return true;
        }
        self.more.insert(id)
    }

    fn clear(&mut self) {
        self.few.clear();
        self.more.clear();
    }
}

impl Broker {
    /// Looks again at the waiting requests of every partition that was touched.
    pub(super) fn complete_touched(&mut self, cx: &mut Context) {
        for (id, change) in &self.touched {
            self.purgatory.checked(id, *change);
        }
        if self.purgatory.is_empty() {
            return self.touched.clear();
        }
        let mut checked = FewIds::default();
        // A fetch watches many partitions: while nothing completes, one look at it is enough for all of them.
        let mut still_waiting = SmallVec::new();
        while let Some((id, _)) = self.touched.pop() {
            if checked.insert(id) && self.check_purgatory(cx, id, &mut still_waiting) {
                checked.clear();
                still_waiting.clear();
            }
        }
    }

    /// A partition moved: answers those of its waiting requests that have what they wait for. True if there were any.
    /// Fetches that are found waiting are added to `still_waiting`, those that are in it are not looked at.
    fn check_purgatory(
        &mut self,
        cx: &mut Context,
        id: TopicIdPartition,
        still_waiting: &mut SmallVec<[u64; 8]>,
    ) -> bool {
        let mut completed = false;
        // What a completion lets wait anew is not looked at.
        let (mut number, end) = (0, self.purgatory.next_id());
        while let Some(found) = self.purgatory.first_watching(&id, number..end) {
            number = found + 1;
            let number = found;
            let Err(place) = still_waiting.binary_search(&number) else { continue };
            let is_done = match self.purgatory.get_mut(number) {
                Some(Operation::Produce { partitions, .. }) => {
                    let mut partitions = std::mem::take(partitions);
                    self.try_complete_produce(&mut partitions);
                    let is_done = partitions.iter().all(|partition| partition.waits_for.is_none());
                    if let Some(Operation::Produce { partitions: kept, .. }) = self.purgatory.get_mut(number) {
                        *kept = partitions;
                    }
                    is_done
                }
                Some(Operation::Fetch { request_context, request, context, watched, segments, .. }) => {
                    let (version, request, context) = (request_context.version, request.clone(), context.clone());
                    let segments = segments.clone();
                    // They are sorted: those of a topic stand together.
                    let mut topic: Option<(Uuid, &TopicImage)> = None;
                    let mut is_known = |id: &TopicIdPartition| {
                        if topic.is_none_or(|(topic_id, _)| topic_id != id.topic_id) {
                            topic = self.image.topics.get(&id.topic_id).map(|topic| (id.topic_id, topic.as_ref()));
                        }
                        topic.is_some_and(|(_, topic)| topic.partitions.numbered(id.partition).is_some())
                    };
                    let is_done = !watched.iter().all(&mut is_known)
                        || self.fetch_has_enough(cx, &FetchParams::of(&request, version), &context, &segments);
                    if !is_done {
                        still_waiting.insert(place, number);
                    }
                    is_done
                }
                // Who loses a partition looks at its fetches and produces alone
                // (`ReplicaManager.completeDelayedOperationsWhenNotPartitionLeader`).
                Some(Operation::DeleteRecords { .. })
                    if !self.partitions.get(&id).is_some_and(Partition::is_leader) =>
                {
                    false
                }
                Some(Operation::DeleteRecords { deletions, .. }) => {
                    let mut deletions = std::mem::take(deletions);
                    self.try_complete_delete_records(cx, &mut deletions);
                    let is_done = deletions.iter().all(|deletion| deletion.waits_for.is_none());
                    if let Some(Operation::DeleteRecords { deletions: kept, .. }) = self.purgatory.get_mut(number) {
                        *kept = deletions;
                    }
                    is_done
                }
                None => false,
            };
            if is_done {
                self.complete(cx, number, Some(&id));
                still_waiting.clear();
                completed = true;
            }
        }
        completed
    }

    /// A request in purgatory has waited as long as it may.
    pub(super) fn on_expiration(&mut self, cx: &mut Context, number: u64) {
        self.complete(cx, number, None);
    }

    /// Answers a request that has what it waits for at a partition; or, where none is given, that has waited as long as it may.
    fn complete(&mut self, cx: &mut Context, number: u64, found_on: Option<&TopicIdPartition>) {
        let timed_out = found_on.is_none();
        let Some(operation) = self.purgatory.take(cx.fx, number, found_on) else { return };
        if let Some(request_context) = operation.request_context() {
            let (node, api, to) = (self.id, request_context.api, request_context.from.actor());
            cx.fx.change(Change::DelayedOperationCompleted { node, api, to, timed_out });
            match &operation {
                Operation::Fetch { .. } if timed_out => cx.fx.explain(Explanation::FetchWaitedEnough { node, to }),
                Operation::Produce { .. } if timed_out => cx.fx.explain(Explanation::ProduceTimedOut { node, to }),
                Operation::Fetch { .. } | Operation::Produce { .. } | Operation::DeleteRecords { .. } => {}
            }
        }
        match operation {
            Operation::Fetch { request_context, request, context, refused, .. } => {
                let params = FetchParams::of(&request, request_context.version);
                let results = self.read_all(cx, &params, &context, Reading::Waited { refused: &refused });
                self.answer_fetch(cx, &request_context, &request, &context, results);
            }
            Operation::Produce { origin, mut partitions } => {
                let late = timed_out.then(|| origin.outliving(&partitions)).flatten();
                let late = late.map(|origin| Operation::Produce { origin, partitions: partitions.clone() });
                for partition in partitions.iter_mut().filter(|partition| partition.waits_for.is_some()) {
                    partition.waits_for = None;
                    partition.response.error_code = ErrorCode::RequestTimedOut;
                }
                self.answer_produce(cx, &origin, partitions);
                if let Some(operation) = late {
                    self.purgatory.outlive(operation);
                }
            }
            Operation::DeleteRecords { request_context, deletions } => {
                self.answer_delete_records(cx, &request_context, deletions);
            }
        }
    }
}
