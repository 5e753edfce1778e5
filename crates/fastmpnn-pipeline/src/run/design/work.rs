//! The work on one structure: from its file to its designs. It runs on any thread and needs no observer: what is to be
//! said and written is handed over as steps.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::decode::{self, Design, EdgeCache};
use fastmpnn::error::EngineError;
use fastmpnn::spec::{DesignPlan, States, StatesPlan};
use fastmpnn::structure::{BackboneAtoms, Structure};
use fastmpnn::{Designer, Engine, Packer};

use super::step::{Begun, Made, PackedState};
use crate::error::InFile;
use crate::event::{DesignResult, LigandReport, NoteKind, Progress, Reporter, WarningKind};
use crate::input::{Input, InputIdentity, ResolvedDesign, Sources};
use crate::measure::{Measures, ScoreMask, native_sequence};
use crate::message::Message;
use crate::output::{FinishedInputs, MOST_HEAT_RESIDUES, StateStructures};
use crate::request::DesignRequest;
use crate::run::batch::{Batch, Ended, Step, Told, Worker, check_protein};
use crate::run::lanes::{Lane, Size};
use crate::run::pack::{DesignPacker, bytes_a_packing};
use crate::run::rescorer::Rescorer;
use crate::run::watched::watched;
use crate::run::{Encodings, Values};
use crate::selection::{Selection, StructureSelection};

/// Samples for each thread that are drawn before they are handed over: enough to keep it busy, few enough to hold in
/// memory and to see progress. The designs do not depend on it.
const WAVE_A_THREAD: u64 = 32;

/// The most bytes of designs that are drawn before they are handed over, as far as every thread has a sample.
const WAVE_BYTES: u64 = 256 << 20;

/// What the work on every structure of a run has in common.
pub(super) struct DesignWork<'r> {
    pub(super) request: &'r DesignRequest,
    pub(super) engine: &'r Engine,
    pub(super) resolved: &'r ResolvedDesign,
    pub(super) sources: &'r Sources,
    pub(super) encodings: &'r Encodings,
    pub(super) values: &'r Values,
    /// What the network needs of a residue.
    pub(super) needs: BackboneAtoms,
    pub(super) packer: Option<Packer>,
    /// The inputs that the output has already.
    pub(super) finished: Option<Arc<dyn FinishedInputs>>,
}

type DesignLane<'l, 'r> = Lane<'l, Step<Made<'r>>>;

impl<'r> DesignWork<'r> {
    /// Does the work on an input; where the inputs are states, on all of them.
    pub(super) fn input(&self, lane: &DesignLane<'_, 'r>) {
        Worker::new(lane).end(|_| self.designed(lane));
    }

    fn designed(&self, lane: &DesignLane<'_, 'r>) -> Result<(), Ended> {
        let input = &self.resolved.run.inputs.get(lane.index).unwrap_or_default();
        let batch = Batch { run: &self.resolved.run, sources: self.sources, needs: self.needs };
        let request = self.resolved.request_of(self.request, input);
        if request.states.states {
            let mut told = Told(lane);
            let reporter = &mut Reporter::new(&mut told);
            let states = batch.states(request.states.state_weights.as_deref(), reporter)?;
            return self.protein(Protein { input, request, states, identity: None }, lane);
        }
        let found = self.sources.open(input)?;
        let identity = match &self.finished {
            None => None,
            Some(finished) => {
                let identity = InputIdentity {
                    content: found.sha256(&self.resolved.beside(input), self.sources),
                    settings: self.resolved.settings_sha256(
                        &request,
                        input,
                        self.engine,
                        self.sources,
                        self.encodings.rounded_to(),
                    ),
                };
                if finished.is_finished(input, &identity) {
                    lane.send(Step::Made(Made::Finished));
                    return Err(Ended::Stopped);
                }
                Some(identity)
            }
        };
        let options = request.input.read_options().with_needs(self.needs);
        let structure = found.structure(input, &options)?;
        let file = input.display_name();
        check_protein(&structure, &file)?;
        Reporter::new(&mut Told(lane)).structure_warnings(&file, &structure);
        let states = States::new(vec![structure], None).in_file(&file)?;
        self.protein(Protein { input, request, states, identity }, lane)
    }

