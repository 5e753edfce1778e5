//! `design`: sequences for each structure.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use fastmpnn::chemistry::Sequence;
use fastmpnn::decode::{Design, EdgeCache};
use fastmpnn::error::EngineError;
use fastmpnn::spec::{DesignPlan, States, StatesPlan};
use fastmpnn::{Designer, Engine, LogitsHook};

use super::batch::{Batch, Worker, check_protein, note_inputs};
use super::network_options::NetworkOptions;
use super::pack::DesignPacker;
use super::rescorer::Rescorer;
use super::watched::watched;
use super::{DesignSummary, Encodings, Resources, Summary};
use crate::error::{InFile, PipelineError};
use crate::event::{
    DesignOutcome, DesignResult, LigandReport, NativeOutcome, NoteKind, Observer, Outcome, Reporter, Unit, WarningKind,
};
use crate::input::{Input, ResolvedDesign};
use crate::measure::{Measures, ScoreMask, native_sequence};
use crate::message::Message;
use crate::output::{DesignFolder, DesignTarget, FolderRequest, ResultsFolder, State, StateStructures, TargetParts};
use crate::request::{DesignRequest, Request};

/// Samples for each thread that are drawn before they are written: enough to keep it busy, few enough to hold in memory
/// and to see progress. The designs do not depend on it.
const WAVE_A_THREAD: u64 = 32;

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
    let mut reporter = Reporter::new(observer);
    note_inputs(&resolved.run, &mut reporter);
    let engine = resources.engines.engine(&request.network)?;
    NetworkOptions::of(&resolved).of_design(request.ligand_cutoff, request.pack).check(&engine)?;
    let folder = match &request.folder.out {
        Some(path) => Some(Rc::new(ResultsFolder::take(&FolderRequest {
            path,
            command: DesignRequest::NAME,
            overwrite: request.folder.overwrite,
            inputs: &resolved.run.inputs,
            fasta: None,
        })?)),
        None => None,
    };
    let needs = engine.model().config().family.backbone_atoms();
    let written = folder.clone().map(|folder| DesignFolder::open(request, &resolved, &engine, folder));
    let packer = match request.pack {
        true => Some(DesignPacker::new(request, resources.engines.packer(&request.side_chains.packer)?, folder)),
        false => None,
    };
    let inputs = resolved.run.inputs.len();
    let proteins = if request.states.states { 1 } else { inputs as u64 };
    let each = request.sampling.num_seqs.saturating_mul(request.sampling.temperature.len() as u64);
    let wanted = each.saturating_mul(proteins);
    let mut run = DesignRun {
        request,
        resolved: &resolved,
        engine: &engine,
        encodings: resources.encodings.clone(),
        hooks: resources.values.hooks.clone(),
        no_native_scores: resources.values.no_native_scores,
        written,
        packer,
        summary: DesignSummary { run: Summary { inputs, ..Summary::default() }, wanted, ..DesignSummary::default() },
    };
    run.describe_packing();
    reporter.start(wanted, Unit::Designs);
    let started = Instant::now();
    let batch = Batch { run: &resolved.run, needs };
    let mut worker = Worker { sources: &resources.sources, reporter: &mut reporter };
    let failed = if request.states.states {
        let states = batch.states(request.states.state_weights.as_deref(), &mut worker);
        let designed = states.and_then(|states| run.protein(&resolved.run.inputs[0], &states, &mut worker));
        worker.reporter.end();
        designed?;
        Vec::new()
    } else {
        batch.for_each_structure(&mut worker, |input, structure, worker| {
            let file = input.display_name();
            check_protein(&structure, &file)?;
            worker.reporter.structure_warnings(&file, &structure);
            let states = States::new(vec![structure], None).in_file(&file)?;
            run.protein(input, &states, worker)
        })?
    };
    let DesignRun { written, packer, mut summary, .. } = run;
    if let Some(packer) = packer {
        packer.finish()?;
    }
    // A wish to stop after the last design comes too late to stop anything.
    summary.run.stopped = reporter.stops() && ((summary.structures + failed.len()) as u64) < proteins;
    if let Some(written) = written {
        written.finish(&failed, if summary.run.stopped { State::Interrupted } else { State::Finished })?;
    }
    summary.run.failed = failed;
    summary.elapsed = started.elapsed();
    Ok(summary)
}

