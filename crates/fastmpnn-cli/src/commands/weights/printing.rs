//! Reports on standard output.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

use crate::failure::WritingTo;
use crate::terminal::STANDARD_OUTPUT;

/// Prints text that is complete.
pub(super) fn print(text: &str) -> Result<()> {
    io::stdout().write_all(text.as_bytes()).writing_to(STANDARD_OUTPUT)?;
    Ok(())
}

/// Prints one JSON object on one line.
pub(super) fn print_json(value: &impl Serialize) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string(value)?))
}
