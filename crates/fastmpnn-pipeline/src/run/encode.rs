//! `encode`: encodings in a folder, for later runs.

use super::batch::{Batch, Worker, check_protein, note_inputs};
use super::network_options::NetworkOptions;
use super::{Resources, Summary};
use crate::error::{InFile, PipelineError, refusal};
use crate::event::{LigandReport, Observer, Reporter, Unit};
use crate::input::ResolvedDesign;
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
    let engine = resources.engines.engine(&request.network)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let count = resolved.run.inputs.len();
    reporter.start(count as u64, Unit::Structures);
    let needs = engine.model().config().family.backbone_atoms();
    let mut done = 0;
    let mut worker = Worker { sources: &resources.sources, reporter: &mut reporter };
    let failed = Batch { run: &resolved.run, needs }.for_each_structure(&mut worker, |input, structure, worker| {
        let file = input.display_name();
        check_protein(&structure, &file)?;
        worker.reporter.structure_warnings(&file, &structure);
        let plan = resolved.spec_of(input, &structure, worker.sources)?.resolve(&structure).in_file(&file)?;
        worker.reporter.plan_warnings(&file, &plan.warnings);
        let sees = engine.model().config().context_atoms.is_some();
        worker.reporter.ligands(&file, &structure, &LigandReport::of(&structure, &plan.environment, sees));
        resources.encodings.of_structure(&engine, &structure, &plan.environment).in_file(&file)?;
        worker.reporter.advance(1);
        done += 1;
        Ok(())
    })?;
    let stopped = reporter.stops() && done + failed.len() < count;
    Ok(Summary { inputs: count, failed, stopped, results: done })
}
