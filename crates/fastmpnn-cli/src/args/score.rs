//! What `fastmpnn score` takes.

use std::path::PathBuf;

use fastmpnn_pipeline::request::ScoreRequest;

use super::engine::EngineArgs;
use super::ligand::ContextArgs;
use super::target::TargetArgs;

/// `fastmpnn score`.
#[derive(Debug, clap::Args)]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) scoring: ScoringArgs,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// What is scored.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Scoring")]
pub(crate) struct ScoringArgs {
    /// Score the sequences of this FASTA file (`-` for standard input; may be .gz) on the one structure given: one
    /// letter per residue in the order of the file, chains separated by `/` or `:` or run together; with --chains, all
    /// chains or only those. Files written by the published scripts are read, too.
    #[arg(long, value_name = "FILE")]
    pub(crate) fasta: Option<PathBuf>,
    /// Score the sequences of DIR/NAME.fa on each structure NAME (or .fasta, .faa, .fas, or these with .gz), as --fasta does
    /// on one. The folder seqs of what `design -o` writes is such a folder.
    #[arg(long, value_name = "DIR", conflicts_with = "fasta")]
    pub(crate) fasta_dir: Option<PathBuf>,
    /// Number of random decoding orders to average over. The first is that of the first sample of `design` with the
    /// same seed.
    #[arg(long, value_name = "COUNT", default_value_t = ScoreRequest::default().num_orders, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) num_orders: u32,
    /// The seed of the decoding orders.
    #[arg(long, value_name = "SEED", default_value_t = ScoreRequest::default().seed)]
    pub(crate) seed: u64,
    /// Print a row for every residue instead: chain, number, insertion code, native letter, letter, whether it counts
    /// in the score, score, probability of the letter, entropy (nats), and the most likely letter.
    #[arg(long)]
    pub(crate) per_residue: bool,
}

impl From<ScoreArgs> for ScoreRequest {
    fn from(args: ScoreArgs) -> ScoreRequest {
        let ScoreArgs { target, scoring, context, engine } = args;
        let TargetArgs { input, residues, cyclic } = target;
        let (membrane, network) = engine.settings();
        let ScoringArgs { fasta, fasta_dir, num_orders, seed, per_residue } = scoring;
        ScoreRequest {
            input: input.into(),
            residues: residues.into(),
            cyclic: cyclic.cyclic,
            fasta,
            fasta_dir,
            num_orders,
            seed,
            per_residue,
            context: context.into(),
            membrane,
            network,
        }
    }
}
