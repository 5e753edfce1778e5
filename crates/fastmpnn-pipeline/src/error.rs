//! Errors between a request and its results. Every message is a sentence that names the fields of a request.

use std::io;

use fastmpnn::error::{EngineError, SpecError, StructureError, WeightsError};
use thiserror::Error;

use crate::message::Message;
use crate::output::OutputFailure;

/// A request that cannot be carried out, an input that cannot be used, or a result that cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// A request that contradicts itself or asks for something that does not exist.
    #[error("{0}")]
    Request(Message),
    /// An input with unusable content.
    #[error("{0}")]
    Input(Message),
    /// A file or folder that cannot be read.
    #[error("{what}: {source}")]
    Unreadable {
        /// The file and its role: `x.txt: the list cannot be read`.
        what: Message,
        /// The system's reason.
        source: io::Error,
    },
    /// A structure that cannot be read.
    #[error(transparent)]
    Structure(#[from] StructureError),
    /// Selections, ties, biases or labels that do not fit the structure.
    #[error(transparent)]
    Specification(#[from] SpecError),
    /// A checkpoint that cannot be loaded.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A call that the engine refused.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The packer's network cannot be used.
    #[error("the packer cannot be used: {0}")]
    Packer(#[source] EngineError),
    /// A structure that does not fit its output format.
    #[error(transparent)]
    Unwritable(io::Error),
    /// A result that could not be written, which ends the run.
    #[error(transparent)]
    Output(#[from] OutputFailure),
    /// An error and the file it concerns.
    #[error("{file}: {source}")]
    InFile {
        /// The file's name in messages.
        file: String,
        /// What is wrong.
        source: Box<PipelineError>,
    },
}

impl PipelineError {
    /// The message, with its fields marked.
    pub fn message(&self) -> Message {
        match self {
            PipelineError::Request(message) | PipelineError::Input(message) => message.clone(),
            PipelineError::Unreadable { what, source } => what.before(format!(": {source}")),
            PipelineError::InFile { file, source } => source.message().after(format!("{file}: ")),
            PipelineError::Structure(_)
            | PipelineError::Specification(_)
            | PipelineError::Weights(_)
            | PipelineError::Engine(_)
            | PipelineError::Packer(_)
            | PipelineError::Unwritable(_)
            | PipelineError::Output(_) => Message::of_library(&self.to_string()),
        }
    }

    /// The underlying checkpoint error, if that is the cause.
    pub fn weights_error(&self) -> Option<&WeightsError> {
        match self {
            PipelineError::Weights(error) => Some(error),
            PipelineError::Engine(EngineError::Weights(error)) | PipelineError::Packer(EngineError::Weights(error)) => {
                Some(error)
            }
            PipelineError::InFile { source, .. } => source.weights_error(),
            _ => None,
        }
    }

    /// The underlying output failure, if that is the cause.
    pub fn output_failure(&self) -> Option<&OutputFailure> {
        match self {
            PipelineError::Output(failure) => Some(failure),
            PipelineError::InFile { source, .. } => source.output_failure(),
            _ => None,
        }
    }
}

/// Adds to an error the file it concerns.
pub(crate) trait InFile<T> {
    /// Puts the file's name before the message.
    fn in_file(self, file: &str) -> Result<T, PipelineError>;
}

impl<T, E: Into<PipelineError>> InFile<T> for Result<T, E> {
    fn in_file(self, file: &str) -> Result<T, PipelineError> {
        self.map_err(|error| PipelineError::InFile { file: file.to_owned(), source: Box::new(error.into()) })
    }
}

/// A refusal with the given text, which may contain [`Field`](crate::message::Field)s.
pub(crate) fn refusal(text: impl AsRef<str>) -> PipelineError {
    PipelineError::Request(Message::new(text))
}

/// An unusable input, with the given text.
pub(crate) fn unusable(text: impl AsRef<str>) -> PipelineError {
    PipelineError::Input(Message::new(text))
}

/// A file that cannot be read; the system's reason is added to the text.
pub(crate) fn unreadable(what: impl AsRef<str>, source: io::Error) -> PipelineError {
    PipelineError::Unreadable { what: Message::new(what), source }
}
