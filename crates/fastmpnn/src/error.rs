//! One error type a stage. Every message is a sentence that says where the trouble is.

use thiserror::Error;

/// A structure could not be read.
#[derive(Debug, Error)]
pub enum StructureError {
    /// The file or stream could not be opened or read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// The path as given, or `standard input`.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// A design specification does not fit its structure, or cannot be parsed.
#[derive(Debug, Error)]
pub enum SpecError {
    /// A chain id that the structure does not have.
    #[error("no chain {chain} in {structure}; its chains are {available}")]
    UnknownChain {
        /// The id asked for.
        chain: String,
        /// The structure's name.
        structure: String,
        /// The chains there are.
        available: String,
    },
}

/// A checkpoint could not be loaded.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The safetensors container is damaged.
    #[error("{name}: not a readable safetensors file: {reason}")]
    Damaged {
        /// The checkpoint's name or path.
        name: String,
        /// What the reader said.
        reason: String,
    },
}
