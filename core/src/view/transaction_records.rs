//! The records of `__transaction_state` in words: the JSON that Kafka's own formatter prints (`TransactionLogMessageFormatter`).

use serde_json::{Value, json};

use crate::broker::transaction::records::{self, TransactionLogValue};
use crate::wire::records::{Bytes, Record};

/// The key and the value of a record in words; none where it is none that a transaction coordinator writes.
pub(crate) fn key_and_value(record: &Record) -> Option<(Value, Option<Value>)> {
    let read = records::read(record)?;
    let key = json!({"type": "0", "data": {"transactionalId": read.transactional_id}});
    Some((key, read.value.as_ref().map(value)))
}

/// The record with its key and value in words.
pub(crate) fn to_readable(record: &Record) -> Record {
    let Some((key, value)) = key_and_value(record) else { return record.clone() };
    let text = |json: Value| Bytes::from(json.to_string().as_str());
    Record { key: Some(text(key)), value: value.map(text), ..record.clone() }
}

fn value(value: &TransactionLogValue) -> Value {
    let metadata = &value.metadata;
    let topic = |(topic, ids): &(crate::wire::Topic, Vec<i32>)| json!({"topic": topic, "partitionIds": ids});
    let partitions = value.partitions.as_ref().map(|topics| topics.iter().map(topic).collect::<Vec<_>>());
    let mut data = serde_json::Map::new();
    data.insert("producerId".into(), json!(metadata.producer_id));
    // A tagged field is written only where it says something.
    if metadata.prev_producer_id >= 0 {
        data.insert("previousProducerId".into(), json!(metadata.prev_producer_id));
    }
    if metadata.next_producer_id >= 0 {
        data.insert("nextProducerId".into(), json!(metadata.next_producer_id));
    }
    data.insert("producerEpoch".into(), json!(metadata.producer_epoch));
    data.insert("transactionTimeoutMs".into(), json!(metadata.txn_timeout_ms));
    data.insert("transactionStatus".into(), json!(metadata.state.id()));
    data.insert("transactionPartitions".into(), json!(partitions));
    data.insert("transactionLastUpdateTimestampMs".into(), json!(metadata.txn_last_update_timestamp));
    data.insert("transactionStartTimestampMs".into(), json!(metadata.txn_start_timestamp));
    if metadata.client_transaction_version.level() > 0 {
        data.insert("clientTransactionVersion".into(), json!(metadata.client_transaction_version.level()));
    }
    json!({"version": value.version.to_string(), "data": data})
}
