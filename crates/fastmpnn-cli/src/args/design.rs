//! What `fastmpnn design` takes.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use fastmpnn_pipeline::request::{
    DesignRequest, FolderSettings, LetterSettings, SamplingSettings, TEMPERATURE_RULE, is_temperature,
};

use super::cache::CacheArgs;
use super::dataset::DatasetArgs;
use super::folder::{FolderArgs, RescoringArgs};
use super::goals::GoalArgs;
use super::ligand::{ContextArgs, NearLigandArgs};
use super::logo::LogoArgs;
use super::membrane::MembraneArgs;
use super::network::NetworkArgs;
use super::pack;
use super::run::RunArgs;
use super::selection::SelectionArgs;
use super::states::StatesArgs;
use super::structure_format::StructureFormatArgs;
use super::target::TargetArgs;

/// Which letters are drawn.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Letters")]
pub(crate) struct LetterArgs {
    /// Residues that get the same letter, such as A1-20=B1-20; with weights for their logits, A1-20*1.0=B1-20*0.5. May
    /// be repeated.
    #[arg(long, value_name = "SELECTION=SELECTION")]
    pub(crate) tie: Vec<String>,
    /// Tie corresponding residues of the chains that have the same sequence.
    #[arg(long)]
    pub(crate) homo_oligomer: bool,
    /// Letters never drawn, such as CM.
    #[arg(long, value_name = "LETTERS", default_value_t = LetterSettings::default().omit, hide_default_value = true)]
    pub(crate) omit: String,
    /// Letters never drawn at some residues, such as A1-5:CM. May be repeated.
    #[arg(long, value_name = "SELECTION:LETTERS")]
    pub(crate) omit_at: Vec<String>,
    /// Biases added to the logits of letters, in nats at T = 1, such as A=-1.0,W=0.5. May be repeated.
    #[arg(long, value_name = "LETTER=NATS")]
    pub(crate) bias: Vec<String>,
    /// Biases at some residues, in addition to --bias, such as A1-5:W=2.0. May be repeated.
    #[arg(long, value_name = "SELECTION:LETTER=NATS")]
    pub(crate) bias_at: Vec<String>,
    #[command(flatten)]
    pub(crate) goals: GoalArgs,
}

/// What was made for the published programs.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Letters")]
pub(crate) struct DictionaryArgs {
    /// A dictionary of ProteinMPNN (chain_id, fixed_positions, tied_positions, omit_AA, bias_AA, bias_by_res, pssm) or
    /// LigandMPNN (fixed_residues, redesigned_residues, omit_AA_per_residue, bias_AA_per_residue) with entries by structure,
    /// such as fixed_positions=fixed.jsonl; with pssm also pssm_multi=0.3 or pssm_threshold=0.0. May be repeated.
    #[arg(long, value_name = "NAME=FILE")]
    pub(crate) dictionary: Vec<String>,
}

/// `fastmpnn design`.
#[derive(Debug, clap::Args)]
pub(crate) struct DesignArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    pub(crate) letters: LetterArgs,
    #[command(flatten)]
    pub(crate) dictionaries: DictionaryArgs,
    #[command(flatten)]
    pub(crate) context: ContextArgs,
    #[command(flatten)]
    pub(crate) near_ligand: NearLigandArgs,
    #[command(flatten)]
    pub(crate) membrane: MembraneArgs,
    #[command(flatten)]
    pub(crate) states: StatesArgs,
    #[command(flatten)]
    pub(crate) sampling: SamplingArgs,
    #[command(flatten)]
    pub(crate) rescoring: RescoringArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) output: DesignOutputArgs,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    #[command(flatten)]
    pub(crate) dataset: DatasetArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) packing: pack::DesignPackArgs,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// How sequences are drawn.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Sampling")]
