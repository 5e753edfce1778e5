//! Delivers what is made of the inputs in their order, on the thread of the run's observer.

use super::step::Step;
use crate::error::PipelineError;
use crate::event::{Progress, Reporter};
use crate::input::InputList;
use crate::run::FailedInput;
use crate::run::lanes::{Steps, Taken};

/// What all steps go through.
pub(super) struct Delivery<'d, 'o, D> {
    inputs: &'d InputList,
    reporter: &'d mut Reporter<'o>,
    deliver: D,
    /// The inputs that could not be used.
    pub(super) failed: Vec<FailedInput>,
    /// The number of inputs of which everything is delivered.
    pub(super) done: usize,
}

impl<'d, 'o, D> Delivery<'d, 'o, D> {
    pub(super) fn new(inputs: &'d InputList, reporter: &'d mut Reporter<'o>, deliver: D) -> Delivery<'d, 'o, D> {
        Delivery { inputs, reporter, deliver, failed: Vec::new(), done: 0 }
    }

    /// Takes the steps of an input.
    pub(super) fn input<M>(&mut self, index: usize, steps: &mut Steps<'_, Step<M>>) -> Result<Taken, PipelineError>
    where
        D: FnMut(M, &mut Reporter<'_>) -> Result<(), PipelineError>,
    {
        if self.reporter.stops() {
            return Ok(Taken::Stop);
        }
        let input = self.inputs.get(index).unwrap_or_default().display_name();
        self.reporter.input(&input, index, self.inputs.len());
        match self.steps(steps) {
            Ok(()) => Ok(Taken::Next),
            Err(error) if error.output_failure().is_some() => Err(error),
            Err(error) => {
                // What could not be used may still be worked on, where its result does not fit its file.
                steps.cancel();
                self.failed.push(failed(input, &error, self.reporter));
                Ok(Taken::Next)
            }
        }
    }

    fn steps<M>(&mut self, steps: &mut Steps<'_, Step<M>>) -> Result<(), PipelineError>
    where
        D: FnMut(M, &mut Reporter<'_>) -> Result<(), PipelineError>,
    {
        // Whether the observer stopped the run at something other than the progress of what is in hand. A lane may be
        // ahead of that, and what it has made by then is not to matter.
        let mut closed = false;
        while let Some(step) = steps.next() {
            let in_hand = matches!(
                step,
                Step::Progress(Progress::Working | Progress::Level { .. } | Progress::PackingStep { .. })
            );
            match step {
                Step::Made(_) if closed => return Ok(()),
                Step::Made(made) => (self.deliver)(made, self.reporter)?,
                Step::Done => {
                    self.done += 1;
                    return Ok(());
                }
                Step::Failed(error) => return Err(error),
                step => step.tell(self.reporter),
            }
            if self.reporter.has_stopped() {
                closed = closed || !in_hand;
                steps.cancel();
            }
        }
        Ok(())
    }
}

/// Reports an input that could not be used.
pub(in crate::run) fn failed(input: String, error: &PipelineError, reporter: &mut Reporter<'_>) -> FailedInput {
    reporter.failure(&input, error);
    FailedInput { input, error: reporter.text(&error.message()) }
}
