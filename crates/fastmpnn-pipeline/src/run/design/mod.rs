//! `design`: sequences for each structure.
//!
//! The work on a structure (`work`) makes values on any thread; the delivery (`delivery`), on the caller's, shows and
//! writes them in the order of the inputs.

mod delivery;
mod step;
mod work;

use std::rc::Rc;

use self::delivery::Delivery;
use self::work::DesignWork;
use super::batch::note_inputs;
use super::lanes::Lanes;
use super::network_options::NetworkOptions;
use super::pack::{DesignPacker, DesignPackings};
use super::stopwatch::Stopwatch;
use super::{DesignSummary, Resources, Summary};
use crate::error::{PipelineError, refusal};
use crate::event::{Observer, Reporter, Unit};
use crate::input::ResolvedDesign;
use crate::message::Field;
use crate::output::{
    DesignDataset, DesignFolder, DesignLogos, DesignOutput, DesignReport, FolderRequest, LogoFiles, ResultsFolder,
    State,
};
use crate::request::{DesignRequest, Request};
use crate::selection::Selection;

/// Draws sequences for each structure of a request. If it names a folder, they are written there as they are made.
///
/// An input that cannot be used is a failure, told to the observer and counted in the summary. The error is one that ends
/// the run: a request that cannot be carried out, or a result that cannot be written.
pub fn design(
    request: &DesignRequest,
    resources: &mut Resources<'_>,
    observer: &mut dyn Observer,
) -> Result<DesignSummary, PipelineError> {
    request.check()?;
    let mut resolved = ResolvedDesign::of_design(request, &resources.sources)?;
    resolved.spec.by_residue = resources.values.by_residue.clone();
    let structures = if request.states.states { 1 } else { resolved.run.inputs.len() };
    let logos = LogoFiles::open(&request.logo, structures)?.map(DesignLogos::new);
    let mut reporter = Reporter::new(observer);
    note_inputs(&resolved.run, &mut reporter);
    let engine = resources.engine(&request.network, &mut reporter)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    // A selection that cannot be used is refused before any work.
    let sees_ligands = engine.model().config().context_atoms.is_some();
    resolved.run.check_each(request, |request| Selection::of_designs(request, sees_ligands).map(drop))?;
    let report = DesignReport::open(request, &engine, resources.values.given(), &resources.report)?;
    let inputs = &resolved.run.inputs;
    let folder = match &request.folder.out {
        Some(path) if request.dataset.table.is_none() => Some(Rc::new(ResultsFolder::take(&FolderRequest {
            path,
            command: DesignRequest::NAME,
            overwrite: request.folder.overwrite,
            inputs,
            fasta: None,
        })?)),
        _ => None,
    };
    let packer = match request.pack {
        true => Some(resources.engines.packer(&request.side_chains.packer)?),
        false => None,
    };
    let output: Option<Box<dyn DesignOutput>> = match (&folder, &request.folder.out) {
        (Some(folder), _) => {
            let packing = packer.as_ref().map(|packer| DesignPacker::record(request, packer));
            let folder = DesignFolder::open(request, &resolved, &engine, folder.clone(), packing);
            Some(Box::new(folder.with_rounded_encodings(resources.encodings.rounded_to())))
        }
        (None, Some(_)) if resources.values.given() => {
            let table = Field("table");
            return Err(refusal(format!(
                "{table}: arrays and functions are not among the settings that a dataset keeps: give the settings as text"
            )));
        }
        (None, Some(path)) => Some(Box::new(DesignDataset::open(path, request, &resolved, &engine)?)),
        (None, None) => None,
    };
    let proteins = if request.states.states { 1 } else { inputs.len() };
    let wanted = match request.states.states {
        true => resolved.designs_of(request, &inputs.get(0).unwrap_or_default()),
        false => inputs.iter().map(|input| resolved.designs_of(request, &input)).fold(0, u64::saturating_add),
    };
    let work = DesignWork {
        request,
        engine: &engine,
        resolved: &resolved,
        sources: &resources.sources,
        encodings: &resources.encodings,
        values: &resources.values,
        needs: engine.model().config().family.backbone_atoms(),
        packer,
        finished: output.as_ref().and_then(|output| output.finished_inputs()),
    };
    reporter.start(wanted, Unit::Designs);
    let started = Stopwatch::start();
    let summary = DesignSummary {
        run: Summary { inputs: inputs.len(), ..Summary::default() },
        wanted,
        ..DesignSummary::default()
    };
    let mut delivery = Delivery {
        request,
        resolved: &resolved,
        engine: &engine,
        output,
        packings: request.pack.then(|| DesignPackings::new(folder)),
        logos,
        report,
        summary,
        reporter: &mut reporter,
    };
    let lanes = Lanes::new(proteins, &engine);
    let delivered = lanes.run(&engine, |lane| work.input(lane), |index, steps| delivery.input(index, steps));
    let Delivery { output, packings, report, mut summary, .. } = delivery;
    reporter.end();
    delivered?;
    if let Some(packings) = packings {
        packings.finish()?;
    }
    // A wish to stop after the last design comes too late to stop anything.
    let failed = summary.run.failed.len();
    summary.run.stopped = reporter.stops() && summary.structures + summary.resumed + failed < proteins;
    if let Some(output) = output {
        let state = if summary.run.stopped { State::Interrupted } else { State::Finished };
        output.finish(&summary.run.failed, state)?;
    }
    if let Some(report) = report {
        report.finish(&summary.run.failed, summary.run.stopped)?;
    }
    summary.elapsed = started.elapsed();
    Ok(summary)
}
