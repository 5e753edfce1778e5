//! The worker threads and the memory that each of them reuses.

use std::num::NonZeroUsize;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastmpnn_kernels::{HeldTiles, Kernels};

use super::Scratch;
use crate::error::EngineError;

/// A pool of worker threads. Clones share it, and so can any number of engines and packers: the work of several callers
/// is divided among the same threads.
#[derive(Clone, Debug)]
pub struct Workers(Arc<Pool>);

/// Threads, and a [`Scratch`] for each.
#[derive(Debug)]
struct Pool {
    /// None where the system starts no threads, as WebAssembly: the caller's does the work.
    threads: Option<rayon::ThreadPool>,
    scratch: Vec<Mutex<Scratch>>,
}

/// What [`Workers::scratch`] lends a task.
pub(crate) struct TaskScratch<'a> {
    scratch: MutexGuard<'a, Scratch>,
    _tiles: HeldTiles,
}

impl Deref for TaskScratch<'_> {
    type Target = Scratch;

    fn deref(&self) -> &Scratch {
        &self.scratch
    }
}

impl DerefMut for TaskScratch<'_> {
    fn deref_mut(&mut self) -> &mut Scratch {
        &mut self.scratch
    }
}

impl Workers {
    /// The most threads that a pool may have.
    pub const MAX_THREADS: usize = 1024;

    /// Starts `threads` threads, at most [`Workers::MAX_THREADS`]; one per processor if `None`. In WebAssembly the calling
    /// thread does all work, and `threads` is 1 or `None`.
    pub fn new(threads: Option<NonZeroUsize>) -> Result<Workers, EngineError> {
        // 0 lets the pool count the processors.
        let count = threads.map_or(0, NonZeroUsize::get);
        if count > Workers::MAX_THREADS {
            return Err(EngineError::Setting {
                setting: "threads",
                value: count.to_string(),
                allowed: format!("1 to {}", Workers::MAX_THREADS),
            });
        }
        if cfg!(target_family = "wasm") {
            return match count {
                0 | 1 => Ok(Workers(Arc::new(Pool { threads: None, scratch: vec![Mutex::default()] }))),
                _ => Err(EngineError::Threads(format!("WebAssembly has one thread, not {count}"))),
            };
        }
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(count)
            .thread_name(|index| format!("fastmpnn-{index}"))
            .build()
            .map_err(|error| EngineError::Threads(error.to_string()))?;
        let scratch = (0..threads.current_num_threads()).map(|_| Mutex::default()).collect();
        Ok(Workers(Arc::new(Pool { threads: Some(threads), scratch })))
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.0.scratch.len()
    }

    /// Whether both are one pool.
    pub fn is_pool_of(&self, other: &Workers) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Runs `work` inside the pool.
    pub(crate) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.0.threads {
            Some(threads) => threads.install(work),
            None => work(),
        }
    }

    /// The memory of the calling thread, and its tile registers if these kernels use them, for a task. Release them before
    /// waiting for other tasks: a waiting thread takes up other work, which needs the same memory.
    pub(crate) fn scratch(&self, kernels: Kernels) -> TaskScratch<'_> {
        let index = rayon::current_thread_index().unwrap_or(0) % self.0.scratch.len();
        // A panic in another task leaves only numbers behind, which are overwritten before they are read.
        let scratch = self.0.scratch[index].lock().unwrap_or_else(PoisonError::into_inner);
        TaskScratch { scratch, _tiles: kernels.hold_tiles() }
    }

    /// The number of residues in a task: small enough that the threads finish together, large enough that node products
    /// reuse their weights.
    pub(crate) fn residues_a_task(&self, residues: usize) -> usize {
        const MOST: usize = 24;
        const LEAST: usize = 12;
        let threads = self.threads();
        if threads == 1 {
            return MOST;
        }
        // Each thread gets the same number of tasks, sized so that the last is about as large as the others and the
        // busiest thread does as little as possible; among equals, the fewest tasks.
        let rounds = residues.div_ceil(threads * MOST).max(1)..=residues.div_ceil(threads * LEAST).max(1);
        let busiest = |rounds: &usize| residues.div_ceil(threads * rounds) * rounds;
        let rounds = rounds.min_by_key(busiest).unwrap_or(1);
        residues.div_ceil(threads * rounds).max(1)
    }
}
