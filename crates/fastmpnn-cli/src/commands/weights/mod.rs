//! `fastmpnn weights`: checkpoints on this machine.

mod convert;
mod get;
mod info;
mod list;

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

use super::STANDARD_OUTPUT;
use crate::args::weights::{WeightsArgs, WeightsCommand};
use crate::failure::WritingTo;

pub(super) fn run(args: &WeightsArgs) -> Result<usize> {
    match &args.command {
        WeightsCommand::List(args) => list::run(args).map(|()| 0),
        WeightsCommand::Get(args) => get::run(args),
        WeightsCommand::Convert(args) => convert::run(args).map(|()| 0),
        WeightsCommand::Info(args) => info::run(args).map(|()| 0),
    }
}

/// Prints text that is complete.
fn print(text: &str) -> Result<()> {
    io::stdout().write_all(text.as_bytes()).writing_to(STANDARD_OUTPUT)?;
    Ok(())
}

/// Prints one JSON object on one line.
fn print_json(value: &impl Serialize) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string(value)?))
}
