//! `fastmpnn bench time`: the time of a task, and its share of the processor's peak.

use anyhow::{Context, Result, bail};
use fastmpnn_pipeline::fastmpnn::Engine;
use fastmpnn_pipeline::fastmpnn::kernels::Kernels;
use fastmpnn_pipeline::fastmpnn::spec::DesignSpec;
use fastmpnn_pipeline::fastmpnn::structure::{ReadOptions, read_path};

use super::packing;
use super::printing::print;
use super::task::{DesignTask, Work};
use super::timing::{Processor, Subject, measure, report};
use crate::args::bench::TimeArgs;
use fastmpnn_pipeline::measure::{native_sequence, resolved};
use fastmpnn_pipeline::request::SamplingSettings;

pub(super) fn run(args: &TimeArgs) -> Result<()> {
    let Some(task) = DesignTask::of(args.task) else { return packing::run(args) };
    let options = args.timed.options();
    let network = args.timed.network.clone().settings(args.timed.precision).network()?;
    let engine = Engine::with_checkpoint(&network.checkpoint()?, &options)?;
    let file = args.file.display().to_string();
    let needs = engine.model().config().family.backbone_atoms();
    let structure = read_path(&args.file, &ReadOptions::default().with_needs(needs))?;
    if structure.residues.is_empty() {
        bail!("{file}: holds no protein residues");
    }
    let spec = DesignSpec { seed: SamplingSettings::default().seed, ..DesignSpec::default() };
    let plan = spec.resolve(&structure).with_context(|| file.clone())?;
    let native = native_sequence(&structure);
    let residues = resolved(&structure).iter().filter(|&&resolved| resolved).count();
    let (rank, operations) = {
        let encoding = engine.encode(&structure).with_context(|| file.clone())?;
        let rank = engine.decoding_rank(&encoding, &structure, &plan, 0)?;
        (rank, engine.model().operations(residues, encoding.graph()))
    };
    let work = Work {
        engine: &engine,
        network: &network,
        structure: &structure,
        plan: &plan,
        native: &native,
        rank: &rank,
        task,
        sequences: args.num_seqs,
    };
    let answer = work.run()?;
    // Measured before the check, which needs memory of its own.
    let peak_rss_mb = fastmpnn_study::memory::peak_of_process();
    work.check(&answer)?;
    drop(answer);
    let processor = Processor { kernels: Kernels::on(engine.isa())?, threads: engine.threads() };
    let timing = measure(processor, args, || Ok(work.run()?))?;
    let record = timing.record(
        args,
        Subject {
            checkpoint: engine.checkpoint_name(),
            residues,
            sequences: work.sequences(),
            threads: engine.threads(),
            precision: engine.precision(),
            isa: engine.instructions(),
            multiply_adds: work.multiply_adds(&operations),
            peak_rss_mb,
        },
    )?;
    print(&record, args.timed.json, || report(&record))
}
