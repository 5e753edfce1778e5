//! `fastmpnn bench time`: how long a task takes, and what share of the processor's peak that is.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fastmpnn::EngineOptions;
use fastmpnn::model::Operations;
use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::{ReadOptions, read_path};
use fastmpnn_kernels::{Isa, Kernels};
use serde::Serialize;

use super::super::{native_sequence, resolved};
use super::task::{DesignTask, Work};
use super::{packing, plural, print};
use crate::args::bench::{TimeArgs, name_of};
use crate::network::Network;
use crate::settings::DEFAULT_SEED;
use fastmpnn_study::stopwatch::{PeakMeter, Summary};

/// The peak is measured in so many windows before each repeat: the processor's clock and its other guests change with
/// time.
const PEAK_WINDOWS: usize = 3;
const PEAK_WINDOW: Duration = Duration::from_millis(3);

#[derive(Serialize)]
pub(super) struct Record {
    version: &'static str,
    checkpoint: String,
    file: String,
    task: String,
    /// Residues with a backbone.
    residues: usize,
    sequences: u64,
    threads: usize,
    precision: String,
    isa: &'static str,
    repeats: u32,
    median_ms: f64,
    min_ms: f64,
    mean_ms: f64,
    std_ms: Option<f64>,
    /// Matrix products of the restructured network, two operations a multiply-add.
    gflop: f64,
    gflops: f64,
    peak_gflops: f64,
    peak_share: f64,
    /// The most memory the process had when it had done the task once, MB; of Linux only.
    peak_rss_mb: Option<f64>,
}

pub(super) fn run(args: &TimeArgs) -> Result<()> {
    let Some(task) = DesignTask::of(args.task) else { return packing::run(args) };
    let options = EngineOptions {
        threads: Some(args.threads.unwrap_or_else(crate::threads::available)),
        precision: args.precision,
        ..EngineOptions::default()
    };
    let network = Network::try_from(args.network.clone())?;
    let engine = network.engine(&options)?;
    let file = args.file.display().to_string();
    let needs = engine.model().config().family.backbone_atoms();
    let structure = read_path(&args.file, &ReadOptions { needs, ..ReadOptions::default() })?;
    if structure.residues.is_empty() {
        bail!("{file}: holds no protein residues");
    }
    let plan = DesignSpec::default().resolve(&structure).with_context(|| file.clone())?;
    let native = native_sequence(&structure);
    let residues = resolved(&structure).iter().filter(|&&resolved| resolved).count();
    let (rank, operations) = {
        let encoding = engine.encode(&structure).with_context(|| file.clone())?;
        let rank = engine.decoding_rank(&encoding, &structure, &plan, (DEFAULT_SEED, 0));
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
    // Before the check, which needs memory of its own.
    let peak_rss_mb = fastmpnn_study::memory::peak_of_process();
    work.check(&answer)?;
    drop(answer);
    let kernels = Kernels::on(engine.isa())?;
    let timing = measure((kernels, engine.threads()), args, || Ok(work.run()?))?;
    let record = timing.record(
        args,
        Subject {
            checkpoint: engine.checkpoint_name(),
            residues,
            sequences: work.sequences(),
            threads: engine.threads(),
            isa: engine.isa(),
            multiply_adds: work.multiply_adds(&operations),
            peak_rss_mb,
        },
    )?;
    print(&record, args.json, || report(&record))
}

/// What was timed.
pub(super) struct Subject<'a> {
    pub(super) checkpoint: &'a str,
    pub(super) residues: usize,
    pub(super) sequences: u64,
    pub(super) threads: usize,
    pub(super) isa: Isa,
    pub(super) multiply_adds: u64,
    pub(super) peak_rss_mb: Option<f64>,
}

/// What was measured: milliseconds of each repeat, and the peak in GFLOP/s just before it.
pub(super) struct Timing {
    times: Vec<f64>,
    peaks: Vec<f64>,
}

impl Timing {
    pub(super) fn record(&self, args: &TimeArgs, subject: Subject<'_>) -> Result<Record> {
        let (Some(time), Some(peak)) = (Summary::of(&self.times), Summary::of(&self.peaks)) else {
            bail!("nothing was timed")
        };
        let gflop = Operations::flop(subject.multiply_adds) / 1e9;
        let gflops = gflop / time.median * 1e3;
        Ok(Record {
            version: env!("CARGO_PKG_VERSION"),
            checkpoint: subject.checkpoint.to_owned(),
            file: args.file.display().to_string(),
            task: name_of(args.task),
            residues: subject.residues,
            sequences: subject.sequences,
            threads: subject.threads,
            precision: args.precision.to_string(),
            isa: subject.isa.name(),
            repeats: args.repeats,
            median_ms: time.median,
            min_ms: time.least,
            mean_ms: time.mean,
            std_ms: time.deviation,
            gflop,
            gflops,
            peak_gflops: peak.median,
            peak_share: gflops / peak.median,
            peak_rss_mb: subject.peak_rss_mb,
        })
    }
}

/// Times the work as often as asked for.
pub(super) fn measure<T>(
    (kernels, threads): (Kernels, usize),
    args: &TimeArgs,
    work: impl Fn() -> Result<T>,
) -> Result<Timing> {
    let meter = PeakMeter::new(kernels, threads, PEAK_WINDOW);
    for _ in 0..args.warmup {
        work()?;
    }
    let mut timing = Timing { times: Vec::new(), peaks: Vec::new() };
    for _ in 0..args.repeats {
        timing.peaks.push(meter.best_of(PEAK_WINDOWS));
        let start = Instant::now();
        let answer = work()?;
        timing.times.push(start.elapsed().as_secs_f64() * 1e3);
        drop(answer);
    }
    Ok(timing)
}

pub(super) fn report(record: &Record) -> String {
    let Record { file, task, residues, sequences, threads, precision, isa, repeats, .. } = record;
    let Record { median_ms, min_ms, mean_ms, gflop, gflops, peak_gflops, .. } = record;
    let noun = if task == "pack" { "packing" } else { "sequence" };
    let drawn = if matches!(&**task, "design" | "pack") {
        format!(" × {sequences} {noun}{}", plural(usize::try_from(*sequences).unwrap_or(usize::MAX)))
    } else {
        String::new()
    };
    let deviation = record.std_ms.map_or(String::new(), |value| format!(" ± {value:.2}"));
    let memory = record.peak_rss_mb.map_or(String::new(), |value| format!("memory  {value:.0} MB at most\n"));
    let checkpoint = &record.checkpoint;
    format!(
        "{file}: {task}, {residues} residue{}{drawn}; {checkpoint}, {precision}, {isa}, {threads} thread{}\n\
         time    {median_ms:.2} ms median, {min_ms:.2} least, {mean_ms:.2}{deviation} mean of {repeats}\n\
         work    {gflop:.3} GFLOP, {gflops:.1} GFLOP/s\n\
         peak    {peak_gflops:.1} GFLOP/s, of which {:.0} %\n{memory}",
        plural(*residues),
        plural(*threads),
        100.0 * record.peak_share,
    )
}
