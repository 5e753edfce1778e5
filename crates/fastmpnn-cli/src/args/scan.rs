//! What `fastmpnn scan` takes.

use std::path::PathBuf;

use fastmpnn_pipeline::request::{ProbabilityMode, ScanRequest};

use super::engine::EngineArgs;
use super::ligand::ContextArgs;
use super::target::TargetArgs;

/// How many mutations of a structure are printed.
const PRINTED: usize = 20;

/// `fastmpnn scan`.
#[derive(Debug, clap::Args)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) mutations: MutationArgs,
    #[command(flatten)]
    pub(crate) output: ScanOutputArgs,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// Which mutations are compared, and how.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Mutations")]
pub(crate) struct MutationArgs {
    /// Compare each letter given the native letters of all other residues (conditional), or given the backbone alone
    /// (unconditional), which is faster. Mutants of --mutations and --double are compared as whole sequences; with
    /// unconditional, by the sum of their single mutations.
    #[arg(long, value_name = "conditional|unconditional", default_value = "conditional", value_parser = mode)]
    pub(crate) mode: ProbabilityMode,
    /// Compare these mutants instead of every single mutation: A23V is residue 23 of chain A mutated to V; + joins the
    /// mutations of one mutant, as in A24I+A30L, and commas separate mutants. With the native letter, which is checked:
    /// A:I23V, IA23V, or I23V in a protein of one chain. @FILE for a file of mutants, one or more a line, # before
    /// comments. May be repeated.
    #[arg(long, value_name = "MUTANTS")]
    pub(crate) mutations: Vec<String>,
    /// Compare every double mutant at two of these residues, such as A23-30, instead of every single mutation: 361 for
    /// each pair. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) double: Vec<String>,
    /// Number of random decoding orders to average over.
    #[arg(long, value_name = "COUNT", default_value_t = ScanRequest::default().num_orders, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) num_orders: u32,
    /// The seed of the decoding orders.
    #[arg(long, value_name = "SEED", default_value_t = ScanRequest::default().seed)]
    pub(crate) seed: u64,
}

/// What is printed and written.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ScanOutputArgs {
    /// Print this many mutations of each structure, the most favorable first.
    #[arg(long, value_name = "COUNT", default_value_t = PRINTED)]
    pub(crate) top: usize,
    /// Print all mutations, the most favorable first.
    #[arg(long, conflicts_with = "top")]
    pub(crate) all: bool,
    /// Write the table of all mutations of all structures to this file, residue by residue; its ending sets the format:
    /// .csv, .parquet or .jsonl.
    #[arg(long, value_name = "FILE")]
    pub(crate) table: Option<PathBuf>,
    /// Write the matrix of every single mutation to this CSV file: a row for each residue, a column for each letter. A
    /// folder, whose name has no ending, takes NAME.csv of each structure NAME.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) matrix: Option<PathBuf>,
    /// Draw the heat map of every single mutation to this SVG file. A folder, whose name has no ending, takes NAME.svg
    /// of each structure NAME.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) heat_map: Option<PathBuf>,
}

impl ScanOutputArgs {
    /// How many mutations of a structure are printed; all of them without a number.
    pub(crate) fn printed(&self) -> Option<usize> {
        (!self.all).then_some(self.top)
    }
}

fn mode(text: &str) -> Result<ProbabilityMode, String> {
    match text {
        "conditional" => Ok(ProbabilityMode::Conditional),
        "unconditional" => Ok(ProbabilityMode::Unconditional),
        _ => Err("conditional or unconditional".to_owned()),
    }
}

impl From<ScanArgs> for ScanRequest {
    fn from(args: ScanArgs) -> ScanRequest {
        let ScanArgs { target, mutations, output, context, engine } = args;
        let TargetArgs { input, residues, cyclic } = target;
        let (membrane, network) = engine.settings();
        let MutationArgs { mode, mutations, double, num_orders, seed } = mutations;
        let ScanOutputArgs { top: _, all: _, table, matrix, heat_map } = output;
        ScanRequest {
            input: input.into(),
            residues: residues.into(),
            cyclic: cyclic.cyclic,
            mode,
            mutations,
            double,
            num_orders,
            seed,
            table,
            matrix,
            heat_map,
            context: context.into(),
            membrane,
            network,
        }
    }
}
