//! `fastmpnn weights`: checkpoints on this machine.

mod convert;
mod get;
mod info;
mod list;
mod printing;

use anyhow::Result;

use crate::args::weights::{WeightsArgs, WeightsCommand};

pub(super) fn run(args: &WeightsArgs) -> Result<usize> {
    match &args.command {
        WeightsCommand::List(args) => list::run(args).map(|()| 0),
        WeightsCommand::Get(args) => get::run(args),
        WeightsCommand::Convert(args) => convert::run(args).map(|()| 0),
        WeightsCommand::Info(args) => info::run(args).map(|()| 0),
    }
}
