//! `probs`: the distribution over the letters at every residue.

use fastmpnn::Engine;
use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn::structure::Structure;

use super::batch::{Batch, Worker, check_protein, note_inputs};
use super::network_options::NetworkOptions;
use super::{Encodings, Resources, Summary};
use crate::error::{InFile, PipelineError, refusal};
use crate::event::{LigandReport, Observer, Outcome, ProbabilityOutcome, Reporter, Unit};
use crate::input::{Input, ResolvedDesign, Sources, read_fasta};
use crate::measure::native_sequence;
use crate::message::Field;
use crate::output::{ArrayFormat, LogoFiles, ProbabilityFile};
use crate::request::{ProbabilityMode, ProbsRequest, Request};

/// The probabilities of all letters at each residue of the structures of a request.
///
/// An input that cannot be used is a failure, told to the observer and counted in the summary. The error is one that ends
/// the run: a request that cannot be carried out, or a result that cannot be written.
pub fn probs(
    request: &ProbsRequest,
    resources: &mut Resources<'_>,
    observer: &mut dyn Observer,
) -> Result<Summary, PipelineError> {
    let format = request.out.as_deref().map(ArrayFormat::of).transpose()?;
    let mut resolved = ResolvedDesign::of_probs(request, &resources.sources)?;
    resolved.spec.by_residue = resources.values.by_residue.clone();
    let count = resolved.run.inputs.len();
    if let (Some(path), Some(ArrayFormat::Npz | ArrayFormat::Npy)) = (&request.out, format)
        && count > 1
    {
        let (out, path) = (Field("out"), path.display());
        let why = format!("holds one structure, and there are {count}; a .csv file holds several");
        return Err(refusal(format!("{out} {path} {why}")));
    }
    request.check()?;
    let mut reporter = Reporter::new(observer);
    note_inputs(&resolved.run, &mut reporter);
    let engine = resources.engines.engine(&request.network)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let needs = engine.model().config().family.backbone_atoms();
    let mut out = request.out.as_deref().map(|path| ProbabilityFile::open(path, request.probabilities)).transpose()?;
    let logos = LogoFiles::open(&request.logo, count)?;
    reporter.start(count as u64, Unit::Structures);
    let mut done = 0;
    let run = ProbsRun { request, resolved: &resolved, engine: &engine, encodings: &resources.encodings };
    let mut worker = Worker { sources: &resources.sources, reporter: &mut reporter };
    let failed = Batch { run: &resolved.run, needs }.for_each_structure(&mut worker, |input, structure, worker| {
        let file = input.display_name();
        check_protein(&structure, &file)?;
        worker.reporter.structure_warnings(&file, &structure);
        let spec = resolved.spec_of(input, &structure, worker.sources)?;
        let plan = spec.resolve(&structure).in_file(&file)?;
        worker.reporter.plan_warnings(&file, &plan.warnings);
        let sees = engine.model().config().context_atoms.is_some();
        let ligands = LigandReport::of(&structure, &plan.environment, sees);
        worker.reporter.ligands(&file, &structure, &ligands);
        let mut values = run.log_probabilities(input, &structure, &PlannedSpec { spec, plan }, worker.sources)?;
        if let Some(logos) = &logos {
            logos.draw(&structure, request.mode, &values)?;
        }
        if request.probabilities {
            values.iter_mut().flatten().for_each(|value| *value = value.exp());
        }
        let outcome = ProbabilityOutcome { structure: &structure, values: &values };
        if let Some(out) = &mut out {
            out.add(&outcome)?;
        }
        worker.reporter.result(&Outcome::Probabilities(outcome));
        worker.reporter.advance(1);
        done += 1;
        Ok(())
    })?;
    if let Some(out) = out {
        out.finish()?;
    }
    let stopped = reporter.stops() && done + failed.len() < count;
    Ok(Summary { inputs: count, failed, stopped, results: done })
}

/// A run of `probs` on its way.
struct ProbsRun<'a> {
    request: &'a ProbsRequest,
    resolved: &'a ResolvedDesign,
    engine: &'a Engine,
    encodings: &'a Encodings,
}

/// A specification and what it comes to.
struct PlannedSpec {
    spec: DesignSpec,
    plan: DesignPlan,
}

impl ProbsRun<'_> {
    fn log_probabilities(
        &self,
        input: &Input,
        structure: &Structure,
        planned: &PlannedSpec,
        sources: &Sources,
    ) -> Result<Vec<[f32; VOCABULARY]>, PipelineError> {
        let ProbsRun { request, engine, .. } = *self;
        let (request, file) = (&*self.resolved.request_of(request, input), &*input.display_name());
        let PlannedSpec { spec, plan } = planned;
        let sequence = match &request.fasta {
            None => native_sequence(structure),
            Some(path) => match read_fasta(path, sources, structure, spec)?.into_iter().next() {
                Some(record) => record.sequence,
                None => native_sequence(structure),
            },
        };
        let encoding = self.encodings.of_structure(engine, structure, &plan.environment).in_file(file)?;
        if request.mode == ProbabilityMode::Unconditional {
            return engine.unconditional(&encoding).in_file(file);
        }
        let rank = engine.decoding_rank(&encoding, structure, plan, 0).in_file(file)?;
        let values = match request.mode {
            ProbabilityMode::Conditional => engine.conditional(&encoding, structure, &sequence, &rank),
            ProbabilityMode::Autoregressive | ProbabilityMode::Unconditional => {
                engine.autoregressive(&encoding, structure, &sequence, &rank)
            }
        };
        values.in_file(file)
    }
}
