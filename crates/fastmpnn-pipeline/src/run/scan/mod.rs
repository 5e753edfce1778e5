//! `scan`: the effect of mutations on the likelihood.

mod mutants;
mod singles;

use std::borrow::Cow;
use std::cell::OnceCell;

use fastmpnn::structure::Structure;

use self::mutants::MutantScorer;
use self::singles::SingleScan;
use super::batch::{Batch, Worker, check_protein, note_inputs};
use super::network_options::NetworkOptions;
use super::{Encodings, Resources, Summary};
use crate::error::{InFile, PipelineError, refusal};
use crate::event::{LigandReport, NoteKind, Observer, Outcome, Reporter, Unit};
use crate::input::{Input, MutantText, ResolvedDesign, mutant_texts};
use crate::message::Field;
use crate::output::ScanFiles;
use crate::request::{Request, ScanRequest};

/// Compares every letter with the native one, at each residue that a design with the same settings would draw; or given
/// mutants with the native sequence.
///
/// An input that cannot be used is a failure, told to the observer and counted in the summary. The error is one that ends
/// the run: a request that cannot be carried out, or a result that cannot be written.
pub fn scan(
    request: &ScanRequest,
    resources: &mut Resources<'_>,
    observer: &mut dyn Observer,
) -> Result<Summary, PipelineError> {
    request.check()?;
    let mut resolved = ResolvedDesign::of_scan(request, &resources.sources)?;
    resolved.spec.by_residue = resources.values.by_residue.clone();
    let mutants = mutant_texts(&request.mutations, &resources.sources)?;
    let of_mutants = is_of_mutants(&resolved, request)?;
    let mut reporter = Reporter::new(observer);
    note_inputs(&resolved.run, &mut reporter);
    let engine = resources.engines.engine(&request.network)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let count = resolved.run.inputs.len();
    let files = ScanFiles::open(request, of_mutants, count)?;
    reporter.start(count as u64, Unit::Structures);
    let needs = engine.model().config().family.backbone_atoms();
    let encodings = &resources.encodings;
    let mut run = ScanRun { request, resolved: &resolved, engine: &engine, encodings, mutants, files, done: 0 };
    let mut worker = Worker { sources: &resources.sources, reporter: &mut reporter };
    let failed = Batch { run: &resolved.run, needs }
        .for_each_structure(&mut worker, |input, structure, worker| run.structure(input, &structure, worker))?;
    run.files.finish()?;
    let stopped = reporter.stops() && run.done + failed.len() < count;
    Ok(Summary { inputs: count, failed, stopped, results: run.done })
}

/// Whether given mutants are compared, in all structures or in none: results of the two kinds have other columns.
fn is_of_mutants(resolved: &ResolvedDesign, request: &ScanRequest) -> Result<bool, PipelineError> {
    let first = OnceCell::new();
    resolved.run.check_each(request, |row: &ScanRequest| {
        if row.is_of_mutants() == *first.get_or_init(|| row.is_of_mutants()) {
            return Ok(());
        }
        let (mutations, double) = (Field("mutations"), Field("double"));
        Err(refusal(format!(
            "rows before have {mutations} or {double} and this one has not, or the other way round: the two make different tables"
        )))
    })?;
    Ok(first.get().copied().unwrap_or_default())
}

/// A run of `scan` on its way.
struct ScanRun<'a> {
    request: &'a ScanRequest,
    resolved: &'a ResolvedDesign,
    engine: &'a fastmpnn::Engine,
    encodings: &'a Encodings,
    mutants: Vec<MutantText>,
    files: ScanFiles<'a>,
    /// The structures that are finished.
    done: usize,
}

impl ScanRun<'_> {
    fn structure(
        &mut self,
        input: &Input,
        structure: &Structure,
        worker: &mut Worker<'_, '_>,
    ) -> Result<(), PipelineError> {
        let own = self.resolved.request_of(self.request, input);
        let (request, engine) = (&*own, self.engine);
        let file = input.display_name();
        check_protein(structure, &file)?;
        worker.reporter.structure_warnings(&file, structure);
        let plan = self.resolved.spec_of(input, structure, worker.sources)?.resolve(structure).in_file(&file)?;
        let reporter = &mut *worker.reporter;
        reporter.plan_warnings(&file, &plan.warnings);
        reporter.labels(structure, request.residues.pdb_labels);
        let sees = engine.model().config().context_atoms.is_some();
        reporter.ligands(&file, structure, &LigandReport::of(structure, &plan.environment, sees));
        let texts = match own {
            Cow::Borrowed(_) => Cow::Borrowed(&self.mutants),
            Cow::Owned(_) => Cow::Owned(mutant_texts(&request.mutations, worker.sources).in_file(&file)?),
        };
        let reporter = &mut *worker.reporter;
        let mut mutants = Vec::new();
        for mutant in texts.iter() {
            mutants.push(mutants::of_text(mutant, structure, &plan).in_file(&file)?);
        }
        if let Some(doubles) = mutants::doubles(&request.double, structure, &plan).in_file(&file)? {
            reporter.note(Some(&structure.name), NoteKind::Plan, doubles.said);
            mutants.extend(doubles.mutants);
        }
        let encoding = self.encodings.of_structure(engine, structure, &plan.environment).in_file(&file)?;
        let result = if request.is_of_mutants() {
            let scorer = MutantScorer { request, engine, encoding: &encoding, structure, plan: &plan };
            scorer.compare(&mutants, reporter)
        } else {
            SingleScan { request, engine, encoding: &encoding, structure, plan: &plan }.compare(reporter)
        };
        let Some(result) = result.in_file(&file)? else { return Ok(()) };
        self.files.add(&result)?;
        reporter.result(&Outcome::Scan(result));
        reporter.advance(1);
        self.done += 1;
        Ok(())
    }
}
