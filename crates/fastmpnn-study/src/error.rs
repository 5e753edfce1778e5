//! The errors of the study.

use std::path::PathBuf;

use fastmpnn::error::{EngineError, SpecError, WeightsError};
use thiserror::Error;

/// The study could not go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StudyError {
    /// An engine could not be made or used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A checkpoint could not be read.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// No residue of a structure can be designed.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The requested instruction set is not available.
    #[error(transparent)]
    Isa(#[from] fastmpnn::kernels::IsaError),
    /// A variant's answer is wrong, so it was not timed.
    #[error("{experiment}, {variant}: the answer is wrong, so it was not timed: {reason}")]
    WrongAnswer {
        /// The experiment's name.
        experiment: String,
        /// The variant's name.
        variant: String,
        /// What is wrong.
        reason: String,
    },
    /// No experiment has this name.
    #[error("no experiment is called {name:?}; the known names are {available}")]
    UnknownExperiment {
        /// The name as written.
        name: String,
        /// The known names.
        available: String,
    },
    /// No variant of the experiment has this name.
    #[error("experiment {experiment} has no variant {variant:?}")]
    UnknownVariant {
        /// The experiment's name.
        experiment: String,
        /// The variant's name as written.
        variant: String,
    },
    /// No structure was given.
    #[error("no structure to work on: name at least one PDB or mmCIF file")]
    NoStructures,
    /// Worker threads could not be started.
    #[error("the worker threads could not be started: {0}")]
    Threads(String),
    /// A checkpoint of another shape could not be assembled.
    #[error("a network of another shape could not be put together: {0}")]
    Shape(String),
    /// A measuring process could not be run.
    #[error("{command} failed: {reason}")]
    Process {
        /// The command line.
        command: String,
        /// The reason that it gave.
        reason: String,
    },
    /// A file could not be read.
    #[error("{}: cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file could not be written.
    #[error("{} cannot be written: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
