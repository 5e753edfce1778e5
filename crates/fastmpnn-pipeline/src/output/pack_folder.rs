//! Packings in a folder of results: structures, table, settings.

use std::rc::Rc;

use fastmpnn::Packer;
use fastmpnn::decode::Packing;
use fastmpnn::write::{PackRow, StructureFormat, WrittenStructure, write_packs};
use serde::Serialize;

use super::structure_files::FormattedState;
use super::{GrowingTable, OutputFailure, ResultsFolder, State, WritingTo};
use crate::error::PipelineError;
use crate::input::InputList;
use crate::request::{DesignRequest, PackRequest, SideChainSettings};

/// A packing and its row of the table.
#[derive(Clone, Debug)]
pub struct RankedPacking {
    /// The side chains.
    pub packing: Packing,
    /// What is said of them.
    pub row: PackRow,
}

/// The packings in a folder of results.
pub(crate) struct PackFolder {
    folder: Rc<ResultsFolder>,
    /// The settings of the run, unless the designs' come with them.
    settings: Option<PackSettings>,
    /// None before the first packing.
    table: Option<GrowingTable>,
}

impl PackFolder {
    /// The packings of `pack`.
    pub(crate) fn of_packing(
        folder: Rc<ResultsFolder>,
        request: &PackRequest,
        inputs: &InputList,
        packer: &Packer,
    ) -> PackFolder {
        PackFolder { folder, settings: Some(PackSettings::new(request, inputs, packer)), table: None }
    }

    /// The packings of designs.
    pub(crate) fn of_designs(folder: Rc<ResultsFolder>) -> PackFolder {
        PackFolder { folder, settings: None, table: None }
    }

    /// Writes the packings of a sequence, named by their number.
    pub(crate) fn add(
        &mut self,
        state: FormattedState<'_>,
        ranked: &[RankedPacking],
        stem: &str,
    ) -> Result<(), PipelineError> {
        self.table()?;
        let mut rows = Vec::with_capacity(ranked.len());
        for RankedPacking { packing, row } in ranked {
            let mut bytes = Vec::new();
            // What fails here does not fit the format: the input's fault, not the disk's.
            WrittenStructure::of_packing(state.structure, packing)
                .and_then(|written| written.write(&mut bytes, state.format))
                .map_err(PipelineError::Unwritable)?;
            let file = format!("packed/{stem}_{}.{}", row.pack, state.format.ending());
            self.folder.write(&file, &bytes)?;
            rows.push(PackRow { file: Some(file), ..row.clone() });
        }
        let table = self.table()?;
        let mut bytes = Vec::new();
        write_packs(&mut bytes, false, &rows).and_then(|()| table.append(&bytes)).writing_to(table.path().display())?;
        Ok(())
    }

    /// The table, begun where it is not.
    fn table(&mut self) -> Result<&mut GrowingTable, OutputFailure> {
        match &mut self.table {
            Some(table) => Ok(table),
            empty => {
                if let Some(settings) = &self.settings {
                    self.folder.begin(settings)?;
                }
                let path = self.folder.claim("packs.csv")?;
                let mut header = Vec::new();
                let begun =
                    write_packs(&mut header, true, &[]).and_then(|()| GrowingTable::create(path.clone(), &header));
                Ok(empty.insert(begun.writing_to(path.display())?))
            }
        }
    }

    /// No more packings come. Nothing is written where nothing was packed, and the results that would have been
    /// overwritten stay.
    pub(crate) fn finish(mut self, state: State) -> Result<(), OutputFailure> {
        if self.folder.is_untouched() {
            return Ok(());
        }
        self.table()?;
        match &self.settings {
            Some(settings) => self.folder.finish(settings, state),
            None => Ok(()),
        }
    }
}

/// `settings.json`.
#[derive(Debug, Serialize)]
struct PackSettings {
    program: &'static str,
    version: &'static str,
    instruction_set: String,
    #[serde(flatten)]
    packing: PackingRecord,
    ligands: bool,
    cyclic: Option<String>,
    chains: Option<String>,
    structure_format: Option<&'static str>,
    fix: Vec<String>,
    repack: Vec<String>,
    inputs: Vec<String>,
}

/// How side chains were drawn.
#[derive(Debug, Serialize)]
struct PackingRecord {
    packer: String,
    packer_sha256: String,
    seed: u64,
    packs: u64,
    denoising_steps: u64,
    samples: u64,
}

/// What `design` packed, and how.
#[derive(Debug, Serialize)]
pub(crate) struct DesignPackingRecord {
    #[serde(flatten)]
    packing: PackingRecord,
    repack_everything: bool,
    ligands: bool,
}

impl PackingRecord {
    fn new(side_chains: &SideChainSettings, seed: u64, packer: &Packer) -> PackingRecord {
        PackingRecord {
            packer: packer.checkpoint_name().to_owned(),
            packer_sha256: packer.checkpoint_sha256().to_owned(),
            seed,
            packs: side_chains.num_packs,
            denoising_steps: side_chains.denoising_steps,
            samples: side_chains.num_samples,
        }
    }
}

impl DesignPackingRecord {
    pub(crate) fn new(request: &DesignRequest, packer: &Packer) -> DesignPackingRecord {
        DesignPackingRecord {
            packing: PackingRecord::new(&request.side_chains, request.sampling.seed, packer),
            repack_everything: request.repack_everything,
            ligands: !request.context.no_ligand,
        }
    }
}

impl PackSettings {
    fn new(request: &PackRequest, inputs: &InputList, packer: &Packer) -> PackSettings {
        PackSettings {
            program: crate::PROGRAM,
            version: env!("CARGO_PKG_VERSION"),
            instruction_set: packer.isa().to_string(),
            packing: PackingRecord::new(&request.side_chains, request.seed, packer),
            ligands: !request.no_ligand,
            cyclic: request.cyclic.clone(),
            chains: request.chains.clone(),
            structure_format: request.folder.structure_format.map(StructureFormat::ending),
            fix: request.fix.clone(),
            repack: request.repack.clone(),
            inputs: inputs.iter().map(|input| input.display_name()).collect(),
        }
    }
}
