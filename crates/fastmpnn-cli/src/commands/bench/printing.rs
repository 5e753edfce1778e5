//! Records on standard output.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use anyhow::Result;
use serde::Serialize;

use crate::failure::WritingTo;
use crate::terminal::STANDARD_OUTPUT;
use crate::threads;

/// Prints a record as one line of JSON, or the text for people.
pub(super) fn print(record: &impl Serialize, json: bool, text: impl FnOnce() -> String) -> Result<()> {
    let text = if json { serde_json::to_string(record)? + "\n" } else { text() };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).writing_to(STANDARD_OUTPUT)?;
    Ok(())
}

/// The number of threads asked for, or else of those available.
pub(super) fn thread_count(wanted: Option<NonZeroUsize>) -> usize {
    wanted.unwrap_or_else(threads::available).get()
}

pub(super) fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
