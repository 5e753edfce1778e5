//! What `fastmpnn pack` takes.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use fastmpnn_pipeline::request::{FolderSettings, PackRequest, SideChainSettings};

use super::cyclic::CyclicArgs;
use super::folder::FolderArgs;
use super::structure_format::StructureFormatArgs;
use super::{InputArgs, RunArgs};

/// `fastmpnn pack`.
#[derive(Debug, clap::Args)]
pub(crate) struct PackArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) choice: PackChoiceArgs,
    #[command(flatten)]
    pub(crate) cyclic: CyclicArgs,
    #[command(flatten)]
    pub(crate) packing: PackingArgs,
    /// The seed of all random numbers. The same seed gives the same packings, on any number of threads and with any other
    /// inputs.
    #[arg(long, value_name = "SEED", default_value_t = PackRequest::default().seed, help_heading = "Packing")]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) output: PackOutputArgs,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// What is packed.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is packed")]
pub(crate) struct PackChoiceArgs {
    /// Pack the sequences of this FASTA file (`-` for standard input) on the one structure given, such as the output of
    /// `design`: one letter per residue in the order of the file, chains separated by `/` or `:` or run together. The
    /// native sequence by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) fasta: Option<PathBuf>,
    /// The chains to pack, such as A,B; the others keep their side chains. All by default. --fasta may be limited to
    /// these.
    #[arg(long, value_name = "CHAINS")]
    pub(crate) chains: Option<String>,
    /// Residues that keep their side chains, such as A1-10,B5; those with another letter, or with atoms missing, are
    /// packed nevertheless. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) fix: Vec<String>,
    /// Pack these residues only, such as A20-35. Overrides --fix. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) repack: Vec<String>,
    /// Do not show the network the ligand atoms.
    #[arg(long)]
    pub(crate) no_ligand: bool,
}

/// How side chains are drawn.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Packing")]
pub(crate) struct PackingArgs {
    /// Number of packings of each sequence. Pack 3 is the same whatever the number.
    #[arg(long, value_name = "COUNT", default_value_t = SideChainSettings::default().num_packs,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=1_000_000))]
    pub(crate) num_packs: u64,
    /// Denoising steps.
    #[arg(long, value_name = "COUNT", default_value_t = SideChainSettings::default().denoising_steps,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=1000))]
    pub(crate) denoising_steps: u64,
    /// Number of angles to draw for each torsion in each step; the most likely one is kept.
    #[arg(long, value_name = "COUNT", default_value_t = SideChainSettings::default().num_samples,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=10_000))]
    pub(crate) num_samples: u64,
    /// The packer's network: the name of a published checkpoint, or a file (.pt or .safetensors).
    #[arg(long, value_name = "NAME|FILE", default_value_t = SideChainSettings::default().packer)]
    pub(crate) packer: String,
}

/// Side chains for designs.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Side chains")]
pub(crate) struct DesignPackArgs {
    /// Place the side chains of each design: packed/NAME_SAMPLE_PACK.pdb (NAME_TT_SAMPLE_PACK with several temperatures)
    /// and packs.csv, as `fastmpnn pack` writes them; with --states, on each of the states. Needs --out.
    #[arg(long, requires = "out")]
    pub(crate) pack: bool,
    /// Also pack the residues that are not designed; by default they keep their side chains if all atoms are present.
    #[arg(long, requires = "pack")]
    pub(crate) repack_everything: bool,
    #[command(flatten)]
    pub(crate) packing: PackingArgs,
}

/// Where packings go.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct PackOutputArgs {
    /// Write into this folder: packed/NAME_SAMPLE_PACK.pdb (NAME_TT_SAMPLE_PACK with several temperatures, NAME_native_PACK
    /// for the native sequence), packs.csv with all packings, the best of each sequence first, and settings.json. One that
    /// holds the results of another run is refused. Without --out the best packing of the one sequence given goes to
    /// standard output.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) format: StructureFormatArgs,
}

impl From<PackingArgs> for SideChainSettings {
    fn from(args: PackingArgs) -> SideChainSettings {
        let PackingArgs { num_packs, denoising_steps, num_samples, packer } = args;
        SideChainSettings { num_packs, denoising_steps, num_samples, packer }
    }
}

impl From<PackArgs> for PackRequest {
    fn from(args: PackArgs) -> PackRequest {
        let PackArgs { input, choice, cyclic, packing, seed, output, folder, run: _ } = args;
        let PackChoiceArgs { fasta, chains, fix, repack, no_ligand } = choice;
        let FolderArgs { overwrite, chain_separator } = folder;
        let PackOutputArgs { out, format } = output;
        let structure_format = format.structure_format;
        PackRequest {
            input: input.into(),
            fasta,
            chains,
            fix,
            repack,
            no_ligand,
            cyclic: cyclic.cyclic,
            side_chains: packing.into(),
            seed,
            folder: FolderSettings { out, overwrite, chain_separator, structure_format },
        }
    }
}
