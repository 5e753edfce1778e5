//! The worker threads of all models of this process.

use std::mem;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use fastmpnn_pipeline::fastmpnn::Workers;
use fastmpnn_pipeline::fastmpnn::error::EngineError;
use fastmpnn_pipeline::threads;
use pyo3::prelude::*;

/// How often this process is the child of a fork. Threads do not survive one.
static GENERATION: AtomicU64 = AtomicU64::new(0);
static POOLS: Mutex<Vec<Pool>> = Mutex::new(Vec::new());

#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) generation: u64,
    pub(crate) workers: Workers,
}

/// Called in the child after a fork: the threads are made again when they are needed.
#[pyfunction]
pub(crate) fn forked() {
    GENERATION.fetch_add(1, Ordering::SeqCst);
}

pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::SeqCst)
}

/// The pool of so many threads, of as many as this process may use when `None`. Models share it.
///
/// The lock is held by threads that hold the interpreter, and so nobody else has it when the process is forked.
pub(crate) fn pool(threads: Option<NonZeroUsize>) -> Result<Pool, EngineError> {
    let threads = threads.unwrap_or_else(threads::available);
    let generation = generation();
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    // Ending a pool waits for its threads, and those of the parent are not here.
    let (alive, gone) = mem::take(&mut *pools).into_iter().partition(|pool| pool.generation == generation);
    *pools = alive;
    mem::forget::<Vec<Pool>>(gone);
    if let Some(pool) = pools.iter().find(|pool| pool.workers.threads() == threads.get()) {
        return Ok(pool.clone());
    }
    let pool = Pool { generation, workers: Workers::new(Some(threads))? };
    pools.push(pool.clone());
    Ok(pool)
}
