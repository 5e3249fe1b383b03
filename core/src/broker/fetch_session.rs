//! Fetch sessions (KIP-227; `FetchManager`, `FetchSession`): a broker remembers what an asker fetches, so that the next
//! request names only what changed and the answer only what is new.
//!
//! | session         | becomes           | when                                                            |
//! |-----------------|-------------------|-----------------------------------------------------------------|
//! | (none)          | open, epoch 1     | a full fetch (epoch 0) is answered and there is a slot          |
//! | open, epoch `n` | open, epoch `n+1` | an incremental fetch comes with its id and epoch `n`            |
//! | open            | (none)            | a fetch names it with epoch -1 (close) or 0 (begin anew)        |

use std::collections::BTreeMap;

use crate::wire::replication::{FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData};
use crate::wire::{ErrorCode, TopicId};

/// Asks for a new session.
const INITIAL_EPOCH: i32 = 0;
/// Closes a session, or wants none.
const FINAL_EPOCH: i32 = -1;
/// `max.incremental.fetch.session.cache.slots`.
const SLOTS: usize = 1_000;

/// The sessions of one broker. They die with the process.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct FetchSessions {
    last_id: i32,
    sessions: BTreeMap<i32, FetchSession>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Hash)]
struct FetchSession {
    /// The epoch that the next request must have.
    next_epoch: i32,
    /// What is fetched, in the order in which it was first named.
    partitions: Vec<CachedPartition>,
}

/// A partition of a session (`CachedPartition`).
#[derive(Clone, Debug, PartialEq, Hash)]
struct CachedPartition {
    topic_id: TopicId,
    asked: FetchPartition,
    /// What was last answered; -1 makes sure that the next answer names the partition.
    high_watermark: i64,
    log_start_offset: i64,
}

impl FetchSessions {
    /// Makes a request whole: what the session remembers and the request left out is put in.
    ///
    /// # Errors
    /// `FETCH_SESSION_ID_NOT_FOUND` for a session that is not open, `INVALID_FETCH_SESSION_EPOCH` for one at another epoch.
    pub fn complete(&mut self, request: FetchRequest) -> Result<FetchRequest, ErrorCode> {
        if matches!(request.session_epoch, INITIAL_EPOCH | FINAL_EPOCH) {
            self.sessions.remove(&request.session_id);
            return Ok(request);
        }
        let session = self.sessions.get_mut(&request.session_id).ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.next_epoch != request.session_epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        session.next_epoch = epoch_after(request.session_epoch);
        session.update(&request);
        Ok(FetchRequest { topics: session.topics(), forgotten_topics_data: Vec::new(), ..request })
    }

    /// Leaves out of an answer what the asker knows already, and opens the session that a full fetch asked for.
    pub fn answer(&mut self, request: &FetchRequest, response: &mut FetchResponse) {
        match request.session_epoch {
            FINAL_EPOCH => {}
            INITIAL_EPOCH => {
                if self.sessions.len() < SLOTS {
                    self.last_id = epoch_after(self.last_id);
                    let session = FetchSession { next_epoch: epoch_after(INITIAL_EPOCH), partitions: cached(request) };
                    let session = self.sessions.entry(self.last_id).insert_entry(session).into_mut();
                    session.note(response);
                    response.session_id = self.last_id;
                }
            }
            _ => {
                // A session that was closed meanwhile leaves the answer whole.
                if let Some(session) = self.sessions.get_mut(&request.session_id) {
                    session.note(response);
                    response.responses.retain(|topic| !topic.partitions.is_empty());
                    response.session_id = request.session_id;
                }
            }
        }
    }
}

/// Epochs go from 1 to the greatest number and begin again at 1.
fn epoch_after(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

fn cached(request: &FetchRequest) -> Vec<CachedPartition> {
    let partitions =
        request.topics.iter().flat_map(|topic| topic.partitions.iter().map(|asked| (topic.topic_id, asked)));
    partitions
        .map(|(topic_id, asked)| CachedPartition {
            topic_id,
            asked: asked.clone(),
            high_watermark: -1,
            log_start_offset: -1,
        })
        .collect()
}

impl FetchSession {
    /// Takes in what a request changes: new partitions, other offsets, forgotten ones.
    fn update(&mut self, request: &FetchRequest) {
        for new in cached(request) {
            let is_it = |known: &&mut CachedPartition| {
                known.topic_id == new.topic_id && known.asked.partition == new.asked.partition
            };
            match self.partitions.iter_mut().find(is_it) {
                Some(known) => known.asked = new.asked,
                None => self.partitions.push(new),
            }
        }
        for forgotten in &request.forgotten_topics_data {
            self.partitions.retain(|known| {
                known.topic_id != forgotten.topic_id || !forgotten.partitions.contains(&known.asked.partition)
            });
        }
    }

    /// All that is fetched, as a request names it.
    fn topics(&self) -> Vec<FetchTopic> {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for cached in &self.partitions {
            match topics.last_mut().filter(|topic| topic.topic_id == cached.topic_id) {
                Some(topic) => topic.partitions.push(cached.asked.clone()),
                None => {
                    topics.push(FetchTopic { topic_id: cached.topic_id, partitions: vec![cached.asked.clone()] });
                }
            }
        }
        topics
    }

    /// Remembers what is answered, and drops from the answer what is no news.
    fn note(&mut self, response: &mut FetchResponse) {
        for topic in &mut response.responses {
            topic.partitions.retain(|data| {
                let is_it = |known: &&mut CachedPartition| {
                    known.topic_id == topic.topic_id && known.asked.partition == data.partition_index
                };
                self.partitions.iter_mut().find(is_it).is_none_or(|known| known.is_news(data))
            });
        }
    }
}

impl CachedPartition {
    /// Whether an answer has something that the asker does not know (`CachedPartition.maybeUpdateResponseData`).
    fn is_news(&mut self, data: &PartitionData) -> bool {
        let mut is_news = !data.records.is_empty()
            || self.high_watermark != data.high_watermark
            || self.log_start_offset != data.log_start_offset
            || data.preferred_read_replica >= 0
            || data.diverging_epoch.epoch >= 0;
        self.high_watermark = data.high_watermark;
        self.log_start_offset = data.log_start_offset;
        if !data.error_code.is_none() {
            // The partition comes again until the error is gone.
            self.high_watermark = -1;
            is_news = true;
        }
        is_news
    }
}
