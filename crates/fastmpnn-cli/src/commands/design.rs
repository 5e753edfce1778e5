//! `fastmpnn design`: sequences for each structure.

use std::time::{Duration, Instant};

use anyhow::Result;
use fastmpnn::Engine;
use fastmpnn::decode::Design;
use fastmpnn::model::Encoding;
use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::Structure;

use super::design_results::{Results, Task};
use super::{Measures, Yardstick, about, check_protein, counted, for_each_structure, four_decimals, shown};
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
    let structures = settings.run.inputs.len() as u64;
    let each = settings.sequences.saturating_mul(settings.temperatures.len() as u64);
    printer.start_progress(each.saturating_mul(structures), "designs");
    let mut tally = Tally::default();
    let started = Instant::now();
    let failed = for_each_structure(&settings.run, needs, &mut printer, |input, structure, printer| {
        let job = Job { settings, engine: &engine, input, structure: &structure };
        job.run(&mut results, &mut tally, printer)
    })?;
    results.finish(&failed)?;
    if tally.designs > 0 {
        printer.note(tally.summary(started.elapsed(), settings));
    }
    Ok(failed.len())
}

/// One structure to design on.
struct Job<'a> {
    settings: &'a DesignSettings,
    engine: &'a Engine,
    input: &'a Input,
    structure: &'a Structure,
}

impl Job<'_> {
    fn run(&self, results: &mut Results, tally: &mut Tally, printer: &Printer) -> Result<()> {
        let Job { settings, engine, input, structure } = *self;
        check_protein(structure, input)?;
        let file = shown(input);
        printer.structure_warnings(&file, structure);
        let plan = about(settings.spec.resolve(structure), input)?;
        for warning in &plan.warnings {
            printer.warn(&file, warning);
        }
        let summary = plan.summary(structure);
        printer.note(format_args!("{}: {summary}", structure.name));
        let encoding = about(engine.encode_with(structure, &plan.surroundings), input)?;
        let yardstick = Yardstick::new(structure, &plan.designed);
        let native = self.native(&encoding, &plan, &yardstick)?;
        let mut task = Task::new(settings, engine, (input, structure), (&plan, &summary))?;
        printer.undisturbed(|| results.begin(&mut task, &yardstick.native, &native))?;
        let designer = about(engine.designer(&encoding, structure, &plan, settings.seed), input)?;
        if settings.sequences > 1 {
            printer.note(format_args!("{}: {}", structure.name, designer.edge_cache()));
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
                        let measures = yardstick.measure(&design.sequence, &design.negative_log_likelihood);
                        (design, measures)
                    })
                    .collect();
                tally.add(&measured);
                about(printer.undisturbed(|| results.write(&mut task, &measured)), input)?;
                printer.advance(end - first);
                first = end;
            }
        }
        tally.structures += 1;
        Ok(())
    }

    /// The native sequence, scored in the order of the first sample.
    fn native(&self, encoding: &Encoding, plan: &DesignPlan, yardstick: &Yardstick) -> Result<Measures> {
        let rank = self.engine.decoding_rank(encoding, self.structure, plan, (self.settings.seed, 0));
        let log_p = self.engine.autoregressive(encoding, self.structure, &yardstick.native, &rank)?;
        let negative: Vec<f32> =
            log_p.iter().zip(&yardstick.native).map(|(row, letter)| -row[letter.index()]).collect();
        Ok(yardstick.measure(&yardstick.native, &negative))
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
