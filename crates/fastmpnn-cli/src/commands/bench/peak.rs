//! `fastmpnn bench peak`: multiply-adds from registers, and reading memory.

use std::hint::black_box;
use std::time::Duration;

use anyhow::Result;
use fastmpnn_pipeline::fastmpnn::kernels::Kernels;
use serde::Serialize;

use super::printing::{plural, print, thread_count};
use crate::args::bench::PeakArgs;
use fastmpnn_study::stopwatch::{PeakMeter, Summary, at_once};

/// Short enough that some windows are undisturbed on a shared machine.
const WINDOW: Duration = Duration::from_millis(5);
const WINDOWS: usize = 200;

/// Larger than most last-level caches, unless memory is short.
const BUFFER_BYTES: usize = 1 << 30;
/// The free memory assumed if the system does not report it.
const BUFFER_BYTES_UNASKED: usize = 1 << 28;
const READS: usize = 7;

#[derive(Serialize)]
struct PeakRecord {
    version: &'static str,
    isa: &'static str,
    threads: usize,
    one_thread: Rates,
    all_threads: Rates,
    /// The size of the buffer that is read for the bandwidth, MB.
    buffer_mb: f64,
}

/// The combined rates of the given number of threads.
#[derive(Serialize)]
struct Rates {
    best_gflops: f64,
    median_gflops: f64,
    best_gb_s: f64,
    median_gb_s: f64,
}

pub(super) fn run(args: &PeakArgs) -> Result<()> {
    let kernels = Kernels::detect()?;
    let threads = thread_count(args.threads);
    let buffer = filled_buffer();
    let record = PeakRecord {
        version: env!("CARGO_PKG_VERSION"),
        isa: kernels.isa().name(),
        threads,
        one_thread: rates(kernels, 1, &buffer),
        all_threads: rates(kernels, threads, &buffer),
        buffer_mb: size_of_val(&buffer[..]) as f64 / 1e6,
    };
    print(&record, args.json, || report(&record))
}

/// A buffer of numbers other than zero, so that every page has its own memory.
fn filled_buffer() -> Vec<f32> {
    let bytes = match fastmpnn_study::memory::available() {
        Some(available) => BUFFER_BYTES.min((available / 4) as usize),
        None => BUFFER_BYTES_UNASKED,
    };
    vec![1.0; bytes / size_of::<f32>()]
}

fn rates(kernels: Kernels, threads: usize, buffer: &[f32]) -> Rates {
    let meter = PeakMeter::new(kernels, threads, WINDOW);
    let flops = summary((0..WINDOWS).map(|_| meter.measure()));
    let share = buffer.len().div_ceil(threads);
    let bandwidth = summary((0..READS).map(|_| {
        let (seconds, _) = at_once(threads, |index| {
            let part = buffer.chunks(share).nth(index).unwrap_or_default();
            black_box(kernels.read(black_box(part)))
        });
        size_of_val(buffer) as f64 / seconds / 1e9
    }));
    Rates {
        best_gflops: flops.largest,
        median_gflops: flops.median,
        best_gb_s: bandwidth.largest,
        median_gb_s: bandwidth.median,
    }
}

fn summary(values: impl Iterator<Item = f64>) -> Summary {
    let nothing = Summary { median: 0.0, least: 0.0, largest: 0.0, mean: 0.0, deviation: None };
    Summary::of(&values.collect::<Vec<_>>()).unwrap_or(nothing)
}

fn report(record: &PeakRecord) -> String {
    let row = |threads: usize, rates: &Rates| {
        let Rates { best_gflops, median_gflops, best_gb_s, median_gb_s } = rates;
        let label = format!("{threads} thread{}", plural(threads));
        format!("{label:<12}{median_gflops:>10.1}{best_gflops:>10.1}{median_gb_s:>14.1}{best_gb_s:>10.1}\n")
    };
    let mut text = format!("{:<12}{:>10}{:>10}{:>14}{:>10}\n", record.isa, "GFLOP/s", "best", "GB/s read", "best");
    text += &row(1, &record.one_thread);
    if record.threads > 1 {
        text += &row(record.threads, &record.all_threads);
    }
    text + &format!("medians of {WINDOWS} windows of 5 ms, and of {READS} reads of {:.0} MB\n", record.buffer_mb)
}
