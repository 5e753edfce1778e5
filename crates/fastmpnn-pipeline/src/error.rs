//! What can go wrong between a request and its results. Every message is a sentence; fields of a request stand in it
//! under their names.

use std::io;

use fastmpnn::error::{EngineError, SpecError, StructureError, WeightsError};
use thiserror::Error;

use crate::message::Message;
use crate::output::OutputFailure;

/// A request that cannot be carried out, an input that cannot be used, or a result that cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// A request that contradicts itself, or asks for what there is not.
    #[error("{0}")]
    Request(Message),
    /// An input that is not what it should be.
    #[error("{0}")]
    Input(Message),
    /// A file or folder that cannot be read.
    #[error("{what}: {source}")]
    Unreadable {
        /// Which one, and as what: `x.txt: the list cannot be read`.
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
    /// What the engine cannot do.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The packer's network cannot be used.
    #[error("the packer cannot be used: {0}")]
    Packer(#[source] EngineError),
    /// A structure that does not fit the format it is to be written in.
    #[error(transparent)]
    Unwritable(io::Error),
    /// A result that could not be written: the end of the whole run.
    #[error(transparent)]
    Output(#[from] OutputFailure),
    /// An error and the file that it is about.
    #[error("{file}: {source}")]
    InFile {
        /// What messages call the file.
        file: String,
        /// What is wrong.
        source: Box<PipelineError>,
    },
}

impl PipelineError {
    /// The sentence, with its fields apart.
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

    /// What is wrong with a checkpoint, where that is what went wrong.
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

    /// The result that could not be written, where that is what went wrong.
    pub fn output_failure(&self) -> Option<&OutputFailure> {
        match self {
            PipelineError::Output(failure) => Some(failure),
            PipelineError::InFile { source, .. } => source.output_failure(),
            _ => None,
        }
    }
}

/// Says which file an error is about.
pub(crate) trait InFile<T> {
    /// Puts the file before the sentence.
    fn in_file(self, file: &str) -> Result<T, PipelineError>;
}

impl<T, E: Into<PipelineError>> InFile<T> for Result<T, E> {
    fn in_file(self, file: &str) -> Result<T, PipelineError> {
        self.map_err(|error| PipelineError::InFile { file: file.to_owned(), source: Box::new(error.into()) })
    }
}

/// A refusal in words, which [`Field`](crate::message::Field) may stand among.
pub(crate) fn refusal(text: impl AsRef<str>) -> PipelineError {
    PipelineError::Request(Message::new(text))
}

/// What is wrong with an input, in words.
pub(crate) fn unusable(text: impl AsRef<str>) -> PipelineError {
    PipelineError::Input(Message::new(text))
}

/// A file that cannot be read, in words to which the system's reason is added.
pub(crate) fn unreadable(what: impl AsRef<str>, source: io::Error) -> PipelineError {
    PipelineError::Unreadable { what: Message::new(what), source }
}
