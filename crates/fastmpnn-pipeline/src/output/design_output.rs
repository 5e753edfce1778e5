//! What designs are written to.

use std::sync::Arc;

use super::{DesignResult, DesignTarget, NativeOutcome, OutputFailure, State};
use crate::error::PipelineError;
use crate::input::{Input, InputIdentity};
use crate::run::FailedInput;
use crate::selection::SelectionReport;

/// A place that designs are written to, in the order of the inputs.
///
/// For each input there is either `begin`, any number of calls of `add`, then `end` or `cut_short`; or `fail`, which may
/// also come after `begin` and `add`. An input that is [finished](FinishedInputs::is_finished) has no call.
pub(crate) trait DesignOutput {
    /// The inputs whose designs are there already, for an output that is continued. It is asked before the work on an
    /// input, on any thread; a target then has its [`DesignTarget::identity`].
    fn finished_inputs(&self) -> Option<Arc<dyn FinishedInputs>> {
        None
    }

    /// Begins a structure with its native sequence.
    fn begin(&mut self, native: &NativeOutcome<'_>) -> Result<(), OutputFailure>;

    /// Adds some of its designs. An [`OutputFailure`] ends the run; any other error is the input's.
    fn add(&mut self, target: &DesignTarget<'_>, designs: &[DesignResult]) -> Result<(), PipelineError>;

    /// Which step of the selection removed how many designs of the structure; the others have been added.
    fn selected(&mut self, _report: &SelectionReport) {}

    /// All designs of the structure are made.
    fn end(&mut self, target: &DesignTarget<'_>) -> Result<(), OutputFailure>;

    /// The run was stopped before all designs of the structure were made.
    fn cut_short(&mut self, target: &DesignTarget<'_>) -> Result<(), OutputFailure>;

    /// An input could not be used.
    fn fail(&mut self, input: &Input, failed: &FailedInput) -> Result<(), OutputFailure>;

    /// Writes what covers all inputs.
    fn finish(self: Box<Self>, failed: &[FailedInput], state: State) -> Result<(), OutputFailure>;
}

/// The inputs whose designs an output has already.
pub(crate) trait FinishedInputs: Send + Sync {
    /// Whether all designs of an input with that content and those settings are there.
    fn is_finished(&self, input: &Input, identity: &InputIdentity) -> bool;
}