/// A run of `design` on its way.
struct DesignRun<'a> {
    request: &'a DesignRequest,
    resolved: &'a ResolvedDesign,
    engine: &'a Engine,
    encodings: Encodings,
    hooks: Vec<Arc<dyn LogitsHook>>,
    no_native_scores: bool,
    written: Option<DesignFolder>,
    packer: Option<DesignPacker<'a>>,
    summary: DesignSummary,
}

impl DesignRun<'_> {
    /// Says in the settings how designs are packed.
    fn describe_packing(&mut self) {
        if let (Some(written), Some(packer)) = (&mut self.written, &self.packer) {
            written.describe_packing(packer.record());
        }
    }

    /// Designs one protein, in one state or several.
    fn protein(&mut self, input: &Input, states: &States, worker: &mut Worker<'_, '_>) -> Result<(), PipelineError> {
        let (request, engine) = (self.request, self.engine);
        let file = input.display_name();
        let protein = states.protein();
        let spec = self.resolved.spec_of(input, protein, worker.sources)?;
        let tied = states.resolve(&spec).in_file(&file)?;
        let plan = &tied.plan;
        let reporter = &mut *worker.reporter;
        reporter.plan_warnings(&file, &plan.warnings);
        reporter.labels(protein, request.residues.pdb_labels);
        let summary = plan.summary(protein);
        let structures = StateStructures::new(request, plan, states.structures(), &mut |file, why| {
            reporter.warn(file, WarningKind::Format, why);
        });
        let line = format!("{summary}{}", self.of_states(input, states, &tied, reporter));
        reporter.note(Some(&protein.name), NoteKind::Plan, line);
        let encoding = self.encodings.of_states(engine, states, &tied).in_file(&file)?;
        let mask = ScoreMask::new(protein, &plan.designed)
            .with_near_ligand(near_ligand(request, engine, states).in_file(&file)?);
        let rescorer = Rescorer::new(engine, states, &tied, &encoding, &mask, &file)?;
        let ranks = rescorer.ranks(request.rescore_orders.unwrap_or(0))?;
        let native_of_all = native_sequence(states.all());
        let (measures, rescored) = if self.no_native_scores {
            (Measures { score: None, global_score: None, recovery: None, ligand: None }, None)
        } else {
            let measures = rescorer.measures(&native_of_all, &rescorer.rank(0)?)?;
            let rescored = rescorer.mean_scores(std::slice::from_ref(&native_of_all), &ranks)?;
            (measures, rescored.into_iter().next().flatten())
        };
        let target = DesignTarget::new(TargetParts {
            request,
            engine,
            file: &file,
            structure: protein,
            states: &structures,
            plan,
            summary: &summary,
            warnings: all_warnings(protein, plan, reporter),
        });
        let native = NativeOutcome { target: &target, sequence: &mask.native, measures, rescored };
        if let Some(written) = &mut self.written {
            written.begin(&native)?;
        }
        reporter.result(&Outcome::Native(native));
        let designer = engine.designer(&encoding, states.all(), &tied.all).in_file(&file)?;
        let designer = self.hooks.iter().cloned().fold(designer, Designer::with_hook);
        if request.sampling.num_seqs > 1 {
            match designer.edge_cache() {
                kept @ EdgeCache::Kept(_) => {
                    reporter.note(Some(&protein.name), NoteKind::EdgesKept, kept.to_string());
                }
                other => reporter.warn(&file, WarningKind::EdgesRecomputed, other.to_string()),
            }
        }
        let wave = WAVE_A_THREAD * engine.threads() as u64;
        for &temperature in &request.sampling.temperature {
            let mut first = 0;
            while first < request.sampling.num_seqs {
                if reporter.stops() {
                    return self.end();
                }
                let end = request.sampling.num_seqs.min(first + wave);
                let designs = watched(reporter, |observer| {
                    designer.clone().with_observer(observer).sample(first..end, temperature)
                });
                let Some(designs) = designs.in_file(&file)? else { return self.end() };
                let sequences: Vec<Sequence> = designs.iter().map(|design| design.sequence.clone()).collect();
                let rescored = rescorer.mean_scores(&sequences, &ranks)?;
                let drawn: Vec<DesignResult> = designs
                    .into_iter()
                    .zip(rescored)
                    .map(|(design, rescored)| {
                        let design = of_protein(states, &tied, design);
                        let measures = mask.measure(&design.sequence, &design.negative_log_likelihood);
                        DesignResult { design, measures, rescored }
                    })
                    .collect();
                if let Some(written) = &mut self.written {
                    written.add(&target, &drawn).in_file(&file)?;
                }
                self.count(&drawn);
                for result in &drawn {
                    reporter.result(&Outcome::Design(DesignOutcome { target: &target, result }));
                }
                if !self.pack(input, &target, &drawn, reporter)? {
                    return self.end();
                }
                reporter.advance(end - first);
                first = end;
            }
        }
        self.end()?;
        self.summary.structures += 1;
        Ok(())
    }

    /// What is to be said of the states and of the ligands that the network sees in each.
    fn of_states(&self, input: &Input, states: &States, tied: &StatesPlan, reporter: &mut Reporter<'_>) -> String {
        let names: Vec<&str> = states.structures().iter().map(|state| state.name.as_str()).collect();
        let several = names.len() > 1;
        let mut text = if several { format!("; in the states {}", names.join(", ")) } else { String::new() };
        let sees = self.engine.model().config().context_atoms.is_some();
        for (index, (state, environment)) in states.structures().iter().zip(&tied.environment).enumerate() {
            match LigandReport::of(state, environment, sees) {
                LigandReport::Nothing => {}
                LigandReport::Seen(sentence) if several => text.push_str(&format!("; {} {sentence}", state.name)),
                LigandReport::Seen(sentence) => text.push_str(&format!("; {sentence}")),
                LigandReport::Unseen(sentence) => {
                    let file = self.input_of(index, input).display_name();
                    reporter.warn(&file, WarningKind::UnseenLigands, sentence);
                }
            }
        }
        text
    }

    /// The input of a state.
    fn input_of<'i>(&'i self, state: usize, input: &'i Input) -> &'i Input {
        // The models of a file are of one input.
        self.resolved.run.inputs.get(state).filter(|_| self.request.states.states).unwrap_or(input)
    }

    fn count(&mut self, designs: &[DesignResult]) {
        self.summary.run.results += designs.len();
        for DesignResult { measures, .. } in designs {
            self.summary.score.add(measures.score);
            self.summary.recovery.add(measures.recovery);
        }
    }

    /// Packs a wave of designs on each state; false where the run is to end before all are packed.
    fn pack(
        &mut self,
        input: &Input,
        target: &DesignTarget<'_>,
        drawn: &[DesignResult],
        reporter: &mut Reporter<'_>,
    ) -> Result<bool, PipelineError> {
        let Some(mut packer) = self.packer.take() else { return Ok(true) };
        let packed = (|| {
            for DesignResult { design, .. } in drawn {
                if reporter.stops() {
                    return Ok(false);
                }
                for (index, state) in target.states.iter().enumerate() {
                    let file = self.input_of(index, input).display_name();
                    packer.add(&file, state, target.plan, design, reporter)?;
                }
            }
            Ok(true)
        })();
        self.packer = Some(packer);
        packed
    }

    fn end(&mut self) -> Result<(), PipelineError> {
        match &mut self.written {
            Some(written) => Ok(written.end()?),
            None => Ok(()),
        }
    }
}

