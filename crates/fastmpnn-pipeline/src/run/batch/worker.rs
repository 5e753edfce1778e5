//! The work on an input in a lane, as seen from there. It runs on any thread and needs no observer: what is to be said and
//! written is handed over as steps.

use std::ops::ControlFlow;

use fastmpnn::Engine;

use super::step::{Ended, Step};
use crate::event::{Event, Observer, Progress};
use crate::run::lanes::{Lane, Size};

/// Works on an input.
pub(in crate::run) struct Worker<'w, 'l, M, N = Engine> {
    lane: &'w Lane<'l, Step<M>, N>,
}

impl<'w, 'l, M, N> Worker<'w, 'l, M, N> {
    pub(in crate::run) fn new(lane: &'w Lane<'l, Step<M>, N>) -> Worker<'w, 'l, M, N> {
        Worker { lane }
    }

    /// Does the work and says how it ended.
    pub(in crate::run) fn end(&self, work: impl FnOnce(&Worker<'w, 'l, M, N>) -> Result<(), Ended>) {
        match work(self) {
            Ok(()) => self.lane.send(Step::Done),
            Err(Ended::Stopped) => {}
            Err(Ended::Failed(error)) => self.lane.send(Step::Failed(error)),
        }
    }

    /// The network, for its settings.
    pub(in crate::run) fn network(&self) -> &'l N {
        self.lane.network()
    }

    /// Waits until the expensive part of the work may begin; the network that does it.
    pub(in crate::run) fn admit(&self, size: Size) -> Result<&'l N, Ended> {
        self.lane.admit(size).ok_or(Ended::Stopped)
    }

    /// Hands over what was made.
    pub(in crate::run) fn made(&self, made: M) {
        self.lane.send(Step::Made(made));
    }

    /// An observer that hands over warnings, notes and progress.
    pub(in crate::run) fn told(&self) -> Told<'w, 'l, M, N> {
        Told(self.lane)
    }
}

/// Hands warnings, notes and progress over, for code that tells them to an observer.
pub(in crate::run) struct Told<'w, 'l, M, N = Engine>(pub(in crate::run) &'w Lane<'l, Step<M>, N>);

impl<M, N> Observer for Told<'_, '_, M, N> {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        let Told(lane) = self;
        match event {
            Event::Warning(warning) => lane.send(Step::Warning(warning.clone())),
            Event::Note(note) => lane.send(Step::Note(note.clone())),
            Event::Progress(progress) => match progress.without_names() {
                Some(progress @ (Progress::Level { .. } | Progress::PackingStep { .. } | Progress::Working)) => {
                    lane.send_now(Step::Progress(progress));
                }
                Some(progress) => lane.send(Step::Progress(progress)),
                None => {}
            },
            Event::Result(_) | Event::Failure(_) => {}
        }
        if lane.stops() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
