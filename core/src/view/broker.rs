//! What waits at a broker, and the groups that it coordinates.

use std::collections::BTreeMap;

use serde::Serialize;

use super::network::RequestId;
use super::summary;
use crate::actor::Actor;
use crate::broker::Broker;
use crate::broker::purgatory::{Operation, ProduceOrigin, Waiting};
use crate::cluster::Cluster;
use crate::sim::Millis;
use crate::wire::{ApiKey, TopicPartition};

/// A request in purgatory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PurgatoryView {
    /// Which request.
    pub request: Option<RequestId>,
    /// Who asks.
    pub from: Actor,
    /// What.
    pub api: ApiKey,
    /// In few words.
    pub summary: String,
    /// When it is answered at the latest, in milliseconds.
    pub expires_at_ms: Millis,
    /// What a produce waits for: partition and the high watermark it needs.
    pub waits_for: Vec<(TopicPartition, i64)>,
}

pub(super) fn purgatory_views(cluster: &Cluster, broker: &Broker) -> Vec<PurgatoryView> {
    broker.purgatory.iter().filter_map(|waiting| purgatory_view(cluster, broker, waiting)).collect()
}

fn purgatory_view(cluster: &Cluster, broker: &Broker, waiting: &Waiting) -> Option<PurgatoryView> {
    let expires_at_ms = waiting.expires_at?;
    Some(match &waiting.operation {
        Operation::Fetch { request_context, request, context, .. } => PurgatoryView {
            request: Some(RequestId::of(request_context)),
            from: request_context.from.actor(),
            api: request_context.api,
            summary: summary::fetch_summary(cluster, &context.spelled_out(request)),
            expires_at_ms,
            waits_for: Vec::new(),
        },
        Operation::DeleteRecords { request_context, deletions } => {
            let waiting = deletions.iter().filter_map(|deletion| deletion.waits_for);
            let names = waiting.filter_map(|(id, _)| Some(broker.partitions.get(&id)?.name.to_string()));
            PurgatoryView {
                request: Some(RequestId::of(request_context)),
                from: request_context.from.actor(),
                api: request_context.api,
                summary: names.collect::<Vec<_>>().join(", "),
                expires_at_ms,
                waits_for: Vec::new(),
            }
        }
        Operation::Produce { origin, partitions } => {
            // The coordinator's own append waits on behalf of a member, if any: an assignment is everybody's.
            let request_context = match origin {
                ProduceOrigin::Client(request_context) | ProduceOrigin::CoordinatorWrite { request_context, .. } => {
                    request_context
                }
                ProduceOrigin::Coordinator(append_id) => broker.groups.waits_for_append(*append_id)?,
                ProduceOrigin::TxnOffsets(append_id) => broker.groups.waits_for_txn_offsets(*append_id)?,
                ProduceOrigin::TransactionState(append_id) => broker.transactions.waits_for_append(*append_id)?,
                ProduceOrigin::TxnMarker { request, .. } => broker.transactions.waits_for_markers(*request)?,
                ProduceOrigin::LateTxnMarker { .. } => return None,
            };
            let (request, from, api) =
                (Some(RequestId::of(request_context)), request_context.from.actor(), request_context.api);
            let waits_for: BTreeMap<TopicPartition, i64> = partitions
                .iter()
                .filter_map(|partition| {
                    Some((broker.partitions.get(&partition.id)?.name.clone(), partition.waits_for?))
                })
                .collect();
            let summary = waits_for.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            PurgatoryView { request, from, api, summary, expires_at_ms, waits_for: waits_for.into_iter().collect() }
        }
    })
}
