//! The settings that several requests have in common, with their defaults.

use std::path::PathBuf;

use fastmpnn::model::Precision;
use fastmpnn::spec::{DesignSpec, MembraneLabel, OrderKind};
use fastmpnn::structure::{AltlocChoice, Gaps, LigandChoice, ReadOptions};
use fastmpnn::weights::ModelKind;
use fastmpnn::write::StructureFormat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{schema, text};
use crate::draw::LogoAxis;
use crate::input::TrbSource;

/// What to read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct InputSettings {
    /// Structures: PDB or mmCIF files, plain or gzipped; folders of such files; archives (`.tar`, `.tar.gz`, `.tgz`, `.zip`);
    /// parsed structures of ProteinMPNN (`.jsonl`); patterns such as `models/*.pdb`; `@FILE` for a list of these, one a line;
    /// `-` for standard input, where a front end has one.
    pub inputs: Vec<PathBuf>,
    /// Whether folders inside the folders given are searched, too.
    pub recursive: bool,
    /// A table that names the structures instead of `inputs`, one a row: CSV, JSON Lines or Parquet. Its columns are `path`,
    /// `name`, and settings that hold for their row alone.
    pub manifest: Option<PathBuf>,
    /// The number of the model to read, as in the file; the first model when null.
    pub model_number: Option<i32>,
    /// Which alternate location of a residue or ligand is read: the `first` in the file, the one with the highest
    /// `occupancy`, or the one with this letter.
    #[serde(with = "text::altloc")]
    #[schemars(with = "String")]
    pub altloc: AltlocChoice,
    /// How to count residue numbers that are skipped although a peptide bond joins the residues on both sides: `break`,
    /// as missing residues; `ignore`, not at all.
    #[serde(with = "text")]
    #[schemars(schema_with = "schema::gaps")]
    pub gaps: Gaps,
    /// Residues to read as ligands even where they would be protein: `NAME`, `NAME:CHAIN`, `NAME:CHAIN:NUMBER`,
    /// `:CHAIN`.
    #[serde(with = "text::list")]
    #[schemars(with = "Vec<String>")]
    pub ligand: Vec<LigandChoice>,
    /// Whether atoms of occupancy 0 are left out.
    pub leave_out_unoccupied: bool,
    /// The id of the biological assembly to build; `models` takes the models of the file as its copies.
    pub assembly: Option<String>,
}

impl InputSettings {
    /// Those that may differ between structures.
    pub(crate) const OF_A_STRUCTURE: &'static [&'static str] =
        &["model_number", "altloc", "gaps", "ligand", "leave_out_unoccupied", "assembly"];

    /// How the files are read; what the network needs of a residue is set later.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions::default()
            .with_model_number(self.model_number)
            .with_altloc(self.altloc)
            .with_gaps(self.gaps)
            .with_ligands(self.ligand.clone())
            .with_leave_out_unoccupied(self.leave_out_unoccupied)
            .with_assembly(self.assembly.clone())
    }
}

/// Which residues are designed, and in which order they are decoded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ResidueSettings {
    /// The chains to design, such as `A,B` or `not C`; the others keep their sequence, which the network sees. All when
    /// null.
    pub chains: Option<String>,
    /// Selections of residues that keep their native letters, such as `A1-10,B5`.
    pub fix: Vec<String>,
    /// Whether residues that Rosetta's remarks label FIXED are fixed, too.
    pub pdb_labels: bool,
    /// The .trb file of RFdiffusion, or the .json file of RFdiffusion3, whose kept residues are fixed, too; true for `NAME.trb`
    /// or `NAME.json` beside each `NAME.pdb`.
    #[serde(deserialize_with = "TrbSource::optional")]
    #[schemars(schema_with = "schema::trb")]
    pub trb: Option<TrbSource>,
    /// Selections of the only residues to design, such as `A20-35` or `within 5 of ligand`; overrides `fix`.
    pub redesign: Vec<String>,
    /// The order in which residues are decoded: `random`, a new order for each sample; `chain`, from the N to the C
    /// terminus, chain after chain; `colored`, by random groups of residues that are not neighbors, which takes the
    /// fewest steps.
    #[serde(with = "text")]
    #[schemars(schema_with = "schema::order")]
    pub order: OrderKind,
}

