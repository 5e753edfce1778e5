//! Work on a thread of its own, so that the caller's can wait without the interpreter and hear of Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

use crate::errors::unexpected;

/// How long a signal waits to be heard.
const PATIENCE: Duration = Duration::from_millis(20);

/// Says that nobody waits for the work any more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Does the work while other Python threads run. A signal whose handler raises, such as Ctrl-C, ends the wait at once and
/// sets `Stop`; the work then ends by itself at its next step.
pub(crate) fn detached<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(Stop) -> T + Send + 'static,
) -> PyResult<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let stop = Stop::default();
    let of_work = stop.clone();
    let work = move || {
        // Nobody may be there to receive it.
        let _ = sender.send(work(of_work));
    };
    thread::Builder::new().name("fastmpnn".to_owned()).spawn(work)?;
    let receiver = std::sync::Mutex::new(receiver);
    loop {
        let received = py.detach(|| match receiver.lock() {
            Ok(receiver) => receiver.recv_timeout(PATIENCE),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        });
        match received {
            Ok(done) => return Ok(done),
            Err(RecvTimeoutError::Disconnected) => return Err(unexpected("the work ended without a result")),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(signal) = py.check_signals() {
                    stop.0.store(true, Ordering::Relaxed);
                    return Err(signal);
                }
            }
        }
    }
}
