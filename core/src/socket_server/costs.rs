//! How long the places of a broker keep a request, in virtual time.
//!
//! Nothing costs anything at first, so that a person sees what Kafka *does* and not how fast a machine is. To see
//! queues, give the places a price.

use super::transport_layer::{Transfers, TransportLayer};
use crate::sim::Millis;
use crate::wire::record_json::PartitionRecords;
use crate::wire::replication::ProduceRequest;
use crate::wire::{Request, Response};

/// What the places of one listener's pipeline cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Costs {
    /// A network thread's time for each request that it reads and each answer that it sends, in milliseconds.
    pub network_ms: Millis,
    /// How many bytes of records a network thread reads or sends in a millisecond; 0 for as many as there are.
    pub network_bytes_per_ms: u64,
    /// How many bytes of records a network thread copies from buffer to buffer in a millisecond, where the kernel does not send
    /// them out of the page cache; 0 for as many as there are.
    pub network_copied_bytes_per_ms: u64,
    /// A handler thread's time for each request, in milliseconds.
    pub handler_ms: Millis,
    /// A handler thread's time for each partition that it appends to, in milliseconds.
    pub append_ms: Millis,
    /// How many bytes a handler thread checks and appends in a millisecond; 0 for as many as there are.
    pub append_bytes_per_ms: u64,
}

/// The costs by name: what a person sets, with the greatest value.
pub const COSTS: [(&str, Millis); 6] = [
    ("network.request.ms", MAX_MS),
    ("network.bytes.per.ms", MAX_BYTES),
    ("network.copied.bytes.per.ms", MAX_BYTES),
    ("handler.request.ms", MAX_MS),
    ("handler.append.ms", MAX_MS),
    ("handler.append.bytes.per.ms", MAX_BYTES),
];

/// No place takes more than ten minutes.
const MAX_MS: Millis = 600_000;
/// A gigabyte.
const MAX_BYTES: u64 = 1 << 30;

impl Costs {
    /// A cost by its name.
    pub fn get(&self, name: &str) -> Option<u64> {
        let mut copy = *self;
        copy.named(name).copied()
    }

    /// Sets a cost by its name. The error is the greatest value; `None` where there is no such cost.
    pub fn set(&mut self, name: &str, value: u64) -> Option<Result<(), u64>> {
        let (_, greatest) = COSTS.into_iter().find(|(cost, _)| *cost == name)?;
        if value > greatest {
            return Some(Err(greatest));
        }
        self.named(name).map(|cost| {
            *cost = value;
            Ok(())
        })
    }

    fn named(&mut self, name: &str) -> Option<&mut u64> {
        match name {
            "network.request.ms" => Some(&mut self.network_ms),
            "network.bytes.per.ms" => Some(&mut self.network_bytes_per_ms),
            "network.copied.bytes.per.ms" => Some(&mut self.network_copied_bytes_per_ms),
            "handler.request.ms" => Some(&mut self.handler_ms),
            "handler.append.ms" => Some(&mut self.append_ms),
            "handler.append.bytes.per.ms" => Some(&mut self.append_bytes_per_ms),
            _ => None,
        }
    }

    /// Whether nothing takes time.
    pub fn is_free(&self) -> bool {
        *self == Self::default()
    }

    /// How long a network thread reads a request.
    pub fn of_reading(&self, request: &Request) -> Millis {
        if self.network_ms == 0 && self.network_bytes_per_ms == 0 {
            return 0;
        }
        let bytes = match request {
            Request::Produce(request) => produced_bytes(request),
            _ => 0,
        };
        self.network_ms + time_for(bytes, self.network_bytes_per_ms)
    }

    /// How long a network thread sends an answer through a transport layer; `None` is the end of a connection.
    pub fn of_sending(&self, response: Option<&Response>, transport_layer: TransportLayer) -> Millis {
        if self.network_ms == 0 && self.network_bytes_per_ms == 0 && self.network_copied_bytes_per_ms == 0 {
            return 0;
        }
        let transfer = match response {
            Some(Response::Fetch(response)) => transport_layer.transfer(response),
            _ => Transfers::default(),
        };
        let copying = time_for(transfer.copied_bytes, self.network_copied_bytes_per_ms);
        self.network_ms + time_for(transfer.bytes_out(), self.network_bytes_per_ms) + copying
    }

    /// How long a handler thread works on a request.
    pub fn of_handling(&self, request: &Request) -> Millis {
        match request {
            Request::Produce(request) if self.append_ms > 0 || self.append_bytes_per_ms > 0 => {
                let partitions: usize = request.topic_data.iter().map(|topic| topic.partition_data.len()).sum();
                let partitions = u64::try_from(partitions).unwrap_or(u64::MAX);
                let appends = self.append_ms.saturating_mul(partitions);
                let bytes = time_for(produced_bytes(request), self.append_bytes_per_ms);
                self.handler_ms.saturating_add(appends).saturating_add(bytes)
            }
            _ => self.handler_ms,
        }
    }
}

fn time_for(bytes: u64, per_ms: u64) -> Millis {
    if per_ms == 0 { 0 } else { bytes.div_ceil(per_ms) }
}

/// The bytes of the batches that a request brings. A batch that was written by hand has no bytes before it is checked.
pub fn produced_bytes(request: &ProduceRequest) -> u64 {
    let partitions = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
    partitions
        .map(|partition| match &partition.records {
            Some(PartitionRecords::Batch(batch)) => u64::from(batch.size_bytes()),
            Some(PartitionRecords::One(_) | PartitionRecords::Many(_)) | None => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cost_can_be_set_by_its_name_up_to_its_bound() {
        let mut costs = Costs::default();
        assert!(costs.is_free());
        for (name, greatest) in COSTS {
            assert_eq!(costs.set(name, greatest + 1), Some(Err(greatest)), "{name}");
            assert_eq!(costs.set(name, 3), Some(Ok(())), "{name}");
            assert_eq!(costs.get(name), Some(3), "{name}");
        }
        assert_eq!(costs.set("handler.threads", 1), None);
        assert_eq!(time_for(10, 3), 4);
        assert_eq!(time_for(10, 0), 0);
    }
}
