//! The checkpoint files that a broker keeps: text that a person can open, byte for byte as Kafka writes it
//! (`CheckpointFile`, `OffsetCheckpointFile`, `LeaderEpochCheckpointFile`).
