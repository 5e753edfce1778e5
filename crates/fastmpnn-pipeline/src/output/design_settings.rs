//! `settings.json` of a folder of designs.

use std::path::Path;

use fastmpnn::Engine;
use fastmpnn::spec::DesignSpec;
use fastmpnn::write::StructureFormat;
use serde::{Deserialize, Serialize};

use super::pack_folder::DesignPackingRecord;
use super::spool::Spool;
use crate::input::ResolvedDesign;
use crate::request::{DesignRequest, altloc_name};
use crate::selection::SelectionReport;

/// The settings of a run, and its inputs.
#[derive(Serialize)]
pub(super) struct DesignSettings {
    program: &'static str,
    version: &'static str,
    instruction_set: String,
    precision: String,
    /// What encodings were rounded to; left out where they were not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rounded_encodings: Option<String>,
    threads: usize,
    checkpoint: CheckpointRecord,
    seed: u64,
    temperatures: Vec<f32>,
    sequences_per_temperature: u64,
    /// The manifest that names the structures.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    /// The dictionaries of published programs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dictionary: Vec<String>,
    model_number: Option<i32>,
    altloc: String,
    assembly: Option<String>,
    gaps: String,
    leave_out_unoccupied: bool,
    structures: bool,
    /// The format asked for; `null` is PDB where it has room, else mmCIF.
    structure_format: Option<&'static str>,
    /// How designs were packed; `null` where they were not.
    packing: Option<DesignPackingRecord>,
    rescore_orders: Option<u32>,
    chain_separator: char,
    ligand_cutoff: f32,
    /// The file of membrane labels.
    membrane_labels: Option<String>,
    /// The .trb file of fixed residues, or `beside each input`.
    trb: Option<String>,
    ligands: Vec<String>,
    /// Whether the inputs are states of one protein.
    states: bool,
    state_weights: Option<Vec<f32>>,
    spec: DesignSpec,
    /// Which step of the selection removed how many designs, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) selection: Option<SelectionReport>,
    pub(super) inputs: Spool<InputRecord>,
    pub(super) failed: Vec<FailedRecord>,
}

#[derive(Debug, Serialize)]
struct CheckpointRecord {
    name: String,
    family: &'static str,
    sha256: String,
}

/// A structure that was designed on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InputRecord {
    pub(crate) input: String,
    pub(crate) name: String,
    pub(crate) model_number: i32,
    pub(crate) residues: usize,
    pub(crate) designed: usize,
    pub(crate) plan: String,
    pub(crate) warnings: Vec<String>,
}

/// An input that could not be used.
#[derive(Debug, Serialize)]
pub(super) struct FailedRecord {
    pub(super) input: String,
    pub(super) error: String,
}

impl DesignSettings {
    pub(super) fn new(
        request: &DesignRequest,
        resolved: &ResolvedDesign,
        engine: &Engine,
        packing: Option<DesignPackingRecord>,
        folder: &Path,
    ) -> DesignSettings {
        DesignSettings {
            program: crate::PROGRAM,
            version: env!("CARGO_PKG_VERSION"),
            instruction_set: engine.instructions(),
            precision: engine.precision().to_string(),
            rounded_encodings: None,
            threads: engine.threads(),
            checkpoint: CheckpointRecord {
                name: engine.checkpoint_name().to_owned(),
                family: engine.model().config().family.name(),
                sha256: engine.checkpoint_sha256().to_owned(),
            },
            seed: request.sampling.seed,
            temperatures: request.sampling.temperature.clone(),
            sequences_per_temperature: request.sampling.num_seqs,
            manifest: request.input.manifest.as_ref().map(|path| path.display().to_string()),
            dictionary: request.dictionary.clone(),
            model_number: request.input.model_number,
            altloc: altloc_name(request.input.altloc),
            assembly: request.input.assembly.clone(),
            gaps: request.input.gaps.to_string(),
            leave_out_unoccupied: request.input.leave_out_unoccupied,
            structures: request.structures,
            structure_format: request.folder.structure_format.map(StructureFormat::ending),
            packing,
            rescore_orders: request.rescore_orders,
            chain_separator: request.folder.chain_separator,
            ligand_cutoff: request.cutoff(),
            membrane_labels: resolved.labels.as_ref().map(|file| file.path.display().to_string()),
            trb: request.residues.trb.as_ref().map(ToString::to_string),
            ligands: request.input.ligand.iter().map(ToString::to_string).collect(),
            states: request.states.states,
            state_weights: request.states.state_weights.clone(),
            // The seed has its own key.
            spec: DesignSpec { seed: DesignSpec::default().seed, ..resolved.spec.clone() },
            selection: None,
            inputs: Spool::new(folder),
            failed: Vec::new(),
        }
    }
}