pub(crate) struct SamplingArgs {
    /// Number of sequences to draw for each structure and temperature. Sample 3 is the same sequence whatever the
    /// number.
    #[arg(short, long, value_name = "COUNT", default_value_t = SamplingSettings::default().num_seqs,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=1_000_000_000))]
    pub(crate) num_seqs: u64,
    /// Temperatures, such as 0.1 or 0.1,0.2,0.3; at 0 the most likely letter is taken. Low ones give higher recovery,
    /// high ones more diversity.
    #[arg(short = 'T', long, value_name = "T", value_delimiter = ',', default_values_t = SamplingSettings::default().temperature,
          value_parser = temperature, allow_hyphen_values = true)]
    pub(crate) temperature: Vec<f32>,
    /// The seed of all random numbers. The same seed gives the same sequences, on any number of threads and with any
    /// other inputs.
    #[arg(long, value_name = "SEED", default_value_t = SamplingSettings::default().seed)]
    pub(crate) seed: u64,
}

/// Where designs go.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct DesignOutputArgs {
    /// Write into this folder instead of standard output: seqs/NAME.fa, designs.csv with all designs, best score first,
    /// and settings.json. It is created where missing; one that holds the results of another run is refused. designs.csv
    /// grows as designs are made, and is sorted at the end.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Also write structures/NAME_SAMPLE.pdb (NAME_TT_SAMPLE.pdb with several temperatures): the backbones of the designed
    /// residues with their new names, everything else as it was read, and as B-factor of each residue the probability of
    /// its letter. With --states, each of the states. Needs --out.
    #[arg(long, requires = "out")]
    pub(crate) structures: bool,
    #[command(flatten)]
    pub(crate) format: StructureFormatArgs,
    #[command(flatten)]
    pub(crate) logo: LogoArgs,
    /// Write a page that shows the designs in a browser, without a network: the structure in 3D, sequences beside the native
    /// one, a table to sort and filter, logo, heat map, scores. It ends at 64 MB. A folder, whose name has no ending, takes
    /// NAME.html of each structure NAME.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) report: Option<PathBuf>,
}

impl From<LetterArgs> for LetterSettings {
    fn from(args: LetterArgs) -> LetterSettings {
        let LetterArgs { tie, homo_oligomer, omit, omit_at, bias, bias_at, goals } = args;
        let GoalArgs { charge, count, no_motif } = goals;
        LetterSettings { tie, homo_oligomer, omit, omit_at, bias, bias_at, charge, count, no_motif }
    }
}

impl From<SamplingArgs> for SamplingSettings {
    fn from(args: SamplingArgs) -> SamplingSettings {
        let SamplingArgs { num_seqs, temperature, seed } = args;
        SamplingSettings { num_seqs, temperature, seed }
    }
}

impl From<DesignArgs> for DesignRequest {
    fn from(args: DesignArgs) -> DesignRequest {
        let DesignArgs {
            target: TargetArgs { input, residues, cyclic },
            letters,
            dictionaries,
            context,
            near_ligand,
            membrane,
            states,
            sampling,
            rescoring,
            selection,
            output,
            folder,
            dataset,
            network,
            packing,
            cache: _,
            run,
        } = args;
        let FolderArgs { overwrite, chain_separator } = folder;
        let DesignOutputArgs { out, structures, format, logo, report } = output;
        let structure_format = format.structure_format;
        DesignRequest {
            input: input.into(),
            residues: residues.into(),
            cyclic: cyclic.cyclic,
            letters: letters.into(),
            dictionary: dictionaries.dictionary,
            context: context.into(),
            ligand_cutoff: near_ligand.ligand_cutoff,
            membrane: membrane.into(),
            states: states.into(),
            sampling: sampling.into(),
            rescore_orders: rescoring.rescore_orders,
            selection: selection.into(),
            folder: FolderSettings { out, overwrite, chain_separator, structure_format },
            dataset: dataset.into(),
            logo: logo.into(),
            report,
            structures,
            network: network.settings(run.precision),
            pack: packing.pack,
            repack_everything: packing.repack_everything,
            side_chains: packing.packing.into(),
        }
    }
}

fn temperature(text: &str) -> Result<f32, String> {
    let value: f32 = text.trim().parse().map_err(|_| "a temperature is a number such as 0.1".to_owned())?;
    // −0 is 0.
    if is_temperature(value) { Ok(value.abs()) } else { Err(TEMPERATURE_RULE.to_owned()) }
}
