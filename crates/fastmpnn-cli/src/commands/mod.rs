//! The commands, one a file, and what they share: a batch that survives a bad file.

#[cfg(feature = "study")]
mod bench;
mod compat;
mod design;
mod info;
mod membrane;
mod pack;
mod probs;
mod score;
mod weights;

use std::io::{self, Write};

use anyhow::{Result, bail};
use fastmpnn_pipeline::fastmpnn::{Engine, EngineOptions};
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::run::{Resources, Summary};

use crate::args::{Args, Command, RunArgs};
use crate::failure::WritingTo;
use crate::printer::Printer;
use crate::terminal::STANDARD_OUTPUT;

/// Runs a command; the number is how many inputs failed.
pub(crate) fn run(args: Args) -> Result<usize> {
    if args.version {
        return version();
    }
    match args.command {
        Some(Command::Design(args)) => design::run(*args),
        Some(Command::Score(args)) => score::run(args),
        Some(Command::Probs(args)) => probs::run(args),
        Some(Command::Pack(args)) => pack::run(args),
        Some(Command::Info(args)) => info::run(args),
        Some(Command::Membrane(args)) => membrane::run(args),
        #[cfg(feature = "study")]
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Weights(args)) => weights::run(&args),
        Some(Command::Compat(args)) => compat::run(&args),
        None => bail!("no command; `fastmpnn --help` lists them"),
    }
}

fn version() -> Result<usize> {
    let engine = Engine::embedded(&EngineOptions::default())?;
    let (version, isa, checkpoint) = (env!("CARGO_PKG_VERSION"), engine.isa(), engine.checkpoint_name());
    let sha256 = engine.checkpoint_sha256();
    let text = format!("fastmpnn {version} ({isa}, {checkpoint})\nSHA-256 of the published {checkpoint}: {sha256}");
    writeln!(io::stdout(), "{text}").writing_to(STANDARD_OUTPUT)?;
    Ok(0)
}

/// Runs something with the files of this machine, its standard input, and engines loaded for the run.
fn with_resources<T>(run: &RunArgs, work: impl FnOnce(&mut Resources<'_>) -> T) -> T {
    let mut engines = run.engines();
    work(&mut Resources { sources: Sources::disk().with_standard_input(io::stdin()), engines: &mut engines })
}

/// The last line of a run of several inputs names those that failed once more, since the errors themselves have scrolled
/// away; says how many they are.
fn name_failures(summary: &Summary, printer: &Printer) -> usize {
    const NAMED: usize = 50;
    let Summary { inputs, failed, .. } = summary;
    if *inputs > 1 && !failed.is_empty() {
        let names: Vec<&str> = failed.iter().take(NAMED).map(|failed| failed.input.as_str()).collect();
        let more = failed.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let count = failed.len();
        printer.error(&format!("{count} of {inputs} inputs could not be used: {}{more}", names.join(", ")));
    }
    failed.len()
}

/// `1 design`, `8 designs`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
