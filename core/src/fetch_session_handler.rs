//! The client's side of fetch sessions (KIP-227, `FetchSessionHandler`, `FetchMetadata`): a follower or consumer remembers what the
//! broker knows of its fetches, so that the next one names only what changed.
//!
//! | the next fetch is       | becomes                 | when                                                                  |
//! |-------------------------|-------------------------|-----------------------------------------------------------------------|
//! | full (epoch 0)          | incremental, epoch 1    | the answer opened a session                                           |
//! | full                    | full                    | the answer opened none, or the client is throttled                    |
//! | incremental, epoch `n`  | incremental, epoch `n+1`| the answer is one of the session                                      |
//! | incremental             | full                    | the answer closed the session, or the broker does not know it         |
//! | either                  | full, closes the session| another error, or no answer                                           |
//! | either                  | names nothing, closes the session | the client closes                                           |

use crate::flat_map::FlatMap;
use crate::sort::SharedSort;
use crate::wire::ErrorCode;
use crate::wire::ids::TopicIdPartition;
use crate::wire::replication::{FetchPartition, FetchResponse, FetchTopic, ForgottenTopic};

/// Asks for a new session (`FetchMetadata.INITIAL_EPOCH`).
const INITIAL_EPOCH: i32 = 0;
/// Closes the session (`FetchMetadata.FINAL_EPOCH`).
const FINAL_EPOCH: i32 = -1;
/// No session (`FetchMetadata.INVALID_SESSION_ID`).
const INVALID_SESSION_ID: i32 = 0;

/// What a client remembers of its session with one broker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FetchSessionHandler {
    /// Of the next fetch.
    session_id: i32,
    session_epoch: i32,
    partitions: FlatMap<TopicIdPartition, SessionPartition>,
    /// Counts the fetches: what the last one named is still fetched.
    fetches: u32,
    /// The place of the next partition that comes in.
    next_place: u32,
}

/// A partition of the session, as the broker knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SessionPartition {
    asked: FetchPartition,
    /// Sessions keep their partitions in the order in which they came in.
    place: u32,
    /// In which fetch it was wanted last.
    wanted_in: u32,
}

/// What a fetch says of the session, and of its partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchRequestData {
    /// The session, 0 for none.
    pub session_id: i32,
    /// The session's epoch: 0 for a new session.
    pub session_epoch: i32,
    /// What is new or has changed; of a full fetch, all.
    pub topics: Vec<FetchTopic>,
    /// What is fetched no more.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
}

impl FetchSessionHandler {
    /// Whether the next fetch names every partition.
    fn is_full(&self) -> bool {
        self.session_epoch == INITIAL_EPOCH
    }

    /// The last fetch: it names nothing, and closes the session (`notifyClose`).
    pub fn close(&mut self) -> FetchRequestData {
        let session_id = self.session_id;
        *self = Self::default();
        FetchRequestData { session_id, session_epoch: FINAL_EPOCH, ..FetchRequestData::default() }
    }

    /// Whether a fetch of these partitions, or of none, has anything to say.
    pub fn has_anything_to_say(&self, wants_any: bool) -> bool {
        wants_any || (!self.is_full() && !self.partitions.is_empty())
    }

    /// The next fetch: of these partitions, in this order.
    pub fn build(&mut self, wanted: Vec<(TopicIdPartition, FetchPartition)>) -> FetchRequestData {
        if self.is_full() {
            self.partitions = FlatMap::new();
        }
        self.fetches = self.fetches.wrapping_add(1);
        let fetch = self.fetches;
        let (mut added, mut altered) = (Vec::new(), Vec::new());
        for (id, asked) in wanted {
            match self.partitions.get_mut(&id) {
                Some(known) => {
                    known.wanted_in = fetch;
                    if known.asked != asked {
                        known.asked = asked.clone();
                        altered.push((known.place, id, asked));
                    }
                }
                None => {
                    let place = self.next_place;
                    self.next_place = place.wrapping_add(1);
                    self.partitions.insert(id, SessionPartition { asked: asked.clone(), place, wanted_in: fetch });
                    added.push((id, asked));
                }
            }
        }
        altered.shared_sort_by_key(|(place, _, _)| *place);
        let altered = altered.into_iter().map(|(_, id, asked)| (id, asked));
        FetchRequestData {
            session_id: self.session_id,
            session_epoch: self.session_epoch,
            topics: by_topic(added.into_iter().chain(altered)),
            forgotten_topics_data: self.forget_all_but(fetch),
        }
    }

