//! How to run.

use std::num::NonZeroUsize;

use fastmpnn_pipeline::fastmpnn::decode::MemoryLimit;
use fastmpnn_pipeline::fastmpnn::model::Precision;
use fastmpnn_pipeline::request::NetworkSettings;
use fastmpnn_pipeline::run::LoadEngines;

/// How to run.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunArgs {
    /// Number of worker threads. By default the number of processors that this process may use, according to its
    /// affinity and control group, and at most SLURM_CPUS_PER_TASK. Results do not depend on it.
    #[arg(long, value_name = "COUNT", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// The memory that decoding may use in addition to the structure itself, such as 500M or 8G; half of the free
    /// memory by default. Results do not depend on it.
    #[arg(long, value_name = "BYTES", value_parser = memory, allow_hyphen_values = true)]
    pub(crate) memory_limit: Option<MemoryLimit>,
    /// The numeric precision of the network: f32, as published; bf16x3, close to it and faster where the processor has
    /// AMX; bf16, coarse, and faster where the processor multiplies bf16; f16, rounded as if stored in 16 bits; q16, 16-bit
    /// integers, the fastest on processors with fast integer products.
    #[arg(long, value_name = "NAME", default_value_t = NetworkSettings::default().precision)]
    pub(crate) precision: Precision,
    /// Print nothing on standard error but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Report for every structure, instead of once per run, which ligand atoms the network does not see and whether the
    /// decoder's edge terms are kept in memory.
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

impl RunArgs {
    /// Where the engines of the run come from.
    pub(crate) fn engines(&self) -> LoadEngines {
        LoadEngines::new(self.threads, self.memory_limit)
    }
}

pub(super) fn memory(text: &str) -> Result<MemoryLimit, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(place) => text.split_at(place),
        None => (text, ""),
    };
    let factor: Option<u64> = match unit.to_ascii_uppercase().as_str() {
        "" => Some(1),
        "K" | "KB" => Some(1_000),
        "M" | "MB" => Some(1_000_000),
        "G" | "GB" => Some(1_000_000_000),
        _ => None,
    };
    let bytes = number.parse().ok().zip(factor).and_then(|(number, factor): (u64, u64)| number.checked_mul(factor));
    bytes.map(MemoryLimit).ok_or_else(|| "a memory limit is a whole number with K, M or G".to_owned())
}

pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    const MOST: usize = 1024;
    let count = text.parse().ok().filter(|count: &NonZeroUsize| count.get() <= MOST);
    count.ok_or_else(|| format!("a number of threads lies between 1 and {MOST}"))
}
