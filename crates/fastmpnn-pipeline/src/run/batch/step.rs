//! What the work on an input hands over, in order.

use crate::error::PipelineError;
use crate::event::{Note, Progress, Reporter, Warning};

/// A step of the work on an input; M is what the work makes.
pub(in crate::run) enum Step<M> {
    Warning(Warning),
    Note(Note),
    Progress(Progress<'static>),
    Made(M),
    /// All that belongs to the input has been sent.
    Done,
    /// The input cannot be used.
    Failed(PipelineError),
}

impl<M> Step<M> {
    /// Tells the observer of a step that is only to be told.
    pub(in crate::run) fn tell(&self, reporter: &mut Reporter<'_>) {
        match self {
            Step::Warning(warning) => reporter.warning(warning),
            Step::Note(note) => reporter.told(note),
            Step::Progress(progress) => reporter.progress(*progress),
            Step::Made(_) | Step::Done | Step::Failed(_) => {}
        }
    }
}

/// Why the work on an input has ended before all of it was done.
pub(in crate::run) enum Ended {
    Failed(PipelineError),
    /// The run is to end.
    Stopped,
}

impl<E: Into<PipelineError>> From<E> for Ended {
    fn from(error: E) -> Ended {
        Ended::Failed(error.into())
    }
}
