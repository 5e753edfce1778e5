//! `fastmpnn bench structures`: the rate of the engine alone on many structures, in both arrangements of the threads.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use fastmpnn_pipeline::fastmpnn::decode::Design;
use fastmpnn_pipeline::fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn_pipeline::fastmpnn::structure::{ReadOptions, Structure};
use fastmpnn_pipeline::fastmpnn::{Engine, Workers};
use fastmpnn_pipeline::input::{Naming, Sources, expand};
use fastmpnn_pipeline::request::SamplingSettings;
use serde::Serialize;

use super::printing::print;
use crate::args::bench::StructuresArgs;
use crate::failure::WrongAnswer;

#[derive(Serialize)]
struct StructuresRecord {
    version: &'static str,
    checkpoint: String,
    structures: usize,
    /// Residues of all structures together.
    residues: usize,
    sequences: u64,
    threads: usize,
    isa: String,
    precision: String,
    repeats: u32,
    /// Designs a second where a structure has all threads, one for each repeat.
    together: Vec<f64>,
    /// Designs a second where each thread has a structure of its own, one for each repeat.
    one_a_thread: Vec<f64>,
}

/// A structure, ready to be designed.
struct Subject {
    structure: Structure,
    plan: DesignPlan,
}

pub(super) fn run(args: &StructuresArgs) -> Result<()> {
    let engine = Engine::with_checkpoint(&args.timed.checkpoint()?, &args.timed.options())?;
    let subjects = read(args, &engine)?;
    let alone: Vec<Engine> = (0..engine.threads())
        .map(|_| Ok(engine.on_workers(&Workers::new(NonZeroUsize::new(1))?)))
        .collect::<Result<_>>()?;
    let designed = |engine: &Engine, subject: &Subject| -> Result<Vec<Design>> {
        let Subject { structure, plan } = subject;
        let encoding = engine.encode_with(structure, &plan.environment)?;
        let designer = engine.designer(&encoding, structure, plan)?;
        Ok(designer.sample(0..args.num_seqs, SamplingSettings::default().temperature[0])?)
    };
    if let Some(first) = subjects.first()
        && designed(&engine, first)? != designed(&alone[0], first)?
    {
        return Err(WrongAnswer("designs depend on the number of threads".to_owned()).into());
    }
    let designs = args.num_seqs as f64 * subjects.len() as f64;
    let mut record = StructuresRecord {
        version: env!("CARGO_PKG_VERSION"),
        checkpoint: engine.checkpoint_name().to_owned(),
        structures: subjects.len(),
        residues: subjects.iter().map(|subject| subject.structure.residues.len()).sum(),
        sequences: args.num_seqs,
        threads: engine.threads(),
        isa: engine.instructions(),
        precision: engine.precision().to_string(),
        repeats: args.repeats,
        together: Vec::new(),
        one_a_thread: Vec::new(),
    };
    for _ in 0..args.repeats {
        let started = Instant::now();
        for subject in &subjects {
            designed(&engine, subject)?;
        }
        record.together.push(designs / started.elapsed().as_secs_f64());
        let next = AtomicUsize::new(0);
        let work = |engine: &Engine| -> Result<()> {
            while let Some(subject) = subjects.get(next.fetch_add(1, Ordering::Relaxed)) {
                designed(engine, subject)?;
            }
            Ok(())
        };
        let started = Instant::now();
        thread::scope(|scope| {
            let lanes: Vec<_> = alone.iter().map(|engine| scope.spawn(|| work(engine))).collect();
            lanes.into_iter().try_for_each(|lane| match lane.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })?;
        record.one_a_thread.push(designs / started.elapsed().as_secs_f64());
    }
    print(&record, args.timed.json, || report(&record))
}

fn read(args: &StructuresArgs, engine: &Engine) -> Result<Vec<Subject>> {
    let sources = Sources::disk();
    let options = ReadOptions::default().with_needs(engine.model().config().family.backbone_atoms());
    let spec = DesignSpec { seed: SamplingSettings::default().seed, ..DesignSpec::default() };
    let mut subjects = Vec::new();
    for input in expand(&args.inputs, false, Naming::Distinct, &sources)?.list.iter() {
        let structure = sources.structure(&input, &options)?;
        let plan = spec.resolve(&structure).with_context(|| input.display_name())?;
        subjects.push(Subject { structure, plan });
    }
    if subjects.is_empty() {
        bail!("there are no structures to time");
    }
    Ok(subjects)
}

fn report(record: &StructuresRecord) -> String {
    let best = |rates: &[f64]| rates.iter().copied().fold(0.0, f64::max);
    let StructuresRecord { structures, sequences, threads, together, one_a_thread, .. } = record;
    format!(
        "{structures} structures of {:.0} residues, {sequences} designs each, {threads} threads\n\
         all threads on a structure: {:.1} designs a second at best\n\
         a structure on each thread: {:.1} designs a second at best\n",
        record.residues as f64 / *structures as f64,
        best(together),
        best(one_a_thread),
    )
}
