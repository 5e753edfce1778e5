//! Why something cannot be answered.

use fastmpnn_pipeline::PipelineError;
use thiserror::Error;

/// A request that cannot be answered. Its message is a sentence for the reader of the page.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// A request or a file that cannot be used.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// A structure that failed in a run, in the words of the run.
    #[error("{0}")]
    Failed(String),
    /// Letters that are none.
    #[error("the sequence has letters that stand for no amino acid")]
    Letters,
}
