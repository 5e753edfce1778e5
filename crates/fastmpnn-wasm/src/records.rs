//! The answers to a page, as JSON.

use std::ops::ControlFlow;

use fastmpnn_pipeline::event::{Event, Observer, Outcome};
use serde::Serialize;

use crate::results::{DesignRecord, NativeRecord, NoticeRecord, ProbabilityRecord, ScanRecord, ScoreRecord};

/// What a run said and made.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Heard {
    #[serde(skip_serializing_if = "Option::is_none")]
    native: Option<NativeRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    designs: Vec<DesignRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scores: Vec<ScoreRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    probabilities: Vec<ProbabilityRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scans: Vec<ScanRecord>,
    warnings: Vec<NoticeRecord>,
    notes: Vec<NoticeRecord>,
}

impl Observer for Heard {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Warning(warning) => self.warnings.push(NoticeRecord::of_warning(warning)),
            Event::Note(note) => self.notes.push(NoticeRecord::of_note(note)),
            Event::Result(Outcome::Native(native)) => self.native = Some(NativeRecord::of(native)),
            Event::Result(Outcome::Design(design)) => self.designs.push(DesignRecord::of(design)),
            Event::Result(Outcome::Score(result)) => self.scores.push(ScoreRecord::of(result)),
            Event::Result(Outcome::Probabilities(result)) => self.probabilities.push(ProbabilityRecord::of(result)),
            Event::Result(Outcome::Scan(result)) => self.scans.push(ScanRecord::of(result)),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// What a request comes to on its structure.
#[derive(Debug, Serialize)]
pub(crate) struct PlanRecord {
    /// Whether each residue is designed. `[N]`
    pub(crate) designed: Vec<bool>,
    /// Groups of residues that get the same letter, by their indexes.
    pub(crate) ties: Vec<Vec<usize>>,
    /// The letters that each residue may get. `[N]`
    pub(crate) allowed: Vec<String>,
    /// In words.
    pub(crate) summary: String,
    pub(crate) warnings: Vec<NoticeRecord>,
    pub(crate) notes: Vec<NoticeRecord>,
}

impl Heard {
    /// The warnings and notes.
    pub(crate) fn notices(self) -> (Vec<NoticeRecord>, Vec<NoticeRecord>) {
        (self.warnings, self.notes)
    }
}

/// A network that was added.
#[derive(Debug, Serialize)]
pub(crate) struct CheckpointRecord {
    /// The file's name.
    pub(crate) file: String,
    /// The name under which `checkpoint` finds it; a published one is found by `model` and `noise`.
    pub(crate) name: String,
    /// What it is for, where it is published.
    pub(crate) model: Option<&'static str>,
    /// Its noise, Å, where it is published.
    pub(crate) noise: Option<f64>,
    /// `protein`, `ligand`, `membrane`, `ca`.
    pub(crate) family: String,
    /// Whether it sees ligands.
    pub(crate) sees_ligands: bool,
}

/// The file of a structure.
#[derive(Debug, Serialize)]
pub(crate) struct StructureFileRecord {
    /// `pdb` or `cif`.
    pub(crate) ending: &'static str,
    pub(crate) text: String,
    /// Why it is no plain PDB file.
    pub(crate) warning: Option<String>,
}
