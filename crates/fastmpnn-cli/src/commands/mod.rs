//! The commands, one per file.

mod batch;
#[cfg(feature = "study")]
mod bench;
mod collect;
mod compat;
mod design;
mod encode;
mod info;
mod membrane;
mod pack;
mod probs;
mod rank;
mod scan;
mod score;
#[cfg(feature = "serve")]
mod serve;
mod weights;

use std::io::{self, Write};

use anyhow::{Result, bail};
use fastmpnn_pipeline::fastmpnn::{Engine, EngineOptions};

use crate::args::{Args, Command};
use crate::failure::WritingTo;
use crate::terminal::STANDARD_OUTPUT;

/// Runs a command; returns the number of failed inputs.
pub(crate) fn run(args: Args) -> Result<usize> {
    if args.version {
        return version();
    }
    match args.command {
        Some(Command::Design(args)) => design::run(*args),
        Some(Command::Score(args)) => score::run(args),
        Some(Command::Probs(args)) => probs::run(args),
        Some(Command::Scan(args)) => scan::run(*args),
        Some(Command::Encode(args)) => encode::run(args),
        Some(Command::Pack(args)) => pack::run(args),
        Some(Command::Collect(args)) => collect::run(args),
        Some(Command::Rank(args)) => rank::run(args),
        Some(Command::Info(args)) => info::run(args),
        Some(Command::Membrane(args)) => membrane::run(args),
        #[cfg(feature = "study")]
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Weights(args)) => weights::run(&args),
        #[cfg(feature = "serve")]
        Some(Command::Serve(args)) => serve::run(args),
        Some(Command::Compat(args)) => compat::run(&args),
        None => bail!("no command; `fastmpnn --help` lists them"),
    }
}

fn version() -> Result<usize> {
    let engine = Engine::embedded(&EngineOptions::default())?;
    let (version, isa, checkpoint) = (env!("CARGO_PKG_VERSION"), engine.instructions(), engine.checkpoint_name());
    let sha256 = engine.checkpoint_sha256();
    let text = format!("fastmpnn {version} ({isa}, {checkpoint})\nSHA-256 of the published {checkpoint}: {sha256}");
    writeln!(io::stdout(), "{text}").writing_to(STANDARD_OUTPUT)?;
    Ok(0)
}
