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
    /// A tensor that the network needs is not there.
    #[error("checkpoint {name}: tensor {tensor} is missing")]
    MissingTensor {
        /// The checkpoint's name or path.
        name: String,
        /// The tensor's published name.
        tensor: String,
    },
    /// A tensor has another shape than the rest of the checkpoint asks for.
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
    /// The checkpoint is of a kind that this program does not run.
    #[error("checkpoint {name}: {reason}")]
    Unsupported {
        /// The checkpoint's name or path.
        name: String,
        /// What it is.
        reason: String,
    },
}

/// A request that the engine cannot carry out.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The instruction set asked for cannot be had.
    #[error("{0}")]
    Isa(#[from] fastmpnn_kernels::IsaError),
    /// The checkpoint cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The worker threads could not be started.
    #[error("the worker threads could not be started: {0}")]
    Threads(String),
    /// The structure has nothing to encode.
    #[error("{structure}: no protein residue with N, CA and C to work on")]
    NoResidues {
        /// The structure's name.
        structure: String,
    },
    /// A sequence does not fit the structure.
    #[error("{structure}: the sequence has {found} residues, the structure {expected}")]
    SequenceLength {
        /// The structure's name.
        structure: String,
        /// The sequence's length.
        found: usize,
        /// N.
        expected: usize,
    },
    /// A decoding order is not a permutation of the residues.
    #[error("{structure}: a decoding order must name each of the {expected} residues once")]
    Order {
        /// The structure's name.
        structure: String,
        /// N.
        expected: usize,
    },
    /// A setting is outside its range.
    #[error("{0}")]
    Setting(String),
}
