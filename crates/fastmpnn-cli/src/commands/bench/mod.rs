//! `fastmpnn bench`: the processor's limits, and the speed of the network beside them.

mod kernels;
mod packing;
mod peak;
mod printing;
mod structures;
mod study;
mod task;
mod time;
mod timing;

use anyhow::Result;

use crate::args::bench::{BenchArgs, BenchCommand};

pub(super) fn run(args: &BenchArgs) -> Result<usize> {
    match &args.command {
        BenchCommand::Peak(args) => peak::run(args)?,
        BenchCommand::Time(args) => time::run(args)?,
        BenchCommand::Structures(args) => structures::run(args)?,
        BenchCommand::Kernels(args) => kernels::run(args)?,
        BenchCommand::Study(args) => study::run(args)?,
    }
    Ok(0)
}
