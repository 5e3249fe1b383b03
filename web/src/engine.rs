//! The one door to the engine: what the page uses of it, by name.

pub use kafkascope_core::actor::{Actor, Port};
pub use kafkascope_core::change::Change;
pub use kafkascope_core::command::{Command, CommandError};
pub use kafkascope_core::config::*;
pub use kafkascope_core::explain::Explanation;
pub use kafkascope_core::sim::queue::EventId;
pub use kafkascope_core::step::{Position, Size, Step};
pub use kafkascope_core::view::*;
pub use kafkascope_core::wire::records::Header;
pub use kafkascope_core::wire::{ApiKey, Topic, TopicPartition};

pub use crate::standin::*;
