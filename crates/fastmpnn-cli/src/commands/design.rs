//! `fastmpnn design`: sequences for each structure.

use std::collections::HashSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use fastmpnn::Engine;
use fastmpnn::SampleId;
use fastmpnn::chemistry::Letter;
use fastmpnn::decode::{Design, EdgeCache};
use fastmpnn::model::Encoding;
use fastmpnn::spec::{DesignPlan, States, StatesPlan};
use fastmpnn::structure::{BackboneAtoms, ReadOptions, read_models};

use super::design_results::{Drawn, Results, Task};
use super::design_structures::StateStructures;
use super::network_options::{NetworkOptions, spec_of};
use super::pack::DesignPacker;
use super::{
    Measures, STANDARD_OUTPUT, Yardstick, about, check_protein, counted, for_each_structure, four_decimals, mean,
    name_failures, native_sequence, read_input, shown,
};
use crate::interrupt::{self, Interrupted};
use crate::printer::{Printer, Repeated};
use crate::settings::{DEFAULT_LIGAND_CUTOFF, DesignSettings};
use fastmpnn_pipeline::event::Context;
use fastmpnn_pipeline::input::Input;
use fastmpnn_pipeline::output::State;

/// Samples for each thread that are drawn before they are written: enough to keep it busy, few enough to hold in memory
/// and to see the bar move. The designs do not depend on it.
const WAVE_A_THREAD: u64 = 32;

pub(super) fn run(settings: &DesignSettings) -> Result<usize> {
    let mut printer = Printer::of(&settings.run);
    let engine = settings.network.engine(&settings.run.engine)?;
    let (spec, labels) = (&settings.spec, settings.labels.as_ref());
    let (ligand_cutoff, packing) = (settings.ligand_cutoff, settings.packing.is_some());
    NetworkOptions { spec, labels, ligand_cutoff, packing }.check(&engine)?;
    let folder = match &settings.out {
        Some(path) => Some(Rc::new(settings.folder.take(path, "design", (&settings.run.inputs, None))?)),
        None => None,
    };
    interrupt::watch()?;
    let needs = engine.model().config().family.backbone_atoms();
    let mut results = Results::open(settings, &engine, folder.clone());
    let mut packer = DesignPacker::open(settings, folder)?;
    if let Some(packer) = &packer {
        results.describe_packing(packer.record());
    }
    let proteins = if settings.states { 1 } else { settings.run.inputs.len() as u64 };
    let each = settings.sequences.saturating_mul(settings.temperatures.len() as u64);
    let wanted = each.saturating_mul(proteins);
    printer.start_progress(wanted, "designs");
    let mut tally = Tally::default();
    let started = Instant::now();
    let failed = if settings.states {
        let designed = read_states(settings, needs, &printer).and_then(|states| {
            let job = Job { settings, engine: &engine, input: &settings.run.inputs[0], states: &states };
            job.run((&mut results, packer.as_mut()), &mut tally, &printer)
        });
        printer.finish_progress();
        designed?;
        Vec::new()
    } else {
        for_each_structure(&settings.run, needs, &mut printer, |input, structure, printer| {
            check_protein(&structure, input)?;
            printer.structure_warnings(shown(input), &structure);
            let states = about(States::new(vec![structure], None), input)?;
            let job = Job { settings, engine: &engine, input, states: &states };
            job.run((&mut results, packer.as_mut()), &mut tally, printer)
        })?
    };
    if let Some(packer) = packer {
        packer.finish()?;
    }
    // A request after the last design comes too late to stop anything.
    let interrupted = interrupt::requested() && ((tally.structures + failed.len()) as u64) < proteins;
    results.finish(&failed, if interrupted { State::Interrupted } else { State::Finished })?;
    if interrupted {
        return Err(Interrupted(tally.written_of(wanted, settings)).into());
    }
    if tally.designs > 0 {
        printer.note(tally.summary(started.elapsed(), settings));
    }
    Ok(name_failures(&failed, &settings.run, &printer))
}

/// Reads the states of a protein; one that cannot be read leaves nothing to do.
fn read_states(settings: &DesignSettings, needs: BackboneAtoms, printer: &Printer) -> Result<States> {
    let options = ReadOptions { needs, ..settings.run.read.clone() };
    if let [input] = &settings.run.inputs[..] {
        return states_of_models(settings, (input, &options), printer);
    }
    let mut structures = Vec::with_capacity(settings.run.inputs.len());
    for input in &settings.run.inputs {
        let structure = read_input(input, &options)?;
        check_protein(&structure, input)?;
        printer.structure_warnings(shown(input), &structure);
        structures.push(structure);
    }
    Ok(States::new(structures, settings.state_weights.as_deref())?)
}

