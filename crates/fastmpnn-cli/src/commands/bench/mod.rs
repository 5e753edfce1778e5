//! `fastmpnn bench`: what the processor can do, and what the network makes of it.

mod kernels;
mod packing;
mod peak;
mod study;
mod task;
mod time;
mod timing;

use std::io::{self, Write};
use std::num::NonZeroUsize;

use anyhow::Result;
use serde::Serialize;

use super::STANDARD_OUTPUT;
use crate::args::bench::{BenchArgs, BenchCommand};
use crate::failure::WritingTo;
use crate::threads;

pub(super) fn run(args: &BenchArgs) -> Result<usize> {
    match &args.command {
        BenchCommand::Peak(args) => peak::run(args)?,
        BenchCommand::Time(args) => time::run(args)?,
        BenchCommand::Kernels(args) => kernels::run(args)?,
        BenchCommand::Study(args) => study::run(args)?,
    }
    Ok(0)
}

/// Prints a record as one line of JSON, or the text for people.
fn print(record: &impl Serialize, json: bool, text: impl FnOnce() -> String) -> Result<()> {
    let text = if json { serde_json::to_string(record)? + "\n" } else { text() };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).writing_to(STANDARD_OUTPUT)?;
    Ok(())
}

/// As many as asked for, or as may be used.
fn thread_count(wanted: Option<NonZeroUsize>) -> usize {
    wanted.unwrap_or_else(threads::available).get()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
