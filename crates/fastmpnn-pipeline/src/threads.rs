//! How many threads a command starts where nobody says.

use std::env;
use std::num::NonZeroUsize;

use fastmpnn::EngineOptions;

/// The variable in which Slurm says how many processors a task was given (`--cpus-per-task`).
const SLURM: &str = "SLURM_CPUS_PER_TASK";

/// As many as this process may use: the processors of its affinity and control group, and no more than Slurm gave the
/// task, which not every cluster enforces.
pub fn available() -> NonZeroUsize {
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let given = env::var(SLURM).ok().and_then(|text| text.trim().parse::<NonZeroUsize>().ok());
    given.map_or(processors, |given| given.min(processors))
}

/// How an engine runs where no option says.
pub fn engine_options() -> EngineOptions {
    EngineOptions { threads: Some(available()), ..EngineOptions::default() }
}
