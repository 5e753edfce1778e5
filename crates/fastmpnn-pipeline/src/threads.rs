//! The default number of threads.

use std::env;
use std::num::NonZeroUsize;

use fastmpnn::EngineOptions;

/// The variable in which Slurm reports the number of processors of a task (`--cpus-per-task`).
const SLURM: &str = "SLURM_CPUS_PER_TASK";

/// Whether threads can be started: in WebAssembly the calling thread does everything.
pub(crate) const CAN_BE_STARTED: bool = cfg!(not(target_family = "wasm"));

/// The number of processors that this process may use, according to its affinity and control group, and at most the
/// number that Slurm assigned to the task, which not every cluster enforces.
pub fn available() -> NonZeroUsize {
    let processors = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let given = env::var(SLURM).ok().and_then(|text| text.trim().parse::<NonZeroUsize>().ok());
    given.map_or(processors, |given| given.min(processors))
}

/// The default engine options of a command.
pub fn engine_options() -> EngineOptions {
    EngineOptions::default().with_threads(Some(available()))
}
