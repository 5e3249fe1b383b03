//! Producer ids are given to brokers in blocks, each once in the life of a cluster (`ProducerIdControlManager`).

use super::cluster_control_manager::{ApiError, ClusterControlManager};
use super::heartbeat::check_broker_epoch;
use crate::metadata::MetadataRecord;
use crate::wire::ErrorCode;
use crate::wire::transaction::{AllocateProducerIdsRequest, AllocateProducerIdsResponse};

/// How many ids a block has (`ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE`).
pub const PRODUCER_ID_BLOCK_SIZE: i32 = 1_000;

/// Gives a broker the next block (`generateNextProducerId`).
pub fn allocate_producer_ids(
    cluster: ClusterControlManager<'_>,
    request: &AllocateProducerIdsRequest,
) -> Result<(Vec<MetadataRecord>, AllocateProducerIdsResponse), ApiError> {
    check_broker_epoch(cluster, request.broker_id, request.broker_epoch)?;
    let producer_id_start = cluster.image.next_producer_id;
    let Some(next_producer_id) = producer_id_start.checked_add(PRODUCER_ID_BLOCK_SIZE.into()) else {
        return Err(ApiError::new(
            ErrorCode::UnknownServerError,
            "Exhausted all producerIds as the next block's end producerId has exceeded the int64 type limit".to_owned(),
        ));
    };
    let record = MetadataRecord::ProducerIdsRecord {
        broker_id: request.broker_id,
        broker_epoch: request.broker_epoch,
        next_producer_id,
    };
    let response = AllocateProducerIdsResponse {
        producer_id_start,
        producer_id_len: PRODUCER_ID_BLOCK_SIZE,
        ..AllocateProducerIdsResponse::default()
    };
    Ok((vec![record], response))
}
