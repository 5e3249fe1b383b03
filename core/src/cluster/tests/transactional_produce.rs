//! Transactional batches that a person has written.

use serde_json::json;

use super::transaction_markers::{ask, one_node};
use crate::wire::{ApiKey, ErrorCode, Response};

#[test]
fn batches_of_several_producers_are_refused_in_words() {
    let mut cluster = one_node(&[], &[]);
    let batch = |epoch: i16| json!({"records": [{"value": "v"}], "producerId": 1, "producerEpoch": epoch, "baseSequence": 0, "transactional": true});
    let another = json!({"topics": [{"name": "b", "numPartitions": 1, "replicationFactor": 1}], "timeoutMs": 1000});
    ask(&mut cluster, ApiKey::CreateTopics, None, another).expect("it is created");
    let data = |topic: &str, epoch| json!({"name": topic, "partitionData": [{"index": 0, "records": batch(epoch)}]});
    let topics = [data("a", 0), data("b", 1)];
    let body = json!({"transactionalId": "tx", "acks": -1, "timeoutMs": 1000, "topicData": topics});
    let Some(Response::Produce(answer)) = ask(&mut cluster, ApiKey::Produce, Some(11), body) else {
        panic!("no answer")
    };
    let told = answer.responses.iter().flat_map(|topic| &topic.partition_responses);
    let told = told.map(|partition| (partition.error_code, partition.error_message.as_deref()));
    let words = Some("Transactional records contained more than one producer ID");
    assert_eq!(told.collect::<Vec<_>>(), [(ErrorCode::InvalidProducerIdMapping, words); 2]);
}
