//! Batches of inputs. Each input is worked on in a lane, and what the work makes is delivered in the order of the inputs;
//! a bad input does not stop the others.

mod delivery;
mod planner;
mod states;
mod step;
mod worker;

use fastmpnn::structure::{BackboneAtoms, ReadOptions, Structure};

use self::delivery::Delivery;
pub(super) use self::delivery::failed;
pub(super) use self::planner::{Planned, Planner};
pub(super) use self::step::{Ended, Step};
pub(super) use self::worker::{Told, Worker};
use super::FailedInput;
use super::lanes::{Lanes, Threaded};
use crate::error::{PipelineError, unusable};
use crate::event::{NoteKind, Reporter};
use crate::input::{Input, ResolvedInputs, Sources};

/// The inputs of a run.
pub(crate) struct Batch<'r> {
    pub(crate) run: &'r ResolvedInputs,
    pub(crate) sources: &'r Sources,
    /// What the network needs of a residue.
    pub(crate) needs: BackboneAtoms,
}

/// What has become of the inputs of a batch.
#[derive(Debug, Default)]
pub(crate) struct BatchEnd {
    /// The inputs that could not be used.
    pub(crate) failed: Vec<FailedInput>,
    /// Whether the observer stopped the run before its end.
    pub(crate) stopped: bool,
}

impl Batch<'_> {
    /// Reads each input and does the work on its structure in a lane, with what the network becomes there, and calls
    /// `deliver` with what the work makes, on this thread. An input that fails is reported and the next one follows; a
    /// result that cannot be written ends the run.
    pub(crate) fn work<N: Threaded, M: Send>(
        &self,
        network: &N,
        reporter: &mut Reporter<'_>,
        work: impl Fn(&Input, Structure, &Worker<'_, '_, M, N>) -> Result<(), Ended> + Sync,
        deliver: impl FnMut(M, &mut Reporter<'_>) -> Result<(), PipelineError>,
    ) -> Result<BatchEnd, PipelineError> {
        let inputs = &self.run.inputs;
        let work = |input: &Input, worker: &Worker<'_, '_, M, N>| {
            let structure = self.sources.structure(input, &self.options_of(input))?;
            work(input, structure, worker)
        };
        let mut delivery = Delivery::new(inputs, reporter, deliver);
        let lanes = Lanes::new(inputs.len(), network);
        let delivered = lanes.run(
            network,
            |lane| {
                let input = inputs.get(lane.index).unwrap_or_default();
                Worker::new(lane).end(|worker| work(&input, worker));
            },
            |index, steps| delivery.input(index, steps),
        );
        let Delivery { failed, done, .. } = delivery;
        reporter.end();
        delivered?;
        // A wish to stop after the last input comes too late to stop anything.
        let stopped = reporter.stops() && done + failed.len() < inputs.len();
        Ok(BatchEnd { failed, stopped })
    }

    /// Reads the inputs one after the other on this thread, and calls `work` with each structure. What is wrong with one
    /// is a failure, and the others go on; a result that cannot be written ends the run.
    pub(crate) fn read(
        &self,
        reporter: &mut Reporter<'_>,
        mut work: impl FnMut(&Input, Structure, &mut Reporter<'_>) -> Result<(), PipelineError>,
    ) -> Result<BatchEnd, PipelineError> {
        let inputs = &self.run.inputs;
        let mut end = BatchEnd::default();
        let mut done = 0;
        for (index, input) in inputs.iter().enumerate() {
            if reporter.stops() {
                break;
            }
            let shown = input.display_name();
            reporter.input(&shown, index, inputs.len());
            let structure = self.sources.structure(&input, &self.options_of(&input)).map_err(PipelineError::from);
            match structure.and_then(|structure| work(&input, structure, reporter)) {
                Ok(()) => done += 1,
                Err(error) if error.output_failure().is_some() => {
                    reporter.end();
                    return Err(error);
                }
                Err(error) => end.failed.push(failed(shown, &error, reporter)),
            }
        }
        reporter.end();
        end.stopped = reporter.stops() && done + end.failed.len() < inputs.len();
        Ok(end)
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
