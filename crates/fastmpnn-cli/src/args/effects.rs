//! Refuses options that have no effect in combination with the others, because the user expects one. Combinations that
//! depend on the network are checked once it is known.

use anyhow::{Result, bail};
use clap::ArgMatches;
use clap::parser::ValueSource;
use fastmpnn_pipeline::fastmpnn::model::Precision;
use fastmpnn_pipeline::fastmpnn::spec::OrderKind;
use fastmpnn_pipeline::request::ProbabilityMode;

#[cfg(feature = "study")]
use super::bench::Task;

/// Refuses a command line with an option that changes nothing.
pub(crate) fn check(matches: &ArgMatches) -> Result<()> {
    let Some((command, options)) = matches.subcommand() else { return Ok(()) };
    let options = Options(options);
    match command {
        "design" => design(&options).and_then(|()| logo(&options)),
        "score" => score(&options),
        "probs" => probs(&options).and_then(|()| logo(&options)),
        "scan" => scan(&options),
        "pack" => pack(&options),
        #[cfg(feature = "study")]
        "bench" => options.0.subcommand_matches("time").map_or(Ok(()), |options| bench_time(&Options(options))),
        "weights" => options.0.subcommand_matches("get").map_or(Ok(()), |options| weights_get(&Options(options))),
        _ => Ok(()),
    }
}

/// The options of a command.
struct Options<'a>(&'a ArgMatches);

impl Options<'_> {
    /// Whether an option stands on the command line.
    fn given(&self, id: &str) -> bool {
        self.0.try_contains_id(id).is_ok() && self.0.value_source(id) == Some(ValueSource::CommandLine)
    }

    fn value<T: Clone + Send + Sync + 'static>(&self, id: &str) -> Option<T> {
        self.0.try_get_one::<T>(id).ok().flatten().cloned()
    }

    /// Refuses these options where they are given.
    fn refuse(&self, ids: &[&str], why: &str) -> Result<()> {
        if let Some(id) = ids.iter().find(|id| self.given(id)) {
            bail!("--{} has no effect {why}", id.replace('_', "-"));
        }
        Ok(())
    }

    fn in_chain_order(&self) -> bool {
        self.value("order") == Some(OrderKind::Chain)
    }
}

fn design(options: &Options) -> Result<()> {
    if options.given("pack") {
        return Ok(());
    }
    let of_packing = ["num_packs", "denoising_steps", "num_samples", "packer"];
    options.refuse(&of_packing, "without --pack: no side chains are packed")
}

fn score(options: &Options) -> Result<()> {
    if options.in_chain_order() {
        options.refuse(&["num_orders", "seed"], "with --order chain, which is one order that nothing is drawn for")?;
    }
    Ok(())
}

fn probs(options: &Options) -> Result<()> {
    let mode = options.value("mode").unwrap_or(ProbabilityMode::Unconditional);
    if mode == ProbabilityMode::Unconditional {
        options.refuse(&["seed", "order"], "with --mode unconditional, which has no decoding order")?;
    } else if options.in_chain_order() {
        options.refuse(&["seed"], "with --order chain, which nothing is drawn for")?;
    }
    if mode != ProbabilityMode::Conditional {
        options.refuse(&["memory_limit"], "without --mode conditional: there is nothing to keep in memory")?;
    }
    Ok(())
}

fn scan(options: &Options) -> Result<()> {
    if options.value("mode") == Some(ProbabilityMode::Unconditional) {
        let of_orders = ["num_orders", "seed", "order", "memory_limit"];
        return options.refuse(&of_orders, "with --mode unconditional, which has no decoding order");
    }
    if options.in_chain_order() {
        options.refuse(&["num_orders", "seed"], "with --order chain, which is one order that nothing is drawn for")?;
    }
    Ok(())
}

/// The settings of a logo that is not drawn.
fn logo(options: &Options) -> Result<()> {
    if !options.given("logo") {
        options.refuse(&["logo_axis"], "without --logo")?;
    }
    Ok(())
}

fn pack(options: &Options) -> Result<()> {
    options.refuse(&["memory_limit"], "on packing: no sequence is drawn")?;
    options.refuse(&["verbose"], "on packing: everything is said of each structure")?;
    if options.value("precision") != Some(Precision::F32) {
        options.refuse(&["precision"], "on packing: side chains are packed in f32")?;
    }
    Ok(())
}

#[cfg(feature = "study")]
fn bench_time(options: &Options) -> Result<()> {
    match options.value("task") {
        Some(Task::Forward | Task::Encode) => {
            options.refuse(&["num_seqs"], "with --task forward or encode, which draw no sequences")
        }
        Some(Task::Pack) => {
            options.refuse(&["model", "noise", "checkpoint"], "with --task pack, which runs the packer")
        }
        _ => Ok(()),
    }
}

fn weights_get(options: &Options) -> Result<()> {
    if options.given("from") {
        options.refuse(&["mirror"], "with --from: nothing is downloaded")?;
    }
    Ok(())
}
