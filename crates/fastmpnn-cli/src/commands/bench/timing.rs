//! The measurements, as a record for machines and as lines for people.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use fastmpnn_pipeline::fastmpnn::kernels::Kernels;
use fastmpnn_pipeline::fastmpnn::model::{Operations, Precision};
use fastmpnn_study::stopwatch::{PeakMeter, Summary};
use serde::Serialize;

use super::printing::plural;
use crate::args::bench::{TimeArgs, name_of};

/// Windows in which the peak is measured before each repeat: the processor's clock and the load of other programs
/// change with time.
const PEAK_WINDOWS: usize = 3;
const PEAK_WINDOW: Duration = Duration::from_millis(3);

#[derive(Serialize)]
pub(super) struct TimeRecord {
    version: &'static str,
    checkpoint: String,
    file: String,
    task: String,
    /// Residues with a backbone.
    residues: usize,
    sequences: u64,
    threads: usize,
    precision: String,
    isa: String,
    repeats: u32,
    median_ms: f64,
    min_ms: f64,
    mean_ms: f64,
    std_ms: Option<f64>,
    /// Operations of the restructured network's matrix products, 10⁹; two per multiply-add.
    gflop: f64,
    gflops: f64,
    peak_gflops: f64,
    peak_share: f64,
    /// The peak memory of the process after doing the task once, MB; Linux only.
    peak_rss_mb: Option<f64>,
}

/// The structure and settings that were timed.
pub(super) struct Subject<'a> {
    pub(super) checkpoint: &'a str,
    pub(super) residues: usize,
    pub(super) sequences: u64,
    pub(super) threads: usize,
    pub(super) precision: Precision,
    pub(super) isa: String,
    pub(super) multiply_adds: u64,
    pub(super) peak_rss_mb: Option<f64>,
}

/// The measurements: the milliseconds of each repeat, and the peak in GFLOP/s just before it.
pub(super) struct Timing {
    times: Vec<f64>,
    peaks: Vec<f64>,
}

impl Timing {
    pub(super) fn record(&self, args: &TimeArgs, subject: Subject<'_>) -> Result<TimeRecord> {
        let (Some(time), Some(peak)) = (Summary::of(&self.times), Summary::of(&self.peaks)) else {
            bail!("nothing was timed")
        };
        let gflop = Operations::flop(subject.multiply_adds) / 1e9;
        let gflops = gflop / time.median * 1e3;
        Ok(TimeRecord {
            version: env!("CARGO_PKG_VERSION"),
            checkpoint: subject.checkpoint.to_owned(),
            file: args.file.display().to_string(),
            task: name_of(args.task),
            residues: subject.residues,
            sequences: subject.sequences,
            threads: subject.threads,
            precision: subject.precision.to_string(),
            isa: subject.isa,
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

/// The kernels and threads of the work and of the peak.
pub(super) struct Processor {
    pub(super) kernels: Kernels,
    pub(super) threads: usize,
}

/// Times the work for the requested number of repeats.
pub(super) fn measure<T>(processor: Processor, args: &TimeArgs, work: impl Fn() -> Result<T>) -> Result<Timing> {
    let meter = PeakMeter::new(processor.kernels, processor.threads, PEAK_WINDOW);
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

pub(super) fn report(record: &TimeRecord) -> String {
    let TimeRecord { file, task, residues, sequences, threads, precision, isa, repeats, .. } = record;
    let TimeRecord { median_ms, min_ms, mean_ms, gflop, gflops, peak_gflops, .. } = record;
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
