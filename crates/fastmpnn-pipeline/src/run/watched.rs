//! Work on the engine's threads, followed by the run's observer on its own.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use fastmpnn::decode::{Observer, Progress};
use fastmpnn::error::EngineError;

use crate::event::Reporter;
use crate::threads;

/// The fewest milliseconds between two reports of decoding levels. A level may take less than one, and each report wakes a thread.
const BETWEEN_LEVELS: u64 = 20;

/// Does the work on a thread of its own while this one tells the reporter how far it is; none where the reporter's
/// observer has stopped it.
///
/// The engine calls its observer on its worker threads, and that of a run belongs to the run's thread: so what the first
/// hears is sent to the second, whose answer holds from the next level on. Where no threads can be started, the work is done
/// at once and untold.
pub(super) fn watched<T: Send>(
    reporter: &mut Reporter<'_>,
    work: impl FnOnce(Arc<dyn Observer>) -> Result<T, EngineError> + Send,
) -> Result<Option<T>, EngineError> {
    if !threads::CAN_BE_STARTED {
        // There is nobody to tell it to before the work is done.
        return work(Arc::new(|_: Progress| ControlFlow::Continue(()))).map(Some);
    }
    let stopped = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    let answer = Arc::clone(&stopped);
    let (began, next) = (Instant::now(), AtomicU64::new(0));
    let is_due = move || {
        let now = began.elapsed().as_millis() as u64;
        let due = now >= next.load(Ordering::Relaxed);
        if due {
            next.store(now + BETWEEN_LEVELS, Ordering::Relaxed);
        }
        due
    };
    let observer = move |progress: Progress| {
        if !matches!(progress, Progress::Level { .. }) || is_due() {
            // The receiver lives as long as the work.
            let _ = sender.send(progress);
        }
        if answer.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let done = thread::scope(|scope| {
        // The work ends with the last sender, and so does the loop.
        let worker = thread::Builder::new().spawn_scoped(scope, move || work(Arc::new(observer)));
        let worker = worker.map_err(|error| EngineError::Threads(error.to_string()))?;
        for progress in receiver {
            if reporter.decoding(progress) {
                stopped.store(true, Ordering::Relaxed);
            }
        }
        worker.join().unwrap_or_else(|panic| resume_unwind(panic))
    });
    match done {
        Ok(done) => Ok(Some(done)),
        Err(EngineError::Cancelled) => Ok(None),
        Err(error) => Err(error),
    }
}
