//! What was refused of a request, in the answer to the rest.

use crate::broker::delete_records::deletions_by_topic;
use crate::broker::topic_results;
use crate::wire::replication::DeleteRecordsTopicResult;
use crate::wire::{ErrorCode, Response};

/// What went wrong first.
pub(super) fn first_error(refused: &Response) -> ErrorCode {
    match refused {
        Response::JoinGroup(_)
        | Response::SyncGroup(_)
        | Response::Heartbeat(_)
        | Response::LeaveGroup(_)
        | Response::OffsetCommit(_)
        | Response::OffsetDelete(_)
        | Response::OffsetFetch(_)
        | Response::DescribeGroups(_)
        | Response::ConsumerGroupDescribe(_)
        | Response::ConsumerGroupHeartbeat(_)
        | Response::DeleteGroups(_)
        | Response::FindCoordinator(_) => ErrorCode::GroupAuthorizationFailed,
        Response::DescribeAcls(_) | Response::DescribeClientQuotas(_) => ErrorCode::ClusterAuthorizationFailed,
        _ => ErrorCode::TopicAuthorizationFailed,
    }
}

/// Adds what was refused to an answer, where Kafka's own answer has it.
pub(super) fn merge(response: &mut Response, refused: Response) {
    match (response, refused) {
        (Response::Produce(answer), Response::Produce(refused)) => answer.responses.extend(refused.responses),
        (Response::ListOffsets(answer), Response::ListOffsets(refused)) => answer.topics.extend(refused.topics),
        (Response::OffsetForLeaderEpoch(answer), Response::OffsetForLeaderEpoch(refused)) => {
            answer.topics.extend(refused.topics);
        }
        (Response::DeleteRecords(answer), Response::DeleteRecords(refused)) => {
            let said = std::mem::take(&mut answer.topics).into_iter().chain(refused.topics).flat_map(|topic| {
                let DeleteRecordsTopicResult { name, partitions } = topic;
                partitions.into_iter().map(move |each| (name.clone(), each))
            });
            answer.topics = deletions_by_topic(said.collect());
        }
        (Response::Metadata(answer), Response::Metadata(refused)) => answer.topics.extend(refused.topics),
        (Response::DescribeConfigs(answer), Response::DescribeConfigs(refused)) => {
            answer.results.extend(refused.results);
        }
        (Response::DeleteGroups(answer), Response::DeleteGroups(refused)) => answer.results.extend(refused.results),
        (Response::TxnOffsetCommit(answer), Response::TxnOffsetCommit(refused)) => {
            answer.topics = topic_results::merge(refused.topics, std::mem::take(&mut answer.topics));
        }
        (Response::DescribeGroups(answer), Response::DescribeGroups(mut refused)) => {
            refused.groups.append(&mut answer.groups);
            answer.groups = refused.groups;
        }
        (Response::ConsumerGroupDescribe(answer), Response::ConsumerGroupDescribe(mut refused)) => {
            refused.groups.append(&mut answer.groups);
            answer.groups = refused.groups;
        }
        (Response::FindCoordinator(answer), Response::FindCoordinator(refused)) => {
            let found = std::mem::take(&mut answer.coordinators);
            answer.coordinators = refused.coordinators;
            for coordinator in answer.coordinators.iter_mut().filter(|each| each.error_code.is_none()) {
                if let Some(found) = found.iter().find(|found| found.key == coordinator.key) {
                    *coordinator = found.clone();
                }
            }
        }
        (Response::OffsetFetch(answer), Response::OffsetFetch(refused)) => {
            answer.topics.extend(refused.topics);
            let mut fetched = std::mem::take(&mut answer.groups);
            answer.groups = refused.groups;
            for group in answer.groups.iter_mut().filter(|group| group.error_code.is_none()) {
                let Some(at) = fetched.iter().position(|each| each.group_id == group.group_id) else { continue };
                let mut found = fetched.remove(at);
                if found.error_code.is_none() {
                    found.topics.append(&mut group.topics);
                }
                *group = found;
            }
        }
        _ => {}
    }
}
