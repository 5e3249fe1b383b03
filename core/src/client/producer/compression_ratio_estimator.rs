//! How well the batches of a topic are expected to be compressed (`CompressionRatioEstimator`): a batch that is being filled goes
//! by what earlier ones came to.
//!
//! Ratios are in thousandths here, so that every machine counts alike; Kafka has a `float`.

use crate::flat_map::FlatMap;
use crate::wire::Topic;
use crate::wire::records::CompressionType;

/// The ratio that it begins with: nothing gets smaller.
const INITIAL: u32 = 1_000;
/// By so much it expects less after a batch that came out smaller (`COMPRESSION_RATIO_IMPROVING_STEP`).
const IMPROVING_STEP: u32 = 5;
/// By so much at least it expects more after one that came out larger (`COMPRESSION_RATIO_DETERIORATE_STEP`).
const DETERIORATE_STEP: u32 = 50;

/// What is expected, by topic and type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct CompressionRatioEstimator {
    ratios: FlatMap<(Topic, i16), u32>,
}

impl CompressionRatioEstimator {
    /// The ratio that the next batch is expected to come to (`estimation`).
    pub(super) fn estimation(&self, topic: &Topic, compression: CompressionType) -> u32 {
        self.ratios.get(&(topic.clone(), compression.id())).copied().unwrap_or(INITIAL)
    }

    /// A batch came to this ratio (`updateEstimation`): what is expected grows at once and falls slowly.
    pub(super) fn update(&mut self, topic: &Topic, compression: CompressionType, observed: u32) {
        let current = self.estimation(topic, compression);
        let next = if observed > current {
            current.saturating_add(DETERIORATE_STEP).max(observed)
        } else {
            current.saturating_sub(IMPROVING_STEP).max(observed)
        };
        if next != current {
            self.ratios.insert((topic.clone(), compression.id()), next);
        }
    }

    /// A batch of this ratio was too large for a broker: the next ones are filled as if nothing got smaller (`setEstimation`).
    pub(super) fn reset(&mut self, topic: &Topic, compression: CompressionType, observed: u32) {
        self.ratios.insert((topic.clone(), compression.id()), observed.max(INITIAL));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_falls_slowly_and_grows_at_once() {
        let (topic, zstd) = (Topic::from("t"), CompressionType::Zstd);
        let mut estimator = CompressionRatioEstimator::default();
        let mut seen = Vec::new();
        for observed in [400, 400, 993, 992, 1_200, 400] {
            estimator.update(&topic, zstd, observed);
            seen.push(estimator.estimation(&topic, zstd));
        }
        assert_eq!(seen, [995, 990, 1_040, 1_035, 1_200, 1_195]);
        estimator.reset(&topic, zstd, 400);
        assert_eq!(estimator.estimation(&topic, zstd), 1_000);
        assert_eq!(estimator.estimation(&topic, CompressionType::Gzip), 1_000, "of each type by itself");
    }
}
