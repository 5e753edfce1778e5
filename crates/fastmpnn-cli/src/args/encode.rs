//! What `fastmpnn encode` takes.

use std::path::PathBuf;

use fastmpnn_pipeline::fastmpnn::model::StoredPrecision;
use fastmpnn_pipeline::request::ProbsRequest;

use super::cyclic::CyclicArgs;
use super::input::InputArgs;
use super::membrane::MembraneArgs;
use super::network::NetworkArgs;
use super::run::RunArgs;

/// `fastmpnn encode`.
#[derive(Debug, clap::Args)]
pub(crate) struct EncodeArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Write into this folder; it is created where missing, and what is there already stays.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// The numbers of the encodings: f32, as they are, or f16, which takes half the space.
    #[arg(long, value_name = "f32|f16", default_value_t)]
    pub(crate) cache_precision: StoredPrecision,
    /// Hide the atoms of ligands from a network that sees them.
    #[arg(long)]
    pub(crate) no_ligand: bool,
    #[command(flatten)]
    pub(crate) cyclic: CyclicArgs,
    #[command(flatten)]
    pub(crate) membrane: MembraneArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

impl From<EncodeArgs> for ProbsRequest {
    fn from(args: EncodeArgs) -> ProbsRequest {
        let EncodeArgs { input, no_ligand, cyclic, membrane, network, run, .. } = args;
        ProbsRequest {
            input: input.into(),
            no_ligand,
            cyclic: cyclic.cyclic,
            membrane: membrane.into(),
            network: network.settings(run.precision),
            ..ProbsRequest::default()
        }
    }
}