/// The warnings of a structure and its plan, for a file.
fn all_warnings(structure: &fastmpnn::structure::Structure, plan: &DesignPlan, reporter: &Reporter<'_>) -> Vec<String> {
    let of_structure = structure.warnings.iter().map(ToString::to_string);
    let of_plan = plan.warnings.iter().map(ToString::to_string);
    of_structure.chain(of_plan).map(|text| reporter.text(&Message::of_library(&text))).collect()
}

/// Whether each residue is near a ligand in one of the states, where the network sees ligands.
fn near_ligand(request: &DesignRequest, engine: &Engine, states: &States) -> Result<Option<Vec<bool>>, EngineError> {
    let cutoff = request.cutoff();
    let mut near: Option<Vec<bool>> = None;
    for state in states.structures() {
        let Some(of_state) = engine.near_ligand(state, cutoff)? else { return Ok(None) };
        near = Some(match near {
            None => of_state,
            Some(near) => near.iter().zip(of_state).map(|(&one, other)| one || other).collect(),
        });
    }
    Ok(near)
}

/// The design of the protein, of that of all its states.
fn of_protein(states: &States, tied: &StatesPlan, design: Design) -> Design {
    Design {
        sequence: states.sequence(tied, &design.sequence),
        negative_log_likelihood: states.mean(&design.negative_log_likelihood),
        log_probabilities: states.mean_rows(&design.log_probabilities),
        rank: design.rank[..states.protein().residues.len()].to_vec(),
        ..design
    }
}
