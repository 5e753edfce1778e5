//! What `fastmpnn probs` takes.

use std::path::PathBuf;

use fastmpnn_pipeline::fastmpnn::spec::OrderKind;
use fastmpnn_pipeline::request::{ProbabilityMode, ProbsRequest};

use super::cyclic::CyclicArgs;
use super::engine::EngineArgs;
use super::input::InputArgs;
use super::logo::LogoArgs;

/// `fastmpnn probs`.
#[derive(Debug, clap::Args)]
pub(crate) struct ProbsArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) probabilities: ProbabilityArgs,
    #[command(flatten)]
    pub(crate) cyclic: CyclicArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// Which probabilities.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Probabilities")]
pub(crate) struct ProbabilityArgs {
    /// The letters on which the probabilities are conditioned.
    #[arg(long, value_enum, default_value_t = ProbsRequest::default().mode)]
    pub(crate) mode: ProbabilityMode,
    /// Take the letters that are given from the first record of this FASTA file (`-` for standard input) instead of the
    /// structure.
    #[arg(long, value_name = "FILE")]
    pub(crate) fasta: Option<PathBuf>,
    /// The chains to which --fasta may be limited, such as A,B; the others keep their native letters and come first in
    /// the decoding order. All by default.
    #[arg(long, value_name = "CHAINS")]
    pub(crate) chains: Option<String>,
    /// The seed of the decoding order.
    #[arg(long, value_name = "SEED", default_value_t = ProbsRequest::default().seed)]
    pub(crate) seed: u64,
    /// The decoding order: random; N to C terminus, chain after chain; or colored, by random groups of residues that are
    /// not neighbors.
    #[arg(long, value_name = "random|chain|colored", default_value_t = ProbsRequest::default().order)]
    pub(crate) order: OrderKind,
    /// Hide the atoms of ligands from a network that sees them.
    #[arg(long)]
    pub(crate) no_ligand: bool,
    /// Write p instead of ln p (nats).
    #[arg(long)]
    pub(crate) probabilities: bool,
    /// Write to this file; its extension sets the format: .npz, .npy or .csv. A table on standard output by default.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) logo: LogoArgs,
}

impl From<ProbsArgs> for ProbsRequest {
    fn from(args: ProbsArgs) -> ProbsRequest {
        let ProbsArgs { input, probabilities, cyclic, engine } = args;
        let (membrane, network) = engine.settings();
        let ProbabilityArgs { mode, fasta, chains, seed, order, no_ligand, probabilities, out, logo } = probabilities;
        ProbsRequest {
            input: input.into(),
            mode,
            fasta,
            chains,
            seed,
            order,
            no_ligand,
            probabilities,
            out,
            logo: logo.into(),
            cyclic: cyclic.cyclic,
            membrane,
            network,
        }
    }
}