impl ResidueSettings {
    /// Those that may differ between structures.
    pub(crate) const OF_A_STRUCTURE: &'static [&'static str] =
        &["chains", "fix", "pdb_labels", "trb", "redesign", "order"];
}

/// Which letters are drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LetterSettings {
    /// Residues that get the same letter, such as `A1-20=B1-20`; with weights for their logits, `A1-20*1.0=B1-20*0.5`.
    pub tie: Vec<String>,
    /// Whether corresponding residues of the chains that have the same sequence are tied.
    pub homo_oligomer: bool,
    /// Letters never drawn, such as `CM`.
    pub omit: String,
    /// Letters never drawn at some residues, such as `A1-5:CM`.
    pub omit_at: Vec<String>,
    /// Biases added to the logits of letters, in nats at temperature 1, such as `A=-1.0,W=0.5`.
    pub bias: Vec<String>,
    /// Biases at some residues, in addition to `bias`, such as `A1-5:W=2.0`.
    pub bias_at: Vec<String>,
    /// Net charges that every design has, such as `-5..0`, `..0` or `<=0`, of chain A `A:-5..0`: K and R count +1, D and E
    /// −1, H and the ends of chains 0. Fixed letters count as well.
    pub charge: Vec<String>,
    /// Numbers of letters that every design has, such as `C=0,W>=1` or `KR=5..12`, in chain A `A:W>=1`. Fixed letters count
    /// as well.
    pub count: Vec<String>,
    /// Motifs that no design has, as regular expressions of bounded length, such as `N[^P][ST]`; in the chains in which
    /// something is designed.
    pub no_motif: Vec<String>,
}

impl LetterSettings {
    /// The specification of these letters.
    pub(crate) fn spec(&self) -> DesignSpec {
        let LetterSettings { tie, homo_oligomer, omit, omit_at, bias, bias_at, charge, count, no_motif } = self.clone();
        let spec = DesignSpec { tie, homo_oligomer, omit, omit_at, bias, bias_at, ..DesignSpec::default() };
        DesignSpec { charge, count, no_motif, ..spec }
    }

    /// Those that may differ between structures.
    pub(crate) const OF_A_STRUCTURE: &'static [&'static str] =
        &["tie", "homo_oligomer", "omit", "omit_at", "bias", "bias_at", "charge", "count", "no_motif"];

    /// What is asked of whole sequences.
    pub(crate) const GOALS: [&'static str; 3] = ["charge", "count", "no_motif"];

    /// Whether anything is asked of whole sequences.
    pub(crate) fn has_goals(&self) -> bool {
        !(self.charge.is_empty() && self.count.is_empty() && self.no_motif.is_empty())
    }
}

/// What networks that see ligands are shown beside the backbone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ContextSettings {
    /// Whether the atoms of ligands are hidden from the network and the packer.
    pub no_ligand: bool,
    /// Whether the network sees the side chains of the residues that are not designed, as if they were ligands.
    pub side_chain_context: bool,
}

impl ContextSettings {
    /// Those that may differ between structures.
    pub(crate) const OF_A_STRUCTURE: &'static [&'static str] = &["no_ligand", "side_chain_context"];
}

/// Labels for the membrane networks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MembraneSettings {
    /// The label of the whole protein, for the model `membrane-global`.
    #[schemars(schema_with = "schema::membrane_label")]
    pub membrane_global: Option<MembraneLabel>,
    /// Residues buried in the membrane, such as `A20-35,A41`, for the model `membrane-residue`.
    pub membrane_buried: Vec<String>,
    /// Residues in the membrane–water interface, for the model `membrane-residue`. All other residues are neither.
    pub membrane_interface: Vec<String>,
    /// A file with the labels of each structure's residues: CSV with the columns structure, chain, number, insertion and
    /// label (buried, interface or other).
    pub membrane_labels: Option<PathBuf>,
}

impl MembraneSettings {
    /// Those that may differ between structures.
    pub(crate) const OF_A_STRUCTURE: &'static [&'static str] =
        &["membrane_global", "membrane_buried", "membrane_interface", "membrane_labels"];
}

/// The states of one protein.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StateSettings {
    /// Whether the inputs are states of one protein, for all of which one sequence is drawn.
    pub states: bool,
    /// The weights of the states' logits, one per state; the mean of the logits when null.
    pub state_weights: Option<Vec<f32>>,
}

