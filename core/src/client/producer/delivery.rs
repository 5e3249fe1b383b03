//! What became of each record that a producer's application handed over: kept to be shown, it decides nothing.

use std::collections::VecDeque;

use serde::Serialize;

use crate::sim::Position;
use crate::wire::records::{Bytes, Record};
use crate::wire::{ErrorCode, Topic};

/// How many records are remembered, the newest.
const DELIVERIES_MAX: usize = 256;

/// How far a record is between `send()` and its callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "stage")]
pub enum DeliveryStage {
    /// `send()` waits for metadata of its topic.
    AwaitsMetadata,
    /// `send()` waits for memory of `buffer.memory`.
    AwaitsMemory,
    /// It waits in a batch.
    Accumulated,
    /// Its batch is on its way, or its answer is.
    InFlight {
        /// To which node.
        node: i32,
    },
    /// The callback got an offset, -1 with `acks=0`.
    Acknowledged {
        /// The record's offset.
        offset: i64,
    },
    /// The callback got an error.
    Failed {
        /// Which.
        error: ErrorCode,
    },
    /// It was thrown away with its transaction before it left.
    Aborted,
    /// The producer was closed before it was done (`Producer is closed forcefully`).
    Abandoned,
    /// The producer's process died before its callback was called.
    Forgotten,
}

impl DeliveryStage {
    /// Whether nothing more comes.
    pub fn is_final(self) -> bool {
        match self {
            Self::AwaitsMetadata | Self::AwaitsMemory | Self::Accumulated | Self::InFlight { .. } => false,
            Self::Acknowledged { .. } | Self::Failed { .. } | Self::Aborted | Self::Abandoned | Self::Forgotten => true,
        }
    }
}

/// One record on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delivery {
    /// Counts the records of this producer.
    pub number: u64,
    /// Its topic.
    pub topic: Topic,
    /// Its partition, -1 while none was chosen.
    pub partition: i32,
    /// Its key as it is stored.
    pub key: Option<Bytes>,
    /// Its value as it is stored.
    pub value: Option<Bytes>,
    /// Its time stamp, in milliseconds.
    pub timestamp: i64,
    /// How far it is.
    pub stage: DeliveryStage,
    /// How often its batch was sent.
    pub attempts: u32,
    /// The step in which `send()` was called.
    pub sent_at: Position,
    /// The step in which its stage was reached.
    pub reached_at: Position,
}

/// The records that were handed over last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Deliveries {
    next_number: u64,
    newest: VecDeque<Delivery>,
}

impl Deliveries {
    /// A record was handed over. Gives its number.
    pub(super) fn begin(&mut self, topic: &Topic, record: &Record, step: Position) -> u64 {
        let number = self.next_number;
        self.next_number = number.saturating_add(1);
        if self.newest.len() >= DELIVERIES_MAX {
            self.newest.pop_front();
        }
        self.newest.push_back(Delivery {
            number,
            topic: topic.clone(),
            partition: -1,
            key: record.key.clone(),
            value: record.value.clone(),
            timestamp: record.timestamp,
            stage: DeliveryStage::AwaitsMetadata,
            attempts: 0,
            sent_at: step,
            reached_at: step,
        });
        number
    }

    fn find(&mut self, number: u64) -> Option<&mut Delivery> {
        // They are numbered without gaps.
        let first = self.newest.front()?.number;
        self.newest.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// Its partition was chosen.
    pub(super) fn assigned(&mut self, number: u64, partition: i32, step: Position) {
        if let Some(delivery) = self.find(number) {
            delivery.partition = partition;
            delivery.stage = DeliveryStage::Accumulated;
            delivery.reached_at = step;
        }
    }

    /// There is no memory for it.
    pub(super) fn awaits_memory(&mut self, number: u64, step: Position) {
        if let Some(delivery) = self.find(number).filter(|delivery| delivery.stage != DeliveryStage::AwaitsMemory) {
            delivery.stage = DeliveryStage::AwaitsMemory;
            delivery.reached_at = step;
        }
    }

    /// It reached another stage.
    pub(super) fn reached(&mut self, number: u64, stage: DeliveryStage, step: Position) {
        if let Some(delivery) = self.find(number) {
            delivery.attempts =
                delivery.attempts.saturating_add(u32::from(matches!(stage, DeliveryStage::InFlight { .. })));
            delivery.stage = stage;
            delivery.reached_at = step;
        }
    }

    /// The process is gone.
    pub(super) fn forget(&mut self) {
        for delivery in self.newest.iter_mut().filter(|delivery| !delivery.stage.is_final()) {
            delivery.stage = DeliveryStage::Forgotten;
        }
    }

    /// All of them, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Delivery> {
        self.newest.iter()
    }
}