    /// Designs one protein, in one state or several.
    fn protein(&self, protein: Protein<'_, 'r>, lane: &DesignLane<'_, 'r>) -> Result<(), Ended> {
        let Protein { input, request, states, identity } = protein;
        let file = input.display_name();
        let states = Arc::new(states);
        let structure = states.protein();
        let spec = self.resolved.spec_of(input, structure, self.sources)?;
        let tied = Arc::new(states.resolve(&spec).in_file(&file)?);
        let Some(engine) = lane.admit(size(&request, &states, self.engine)) else { return Err(Ended::Stopped) };
        let plan = &tied.plan;
        let mut told = Told(lane);
        let reporter = &mut Reporter::new(&mut told);
        reporter.plan_warnings(&file, &plan.warnings);
        reporter.labels(structure, request.residues.pdb_labels);
        let summary = plan.summary(structure);
        let formats = StateStructures::formats(&request, plan, states.structures(), &mut |file, why| {
            reporter.warn(file, WarningKind::Format, why);
        });
        let line = format!("{summary}{}", self.of_states(engine, input, &states, &tied, reporter));
        reporter.note(Some(&structure.name), NoteKind::Plan, line);
        let encoding = self.encodings.of_states(engine, &states, &tied).in_file(&file)?;
        let mask = ScoreMask::new(structure, &plan.designed)
            .with_near_ligand(near_ligand(&request, engine, &states).in_file(&file)?);
        let designer = engine.designer(&encoding, states.all(), &tied.all).in_file(&file)?;
        let designer = self.values.hooks.iter().cloned().fold(designer, Designer::with_hook);
        let edge_cache = designer.edge_cache();
        let rescorer = Rescorer {
            sequences: designer.sequence_scorer(usize::try_from(request.designs()).unwrap_or(usize::MAX)),
            engine,
            states: &states,
            tied: &tied,
            encoding: &encoding,
            mask: &mask,
            file: &file,
        };
        let ranks = rescorer.ranks(request.rescore_orders.unwrap_or(0))?;
        let native_of_all = native_sequence(states.all());
        let (measures, rescored) = if self.values.no_native_scores {
            (Measures { score: None, global_score: None, recovery: None, ligand: None }, None)
        } else {
            let measures = rescorer.measures(&native_of_all, &rescorer.rank(0)?)?;
            let rescored = rescorer.mean_scores(std::slice::from_ref(&native_of_all), &ranks)?;
            (measures, rescored.into_iter().next().flatten())
        };
        let pictured = request.report.is_some() && structure.residues.len() <= MOST_HEAT_RESIDUES;
        let log_p = match pictured {
            true => Some(states.mean_rows(&engine.unconditional(&encoding).in_file(&file)?)),
            false => None,
        };
        let (warnings, native) = (all_warnings(structure, plan), mask.native.clone());
        let begun = Arc::new(Begun {
            request,
            file: file.clone(),
            states: states.clone(),
            tied: tied.clone(),
            formats,
            summary,
            warnings,
            native,
            measures,
            rescored,
            log_p,
            identity,
        });
        lane.send(Step::Made(Made::Begun(begun.clone())));
        let request = &begun.request;
        if request.sampling.num_seqs > 1 {
            let mut told = Told(lane);
            let reporter = &mut Reporter::new(&mut told);
            match edge_cache {
                kept @ EdgeCache::Kept(_) => {
                    reporter.note(Some(&states.protein().name), NoteKind::EdgesKept, kept.to_string());
                }
                other => reporter.warn(&file, WarningKind::EdgesRecomputed, other.to_string()),
            }
        }
        let selection = Selection::of_designs(request, engine.model().config().context_atoms.is_some())?;
        let selection = selection.as_ref().map(|all| StructureSelection::new(all, states.protein(), &mask));
        let packer = self.packer.as_ref().map(|packer| DesignPacker::new(request, packer.on_workers(engine.workers())));
        Drawing {
            work: self,
            begun: &begun,
            input,
            engine,
            designer,
            mask: &mask,
            rescorer,
            ranks,
            selection,
            packer,
            lane,
        }
        .draw()
    }