    /// Takes what was not wanted out of the session.
    fn forget_all_but(&mut self, fetch: u32) -> Vec<ForgottenTopic> {
        if self.partitions.values().all(|known| known.wanted_in == fetch) {
            return Vec::new();
        }
        let gone = self.partitions.iter().filter(|(_, known)| known.wanted_in != fetch);
        let mut gone: Vec<(u32, TopicIdPartition)> = gone.map(|(id, known)| (known.place, *id)).collect();
        gone.shared_sort_by_key(|(place, _)| *place);
        self.partitions.retain(|_, known| known.wanted_in == fetch);
        let mut topics: Vec<ForgottenTopic> = Vec::new();
        for (_, TopicIdPartition { topic_id, partition }) in gone {
            match topics.iter_mut().find(|topic| topic.topic_id == topic_id) {
                Some(topic) => topic.partitions.push(partition),
                None => {
                    topics.push(ForgottenTopic { topic_id, partitions: vec![partition], ..ForgottenTopic::default() });
                }
            }
        }
        topics
    }

    /// An answer has come (`handleResponse`): whether what it says of partitions counts.
    pub fn handle_response(&mut self, response: &FetchResponse) -> bool {
        if !response.error_code.is_none() {
            if response.error_code == ErrorCode::FetchSessionIdNotFound {
                self.begin_anew(INVALID_SESSION_ID);
            } else {
                self.handle_error();
            }
            return false;
        }
        let tells =
            || response.responses.iter().flat_map(|topic| topic.partitions.iter().map(|each| (topic.topic_id, each)));
        let is_known = |id: &TopicIdPartition| self.partitions.contains_key(id);
        let all_are_known =
            tells().all(|(topic_id, each)| is_known(&TopicIdPartition { topic_id, partition: each.partition_index }));
        if self.is_full() {
            let is_whole = all_are_known && tells().count() == self.partitions.len();
            if is_whole && response.session_id != INVALID_SESSION_ID {
                (self.session_id, self.session_epoch) = (response.session_id, INITIAL_EPOCH + 1);
            } else {
                self.begin_anew(INVALID_SESSION_ID);
            }
            return is_whole;
        }
        if !all_are_known {
            self.handle_error();
            return false;
        }
        if response.session_id == INVALID_SESSION_ID {
            self.begin_anew(INVALID_SESSION_ID);
        } else {
            self.session_epoch = self.session_epoch.checked_add(1).unwrap_or(INITIAL_EPOCH + 1);
        }
        true
    }

    /// There is no answer, or one that cannot be: the next fetch closes the session and asks for another
    /// (`FetchMetadata.nextCloseExistingAttemptNew`).
    pub fn handle_error(&mut self) {
        self.begin_anew(self.session_id);
    }

    fn begin_anew(&mut self, closing: i32) {
        (self.session_id, self.session_epoch) = (closing, INITIAL_EPOCH);
    }
}

