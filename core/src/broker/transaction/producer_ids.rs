//! Producer ids that a broker gives out: it gets them from the controller a block at a time (`RPCProducerIdManager`).
//!
//! | block                | an id is asked for | what happens                                                             |
//! |----------------------|--------------------|--------------------------------------------------------------------------|
//! | has ids              | yes                | the next one is given; at nine tenths of the block the next one is asked for |
//! | is used up, next is there | yes           | the next block takes its place                                           |
//! | is used up           | yes                | a block is asked for; `COORDINATOR_LOAD_IN_PROGRESS` meanwhile           |

use crate::sim::Millis;
use crate::wire::ErrorCode;
use crate::wire::transaction::AllocateProducerIdsResponse;

/// How long after a refusal no block is asked for (`RETRY_BACKOFF_MS`).
const RETRY_BACKOFF_MS: Millis = 50;
/// How long the channel to the controller tries to get an answer (`BrokerServer`'s `clientToControllerChannelManager`).
const REQUEST_TIMEOUT_MS: Millis = 60_000;

/// Ids that this broker may give out (`ProducerIdsBlock`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct ProducerIdsBlock {
    first: i64,
    /// How many it had at first.
    len: i64,
    /// How many were given.
    given: i64,
}

impl ProducerIdsBlock {
    fn claim_next_id(&mut self) -> Option<i64> {
        let next = self.first.checked_add(self.given)?;
        (self.given < self.len).then(|| {
            self.given += 1;
            next
        })
    }

    /// The id with which the next block is asked for: nine tenths of this one are given then.
    fn prefetch_target(&self) -> i64 {
        self.first.saturating_add(self.len.saturating_mul(9) / 10)
    }

    fn last(&self) -> i64 {
        self.first.saturating_add(self.len) - 1
    }
}

/// Gives out producer ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProducerIdManager {
    current: ProducerIdsBlock,
    next: Option<ProducerIdsBlock>,
    /// Until when an answer is waited for; none where no block is asked for. It stays until the block is taken up.
    in_flight_until: Option<Millis>,
    /// Before that no block is asked for.
    backoff_until: Option<Millis>,
    /// Whether a block is to be asked for.
    wants_block: bool,
}

impl ProducerIdManager {
    /// The next id, each given once (`generateProducerId`).
    pub fn generate_producer_id(&mut self, now: Millis) -> Result<i64, ErrorCode> {
        if let Some(id) = self.current.claim_next_id() {
            if id == self.current.prefetch_target() {
                self.maybe_request_next_block(now);
            }
            return Ok(id);
        }
        let Some(next) = self.next.take() else {
            self.maybe_request_next_block(now);
            return Err(ErrorCode::CoordinatorLoadInProgress);
        };
        self.current = next;
        self.in_flight_until = None;
        self.current.claim_next_id().ok_or(ErrorCode::CoordinatorLoadInProgress)
    }

    fn maybe_request_next_block(&mut self, now: Millis) {
        let may_ask = self.backoff_until.is_none_or(|until| now >= until);
        if may_ask && self.next.is_none() && self.in_flight_until.is_none() {
            self.in_flight_until = Some(now.saturating_add(REQUEST_TIMEOUT_MS));
            self.wants_block = true;
        }
    }

    /// Whether a block is to be asked for now; it is asked for once.
    pub fn take_block_request(&mut self) -> bool {
        std::mem::take(&mut self.wants_block)
    }

    /// No answer came: the request is sent again, unless its time is over.
    pub fn unanswered(&mut self, now: Millis) {
        match self.in_flight_until {
            Some(until) if now < until => self.wants_block = true,
            _ => (self.in_flight_until, self.backoff_until) = (None, None),
        }
    }

    /// The controller answered. A block that is not above this broker's own is none.
    pub fn allocated(&mut self, answer: &AllocateProducerIdsResponse, now: Millis) {
        let (first, len) = (answer.producer_id_start, i64::from(answer.producer_id_len));
        let is_above = self.current.len == 0 || first > self.current.last();
        let is_block = answer.error_code.is_none() && is_above && first >= 0 && first.checked_add(len).is_some();
        if is_block && len >= 0 {
            self.next = Some(ProducerIdsBlock { first, len, given: 0 });
            self.backoff_until = None;
        } else {
            self.backoff_until = Some(now.saturating_add(RETRY_BACKOFF_MS));
            self.in_flight_until = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(producer_id_start: i64) -> AllocateProducerIdsResponse {
        AllocateProducerIdsResponse { producer_id_start, producer_id_len: 1_000, ..Default::default() }
    }

    #[test]
    fn the_first_id_has_to_wait_for_a_block_which_is_asked_for_once() {
        let mut ids = ProducerIdManager::default();
        assert_eq!(ids.generate_producer_id(10), Err(ErrorCode::CoordinatorLoadInProgress));
        assert!(ids.take_block_request() && !ids.take_block_request());
        assert_eq!(ids.generate_producer_id(11), Err(ErrorCode::CoordinatorLoadInProgress));
        assert!(!ids.take_block_request(), "an answer is on its way");
        ids.allocated(&block(0), 12);
        assert_eq!((ids.generate_producer_id(13), ids.generate_producer_id(13)), (Ok(0), Ok(1)));
    }

    #[test]
    fn the_next_block_is_asked_for_when_nine_tenths_are_given() {
        let mut ids = ProducerIdManager::default();
        let _ = ids.generate_producer_id(0);
        assert!(ids.take_block_request());
        ids.allocated(&block(2_000), 0);
        let asked: Vec<i64> =
            (0..1_000).filter_map(|_| ids.generate_producer_id(1).ok().filter(|_| ids.take_block_request())).collect();
        assert_eq!(asked, [2_900]);
        ids.allocated(&block(5_000), 2);
        assert_eq!(ids.generate_producer_id(3), Ok(5_000));
    }

    #[test]
    fn after_a_refusal_it_waits_a_little_and_a_block_below_its_own_is_refused() {
        let mut ids = ProducerIdManager::default();
        let _ = ids.generate_producer_id(0);
        assert!(ids.take_block_request());
        let refused = AllocateProducerIdsResponse { error_code: ErrorCode::StaleBrokerEpoch, ..block(0) };
        ids.allocated(&refused, 10);
        let asks =
            |ids: &mut ProducerIdManager, now| ids.generate_producer_id(now).is_err() && ids.take_block_request();
        assert_eq!((asks(&mut ids, 59), asks(&mut ids, 60)), (false, true));
        ids.allocated(&block(1_000), 61);
        assert_eq!(ids.generate_producer_id(62), Ok(1_000));
        ids.allocated(&block(0), 63);
        assert_eq!(ids.next, None);
    }

    #[test]
    fn without_an_answer_it_asks_again_until_a_minute_is_over() {
        let mut ids = ProducerIdManager::default();
        let _ = ids.generate_producer_id(0);
        assert!(ids.take_block_request());
        ids.unanswered(59_999);
        assert!(ids.take_block_request());
        ids.unanswered(60_000);
        assert!(!ids.take_block_request());
        assert!(ids.generate_producer_id(60_001).is_err() && ids.take_block_request(), "the next request begins anew");
    }
}
