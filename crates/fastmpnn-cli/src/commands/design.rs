//! `fastmpnn design`: sequences for each structure.

use std::time::{Duration, Instant};

use anyhow::Result;
use fastmpnn::Engine;
use fastmpnn::decode::Design;
use fastmpnn::model::Encoding;
use fastmpnn::spec::{States, StatesPlan};
use fastmpnn::structure::{BackboneAtoms, ReadOptions, read_path};

use super::design_results::{Results, Task};
use super::design_structures::StateStructures;
use super::pack::DesignPacker;
use super::{
    Measures, Yardstick, about, check_protein, counted, for_each_structure, four_decimals, label_warning,
    native_sequence, shown,
};
use crate::context::Context;
use crate::inputs::Input;
use crate::printer::Printer;
use crate::settings::DesignSettings;

/// Samples for each thread that are drawn before they are written: enough to keep it busy, few enough to hold in memory
/// and to see the bar move. The designs do not depend on it.
const WAVE_A_THREAD: u64 = 32;

pub(super) fn run(settings: &DesignSettings) -> Result<usize> {
    let mut printer = Printer::new(settings.run.quiet);
    let engine = settings.network.engine(&settings.run.engine)?;
    let needs = engine.model().config().family.backbone_atoms();
    let mut results = Results::open(settings, &engine)?;
    let mut packer = DesignPacker::open(settings)?;
    if let Some(packer) = &packer {
        results.describe_packing(packer.record())?;
    }
    let proteins = if settings.states { 1 } else { settings.run.inputs.len() as u64 };
    let each = settings.sequences.saturating_mul(settings.temperatures.len() as u64);
    printer.start_progress(each.saturating_mul(proteins), "designs");
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
    results.finish(&failed)?;
    if let Some(packer) = packer {
        packer.finish()?;
    }
    if tally.designs > 0 {
        printer.note(tally.summary(started.elapsed(), settings));
    }
    Ok(failed.len())
}

/// Reads the states of a protein; one that cannot be read leaves nothing to do.
fn read_states(settings: &DesignSettings, needs: BackboneAtoms, printer: &Printer) -> Result<States> {
    let options = ReadOptions { needs, ..settings.run.read.clone() };
    let mut structures = Vec::with_capacity(settings.run.inputs.len());
    for input in &settings.run.inputs {
        let structure = read_path(&input.path, &options)?;
        check_protein(&structure, input)?;
        printer.structure_warnings(shown(input), &structure);
        structures.push(structure);
    }
    Ok(States::new(structures, settings.state_weights.as_deref())?)
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
        let tied = about(states.resolve(&settings.spec), input)?;
        let plan = &tied.plan;
        for warning in plan.warnings.iter().cloned().chain(about(label_warning(engine, plan), input)?) {
            printer.warn(shown(input), warning);
        }
        let summary = plan.summary(protein);
        let names: Vec<&str> = states.structures().iter().map(|state| state.name.as_str()).collect();
        let in_states = if names.len() > 1 { format!("; in the states {}", names.join(", ")) } else { String::new() };
        printer.note(format_args!("{}: {summary}{in_states}", protein.name));
        let structures = StateStructures::new(settings, (plan, states.structures()), printer);
        let sees = engine.model().config().context_atoms.is_some();
        for (state, surroundings) in states.structures().iter().zip(&tied.surroundings) {
            printer.context(shown(input), state, &Context::of(state, surroundings, sees));
        }
        let encoding = about(engine.encode_states(states, &tied), input)?;
        let yardstick = Yardstick::new(protein, &plan.designed).near_ligands(self.near_ligand());
        let native = self.native(&encoding, &tied, &yardstick)?;
        let mut task = Task::new(settings, engine, (input, protein, &structures), (plan, &summary))?;
        printer.undisturbed(|| results.begin(&mut task, &yardstick.native, &native))?;
        let designer = about(engine.designer(&encoding, states.all(), &tied.all, settings.seed), input)?;
        if settings.sequences > 1 {
            printer.note(format_args!("{}: {}", protein.name, designer.edge_cache()));
        }
        let wave = WAVE_A_THREAD * engine.threads() as u64;
        for &temperature in &settings.temperatures {
            let mut first = 0;
            while first < settings.sequences {
                let end = settings.sequences.min(first + wave);
                let designs = designer.sample(first..end, temperature);
                let measured: Vec<(Design, Measures)> = designs
                    .into_iter()
                    .map(|design| {
                        let design = self.of_protein(&tied, design);
                        let measures = yardstick.measure(&design.sequence, &design.negative_log_likelihood);
                        (design, measures)
                    })
                    .collect();
                tally.add(&measured);
                about(printer.undisturbed(|| results.write(&mut task, &measured)), input)?;
                if let Some(packer) = &mut packer {
                    for (design, _) in &measured {
                        for ((state, format), input) in structures.iter().zip(self.state_inputs()) {
                            packer.add((input, state, format), (plan, design), printer)?;
                        }
                    }
                }
                printer.advance(end - first);
                first = end;
            }
        }
        task.finish()?;
        tally.structures += 1;
        Ok(())
    }

    /// The input of each state.
    fn state_inputs(&self) -> &[Input] {
        if self.settings.states { &self.settings.run.inputs } else { std::slice::from_ref(self.input) }
    }

    /// Whether each residue is near a ligand in one of the states, where the network sees ligands.
    fn near_ligand(&self) -> Option<Vec<bool>> {
        let cutoff = self.settings.ligand_cutoff;
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

    /// The native sequence of the first state, scored in the order of the first sample.
    fn native(&self, encoding: &Encoding, tied: &StatesPlan, yardstick: &Yardstick) -> Result<Measures> {
        let all = self.states.all();
        let sequence = native_sequence(all);
        let rank = self.engine.decoding_rank(encoding, all, &tied.all, (self.settings.seed, 0));
        let log_p = self.engine.autoregressive(encoding, all, &sequence, &rank)?;
        let negative: Vec<f32> = log_p.iter().zip(&sequence).map(|(row, letter)| -row[letter.index()]).collect();
        Ok(yardstick.measure(&yardstick.native, &self.states.mean(&negative)))
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
    fn add(&mut self, designs: &[(Design, Measures)]) {
        self.designs += designs.len();
        for (_, measures) in designs {
            self.score.add(measures.score);
            self.recovery.add(measures.recovery);
        }
    }

    fn summary(&self, elapsed: Duration, settings: &DesignSettings) -> String {
        let seconds = elapsed.as_secs_f64();
        let (designs, structures) = (counted(self.designs, "design"), counted(self.structures, "structure"));
        let rate = self.designs as f64 / seconds.max(1e-9);
        let (score, recovery) = (self.score.shown(), self.recovery.shown());
        let place = settings.out.as_ref().map_or_else(String::new, |out| format!(", in {}", out.display()));
        format!(
            "{designs} of {structures} in {seconds:.2} s ({rate:.1} a second): mean score {score}, mean recovery \
             {recovery}{place}"
        )
    }
}
