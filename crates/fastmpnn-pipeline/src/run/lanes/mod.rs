//! Work on many inputs at once, whose results are taken in the order of the inputs.
//!
//! A lane is a thread that works on one input after another. What the work on an input has to tell it sends as steps; the
//! caller's thread takes the steps of the first input, then those of the second, and so on, so that what it does with
//! them does not depend on the number of lanes. Inputs are admitted to the expensive part of their work in their order,
//! too: a small one joins those that are being worked on, one a lane, and a large one waits until they are done and then
//! has all threads for itself. Lanes run ahead of the caller by a limited number of inputs and of bytes.

mod desk;
mod limits;

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use fastmpnn::error::EngineError;
use fastmpnn::{Engine, Workers};

use self::desk::{Claim, Desk};
use self::limits::Admission;
pub(super) use self::limits::{Lanes, Size, Threaded};
use crate::threads;

impl Lanes {
    /// Does the work on every input and gives its steps to `take`, with the number of the input. The run ends early where
    /// `take` breaks it off; the lanes then end at their next step.
    pub(super) fn run<N: Threaded, S: Send, T>(
        self,
        network: &N,
        work: impl Fn(&Lane<'_, S, N>) + Sync,
        mut take: impl FnMut(usize, &mut Steps<'_, S>) -> Result<Taken, T>,
    ) -> Result<(), T>
    where
        T: From<EngineError>,
    {
        if !threads::CAN_BE_STARTED {
            return self.run_in_turn(network, work, take);
        }
        let desk = Desk::new(self);
        let mut networks = vec![network.clone()];
        if self.count > 1 {
            for _ in 0..self.count {
                let workers = Workers::new(NonZeroUsize::new(1))?;
                networks.push(network.on(&workers, self.share));
            }
        }
        let all = &networks[0];
        thread::scope(|scope| {
            // The lanes end where this thread leaves early, even by a panic.
            let _closing = desk.closing();
            let mut lanes = Vec::with_capacity(self.count);
            for number in 0..self.count {
                let alone = networks.get(number + 1).unwrap_or(all);
                let (desk, work) = (&desk, &work);
                let run = move || {
                    while let Some(Claim { index, cancelled }) = desk.claim() {
                        work(&Lane { index, cancelled, desk, all, alone, admission: Cell::new(None), waits: true });
                    }
                };
                let spawned = thread::Builder::new().name(format!("lane-{number}")).spawn_scoped(scope, run);
                lanes.push(spawned.map_err(|error| EngineError::Threads(error.to_string()))?);
            }
            let mut taken = Ok(Taken::Next);
            for index in 0..self.inputs {
                taken = take(index, &mut Steps { index, desk: &desk });
                desk.taken(index);
                if !matches!(taken, Ok(Taken::Next)) || desk.is_closed() {
                    break;
                }
            }
            desk.close();
            for lane in lanes {
                if let Err(panic) = lane.join() {
                    resume_unwind(panic);
                }
            }
            taken.map(|_| ())
        })
    }

    /// As [`Lanes::run`], on the calling thread alone: the work on an input is done before its steps are taken.
    fn run_in_turn<N, S, T>(
        self,
        network: &N,
        work: impl Fn(&Lane<'_, S, N>),
        mut take: impl FnMut(usize, &mut Steps<'_, S>) -> Result<Taken, T>,
    ) -> Result<(), T> {
        let (desk, all, alone) = (&Desk::new(Lanes { count: 1, ..self }), network, network);
        while let Some(Claim { index, cancelled }) = desk.claim() {
            work(&Lane { index, cancelled, desk, all, alone, admission: Cell::new(None), waits: false });
            let taken = take(index, &mut Steps { index, desk })?;
            desk.taken(index);
            if taken == Taken::Stop {
                break;
            }
        }
        Ok(())
    }
}

/// Whether the run goes on with the next input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Next,
    Stop,
}

/// What a lane has while it works on an input. The input ends when this is dropped.
pub(super) struct Lane<'l, S, N = Engine> {
    /// The number of the input.
    pub(super) index: usize,
    cancelled: Arc<AtomicBool>,
    desk: &'l Desk<S>,
    all: &'l N,
    alone: &'l N,
    admission: Cell<Option<Admission>>,
    /// Whether steps wait for others to be taken: not where the same thread takes them later.
    waits: bool,
}

impl<'l, S, N> Lane<'l, S, N> {
    /// Waits until the expensive part of the work may begin; the network that does it. `None` where the run has ended.
    pub(super) fn admit(&self, size: Size) -> Option<&'l N> {
        let takes_all = self.desk.lanes().takes_all(size);
        let admission = if takes_all { Admission::All } else { Admission::Beside };
        if !self.desk.admit(self.index, admission, size.results) {
            return None;
        }
        self.admission.set(Some(admission));
        Some(if takes_all { self.all } else { self.alone })
    }

    /// The network with all threads.
    pub(super) fn network(&self) -> &'l N {
        self.all
    }

    /// Sends a step. With all threads, results that nobody takes are waited for; others are limited when admitted.
    pub(super) fn send(&self, step: S) {
        self.desk.send(self.index, step, self.waits && self.has_all_threads());
    }

    /// Sends a step that only matters while it happens: one that has to wait is left out.
    pub(super) fn send_now(&self, step: S) {
        self.desk.send_now(self.index, step);
    }

    /// Whether the work was admitted with all threads.
    pub(super) fn has_all_threads(&self) -> bool {
        self.admission.get() == Some(Admission::All)
    }

    /// Set when the work on the input is to end.
    pub(super) fn cancelled(&self) -> Arc<AtomicBool> {
        self.cancelled.clone()
    }

    /// Whether the work on the input is to end.
    pub(super) fn stops(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

impl<S, N> Drop for Lane<'_, S, N> {
    fn drop(&mut self) {
        self.desk.end(self.index, self.admission.get(), thread::panicking());
    }
}

/// The steps of an input, in their order, as they come.
pub(super) struct Steps<'l, S> {
    index: usize,
    desk: &'l Desk<S>,
}

impl<S> Steps<'_, S> {
    /// Asks the work on the input to end; the steps that come until it does are to be passed over.
    pub(super) fn cancel(&self) {
        self.desk.cancel(self.index);
    }
}

impl<S> Iterator for Steps<'_, S> {
    type Item = S;

    /// Waits for the next step; `None` when the work on the input has ended.
    fn next(&mut self) -> Option<S> {
        self.desk.next(self.index)
    }
}

#[cfg(test)]
mod tests;
