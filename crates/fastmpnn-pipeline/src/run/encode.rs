//! `encode`: encodings in a folder, for later runs.

use fastmpnn::structure::Structure;

use super::batch::{Batch, BatchEnd, Planned, Planner, Worker, note_inputs};
use super::lanes::Size;
use super::network_options::NetworkOptions;
use super::{Resources, Summary};
use crate::error::{InFile, PipelineError, refusal};
use crate::event::{LigandReport, Observer, Reporter, Unit};
use crate::input::{Input, ResolvedDesign};
use crate::message::Field;
use crate::request::{ProbsRequest, Request};

/// Encodes each structure of a request, as [`probs`](super::probs) does, into the folder of the run's
/// [`Encodings`](super::Encodings). Those that are there already are left.
///
/// An input that cannot be used is a failure, told to the observer and counted in the summary. The error is one that ends
/// the run: a request that cannot be carried out, or an encoding that cannot be written.
pub fn encode(
    request: &ProbsRequest,
    resources: &mut Resources<'_>,
    observer: &mut dyn Observer,
) -> Result<Summary, PipelineError> {
    request.check()?;
    if !resources.encodings.has_folder() {
        return Err(refusal(format!("there is no folder for the encodings: add {}", Field("out"))));
    }
    let mut resolved = ResolvedDesign::of_probs(request, &resources.sources)?;
    resolved.spec.by_residue = resources.values.by_residue.clone();
    let mut reporter = Reporter::new(observer);
    note_inputs(&resolved.run, &mut reporter);
    let engine = resources.engine(&request.network, &mut reporter)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let count = resolved.run.inputs.len();
    reporter.start(count as u64, Unit::Structures);
    let needs = engine.model().config().family.backbone_atoms();
    let planner = Planner::new(&resolved, &resources.sources);
    let encodings = &resources.encodings;
    let batch = Batch { run: &resolved.run, sources: &resources.sources, needs };
    let work = |input: &Input, structure: Structure, worker: &Worker<'_, '_, ()>| {
        let file = input.display_name();
        let mut told = worker.told();
        let reporter = &mut Reporter::new(&mut told);
        let Planned { plan, .. } = planner.plan(input, &structure, reporter)?;
        let engine = worker.admit(Size { residues: structure.residues.len(), ..Size::default() })?;
        let sees = engine.model().config().context_atoms.is_some();
        reporter.ligands(&file, &structure, &LigandReport::of(&structure, &plan.environment, sees));
        encodings.of_structure(engine, &structure, &plan.environment).in_file(&file)?;
        worker.made(());
        Ok(())
    };
    let mut results = 0;
    let BatchEnd { failed, stopped } = batch.work(&engine, &mut reporter, work, |(), reporter| {
        results += 1;
        reporter.advance(1);
        Ok(())
    })?;
    Ok(Summary { inputs: count, failed, stopped, results })
}
