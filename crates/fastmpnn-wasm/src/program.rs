//! What one thread of a page has: files, networks, encodings.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::event::Observer;
use fastmpnn_pipeline::fastmpnn::chemistry::{Letter, parse_sequence};
use fastmpnn_pipeline::fastmpnn::structure::{Structure, describe, read_bytes};
use fastmpnn_pipeline::fastmpnn::write::{StructureFormat, WrittenStructure, choose_format};
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::measure::native_sequence;
use fastmpnn_pipeline::request::{DesignRequest, ProbsRequest, Request, ScanRequest, ScoreRequest};
use fastmpnn_pipeline::run::{Encodings, Planned, Resources, Summary, Values, planned};
use fastmpnn_pipeline::{design, probs, scan, score};
use serde::Serialize;

use crate::engines::LoadedEngines;
use crate::error::ProgramError;
use crate::records::{CheckpointRecord, Heard, PlanRecord, StructureFileRecord};

/// Encodings that are kept for later requests.
const KEPT_ENCODINGS: usize = 2;

/// Files and networks in memory, and what is asked of them. Requests are those of the pipeline, for one structure, whose
/// path is that of a file added before.
#[derive(Debug)]
pub struct Program {
    files: BTreeMap<PathBuf, Vec<u8>>,
    engines: LoadedEngines,
    encodings: Encodings,
}

impl Default for Program {
    fn default() -> Program {
        let (files, engines) = (BTreeMap::new(), LoadedEngines::default());
        Program { files, engines, encodings: Encodings::keeping(KEPT_ENCODINGS) }
    }
}