    /// What is to be said of the states and of the ligands that the network sees in each.
    fn of_states(
        &self,
        engine: &Engine,
        input: &Input,
        states: &States,
        tied: &StatesPlan,
        reporter: &mut Reporter<'_>,
    ) -> String {
        let names: Vec<&str> = states.structures().iter().map(|state| state.name.as_str()).collect();
        let several = names.len() > 1;
        let mut text = if several { format!("; in the states {}", names.join(", ")) } else { String::new() };
        let sees = engine.model().config().context_atoms.is_some();
        for (index, (state, environment)) in states.structures().iter().zip(&tied.environment).enumerate() {
            match LigandReport::of(state, environment, sees) {
                LigandReport::Nothing => {}
                LigandReport::Seen(sentence) if several => text.push_str(&format!("; {} {sentence}", state.name)),
                LigandReport::Seen(sentence) => text.push_str(&format!("; {sentence}")),
                LigandReport::Unseen(sentence) => {
                    let file = self.file_of(index, input);
                    reporter.warn(&file, WarningKind::UnseenLigands, sentence);
                }
            }
        }
        text
    }

    /// What messages call the input of a state.
    fn file_of(&self, state: usize, input: &Input) -> String {
        // The models of a file are of one input.
        let own = self.resolved.run.inputs.get(state).filter(|_| self.request.states.states);
        own.as_ref().unwrap_or(input).display_name()
    }
}

/// A protein, read.
struct Protein<'p, 'r> {
    input: &'p Input,
    request: Cow<'r, DesignRequest>,
    states: States,
    identity: Option<InputIdentity>,
}

/// Draws the designs of a protein, wave after wave.
struct Drawing<'a, 'l, 'r> {
    work: &'a DesignWork<'r>,
    begun: &'a Begun<'r>,
    input: &'a Input,
    engine: &'a Engine,
    designer: Designer,
    mask: &'a ScoreMask,
    rescorer: Rescorer<'a>,
    ranks: Vec<Vec<u32>>,
    selection: Option<StructureSelection<'a>>,
    packer: Option<DesignPacker<'a>>,
    lane: &'a DesignLane<'l, 'r>,
}