/// The sequence logo of a result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LogoSettings {
    /// The SVG file for the sequence logo; for several structures a folder, in which each has one. None when null.
    pub logo: Option<PathBuf>,
    /// The height of the logo's letters: `bits`, p · (log2 20 − entropy); `probability`, p.
    pub logo_axis: LogoAxis,
}

/// How sequences are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SamplingSettings {
    /// Number of sequences drawn for each structure and temperature. Sample 3 is the same sequence whatever the number.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub num_seqs: u64,
    /// Sampling temperatures; at 0 the most likely letter is taken.
    pub temperature: Vec<f32>,
    /// The seed of all random numbers.
    pub seed: u64,
}

impl SamplingSettings {
    /// Those that may differ between structures.
    pub(crate) const OF_A_STRUCTURE: &'static [&'static str] = &["num_seqs", "temperature", "seed"];
}

impl Default for SamplingSettings {
    fn default() -> SamplingSettings {
        // The temperature and the seed of the published examples.
        SamplingSettings { num_seqs: 1, temperature: vec![0.1], seed: DEFAULT_SEED }
    }
}

/// A fixed seed, so that a run without one can be repeated, too.
pub(super) const DEFAULT_SEED: u64 = 37;

/// Which network, and the numbers it is computed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NetworkSettings {
    /// What the network is for.
    #[serde(with = "text")]
    #[schemars(schema_with = "schema::model")]
    pub model: ModelKind,
    /// The noise that the network was trained with, Å, such as 0.02; when null 0.10 for the model `ligand`, 0.20 for the
    /// others.
    pub noise: Option<f64>,
    /// The file of a network to use instead, .pt or safetensors.
    pub checkpoint: Option<PathBuf>,
    /// The numeric precision of the network: `f32`, as published; `bf16x3`, close to it and faster where the processor
    /// has AMX; `bf16`, coarse, and faster where the processor multiplies bf16; `f16`, rounded as if stored in 16 bits;
    /// `q16`, 16-bit integers.
    #[serde(with = "text")]
    #[schemars(schema_with = "schema::precision")]
    pub precision: Precision,
}

impl Default for NetworkSettings {
    fn default() -> NetworkSettings {
        NetworkSettings { model: ModelKind::Protein, noise: None, checkpoint: None, precision: Precision::F32 }
    }
}

/// How side chains are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SideChainSettings {
    /// Number of packings of each sequence. Pack 3 is the same whatever the number.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub num_packs: u64,
    /// Denoising steps.
    #[schemars(range(min = 1, max = 1000))]
    pub denoising_steps: u64,
    /// Number of angles drawn for each torsion in each step; the most likely one is kept.
    #[schemars(range(min = 1, max = 10_000))]
    pub num_samples: u64,
    /// The packer's network: the name of a published checkpoint, or a .pt or safetensors file.
    pub packer: String,
}

impl SideChainSettings {
    /// Those that may differ between structures.
    pub(crate) const OF_A_STRUCTURE: &'static [&'static str] = &["num_packs", "denoising_steps", "num_samples"];
}

impl Default for SideChainSettings {
    fn default() -> SideChainSettings {
        SideChainSettings {
            num_packs: 4,
            denoising_steps: 3,
            num_samples: 16,
            packer: "ligandmpnn_sc_v_32_002_16".to_owned(),
        }
    }
}

/// Where results go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FolderSettings {
    /// The folder that results are written into; none when null.
    pub out: Option<PathBuf>,
    /// Whether the files of another run in that folder are removed first.
    pub overwrite: bool,
    /// The separator between the chains of a sequence: `/` or `:`.
    #[schemars(schema_with = "schema::chain_separator")]
    pub chain_separator: char,
    /// The format of structures: `pdb` or `cif`. When null it is PDB, or mmCIF for structures that do not fit into PDB
    /// files.
    #[serde(with = "text::structure_format")]
    #[schemars(schema_with = "schema::structure_format")]
    pub structure_format: Option<StructureFormat>,
}

impl Default for FolderSettings {
    fn default() -> FolderSettings {
        FolderSettings { out: None, overwrite: false, chain_separator: '/', structure_format: None }
    }
}