/// Neighbours of one topic share an entry.
fn by_topic(partitions: impl Iterator<Item = (TopicIdPartition, FetchPartition)>) -> Vec<FetchTopic> {
    let mut topics: Vec<FetchTopic> = Vec::new();
    for (TopicIdPartition { topic_id, .. }, asked) in partitions {
        match topics.last_mut() {
            Some(topic) if topic.topic_id == topic_id => topic.partitions.push(asked),
            _ => topics.push(FetchTopic { topic_id, partitions: vec![asked], ..FetchTopic::default() }),
        }
    }
    topics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Uuid;
    use crate::wire::replication::{FetchableTopicResponse, PartitionData};

    fn wanted(partitions: &[(i32, i64)]) -> Vec<(TopicIdPartition, FetchPartition)> {
        let one = |(partition, fetch_offset): &(i32, i64)| {
            let asked =
                FetchPartition { partition: *partition, fetch_offset: *fetch_offset, ..FetchPartition::default() };
            (TopicIdPartition { topic_id: Uuid(1), partition: *partition }, asked)
        };
        partitions.iter().map(one).collect()
    }

    fn answer(session_id: i32, partitions: &[i32]) -> FetchResponse {
        let one = |index: &i32| PartitionData { partition_index: *index, ..PartitionData::default() };
        let topic = FetchableTopicResponse {
            topic_id: Uuid(1),
            partitions: partitions.iter().map(one).collect(),
            ..FetchableTopicResponse::default()
        };
        FetchResponse { session_id, responses: vec![topic], ..FetchResponse::default() }
    }

    /// The session, its epoch, what is sent with its offset, what is forgotten.
    type Sent = (i32, i32, Vec<(i32, i64)>, Vec<i32>);

    fn sent(request: &FetchRequestData) -> Sent {
        let partitions = request.topics.iter().flat_map(|topic| &topic.partitions);
        let forgotten = request.forgotten_topics_data.iter().flat_map(|topic| topic.partitions.clone());
        let partitions = partitions.map(|each| (each.partition, each.fetch_offset)).collect();
        (request.session_id, request.session_epoch, partitions, forgotten.collect())
    }

    #[test]
    fn who_closes_names_the_session_and_nothing_else() {
        let mut handler = FetchSessionHandler::default();
        handler.build(wanted(&[(0, 5), (1, 0)]));
        assert!(handler.handle_response(&answer(7, &[0, 1])));
        assert_eq!(sent(&handler.close()), (7, -1, vec![], vec![]));
        assert_eq!(sent(&handler.build(wanted(&[(0, 5)]))), (0, 0, vec![(0, 5)], vec![]), "nothing is left of it");
    }

    #[test]
    fn after_a_full_fetch_only_what_changed_is_named() {
        let mut handler = FetchSessionHandler::default();
        assert_eq!(
            sent(&handler.build(wanted(&[(0, 5), (1, 0), (2, 0)]))),
            (0, 0, vec![(0, 5), (1, 0), (2, 0)], vec![])
        );
        assert!(handler.handle_response(&answer(7, &[0, 1, 2])));
        assert_eq!(sent(&handler.build(wanted(&[(0, 5), (1, 0), (2, 0)]))), (7, 1, vec![], vec![]));
        assert!(handler.handle_response(&answer(7, &[])));
        // What comes in goes ahead of what has changed; that stands in the order of the session.
        let request = handler.build(wanted(&[(2, 3), (3, 0), (1, 9)]));
        assert_eq!(sent(&request), (7, 2, vec![(3, 0), (1, 9), (2, 3)], vec![0]));
        assert!(handler.handle_response(&answer(7, &[1])));
        assert_eq!(sent(&handler.build(wanted(&[(2, 3), (3, 0), (1, 9)]))), (7, 3, vec![], vec![]));
        assert!(handler.has_anything_to_say(false), "that nothing is fetched any more");
        assert_eq!(sent(&handler.build(Vec::new())), (7, 3, vec![], vec![1, 2, 3]));
    }

    #[test]
    fn a_session_that_went_wrong_is_closed_by_the_next_full_fetch() {
        let session = || {
            let mut handler = FetchSessionHandler::default();
            handler.build(wanted(&[(0, 0)]));
            assert!(handler.handle_response(&answer(7, &[0])));
            handler.build(wanted(&[(0, 1)]));
            handler
        };
        let next = |mut handler: FetchSessionHandler| {
            let request = handler.build(wanted(&[(0, 1)]));
            (request.session_id, request.session_epoch, request.topics.len())
        };
        let mut lost = session();
        lost.handle_error();
        assert_eq!(next(lost), (7, 0, 1));
        let with = |error_code| FetchResponse { error_code, ..FetchResponse::default() };
        let mut refused = session();
        assert!(!refused.handle_response(&with(ErrorCode::InvalidFetchSessionEpoch)));
        assert_eq!(next(refused), (7, 0, 1));
        let mut unknown = session();
        assert!(!unknown.handle_response(&with(ErrorCode::FetchSessionIdNotFound)));
        assert_eq!(next(unknown), (0, 0, 1));
        let mut extra = session();
        assert!(!extra.handle_response(&answer(7, &[3])), "of a partition that was not asked for");
        assert_eq!(next(extra), (7, 0, 1));
        let mut closed = session();
        assert!(closed.handle_response(&answer(0, &[0])), "the broker closed it and answered all the same");
        assert_eq!(next(closed), (0, 0, 1));
    }

    #[test]
    fn without_a_session_every_fetch_is_full() {
        let mut handler = FetchSessionHandler::default();
        for _ in 0..3 {
            assert_eq!(sent(&handler.build(wanted(&[(0, 0)]))), (0, 0, vec![(0, 0)], vec![]));
            assert!(handler.handle_response(&answer(0, &[0])));
        }
        let throttled = FetchResponse { throttle_time_ms: 5, ..FetchResponse::default() };
        handler.build(wanted(&[(0, 0)]));
        assert!(!handler.handle_response(&throttled), "an empty answer tells a throttled client nothing");
        assert!(!handler.has_anything_to_say(false));
    }
}
