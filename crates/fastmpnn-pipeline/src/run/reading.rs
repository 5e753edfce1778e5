//! Reads structures for commands that are not tasks.

use fastmpnn::structure::{BackboneAtoms, Structure};

use super::Summary;
use super::batch::{Batch, Worker, note_inputs};
use crate::error::PipelineError;
use crate::event::{Observer, Reporter};
use crate::input::{Input, Naming, ResolvedInputs, Sources};
use crate::request::{InputSettings, PackRequest};

/// A structure that was read.
#[derive(Clone, Debug)]
pub struct ReadStructure<'a> {
    /// The input it was read from.
    pub input: &'a Input,
    /// The structure.
    pub structure: Structure,
    /// The number of inputs.
    pub inputs: usize,
}

/// Reads one structure after the other and gives each to `work`. What is wrong with one is a failure, and the others go on;
/// a result that cannot be written ends everything.
pub fn read_structures(
    settings: &InputSettings,
    sources: &Sources,
    observer: &mut dyn Observer,
    mut work: impl FnMut(ReadStructure<'_>, &mut dyn Observer) -> Result<(), PipelineError>,
) -> Result<Summary, PipelineError> {
    // No setting of the commands that only read is one of a structure, as of `pack`.
    let resolved = ResolvedInputs::new(&PackRequest::default(), settings, Naming::Distinct, sources)?;
    let mut reporter = Reporter::new(observer);
    note_inputs(&resolved, &mut reporter);
    let inputs = resolved.inputs.len();
    let mut done = 0;
    let mut worker = Worker { sources, reporter: &mut reporter };
    let batch = Batch { run: &resolved, needs: BackboneAtoms::All };
    let failed = batch.for_each_structure(&mut worker, |input, structure, worker| {
        work(ReadStructure { input, structure, inputs }, worker.reporter.observer())?;
        done += 1;
        Ok(())
    })?;
    let stopped = reporter.stops() && done + failed.len() < inputs;
    Ok(Summary { inputs, failed, stopped, results: done })
}