impl Drawing<'_, '_, '_> {
    fn draw(&mut self) -> Result<(), Ended> {
        let Begun { request, states, .. } = self.begun;
        let threads = self.engine.threads() as u64;
        let most = (WAVE_BYTES / bytes_a_design(states)).max(threads);
        let wave = (WAVE_A_THREAD * threads).min(most);
        for &temperature in &request.sampling.temperature {
            let mut first = self.work.values.first_sample;
            let last = first.saturating_add(request.sampling.num_seqs);
            while first < last {
                if self.lane.stops() {
                    return Err(Ended::Stopped);
                }
                let end = last.min(first.saturating_add(wave));
                self.wave(first..end, temperature)?;
                self.lane.send(Step::Progress(Progress::Advanced(end - first)));
                first = end;
            }
        }
        if let Some(selection) = &mut self.selection {
            let rest = selection.rest();
            let report = selection.report().clone();
            self.hand_over(rest)?;
            self.lane.send(Step::Made(Made::Selected(report)));
        }
        Ok(())
    }

    fn wave(&mut self, samples: Range<u64>, temperature: f32) -> Result<(), Ended> {
        let Begun { file, states, tied, .. } = self.begun;
        let Some(designs) = self.sampled(samples, temperature).in_file(file)? else { return Err(Ended::Stopped) };
        let sequences: Vec<Sequence> = designs.iter().map(|design| design.sequence.clone()).collect();
        let rescored = self.rescorer.mean_scores(&sequences, &self.ranks)?;
        let drawn: Vec<DesignResult> = designs
            .into_iter()
            .zip(rescored)
            .map(|(design, rescored)| {
                let design = of_protein(states, tied, design);
                let measures = self.mask.measure(&design.sequence, &design.negative_log_likelihood);
                DesignResult { design, measures, rescored }
            })
            .collect();
        let kept = match &mut self.selection {
            Some(selection) => selection.take(drawn).in_file(file)?,
            None => drawn,
        };
        self.hand_over(kept)
    }

    /// Hands designs over, with their side chains where they are packed.
    fn hand_over(&self, drawn: Vec<DesignResult>) -> Result<(), Ended> {
        let Begun { states, tied, .. } = self.begun;
        if drawn.is_empty() {
            return Ok(());
        }
        let Some(packer) = &self.packer else {
            self.lane.send(Step::Made(Made::Drawn(drawn)));
            return Ok(());
        };
        self.lane.send(Step::Made(Made::Drawn(drawn.clone())));
        for DesignResult { design, .. } in &drawn {
            if self.lane.stops() {
                return Err(Ended::Stopped);
            }
            for (index, state) in states.structures().iter().enumerate() {
                let file = self.work.file_of(index, self.input);
                let mut told = Told(self.lane);
                let packed = packer.pack(&file, state, &tied.plan, design, &mut Reporter::new(&mut told))?;
                let packed = Box::new(PackedState { state: index, file, packed });
                self.lane.send(Step::Made(Made::Packed(packed)));
            }
        }
        Ok(())
    }

    /// Draws samples; none where the run is to end before they are complete.
    fn sampled(&self, samples: Range<u64>, temperature: f32) -> Result<Option<Vec<Design>>, EngineError> {
        let designer = self.designer.clone();
        let draw =
            move |observer: Arc<dyn decode::Observer>| designer.with_observer(observer).sample(samples, temperature);
        if self.lane.has_all_threads() {
            return watched(&mut Reporter::new(&mut Told(self.lane)), draw);
        }
        // Many small structures at once: nobody follows one of them level by level.
        let cancelled = self.lane.cancelled();
        let stop = move |_: decode::Progress| match cancelled.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        match draw(Arc::new(stop)) {
            Err(EngineError::Cancelled) => Ok(None),
            designs => designs.map(Some),
        }
    }
}

/// What the designs of a protein take.
fn size(request: &DesignRequest, states: &States, engine: &Engine) -> Size {
    let packs =
        if request.pack { request.side_chains.num_packs.saturating_mul(states.structures().len() as u64) } else { 0 };
    let each = bytes_a_design(states).saturating_add(packs.saturating_mul(bytes_a_packing(states.protein())));
    let protein = states.protein().residues.len();
    let results = request.designs().saturating_mul(each);
    Size::decoded(engine, states.all().residues.len(), protein, results)
}

/// The bytes of a design of a protein.
fn bytes_a_design(states: &States) -> u64 {
    let of_residue = size_of::<Letter>() + size_of::<f32>() + size_of::<[f32; VOCABULARY]>() + size_of::<u32>();
    (size_of::<DesignResult>() + states.protein().residues.len() * of_residue) as u64
}

/// The warnings of a structure and its plan.
fn all_warnings(structure: &Structure, plan: &DesignPlan) -> Vec<Message> {
    let of_structure = structure.warnings.iter().map(ToString::to_string);
    let of_plan = plan.warnings.iter().map(ToString::to_string);
    of_structure.chain(of_plan).map(|text| Message::of_library(&text)).collect()
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