/// Reads the models of a file as states.
fn states_of_models(
    settings: &DesignSettings,
    (input, options): (&Input, &ReadOptions),
    printer: &Printer,
) -> Result<States> {
    let mut models = read_models(&input.path, options)?;
    for model in &mut models {
        model.name.clone_from(&input.name);
    }
    for model in &models {
        check_protein(model, input)?;
    }
    if let [only] = &models[..] {
        printer.structure_warnings(shown(input), only);
        return about(States::new(models, settings.state_weights.as_deref()), input);
    }
    printer.note(format_args!("{}: its {} models are the states", shown(input), models.len()));
    let states = about(States::of_models(models, settings.state_weights.as_deref()), input)?;
    // Models repeat each other's warnings.
    let mut said = HashSet::new();
    let mut first = states.structures()[0].clone();
    let all = states.structures().iter().flat_map(|state| &state.warnings);
    first.warnings =
        all.filter(|warning| said.insert((warning.residue.clone(), warning.message.clone()))).cloned().collect();
    printer.warnings_alone(shown(input), &first);
    Ok(states)
}

/// One protein to design, in one state or several.
struct Job<'a> {
    settings: &'a DesignSettings,
    engine: &'a Engine,
    /// Its first state.
    input: &'a Input,
    states: &'a States,
}

impl Job<'_> {
    fn run(
        &self,
        (results, mut packer): (&mut Results, Option<&mut DesignPacker<'_>>),
        tally: &mut Tally,
        printer: &Printer,
    ) -> Result<()> {
        let Job { settings, engine, input, states } = *self;
        let protein = states.protein();
        let mut spec = about(spec_of(&settings.spec, settings.labels.as_ref(), protein), input)?;
        if let Some(trb) = &settings.trb {
            spec = about(trb.applied_to(spec, input, protein), input)?;
        }
        let tied = about(states.resolve(&spec), input)?;
        let plan = &tied.plan;
        for warning in &plan.warnings {
            printer.warn(shown(input), warning);
        }
        printer.labels(protein, settings.spec.pdb_labels);
        let summary = plan.summary(protein);
        let names: Vec<&str> = states.structures().iter().map(|state| state.name.as_str()).collect();
        let in_states = if names.len() > 1 { format!("; in the states {}", names.join(", ")) } else { String::new() };
        let structures = StateStructures::new(settings, (plan, states.structures()), printer);
        let mut line = format!("{summary}{in_states}");
        let sees = engine.model().config().context_atoms.is_some();
        for (state, (environment, input)) in
            states.structures().iter().zip(tied.environment.iter().zip((0..).map(|state| self.input_of(state))))
        {
            match Context::of(state, environment, sees) {
                Context::Nothing => {}
                Context::Note(sentence) if names.len() > 1 => line.push_str(&format!("; {} {sentence}", state.name)),
                Context::Note(sentence) => line.push_str(&format!("; {sentence}")),
                Context::Unseen(sentence) => printer.repeated(Repeated::UnseenLigands, shown(input), sentence),
            }
        }
        printer.structure(&protein.name, line);
        let encoding = about(engine.encode_states(states, &tied), input)?;
        let yardstick = Yardstick::new(protein, &plan.designed).near_ligands(self.near_ligand());
        let rescorer = Rescorer { job: self, encoding: &encoding, tied: &tied, yardstick: &yardstick };
        let ranks = rescorer.ranks()?;
        let native_of_all = native_sequence(states.all());
        let native = rescorer.measures(&native_of_all, &rescorer.rank(0)?)?;
        let rescored = rescorer.mean_score(&native_of_all, &ranks)?;
        let task = Task::new(settings, engine, (input, protein, &structures), (plan, &summary));
        printer.undisturbed(|| results.begin(&task, &yardstick.native, (&native, rescored)))?;
        let designer = about(engine.designer(&encoding, states.all(), &tied.all, settings.seed), input)?;
        if settings.sequences > 1 {
            match designer.edge_cache() {
                kept @ EdgeCache::Kept(_) => printer.detail(&protein.name, kept),
                other => printer.repeated(Repeated::EdgesRecomputed, shown(input), other),
            }
        }
        let wave = WAVE_A_THREAD * engine.threads() as u64;
        for &temperature in &settings.temperatures {
            let mut first = 0;
            while first < settings.sequences {
                if interrupt::requested() {
                    return results.end();
                }
                let end = settings.sequences.min(first + wave);
                let designs = about(designer.sample(first..end, temperature), input)?;
                let drawn: Vec<Drawn> = designs
                    .into_iter()
                    .map(|design| {
                        let rescored = rescorer.mean_score(&design.sequence, &ranks)?;
                        let design = self.of_protein(&tied, design);
                        let measures = yardstick.measure(&design.sequence, &design.negative_log_likelihood);
                        Ok(Drawn { design, measures, rescored })
                    })
                    .collect::<Result<_>>()?;
                about(printer.undisturbed(|| results.write(&task, &drawn)), input)?;
                tally.add(&drawn);
                if let Some(packer) = &mut packer
                    && !self.pack(packer, (plan, &structures, &drawn), printer)?
                {
                    return results.end();
                }
                printer.advance(end - first);
                first = end;
            }
        }
        results.end()?;
        tally.structures += 1;
        Ok(())
    }

    /// The input of a state.
    fn input_of(&self, state: usize) -> &Input {
        // The models of a file are of one input.
        self.settings.run.inputs.get(state).filter(|_| self.settings.states).unwrap_or(self.input)
    }

    /// Whether each residue is near a ligand in one of the states, where the network sees ligands.
    fn near_ligand(&self) -> Option<Vec<bool>> {
        let cutoff = self.settings.ligand_cutoff.unwrap_or(DEFAULT_LIGAND_CUTOFF);
        let by_state = self.states.structures().iter().map(|state| self.engine.near_ligand(state, cutoff));
        by_state.reduce(|near, other| Some(near?.iter().zip(other?).map(|(&a, b)| a || b).collect())).flatten()
    }

    /// The design of the protein, of that of all its states.
    fn of_protein(&self, tied: &StatesPlan, design: Design) -> Design {
        Design {
            sequence: self.states.sequence(tied, &design.sequence),
            negative_log_likelihood: self.states.mean(&design.negative_log_likelihood),
            rank: design.rank[..self.states.protein().residues.len()].to_vec(),
            ..design
        }
    }

    /// Packs a wave of designs on each state; false where the run is to end before all are packed.
    fn pack(
        &self,
        packer: &mut DesignPacker<'_>,
        (plan, structures, drawn): (&DesignPlan, &StateStructures<'_>, &[Drawn]),
        printer: &Printer,
    ) -> Result<bool> {
        for Drawn { design, .. } in drawn {
            if interrupt::requested() {
                return Ok(false);
            }
            for (index, (state, format)) in structures.iter().enumerate() {
                packer.add((self.input_of(index), state, format), (plan, design), printer)?;
            }
        }
        Ok(true)
    }
}

/// Scores sequences in orders of its own, as `fastmpnn score` does.
struct Rescorer<'a> {
    job: &'a Job<'a>,
    encoding: &'a Encoding,
    tied: &'a StatesPlan,
    yardstick: &'a Yardstick,
}

