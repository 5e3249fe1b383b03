//! A table of a lesson: what the engine measures, size by size. No lesson stores a figure.

use serde::{Deserialize, Serialize};

use crate::measure::Measure;

/// What a table shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What is measured.
    pub measure: Measure,
    /// The sizes that it is measured of: a row each.
    pub sizes: Vec<u32>,
}
