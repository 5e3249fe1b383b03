//! How much the page may fetch: before the first step can be made, and with what comes by itself afterwards.

use std::fmt;

use crate::compress;

/// The file that says it.
const FILE: &str = include_str!("../budget.toml");

/// Bytes as they travel, in either compression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Compressed with gzip.
    pub gzip: usize,
    /// Compressed with Brotli.
    pub brotli: usize,
}

/// What is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What is fetched before the first step can be made.
    First,
    /// That, and what comes by itself once the page stands.
    Whole,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Whole => "whole",
        }
    }
}

impl Weight {
    /// What the budget allows a part.
    ///
    /// # Errors
    /// When the file is not as it should be.
    pub fn allowed(part: Part) -> Result<Self, String> {
        Self::read(FILE, part)
    }

    fn read(text: &str, part: Part) -> Result<Self, String> {
        let table: toml::Table = text.parse().map_err(|error| format!("budget.toml: {error}"))?;
        let number = |name: &str| {
            let number = table.get(part.name()).and_then(|table| table.get(name)).and_then(toml::Value::as_integer);
            number
                .and_then(|number| usize::try_from(number).ok())
                .ok_or_else(|| format!("budget.toml does not say how many bytes {}.{name} may have", part.name()))
        };
        Ok(Self { gzip: number("gzip")?, brotli: number("brotli")? })
    }

    /// What a file weighs on its way.
    ///
    /// # Errors
    /// When it cannot be compressed.
    pub fn of(bytes: &[u8]) -> Result<Self, String> {
        let brotli = compress::brotli(bytes).map_err(|error| error.to_string())?;
        Ok(Self { gzip: compress::gzip(bytes).len(), brotli: brotli.len() })
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { gzip: self.gzip + other.gzip, brotli: self.brotli + other.brotli }
    }

    /// Whether this is within what is allowed.
    pub fn fits(self, allowed: Self) -> bool {
        self.gzip <= allowed.gzip && self.brotli <= allowed.brotli
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = |bytes: usize| bytes.div_ceil(1024);
        write!(out, "{} KiB gzipped, {} KiB as Brotli", kib(self.gzip), kib(self.brotli))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_read_and_one_byte_too_many_does_not_fit() {
        let [allowed, whole] =
            [Part::First, Part::Whole].map(|part| Weight::allowed(part).expect("the file is as it should be"));
        assert!(allowed.fits(whole));
        assert!(allowed.fits(allowed) && allowed.brotli < allowed.gzip);
        assert!(!allowed.plus(Weight { gzip: 0, brotli: 1 }).fits(allowed));
        assert!(!allowed.plus(Weight { gzip: 1, brotli: 0 }).fits(allowed));
        assert!(Weight::read("[first]\ngzip = 1", Part::First).is_err());
    }
}
