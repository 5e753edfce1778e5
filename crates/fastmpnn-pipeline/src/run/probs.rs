//! `probs`: the distribution over the letters at every residue.

use fastmpnn::Engine;
use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::structure::Structure;

use super::batch::{Batch, BatchEnd, Ended, Planned, Planner, Worker, note_inputs};
use super::lanes::Size;
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
    let engine = resources.engine(&request.network, &mut reporter)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let needs = engine.model().config().family.backbone_atoms();
    let mut out = request.out.as_deref().map(|path| ProbabilityFile::open(path, request.probabilities)).transpose()?;
    let logos = LogoFiles::open(&request.logo, count)?;
    reporter.start(count as u64, Unit::Structures);
    let run = ProbsRun {
        request,
        resolved: &resolved,
        sources: &resources.sources,
        encodings: &resources.encodings,
        planner: Planner::new(&resolved, &resources.sources),
    };
    let batch = Batch { run: &resolved.run, sources: &resources.sources, needs };
    let work =
        |input: &Input, structure, worker: &Worker<'_, '_, Probabilities>| run.structure(input, structure, worker);
    let mut results = 0;
    let end = batch.work(&engine, &mut reporter, work, |Probabilities { structure, mut values }, reporter| {
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
        reporter.result(&Outcome::Probabilities(outcome));
        reporter.advance(1);
        results += 1;
        Ok(())
    })?;
    if let Some(out) = out {
        out.finish()?;
    }
    let BatchEnd { failed, stopped } = end;
    Ok(Summary { inputs: count, failed, stopped, results })
}

/// What is made of a structure.
struct Probabilities {
    structure: Structure,
    /// ln p, nats. `[N, V]`
    values: Vec<[f32; VOCABULARY]>,
}

/// A run of `probs` on its way.
struct ProbsRun<'a> {
    request: &'a ProbsRequest,
    resolved: &'a ResolvedDesign,
    sources: &'a Sources,
    encodings: &'a Encodings,
    planner: Planner<'a>,
}

impl ProbsRun<'_> {
    fn structure(
        &self,
        input: &Input,
        structure: Structure,
        worker: &Worker<'_, '_, Probabilities>,
    ) -> Result<(), Ended> {
        let file = input.display_name();
        let mut told = worker.told();
        let reporter = &mut Reporter::new(&mut told);
        let planned = self.planner.plan(input, &structure, reporter)?;
        let residues = structure.residues.len();
        let results = (residues * size_of::<[f32; VOCABULARY]>()) as u64;
        let engine = worker.admit(Size { residues, results, kept: 0 })?;
        let sees = engine.model().config().context_atoms.is_some();
        reporter.ligands(&file, &structure, &LigandReport::of(&structure, &planned.plan.environment, sees));
        let values = self.log_probabilities(engine, input, &structure, &planned)?;
        worker.made(Probabilities { structure, values });
        Ok(())
    }

    fn log_probabilities(
        &self,
        engine: &Engine,
        input: &Input,
        structure: &Structure,
        planned: &Planned,
    ) -> Result<Vec<[f32; VOCABULARY]>, PipelineError> {
        let ProbsRun { request, sources, .. } = *self;
        let (request, file) = (&*self.resolved.request_of(request, input), &*input.display_name());
        let Planned { spec, plan } = planned;
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
