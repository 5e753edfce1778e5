//! Batches of inputs, in which a bad input does not stop the others.

use fastmpnn::structure::{BackboneAtoms, ReadOptions, Structure};

use super::FailedInput;
use crate::error::{PipelineError, unusable};
use crate::event::{NoteKind, Reporter};
use crate::input::{Input, ResolvedInputs, Sources};

/// The inputs of a run.
pub(crate) struct Batch<'r> {
    pub(crate) run: &'r ResolvedInputs,
    /// What the network needs of a residue.
    pub(crate) needs: BackboneAtoms,
}

/// The files and the observer that the work on a structure uses.
pub(crate) struct Worker<'w, 'o> {
    pub(crate) sources: &'w Sources,
    pub(crate) reporter: &'w mut Reporter<'o>,
}

impl Batch<'_> {
    /// Reads the inputs one after the other and calls `work` on each structure. An input that fails is reported and the
    /// next one follows; a result that cannot be written ends the run.
    pub(crate) fn for_each_structure(
        &self,
        worker: &mut Worker<'_, '_>,
        mut work: impl FnMut(&Input, Structure, &mut Worker<'_, '_>) -> Result<(), PipelineError>,
    ) -> Result<Vec<FailedInput>, PipelineError> {
        let mut failed = Vec::new();
        let inputs = &self.run.inputs;
        for (index, input) in inputs.iter().enumerate() {
            if worker.reporter.stops() {
                break;
            }
            worker.reporter.input(&input.display_name(), index, inputs.len());
            let structure = worker.sources.structure(&input, &self.options_of(&input)).map_err(PipelineError::from);
            let worked = structure.and_then(|structure| work(&input, structure, worker));
            match worked {
                Ok(()) => {}
                Err(error) if error.output_failure().is_some() => {
                    worker.reporter.end();
                    return Err(error);
                }
                Err(error) => {
                    let input = input.display_name();
                    worker.reporter.failure(&input, &error);
                    failed.push(FailedInput { input, error: worker.reporter.text(&error.message()) });
                }
            }
        }
        worker.reporter.end();
        Ok(failed)
    }

    /// How an input is read.
    pub(crate) fn options_of(&self, input: &Input) -> ReadOptions {
        self.run.read_of(input).with_needs(self.needs)
    }

    /// How the files are read.
    pub(crate) fn options(&self) -> ReadOptions {
        self.run.read.clone().with_needs(self.needs)
    }
}

/// Says what is to be said of the inputs as a whole.
pub(crate) fn note_inputs(run: &ResolvedInputs, reporter: &mut Reporter<'_>) {
    for note in &run.notes {
        reporter.note(None, NoteKind::Inputs, note);
    }
    reporter.inputs(run.inputs.len());
}

/// Refuses a structure without protein residues.
pub fn check_protein(structure: &Structure, file: &str) -> Result<(), PipelineError> {
    if structure.residues.is_empty() {
        return Err(unusable(format!("{file}: holds no protein residues")));
    }
    Ok(())
}