impl Rescorer<'_> {
    /// The order that a sample is drawn in.
    fn rank(&self, sample: u64) -> Result<Vec<u32>> {
        let Job { settings, engine, states, input } = *self.job;
        let id = SampleId { seed: settings.seed, sample };
        about(engine.decoding_rank(self.encoding, states.all(), &self.tied.all, id), input)
    }

    /// The orders of `--rescore-orders`.
    fn ranks(&self) -> Result<Vec<Vec<u32>>> {
        (0..u64::from(self.job.settings.rescore_orders.unwrap_or(0))).map(|number| self.rank(number)).collect()
    }

    /// What is measured of a sequence of all states in an order.
    fn measures(&self, sequence: &[Letter], rank: &[u32]) -> Result<Measures> {
        let Job { engine, input, states, .. } = *self.job;
        let log_p = about(engine.autoregressive(self.encoding, states.all(), sequence, rank), input)?;
        let negative: Vec<f32> = log_p.iter().zip(sequence).map(|(row, letter)| -row[letter.index()]).collect();
        let of_protein = states.sequence(self.tied, sequence);
        Ok(self.yardstick.measure(&of_protein, &states.mean(&negative)))
    }

    /// The mean score in several orders; none where there is none.
    fn mean_score(&self, sequence: &[Letter], ranks: &[Vec<u32>]) -> Result<Option<f64>> {
        let mut scores = Vec::new();
        for rank in ranks {
            scores.extend(self.measures(sequence, rank)?.score);
        }
        Ok(mean(&scores))
    }
}

/// What the last line says.
#[derive(Default)]
struct Tally {
    structures: usize,
    designs: usize,
    score: Mean,
    recovery: Mean,
}

#[derive(Default)]
struct Mean {
    total: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.total += value;
            self.count += 1;
        }
    }

    fn shown(&self) -> String {
        four_decimals((self.count > 0).then(|| self.total / self.count as f64))
    }
}

impl Tally {
    fn add(&mut self, designs: &[Drawn]) {
        self.designs += designs.len();
        for Drawn { measures, .. } in designs {
            self.score.add(measures.score);
            self.recovery.add(measures.recovery);
        }
    }

    /// `37 of 100 designs written to out`
    fn written_of(&self, wanted: u64, settings: &DesignSettings) -> String {
        let place = settings.out.as_ref().map_or_else(|| STANDARD_OUTPUT.to_owned(), |out| out.display().to_string());
        format!("{} of {} written to {place}", self.designs, counted(wanted as usize, "design"))
    }

    fn summary(&self, elapsed: Duration, settings: &DesignSettings) -> String {
        let seconds = elapsed.as_secs_f64();
        let (designs, structures) = (counted(self.designs, "design"), counted(self.structures, "structure"));
        let rate = self.designs as f64 / seconds.max(1e-9);
        let score = self.score.shown();
        let recovery = match self.recovery.count {
            // The natives are designed backbones, poly-glycine or poly-alanine.
            0 => String::new(),
            _ => format!(", mean recovery {}", self.recovery.shown()),
        };
        let place = settings.out.as_ref().map_or_else(String::new, |out| format!(", in {}", out.display()));
        format!("{designs} of {structures} in {seconds:.2} s ({rate:.1} a second): mean score {score}{recovery}{place}")
    }
}