impl Program {
    /// Adds a file, or replaces the one of that path.
    pub fn add_file(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.into(), bytes);
    }

    /// Adds a network, .pt or safetensors; says what it is.
    pub fn add_checkpoint(&mut self, name: &str, bytes: &[u8]) -> Result<String, ProgramError> {
        let added = self.engines.add(name, bytes)?;
        let config = added.engine.model().config();
        Ok(json(&CheckpointRecord {
            file: added.file,
            name: added.name,
            model: added.published.map(|known| known.model.name()),
            noise: added.published.map(|known| known.noise()),
            family: config.family.to_string(),
            sees_ligands: config.context_atoms.is_some(),
        }))
    }

    /// The chains, residues and ligands of the structure of a request.
    pub fn describe(&self, request: &str) -> Result<String, ProgramError> {
        Ok(json(&describe(&self.structure(request)?)))
    }

    /// The structure of a request as it was read, as a file for a viewer: one model, one place for each atom, no water.
    pub fn shown(&self, request: &str) -> Result<String, ProgramError> {
        let structure = self.structure(request)?;
        let residues = structure.residues.len();
        let written = |nothing: &[bool], confidence: &[f32]| {
            let written = WrittenStructure::of_design(&structure, nothing, &native_sequence(&structure), confidence)?;
            file_of(&structure, &written, None)
        };
        let record = written(&vec![false; residues], &vec![0.0; residues]).map_err(PipelineError::Unwritable)?;
        Ok(json(&record))
    }

    fn structure(&self, request: &str) -> Result<Structure, ProgramError> {
        let request = DesignRequest::from_json(request)?;
        let path = request.input.inputs.first().cloned().unwrap_or_default();
        let bytes = self.files.get(&path).map(Vec::as_slice).unwrap_or_default();
        let read = read_bytes(&path.display().to_string(), bytes, &request.input.read_options());
        Ok(read.map_err(PipelineError::from)?)
    }

    /// What a request to `design` comes to, without a network.
    pub fn plan(&mut self, request: &str) -> Result<String, ProgramError> {
        let mut heard = Heard::default();
        let Planned { structure, plan, summary } = self.planned(request, &mut heard)?;
        let plan_of = &plan;
        let letters =
            |residue| Letter::all().filter(move |&letter| plan_of.allows(residue, letter)).map(Letter::to_char);
        let (warnings, notes) = heard.notices();
        Ok(json(&PlanRecord {
            allowed: (0..structure.residues.len()).map(|residue| letters(residue).collect()).collect(),
            ties: plan.ties.iter().map(|tie| tie.members.clone()).collect(),
            designed: plan.designed,
            summary,
            warnings,
            notes,
        }))
    }

    /// The designs of a request, whose samples are numbered from `first_sample` on. The native sequence is scored with the
    /// first of them.
    pub fn design(&mut self, request: &str, first_sample: u64) -> Result<String, ProgramError> {
        let request = DesignRequest::from_json(request)?;
        let mut values = Values::default();
        values.first_sample = first_sample;
        values.no_native_scores = first_sample > 0;
        self.run(values, |resources, heard| Ok(design(&request, resources, heard)?.run))
    }

    /// The scores of a request.
    pub fn score(&mut self, request: &str) -> Result<String, ProgramError> {
        let request = ScoreRequest::from_json(request)?;
        self.run(Values::default(), |resources, heard| score(&request, resources, heard))
    }

    /// The probabilities of a request.
    pub fn probabilities(&mut self, request: &str) -> Result<String, ProgramError> {
        let request = ProbsRequest::from_json(request)?;
        self.run(Values::default(), |resources, heard| probs(&request, resources, heard))
    }

    /// The mutations of a request.
    pub fn scan(&mut self, request: &str) -> Result<String, ProgramError> {
        let request = ScanRequest::from_json(request)?;
        self.run(Values::default(), |resources, heard| scan(&request, resources, heard))
    }

    /// The file of a design of a request: PDB where it has room, else mmCIF. `confidence` is that of each letter, 0 … 1,
    /// and becomes the B-factor. `[N]` each
    pub fn structure_file(
        &mut self,
        request: &str,
        sequence: &str,
        confidence: &[f32],
    ) -> Result<String, ProgramError> {
        let asked = DesignRequest::from_json(request)?.folder.structure_format;
        let Planned { structure, plan, .. } = self.planned(request, &mut Heard::default())?;
        let letters = parse_sequence(sequence).map_err(|_| ProgramError::Letters)?;
        let written = WrittenStructure::of_design(&structure, &plan.designed, &letters, confidence)
            .and_then(|written| file_of(&structure, &written, asked));
        Ok(json(&written.map_err(PipelineError::Unwritable)?))
    }

    fn planned(&mut self, request: &str, observer: &mut dyn Observer) -> Result<Planned, ProgramError> {
        let request = DesignRequest::from_json(request)?;
        Ok(planned(&request, &Resources::new(self.sources(), &mut self.engines), observer)?)
    }

    fn run(
        &mut self,
        values: Values,
        run: impl FnOnce(&mut Resources<'_>, &mut Heard) -> Result<Summary, PipelineError>,
    ) -> Result<String, ProgramError> {
        let mut heard = Heard::default();
        let sources = self.sources();
        let resources = Resources::new(sources, &mut self.engines).with_values(values);
        let summary = run(&mut resources.with_encodings(self.encodings.clone()), &mut heard)?;
        match summary.failed.into_iter().next() {
            Some(failed) => Err(ProgramError::Failed(failed.error)),
            None => Ok(json(&heard)),
        }
    }

    fn sources(&self) -> Sources {
        let with = |sources: Sources, (path, bytes): (&PathBuf, &Vec<u8>)| sources.with_file(path, bytes.clone());
        self.files.iter().fold(Sources::memory(), with)
    }
}

/// The file of a structure, in the format asked for or else PDB where it has room.
fn file_of(
    structure: &Structure,
    written: &WrittenStructure<'_>,
    asked: Option<StructureFormat>,
) -> io::Result<StructureFileRecord> {
    let atoms = structure.residues.iter().map(|residue| residue.atoms.len()).sum::<usize>();
    let (format, warning) = choose_format(asked, structure, atoms + structure.ligand_atoms.len());
    let mut bytes = Vec::new();
    written.write(&mut bytes, format)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(StructureFileRecord { ending: format.ending(), text, warning })
}

fn json(value: &impl Serialize) -> String {
    // Records hold nothing that JSON has no form for.
    serde_json::to_string(value).unwrap_or_default()
}
