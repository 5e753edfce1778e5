//! `scan`: the effect of mutations on the likelihood.

mod mutants;
mod singles;

use std::borrow::Cow;
use std::cell::OnceCell;

use fastmpnn::Engine;
use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::structure::{ResidueId, Structure};

use self::mutants::{Mutant, MutantScorer};
use self::singles::SingleScan;
use super::batch::{Batch, BatchEnd, Ended, Planned, Planner, Worker, note_inputs};
use super::lanes::Size;
use super::network_options::NetworkOptions;
use super::{Encodings, Resources, Summary};
use crate::error::{InFile, PipelineError, refusal};
use crate::event::{
    LigandReport, MutantChange, MutatedResidue, NoteKind, Observer, Outcome, Reporter, ScanResult, Unit,
};
use crate::input::{Input, MutantText, ResolvedDesign, Sources, mutant_texts};
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
    let engine = resources.engine(&request.network, &mut reporter)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let count = resolved.run.inputs.len();
    let mut files = ScanFiles::open(request, of_mutants, count)?;
    reporter.start(count as u64, Unit::Structures);
    let needs = engine.model().config().family.backbone_atoms();
    let planner = Planner::new(&resolved, &resources.sources);
    let (sources, encodings) = (&resources.sources, &resources.encodings);
    let run = ScanRun { request, resolved: &resolved, planner, sources, encodings, mutants };
    let batch = Batch { run: &resolved.run, sources, needs };
    let work = |input: &Input, structure, worker: &Worker<'_, '_, ScanResult>| run.structure(input, &structure, worker);
    let mut results = 0;
    let BatchEnd { failed, stopped } = batch.work(&engine, &mut reporter, work, |result, reporter| {
        files.add(&result)?;
        reporter.result(&Outcome::Scan(result));
        reporter.advance(1);
        results += 1;
        Ok(())
    })?;
    files.finish()?;
    Ok(Summary { inputs: count, failed, stopped, results })
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
    planner: Planner<'a>,
    sources: &'a Sources,
    encodings: &'a Encodings,
    mutants: Vec<MutantText>,
}

impl ScanRun<'_> {
    fn structure(
        &self,
        input: &Input,
        structure: &Structure,
        worker: &Worker<'_, '_, ScanResult>,
    ) -> Result<(), Ended> {
        let own = self.resolved.request_of(self.request, input);
        let request = &*own;
        let file = input.display_name();
        let mut told = worker.told();
        let reporter = &mut Reporter::new(&mut told);
        let Planned { plan, .. } = self.planner.plan(input, structure, reporter)?;
        reporter.labels(structure, request.residues.pdb_labels);
        let sees = worker.network().model().config().context_atoms.is_some();
        reporter.ligands(&file, structure, &LigandReport::of(structure, &plan.environment, sees));
        let texts = match own {
            Cow::Borrowed(_) => Cow::Borrowed(&self.mutants),
            Cow::Owned(_) => Cow::Owned(mutant_texts(&request.mutations, self.sources).in_file(&file)?),
        };
        let mut mutants = Vec::new();
        for mutant in texts.iter() {
            mutants.push(mutants::of_text(mutant, structure, &plan).in_file(&file)?);
        }
        if let Some(doubles) = mutants::doubles(&request.double, structure, &plan).in_file(&file)? {
            reporter.note(Some(&structure.name), NoteKind::Plan, doubles.said);
            mutants.extend(doubles.mutants);
        }
        let engine = worker.admit(size(worker.network(), structure, &mutants))?;
        let encoding = self.encodings.of_structure(engine, structure, &plan.environment).in_file(&file)?;
        let result = if request.is_of_mutants() {
            let scorer = MutantScorer { request, engine, encoding: &encoding, structure, plan: &plan };
            scorer.compare(&mutants, reporter)
        } else {
            SingleScan { request, engine, encoding: &encoding, structure, plan: &plan }.compare(reporter)
        };
        let Some(result) = result.in_file(&file)? else { return Err(Ended::Stopped) };
        worker.made(result);
        Ok(())
    }
}

/// What the comparison of a structure's mutations takes.
fn size(engine: &Engine, structure: &Structure, mutants: &[Mutant]) -> Size {
    let residues = structure.residues.len();
    let of_singles = residues * (size_of::<[f32; VOCABULARY]>() + size_of::<ResidueId>());
    let of_mutant = |mutant: &Mutant| size_of::<MutantChange>() + mutant.len() * size_of::<MutatedResidue>();
    let of_mutants: usize = mutants.iter().map(of_mutant).sum();
    Size::decoded(engine, residues, residues, (of_singles + of_mutants) as u64)
}
