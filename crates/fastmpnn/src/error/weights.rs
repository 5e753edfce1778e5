//! Loading and writing checkpoints.

use thiserror::Error;

/// A checkpoint could not be loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file could not be opened or read.
    #[error("{name}: cannot be read: {source}")]
    Unreadable {
        /// The path.
        name: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not a checkpoint, or is damaged.
    #[error("{name}: not a checkpoint, or a damaged one: {reason}")]
    Damaged {
        /// The checkpoint's name or path.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A published checkpoint is not on this machine.
    #[error("checkpoint {name} is not in {folder}")]
    Absent {
        /// Its published name.
        name: String,
        /// The folder that was searched.
        folder: String,
    },
    /// The file of a published checkpoint differs from the published one.
    #[error("{path}: checkpoint {name} is damaged: {reason}")]
    Changed {
        /// Its published name.
        name: String,
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint could not be written.
    #[error("{path}: cannot be written: {source}")]
    Unwritable {
        /// The path.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// No published checkpoint has this name.
    #[error("no published checkpoint is called {name}")]
    Unknown {
        /// The name as given, escaped where it does not print.
        name: String,
    },
    /// A tensor that the network needs is missing.
    #[error("checkpoint {name}: tensor {tensor} is missing")]
    MissingTensor {
        /// The checkpoint's name or path.
        name: String,
        /// The tensor's published name.
        tensor: String,
    },
    /// A tensor's shape does not fit the rest of the checkpoint.
    #[error("checkpoint {name}: tensor {tensor} has shape {found:?}, not {expected:?}")]
    WrongShape {
        /// The checkpoint's name or path.
        name: String,
        /// The tensor's published name.
        tensor: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// The shape it needs to have.
        expected: Vec<usize>,
    },
    /// The checkpoint is of an unsupported kind.
    #[error("checkpoint {name}: {reason}")]
    Unsupported {
        /// The checkpoint's name or path.
        name: String,
        /// What it is.
        reason: String,
    },
}
