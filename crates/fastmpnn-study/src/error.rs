//! What can go wrong.

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
    /// Nothing of a structure can be designed.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The instruction set asked for cannot be had.
    #[error(transparent)]
    Isa(#[from] fastmpnn::kernels::IsaError),
    /// A variant's answer is not what it must be, so it was not timed.
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
        /// The names there are.
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
    /// There is no structure to work on.
    #[error("no structure to work on: name at least one PDB or mmCIF file")]
    NoStructures,
    /// Worker threads could not be started.
    #[error("the worker threads could not be started: {0}")]
    Threads(String),
    /// A checkpoint could not be put together.
    #[error("a network of another shape could not be put together: {0}")]
    Shape(String),
    /// A process that measures could not be run.
    #[error("{command} failed: {reason}")]
    Process {
        /// What was run.
        command: String,
        /// What it said.
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
