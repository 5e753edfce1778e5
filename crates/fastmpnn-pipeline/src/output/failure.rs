//! Results that could not be written.

use std::fmt::Display;
use std::io;

use thiserror::Error;

/// A result that could not be written. The input is not at fault, and the run ends.
#[derive(Debug, Error)]
#[error("{target} cannot be written: {source}")]
pub struct OutputFailure {
    /// The output's name in messages.
    pub target: String,
    /// The system's reason.
    pub source: io::Error,
}

/// Adds to an I/O error the output that failed.
pub trait WritingTo<T> {
    /// Names the output.
    fn writing_to(self, target: impl Display) -> Result<T, OutputFailure>;
}

impl<T> WritingTo<T> for io::Result<T> {
    fn writing_to(self, target: impl Display) -> Result<T, OutputFailure> {
        self.map_err(|source| OutputFailure { target: target.to_string(), source })
    }
}
