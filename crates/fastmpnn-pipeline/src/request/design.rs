//! `design`: sequences for each structure.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks::check_orders;
use super::{
    ContextSettings, DatasetSettings, FolderSettings, InputSettings, LetterSettings, LogoSettings, MembraneSettings,
    NetworkSettings, Request, ResidueSettings, SamplingSettings, SelectionSettings, SideChainSettings, StateSettings,
    flat_in_json,
};
use crate::error::{PipelineError, refusal};
use crate::message::Field;

/// Sequences for each structure and temperature, with their scores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, remote = "Self")]
pub struct DesignRequest {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub input: InputSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub residues: ResidueSettings,
    /// Chains whose last residue is bonded to their first, such as `A,B`.
    pub cyclic: Option<String>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub letters: LetterSettings,
    /// Dictionaries made for ProteinMPNN or LigandMPNN, as `fixed_positions=fixed.jsonl`: what they say of the structure of a
    /// name or path.
    pub dictionary: Vec<String>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub context: ContextSettings,
    /// Residues with a ligand atom within this distance (Å) of their virtual CB count for ligand_confidence and
    /// ligand_recovery; 8 when null.
    pub ligand_cutoff: Option<f32>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub membrane: MembraneSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub states: StateSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub sampling: SamplingSettings,
    /// Number of random decoding orders in which each design is scored again; the mean is called `rescored`. None when
    /// null.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub rescore_orders: Option<u32>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub selection: SelectionSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub folder: FolderSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub dataset: DatasetSettings,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub logo: LogoSettings,
    /// The HTML file that shows the designs of all structures, or a folder for a file of each. None when null.
    pub report: Option<PathBuf>,
    /// Whether a structure is written for each design; needs `out`.
    pub structures: bool,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub network: NetworkSettings,
    /// Whether the side chains of each design are placed.
    pub pack: bool,
    /// Whether the residues that are not designed are packed, too.
    pub repack_everything: bool,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub side_chains: SideChainSettings,
}

flat_in_json!(DesignRequest);

impl DesignRequest {
    /// The default of `ligand_cutoff`, Å.
    pub const DEFAULT_LIGAND_CUTOFF: f32 = 8.0;

    /// The distance from a ligand atom to a residue's virtual CB within which the residue counts as near a ligand, Å.
    pub fn cutoff(&self) -> f32 {
        self.ligand_cutoff.unwrap_or(Self::DEFAULT_LIGAND_CUTOFF)
    }

    /// The number of designs of each structure.
    pub(crate) fn designs(&self) -> u64 {
        self.sampling.num_seqs.saturating_mul(self.sampling.temperature.len() as u64)
    }

    /// Refuses what a dataset has no place for.
    fn check_dataset(&self) -> Result<(), PipelineError> {
        if self.states.states && self.dataset.shard.is_some() {
            let (states, shard) = (Field("states"), Field("shard"));
            return Err(refusal(format!(
                "{states} are of one protein, and {shard} divides several: give one of the two"
            )));
        }
        let Some(table) = self.dataset.table else { return Ok(()) };
        if self.report.is_some() {
            let (report, field) = (Field("report"), Field("table"));
            return Err(refusal(format!(
                "{report} shows the designs of one run, and a dataset may grow in several: leave out {report} or {field}"
            )));
        }
        for (given, name) in [(self.structures, "structures"), (self.pack, "pack"), (self.states.states, "states")] {
            if given {
                let (name, field) = (Field(name), Field("table"));
                return Err(refusal(format!(
                    "{name} writes into a folder of files, not into a dataset: leave out {field} {table}"
                )));
            }
        }
        if self.folder.overwrite && self.dataset.shard.is_some() {
            let (overwrite, shard) = (Field("overwrite"), Field("shard"));
            return Err(refusal(format!(
                "{overwrite} would remove what the other shards have made: leave it out with {shard}"
            )));
        }
        Ok(())
    }

    /// Whether file names and headers tell temperatures apart.
    pub(crate) fn several_temperatures(&self) -> bool {
        self.sampling.temperature.len() > 1
    }
}

impl Request for DesignRequest {
    const NAME: &'static str = "design";

    const OF_A_STRUCTURE: &'static [&'static [&'static str]] = &[
        InputSettings::OF_A_STRUCTURE,
        ResidueSettings::OF_A_STRUCTURE,
        &["cyclic"],
        LetterSettings::OF_A_STRUCTURE,
        ContextSettings::OF_A_STRUCTURE,
        &["ligand_cutoff"],
        MembraneSettings::OF_A_STRUCTURE,
        SamplingSettings::OF_A_STRUCTURE,
        &["rescore_orders"],
        SelectionSettings::OF_A_STRUCTURE,
        &["repack_everything"],
        SideChainSettings::OF_A_STRUCTURE,
    ];

    fn check(&self) -> Result<(), PipelineError> {
        self.residues.check(&self.input)?;
        self.membrane.check()?;
        self.sampling.check()?;
        self.side_chains.check()?;
        self.folder.check()?;
        self.selection.check()?;
        let SelectionSettings { by, descending, top, min_distance, .. } = &self.selection;
        if (by.is_some() || *descending) && top.is_none() && min_distance.is_none() {
            let field = Field(if by.is_some() { "by" } else { "descending" });
            return Err(refusal(format!("{field} is of {} and {}: add one", Field("top"), Field("min_distance"))));
        }
        self.dataset.check(self.folder.out.is_some())?;
        self.check_dataset()?;
        ContextSettings::check_cutoff(self.ligand_cutoff)?;
        if let Some(orders) = self.rescore_orders {
            check_orders("rescore_orders", orders)?;
        }
        let (structures, pack) = (Field("structures"), Field("pack"));
        if self.folder.structure_format.is_some() && !self.structures && !self.pack {
            let format = Field("structure_format");
            return Err(refusal(format!("{format} is that of structures: add {structures} or {pack}")));
        }
        if self.structures && self.folder.out.is_none() {
            return Err(refusal(format!("{structures} are files: add {}", Field("out"))));
        }
        if self.repack_everything && !self.pack {
            return Err(refusal(format!("{} is of packing: add {pack}", Field("repack_everything"))));
        }
        if self.states.states && self.input.manifest.is_some() {
            let (states, manifest) = (Field("states"), Field("manifest"));
            return Err(refusal(format!(
                "{states} are of one protein, and the rows of {manifest} of several: give one"
            )));
        }
        if self.states.state_weights.is_some() && !self.states.states {
            return Err(refusal(format!("{} are of states: add {}", Field("state_weights"), Field("states"))));
        }
        self.network.check()
    }
}
