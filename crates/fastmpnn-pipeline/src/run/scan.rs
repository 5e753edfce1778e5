//! `scan`: the effect of every single mutation on the likelihood.

use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::Structure;
use fastmpnn::{Encoding, Engine};

use super::batch::{Batch, Worker, check_protein, note_inputs};
use super::network_options::NetworkOptions;
use super::{Resources, Summary};
use crate::error::{InFile, PipelineError};
use crate::event::{LigandReport, Observer, Outcome, Reporter, ScanResult, Unit};
use crate::input::ResolvedDesign;
use crate::measure::native_sequence;
use crate::request::{ProbabilityMode, Request, ScanRequest};

/// Compares every letter with the native one, at each residue that a design with the same settings would draw.
///
/// An input that cannot be used is a failure, told to the observer and counted in the summary. The error is one that ends
/// the run: a request that cannot be carried out.
pub fn scan(
    request: &ScanRequest,
    resources: &mut Resources<'_>,
    observer: &mut dyn Observer,
) -> Result<Summary, PipelineError> {
    request.check()?;
    let mut resolved = ResolvedDesign::of_scan(request, &resources.sources)?;
    resolved.spec.by_residue = resources.values.by_residue.clone();
    let mut reporter = Reporter::new(observer);
    note_inputs(&resolved.run, &mut reporter);
    let engine = resources.engines.engine(&request.network)?;
    NetworkOptions::of(&resolved).check(&engine)?;
    let count = resolved.run.inputs.len();
    reporter.start(count as u64, Unit::Structures);
    let needs = engine.model().config().family.backbone_atoms();
    let encodings = &resources.encodings;
    let mut done = 0;
    let mut worker = Worker { sources: &resources.sources, reporter: &mut reporter };
    let failed = Batch { run: &resolved.run, needs }.for_each_structure(&mut worker, |input, structure, worker| {
        let file = input.display_name();
        check_protein(&structure, &file)?;
        worker.reporter.structure_warnings(&file, &structure);
        let plan = resolved.spec_of(input, &structure, worker.sources)?.resolve(&structure).in_file(&file)?;
        worker.reporter.plan_warnings(&file, &plan.warnings);
        worker.reporter.labels(&structure, request.residues.pdb_labels);
        let sees = engine.model().config().context_atoms.is_some();
        let ligands = LigandReport::of(&structure, &plan.environment, sees);
        worker.reporter.ligands(&file, &structure, &ligands);
        let encoding = encodings.of_structure(&engine, &structure, &plan.environment).in_file(&file)?;
        let scanner = Scanner { request, engine: &engine, encoding: &encoding, structure: &structure, plan: &plan };
        let Some(mean) = scanner.mean_log_probabilities(worker.reporter).in_file(&file)? else {
            return Ok(());
        };
        worker.reporter.result(&Outcome::Scan(scanned(&structure, &plan, &mean)));
        worker.reporter.advance(1);
        done += 1;
        Ok(())
    })?;
    let stopped = reporter.stops() && done + failed.len() < count;
    Ok(Summary { inputs: count, failed, stopped, results: done })
}

/// A structure whose mutations are compared.
struct Scanner<'a> {
    request: &'a ScanRequest,
    engine: &'a Engine,
    encoding: &'a Encoding,
    structure: &'a Structure,
    plan: &'a DesignPlan,
}

impl Scanner<'_> {
    /// ln p of every letter, the mean over the decoding orders; none where the run is to end before. `[N, V]`
    fn mean_log_probabilities(
        &self,
        reporter: &mut Reporter<'_>,
    ) -> Result<Option<Vec<[f32; VOCABULARY]>>, PipelineError> {
        let Scanner { request, engine, encoding, structure, plan } = *self;
        if request.mode == ProbabilityMode::Unconditional {
            return Ok(Some(engine.unconditional(encoding)?));
        }
        let native = native_sequence(structure);
        let mut sums = vec![[0.0_f64; VOCABULARY]; structure.residues.len()];
        for sample in 0..u64::from(request.num_orders) {
            if reporter.stops() {
                return Ok(None);
            }
            let rank = engine.decoding_rank(encoding, structure, plan, sample)?;
            let log_p = engine.conditional(encoding, structure, &native, &rank)?;
            for (sums, row) in sums.iter_mut().zip(&log_p) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += f64::from(*value);
                }
            }
        }
        let orders = f64::from(request.num_orders);
        Ok(Some(sums.iter().map(|row| row.map(|sum| (sum / orders) as f32)).collect()))
    }
}

/// The changes at the residues that are designed.
fn scanned(structure: &Structure, plan: &DesignPlan, log_p: &[[f32; VOCABULARY]]) -> ScanResult {
    let mut result =
        ScanResult { name: structure.name.clone(), residues: Vec::new(), native: Vec::new(), change: Vec::new() };
    for ((residue, &designed), row) in structure.residues.iter().zip(&plan.designed).zip(log_p) {
        if designed {
            result.residues.push(residue.id.clone());
            result.native.push(residue.letter);
            result.change.push(row.map(|value| value - row[residue.letter.index()]));
        }
    }
    result
}
