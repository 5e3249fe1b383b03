//! The protocol's words: API keys, request headers, requests and responses with Kafka's own field names, error codes,
//! record batches. Knows nothing of brokers.
//!
//! Every message is written by the one codec ([`codec`]) to the JSON that Kafka's generated `*JsonConverter` classes show, except that an error code
//! is written by its name and records are written as objects instead of bytes.

pub mod acl;
pub mod api;
pub mod api_versions;
pub mod append_entries;
pub(crate) mod binary;
pub mod client_quotas;
pub mod cluster_admin;
pub mod codec;
pub mod config_resource;
pub mod consumer_group;
pub mod consumer_protocol;
pub mod contents;
pub mod control_records;
pub mod describe;
pub mod describe_storage;
pub mod error;
pub mod feature_levels;
pub mod features;
pub mod group;
pub mod hash_order;
pub mod ids;
pub mod message;
pub mod message_size;
pub mod metadata;
pub mod operations;
pub mod quorum;
pub mod record_json;
pub mod records;
pub mod replication;
pub mod request_bytes;
mod request_versions;
pub mod response_bytes;
pub mod snapshot;
mod throttle_time;
pub mod transaction;
mod versions;
pub mod voters;

pub use api::{ApiKey, Request, RequestHeader, Response};
pub use codec::{Message, MessageError, MessageProblem};
pub use error::ErrorCode;
pub use ids::{Topic, TopicPartition, Uuid};
pub use request_versions::restrict_to_version;
