//! What the metadata log says: its records, and the image that replaying them builds.
//!
//! Below brokers and controllers, because both build the same image from the same records, each at its own offset.

pub mod acls;
pub mod client_quotas;
pub mod image;
mod image_records;
mod record_bytes;
pub mod records;

pub use image::MetadataImage;
pub use records::MetadataRecord;
